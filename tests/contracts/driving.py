"""What a test can do on any channel, and see. Each channel's driver fills this in over its local platform."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from tests.contracts.running import Running, until

ROOMS = "rooms"
"""Several people talk in one place."""
BUTTONS = "buttons"
EDITS = "edits"
DELETIONS = "deletions"
"""The bot is told that a message was deleted."""
FILES = "files"
REPEATS = "repeats"
"""The platform may bring an event twice."""
FAILURES = "failures"
"""Sending goes over a line that can fail."""
TELLS = "tells"
"""The platform can be asked what it has received."""
LOGS = "logs"
"""It runs in a process whose logs others read."""
RATES = "rates"
"""Strangers may come in any number."""
EVERYTHING = frozenset({ROOMS, BUTTONS, EDITS, DELETIONS, FILES, REPEATS, FAILURES, TELLS, LOGS, RATES})
CODE = re.compile(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}")


@dataclass(frozen=True)
class Who:
    """A person on the platform."""

    id: Any
    name: str


@dataclass(frozen=True)
class Sent:
    """What a person did: where (None is the talk with the bot alone), under which name, and how it comes again."""

    where: Any
    who: Who
    name: Any
    repeat: Callable[[], None] = field(compare=False, repr=False)


class Knob(NamedTuple):
    """A button as it is shown, and what it sends."""

    label: str
    value: str


class Line(NamedTuple):
    """A message of the bot's, as a reader sees it."""

    where: Any
    name: Any
    text: str
    bold: tuple[str, ...]
    knobs: tuple[Knob, ...]
    under: Any
    """What it stands under: the thread's or the answered message's name."""


class Firm(NamedTuple):
    """A partnership that was set up in a room, with one person on each seat."""

    room: Any
    facilitator: Who
    sme: Who
    startup: Who


class Driver:
    """People at a platform. `absent` says for each thing that the platform has not why not."""

    absent: ClassVar[dict[str, str]] = {}
    house: Running

    @property
    def can(self) -> frozenset[str]:
        return EVERYTHING - self.absent.keys()

    # To be filled in

    def person(self, name: str, *, opened: bool = True) -> Who:
        """Somebody new; `opened` people can be written to in private."""
        raise NotImplementedError

    def place(self, people: Sequence[Who]) -> Any:
        """A room with these people and the bot, in which it hears everything."""
        raise NotImplementedError

    def enter(self, room: Any, who: Who) -> None:
        """Somebody comes into a room."""
        raise NotImplementedError

    def say(self, room: Any, who: Who, text: str, *, calling: bool = False, under: Line | None = None) -> Sent:
        """Say something in a room, `calling` the bot, or `under` what it said; it has arrived when this returns."""
        raise NotImplementedError

    def whisper(self, who: Who, text: str) -> Sent:
        """Say something to the bot alone."""
        raise NotImplementedError

    def command(self, where: Any, who: Who, words: str) -> Sent:
        """Give a command, as `record` or `theme …`, in a room or (None) in private."""
        raise NotImplementedError

    def press(self, who: Who, line: Line, label: str) -> Sent:
        """Press the button whose label begins so."""
        raise NotImplementedError

    def forge(self, who: Who, room: Any, value: str) -> None:
        """Press in a room a button that is not there."""
        raise NotImplementedError

    def edit(self, sent: Sent, text: str) -> None:
        raise NotImplementedError

    def delete(self, sent: Sent) -> None:
        raise NotImplementedError

    def attach(
        self, room: Any, who: Who, name: str, data: bytes, text: str = "", *, size: int | None = None
    ) -> Sent:  # fmt: skip
        """Send a file to a room or (None) in private; it may claim another size than it has."""
        raise NotImplementedError

    def in_room(self, room: Any) -> list[Line]:
        """What the bot said that everybody in a room sees."""
        raise NotImplementedError

    def in_private(self, who: Who) -> list[Line]:
        """What the bot said that only this person sees."""
        raise NotImplementedError

    def unreachable(self, who: Who) -> None:
        """From now on the bot cannot write to them in private."""
        raise NotImplementedError

    def reachable(self, who: Who) -> None:
        """They open the talk with the bot."""
        raise NotImplementedError

    def refuse_markup(self, times: int = 1) -> None:
        """The platform does not take the next message's markup."""
        raise NotImplementedError

    def flood(self, seconds: int = 1) -> None:
        """The platform asks to wait before the next message."""
        raise NotImplementedError

    def lose_answer(self) -> None:
        """The next message arrives, but the platform's answer does not."""
        raise NotImplementedError

    def tries(self) -> list[float]:
        """When the bot has tried to send a message."""
        raise NotImplementedError

    def settle(self) -> None:
        """Wait until everything that was said is handled, and everything is sent."""
        raise NotImplementedError

    # Made of these

    def press_stale(self, who: Who, line: Line, label: str) -> None:
        """Press a button as it was shown, though it may be gone by now."""
        self.forge(who, line.where, next(one.value for one in line.knobs if one.label.startswith(label)))

    def heard_in_room(self, room: Any, words: str, *, after: int = 0) -> Line:
        """Wait until the bot says words in a room, and return the message."""
        return until(lambda: _first(self.in_room(room)[after:], words), f"the room does not hear: {words}")

    def heard_in_private(self, who: Who, words: str, *, after: int = 0) -> Line:
        """Wait until the bot says words to somebody alone, and return the message."""
        return until(lambda: _first(self.in_private(who)[after:], words), f"{who.name} does not hear: {words}")

    def everything(self, *where: Any) -> str:
        """All that rooms have heard from the bot, and people alone."""
        lines = [
            line for one in where for line in (self.in_private(one) if isinstance(one, Who) else self.in_room(one))
        ]
        return "\n".join(line.text for line in lines)

    def set_up(self, room: Any, facilitator: Who, title: str = "栃ノ木精密 × ルミナ") -> dict[str, str]:
        """Set a partnership up, and return the codes by side."""
        self.command(room, facilitator, f"setup {title}")
        sides = {"sme": "中小企業の方の参加コード", "startup": "スタートアップの方の参加コード"}
        return {side: self._sent_code(facilitator, words) for side, words in sides.items()}

    def _sent_code(self, facilitator: Who, words: str) -> str:
        lines = until(
            lambda: [one.text for one in self.in_private(facilitator) if words in one.text], f"no code came: {words}"
        )
        found = CODE.search(lines[-1])
        assert found is not None
        return found[0]

    def invited(self, firm: Firm, side: str) -> str:
        """Return a new code that the facilitator asks for."""
        names = {"sme": "中小企業", "startup": "スタートアップ", "facilitator": "進行役"}
        before = len(self.in_private(firm.facilitator))
        self.command(None, firm.facilitator, f"invite {side}")
        line = self.heard_in_private(firm.facilitator, f"{names[side]}の方の参加コード", after=before)
        found = CODE.search(line.text)
        assert found is not None
        return found[0]

    def join(self, who: Who, code: str) -> None:
        """Come in by a code, in private."""
        self.whisper(who, code)

    def firm(self, title: str = "栃ノ木精密 × ルミナ", names: Sequence[str] = ("田中", "佐藤", "Lee")) -> Firm:
        """Set a partnership up by code, and wait until everybody sits."""
        people = [self.person(name) for name in names]
        room = self.place(people)
        facilitator, sme, startup = people
        codes = self.set_up(room, facilitator, title)
        self.join(sme, codes["sme"])
        self.join(startup, codes["startup"])
        for one in (sme, startup):
            self.heard_in_private(one, "お迎えしました")
        self.settle()
        return Firm(room, facilitator, sme, startup)


def _first(lines: Sequence[Line], words: str) -> Line | None:
    return next((line for line in lines if words in line.text), None)
