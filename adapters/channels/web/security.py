"""What every answer of the site carries, and what every form must bring back."""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import FormData, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.channels.web.viewer import Viewer
from bot.errors import NakodoError

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


class DeniedError(NakodoError):
    """Somebody asked for what they may not have. `status` is HTTP's: 401 sign in first, 403 no, 404 not there."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message or {401: "sign in first", 403: "not allowed", 404: "not there"}[status])
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


def new_csrf() -> str:
    """Return a new token for a session."""
    return secrets.token_urlsafe(24)


async def checked_form(request: Request, viewer: Viewer) -> FormData:
    """Return a form that this site made for this session.

    Raises:
        DeniedError: it comes from elsewhere.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise DeniedError(403)
    form = await request.form(max_files=0, max_fields=100)
    token = form.get(FIELD)
    if not isinstance(token, str) or not hmac.compare_digest(token, viewer.csrf):
        raise DeniedError(403)
    return form
