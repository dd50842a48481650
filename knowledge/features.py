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


@lru_cache(maxsize=64)
def pieces(text: str) -> tuple[Counter[int], Counter[int]]:
    """Return how often each bucket is hit by a word of the text, and by a run of its characters.

    Several heads look at the same text one after the other, so the last few are kept.
    """
    squeezed = re.sub(r"\s+", " ", normalise(text)).strip()
    runs = (squeezed[i : i + n] for n in (1, 2, 3) for i in range(len(squeezed) - n + 1))
    return _hashed("w", words(text)), _hashed("c", runs)


def _hashed(kind: str, names: Iterable[str]) -> Counter[int]:
    return Counter(zlib.crc32(f"{kind}:{name}".encode()) % BUCKETS for name in names)


def weigh(counts: tuple[Counter[int], Counter[int]], idf: npt.NDArray[np.float32]) -> Bag:
    """Return 1 + log(count), times idf: the usual weights of text classification."""
    buckets, weights = [], []
    for part in counts:
        mine = np.fromiter(part, dtype=np.int64, count=len(part))
        heavy = np.fromiter((1 + math.log(n) for n in part.values()), dtype=np.float32, count=len(part)) * idf[mine]
        buckets.append(mine)
        weights.append(heavy / max(float(np.linalg.norm(heavy)), 1e-9))
    return Bag(np.concatenate(buckets), np.concatenate(weights))


def bag(text: str, idf: npt.NDArray[np.float32]) -> Bag:
    """Return a text's bag."""
    return weigh(pieces(text), idf)
