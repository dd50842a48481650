"""Takes one event of the inbox along the road: who speaks, of which partnership, then `turn`, then the outbox.

Whatever becomes of it is written down in one transaction, so an event that is taken again after a crash is either
still untouched or handled. It knows no platform.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from adapters.buttons import Buttons
from adapters.doorstep import Doorstep, Word
from adapters.files import Read
from adapters.post import Event, Parcel
from adapters.routing import Routes, parcel_id
from adapters.services.store import Directory, Known, Lane, Mail, SqlStore, StaleSceneError, Taken
from bot.intent import intent
from bot.model import Message, MessageId, Person, Reply, Room, RoomId, Text
from bot.retract import retracted
from bot.scene import Scene
from bot.settings import Settings
from bot.turn import House, tick, turn

SETTLED = timedelta(seconds=0.9)
"""Who has written nothing more for so long has finished."""
BURST = timedelta(seconds=2)
"""What one person writes within this is answered once."""
AWAY = timedelta(hours=1)
"""A question that waited longer gets a word of apology before its answer."""
TOGETHER = 8
"""Messages of one burst at most."""
STALE_TRIES = 8
NO_FILES: Mapping[str, Read] = {}
_MENTIONED = re.compile(r"<@([a-z]+:[^>\s]+)>")


class Reception:
    """Handles events, one at a time in each lane."""

    def __init__(
        self, store: SqlStore, directory: Directory, mail: Mail, house: Callable[[], House], settings: Settings
    ) -> None:
        self.store, self.directory, self.mail = store, directory, mail
        self._house, self._settings = house, settings
        self._doorstep = Doorstep(store, directory)
        self._buttons = Buttons(directory, mail)

    # Before the turn

    def lane_of(self, event: Event) -> Lane:
        """Return the lane of an event: its room's, else that of its conversation."""
        default = event.team or "default"
        tenant = self.directory.tenant_of(event.place.key, event.account.key, default)
        room = self._room_of(tenant, event)
        return Lane(tenant, room or _lobby(event))

    def patience(self, taken: Taken, now: datetime) -> float:
        """Return for how many seconds more it may go on: people write a thought in several messages."""
        if not self._begins_burst(taken):
            return 0.0
        burst = self._burst(taken)
        end = min(burst[-1][2] + SETTLED, taken.received_at + BURST)
        return max((end - now).total_seconds(), 0.0)

    def _begins_burst(self, taken: Taken) -> bool:
        event = taken.event
        if event.kind != "said" or event.channel == "web" or not _addresses(event):
            return False  # A page sends a whole thought.
        return intent(_message(event, event.text)).wants == "question" or event.called

    def _burst(self, taken: Taken) -> list[tuple[int, Event, datetime]]:
        """Return the event and those that belong to the same breath."""
        found = [(taken.sequence, taken.event, taken.received_at)]
        if not self._begins_burst(taken):
            return found
        for sequence, event, at in self.mail.following(taken)[: TOGETHER - 1]:
            same = (event.account.key, event.place) == (taken.event.account.key, taken.event.place)
            plain = event.kind == "said" and event.text.strip()[:1] not in ("/", "／", "")
            if not (same and plain) or at > taken.received_at + BURST:
                break
            found.append((sequence, event, at))
        return found

    # The turn

    def handle(self, taken: Taken, now: datetime, read: Mapping[str, Read] = NO_FILES) -> None:
        """Do what an event asks for and write down what came of it.

        `read` says by its `ref` what is known of a file.
        """
        for attempt in range(STALE_TRIES):
            try:
                self._handle(taken, now, read)
            except StaleSceneError:
                if attempt == STALE_TRIES - 1:
                    raise
            else:
                return

    def _handle(self, taken: Taken, now: datetime, read: Mapping[str, Read]) -> None:
        event, lane = taken.event, taken.lane
        if event.kind in ("edited", "deleted"):
            return self._retract(taken)
        if event.kind == "moved":
            self.directory.move(lane.tenant, event.place.key, event.moved_to)
        elif event.kind in ("added", "removed") and not event.place.direct:
            self.directory.opened(lane.tenant, event.place.key, still=event.kind == "added")
        known = self.directory.meet(lane.tenant, event.account)
        if event.place.direct:  # Whoever writes to it in private can be written to in private.
            self.mail.unpark(lane.tenant, event.account.key)
        words = self._doorstep.welcome(event, known, lane, now)
        if words is None and event.kind == "pressed":
            event, words = self._buttons.pressed(event, known, lane)
        if words is not None or event.kind != "said":
            parcels = [_word(lane, taken, number, word) for number, word in enumerate(words or ())]
            return self.mail.settle(lane, [taken.sequence], parcels=parcels)
        return self._said(taken._replace(event=event), known, now, read)

    def _said(self, taken: Taken, known: Known, now: datetime, read: Mapping[str, Read]) -> None:
        lane, event = taken.lane, taken.event
        burst = self._burst(taken)
        sequences = [sequence for sequence, *_ in burst]
        room = self._room_of(lane.tenant, event)
        scene = self.store.of(lane.tenant).load(room or RoomId(lane.name))
        if room is None and not _addresses(event):
            return self.mail.settle(lane, sequences, state="ignored")  # Nobody asked it into this talk.
        scene = scene or self._lobby_scene(event, known, lane)
        name = self._name(scene, room, known, lane)
        member = room is not None and scene.room.person(name) is not None
        no = self._not_now(event, known, lane, member=member, now=now)
        if no is not None:
            parcels = [_word(lane, taken, 0, Word(no(known.account.locale or "ja")))] if no.en else []
            return self.mail.settle(lane, sequences, state="ignored", parcels=parcels)
        if known.begun:
            self.directory.begins(lane.tenant, known.account.key, "")
        if event.place.direct:
            self.directory.speaks_of(lane.tenant, known.account.key, room)
        words = known.begun + "\n".join(self._words(one, scene, lane, read) for _, one, _ in burst)
        files = [read[file.ref].told for _, one, _ in burst for file in one.files if file.ref in read]
        return self._turn(taken, scene, name, words, sequences=sequences, files=files, now=now)

    def _turn(
        self, taken: Taken, scene: Scene, name: str, words: str, *, sequences: Sequence[int],
        files: Sequence[Text], now: datetime,
    ) -> None:  # fmt: skip
        lane, event = taken.lane, taken.event
        if event.called and not event.place.direct and not _calls(event):
            words = f"@nakodo {words}"
        at = max(event.at, *(one.at for one in scene.heard[-1:])) if scene.heard else event.at
        sender = scene.known(Person(name=name))
        message = _message(event, words).model_copy(update={"sender": sender, "at": at})
        outcome = turn(message, scene, self._house())
        routes = Routes(self.directory, lane, outcome.scene, event, str(taken.sequence))
        before = (*_apology(event, message, scene, now), *_receipts(files, message, outcome.scene))
        parcels = routes.parcels((*before, *outcome.replies), name)
        beside = self.mail.handled(
            lane,
            sequences,
            room=scene.room.id,
            stored=message.id,
            parcels=parcels,
            driven=outcome.scene.human_drives,
        )
        self.store.of(lane.tenant).keep(
            outcome.scene, message=message, replies=outcome.replies, findings=outcome.findings, beside=beside
        )

    def pass_time(self, lane: Lane, now: datetime) -> None:
        """Let time pass in a room, and write down what came of it."""
        store = self.store.of(lane.tenant)
        scene = store.load(RoomId(lane.name))
        if scene is None:
            return
        outcome = tick(now, scene, self._house())
        routes = Routes(self.directory, lane, outcome.scene, None, f"tick {now.isoformat()}")
        parcels = routes.parcels(outcome.replies)
        driven = outcome.scene.human_drives
        beside = self.mail.handled(lane, (), room=scene.room.id, parcels=parcels, driven=driven)
        store.keep(outcome.scene, replies=outcome.replies, beside=beside)

    def put_aside(self, taken: Taken) -> None:
        """Give an event up after too many tries; the facilitator is told, and the lane goes on."""
        lane = taken.lane
        scene = self.store.of(lane.tenant).load(RoomId(lane.name))
        parcels: Sequence[Parcel] = ()
        if scene is not None:
            number = f"{lane.name}#{taken.sequence}"
            text = _ASIDE(scene.locale_for("facilitator")).format(who=taken.event.account.name or "?", number=number)
            reply = Reply(to="facilitator", kind="notice", text=text, in_reply_to=MessageId(taken.event.id))
            parcels = Routes(self.directory, lane, scene, None, f"aside {taken.sequence}").parcels([reply])
        self.mail.settle(lane, [taken.sequence], state="aside", parcels=parcels)

    # Who and where

    def _room_of(self, tenant: str, event: Event) -> RoomId | None:
        if not event.place.direct:
            return self.directory.room_at(tenant, event.place.key)
        known = self.directory.known(tenant, event.account.key)
        if known is None:
            return None
        rooms = self.directory.rooms_of(tenant, known.person)
        named = RoomId(next(iter(event.form.get("room", ())), ""))
        wanted = (room for room in (named, known.room, *rooms) if room in rooms)
        return next(wanted, None)

    def _lobby_scene(self, event: Event, known: Known, lane: Lane) -> Scene:
        """Return the scene of a talk that belongs to no partnership: alone one is at home, in a group nobody is."""
        people = (Person(name=known.account.name or "?"),) if event.place.direct else ()
        return Scene(room=Room(id=RoomId(lane.name), people=people, locale=known.account.locale or "ja"))

    def _name(self, scene: Scene, room: RoomId | None, known: Known, lane: Lane) -> str:
        if room is None and scene.room.people:
            return scene.room.people[0].name
        return self.directory.seat(lane.tenant, scene.room.id, known.person, known.account.name)

    def _not_now(self, event: Event, known: Known, lane: Lane, *, member: bool, now: datetime) -> Text | None:
        """Return what is said to who is not served now: they ask too fast, or strangers are not served. Empty is
        silence, None is service."""
        minute = now - timedelta(minutes=1)
        most = self._settings.rate_person if member else self._settings.rate_stranger
        mine = self.mail.recent(lane.tenant, known.account.key, minute)
        if mine > most:
            return _TOO_FAST if mine == most + 1 and _addresses(event) else _SILENCE
        if self.mail.recent(lane.tenant, None, minute) > self._settings.rate_tenant:
            return _SILENCE
        if member or self._settings.strangers:
            return None
        return _MEMBERS_ONLY if _addresses(event) else _SILENCE

    # What was said

    def _words(self, event: Event, scene: Scene, lane: Lane, read: Mapping[str, Read]) -> str:
        def named(found: re.Match[str]) -> str:
            known = self.directory.known(lane.tenant, found[1])
            name = known and self.directory.name_in(lane.tenant, scene.room.id, known.person)
            return f"@{name or (known and known.account.name) or '?'} "

        text = _MENTIONED.sub(named, event.text).strip()
        files = [read[file.ref].words for file in event.files if file.ref in read]
        return "\n".join([*([text] if text else []), *files])

    def _retract(self, taken: Taken) -> None:
        """Take back what somebody took back: an edit may remove a secret, a deletion does."""
        event, lane = taken.event, taken.lane
        became = self.mail.became(lane.tenant, event.place.key, event.message)
        if became is None:
            return self.mail.settle(lane, [taken.sequence], state="ignored")
        room, stored = RoomId(became[0]), MessageId(became[1])
        store = self.store.of(lane.tenant)
        scene, before = store.load(room), store.words_of(room, stored)
        if scene is None or before is None:
            return self.mail.settle(lane, [taken.sequence], state="ignored")
        scene = retracted(scene, stored, before, event.text)
        beside = self.mail.handled(lane, [taken.sequence], room=room)
        store.keep(scene, retracts=(stored, event.text), beside=beside)
        return None


LOBBY = "lobby:"


def _lobby(event: Event) -> str:
    return LOBBY + (event.account.key if event.place.direct else event.place.key)


def _message(event: Event, words: str) -> Message:
    return Message(
        id=MessageId(f"{event.channel}:{event.id}"),
        sender=Person(name=event.account.name or "?"),
        at=event.at,
        text=words,
        private=event.place.direct,
    )


def _calls(event: Event) -> bool:
    return intent(_message(event, event.text)).wants != "talk"


def _addresses(event: Event) -> bool:
    return event.place.direct or event.called or _calls(event)


def _apology(event: Event, message: Message, scene: Scene, now: datetime) -> tuple[Reply, ...]:
    """Return a word to who asked long ago, while nobody was here."""
    if now - event.at < AWAY or intent(message).wants == "talk":
        return ()
    to = message.sender.name if message.private else "room"
    return (Reply(to=to, kind="notice", text=_LATE(scene.locale_for(to)), in_reply_to=message.id),)


def _receipts(files: Sequence[Text], message: Message, scene: Scene) -> tuple[Reply, ...]:
    """Return what is said about files: to who sent them alone, for a file may be nobody else's business."""
    to = message.sender.name
    if not files or scene.human_drives:
        return ()
    text = "\n".join(one(scene.locale_for(to)) for one in files)
    return (Reply(to=to, kind="notice", text=text, in_reply_to=message.id),)


def _word(lane: Lane, taken: Taken, number: int, word: Word) -> Parcel:
    """Return a parcel of something said at the door: where the event happened, or to one person alone."""
    event = taken.event
    account = word.account or (event.account if event.place.direct else None)
    return Parcel(
        id=parcel_id(lane, f"door {taken.sequence}", number),
        tenant=lane.tenant,
        channel=event.channel,
        place=None if account else event.place,
        account=account,
        answers=event.message if account in (None, event.account) else "",
        reply=Reply(
            to=account.name if account else "room",
            kind="notice",
            text=word.text,
            choices=word.choices,
            in_reply_to=MessageId(event.id),
        ),
        locale=word.locale,
    )


_SILENCE = Text(ja="", en="")
_TOO_FAST = Text(
    ja="少し立て込んでいます。一分ほどおいて、続きを聞かせてください。",
    en="That was a lot at once. Give me a minute, then go on.",
)
_MEMBERS_ONLY = Text(
    ja="ここは、協業に参加している方のための窓口です。進行役の方から参加コードを受け取ったら、それだけを送ってください。",
    en="I am here for the people of a partnership. If your facilitator gave you a code, send me just that.",
)
_LATE = Text(
    ja="お返事が遅くなりました。しばらく席を外していました。",
    en="Sorry to be late: I was away for a while.",
)
_ASIDE = Text(
    ja="{who}さんの書き込みを一つ、うまく受け取れませんでした（控え {number}）。お話は続けられます。"
    "大事な内容でしたら、もう一度書いてもらってください。",
    en="One message of {who} could not be taken in (reference {number}). The talk goes on. If it mattered, please "
    "have it written once more.",
)
