"""What went wrong with a language model, of whichever SDK: how it ends, and whether another try is worth it.

Nothing of what was sent or answered is kept: errors are logged and shown.
"""

import email.utils
import time
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.services.chat_loop import OutOfTimeError
from bot.model import TraceEnd

UNKNOWN_TO_IT = frozenset({400, 404, 405, 415, 422, 501})
"""Statuses of a server that may not know something that the request asks for."""
_QUOTA = "insufficient_quota"
_TRANSPORT = ("httpx", "httpcore", "aiohttp", "openai", "anthropic", "google", "ollama", "ssl", "anyio")


@dataclass(eq=False)
class FaultError(Exception):
    """A request that failed."""

    end: TraceEnd
    what: str
    again: bool = False
    """Whether the same may work a moment later."""
    after: float | None = None
    """How many seconds the other end asks to wait."""
    status: int | None = None
    blames: str = ""
    """What the other end says it does not know: `usage`, `stream`, `form` or nothing."""
    free: bool = False
    """Whether it surely cost nothing."""


def fault_of(error: BaseException) -> FaultError:
    """Return what an SDK's error comes to."""
    if isinstance(error, FaultError):
        return error
    if isinstance(error, OutOfTimeError):
        return FaultError("slow", "no answer in time")
    chain = tuple(_chain(error))
    status = next((found for one in chain if (found := _status(one))), None)
    return _unanswered(chain) if status is None else _answered(status, chain)


def _unanswered(chain: tuple[BaseException, ...]) -> FaultError:
    kind = type(chain[0]).__name__
    if any(isinstance(one, OSError) or type(one).__module__.startswith(_TRANSPORT) for one in chain):
        return FaultError(
            "down", f"not reached, or broken off ({kind})", again=True, free=any(map(_unconnected, chain))
        )
    if "No generation chunks" in str(chain[0]):
        return FaultError("malformed", "an empty stream", blames="stream")
    return FaultError("malformed", f"an answer that its SDK cannot read ({kind}); is the address a model's?")


def _answered(status: int, chain: tuple[BaseException, ...]) -> FaultError:
    poor = status == 429 and any(_QUOTA in (getattr(one, "code", ""), getattr(one, "type", "")) for one in chain)
    if poor or status == 402:
        return FaultError("refused", "the account has no quota left", status=status, free=True)
    if status == 500 and (blames := _blamed(chain)) in ("form", "usage"):  # It means 501: llama.cpp's server says so.
        return FaultError("refused", "status 500", status=501, blames=blames, free=True)
    if status in (408, 425, 429) or (status >= 500 and status != 501):
        after = next((found for one in chain if (found := _retry_after(one)) is not None), None)
        return FaultError("down", f"status {status}", again=True, after=after, status=status, free=True)
    return FaultError("refused", f"status {status}", status=status, blames=_blamed(chain), free=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Walk an error and what caused it, a few steps deep."""
    found: BaseException | None = error
    for _ in range(6):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__


def _status(error: BaseException) -> int | None:
    # Some gateways answer 200 and put the error into the body, which LangChain raises as it stands there.
    body = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    for value in (getattr(error, "status_code", None), getattr(error, "code", None), body.get("code")):
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, int) and 300 <= number < 600:
            return number
    return None


def _retry_after(error: BaseException) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    get = getattr(headers, "get", None)
    if get is None:
        return None
    if milliseconds := _number(get("retry-after-ms")):
        return milliseconds / 1_000
    value = get("retry-after")
    if (seconds := _number(value)) is not None:
        return seconds
    parsed = email.utils.parsedate_tz(value) if isinstance(value, str) else None
    return max(0.0, email.utils.mktime_tz(parsed) - time.time()) if parsed else None


def _number(value: object) -> float | None:
    try:
        return max(0.0, float(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _unconnected(error: BaseException) -> bool:
    return isinstance(error, ConnectionRefusedError) or type(error).__name__ in ("ConnectError", "ConnectTimeout")


def _blamed(chain: tuple[BaseException, ...]) -> str:
    """Return what a refusal seems to be about, by the names of parameters that it repeats."""
    said = " ".join(str(one)[:2_000] for one in chain).lower()
    if "stream_options" in said or "include_usage" in said:
        return "usage"
    if any(name in said for name in ("response_format", "json_schema", "output_config", "grammar", "tool")):
        return "form"
    return "stream" if "stream" in said else ""
