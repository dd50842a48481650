"""How far lines of cards carry a sentence: what of its words they hold, and whether they hold it the same way.

A paraphrase that is true and one that turns the meaning round share as many words; so beside the share of words it
counts what is denied in one and not in the other, what stands in another order, and what belongs together in one
and not in the other. The mix was chosen on one set of sentences and measured on another
(`python -m tests.evals.support`).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.classes import pattern
from knowledge.contrary import exchanged, one_sided, opposed, other_side, recast
from knowledge.days import folded
from knowledge.figures import UNITS, Figure, counted
from knowledge.grammar import words_in
from knowledge.line import Held, Line, laid_out, rarity

MANY = 16
ECHO = 0.8
"""What a word counts that only the asker used."""
LOOKED_AT = 6
"""Of how many lines each sentence is compared."""
SAME, MIXED = 0.75, 0.3
"""Sentences of the same words are contrary when so much of what belonged together no longer does."""
FLIPPED = 0.3
"""The weight of words that are denied in one only, at which the two are contrary."""
FEW = 3
"""Words that a sentence must share with one that it is said to repeat."""
NEAR = 0.5
"""A sentence of which one of a line holds so much is near enough for their differences to tell."""


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
    order: float
    """The share of pairs of words that stand the other way round."""
    apart: float
    """The share of pairs of one clause that no line has in one clause."""
    compares: bool
    """Whether it compares."""
    avoid: float
    """What a line holds that says what not to do, where the sentence denies nothing."""
    answer: float
    """Whether it begins with yes or no, which no line can carry."""
    words: int
    """How many words tell something: of a short one, one word changed says something else. At most `MANY`."""


class Grounds:
    """Lines of cards, laid out once for an answer."""

    def __init__(self, texts: Sequence[str], avoided: Sequence[bool], said: str, locale: Locale) -> None:
        self.locale = locale
        self.lines = [laid_out(text, locale) for text in texts]
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

    def near(self, sentence: Line, among: Sequence[int], least: float) -> list[tuple[float, Line]]:
        """Return the sentences of lines that are nearest, and how much they hold: at least a share of the nearest."""
        # What holds most of it is in one of the lines that hold most of it.
        parts = [part for number in among[:LOOKED_AT] for part in self.lines[number].sentences]
        found = sorted(((part.share(sentence), part) for part in parts), key=lambda one: -one[0])
        return [one for one in found if one[0] and one[0] >= least * found[0][0]]

    def repeats(self, sentence: Line, among: Sequence[int]) -> float:
        """Return how much of a sentence one of the lines' holds, but for what it takes up of the asker's words."""
        near = self.near(sentence, among, 1.0)
        if not near or near[0][0] < NEAR or sum(1 for word in sentence.words if near[0][1].find(word)) < FEW:
            return 0.0
        held = [
            (weight, near[0][1].find(word), word)
            for word, weight in zip(sentence.words, sentence.weights, strict=True)
        ]
        own = [(weight, one) for weight, one, word in held if one or not self._said.find(word)]
        return sum(weight * one.sureness for weight, one in own if one) / (sum(weight for weight, _ in own) or 1.0)

    def contrary(self, sentence: Line, among: Sequence[int]) -> str:
        """Return how a sentence turns round what it is nearest to among some lines, the closest first; or nothing."""
        near = self.near(sentence, among, 0.97)[:4]
        if not near:
            return ""
        if near[0][0] >= NEAR:
            # Several may be as near; one that agrees is enough.
            return min((_turned(sentence, part) for _, part in near), key=len)
        closest = self.lines[among[0]].shape
        if exchanged(sentence.shape.turns, closest.turns) or one_sided(sentence.shape, closest):
            return "polarity"
        return "polarity" if _strays(sentence, near[0][1]) else ""

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
        return Measure(
            best=best,
            two=two,
            all=share(held),
            missing=sentence.total * (1 - share(held)),
            last=max(row[-1] for row in sure) if held else 0.0,
            denied=_denied(sentence, lines, rows),
            order=_order(rows[0], sentence.weights) if rows else 0.0,
            apart=_apart(sentence, lines, rows),
            compares=pattern("compares", self.locale).search(sentence.text) is not None,
            avoid=self._avoided(sentence, [share(row) for row in sure], among),
            answer=float(pattern("answer", self.locale).match(sentence.text) is not None),
            words=min(MANY, len(sentence.words)),
        )

    def _avoided(self, sentence: Line, shares: Sequence[float], among: Sequence[int]) -> float:
        if any(word.denied for word in sentence.words) or pattern("warns", self.locale).search(sentence.text):
            return 0.0
        return max((share for share, number in zip(shares, among, strict=False) if self.avoided[number]), default=0.0)


def _flipped(mine: Line, line: Line) -> float:
    """Return the weight of the words that one denies and the other does not."""
    held = [(word, one) for word in mine.words if (one := line.find(word))]
    return sum(
        rarity(word.plain) for word, one in held if all(line.words[at].denied is not word.denied for at in one.places)
    )


def _strays(mine: Line, line: Line) -> bool:
    """Whether two sentences that are not near each other deny different things, or say them in another order."""
    if _flipped(mine, line) >= FLIPPED or _order([line.find(word) for word in mine.words], mine.weights) > 0.5:
        return True
    # In Japanese what is denied stands at the end of a clause; in English a denial may be anywhere.
    return mine.locale == "ja" and (mine.shape.denials - line.shape.denials) % 2 == 1


def _turned(mine: Line, line: Line) -> str:
    """Compare two sentences that are near each other by what differs."""
    here, there = mine.shape, line.shape
    # A sentence may be a part of the line's; then what else that one denies does not count.
    whole_share = mine.share(line)
    odd = whole_share >= NEAR and (here.denials - there.denials) % 2 == 1 and here.shy == there.shy
    if _flipped(mine, line) >= FLIPPED or odd or opposed(here, there) or other_side(here, there):
        return "polarity"
    if (
        recast(here, there)
        or exchanged(here.turns, there.turns)
        or (min(whole_share, line.share(mine)) >= SAME and _mixed(mine, line))
    ):
        return "polarity"
    return "overclaim" if there.hedged and not here.hedged else ""


def _mixed(mine: Line, line: Line) -> bool:
    """Whether words changed their clauses: what was together is no longer, and what was apart is together."""
    there = [[line.find(word) for word in mine.words]]
    here = [[mine.find(word) for word in line.words]]
    return min(_apart(mine, [line], there), _apart(line, [mine], here)) >= MIXED


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
    own: set[str] = set()
    others: set[str] = set()
    for text in lines:
        for one in counted(text, locale).figures:
            if one.unit == figure.unit or "" in (one.unit, figure.unit):
                (own if figure.fits(one) else others).update(around & _beside(one, text, locale))
    # A list names what all of it is about once, so the most telling word decides, not how many there are.
    return max(map(rarity, own - others), default=0.0) >= max(map(rarity, others - own), default=0.0)


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


def told(line: Line, named: Sequence[str] = ()) -> float:
    """Return how much the words of a text weigh together, units and names not counted."""
    names = " ".join(folded(one) for one in named)
    counts = zip(line.words, line.weights, strict=True)
    return sum(weight for word, weight in counts if word.plain not in UNITS and word.plain not in names)


# The mix

FEWEST, SHORT = 0.36, 0.75
"""What the closest line must hold, whatever the rest is like; and of a sentence of three words or fewer."""
_WEIGHED = ("best", "two", "all", "missing", "last", "order", "apart", "answer", "words")
WEIGHTS: dict[Locale, tuple[float, ...]] = {
    "ja": (1.11, 0.58, 0.7, -0.17, 0.04, 0.02, -0.86, -0.88, 0.15),
    "en": (-0.03, -0.61, -0.62, -0.36, 1.01, -1.24, -0.72, -0.57, 0.14),
}
BIAS: dict[Locale, float] = {"ja": -1.67, "en": 0.91}


def score(measure: Measure, locale: Locale) -> float:
    """Return how surely lines carry a sentence; 0 is as likely as not."""
    if measure.best < FEWEST or measure.best < (SHORT if measure.words <= 3 else 0):
        return -1.0
    return BIAS[locale] + sum(
        w * float(getattr(measure, name)) for name, w in zip(_WEIGHED, WEIGHTS[locale], strict=True)
    )


def turned_round(measure: Measure, locale: Locale) -> bool:
    """Whether a sentence, far from the words of any line, says the contrary of what it says it of."""
    if measure.avoid >= 0.45 or measure.avoid >= max(0.3, measure.best):
        return True
    if measure.apart >= (0.6 if measure.compares else 0.9) and (measure.compares or measure.all > 0.8):
        return True
    return measure.denied >= 0.5
