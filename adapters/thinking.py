"""Thinking: one event of a lane along the road, in a thread of its own; again if it fails, aside if it must be."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from adapters.aloud import Aloud
from adapters.attending import introduce, settle
from adapters.beside import DiedError, Turns
from adapters.files import Read, take_in
from adapters.logs import where
from adapters.post import Channel, ChannelName
from adapters.reception import Reception
from adapters.services.side_by_side import Alone, Together
from adapters.services.store import Lane, StoreError, Taken
from adapters.services.store.looking import one_look
from adapters.services.store.mail import TRIES

THINKERS, WAITERS = 2, 16
"""Turns at once: each keeps a core busy, and taking events in needs some of it too; waiting for a model does not."""
SUSPECT = 2
"""An event that was under way in so many deaths of the process is handled alone, so that only the guilty goes on."""
DEATHS = 8
"""After so many it is put aside."""
log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Here:
    """A reception that takes turns in threads of this process."""

    def __init__(self, reception: Reception, threads: Executor) -> None:
        self._reception, self._threads = reception, threads

    async def handle(self, taken: Taken, now: datetime, read: Mapping[str, Read]) -> None:
        """Do what an event asks for and write down what came of it."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._reception.handle, taken, now, read)

    async def pass_time(self, lane: Lane, now: datetime) -> None:
        """Let time pass in a room, and write down what came of it."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._reception.pass_time, lane, now)


class Thinking:
    """Takes events along the road.

    `follows` hears of a talk that has found its partnership, `changed` of a room in which something happened.
    """

    def __init__(
        self,
        reception: Reception,
        channels: Mapping[ChannelName, Channel],
        aloud: Aloud,
        *,
        turns: Turns | None,
        clock: Callable[[], datetime],
        follows: Callable[[Lane, int], None],
        changed: Callable[[str, str], None],
    ) -> None:
        self.reception, self.channels, self.aloud = reception, channels, aloud
        self.mail, self.store, self.clock = reception.mail, reception.store, clock
        self._follows, self._changed = follows, changed
        many = WAITERS if reception.models else THINKERS if turns is None else 1
        self.threads = ThreadPoolExecutor(many, thread_name_prefix="think")
        self.turns: Turns = turns or Here(reception, self.threads)
        """What takes turns: the reception here, or one in another process."""
        self._together = Together()
        self._alone = Alone(self._together)

    async def next(self, lane: Lane) -> tuple[bool, tuple[str, ...]]:
        """Take the event of a lane whose turn it is along the road.

        Return whether another waits behind it, and what is to be sent.
        """
        async with self._together:
            taken = await self._thinking(self.mail.take, lane, SUSPECT)
            done = taken is not None and await self._think(taken)
        if not done and await self._thinking(self.mail.waits, lane):
            async with self._alone:
                taken = await self._thinking(self.mail.take, lane)
                if taken is not None:
                    await self._think(taken, alone=True)
        await self.aloud.tidy()
        return await self._thinking(self._left, lane)

    async def pass_time(self, lane: Lane) -> None:
        """Let time pass in a room; if the process that does it dies, once more, with nothing else under way."""
        try:
            async with self._together:
                await self.turns.pass_time(lane, self.clock())
        except DiedError:
            async with self._alone:
                await self.turns.pass_time(lane, self.clock())
        self._changed(lane.tenant, lane.name)

    def _left(self, lane: Lane) -> tuple[bool, tuple[str, ...]]:
        with one_look(self.store.engine):
            return self.mail.waits(lane), self.mail.unsent(lane)

    async def _think(self, taken: Taken, *, alone: bool = False) -> bool:
        """Return whether it is done, one way or the other. If not, the process beside died, and it must go alone."""
        now: Taken | None = taken
        faults = 0
        while now is not None and now.tries <= DEATHS + faults:
            try:
                await self._handle(now)
            except StoreError:
                raise
            except Exception as error:
                faults += 1
                log.warning("failed", id=now.event.id, error=where(error), tries=now.tries)
                if await self._thinking(self.mail.state_of, now.lane, now.sequence) != "waiting":
                    await self._follow_up(now)  # It was written down, and only word of it was lost.
                    return True
                if isinstance(error, DiedError) and not alone:
                    return False
                if faults >= TRIES:
                    break
                await asyncio.sleep(0.05 * 2**faults)
            else:
                return True
            now = await self._thinking(self.mail.take, now.lane)
        if now is not None:
            await self._put_aside(now)
        return True

    async def _put_aside(self, taken: Taken) -> None:
        log.error("put aside", id=taken.event.id, channel=taken.event.channel)
        with suppress(Exception):  # Without the name of who wrote it, it is put aside all the same.
            taken = await self._acquainted(taken)
        await self._thinking(self.reception.put_aside, taken)

    async def _acquainted(self, taken: Taken) -> Taken:
        """Return an event with the name of who wrote it."""
        event, channel = taken.event, self.channels.get(taken.event.channel)
        if channel is None or event.account.name:
            return taken
        account = await channel.acquainted(event.account)
        return taken._replace(event=event.model_copy(update={"account": account}))

    async def _thinking(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that takes a core's time, in its turn."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *args, **kwargs))

    async def _handle(self, taken: Taken) -> None:
        taken = await self._acquainted(taken)
        event, channel = taken.event, self.channels.get(taken.event.channel)
        if channel is not None and event.kind in ("arranged", "said", "edited"):
            await introduce(event, channel, taken.lane.tenant, self.reception.directory)
        read = await self._read(taken, channel)
        await self.aloud.during(taken, partial(self.turns.handle, taken, self.clock(), read))
        await self._follow_up(taken)

    async def _read(self, taken: Taken, channel: Channel | None) -> dict[str, Read]:
        """Read the files of an event, and when its writer has finished those of what belongs to it as well."""
        read: dict[str, Read] = {}
        # What is changed around a file leaves it as it was read.
        reads = channel if taken.event.kind == "said" else None
        if reads is not None:
            read = {file.ref: await take_in(file, reads) for file in taken.event.files}
        while (wait := await self._thinking(self._patience, taken)) > 0:
            await asyncio.sleep(wait)
        if reads is not None:
            others = await self._thinking(self.reception.files_of, taken)
            read |= {file.ref: await take_in(file, reads) for file in others if file.ref not in read}
        return read

    async def _follow_up(self, taken: Taken) -> None:
        """Do what is left to be done about an event when all that becomes of it is written down."""
        event, channel = taken.event, self.channels.get(taken.event.channel)
        if not event.place.direct and (lane := await self._thinking(self.reception.lane_of, event)) != taken.lane:
            self._follows(lane, taken.sequence)
        if event.kind == "pressed":
            await settle(event, channel, taken.lane.tenant, self.mail)
        self._changed(taken.lane.tenant, taken.lane.name)

    def _patience(self, taken: Taken) -> float:
        """Return for how many seconds the writer of an event may still go on; nobody is waited for twice."""
        return self.reception.patience(taken, self.clock()) if taken.tries == 1 else 0.0
