"""Train the ear again: `python -m knowledge.train_ear vectors | thresholds | weights`.

Texts stand in `training/ear`: `utterances.jsonl` (single messages, each with what it carries), `talks.jsonl` (whole
talks), `statements.jsonl`, `calls.jsonl`. `vectors` embeds what is new, `thresholds` finds where each signal is best
cut on talks that were held out (slow, written down in `thresholds.json`), `weights` trains what ships. Everything is
determined by the texts; no solver starts at random. Needs scikit-learn, which running Nakodo does not.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression

from knowledge.card import LOCALES
from knowledge.dense import Entry, Shipped, ship
from knowledge.ear import DENSE, SENSES, WEIGHTS, WIDTH, Sense, clip, scaled, situation, unpacked
from knowledge.embedder import E5, Vectors
from knowledge.errors import WeightsError
from knowledge.library import HERE, load_library
from knowledge.train import bags, read_rows

TRAINING = HERE / "training" / "ear"
THRESHOLDS = TRAINING / "thresholds.json"
RIDGE = 0.3
BAG_C, BAG_SCALE = 3.0, 3.0
FOLDS = 5
BETA = {"signals": 0.5, "statements": 0.5, "calls": 0.3}
"""How much recall counts beside precision where a sense is cut: a false alarm costs trust, a false call more."""
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """A message to learn from. `group` holds together what stands in one talk; `real` is whether it does."""

    text: str
    labels: tuple[str, ...]
    group: str
    stage: str = "meeting"
    nda: str = "none"
    real: bool = False
    harmless: bool = False
    """Whether it is ordinary talk, near nothing."""


def lessons(sense: str) -> list[Lesson]:
    """Return what a sense learns from."""
    talks = _talks()
    if sense == "signals":
        return [*_utterances(), *talks]
    found = [
        Lesson(clip(row["text"]), tuple(row["labels"]), f"{sense}{number}")
        for number, row in enumerate(read_rows(TRAINING / f"{sense}.jsonl"))
    ]
    if sense == "calls":
        # Heat between people is no call for a human by itself, and neither is a worried question: the talks and the
        # cards' asks have much of both, and no call.
        found += [Lesson(one.text, (), one.group) for one in talks]
        found += [Lesson(one.text, (), one.group) for one in _utterances() if one.harmless]
        found += [Lesson(ask, (), f"ask{number}") for number, ask in enumerate(_asks())]
    return found


def _asks() -> list[str]:
    """Return a sample of what people ask, long and short."""
    asks = [ask for card in load_library().cards.values() for locale in LOCALES for ask in card.asks(locale)]
    return [*asks[::12], *(row["text"] for row in read_rows(HERE / "training" / "smalltalk.jsonl"))]


def labels_of(sense: str, found: Sequence[Lesson]) -> tuple[str, ...]:
    """Return the labels of a sense, in the order of the alphabet."""
    return tuple(sorted({label for one in found for label in one.labels}))


def vectors(path: Path = WEIGHTS / "heard.npz") -> None:
    """Embed all texts for shipping; those already there are not embedded again."""
    entries = [Entry(one.text, "query") for sense in SENSES for one in lessons(sense)]

    def report(done: int, total: int) -> None:
        print(f"\r{done}/{total}", end="", file=sys.stderr)  # noqa: T201

    ship(path, entries, E5(), report)


def weights(folder: Path = WEIGHTS) -> None:
    """Train every sense from the shipped vectors, so that training does not depend on the processor."""
    shipped = Shipped.load(WEIGHTS / "heard.npz")
    cuts = json.loads(THRESHOLDS.read_text(encoding="utf-8"))
    for sense in SENSES:
        found = lessons(sense)
        labels = labels_of(sense, found)
        train(found, labels, shipped, cuts[sense]).save(folder / f"{sense}.npz")


def thresholds(path: Path = THRESHOLDS) -> None:
    """Find the cut of each label on what was held out, and write it down."""
    shipped = Shipped.load(WEIGHTS / "heard.npz")
    cuts = {}
    for sense in SENSES:
        found = lessons(sense)
        labels = labels_of(sense, found)
        both, words = held_out(found, labels, shipped)
        real = np.array([one.real for one in found]) if sense == "signals" else np.ones(len(found), dtype=bool)
        truth = _truth(found, labels)[real]
        cuts[sense] = {
            label: [best_cut(values[real], truth, number, BETA[sense]) for values in (both, words)]
            for number, label in enumerate(labels)
        }
    path.write_text(json.dumps(cuts, indent=1) + "\n", encoding="utf-8")


def train(
    found: Sequence[Lesson], labels: tuple[str, ...], shipped: Shipped, cuts: dict[str, Sequence[float]]
) -> Sense:
    """Fit both models of a sense. `equations` says what the kernel model's coefficients solve."""
    rows = _rows(found, shipped)
    points = shipped.packed[rows]
    truth = _truth(found, labels)
    mean = unpacked(points).mean(axis=0).astype(np.float16).astype(np.float32)
    places = np.stack([situation(one.stage, one.nda) for one in found])
    base = truth.mean(axis=0)
    kernel = KernelRidge(kernel="rbf", gamma=WIDTH, alpha=RIDGE)
    kernel.fit(np.hstack([scaled(unpacked(points), mean), places]), truth - base)
    matrix, idf = bags([one.text for one in found])
    weighted, bias = linear(matrix, truth)
    unit = np.maximum(np.abs(weighted).max(axis=1), 1e-9) / 127
    return Sense(
        labels=labels,
        points=points,
        rows=rows,
        places=places,
        mean=mean,
        dual=kernel.dual_coef_.astype(np.float32),
        base=base.astype(np.float32),
        idf=idf,
        bag=np.rint(weighted / unit[:, None]).T.astype(np.int8),
        unit=(unit * BAG_SCALE).astype(np.float32),
        bag_bias=bias.astype(np.float32),
        thresholds=np.array([cuts[label][0] for label in labels], dtype=np.float32),
        words_thresholds=np.array([cuts[label][1] for label in labels], dtype=np.float32),
    )


def held_out(found: Sequence[Lesson], labels: tuple[str, ...], shipped: Shipped) -> tuple[Matrix, Matrix]:
    """Return each lesson's values by models that did not see its talk: both models added, and the bag alone."""
    groups = {group: number for number, group in enumerate(dict.fromkeys(one.group for one in found))}
    fold = np.array([groups[one.group] % FOLDS for one in found])
    both = np.zeros((len(found), len(labels)), dtype=np.float32)
    words = both.copy()
    for number in range(FOLDS):
        print(f"fold {number + 1} of {FOLDS}", file=sys.stderr)  # noqa: T201
        seen = [one for one, mine in zip(found, fold, strict=True) if mine != number]
        sense = train(seen, labels, shipped, dict.fromkeys(labels, (0.0, 0.0)))
        for row in map(int, np.flatnonzero(fold == number)):
            one = found[row]
            vector = _vector(one.text, shipped)
            words[row] = sense.by_words(one.text)
            both[row] = words[row] + DENSE * sense.by_vector(vector, situation(one.stage, one.nda))
    return both, words


def best_cut(values: Matrix, truth: Matrix, label: int, beta: float) -> float:
    """Return the cut of the best F-beta of a label, drawn half way to the best one of all labels: one label alone has
    too few cases to be believed."""
    own, common = _cut(values[:, label], truth[:, label], beta), _cut(values.ravel(), truth.ravel(), beta)
    return round((own + common) / 2, 2)


def _cut(values: Matrix, truth: Matrix, beta: float) -> float:
    order = np.argsort(-values)
    hits = np.cumsum(truth[order])
    score = (1 + beta**2) * hits / (np.arange(1, len(order) + 1) + beta**2 * truth.sum())
    last = int(np.argmax(score))
    return float(values[order[min(last + 1, len(order) - 1)]] + values[order[last]]) / 2


def _truth(found: Sequence[Lesson], labels: tuple[str, ...]) -> Matrix:
    return np.array([[label in one.labels for label in labels] for one in found], dtype=np.float32)


def _rows(found: Sequence[Lesson], shipped: Shipped) -> npt.NDArray[np.int32]:
    rows = [shipped.row(Entry(one.text, "query").key(E5.name)) for one in found]
    if None in rows:
        raise WeightsError("a text has no vector", where="heard.npz", remedy="Run make vectors first")
    return np.array(rows, dtype=np.int32)


def _vector(text: str, shipped: Shipped) -> Vectors:
    vector = shipped.get(Entry(text, "query").key(E5.name))
    assert vector is not None  # `_rows` has looked already.  # noqa: S101
    return vector


def equations(sense: Sense, found: Sequence[Lesson], rows: slice) -> tuple[Matrix, Matrix]:
    """Return both sides of what the coefficients of a kernel model solve, for some of its points.

    They have one solution, so coefficients that solve them are those that training these lessons makes.
    """
    points = np.hstack([scaled(unpacked(sense.points), sense.mean), sense.places])
    some = points[rows]
    lengths = (points**2).sum(axis=1)
    distances = lengths[rows][:, None] - 2 * (some @ points.T) + lengths
    left = np.exp(-WIDTH * np.maximum(distances, 0)) @ sense.dual + RIDGE * sense.dual[rows]
    return left, _truth(found[rows], sense.labels) - sense.base


def linear(matrix: csr_matrix, truth: Matrix, start: Sense | None = None) -> tuple[Matrix, Matrix]:
    """Fit a model a label, from where `start` is: the end is the same, but soon reached."""
    models = [LogisticRegression(C=BAG_C, max_iter=300) for _ in range(truth.shape[1])]
    if start is not None:
        bag = start.bag.T.astype(np.float64) * (start.unit / BAG_SCALE)[:, None]
        for number, model in enumerate(models):
            model.warm_start, model.classes_ = True, np.array([0.0, 1.0])
            model.coef_, model.intercept_ = bag[number][None], np.array([start.bag_bias[number]], dtype=np.float64)
    for number, model in enumerate(models):
        model.fit(matrix * BAG_SCALE, truth[:, number])
    return np.vstack([one.coef_ for one in models]), np.array([one.intercept_[0] for one in models])


def _utterances() -> list[Lesson]:
    return [
        Lesson(
            clip(row["text"]),
            tuple(row["signals"]),
            f"u{number}",
            row["stage"],
            row["nda"],
            harmless=not row["signals"] and not row["near"],
        )
        for number, row in enumerate(read_rows(TRAINING / "utterances.jsonl"))
    ]


def _talks() -> list[Lesson]:
    found = []
    for talk in read_rows(TRAINING / "talks.jsonl"):
        nda = talk["nda"]
        for said in talk["messages"]:
            if said["text"].startswith("/"):
                nda = _after(said["text"], nda)
                continue
            labels = tuple(said["signals"])
            found.append(Lesson(clip(said["text"]), labels, talk["id"], talk["stage"], nda, real=True))
    return found


def _after(command: str, nda: str) -> str:
    words: Any = command.split()
    return words[1] if words[0] == "/nda" and words[1:] else nda


if __name__ == "__main__":
    for part in sys.argv[1:]:
        {"vectors": vectors, "thresholds": thresholds, "weights": weights}[part]()
