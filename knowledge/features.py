"""A text as a bag of hashed pieces: its words, and its runs of one to three characters.

Hashing needs no vocabulary file, and a word never seen in training still shares its characters with those that were.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from knowledge.tokens import normalise, words

BUCKETS = 1 << 15


class Bag(NamedTuple):
    """Buckets and their weights; words and characters are each a vector of length 1."""

    buckets: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]


class Laid(NamedTuple):
    """A text's buckets as arrays, before an idf weighs them: its words' come first, then its characters'."""

    buckets: npt.NDArray[np.int64]
    heaviness: npt.NDArray[np.float32]
    """1 + log(count)."""
    words: int
    """How many buckets are hit by words."""


def pieces(text: str) -> tuple[Counter[int], Counter[int]]:
    """Return how often each bucket is hit by a word of the text, and by a run of its characters."""
    squeezed = re.sub(r"\s+", " ", normalise(text)).strip()
    runs = (squeezed[i : i + n] for n in (1, 2, 3) for i in range(len(squeezed) - n + 1))
    return _hashed("w", words(text)), _hashed("c", runs)


def _hashed(kind: str, names: Iterable[str]) -> Counter[int]:
    begun = zlib.crc32(f"{kind}:".encode())
    return Counter([zlib.crc32(name.encode(), begun) % BUCKETS for name in names])


def laid(counts: tuple[Counter[int], Counter[int]]) -> Laid:
    """Return counts as arrays."""
    words, runs = counts
    buckets = np.array([*words, *runs], dtype=np.int64)
    heaviness = 1 + np.log(np.array([*words.values(), *runs.values()], dtype=np.float64))
    return Laid(buckets, heaviness.astype(np.float32), len(words))


def weigh(counts: tuple[Counter[int], Counter[int]], idf: npt.NDArray[np.float32]) -> Bag:
    """Return 1 + log(count), times idf: the usual weights of text classification."""
    return _weighed(laid(counts), idf)


def bag(text: str, idf: npt.NDArray[np.float32]) -> Bag:
    """Return a text's bag."""
    return _weighed(_kept(text), idf)


@lru_cache(maxsize=128)
def _kept(text: str) -> Laid:
    """Lay a text out once: several heads look at it one after the other."""
    return laid(pieces(text))


def _weighed(text: Laid, idf: npt.NDArray[np.float32]) -> Bag:
    weights = text.heaviness * idf[text.buckets]
    words, runs = weights[: text.words], weights[text.words :]
    words /= max(math.sqrt(words @ words), 1e-9)
    runs /= max(math.sqrt(runs @ runs), 1e-9)
    return Bag(text.buckets, weights)
