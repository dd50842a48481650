"""A head: from a text to how likely each label is. Two linear models, one on e5's vector and one on the bag.

They err differently, so their log-probabilities are added. `knowledge.train` makes them; here they only run, with
nothing but numpy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.arrays import read_arrays, write_arrays
from knowledge.embedder import Vectors
from knowledge.features import bag

SCALE = 8.0
"""e5 vectors differ by hundredths; scaled, a usual regularisation fits them."""


@dataclass(frozen=True)
class Head:
    """Weights of both models. `bag` is one byte a weight, times `unit`."""

    labels: tuple[str, ...]
    mean: Vectors
    dense: Vectors
    dense_bias: Vectors
    idf: Vectors
    bag: npt.NDArray[np.int8]
    unit: Vectors
    bag_bias: Vectors

    def by_vector(self, vector: Vectors) -> Vectors:
        """Return the log-probability of each label by e5's vector."""
        scaled: Vectors = (vector - self.mean) * np.float32(SCALE)
        return log_softmax(scaled @ self.dense + self.dense_bias)

    def by_words(self, text: str) -> Vectors:
        """Return the log-probability of each label by the bag."""
        return self._remembered(text)

    @cached_property
    def _remembered(self) -> Callable[[str], Vectors]:
        # A talk comes back to what was said before: the topic, the history.
        return lru_cache(maxsize=128)(self._by_words)

    def _by_words(self, text: str) -> Vectors:
        found = bag(text, self.idf)
        logits = found.weights @ self.bag[found.buckets].astype(np.float32) * self.unit
        return log_softmax(logits + self.bag_bias)

    def __call__(self, text: str, vector: Vectors | None) -> dict[str, float]:
        """Return the probability of each label, by both models where there is a vector."""
        logs = self.by_words(text)
        if vector is not None:
            logs = log_softmax(logs + self.by_vector(vector))
        return dict(zip(self.labels, np.exp(logs).tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Write the weights."""
        write_arrays(
            path,
            {
                "labels": np.array(self.labels),
                "mean": self.mean.astype(np.float16),
                "dense": self.dense.astype(np.float16),
                "dense_bias": self.dense_bias,
                "idf": self.idf.astype(np.float16),
                "bag": self.bag,
                "unit": self.unit,
                "bag_bias": self.bag_bias,
            },
            compressed=True,
        )

    @classmethod
    def load(cls, path: Path) -> "Head":
        """Read weights that `save` wrote."""
        data = read_arrays(path)
        labels, bag_weights = tuple(map(str, data.pop("labels"))), data.pop("bag")
        fields: dict[str, Any] = {name: array.astype(np.float32) for name, array in data.items()}
        return cls(labels=labels, bag=bag_weights, **fields)


def log_softmax(logits: Vectors) -> Vectors:
    """Return log-probabilities of logits."""
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)
