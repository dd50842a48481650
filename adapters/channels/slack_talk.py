"""Small courtesies around a talk in Slack: “thinking…”, first questions, the App Home. None of them may fail it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from adapters.channels.slack_asking import Call, remember
from adapters.channels.slack_blocks import THINKING, home_view, prompts
from adapters.post import Account, Event, Home, NotSentError, SendError
from knowledge.card import Locale

Homes = Callable[[str, str], Awaitable[Home]]
_LONGEST = 8.0
_log = structlog.get_logger(__name__)


class Courtesies:
    """Done beside a talk, after what was said is safe."""

    def __init__(self, call: Call, acquainted: Callable[[Account], Awaitable[Account]], home: Homes | None) -> None:
        self._call, self._acquainted, self._home = call, acquainted, home
        self.beside: set[asyncio.Task[None]] = set()
        """What is under way."""
        self._at_home: OrderedDict[tuple[str, str], Event] = OrderedDict()
        """What people have asked for on their page and not been answered yet."""
        self._thinking: OrderedDict[tuple[str, str], tuple[str, str, asyncio.Task[None]]] = OrderedDict()

    async def opened(self, event: Event, team: str) -> None:
        """Show somebody what they came for: their page, or questions to begin with."""
        tab = event.form.get("tab", ("",))[0]
        if tab == "messages":
            locale = await self._locale(event.account)
            channel, asked = _id(event.place.key), prompts(locale)
            await self._tried("assistant.threads.setSuggestedPrompts", team, channel_id=channel, prompts=asked)
        elif tab == "home":
            await self._show_home(event, team)

    async def _show_home(self, event: Event, team: str) -> None:
        if self._home is None:
            return
        try:
            view = home_view(await self._home(team, event.account.key))
        except Exception as error:  # The page is not worth a failed event.
            _log.warning("slack_home_failed", id=event.id, error=type(error).__name__)
            return
        given = {"user_id": _id(event.account.key), "view": view}
        try:
            await self._call("views.publish", team, **given)
        except NotSentError as error:
            await asyncio.sleep(min(error.after, _LONGEST))
            await self._tried("views.publish", team, **given)
        except SendError as error:
            _log.info("slack_courtesy_failed", method="views.publish", error=type(error).__name__)

    def acts_at_home(self, event: Event, team: str) -> None:
        """Note that somebody pressed a button on their page: when it is `answered`, the page is another."""
        remember(self._at_home, (team, _id(event.account.key)), event)

    def thinks(self, event: Event, team: str) -> None:
        """Show that an answer is being thought of, until `answered`."""
        channel, thread = _id(event.place.key), event.place.thread or event.message
        task = self.keep(self._think(event, team, channel, thread))
        remember(self._thinking, (team, _id(event.account.key)), (channel, thread, task))

    async def _think(self, event: Event, team: str, channel: str, thread: str) -> None:
        status = THINKING(await self._locale(event.account))
        await self._tried("assistant.threads.setStatus", team, channel_id=channel, thread_ts=thread, status=status)

    async def answered(self, team: str, user: str) -> None:
        """Take the sign of thinking away, and show a page anew that is no longer true."""
        channel, thread, task = self._thinking.pop((team, user), ("", "", None))
        if task is not None:
            await asyncio.wait({task})
            await self._tried("assistant.threads.setStatus", team, channel_id=channel, thread_ts=thread, status="")
        pressed = self._at_home.pop((team, user), None)
        if pressed is not None:
            self.keep(self._show_home(pressed, team))

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside."""
        task = asyncio.create_task(work)
        self.beside.add(task)
        task.add_done_callback(self.beside.discard)
        return task

    async def _locale(self, account: Account) -> Locale:
        return (await self._acquainted(account)).locale or "ja"

    async def _tried(self, method: str, team: str, **arguments: object) -> None:
        try:
            await self._call(method, team, **arguments)
        except SendError as error:
            _log.info("slack_courtesy_failed", method=method, error=type(error).__name__)


def _id(key: str) -> str:
    return key.rsplit(":", 1)[-1]
