"""The doorstep: how people come to a partnership and a partnership to a chat. It never stands in anybody's way.

What is asked here changes the directory as well as a room, so it is done before the turn. Everything else is a
command of the room (`bot.commands`).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from adapters import door_words
from adapters.entrance import Entrance
from adapters.post import Account, Event
from adapters.routing import title_of
from adapters.services.store import Code, Directory, Known, Lane, SqlStore
from adapters.services.store.stale import until_fresh
from bot.intent import parted
from bot.model import LEADING, Person, Room, RoomId, Text
from bot.names import SIDE_NAMES
from bot.orders import plain
from bot.orders.talk import SIDES
from bot.scene import Scene
from knowledge.card import Locale, Side

INVITED = timedelta(days=14)
LINKED = timedelta(minutes=15)
SEATS_A_CODE = 10
"""How many people of a side may come in by one code."""
_CODE = re.compile(r"[A-HJ-NP-Z2-9]{4}[-\s]?[A-HJ-NP-Z2-9]{4}", re.IGNORECASE)
_BETWEEN = re.compile(r"[×✕,、/／]|\bx\b", re.IGNORECASE)
_MENTION = re.compile(r"^\s*@nakodo[\s:：、,]*", re.IGNORECASE)


def is_code(words: str) -> bool:
    """Whether words are nothing but a code. Each has a digit, so that no word of a language is taken for one."""
    plain = _plain(words)
    return _CODE.fullmatch(plain) is not None and any(letter.isdigit() for letter in plain)


def _plain(words: str) -> str:
    """Return words as a Latin keyboard types them."""
    return unicodedata.normalize("NFKC", words).strip()


class Word(NamedTuple):
    """What is said at the door: to who came or, if `account` is given, to somebody else in private."""

    text: str
    choices: tuple[str, ...] = ()
    account: Account | None = None
    locale: Locale = "ja"


class Caller(NamedTuple):
    """Who stands at the door, where, and with which words."""

    event: Event
    known: Known
    lane: Lane
    words: str
    now: datetime

    @property
    def locale(self) -> Locale:
        """The language to speak to them, as far as it is known."""
        return self.known.account.locale or "ja"


class Doorstep:
    """Greets, seats, invites and links."""

    def __init__(self, store: SqlStore, directory: Directory, entrance: Entrance) -> None:
        self._store, self._directory, self._strangers = store, directory, entrance.settings.strangers
        commands = {
            "start": ("はじめる", self._start),
            "join": ("参加", self._join),
            "link": ("連携", self._link),
            "setup": ("立ち上げ", self._set_up),
            "invite": ("招待", self._invite),
            "room": ("部屋", self._choose),
            "desk": ("机", lambda caller: [Word(entrance.told(caller), locale=caller.locale)]),
        }
        self._commands: dict[str, Callable[[Caller], list[Word] | None]] = {
            name: run for english, (japanese, run) in commands.items() for name in (english, japanese)
        }

    def welcome(self, event: Event, known: Known, lane: Lane, now: datetime) -> list[Word] | None:
        """Return what is said to who has something to settle at the door; None if they only want to talk."""
        caller = Caller(event, known, lane, "", now)
        if event.kind == "added" and not event.place.direct:
            return [] if self._directory.room_at(lane.tenant, event.place.key) else self._hello(caller)
        if event.kind == "arranged":
            return self._arranged(caller)
        if event.kind != "said":
            return None
        words = _MENTION.sub("", event.text).strip()
        if event.place.direct and is_code(words):
            return self._join(caller._replace(words=words))
        name, rest = parted(words[1:]) if words[:1] in ("/", "／") else ("", "")
        run = self._commands.get(plain(name).split("@")[0])
        return run(caller._replace(words=rest)) if run else None

    # Coming in

    def _start(self, caller: Caller) -> list[Word] | None:
        if is_code(caller.words):
            return self._join(caller)
        if not caller.event.place.direct:
            return self._hello(caller)
        rooms = self._directory.rooms_of(caller.lane.tenant, caller.known.person)
        if rooms:
            spoken = self._room_spoken_of(caller) or rooms[0]
            return [self._say(caller, door_words.WELCOME_BACK, room=self._titles(caller, (spoken,))[0])]
        if not self._strangers:
            return None  # Who is not served is told so, as whatever they write.
        other = "/language en" if caller.locale == "ja" else "/language ja"
        return [
            self._say(caller, door_words.WELCOME, choices=("/side sme", "/side startup", "/side facilitator", other))
        ]

    def _hello(self, caller: Caller) -> list[Word]:
        """Greet a group; where a platform hides talk from bots, say what to do about it."""
        hidden = caller.event.channel == "telegram" and not caller.event.hears_all
        return [self._say(caller, door_words.ADDED), *([self._say(caller, door_words.HEARING)] if hidden else [])]

    def _join(self, caller: Caller) -> list[Word]:
        found = _CODE.search(_plain(caller.words))
        seen = self._directory.redeem(found[0], "join", look=True) if found else None
        inside = seen and seen.room in self._directory.rooms_of(seen.tenant, caller.known.person)
        # Who is in already uses up nothing: a second click is no second person.
        code = seen if inside or not found else self._directory.redeem(found[0], "join")
        if code is None or code.room is None:
            return [self._say(caller, door_words.NO_CODE if found else door_words.WHICH_CODE)]
        known = caller.known
        if code.tenant != caller.lane.tenant:
            known = self._directory.meet(code.tenant, known.account)
        return [self._seat(caller, code, code.room, known)]

    def _seat(self, caller: Caller, code: Code, room: RoomId, known: Known) -> Word:
        tenant, side = code.tenant, code.side
        scene = self._store.of(tenant).load(room)
        if scene is None:
            return self._say(caller, door_words.NO_CODE)
        taken = [person.name for person in scene.room.people]
        name = self._directory.seat(
            tenant, room, known.person, known.account.name, member=True, taken=taken, let_in_by=code.person
        )
        seat = scene.room.person(name)
        if seat is not None and seat.side is not None and side not in (None, seat.side):
            return self._say(caller, door_words.SEATED_ALREADY, side=SIDE_NAMES[seat.side](caller.locale))
        if side is not None and seat is None:
            self._keep_seated(tenant, room, Person(name=name), side)
        self._directory.speaks_of(tenant, known.account.key, room)
        title = title_of(scene.room) or str(room)
        told = SIDE_NAMES[side](caller.locale) if side else ""
        # What is said in a group stays on nobody's side.
        joined = door_words.JOINED if caller.event.place.direct else _JOINED_HERE
        return self._say(caller, joined, room=title, side=told, name=name)

    def _keep_seated(self, tenant: str, room: RoomId, person: Person, side: Side) -> None:
        """Seat somebody in a room whose own lane may be at work just now."""
        store = self._store.of(tenant)

        def seat() -> None:
            scene = store.load(room)
            if scene is not None:
                store.keep(scene.seated(person, side))

        until_fresh(seat)

    # Setting up

    def _set_up(self, caller: Caller) -> list[Word]:
        if caller.event.place.direct:
            return [self._say(caller, door_words.SET_UP_WHERE)]
        parts = [part.strip() for part in _BETWEEN.split(caller.words) if part.strip()]
        if len(parts) == 1 and len(parts[0].split()) == 2:  # A blank between two names is a sign as well.
            parts = parts[0].split()
        form = {"facilitator": (caller.known.account.key,)}
        if len(parts) > 1:
            form |= {"sme_name": (parts[0],), "startup_name": (parts[1],)}
        event = caller.event.model_copy(update={"form": form})
        return self._arranged(caller._replace(event=event))

    def _arranged(self, caller: Caller) -> list[Word]:
        """Set a partnership up, or change one, as a form says."""
        lane, event = caller.lane, caller.event
        store = self._store.of(lane.tenant)
        room = self._directory.room_at(lane.tenant, event.place.key) or RoomId(event.place.key)
        scene = store.load(room)
        if scene is not None and not self._leads(caller, scene):
            return [self._say(caller, door_words.LEADS_ONLY)]
        locale = next((one for one in get_args(Locale) if one in event.form.get("locale", ())), caller.locale)
        scene = scene or Scene(room=Room(id=room, locale=locale))
        led = any(person.side in LEADING for person in scene.room.people)
        names = {**scene.room.names, **_names(event)}
        scene = scene.having(room=scene.room.model_copy(update={"locale": locale, "names": names}))
        for side in SIDE_NAMES:
            for key in event.form.get(side, ()):
                known = self._directory.known(lane.tenant, key) or self._directory.meet(lane.tenant, Account(key=key))
                taken = [person.name for person in scene.room.people]
                name = self._directory.seat(
                    lane.tenant, room, known.person, known.account.name, member=True, taken=taken,
                    let_in_by=caller.known.person,
                )  # fmt: skip
                scene = scene.seated(Person(name=name), side)
        me = self._directory.name_in(lane.tenant, room, caller.known.person)
        if me and led and not any(person.side in LEADING for person in scene.room.people):
            scene = scene.seated(Person(name=me), "facilitator")  # Else what waits for who leads were everybody's.
        store.keep(scene)
        self._directory.bind(lane.tenant, event.place, room)
        both: tuple[Side, ...] = ("sme", "startup")
        missing = [side for side in both if not scene.room.of(side)]
        title = title_of(scene.room)
        begun = self._say(caller, door_words.SET_UP, room=title or door_words.UNNAMED(locale))
        said = [begun if title else begun._replace(text=f"{begun.text}\n{door_words.NAME_BOTH(caller.locale)}")]
        if missing:
            said.append(self._say(caller, door_words.ASK_FOR_CODES))
            codes = [self._invitation(caller, room, side, title) for side in missing]
            said += [code._replace(account=caller.known.account) for code in codes]
        return said

    def _invite(self, caller: Caller) -> list[Word]:
        side = SIDES.get(plain(caller.words))
        room = self._room_spoken_of(caller)
        scene = self._store.of(caller.lane.tenant).load(room) if room else None
        if room is None or scene is None:
            return [self._say(caller, door_words.NO_ROOM)]
        if side is None:
            return [self._say(caller, door_words.INVITE_WHOM, choices=tuple(f"/invite {one}" for one in SIDE_NAMES))]
        if not self._leads(caller, scene):
            return [self._say(caller, door_words.LEADS_ONLY)]
        word = self._invitation(caller, room, side, title_of(scene.room))
        return [word if caller.event.place.direct else word._replace(account=caller.known.account)]

    def _invitation(self, caller: Caller, room: RoomId, side: Side, title: str) -> Word:
        uses = 1 if side in LEADING else SEATS_A_CODE
        code = self._directory.issue(
            caller.lane.tenant, "join", caller.known.person, room=room, side=side, lasts=INVITED, uses=uses
        )
        spaced = f"{code[:4]}-{code[4:]}"
        link = f"{caller.event.invites}{code}" if caller.event.invites else f"/join {spaced}"
        whose = SIDE_NAMES[side](caller.locale)
        if title:  # Who leads several passes on several.
            whose = _OF(caller.locale).replace("{side}", whose).replace("{room}", title)
        return self._say(caller, door_words.INVITATION, side=whose, code=spaced, link=link)

    def _leads(self, caller: Caller, scene: Scene) -> bool:
        name = self._directory.name_in(caller.lane.tenant, scene.room.id, caller.known.person)
        person = scene.room.person(name) if name else None
        return person is not None and scene.room.leads(person)

    # Which room, which person

    def _room_spoken_of(self, caller: Caller) -> RoomId | None:
        if not caller.event.place.direct:
            return self._directory.room_at(caller.lane.tenant, caller.event.place.key)
        rooms = self._directory.rooms_of(caller.lane.tenant, caller.known.person)
        named = RoomId(next(iter(caller.event.form.get("room", ())), ""))
        return next((room for room in (named, caller.known.room, *rooms) if room in rooms), None)

    def _choose(self, caller: Caller) -> list[Word]:
        rooms = self._directory.rooms_of(caller.lane.tenant, caller.known.person)
        if not rooms:
            return [self._say(caller, door_words.NO_ROOM)]
        titles = self._titles(caller, rooms)
        if caller.words.isdecimal() and 1 <= int(caller.words) <= len(rooms):
            chosen = int(caller.words) - 1
            self._directory.speaks_of(caller.lane.tenant, caller.known.account.key, rooms[chosen])
            return [self._say(caller, door_words.CHOSEN, room=titles[chosen])]
        rows = "\n".join(f"{number}. {title}" for number, title in enumerate(titles, 1))
        choices = tuple(f"/room {number}" for number in range(1, len(rooms) + 1))
        return [self._say(caller, door_words.CHOOSE, rows=rows, choices=choices)]

    def _titles(self, caller: Caller, rooms: tuple[RoomId, ...]) -> list[str]:
        scenes = [self._store.of(caller.lane.tenant).load(room) for room in rooms]
        return [(title_of(scene.room) if scene else "") or door_words.UNNAMED(caller.locale) for scene in scenes]

    def _link(self, caller: Caller) -> list[Word]:
        """Make two accounts one person: a code from the one is told to the other."""
        if not caller.event.place.direct:
            return [self._say(caller, door_words.IN_PRIVATE)]
        found = _CODE.search(_plain(caller.words))
        if not found:
            code = self._directory.issue(caller.lane.tenant, "link", caller.known.person, lasts=LINKED)
            return [self._say(caller, door_words.LINK, code=f"{code[:4]}-{code[4:]}")]
        seen = self._directory.redeem(found[0], "link", look=True)
        if seen and self._directory.accounts_on(seen.tenant, seen.person) == (caller.known.account.key,):
            return [self._say(caller, _LINK_ELSEWHERE)]
        code_ = self._directory.redeem(found[0], "link")
        if code_ is None:
            return [self._say(caller, door_words.NO_CODE)]
        known = self._directory.meet(code_.tenant, caller.known.account)
        if not self._directory.merge(code_.tenant, code_.person, known.person):
            return [self._say(caller, door_words.LINK_CLASH)]
        return [self._say(caller, door_words.LINK_DONE)]

    def _say(self, caller: Caller, text: Text, choices: tuple[str, ...] = (), **values: str) -> Word:
        return Word(text(caller.locale).format(**values), choices, locale=caller.locale)


def _names(event: Event) -> dict[Side, str]:
    found: dict[Side, str] = {}
    for side in SIDE_NAMES:
        name = " ".join("".join(event.form.get(f"{side}_name", ())).split())
        if name:
            found[side] = name[:80]
    return found


_OF = Text(ja="「{room}」の{side}", en="{side} ({room})")
_JOINED_HERE = Text(
    ja="{name}さん、「{room}」に{side}の方としてお迎えしました。ご自分の側だけのお話は、私との個別の会話でどうぞ。",
    en="{name}, you are in {room} as {side}. What is for your side alone, please tell me in private.",
)
_LINK_ELSEWHERE = Text(
    ja="そのコードは、もう一方のチャットで私に送ってください。ここで送っていただいても、何もつながりません。",
    en="Please send me that code in your other chat app. Here it links nothing.",
)
