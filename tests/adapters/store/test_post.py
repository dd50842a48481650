"""The post and the directory on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from adapters.services.store import Directory, Mail
from adapters.services.store.engine import _address, _engine, open_engine
from tests.adapters.store.post_contract import (
    Clock,
    DirectoryContract,
    MailContract,
    Open,
    OutboxContract,
    Post,
)
from tests.adapters.store.preview_contract import PreviewContract


def opener(url: str | None, home: Path, clock: Clock) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_post() -> Post:
            engine = _engine(_address(url, home))  # It has its tables; to look for them would take long.
            stack.callback(engine.dispose)
            return Post(engine, Mail(engine, clock=clock), Directory(engine, clock=clock))

        yield open_post


@pytest.fixture(scope="module")
def ready_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with its tables and nothing in them."""
    home = tmp_path_factory.mktemp("ready")
    open_engine(None, home).dispose()
    return home / "nakodo.db"


class TestSqlite(MailContract, OutboxContract, PreviewContract, DirectoryContract):
    @pytest.fixture
    def open_post(self, ready_sqlite: Path, tmp_path: Path, clock: Clock) -> Iterator[Open]:
        shutil.copy(ready_sqlite, tmp_path)
        yield from opener(None, tmp_path, clock)


class TestPostgres(MailContract, OutboxContract, PreviewContract, DirectoryContract):
    @pytest.fixture
    def open_post(self, ready_postgres: str, tmp_path: Path, clock: Clock) -> Iterator[Open]:
        yield from opener(ready_postgres, tmp_path, clock)
