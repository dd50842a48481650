"""What the bot needs from outside, as small as it can be said. The fakes stand in `tests/fakes.py`."""

from collections.abc import Sequence
from typing import Protocol

from bot.model import Answer, Finding, Message, Reply, RoomId, Said, Situation
from bot.scene import Scene
from knowledge.card import Locale
from knowledge.ear import Hearing, Words


class Composer(Protocol):
    """Answers a question from what is known, with sources, or says that it is not known."""

    def answer(self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = ()) -> Answer:
        """Return the answer to a question in its situation, in the thread of what was said before."""
        ...


class Listener(Protocol):
    """Hears what a message may carry: signals, statements that change the record, calls for a human."""

    def hear(self, words: Words) -> Hearing:
        """Return how strongly each was heard, and in which words."""
        ...


class Store(Protocol):
    """Keeps rooms. Everything belongs to one programme, the tenant, which the store was opened for."""

    def load(self, room: RoomId) -> Scene | None:
        """Return a room's scene, or None if there is no such room."""
        ...

    def keep(
        self,
        scene: Scene,
        *,
        message: Message | None = None,
        replies: Sequence[Reply] = (),
        findings: Sequence[Finding] = (),
    ) -> None:
        """Store the scene after a turn with its message, replies and findings: all of it or nothing.

        Raises:
            StaleSceneError: somebody else stored a later scene of this room meanwhile.
        """
        ...
