"""Embedding models of other providers, by LangChain's `init_embeddings`."""

from typing import Any

from pydantic import SecretStr

from bot.errors import SettingsError


class LangChainEmbedder:
    """Any embedding model that LangChain can make from `provider:model`."""

    def __init__(self, name: str, key: SecretStr | None = None) -> None:
        from langchain.embeddings import init_embeddings

        if ":" not in name:
            raise SettingsError(
                f"{name!r} names no provider", where="NAKODO_EMBEDDINGS", remedy="Write provider:model"
            )
        options: dict[str, Any] = {"api_key": key.get_secret_value()} if key else {}
        try:
            self._model = init_embeddings(name, **options)
        except (ImportError, ValueError) as error:
            raise SettingsError(str(error).split("\n")[0], where="NAKODO_EMBEDDINGS") from None
        self.name = name
        self.dimension = self._measure()

    def _measure(self) -> int:
        try:
            return len(self._model.embed_query("寸法"))
        except Exception as error:  # each provider raises its own
            raise SettingsError(
                f"the model does not answer ({type(error).__name__})",
                where="NAKODO_EMBEDDINGS",
                remedy="Check its key and its address",
            ) from None

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        return [float(x) for x in self._model.embed_query(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        return [[float(x) for x in row] for row in self._model.embed_documents(texts)]
