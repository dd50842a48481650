"""What is heard in a message: signals, statements, calls for a human. Learned from examples (`knowledge.train_ear`).

Each sense is two models added: kernel ridge regression over e5's vector, which knows what is meant, and a linear one
over the bag of words and characters, which knows how it is said. They err differently. Which side speaks is never
looked at: the same words are the same signal from both.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from knowledge.arrays import read_arrays, write_arrays
from knowledge.card import Stage
from knowledge.embedder import E5, Embedder, Vectors
from knowledge.errors import WeightsError
from knowledge.features import bag
from knowledge.library import HERE

WEIGHTS = HERE / "weights"
SENSES = ("signals", "statements", "calls")
READ_AT_MOST = 1_200
"""Characters that are heard of a message: its beginning and its end."""
SCALE = 8.0
"""e5 vectors differ by hundredths; scaled, a usual kernel width fits them."""
WIDTH = 0.05
"""The kernel is exp(-WIDTH * squared distance)."""
STAGE = 0.5
"""How far apart two stages are, beside the scaled vectors."""
DENSE = 10.0
"""What the kernel model's output counts beside a logit of the bag's."""
SOFT = 2.0
"""How many logits above its threshold a sound is as sure as 0.73."""
_STAGES = get_args(Stage)
_SENTENCE = re.compile(r"(?<=[。！？!?])\s*|(?<=[.])\s+|\n+")


class Words(NamedTuple):
    """A message, and where the two stand when it is said."""

    text: str
    stage: str = "meeting"
    nda: str = "none"


class Sound(NamedTuple):
    """How surely something was heard, from 0 to 1, where 0.5 is as good as heard; and the words that showed it."""

    score: float
    evidence: str


class Hearing(NamedTuple):
    """Everything heard in a message, by name. What was hardly heard at all is missing."""

    signals: Mapping[str, Sound]
    statements: Mapping[str, Sound]
    """Plain statements that change the record."""
    calls: Mapping[str, Sound]
    """What needs a human at once: legal dispute, harassment, fraud, distress."""


SILENCE = Hearing({}, {}, {})
"""Nothing heard."""


@dataclass(frozen=True)
class Sense:
    """Weights of one sense. `points` are the training vectors, one byte a number, `dual` their coefficients; `bag` is
    one byte a weight, times `unit`. A sound at its threshold has the score 0.5; `words_thresholds` are for the bag
    alone."""

    labels: tuple[str, ...]
    points: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int32]
    """Which of the shipped vectors the points are."""
    places: Vectors
    """For each point its stage and NDA, as `situation` returns them."""
    mean: Vectors
    dual: Vectors
    base: Vectors
    idf: Vectors
    bag: npt.NDArray[np.int8]
    unit: Vectors
    bag_bias: Vectors
    thresholds: Vectors
    words_thresholds: Vectors

    def by_words(self, text: str) -> Vectors:
        """Return each label's logit by the bag."""
        found = bag(text, self.idf)
        logits = found.weights @ self.bag[found.buckets].astype(np.float32) * self.unit + self.bag_bias
        return np.asarray(logits, dtype=np.float32)

    def by_vector(self, vector: Vectors, place: Vectors) -> Vectors:
        """Return each label's value by the kernel model, near 1 where it is meant and near 0 where not."""
        rows, lengths = self._laid_out
        point = np.concatenate([scaled(vector, self.mean), place])
        distances = lengths - 2 * (rows @ point) + point @ point
        return np.asarray(np.exp(-WIDTH * np.maximum(distances, 0)) @ self.dual + self.base, dtype=np.float32)

    def scores(self, text: str, vector: Vectors | None, place: Vectors) -> Vectors:
        """Return how surely each label is heard, from 0 to 1."""
        logits = self.by_words(text)
        if vector is None:
            over = logits - self.words_thresholds
        else:
            over = logits + np.float32(DENSE) * self.by_vector(vector, place) - self.thresholds
        return np.asarray(1 / (1 + np.exp(-over / SOFT)), dtype=np.float32)

    @cached_property
    def _laid_out(self) -> tuple[Vectors, Vectors]:
        """The points as they are compared, and their squared lengths: every message meets all of them."""
        rows = np.hstack([scaled(unpacked(self.points), self.mean), self.places]).astype(np.float32)
        return rows, (rows**2).sum(axis=1)

    def save(self, path: Path) -> None:
        """Write the weights; the points stand in the shipped vectors already, and `sum` tells that it is those."""
        half = {name: getattr(self, name).astype(np.float16) for name in ("places", "mean", "dual", "idf")}
        whole = {name: getattr(self, name) for name in ("rows", "bag", "base", "unit", "bag_bias", *_THRESHOLDS)}
        named = {"labels": np.array(self.labels), "sum": np.array(_sum(self.points))}
        write_arrays(path, {**named, **half, **whole}, compressed=True)

    @classmethod
    def load(cls, path: Path, vectors: npt.NDArray[np.int8]) -> "Sense":
        """Read weights that `save` wrote, on the shipped vectors."""
        data = read_arrays(path)
        labels, rows, bag_weights = tuple(map(str, data.pop("labels"))), data.pop("rows"), data.pop("bag")
        if rows.max() >= len(vectors) or data.pop("sum") != _sum(vectors[rows]):
            raise WeightsError("belongs to other vectors", where=str(path), remedy="Run make vectors and make train")
        fields: dict[str, Any] = {name: array.astype(np.float32) for name, array in data.items()}
        return cls(labels=labels, points=vectors[rows], rows=rows, bag=bag_weights, **fields)


def _sum(points: npt.NDArray[np.int8]) -> int:
    return zlib.crc32(np.ascontiguousarray(points).tobytes())


_THRESHOLDS = ("thresholds", "words_thresholds")


def unpacked(points: npt.NDArray[np.int8]) -> Vectors:
    """Return vectors of length 1 from their bytes."""
    vectors = points.astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def scaled(vectors: Vectors, mean: Vectors) -> Vectors:
    """Return vectors as the kernel compares them."""
    return np.asarray((vectors - mean) * np.float32(SCALE), dtype=np.float32)


class Ear:
    """Hears. Without e5 it goes by words alone."""

    def __init__(self, senses: Mapping[str, Sense], embedder: Embedder | None) -> None:
        self._senses = senses
        # The kernel models were trained on e5; another model's vectors mean nothing to them.
        self._embedder = embedder if embedder is not None and embedder.name == E5.name else None

    @classmethod
    def load(cls, embedder: Embedder | None, weights: Path = WEIGHTS) -> "Ear":
        """Load the shipped weights."""
        vectors = read_arrays(weights / "heard.npz")["vectors"]
        return cls({name: Sense.load(weights / f"{name}.npz", vectors) for name in SENSES}, embedder)

    def hear(self, words: Words) -> Hearing:
        """Return how strongly each label was heard, and in which words."""
        text = clip(words.text)
        vector = self._vector(text)
        place = situation(words.stage, words.nda)
        return Hearing(*(self._heard(self._senses[name], text, vector, place) for name in SENSES))

    def _vector(self, text: str) -> Vectors | None:
        if self._embedder is None:
            return None
        return np.asarray(self._embedder.embed_query(text), dtype=np.float32)

    def _heard(self, sense: Sense, text: str, vector: Vectors | None, place: Vectors) -> dict[str, Sound]:
        scores = sense.scores(text, vector, place)
        found = {}
        for number in np.flatnonzero(scores >= FAINT):
            evidence = _telling(text, sense, int(number))
            found[sense.labels[number]] = Sound(float(scores[number]), evidence)
        return found


FAINT = 0.2
"""What is fainter is not reported."""


def situation(stage: str, nda: str) -> Vectors:
    """Return stage and NDA as numbers beside a vector."""
    known = [stage == one for one in _STAGES] + [nda == "signed"]
    return np.array(known, dtype=np.float32) * np.float32(STAGE)


def clip(text: str) -> str:
    """Return what is heard of a text."""
    if len(text) <= READ_AT_MOST:
        return text
    return text[: READ_AT_MOST // 2] + "\n" + text[-READ_AT_MOST // 2 :]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; all of it if it has none."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()] or [text]


def _telling(text: str, sense: Sense, label: int) -> str:
    """Return the sentence that shows a label most, by its words."""
    parts: Sequence[str] = sentences(text)
    return max(parts, key=lambda part: sense.by_words(part)[label]) if len(parts) > 1 else parts[0]
