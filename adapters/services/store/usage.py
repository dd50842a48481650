"""What became of the cards: where they were cited, and what people thought of the answers that rest on them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, String, and_, case, cast, func, or_, select

from adapters.services.store.engine import place
from adapters.services.store.errors import told
from adapters.services.store.tables import DeliveryRow, FeedbackRow, OutboxRow
from bot.model import RoomId

_OPENLY = ("room", "facilitator")


class Cited(NamedTuple):
    """How often a room was told something that rests on a card; or, where not `openly`, somebody there alone."""

    room: RoomId
    openly: bool
    times: int
    last: datetime


class Thumbs(NamedTuple):
    """How many found answers useful, and how many did not."""

    up: int
    down: int


class Marked(NamedTuple):
    """What somebody thought of an answer. `alone` is whether it was said to them in private."""

    room: RoomId
    alone: bool
    kind: str
    cards: tuple[str, ...]
    useful: bool
    at: datetime


class Usage:
    """What one programme made of the cards."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine, self._tenant = engine, tenant
        self._place = place(engine)

    def cited(self, card: str) -> tuple[Cited, ...]:
        """Return where a card was cited, the latest first. A draft on the desk counts once it went out."""
        openly = case((DeliveryRow.to.in_(_OPENLY), 1), else_=0)
        last = func.max(DeliveryRow.at)
        mine = (
            DeliveryRow.tenant == self._tenant,
            DeliveryRow.kind != "draft",
            cast(DeliveryRow.citations, String).contains(f'"card": "{card}"', autoescape=True),
        )
        wanted = select(DeliveryRow.room, openly, func.count(), last).where(*mine)
        with told(self._place), self._engine.connect() as connection:
            rows = connection.execute(wanted.group_by(DeliveryRow.room, openly).order_by(last.desc())).all()
        return tuple(Cited(RoomId(room), bool(seen), times, at) for room, seen, times, at in rows)

    def thumbs(self, card: str, rooms: Collection[RoomId] | None = None) -> Thumbs:
        """Return what was thought of answers that rest on a card: of all, or of those said openly in some rooms."""
        up = func.coalesce(func.sum(case((FeedbackRow.useful, 1), else_=0)), 0)
        wanted = select(up, func.count()).where(
            FeedbackRow.tenant == self._tenant,
            cast(FeedbackRow.cards, String).contains(f'"{card}"', autoescape=True),
        )
        if rooms is not None:
            wanted = wanted.outerjoin(OutboxRow, _POSTED).where(~_ALONE, FeedbackRow.room.in_(rooms))
        with told(self._place), self._engine.connect() as connection:
            good, many = connection.execute(wanted).one()
        return Thumbs(good, many - good)

    def marked(
        self, most: int, skip: int = 0, rooms: Collection[RoomId] | None = None, useful: bool | None = None
    ) -> tuple[Marked, ...]:
        """Return what people thought of answers, the latest first: of all, or of those said openly in some rooms."""
        wanted = (
            select(FeedbackRow, _ALONE)
            .outerjoin(OutboxRow, _POSTED)
            .where(FeedbackRow.tenant == self._tenant)
            .order_by(FeedbackRow.at.desc(), FeedbackRow.parcel, FeedbackRow.account)
        )
        if rooms is not None:
            wanted = wanted.where(~_ALONE, FeedbackRow.room.in_(rooms))
        if useful is not None:
            wanted = wanted.where(FeedbackRow.useful.is_(useful))
        with told(self._place), self._engine.connect() as connection:
            rows = connection.execute(wanted.offset(skip).limit(most)).all()
        return tuple(
            Marked(RoomId(row.room), bool(row[-1]), row.kind, tuple(row.cards), row.useful, row.at) for row in rows
        )


_POSTED: ColumnElement[bool] = and_(OutboxRow.tenant == FeedbackRow.tenant, OutboxRow.id == FeedbackRow.parcel)
_ALONE: ColumnElement[bool] = or_(OutboxRow.id.is_(None), OutboxRow.place.is_(None), OutboxRow.account.is_not(None))
"""Whether an answer was for one person; of one that is not known any more, that is assumed."""
