"""Takes what Bolt has verified to the house, and only then says that it is safe. It knows no SDK."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import structlog

from adapters.channels.slack_acts import arranged_of, asks, command_of, misplaced, people_in, press_of, wants_setup
from adapters.channels.slack_asking import remember
from adapters.channels.slack_blocks import IN_PRIVATE, NOT_A_PERSON, NOT_HERE, TWICE, setup_form
from adapters.channels.slack_events import Here, event_of
from adapters.channels.slack_lookups import Lookups
from adapters.channels.slack_payload import Body, text_at
from adapters.channels.slack_people import People
from adapters.channels.slack_post import Post
from adapters.channels.slack_talk import Courtesies
from adapters.post import Account, Event, SendError
from knowledge.card import Locale

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
        self.beside = courtesies.beside
        self._receive, self._people, self._post, self._courtesies = receive, people, post, courtesies
        self._follows, self._several = follows, several
        self._lookups = Lookups(post.call)
        self._taken: OrderedDict[str, None] = OrderedDict()
        """What was taken lately: Slack brings some of it again, and one sign of thinking is enough."""

    async def event(self, body: Body, to: Addressed) -> None:
        """Take an event of the Events API."""
        await self._take(event_of, body, to)

    async def press(self, body: Body, to: Addressed) -> None:
        """Take the press of a button."""
        await self._take(press_of, body, to)

    async def form(self, body: Body, to: Addressed) -> dict[str, str]:
        """Take a form that was sent; or return what is wrong with it, by field."""
        bots, twice = misplaced(body, to.bot_user)
        if bots or twice:
            locale = await self._locale(text_at(body, "user", "id"), to)
            return {name: NOT_A_PERSON(locale) for name in bots} | {name: TWICE(locale) for name in twice}
        await self._take(arranged_of, body, to)
        return {}

    async def command(self, body: Body, to: Addressed) -> str:
        """Take a slash command; the one that sets up a partnership opens its form instead, if it will open.

        Commands can be given where the bot is not, and cannot answer; and nobody sees what is asked behind one. Both
        count as said to the bot alone. Return what the person is told at once, mostly nothing.
        """
        channel, told = text_at(body, "channel_id"), None
        if channel and not await self._lookups.inside(to.team, channel):
            told = NOT_HERE
        elif channel[:1] in ("C", "G") and asks(body):
            told = IN_PRIVATE
        if told is not None:
            await self._take(partial(command_of, alone=True), body, to)
            return told(await self._locale(text_at(body, "user_id"), to))
        if not (wants_setup(body) and await self._form_opened(body, to)):
            await self._take(command_of, body, to)
        return ""

    async def _locale(self, user: str, to: Addressed) -> Locale:
        return (await self._people.quickly(Account(key=f"slack:{to.team}:{user}"))).locale or "ja"

    async def _form_opened(self, body: Body, to: Addressed) -> bool:
        user = text_at(body, "user_id")
        locale = await self._locale(user, to)
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
        event = await self._completed(event, to.team)
        try:
            await self._receive(event)
        except Exception as error:
            raise NotKeptError(type(error).__name__) from None
        _log.info("slack_received", id=event.id, kind=event.kind, length=len(event.text))
        if event.id not in self._taken:
            self._be_kind(event, to.team)
        remember(self._taken, event.id, None)

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

    async def _completed(self, event: Event, team: str) -> Event:
        """Return an event with what Slack tells who asks. Whose name came along was never asked about."""
        account, files = event.account, event.files
        self._people.met(account, team)
        if account.name and account.locale is None:
            account, files = await asyncio.gather(self._people.quickly(account), self._lookups.named(files))
        else:
            files = await self._lookups.named(files)
        return event.model_copy(update={"account": account, "files": files})

    def _be_kind(self, event: Event, team: str) -> None:
        user = event.account.key.rsplit(":", 1)[-1]
        if event.kind == "opened":
            self._courtesies.keep(self._courtesies.opened(event, team))
        elif event.kind == "removed":
            self._lookups.left(team, event.place.key.rsplit(":", 1)[-1])
        elif event.form.get("room"):
            self._courtesies.acts_at_home(event, team)
        elif event.kind == "said" and event.place.direct and event.message:
            self._post.talks_in(team, user, event.place.thread, event.message)
            if event.text.lstrip()[:1] not in ("/", "／"):
                self._courtesies.thinks(event, team)
