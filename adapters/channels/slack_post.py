"""Carries parcels to Slack and looks for them there. It knows no SDK: `call` asks Slack, failing as the post does."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from adapters.channels.slack_asking import Call, remember
from adapters.channels.slack_blocks import EVENT_TYPE, POINTER, Block, Part, message
from adapters.channels.slack_payload import Body, dict_at, dicts_at, text_at
from adapters.channels.slack_stream import Spot, Streams, Way
from adapters.post import Parcel, Place, RefusedError, SendError

WHISPERED = "whispered:"
"""Stands before the name of a message that only one person saw for a while: Slack forgets it."""
_BLOCKS_REFUSED = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments")
_THREAD_GONE = (
    "cannot_reply_to_message",
    "invalid_thread_ts",
    "message_not_found",
    "restricted_action_non_threadable_channel",
    "thread_not_found",
)
_NO_DM = (
    "access_denied",
    "cannot_dm_bot",
    "cannot_dm_user",
    "channel_not_found",
    "is_archived",
    "messages_tab_disabled",
    "not_in_channel",
    "team_access_not_granted",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
)
_EARLIER = timedelta(seconds=60)
_YESTERDAY = timedelta(days=1)
_PAGES = 10
_TS = re.compile(r"\d{10}\.\d{6}")
_log = structlog.get_logger(__name__)


class Post:
    """Sends, finds and settles parcels. `team_of` names the workspace whose bot carries one."""

    def __init__(self, call: Call, team_of: Callable[[Parcel], Awaitable[str]]) -> None:
        self.call, self._team_of = call, team_of
        self.streams = Streams(call, self.way)
        self._there: OrderedDict[str, dict[int, str]] = OrderedDict()
        """The parts of parcels that are known to have arrived, where not all have."""
        self._dms: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._threads: OrderedDict[tuple[str, str], str] = OrderedDict()
        """The thread in which a person last wrote to the bot alone."""
        self._asked: OrderedDict[tuple[str, str, str], str | None] = OrderedDict()
        """The threads of what people asked the bot alone, by message."""

    def talks_in(self, team: str, user: str, thread: str | None, message: str = "") -> None:
        """Note in which thread of their talk with the bot a person writes, so that answers go there."""
        remember(self._asked, (team, user, message), thread)
        if thread:
            remember(self._threads, (team, user), thread)
        else:
            self._threads.pop((team, user), None)

    async def way(self, parcel: Parcel) -> Way:
        """Return where a parcel goes."""
        team = await self._team_of(parcel)
        return Way(team, await self._channel(parcel, team), await self._thread(parcel, team))

    async def send(self, parcel: Parcel) -> str:
        """Deliver a parcel and return the name of its last message."""
        team = await self._team_of(parcel)
        if parcel.place is not None and _id(parcel.place.key)[:1] in "CGD":
            return await self._deliver(parcel, Way(team, _id(parcel.place.key), await self._thread(parcel, team)))
        try:
            channel = await self.dm(team, _person(parcel))
            receipt = await self._deliver(parcel, Way(team, channel, await self._thread(parcel, team)))
        except RefusedError as refused:
            return await self._whispered(parcel, team, refused)
        if parcel.aside is not None:
            await self._pointed(parcel, parcel.aside, team)
        return receipt

    async def dm(self, team: str, user: str) -> str:
        """Return the conversation with one person."""
        known = self._dms.get((team, user))
        if known is None:
            answer = await self.call("conversations.open", team, users=user)
            known = text_at(answer, "channel", "id")
            if not known:
                raise RefusedError("no_channel")
            remember(self._dms, (team, user), known)
        return known

    async def _deliver(self, parcel: Parcel, way: Way) -> str:
        pieces, (team, channel, thread) = message(parcel), way
        spot = await self.streams.of(parcel, channel)
        thread = spot.thread if spot else thread
        if len(pieces) > 1 and parcel.id not in self._there:
            # A try that was cut off may have left the first ones there.
            await self._look(parcel, team, channel, thread)
        there = remember(self._there, parcel.id, self._there.get(parcel.id, {}))
        for number, piece in enumerate(pieces):
            if number not in there:
                held = {"id": parcel.id, "part": number, "parts": len(pieces)}
                metadata = {"event_type": EVENT_TYPE, "event_payload": held}
                there[number] = await self._there_now(
                    spot if number == 0 else None, team, piece, channel=channel, thread=thread, metadata=metadata
                )
        self._there.pop(parcel.id, None)
        _log.info("slack_sent", parcel=parcel.id, parts=len(pieces), length=len(parcel.reply.text))
        return there[len(pieces) - 1]

    async def _there_now(self, spot: Spot | None, team: str, piece: Part, **how: Any) -> str:
        """Let a message take the place of its beginnings; without any, post it."""
        finished = await self.streams.finish(spot, piece, how["metadata"]) if spot else ""
        return finished or await self._posted(team, piece, **how)

    async def _posted(
        self, team: str, piece: Part, *, channel: str, thread: str | None, metadata: dict[str, Any]
    ) -> str:
        """Post one message; plain where its blocks are refused, beside its thread where that is gone."""
        arguments: dict[str, Any] = {"channel": channel, "metadata": metadata}
        arguments |= {"unfurl_links": False, "unfurl_media": False}
        for threads in [{"thread_ts": thread}, {}] if thread else [{}]:
            for words in ({"text": piece.text, "blocks": piece.blocks}, {"text": piece.bare, "mrkdwn": False}):
                try:
                    answer = await self.call("chat.postMessage", team, **arguments, **threads, **words)
                except RefusedError as refused:
                    if refused.reason in _BLOCKS_REFUSED and "blocks" in words:
                        _log.warning("slack_blocks_refused", reason=refused.reason)
                        continue
                    if refused.reason in _THREAD_GONE and threads:
                        break
                    raise
                return text_at(answer, "ts")
        raise RefusedError("no_rendering")

    async def _thread(self, parcel: Parcel, team: str) -> str | None:
        """Return the thread in which a parcel belongs: that of its place, else that of what it answers there."""
        place = parcel.place
        if place is None and not parcel.reply.unasked:
            return await self._private_thread(parcel, team)
        if place is None or place.thread or place.direct or parcel.reply.unasked:
            return place.thread if place else None
        return parcel.answers if _TS.fullmatch(parcel.answers) else None

    async def _private_thread(self, parcel: Parcel, team: str) -> str | None:
        """Return the thread of a private talk in which something was asked; after a restart Slack has to be asked."""
        person, (_, channel, asked) = _person(parcel), ["", "", *parcel.reply.in_reply_to.split(":")][-3:]
        if (team, person, asked) in self._asked:
            return self._asked[team, person, asked]
        if channel[:1] != "D" or not _TS.fullmatch(asked) or channel != await self.dm(team, person):
            return self._threads.get((team, person))
        try:
            answer = await self.call("conversations.replies", team, channel=channel, ts=asked, limit=1)
        except RefusedError as refused:
            _log.info("slack_thread_not_readable", reason=refused.reason)
            return self._threads.get((team, person))
        found = next((one for one in dicts_at(answer, "messages") if text_at(one, "ts") == asked), {})
        thread = text_at(found, "thread_ts")
        return remember(self._asked, (team, person, asked), thread if thread not in ("", asked) else None)

    # Private words beside a conversation

    async def _whispered(self, parcel: Parcel, team: str, refused: RefusedError) -> str:
        """Say to one person, where they are, what no direct message can carry."""
        if parcel.aside is None:
            raise RefusedError(refused.reason, unreachable=refused.reason in _NO_DM) from None
        receipt = ""
        try:
            for piece in message(parcel, whispered=True):
                words = {"text": piece.text, "blocks": piece.blocks}
                receipt = await self._ephemeral(parcel, parcel.aside, team, words, piece.bare)
        except RefusedError as no:
            raise RefusedError(no.reason, unreachable=True) from None
        _log.info("slack_whispered", parcel=parcel.id, reason=refused.reason)
        return WHISPERED + receipt

    async def _pointed(self, parcel: Parcel, aside: Place, team: str) -> None:
        """Tell somebody, where they are, that they have a direct message; never what it says."""
        try:
            await self._ephemeral(parcel, aside, team, {"text": POINTER(parcel.locale)}, "")
        except SendError as error:
            _log.info("slack_pointer_failed", parcel=parcel.id, error=type(error).__name__)

    async def _ephemeral(self, parcel: Parcel, aside: Place, team: str, words: dict[str, Any], bare: str) -> str:
        where = {"channel": _id(aside.key), "user": _person(parcel)} | (
            {"thread_ts": aside.thread} if aside.thread else {}
        )
        try:
            answer = await self.call("chat.postEphemeral", team, **where, **words)
        except RefusedError as refused:
            if refused.reason in _THREAD_GONE and aside.thread:
                return await self._ephemeral(parcel, Place(key=aside.key), team, words, bare)
            if refused.reason not in _BLOCKS_REFUSED or not bare:
                raise
            answer = await self.call("chat.postEphemeral", team, **where, text=bare)
        return text_at(answer, "message_ts")

    # What Slack has

    async def find(self, parcel: Parcel) -> str | None:
        """Return the name of a parcel's last message if Slack has all of it; what it has is not sent again."""
        team, spot = await self._team_of(parcel), Spot.read(parcel.shown)
        try:
            channel = await self._channel(parcel, team)
            return await self._look(parcel, team, channel, spot.thread if spot else await self._thread(parcel, team))
        except RefusedError as refused:
            _log.info("slack_not_findable", parcel=parcel.id, reason=refused.reason)
            return None

    async def _channel(self, parcel: Parcel, team: str) -> str:
        if parcel.place is not None and _id(parcel.place.key)[:1] in "CGD":
            return _id(parcel.place.key)
        return await self.dm(team, _person(parcel))

    async def _look(self, parcel: Parcel, team: str, channel: str, thread: str | None) -> str | None:
        found: dict[int, str] = {}
        parts = 0
        for one in await self._messages(parcel, team, channel, thread):
            held = dict_at(one, "metadata", "event_payload")
            if text_at(one, "metadata", "event_type") == EVENT_TYPE and held.get("id") == parcel.id:
                number, parts = _number(held.get("part")), max(parts, _number(held.get("parts")))
                found.setdefault(number, text_at(one, "ts"))
        if parts and all(number in found for number in range(parts)):
            self._there.pop(parcel.id, None)
            return found[parts - 1]
        if found:
            remember(self._there, parcel.id, {**found, **self._there.get(parcel.id, {})})
        return None

    async def _messages(self, parcel: Parcel, team: str, channel: str, thread: str | None) -> Iterable[Body]:
        """Return the messages among which a parcel would be: those since a little before it was first sent."""
        answered = _TS.fullmatch(parcel.answers)
        since = datetime.fromtimestamp(float(parcel.answers), UTC) - _EARLIER if answered else None
        oldest = (since or datetime.now(UTC) - _YESTERDAY).timestamp()
        asked: dict[str, Any] = {"channel": channel, "oldest": f"{oldest:.6f}", "limit": 200}
        asked |= {"include_all_metadata": True, "inclusive": True}
        found = await self._pages("conversations.history", team, asked)
        if thread:
            try:
                found += await self._pages("conversations.replies", team, asked | {"ts": thread})
            except RefusedError as refused:
                if refused.reason not in _THREAD_GONE:
                    raise
        return found

    async def _pages(self, method: str, team: str, asked: dict[str, Any]) -> list[Body]:
        found: list[Body] = []
        cursor: dict[str, str] = {}
        for _ in range(_PAGES):
            answer = await self.call(method, team, **asked, **cursor)
            found += dicts_at(answer, "messages")
            cursor = {"cursor": text_at(answer, "response_metadata", "next_cursor")}
            if not cursor["cursor"]:
                break
        return found

    async def settle(self, parcel: Parcel, receipt: str) -> None:
        """Take the buttons off a message; its words are read from Slack, for nobody else keeps them."""
        if receipt.startswith(WHISPERED) or not receipt:
            return
        team = await self._team_of(parcel)
        channel = await self._channel(parcel, team)
        asked = {"channel": channel, "ts": receipt, "oldest": receipt, "latest": receipt, "inclusive": True}
        answer = await self.call("conversations.replies", team, **asked)
        posted = next((one for one in dicts_at(answer, "messages") if text_at(one, "ts") == receipt), {})
        blocks = dicts_at(posted, "blocks")
        kept: list[Block] = [dict(one) for one in blocks if one.get("type") != "actions"]
        if kept and len(kept) < len(blocks):
            text = text_at(posted, "text")[:3_000]
            await self.call("chat.update", team, channel=channel, ts=receipt, text=text, blocks=kept)


def _id(key: str) -> str:
    return key.rsplit(":", 1)[-1]


def _person(parcel: Parcel) -> str:
    whom = parcel.account.key if parcel.account else parcel.place.key if parcel.place else ""
    return _id(whom)


def _number(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
