"""How the files beside Slack's doors ask Slack for something, and remember what it told them. It knows no SDK."""

from collections import OrderedDict
from typing import Any, Protocol, TypeVar

from adapters.channels.slack_payload import Body

_REMEMBERED = 500
_K = TypeVar("_K")
_V = TypeVar("_V")


class Call(Protocol):
    """Asks Slack for something in the name of the bot of a workspace."""

    async def __call__(self, method: str, team: str, **arguments: Any) -> Body:
        """Return Slack's answer.

        Raises:
            NotSentError, UnclearError, RefusedError: see there.
        """
        ...


def remember(kept: OrderedDict[_K, _V], key: _K, value: _V, most: int = _REMEMBERED) -> _V:
    """Keep something, and let the oldest go where there is too much."""
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
    return value
