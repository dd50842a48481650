"""One event loop for all talk with language models, in a thread of its own, so that whoever waits can stop waiting.

All share it, because the SDKs keep connections per process and tie them to the loop that opened them.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from contextlib import aclosing
from typing import Any

from adapters.services.chat_reading import MOST, Heard

# After its last word a server may still tell the tokens; some then leave the line open.
_AFTERWARDS = 0.5
_BREATH = 0.02
_ENDS = ("finish_reason", "stop_reason", "done_reason")


class Clock:
    """The time that is left of a call; everything that it does counts."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._until = self._began + seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return self._until - time.monotonic()

    @property
    def ms(self) -> float:
        """Milliseconds that have passed."""
        return (time.monotonic() - self._began) * 1_000


class OutOfTimeError(Exception):
    """The time is over; what was under way is being cancelled."""


class Loop:
    """The loop; its thread begins with the first work and ends with the process."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="language-models", daemon=True).start()
            return self._loop

    def start(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        """Start a piece of work."""
        return asyncio.run_coroutine_threadsafe(work, self._running())


LOOP = Loop()


class Bell:
    """Rung on the loop's thread, heard on the caller's."""

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self, _: object = None) -> None:
        """Say that something is new."""
        self._rings.put(None)

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, or for so long; several rings are heard as one."""
        try:
            self._rings.get(timeout=max(0.0, seconds))
            while True:
                self._rings.get_nowait()
        except queue.Empty:
            return


def followed(
    work: Coroutine[Any, Any, None], clock: Clock, bell: Bell | None, news: Callable[[], None]
) -> BaseException | None:
    """Wait for a piece of work on the loop, and return its error, if any; `OutOfTimeError` if it took too long.

    `news` is called on this thread when the bell rang. Work that takes too long is cancelled, and nobody waits for
    that either.
    """
    future = LOOP.start(work)
    try:
        if bell is not None:
            future.add_done_callback(bell.ring)
        while not future.done():
            if clock.left <= 0:
                return OutOfTimeError()
            if bell is None:
                wait([future], timeout=clock.left)
                continue
            bell.wait(clock.left)
            news()
            # Each time this thread wakes it holds up the one that reads, and nobody sees more often than that.
            wait([future], timeout=min(_BREATH, max(0.0, clock.left)))
        news()
    finally:
        future.cancel()
    return CancelledError() if future.cancelled() else future.exception()


async def gathered(stream: Any, heard: Heard, bell: Bell | None) -> None:
    """Gather what a stream of pieces brings, until it ends, says that it ends, or is too much."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit, aclosing(stream) as pieces:
            async for piece in pieces:
                heard.add(piece)
                if bell is not None:
                    bell.ring()
                if heard.length > MOST:
                    return
                if any(piece.response_metadata.get(end) for end in _ENDS):
                    limit.reschedule(loop.time() + _AFTERWARDS)
    except TimeoutError:
        if not limit.expired():
            raise
