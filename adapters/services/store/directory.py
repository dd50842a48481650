"""Who is who, and where: accounts, persons, seats' names, conversations of rooms, and codes that are used once."""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Engine, Row, Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from adapters.post import Account, Parcel, Place
from adapters.services.store.engine import noting, one_at_a_time, place, writing
from adapters.services.store.errors import told
from adapters.services.store.looking import reading
from adapters.services.store.tables import AccountRow, CodeRow, MemberRow, OutboxRow, PlaceRow
from bot.model import RoomId
from knowledge.card import Locale, Side

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""What nobody mistakes for another."""
CODE_LENGTH = 8
JUST_NOW = timedelta(seconds=30)
"""Who was met within this, and by no other account since, is not noted again."""
Purpose = Literal["join", "link", "sign_in"]


class Known(NamedTuple):
    """An account that was met before."""

    account: Account
    person: str
    room: RoomId | None
    """The partnership that they last spoke of in private."""
    begun: str
    """A command begun by a button that waits for its words."""


class Code(NamedTuple):
    """What a code stands for."""

    tenant: str
    purpose: Purpose
    room: RoomId | None
    side: Side | None
    person: str


def _now() -> datetime:
    return datetime.now(UTC)


# Questions that every message asks.
_TENANT_OF_PLACE = select(PlaceRow.tenant).where(PlaceRow.key == bindparam("key")).limit(1)
_TENANT_OF_ACCOUNT = (
    select(AccountRow.tenant).where(AccountRow.key == bindparam("key")).order_by(AccountRow.seen_at.desc()).limit(1)
)
_ACCOUNT = select(AccountRow.__table__).where(
    AccountRow.tenant == bindparam("tenant"), AccountRow.key == bindparam("key")
)
_SEEN_LAST = (
    select(AccountRow.tenant, AccountRow.key)
    .where(
        or_(
            AccountRow.key == bindparam("key"),
            and_(AccountRow.tenant == bindparam("tenant"), AccountRow.person == bindparam("person")),
        )
    )
    .order_by(AccountRow.seen_at.desc(), AccountRow.key)
    .limit(1)
)
_ROOM_AT = select(PlaceRow.room).where(PlaceRow.tenant == bindparam("tenant"), PlaceRow.key == bindparam("key"))
_MINE = (MemberRow.tenant == bindparam("tenant"), MemberRow.person == bindparam("person"))
_ROOMS_OF = select(MemberRow.room).where(*_MINE, MemberRow.seated).order_by(MemberRow.room)
_NAME_IN = select(MemberRow.name).where(*_MINE, MemberRow.room == bindparam("room"))


class Directory:
    """The directory of all programmes, in a database."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = _now) -> None:
        self.engine = engine
        self._clock = clock
        self._place = place(engine)

    def tenant_of(self, place_key: str, account_key: str, default: str) -> str:
        """Return the programme that a conversation belongs to, else that of the account, else `default`."""
        with told(self._place), reading(self.engine) as connection:
            found = connection.execute(_TENANT_OF_PLACE, {"key": place_key}).scalar()
            found = found or connection.execute(_TENANT_OF_ACCOUNT, {"key": account_key}).scalar()
        return found or default

    # Accounts and persons

    def known(self, tenant: str, key: str) -> Known | None:
        """Return an account that was met before."""
        with told(self._place), reading(self.engine) as connection:
            row = connection.execute(_ACCOUNT, {"tenant": tenant, "key": key}).first()
        return _known(row) if row else None

    def meet(self, tenant: str, account: Account) -> Known:
        """Return an account, noted for the first time or brought up to date."""
        with told(self._place), reading(self.engine) as connection:
            met = connection.execute(_ACCOUNT, {"tenant": tenant, "key": account.key}).first()
            if met is not None and self._just_met(met, account):
                last = connection.execute(_SEEN_LAST, {"tenant": tenant, "key": account.key, "person": met.person})
                if last.first() == (tenant, account.key):
                    return _known(met)
        with told(self._place), Session(noting(self.engine)) as session, session.begin():
            one_at_a_time(session, tenant, account.key)
            row = session.get(AccountRow, (tenant, account.key))
            if row is None:
                row = AccountRow(
                    tenant=tenant, key=account.key, person=secrets.token_hex(8), name="", room=None, begun=""
                )
                session.add(row)
            row.name = account.name or row.name
            row.locale = account.locale or row.locale
            row.outsider = account.outsider
            row.seen_at = self._clock()
            session.flush()
            return _known(row)

    def _just_met(self, row: Row[Any], account: Account) -> bool:
        """Whether an account was met just now, and is as it was."""
        same = row.name == (account.name or row.name) and row.locale == (account.locale or row.locale)
        return bool(same and row.outsider == account.outsider and self._clock() - row.seen_at < JUST_NOW)

    def speaks_of(self, tenant: str, key: str, room: RoomId | None) -> None:
        """Note which partnership somebody speaks of in private."""
        self._set(tenant, key, room=room)

    def begins(self, tenant: str, key: str, command: str) -> None:
        """Note a command that somebody began by a button; an empty one is finished."""
        self._set(tenant, key, begun=command)

    def accounts_of(self, tenant: str, room: RoomId, name: str) -> tuple[Account, ...]:
        """Return the accounts of the person who has this name in a room, the last used first."""
        wanted = (
            select(AccountRow)
            .join(MemberRow, (MemberRow.tenant == AccountRow.tenant) & (MemberRow.person == AccountRow.person))
            .where(MemberRow.tenant == tenant, MemberRow.room == room, MemberRow.name == name)
            .order_by(AccountRow.seen_at.desc(), AccountRow.key)
        )
        with told(self._place), Session(self.engine) as session:
            return tuple(_known(row).account for row in session.scalars(wanted))

    def accounts_on(self, tenant: str, person: str) -> tuple[str, ...]:
        """Return the keys of a person's accounts."""
        wanted = select(AccountRow.key).where(AccountRow.tenant == tenant, AccountRow.person == person)
        with told(self._place), reading(self.engine) as connection:
            return tuple(connection.scalars(wanted.order_by(AccountRow.key)))

    def merge(self, tenant: str, kept: str, merged: str) -> bool:
        """Make two persons one, or return False if they sit in one room under two names."""
        if kept == merged:
            return True
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            mine = {row.room: row for row in session.scalars(_seats(tenant, kept))}
            theirs = session.scalars(_seats(tenant, merged)).all()
            both = [(mine[row.room], row) for row in theirs if row.room in mine]
            if any(one.seated and other.seated for one, other in both):
                return False
            for one, other in both:  # Who only passed by has no seat to lose.
                session.delete(one if other.seated else other)
            session.flush()
            for table in (AccountRow, MemberRow, CodeRow):
                moved = update(table).where(table.tenant == tenant, table.person == merged)
                session.execute(moved.values(person=kept))
            let_in = update(MemberRow).where(MemberRow.tenant == tenant, MemberRow.let_in_by == merged)
            session.execute(let_in.values(let_in_by=kept))
        return True

    # Rooms

    def seat(
        self, tenant: str, room: RoomId, person: str, name: str, *, member: bool = False, taken: Collection[str] = (),
        let_in_by: str | None = None,
    ) -> str:  # fmt: skip
        """Return the name of a person in a room: the one they have, else theirs, made unlike those of the others.

        `taken` are names that stand for somebody already, though no account of theirs is known.

        With `member` they belong to the partnership from now on; `let_in_by` is who let them in, and then it is noted
        when. A passer-by gets a name as well, lest they be taken for a member who is called the same.
        """
        if not member:  # Mostly they have a name already, and then nothing need be written.
            has = self.name_in(tenant, room, person)
            if has is not None:
                return has
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            one_at_a_time(session, tenant, room)
            row = session.get(MemberRow, (tenant, room, person))
            came_at = self._clock() if member and let_in_by else None
            if row is not None:
                if not row.seated:
                    row.came_at, row.let_in_by = came_at, let_in_by
                row.seated = row.seated or member
                return row.name
            wanted = select(MemberRow.name).where(MemberRow.tenant == tenant, MemberRow.room == room)
            others = {*session.scalars(wanted), *taken, "room", "facilitator"}
            plain = " ".join(name.split()) or "?"
            free = next(one for one in (plain, *(f"{plain} {n}" for n in range(2, 1_000))) if one not in others)
            session.add(
                MemberRow(
                    tenant=tenant, room=room, person=person, name=free, seated=member,
                    came_at=came_at, let_in_by=let_in_by,
                )
            )  # fmt: skip
            return free

    def seated(self, tenant: str, room: RoomId, names: Collection[str]) -> Callable[[Session], None]:
        """Return what notes, within a transaction, that people belong to a partnership from now on."""

        def write(session: Session) -> None:
            theirs = (MemberRow.tenant == tenant, MemberRow.room == room, MemberRow.name.in_(names))
            if names:
                session.execute(update(MemberRow).where(*theirs).values(seated=True))

        return write

    def unseated(self, tenant: str, room: RoomId, names: Collection[str]) -> Callable[[Session], None]:
        """Return what notes, within a transaction, that people belong to a partnership no more.

        Codes end, for an old one might be theirs, and so does what waits for them; this turn's words come later.
        """

        def write(session: Session) -> None:
            theirs = (MemberRow.tenant == tenant, MemberRow.room == room, MemberRow.name.in_(names))
            mine = (AccountRow.tenant == tenant, AccountRow.person.in_(select(MemberRow.person).where(*theirs)))
            codes = (CodeRow.tenant == tenant, CodeRow.room == room, CodeRow.purpose == "join")
            waits = (OutboxRow.tenant == tenant, OutboxRow.room == room, OutboxRow.state.in_(("waiting", "parked")))
            session.execute(update(MemberRow).where(*theirs).values(seated=False))
            session.execute(update(AccountRow).where(*mine, AccountRow.room == room).values(room=None))
            session.execute(update(CodeRow).where(*codes).values(uses=0))  # Who is in may still click theirs.
            to_them = OutboxRow.account.in_(select(AccountRow.key).where(*mine))
            for row in session.scalars(select(OutboxRow).where(*waits, to_them)):
                parcel = Parcel.model_validate_json(row.parcel)
                wordless = parcel.model_copy(update={"reply": parcel.reply.model_copy(update={"text": ""})})
                row.state, row.reason, row.parcel = "withdrawn", "no seat", wordless.model_dump_json()

        return write if names else lambda _: None

    def name_in(self, tenant: str, room: RoomId, person: str) -> str | None:
        """Return the name of a person in a room, or None if they have no seat."""
        with told(self._place), reading(self.engine) as connection:
            return connection.execute(_NAME_IN, {"tenant": tenant, "room": room, "person": person}).scalar()

    def rooms_of(self, tenant: str, person: str) -> tuple[RoomId, ...]:
        """Return the rooms in which a person has a seat."""
        with told(self._place), reading(self.engine) as connection:
            return tuple(map(RoomId, connection.scalars(_ROOMS_OF, {"tenant": tenant, "person": person})))

    def bind(self, tenant: str, where: Place, room: RoomId) -> None:
        """Note that a room talks in a conversation."""
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            one_at_a_time(session, tenant, where.key)
            row = session.get(PlaceRow, (tenant, where.key))
            since = row.since if row is not None and row.room == room else self._clock()
            session.merge(PlaceRow(tenant=tenant, key=where.key, room=room, open=True, since=since))

    def room_at(self, tenant: str, place_key: str) -> RoomId | None:
        """Return the room that talks in a conversation."""
        with told(self._place), reading(self.engine) as connection:
            found = connection.execute(_ROOM_AT, {"tenant": tenant, "key": place_key}).scalar()
        return RoomId(found) if found else None

    def places_of(self, tenant: str, room: RoomId) -> tuple[Place, ...]:
        """Return the conversations in which a room talks and the bot still is, the oldest first."""
        mine = (PlaceRow.tenant == tenant, PlaceRow.room == room, PlaceRow.open)
        wanted = select(PlaceRow.key).where(*mine).order_by(PlaceRow.since, PlaceRow.key)
        with told(self._place), reading(self.engine) as connection:
            return tuple(Place(key=key) for key in connection.scalars(wanted))

    def opened(self, tenant: str, place_key: str, *, still: bool) -> None:
        """Note whether the bot is in a conversation."""
        mine = (PlaceRow.tenant == tenant, PlaceRow.key == place_key)
        with told(self._place), writing(self.engine).begin() as connection:
            connection.execute(update(PlaceRow).where(*mine).values(open=still))

    def move(self, tenant: str, old: str, new: str) -> None:
        """Note that a conversation goes on under another address."""
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            row = session.get(PlaceRow, (tenant, old))
            if row is not None:
                session.merge(PlaceRow(tenant=tenant, key=new, room=row.room, open=True, since=row.since))
                session.delete(row)

    # Codes

    def issue(
        self, tenant: str, purpose: Purpose, person: str, *, room: RoomId | None = None, side: Side | None = None,
        lasts: timedelta, uses: int = 1,
    ) -> str:  # fmt: skip
        """Return a new code. What is kept of it cannot be turned back into it."""
        code = "word"
        while not any(letter.isdigit() for letter in code):  # So that no word of a language is taken for one.
            code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        row = CodeRow(
            digest=_digest(code), tenant=tenant, purpose=purpose, room=room, side=side, person=person,
            until=self._clock() + lasts, uses=uses,
        )  # fmt: skip
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            session.add(row)
        return code

    def redeem(self, code: str, purpose: Purpose, *, look: bool = False) -> Code | None:
        """Return what a code stands for and use it up; None if it is unknown, too old, or used.

        With `look` nothing is used up, and a used one is shown too.
        """
        plain = "".join(letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isalnum())
        with told(self._place), Session(writing(self.engine)) as session, session.begin():
            row = session.get(CodeRow, _digest(plain), with_for_update=True)
            if row is None or row.purpose != purpose or row.until < self._clock() or (row.uses < 1 and not look):
                return None
            row.uses -= 0 if look else 1
            return Code(row.tenant, purpose, RoomId(row.room) if row.room else None, row.side, row.person)

    def _set(self, tenant: str, key: str, **values: str | None) -> None:
        mine = (AccountRow.tenant == tenant, AccountRow.key == key)
        with told(self._place), noting(self.engine).begin() as connection:
            connection.execute(update(AccountRow).where(*mine).values(values))


def _seats(tenant: str, person: str) -> Select[MemberRow]:
    mine = (MemberRow.tenant == tenant, MemberRow.person == person)
    return select(MemberRow).where(*mine).order_by(MemberRow.room)


def _digest(code: str) -> str:
    return hashlib.sha256(f"nakodo:{code}".encode()).hexdigest()


def _known(row: AccountRow | Row[Any]) -> Known:
    locale: Locale | None = row.locale if row.locale in get_args(Locale) else None  # type: ignore[assignment]
    account = Account(key=row.key, name=row.name, locale=locale, outsider=row.outsider)
    return Known(account, row.person, RoomId(row.room) if row.room else None, row.begun)
