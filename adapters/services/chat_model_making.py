"""Makes LangChain's chat model of a provider: its package, its address, what its class is built with."""

import os
import threading
import warnings
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from adapters.services.chat_faults import FaultError
from adapters.services.chat_ways import Provider
from bot.settings import is_loopback

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PACKAGES: dict[Provider, str] = {
    "openai": "langchain_openai",
    "anthropic": "langchain_anthropic",
    "google": "langchain_google_genai",
    "ollama": "langchain_ollama",
}

# Anthropic wants a limit, and takes the greatest that a model has against the account's rate.
_LONGEST = 4_096
# Ollama cuts off what is longer than its window, from the beginning and without a word.
_CONTEXT = 16_384


class Maker:
    """Makes the model when it is first wanted, once."""

    def __init__(self, name: str, url: str | None, key: SecretStr | None, seconds: float) -> None:
        provider, _, self._short = name.partition(":")
        self.provider = cast(Provider, provider)
        self._url = _address(self.provider, url)
        self._key, self._seconds = key, seconds
        self.remote = _remote(self._url, self._short)
        """Whether what it is told leaves this machine."""
        self.made: BaseChatModel | None = None
        self._making = threading.Lock()

    def model(self) -> "BaseChatModel":
        """Return the model; the first time its packages are imported, which takes a second or two.

        Raises:
            FaultError: its class refuses what it is built with.
        """
        with self._making:
            self.made = self.made or self._build()
            return self.made

    def _build(self) -> "BaseChatModel":
        from langchain.chat_models import init_chat_model

        # Where a server's answer is laid out otherwise than OpenAI's, its SDK warns, and quotes what was written.
        warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
        provider = "google_genai" if self.provider == "google" else self.provider
        try:
            return _with_thoughts(init_chat_model(self._short, model_provider=provider, **self._options()))
        except Exception as error:  # Each provider raises its own.
            kind = type(error).__name__
        # Outside, so that the error, which may quote the key, goes no further.
        raise FaultError("refused", f"it cannot be set up ({kind})", free=True)

    def _options(self) -> dict[str, Any]:
        """Return what the provider's class is built with. Trying again is ours: an SDK does not know the time."""
        key = self._key.get_secret_value() if self._key else None
        found: dict[str, Any] = {"base_url": self._url} if self._url else {}
        # A line within the machine is opened at once; one that is kept open outlives whoever used it.
        headers = {} if self.remote else {"Connection": "close"}
        if self.provider == "ollama":
            headers |= {"Authorization": f"Bearer {key}"} if key else {}
            found |= {"num_ctx": _CONTEXT}
            return found | {"client_kwargs": {"timeout": self._seconds, "headers": headers, **self._at_home}}
        # A key in the environment belongs to the provider, not to whoever answers at another address.
        key = key or ("none" if self._url else None)
        found |= {"api_key": key} if key else {}
        if self.provider == "google":
            return found | {"timeout": self._seconds, "max_retries": 1, "additional_headers": headers or None}
        found |= {"timeout": self._seconds, "max_retries": 0, "default_headers": headers or None}
        if self.provider == "anthropic":
            return found | {"max_tokens": _LONGEST}
        found |= {"stream_usage": True}
        found |= {"use_responses_api": False} if self._url else {"store": False}
        if self._at_home:
            from openai import DefaultAsyncHttpxClient

            found["http_async_client"] = DefaultAsyncHttpxClient(**self._at_home)
        return found

    @property
    def _at_home(self) -> dict[str, Any]:
        """What is meant for this machine goes through no proxy, and is not sent on."""
        return {} if self.remote else {"trust_env": False, "follow_redirects": False}


def _address(provider: Provider, url: str | None) -> str | None:
    """Return where requests go; None is where the provider is."""
    if provider == "ollama":
        found = url or os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"
        found = found if "://" in found else f"http://{found}"
        return found.rstrip("/").removesuffix("/v1")
    if url is None:
        return None
    found = url.rstrip("/")
    if provider != "openai":
        return found.removesuffix("/v1")
    return found if urlsplit(found).path else f"{found}/v1"


def _remote(url: str | None, model: str) -> bool:
    if url is None or model.endswith(("-cloud", ":cloud")):  # Ollama passes these on to its makers.
        return True
    host = urlsplit(url).hostname or ""
    return not (is_loopback(host) or host in ("0.0.0.0", "::"))  # noqa: S104  # One connects to it, here.


def _with_thoughts(model: "BaseChatModel") -> "BaseChatModel":
    """Let through what stands in reasoning fields, which LangChain drops: some servers put the whole answer there."""
    convert = getattr(model, "_convert_chunk_to_generation_chunk", None)
    result = getattr(model, "_create_chat_result", None)
    if convert is None or result is None:
        return model

    def converted(chunk: dict[str, Any], *rest: Any) -> Any:
        made = convert(chunk, *rest)
        if made is not None and (choices := chunk.get("choices")):
            _keep(made.message, choices[0].get("delta"))
        return made

    def resulting(response: Any, *rest: Any) -> Any:
        made = result(response, *rest)
        raw = response if isinstance(response, dict) else response.model_dump()
        for generation, choice in zip(made.generations, raw.get("choices") or (), strict=False):
            _keep(generation.message, choice.get("message"))
        return made

    object.__setattr__(model, "_convert_chunk_to_generation_chunk", converted)
    object.__setattr__(model, "_create_chat_result", resulting)
    return model


def _keep(message: Any, said: Any) -> None:
    thoughts = (said.get("reasoning_content") or said.get("reasoning")) if isinstance(said, dict) else None
    if isinstance(thoughts, str):
        message.additional_kwargs["reasoning_content"] = thoughts
