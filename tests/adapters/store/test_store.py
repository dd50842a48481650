"""The store on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.services.store import SqlStore, open_store
from bot.ports import Store
from tests.adapters.store.contract import Open, StoreContract, texts
from tests.adapters.store.scenes import ROOM, bare, message


def opener(url: str | None, home: Path, suffix: str = "") -> Iterator[Open]:
    opened: list[SqlStore] = []

    def open_as(tenant: str) -> SqlStore:
        opened.append(open_store(url, home, tenant + suffix))
        return opened[-1]

    yield open_as
    for store in opened:
        store.close()


class TestSqlite(StoreContract):
    @pytest.fixture
    def open_as(self, tmp_path: Path) -> Iterator[Open]:
        yield from opener(None, tmp_path / "新しい 100%")


class TestPostgres(StoreContract):
    @pytest.fixture
    def open_as(self, postgres_url: str, tmp_path: Path) -> Iterator[Open]:
        """Give each test programmes of its own, so that nothing needs to be cleaned away."""
        yield from opener(postgres_url, tmp_path, f"-{uuid4()}")

    def test_a_character_that_no_column_takes_loses_no_message(self, store: SqlStore) -> None:
        """Text that was read out of files holds such."""
        store.keep(bare(), message=message(1, text="図\0面"))
        assert [text.replace("\0", "") for text in texts(store)] == ["図面"]


def test_it_is_what_the_bot_means_by_a_store(tmp_path: Path) -> None:
    store: Store = open_store(None, tmp_path)
    store.keep(bare())
    assert store.load(ROOM) == bare()
