"""Train the shipped weights again: `python -m knowledge.train vectors | weights | all`.

Everything is determined by the cards, the training texts and the embedding model; the solver has no random start.
Needs scikit-learn, which running Nakodo does not.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from knowledge.card import LOCALES
from knowledge.dense import Dense, Entry, Shipped, ship
from knowledge.embedder import E5, Vectors
from knowledge.errors import WeightsError
from knowledge.features import BUCKETS, pieces, weigh
from knowledge.gate import Gate, observe
from knowledge.head import SCALE, Head
from knowledge.lexical import Lexical
from knowledge.library import HERE, load_library
from knowledge.search import WEIGHTS, CardSearch, Shelf, document, labelled_asks
from knowledge.tokens import words

TRAINING = HERE / "training"
# Regularisation: 194 classes of 75 short texts want little of it for words and much for e5's dense vectors.
DENSE_C, WORDS_C, WORDS_SCALE = 0.3, 3.0, 3.0


def vectors(path: Path = WEIGHTS / "vectors.npz") -> None:
    """Embed the cards and the training texts for shipping."""
    library = load_library()
    entries = [*Shelf.of(library).entries, *(Entry(text, "query") for text in training_texts())]

    def report(done: int, total: int) -> None:
        print(f"\r{done}/{total}", end="", file=sys.stderr)  # noqa: T201

    ship(path, entries, E5(), report)


def weights(folder: Path = WEIGHTS, start: Path | None = None) -> None:
    """Train every head from the shipped vectors, so that training does not depend on the processor.

    `start` is a folder of weights to begin at. Every loss here is convex, so the end is the same wherever one begins;
    one that begins there is soon done.
    """
    shipped = Shipped.load(WEIGHTS / "vectors.npz")
    for name, (texts, labels) in datasets().items():
        begin = Head.load(start / f"{name}.npz") if start else None
        train_head(texts, labels, _matrix(shipped, texts), begin).save(folder / f"{name}.npz")
    train_gate(shipped, folder)


Dataset = tuple[Sequence[str], Sequence[str]]
ASKS_AS_TOPIC = 8
"""Of each card's asks, how many show the `kinds` head what is on topic: a sample, lest the topic drown all else."""

OTHERS_AS_NEW = 3
"""Of the texts on other subjects, which share shows the `followups` head what goes on from nothing: more of them, and
it takes requests about an answer for something new."""


def _matrix(shipped: Shipped, texts: Sequence[str]) -> Vectors:
    return _rows(shipped, [Entry(text, "query") for text in texts])


def _rows(shipped: Shipped, entries: Sequence[Entry]) -> Vectors:
    rows = []
    for entry in entries:
        row = shipped.get(entry.key(E5.name))
        if row is None:
            raise WeightsError(
                f"no vector of {entry.text[:20]!r}", where="vectors.npz", remedy="Run make vectors first"
            )
        rows.append(row)
    return np.stack(rows)


def datasets() -> dict[str, Dataset]:
    """Return the texts and labels of each head."""
    library = load_library()
    on_topic = [
        ask
        for card in library.cards.values()
        for locale in LOCALES
        for ask in card.asks(locale)[:: max(1, len(card.asks(locale)) // (ASKS_AS_TOPIC // 2))]
    ]
    kinds = _labelled("kinds", "kind", {"on_topic_hard": "on_topic"})
    followups = _labelled("followups", "facet")
    report = _labelled("report_unknown", "label")
    new = [text for text, facet in zip(*followups, strict=True) if facet == "new_topic"]
    orders, others = (
        [text for text, kind in zip(*kinds, strict=True) if kind == name] for name in ("injection", "off_topic")
    )
    return {
        "cards": labelled_asks(library),
        "kinds": _joined(kinds, _all(on_topic + new + list(report[0]), "on_topic")),
        "followups": _joined(followups, _all(on_topic[::2] + orders + others[::OTHERS_AS_NEW], "new_topic")),
        "sides": _labelled("situations", "side"),
        "ndas": _labelled("situations", "nda"),
        "report": report,
        "acts": _labelled("smalltalk", "act"),
    }


def _labelled(name: str, field: str, rename: Mapping[str, str] = {}) -> Dataset:
    rows = [row for row in read_rows(TRAINING / f"{name}.jsonl") if field in row]
    return [row["text"] for row in rows], [rename.get(row[field], row[field] or "unknown") for row in rows]


def _all(texts: Sequence[str], label: str) -> Dataset:
    return texts, [label] * len(texts)


def _joined(*parts: Dataset) -> Dataset:
    return [text for part in parts for text in part[0]], [label for part in parts for label in part[1]]


def training_texts() -> list[str]:
    """Return all texts of the training folder."""
    return [row["text"] for path in sorted(TRAINING.glob("*.jsonl")) for row in read_rows(path)]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of training texts."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def train_head(texts: Sequence[str], labels: Sequence[str], matrix: Vectors, start: Head | None = None) -> Head:
    """Fit both linear models of a head, from where `start` is."""
    mean = matrix.mean(axis=0)
    dense, words = LogisticRegression(C=DENSE_C, max_iter=1000), LogisticRegression(C=WORDS_C, max_iter=1000)
    if start is not None:
        bag = start.bag.T.astype(np.float64) * (start.unit / WORDS_SCALE)[:, None]
        begin_at(dense, start.labels, start.dense.T, start.dense_bias)
        begin_at(words, start.labels, bag, start.bag_bias)
    dense.fit((matrix - mean) * SCALE, labels)
    found, idf = bags(texts)
    words.fit(found * WORDS_SCALE, labels)
    dense_weights, dense_bias = _all_classes(dense)
    word_weights, bag_bias = _all_classes(words)
    unit = np.maximum(np.abs(word_weights).max(axis=1), 1e-9) / 127
    return Head(
        labels=tuple(map(str, dense.classes_)),
        mean=mean,
        dense=dense_weights.T.astype(np.float32),
        dense_bias=dense_bias.astype(np.float32),
        idf=idf,
        bag=np.rint(word_weights / unit[:, None]).T.astype(np.int8),
        unit=(unit * WORDS_SCALE).astype(np.float32),
        bag_bias=bag_bias.astype(np.float32),
    )


FOLDS = 5


def train_gate(shipped: Shipped, folder: Path) -> None:
    """Fit the gate on texts that are nobody's ask, judged by heads that did not see them.

    A head is surer of what it was trained on than of anything new, so the gate learns from held-out judgements.
    """
    texts, labels = datasets()["kinds"]
    known = np.array(labels)
    matrix = _matrix(shipped, texts)
    search = _search(shipped, Head.load(folder / "cards.npz"))
    asks = set(labelled_asks(load_library())[0])
    fold = np.arange(len(texts)) % FOLDS
    seen: dict[str, list[Vectors]] = {"vector": [], "words": []}
    kept: list[str] = []
    for number in range(FOLDS):
        rest = fold != number
        head = train_head([t for t, keep in zip(texts, rest, strict=True) if keep], list(known[rest]), matrix[rest])
        for row in map(int, np.flatnonzero(~rest)):
            if texts[row] in asks:
                continue
            kept.append(labels[row])
            for name, vector in (("vector", matrix[row]), ("words", None)):
                seen[name].append(observe(texts[row], head, search.rank(texts[row], vector)))
    _fit_gate(seen, kept).save(folder / "gate.npz")


def _fit_gate(seen: Mapping[str, list[Vectors]], labels: Sequence[str]) -> Gate:
    fitted = {
        name: LogisticRegression(C=1.0, max_iter=5000).fit(np.stack(rows), labels) for name, rows in seen.items()
    }
    return Gate(
        labels=tuple(map(str, fitted["vector"].classes_)),
        vector=fitted["vector"].coef_.astype(np.float32),
        vector_bias=fitted["vector"].intercept_.astype(np.float32),
        words=fitted["words"].coef_.astype(np.float32),
        words_bias=fitted["words"].intercept_.astype(np.float32),
    )


def _search(shipped: Shipped, head: Head) -> CardSearch:
    library = load_library()
    shelf = Shelf.of(library)
    dense = Dense(_rows(shipped, shelf.entries), E5())
    return CardSearch(
        library, shelf, head, Lexical.build([document(c) for c in library.cards.values()], words), dense
    )


def begin_at(model: LogisticRegression, labels: Sequence[str], rows: Any, bias: Any) -> None:
    """Let a model begin at weights, a row a class: the inverse of `_all_classes`."""
    if len(labels) == 2:
        rows, bias = rows[1:] * 2, bias[1:] * 2
    model.warm_start = True
    model.classes_ = np.array(labels)
    model.coef_, model.intercept_ = np.asarray(rows, dtype=np.float64), np.asarray(bias, dtype=np.float64)


def _all_classes(model: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return a row a class; of two classes scikit-learn gives only the second's."""
    if len(model.classes_) > 2:
        return model.coef_, model.intercept_
    return np.vstack([-model.coef_, model.coef_]) / 2, np.concatenate([-model.intercept_, model.intercept_]) / 2


_pieces = cache(pieces)
"""The heads share most of their texts."""


def bags(texts: Sequence[str]) -> tuple[Any, Vectors]:
    """Return the bags of texts, a row each, and the idf that weighs them."""
    counted = [_pieces(text) for text in texts]
    documents = np.zeros(BUCKETS)
    for counts in counted:
        documents[list(set(counts[0]) | set(counts[1]))] += 1
    idf = (np.log((1 + len(texts)) / (1 + documents)) + 1).astype(np.float16).astype(np.float32)
    found = [weigh(counts, idf) for counts in counted]
    starts = np.cumsum([0, *(len(bag.buckets) for bag in found)])
    data = np.concatenate([bag.weights for bag in found])
    buckets = np.concatenate([bag.buckets for bag in found])
    return csr_matrix((data, buckets, starts), shape=(len(texts), BUCKETS)), idf


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["all"]
    if wanted[0] in ("vectors", "all"):
        vectors()
    if wanted[0] in ("weights", "all"):
        weights()
