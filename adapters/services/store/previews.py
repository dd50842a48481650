"""Where people see the beginnings of answers that are still being written, so that none stays behind.

One process serves, so it knows without asking whether there are any; mostly there are none, and nothing is read.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Row, String, and_, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from adapters.post import ChannelName, Parcel
from adapters.services.store.engine import noting, place
from adapters.services.store.errors import told
from adapters.services.store.tables import Base, InboxRow, Moment, OutboxRow


class Lane(NamedTuple):
    """What must be done one after the other."""

    tenant: str
    name: str


class Answering(NamedTuple):
    """An answer, by the event that it answers."""

    lane: Lane
    sequence: int


class PreviewRow(Base):
    """Where the beginnings of an answer are seen. None of its words stand here."""

    __tablename__ = "previews"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The event that is answered."""
    channel: Mapped[ChannelName] = mapped_column(String)
    place: Mapped[str | None]
    account: Mapped[str | None]
    shown: Mapped[str]
    """In its channel's word, where it stands."""
    at: Mapped[datetime] = mapped_column(Moment)


class Left(NamedTuple):
    """A preview that nobody will go on with. If it is `answered`, the answer stands in its place already."""

    answering: Answering
    channel: ChannelName
    shown: str
    answered: bool


def _now() -> datetime:
    return datetime.now(UTC)


class Previews:
    """Previews in a database."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = _now) -> None:
        self.engine = engine
        self._clock = clock
        self._place = place(engine)
        self._known: set[Answering] | None = None

    @property
    def _previews(self) -> set[Answering]:
        """What is previewed. What a life before this one left is read once."""
        if self._known is None:
            wanted = select(PreviewRow.tenant, PreviewRow.lane, PreviewRow.sequence)
            with told(self._place), self.engine.connect() as connection:
                rows = connection.execute(wanted).all()
            self._known = {Answering(Lane(tenant, lane), sequence) for tenant, lane, sequence in rows}
        return self._known

    @property
    def previewed(self) -> bool:
        """Whether there are previews at all."""
        return bool(self._previews)

    def note_preview(self, answering: Answering, parcel: Parcel, shown: str) -> None:
        """Write down where the beginnings of an answer stand, in its channel's word."""
        row = PreviewRow(
            tenant=answering.lane.tenant,
            lane=answering.lane.name,
            sequence=answering.sequence,
            channel=parcel.channel,
            place=parcel.place.key if parcel.place else None,
            account=parcel.account.key if parcel.account else None,
            shown=shown,
            at=self._clock(),
        )
        self._previews.add(answering)
        with told(self._place), Session(noting(self.engine)) as session, session.begin():
            session.merge(row)

    def preview(self, answering: Answering) -> str:
        """Return where the beginnings of an answer stand; empty where nothing was shown."""
        if answering not in self._previews:
            return ""
        with told(self._place), Session(self.engine) as session:
            row = session.get(PreviewRow, (*answering.lane, answering.sequence))
            return row.shown if row else ""

    def forget_preview(self, answering: Answering) -> None:
        """Note that nothing is to be seen any more."""
        with told(self._place), noting(self.engine).begin() as connection:
            connection.execute(delete(PreviewRow).where(_named(answering)))
        self._previews.discard(answering)

    def previews_left(self) -> tuple[Left, ...]:
        """Return the previews that nobody will go on with: their event was handled, and nothing is to be sent."""
        if not self._previews:
            return ()
        with told(self._place), Session(self.engine) as session:
            rows = session.scalars(select(PreviewRow)).all()
            return tuple(left for row in rows if (left := _left(session, row)) is not None)

    def _shown_of(self, connection: Connection, row: Row[Any]) -> str:
        """Return where the beginnings of a parcel stand, within a transaction; empty where nothing was shown."""
        if Answering(Lane(row.tenant, row.lane), row.sequence) not in self._previews:
            return ""
        with Session(connection) as session:
            preview = session.get(PreviewRow, (row.tenant, row.lane, row.sequence))
            answer = _answer_to(session, preview) if preview is not None else None
            return preview.shown if preview is not None and answer is not None and answer.id == row.id else ""


def _named(answering: Answering) -> ColumnElement[bool]:
    lane, sequence = answering
    return and_(PreviewRow.tenant == lane.tenant, PreviewRow.lane == lane.name, PreviewRow.sequence == sequence)


def _left(session: Session, preview: PreviewRow) -> Left | None:
    """Return a preview as one that nobody will go on with; None if its answer may still come."""
    event = (InboxRow.tenant == preview.tenant, InboxRow.lane == preview.lane, InboxRow.sequence == preview.sequence)
    if session.scalar(select(InboxRow.state).where(*event)) == "waiting":
        return None
    answer = _answer_to(session, preview)
    if answer is not None and answer.state in ("waiting", "sending"):
        return None
    answering = Answering(Lane(preview.tenant, preview.lane), preview.sequence)
    return Left(answering, preview.channel, preview.shown, answer is not None and answer.state == "sent")


def _answer_to(session: Session, preview: PreviewRow) -> OutboxRow | None:
    """Return what a preview is the beginning of: the first answer to its event that goes to the very same place."""
    event = (
        OutboxRow.tenant == preview.tenant,
        OutboxRow.lane == preview.lane,
        OutboxRow.sequence == preview.sequence,
    )
    same = (
        OutboxRow.channel == preview.channel,
        OutboxRow.place.is_not_distinct_from(preview.place),
        OutboxRow.account.is_not_distinct_from(preview.account),
    )
    for row in session.scalars(select(OutboxRow).where(*event, *same).order_by(OutboxRow.number)):
        reply = Parcel.model_validate_json(row.parcel).reply
        if reply.kind in ("answer", "question") and not reply.unasked:
            return row
    return None
