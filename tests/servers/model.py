"""A scripted OpenAI-compatible server on 127.0.0.1, which behaves as well or as badly as it is told.

    with ScriptedModel() as server:                      # well: fills the asked form from the numbered passages
        model = ChatModel("openai:scripted", url=server.url)
        server.then("429", "malformed", "good")          # the next requests, in order; then `server.behave` again
        server.behave = "invents-figure"                 # all that follow
        server.behave = lambda asked: "good" if "NDA" in asked.user else "stalls"
        server.asked[0].body                             # every request as it came: what left the house

A behaviour is one or more names of `BEHAVIOURS` joined with `+`: at most one says what is written (`good`,
`fenced`, `invents-name`), others say how it travels (`small`, `stalls`, `429`): "invents-name+small".

A test that uses it needs `pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])`. To play with:
`python -m tests.servers.model --port 8000 --behaviour good`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Supports = Literal["schema", "tools", "json", "nothing"]
"""What it knows of structured output; it refuses with 400 what it does not know."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    number: int = 0
    """How many came before."""
    at: float = 0.0

    @property
    def system(self) -> str:
        """The system message."""
        raise NotImplementedError

    @property
    def user(self) -> str:
        """All user messages."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """Everything that is said in it, in order."""
        raise NotImplementedError

    @property
    def passages(self) -> dict[int, str]:
        """The numbered passages of the prompt: lines that begin with `[1]`, `1.`, `(1)` or the like."""
        raise NotImplementedError


Behave = str | Callable[[Asked], str]


class ScriptedModel:
    """The server, in a thread of its own; a context manager."""

    url: str
    """`http://127.0.0.1:<port>/v1`"""
    asked: list[Asked]
    behave: Behave

    def __init__(
        self,
        behave: Behave = "good",
        *,
        supports: Supports = "schema",
        streams: bool = True,
        usage: bool = True,
        key: str = "",
        port: int = 0,
    ) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def then(self, *behaviours: Behave) -> None:
        """Behave so for the next requests, one each."""

    def forget(self) -> None:
        """Drop what was asked and what is still to come."""


def halves(bad: str, *more: str, good: str = "good") -> Callable[[Asked], str]:
    """Behave well and badly in turn, the bad ones one after the other."""
    ...
