"""Who changed what, over many rooms: the lines of the records' histories, and the commands of those who lead."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Row, literal, null, or_, select, union_all

from adapters.services.store.engine import place
from adapters.services.store.errors import told
from adapters.services.store.tables import ChangeRow, MessageRow
from bot.entries import By, Change
from bot.model import RoomId
from knowledge.card import Side

_MARKS = ("/", "／", "@nakodo /")
"""What a command begins with."""


class Line(NamedTuple):
    """A line of the log: a change of a record, or the words of a command."""

    room: RoomId
    at: datetime
    who: str
    side: Side | None
    change: Change | None
    words: str


class Audit:
    """The log of one programme."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine, self._tenant = engine, tenant
        self._place = place(engine)

    def lines(
        self, rooms: Collection[RoomId], commands: Sequence[str], *, most: int, skip: int = 0
    ) -> tuple[Line, ...]:
        """Return what was done in some rooms, the latest first.

        `commands` are the names of those that count. A message that begins like one may still be none, and a change
        may be one side's own: who shows this looks at each.
        """
        row, message = ChangeRow, MessageRow
        changes = select(
            row.room, row.sequence, row.at, row.who, row.side, row.what, row.before, row.after, row.why
        ).where(row.tenant == self._tenant, row.room.in_(rooms))
        place, hand = (message.room, message.sequence, message.at), (message.sender, message.side)
        said = select(*place, *hand, null(), null(), message.text, literal("")).where(
            message.tenant == self._tenant, message.room.in_(rooms), ~message.forgotten, _begins(commands)
        )
        both = union_all(changes, said).subquery()
        order = (both.c.at.desc(), both.c.room, both.c.sequence.desc())
        with told(self._place), self._engine.connect() as connection:
            return tuple(map(_line, connection.execute(select(both).order_by(*order).offset(skip).limit(most))))


def _begins(commands: Sequence[str]) -> ColumnElement[bool]:
    starts = [f"{mark}{name}" for mark in _MARKS for name in commands]
    return or_(*(MessageRow.text.istartswith(start, autoescape=True) for start in starts))


def _line(row: Row[Any]) -> Line:
    by = By(who=row.who, side=row.side, at=row.at)
    if row.what is None:
        return Line(RoomId(row.room), by.at, by.who, by.side, None, row.after or "")
    change = Change(by=by, what=row.what, before=row.before, after=row.after, why=row.why)
    return Line(RoomId(row.room), by.at, by.who, by.side, change, "")
