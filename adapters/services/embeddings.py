"""Embedding models of other providers, by LangChain's `init_embeddings`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from knowledge.errors import EmbeddingsError

_TO_INSTALL = re.compile(r"pip install (?:-U )?([\w.-]+)")
_PROVIDERS = "openai, google_genai, ollama, huggingface, mistralai or cohere"


class LangChainEmbedder:
    """Any embedding model that LangChain can make from `provider:model`."""

    def __init__(self, name: str, key: SecretStr | None = None) -> None:
        from langchain.embeddings import init_embeddings

        self.name, self._keyed = name, key is not None
        options: dict[str, Any] = {"api_key": key.get_secret_value()} if key else {}
        try:
            self._model = init_embeddings(name, **options)
        except Exception as error:  # Each provider raises its own, and not all have words for people.
            raise _not_made(error, keyed=self._keyed) from None
        self.dimension = len(self.embed_query("寸法"))

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        with self._answering():
            return [float(x) for x in self._model.embed_query(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        with self._answering():
            return [[float(x) for x in row] for row in self._model.embed_documents(texts)]

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise _not_answered(error, keyed=self._keyed) from None


def _not_made(error: Exception, *, keyed: bool) -> EmbeddingsError:
    """Say why there is no such model. An error's own words are read, not repeated: they may hold the key."""
    said, python = str(error), sys.executable
    if isinstance(error, ImportError):
        package = _TO_INSTALL.search(said)
        remedy = f"{python} -m pip install {package[1]}" if package else "Install LangChain's package for it"
        return _told("its provider's package is not installed", remedy)
    if "is not supported" in said:
        return _told("LangChain knows no such provider of embeddings", f"Write {_PROVIDERS}, a colon, the model")
    if keyed and "Extra inputs are not permitted" in said:
        return _told("this provider takes no key", "Unset NAKODO_EMBEDDINGS_KEY")
    if not keyed:
        return _told("the model does not start without a key", "Set NAKODO_EMBEDDINGS_KEY to your key there")
    what = f"the model does not start ({type(error).__name__})"
    return _told(what, "Check its name, and NAKODO_EMBEDDINGS_KEY")


def _not_answered(error: Exception, *, keyed: bool) -> EmbeddingsError:
    from adapters.services.chat_faults import fault_of

    fault = fault_of(error)
    if fault.status in (401, 403) or "api key" in str(error).lower():
        remedy = "Copy NAKODO_EMBEDDINGS_KEY again" if keyed else "Set NAKODO_EMBEDDINGS_KEY to your key there"
        return _told("its provider does not take the key", remedy)
    if fault.status in (402, 429):
        remedy = "Look at the account's credit and limits, or try again later"
        return _told("its provider takes no more from this key just now", remedy)
    if fault.status is not None and fault.status >= 500:
        return _told(f"its provider is out of order (status {fault.status})", "Try again in a while")
    if fault.status is not None:
        what = f"its provider knows no such model (status {fault.status})"
        return _told(what, "Correct the model's name")
    if fault.end in ("down", "slow"):
        return _told("the model is not reached", "Check the network, and that its server runs")
    return _told(f"the model does not answer ({type(error).__name__})", "Check its name, its key and its address")


def _told(what: str, remedy: str) -> EmbeddingsError:
    return EmbeddingsError(what, where="NAKODO_EMBEDDINGS", remedy=f"{remedy}. Or unset it: one is built in")
