"""The guard: lets through what the cards carry, and nothing else a language model wrote.

What can be checked word for word is checked so: figures, dates, names, quotations, references and sources must stand
in the passages that carry the sentence, certainty and words of law too. The rest is weighed by how far passages hold
its words, and whether they hold them the same way round (`knowledge.support`). A sentence that other passages carry
than those it names is kept with those. Strict beats fluent: what is dropped costs a little, for the playbook answers.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.coach.called import called, stands
from bot.coach.manner import chatter, proposal, talks_back, unmannered
from bot.coach.passages import AVOID, Passage
from bot.model import Verdict
from knowledge.card import Basis, Locale
from knowledge.claims import Claims, claims, refs_of, squeezed
from knowledge.dense import Embedder
from knowledge.days import folded
from knowledge.figures import Counted, Figure
from knowledge.line import Line
from knowledge.support import NEAR, Grounds, belongs, score, told, turned_round

CARRIES: dict[Locale, float] = {"ja": 1.5, "en": 1.4}
"""The least score of a sentence that is kept."""
BY_REPORT = 0.6
"""The share of a sentence's words that a line of the report holds, where the sentence names the report."""
ALIKE = 0.8
"""How much of what the nearest sentence of a card holds another one must hold to vouch as well."""
TERM: dict[Locale, int] = {"ja": 8, "en": 14}
"""Letters of a term, which may stand in quotation marks though nobody said it."""
ASKS = 0.35
"""The share of a question's words that passages and the asker hold."""
ADDS = 0.12
"""What a further passage must hold of a sentence to be cited beside the closest."""
HOLDS = 0.2
"""The share of a sentence's words that a line holds which vouches for one of its figures."""
LEAST = 1.2
"""The weight of words that a sentence with a number must have beside it."""
SOURCED = 2.5
"""The same for a sentence with a source."""
SHELF = 16
"""Answers whose passages are kept laid out."""
_BASIS: dict[str, Basis] = {
    "指針": "guideline",
    "guideline": "guideline",
    "モデル契約": "model-contract",
    "model contract": "model-contract",
}


class Ground(NamedTuple):
    """The passages of an answer and the asker's words, laid out once."""

    passages: tuple[Passage, ...]
    grounds: Grounds
    claims: tuple[Claims, ...]
    folded: tuple[str, ...]
    squeezed: tuple[str, ...]
    said: Claims
    said_folded: str
    said_squeezed: str


@lru_cache(maxsize=SHELF)
def laid_out(passages: tuple[Passage, ...], said: str, locale: Locale) -> Ground:
    """Lay out the passages of an answer: each sentence of it meets the same ones."""
    texts = [_bare(one) for one in passages]
    return Ground(
        passages,
        Grounds(texts, [one.avoided for one in passages], said, locale),
        tuple(claims(text, locale) for text in texts),
        tuple(folded(text) for text in texts),
        tuple(squeezed(text) for text in texts),
        claims(said, locale),
        folded(said),
        squeezed(said),
    )


def _bare(passage: Passage) -> str:
    for mark in AVOID.values():
        if passage.text.startswith(mark):
            return passage.text[len(mark) :]
    return passage.text


class Guard:
    """Weighs sentences. What it looks at is words; an embedder is not asked, for measured beside words it told nothing
    more, and takes as long for one sentence as all the rest for a whole answer."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder

    def weigh(
        self,
        sentence: str,
        cited: Sequence[int],
        passages: Sequence[Passage],
        *,
        said: str,
        locale: Locale,
        question: bool = False,
    ) -> Verdict:
        """Return whether a sentence may go out, and which passages carry it."""
        ground = laid_out(tuple(passages), said, locale)
        mine = _Weighing(sentence, ground, locale)
        why, carried = mine.judged(cited, question=question)
        numbers = tuple(sorted(ground.passages[place].number for place in carried))
        return Verdict(sentence=sentence, passages=numbers if not why else tuple(cited), kept=not why, why=why)

    def whole(self, verdicts: Iterable[Verdict], passages: Sequence[Passage], *, said: str, locale: Locale) -> bool:
        """Return whether what was kept answers: something is carried, and it touches what was asked."""
        ground = laid_out(tuple(passages), said, locale)
        places = {one.number: place for place, one in enumerate(ground.passages)}
        kept = [one for one in verdicts if one.kept and one.passages]
        # Without words in common it may still answer; then it must say a little more than one thing.
        told = any(
            ground.grounds.touches(places[number]) for one in kept for number in one.passages if number in places
        )
        return len(kept) > 1 or (bool(kept) and told)


class _Weighing:
    """One sentence before the passages of its answer."""

    def __init__(self, sentence: str, ground: Ground, locale: Locale) -> None:
        self._sentence, self._ground, self._locale = sentence, ground, locale
        self._claims = claims(sentence, locale)
        self._line = Line(sentence, locale)
        self._names = called(sentence, locale)
        self._ranked: list[tuple[int, float]] = []

    def judged(self, cited: Sequence[int], *, question: bool) -> tuple[str, tuple[int, ...]]:
        """Return why it is dropped, or nothing; and the places of the passages that carry it."""
        ground, sentence = self._ground, self._sentence
        if why := unmannered(sentence, self._known(sentence), self._locale):
            return why, ()
        numbered = {one.number: place for place, one in enumerate(ground.passages)}
        mine = [numbered[number] for number in dict.fromkeys(cited) if number in numbered]
        ranked = ground.grounds.ranked(self._line)
        places = [place for place, _ in ranked]
        for some in (places, [place for place in places if place in mine]):
            if why := ground.grounds.contrary(self._line, some):
                return why, ()
        self._ranked = ranked
        if talks_back(sentence, self._locale, asked=question) and not self._states(sentence):
            return self._asked(ranked, mine)
        if chatter(sentence, ground.said_folded, self._locale):
            return self._unbacked(), ()
        tried = [self._carried([one for one in ranked if one[0] in mine])] if mine else []
        if not tried or tried[0][0] not in ("", "polarity"):
            tried.append(self._carried(ranked))
        why, carried = next((one for one in tried if not one[0]), tried[0])
        return ("unsourced" if why == "foreign" and not mine else why), carried

    def _states(self, sentence: str) -> bool:
        """Whether what looks like a question states something."""
        appeals = self._claims.report or self._claims.cited or self._claims.documents
        return bool(appeals) or proposal(sentence, self._locale)

    # Without passages

    def _asked(self, ranked: Sequence[tuple[int, float]], mine: Sequence[int]) -> tuple[str, tuple[int, ...]]:
        """Judge a question back: it claims nothing, but must not smuggle anything in."""
        places = [place for place, _ in ranked]
        measure = self._ground.grounds.measure(self._line, places)
        near = tuple(place for place, share in ranked[:1] if share >= BY_REPORT and (not mine or place in mine))
        return self._strict(places) or ("" if measure.all >= ASKS else "foreign"), near

    def _unbacked(self) -> str:
        """Judge a word that takes up what was said."""
        return self._strict(())

    # With passages

    def _carried(self, ranked: Sequence[tuple[int, float]]) -> tuple[str, tuple[int, ...]]:
        """Judge a statement by some of the passages, the closest first."""
        if self._claims.report:
            ranked = [one for one in ranked if self._ground.passages[one[0]].basis == "report"]
            if not ranked or ranked[0][1] < BY_REPORT:
                return "source", ()
        if not ranked:
            return self._strict(()) or "foreign", ()
        carriers = self._carriers(ranked)
        if why := self._strict(carriers):
            return why, ()
        measure = self._ground.grounds.measure(self._line, [place for place, _ in ranked])
        if turned_round(measure, self._locale):
            return "polarity", ()
        return ("" if score(measure, self._locale) >= CARRIES[self._locale] else "foreign"), carriers

    def _carriers(self, ranked: Sequence[tuple[int, float]]) -> tuple[int, ...]:
        """Return the closest passage, and those that add something to it: words, or a figure, a date, a quotation."""
        ground = self._ground
        places = [place for place, _ in ranked]
        chosen = [places[0], *ground.grounds.adding(self._line, places, ADDS)]
        evidence = [place for place, share in ranked if share >= HOLDS and not ground.passages[place].avoided]
        for place in evidence:
            if place not in chosen and self._vouches(place, chosen):
                chosen.append(place)
        return tuple(chosen)

    def _vouches(self, place: int, chosen: Sequence[int]) -> bool:
        """Whether a passage has a figure, a date or a quotation of the sentence that the chosen ones lack."""
        there = self._ground.claims[place]
        have = [self._ground.claims[one] for one in chosen]
        for figure in self._claims.counted.figures:
            if _fits(figure, [there]) and not _fits(figure, have):
                return True
        for date in self._claims.counted.dates:
            if any(map(date.fits, there.counted.dates)) and not any(
                date.fits(o) for h in have for o in h.counted.dates
            ):
                return True
        quoted = self._ground.squeezed[place]
        return any(
            q in quoted and not any(q in self._ground.squeezed[o] for o in chosen) for q in self._claims.quotes
        )

    def _nearest(self, carriers: Sequence[int]) -> list[Claims]:
        """Return the claims of the sentences that it is nearest to."""
        near = self._ground.grounds.near(self._line, carriers, ALIKE)
        return [claims(part.text, self._locale) for _, part in near]

    def _vouching(self, carriers: Sequence[int]) -> list[Claims]:
        """Return the claims of the closest passage and of the sentences that are nearest."""
        return [*(self._ground.claims[place] for place in carriers[:1]), *self._nearest(carriers)]

    # Word for word

    def _strict(self, carriers: Sequence[int]) -> str:
        """Return what stands in no carrier, nor, where it is an echo, in what the asker said."""
        checks = (
            ("figure", self._figures),
            ("date", self._dates),
            ("source", self._sources),
            ("quote", self._quotes),
            ("name", self._strangers),
            ("legal", self._law),
            ("overclaim", self._certainty),
        )
        return next((why for why, check in checks if not check(carriers)), "")

    def _figures(self, carriers: Sequence[int]) -> bool:
        told = [self._ground.claims[place] for place in carriers if not self._ground.passages[place].avoided]
        if self._bare and self._claims.counted.figures:
            return False
        for figure in self._claims.counted.figures:
            if _fits(figure, told):
                if not belongs(figure, self._sentence, [self._ground.folded[p] for p in carriers], self._locale):
                    return False
            elif self._sourced or not _fits(figure, [self._ground.said]):
                return False
        if self._exchanged(carriers):
            return False
        amounts = set().union(*(one.amounts for one in self._nearest(carriers)))
        return self._claims.amounts <= (amounts | ({"many"} if "most" in amounts else set()))

    def _exchanged(self, carriers: Sequence[int]) -> bool:
        """Whether it puts one figure or date of the cards for another one that stands where it belongs."""
        mine, near = self._claims.counted, self._ground.grounds.near(self._line, carriers, 0.97)
        if not near or near[0][0] < NEAR:
            return False
        return all(_displaced(mine, claims(part.text, self._locale).counted) for _, part in near)

    def _dates(self, carriers: Sequence[int]) -> bool:
        told = [self._ground.claims[place] for place in carriers]
        told += [] if self._sourced else [self._ground.said]
        if self._bare and self._claims.counted.dates:
            return False
        return all(
            any(date.fits(other) for one in told for other in one.counted.dates)
            for date in self._claims.counted.dates
        )

    def _sources(self, carriers: Sequence[int]) -> bool:
        ground = self._ground
        passages = [ground.passages[place] for place in carriers]
        told_there = self._vouching(carriers)
        documents = set().union(*(one.documents for one in told_there))
        bases = {one.basis for one in passages[:1]}
        for kind in self._claims.documents:
            echoed = kind in ground.said.documents and not self._claims.cited
            if kind not in documents and _BASIS.get(kind) not in bases and not echoed:
                return False
        refs = frozenset().union(*(refs_of(one.refs) for one in passages), *(one.refs for one in told_there))
        if not self._claims.refs <= refs | (frozenset() if self._claims.report else ground.said.refs):
            return False
        if self._claims.report and not any(one.basis == "report" for one in passages[:1]):
            return False
        if (self._claims.cited or self._claims.documents) and told(
            self._line, [one.text for one in self._names]
        ) < SOURCED:
            return False
        return not self._claims.cited or self._claims.report or ground.grounds.hold(self._claims.cited, carriers[:1])

    def _quotes(self, carriers: Sequence[int]) -> bool:
        """Whether somebody said so: short words may stand anywhere, longer ones within quotation marks."""
        ground = self._ground
        people = [one.text for one in self._names if one.kind == "person"]
        for quote in self._claims.quotes:
            short = len(quote) <= TERM[self._locale]
            places = [
                place
                for place in carriers
                if (short and quote in ground.squeezed[place])
                or any(quote in one for one in ground.claims[place].quotes)
            ]
            if not places and quote not in ground.said_squeezed:
                return False
            if places and not all(any(stands(one, ground.folded[place]) for place in places) for one in people):
                return False
        return True

    def _strangers(self, carriers: Sequence[int]) -> bool:
        """Whether all names are known: from a carrier's card, or from the asker; and none is put for another."""
        cards = {self._ground.passages[place].card for place in carriers}
        near = [
            text for one, text in zip(self._ground.passages, self._ground.folded, strict=True) if one.card in cards
        ]
        said = "" if self._sourced else self._ground.said_folded
        known = all(
            any(stands(one.text, text) for text in near) or (one.kind != "thing" and stands(one.text, said))
            for one in self._names
        )
        return known and not self._renamed(carriers)

    def _renamed(self, carriers: Sequence[int]) -> bool:
        """Whether the closest carrier has another name where this has one."""
        closest = self._ground.folded[carriers[0]] if carriers else ""
        stray = [one for one in self._names if not stands(one.text, closest)]
        if not stray or not closest:
            return False
        sentence = folded(self._sentence)
        there = called(self._ground.passages[carriers[0]].text, self._locale)
        return any(
            not stands(other.text, sentence) for other in there if any(other.kind == one.kind for one in stray)
        )

    def _law(self, carriers: Sequence[int]) -> bool:
        return self._claims.legal <= set().union(*(one.legal for one in self._nearest(carriers)))

    def _certainty(self, carriers: Sequence[int]) -> bool:
        return self._claims.certain <= set().union(*(one.certain for one in self._nearest(carriers)))

    @property
    def _bare(self) -> bool:
        """Whether there is so little beside a number that nobody can say what it counts."""
        return told(self._line) < LEAST

    @property
    def _sourced(self) -> bool:
        """Whether it names somebody as its source: then the asker's words are none."""
        return bool(self._claims.report or self._claims.cited)

    def _known(self, sentence: str) -> str:
        return " ".join((*self._ground.folded, self._ground.said_folded))


def _displaced(mine: Counted, theirs: Counted) -> bool:
    """Whether a figure or date of one is missing in the other, and one of the other's in this."""
    strange = [one for one in mine.figures if not any(one.fits(other) for other in theirs.figures)]
    lost = [one for one in theirs.figures if not any(other.fits(one) for other in mine.figures)]
    if any(one.unit == other.unit for one in strange for other in lost):
        return True
    days = [one for one in mine.dates if not any(one.fits(other) for other in theirs.dates)]
    return bool(days) and any(not any(other.fits(one) for other in mine.dates) for one in theirs.dates)


def _fits(figure: Figure, told: Sequence[Claims]) -> bool:
    return any(figure.fits(other) for one in told for other in one.counted.figures)
