"""How far lines of cards carry a sentence: what of its words they hold, and whether they hold it the same way round.

A paraphrase that is true and one that turns the meaning round share as many words; so beside the share of words it
counts what is denied in one and not in the other, what stands in another order, and what belongs together in one and
not in the other. The mix was chosen on one set of sentences and measured on another (`python -m tests.evals.support`).
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from knowledge.arrays import read_arrays
from knowledge.card import Locale
from knowledge.contrary import Shape, exchanged, one_sided, opposed, other_side, shape
from knowledge.features import BUCKETS
from knowledge.figures import UNITS, Figure, counted, folded
from knowledge.grammar import Word, words_in
from knowledge.library import HERE
from knowledge.tokens import normalise

AKIN = 0.7
"""What a word of the same family counts beside the word itself."""
ECHO = 0.8
"""What a word counts that only the asker used."""
NEAR = 0.6
"""A sentence of which one of a line holds so much is near enough for their differences to tell."""


@lru_cache(maxsize=1)
def _rarity() -> Sequence[float]:
    idf = read_arrays(HERE / "weights" / "kinds.npz")["idf"].astype(float)
    return [float(one) for one in idf / idf.max()]


@lru_cache(maxsize=8192)
def rarity(word: str) -> float:
    """Return how much a word tells, from 0 to 1: the rarer, the more."""
    return _rarity()[zlib.crc32(f"w:{word}".encode()) % BUCKETS]


class Held(NamedTuple):
    """Where a line holds a word, and how surely it is that word."""

    places: tuple[int, ...]
    sureness: float


_ENDS: dict[Locale, re.Pattern[str]] = {"ja": re.compile(r"(?<=[。！？!?])"), "en": re.compile(r"(?<=[.!?])\s+")}
_HALVES = re.compile(r"[;:]\s+")


class Line:
    """A text laid out for comparison."""

    def __init__(self, text: str, locale: Locale) -> None:
        self.text = normalise(text)
        self.locale = locale
        self.words = words_in(text, locale)
        self._by_stem: dict[str, list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            self._by_stem.setdefault(word.stem, []).append(place)
            if word.key:
                self._by_key.setdefault(word.key, []).append(place)
        self.weights = [rarity(word.plain) for word in self.words]
        self.total = sum(self.weights) or 1.0
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """What turns its meaning."""
        if self._shape is None:
            self._shape = shape(self.text, self.words, self.locale)
        return self._shape

    def sentences(self) -> list["Line"]:
        """Return its sentences, each laid out."""
        parts = [part for part in _ENDS[self.locale].split(self.text) if part.strip()]
        halves = [half for part in parts if len(found := _HALVES.split(part)) > 1 for half in found if half.strip()]
        whole = [self] if len(parts) < 2 else [Line(part, self.locale) for part in parts]
        return [*whole, *(Line(half, self.locale) for half in halves)]

    def find(self, word: Word) -> Held | None:
        """Return where it holds a word, or one of its family."""
        if word.stem in self._by_stem:
            return Held(tuple(self._by_stem[word.stem]), 1.0)
        if word.key in self._by_key:
            return Held(tuple(self._by_key[word.key]), AKIN)
        return None

    def share(self, other: "Line") -> float:
        """Return how much of another text it holds."""
        held = ((weight, self.find(word)) for weight, word in zip(other.weights, other.words, strict=True))
        return sum(weight * one.sureness for weight, one in held if one) / other.total


class Measure(NamedTuple):
    """What was seen of a sentence beside lines; shares are from 0 to 1, the rest is weight of words."""

    best: float
    """The share of its words that the closest line holds."""
    two: float
    """What the two closest hold together."""
    all: float
    """What all of them and the asker's words hold."""
    missing: float
    """The weight of what nobody holds."""
    last: float
    """Whether its last word is held: in Japanese what is said of all the rest."""
    denied: float
    """The weight of words that are denied here and in no line, or in every line and not here."""
    bare: float
    """Whether one of the two denies something and the other nothing."""
    order: float
    """The share of pairs of words that stand the other way round."""
    apart: float
    """The share of pairs of one clause that no line has in one clause."""
    avoid: float
    """What a line holds that says what not to do, where the sentence denies nothing."""
    answer: float
    """Whether it begins with yes or no, which no line can carry."""


class Grounds:
    """Lines of cards, laid out once for an answer."""

    def __init__(self, texts: Sequence[str], avoided: Sequence[bool], said: str, locale: Locale) -> None:
        self.locale = locale
        self.lines = [Line(text, locale) for text in texts]
        self._sentences = [(number, part) for number, line in enumerate(self.lines) for part in line.sentences()]
        self.avoided = list(avoided)
        self._said = Line(said, locale)

    def ranked(self, sentence: Line) -> list[tuple[int, float]]:
        """Return the lines that hold something of a sentence and how much, the closest first."""
        scores = [(number, line.share(sentence)) for number, line in enumerate(self.lines)]
        # Of two lines that hold the same, the shorter one is about it.
        return sorted(
            (one for one in scores if one[1]), key=lambda one: -one[1] / (1 + 0.01 * len(self.lines[one[0]].words))
        )

    def adding(self, sentence: Line, places: Sequence[int], least: float) -> list[int]:
        """Return the lines that hold enough words which the ones before them do not hold, two at most."""
        held = [one is not None for one in map(self.lines[places[0]].find, sentence.words)]
        chosen: list[int] = []
        for place in places[1:]:
            more = [one is not None for one in map(self.lines[place].find, sentence.words)]
            gain = sum(w for w, had, has in zip(sentence.weights, held, more, strict=True) if has and not had)
            if gain / sentence.total >= least and len(chosen) < 2 and not self.avoided[place]:
                chosen.append(place)
                held = [a or b for a, b in zip(held, more, strict=True)]
        return chosen

    def hold(self, text: str, places: Sequence[int]) -> bool:
        """Whether some lines hold all words of a text."""
        return all(any(self.lines[place].find(word) for place in places) for word in words_in(text, self.locale))

    def touches(self, place: int) -> bool:
        """Whether a line has a telling word of the asker's."""
        return any(rarity(word.plain) > 0.5 and self._said.find(word) for word in self.lines[place].words)

    def contrary(self, sentence: Line, among: Sequence[int]) -> bool:
        """Whether a sentence says the contrary of what it is nearest to among some lines, the closest first."""
        parts = [(part.share(sentence), number, part) for number, part in self._sentences if number in among]
        near = sorted(parts, key=lambda one: -one[0])
        if not near:
            return False
        if near[0][0] >= NEAR:
            # Several may be as near; one that agrees is enough.
            return all(_contrary(sentence, part) for share, _, part in near[:4] if share >= near[0][0] - 0.02)
        closest = self.lines[among[0]]
        return exchanged(sentence.shape.turns, closest.shape.turns) or one_sided(sentence.shape, closest.shape)

    def measure(self, sentence: Line, among: Sequence[int]) -> Measure:
        """Compare a sentence with some of the lines, given the closest first."""
        lines = [self.lines[number] for number in among]
        rows = [[line.find(word) for word in sentence.words] for line in lines]
        sure = [[one.sureness if one else 0.0 for one in row] for row in rows] or [[0.0] * len(sentence.words)]
        told = [one.sureness if (one := self._said.find(word)) else 0.0 for word in sentence.words]
        held = [max(*column, ECHO * echo) for *column, echo in zip(*sure, told, strict=True)]

        def share(values: Sequence[float]) -> float:
            return sum(w * v for w, v in zip(sentence.weights, values, strict=True)) / sentence.total

        best = share(sure[0])
        two = max((share([max(a, b) for a, b in zip(sure[0], row, strict=True)]) for row in sure[1:]), default=best)
        here, there = sentence.words, lines[0].words if lines else ()
        return Measure(
            best=best,
            two=two,
            all=share(held),
            missing=sentence.total * (1 - share(held)),
            last=held[-1] if held else 0.0,
            denied=_denied(sentence, lines, rows),
            bare=float(any(one.denied for one in here) is not any(one.denied for one in there)),
            order=_order(rows[0], sentence.weights) if rows else 0.0,
            apart=_apart(sentence, lines, rows),
            avoid=self._avoided(sentence, [share(row) for row in sure], among),
            answer=float(_ANSWER[self.locale].match(sentence.text) is not None),
        )

    def _avoided(self, sentence: Line, shares: Sequence[float], among: Sequence[int]) -> float:
        if any(word.denied for word in sentence.words) or _WARNS[self.locale].search(sentence.text):
            return 0.0
        return max((share for share, number in zip(shares, among, strict=False) if self.avoided[number]), default=0.0)


_ANSWER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"\s*(?:はい|いいえ|ええ|いや|その通り|そうです)[、。]"),
    "en": re.compile(r"\s*(?:yes|no|yeah|right|exactly|indeed|correct)\b[,.;:—–-]"),
}
_WARNS: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"避け|控え|やめ|止め|失敗|つまず|間違|しまう|しまい|恐れ|危|損|注意|気を付|気をつけ|もったいな"
    ),
    "en": re.compile(
        r"\b(?:avoid|mistake|resist|stop|beware|careful|risk|harm|wrong|trap|danger|trouble|temptation|instead)\w*"
    ),
}


def _contrary(mine: Line, line: Line) -> bool:
    """Compare two sentences that are near each other by what differs."""
    held = [(word, one) for word in mine.words if (one := line.find(word))]
    flipped = sum(
        rarity(word.plain) for word, one in held if all(line.words[at].denied is not word.denied for at in one.places)
    )
    here, there = mine.shape, line.shape
    # A sentence may be a part of the line's; then what else that one denies does not count.
    whole = mine.share(line) >= NEAR
    odd = whole and (here.denials - there.denials) % 2 == 1 and here.shy == there.shy
    return (
        flipped >= 0.4 or odd or exchanged(here.turns, there.turns) or opposed(here, there) or other_side(here, there)
    )


def _denied(mine: Line, lines: Sequence[Line], rows: Sequence[Sequence[Held | None]]) -> float:
    total = 0.0
    for place, word in enumerate(mine.words):
        signs = {
            line.words[at].denied
            for line, row in zip(lines, rows, strict=True)
            if (held := row[place]) is not None
            for at in held.places
        }
        if signs == {not word.denied}:
            total += mine.weights[place]
    return total


def _order(row: Sequence[Held | None], weights: Sequence[float]) -> float:
    kept = [(held.places[0], weight) for held, weight in zip(row, weights, strict=True) if held]
    good = bad = 0.0
    for number, (place, weight) in enumerate(kept):
        for other, beside in kept[number + 1 :]:
            if place > other:
                bad += weight * beside
            elif place < other:
                good += weight * beside
    return bad / (good + bad) if good + bad else 0.0


def _apart(mine: Line, lines: Sequence[Line], rows: Sequence[Sequence[Held | None]]) -> float:
    """Return the share of pairs of a clause that some lines hold, but none in one clause."""
    clauses = [
        [{line.words[at].clause for at in held.places} if held else set() for held in row]
        for line, row in zip(lines, rows, strict=True)
    ]
    together = apart = 0.0
    for i, word in enumerate(mine.words):
        for j in range(i + 1, len(mine.words)):
            if mine.words[j].clause != word.clause:
                continue
            if any(row[i] & row[j] for row in clauses):
                together += mine.weights[i] * mine.weights[j]
            elif any(row[i] for row in clauses) and any(row[j] for row in clauses):
                apart += mine.weights[i] * mine.weights[j]
    return apart / (together + apart) if together + apart else 0.0


# Which figure is whose

_CLAUSE = re.compile(r"[、,。;；:：()（）]| and | while | but ")


def belongs(figure: Figure, sentence: str, lines: Sequence[str], locale: Locale) -> bool:
    """Whether a figure stands in the sentence with the words that it stands with in the lines, not with another's."""
    plain = folded(sentence)
    around = _beside(figure, plain, locale) or frozenset(word.stem for word in words_in(plain, locale))
    own = other = 0.0
    for text in lines:
        for one in counted(text, locale).figures:
            if one.unit != figure.unit and "" not in (one.unit, figure.unit):
                continue
            shared = sum(rarity(stem) for stem in around & _beside(one, text, locale))
            if figure.fits(one):
                own = max(own, shared)
            else:
                other = max(other, shared)
    return own >= other


def _beside(figure: Figure, text: str, locale: Locale) -> frozenset[str]:
    """Return the stems in the figure's clause, as far as no other figure is nearer."""
    start = max((match.end() for match in _CLAUSE.finditer(text, 0, figure.start)), default=0)
    after = _CLAUSE.search(text, figure.end)
    end = after.start() if after else len(text)
    for one in counted(text, locale).figures:
        if one.end <= figure.start:
            start = max(start, one.end)
        elif one.start >= figure.end:
            end = min(end, one.start)
    return frozenset(word.stem for word in words_in(text[start:end], locale))


def told(line: Line) -> float:
    """Return how much the words of a text weigh together, units not counted."""
    return sum(weight for word, weight in zip(line.words, line.weights, strict=True) if word.plain not in UNITS)


# The mix

WEIGHTS: dict[Locale, Measure] = {
    "ja": Measure(
        best=1.95,
        two=1.0,
        all=0.52,
        missing=-0.29,
        last=0.43,
        denied=-1.6,
        bare=-0.33,
        order=-1.33,
        apart=-1.21,
        avoid=0,
        answer=-2.1,
    ),
    "en": Measure(
        best=2.18,
        two=1.05,
        all=0.51,
        missing=-0.26,
        last=0.43,
        denied=-0.84,
        bare=-0.31,
        order=-1.38,
        apart=-1.04,
        avoid=0,
        answer=-1.9,
    ),
}
BIAS: dict[Locale, float] = {"ja": 0.57, "en": 0.77}


def score(measure: Measure, locale: Locale) -> float:
    """Return how surely lines carry a sentence; 0 is as likely as not."""
    return BIAS[locale] + sum(w * v for w, v in zip(WEIGHTS[locale], measure, strict=True))


def turned_round(measure: Measure, locale: Locale) -> bool:
    """Whether a sentence, far from the words of any line, says the contrary of what it says it of."""
    if measure.avoid >= 0.45 or measure.avoid >= max(0.3, measure.best):
        return True
    if measure.apart >= 0.9 and measure.all > 0.8:
        return True
    return locale == "ja" and measure.denied >= 0.5
