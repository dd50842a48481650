"""Many rooms at once, each in one query. What a list shows is kept beside the scene: a whole one is slow to read."""

from collections.abc import Collection
from typing import NamedTuple
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from adapters.services.store.engine import place
from adapters.services.store.errors import StoreError, told
from adapters.services.store.tables import MemberRow, MessageRow, RoomRow
from bot.attention import brief
from bot.model import Message, MessageId, Person, RoomId
from bot.scene import Scene


class _Brief(NamedTuple):
    mark: tuple[object, ...]
    """Which scene of the room it is."""
    scene: Scene


_KEPT: WeakKeyDictionary[Engine, dict[str, dict[str, _Brief]]] = WeakKeyDictionary()
"""The briefs that were read last, by programme and room: between two looks at a list, few rooms have changed."""


class Lists:
    """Lists of one programme's rooms."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._engine, self._tenant = engine, tenant
        self._place = place(engine)

    def briefs(self) -> dict[RoomId, Scene]:
        """Return every room's scene as `bot.attention.brief` leaves it."""
        mine = RoomRow.tenant == self._tenant
        # Where a room has no brief yet, its whole scene is fetched.
        text = func.coalesce(RoomRow.brief, RoomRow.scene)
        standing = select(RoomRow.id, RoomRow.version, RoomRow.updated_at).where(mine).order_by(RoomRow.id)
        kept = _KEPT.setdefault(self._engine, {}).get(self._tenant, {})
        with told(self._place), self._engine.begin() as connection:
            rows = connection.execute(standing).all()
            late = [room for room, *mark in rows if room not in kept or kept[room].mark != tuple(mark)]
            wanted = select(RoomRow.id, text, RoomRow.brief.is_(None)).where(mine, RoomRow.id.in_(late))
            texts = {room: (read, whole) for room, read, whole in connection.execute(wanted)} if late else {}
        found = {
            room: _Brief(tuple(mark), self._read(room, *texts[room])) if room in texts else kept[room]
            for room, *mark in rows
            if room in texts or room in kept
        }
        _KEPT[self._engine][self._tenant] = found
        return {RoomId(room): one.scene for room, one in found.items()}

    def seats(self, person: str) -> dict[RoomId, str]:
        """Return the rooms in which a person has a seat, with their name there."""
        mine = (MemberRow.tenant == self._tenant, MemberRow.person == person, MemberRow.seated)
        with told(self._place), self._engine.connect() as connection:
            rows = connection.execute(select(MemberRow.room, MemberRow.name).where(*mine)).all()
        return {RoomId(room): name for room, name in rows}

    def said_openly(self, wanted: Collection[tuple[RoomId, MessageId]]) -> dict[tuple[RoomId, MessageId], Message]:
        """Return these messages, by room and id: those that were said to the room. What was private is left out."""
        rooms, ids = {room for room, _ in wanted}, {message for _, message in wanted}
        theirs = select(MessageRow).where(
            MessageRow.tenant == self._tenant,
            MessageRow.room.in_(rooms),
            MessageRow.id.in_(ids),
            MessageRow.private.is_(False),
            MessageRow.forgotten.is_(False),
        )
        with told(self._place), Session(self._engine) as session:
            found = {(RoomId(row.room), MessageId(row.id)): _message(row) for row in session.scalars(theirs)}
        return {key: message for key, message in found.items() if key in wanted}

    def _read(self, room: str, text: str, whole: bool) -> Scene:
        try:
            scene = Scene.model_validate_json(text)
        except ValidationError:
            raise StoreError(
                f"room {room} cannot be read: a newer Nakodo wrote it, or it is damaged",
                where=self._place,
                remedy="Update Nakodo",
            ) from None
        return brief(scene) if whole else scene


def _message(row: MessageRow) -> Message:
    sender = Person(name=row.sender, side=row.side)
    return Message(id=MessageId(row.id), sender=sender, at=row.at, text=row.text, private=row.private)
