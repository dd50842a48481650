"""Scores on one scale."""

import numpy as np

from knowledge.embedder import Vectors


def standard(scores: Vectors) -> Vectors:
    """Return standard scores: looks on different scales become comparable."""
    spread = float(scores.std()) if len(scores) else 0.0
    return np.asarray((scores - scores.mean()) / spread if spread > 1e-9 else scores * 0, dtype=np.float32)
