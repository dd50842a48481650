"""Takes one event of the inbox along the road: who speaks, of which partnership, then `turn`, then the outbox.

Whatever becomes of it is written down in one transaction, so an event that is taken again after a crash is either
still untouched or handled. It knows no platform.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters import courtesy
from adapters.aloud import Aloud
from adapters.attending import named
from adapters.breath import Whole, addresses, as_message, breath, patience, read_until, wanted, whole
from adapters.buttons import Buttons
from adapters.courtesy import LOBBY
from adapters.doorstep import Doorstep, Word
from adapters.entrance import Entrance
from adapters.files import Read, kept
from adapters.post import Event, File
from adapters.routing import Routes
from adapters.services.store import Directory, Known, Lane, Mail, SqlStore, Taken
from adapters.services.store.looking import look_again, one_look
from adapters.services.store.stale import until_fresh
from adapters.services.store.traces import Traces
from bot.model import MessageId, Person, RoomId, Text
from bot.retract import retracted
from bot.scene import Scene
from bot.settings import Settings
from bot.turn import House, Outcome, tick, turn

NO_FILES: Mapping[str, Read] = {}
REPEATED = timedelta(hours=12)
"""For how long a platform may repeat a message, at most."""


class Reception:
    """Handles events, one at a time in each lane. `house` is what a programme's turns draw on."""

    def __init__(
        self, store: SqlStore, directory: Directory, mail: Mail, house: Callable[[str], House], settings: Settings
    ) -> None:
        self.store, self.directory, self.mail = store, directory, mail
        self._house, self._settings = house, settings
        self.models = settings.model is not None
        self.aloud: Aloud | None = None
        self._doorstep = Doorstep(store, directory, Entrance(store, directory, settings))
        self._buttons = Buttons(directory, mail)

    def lane_of(self, event: Event) -> Lane:
        """Return the lane of an event: its room's, else that of its conversation."""
        with one_look(self.store.engine):
            return self._lane_of(event)

    def _lane_of(self, event: Event) -> Lane:
        tenant = self.directory.tenant_of(event.place.key, event.account.key, event.team or "default")
        posted = self._buttons.posted(event, tenant) if event.kind == "pressed" else None
        if posted is not None:  # A button belongs to the partnership in which it was shown.
            return posted.lane
        room = self._room_of(tenant, event)
        return Lane(tenant, room or courtesy.lobby(event))

    def patience(self, taken: Taken, now: datetime) -> float:
        """Return for how many seconds more it may go on: people write a thought in several messages."""
        return patience(taken, self.mail, now)

    def files_of(self, taken: Taken) -> tuple[File, ...]:
        """Return the files of an event, and of those that belong to the same breath."""
        return tuple(file for part in breath(taken, self.mail) for file in part.event.files)

    # The turn

    def handle(self, taken: Taken, now: datetime, read: Mapping[str, Read] = NO_FILES) -> None:
        """Do what an event asks for and write down what came of it.

        `read` says by its `ref` what is known of a file.
        """
        with one_look(self.store.engine):
            until_fresh(lambda: self._handle(taken, now, read))

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
        no = self._too_fast(taken, known) if event.kind in ("said", "pressed") else None
        if no is not None:
            said = [Word(no(known.account.locale or "ja"))] if no.en else []
            return self._settle(taken, said, state="ignored")
        words = self._doorstep.welcome(event, known, lane, now)
        self._follow(event, lane)
        if words is None and event.kind == "pressed":
            event, words = self._buttons.pressed(event, known, lane)
            words = self._doorstep.welcome(event, known, lane, now) if words is None else words
        if words is not None or event.kind != "said":
            return self._settle(taken, words or [])
        return self._said(taken._replace(event=event), known, now, read)

    def _follow(self, event: Event, lane: Lane) -> None:
        """Let what waits of a talk that has just found its partnership wait there, in its order."""
        if not event.place.direct and lane.name.startswith(LOBBY):
            room = self.directory.room_at(lane.tenant, event.place.key)
            if room is not None:
                self.mail.follow(lane, Lane(lane.tenant, room))

    def _settle(
        self, taken: Taken, words: Sequence[Word], state: str = "handled", sequences: Sequence[int] = ()
    ) -> None:
        """Write down that an event was handled without a turn, with all of its breath, and what is said to it."""
        parcels = courtesy.words_said(taken, words)
        self.mail.settle(taken.lane, sequences or [taken.sequence], state=state, parcels=parcels)

    def _said(self, taken: Taken, known: Known, now: datetime, read: Mapping[str, Read]) -> None:
        lane, event = taken.lane, taken.event
        parts = read_until(breath(taken, self.mail), read)
        sequences = [part.sequence for part in parts]
        asks = any(addresses(part.event) for part in parts)
        room = self._room_of(lane.tenant, event)
        # A lane may be a partnership's by way of a button, though who pressed it belongs to none.
        scene = self.store.of(lane.tenant).load(room or RoomId(courtesy.lobby(event)))
        if room is None and not asks:
            return self.mail.settle(lane, sequences, state="ignored")  # Nobody asked it into this talk.
        scene = scene or courtesy.lobby_scene(event, known)
        name = self._name(scene, room, known, lane)
        member = room is not None and scene.room.person(name) is not None
        if not member and not self._settings.strangers:
            said = [Word(courtesy.MEMBERS_ONLY(known.account.locale or "ja"))] if asks else []
            return self._settle(taken, said, "ignored", sequences)
        begun = self._begun(event, known, lane, room)
        each = [self._words(part.event, scene, lane, read) for part in parts]
        called = event.called and not event.place.direct and wanted(event).wants == "talk"
        joined = whole(parts, each, read, "@nakodo " if called else begun)
        own, wants = "\n".join(part.event.text for part in parts), "command" if begun else wanted(event).wants
        long = courtesy.too_long(own, wants, name, scene, private=event.place.direct)
        if long is not None:
            return self._settle(taken, [long], "ignored", sequences)
        return self._turn(taken, scene, name, joined, asks=asks, now=now, known=known)

    def _turn(
        self, taken: Taken, scene: Scene, name: str, said: Whole, *, asks: bool, now: datetime, known: Known
    ) -> None:
        lane, event = taken.lane, taken.event
        room = None if scene.room.id.startswith(LOBBY) else scene.room.id
        elsewhere = event.place.direct and known.room != room
        at = max(event.at, *(one.at for one in scene.heard[-1:])) if scene.heard else event.at
        sender = scene.known(Person(name=name))
        message = as_message(event, said.words).model_copy(update={"sender": sender, "at": at})
        late = now - event.at >= courtesy.AWAY and asks and not scene.human_drives
        house = self._house(lane.tenant)
        if self.aloud is not None and not (late or said.files or scene.held):  # Else something is said before it.
            ways = Routes(self.directory, lane, scene, event, f"aloud {taken.sequence}")
            house = house._replace(aloud=self.aloud.heard(taken, ways, name))
        look_again()  # It may take long, and then who writes would have to wait.
        told = courtesy.without_words(message, scene, said.files) if asks and said.wordless else None
        outcome = turn(message, scene, house) if told is None else Outcome(told, scene)
        after = outcome.scene
        apology = courtesy.apology(message, after, now) if late else ()
        if apology:
            after = after.having(reminded={**after.reminded, "away": now})
        moves = elsewhere and courtesy.goes_on(event, name, outcome.replies)
        several = moves and len(self.directory.rooms_of(lane.tenant, known.person)) > 1
        moved = courtesy.moved(message, after) if several else ()
        routes = Routes(self.directory, lane, after, event, str(taken.sequence))
        receipts = courtesy.receipts(said.files, message, after)
        before, now_here = ({one.name for one in where.room.people} for where in (scene, after))
        came, gone = now_here - before, before - now_here
        unmet = [one for one in sorted(came) if not self.directory.accounts_of(lane.tenant, scene.room.id, one)]
        beside = (*courtesy.unmet(unmet, message, after), *moved)
        replies = tuple(one for one in outcome.replies if one.to == name or one.to not in gone)
        parcels = routes.parcels((*apology, *receipts, *replies, *beside), name)
        handled = self.mail.handled(
            lane,
            said.sequences,
            room=scene.room.id,
            stored=message.id,
            spans=said.spans,
            parcels=parcels,
            driven=after.human_drives,
        )
        seated = self.directory.seated(lane.tenant, scene.room.id, came)
        unseated = self.directory.unseated(lane.tenant, scene.room.id, gone)
        self.store.of(lane.tenant).keep(
            after,
            message=message,
            replies=replies,
            findings=outcome.findings,
            traces=outcome.traces,
            beside=_all(unseated, handled, seated),
        )
        # An answer to a question that was put to somebody is an answer there, whatever they spoke of before.
        asked = [one.account for one in parcels if one.account and one.reply.kind == "form"]
        for account in (*([event.account] if moves else ()), *asked):
            self.directory.speaks_of(lane.tenant, account.key, room)

    def pass_time(self, lane: Lane, now: datetime) -> None:
        """Let time pass in a room, and write down what came of it."""
        until_fresh(lambda: self._pass_time(lane, now))

    def _pass_time(self, lane: Lane, now: datetime) -> None:
        store = self.store.of(lane.tenant)
        scene = store.load(RoomId(lane.name))
        if scene is None:
            return
        outcome = tick(now, scene, self._house(lane.tenant))
        routes = Routes(self.directory, lane, outcome.scene, None, f"tick {now.isoformat()}")
        parcels = routes.parcels(outcome.replies)
        driven = outcome.scene.human_drives
        beside = self.mail.handled(lane, (), room=scene.room.id, parcels=parcels, driven=driven)
        store.keep(outcome.scene, replies=outcome.replies, traces=outcome.traces, beside=beside)

    def put_aside(self, taken: Taken) -> None:
        """Give an event up after too many tries; the facilitator is told, and the lane goes on."""
        lane = taken.lane
        scene = self.store.of(lane.tenant).load(RoomId(lane.name))
        event = taken.event
        sorry = Word(courtesy.ASIDE_YOURS(event.account.locale or "ja").format(number=taken.sequence))
        parcels = [courtesy.word(lane, taken, 0, sorry)] if addresses(event) else []
        if scene is not None:
            routes = Routes(self.directory, lane, scene, None, f"aside {taken.sequence}")
            parcels += routes.parcels([courtesy.put_aside(taken, scene)])
        self.mail.settle(lane, [taken.sequence], state="aside", parcels=parcels)

    def tidy(self, now: datetime) -> None:
        """Forget what was kept long enough: messages that nobody can repeat any more, old work of language models."""
        self.mail.wipe(now - REPEATED)
        if self._settings.trace_days:
            Traces(self.store.engine).wipe(now - timedelta(days=self._settings.trace_days))

    # Who and where

    def _room_of(self, tenant: str, event: Event) -> RoomId | None:
        if not event.place.direct:
            return self.directory.room_at(tenant, event.place.key)
        known = self.directory.known(tenant, event.account.key)
        if known is None:
            return None
        begun = self._buttons.begun(event, known)
        named = RoomId(begun.room if begun else next(iter(event.form.get("room", ())), ""))
        rooms = self.directory.rooms_of(tenant, known.person)
        if named and named not in rooms:  # What belongs to one partnership is never done in another.
            return named if self.directory.name_in(tenant, named, known.person) else None
        return next((room for room in (named, known.room, *rooms) if room in rooms), None)

    def _name(self, scene: Scene, room: RoomId | None, known: Known, lane: Lane) -> str:
        if room is None and scene.room.people:
            return scene.room.people[0].name
        taken = [person.name for person in scene.room.people]
        return self.directory.seat(lane.tenant, scene.room.id, known.person, known.account.name, taken=taken)

    def _too_fast(self, taken: Taken, known: Known) -> Text | None:
        """Return what is said to who asks too fast; empty is silence, None is service.

        What came later does not count: after a pause, nobody is too fast for having had patience.
        """
        lane = taken.lane
        minute = taken.received_at - timedelta(minutes=1)
        member = bool(self.directory.rooms_of(lane.tenant, known.person))
        if member and taken.event.kind == "said" and not addresses(taken.event):
            return None  # Nothing of what people say to each other is lost, though an hour of it come in one minute.
        most = self._settings.rate_person if member else self._settings.rate_stranger
        mine, all_of_us = self.mail.recent(taken, minute)
        if mine > most:
            return courtesy.TOO_FAST if mine == most + 1 and addresses(taken.event) else courtesy.SILENCE
        # Whoever floods a programme keeps none of its own people from being served.
        return courtesy.SILENCE if all_of_us > self._settings.rate_tenant and not member else None

    def _begun(self, event: Event, known: Known, lane: Lane, room: RoomId | None) -> str:
        """Return the command that somebody began by a button here and now finishes in words; else forget it."""
        if not known.begun:
            return ""
        self.directory.begins(lane.tenant, known.account.key, "")
        begun = self._buttons.begun(event, known)
        return begun.command if begun and begun.room in ("", room or lane.name) else ""

    # What was said

    def _words(self, event: Event, scene: Scene, lane: Lane, read: Mapping[str, Read]) -> str:
        text = named(event.text, scene, lane.tenant, self.directory)
        if wanted(event).wants == "command":
            return text
        files = [read[file.ref].quoted for file in event.files if file.ref in read]
        return "\n".join([*([text] if text else []), *files])

    def _retract(self, taken: Taken) -> None:
        """Take back what somebody took back: an edit may remove a secret, a deletion does."""
        event, lane = taken.event, taken.lane
        became = self.mail.became(lane.tenant, event.place.key, event.message)
        if became is None:
            return self._settle(taken, [], state="ignored")
        room, stored = RoomId(became.room), MessageId(became.stored)
        store = self.store.of(lane.tenant)
        scene, before = store.load(room), store.words_of(room, stored)
        if scene is None or before is None:
            return self._settle(taken, [], state="ignored")
        start, length = became.span or (0, len(before))
        old = before[start : start + length]
        # What a file said stays while the file is there.
        own = (named(event.text, scene, lane.tenant, self.directory), kept(old, event.files))
        text = "\n".join(filter(None, own))
        if text == old:  # A preview was added, somebody put a heart on it: nothing was reworded.
            return self._settle(taken, [], state="ignored")
        after = before[:start] + text + before[start + length :]
        after = after if after.replace("@nakodo", "").strip() else ""
        steps = (
            self.mail.handled(lane, [taken.sequence], room=room),
            self.mail.withdrawing(lane.tenant, room, stored),
            self.mail.reworded(lane.tenant, became, len(text)),
        )
        known = self.directory.known(lane.tenant, event.account.key)
        who = (known and self.directory.name_in(lane.tenant, room, known.person)) or ""
        store.keep(retracted(scene, stored, before, after, who), retracts=(stored, after), beside=_all(*steps))
        return None


def _all(*steps: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what takes several steps within one transaction."""

    def write(session: Any) -> None:
        for step in steps:
            step(session)

    return write
