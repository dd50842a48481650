"""Search over passages of any text, without training: for documents, and to measure search itself.

Four looks, added as standard scores: BM25 over words and over pairs of characters, e5 over whole passages and over
their single sentences. A question asks for one sentence; a passage of five blurs it.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from knowledge.dense import Dense, Entry, Progress, open_dense
from knowledge.embedder import Embedder, Vectors
from knowledge.lexical import Lexical
from knowledge.scores import standard
from knowledge.tokens import bigrams, words

# Chosen on JSQuAD questions outside the thousand that are measured.
WORDS, BIGRAMS, WHOLE, SENTENCE = 0.2, 0.1, 0.35, 0.35
_END = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n+")


class Passage(NamedTuple):
    """A piece of a document, and the heading that it stands under."""

    title: str
    text: str


class PassageSearch:
    """Ranks passages. Without an embedder it goes by words and characters."""

    def __init__(
        self, passages: Sequence[Passage], whole: Dense | None, single: Dense | None, owners: npt.NDArray[np.int64]
    ) -> None:
        texts = [f"{passage.title} {passage.text}" for passage in passages]
        self._words, self._bigrams = Lexical.build(texts, words), Lexical.build(texts, bigrams)
        self._whole, self._single = whole, single
        self._starts = np.flatnonzero(np.diff(owners, prepend=-1))

    def scores(self, question: str) -> Vectors:
        """Return a score for each passage, in the order given."""
        total = WORDS * standard(self._words.scores(question)) + BIGRAMS * standard(self._bigrams.scores(question))
        if self._whole is None or self._single is None:
            return np.asarray(total, dtype=np.float32)
        vector = self._whole.embed(question)
        nearest = np.maximum.reduceat(self._single.scores(vector), self._starts)
        total = total + WHOLE * standard(self._whole.scores(vector)) + SENTENCE * standard(nearest)
        return np.asarray(total, dtype=np.float32)


def sentences(passage: Passage) -> list[str]:
    """Return a passage's sentences, each with the heading; a passage without an end is one sentence."""
    found = [part for part in _END.split(passage.text) if part.strip()]
    return [f"{passage.title} {part}" for part in found] or [passage.title]


def open_passage_search(
    passages: Sequence[Passage],
    embedder: Embedder | None,
    home: Path,
    *,
    name: str,
    progress: Progress = lambda *_: None,
) -> PassageSearch:
    """Open the search over passages, embedding what is not yet in `home`."""
    listed = [sentences(passage) for passage in passages]
    owners = np.repeat(np.arange(len(passages)), [len(part) for part in listed])
    if embedder is None:
        return PassageSearch(passages, None, None, owners)
    whole = [Entry(f"{passage.title} {passage.text}") for passage in passages]
    single = [Entry(sentence) for part in listed for sentence in part]
    return PassageSearch(
        passages,
        open_dense(whole, embedder, home, collection=f"{name}-whole", progress=progress),
        open_dense(single, embedder, home, collection=f"{name}-single", progress=progress),
        owners,
    )
