"""The outbox: parcels on their way, and what became of each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from adapters.post import Parcel
from adapters.services.store.engine import noting, one_at_a_time, writing
from adapters.services.store.errors import told
from adapters.services.store.looking import reading
from adapters.services.store.previews import Lane, Previews
from adapters.services.store.tables import FeedbackRow, InboxRow, OutboxRow, SignRow
from bot.model import Reply


class Posted(NamedTuple):
    """A parcel of the outbox, and what has become of it."""

    parcel: Parcel
    lane: Lane
    room: str
    state: str
    driven: bool
    receipt: str | None
    tries: int
    at: datetime


class Counts(NamedTuple):
    """How the post stands."""

    waiting: int
    aside: int
    unsent: int
    parked: int
    again: int


# Questions that every message asks.
_HERE = (OutboxRow.tenant == bindparam("b_tenant"), OutboxRow.id == bindparam("b_id"))
_UNSENT = (
    select(OutboxRow.id)
    .where(OutboxRow.tenant == bindparam("tenant"), OutboxRow.lane == bindparam("name"))
    .where(OutboxRow.state.in_(("waiting", "sending")))
    .order_by(OutboxRow.at, OutboxRow.sequence, OutboxRow.number)
)
_TO_SEND = select(OutboxRow.__table__).where(*_HERE).with_for_update()
_SENDING = update(OutboxRow).where(*_HERE).values(state="sending", tries=OutboxRow.tries + 1)
_UNREADABLE = update(OutboxRow).where(*_HERE).values(state="refused", reason="unreadable")
_BECAME = ("state", "reason", "again")
_TURNED_OUT = update(OutboxRow).where(*_HERE).values({name: bindparam(name) for name in _BECAME})
_SETTLED = (
    update(OutboxRow)
    .where(*_HERE)
    .values({name: bindparam(name) for name in (*_BECAME, "receipt", "sent_at", "parcel")})
)
_PARKED = (
    select(OutboxRow.id)
    .where(OutboxRow.tenant == bindparam("tenant"), OutboxRow.account == bindparam("account"))
    .where(OutboxRow.state == "parked")
    .limit(1)
)


class Outbox(Previews):
    """Parcels in a database."""

    def unsent(self, lane: Lane) -> tuple[str, ...]:
        """Return the parcels of a lane that are still to be sent, in their order."""
        with told(self._place), reading(self.engine) as connection:
            return tuple(connection.scalars(_UNSENT, lane._asdict()))

    def lanes_unsent(self) -> tuple[Lane, ...]:
        """Return the lanes in which something is still to be sent."""
        wanted = (
            select(OutboxRow.tenant, OutboxRow.lane).where(OutboxRow.state.in_(("waiting", "sending"))).distinct()
        )
        with told(self._place), reading(self.engine) as connection:
            return tuple(Lane(*row) for row in connection.execute(wanted))

    def begin(self, tenant: str, parcel: str) -> Posted | None:
        """Mark a parcel as being sent, and return it as it was before; None if there is none."""
        here = {"b_tenant": tenant, "b_id": parcel}
        with told(self._place), writing(self.engine).begin() as connection:
            row = connection.execute(_TO_SEND, here).first()
            if row is None:
                return None
            try:
                before = _posted(row)
            except ValidationError:  # Another Nakodo wrote it, or it is damaged: it must not stop the lane.
                connection.execute(_UNREADABLE, here)
                return None
            if row.state in ("waiting", "sending"):
                connection.execute(_SENDING, here)
            shown = self._shown_of(connection, row)
            return before._replace(parcel=before.parcel.model_copy(update={"shown": shown})) if shown else before

    def ended(
        self, tenant: str, parcel: str, state: str, *, receipt: str | None = None, reason: str | None = None,
        again: bool | None = None,
    ) -> None:  # fmt: skip
        """Write down what became of a parcel. One that was delivered or given up loses its words."""
        here = {"b_tenant": tenant, "b_id": parcel}
        with told(self._place), noting(self.engine).begin() as connection:
            row = connection.execute(_TO_SEND, here).first()
            if row is None:
                return
            became = {"state": state, "reason": reason, "again": row.again if again is None else again}
            if state not in ("sent", "refused", "withdrawn"):
                connection.execute(_TURNED_OUT, {**here, **became})
                return
            words = row.parcel
            if row.channel != "web" or state != "sent":  # A page reads its words here, until the night.
                words = _wordless(Parcel.model_validate_json(words)).model_dump_json()
            connection.execute(
                _SETTLED, {**here, **became, "receipt": receipt, "sent_at": self._clock(), "parcel": words}
            )

    def send_also(self, lane: Lane, parcels: Sequence[Parcel], room: str) -> None:
        """Put parcels into the outbox that come of no event; those that are there already stay as they are."""
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            one_at_a_time(session, *lane)
            parcels = [one for one in parcels if session.get(OutboxRow, (one.tenant, one.id)) is None]
            self._post(session, lane, parcels, sequence=0, room=room, driven=False)

    def unpark(self, tenant: str, account: str) -> tuple[Lane, ...]:
        """Let out what waited for somebody to begin the talk, and return the lanes that have something to send."""
        parked = (OutboxRow.tenant == tenant, OutboxRow.account == account, OutboxRow.state == "parked")
        with told(self._place), reading(self.engine) as connection:
            if connection.execute(_PARKED, {"tenant": tenant, "account": account}).first() is None:
                return ()  # Mostly nothing waits, and then nothing need be written.
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            rows = session.scalars(select(OutboxRow).where(*parked)).all()
            for row in rows:
                row.state, row.tries = "waiting", 0
            return tuple({Lane(row.tenant, row.lane) for row in rows})

    def withdrawing(self, tenant: str, room: str, message: str) -> Callable[[Session], None]:
        """Return what withdraws, within a transaction, everything still to be said to a message."""

        def write(session: Session) -> None:
            open_ones = (
                OutboxRow.tenant == tenant,
                OutboxRow.room == room,
                OutboxRow.state.in_(("waiting", "parked")),
            )
            for row in session.scalars(select(OutboxRow).where(*open_ones)):
                parcel = Parcel.model_validate_json(row.parcel)
                if parcel.reply.in_reply_to == message:
                    row.state, row.reason, row.parcel = "withdrawn", "taken back", _wordless(parcel).model_dump_json()

        return write

    def posted(self, tenant: str, parcel: str) -> Posted | None:
        """Return a parcel and what has become of it."""
        with told(self._place), Session(self.engine) as session:
            row = session.get(OutboxRow, (tenant, parcel))
            return _posted(row) if row else None

    def said_to(self, lane: Lane, number: int) -> tuple[Parcel, ...]:
        """Return the parcels that came of an event, in their order. Those delivered already have lost their words."""
        mine = (OutboxRow.tenant == lane.tenant, OutboxRow.lane == lane.name, OutboxRow.sequence == number)
        with told(self._place), Session(self.engine) as session:
            rows = session.scalars(select(OutboxRow).where(*mine).order_by(OutboxRow.number)).all()
            return tuple(Parcel.model_validate_json(row.parcel) for row in rows)

    def by_receipt(self, tenant: str, receipt: str) -> Posted | None:
        """Return the parcel that a platform posted under this name."""
        wanted = select(OutboxRow).where(OutboxRow.tenant == tenant, OutboxRow.receipt == receipt).limit(1)
        with told(self._place), Session(self.engine) as session:
            row = session.scalars(wanted).first()
            return _posted(row) if row else None

    def spoke_in(self, place_key: str, thread: str) -> bool:
        """Whether something was said in a thread: who writes there goes on talking with the bot."""
        wanted = select(OutboxRow.id).where(OutboxRow.place == place_key, OutboxRow.thread == thread).limit(1)
        with told(self._place), reading(self.engine) as connection:
            return connection.execute(wanted).first() is not None

    def wipe(self, before: datetime) -> None:
        """Take the words off what pages could read here until now."""
        done = (OutboxRow.channel == "web", OutboxRow.state == "sent", OutboxRow.sent_at < before)
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            for row in session.scalars(select(OutboxRow).where(*done)):
                row.parcel = _wordless(Parcel.model_validate_json(row.parcel)).model_dump_json()

    def counts(self) -> Counts:
        """Return how the post stands, over all programmes."""
        with told(self._place), reading(self.engine) as connection:
            inbox = dict(connection.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state)).all())
            outbox = dict(connection.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state)).all())
            again = connection.execute(select(func.count()).where(OutboxRow.again)).scalar_one()
        unsent = outbox.get("waiting", 0) + outbox.get("sending", 0)
        return Counts(inbox.get("waiting", 0), inbox.get("aside", 0), unsent, outbox.get("parked", 0), again)

    def note_feedback(self, posted: Posted, account: str, *, useful: bool) -> None:
        """Keep what somebody thought of an answer, with its sources. Who thinks again is kept as they think now."""
        reply = posted.parcel.reply
        row = FeedbackRow(
            tenant=posted.lane.tenant,
            parcel=posted.parcel.id,
            account=account,
            room=posted.room,
            kind=reply.kind,
            cards=[one.card for one in reply.citations],
            useful=useful,
            at=self._clock(),
        )
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            one_at_a_time(session, row.tenant, row.parcel, row.account)
            session.merge(row)

    # Signs of life

    def sign(self, name: str) -> datetime | None:
        """Return when a sign of life was last noted."""
        with told(self._place), reading(self.engine) as connection:
            return connection.execute(select(SignRow.at).where(SignRow.name == name)).scalar()

    def note_sign(self, name: str, at: datetime) -> None:
        """Note a sign of life."""
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            one_at_a_time(session, name)
            session.merge(SignRow(name=name, at=at))

    def _post(
        self, session: Session, lane: Lane, parcels: Sequence[Parcel], *, sequence: int, room: str, driven: bool
    ) -> None:
        now = self._clock()
        for number, parcel in enumerate(parcels):
            session.add(
                OutboxRow(
                    tenant=lane.tenant,
                    id=parcel.id,
                    lane=lane.name,
                    sequence=sequence,
                    number=number,
                    room=room,
                    channel=parcel.channel,
                    account=parcel.account.key if parcel.account else None,
                    place=parcel.place.key if parcel.place else None,
                    thread=_thread(parcel),
                    parcel=parcel.model_dump_json(),
                    state="waiting",
                    driven=driven,
                    tries=0,
                    again=False,
                    at=now,
                )
            )


def _thread(parcel: Parcel) -> str | None:
    if parcel.place is None or parcel.reply.unasked:
        return None
    return parcel.place.thread or parcel.answers or None


def _posted(row: OutboxRow | Row[Any]) -> Posted:
    parcel = Parcel.model_validate_json(row.parcel)
    if row.again:
        parcel = parcel.model_copy(update={"again": True})
    return Posted(parcel, Lane(row.tenant, row.lane), row.room, row.state, row.driven, row.receipt, row.tries, row.at)


def _wordless(parcel: Parcel) -> Parcel:
    reply: Reply = parcel.reply.model_copy(update={"text": ""})
    return parcel.model_copy(update={"reply": reply})
