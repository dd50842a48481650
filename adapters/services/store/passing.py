"""Rooms for trying things out: on a clock of their own, and forgotten whole."""

from datetime import UTC, datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from adapters.services.store import traces as kept_traces
from adapters.services.store.engine import place, writing
from adapters.services.store.errors import told
from adapters.services.store.rooms import Mark, SqlStore
from adapters.services.store.tables import ChangeRow, DeliveryRow, FindingRow, MessageRow, RoomRow
from bot.model import RoomId
from bot.scene import Scene

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class PassingStore(SqlStore):
    """Rooms on a clock of their own: nobody lets time pass in them but who keeps that clock."""

    def forget_room(self, room: RoomId) -> None:
        """Delete a room with all that was said in it."""
        with told(place(self.engine)), Session(writing(self.engine)) as session, session.begin():
            for kind in (MessageRow, DeliveryRow, FindingRow, ChangeRow):
                session.execute(delete(kind).where(*self._of(kind, room)))
            kept_traces.forget_room(session, self.tenant, room)
            session.execute(delete(RoomRow).where(*self._room(room)))

    def _advance(self, session: Session, scene: Scene, mark: Mark, rows: int) -> None:
        super()._advance(session, scene, mark, rows)
        # By the house's own clock a story of last spring would be long overdue.
        mine = update(RoomRow).where(*self._room(scene.room.id))
        session.execute(mine.values(due_at=NEVER, updated_at=datetime.now(UTC)))
