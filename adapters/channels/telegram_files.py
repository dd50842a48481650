"""Files at Telegram, fetched piece by piece: the SDK would take in all of one, however large."""

from collections.abc import Awaitable, Callable

import httpx

from adapters.channels.telegram_events import WORDLESS
from adapters.post import NotSentError, RefusedError, UnclearError

WAIT = httpx.Timeout(20.0)


async def fetch(ref: str, most: int, address: Callable[[str], Awaitable[str]]) -> bytes:
    """Return at most `most` bytes of what a reference names; `address` asks Telegram where it is.

    Raises:
        RefusedError: Telegram does not hand it over.
        NotSentError: it did not come through this time.
    """
    if ref.startswith(WORDLESS):
        raise RefusedError("not a file")
    try:
        found = await address(ref)
    except UnclearError as error:
        raise NotSentError(str(error)) from None
    return await download(found, most)


async def download(url: str, most: int) -> bytes:
    """Return at most `most` bytes. The address holds the token, so no error repeats it.

    Raises:
        RefusedError: Telegram does not hand it over.
        NotSentError: it did not come through this time.
    """
    if not url.startswith(("http://", "https://")):
        raise RefusedError("the file lies on the disk of the Bot API server")
    content, status = b"", 0
    try:
        async with httpx.AsyncClient(timeout=WAIT) as client, client.stream("GET", url) as answer:
            status = answer.status_code
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) >= most:
                    break
    except (httpx.HTTPError, httpx.InvalidURL):
        status = 0
    if status == 200:
        return content[:most]
    if 400 <= status < 500 and status != 429:
        raise RefusedError(f"status {status}")
    raise NotSentError("a file did not come through")
