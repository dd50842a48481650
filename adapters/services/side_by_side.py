"""Many side by side, or one alone: a lock for work that is suspected of killing the process."""

import asyncio
from types import TracebackType


class Together:
    """Entered by many at a time, but by nobody while one is alone."""

    def __init__(self) -> None:
        self.inside = 0
        self.free = asyncio.Condition()
        self.taken = False
        """Whether somebody is alone, or waits to be."""

    async def __aenter__(self) -> None:
        """Wait until nobody is alone."""
        async with self.free:
            await self.free.wait_for(lambda: not self.taken)
            self.inside += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave."""
        async with self.free:
            self.inside -= 1
            self.free.notify_all()


class Alone:
    """Entered by one at a time, when all others have left."""

    def __init__(self, together: Together) -> None:
        self._together = together

    async def __aenter__(self) -> None:
        """Keep the others out, and wait until all have left."""
        shared = self._together
        async with shared.free:
            await shared.free.wait_for(lambda: not shared.taken)
            shared.taken = True
            await shared.free.wait_for(lambda: shared.inside == 0)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the others in again."""
        async with self._together.free:
            self._together.taken = False
            self._together.free.notify_all()
