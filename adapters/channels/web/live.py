"""What changes while somebody looks. A browser names the last entry it has; it gets what came since, then what comes.

The store is the truth: a hub only says that a room has changed. So whoever was cut off, or lived through a restart,
misses nothing and gets nothing twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

EVERYTHING = "*"
"""The name under which one listens to all rooms."""


class Hub:
    """Tells who listens that a room has changed. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    def changed(self, tenant: str, room: str) -> None:
        """Say that a room has changed."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, f"{tenant}\n{room}", f"{tenant}\n{EVERYTHING}")

    def _wake(self, *names: str) -> None:
        for name in names:
            for event in self._waiting.get(name, ()):
                event.set()

    @contextmanager
    def listening(self, tenant: str, room: str = EVERYTHING) -> Iterator[asyncio.Event]:
        """Return an event that is set whenever the room changes; who listens clears it."""
        self._loop = asyncio.get_running_loop()
        name, event = f"{tenant}\n{room}", asyncio.Event()
        self._waiting[name].add(event)
        try:
            yield event
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]


async def changes(
    hub: Hub,
    tenant: str,
    room: str,
    news: Callable[[], list[dict[str, str]]],
    gone: Callable[[], Awaitable[bool]],
) -> AsyncIterator[dict[str, str]]:
    """Yield server-sent events: what `news` has now, then what it has after each change, till the browser is gone."""
    with hub.listening(tenant, room) as changed:
        while not await gone():
            changed.clear()
            for one in await asyncio.to_thread(news):
                yield one
            try:
                await asyncio.wait_for(changed.wait(), timeout=20)
            except TimeoutError:
                yield {"comment": "still here"}
