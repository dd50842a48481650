"""Answers on Telegram while they are written: a draft in a private chat, which goes by itself. It knows no SDK.

A draft lasts for half a minute and ends with the next message, so nothing of it stays behind. Groups have none.
"""

import time
from collections import OrderedDict

import structlog

from adapters.channels.telegram_line import Line
from adapters.channels.telegram_posting import chat_of
from adapters.channels.telegram_text import pages
from adapters.post import Note, NotSentError, Preview, RefusedError

TYPING = 4.0
"""Seconds after which “typing…” is said again; Telegram shows it for five."""
MOST_REMEMBERED = 1_000
log = structlog.get_logger(__name__)


class Drafts:
    """Shows drafts. Where Telegram takes none it says that something is being typed."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._rests = 0.0
        """Until when Telegram wants to be left alone."""
        self._draftless: OrderedDict[int, float] = OrderedDict()
        """When something was last typed where there are no drafts."""

    async def show(self, preview: Preview, _note: Note) -> None:
        """Show an answer as far as it is written."""
        place, account = preview.parcel.place, preview.parcel.account
        if place is not None and not place.direct:
            raise RefusedError("no drafts in groups")
        chat = chat_of(place.key if place else account.key if account else "")
        now = time.monotonic()
        if now < self._rests:
            return
        try:
            if chat in self._draftless:
                await self._type(chat, now)
            else:
                await self._draft(chat, preview, now)
        except NotSentError as error:  # The limits are for what is said.
            self._rests = now + max(error.after, 1.0)

    async def _draft(self, chat: int, preview: Preview, now: float) -> None:
        written = pages(preview.parcel.reply.text, preview.parcel.locale)
        if not written:
            return
        try:
            await self._line.draft(chat, int(preview.parcel.id[:7], 16) or 1, written[-1])
        except RefusedError as error:
            if error.unreachable:
                raise
            log.info("telegram takes no draft", reason=error.reason)
            self._draftless[chat] = 0.0
            while len(self._draftless) > MOST_REMEMBERED:
                self._draftless.popitem(last=False)
            await self._type(chat, now)

    async def _type(self, chat: int, now: float) -> None:
        if now - self._draftless[chat] >= TYPING:
            self._draftless[chat] = now
            await self._line.types(chat)

    async def take_back(self, shown: str) -> None:
        """Do nothing: drafts go by themselves."""
