"""The terminal as a channel: a private talk with Nakodo."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from adapters.road import pass_time, receive
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.ports import Store
from bot.scene import Scene
from bot.turn import House
from knowledge.card import Locale

_YOU = Person(name="you")
_ROOM = Room(id=RoomId("terminal"), people=(_YOU,))
_GREETING = (
    "相談してみてください。例: 先方が図面を見せてほしいと言うのですが、まだ何も結んでいません",
    "Ask away, for example: The startup wants our drawings and nothing is signed.  (/help, /quit)",
)
_MARKS = re.compile(r"\*\*|^#{1,6}\s+", re.MULTILINE)
_QUIT = {"/quit", "/exit", "/q", "／quit"}


def talk(store: Store, house: Callable[[], House], locale: Locale | None = None) -> None:
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
    converse(lines(), print, store, house, locale, begin=partial(print, end="", flush=True))


def converse(
    lines: Iterator[str],
    write: Callable[[str], None],
    store: Store,
    house: Callable[[], House],
    locale: Locale | None = None,
    *,
    begin: Callable[[str], None] | None = None,
) -> None:
    """Answer lines until they end or one says goodbye; the talk goes on where the last one ended.

    `begin` writes what an answer begins with while it is made, without ending the line.
    """
    for reply in pass_time(_ROOM, datetime.now(UTC), store, house):
        show(reply, write)
    if locale:
        scene = store.load(_ROOM.id) or Scene(room=_ROOM)
        store.keep(scene.speaking(_YOU.name, locale))
    for line in lines:
        text = line.strip()
        if text.lower() in _QUIT:
            return
        if not text:
            continue
        now = datetime.now(UTC)
        message = Message(id=MessageId(f"t{now.timestamp():.6f}"), sender=_YOU, at=now, text=text, private=True)
        begun = Begun(begin)
        for reply in receive(message, _ROOM, store, partial(_beginning, begun, house)):
            show(reply, write, begun)


class Begun:
    """What stands in the terminal of an answer that is being made. `write` writes without ending the line."""

    def __init__(self, write: Callable[[str], None] | None) -> None:
        self._write, self._written = write, ""

    def house(self, house: House) -> House:
        """Return a house whose answers begin to stand here while they are made."""
        return house._replace(aloud=self._hear) if self._write else house

    def _hear(self, _message: Message, text: str) -> None:
        shown = _shown(text).rstrip()
        if self._write is not None and shown.startswith(self._written):
            self._write(("" if self._written else "\n") + shown[len(self._written) :])
            self._written = shown

    def rest(self, reply: Reply) -> str:
        """Return what has to be written of a reply behind what stands there; from now on nothing more is begun."""
        self._write, written, self._written = None, self._written, ""
        text = _shown(reply.text)
        if written and reply.kind == "answer" and text.startswith(written):
            return f"{text[len(written) :]}\n"
        return f"\n\n{text}\n" if written else f"\n{text}\n"


def show(reply: Reply, write: Callable[[str], None], begun: Begun | None = None) -> None:
    """Write a reply as a terminal shows it: no marks of Markdown, and its buttons as words to type."""
    write((begun or Begun(None)).rest(reply))
    if reply.choices:
        write(f"[ {' | '.join(reply.choices)} ]\n")


def _beginning(begun: Begun, house: Callable[[], House]) -> House:
    return begun.house(house())


def _shown(text: str) -> str:
    return _MARKS.sub("", text)
