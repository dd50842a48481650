"""The store: one programme's rooms. What it writes in a turn, it writes whole or not at all."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

from pydantic import PrivateAttr, ValidationError
from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from adapters.services.store import traces as kept_traces
from adapters.services.store.engine import noting, owe_scrub, place, scrub, writing
from adapters.services.store.errors import RepeatedMessageError, StaleSceneError, StoreError, told
from adapters.services.store.looking import reading
from adapters.services.store.rows import (
    Entry,
    change_row,
    changed,
    delivered,
    delivery_row,
    finding_row,
    message_row,
    said,
)
from adapters.services.store.tables import ChangeRow, DeliveryRow, FindingRow, MessageRow, OfRoom, RoomRow
from bot.attention import brief
from bot.model import Finding, Message, MessageId, Mode, Nda, Reply, RoomId, Trace
from bot.partnership import Change
from bot.reminders import next_moment
from bot.scene import Scene
from knowledge.card import Frozen, Stage


class RoomSummary(Frozen):
    """A room in a list."""

    id: RoomId
    stage: Stage
    nda: Nda
    mode: Mode
    takeover: str | None
    updated_at: datetime


class Mark(NamedTuple):
    """Where a room stood when its scene was read."""

    version: int
    sequence: int
    changes: int
    """Lines of history already stored."""


class _Read(Scene):
    """A scene that remembers where the room stood; so do the scenes that a turn makes of it.

    If the store remembered it instead, two turns at once in one process would pass each other unseen.
    """

    _mark: Mark = PrivateAttr()

    def __eq__(self, other: object) -> bool:
        """Whether it is the same scene, wherever it was read."""
        return isinstance(other, Scene) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # A scene holds dictionaries.


def _now() -> datetime:
    return datetime.now(UTC)


_SCENE = select(RoomRow.scene, RoomRow.version, RoomRow.sequence).where(
    RoomRow.tenant == bindparam("tenant"), RoomRow.id == bindparam("room")
)


class SqlStore:
    """One programme's rooms in a database. `clock` dates what the store itself does."""

    def __init__(self, engine: Engine, tenant: str, *, clock: Callable[[], datetime] = _now) -> None:
        self.engine, self.tenant = engine, tenant
        self._clock = clock
        self._place = place(engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def load(self, room: RoomId) -> Scene | None:
        """Return a room's scene, or None if there is no such room. It is kept once; then it is loaded anew."""
        with told(self._place), reading(self.engine) as connection:
            row = connection.execute(_SCENE, {"tenant": self.tenant, "room": room}).one_or_none()
        if row is None:
            return None
        try:
            scene = _Read.model_validate_json(row.scene)
        except ValidationError:
            raise StoreError(
                f"room {room} cannot be read: a newer Nakodo wrote it, or it is damaged",
                where=self._place,
                remedy="Update Nakodo",
            ) from None
        scene._mark = Mark(row.version, row.sequence, len(scene.record.history))
        return scene

    def keep(
        self,
        scene: Scene,
        *,
        message: Message | None = None,
        replies: Sequence[Reply] = (),
        findings: Sequence[Finding] = (),
        traces: Sequence[Trace] = (),
        retracts: tuple[MessageId, str] | None = None,
        beside: Callable[[Session], None] | None = None,
    ) -> None:
        """Store a turn: the scene, its message, what is said, noticed, and done by models; all of it or nothing.

        `retracts` is a message that says something else now, or nothing; what was noticed in it and said to
        it is deleted, and so is what models were told of it. `beside` writes what belongs to the same transaction
        (`Mail.handled`).

        Lines that are new in the record's history are added to the stored history. If the scene names somebody to
        forget, their earlier words are deleted; this turn's are not among them.

        Raises:
            StaleSceneError: somebody else stored a later scene of this room meanwhile.
            RepeatedMessageError: this message is stored already.
            StoreError: the database cannot be written.
        """
        mark = scene._mark if isinstance(scene, _Read) else Mark(0, 0, 0)
        changes = scene.record.history[mark.changes :]
        if len(scene.record.history) < mark.changes:
            raise StoreError("the record has lost lines of its history", where=scene.room.id)
        now = self._clock()
        rows: list[OfRoom] = [message_row(message)] if message else []
        rows += [delivery_row(reply, now) for reply in replies]
        rows += [*map(finding_row, findings), *map(change_row, changes)]
        # On the durable road the event can be taken again; without it, this is the only place where the turn stands.
        engine = writing(self.engine) if beside is None else noting(self.engine)
        with told(self._place), Session(engine) as session, session.begin():
            self._advance(session, scene, mark, len(rows))
            if scene.forgetting is not None:
                self._forget(session, scene.room.id, scene.forgetting)
            if retracts is not None:
                self._retract(session, scene.room.id, *retracts)
            self._append(session, scene.room.id, mark.sequence, rows)
            session.add_all(kept_traces.rows_of(self.tenant, scene, message, traces, now))
            if beside is not None:
                beside(session)
        if scene.forgetting is not None or retracts is not None:
            scrub(self.engine)

    def rooms(self) -> tuple[RoomSummary, ...]:
        """Return all rooms, the latest changed first."""
        columns = (RoomRow.id, RoomRow.stage, RoomRow.nda, RoomRow.mode, RoomRow.takeover, RoomRow.updated_at)
        wanted = select(*columns).where(RoomRow.tenant == self.tenant).order_by(RoomRow.updated_at.desc(), RoomRow.id)
        with told(self._place), Session(self.engine) as session:
            return tuple(RoomSummary.model_validate(dict(row._mapping)) for row in session.execute(wanted))

    def due(self, now: datetime) -> tuple[tuple[str, RoomId, datetime], ...]:
        """Return the rooms of all programmes that somebody should look at: tenant, room, and since when."""
        # A room of an older Nakodo does not know when it is due: look at it once.
        since = func.coalesce(RoomRow.due_at, RoomRow.updated_at).label("since")
        wanted = select(RoomRow.tenant, RoomRow.id, since).where(since <= now).order_by(since)
        with told(self._place), self.engine.connect() as connection:
            return tuple((row.tenant, RoomId(row.id), row.since) for row in connection.execute(wanted))

    def of(self, tenant: str) -> "SqlStore":
        """Return another programme's rooms in the same database."""
        return self if tenant == self.tenant else SqlStore(self.engine, tenant, clock=self._clock)

    def timeline(
        self, room: RoomId, before: int | None = None, most: int = 50, *, after: int | None = None
    ) -> tuple[Entry, ...]:
        """Return what was said, newest first: at most `most` entries, between those with these sequences."""
        with told(self._place), reading(self.engine) as connection:
            entries = [
                *map(said, self._latest(connection, MessageRow, room, most, before=before, after=after)),
                *map(delivered, self._latest(connection, DeliveryRow, room, most, before=before, after=after)),
            ]
        return tuple(sorted(entries, key=lambda entry: -entry.sequence)[:most])

    def words_of(self, room: RoomId, message: MessageId) -> str | None:
        """Return what a message says, or None if there is no such message."""
        wanted = select(MessageRow.text).where(*self._of(MessageRow, room), MessageRow.id == message)
        with told(self._place), Session(self.engine) as session:
            return session.execute(wanted).scalar()

    def history(self, room: RoomId) -> tuple[Change, ...]:
        """Return the history of a room's record, oldest first."""
        wanted = select(ChangeRow).where(*self._of(ChangeRow, room)).order_by(ChangeRow.sequence)
        with told(self._place), Session(self.engine) as session:
            return tuple(changed(row) for row in session.scalars(wanted))

    # Within a transaction

    def _advance(self, session: Session, scene: Scene, mark: Mark, rows: int) -> None:
        """Store the scene as the next version of the room; this also shuts other writers out until the end."""
        now = self._clock()
        values = {
            "version": mark.version + 1,
            "sequence": mark.sequence + rows,
            "stage": scene.record.stage,
            "nda": scene.record.nda.state,
            "mode": scene.room.mode,
            "takeover": scene.takeover,
            "updated_at": now,
            "due_at": next_moment(scene, now),
            "scene": scene.having(forgetting=None).model_dump_json(),
            "brief": brief(scene).model_dump_json(exclude_defaults=True),
        }
        if mark.version:
            read = and_(*self._room(scene.room.id), RoomRow.version == mark.version)
            stored = session.execute(update(RoomRow).where(read).values(values).returning(RoomRow.version)).all()
            if not stored:
                raise StaleSceneError(scene.room.id)
            return
        try:
            session.execute(insert(RoomRow).values(tenant=self.tenant, id=scene.room.id, **values))
        except IntegrityError:
            raise StaleSceneError(scene.room.id) from None

    def _append(self, session: Session, room: RoomId, last: int, rows: Sequence[OfRoom]) -> None:
        for sequence, row in zip(count(last + 1), rows, strict=False):
            row.tenant, row.room, row.sequence = self.tenant, room, sequence
        session.add_all(rows)
        try:
            session.flush()
        except IntegrityError:
            raise RepeatedMessageError("this message is stored already", where=room) from None

    def _forget(self, session: Session, room: RoomId, name: str) -> None:
        """Delete what a person said in private and what was said to them, and empty what they said in the room.

        What was noticed in their words, what the facilitator was told of them, and what models were given holds
        them: it goes as well.
        """
        kept_traces.forget(session, self.tenant, room, name)
        theirs = and_(*self._of(MessageRow, room), MessageRow.sender == name)
        ids = select(MessageRow.id).where(theirs)
        noticed = or_(FindingRow.who == name, FindingRow.message.in_(ids))
        passed_on = and_(DeliveryRow.to == "facilitator", DeliveryRow.in_reply_to.in_(ids))
        session.execute(delete(FindingRow).where(*self._of(FindingRow, room), noticed))
        session.execute(
            delete(DeliveryRow).where(*self._of(DeliveryRow, room), or_(DeliveryRow.to == name, passed_on))
        )
        session.execute(delete(MessageRow).where(theirs, MessageRow.private))
        session.execute(update(MessageRow).where(theirs).values(text="", forgotten=True))
        owe_scrub(session.connection())

    def _retract(self, session: Session, room: RoomId, message: MessageId, text: str) -> None:
        """Put other words in a message's place. What was said to the old ones may quote them, so it goes."""
        kept_traces.retract(session, self.tenant, room, message)
        theirs = and_(*self._of(MessageRow, room), MessageRow.id == message)
        session.execute(update(MessageRow).where(theirs).values(text=text, forgotten=not text))
        session.execute(delete(FindingRow).where(*self._of(FindingRow, room), FindingRow.message == message))
        session.execute(delete(DeliveryRow).where(*self._of(DeliveryRow, room), DeliveryRow.in_reply_to == message))
        owe_scrub(session.connection())

    def _latest(
        self, connection: Connection, kind: type[OfRoom], room: RoomId, most: int, *, before: int | None,
        after: int | None,
    ) -> Sequence[Any]:  # fmt: skip
        wanted = select(kind.__table__).where(*self._of(kind, room)).order_by(kind.sequence.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(kind.sequence < before)
        if after is not None:
            wanted = wanted.where(kind.sequence > after)
        return connection.execute(wanted).all()

    def _room(self, room: RoomId) -> tuple[ColumnElement[bool], ...]:
        return RoomRow.tenant == self.tenant, RoomRow.id == room

    def _of(self, kind: type[OfRoom], room: RoomId) -> tuple[ColumnElement[bool], ...]:
        return kind.tenant == self.tenant, kind.room == room
