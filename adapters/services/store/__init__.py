"""Rooms in a database: SQLite in the data folder, or PostgreSQL by its URL. The only door to SQLAlchemy and Alembic.

tables.py       what stands where; every row begins with its tenant, the programme
engine.py       opens a database, brings it up to date, and says in words what is wrong with it
rooms.py        the store
migrations/     one file a change of the tables
"""

from pathlib import Path

from adapters.services.store.engine import open_engine
from adapters.services.store.errors import RepeatedMessageError, StaleSceneError, StoreError
from adapters.services.store.rooms import Entry, RoomSummary, SqlStore


def open_store(url: str | None, home: Path, tenant: str = "default") -> SqlStore:
    """Open one programme's rooms, making or updating the tables first. Without a URL it is `<home>/nakodo.db`.

    Raises:
        StoreError: it cannot be opened, is no database, is in use, or was written by a newer Nakodo.
    """
    return SqlStore(open_engine(url, home), tenant)


__all__ = ["Entry", "RepeatedMessageError", "RoomSummary", "SqlStore", "StaleSceneError", "StoreError", "open_store"]
