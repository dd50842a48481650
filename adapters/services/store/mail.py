"""The post of all programmes: an inbox that remembers every event, and an outbox that remembers every parcel.

A row of the inbox is written before its platform is told that the event arrived; then what becomes of it is written
in one transaction with the room (`handled` goes into `SqlStore.keep`). So a crash at any point leaves an event either
waiting or handled, never half.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, and_, func, insert, not_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from adapters.post import Event, Parcel
from adapters.services.store.engine import noting, writing
from adapters.services.store.errors import told
from adapters.services.store.outbox import Lane, Outbox
from adapters.services.store.tables import InboxRow, LaneRow

TRIES = 5
"""After so many an event is put aside, and a parcel that nobody refused rests until the next start."""


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
        with told(self._place), writing(self.engine).begin() as connection:
            same = (InboxRow.tenant == lane.tenant, InboxRow.channel == event.channel, InboxRow.event == event.id)
            if connection.execute(select(InboxRow.sequence).where(*same)).first() is not None:
                return None
            number = self._number(connection, lane)
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
                    connection.execute(insert(InboxRow).values(row))
            except IntegrityError:  # It came twice at the same moment, through two processes.
                return None
        return number

    def lanes_waiting(self, since: datetime | None = None) -> tuple[Lane, ...]:
        """Return the lanes in which an event waits; with `since` only those where it came before then."""
        wanted = select(InboxRow.tenant, InboxRow.lane).where(InboxRow.state == "waiting").distinct()
        if since is not None:
            wanted = wanted.where(InboxRow.received_at < since)
        with told(self._place), self.engine.connect() as connection:
            return tuple(Lane(*row) for row in connection.execute(wanted))

    def next_tries(self, lane: Lane) -> int | None:
        """Return how often the event whose turn it is was taken before; None if nothing waits."""
        mine = (InboxRow.tenant == lane.tenant, InboxRow.lane == lane.name, InboxRow.state == "waiting")
        wanted = select(InboxRow.tries).where(*mine).order_by(InboxRow.sequence).limit(1)
        with told(self._place), self.engine.connect() as connection:
            return connection.execute(wanted).scalar()

    def take(self, lane: Lane) -> Taken | None:
        """Return the event of a lane whose turn it is, and count the try; None if nothing waits.

        One that cannot be read is put aside, lest it stop its lane for ever.
        """
        mine = (InboxRow.tenant == lane.tenant, InboxRow.lane == lane.name, InboxRow.state == "waiting")
        first = select(InboxRow).where(*mine).order_by(InboxRow.sequence).limit(1).with_for_update()
        while True:
            with told(self._place), Session(noting(self.engine)) as session, session.begin():
                row = session.scalars(first).first()
                if row is None:
                    return None
                row.tries += 1
                try:
                    event = Event.model_validate_json(row.payload)
                except ValidationError:
                    row.state, row.payload = "aside", ""
                    continue
                return Taken(lane, row.sequence, event, row.tries, row.received_at)

    def waits(self, lane: Lane) -> bool:
        """Whether an event waits in a lane."""
        return self.next_tries(lane) is not None

    def waiting(self, lane: Lane) -> tuple[Event, ...]:
        """Return the next few events that wait in a lane."""
        mine = (InboxRow.tenant == lane.tenant, InboxRow.lane == lane.name, InboxRow.state == "waiting")
        wanted = select(InboxRow.payload).where(*mine).order_by(InboxRow.sequence).limit(20)
        with told(self._place), self.engine.connect() as connection:
            found = [_readable(payload) for payload in connection.scalars(wanted)]
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
        with told(self._place), self.engine.connect() as connection:
            return connection.execute(select(InboxRow.state).where(*mine)).scalar()

    def following(self, taken: Taken) -> tuple[tuple[int, Event, datetime], ...]:
        """Return what waits behind an event in its lane, in its order."""
        mine = (InboxRow.tenant == taken.lane.tenant, InboxRow.lane == taken.lane.name, InboxRow.state == "waiting")
        behind = select(InboxRow).where(*mine, InboxRow.sequence > taken.sequence).order_by(InboxRow.sequence)
        with told(self._place), Session(self.engine) as session:
            rows = session.scalars(behind.limit(20)).all()
        found = []
        for row in rows:
            try:
                found.append((row.sequence, Event.model_validate_json(row.payload), row.received_at))
            except ValidationError:
                break
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
            mine = (InboxRow.tenant == lane.tenant, InboxRow.lane == lane.name)
            for number, sequence in enumerate(sequences):
                payload = str(spans[number]) if number < len(spans) else ""
                values = {"state": state, "payload": payload, "room": room, "stored": stored}
                session.execute(update(InboxRow).where(*mine, InboxRow.sequence == sequence).values(values))
            at = sequences[0] if sequences else 0
            self._post(session, lane, parcels, sequence=at, room=room or "", driven=driven)

        return write

    def settle(
        self, lane: Lane, sequences: Sequence[int], *, state: str = "handled", parcels: Sequence[Parcel] = ()
    ) -> None:
        """Write down that events were handled without a change of any room."""
        with told(self._place), Session(noting(self.engine)) as session, session.begin():
            self.handled(lane, sequences, state=state, parcels=parcels)(session)

    def recent(self, taken: Taken, since: datetime, *, all_accounts: bool = False) -> int:
        """Return how many events came since then up to this one, from its account or from all."""
        lane, at = taken.lane, taken.received_at
        behind = and_(InboxRow.lane == lane.name, InboxRow.sequence > taken.sequence)
        within = InboxRow.received_at.between(since, at)
        wanted = select(func.count()).where(InboxRow.tenant == lane.tenant, within, not_(behind))
        if not all_accounts:
            wanted = wanted.where(InboxRow.account == taken.event.account.key)
        with told(self._place), self.engine.connect() as connection:
            return connection.execute(wanted).scalar_one()

    def became(self, tenant: str, place_key: str, message: str) -> Became | None:
        """Return what a platform's message became."""
        mine = (InboxRow.tenant == tenant, InboxRow.place == place_key, InboxRow.message == message)
        columns = (InboxRow.room, InboxRow.stored, InboxRow.payload)
        wanted = select(*columns).where(*mine, InboxRow.stored.is_not(None)).limit(1)
        with told(self._place), self.engine.connect() as connection:
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

    def _number(self, connection: Connection, lane: Lane) -> int:
        """Return the next number of a lane. Whoever holds it keeps the others waiting, so numbers follow arrival."""
        mine = and_(LaneRow.tenant == lane.tenant, LaneRow.lane == lane.name)
        bump = update(LaneRow).where(mine).values(last=LaneRow.last + 1).returning(LaneRow.last)
        number = connection.execute(bump).scalar()
        if number is not None:
            return number
        try:
            with connection.begin_nested():
                connection.execute(insert(LaneRow).values(tenant=lane.tenant, lane=lane.name, last=1))
        except IntegrityError:
            return connection.execute(bump).scalar_one()
        return 1


def _readable(payload: str) -> Event | None:
    try:
        return Event.model_validate_json(payload)
    except ValidationError:
        return None
