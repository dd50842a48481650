"""Answers in Slack while they are written: Slack's streams. It knows no SDK.

A stream is a message that grows. When the answer is there, the stream is stopped with what is missing and with the
buttons, and is the answer; where that cannot be, the answer replaces its words, or is posted when it is gone. Slack
streams into threads only, and what it does not allow somewhere is not tried there for a while.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from adapters.channels.slack_asking import Call, remember
from adapters.channels.slack_blocks import EVENT_TYPE, Part
from adapters.channels.slack_commands import typed
from adapters.channels.slack_payload import Body, dicts_at, text_at
from adapters.channels.slack_text import so_far
from adapters.post import Note, NotSentError, Parcel, Preview, RefusedError, SendError

MOST = 11_000
"""Characters of one stream; Slack takes 12,000. What is longer is seen when it is there."""
STARTS = 15
"""Streams that are begun in a workspace in a minute. Slack takes twenty, and as many that are stopped."""
_MINUTE, _HOUR = 60.0, 3_600.0
_EARLIER = 60.0
"""Seconds by which Slack's clock and ours may differ."""
_NOTHING = "…"
_log = structlog.get_logger(__name__)


class Way(NamedTuple):
    """Where a parcel goes: the workspace whose bot carries it, the conversation, and the thread, if there is one."""

    team: str
    channel: str
    thread: str | None


class Spot(NamedTuple):
    """Where a stream stands. Until Slack has named it, only the moment is known after which it came."""

    team: str
    channel: str
    thread: str
    since: str
    ts: str = ""

    def __str__(self) -> str:
        """Return it as it is noted."""
        return " ".join(self)

    @classmethod
    def read(cls, noted: str) -> "Spot | None":
        """Return what was noted."""
        parts = noted.split(" ")
        return cls(*parts) if len(parts) == 5 and all(parts[:4]) else None


@dataclass
class _Stream:
    """A stream that this process began. `shown` is what stands in it, None where that is not sure."""

    spot: Spot
    shown: str | None = ""
    rests: float = 0.0
    """Until when Slack wants to be left alone."""


class Streams:
    """Begins streams, lets them grow, and turns them into answers. `way` says where a parcel goes."""

    def __init__(self, call: Call, way: Callable[[Parcel], Awaitable[Way]]) -> None:
        self._call, self._way = call, way
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._begun_at: OrderedDict[str, deque[float]] = OrderedDict()
        self._not_before: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._beside: set[asyncio.Task[None]] = set()

    # While the answer is written

    async def show(self, preview: Preview, note: Note) -> None:
        """Show an answer as far as it is written."""
        name = preview.parcel.id
        stream = self._streams.get(name)
        if stream is None:
            stream = remember(self._streams, name, await self._begun(preview, note))
        await self._grown(stream, so_far(typed(preview.parcel.reply.text)))

    async def _begun(self, preview: Preview, note: Note) -> _Stream:
        way = await self._way(preview.parcel)
        if way.thread is None:
            raise RefusedError("no_thread")
        self._count(way)
        spot = Spot(way.team, way.channel, way.thread, f"{time.time() - _EARLIER:.6f}")
        await note(str(spot))  # From now on there may be a stream, whatever happens.
        where: dict[str, Any] = {"channel": way.channel, "thread_ts": way.thread}
        if way.channel[:1] != "D":
            _, team, user = preview.asker.key.split(":")
            where |= {"recipient_user_id": user, "recipient_team_id": team}
        starting = asyncio.ensure_future(self._call("chat.startStream", way.team, **where))
        try:
            answer = await asyncio.shield(starting)
        except asyncio.CancelledError:
            task = asyncio.create_task(self._too_late(starting, spot))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)
            raise
        except (RefusedError, NotSentError) as error:
            wait = error.after if isinstance(error, NotSentError) else _HOUR
            remember(self._not_before, (way.team, way.channel), time.monotonic() + wait)
            await note("")
            raise
        spot = spot._replace(ts=text_at(answer, "ts"))
        await note(str(spot))
        _log.info("slack_stream_begun", parcel=preview.parcel.id)
        return _Stream(spot)

    async def _too_late(self, starting: Awaitable[Body], spot: Spot) -> None:
        """Delete a stream that begins when nobody waits for it any more."""
        with suppress(SendError):
            await self._gone(spot._replace(ts=text_at(await starting, "ts")))

    def _count(self, way: Way) -> None:
        """Count a stream, or refuse to begin it: it must not keep other answers from going out."""
        now = time.monotonic()
        begun = remember(self._begun_at, way.team, self._begun_at.get(way.team, deque()))
        while begun and now - begun[0] > _MINUTE:
            begun.popleft()
        if len(begun) >= STARTS or now < self._not_before.get((way.team, way.channel), 0.0):
            raise RefusedError("no_stream_now")
        begun.append(now)

    async def _grown(self, stream: _Stream, text: str) -> None:
        shown = stream.shown
        if shown is None or not text.startswith(shown) or len(text) > MOST or time.monotonic() < stream.rests:
            return
        more = text[len(shown) :]
        if not more.strip():
            return
        spot, stream.shown = stream.spot, None  # Not sure, until Slack has said so.
        try:
            await self._call("chat.appendStream", spot.team, channel=spot.channel, ts=spot.ts, markdown_text=more)
        except NotSentError as error:
            stream.shown, stream.rests = shown, time.monotonic() + max(error.after, 1.0)
        else:
            stream.shown = text

    # When it is there

    async def of(self, parcel: Parcel, channel: str) -> Spot | None:
        """Return where the beginnings of a parcel stand that goes into a conversation; elsewhere they are let go."""
        spot = Spot.read(parcel.shown)
        if spot is not None and spot.channel != channel:
            await self.take_back(parcel.shown)
            return None
        return spot

    async def finish(self, spot: Spot, piece: Part, metadata: dict[str, Any]) -> str:
        """Let an answer take the place of its beginnings, and return its name; empty where it has to be posted."""
        if not spot.ts:
            await self.take_back(str(spot))
            return ""
        stream = self._forgotten(spot)
        words = piece.blocks[0]["text"] if piece.blocks and piece.blocks[0]["type"] == "markdown" else ""
        if stream is None or stream.shown is None or not words.startswith(stream.shown):
            return await self._replaced(spot, piece, metadata)
        more = {"markdown_text": words[len(stream.shown) :], "blocks": piece.blocks[1:]}
        given = {name: value for name, value in more.items() if value}
        try:
            await self._at("chat.stopStream", spot, metadata=metadata, **given)
        except RefusedError as refused:
            _log.info("slack_stream_not_stopped", reason=refused.reason)
            return await self._replaced(spot, piece, metadata)
        except NotSentError:  # Streams have limits of their own, and an answer must not wait for them.
            await self._gone(spot)
            return ""
        return spot.ts

    async def _replaced(self, spot: Spot, piece: Part, metadata: dict[str, Any]) -> str:
        await self._stopped(spot)
        try:
            await self._at("chat.update", spot, text=piece.text, blocks=piece.blocks, metadata=metadata)
        except RefusedError as refused:
            _log.info("slack_stream_not_replaced", reason=refused.reason)
            await self._gone(spot)
            return ""
        return spot.ts

    # When it does not come

    async def take_back(self, shown: str) -> None:
        """Let the beginnings of an answer vanish."""
        spot = Spot.read(shown)
        if spot is None:
            return
        self._forgotten(spot)
        for ts in [spot.ts] if spot.ts else await self._nameless(spot):
            await self._gone(spot._replace(ts=ts))

    async def _nameless(self, spot: Spot) -> list[str]:
        """Return what stands in a thread since a stream was begun whose name got lost: no other lacks a parcel's."""
        asked = {"channel": spot.channel, "ts": spot.thread, "oldest": spot.since, "limit": 200}
        try:
            answer = await self._call("conversations.replies", spot.team, include_all_metadata=True, **asked)
        except RefusedError as refused:
            _log.info("slack_thread_not_readable", reason=refused.reason)
            return []
        known = {one.spot.ts for one in self._streams.values()}
        return [ts for ts in _unnamed(dicts_at(answer, "messages")) if ts not in known]

    async def _gone(self, spot: Spot) -> None:
        """Delete a stream; where Slack keeps it, let nothing stand in it."""
        for again in (False, True):
            if again:
                await self._stopped(spot)
            try:
                return await self._at("chat.delete", spot)
            except RefusedError as refused:
                if refused.reason == "message_not_found":
                    return None
                _log.info("slack_stream_not_deleted", reason=refused.reason)
        with suppress(RefusedError):
            await self._at("chat.update", spot, text=_NOTHING)
        return None

    async def _stopped(self, spot: Spot) -> None:
        with suppress(RefusedError, NotSentError):  # Mostly it has stopped already; else the next call says so.
            await self._at("chat.stopStream", spot)

    async def _at(self, method: str, spot: Spot, **arguments: Any) -> None:
        await self._call(method, spot.team, channel=spot.channel, ts=spot.ts, **arguments)

    def _forgotten(self, spot: Spot) -> _Stream | None:
        """Return what is known of a stream; from now on it does not grow any more."""
        name = next((name for name, one in self._streams.items() if one.spot.ts == spot.ts and spot.ts), None)
        return self._streams.pop(name) if name is not None else None


def _unnamed(messages: Iterable[Body]) -> Iterable[str]:
    """Yield the names of what bots have written that is no parcel. Of these, Slack lets us delete our own only."""
    for one in messages:
        if text_at(one, "bot_id") and text_at(one, "metadata", "event_type") != EVENT_TYPE:
            yield text_at(one, "ts")
