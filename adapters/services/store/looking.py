"""Reading. Opening a transaction takes longer than most questions, so what one turn reads may share one.

A shared look shows the database as it was when it began. It ends whenever this thread writes, and the next question
begins another: nobody reads what was there before their own write.

Questions that every message asks are built once, with places for what they are about (`bindparam`): SQLAlchemy takes
five times as long to build one as to have it answered.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


class _Look:
    """A shared look at one database, open from its first question on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = self.engine.connect()
        return self._connection

    def end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


_shared = threading.local()


@contextmanager
def one_look(engine: Engine) -> Iterator[None]:
    """Let whatever this thread reads within be read in one transaction, until it writes."""
    if _look(engine) is not None:
        yield
        return
    _shared.look = look = _Look(engine)
    try:
        yield
    finally:
        _shared.look = None
        look.end()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Return a connection to read with: that of the shared look, if there is one, else one of its own."""
    look = _look(engine)
    if look is None:
        with engine.connect() as connection:
            yield connection
        return
    try:
        yield look.connection()
    except BaseException:
        look.end()
        raise


def look_again() -> None:
    """End this thread's shared look: before it writes, and before it waits for something else."""
    look: _Look | None = getattr(_shared, "look", None)
    if look is not None:
        look.end()


def _look(engine: Engine) -> _Look | None:
    look: _Look | None = getattr(_shared, "look", None)
    return look if look is not None and look.engine is engine else None
