"""What was said openly in a room, and only what pictures and files need of it: long talks, read in a query or two."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, select

from adapters.services.store.engine import place
from adapters.services.store.errors import told
from adapters.services.store.tables import DeliveryRow, MessageRow
from bot.model import RoomId
from knowledge.card import Side


class Spoken(NamedTuple):
    """A message to the room, or a word of Nakodo's to it: then `who` is None. A forgotten one has no text."""

    sequence: int
    at: datetime
    who: str | None
    side: Side | None
    kind: str
    """`said` by a person, else the kind of Nakodo's delivery."""
    text: str
    forgotten: bool = False


class Talks:
    """The talks of one programme's rooms."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine, self._tenant = engine, tenant
        self._place = place(engine)

    def lately(self, room: RoomId, most: int) -> tuple[Spoken, ...]:
        """Return what people said last to the room and nobody took back, oldest first: at most so many messages."""
        latest = (
            select(*_MESSAGE)
            .where(*self._said(room), ~MessageRow.forgotten)
            .order_by(MessageRow.sequence.desc())
            .limit(most)
        )
        with told(self._place), self._engine.connect() as connection:
            found = [Spoken(*row[:4], "said", row.text) for row in connection.execute(latest)]
        return tuple(reversed(found))

    def whole(self, room: RoomId) -> tuple[Spoken, ...]:
        """Return all that was said to the room, by people and by Nakodo, oldest first."""
        delivery = DeliveryRow
        words = select(delivery.sequence, delivery.at, delivery.kind, delivery.text).where(
            delivery.tenant == self._tenant, delivery.room == room, delivery.to == "room"
        )
        with told(self._place), self._engine.connect() as connection:
            said = connection.execute(select(*_MESSAGE).where(*self._said(room)))
            found = [Spoken(*row[:4], "said", row.text, row.forgotten) for row in said]
            found += [Spoken(*row[:2], None, None, *row[2:]) for row in connection.execute(words)]
        return tuple(sorted(found, key=lambda one: one.sequence))

    def _said(self, room: RoomId) -> tuple[ColumnElement[bool], ...]:
        return MessageRow.tenant == self._tenant, MessageRow.room == room, ~MessageRow.private


_MESSAGE = (
    MessageRow.sequence,
    MessageRow.at,
    MessageRow.sender,
    MessageRow.side,
    MessageRow.text,
    MessageRow.forgotten,
)
