"""Rooms and post in a database: SQLite in the data folder, or PostgreSQL by its URL. The only door to SQLAlchemy.

tables.py       what stands where; every row of a room begins with its tenant, the programme
engine.py       opens a database, brings it up to date, and says in words what is wrong with it
rooms.py        the rooms
lists.py        many rooms at once, briefly
talks.py        long talks, for pictures and files
audit.py        who did what, over many rooms
traces.py       what language models did, and what they cost in a day
mail.py         the inbox; with outbox.py, what goes out, and previews.py, what is still being written, it is the post
directory.py    who is who, and which conversation belongs to which room
migrations/     one file a change of the tables
"""

from pathlib import Path

from adapters.services.store.directory import Code, Directory, Known
from adapters.services.store.engine import open_engine
from adapters.services.store.errors import RepeatedMessageError, StaleSceneError, StoreError
from adapters.services.store.lists import Lists
from adapters.services.store.mail import Became, Mail, Span, Taken
from adapters.services.store.outbox import Posted
from adapters.services.store.previews import Answering, Lane
from adapters.services.store.rooms import RoomSummary, SqlStore
from adapters.services.store.rows import Entry


def open_store(url: str | None, home: Path, tenant: str = "default") -> SqlStore:
    """Open one programme's rooms, making or updating the tables first. Without a URL it is `<home>/nakodo.db`.

    Raises:
        StoreError: it cannot be opened, is no database, is in use, or was written by a newer Nakodo.
    """
    return SqlStore(open_engine(url, home), tenant)


__all__ = [
    "Answering",
    "Became",
    "Code",
    "Directory",
    "Entry",
    "Known",
    "Lane",
    "Lists",
    "Mail",
    "Posted",
    "RepeatedMessageError",
    "RoomSummary",
    "Span",
    "SqlStore",
    "StaleSceneError",
    "StoreError",
    "Taken",
    "open_store",
]
