"""A text laid out for comparison with others: its words, how much each tells, its sentences."""

import re
import zlib
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from knowledge.arrays import read_arrays
from knowledge.card import Locale
from knowledge.contrary import Shape, shape
from knowledge.features import BUCKETS
from knowledge.grammar import Word, words_in
from knowledge.library import HERE
from knowledge.tokens import normalise

AKIN = 0.7
"""What a word of the same family counts beside the word itself."""


@cache
def _rarity() -> Sequence[float]:
    idf = read_arrays(HERE / "weights" / "kinds.npz")["idf"].astype(float)
    return [float(one) for one in idf / idf.max()]


@lru_cache(maxsize=8192)
def rarity(word: str) -> float:
    """Return how much a word tells, from 0 to 1: the rarer, the more."""
    return _rarity()[zlib.crc32(f"w:{word}".encode()) % BUCKETS]


class Held(NamedTuple):
    """Where a line holds a word, and how surely it is that word."""

    places: tuple[int, ...]
    sureness: float


_ENDS: dict[Locale, re.Pattern[str]] = {"ja": re.compile(r"(?<=[。！？!?])"), "en": re.compile(r"(?<=[.!?])\s+")}
_HALVES = re.compile(r"[;:]\s+")


class Line:
    """A text laid out for comparison."""

    def __init__(self, text: str, locale: Locale) -> None:
        self.text = normalise(text)
        self.locale = locale
        self.words = words_in(text, locale)
        stems: dict[str, list[int]] = {}
        keys: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            stems.setdefault(word.stem, []).append(place)
            if word.key:
                keys.setdefault(word.key, []).append(place)
        self._by_stem = {stem: Held(tuple(places), 1.0) for stem, places in stems.items()}
        self._by_key = {key: Held(tuple(places), AKIN) for key, places in keys.items()}
        self.weights = [rarity(word.plain) for word in self.words]
        self.total = sum(self.weights) or 1.0
        self.near: dict[tuple[int, ...], list[tuple[float, Line]]] = {}
        """Which sentences of some lines are nearest to it, where that was looked for."""
        self._asked = [(word.stem, word.key, weight) for word, weight in zip(self.words, self.weights, strict=True)]

    @cached_property
    def wording(self) -> str:
        """Its very words, but for blanks and the stop at its end."""
        return wording(self.text)

    @cached_property
    def shape(self) -> Shape:
        """What turns its meaning."""
        return shape(self.text, self.words, self.locale)

    @cached_property
    def sentences(self) -> list["Line"]:
        """Its sentences, each laid out."""
        parts = [part for part in _ENDS[self.locale].split(self.text) if part.strip()]
        halves = [half for part in parts if len(found := _HALVES.split(part)) > 1 for half in found if half.strip()]
        whole = [self] if len(parts) < 2 else [Line(part, self.locale) for part in parts]
        return [*whole, *(Line(half, self.locale) for half in halves)]

    def find(self, word: Word) -> Held | None:
        """Return where it holds a word, or one of its family."""
        return self._by_stem.get(word.stem) or self._by_key.get(word.key)

    def share(self, other: "Line") -> float:
        """Return how much of another text it holds."""
        stems, keys = self._by_stem, self._by_key
        held = 0.0
        for stem, key, weight in other._asked:
            if stem in stems:
                held += weight
            elif key in keys:
                held += AKIN * weight
        return held / other.total


def wording(text: str) -> str:
    """Return the very words of a text, by which it is known where it stands again."""
    return " ".join(normalise(text).split()).rstrip("。.!")


@lru_cache(maxsize=8192)
def laid_out(text: str, locale: Locale) -> Line:
    """Return a line of a card laid out; cards change seldom, and questions come back to the same ones."""
    return Line(text, locale)
