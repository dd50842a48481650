"""Carries parcels to Telegram, page by page. It knows nothing of the SDK."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import NamedTuple

import structlog

from adapters.channels.telegram_events import Me, moved
from adapters.channels.telegram_line import Line, MovedToError
from adapters.channels.telegram_menu import BECKON, BECKON_BUTTON
from adapters.channels.telegram_text import AGAIN, Button, Mark, Page, keyboard, pages, units
from adapters.post import Event, Parcel, RefusedError, SendError

MOST_REMEMBERED = 1_000
_CALLED = re.compile(r"(?<![A-Za-z0-9_.@])@nakodo(?![A-Za-z0-9_])")
log = structlog.get_logger(__name__)


class _Target(NamedTuple):
    """Where a parcel goes."""

    chat: int
    person: bool
    thread: int | None
    answers: int | None


class Poster:
    """Posts. `tell` hands over what is learnt on the way: that a group has moved."""

    def __init__(self, line: Line, tell: Callable[[Event], Awaitable[object]], clock: Callable[[], datetime]) -> None:
        self._line, self._tell, self._clock = line, tell, clock
        self.me: Me | None = None
        self._parts: dict[str, tuple[int, ...]] = {}
        """The pages of a parcel that have gone out, while others have not."""
        self._moved: dict[int, int] = {}
        self._beckoned: dict[tuple[str, str], date] = {}

    async def send(self, parcel: Parcel) -> str:
        """Deliver a parcel; the receipt names its last page. A page that went out is not sent again."""
        target = self._target(parcel)
        told, buttons = pages(self._by_name(parcel.reply.text), parcel.locale), keyboard(parcel)
        if not told:
            raise RefusedError("no words")
        sent = list(self._parts.pop(parcel.id, ()))
        begin = len(sent)
        for number, page in enumerate(told[begin:], begin):
            words = page.after(AGAIN(parcel.locale)) if parcel.again and number == begin else page
            rows = buttons if number == len(told) - 1 else ()
            try:
                sent.append(await self._post(target if number == 0 else target._replace(answers=None), words, rows))
            except RefusedError as error:
                if error.unreachable:
                    await self._beckon(parcel)
                raise
            except SendError:
                self._remember(parcel.id, sent)
                raise
        return f"{target.chat}:{sent[-1]}"

    def _by_name(self, text: str) -> str:
        """Return a text with the name that reaches the bot: where privacy mode is on, no other does."""
        return _CALLED.sub(f"@{self.me.username}", text) if self.me is not None and self.me.username else text

    def _target(self, parcel: Parcel) -> _Target:
        place, account = parcel.place, parcel.account
        chat = chat_of(place.key if place else account.key if account else "")
        moved_to = self._moved.get(chat)
        person = place is None or place.direct
        thread = place.thread if place and not place.direct else None
        # Where a group has moved, another message has the number.
        quiet = person or parcel.reply.unasked or moved_to is not None or not parcel.answers.isdecimal()
        answers = None if quiet else int(parcel.answers)
        return _Target(moved_to or chat, person, int(thread) if thread else None, answers)

    async def _post(self, target: _Target, page: Page, rows: tuple[tuple[Button, ...], ...]) -> int:
        """Post one page. What Telegram refuses beside the words is left off: they matter."""
        while True:
            try:
                return await self._line.say(target.chat, page, rows, thread=target.thread, answers=target.answers)
            except MovedToError as error:
                await self._follow(target.chat, error.chat)
                raise
            except RefusedError as error:
                lighter = _lighter(error.reason.lower(), target, page, rows)
                if lighter is None:
                    raise RefusedError(error.reason, unreachable=error.unreachable and target.person) from None
                target, page, rows = lighter

    async def _follow(self, old: int, new: int) -> None:
        """Remember a group's new address and tell it; if that fails, it is learnt again after the next start."""
        self._moved[old] = new
        if self.me is not None:
            await self._tell(moved(old, new, self.me, self._clock()))

    def _remember(self, parcel: str, sent: list[int]) -> None:
        if sent:
            self._parts[parcel] = tuple(sent)
        while len(self._parts) > MOST_REMEMBERED:
            self._parts.pop(next(iter(self._parts)))

    async def _beckon(self, parcel: Parcel) -> None:
        """Ask somebody, where they spoke, to open a talk; once a day, and without a word of why."""
        aside, account, today = parcel.aside, parcel.account, self._clock().date()
        if aside is None or account is None or self.me is None or not self.me.invites:
            return
        if self._beckoned.get((aside.key, account.key)) == today:
            return
        self._beckoned = {key: day for key, day in self._beckoned.items() if day == today}
        self._beckoned[aside.key, account.key] = today
        name = account.name or "👋"
        page = Page(
            BECKON(parcel.locale).replace("{name}", name),
            (Mark("text_mention", 0, units(name), user=chat_of(account.key)),),
        )
        button = Button(BECKON_BUTTON(parcel.locale), url=f"{self.me.invites}hello")
        thread = int(aside.thread) if aside.thread else None
        try:
            await self._post(_Target(chat_of(aside.key), False, thread, None), page, ((button,),))
        except SendError as error:
            log.info("not beckoned", parcel=parcel.id, reason=str(error))


_Buttons = tuple[tuple[Button, ...], ...]


def _lighter(why: str, target: _Target, page: Page, rows: _Buttons) -> tuple[_Target, Page, _Buttons] | None:
    """Return a message without what was refused in it, by Telegram's word why; None if that is nothing beside it."""
    if page.marks and "entit" in why:
        return target, Page(page.text), rows
    if rows and ("button" in why or "markup" in why):
        return target, page, ()
    if target.thread is not None and ("thread" in why or "topic" in why):  # What it answers lies there too.
        return target._replace(thread=None, answers=None), page, rows
    if target.answers is not None and "repl" in why:
        return target._replace(answers=None), page, rows
    return None


def chat_of(key: str) -> int:
    """Return Telegram's number in a key: a chat's or a person's."""
    channel, _, number = key.partition(":")
    if channel != "telegram" or not number.removeprefix("-").isdecimal():
        raise RefusedError("no address at Telegram")
    return int(number)
