"""Where Slack comes in: Bolt behind HTTP or a socket, and the pages that install the bot. A door to Slack's SDK."""

import asyncio
import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.requests import Request
from starlette.responses import Response

from adapters.channels.slack_client import Bots
from adapters.channels.slack_intake import Addressed, Intake, NotKeptError
from adapters.channels.slack_settings import SCOPES, SlackSettings
from adapters.channels.slack_wire import sdk_logger
from adapters.post import SendError

MOST_BYTES = 1_000_000
_OLD = 300
"""Seconds after which a signed request counts as replayed."""
_PATIENCE = 10.0
_ANY = re.compile(r".*", re.DOTALL)
_SHAPELESS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What Bolt raises on bodies that are not as Slack makes them."""
_NO_RETRY = {"X-Slack-No-Retry": "1"}
_log = structlog.get_logger(__name__)


class _Authorize(AsyncAuthorize):
    """Tells Bolt whose bot something is for."""

    def __init__(self, bots: Bots, refused: Counter[str]) -> None:
        self._bots, self._refused = bots, refused

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        bot = await self._bots.of(team_id or "", enterprise_id)
        if bot is None:
            self._refused["not_installed"] += 1
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=bot.team, bot_user_id=bot.user, bot_token=bot.token
        )


class Door:
    """Verifies what comes, lets it be taken, and answers Slack."""

    def __init__(
        self, settings: SlackSettings, bots: Bots, intake: Intake, *, installations: Any, states: Any
    ) -> None:
        self._settings, self._bots, self._intake = settings, bots, intake
        secret = settings.signing_secret
        self._verifier = SignatureVerifier(secret.get_secret_value().strip()) if secret else None
        self._app = self._bolt(installations, states)
        self._socket: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.heard_at: datetime | None = None

    def _bolt(self, installations: Any, states: Any) -> AsyncApp:
        secret = self._settings.signing_secret
        app = AsyncApp(
            name="nakodo",
            logger=sdk_logger(),
            process_before_response=True,
            signing_secret=secret.get_secret_value().strip() if secret else "",
            client=self._bots.client(""),
            authorize=_Authorize(self._bots, self._intake.refused),  # type: ignore[arg-type] # Bolt takes its own class, too.
            oauth_flow=self._flow(installations, states),
            ignoring_self_events_enabled=False,  # What is the bot's own is told apart where events are read.
            attaching_conversation_kwargs_enabled=False,
        )
        if app.oauth_flow is not None:
            app.enable_token_revocation_listeners()

        async def event(body: dict[str, Any], context: AsyncBoltContext) -> None:
            await self._intake.event(body, _addressed(context))

        async def press(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            await self._intake.press(body, _addressed(context))
            await ack()

        async def form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            wrong = await self._intake.form(body, _addressed(context))
            await (ack(response_action="errors", errors=wrong) if wrong else ack())

        async def command(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
            told = await self._intake.command(body, _addressed(context))
            await (ack(text=told, response_type="ephemeral") if told else ack())

        app.event(_ANY)(event)
        app.action(_ANY)(press)
        app.view(_ANY)(form)
        app.command(_ANY)(command)
        app.error(_failed)
        return app

    def _flow(self, installations: Any, states: Any) -> AsyncOAuthFlow | None:
        secret = self._settings.client_secret
        if not self._settings.oauth or secret is None:
            return None
        settings = AsyncOAuthSettings(
            client_id=self._settings.client_id,
            client_secret=secret.get_secret_value(),
            scopes=SCOPES,
            installation_store=installations,
            state_store=states,
            logger=sdk_logger(),
        )
        return AsyncOAuthFlow(settings=settings, client=self._bots.client(""), logger=sdk_logger())

    # Opening and closing

    async def open(self) -> None:
        """Connect, where there is a socket; what does not connect at once goes on trying."""
        self._closed = False
        if self._settings.app_token is None:
            return
        token = self._settings.app_token.get_secret_value().strip()
        self._socket = AsyncSocketModeHandler(self._app, token, logger=sdk_logger(), web_client=self._bots.client(""))
        self._socket.client.socket_mode_request_listeners = [self._from_socket]
        self._connecting = asyncio.ensure_future(self._socket.connect_async())  # type: ignore[no-untyped-call]
        await asyncio.wait({self._connecting}, timeout=_PATIENCE)

    async def close(self) -> None:
        """Take nothing new, finish what is under way, and disconnect."""
        self._closed = True
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=_PATIENCE)
        if self._socket is None:
            return
        client, connecting = self._socket.client, self._connecting
        self._socket = self._connecting = None
        if connecting is not None:
            connecting.cancel()
        await client.close()  # type: ignore[no-untyped-call]
        tasks = (connecting, client.message_processor, client.current_session_monitor, client.message_receiver)
        await asyncio.gather(*(one for one in tasks if one is not None), return_exceptions=True)

    def alive(self) -> datetime | None:
        """Return when Slack was last heard of."""
        pong = self._socket.client.last_ping_pong_time if self._socket else None
        signs = (self.heard_at, self._bots.heard_at, datetime.fromtimestamp(pong, UTC) if pong else None)
        return max((one for one in signs if one is not None), default=None)

    # Coming in

    async def http(self, request: Request) -> Response:
        """Take what Slack posts; 200 means that it is safe."""
        if self._verifier is None or self._closed:
            return Response(status_code=404 if self._verifier is None else 503)
        raw = await _body(request)
        if raw is None:
            return self._no("too_large", 413)
        forged = self._forged(raw, request, self._verifier)
        if forged:  # What only looks at the certificate need not be signed.
            return Response() if b"ssl_check=1" in raw.split(b"&", 50) else self._no(forged, 401)
        try:
            asked = AsyncBoltRequest(body=raw.decode(), headers=dict(request.headers))
        except _SHAPELESS:
            return self._no("malformed", 400)
        answer = await self._dispatched(asked)
        if answer.status == 400:
            return Response(status_code=400, headers=_NO_RETRY)
        return to_starlette_response(answer)

    def _forged(self, raw: bytes, request: Request, verifier: SignatureVerifier) -> str:
        at, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        if not re.fullmatch(r"[0-9]{1,12}", at) or not signature.isascii():
            return "signature"
        if abs(time.time() - int(at)) > _OLD:
            return "old"
        try:
            return "" if verifier.is_valid(raw, at, signature) else "signature"
        except UnicodeDecodeError:
            return "signature"

    def _no(self, reason: str, status: int) -> Response:
        self._intake.refused[reason] += 1
        return Response(status_code=status, headers=_NO_RETRY)

    async def _from_socket(self, client: AsyncBaseSocketModeClient, asked: SocketModeRequest) -> None:
        """Take what comes through the socket; the acknowledgement means that it is safe."""
        if self._closed:
            return
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=asked.payload, headers=build_headers(asked))
        except _SHAPELESS:
            self._intake.refused["malformed"] += 1
            answer = BoltResponse(status=200)
        else:
            answer = await self._dispatched(request)
        if answer.status == 400:
            answer = BoltResponse(status=200)  # It would be no better the next time.
        task = asyncio.ensure_future(send_async_response(client, asked, answer, time.time()))
        self._noted(task)
        await task

    async def _dispatched(self, asked: AsyncBoltRequest) -> BoltResponse:
        """Let Bolt find who takes it, in a task of its own that closing waits for."""
        self.heard_at = datetime.now(UTC)
        task = asyncio.ensure_future(self._app.async_dispatch(asked))
        self._noted(task)
        try:
            answer = await asyncio.shield(task)
        except _SHAPELESS:
            answer = BoltResponse(status=400)
        if answer.status == 400:
            self._intake.refused["malformed"] += 1
        if answer.status == 404:
            self._intake.refused["unknown"] += 1
            return BoltResponse(status=200)  # Nobody asked for it; it need not come again.
        return answer

    def _noted(self, task: asyncio.Task[Any]) -> None:
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def oauth(self, request: Request) -> Response:
        """Serve the page that installs the bot, and the one that Slack leads back to."""
        flow = self._app.oauth_flow
        if flow is None:
            return Response(status_code=404)
        asked = AsyncBoltRequest(body="", query=request.url.query, headers=dict(request.headers))
        installs = request.url.path.endswith(flow.install_path)
        try:
            answer = await (flow.handle_installation(asked) if installs else flow.handle_callback(asked))
        except Exception as error:  # Whatever failed, the visitor gets no traceback.
            _log.warning("slack_install_failed", error=type(error).__name__)
            return Response("Please try again.", status_code=500)
        return to_starlette_response(answer)


def _addressed(context: AsyncBoltContext) -> Addressed:
    found = context.authorize_result
    return Addressed((found and found.team_id) or context.team_id or "", (found and found.bot_user_id) or "")


async def _failed(error: Exception) -> BoltResponse:
    """Answer so that Slack sends it again, unless its shape is wrong."""
    reason = str(error) if isinstance(error, NotKeptError) else type(error).__name__
    _log.warning("slack_not_taken", error=reason)
    again = isinstance(error, (NotKeptError, SendError)) or not isinstance(error, _SHAPELESS)
    return BoltResponse(status=503 if again else 400)


async def _body(request: Request) -> bytes | None:
    """Return the body; None where it is too long."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 9 or int(declared) > MOST_BYTES):
        return None
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)
