"""The line to Telegram as the rest of the channel sees it: what can be asked, and how it goes wrong."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.channels.telegram_text import Button, Page
from adapters.post import NotSentError


class ConflictError(NotSentError):
    """Somebody else fetches the bot's updates, or has set a webhook."""


class TokenError(NotSentError):
    """Telegram does not know the token."""


class MovedToError(NotSentError):
    """The group has become a supergroup, with another number: `chat`."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group has a new address")
        self.chat = chat


class Line(Protocol):
    """Calls of the Bot API. All raise errors of `adapters.post` and of this file only, without tokens or texts."""

    async def updates(self, offset: int | None, wait: int) -> Sequence[Mapping[str, Any]]:
        """Return the updates from `offset` on as they came, waiting for them so many seconds."""
        ...

    async def answer(self, query: str) -> None:
        """Tell Telegram that a click was noticed."""
        ...

    async def say(
        self, chat: int, page: Page, rows: Sequence[Sequence[Button]] = (), *,
        thread: int | None = None, answers: int | None = None,
    ) -> int:  # fmt: skip
        """Post a message and return its number. A refusal that means that a person cannot be reached says so."""
        ...

    async def draft(self, chat: int, number: int, page: Page) -> None:
        """Show somebody alone what will be a message; the same number goes on with the same draft."""
        ...

    async def types(self, chat: int) -> None:
        """Show for some seconds that something is being typed."""
        ...


def hush() -> None:
    """Keep the SDK from logging: its lines hold addresses with the token, and bodies."""
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
