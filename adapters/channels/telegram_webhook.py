"""What comes to the webhook before it is believed: who posts, how much, and whether it is an update at all."""

import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request

MOST_BODY = 1_000_000
_SECRET = b"x-telegram-bot-api-secret-token"


class Refusal(NamedTuple):
    """Why a post is not let in, and the status that says so."""

    status: int
    reason: str


async def read(request: Request, secret: bytes) -> Mapping[str, Any] | Refusal:
    """Return the update that Telegram posted; `secret` is what it says with every post, empty where none may come."""
    refusal = _unwelcome(request, secret)
    if refusal is not None:
        return refusal
    body = await _body(request)
    if body is None:
        return Refusal(413, "too large")
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        update = None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        return Refusal(400, "malformed")
    return update


def _unwelcome(request: Request, secret: bytes) -> Refusal | None:
    if not secret:
        return Refusal(404, "no webhook")
    if request.method != "POST":
        return Refusal(405, "no post")
    told = [value for key, value in request.scope["headers"] if key.lower() == _SECRET]
    if len(told) != 1 or not hmac.compare_digest(told[0], secret):
        return Refusal(403, "secret")
    return None


async def _body(request: Request) -> bytes | None:
    """Return the body, or None once it grows too large: a length that is claimed may be a lie."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BODY:
                return None
    except ClientDisconnect:
        return b""
    return body
