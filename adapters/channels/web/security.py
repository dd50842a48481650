"""What every answer of the site carries, what every form must bring back, and how often one may try to get in."""

import hmac
import os
import secrets
from collections import defaultdict, deque
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import FormData, MutableHeaders
from starlette.datastructures import Headers as RequestHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.channels.web.viewer import Viewer
from bot.errors import NakodoError, SettingsError
from bot.settings import Settings

POLICY = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
])  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FIELD = "csrf"
KEY_FILE = "web.secret"
SHORTEST = 32
"""Characters of a secret that nobody guesses."""
WINDOW = timedelta(minutes=15)
PER_ADDRESS, IN_ALL = 10, 100
"""Failed attempts to sign in within the window, after which nobody from there, or nobody, is let in by trying."""


class DeniedError(NakodoError):
    """Somebody asked for what they may not have.

    `status` is HTTP's: 401 sign in first, 403 no, 404 not there, 429 too often.
    """

    def __init__(self, status: int, message: str = "") -> None:
        told = {401: "sign in first", 403: "not allowed", 404: "not there", 429: "too often"}
        super().__init__(message or told[status])
        self.status = status


class Headers:
    """Adds the headers to every answer; pages are not kept by anybody on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Hosts:
    """Answers only to its own names: a site elsewhere whose name is pointed at our address gets nothing."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app, self._names = app, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 400."""
        if scope["type"] == "http" and _name(RequestHeaders(scope=scope).get("host", "")) not in self._names:
            text = "These pages are not served under this name. NAKODO_PUBLIC_URL says which one to use.\n"
            await PlainTextResponse(text, status_code=400)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def names_of(settings: Settings) -> set[str]:
    """Return the names under which the pages are served."""
    if settings.local:
        return {"127.0.0.1", "localhost", "::1", settings.host}
    return {_name(urlsplit(settings.public_url or "").netloc)} - {""}


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class Attempts:
    """Counts failed attempts to sign in, from each address and in all."""

    def __init__(self) -> None:
        self._failed: deque[tuple[datetime, str]] = deque()
        self._by: defaultdict[str, int] = defaultdict(int)

    def may(self, address: str, now: datetime) -> bool:
        """Whether somebody may try."""
        while self._failed and now - self._failed[0][0] > WINDOW:
            _, gone = self._failed.popleft()
            self._by[gone] -= 1
            if not self._by[gone]:
                del self._by[gone]
        return len(self._failed) < IN_ALL and self._by.get(address, 0) < PER_ADDRESS

    def fail(self, address: str, now: datetime) -> None:
        """Note a failure."""
        self._failed.append((now, address))
        self._by[address] += 1


def secret_of(given: SecretStr | None, home: Path) -> str:
    """Return what cookies are signed with: what was given, else what is kept in the data folder, made once.

    Raises:
        SettingsError: it cannot be kept there.
    """
    if given is not None:
        return given.get_secret_value()
    file = home / KEY_FILE
    try:
        if not file.exists():
            made = home / f"{KEY_FILE}.{os.getpid()}"
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(48))
            made.replace(file)  # Whoever reads it reads all of it.
        file.chmod(0o600)
        kept = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SettingsError(
            f"cannot be kept ({error.strerror})", where=str(file), remedy="Correct its rights, or set NAKODO_SECRET"
        ) from None
    if len(kept) < SHORTEST:
        raise SettingsError("is damaged", where=str(file), remedy="Delete it: everybody signs in anew")
    return kept


def inside(path: object) -> str:
    """Return an address if it is one of this site's, else that of the first page."""
    plain = isinstance(path, str) and path.isprintable() and "\\" not in path
    return path if isinstance(path, str) and plain and path.startswith("/") and not path.startswith("//") else "/"


def new_csrf() -> str:
    """Return a new token for a session."""
    return secrets.token_urlsafe(24)


async def checked_form(request: Request, viewer: Viewer) -> FormData:
    """Return a form that this site made for this session.

    Raises:
        DeniedError: it comes from elsewhere.
    """
    form = await own_form(request)
    token = form.get(FIELD)
    if not isinstance(token, str) or not viewer.csrf or not hmac.compare_digest(token.encode(), viewer.csrf.encode()):
        raise DeniedError(403)
    return form


async def own_form(request: Request) -> FormData:
    """Return a form of somebody who has no session yet.

    Raises:
        DeniedError: a page elsewhere sent it.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise DeniedError(403)
    return await request.form(max_files=0, max_fields=100)
