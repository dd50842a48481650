"""The gate: what kind of message this is, seen together from the `kinds` head and from what search found.

A question on our subject lies near something that people ask; the head alone does not know that.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from knowledge.arrays import read_arrays, write_arrays
from knowledge.embedder import Vectors
from knowledge.head import Head, log_softmax

if TYPE_CHECKING:
    from knowledge.search import Found


def observe(text: str, head: Head, found: "Found") -> Vectors:
    """Return what the gate looks at: the head's log-probabilities, the nearest ask, the best card's score, length."""
    chances = head(text, found.trained)
    logs = [math.log(chances[label] + 1e-6) for label in sorted(chances)]
    return np.array([*logs, found.nearest * 10, found.hits[0].score, math.log1p(len(text))], dtype=np.float32)


@dataclass(frozen=True)
class Gate:
    """A linear model over what `observe` returns; another one for a search without vectors."""

    labels: tuple[str, ...]
    vector: Vectors
    vector_bias: Vectors
    words: Vectors
    words_bias: Vectors

    def __call__(self, text: str, head: Head, found: "Found") -> dict[str, float]:
        """Return the probability of each kind."""
        seen = observe(text, head, found)
        if found.trained is None:
            logs = log_softmax(self.words @ seen + self.words_bias)
        else:
            logs = log_softmax(self.vector @ seen + self.vector_bias)
        return dict(zip(self.labels, np.exp(logs).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Write the weights."""
        arrays = {name: getattr(self, name) for name in ("vector", "vector_bias", "words", "words_bias")}
        write_arrays(path, {"labels": np.array(self.labels), **arrays})

    @classmethod
    def load(cls, path: Path) -> "Gate":
        """Read weights that `save` wrote."""
        data = read_arrays(path)
        return cls(labels=tuple(map(str, data.pop("labels"))), **data)
