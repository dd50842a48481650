"""From a question to cards.

Five looks at the same question, each blind where another sees, added as standard scores:

- `near`: e5 cosine with the ways people ask for a card (the mean of the nearest six)
- `text`: e5 cosine with the card's own sentences (the nearest)
- `words`: BM25 over a card's asks and text together
- `head_vector`, `head_words`: a linear classifier over e5's vector, and one over words and characters, trained on
  the asks of all hands (`knowledge.train`)

A sixth, small one is the situation: whom a card is written for, and at which stage. The weights were chosen on one
set of questions and measured on another (`make eval`).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from knowledge.card import LOCALES, Body, Card, Line, Locale, Part, Side, Stage
from knowledge.dense import Dense, Entry, Progress, Shipped, open_dense
from knowledge.embedder import E5, Embedder, Vectors
from knowledge.head import Head
from knowledge.lexical import Lexical
from knowledge.library import HERE, Library
from knowledge.scores import standard
from knowledge.tokens import words

WEIGHTS = HERE / "weights"
NEAREST = 6
MIX = {"near": 0.25, "text": 0.1, "words": 0.2, "head_vector": 0.25, "head_words": 0.3}
MIX_BY_WORDS = {"words": 0.4, "head_words": 0.6}
MIX_OF_ANOTHER_MODEL = {name: share for name, share in MIX.items() if name != "head_vector"}
SITUATION = 0.1
RECONSIDERED, ANSWERING = 3, 10.0
SHORT: dict[Locale, int] = {"ja": 24, "en": 45}
"""Characters of an ask that fits a button."""
"""Standard scores added for a card written for the asker's side, and for one of their stage."""


class Hit(NamedTuple):
    """A card and its score: standard scores above the mean of all cards."""

    card: str
    score: float


@dataclass(frozen=True)
class Found:
    """Cards for a question, best first; and what else the looks saw."""

    hits: tuple[Hit, ...]
    vector: Vectors | None
    """e5's vector of the question."""
    nearest: float
    """The cosine with the nearest ask above the mean one: how much this is like anything people ask."""
    trained: Vectors | None = None
    """The vector once more, if it is of the model that the heads were trained on; else they go by words."""

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards' ids, best first."""
        return tuple(hit.card for hit in self.hits)

    def blended(self, other: "Found", share: float) -> "Found":
        """Return this finding with the other one counting for a share of each score."""
        theirs = {hit.card: hit.score for hit in other.hits}
        hits = (Hit(hit.card, (1 - share) * hit.score + share * theirs[hit.card]) for hit in self.hits)
        return replace(self, hits=tuple(sorted(hits, key=lambda hit: -hit.score)))


class Looked(NamedTuple):
    """A question as all looks together see it, before anybody's situation."""

    mixed: Vectors
    """A score for each card."""
    vector: Vectors | None
    nearest: float
    sentences: Vectors | None
    """The cosine with each sentence of the cards."""


@dataclass(frozen=True)
class Shelf:
    """The texts of all cards in the order of the index, and which rows belong to which card."""

    entries: tuple[Entry, ...]
    asks: npt.NDArray[np.int64]
    """For each ask the number of its card; asks come first among the entries."""
    sentences: npt.NDArray[np.int64]
    """For each sentence the number of its card."""
    answers: npt.NDArray[np.bool_]
    """For each sentence whether it stands under the card's answers."""

    @classmethod
    def of(cls, library: Library) -> "Shelf":
        """Lay out a library."""
        entries: list[Entry] = []
        owners: list[int] = []
        for number, card in enumerate(library.cards.values()):
            for locale in LOCALES:
                entries += [Entry(ask, "query") for ask in card.asks(locale)]
            owners += [number] * (len(entries) - len(owners))
        asks = len(entries)
        answers: list[bool] = []
        for number, card in enumerate(library.cards.values()):
            for body, part, line in _lines(card):
                entries.append(Entry(as_sentence(body, part, line)))
                answers.append(part is Part.ANSWER)
                owners.append(number)
        return cls(tuple(entries), np.array(owners[:asks]), np.array(owners[asks:]), np.array(answers))


def _lines(card: Card) -> Iterator[tuple[Body, Part, Line]]:
    for locale in LOCALES:
        body = card.body(locale)
        for part, lines in body.parts.items():
            for line in lines:
                yield body, part, line


def as_sentence(body: Body, part: Part, line: Line) -> str:
    """Return a line as it is embedded: all but answers with the title, for they lean on it."""
    return line.text if part is Part.ANSWER else f"{body.title} {line.text}"


def document(card: Card) -> str:
    """Return everything a card says and is asked, as one text for BM25."""
    return " ".join([*card.front.asks.ja, *card.front.asks.en, card.ja.text, card.en.text])


class CardSearch:
    """Finds cards. Without an embedder it goes by words alone."""

    def __init__(self, library: Library, shelf: Shelf, head: Head, lexical: Lexical, dense: Dense | None) -> None:
        self._library, self._shelf, self._head, self._lexical = library, shelf, head, lexical
        self.dense = dense
        self._rows: dict[str, int] = {}
        self._trained = dense is not None and dense.embedder.name == E5.name
        if dense is not None:
            asks = len(shelf.asks)
            # All e5 vectors point roughly the same way; what tells them apart is the rest.
            self._mean = head.mean if self._trained else dense.vectors[:asks].mean(axis=0)
            # A sentence's product with the mean is known beforehand, so asks less the mean and whole sentences are
            # compared by one product with one matrix: it takes as long as reading that.
            self._means = dense.scores(self._mean)[asks:]
            self._lengths = np.maximum(np.linalg.norm(dense.vectors[:asks] - self._mean, axis=1), 1e-9)
            self._sentences = dense.vectors[asks:]
            self._rows = {entry.text: row for row, entry in enumerate(shelf.entries[asks:])}
        self._ask_places = _padded(np.flatnonzero(np.diff(shelf.asks, prepend=-1)), len(shelf.asks))
        self._sentence_starts = np.flatnonzero(np.diff(shelf.sentences, prepend=-1))
        self._answers = [np.flatnonzero((shelf.sentences == n) & shelf.answers) for n in range(len(library))]
        fronts = [card.front for card in library.cards.values()]
        self._bonus = {side: _flags(side in front.for_ for front in fronts) for side in get_args(Side)}
        self._bonus |= {stage: _flags(stage in front.stages for front in fronts) for stage in get_args(Stage)}
        # A talk comes back to what was said before: the topic, the history. Where the two stand may have changed.
        self._looked = lru_cache(maxsize=128)(lambda question: self._look(question, self.embed(question)))
        self._typical = cache(self._typical_ask)

    @property
    def size(self) -> int:
        """How many texts can be found."""
        return len(self._shelf.entries)

    def embed(self, text: str) -> Vectors | None:
        """Return e5's vector of a question."""
        return None if self.dense is None else self.dense.embed(text)

    def embed_trained(self, text: str) -> Vectors | None:
        """Return the vector of a question for a head; None if the heads do not know the model."""
        return self.embed(text) if self._trained else None

    def find(self, question: str, *, side: Side | None = None, stage: Stage | None = None) -> Found:
        """Rank all cards for a question."""
        return self._ranked(self._looked(question), side, stage)

    def rank(
        self, question: str, vector: Vectors | None, *, side: Side | None = None, stage: Stage | None = None
    ) -> Found:
        """Rank all cards for a question whose vector is known."""
        return self._ranked(self._look(question, vector), side, stage)

    def _look(self, question: str, vector: Vectors | None) -> Looked:
        """See a question by every look."""
        looks = {"words": self._lexical.scores(question), "head_words": self._head.by_words(question)}
        if vector is None:
            return Looked(_mixed(looks, MIX_BY_WORDS), None, 0.0, None)
        assert self.dense is not None  # Vectors are of its model.  # noqa: S101
        centred, asks = vector - self._mean, len(self._shelf.asks)
        products = self.dense.scores(centred)
        length = max(math.sqrt(centred @ centred), 1e-9)
        near = (products[:asks] - self._mean @ centred) / (self._lengths * np.float32(length))
        sentences = products[asks:] + self._means
        looks["near"] = _mean_of_nearest(near, self._ask_places)
        looks["text"] = np.maximum.reduceat(sentences, self._sentence_starts)
        if self._trained:
            looks["head_vector"] = self._head.by_vector(vector)
        mixed = _mixed(looks, MIX if self._trained else MIX_OF_ANOTHER_MODEL)
        return Looked(mixed, vector, float(near.max()), sentences)

    def _ranked(self, looked: Looked, side: Side | None, stage: Stage | None) -> Found:
        """Rank all cards by what was seen, for somebody."""
        total = looked.mixed
        for known in (side, stage):
            if known:
                total = total + np.float32(SITUATION) * self._bonus[known]
        order = np.argsort(-total, kind="stable")
        if looked.sentences is not None:
            total = self._reconsidered(total, order[:RECONSIDERED], looked.sentences)
            order = np.argsort(-total, kind="stable")
        names = map(self._library.order.__getitem__, order.tolist())
        hits = tuple(map(Hit, names, total[order].tolist()))
        return Found(hits, looked.vector, looked.nearest, looked.vector if self._trained else None)

    def typical_ask(self, card: Card, locale: Locale) -> str:
        """Return a short way of asking for a card: of the short ones, the closest to the middle of all its asks."""
        return self._typical(card.id, locale)

    def _typical_ask(self, name: str, locale: Locale) -> str:
        card = self._library[name]
        short = [ask for ask in card.asks(locale) if len(ask) <= SHORT[locale]] or list(card.asks(locale)[:1])
        short = [ask for ask in short if ask.endswith(("?", "？", "か"))] or short
        if self.dense is None:
            return short[0]
        rows = np.flatnonzero(self._shelf.asks == self._library.order.index(card.id))
        asks = (self.dense.vectors[rows] - self._mean) / self._lengths[rows, None]
        closeness = (asks @ asks.mean(axis=0)).tolist()
        by_text = {self._shelf.entries[row].text: close for row, close in zip(rows, closeness, strict=True)}
        return max(short, key=lambda ask: by_text[ask])

    def closeness(self, question: str, vector: Vectors | None) -> Callable[[Card, Locale, Part, Line], float]:
        """Return what tells how close a card's line is to a question: e5's cosine, or the share of common words."""
        asked = set(words(question))

        def close(card: Card, locale: Locale, part: Part, line: Line) -> float:
            sentence = as_sentence(card.body(locale), part, line)
            row = self._rows.get(sentence)
            if vector is None or row is None:
                mine = set(words(line.text))
                return len(asked & mine) / max(1, len(asked | mine)) * 0.3
            return float(self._sentences[row] @ vector)

        return close

    def _reconsidered(self, total: Vectors, best: npt.NDArray[np.int64], cosines: Vectors) -> Vectors:
        """Look at the best few once more: which of them has a sentence that answers?"""
        answering = np.array([cosines[self._answers[card]].max() for card in best], dtype=np.float32)
        total = total.copy()
        total[best] += ANSWERING * (answering - answering.mean())
        return total


def _mixed(looks: Mapping[str, Vectors], mix: Mapping[str, float]) -> Vectors:
    weighed = [np.float32(weight) * standard(looks[name]) for name, weight in mix.items()]
    return np.asarray(np.sum(weighed, axis=0), dtype=np.float32)


def _flags(values: Iterable[bool]) -> Vectors:
    return np.fromiter(values, dtype=np.float32)


def _padded(starts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Return a row a card: the places of its asks, filled up with `size`, where the padding stands."""
    lengths = np.diff(starts, append=size)
    places = starts[:, None] + np.arange(max(int(lengths.max()), NEAREST))
    return np.where(places < (starts + lengths)[:, None], places, size)


def _mean_of_nearest(scores: Vectors, places: npt.NDArray[np.int64]) -> Vectors:
    padded = np.append(scores, np.float32(-np.inf)).take(places)
    padded.sort(axis=1)  # Quicker than to part them.
    nearest = padded[:, -NEAREST:]
    there = np.isfinite(nearest)
    return np.asarray(np.where(there, nearest, 0).sum(axis=1) / there.sum(axis=1), dtype=np.float32)


def open_card_search(
    library: Library,
    embedder: Embedder | None,
    home: Path,
    *,
    chroma_url: str | None = None,
    progress: Progress = lambda *_: None,
    weights: Path = WEIGHTS,
) -> CardSearch:
    """Open the search over a library, building in `home` what is missing."""
    shelf = Shelf.of(library)
    dense = None
    if embedder is not None:
        shipped = _LazyShipped(weights / "vectors.npz").get
        dense = open_dense(shelf.entries, embedder, home, chroma_url=chroma_url, shipped=shipped, progress=progress)
    return CardSearch(library, shelf, Head.load(weights / "cards.npz"), _open_lexical(library, home), dense)


def _open_lexical(library: Library, home: Path) -> Lexical:
    folder = home / "words"
    stamp = folder / "stamp"
    try:
        if stamp.read_text(encoding="ascii") == library.key:
            return Lexical.load(folder, words)
    except (OSError, ValueError, KeyError):
        pass  # None yet, or a broken one: build it.
    stamp.unlink(missing_ok=True)
    lexical = Lexical.build([document(card) for card in library.cards.values()], words)
    lexical.save(folder)
    stamp.write_text(library.key, encoding="ascii")  # Last: without it the folder does not count.
    return lexical


class _LazyShipped:
    """Reads the shipped vectors only when a build asks for them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real: Shipped | None = None

    def get(self, key: str) -> Vectors | None:
        """Return the vector of a key."""
        if self._real is None:
            self._real = Shipped.load(self._path)
        return self._real.get(key)


def labelled_asks(library: Library) -> tuple[Sequence[str], Sequence[str]]:
    """Return all asks and, for each, its card: what the heads are trained on."""
    pairs = [(ask, card.id) for card in library.cards.values() for locale in LOCALES for ask in card.asks(locale)]
    return [ask for ask, _ in pairs], [card for _, card in pairs]
