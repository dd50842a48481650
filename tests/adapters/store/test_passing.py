"""Rooms for trying things out: nobody else's clock moves them, and they are forgotten whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.services.store import SqlStore, open_store
from adapters.services.store.passing import PassingStore
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.scene import Scene

SPRING = datetime(2026, 4, 1, 10, tzinfo=UTC)
SECRET = "触媒の配合は七対三"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(None, tmp_path)
    yield store
    store.close()


def passing(store: SqlStore) -> PassingStore:
    return PassingStore(store.engine, "try", clock=lambda: SPRING)


def keep(store: SqlStore, room: str) -> None:
    message = Message(id=MessageId("m"), sender=Person(name="佐藤"), at=SPRING, text=SECRET)
    reply = Reply(to="room", kind="answer", text=f"echo: {SECRET}", in_reply_to=message.id)
    store.keep(Scene(room=Room(id=RoomId(room))), message=message, replies=[reply])


def test_a_room_on_its_own_clock_is_due_for_nobody_and_dated_by_that_clock(store: SqlStore) -> None:
    keep(passing(store), "story-1")
    keep(SqlStore(store.engine, "default", clock=lambda: SPRING), "other")
    assert [room for _, room, _ in store.due(datetime(2031, 1, 1, tzinfo=UTC))] == ["other"]
    assert {one.at for one in passing(store).timeline(RoomId("story-1"))} == {SPRING}


def test_rooms_are_listed_by_when_somebody_was_really_there(store: SqlStore) -> None:
    keep(passing(store), "story-1")
    [room] = passing(store).rooms()
    assert room.updated_at > SPRING


def test_a_forgotten_room_leaves_nothing_and_takes_nothing_of_others_along(store: SqlStore) -> None:
    for room in ("story-1", "story-2"):
        keep(passing(store), room)
    keep(SqlStore(store.engine, "default"), "story-1")
    passing(store).forget_room(RoomId("story-1"))
    assert passing(store).load(RoomId("story-1")) is None
    with store.engine.connect() as connection:
        for table in ("messages", "deliveries", "rooms"):
            left = connection.execute(text(f"SELECT tenant FROM {table} ORDER BY tenant")).scalars().all()
            assert left == ["default", "try"]


def test_a_forgotten_room_can_be_made_anew(store: SqlStore) -> None:
    keep(passing(store), "story-1")
    passing(store).forget_room(RoomId("story-1"))
    keep(passing(store), "story-1")
    assert len(passing(store).timeline(RoomId("story-1"))) == 2
