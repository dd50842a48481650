"""What goes wrong between here and Slack, in the post's words; a file's content; and what Slack's SDK may log."""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from adapters.channels.slack_payload import text_at
from adapters.post import NotSentError, RefusedError, SendError, UnclearError

_LIMITED = ("ratelimited", "rate_limited")
_LATER = (
    "external_channel_migrating",
    "org_login_required",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
)
_UNCLEAR = ("fatal_error", "internal_error", "")
_NAME = re.compile(r"[a-z0-9_]{1,80}")
_WAIT = 30.0
_HOMES = ("slack.com", "slack-files.com")


def failure(error: Exception) -> SendError:
    """Return what an exception of the SDK means for what was to be sent. Nothing of the request is in it."""
    response: Any = getattr(error, "response", None)
    if response is not None:
        return _answered(response)
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)):
        return NotSentError("no connection to Slack")
    return UnclearError(f"no answer from Slack ({type(error).__name__})")


def _answered(response: Any) -> SendError:
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    data, headers = getattr(response, "data", None), getattr(response, "headers", None) or {}
    name = text_at(data, "error")
    if status == 429 or name in _LIMITED:
        return NotSentError("Slack asks to wait", after=_seconds(headers.get("Retry-After")))
    if name in _LATER:
        return NotSentError("Slack is not ready")
    if status >= 500 or name in _UNCLEAR:
        return UnclearError(f"no clear answer from Slack (status {status})")
    return RefusedError(name if _NAME.fullmatch(name) else "unknown_error")


def _seconds(value: object) -> float:
    try:
        return min(max(float(str(value)), 0.0), 3_600.0)
    except ValueError:
        return _WAIT


async def download(url: str, token: str, most: int, api_url: str) -> bytes:
    """Return at most `most` bytes of a file. The token goes to Slack alone.

    Raises:
        NotSentError: Slack cannot be reached just now.
        RefusedError: the file is not Slack's, or the bot may not have it.
    """
    host = urlsplit(url).hostname or ""
    slacks = any(host == home or host.endswith(f".{home}") for home in _HOMES) and url.startswith("https://")
    if not slacks and host != urlsplit(api_url).hostname:
        raise RefusedError("file_elsewhere")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status >= 500 or answer.status == 429:
                raise NotSentError("Slack does not hand the file over just now")
            if answer.status != 200:  # Who may not have it is sent to the login page.
                raise RefusedError("file_not_readable")
            return await _at_most(answer, most)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise NotSentError("the file did not come through") from None


async def _at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    found = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


class Wordless(logging.Filter):
    """Takes the words out of what an SDK logs: they may hold messages, tokens or addresses that let one in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave where it was logged, and the kind of error."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        record.msg, record.args = f"slack: {record.module}.{record.funcName} {kind}".strip(), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def sdk_logger() -> logging.Logger:
    """Return the logger that the SDK is given; at DEBUG it would print whole messages."""
    logger = logging.getLogger("nakodo.slack")
    logger.setLevel(logging.WARNING)
    if not any(isinstance(one, Wordless) for one in logger.filters):
        logger.addFilter(Wordless())
    return logger
