"""What every store must do, whatever database it stands on."""

from collections.abc import Callable
from datetime import date
from threading import Thread
from typing import TypeAlias

import pytest

from adapters.services.store import Entry, RepeatedMessageError, SqlStore, StaleSceneError
from bot.model import Message, Reply
from bot.partnership import By
from bot.scene import Scene
from tests.adapters.store import scenes
from tests.adapters.store.scenes import ROOM, bare, finding, message, reply, rich

Open: TypeAlias = Callable[[str], SqlStore]
"""Opens the same database anew for a programme, as another process would."""


class StoreContract:
    """A subclass for each database brings the fixture `open_as`."""

    @pytest.fixture
    def store(self, open_as: Open) -> SqlStore:
        return open_as("chamber")

    # Scenes

    def test_a_room_that_nobody_kept_is_none(self, store: SqlStore) -> None:
        assert store.load(ROOM) is None
        assert not any((store.rooms(), store.timeline(ROOM), store.history(ROOM)))

    def test_a_scene_comes_back_as_it_was(self, store: SqlStore, open_as: Open) -> None:
        store.keep(rich())
        assert open_as("chamber").load(ROOM) == rich()

    def test_the_rich_scene_leaves_no_field_at_its_default(self) -> None:
        told = set(rich().model_dump(exclude_defaults=True))
        assert told == set(Scene.model_fields) - {"forgetting"}

    def test_a_scene_changes_from_turn_to_turn(self, store: SqlStore) -> None:
        store.keep(bare())
        for name in ("田中", None, "鈴木"):
            store.keep(loaded(store).having(takeover=name))
        assert loaded(store).takeover == "鈴木"

    def test_rooms_are_listed_with_the_latest_first(self, store: SqlStore) -> None:
        store.keep(rich())
        store.keep(bare("B"))
        newest, oldest = store.rooms()
        assert (newest.id, newest.stage, newest.nda, newest.takeover) == ("B", "preparing", "none", None)
        assert (oldest.id, oldest.stage, oldest.nda, oldest.mode) == (ROOM, "meeting", "signed", "review")
        assert oldest.takeover == "田中"
        assert newest.updated_at >= oldest.updated_at
        store.keep(loaded(store).having(takeover=None))
        assert [(one.id, one.takeover) for one in store.rooms()] == [(ROOM, None), ("B", None)]

    # Two writers

    def test_who_writes_second_is_told_and_changes_nothing(self, store: SqlStore, open_as: Open) -> None:
        store.keep(bare())
        other = open_as("chamber")
        first, second = loaded(store), loaded(other)
        store.keep(first.having(takeover="田中"), message=message(1))
        with pytest.raises(StaleSceneError):
            other.keep(second.having(takeover="鈴木"), message=message(2), replies=[reply()], findings=[finding()])
        assert loaded(other).takeover == "田中"
        assert texts(other) == [message(1).text]

    def test_two_turns_in_one_process_do_not_pass_each_other(self, store: SqlStore) -> None:
        store.keep(bare())
        first, second = loaded(store), loaded(store)
        store.keep(first)
        with pytest.raises(StaleSceneError):
            store.keep(second)

    def test_a_room_is_opened_once(self, store: SqlStore, open_as: Open) -> None:
        store.keep(bare())
        with pytest.raises(StaleSceneError):
            open_as("chamber").keep(bare().having(takeover="鈴木"))
        assert loaded(store).takeover is None

    def test_who_loads_again_may_write(self, store: SqlStore, open_as: Open) -> None:
        store.keep(bare())
        stale, other = loaded(store), open_as("chamber")
        other.keep(loaded(other).having(takeover="田中"))
        with pytest.raises(StaleSceneError):
            store.keep(stale)
        store.keep(loaded(store).having(model_forbidden=True))
        assert (loaded(store).takeover, loaded(store).model_forbidden) == ("田中", True)

    def test_many_writers_at_once_lose_nothing(self, store: SqlStore, open_as: Open) -> None:
        store.keep(bare())

        def write(writer: int) -> None:
            mine = open_as("chamber")
            for number in range(5):
                said = message(100 * writer + number)
                while not kept(mine, said):
                    pass

        threads = [Thread(target=write, args=(writer,)) for writer in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = store.timeline(ROOM)
        assert {entry.said.id for entry in entries if isinstance(entry.said, Message)} == {
            f"m{100 * writer + number}" for writer in range(1, 5) for number in range(5)
        }
        assert [entry.sequence for entry in entries] == list(range(20, 0, -1))
        assert len(loaded(store).reminded) == 20

    # What was said

    def test_messages_and_replies_come_back_newest_first(self, store: SqlStore) -> None:
        asked, answers = message(1, private=True), [reply(), reply("facilitator", "お知らせです。")]
        store.keep(bare(), message=asked, replies=answers)
        store.keep(loaded(store), message=message(2, sender=scenes.LEE, text="日本語🙏'; DROP TABLE rooms;--"))
        later, second, first, asking = (entry.said for entry in store.timeline(ROOM))
        assert later == message(2, sender=scenes.LEE, text="日本語🙏'; DROP TABLE rooms;--")
        assert (first, second, asking) == (answers[0], answers[1], asked)

    def test_a_plain_reply_comes_back_as_it_was(self, store: SqlStore) -> None:
        plain = Reply(to="room", kind="answer", text="はい", in_reply_to=message().id)
        store.keep(bare(), replies=[plain])
        assert [entry.said for entry in store.timeline(ROOM)] == [plain]

    def test_the_timeline_is_paged_without_gap_or_repetition(self, store: SqlStore) -> None:
        store.keep(bare())
        for number in range(1, 8):
            store.keep(loaded(store), message=message(number), replies=[reply()] * (number % 3), findings=[finding()])
        whole = store.timeline(ROOM)
        assert len(whole) == 7 + 7
        paged: list[Entry] = []
        before: int | None = None
        while page := store.timeline(ROOM, before, 3):
            assert len(page) <= 3
            paged += page
            before = page[-1].sequence
        assert paged == list(whole)

    def test_a_message_is_stored_once(self, store: SqlStore) -> None:
        store.keep(bare(), message=message(1))
        with pytest.raises(RepeatedMessageError):
            store.keep(loaded(store).having(takeover="田中"), message=message(1), replies=[reply()])
        assert loaded(store).takeover is None
        assert len(store.timeline(ROOM)) == 1

    def test_two_rooms_may_have_messages_of_one_id(self, store: SqlStore) -> None:
        store.keep(bare("A"), message=message(1))
        store.keep(bare("B"), message=message(1))
        assert len(store.timeline(bare("A").room.id)) == len(store.timeline(bare("B").room.id)) == 1

    # The record

    def test_only_new_lines_are_added_to_the_history(self, store: SqlStore) -> None:
        store.keep(rich())
        scene = loaded(store)
        record = scene.record.move_to("agreeing", By.of(scenes.LEE, scenes.AT), "続けます")
        store.keep(scene.recorded(record))
        store.keep(loaded(store))
        assert store.history(ROOM) == record.history
        assert len(record.history) == len(rich().record.history) + 1

    def test_history_is_no_part_of_a_failed_turn(self, store: SqlStore) -> None:
        store.keep(bare())
        first, second = loaded(store), loaded(store)
        store.keep(first)
        signed = second.record.sign_nda(By.of(scenes.SATO, scenes.AT), date(2026, 3, 1))
        with pytest.raises(StaleSceneError):
            store.keep(second.recorded(signed))
        assert store.history(ROOM) == ()

    # Programmes

    def test_programmes_never_see_each_others_rooms(self, store: SqlStore, open_as: Open) -> None:
        bank = open_as("bank")
        store.keep(rich(), message=message(1), replies=[reply()], findings=[finding()])
        assert bank.load(ROOM) is None
        assert not any((bank.rooms(), bank.timeline(ROOM), bank.history(ROOM)))

    def test_programmes_may_have_rooms_of_one_name(self, store: SqlStore, open_as: Open) -> None:
        bank = open_as("bank")
        store.keep(rich(), message=message(1))
        bank.keep(bare(), message=message(1, text="別の話"))
        bank.keep(loaded(bank).having(takeover="銀行"))
        assert loaded(store) == rich()
        assert texts(bank) == ["別の話"]
        assert texts(store) == [message(1).text]

    def test_forgetting_ends_at_the_programme_and_the_room(self, store: SqlStore, open_as: Open) -> None:
        bank = open_as("bank")
        for one in (store, bank):
            one.keep(bare(), message=message(1, private=True), replies=[reply()], findings=[finding()])
        store.keep(bare("B"), message=message(1, private=True), replies=[reply()])
        store.keep(loaded(store).having(forgetting="佐藤"))
        assert store.timeline(ROOM) == ()
        assert len(bank.timeline(ROOM)) == len(store.timeline(bare("B").room.id)) == 2

    # Forgetting

    def test_who_is_forgotten_leaves_empty_messages_in_the_room_and_none_in_private(self, store: SqlStore) -> None:
        lee = scenes.LEE
        told = [reply("facilitator", "佐藤さんの言葉", "m2"), reply("facilitator", "Leeさんの言葉", "m3")]
        store.keep(bare(), message=message(1, text="室で"), replies=[reply("room", "皆さまへ")])
        store.keep(loaded(store), message=message(2, text="内緒", private=True), replies=[reply(text="内緒の返事")])
        store.keep(loaded(store), message=message(3, lee, text="mine"), replies=[reply("Lee", "yours", "m3")])
        store.keep(loaded(store), replies=told)
        store.keep(loaded(store).having(forgetting="佐藤"), message=message(9, text="/forget はい", private=True))
        assert texts(store) == ["/forget はい", "Leeさんの言葉", "yours", "mine", "皆さまへ", ""]
        assert [entry.sequence for entry in store.timeline(ROOM) if entry.forgotten] == [1]
        assert loaded(store).forgetting is None

    def test_forgetting_goes_with_the_turn_or_not_at_all(self, store: SqlStore) -> None:
        store.keep(bare(), message=message(1))
        stale = loaded(store)
        store.keep(loaded(store))
        with pytest.raises(StaleSceneError):
            store.keep(stale.having(forgetting="佐藤"))
        assert texts(store) == [message(1).text]


def loaded(store: SqlStore) -> Scene:
    scene = store.load(ROOM)
    assert scene is not None
    return scene


def texts(store: SqlStore) -> list[str]:
    return [entry.said.text for entry in store.timeline(ROOM)]


def kept(store: SqlStore, said: Message) -> bool:
    scene = loaded(store)
    try:
        store.keep(scene.having(reminded={**scene.reminded, said.id: said.at}), message=said)
    except StaleSceneError:
        return False
    return True
