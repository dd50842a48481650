"""Who did what, over many rooms: the histories of the records, commands, codes, arrivals, and sign-ins."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Row, and_, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from adapters.services.store.engine import place
from adapters.services.store.errors import told
from adapters.services.store.tables import AccountRow, ChangeRow, CodeRow, InboxRow, MemberRow, MessageRow
from bot.entries import By, Change
from bot.model import RoomId
from knowledge.card import Side

SIGN_IN = "sign-in:"
"""What the name of an event begins with that says that somebody came in by a browser."""
_MARKS = ("/", "／", "@nakodo /")
"""What a command begins with."""
_FIRST = tuple({mark[0] for mark in _MARKS})


class Line(NamedTuple):
    """A line of the log: a change of a record, or the words of a command."""

    room: RoomId
    at: datetime
    who: str
    side: Side | None
    change: Change | None
    words: str
    private: bool = False
    """Whether the command was given in private."""


class Given(NamedTuple):
    """A code by which people of a side come in, given out by somebody. `left` is how often it may still be used."""

    room: RoomId
    at: datetime
    who: str
    side: Side | None
    left: int


class Came(NamedTuple):
    """Somebody who came to a partnership by a code or a form. `by` is who let them in; empty is themselves."""

    room: RoomId
    at: datetime
    who: str
    by: str


class SignedIn(NamedTuple):
    """Somebody who came in by a browser."""

    at: datetime
    who: str


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
            row.room, row.sequence, row.at, row.who, row.side, row.what, row.before, row.after, row.why,
            literal(False).label("private"),
        ).where(row.tenant == self._tenant, row.room.in_(rooms))  # fmt: skip
        where, hand = (message.room, message.sequence, message.at), (message.sender, message.side)
        said = select(*where, *hand, null(), null(), message.text, literal(""), message.private).where(
            message.tenant == self._tenant, message.room.in_(rooms), ~message.forgotten, _begins(commands)
        )
        both = union_all(changes, said).subquery()
        order = (both.c.at.desc(), both.c.room, both.c.sequence.desc())
        with told(self._place), self._engine.connect() as connection:
            return tuple(map(_line, connection.execute(select(both).order_by(*order).offset(skip).limit(most))))

    def codes(self, rooms: Collection[RoomId], lasts: timedelta) -> tuple[Given, ...]:
        """Return the codes by which people come into some rooms, the latest first. `lasts` is how long one holds."""
        seat = and_(
            MemberRow.tenant == CodeRow.tenant, MemberRow.room == CodeRow.room, MemberRow.person == CodeRow.person
        )
        wanted = (
            select(CodeRow.room, CodeRow.until, MemberRow.name, CodeRow.side, CodeRow.uses)
            .outerjoin(MemberRow, seat)
            .where(CodeRow.tenant == self._tenant, CodeRow.purpose == "join", CodeRow.room.in_(rooms))
            .order_by(CodeRow.until.desc(), CodeRow.room)
        )
        with told(self._place), self._engine.connect() as connection:
            return tuple(
                Given(RoomId(room), until - lasts, name or "?", side, left)
                for room, until, name, side, left in connection.execute(wanted)
                if room is not None
            )

    def arrivals(self, rooms: Collection[RoomId], *, most: int) -> tuple[Came, ...]:
        """Return who came to some rooms by a code or a form, the latest first."""
        row, host = MemberRow, aliased(MemberRow)
        its = and_(host.tenant == row.tenant, host.room == row.room, host.person == row.let_in_by)
        wanted = (
            select(row.room, row.came_at, row.name, host.name.label("by"), row.let_in_by == row.person)
            .outerjoin(host, its)
            .where(row.tenant == self._tenant, row.room.in_(rooms), row.came_at.is_not(None))
            .order_by(row.came_at.desc(), row.room, row.name)
            .limit(most)
        )
        with told(self._place), self._engine.connect() as connection:
            return tuple(
                Came(RoomId(room), at, name, "" if themselves else by or "?")
                for room, at, name, by, themselves in connection.execute(wanted)
                if at is not None
            )

    def sign_ins(self, person: str | None, *, most: int) -> tuple[SignedIn, ...]:
        """Return who came in by a browser, the latest first; with a person, when that one did."""
        account = and_(AccountRow.tenant == InboxRow.tenant, AccountRow.key == InboxRow.account)
        wanted = (
            select(InboxRow.received_at, AccountRow.name)
            .join(AccountRow, account)
            .where(InboxRow.tenant == self._tenant, InboxRow.channel == "web", InboxRow.event.startswith(SIGN_IN))
            .order_by(InboxRow.received_at.desc(), InboxRow.event)
            .limit(most)
        )
        if person is not None:
            wanted = wanted.where(AccountRow.person == person)
        with told(self._place), self._engine.connect() as connection:
            return tuple(SignedIn(at, name) for at, name in connection.execute(wanted))


def _begins(commands: Sequence[str]) -> ColumnElement[bool]:
    starts = [f"{mark}{name}" for mark in _MARKS for name in commands]
    # Of a long talk nearly every message is talk, which the first character tells.
    return and_(
        func.substr(MessageRow.text, 1, 1).in_(_FIRST),
        or_(*(MessageRow.text.istartswith(start, autoescape=True) for start in starts)),
    )


def _line(row: Row[Any]) -> Line:
    by = By(who=row.who, side=row.side, at=row.at)
    if row.what is None:
        return Line(RoomId(row.room), by.at, by.who, by.side, None, row.after or "", bool(row.private))
    change = Change(by=by, what=row.what, before=row.before, after=row.after, why=row.why)
    return Line(RoomId(row.room), by.at, by.who, by.side, change, "")
