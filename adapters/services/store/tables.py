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
    scene: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_rooms_updated", "tenant", "updated_at"),)


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
    text: Mapped[str] = mapped_column(Text)
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
    text: Mapped[str] = mapped_column(Text)
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
    evidence: Mapped[str] = mapped_column(Text)


class ChangeRow(OfRoom):
    """A line of the record's history. Nothing ever alters or removes one."""

    __tablename__ = "changes"

    who: Mapped[str] = mapped_column(String)
    side: Mapped[Side | None] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(Moment)
    what: Mapped[str] = mapped_column(String)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
