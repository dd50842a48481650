"""How far lines of cards carry a sentence: what of its words they hold, and whether they hold it the same way.

A paraphrase that is true and one that turns the meaning round share as many words; so beside the share of words it
counts what is denied in one and not in the other, what stands in another order, and what belongs together in one
and not in the other (`measure.py` says what that comes to).
"""

import re
from collections.abc import Sequence

from knowledge.card import Locale
from knowledge.classes import pattern
from knowledge.contrary import exchanged, one_sided, opposed, other_side, recast
from knowledge.days import folded
from knowledge.figures import UNITS, Figure, counted
from knowledge.grammar import words_in
from knowledge.line import Held, Line, laid_out, rarity
from knowledge.measure import MANY, Measure

ECHO = 0.8
"""What a word counts that only the asker used."""
LOOKED_AT = 6
"""Of how many lines each sentence is compared."""
SAME, MIXED = 0.75, 0.3
"""Sentences of the same words are contrary when so much of what belonged together no longer does."""
CLAUSE = 2
"""Words of a clause that says too little by itself."""
FLIPPED = 0.3
"""The weight of words that are denied in one only, at which the two are contrary."""
FEW = 3
"""Words that a sentence must share with one that it is said to repeat."""
DENIED, HELD, APART, AVOIDED = 0.5, 0.8, (0.6, 0.9), (0.3, 0.45)
"""How much is denied, held, torn apart (the first where it compares) or to be avoided in a contrary sentence."""
USUAL: dict[Locale, int] = {"ja": 50, "en": 120}
"""Letters of a sentence."""
NEAR = 0.5
"""A sentence of which one of a line holds so much is near enough for their differences to tell."""


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
        looked_at = tuple(among[:LOOKED_AT])
        found = sentence.near.get(looked_at)
        if found is None:
            parts = [part for number in looked_at for part in self.lines[number].sentences]
            found = sorted(((part.share(sentence), part) for part in parts), key=lambda one: -one[0])
            sentence.near[looked_at] = found
        return [one for one in found if one[0] and one[0] >= least * found[0][0]]

    def nearest(self, sentence: Line, ranked: Sequence[tuple[int, float]]) -> float:
        """Return how much of a sentence the nearest one of some lines holds."""
        near = self.near(sentence, [place for place, _ in ranked], 1.0)
        return near[0][0] if near else 0.0

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

    def measure(self, sentence: Line, among: Sequence[int], *, contrary: bool) -> Measure:
        """Compare a sentence with some of the lines, given the closest first; `contrary` is how it looked before."""
        lines = [self.lines[number] for number in among]
        rows = [[line.find(word) for word in sentence.words] for line in lines]
        sure = [[one.sureness if one else 0.0 for one in row] for row in rows] or [[0.0] * len(sentence.words)]
        told = [one.sureness if (one := self._said.find(word)) else 0.0 for word in sentence.words]
        held = [max(*column, ECHO * echo) for *column, echo in zip(*sure, told, strict=True)]
        near = self.near(sentence, among, 0.97)[:4]
        part, closest = near[0] if near else (0.0, sentence)

        def share(values: Sequence[float]) -> float:
            return sum(w * v for w, v in zip(sentence.weights, values, strict=True)) / sentence.total

        def says(name: str) -> float:
            return float(pattern(name, self.locale).search(sentence.text) is not None)

        best, everything = share(sure[0]), share(held)
        two = max((share([max(a, b) for a, b in zip(sure[0], row, strict=True)]) for row in sure[1:]), default=best)
        denied, compares = _denied(sentence, lines, rows), says("compares")
        avoid = self._avoided(sentence, [share(row) for row in sure], among)
        apart = _apart(sentence, lines, rows)
        return Measure(
            best=best,
            two=two,
            all=everything,
            missing=sentence.total * (1 - everything),
            part=part,
            back=sentence.share(closest),
            repeats=self.repeats(sentence, among),
            order=_order(rows[0], sentence.weights) if rows else 0.0,
            denied=denied,
            gap=min(2.0, abs(sentence.shape.denials - closest.shape.denials)),
            contrary=float(contrary),
            contrary_near=part * contrary,
            flipped=min((_flipped(sentence, one) for _, one in near), default=0.0),
            exchanged=float(bool(near) and all(exchanged(sentence.shape.turns, one.shape.turns) for _, one in near)),
            turned=float(
                denied >= DENIED
                or avoid >= min(AVOIDED[1], max(AVOIDED[0], best))
                or (apart >= (APART[0] if compares else APART[1]) and (compares > 0 or everything > HELD))
            ),
            avoid=avoid,
            compares=compares,
            becomes=says("becomes"),
            answer=float(pattern("answer", self.locale).match(sentence.text) is not None),
            words=float(min(MANY, len(sentence.words))),
            length=min(2.0, len(sentence.text) / USUAL[self.locale]),
            clauses=float(min(6, len({word.clause for word in sentence.words}))),
            weakest=_weakest(sentence, [*sure, [ECHO * echo for echo in told]]),
            run=_run(sentence, held),
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


def _weakest(mine: Line, rows: Sequence[Sequence[float]]) -> float:
    """Return how much one line holds of the clause of which the lines hold least; a word or two is no clause."""
    clauses: dict[int, list[int]] = {}
    for place, word in enumerate(mine.words):
        clauses.setdefault(word.clause, []).append(place)
    long = [places for places in clauses.values() if len(places) > CLAUSE]

    def held(row: Sequence[float], places: Sequence[int]) -> float:
        return sum(mine.weights[one] * row[one] for one in places) / (sum(mine.weights[one] for one in places) or 1.0)

    return min((max(held(row, places) for row in rows) for places in long), default=1.0)


def _run(mine: Line, held: Sequence[float]) -> float:
    """Return the weight of the heaviest row of words that nobody holds."""
    heaviest = now = 0.0
    for weight, sure in zip(mine.weights, held, strict=True):
        now = 0.0 if sure else now + weight
        heaviest = max(heaviest, now)
    return heaviest


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
    clauses: dict[int, list[int]] = {}
    for place, word in enumerate(mine.words):
        clauses.setdefault(word.clause, []).append(place)
    # For each word, in which clause of which line it stands.
    where = [
        {
            (number, line.words[at].clause)
            for number, (line, row) in enumerate(zip(lines, rows, strict=True))
            if (held := row[place])
            for at in held.places
        }
        for place in range(len(mine.words))
    ]
    together = apart = 0.0
    for places in clauses.values():
        for number, i in enumerate(places):
            for j in places[number + 1 :]:
                if not where[i].isdisjoint(where[j]):
                    together += mine.weights[i] * mine.weights[j]
                elif where[i] and where[j]:
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
