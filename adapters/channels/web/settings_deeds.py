"""What commands did that steer Nakodo or change how a partnership is set; None for those that did nothing."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from adapters.channels.web.desk_list import Briefs
from adapters.channels.web.viewer import named
from adapters.services.store.audit import Line
from bot.clock import QuietHours
from bot.commands import BY_NAME
from bot.errors import RecordError
from bot.intent import intent, parted
from bot.model import LEADING, Message, MessageId, Mode, Person, RoomId, Text
from bot.names import MODE_NAMES, SIDE_NAMES, bare
from bot.orders.lead import MODES, read_hours
from bot.orders.talk import MODEL_WISHES, SIDES
from bot.papers import short
from bot.scene import Draft, Scene


class Deed(NamedTuple):
    """What a command did. `openly` is whether it may be told who gave it."""

    what: Text
    openly: bool = True


class Deeds:
    """Reads commands, the oldest first: what one did depends on what came before it."""

    def __init__(self, load: Callable[[RoomId], Scene | None], briefs: Briefs, *, whole: bool) -> None:
        self._load, self._briefs = load, briefs
        self._drafts: dict[RoomId, dict[str, Draft]] = {}
        self._decided: set[tuple[RoomId, str]] = set()
        # From the beginning on one knows who drove: nobody, at first.
        self._driven: dict[RoomId, bool] = dict.fromkeys(briefs, False) if whole else {}

    def read(self, line: Line) -> Deed | None:
        """Return what a command did."""
        sender = Person(name=line.who, side=line.side)
        message = Message(id=MessageId("?"), sender=sender, at=line.at, text=line.words, private=True)
        name, rest = parted(intent(message).words[1:])
        command = BY_NAME.get(name.lower())
        if command is None or command.name not in _ACTS or (command.leads and not self._led(line)):
            return None
        if command.name == "privacy":
            return self._model(line, rest)
        what = self._done(line, command.name, rest)
        return Deed(what) if what else None

    def _led(self, line: Line) -> bool:
        """Whether who gave a command could lead: anybody, where nobody leads."""
        return line.side in LEADING or not any(one.side in LEADING for one in self._briefs[line.room].room.people)

    def _done(self, line: Line, what: str, rest: str) -> Text | None:
        if what == "mode":
            mode = MODES.get(rest.lower())
            return _filled(_MODE, _name_of(mode)) if mode else None
        if what == "hours":
            return _hours(rest)
        if what == "side":
            return self._seated(line, rest)
        if what == "mute":
            return self._muted(line, rest)
        if what in _DRIVES:
            return self._drove(line, what)
        return self._decision(line, what, rest)

    # How a partnership is set

    def _seated(self, line: Line, rest: str) -> Text | None:
        head, name = parted(rest)
        chosen, who = SIDES.get(head.lower()), bare(name)
        room = self._briefs[line.room].room
        if chosen is None:
            return None
        if who in ("", line.who):
            seat = room.person(line.who)
            # Nobody leaves a seat by their own word, and nobody takes the lead by it who is not alone.
            if line.side is not None or seat is None or (chosen in LEADING and seat.side != chosen):
                return None
            return _filled(_SAT, SIDE_NAMES[chosen])
        if line.side not in LEADING and (chosen != line.side or room.person(who) is None):
            return None
        return _filled(_SEATED, _person(who), SIDE_NAMES[chosen])

    def _muted(self, line: Line, rest: str) -> Text | None:
        """Return what became of unasked words in the room; what somebody wants for themselves is theirs."""
        if line.private or self._briefs[line.room].room.person(line.who) is None:
            return None
        if rest.lower() in _LIFTED:
            return _UNMUTED
        return _filled(_MUTED, Text(ja=f"（{short(rest, 40)}）", en=f" ({short(rest, 40)})") if rest else _NOTHING)

    def _model(self, line: Line, rest: str) -> Deed | None:
        """Return what became of language models in the room. Who said so in private is not told, but if they lead."""
        head, wish = parted(rest.lower())
        forbids = MODEL_WISHES.get(wish.split()[0]) if wish else None
        if head not in _MODEL or forbids is None or self._briefs[line.room].room.person(line.who) is None:
            return None
        openly = not line.private or line.side in LEADING
        return Deed(_NO_MODEL if forbids == "off" else _A_MODEL, openly)

    # Who speaks, and what goes out

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
        whom = Text(ja="部屋", en="the room") if to == "room" else _person(to)
        told = Text(ja=f"{whom.ja}への下書き{key[1]}", en=f"draft {key[1]} to {whom.en}") if to else None
        return _filled(_DECISIONS[what], told or Text(ja=f"下書き{key[1]}", en=f"draft {key[1]}"))

    def _drafts_of(self, room: RoomId) -> dict[str, Draft]:
        if room not in self._drafts:
            scene = self._load(room)
            self._drafts[room] = {one.id: one for one in scene.drafts} if scene else {}
        return self._drafts[room]


def _hours(rest: str) -> Text | None:
    if not rest:
        return None
    try:
        found = read_hours(rest)
    except RecordError:
        return None
    return _filled(_HOURS, _span(found)) if found else _NO_HOURS


def _span(hours: QuietHours) -> Text:
    begins, ends = f"{hours.begins:%H:%M}", f"{hours.ends:%H:%M}"
    return Text(ja=f"{begins}〜{ends}", en=f"{begins} to {ends}")


def _name_of(mode: Mode) -> Text:
    """Return a mode's name without what it means, which stands in brackets behind it."""
    name = MODE_NAMES[mode]
    return Text(ja=name.ja.partition("（")[0], en=name.en.partition(" (")[0])


def _did(draft: Draft, who: str) -> bool:
    return draft.state != "waiting" and draft.by == who


def _gone(number: str, kept: Mapping[str, Draft]) -> bool:
    """Whether a draft is too old to be kept. Of such a one the command is believed; any other never was."""
    return bool(kept) and int(number[1:]) < min(int(one[1:]) for one in kept)


def _person(name: str) -> Text:
    return Text(ja=f"{named(name, 'ja')}さん", en=named(name, "en"))


def _filled(text: Text, *parts: Text) -> Text:
    return Text(ja=text.ja.format(*(one.ja for one in parts)), en=text.en.format(*(one.en for one in parts)))


_MODEL = ("model", "モデル")
_LIFTED = ("off", "解除", "やめる")
_MODE = Text(ja="モードを「{}」に", en="Mode: {}")
_HOURS = Text(ja="静かな時間を{}に", en="Quiet hours: {}")
_NO_HOURS = Text(ja="静かな時間をなしに", en="Quiet hours: none")
_SAT = Text(ja="{}の席についた", en="took a seat with {}")
_SEATED = Text(ja="{}を{}の席に迎えた", en="seated {} with {}")
_MUTED = Text(ja="部屋への声かけを止めた{}", en="wanted no unasked words in the room{}")
_UNMUTED = Text(ja="部屋への声かけを、また受けることに", en="wanted unasked words in the room again")
_NO_MODEL = Text(ja="この部屋では言葉のモデルを使わないことに", en="forbade language models in the room")
_A_MODEL = Text(ja="この部屋で言葉のモデルを使えるように", en="allowed language models in the room")
_NOTHING = Text(ja="", en="")
_DRIVES = {
    "takeover": Text(ja="話を引き取った", en="took over"),
    "handback": Text(ja="Nakodoに戻した", en="handed back to Nakodo"),
}
_DECISIONS = {
    "approve": Text(ja="{}を承認", en="approved {}"),
    "edit": Text(ja="{}を直して承認", en="sent {} in other words"),
    "refuse": Text(ja="{}を見送り", en="refused {}"),
}
_ACTS = ("mode", "hours", "side", "mute", "privacy", *_DRIVES, *_DECISIONS)
COMMANDS = tuple(name for act in _ACTS for name in (BY_NAME[act].name, BY_NAME[act].ja))
"""The names of the commands that count."""
