"""Lets people see an answer while it is made: from the turn, in its thread, to the channel, in the event loop.

What is seen is only ever a preview of the parcel that will come. It goes exactly where that parcel will go, is shown
only where nothing older is still to be sent, and never keeps a turn waiting. Where a channel cannot show it, or
stumbles, the answer comes as it would have come.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog

from adapters.breath import wanted
from adapters.post import Account, Channel, ChannelName, Parcel, Preview, RefusedError, SendError, Shows
from adapters.routing import Routes
from adapters.services.store import Answering, Mail, Taken
from bot.consult import Overheard
from bot.intent import parted
from bot.model import Message, Reply
from bot.orders import plain

PACE = 0.2
"""Seconds between two looks, where the channel does not ask for more."""
LAST_LOOK = 2.0
"""Seconds that a finished answer waits for a look that is under way; then that is cut off."""
TAKE_BACK = 10.0
TAKEOVER = ("takeover", "交代")
log = structlog.get_logger(__name__)


class Relay:
    """Carries the latest of what a thread says into an event loop, with pauses of `pace` seconds at least.

    What is said in between is dropped, and nobody is kept waiting. The first failure is the end: it is logged,
    without a word of what was said.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, pace: float, carry: Callable[[str], Awaitable[None]]) -> None:
        self._loop, self._pace, self._carry = loop, max(pace, PACE), carry
        self._latest = ""
        self._told = self._closed = self._carrying = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, text: str) -> None:
        """Say something, in any thread."""
        self._latest = text
        if not self._told:
            self._told = True
            with suppress(RuntimeError):  # The loop has ended, and so has everybody's interest.
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._told = False
        if self._task is None and not self._closed:
            self._task = self._loop.create_task(self._run())
        self._news.set()

    async def _run(self) -> None:
        while not self._closed:
            await self._news.wait()
            self._news.clear()
            self._carrying = True
            try:
                await self._carry(self._latest)
            except SendError as error:
                log.info("not shown", reason=str(error))
                return
            except Exception as error:
                log.warning("not shown", error=type(error).__name__)
                return
            finally:
                self._carrying = False
            if not self._closed:
                await asyncio.sleep(self._pace)

    async def close(self) -> None:
        """Carry nothing more. What is being carried is carried to its end, if that is soon."""
        self._closed = True
        if self._task is None:
            return
        if self._carrying:
            await asyncio.wait({self._task}, timeout=LAST_LOOK)
        self._task.cancel()
        await asyncio.wait({self._task})


class Aloud:
    """Lets channels show answers while they are made, and sees to it that nothing shown stays beside an answer."""

    def __init__(self, mail: Mail, channels: Mapping[ChannelName, Channel]) -> None:
        self._mail, self._channels = mail, channels
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._hearers: dict[Answering, object] = {}
        """Who hears the answers that are being made: nobody else is listened to, however late they speak."""
        self._relays: dict[Answering, Relay | None] = {}

    def heard(self, taken: Taken, routes: Routes, name: str) -> Overheard:
        """Return who hears the answer to an event while it is made. `name` is what who asks is called in the room."""
        answering, me = Answering(taken.lane, taken.sequence), object()
        if answering in self._hearers:
            self._hearers[answering] = me

        def hear(message: Message, text: str) -> None:
            with self._lock:
                if self._hearers.get(answering) is not me or not text:
                    return
                if answering not in self._relays:
                    self._relays[answering] = self._begun(answering, taken, routes, name, message)
                relay = self._relays[answering]
            if relay is not None:
                relay(text)

        return hear

    def _begun(self, answering: Answering, taken: Taken, routes: Routes, name: str, message: Message) -> Relay | None:
        to = message.sender.name if message.private else "room"
        begun = Reply(to=to, kind="answer", text="…", in_reply_to=message.id)
        try:
            parcels = routes.parcels([begun], name)
        except Exception as error:  # Whatever it is, the turn goes on.
            log.warning("not shown", error=type(error).__name__)
            return None
        channel = self._channels.get(parcels[0].channel) if len(parcels) == 1 else None
        if self._loop is None or not isinstance(channel, Shows):
            return None
        showing = _Showing(answering, parcels[0], taken.event.account, self._mail, channel)
        return Relay(self._loop, channel.pace, showing)

    async def during(self, taken: Taken, turn: Callable[[], Awaitable[None]]) -> None:
        """Let a turn be taken. When it is over, nothing more of it is shown."""
        self._loop, answering = asyncio.get_running_loop(), Answering(taken.lane, taken.sequence)
        self._hearers[answering] = None
        try:
            await turn()
        finally:
            with self._lock:
                del self._hearers[answering]
                relay = self._relays.pop(answering, None)
            if relay is not None:
                await relay.close()

    async def tidy(self) -> None:
        """Take back what was shown of answers that do not come. Mostly there is none, and then this costs nothing."""
        if not self._mail.previewed:
            return
        for left in await asyncio.to_thread(self._mail.previews_left):
            channel = self._channels.get(left.channel)
            if isinstance(channel, Shows) and not left.answered and not await _taken_back(channel, left.shown):
                continue  # Not this time; in a minute somebody tidies up again.
            await asyncio.to_thread(self._mail.forget_preview, left.answering)


class _Showing:
    """One answer on its way to be seen."""

    def __init__(self, answering: Answering, parcel: Parcel, asker: Account, mail: Mail, channel: Shows) -> None:
        self._answering, self._parcel, self._asker = answering, parcel, asker
        self._mail, self._channel = mail, channel
        self._begun = False

    async def __call__(self, text: str) -> None:
        if await asyncio.to_thread(self._somebody_takes_over):
            raise _LaterError("a human takes over")
        if not self._begun:
            await self._begin()
            self._begun = True
        reply = self._parcel.reply.model_copy(update={"text": text})
        preview = Preview(parcel=self._parcel.model_copy(update={"reply": reply}), asker=self._asker)
        await self._channel.show(preview, self._note)

    def _somebody_takes_over(self) -> bool:
        """Whether a human has said so meanwhile. If they may not, the answer comes all the same."""
        waiting = [wanted(event) for event in self._mail.waiting(self._answering.lane)]
        commands = [plain(parted(one.words[1:])[0]) for one in waiting if one.wants == "command"]
        return any(command in TAKEOVER for command in commands)

    async def _begin(self) -> None:
        if await asyncio.to_thread(self._mail.unsent, self._answering.lane):
            raise _LaterError("something older is still to be sent")
        left = await asyncio.to_thread(self._mail.preview, self._answering)
        if left:  # A try before this one, perhaps in another life, has begun to show something.
            if not await _taken_back(self._channel, left):
                raise _LaterError("an earlier beginning still stands there")
            await asyncio.to_thread(self._mail.forget_preview, self._answering)

    async def _note(self, shown: str) -> None:
        await asyncio.to_thread(self._mail.note_preview, self._answering, self._parcel, shown)


class _LaterError(SendError):
    """It is not the time to show anything."""


async def _taken_back(channel: Shows, shown: str) -> bool:
    """Let a preview vanish; whether nothing more need be done about it."""
    try:
        await asyncio.wait_for(channel.take_back(shown), TAKE_BACK)
    except (SendError, TimeoutError) as error:
        log.info("not taken back", error=type(error).__name__)
        return isinstance(error, RefusedError)
    except Exception as error:  # A fault of ours will not be another one next time.
        log.warning("not taken back", error=type(error).__name__)
    return True
