"""A text as a bag of hashed pieces."""

import zlib

import numpy as np

from knowledge.features import BUCKETS, bag, pieces, weigh

IDF = np.linspace(1, 3, BUCKETS, dtype=np.float32)
PLAIN = np.ones(BUCKETS, dtype=np.float32)


def test_words_and_runs_of_characters_weigh_the_same_in_all() -> None:
    text = "図面を見せる前に契約を結ぶ"
    words, runs = pieces(text)
    found = bag(text, IDF)
    assert list(found.buckets) == [*words, *runs]
    for part in (found.weights[: len(words)], found.weights[len(words) :]):
        assert abs(float(part @ part) - 1) < 1e-5


def test_what_comes_more_often_weighs_more_and_what_is_rarer_too() -> None:
    words, runs = pieces("契約と契約と費用")
    twice, once = (zlib.crc32(f"w:{word}".encode()) % BUCKETS for word in ("契約", "費用"))
    weight = dict(zip(*weigh((words, runs), PLAIN), strict=True))
    assert abs(weight[twice] / weight[once] - (1 + np.log(2))) < 1e-5
    rarer = PLAIN.copy()
    rarer[once] = 5
    weight = dict(zip(*weigh((words, runs), rarer), strict=True))
    assert abs(weight[once] / weight[twice] - 5 / (1 + np.log(2))) < 1e-5


def test_a_text_without_words_has_an_empty_bag_or_one_of_characters() -> None:
    assert len(bag("", IDF).weights) == 0
    assert not np.isnan(bag("。", IDF).weights).any()


def test_weighing_a_text_for_one_head_leaves_it_as_it_was_for_the_next() -> None:
    before = bag("誰が払うのか", IDF).weights.copy()
    bag("誰が払うのか", PLAIN)
    assert list(bag("誰が払うのか", IDF).weights) == list(before)
