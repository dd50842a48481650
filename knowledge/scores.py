"""Scores on one scale."""

import math

import numpy as np

from knowledge.embedder import Vectors


def standard(scores: Vectors) -> Vectors:
    """Return standard scores: looks on different scales become comparable."""
    if not len(scores):
        return scores
    centred = np.asarray(scores - scores.mean(), dtype=np.float32)
    # numpy's own `std` takes as long as all the rest.
    spread = math.sqrt(float(centred @ centred) / len(centred))
    return centred / np.float32(spread) if spread > 1e-9 else np.zeros_like(centred)
