"""What was said openly, read lightly: nothing private, nothing taken back, no more than was asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.services.store import SqlStore
from adapters.services.store.engine import open_engine
from adapters.services.store.talks import Spoken, Talks
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.scene import Scene

AT = datetime(2026, 4, 6, 1, tzinfo=UTC)
ROOM, OTHER = RoomId("r"), RoomId("other")
SATO = Person(name="佐藤", side="sme")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = SqlStore(open_engine(url, tmp_path), f"default-{uuid4()}", clock=lambda: AT)
    for room in (ROOM, OTHER):
        store.keep(Scene(room=Room(id=room, people=(SATO,))))
    yield store
    store.close()


def say(store: SqlStore, words: str, *, room: RoomId = ROOM, private: bool = False, answer: str = "") -> None:
    scene = store.load(room)
    assert scene is not None
    message = Message(id=MessageId(words), sender=SATO, at=AT, text=words, private=private)
    to = "佐藤" if private else "room"
    replies = [Reply(to=to, kind="answer", text=answer, in_reply_to=message.id)] if answer else []
    store.keep(scene, message=message, replies=replies)


def test_the_whole_talk_has_both_voices_in_their_order_and_nothing_private(store: SqlStore) -> None:
    say(store, "一つ目", answer="答え")
    say(store, "内緒", private=True, answer="内緒の答え")
    say(store, "よその部屋", room=OTHER)
    say(store, "二つ目")
    assert Talks(store.engine, store.tenant).whole(ROOM) == (
        Spoken(1, AT, "佐藤", "sme", "said", "一つ目"),
        Spoken(2, AT, None, None, "answer", "答え"),
        Spoken(5, AT, "佐藤", "sme", "said", "二つ目"),
    )
    assert Talks(store.engine, "elsewhere").whole(ROOM) == ()


def test_what_was_taken_back_keeps_its_place_in_the_whole_and_is_not_counted_lately(store: SqlStore) -> None:
    say(store, "言わなかったことに")
    scene = store.load(ROOM)
    assert scene is not None
    store.keep(scene.having(forgetting="佐藤"))
    say(store, "これだけ")
    talks = Talks(store.engine, store.tenant)
    assert [(one.text, one.forgotten) for one in talks.whole(ROOM)] == [("", True), ("これだけ", False)]
    assert [one.text for one in talks.lately(ROOM, 10)] == ["これだけ"]


def test_lately_are_the_last_messages_of_people_in_their_order(store: SqlStore) -> None:
    for number in range(5):
        say(store, f"{number}番", answer="はい", private=number == 3)
    found = Talks(store.engine, store.tenant).lately(ROOM, 3)
    assert [one.text for one in found] == ["1番", "2番", "4番"]
    assert {one.at for one in found} == {AT}
