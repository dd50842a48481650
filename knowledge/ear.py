"""What is heard in a message: signals, statements, calls for a human. Learned from examples (`knowledge.train_ear`).

Each sense is two models added: kernel ridge regression over e5's vector, which knows what is meant, and a linear one
over the bag of words and characters, which knows how it is said. They err differently. Which side speaks is never
looked at: the same words are the same signal from both.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from knowledge.arrays import read_arrays, write_arrays
from knowledge.card import Stage
from knowledge.embedder import E5, Embedder, Vectors, embed
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
AT_ONCE = 256
"""Points that are compared at once: as floats they fit into a core's own cache."""
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
        return self.by_likeness(self._cloud.likeness(vector), place)

    def by_likeness(self, alike: Vectors, place: Vectors) -> Vectors:
        """Return the same from how like the vector is to each point."""
        return np.asarray((alike * self._beside(place.tobytes())) @ self.dual + self.base, dtype=np.float32)

    def scores(self, text: str, alike: Vectors | None, place: Vectors) -> Vectors:
        """Return how surely each label is heard, from 0 to 1."""
        logits = self.by_words(text)
        if alike is None:
            over = logits - self.words_thresholds
        else:
            over = logits + np.float32(DENSE) * self.by_likeness(alike, place) - self.thresholds
        return np.asarray(1 / (1 + np.exp(-over / SOFT)), dtype=np.float32)

    @cached_property
    def _cloud(self) -> "Cloud":
        return Cloud(self.points)

    @cached_property
    def _beside(self) -> Callable[[bytes], Vectors]:
        """What the kernel has of stage and NDA: where the two stand is one of a few places."""

        @lru_cache(maxsize=32)
        def beside(place: bytes) -> Vectors:
            apart = ((self.places - np.frombuffer(place, dtype=np.float32)) ** 2).sum(axis=1)
            return np.asarray(np.exp(-WIDTH * apart), dtype=np.float32)

        return beside

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
            raise WeightsError("belongs to other vectors", where=str(path))
        fields: dict[str, Any] = {name: array.astype(np.float32) for name, array in data.items()}
        return cls(labels=labels, points=vectors[rows], rows=rows, bag=bag_weights, **fields)


def _sum(points: npt.NDArray[np.int8]) -> int:
    return zlib.crc32(np.ascontiguousarray(points).tobytes())


_THRESHOLDS = ("thresholds", "words_thresholds")


def unpacked(points: npt.NDArray[np.int8]) -> Vectors:
    """Return vectors of length 1 from their bytes."""
    vectors = points.astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


class Cloud:
    """Points that every message is compared with, kept as the bytes that they ship as.

    As floats they are four times as much to read, and reading is what takes the time.
    """

    def __init__(self, points: npt.NDArray[np.int8]) -> None:
        self._points = points
        self._lengths = np.concatenate([np.linalg.norm(part.astype(np.float32), axis=1) for part in self._parts()])
        self._lengths = np.maximum(self._lengths, np.float32(1e-9))

    def _parts(self) -> Iterator[npt.NDArray[np.int8]]:
        for start in range(0, len(self._points), AT_ONCE):
            yield self._points[start : start + AT_ONCE]

    def likeness(self, vector: Vectors) -> Vectors:
        """Return the kernel between each point and a vector of length 1: the mean falls out of their differences."""
        floats = np.empty((AT_ONCE, self._points.shape[1]), dtype=np.float32)
        products = np.empty(len(self._points), dtype=np.float32)
        done = 0
        for part in self._parts():
            size = len(part)
            np.copyto(floats[:size], part)
            np.dot(floats[:size], vector, out=products[done : done + size])
            done += size
        return np.asarray(np.exp(2 * WIDTH * SCALE**2 * (products / self._lengths - 1)), dtype=np.float32)


def scaled(vectors: Vectors, mean: Vectors) -> Vectors:
    """Return vectors as the kernel compares them."""
    return np.asarray((vectors - mean) * np.float32(SCALE), dtype=np.float32)


class Ear:
    """Hears. Without e5 it goes by words alone."""

    def __init__(self, senses: Mapping[str, Sense], vectors: npt.NDArray[np.int8], embedder: Embedder | None) -> None:
        """Take the senses, and the shipped vectors that their points are rows of."""
        self._senses, self._cloud = senses, Cloud(vectors)
        # The kernel models were trained on e5; another model's vectors mean nothing to them.
        self._embedder = embedder if embedder is not None and embedder.name == E5.name else None

    @classmethod
    def load(cls, embedder: Embedder | None, weights: Path = WEIGHTS) -> "Ear":
        """Load the shipped weights."""
        vectors = read_arrays(weights / "heard.npz")["vectors"]
        return cls({name: Sense.load(weights / f"{name}.npz", vectors) for name in SENSES}, vectors, embedder)

    def hear(self, words: Words) -> Hearing:
        """Return how strongly each label was heard, and in which words."""
        text = clip(words.text)
        alike = self._alike(text)
        place = situation(words.stage, words.nda)
        return Hearing(*(_heard(self._senses[name], text, alike, place) for name in SENSES))

    def _alike(self, text: str) -> Vectors | None:
        """Return how like a text is to each shipped one, for all senses at once: they share most of their points."""
        if self._embedder is None:
            return None
        return self._cloud.likeness(embed(self._embedder, [text], "query")[0])


FAINT = 0.2
"""What is fainter is not reported."""


def _heard(sense: Sense, text: str, alike: Vectors | None, place: Vectors) -> dict[str, Sound]:
    scores = sense.scores(text, None if alike is None else alike[sense.rows], place)
    loud = np.flatnonzero(scores >= FAINT)
    evidence = _telling(text, sense, loud)
    return {sense.labels[n]: Sound(float(scores[n]), part) for n, part in zip(loud, evidence, strict=True)}


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


def _telling(text: str, sense: Sense, labels: npt.NDArray[np.int64]) -> list[str]:
    """Return for each label the sentence that shows it most, by its words."""
    if not len(labels):
        return []
    parts = sentences(text)
    if len(parts) == 1:
        return parts * len(labels)
    shown = np.stack([sense.by_words(part) for part in parts])
    return [parts[best] for best in shown[:, labels].argmax(axis=0)]
