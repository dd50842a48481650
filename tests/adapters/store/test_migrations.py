"""How tables come to be, and how they are brought up to date, on SQLite and on PostgreSQL."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TypeAlias

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from adapters.services.store import StoreError, open_store
from adapters.services.store.engine import MIGRATIONS, VERSIONS, _address, _engine, migrate, open_engine
from adapters.services.store.tables import Base
from tests.adapters.store.contract import loaded, texts
from tests.adapters.store.scenes import AT, ROOM, message, rich

ROOT = Path(__file__).parents[3]
Where: TypeAlias = tuple[str | None, Path]
"""An address and a data folder."""

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    op.add_column("rooms", sa.Column("mood", sa.String(), server_default="sunny"))
    op.create_table("moods", sa.Column("name", sa.String(), primary_key=True))
    {then}
"""


WITHOUT = {"codes", "signs"}
"""A code is looked up by itself, and tells the programme; signs of life are the process's."""


def head(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_revision()


def later_scripts(folder: Path, engine: Engine, then: str = "pass") -> Path:
    """Return the migrations of a Nakodo to come."""
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions" / "next.py").write_text(NEXT.format(head=head(engine), then=then), encoding="utf-8")
    return folder


def unmigrated(where: Where) -> Engine:
    return _engine(_address(*where))


def first_version(where: Where, folder: Path) -> None:
    """Make a database as the first version made it, with a room in it."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("r000[2-9]*", "__pycache__"))
    engine = unmigrated(where)
    migrate(engine, folder)
    scene = rich()
    room = {
        "tenant": "default", "id": ROOM, "version": 1, "sequence": 2, "stage": "meeting", "nda": "signed",
        "mode": "review", "takeover": "田中", "updated_at": AT.isoformat(" "), "scene": scene.model_dump_json(),
    }  # fmt: skip
    said = {
        "tenant": "default", "room": ROOM, "sequence": 1, "id": "m1", "sender": "佐藤", "side": "sme",
        "at": AT.isoformat(" "), "text": message(1).text, "private": False, "forgotten": False,
    }  # fmt: skip
    noticed = {
        "tenant": "default", "room": ROOM, "sequence": 2, "signal": "vague_ask", "message": "m1", "who": "佐藤",
        "at": AT.isoformat(" "), "score": 0.5, "evidence": "…",
    }  # fmt: skip
    with engine.begin() as connection:
        for table, row in (("rooms", room), ("messages", said), ("findings", noticed)):
            names = ", ".join(row), ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names[0]}) VALUES ({names[1]})"), row)
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def columns(engine: Engine, table: str) -> set[str]:
    return {column["name"] for column in inspect(engine).get_columns(table)}


def differences(engine: Engine) -> list[object]:
    """Return in what the tables are not as the rows describe them."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS, "compare_type": True})
        return list(compare_metadata(context, Base.metadata))


class Migrations:
    """A subclass for each database brings the fixture `where`: an empty one."""

    @pytest.fixture
    def engine(self, where: Where) -> Iterator[Engine]:
        engine = open_engine(*where)
        yield engine
        engine.dispose()

    def test_an_empty_database_gets_exactly_the_tables_that_the_rows_describe(self, engine: Engine) -> None:
        assert differences(engine) == []
        assert {"rooms", "messages", "deliveries", "inbox", "outbox", "traces", "tokens", VERSIONS} <= tables(engine)

    def test_every_key_begins_with_the_programme(self, engine: Engine) -> None:
        looked = inspect(engine)
        for table in set(Base.metadata.tables) - WITHOUT:
            assert looked.get_pk_constraint(table)["constrained_columns"][0] == "tenant"
            for key in looked.get_foreign_keys(table):
                assert (key["constrained_columns"], key["referred_columns"]) == (["tenant", "room"], ["tenant", "id"])

    def test_opening_again_changes_nothing(self, engine: Engine, where: Where) -> None:
        before = head(engine)
        open_engine(*where).dispose()
        assert head(engine) == before is not None

    def test_rooms_of_the_first_version_live_on(self, where: Where, tmp_path: Path) -> None:
        first_version(where, tmp_path / "first")
        with closing(open_store(*where)) as store:
            assert loaded(store) == rich()
            assert texts(store) == [message(1).text]
            store.keep(loaded(store).having(takeover=None), message=message(2))
            assert loaded(store).takeover is None
            assert len(store.timeline(ROOM)) == 2
            assert differences(store.engine) == []

    def test_what_was_noticed_before_there_were_second_opinions_has_no_reason(
        self, where: Where, tmp_path: Path
    ) -> None:
        first_version(where, tmp_path / "first")
        engine = open_engine(*where)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT signal, reason FROM findings")).all() == [("vague_ask", "")]
        engine.dispose()

    def test_rooms_of_this_version_live_on_in_the_next(self, where: Where, tmp_path: Path) -> None:
        with closing(open_store(*where)) as store:
            store.keep(rich(), message=message(1))
            migrate(store.engine, later_scripts(tmp_path / "later", store.engine))
            assert head(store.engine) == "next"
            assert "mood" in columns(store.engine, "rooms")
            assert loaded(store) == rich()
            assert len(store.timeline(ROOM)) == 1

    def test_a_newer_version_is_refused_and_left_alone(self, engine: Engine, where: Where, tmp_path: Path) -> None:
        migrate(engine, later_scripts(tmp_path / "later", engine))
        with pytest.raises(StoreError, match=r"nakodo\w*(\.db)?: was written by a newer Nakodo\. Update Nakodo"):
            open_store(*where)
        assert head(engine) == "next"

    def test_a_migration_that_fails_halfway_leaves_the_old_tables(self, engine: Engine, tmp_path: Path) -> None:
        before = (head(engine), tables(engine))
        with pytest.raises(ZeroDivisionError):
            migrate(engine, later_scripts(tmp_path / "later", engine, "1 / 0"))
        assert (head(engine), tables(engine)) == before
        assert "mood" not in columns(engine, "rooms")

    def test_a_process_killed_while_it_migrates_leaves_the_old_tables_and_the_next_finishes(
        self, where: Where, tmp_path: Path
    ) -> None:
        first_version(where, tmp_path / "first")
        old = unmigrated(where)
        before = (head(old), tables(old))
        assert killed_at("UPDATE nakodo_version", where)
        assert (head(old), tables(old), columns(old, "rooms") & {"due_at"}) == (*before, set())
        old.dispose()
        with closing(open_store(*where)) as store:
            assert differences(store.engine) == []
            assert loaded(store) == rich()

    def test_a_process_killed_while_it_makes_the_first_tables_leaves_none(self, where: Where) -> None:
        assert killed_at("CREATE TABLE inbox", where)
        old = unmigrated(where)
        assert tables(old) == set()
        old.dispose()
        with closing(open_store(*where)) as store:
            store.keep(rich())
            assert loaded(store) == rich()

    def test_processes_that_open_an_empty_database_at_once_all_get_it(self, where: Where) -> None:
        opened: list[Engine] = []
        threads = [Thread(target=lambda: opened.append(open_engine(*where))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({head(engine) for engine in opened}) == 1
        assert len(opened) == 6
        for engine in opened:
            engine.dispose()


DYING = """
import json, os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from adapters.services.store.engine import open_engine
url, home, dies_at = json.loads(sys.argv[1])
def die(connection, cursor, statement, *_):
    if statement.strip().startswith(dies_at):
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "after_cursor_execute", die)
open_engine(url, Path(home))
"""


def killed_at(statement: str, where: Where) -> bool:
    """Open a database in a process that is killed after a statement; return whether it was."""
    url, home = where
    told = json.dumps([url, str(home), statement])
    return subprocess.run([sys.executable, "-c", DYING, told], cwd=ROOT, check=False).returncode == -signal.SIGKILL


class TestSqlite(Migrations):
    @pytest.fixture
    def where(self, tmp_path: Path) -> Where:
        return None, tmp_path / "home"


class TestPostgres(Migrations):
    @pytest.fixture
    def where(self, empty_postgres: str, tmp_path: Path) -> Where:
        return empty_postgres, tmp_path / "home"
