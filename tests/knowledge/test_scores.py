"""Scores on one scale."""

import numpy as np

from knowledge.scores import standard


def test_standard_scores_are_how_many_spreads_above_the_mean() -> None:
    assert np.allclose(standard(np.array([1, 2, 3, 4], dtype=np.float32)), np.array([-3, -1, 1, 3]) / np.sqrt(5))


def test_where_all_are_equal_none_stands_out() -> None:
    assert list(standard(np.full(3, 7, dtype=np.float32))) == [0, 0, 0]
    assert len(standard(np.zeros(0, dtype=np.float32))) == 0
