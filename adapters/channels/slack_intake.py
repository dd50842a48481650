"""Takes what Bolt has verified to the house, and only then says that it is safe. It knows no SDK."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from adapters.channels.slack_blocks import setup_form
from adapters.channels.slack_events import Here, arranged_of, command_of, event_of, people_in, press_of, wants_setup
from adapters.channels.slack_payload import Body, text_at
from adapters.channels.slack_people import People
from adapters.channels.slack_post import Post
from adapters.channels.slack_talk import Courtesies
from adapters.post import Account, Event, SendError

Receive = Callable[[Event], Awaitable[None]]
_log = structlog.get_logger(__name__)


class NotKeptError(Exception):
    """The house could not write an event down: Slack must send it again."""


class Addressed(NamedTuple):
    """Whose bot something is for: workspace and user."""

    team: str
    bot_user: str


class Intake:
    """Reads payloads and hands events over. What is no event is counted in `refused`."""

    def __init__(
        self,
        receive: Receive,
        people: People,
        post: Post,
        courtesies: Courtesies,
        follows: Callable[[str, str], bool],
        *,
        several: bool,
    ) -> None:
        self.refused: Counter[str] = Counter()
        self.beside: set[asyncio.Task[None]] = set()
        """Courtesies under way."""
        self._receive, self._people, self._post, self._courtesies = receive, people, post, courtesies
        self._follows, self._several = follows, several

    async def event(self, body: Body, to: Addressed) -> None:
        """Take an event of the Events API."""
        await self._take(event_of, body, to)

    async def press(self, body: Body, to: Addressed) -> None:
        """Take the press of a button."""
        await self._take(press_of, body, to)

    async def form(self, body: Body, to: Addressed) -> None:
        """Take a form that was sent."""
        await self._take(arranged_of, body, to)

    async def command(self, body: Body, to: Addressed) -> None:
        """Take a slash command; the one that sets up a partnership opens its form instead, if it will open."""
        if not (wants_setup(body) and await self._form_opened(body, to)):
            await self._take(command_of, body, to)

    async def _form_opened(self, body: Body, to: Addressed) -> bool:
        user = text_at(body, "user_id")
        locale = (await self._people.quickly(Account(key=f"slack:{to.team}:{user}"))).locale or "ja"
        view = setup_form(text_at(body, "channel_id"), user, locale)
        try:
            await self._post.call("views.open", to.team, trigger_id=text_at(body, "trigger_id"), view=view)
        except SendError as error:
            _log.info("slack_form_not_opened", error=type(error).__name__)
            return False
        return True

    async def _take(self, read: Callable[[Body, Here], Event | str], body: Body, to: Addressed) -> None:
        event = await self._read(read, body, to)
        if isinstance(event, str):
            self.refused[event] += 1
            return
        try:
            await self._receive(event)
        except Exception as error:
            raise NotKeptError(type(error).__name__) from None
        _log.info("slack_received", id=event.id, kind=event.kind, length=len(event.text))
        self._people.met(event.account, to.team)
        self._be_kind(event, to.team)

    async def _read(self, read: Callable[[Body, Here], Event | str], body: Body, to: Addressed) -> Event | str:
        await self._people.placed(to.team, people_in(body))
        here = Here(
            team=to.team,
            bot_user=to.bot_user,
            now=datetime.now(UTC),
            several=self._several,
            teams=self._people.teams,
            follows=self._follows,
        )
        return read(body, here)

    def _be_kind(self, event: Event, team: str) -> None:
        user = event.account.key.rsplit(":", 1)[-1]
        if event.kind == "opened":
            self._keep(asyncio.create_task(self._courtesies.opened(event, team)))
        elif event.kind == "said" and event.place.direct and event.message:
            self._post.talks_in(team, user, event.place.thread)
            if event.text.lstrip()[:1] not in ("/", "／"):
                self._keep(self._courtesies.thinks(event, team))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self.beside.add(task)
        task.add_done_callback(self.beside.discard)
