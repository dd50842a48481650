"""What can go wrong with a database, in words for a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.errors import RepeatedMessageError, StaleSceneError, StoreError

__all__ = ["RepeatedMessageError", "StaleSceneError", "StoreError", "told"]


_URL = "NAKODO_DATABASE_URL"
_CAUSES = (
    (
        ("[28p01]", "password authentication failed", "no password supplied", "パスワード認証に失敗"),
        "does not take this user's password",
        f"Correct user and password in {_URL}; in a password, @ is written %40, : is %3A and / is %2F",
    ),
    (
        ("fatal:  role", "fatal: role", "fatal:  ロール", "fatal: ロール", "peer authentication failed"),
        "does not know this user",
        f"Correct the user in {_URL}, or make one there: CREATE ROLE name LOGIN PASSWORD '…'",
    ),
    (
        ("permission denied for database", "permission denied to connect", "connect privilege", "connect権限"),
        "this user may not use that database",
        "Allow it there: GRANT CONNECT, CREATE ON DATABASE name TO user",
    ),
    (
        ("[3d000]", "fatal:  database", "fatal: database", "fatal:  データベース", "fatal: データベース"),
        "there is no such database on this server",
        f"Make it there (CREATE DATABASE name OWNER user), or correct the name in {_URL}",
    ),
    (
        ("permission denied for schema", "スキーマ", "[3f000]", "no schema has been selected"),
        "this user may not make tables there",
        "Allow it there: GRANT USAGE, CREATE ON SCHEMA public TO user, or make the user the database's owner",
    ),
    (
        ("permission denied for", "[42501]", "must be owner of"),
        "the tables there are another user's",
        f"Name their owner in {_URL}, or hand them over there: REASSIGN OWNED BY other TO user",
    ),
    (
        ("[28000]", "no pg_hba.conf entry", "pg_hba.conf"),
        "the server lets nobody in from this machine like this",
        f"Add a line for user and machine to its pg_hba.conf, or end {_URL} with ?sslmode=require",
    ),
    (
        ("[53300]", "too many clients", "too many connections", "remaining connection slots"),
        "takes no more connections",
        "Raise its max_connections, or close what holds them",
    ),
    (("[57p03]", "starting up", "shutting down"), "is just starting or stopping", "Try again in a moment"),
    (("locked", "busy"), "is in use by another program", "Stop that program, or try again in a moment"),
    (
        ("not a database", "malformed"),
        "is not a database, or is damaged",
        "Put back a copy, or move the file away to start anew",
    ),
    (("[53100]", "disk is full", "no space left"), "cannot be written: the disk is full", "Make room on the disk"),
    (
        ("unable to open", "readonly", "read-only"),
        "cannot be opened or written",
        "Check the rights of the file and its folder, or set NAKODO_HOME to a folder you may write",
    ),
    (
        ("resolve host", "translate host", "getaddrinfo", "name or service"),
        "there is no machine of this name",
        f"Correct the host in {_URL}, or look at the network",
    ),
    (
        ("connection", "timeout expired", "could not connect"),
        "does not answer",
        f"Check the host and the port in {_URL}, and that the server runs",
    ),
)
"""By which signs a cause is known, what is wrong, and what to do. PostgreSQL speaks its machine's language, so where
it gives a state, `[…]`, that is a sign as well; while somebody connects it gives none."""


@contextmanager
def told(where: str, remedy: str = "") -> Iterator[None]:
    """Turn what a database throws into a StoreError that says what is wrong at `where`.

    `remedy` is for a file that is damaged, where more can be done than for any.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _in_words(error, where, remedy) from None


def _in_words(error: Exception, where: str, for_damaged: str) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    # Only the first line: those that follow may repeat what people wrote.
    line = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    # Who only connects has written nothing, and each address that was tried has a line of its own.
    connecting = isinstance(error, DBAPIError) and error.statement is None
    said = f"[{getattr(cause, 'sqlstate', None)}] {cause if connecting else line}".lower()
    for signs, what, remedy in _CAUSES:
        if any(sign in said for sign in signs):
            damaged = for_damaged if "malformed" in signs else ""
            return StoreError(what, where=where, remedy=damaged or remedy)
    return StoreError(f"the database refuses ({line})", where=where, remedy=for_damaged)
