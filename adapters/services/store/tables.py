"""What stands where. Every row begins with its tenant, and every number comes from one counter per room."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Double, ForeignKeyConstraint, Index, String, Text, TypeDecorator
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from bot.model import DeliveryKind, Mode, Nda, Signal
from knowledge.card import Side, Stage


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC: SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; one that names no zone is taken to be in UTC."""
        if value is None or value.tzinfo is None:
            return value and value.replace(tzinfo=UTC)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Written(TypeDecorator[str]):
    """What somebody wrote. PostgreSQL takes no null character, and nobody means one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text without null characters."""
        return value and value.replace("\0", "")


class Base(DeclarativeBase):
    """All tables."""


class RoomRow(Base):
    """A room. `scene` is the whole of it as JSON; the other columns are for lists."""

    __tablename__ = "rooms"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    version: Mapped[int]
    """Grows with every scene; who writes names the version they read."""
    sequence: Mapped[int]
    """The last number given to a row of this room."""
    stage: Mapped[Stage] = mapped_column(String)
    nda: Mapped[Nda] = mapped_column(String)
    mode: Mapped[Mode] = mapped_column(String)
    takeover: Mapped[str | None] = mapped_column(String)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """When somebody should look at the room again, though nobody speaks."""
    scene: Mapped[str] = mapped_column(Written)
    brief: Mapped[str | None] = mapped_column(Written)
    """What lists need of the scene, as JSON; none where the room was last written before there were briefs."""

    __table_args__ = (Index("ix_rooms_updated", "tenant", "updated_at"), Index("ix_rooms_due", "due_at"))


class OfRoom(Base):
    """A row of a room, numbered."""

    __abstract__ = True

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    room: Mapped[str] = mapped_column(String, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Tie the row to its room."""
        return (ForeignKeyConstraint(["tenant", "room"], ["rooms.tenant", "rooms.id"]),)


class MessageRow(OfRoom):
    """What a person wrote. A forgotten one has no text any more."""

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(String)
    sender: Mapped[str] = mapped_column(String)
    side: Mapped[Side | None] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str] = mapped_column(Written)
    private: Mapped[bool]
    forgotten: Mapped[bool] = mapped_column(default=False)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Tie the message to its room, where its id stands once."""
        return (*super().__table_args__, Unique("tenant", "room", "id", name="uq_messages_id"))


class DeliveryRow(OfRoom):
    """What Nakodo said, and to whom."""

    __tablename__ = "deliveries"

    to: Mapped[str] = mapped_column(String)
    kind: Mapped[DeliveryKind] = mapped_column(String)
    text: Mapped[str] = mapped_column(Written)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    choices: Mapped[list[str]] = mapped_column(JSON)
    signal: Mapped[Signal | None] = mapped_column(String)
    label: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    draft: Mapped[str | None] = mapped_column(String)
    in_reply_to: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)


class FindingRow(OfRoom):
    """What the watch noticed."""

    __tablename__ = "findings"

    signal: Mapped[Signal] = mapped_column(String)
    message: Mapped[str] = mapped_column(String)
    who: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)
    score: Mapped[float] = mapped_column(Double)
    evidence: Mapped[str] = mapped_column(Written)
    reason: Mapped[str] = mapped_column(Written, server_default="")


class ChangeRow(OfRoom):
    """A line of the record's history. Nothing ever alters or removes one."""

    __tablename__ = "changes"

    who: Mapped[str] = mapped_column(String)
    side: Mapped[Side | None] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)
    what: Mapped[str] = mapped_column(String)
    before: Mapped[str | None] = mapped_column(Written)
    after: Mapped[str | None] = mapped_column(Written)
    why: Mapped[str] = mapped_column(Written)


class LaneRow(Base):
    """A lane: what must be done one after the other. Mostly a room."""

    __tablename__ = "lanes"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    lane: Mapped[str] = mapped_column(String, primary_key=True)
    last: Mapped[int]
    """The last number given in this lane."""


class InboxRow(Base):
    """An event that came in. What it said is wiped once it was handled; that it came is remembered."""

    __tablename__ = "inbox"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    channel: Mapped[str] = mapped_column(String, primary_key=True)
    event: Mapped[str] = mapped_column(String, primary_key=True)
    lane: Mapped[str] = mapped_column(String)
    sequence: Mapped[int]
    account: Mapped[str] = mapped_column(String)
    place: Mapped[str] = mapped_column(String)
    message: Mapped[str] = mapped_column(String)
    """The platform's name of the message."""
    room: Mapped[str | None] = mapped_column(String)
    stored: Mapped[str | None] = mapped_column(String)
    """The id of the room's message that it became, or became part of."""
    payload: Mapped[str] = mapped_column(Written)
    state: Mapped[str] = mapped_column(String)
    """`waiting`, `handled`, `ignored`, or `aside` after too many tries."""
    tries: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Unique("tenant", "lane", "sequence", name="uq_inbox_sequence"),
        Index("ix_inbox_state", "state", "tenant", "lane"),
        Index("ix_inbox_message", "tenant", "place", "message"),
        Index("ix_inbox_account", "tenant", "account", "received_at"),
    )


class OutboxRow(Base):
    """A reply on its way. Its words are wiped once it was delivered; its buttons are remembered."""

    __tablename__ = "outbox"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    lane: Mapped[str] = mapped_column(String)
    sequence: Mapped[int]
    number: Mapped[int]
    """Its place among what was said at once."""
    room: Mapped[str] = mapped_column(String)
    channel: Mapped[str] = mapped_column(String)
    account: Mapped[str | None] = mapped_column(String)
    place: Mapped[str | None] = mapped_column(String)
    thread: Mapped[str | None] = mapped_column(String)
    """The message it answers, or the thread it went into."""
    parcel: Mapped[str] = mapped_column(Written)
    state: Mapped[str] = mapped_column(String)
    """`waiting`, `sending`, `sent`, `refused`, `withdrawn`, or `parked` until the person begins the talk."""
    driven: Mapped[bool]
    """Whether a human drove when it was thought."""
    tries: Mapped[int]
    again: Mapped[bool]
    """Whether it may have been delivered twice."""
    receipt: Mapped[str | None] = mapped_column(String)
    """The platform's name of what was posted."""
    reason: Mapped[str | None] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("ix_outbox_lane", "tenant", "lane", "state"),
        Index("ix_outbox_state", "state"),
        Index("ix_outbox_receipt", "tenant", "receipt"),
        Index("ix_outbox_thread", "place", "thread"),
    )


class AccountRow(Base):
    """Somebody on a platform. Accounts of one person share `person`."""

    __tablename__ = "accounts"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String, primary_key=True)
    person: Mapped[str] = mapped_column(String)
    name: Mapped[str] = mapped_column(String)
    locale: Mapped[str | None] = mapped_column(String)
    outsider: Mapped[bool]
    room: Mapped[str | None] = mapped_column(String)
    """The partnership that they last spoke of in private."""
    begun: Mapped[str] = mapped_column(String)
    """A command that they began by a button and have yet to finish in words."""
    seen_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (Index("ix_accounts_key", "key"), Index("ix_accounts_person", "tenant", "person"))


class MemberRow(Base):
    """A person in a room, by the name that they have there."""

    __tablename__ = "members"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    room: Mapped[str] = mapped_column(String, primary_key=True)
    person: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str] = mapped_column(String)
    seated: Mapped[bool]
    """Whether they belong to the partnership; a passer-by has a name only."""
    came_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they came by a code or a form; of who took a seat by a command, the command tells."""
    let_in_by: Mapped[str | None] = mapped_column(String)
    """The person who gave out the code, or filled in the form."""

    __table_args__ = (
        Unique("tenant", "room", "name", name="uq_members_name"),
        Index("ix_members_person", "tenant", "person"),
    )


class PlaceRow(Base):
    """A conversation of a platform in which a room talks."""

    __tablename__ = "places"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String, primary_key=True)
    room: Mapped[str] = mapped_column(String)
    open: Mapped[bool]
    """Whether the bot is still in it."""
    since: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (Index("ix_places_key", "key"), Index("ix_places_room", "tenant", "room"))


class CodeRow(Base):
    """A code that somebody may use once. Only its digest is kept."""

    __tablename__ = "codes"

    digest: Mapped[str] = mapped_column(String, primary_key=True)
    tenant: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    """`join` a room, or `link` two accounts of one person."""
    room: Mapped[str | None] = mapped_column(String)
    side: Mapped[Side | None] = mapped_column(String)
    person: Mapped[str] = mapped_column(String)
    """Who gave it out."""
    until: Mapped[datetime] = mapped_column(Moment)
    uses: Mapped[int]
    """How often it may still be used."""


class FeedbackRow(Base):
    """What somebody thought of an answer, with the sources that it had."""

    __tablename__ = "feedback"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    parcel: Mapped[str] = mapped_column(String, primary_key=True)
    account: Mapped[str] = mapped_column(String, primary_key=True)
    room: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)
    cards: Mapped[list[str]] = mapped_column(JSON)
    useful: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)


class SignRow(Base):
    """Signs of life, each by its name."""

    __tablename__ = "signs"

    name: Mapped[str] = mapped_column(String, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
