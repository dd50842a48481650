"""The log: what was changed in the records, and how who leads steered Nakodo; by whom, and when.

What is one side's own stays out of it, and so do the words of a draft.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from adapters.channels.web.desk_list import Briefs, path, seen, title
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer
from adapters.services.store.audit import Audit, Line
from bot.commands import BY_NAME
from bot.history import told
from bot.intent import intent, parted
from bot.model import LEADING, Message, MessageId, Mode, Person, RoomId, Text
from bot.names import MODE_NAMES, SIDE_NAMES
from bot.orders.lead import MODES
from bot.partnership import Partnership
from bot.scene import Draft, Scene
from knowledge.card import Locale


class Logged(NamedTuple):
    """A line of the log."""

    at: datetime
    zone: str
    who: str
    side: str
    title: str
    path: str
    what: str
    why: str


class Log(NamedTuple):
    """A page of the log, the latest first."""

    lines: tuple[Logged, ...]
    more: bool


def log(site: Site, viewer: Viewer, most: int, skip: int = 0) -> Log:
    """Return a page of the log of all partnerships that a viewer may see."""
    briefs = seen(site, viewer)
    lines = Audit(site.store.engine, viewer.tenant).lines(list(briefs), COMMANDS, most=most + 1, skip=skip)
    more = len(lines) > most
    reader = _Reader(site.store.of(viewer.tenant).load, briefs, viewer.locale, whole=not more)
    # What a command did depends on what came before it.
    found = [one for one in map(reader.read, reversed(lines[:most])) if one is not None]
    return Log(tuple(reversed(found)), more)


class _Reader:
    """Reads lines, the oldest first, and leaves out commands that did nothing."""

    def __init__(
        self, load: Callable[[RoomId], Scene | None], briefs: Briefs, locale: Locale, *, whole: bool
    ) -> None:
        self._load, self._briefs, self._locale = load, briefs, locale
        self._drafts: dict[RoomId, dict[str, Draft]] = {}
        self._decided: set[tuple[RoomId, str]] = set()
        # From the beginning on one knows who drove: nobody, at first.
        self._driven: dict[RoomId, bool] = dict.fromkeys(briefs, False) if whole else {}

    def read(self, line: Line) -> Logged | None:
        """Return a line of the log, or None if it is not for all eyes or changed nothing."""
        if line.change is None:
            what = self._command(line)
            return self._logged(line, what(self._locale), "") if what else None
        if not Partnership(history=(line.change,)).read_by(None).history:
            return None
        return self._logged(line, told(line.change, self._locale), line.change.why)

    def _logged(self, line: Line, what: str, why: str) -> Logged:
        scene = self._briefs[line.room]
        side = SIDE_NAMES[line.side](self._locale) if line.side else ""
        return Logged(
            line.at, scene.room.zone, line.who, side, title(scene, self._locale), path(line.room), what, why
        )

    def _command(self, line: Line) -> Text | None:
        leading = any(one.side in LEADING for one in self._briefs[line.room].room.people)
        if leading and line.side not in LEADING:
            return None
        sender = Person(name=line.who, side=line.side)
        message = Message(id=MessageId("?"), sender=sender, at=line.at, text=line.words, private=True)
        name, rest = parted(intent(message).words[1:])
        command = BY_NAME.get(name.lower())
        if command is None or command.name not in _ACTS:
            return None
        if command.name == "mode":
            mode = MODES.get(rest.lower())
            return _filled(_MODE, _name_of(mode)) if mode else None
        if command.name in _DRIVES:
            return self._drove(line, command.name)
        return self._decision(line, command.name, rest)

    def _drove(self, line: Line, what: str) -> Text | None:
        driven = what == "takeover"
        if self._driven.get(line.room) == driven:
            return None  # It was so already.
        self._driven[line.room] = driven
        return _DRIVES[what]

    def _decision(self, line: Line, what: str, rest: str) -> Text | None:
        found = re.match(r"d\d{1,9}\b", rest, re.IGNORECASE)
        if found is None:  # The only one that waited, then.
            return _filled(_DECISIONS[what], Text(ja="下書き", en="a draft"))
        key = (line.room, found[0].lower())
        kept = self._drafts_of(line.room)
        draft = kept.get(key[1])
        if key in self._decided or not (_gone(key[1], kept) if draft is None else _did(draft, line.who)):
            return None  # Who came second decided nothing.
        self._decided.add(key)
        to = draft.reply.to if draft else ""
        whom = Text(ja="部屋", en="the room") if to == "room" else Text(ja=f"{to}さん", en=to)
        named = Text(ja=f"{whom.ja}への下書き{key[1]}", en=f"draft {key[1]} to {whom.en}") if to else None
        return _filled(_DECISIONS[what], named or Text(ja=f"下書き{key[1]}", en=f"draft {key[1]}"))

    def _drafts_of(self, room: RoomId) -> dict[str, Draft]:
        if room not in self._drafts:
            scene = self._load(room)
            self._drafts[room] = {one.id: one for one in scene.drafts} if scene else {}
        return self._drafts[room]


def _name_of(mode: Mode) -> Text:
    """Return a mode's name without what it means, which stands in brackets behind it."""
    name = MODE_NAMES[mode]
    return Text(ja=name.ja.partition("（")[0], en=name.en.partition(" (")[0])


def _did(draft: Draft, who: str) -> bool:
    return draft.state != "waiting" and draft.by == who


def _gone(number: str, kept: dict[str, Draft]) -> bool:
    """Whether a draft is too old to be kept. Of such a one the command is believed; any other never was."""
    return bool(kept) and int(number[1:]) < min(int(one[1:]) for one in kept)


def _filled(text: Text, what: Text) -> Text:
    return Text(ja=text.ja.replace("{}", what.ja), en=text.en.replace("{}", what.en))


_MODE = Text(ja="モードを「{}」に", en="Mode: {}")
_DRIVES = {
    "takeover": Text(ja="話を引き取った", en="took over"),
    "handback": Text(ja="Nakodoに戻した", en="handed back to Nakodo"),
}
_DECISIONS = {
    "approve": Text(ja="{}を承認", en="approved {}"),
    "edit": Text(ja="{}を直して承認", en="sent {} in other words"),
    "refuse": Text(ja="{}を見送り", en="refused {}"),
}
_ACTS = ("mode", *_DRIVES, *_DECISIONS)
COMMANDS = tuple(name for act in _ACTS for name in (BY_NAME[act].name, BY_NAME[act].ja))
