"""Slack as a channel: it verifies, translates, hands over and acknowledges, and sends what it is given.

slack_door.py     where Slack comes in: Bolt, HTTP, the socket, the pages that install the bot
slack_intake.py   hands events over; slack_events.py and slack_acts.py read them
slack_payload.py  how payloads are read; slack_rich.py the blocks in them; slack_lookups.py what they leave out
slack_post.py     sends, finds and settles parcels; slack_blocks.py and slack_text.py render them
slack_commands.py commands as they are written here
slack_stream.py   shows answers while they are written
slack_talk.py     “thinking…”, first questions, the App Home
slack_client.py   whose bot asks, and asking; slack_wire.py says what went wrong
slack_people.py   who people are
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.channels.slack_client import Bots
from adapters.channels.slack_door import Door
from adapters.channels.slack_intake import Intake, Receive
from adapters.channels.slack_payload import text_at
from adapters.channels.slack_people import People
from adapters.channels.slack_post import Post
from adapters.channels.slack_settings import MANIFEST, SCOPES, SlackSettings
from adapters.channels.slack_talk import Courtesies, Homes
from adapters.channels.slack_wire import download
from adapters.post import Account, ChannelName, File, Note, NotSentError, Parcel, Preview, RefusedError, SendError
from bot.errors import SettingsError

Check = tuple[bool, str, str]
_DRAIN = 10.0
_log = structlog.get_logger(__name__)


class SlackChannel:
    """One Slack app: in one workspace by its token, or in many that install it.

    `receive` returns once an event is safe. `home` gives a person's page by workspace and account key. `follows` says
    whether the bot has spoken in a thread of a place. `installations` and `states` are the SDK's asynchronous stores,
    needed where workspaces install the bot themselves.
    """

    name: ChannelName = "slack"
    tells = True
    pace = 1.0

    def __init__(
        self,
        settings: SlackSettings,
        receive: Receive,
        *,
        home: Homes | None = None,
        follows: Callable[[str, str], bool] = lambda _place, _thread: False,
        installations: Any = None,
        states: Any = None,
    ) -> None:
        if settings.oauth and (installations is None or states is None):
            raise SettingsError(
                "needs a store of installations and one of states", where="SLACK_CLIENT_ID", remedy="Give both stores"
            )
        self._settings = settings
        self._bots = Bots(settings, installations)
        self._people = People(self._bots.call)
        self._post = Post(self._bots.call, self._team_of)
        self._courtesies = Courtesies(self._bots.call, self._people.acquainted, home)
        self._intake = Intake(receive, self._people, self._post, self._courtesies, follows, several=settings.oauth)
        self._door = Door(settings, self._bots, self._intake, installations=installations, states=states)
        self._sending: set[asyncio.Task[str]] = set()

    @property
    def refused(self) -> Counter[str]:
        """How often something was no event, by reason."""
        return self._intake.refused

    async def start(self) -> None:
        """Begin to listen. Where Slack is not reached it goes on trying.

        Raises:
            SettingsError: Slack does not take the bot's token.
        """
        if not self._settings.oauth:
            try:
                await self._bots.of("")
            except RefusedError as refused:
                await self._bots.close()
                remedy = "Copy it again from OAuth & Permissions > Bot User OAuth Token"
                raise SettingsError(f"refused ({refused.reason})", where="SLACK_BOT_TOKEN", remedy=remedy) from None
            except SendError as error:
                _log.warning("slack_not_reached", error=type(error).__name__)
        await self._door.open()
        _log.info("slack_started", socket=self._settings.app_token is not None)

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, and leave."""
        await self._door.close()
        under_way = {*self._intake.beside, *self._sending}
        if under_way:
            await asyncio.wait(under_way, timeout=_DRAIN)
        await self._bots.close()

    def alive(self) -> datetime | None:
        """Return when Slack last gave a sign of life."""
        return self._door.alive()

    # Coming in by HTTP

    async def http(self, request: Request) -> Response:
        """Take what Slack posts to /slack/events."""
        return await self._door.http(request)

    async def oauth(self, request: Request) -> Response:
        """Serve /slack/install and /slack/oauth_redirect."""
        return await self._door.oauth(request)

    def routes(self) -> list[Route]:
        """Return the routes that the settings ask for, for a Starlette or FastAPI app."""
        found = [Route("/slack/events", self.http, methods=["POST"])] if self._settings.signing_secret else []
        if self._settings.oauth:
            found += [Route(path, self.oauth) for path in ("/slack/install", "/slack/oauth_redirect")]
        return found

    # Going out

    async def send(self, parcel: Parcel) -> str:
        """Deliver a parcel and return the name of its last message."""
        task = asyncio.create_task(self._sent(parcel))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return await task

    async def _sent(self, parcel: Parcel) -> str:
        receipt = await self._post.send(parcel)
        await self._no_longer_thinking(parcel)
        return receipt

    async def _no_longer_thinking(self, parcel: Parcel) -> None:
        if parcel.account is not None:
            await self._courtesies.answered(await self._team_of(parcel), parcel.account.key.rsplit(":", 1)[-1])

    async def show(self, preview: Preview, note: Note) -> None:
        """Show an answer as far as it is written: where Slack has streams, in one."""
        await self._post.streams.show(preview, note)
        await self._no_longer_thinking(preview.parcel)

    async def take_back(self, shown: str) -> None:
        """Let vanish what was shown of an answer that does not come."""
        await self._post.streams.take_back(shown)

    async def find(self, parcel: Parcel) -> str | None:
        """Return the name of a parcel that Slack has, or None."""
        return await self._post.find(parcel)

    async def settled(self, parcel: Parcel, receipt: str) -> None:
        """Take the buttons off something posted."""
        try:
            await self._post.settle(parcel, receipt)
        except SendError as error:
            _log.info("slack_not_settled", parcel=parcel.id, error=type(error).__name__)

    async def acquainted(self, account: Account) -> Account:
        """Return an account with the name that people know."""
        return await self._people.acquainted(account)

    async def fetch(self, file: File, most: int) -> bytes:
        """Return a file's content, at most `most` bytes of it."""
        team, _, name = file.ref.partition(":")
        about = await self._bots.call("files.info", team, file=name)
        bot = await self._bots.of(team)
        url = text_at(about, "file", "url_private_download") or text_at(about, "file", "url_private")
        if bot is None or not url:
            raise RefusedError("file_not_readable")
        return await download(url, bot.token, most, self._settings.api_url)

    async def _team_of(self, parcel: Parcel) -> str:
        """Return the workspace whose bot carries a parcel: that of the conversation, else that of the person."""
        if not self._settings.oauth:
            bot = await self._bots.of("")
            return bot.team if bot else ""
        places = [place.key.split(":")[1] for place in (parcel.place, parcel.aside) if place is not None]
        people = [self._people.meets_at(parcel.account)] if parcel.account is not None else []
        for team in (*places, *people, parcel.tenant):
            if await self._bots.of(team) is not None:
                return team
        raise RefusedError("not_installed")

    # For `nakodo doctor`

    async def examine(self) -> list[Check]:
        """Say what is right and what is missing, and where to click."""
        try:
            return await self._examined()
        finally:
            await self._bots.close()

    async def _examined(self) -> list[Check]:
        found = [] if self._settings.oauth else await self._bot_examined()
        if self._settings.app_token is not None:
            found.append(await self._socket_examined(self._settings.app_token.get_secret_value().strip()))
        if self._settings.signing_secret is not None:
            found.append((True, "Slack: events by HTTP at /slack/events", ""))
        if self._settings.oauth:
            found.append((True, "Slack: workspaces install the bot at /slack/install", ""))
        return found

    async def _bot_examined(self) -> list[Check]:
        token = self._settings.bot_token.get_secret_value().strip() if self._settings.bot_token else ""
        try:
            answer = await self._bots.ask("auth.test", token)
        except RefusedError as refused:
            remedy = "OAuth & Permissions > Install to Workspace, then copy the Bot User OAuth Token"
            return [(False, f"Slack: SLACK_BOT_TOKEN is refused ({refused.reason})", remedy)]
        except SendError as error:
            return [_unheard("Slack", error)]
        given = set(str(answer.headers.get("x-oauth-scopes", "")).replace(" ", "").split(","))
        checks: list[Check] = [(True, f"Slack: the bot is in {text_at(answer.data, 'team') or 'a workspace'}", "")]
        remedy = "OAuth & Permissions > Bot Token Scopes > Add an OAuth Scope, then Reinstall to Workspace"
        missing = [scope for scope in SCOPES if scope not in given]
        checks += [(False, f"Slack: the scope {scope} is missing", f"{remedy} ({MANIFEST})") for scope in missing]
        return checks

    async def _socket_examined(self, token: str) -> Check:
        remedy = (
            "Settings > Socket Mode > Enable; Basic Information > App-Level Tokens > Generate (connections:write)"
        )
        try:
            await self._bots.ask("apps.connections.open", token)
        except RefusedError as refused:
            return (False, f"Slack: SLACK_APP_TOKEN is refused ({refused.reason})", remedy)
        except SendError as error:
            return _unheard("Slack: Socket Mode", error)
        return (True, "Slack: events through Socket Mode", "")


def _unheard(what: str, error: SendError) -> Check:
    """Say what keeps Slack from answering: it wants to be left alone, it is ill, or nobody gets there."""
    if isinstance(error, NotSentError) and error.after:
        return (False, f"{what} was asked too often", f"Run this again in {math.ceil(error.after)} seconds")
    if "no connection" in str(error) or "no answer" in str(error):
        return (False, f"{what}: not reached", "Look at the network and at SLACK_API_URL")
    remedy = "Run this again in a while; https://slack-status.com says when Slack is out of order"
    return (False, f"{what} is out of order: {error}", remedy)
