"""The bot of each workspace, and asking Slack for something in its name. One of the doors to Slack's SDK."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.channels.slack_payload import Body, dict_at, text_at
from adapters.channels.slack_settings import SlackSettings
from adapters.channels.slack_wire import failure, sdk_logger
from adapters.post import NotSentError, RefusedError

TIMEOUT = 20
"""Seconds until an answer counts as lost."""
KEPT = 10
"""Seconds for which a connection is kept for the next question. Slack keeps its end for longer."""
_AS_FORM = re.compile(r"(?:conversations\.(?!open)|users\.|files\.).*")
"""Slack reads no JSON where something is only looked up."""

_LOCKED_OUT = ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked")
"""The app is being installed anew, or its token was changed: what is to be said waits for that."""


class Bot(NamedTuple):
    """The bot in one workspace."""

    team: str
    user: str
    token: str

    def __repr__(self) -> str:
        """Leave the token out."""
        return f"Bot({self.team}, {self.user})"


class Bots:
    """Knows the bot of each workspace: the one of the settings, or those that were installed."""

    def __init__(self, settings: SlackSettings, installations: Any) -> None:
        self._settings, self._installations = settings, installations
        self._only: Bot | None = None
        self._session: aiohttp.ClientSession | None = None
        self.heard_at: datetime | None = None

    async def of(self, team: str, enterprise: str | None = None) -> Bot | None:
        """Return the bot of a workspace; None where it is not installed. By a token it is always the same one.

        Raises:
            SendError: Slack did not say whose the token is.
        """
        if self._settings.oauth:
            found = await self._installations.async_find_bot(enterprise_id=enterprise, team_id=team or None)
            if found is None or not found.bot_token:
                return None
            return Bot(found.team_id or team, found.bot_user_id or "", found.bot_token)
        if self._only is None and self._settings.bot_token is not None:
            token = self._settings.bot_token.get_secret_value().strip()
            about = _body(await self.ask("auth.test", token))
            self._only = Bot(text_at(about, "team_id"), text_at(about, "user_id"), token)
        return self._only

    async def call(self, method: str, team: str, **arguments: Any) -> Body:
        """Ask for something in the name of a workspace's bot."""
        try:
            bot = await self.of(team)
            answer = await self.ask(method, bot.token, arguments) if bot is not None else None
        except RefusedError as refused:
            if refused.reason in _LOCKED_OUT:
                raise NotSentError("Slack does not take the bot's token") from None
            raise
        if answer is None:
            raise RefusedError("not_installed")
        return _body(answer)

    async def ask(self, method: str, token: str, arguments: dict[str, Any] | None = None) -> AsyncSlackResponse:
        """Ask with a token, once: whether to ask again is not decided here.

        Raises:
            NotSentError, UnclearError, RefusedError: see there.
        """
        client = self.client(token)
        client.session = self._connections()
        try:
            if _AS_FORM.fullmatch(method):
                answer = await client.api_call(method, params=arguments or {})
            else:
                answer = await client.api_call(method, json=arguments or {})
        except Exception as error:  # The SDK raises from four trees, and stumbles over answers of strange shape.
            raise failure(error) from None
        self.heard_at = datetime.now(UTC)
        return answer

    async def close(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _connections(self) -> aiohttp.ClientSession:
        """Return what keeps connections open: left to itself, the SDK calls anew for every question."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                connector=aiohttp.TCPConnector(keepalive_timeout=KEPT),
            )
        return self._session

    def client(self, token: str) -> AsyncWebClient:
        """Return a client that does not try again by itself: that could post twice."""
        return AsyncWebClient(
            token=token or None,
            base_url=self._settings.api_url,
            timeout=TIMEOUT,
            logger=sdk_logger(),
            retry_handlers=[],
        )


def _body(answer: AsyncSlackResponse) -> Body:
    return dict_at(answer.data)
