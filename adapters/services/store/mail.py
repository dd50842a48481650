"""The post of all programmes: an inbox that remembers every event, and an outbox that remembers every parcel.

A row of the inbox is written before its platform is told that the event arrived; then what becomes of it is written
in one transaction with the room (`handled` goes into `SqlStore.keep`). So a crash at any point leaves an event either
waiting or handled, never half.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, and_, bindparam, case, func, insert, not_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from adapters.post import Event, Parcel
from adapters.services.store.engine import noting, writing
from adapters.services.store.errors import told
from adapters.services.store.looking import reading
from adapters.services.store.outbox import Outbox
from adapters.services.store.previews import Lane
from adapters.services.store.tables import InboxRow, LaneRow

TRIES = 5
"""After so many an event is put aside, and a parcel that nobody refused rests until the next start."""


# Questions that every message asks.
_OF_LANE = (InboxRow.tenant == bindparam("tenant"), InboxRow.lane == bindparam("name"))
_HERE = (
    InboxRow.tenant == bindparam("b_tenant"),
    InboxRow.lane == bindparam("b_lane"),
    InboxRow.sequence == bindparam("b_sequence"),
)
_OPEN = InboxRow.state == "waiting"
_SAME = select(InboxRow.sequence).where(
    InboxRow.tenant == bindparam("tenant"),
    InboxRow.channel == bindparam("channel"),
    InboxRow.event == bindparam("event"),
)
_COLUMNS = (InboxRow.sequence, InboxRow.payload, InboxRow.tries, InboxRow.received_at)
_NEXT = select(*_COLUMNS).where(*_OF_LANE, _OPEN).order_by(InboxRow.sequence).limit(1).with_for_update()
_WAITS = select(InboxRow.sequence).where(*_OF_LANE, _OPEN).limit(1)
_WAITING = select(InboxRow.payload).where(*_OF_LANE, _OPEN).order_by(InboxRow.sequence).limit(20)
_BEHIND = (
    select(*_COLUMNS)
    .where(*_OF_LANE, _OPEN, InboxRow.sequence > bindparam("sequence"))
    .order_by(InboxRow.sequence)
    .limit(20)
)
_TRIED = update(InboxRow).where(*_HERE).values(tries=bindparam("tries"))
_UNREADABLE = update(InboxRow).where(*_HERE).values(tries=bindparam("tries"), state="aside", payload="")
_BECOMES = (
    update(InboxRow).where(*_HERE).values({name: bindparam(name) for name in ("state", "payload", "room", "stored")})
)
_RECENT = select(func.count(case((InboxRow.account == bindparam("account"), 1))), func.count()).where(
    InboxRow.tenant == bindparam("tenant"),
    InboxRow.received_at.between(bindparam("since"), bindparam("at")),
    not_(and_(InboxRow.lane == bindparam("name"), InboxRow.sequence > bindparam("sequence"))),
)
_TO_INBOX = insert(InboxRow)
_NUMBER = (
    update(LaneRow)
    .where(LaneRow.tenant == bindparam("b_tenant"), LaneRow.lane == bindparam("b_lane"))
    .values(last=LaneRow.last + 1)
    .returning(LaneRow.last)
)


class Taken(NamedTuple):
    """An event whose turn it is."""

    lane: Lane
    sequence: int
    event: Event
    tries: int
    received_at: datetime


class Span(NamedTuple):
    """Where in a stored message the words of one event stand."""

    start: int
    length: int

    def __str__(self) -> str:
        """Return it as it is kept."""
        return f"{self.start}:{self.length}"

    @classmethod
    def read(cls, kept: str) -> "Span | None":
        """Return what `str` wrote."""
        parts = kept.split(":")
        return cls(*map(int, parts)) if len(parts) == 2 and all(part.isdecimal() for part in parts) else None


class Became(NamedTuple):
    """The room's message that an event became, or became a part of."""

    room: str
    stored: str
    span: Span | None = None


class Mail(Outbox):
    """Inbox and outbox in a database."""

    # In

    def receive(self, event: Event, lane: Lane) -> int | None:
        """Write an event down and return its number in the lane, or None if it stands there already.

        Raises:
            StoreError: it could not be written; the platform must not be told that it arrived.
        """
        [number] = self.receive_all([(event, lane)])
        return number

    def receive_all(self, events: Sequence[tuple[Event, Lane]]) -> list[int | None]:
        """Write events down in one transaction, and return what `receive` would of each.

        Raises:
            StoreError: none could be written.
        """
        numbers: list[int | None] = []
        with told(self._place), writing(self.engine).begin() as connection:
            for event, lane in events:
                same = {"tenant": lane.tenant, "channel": event.channel, "event": event.id}
                number = None
                if connection.execute(_SAME, same).first() is None:
                    number = self._number(connection, lane)
                    if not self._written(connection, event, lane, number):
                        number = None
                numbers.append(number)
        return numbers

    def lanes_waiting(self, since: datetime | None = None) -> tuple[Lane, ...]:
        """Return the lanes in which an event waits; with `since` only those where it came before then."""
        wanted = select(InboxRow.tenant, InboxRow.lane).where(InboxRow.state == "waiting").distinct()
        if since is not None:
            wanted = wanted.where(InboxRow.received_at < since)
        with told(self._place), reading(self.engine) as connection:
            return tuple(Lane(*row) for row in connection.execute(wanted))

    def take(self, lane: Lane, below: int | None = None) -> Taken | None:
        """Return the event of a lane whose turn it is, and count the try; None if nothing waits.

        With `below` one that was taken so often before is left where it is, and None is returned. One that cannot be
        read is put aside, lest it stop its lane for ever.
        """
        while True:
            with told(self._place), noting(self.engine).begin() as connection:
                row = connection.execute(_NEXT, lane._asdict()).first()
                if row is None or (below is not None and row.tries >= below):
                    return None
                here = {"b_tenant": lane.tenant, "b_lane": lane.name, "b_sequence": row.sequence}
                tries = row.tries + 1
                event = _readable(row.payload)
                if event is None:
                    connection.execute(_UNREADABLE, {**here, "tries": tries})
                    continue
                connection.execute(_TRIED, {**here, "tries": tries})
                return Taken(lane, row.sequence, event, tries, row.received_at)

    def waits(self, lane: Lane) -> bool:
        """Whether an event waits in a lane."""
        with told(self._place), reading(self.engine) as connection:
            return connection.execute(_WAITS, lane._asdict()).first() is not None

    def waiting(self, lane: Lane) -> tuple[Event, ...]:
        """Return the next few events that wait in a lane."""
        with told(self._place), reading(self.engine) as connection:
            found = [_readable(payload) for payload in connection.scalars(_WAITING, lane._asdict())]
        return tuple(event for event in found if event is not None)

    def follow(self, old: Lane, new: Lane) -> None:
        """Let what waits in a lane behind the event in hand wait in another: the talk has found its partnership."""
        mine = (InboxRow.tenant == old.tenant, InboxRow.lane == old.name, InboxRow.state == "waiting")
        wanted = select(InboxRow).where(*mine).order_by(InboxRow.sequence)
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            for row in session.scalars(wanted).all()[1:]:
                row.sequence, row.lane = self._number(session.connection(), new), new.name
                session.flush()

    def state_of(self, lane: Lane, number: int) -> str | None:
        """Return what has become of an event; None if there is none."""
        mine = (InboxRow.tenant == lane.tenant, InboxRow.lane == lane.name, InboxRow.sequence == number)
        with told(self._place), reading(self.engine) as connection:
            return connection.execute(select(InboxRow.state).where(*mine)).scalar()

    def following(self, taken: Taken) -> tuple[tuple[int, Event, datetime], ...]:
        """Return what waits behind an event in its lane, in its order."""
        with told(self._place), reading(self.engine) as connection:
            rows = connection.execute(_BEHIND, {**taken.lane._asdict(), "sequence": taken.sequence}).all()
        found = []
        for row in rows:
            event = _readable(row.payload)
            if event is None:
                break
            found.append((row.sequence, event, row.received_at))
        return tuple(found)

    def handled(
        self,
        lane: Lane,
        sequences: Sequence[int],
        *,
        room: str | None = None,
        stored: str | None = None,
        spans: Sequence[Span] = (),
        parcels: Sequence[Parcel] = (),
        driven: bool = False,
        state: str = "handled",
    ) -> Callable[[Session], None]:
        """Return what writes down, within a transaction, that events were handled and what is to be sent.

        `spans` says where in the stored message the words of each event stand.
        """

        def write(session: Session) -> None:
            for number, sequence in enumerate(sequences):
                payload = str(spans[number]) if number < len(spans) else ""
                here = {"b_tenant": lane.tenant, "b_lane": lane.name, "b_sequence": sequence}
                values = {"state": state, "payload": payload, "room": room, "stored": stored}
                session.connection().execute(_BECOMES, {**here, **values})
            at = sequences[0] if sequences else 0
            self._post(session, lane, parcels, sequence=at, room=room or "", driven=driven)

        return write

    def settle(
        self, lane: Lane, sequences: Sequence[int], *, state: str = "handled", parcels: Sequence[Parcel] = ()
    ) -> None:
        """Write down that events were handled without a change of any room."""
        with told(self._place), Session(noting(self.engine)) as session, session.begin():
            self.handled(lane, sequences, state=state, parcels=parcels)(session)

    def recent(self, taken: Taken, since: datetime) -> tuple[int, int]:
        """Return how many events came since then up to this one: from its account, and from all."""
        about = {**taken.lane._asdict(), "account": taken.event.account.key, "since": since, "at": taken.received_at}
        with told(self._place), reading(self.engine) as connection:
            mine, all_of_us = connection.execute(_RECENT, {**about, "sequence": taken.sequence}).one()
        return mine, all_of_us

    def became(self, tenant: str, place_key: str, message: str) -> Became | None:
        """Return what a platform's message became; of two of the same name the later one."""
        mine = (InboxRow.tenant == tenant, InboxRow.place == place_key, InboxRow.message == message)
        columns = (InboxRow.room, InboxRow.stored, InboxRow.payload)
        wanted = select(*columns).where(*mine, InboxRow.stored.is_not(None)).order_by(InboxRow.received_at.desc())
        with told(self._place), reading(self.engine) as connection:
            row = connection.execute(wanted).first()
        return Became(row.room, row.stored, Span.read(row.payload)) if row and row.room and row.stored else None

    def reworded(self, tenant: str, became: Became, length: int) -> Callable[[Session], None]:
        """Return what notes, within a transaction, that the words at a span are `length` long now."""

        def write(session: Session) -> None:
            span = became.span
            mine = (InboxRow.tenant == tenant, InboxRow.room == became.room, InboxRow.stored == became.stored)
            for row in session.scalars(select(InboxRow).where(*mine)) if span else ():
                other = Span.read(row.payload)
                if span and other == span:
                    row.payload = str(Span(span.start, length))
                elif span and other and other.start > span.start:
                    row.payload = str(Span(other.start + length - span.length, other.length))

        return write

    # Within a transaction

    def _written(self, connection: Connection, event: Event, lane: Lane, number: int) -> bool:
        """Write an event down; False if another process has, at the same moment."""
        row = {
            "tenant": lane.tenant,
            "channel": event.channel,
            "event": event.id,
            "lane": lane.name,
            "sequence": number,
            "account": event.account.key,
            "place": event.place.key,
            "message": event.message,
            "payload": event.model_dump_json(),
            "state": "waiting",
            "tries": 0,
            "received_at": self._clock(),
        }
        try:
            with connection.begin_nested():
                connection.execute(_TO_INBOX, row)
        except IntegrityError:
            return False
        return True

    def _number(self, connection: Connection, lane: Lane) -> int:
        """Return the next number of a lane. Whoever holds it keeps the others waiting, so numbers follow arrival."""
        here = {"b_tenant": lane.tenant, "b_lane": lane.name}
        number = connection.execute(_NUMBER, here).scalar()
        if number is not None:
            return number
        try:
            with connection.begin_nested():
                connection.execute(insert(LaneRow).values(tenant=lane.tenant, lane=lane.name, last=1))
        except IntegrityError:
            return connection.execute(_NUMBER, here).scalar_one()
        return 1


def _readable(payload: str) -> Event | None:
    try:
        return Event.model_validate_json(payload)
    except ValidationError:
        return None
