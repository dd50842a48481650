"""The terminal as a channel: a private talk with Nakodo."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bot.model import Message, MessageId, Person, Room, RoomId
from bot.scene import Scene
from bot.turn import House, turn
from knowledge.card import Locale

_YOU = Person(name="you")
_GREETING = (
    "相談してみてください。例: 先方が図面を見せてほしいと言うのですが、まだ何も結んでいません",
    "Ask away, for example: The startup wants our drawings and nothing is signed.  (/help, /quit)",
)
_QUIT = {"/quit", "/exit", "/q", "／quit"}


def talk(house: House, locale: Locale | None = None) -> None:
    """Talk until the person leaves."""
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession()

    def lines() -> Iterator[str]:
        while True:
            try:
                yield session.prompt("> ")
            except KeyboardInterrupt:
                continue  # Ctrl-C clears the line, as in a shell.
            except EOFError:
                return

    for line in _GREETING:
        print(line)  # noqa: T201
    converse(lines(), print, house, locale)


def converse(lines: Iterator[str], write: Callable[[str], None], house: House, locale: Locale | None = None) -> None:
    """Answer lines until they end or one says goodbye."""
    scene = Scene(room=Room(id=RoomId("terminal"), people=(_YOU,)))
    if locale:
        scene = scene.speaking(_YOU.name, locale)
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.lower() in _QUIT:
            return
        if not text:
            continue
        message = Message(id=MessageId(f"t{number}"), sender=_YOU, at=datetime.now(UTC), text=text, private=True)
        replies, scene, _ = turn(message, scene, house)
        for reply in replies:
            write(f"\n{reply.text}\n")
