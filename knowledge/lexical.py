"""BM25 over one way of cutting texts, kept on disk. The only door to bm25s."""

from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

Tokenise = Callable[[str], list[str]]
Scores = npt.NDArray[np.float32]


class Lexical:
    """BM25 (Lucene's variant, k1 1.2, b 0.75) over texts."""

    def __init__(self, tokenise: Tokenise, engine: bm25s.BM25, size: int) -> None:
        self._tokenise, self._engine, self.size = tokenise, engine, size

    @classmethod
    def build(cls, texts: Sequence[str], tokenise: Tokenise) -> "Lexical":
        """Index texts in memory."""
        engine = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        # An empty corpus or an empty text would have no vocabulary; the null character is in no query.
        engine.index([tokenise(text) or ["\0"] for text in texts] or [["\0"]], show_progress=False)
        return cls(tokenise, engine, len(texts))

    def scores(self, query: str) -> Scores:
        """Return a score for each text, in the order given; 0 is no word in common."""
        known = [token for token in self._tokenise(query) if token in self._engine.vocab_dict]
        if not known or not self.size:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._engine.get_scores(known), dtype=np.float32)[: self.size]

    def save(self, folder: Path) -> None:
        """Keep the index on disk."""
        folder.mkdir(parents=True, exist_ok=True)
        self._engine.save(str(folder), show_progress=False)
        (folder / "size").write_text(str(self.size), encoding="ascii")

    @classmethod
    def load(cls, folder: Path, tokenise: Tokenise) -> "Lexical":
        """Read an index that `save` wrote."""
        engine = bm25s.BM25.load(str(folder), load_corpus=False)
        return cls(tokenise, engine, int((folder / "size").read_text(encoding="ascii")))
