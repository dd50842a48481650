"""Language models of any provider, by LangChain's `init_chat_model`: within a time, within the day's tokens.

    model = ChatModel("openai:gpt-x", key=SecretStr("…"), seconds=20)
    written = model.write(prompt, Composed, tenant="north", partly=show)

Signatures first; what is behind them follows.
"""

from collections.abc import Callable
from datetime import date

from pydantic import SecretStr

from adapters.services.budget import MemoryMeter, Meter
from bot.ports import Form, Prompt, Written
from bot.settings import Settings


class ChatModel:
    """One model. Nothing is imported and nothing is sent before the first `write`; many threads may share it."""

    name: str
    remote: bool

    def __init__(
        self,
        name: str,
        *,
        url: str | None = None,
        key: SecretStr | None = None,
        seconds: float = 20.0,
        tokens: int = 500_000,
        meter: Meter | None = None,
        today: Callable[[], date] | None = None,
    ) -> None:
        self.name = name
        self._meter = meter or MemoryMeter()

    def write(
        self,
        prompt: Prompt,
        form: type[Form],
        *,
        tenant: str = "",
        partly: Callable[[object], None] | None = None,
    ) -> Written[Form]:
        """Return the form filled in.

        `partly` is called on the caller's own thread with the unfinished value (dicts and lists as far as they are
        written) while the answer streams in; states may be skipped. Where a call is made again it begins anew. Where
        the server does not stream it is called once, with the whole.

        Raises:
            ModelError: `end` is slow, down, refused, malformed, budget or resting.
        """
        raise NotImplementedError

    def left(self, tenant: str = "") -> int | None:
        """Return the tokens that a tenant has left today; None is without limit."""
        raise NotImplementedError

    def close(self) -> None:
        """End its thread and connections. What is under way ends as `down`."""


def open_chat_model(settings: Settings, meter: Meter | None = None) -> ChatModel | None:
    """Return the model that the settings name, or None where they name none."""
    raise NotImplementedError
