"""The durable road, on DBOS. The only door to it.

An event stands in the inbox before anybody is told that it arrived. Then a workflow takes the lanes one message at a
time: think, then send. Workflows hold ids only; what was said is in the house's own tables, and so is the order: a
workflow takes whatever is next in its lane, not what it was started for. So one too many does no harm, and one too
few is made up for by `sweep`, at the start and every minute.
"""

import asyncio
import contextvars
import hashlib
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from adapters.aloud import Aloud
from adapters.beside import Turns
from adapters.logs import quiet
from adapters.post import Channel, ChannelName, Event
from adapters.reception import Reception
from adapters.sending import Sender
from adapters.services.store import Lane, Mail, SqlStore
from adapters.services.store.engine import beside_url, place
from adapters.services.store.errors import StoreError, told
from adapters.taking import Taker
from adapters.thinking import Thinking

QUEUE = "rooms"
POLL = 0.1
"""Seconds between two looks at the queue."""
ROAD = "road-2"
"""Names the order of the steps below. Work begun under one name is not taken up under another."""
WRITERS = 3
"""Threads in which workflows write down how far they are: more would only wait for each other."""
AT_ONCE = 50
"""Events that one workflow takes at most before it makes way."""
SENDS = 6
"""Tries in a row for one parcel; then it rests until the next minute."""
DRAIN = 25
"""Seconds that work under way is given when the house closes."""
SWITCH = 0.001
"""Seconds that a thread may think before another gets its turn: who takes events in must not wait long."""
OVERDUE = timedelta(seconds=90)
KEPT = timedelta(days=3)
"""How long finished workflows are remembered: longer than any platform repeats an event."""
FILE = "jobs.db"
ANEW = "Stop every Nakodo and move the file away: it is made anew, and no message is lost"
log = structlog.get_logger(__name__)


class Jobs:
    """Receives events and sees to it that each is handled once, in the order of its lane."""

    minute, night = "* * * * *", "17 3 * * *"
    """When what lies forgotten or is due is looked for, and when the house is tidied (cron, UTC)."""

    def __init__(
        self,
        reception: Reception,
        sender: Sender,
        channels: Mapping[ChannelName, Channel],
        *,
        url: str | None,
        home: Path,
        turns: Turns | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        changed: Callable[[str, str], None] = lambda _tenant, _room: None,
    ) -> None:
        self.changed = changed
        """Called with a programme and a room whenever something happened there."""
        self.reception, self.sender, self.channels = reception, sender, channels
        self.mail: Mail = reception.mail
        self.store: SqlStore = reception.store
        self._url, self._home, self.clock = url, home, clock
        self.aloud = Aloud(self.mail, channels)
        if reception.models:
            reception.aloud = self.aloud
        self.thinking = Thinking(
            reception,
            channels,
            self.aloud,
            turns=turns,
            clock=clock,
            follows=self._follows,
            changed=changed,
        )
        self._taker = Taker(reception)
        self.queued: set[Lane] = set()
        """Lanes for which a workflow is on its way that has not looked yet what waits: it will see whatever comes."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the house: take up what was left, then whatever comes.

        Raises:
            StoreError: what workflows are written down in cannot be opened, read or written.
        """
        global _open  # noqa: PLW0603  # DBOS knows workflows by name, so they find their house by name too.
        _open = self
        self.queued.clear()
        quiet("dbos")
        sys.setswitchinterval(SWITCH)
        try:
            with told(self._place, remedy=ANEW):
                await self._launch()
        except StoreError:  # What runs of it already would keep the process from ending.
            DBOS.destroy(workflow_completion_timeout_sec=0)
            raise
        await self.sweep(self.clock(), every=True)

    async def _launch(self) -> None:
        DBOS(config=self._config())
        DBOS.launch()
        await DBOS.register_queue_async(QUEUE, partition_concurrency=1, polling_interval_sec=POLL)
        await DBOS.apply_schedules_async(
            [_schedule("minute", minute, self.minute), _schedule("night", night, self.night)]
        )

    async def stop(self) -> None:
        """Close the house: what is under way is finished, the rest waits for the next start."""
        global _open  # noqa: PLW0603
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(lambda: DBOS.destroy(workflow_completion_timeout_sec=DRAIN))
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(8))  # DBOS took the loop's down with it.
        self.thinking.threads.shutdown(wait=False)
        _open = None

    async def receive(self, event: Event) -> None:
        """Take an event in. When this returns it is durable, and the platform may be told so.

        Raises:
            StoreError: it could not be written down.
        """
        await self.take_in(event)

    async def take_in(self, event: Event) -> tuple[Lane, int | None]:
        """Take an event in, and return its lane and number there; None is one that came before."""
        lane, number = await self._taker.take(event)
        if number is None:
            log.info("repeated", channel=event.channel, id=event.id)
            return lane, None
        log.info("received", channel=event.channel, kind=event.kind, id=event.id, length=len(event.text))
        if lane not in self.queued:
            self.queued.add(lane)
            self._beside(_started(lane, number))  # It is durable: the platform need not wait for the rest.
        return lane, number

    async def sweep(self, now: datetime, *, every: bool = False) -> None:
        """Start a workflow for every lane in which something waits, and for every room that is due."""
        stamp = f"sweep-{int(now.timestamp())}"
        waiting = await asyncio.to_thread(self.mail.lanes_waiting, None if every else now - OVERDUE)
        unsent = await asyncio.to_thread(self.mail.lanes_unsent)
        for lane in sorted({*waiting, *unsent}):
            await _enqueue(lane, stamp)
        for tenant, room, due in await asyncio.to_thread(self.store.due, now):
            await _enqueue(Lane(tenant, room), f"due-{int(due.timestamp())}-{stamp}", ticking=True)
        await self.aloud.tidy()
        await asyncio.to_thread(self.mail.note_sign, "house", now)

    @property
    def _place(self) -> str:
        return place(self.store.engine) if self._url else str(self._home / FILE)

    # What the workflows do

    def _beside(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something without anybody waiting, and outside of any workflow."""
        task = asyncio.get_running_loop().create_task(doing, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _follows(self, lane: Lane, sequence: int) -> None:
        """Go on in the lane of its partnership with a talk that has found it."""
        self._beside(_enqueue(lane, f"follow-{sequence}"))

    def _config(self) -> DBOSConfig:
        return {
            "name": "nakodo",
            "system_database_url": self._url or beside_url(self._home / FILE),
            "application_version": ROAD,
            "executor_id": "house",
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": WRITERS,
            "log_level": "WARNING",
        }


_open: Jobs | None = None


def _house() -> Jobs:
    if _open is None:
        raise RuntimeError("the house is closed")
    return _open


@DBOS.step(name="think", retries_allowed=True, max_attempts=6, interval_seconds=0.5, backoff_rate=2.0)
async def think(tenant: str, lane: str) -> tuple[bool, list[str]]:
    """Handle one event; return whether another waits, and what is to be sent."""
    _house().queued.discard(Lane(tenant, lane))
    more, unsent = await _house().thinking.next(Lane(tenant, lane))
    return more, list(unsent)


@DBOS.step(name="tick", retries_allowed=True, max_attempts=6, interval_seconds=0.5, backoff_rate=2.0)
async def tick(tenant: str, lane: str) -> list[str]:
    """Let time pass in a room; return what is to be sent."""
    house = _house()
    await house.thinking.pass_time(Lane(tenant, lane))
    return list(await asyncio.to_thread(house.mail.unsent, Lane(tenant, lane)))


@DBOS.step(name="unsent", retries_allowed=True, max_attempts=6, interval_seconds=0.5, backoff_rate=2.0)
async def unsent(tenant: str, lane: str) -> list[str]:
    """Return what is to be sent."""
    return list(await asyncio.to_thread(_house().mail.unsent, Lane(tenant, lane)))


@DBOS.step(name="send", retries_allowed=True, max_attempts=6, interval_seconds=0.5, backoff_rate=2.0)
async def send(tenant: str, parcel: str) -> tuple[str, float | None]:
    """Try to send a parcel; return what became of it, and for how long to let it rest if it is not settled."""
    tried = await _house().sender.send(tenant, parcel)
    await _house().aloud.tidy()
    return tried.state, tried.wait


@DBOS.workflow(name="handle", max_recovery_attempts=20)
async def handle(tenant: str, lane: str) -> None:
    """Take what waits in a lane, one event after the other, and send what is said to it."""
    for _ in range(AT_ONCE):
        more, parcels = await think(tenant, lane)
        if await _deliver(tenant, parcels):  # Somebody was not reached, and the facilitator is told so.
            await _deliver(tenant, await unsent(tenant, lane))
        if not more:
            return


@DBOS.workflow(name="pass_time", max_recovery_attempts=20)
async def pass_time(tenant: str, lane: str) -> None:
    """Let time pass in a room, and send what is due."""
    if await _deliver(tenant, await tick(tenant, lane)):
        await _deliver(tenant, await unsent(tenant, lane))


async def _deliver(tenant: str, parcels: list[str]) -> bool:
    """Send what is to be sent, in its order: what does not go out keeps the rest waiting. Return whether any of it
    was refused, for then there is more to say."""
    refused = False
    for parcel in parcels:
        for _ in range(SENDS):
            state, wait = await send(tenant, parcel)
            refused = refused or state in ("refused", "parked")
            if wait is None:
                break
            await DBOS.sleep_async(wait)
        else:
            break
    return refused


@DBOS.workflow(name="minute")
async def minute(at: datetime, context: Any) -> None:
    """See once a minute whether anything was forgotten or is due."""
    house = _house()
    await house.sweep(house.clock())


@DBOS.workflow(name="night")
async def night(at: datetime, context: Any) -> None:
    """Forget finished workflows, and whatever else was kept long enough."""
    house = _house()
    await asyncio.to_thread(house.reception.tidy, house.clock())
    before = (house.clock() - KEPT).isoformat()
    while True:
        done = await DBOS.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=before,
            limit=500,
            load_input=False,
            load_output=False,
        )
        if not done:
            return
        await DBOS.delete_workflows_async([one.workflow_id for one in done])


async def _enqueue(lane: Lane, name: str, *, ticking: bool = False) -> None:
    """Start a workflow in a lane. One of the same name is started once."""
    partition = hashlib.blake2b(f"{lane.tenant}\n{lane.name}".encode(), digest_size=12).hexdigest()
    with SetWorkflowID(f"{partition}-{name}"), SetEnqueueOptions(queue_partition_key=partition):
        await DBOS.enqueue_workflow_async(QUEUE, pass_time if ticking else handle, lane.tenant, lane.name)


async def _started(lane: Lane, number: int) -> None:
    """Start the workflow of an event. Where that fails, the next sweep does it."""
    try:
        await _enqueue(lane, f"{number:012d}")
    except Exception as error:
        _house().queued.discard(lane)
        log.warning("not started", error=type(error).__name__)


def _schedule(name: str, workflow: Any, cron: str) -> Any:
    return {
        "schedule_name": name,
        "workflow_fn": workflow,
        "schedule": cron,
        "context": None,
        "automatic_backfill": False,
    }
