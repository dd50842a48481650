"""Sends parcels of the outbox, each once: one try at a time, and what became of it is written down before the next.

A try that was cut off leaves its parcel `sending`. Where the platform can be asked, it is asked before anything is
sent again; where it cannot, the parcel goes out marked as a possible repeat.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar, TypeVarTuple

import structlog

from adapters import door_words
from adapters.breath import wanted
from adapters.post import Channel, ChannelName, NotSentError, Parcel, RefusedError, UnclearError
from adapters.routing import Routes, title_of
from adapters.services.store import Directory, Lane, Mail, Posted, SqlStore
from adapters.services.store.looking import one_look
from bot.intent import parted
from bot.model import LEADING, MessageId, Reply, RoomId, Text
from bot.orders import plain
from bot.scene import Scene

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between two tries: doubled each time."""
GIVEN_UP = timedelta(days=1)
"""A word that could not be sent for so long has lost its sense, and must not stop its room for ever."""
MOST_FAULTS = 8
_AT_ONCE = ("notice", "document", "draft", "form")
"""Kinds that answer a command; they go out though a human has taken over."""
log = structlog.get_logger(__name__)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Tried(NamedTuple):
    """What a try came to. `wait` is for how many seconds to let it rest, None if it is settled."""

    state: str
    wait: float | None = None


class Sender:
    """Sends."""

    def __init__(
        self, store: SqlStore, directory: Directory, mail: Mail, channels: Mapping[ChannelName, Channel],
        *, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._store, self._directory, self._mail, self._channels = store, directory, mail, channels
        self._clock = clock
        # Few: a database file has one writer, and many who wait for it get in each other's way. Ends do not wait for
        # beginnings: what was delivered and not written down yet could come twice after a crash.
        self._beginning, self._ending = (ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("send", "sent"))

    async def send(self, tenant: str, parcel: str) -> Tried:
        """Try once to deliver a parcel."""
        posted, driven = await _beside(self._beginning, self._begun, tenant, parcel)
        if posted is None or posted.state not in ("waiting", "sending"):
            return Tried(posted.state if posted else "gone")
        channel = self._channels.get(posted.parcel.channel)
        if channel is None:
            return await self._end(posted, "refused", reason="this channel is not set up")
        if driven:
            return await self._end(posted, "withdrawn", reason="a human has taken over")
        return await self._sent(channel, posted)

    def _begun(self, tenant: str, parcel: str) -> tuple[Posted | None, bool]:
        """Begin a try: return the parcel as it was before, and whether a human has taken over."""
        posted = self._mail.begin(tenant, parcel)
        if posted is None:
            return None, False
        with one_look(self._store.engine):
            return posted, self._human_drives_now(posted)

    async def _sent(self, channel: Channel, posted: Posted) -> Tried:
        try:
            return await self._try(channel, posted)
        except NotSentError as error:
            return await self._not_sent(posted, error)
        except UnclearError:
            return self._rest(posted, 0)  # It stays `sending`, so the next try asks first.
        except RefusedError as error:
            return await self._refused(posted, error)
        except Exception as error:  # A fault of ours: its text may quote what it was given.
            return await self._fault(posted, type(error).__name__)

    async def _not_sent(self, posted: Posted, error: NotSentError) -> Tried:
        if self._clock() - posted.at > GIVEN_UP:
            return await self._end(posted, "refused", reason="not to be sent for a day")
        await self._note(posted, "waiting", reason="not sent")
        return self._rest(posted, error.after)

    async def _fault(self, posted: Posted, kind: str) -> Tried:
        log.warning("fault", parcel=posted.parcel.id, error=kind, tries=posted.tries + 1)
        if posted.tries >= MOST_FAULTS:
            return await self._end(posted, "refused", reason=kind)
        return self._rest(posted, 0)

    async def _try(self, channel: Channel, posted: Posted) -> Tried:
        parcel = posted.parcel
        if posted.state == "sending":  # A try before was cut off: it may have arrived.
            if channel.tells:
                try:
                    receipt = await channel.find(parcel)
                except NotSentError as error:
                    raise UnclearError(str(error)) from None  # Not having been asked is no answer.
                if receipt is not None:
                    return await self._end(posted, "sent", receipt=receipt)
            else:
                parcel = parcel.model_copy(update={"again": True})
                await self._note(posted, "sending", again=True)
        receipt = await channel.send(parcel)
        log.info(
            "sent", parcel=parcel.id, channel=parcel.channel, length=len(parcel.reply.text), tries=posted.tries + 1
        )
        return await self._end(posted, "sent", receipt=receipt)

    async def _refused(self, posted: Posted, error: RefusedError) -> Tried:
        log.warning("refused", parcel=posted.parcel.id, channel=posted.parcel.channel, reason=error.reason)
        await _beside(self._ending, self._tell_facilitator, posted, error.unreachable)
        return await self._end(posted, "parked" if error.unreachable else "refused", reason=error.reason)

    def _rest(self, posted: Posted, after: float) -> Tried:
        wait = max(after, min(FIRST_WAIT * 2 ** min(posted.tries, 10), LONGEST_WAIT))
        log.info(
            "not sent", parcel=posted.parcel.id, channel=posted.parcel.channel, wait=wait, tries=posted.tries + 1
        )
        return Tried("waiting", wait)

    async def _end(
        self, posted: Posted, state: str, *, receipt: str | None = None, reason: str | None = None
    ) -> Tried:
        await self._note(posted, state, receipt=receipt, reason=reason)
        return Tried(state)

    async def _note(
        self, posted: Posted, state: str, *, receipt: str | None = None, reason: str | None = None,
        again: bool | None = None,
    ) -> None:  # fmt: skip
        end = partial(self._mail.ended, receipt=receipt, reason=reason, again=again)
        await _beside(self._ending, end, posted.lane.tenant, posted.parcel.id, state)

    def _human_drives_now(self, posted: Posted) -> bool:
        """Whether a human took over after this was thought: then the bot must not talk over them."""
        reply = posted.parcel.reply
        if posted.driven or reply.kind in _AT_ONCE or reply.to == "facilitator":
            return False
        scene = self._store.of(posted.lane.tenant).load(RoomId(posted.room)) if posted.room else None
        return scene is not None and (scene.human_drives or self._takes_over(posted, scene))

    def _takes_over(self, posted: Posted, scene: Scene) -> bool:
        """Whether somebody who leads has just said so, though it is not yet that message's turn."""
        for event in self._mail.waiting(posted.lane):
            command, _ = parted(wanted(event).words[1:]) if wanted(event).wants == "command" else ("", "")
            if plain(command) not in ("takeover", "交代"):
                continue
            known = self._directory.known(posted.lane.tenant, event.account.key)
            name = known and self._directory.name_in(posted.lane.tenant, scene.room.id, known.person)
            person = scene.room.person(name) if name else None
            if person is not None and scene.room.leads(person):
                return True
        return False

    def _tell_facilitator(self, posted: Posted, unreachable: bool) -> None:
        """Tell the facilitator that somebody or the room was not reached, and nothing of what was to be said."""
        tenant, reply = posted.lane.tenant, posted.parcel.reply
        scene = self._store.of(tenant).load(RoomId(posted.room)) if posted.room else None
        if scene is None or posted.state == "parked":
            return
        locale, person = scene.locale_for("facilitator"), scene.room.person(reply.to)
        if reply.to == "room" and posted.parcel.place is not None:
            text = _SHUT(locale).replace("{room}", title_of(scene.room) or door_words.UNNAMED(locale))
        elif person is not None and person.side not in LEADING:
            text = (_UNREACHED if unreachable else _REFUSED)(locale).replace("{who}", reply.to)
        else:
            return
        told = Reply(to="facilitator", kind="notice", text=text, in_reply_to=MessageId(reply.in_reply_to))
        lane = Lane(tenant, posted.lane.name)
        cause = f"unreached {posted.room} {reply.to} {self._clock():%Y-%m-%d}"  # Once a day.
        parcels: tuple[Parcel, ...] = Routes(self._directory, lane, scene, None, cause).parcels([told])
        self._mail.send_also(lane, parcels, posted.room)


_UNREACHED = Text(
    ja="{who}さんには、まだ個別にお話しできません。私との会話を一度始めていただくよう、お声がけください。",
    en="I cannot talk with {who} in private yet. Please ask them to open a talk with me once.",
)
_SHUT = Text(
    ja="「{room}」に、お返事を書き込めませんでした。その場所が閉じられていないか、私に書き込みが許されているかを"
    "お確かめください。",
    en="I could not post my answer in {room}. Please see whether that place has been archived, and whether I am "
    "allowed to post there.",
)
_REFUSED = Text(
    ja="{who}さんへの個別の連絡が、届きませんでした。",
    en="A private word to {who} could not be delivered.",
)


async def _beside(thread: Executor, work: Callable[[*Ts], T], *args: *Ts) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *args)
