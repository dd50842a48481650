"""Taking in: events go into the inbox in a thread that does nothing else, for a platform waits until they are there.

Whatever came while it was writing goes in together, in one transaction: many at once are written as soon as few.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import structlog

from adapters.logs import where
from adapters.post import Event
from adapters.reception import Reception
from adapters.services.store import Lane
from adapters.services.store.looking import one_look

log = structlog.get_logger(__name__)
MOST = 50
"""Events written at once at most."""
Where = tuple[Lane, int | None]
"""An event's lane and number there; None is one that came before."""


class _Coming(NamedTuple):
    event: Event
    written: "asyncio.Future[Where]"


class Taker:
    """Writes events down."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="take")
        self._coming: list[_Coming] = []
        self._writing = False

    async def take(self, event: Event) -> Where:
        """Write an event down, and return where it stands.

        Raises:
            StoreError: it could not be written.
        """
        written: asyncio.Future[Where] = asyncio.get_running_loop().create_future()
        self._coming.append(_Coming(event, written))
        if not self._writing:
            self._writing = True
            self._begin()
        return await written

    def _begin(self) -> None:
        batch, self._coming = self._coming[:MOST], self._coming[MOST:]
        writing = asyncio.get_running_loop().run_in_executor(
            self._thread, self._written, [one.event for one in batch]
        )
        writing.add_done_callback(lambda done: self._ended(batch, done))

    def _ended(self, batch: Sequence[_Coming], done: "asyncio.Future[list[Where | Exception]]") -> None:
        if self._coming:
            self._begin()
        else:
            self._writing = False
        error = done.exception()
        found = [error] * len(batch) if error else done.result()
        for one, became in zip(batch, found, strict=True):
            if one.written.done():  # Who waited for it went away; it is written all the same.
                continue
            if isinstance(became, BaseException):
                one.written.set_exception(became)
            else:
                one.written.set_result(became)

    def _written(self, events: Sequence[Event]) -> list[Where | Exception]:
        """Write events down together; where that fails, each alone, so that none suffers for another."""
        if len(events) > 1:
            try:
                with one_look(self._reception.store.engine):
                    lanes = [self._reception.lane_of(event) for event in events]
                    numbers = self._reception.mail.receive_all(list(zip(events, lanes, strict=True)))
                return list(zip(lanes, numbers, strict=True))
            except Exception as error:
                log.info("written one by one", error=where(error), events=len(events))
        return [self._alone(event) for event in events]

    def _alone(self, event: Event) -> Where | Exception:
        try:
            lane = self._reception.lane_of(event)
            return lane, self._reception.mail.receive(event, lane)
        except Exception as error:
            return error
