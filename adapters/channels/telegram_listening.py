"""Hears what happens on Telegram and hands it over, by polling or by webhook. It knows nothing of the SDK.

An update counts as taken when `receive` has returned. Until then the offset stays, and a post is answered with 503,
so that Telegram brings it again.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from adapters.channels.telegram_events import Me, Unseen, calls_unseen, translate
from adapters.channels.telegram_line import ConflictError, Line
from adapters.channels.telegram_menu import UNMASK
from adapters.channels.telegram_posting import chat_of
from adapters.channels.telegram_text import Page
from adapters.channels.telegram_webhook import Refusal, read
from adapters.post import Event, NotSentError, SendError

ASKED_FOR = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
LONG_POLL = 25
"""Seconds that Telegram keeps a question open."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOOK_EVERY = 60.0
"""Seconds between two looks at the webhook."""
log = structlog.get_logger(__name__)


class Listener:
    """Listens until it is stopped. `me` is set once Telegram has told who the bot is."""

    def __init__(
        self, line: Line, receive: Callable[[Event], Awaitable[None]], clock: Callable[[], datetime]
    ) -> None:
        self._line, self._receive, self._clock = line, receive, clock
        self.me: Me | None = None
        self.refused: Counter[str] = Counter()
        self.alive: datetime | None = None
        self.stopping = asyncio.Event()
        self._offset: int | None = None
        self._asking: asyncio.Task[Sequence[Mapping[str, Any]]] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._unmasked: dict[str, date] = {}
        """When somebody without a face was last asked for it, in which chat."""

    async def rest(self, seconds: float) -> bool:
        """Wait; whether it is to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def poll(self) -> None:
        """Fetch updates until it is to stop."""
        pause = FIRST_PAUSE
        while not self.stopping.is_set():
            wait = await self._fetch()
            if wait is None:
                pause = FIRST_PAUSE
            elif await self.rest(max(wait, pause)):
                return
            else:
                pause = min(pause * 2, LONGEST_PAUSE)

    def interrupt(self) -> None:
        """Wait for no more updates; those that are being handed over are handed over."""
        self.stopping.set()
        if self._asking is not None:
            self._asking.cancel()

    async def drain(self) -> None:
        """Finish what was begun beside, and tell Telegram how far the updates were taken."""
        await asyncio.gather(*self._beside, return_exceptions=True)
        if self._offset is None:
            return
        try:
            await self._line.updates(self._offset, 0)
        except SendError as error:
            log.info("offset not confirmed", reason=str(error))

    async def _fetch(self) -> float | None:
        """Take what is there; return None if that went well, else for how long to wait at least."""
        self._asking = asyncio.ensure_future(self._line.updates(self._offset, LONG_POLL))
        try:
            await asyncio.wait({self._asking})
            if self._asking.cancelled():
                return None
            updates = self._asking.result()
        except ConflictError as error:
            self.refused["conflict"] += 1
            remedy = "stop the other program with this token, or give Nakodo a bot of its own"
            log.warning("somebody else fetches this bot's updates", reason=str(error), remedy=remedy)
            return 0
        except SendError as error:
            log.warning("no updates", reason=str(error))
            return error.after if isinstance(error, NotSentError) else 0
        except Exception as error:  # Whatever it is, who does not ask again is deaf.
            log.error("no updates", reason=type(error).__name__)  # noqa: TRY400
            return 0
        finally:
            self._asking.cancel()
        self.alive = self._clock()
        taken = await asyncio.gather(*(self._take_in_order(those) for those in _by_chat(updates)))
        failed = [first for first in taken if first is not None]
        if failed:  # What came before the first that failed need not come again.
            self._offset = min(failed)
            return 0
        # Where nothing is left there is nothing to confirm, and after a week Telegram counts anew from anywhere.
        self._offset = int(updates[-1]["update_id"]) + 1 if updates else None
        return None

    async def _take_in_order(self, updates: Sequence[Mapping[str, Any]]) -> int | None:
        """Hand over the updates of one chat, one after the other; return the least number of those that were not."""
        for number, update in enumerate(updates):
            if not await self._take(update):
                return min(int(one["update_id"]) for one in updates[number:])
        return None

    async def _take(self, update: Mapping[str, Any]) -> bool:
        """Hand an update over; whether it is written down, or nothing that need be."""
        if self.me is None:
            return False
        event = translate(update, self.me, self._clock())
        if isinstance(event, str):
            self.refused[event] += 1
            log.debug("passed over", update=update.get("update_id"), reason=event)
            if (unseen := calls_unseen(update, self.me)) is not None:
                self._go(self._unmask(unseen))
        elif not await self.hand_over(event):
            return False
        query = update.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            self._go(self._answer(query["id"]))
        return True

    async def hand_over(self, event: Event) -> bool:
        """Hand an event over; whether it is written down. Whatever went wrong, it is not, so it must come again."""
        try:
            await self._receive(event)
        except Exception as error:
            self.refused["not written"] += 1
            log.error("not written", event_id=event.id, reason=type(error).__name__)  # noqa: TRY400
            return False
        return True

    async def _answer(self, query: str) -> None:
        try:
            await self._line.answer(query)
        except SendError as error:
            log.info("click not answered", reason=str(error))

    async def _unmask(self, unseen: Unseen) -> None:
        """Say why there is no answer, once a day in a chat; in both languages, for who asked is unknown."""
        where, today = unseen.place, self._clock().date()
        if self._unmasked.get(where.key) == today:
            return
        self._unmasked = {key: day for key, day in self._unmasked.items() if day == today} | {where.key: today}
        page, thread = Page(f"{UNMASK.ja}\n{UNMASK.en}"), int(where.thread) if where.thread else None
        try:
            await self._line.say(chat_of(where.key), page, thread=thread, answers=int(unseen.message))
        except SendError as error:
            log.info("not unmasked", reason=str(error))

    def _go(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def http(self, request: Request, secret: bytes) -> Response:
        """Answer one of Telegram's posts; 200 only when its update is written down."""
        update = await read(request, secret)
        if not isinstance(update, Refusal) and (self.me is None or self.stopping.is_set()):
            update = Refusal(503, "not ready")
        if isinstance(update, Refusal):
            self.refused[update.reason] += 1
            log.info("post refused", status=update.status, reason=update.reason)
            return Response(status_code=update.status)
        self.alive = self._clock()
        return Response(status_code=200 if await self._take(update) else 503)


def _by_chat(updates: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return updates grouped by the chat they belong to: only there does their order matter, unless one moves."""
    moves = [(number, to) for number, update in enumerate(updates) if (to := _moved_to(update)) is not None]
    if moves:
        return [_after_moves(updates, moves)]
    found: dict[str, list[Mapping[str, Any]]] = {}
    for update in updates:
        body = next(_bodies(update), {})
        message = body.get("message")
        found.setdefault(_chat_of(message if isinstance(message, dict) else body), []).append(update)
    return list(found.values())


def _after_moves(updates: Sequence[Mapping[str, Any]], moves: list[tuple[int, str]]) -> list[Mapping[str, Any]]:
    """Return updates in their order, but for the bot's coming to where a group moves: it is told behind the move.

    The bot seems to come in anew there, and would introduce itself to old acquaintances.
    """
    last, places = moves[-1][0], {to for _, to in moves}

    def rank(numbered: tuple[int, Mapping[str, Any]]) -> tuple[int, bool]:
        number, update = numbered
        standing = update.get("my_chat_member")
        anew = number < last and isinstance(standing, dict) and _chat_of(standing) in places
        return (last, True) if anew else (number, False)

    return [update for _, update in sorted(enumerate(updates), key=rank)]


def _moved_to(update: Mapping[str, Any]) -> str | None:
    """Return where a group goes on, if that is what an update tells."""
    for body in _bodies(update):
        if "migrate_to_chat_id" in body:
            return str(body["migrate_to_chat_id"])
        if "migrate_from_chat_id" in body:
            return _chat_of(body)
    return None


def _bodies(update: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (body for body in update.values() if isinstance(body, dict))


def _chat_of(body: Mapping[str, Any]) -> str:
    chat = body.get("chat")
    return str(chat.get("id")) if isinstance(chat, dict) else ""
