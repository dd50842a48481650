"""How tables come to be, and how they are brought up to date."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from adapters.services.store import StoreError, open_store
from adapters.services.store.engine import MIGRATIONS, VERSIONS, migrate, open_engine
from adapters.services.store.tables import Base
from tests.adapters.store.contract import loaded
from tests.adapters.store.scenes import message, rich

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


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(None, tmp_path / "home")
    yield engine
    engine.dispose()


def head(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_revision()


def later_scripts(folder: Path, engine: Engine, then: str = "pass") -> Path:
    """Return the migrations of a Nakodo to come."""
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions" / "next.py").write_text(NEXT.format(head=head(engine), then=then), encoding="utf-8")
    return folder


def test_an_empty_database_gets_exactly_the_tables_that_the_rows_describe(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    tables = set(inspect(engine).get_table_names())
    assert {"rooms", "messages", "deliveries", "inbox", "outbox", VERSIONS} <= tables


def test_every_key_begins_with_the_programme(engine: Engine) -> None:
    looked = inspect(engine)
    for table in set(Base.metadata.tables) - WITHOUT:
        assert looked.get_pk_constraint(table)["constrained_columns"][0] == "tenant"
        for key in looked.get_foreign_keys(table):
            assert (key["constrained_columns"], key["referred_columns"]) == (["tenant", "room"], ["tenant", "id"])


def test_opening_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    before = head(engine)
    open_engine(None, tmp_path / "home").dispose()
    assert head(engine) == before is not None


def test_a_database_of_the_version_before_is_brought_up_to_date_with_its_rooms(tmp_path: Path) -> None:
    with closing(open_store(None, tmp_path / "home")) as store:
        store.keep(rich(), message=message(1))
        migrate(store.engine, later_scripts(tmp_path / "later", store.engine))
        assert head(store.engine) == "next"
        assert "mood" in {column["name"] for column in inspect(store.engine).get_columns("rooms")}
        assert loaded(store) == rich()
        assert len(store.timeline(rich().room.id)) == 1


def test_a_database_of_a_newer_version_is_refused_and_left_alone(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, later_scripts(tmp_path / "later", engine))
    with pytest.raises(StoreError, match=r"nakodo\.db: was written by a newer Nakodo\. Update Nakodo"):
        open_store(None, tmp_path / "home")
    assert head(engine) == "next"


def test_a_migration_that_fails_halfway_leaves_the_old_tables(engine: Engine, tmp_path: Path) -> None:
    before = head(engine)
    with pytest.raises(ZeroDivisionError):
        migrate(engine, later_scripts(tmp_path / "later", engine, "1 / 0"))
    assert head(engine) == before
    assert "moods" not in inspect(engine).get_table_names()
    assert "mood" not in {column["name"] for column in inspect(engine).get_columns("rooms")}


def test_processes_that_open_an_empty_database_at_once_all_get_it(tmp_path: Path) -> None:
    opened: list[Engine] = []
    threads = [Thread(target=lambda: opened.append(open_engine(None, tmp_path / "home"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({head(engine) for engine in opened}) == 1
    assert len(opened) == 6
    for engine in opened:
        engine.dispose()
