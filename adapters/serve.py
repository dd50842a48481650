"""`nakodo serve`: the pages, every chat that is set up, the durable road, and a few addresses for machines.

POST /slack/events      events, commands and buttons from Slack, signed
GET  /slack/install     adds Nakodo to a workspace (and /slack/oauth_redirect)
POST /telegram/webhook  updates from Telegram, with its secret token
GET  /health            the process is alive
GET  /ready             the channels and the road are alive; 503 if one is not
"""

import asyncio
import errno
import logging
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.channels.web.page import page
from adapters.channels.web.security import HEADERS
from adapters.post import Channel, ChannelName
from adapters.services.jobs import Jobs
from bot.errors import SettingsError

LARGEST = 1024 * 1024
"""Bytes of a request's body."""
QUIET = timedelta(minutes=3)
"""A channel that gave no sign of life for so long is not ready."""
_PORT = "NAKODO_PORT"
log = structlog.get_logger(__name__)


class Running(Channel, Protocol):
    """A channel that can be started and stopped, and may have addresses of its own."""

    @property
    def refused(self) -> Counter[str]:
        """What was not let in, by the reason."""
        ...

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Take nothing more in; finish what is under way."""
        ...

    def routes(self) -> list[Route]:
        """Return the addresses at which the platform calls."""
        ...


class House(NamedTuple):
    """What serves: the durable road, and the channels at its ends."""

    jobs: Jobs
    channels: Mapping[ChannelName, Running]
    pages: Sequence[BaseRoute] = ()
    """What people open in a browser; it comes behind every other address."""


def build_app(build: Callable[[], AbstractAsyncContextManager[House]]) -> FastAPI:
    """Return the application: it builds the house in its own event loop when it starts, and closes it at the end."""
    houses: list[House] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with build() as house, _opened(house):
                for channel in house.channels.values():
                    app.router.routes.extend(channel.routes())
                app.router.routes.extend(house.pages)
                houses.append(house)
                logging.getLogger("uvicorn").setLevel(logging.WARNING)
                yield
        except Exception as error:
            app.state.trouble = error  # uvicorn would only log it.
            raise

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.trouble = None
    app.add_middleware(Limit)

    @app.exception_handler(Exception)
    async def broken(request: Request, _error: Exception) -> Response:
        response = page(request, None, "trouble.html", 500)
        response.headers.update(HEADERS)
        return response

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/ready")
    async def ready() -> JSONResponse:
        found, good = await asyncio.to_thread(_readiness, houses[0])
        return JSONResponse(found, status_code=200 if good else 503)

    return app


@asynccontextmanager
async def _opened(house: House) -> AsyncIterator[None]:
    """Open the road, then the channels; close them the other way round."""
    await house.jobs.start()
    started: list[Running] = []
    try:
        for channel in house.channels.values():
            await channel.start()
            started.append(channel)
        log.info("open", channels=sorted(house.channels))
        yield
    finally:
        for channel in started:
            await channel.stop()
        await house.jobs.stop()


def _readiness(house: House) -> tuple[dict[str, Any], bool]:
    jobs, channels = house.jobs, house.channels
    now = datetime.now(UTC)
    signs = {name: channel.alive() for name, channel in channels.items()}
    late = [name for name, at in signs.items() if at is None or now - at > QUIET]
    looked = jobs.mail.sign("house")
    good = not late and looked is not None and now - looked < QUIET
    told = {name: at.isoformat() if at else None for name, at in signs.items()}
    return {
        "ready": good,
        "channels": told,
        "silent": late,
        "road": looked.isoformat() if looked else None,
        "post": jobs.mail.counts()._asdict(),
        "refused": {name: dict(channel.refused) for name, channel in channels.items()},
    }, good


class Limit:
    """Refuses bodies that are larger than any platform sends, before they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if int(headers.get(b"content-length", b"0") or 0) > LARGEST:
            await Response(status_code=413)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST:
                raise _TooLargeError
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLargeError:
            await Response(status_code=413)(scope, receive, send)


class _TooLargeError(Exception):
    """A body without a stated length went on and on."""


class _Server(uvicorn.Server):
    """Says when it listens, and at which port."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[int], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            opened = [one for server in self.servers for one in server.sockets]
            await asyncio.to_thread(self._listening, opened[0].getsockname()[1])


def run(app: FastAPI, host: str, port: int, listening: Callable[[int], None] = lambda _port: None) -> None:
    """Run until told to stop (SIGTERM, SIGINT). `listening` is told the port once the first may come.

    Raises:
        NakodoError: it could not start; this says why.
    """
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10
    )
    server = _Server(config, listening)
    # uvicorn passes on the signal that ended it; having been told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with suppress(SystemExit):  # uvicorn ends the process with a number, where a sentence is due.
        server.run()
    if app.state.trouble is not None:
        raise app.state.trouble
    if not server.started:
        raise _not_listening(host, port)


def _not_listening(host: str, port: int) -> SettingsError:
    """Say why nobody can listen there; uvicorn has only logged it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except PermissionError:
        remedy = "Choose one above 1023, with a web server before it where it has to be another"
        return SettingsError(f"port {port} cannot be used without the rights of root", where=_PORT, remedy=remedy)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            remedy = "Write an address of this machine, or unset it"
            return SettingsError("is no address of this machine", where="NAKODO_HOST", remedy=remedy)
    remedy = "Choose another, or stop what uses it"
    return SettingsError(f"port {port} cannot be used on {host}", where=_PORT, remedy=remedy)
