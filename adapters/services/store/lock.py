"""One house at a time. Two that served the same rooms would say everything twice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from adapters.services.store.engine import place
from adapters.services.store.errors import StoreError, told

FILE = "serve.lock"
_SERVING = 0x6E616B6F_73727600 >> 1
"""Any number will do, if all ask for the same."""


@contextmanager
def alone(engine: Engine, home: Path) -> Iterator[None]:
    """Hold the house while the block runs; a process that dies lets go of it.

    Raises:
        StoreError: another process holds it.
    """
    held = _in_postgres(engine) if engine.dialect.name == "postgresql" else _in_folder(home)
    with held:
        yield


@contextmanager
def _in_postgres(engine: Engine) -> Iterator[None]:
    with told(place(engine)):
        connection = engine.connect()
        got = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SERVING}).scalar()
        connection.commit()
    try:
        if not got:
            raise _taken(place(engine))
        yield
    finally:
        connection.invalidate()  # The lock is the connection's, so it must not go back to the pool.
        connection.close()


@contextmanager
def _in_folder(home: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows: one is trusted not to start two.
        yield
        return
    file = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _taken(str(home)) from None
        yield
    finally:
        os.close(file)


def _taken(where: str) -> StoreError:
    return StoreError("is served by another Nakodo", where=where, remedy="Stop that one first")
