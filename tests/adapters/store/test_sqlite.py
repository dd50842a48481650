"""What only a file can show: its bytes, its rights, its crashes, and how much of it is read."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import overload

import pytest
from sqlalchemy import Connection, event

from adapters.services.store import SqlStore, StoreError, open_store
from bot.errors import NakodoError
from bot.model import Reply, Said
from bot.scene import Scene
from tests.adapters.store import scenes
from tests.adapters.store.contract import loaded, texts
from tests.adapters.store.scenes import ROOM, bare, finding, message, reply, rich, trace

ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(None, tmp_path)
    yield store
    store.close()


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "nakodo.db")) as raw:
        return raw.execute(sql).fetchall()


def settings(store: SqlStore, *names: str) -> list[object]:
    with store.engine.connect() as connection:
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]


# How it is opened


def test_the_file_is_set_up_for_many_readers_and_one_writer(store: SqlStore) -> None:
    assert settings(store, "journal_mode", "foreign_keys", "secure_delete", "busy_timeout") == ["wal", 1, 1, 10_000]


def test_a_commit_is_on_the_disk_before_it_is_reported(store: SqlStore) -> None:
    assert settings(store, "synchronous") == [2]


def test_only_the_owner_may_read_the_file(store: SqlStore, tmp_path: Path) -> None:
    store.keep(bare())
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_url_names_another_file(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/other/rooms.db", tmp_path / "home").close()
    assert (tmp_path / "other" / "rooms.db").is_file()
    assert not (tmp_path / "home").exists()


# How it fails


def refusal(url: str | None, home: Path) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url, home)
    assert caught.value.remedy
    return str(caught.value)


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "nakodo.db"
    file.write_text("これは手紙です。" * 200, encoding="utf-8")
    before = file.read_bytes()
    assert f"{file}: is not a database" in refusal(None, tmp_path)
    assert file.read_bytes() == before


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert "home/nakodo.db: cannot be written" in refusal(None, tmp_path / "home")


def test_a_folder_where_the_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "nakodo.db").mkdir()
    assert "nakodo.db: cannot be" in refusal(None, tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "nakodo.db: cannot be written (Permission denied)" in refusal(None, tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    open_store(None, tmp_path).close()
    (tmp_path / "nakodo.db").chmod(0o400)
    assert "nakodo.db: cannot be written (Permission denied)" in refusal(None, tmp_path)


def test_a_database_that_somebody_else_holds_is_in_use(tmp_path: Path) -> None:
    open_store(None, tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "nakodo.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "is in use by another program" in refusal(f"sqlite:///{tmp_path}/nakodo.db?timeout=0.01", tmp_path)


def test_a_turn_that_cannot_be_written_says_so_and_may_be_kept_again(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/nakodo.db?timeout=0.01", tmp_path)) as store:
        store.keep(bare())
        scene = loaded(store).having(takeover="田中")
        with closing(sqlite3.connect(tmp_path / "nakodo.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="in use"):
                store.keep(scene)
            assert loaded(store).takeover is None
        store.keep(scene)
        assert loaded(store).takeover == "田中"


def test_a_scene_that_cannot_be_read_is_named(store: SqlStore, tmp_path: Path) -> None:
    store.keep(bare())
    with closing(sqlite3.connect(tmp_path / "nakodo.db")) as raw, raw:
        raw.execute("""UPDATE rooms SET scene = '{"mood": "sunny", ' || substr(scene, 2)""")
    with pytest.raises(StoreError, match=f"room {ROOM} cannot be read"):
        store.load(ROOM)


@pytest.mark.parametrize("url", ["nonsense", "mongo://host/db", "postgresql://u:hush@[::1/db", "://"])
def test_an_address_that_leads_nowhere_is_told_without_its_password(url: str, tmp_path: Path) -> None:
    told = refusal(url, tmp_path)
    assert "NAKODO_DATABASE_URL" in told
    assert "hush" not in told


def test_an_error_of_the_database_is_one_that_a_person_may_be_shown(store: SqlStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "nakodo.db")) as raw, raw:
        raw.execute("DROP TABLE messages")
    with pytest.raises(NakodoError, match="no such table: messages"):
        store.timeline(ROOM)


# All or nothing


class Torn(Sequence[Reply]):
    """Replies of which the second cannot be had."""

    def __len__(self) -> int:
        return 2

    @overload
    def __getitem__(self, index: int) -> Reply: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Reply]: ...
    def __getitem__(self, index: int | slice) -> Reply | Sequence[Reply]:
        if index == 0:
            return reply()
        raise RuntimeError("torn")


def everything(home: Path) -> list[list[tuple[object, ...]]]:
    tables = ("rooms", "messages", "deliveries", "findings", "changes", "traces")
    return [rows(home, f"SELECT * FROM {name}") for name in tables]


def test_a_turn_that_tears_leaves_everything_as_it_was(store: SqlStore, tmp_path: Path) -> None:
    store.keep(rich(), message=message(1), replies=[reply()], findings=[finding()])
    before = everything(tmp_path)
    with pytest.raises(RuntimeError, match="torn"):
        store.keep(loaded(store).having(takeover=None, forgetting="佐藤"), message=message(2), replies=Torn())
    assert everything(tmp_path) == before


@pytest.mark.parametrize("table", ["messages", "deliveries", "findings", "changes", "traces"])
def test_an_error_at_any_table_leaves_everything_as_it_was(store: SqlStore, tmp_path: Path, table: str) -> None:
    store.keep(bare(), message=message(1), replies=[reply()], findings=[finding()], traces=[trace()])
    before = everything(tmp_path)
    scene = loaded(store).recorded(scenes.record()).having(forgetting="佐藤")

    def die(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {table}"):
            raise KeyboardInterrupt

    event.listen(store.engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        store.keep(scene, message=message(2), replies=[reply()], findings=[finding("m2")], traces=[trace()])
    event.remove(store.engine, "before_cursor_execute", die)
    assert everything(tmp_path) == before
    store.keep(scene, message=message(2), replies=[reply()], findings=[finding("m2")], traces=[trace()])
    assert len(rows(tmp_path, f"SELECT 1 FROM {table}")) > 0


def test_a_process_that_dies_in_the_middle_leaves_everything_as_it_was(store: SqlStore, tmp_path: Path) -> None:
    store.keep(bare(), message=message(1))
    before = everything(tmp_path)
    dying = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from adapters.services.store import open_store
from tests.adapters.store.scenes import ROOM, finding, message, reply
store = open_store(None, Path(sys.argv[1]))
def die(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO findings"):
        os._exit(9)
event.listen(store.engine, "before_cursor_execute", die)
store.keep(store.load(ROOM).having(takeover="x"), message=message(2), replies=[reply()], findings=[finding()])
"""
    died = subprocess.run([sys.executable, "-c", dying, str(tmp_path)], cwd=ROOT, check=False)
    assert died.returncode == 9
    assert everything(tmp_path) == before
    store.keep(loaded(store), message=message(2))
    assert len(texts(store)) == 2


# Forgetting


def secrets(home: Path, word: str) -> int:
    """Return how often a word stands in the bytes of the database and its logs."""
    return sum(path.read_bytes().count(word.encode()) for path in home.iterdir())


def test_forgotten_words_are_gone_from_the_bytes_of_the_file(store: SqlStore, tmp_path: Path) -> None:
    chance = random.Random(4)  # Pages are rearranged so that secure_delete alone leaves words behind.
    store.keep(bare())
    for number in range(301):
        padding = "あ" * chance.choice((0, 3, 40, 700, 3000))
        sender = chance.choice((scenes.LEE, scenes.SATO))
        word = "公然語" if sender is scenes.LEE else "秘密語"
        said = message(number, sender, word + padding + word, private=chance.random() < 0.5)
        answer = reply(sender.name, word + padding, said.id)
        noted = finding(said.id, sender.name, word + padding)
        told = loaded(store).remembering(sender.name, (Said(role="person", text=said.text),))
        store.keep(told, message=said, replies=[answer], findings=[noted])
    assert secrets(tmp_path, "秘密語") > 300
    store.keep(loaded(store).having(talks={}, forgetting="佐藤"))
    assert secrets(tmp_path, "秘密語") == 0
    assert secrets(tmp_path, "公然語") > 300


def test_words_that_could_not_be_wiped_at_once_are_wiped_at_the_next_opening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nakodo.db?timeout=0.01"
    with closing(open_store(url, tmp_path)) as store, closing(sqlite3.connect(tmp_path / "nakodo.db")) as reader:
        store.keep(bare(), message=message(1, text="秘密語"))
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM messages").fetchall()
        store.keep(loaded(store).having(forgetting="佐藤"))
        assert texts(store) == [""]
        assert secrets(tmp_path, "秘密語") > 0
        reader.execute("COMMIT")
        with closing(open_store(url, tmp_path)):
            assert secrets(tmp_path, "秘密語") == 0
        assert settings(store, "user_version") == [0]


def test_findings_in_forgotten_words_are_forgotten_whoever_they_are_about(store: SqlStore, tmp_path: Path) -> None:
    store.keep(bare(), message=message(1), findings=[finding("m1", "佐藤", "秘密"), finding("m1", "Lee", "秘密")])
    store.keep(loaded(store), message=message(2, scenes.LEE), findings=[finding("m2", "Lee", "mine")])
    store.keep(loaded(store).having(forgetting="佐藤"))
    assert rows(tmp_path, "SELECT evidence FROM findings") == [("mine",)]


# How much is read


class Watched:
    """What a store asks of the database, and how many steps that costs SQLite."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.statements: list[str] = []
        self.steps = 0
        event.listen(store.engine, "before_cursor_execute", self._note)

    def _note(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(self._step, 1)

    def _step(self) -> int:
        self.steps += 1
        return 0


def fill(store: SqlStore, home: Path, messages: int) -> None:
    """Give the room a long past."""
    store.keep(bare())
    with closing(sqlite3.connect(home / "nakodo.db")) as raw, raw:
        raw.executemany(
            "INSERT INTO messages VALUES ('default', ?, ?, ?, 'Lee', NULL, '2026-04-01 01:00:00.000000', 't', 0, 0)",
            [(ROOM, number, f"m{number}") for number in range(1, messages + 1)],
        )
        raw.execute("UPDATE rooms SET sequence = ?", (messages,))


def steps_of_the_last_page(home: Path, messages: int) -> int:
    home.mkdir()
    with closing(open_store(None, home)) as store:
        fill(store, home, messages)
        store.keep(loaded(store), replies=[reply()] * 60)
        watched = Watched(store)
        page = store.timeline(ROOM, before=messages + 31)
        assert [entry.sequence for entry in page] == list(range(messages + 30, messages - 20, -1))
        reads = [statement for statement in watched.statements if statement.startswith("SELECT")]
        assert len(reads) == 2
        assert all("LIMIT" in statement for statement in reads)
        return watched.steps


def test_the_last_page_costs_the_same_however_long_the_talk(tmp_path: Path) -> None:
    short, long = steps_of_the_last_page(tmp_path / "short", 200), steps_of_the_last_page(tmp_path / "long", 20_000)
    assert 0 < long <= short * 1.05


def test_a_turn_costs_the_same_however_long_the_talk(tmp_path: Path) -> None:
    costs = []
    for messages in (200, 20_000):
        home = tmp_path / str(messages)
        home.mkdir()
        with closing(open_store(None, home)) as store:
            fill(store, home, messages)
            watched = Watched(store)
            store.keep(loaded(store), message=message(messages + 1), replies=[reply()], findings=[finding()])
            costs.append(watched.steps)
    assert 0 < costs[1] <= costs[0] * 1.05


def test_every_question_to_the_database_names_the_programme(store: SqlStore) -> None:
    watched = Watched(store)
    store.keep(bare(), message=message(1), replies=[reply()], findings=[finding()], traces=[trace()])
    scene = loaded(store).recorded(scenes.record())
    store.keep(scene.having(forgetting="佐藤"))
    store.keep(loaded(store), retracts=(message(1).id, ""))
    store.rooms()
    store.timeline(ROOM, before=9)
    store.history(ROOM)
    asked = [one for one in watched.statements if one.split()[0] in ("SELECT", "UPDATE", "DELETE")]
    assert len(asked) >= 9
    for statement in asked:
        parts = statement.split("WHERE")[1:]  # One for the statement, and one for each question within it.
        assert len(parts) == statement.count("FROM ") + statement.startswith("UPDATE"), statement
        assert all("tenant = ?" in part for part in parts), statement


def test_lists_do_not_read_scenes(store: SqlStore) -> None:
    store.keep(rich())
    watched = Watched(store)
    assert len(store.rooms()) == 1
    assert all("scene" not in statement for statement in watched.statements)


def test_a_scene_that_is_not_from_the_store_is_never_mistaken_for_one(store: SqlStore) -> None:
    store.keep(bare())
    assert loaded(store) == bare()
    assert bare() == loaded(store)
    assert loaded(store) != bare("B")
    copied = Scene.model_validate_json(loaded(store).model_dump_json())
    with pytest.raises(NakodoError, match="somebody else"):
        store.keep(copied)
