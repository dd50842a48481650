"""What can go wrong with a database, in words for a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import RepeatedMessageError, StaleSceneError, StoreError

__all__ = ["RepeatedMessageError", "StaleSceneError", "StoreError", "told"]


_CAUSES = (
    (("locked", "busy"), "is in use by another program", "Stop that program, or try again in a moment"),
    (
        ("not a database", "malformed"),
        "is not a database, or is damaged",
        "Put back a copy, or move the file away to start anew",
    ),
    (("disk is full",), "cannot be written: the disk is full", "Make room on the disk"),
    (
        ("unable to open", "readonly", "read-only"),
        "cannot be opened or written",
        "Check the rights of the file and its folder, or set NAKODO_HOME to a folder you may write",
    ),
    (
        ("connection", "resolve host", "password authentication"),
        "does not answer, or refuses this user",
        "Check NAKODO_DATABASE_URL and that the server runs",
    ),
)


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn what a database throws into a StoreError that says what is wrong at `where`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _in_words(error, where) from None


def _in_words(error: Exception, where: str) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    # Only the first line: those that follow may repeat what people wrote.
    line = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    for signs, what, remedy in _CAUSES:
        if any(sign in line.lower() for sign in signs):
            return StoreError(what, where=where, remedy=remedy)
    return StoreError(f"the database refuses ({line})", where=where)
