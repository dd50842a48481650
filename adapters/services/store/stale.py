"""What to do when somebody else changed a room meanwhile: look again, and do it again."""

from collections.abc import Callable

from bot.errors import StaleSceneError

TRIES = 8
"""Others change a room for milliseconds; after so many times something else is wrong."""


def until_fresh(work: Callable[[], None]) -> None:
    """Do work that loads a room and keeps it, again as long as somebody else was quicker.

    Raises:
        StaleSceneError: somebody else always was.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except StaleSceneError:
            continue
    return work()
