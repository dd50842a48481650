"""Opens a database and brings its tables up to date."""

import errno
import json
import os
import sqlite3
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from adapters.services.store.errors import StoreError, told
from adapters.services.store.looking import look_again

FILE = "nakodo.db"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = "nakodo_version"
"""The table that names the last migration; other programs in the same database have their own."""
PATIENCE = 10.0
"""Seconds to wait for another writer. A turn writes for milliseconds."""
KNOCK = 0.005
"""Seconds after which who waits to write begins anew: else SQLite lets them look ever more seldom, others pass."""
_MIGRATING = 0x6E616B6F
"""Any number will do, if all ask for the same: one process migrates, the others wait."""


def open_engine(url: str | None, home: Path) -> Engine:
    """Open the database at `url`, or `<home>/nakodo.db`, with all tables.

    Raises:
        StoreError: it cannot be opened, is no database, is in use, or was written by a newer Nakodo.
    """
    address = _address(url, home)
    engine = _engine(address)
    try:
        with told(place(engine)):
            migrate(engine)
            scrub(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def open_async_engine(engine: Engine) -> AsyncEngine:
    """Open the same database for code that awaits it: Slack's own store of installations."""
    driver = "sqlite+aiosqlite" if engine.dialect.name == "sqlite" else "postgresql+psycopg"
    return create_async_engine(engine.url.set(drivername=driver))


def beside_url(file: Path) -> str:
    """Return the address of a database for workflows, ready to be opened: its writers do not keep readers waiting."""
    relaxed(file)  # A workflow that a power cut takes away is started again by the sweep.
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
    return URL.create("sqlite", database=str(file)).render_as_string()


def writing(engine: Engine) -> Engine:
    """Return the engine for transactions that write, and are on the disk when they are done."""
    look_again()
    return engine.execution_options(nakodo_writes="FULL")


def noting(engine: Engine) -> Engine:
    """Return the engine for transactions that outlive the process, but not a power cut at once.

    On SQLite they go to the disk with the next one of `writing`. They are for what a cut may take back without harm:
    then it is done again.
    """
    look_again()
    return engine.execution_options(nakodo_writes="NORMAL")


def relaxed(file: Path) -> None:
    """Let every SQLite database in this file, whoever opens it, write as `noting` does."""

    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        if isinstance(raw, sqlite3.Connection):
            found = [row[2] for row in raw.execute("PRAGMA database_list") if row[2]]
            if found and Path(found[0]) == file.resolve():
                raw.execute("PRAGMA synchronous = NORMAL").close()

    event.listen(Engine, "connect", prepare)


def place(engine: Engine) -> str:
    """Return where the database is, as it may be shown: a file, or an address without its password."""
    file = _file(engine.url)
    return str(file) if file else engine.url.set(query={}).render_as_string(hide_password=True)


def migrate(engine: Engine, scripts: Path = MIGRATIONS) -> None:
    """Bring the tables up to date, in one transaction.

    Raises:
        StoreError: a newer Nakodo has written here.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine).begin() as connection:
        _alone(connection)
        here = MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_heads()
        if not set(here) <= known:
            raise StoreError(
                "was written by a newer Nakodo",
                where=place(engine),
                remedy="Update Nakodo",
            )
        config.attributes.update(connection=connection, version_table=VERSIONS)
        command.upgrade(config, "head")


def one_at_a_time(session: Session, *names: str) -> None:
    """Let only one transaction at a time write what has these names. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": "\n".join(names)})


def owe_scrub(connection: Connection) -> None:
    """Note, in the transaction that deletes, that a scrub has to follow; if it cannot, the next opening does it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA user_version = 1")


def scrub(engine: Engine) -> None:
    """Wipe what was deleted out of SQLite's file and log, if that is owed. PostgreSQL's own vacuum does it there."""
    if engine.dialect.name != "sqlite":
        return
    # Deleted it is in any case: if somebody is in the way just now, the scrub stays owed.
    with suppress(SQLAlchemyError, sqlite3.Error), closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        if cursor.execute("PRAGMA user_version").fetchone() == (0,):
            return
        cursor.execute("VACUUM")  # secure_delete alone leaves copies behind where pages were rearranged.
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            cursor.execute("PRAGMA user_version = 0")


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})


def _address(url: str | None, home: Path) -> URL:
    try:
        address = make_url(url) if url else URL.create("sqlite", database=str(home / FILE))
    except (ArgumentError, ValueError):
        raise StoreError(
            "is no address of a database",
            where="NAKODO_DATABASE_URL",
            remedy="Write postgresql://user:password@host/name, or unset it to use a file in the data folder",
        ) from None
    if "@" in (address.host or ""):  # The rest of a password would be shown, and sent out to be looked up.
        raise StoreError(
            "has an @ in its password",
            where="NAKODO_DATABASE_URL",
            remedy="Write it %40 (and : as %3A, / as %2F)",
        )
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite":
        _make_file(_file(address))
        return address if "timeout" in address.query else address.update_query_dict({"timeout": str(PATIENCE)})
    return address


def _file(address: URL) -> Path | None:
    name = address.database or ""
    if address.get_backend_name() != "sqlite" or name in ("", ":memory:") or name.startswith("file:"):
        return None
    return Path(name)


def _make_file(file: Path | None) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # What people said in private is for the owner's eyes.
        if not os.access(file, os.W_OK):  # SQLite would open it for reading, and fail at the first message.
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise StoreError(
            f"cannot be written ({error.strerror})",
            where=str(file),
            remedy="Set NAKODO_HOME to a folder you may write",
        ) from None


def _engine(address: URL) -> Engine:
    try:
        engine = create_engine(
            address,
            json_serializer=partial(json.dumps, ensure_ascii=False),
            pool_pre_ping=address.get_backend_name() != "sqlite",
        )
    except (ImportError, ArgumentError) as error:
        raise StoreError(
            f"this kind of database cannot be used here ({error})",
            where="NAKODO_DATABASE_URL",
            remedy="PostgreSQL needs the package psycopg; without the setting a file is used",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # Python would begin too late, and not at all for changes of tables.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
        raw.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # Who reads first and writes then may find the door shut; who means to write says so at once, and waits.
    writes = connection.get_execution_options().get("nakodo_writes")
    raw: Any = connection.connection.dbapi_connection
    if not writes:
        raw.execute("BEGIN")
        return
    raw.execute(f"PRAGMA synchronous = {writes}")
    [patience] = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute(f"PRAGMA busy_timeout = {min(patience, int(KNOCK * 1000))}")
    end = time.monotonic() + patience / 1000
    try:
        while not _begun(raw, end):
            pass
    finally:
        raw.execute(f"PRAGMA busy_timeout = {patience}")


def _begun(raw: sqlite3.Connection, end: float) -> bool:
    """Begin to write, unless somebody else does; after `end` that is an error."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
            raise
        return False
    return True
