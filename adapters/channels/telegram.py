"""Telegram as a channel, on python-telegram-bot: the only file that knows the SDK."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, User
from telegram import ReplyParameters as Answering
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder, ExtBot
from telegram.request import HTTPXRequest

from adapters import post
from adapters.channels.telegram_checkup import Finding, examined
from adapters.channels.telegram_drafts import Drafts
from adapters.channels.telegram_events import Me
from adapters.channels.telegram_files import fetch
from adapters.channels.telegram_line import ConflictError, MovedToError, TokenError, hush
from adapters.channels.telegram_listening import ASKED_FOR, FIRST_PAUSE, LONGEST_PAUSE, LOOK_EVERY, Listener
from adapters.channels.telegram_menu import ABOUT, SHORT, menu
from adapters.channels.telegram_posting import Poster, chat_of
from adapters.channels.telegram_settings import WEBHOOK_PATH, TelegramSettings, unknown_token
from adapters.channels.telegram_text import Button, Mark, Page
from bot.errors import SettingsError
from knowledge.card import Locale

SHORT_WAIT, SHORT_WAITS = 1.0, 3
"""Seconds of a 429 that are waited for here, and how often; longer ones go back to the outbox."""
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NOWHERE = ("chat not found", "user not found", "peer_id_invalid", "blocked", "deactivated")
_STRANGE = re.compile(r"[A-Z][A-Za-z' -]* \(4\d\d\)")  # The SDK's words for a refusal that gives no reason.
# RetryAfter warns of what is to come unless it may hold a timedelta.
os.environ.setdefault("PTB_TIMEDELTA", "true")
log = structlog.get_logger(__name__)
T = TypeVar("T")


class _Patient(AIORateLimiter):
    """Keeps Telegram's rates, and waits out what is soon over."""

    async def process_request(self, callback: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("endpoint") in ("sendMessageDraft", "sendChatAction"):  # What is said must not wait for these.
            return await callback(*kwargs["args"], **kwargs["kwargs"])

        async def heeding(*inner: Any, **named: Any) -> Any:
            try:
                return await callback(*inner, **named)
            except RetryAfter as error:
                after = _seconds(error)
                if after <= SHORT_WAIT:
                    raise
            raise post.NotSentError("Telegram asks to wait", after=after)

        return await super().process_request(heeding, *args, **kwargs)


class _Plain(HTTPXRequest):
    """Leaves updates as they came: the SDK need not know a kind for it to be passed over in peace."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        data = HTTPXRequest.parse_json_payload(payload)
        if isinstance(found := data.get("result"), list):
            data["result"] = [{"update_id": one["update_id"], "raw": one} for one in found]
        return data


class _SdkLine:
    """The line of `telegram_line`, on the SDK."""

    def __init__(self, settings: TelegramSettings) -> None:
        app = (
            ApplicationBuilder()
            .token(settings.bot_token.get_secret_value())
            .base_url(f"{settings.base_url}/bot")
            .base_file_url(f"{settings.base_url}/file/bot")
            .rate_limiter(_Patient(max_retries=SHORT_WAITS))
            .request(HTTPXRequest(connect_timeout=10, read_timeout=20, write_timeout=20, pool_timeout=20))
            .get_updates_request(_Plain(connection_pool_size=2, connect_timeout=10, read_timeout=10))
            .updater(None)
            .build()
        )
        self.bot: ExtBot[Any] = app.bot

    async def call(self, doing: Awaitable[T]) -> T:
        """Await a call, with its errors made ours: theirs may hold a token or a text."""
        try:
            return await doing
        except (TelegramError, KeyError, TypeError, ValueError, AttributeError) as error:
            trouble = _trouble(error)
        raise trouble

    async def updates(self, offset: int | None, wait: int) -> Sequence[Mapping[str, Any]]:
        asking = self.bot.get_updates(offset, timeout=wait, allowed_updates=ASKED_FOR)
        return [one.api_kwargs["raw"] for one in await self.call(asking)]

    async def answer(self, query: str) -> None:
        await self.call(self.bot.answer_callback_query(query))

    async def say(
        self, chat: int, page: Page, rows: Sequence[Sequence[Button]] = (), *,
        thread: int | None = None, answers: int | None = None,
    ) -> int:  # fmt: skip
        made = InlineKeyboardButton
        buttons = [
            [made(one.text, callback_data=one.data or None, url=one.url or None) for one in row] for row in rows
        ]
        replying = Answering(answers, allow_sending_without_reply=True) if answers is not None else None
        saying = self.bot.send_message(
            chat,
            page.text,
            entities=[_entity(mark) for mark in page.marks],
            reply_markup=InlineKeyboardMarkup(buttons) if buttons else None,
            message_thread_id=thread,
            reply_parameters=replying,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return (await self.call(saying)).message_id

    async def draft(self, chat: int, number: int, page: Page) -> None:
        marks = [_entity(mark) for mark in page.marks]
        await self.call(self.bot.send_message_draft(chat, number, page.text, entities=marks))

    async def types(self, chat: int) -> None:
        await self.call(self.bot.send_chat_action(chat, "typing"))

    async def address(self, ref: str) -> str:
        return (await self.call(self.bot.get_file(ref))).file_path or ""

    async def itself(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        await self.call(self.bot.initialize())
        me, hook = await self.call(self.bot.get_me()), await self.call(self.bot.get_webhook_info())
        return me.to_dict(), hook.to_dict()


class TelegramChannel:
    """Carries events in and parcels out. `http` answers Telegram's posts where there is a webhook."""

    name: post.ChannelName = "telegram"
    tells = False
    pace = 1.2

    def __init__(
        self, settings: TelegramSettings, receive: Callable[[post.Event], Awaitable[None]], *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        hush()
        self._settings, self._clock = settings, clock
        self._line = _SdkLine(settings)
        self._listener = Listener(self._line, receive, clock)
        self._poster = Poster(self._line, self._listener.hand_over, clock)
        drafts = Drafts(self._line)
        self.show, self.take_back = drafts.show, drafts.take_back
        self._running: asyncio.Task[None] | None = None

    @property
    def refused(self) -> Counter[str]:
        """What was not let in, by the reason."""
        return self._listener.refused

    def alive(self) -> datetime | None:
        """Return when Telegram last gave a sign of life."""
        return self._listener.alive

    # Coming and going

    async def start(self) -> None:
        """Begin to listen. Where Telegram cannot be reached yet, it is tried until it can.

        Raises:
            SettingsError: Telegram does not know the token.
        """
        ready = await self._introduce()
        self._running = asyncio.create_task(self._run(ready), name="telegram")

    async def stop(self) -> None:
        """Finish what is under way, and leave. What waits at Telegram stays there, and so does the webhook."""
        self._listener.interrupt()
        if self._running is not None:
            await self._running
        await self._listener.drain()
        await self._line.bot.shutdown()

    async def _run(self, ready: bool) -> None:
        pause = FIRST_PAUSE
        while not ready:
            if await self._listener.rest(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                ready = await self._introduce()
            except SettingsError as error:
                log.warning("telegram refuses the token", remedy=error.remedy)
        await (self._watch() if self._settings.webhook_url else self._listener.poll())

    async def _introduce(self) -> bool:
        """Learn who the bot is, and tell Telegram how updates are to come; whether that went well."""
        bot = self._line.bot
        try:
            await self._line.call(bot.initialize())
            await self._set_way()
        except TokenError:
            raise unknown_token() from None
        except post.SendError as error:
            log.warning("telegram is not ready", reason=str(error))
            return False
        self._listener.me = self._poster.me = Me(bot.id, bot.username, bool(bot.can_read_all_group_messages))
        self._listener.alive = self._clock()
        await self._furnish()
        return True

    async def _set_way(self) -> None:
        bot, url = self._line.bot, self._settings.public_url
        if url:
            secret = self._settings.webhook_secret.get_secret_value()
            setting = bot.set_webhook(url, allowed_updates=ASKED_FOR, secret_token=secret, drop_pending_updates=False)
        else:
            setting = bot.delete_webhook(drop_pending_updates=False)
        await self._line.call(setting)

    async def _furnish(self) -> None:
        """Put up the menu and the descriptions; it works without them too."""
        bot = self._line.bot
        languages: tuple[tuple[Locale, str | None], ...] = (("en", None), ("ja", "ja"))
        for locale, code in languages:
            await self._quietly(bot.set_my_commands(menu(locale), language_code=code), "no menu")
            await self._quietly(bot.set_my_description(ABOUT(locale), code), "no description")
            await self._quietly(bot.set_my_short_description(SHORT(locale), code), "no description")

    async def _watch(self) -> None:
        """Look from time to time whether the webhook stands: whoever polls with this token takes it away."""
        while not await self._listener.rest(LOOK_EVERY):
            try:
                info = await self._line.call(self._line.bot.get_webhook_info())
                if info.url != self._settings.public_url:
                    log.warning("somebody else changed the webhook; it is set again")
                    await self._set_way()
            except post.SendError as error:
                log.warning("telegram does not answer", reason=str(error))
            else:
                self._listener.alive = self._clock()

    async def _quietly(self, doing: Awaitable[object], failed: str) -> None:
        try:
            await self._line.call(doing)
        except post.SendError as error:
            log.info(failed, reason=str(error))

    # In and out

    def routes(self) -> list[Route]:
        """Return the address at which Telegram calls, where there is a webhook."""
        return [Route(WEBHOOK_PATH, self.http, methods=["POST"])] if self._settings.webhook_url else []

    async def http(self, request: Request) -> Response:
        """Answer one of Telegram's posts; 200 only when its update is written down."""
        secret = self._settings.webhook_secret.get_secret_value() if self._settings.webhook_url else ""
        return await self._listener.http(request, secret.encode())

    async def send(self, parcel: post.Parcel) -> str:
        """Deliver a parcel and return a receipt, `chat:message`; errors as in `adapters.post`."""
        receipt = await self._poster.send(parcel)
        self._listener.alive = self._clock()
        return receipt

    async def find(self, parcel: post.Parcel) -> str | None:
        """Never asked: Telegram does not tell what it has received."""
        raise NotImplementedError

    async def settled(self, parcel: post.Parcel, receipt: str) -> None:
        """Take the buttons off something posted."""
        chat, _, message = receipt.partition(":")
        if message.isdecimal():
            await self._quietly(self._line.bot.edit_message_reply_markup(int(chat), int(message)), "buttons stay")

    async def acquainted(self, account: post.Account) -> post.Account:
        """Return an account with its name. Names come with every update, so Telegram is seldom asked."""
        if account.name:
            return account
        try:
            chat = await self._line.call(self._line.bot.get_chat(chat_of(account.key)))
        except post.SendError as error:
            log.info("no name", reason=str(error))
            return account
        return account.model_copy(update={"name": chat.full_name or ""})

    async def fetch(self, file: post.File, most: int) -> bytes:
        """Return a file's content, at most `most` bytes of it; errors as in `telegram_files`."""
        return await fetch(file.ref, most, self._line.address)

    async def examine(self) -> list[Finding]:
        """Return what is well and what is amiss, with what to do. `stop()` afterwards."""
        where = (self._settings.public_url, self._settings.base_url)
        return await examined(self._line.itself, *where, self._clock())


def _entity(mark: Mark) -> MessageEntity:
    user = User(mark.user, "?", False) if mark.user else None
    return MessageEntity(mark.kind, mark.offset, mark.length, user=user)


def _trouble(error: Exception) -> post.SendError:
    """Return what a refusal or a failure means, without Telegram's words where they might repeat ours."""
    word = str(error)[:120]
    if isinstance(error, ChatMigrated):
        return MovedToError(error.new_chat_id)
    if any(_STRANGE.match(str(one)) for one in (error, error.__cause__)):
        return post.NotSentError("something on the way to Telegram refuses", after=FIRST_PAUSE)
    if isinstance(error, Forbidden | BadRequest):
        nobody = isinstance(error, Forbidden) or any(one in word.lower() for one in _NOWHERE)
        return post.RefusedError(word, unreachable=nobody)
    return _failure(error) or post.UnclearError("Telegram's answer got lost")


def _failure(error: Exception) -> post.NotSentError | None:
    """Return why nothing was sent this time, or None if it may have been."""
    if isinstance(error, RetryAfter):
        return post.NotSentError("Telegram asks to wait", after=_seconds(error))
    if isinstance(error, InvalidToken):
        return TokenError("Telegram refuses the token", after=LONGEST_PAUSE)
    if isinstance(error, Conflict):
        return ConflictError(str(error)[:120])
    if str(error).startswith("Too Many Requests"):
        return post.NotSentError("Telegram asks to wait", after=FIRST_PAUSE)
    return post.NotSentError("Telegram cannot be reached") if isinstance(error.__cause__, _NOT_CONNECTED) else None


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
