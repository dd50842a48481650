"""What can be checked word for word: figures, dates, names, quotations and sources stand in the passages or not."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cached_property, lru_cache

from bot.coach.called import Called, called, stands
from bot.coach.clauses import clauses, supposes
from bot.coach.passages import AVOID, Passage
from knowledge.card import Basis, Locale
from knowledge.claims import Claims, claims, refs_of, squeezed
from knowledge.days import folded
from knowledge.figures import Counted, Figure
from knowledge.line import Line, wording
from knowledge.support import FEW, NEAR, Grounds, belongs, told

SHELF = 16
"""Answers whose passages are kept laid out."""
SAYING = "saying"
"""What a passage is that somebody said."""
TOPICS = {"free"}
"""What the asker may have brought up and the answer takes up; all else that he told does not make it so here."""
PAST, HAPPENED = "past", ("case", "statistic", "programme")
"""What was, among the things that are said of this case; and cards that tell of what was."""
LEAST, SOURCED = 1.2, 2.5
"""The weight of words that must stand beside a number, and beside a source, for anybody to tell what is meant."""
ALMOST = 0.9
"""How much of a sentence one of a card holds that says just that."""
ALIKE = 0.8
"""How much of what the nearest sentence of a card holds another one must hold to vouch as well."""
ABOUT = 0.3
"""How much of what the nearest sentence holds another one must hold to vouch for a figure or a date."""
TERM: dict[Locale, int] = {"ja": 8, "en": 14}
"""Letters of a term, which may stand in quotation marks though nobody said it."""
_BASIS: dict[str, Basis] = {
    "指針": "guideline",
    "guideline": "guideline",
    "モデル契約": "model-contract",
    "model contract": "model-contract",
}


class Ground:
    """An answer's passages and the asker's words, laid out once; what few sentences need waits until one does."""

    def __init__(self, passages: tuple[Passage, ...], said: str, locale: Locale) -> None:
        self.passages, self.locale = passages, locale
        self._texts = [_bare(one) for one in passages]
        self.grounds = Grounds(self._texts, [one.avoided for one in passages], said, locale)
        self.folded = [folded(text) for text in self._texts]
        self.said, self.said_folded, self.said_squeezed = claims(said, locale), folded(said), squeezed(said)
        self.heard = Line(said, locale)
        self.known = " ".join((*self.folded, self.said_folded))
        """Everything that passages and asker say."""

    @cached_property
    def _worded(self) -> dict[str, list[int]]:
        """Where each sentence of the passages stands."""
        found: dict[str, list[int]] = {}
        for place, line in enumerate(self.grounds.lines):
            for part in line.sentences:
                if len(part.words) >= FEW:
                    found.setdefault(part.wording, []).append(place)
        return found

    def word_for_word(self, sentence: str, named: Collection[int]) -> int | None:
        """Return which passage has a sentence in these very words, if any; rather advice, and one that is named."""
        places = self._worded.get(wording(sentence), [])
        return min(places, key=lambda place: (self.passages[place].avoided, place not in named), default=None)

    def claims(self, place: int) -> Claims:
        """Return what a passage claims."""
        return claims(self._texts[place], self.locale)

    def squeezed(self, place: int) -> str:
        """Return the letters of a passage."""
        return squeezed(self._texts[place])


@lru_cache(maxsize=SHELF)
def laid_out(passages: tuple[Passage, ...], said: str, locale: Locale) -> Ground:
    """Lay out the passages of an answer: each sentence of it meets the same ones."""
    return Ground(passages, said, locale)


def _bare(passage: Passage) -> str:
    for mark in AVOID.values():
        if passage.text.startswith(mark):
            return passage.text[len(mark) :]
    return passage.text


class Proof:
    """One sentence, to be proved by passages: `carriers` are their places, the closest first."""

    def __init__(self, sentence: str, line: Line, ground: Ground, locale: Locale) -> None:
        self._sentence, self._line, self._ground, self._locale = sentence, line, ground, locale
        self.claims = claims(sentence, locale)
        self._names: tuple[Called, ...] = called(sentence, locale)

    @property
    def appeals(self) -> bool:
        """Whether it names a source."""
        return bool(self.claims.report or self.claims.cited or self.claims.documents)

    def missing(self, carriers: Sequence[int]) -> str:
        """Return what stands in no carrier, nor, where it is an echo, in what the asker said; or nothing."""
        checks: tuple[tuple[str, Callable[[Sequence[int]], bool]], ...] = (
            ("figure", self._figures),
            ("date", self._dates),
            ("source", self._sources),
            ("quote", self._quotes),
            ("name", self._called),
            ("legal", self._law),
            ("overclaim", self._certainty),
        )
        return next((why for why, check in checks if not check(carriers)), "")

    def unwarranted(self, carriers: Sequence[int]) -> str:
        """Return what it adds on somebody's word or behalf that neither carriers nor asker do; or nothing."""
        checks = (("name", self._bodies), ("source", self._vouched), ("promise", self._promises))
        return next((why for why, check in checks if not check(carriers)), "")

    def strays(self, carriers: Sequence[int]) -> bool:
        """Whether it states something of which neither carriers nor asker have a single word: a half of its own."""
        texts = [*(self._ground.grounds.lines[place] for place in carriers), self._ground.heard]
        return any(
            not any(text.find(word) for text in texts for word in words) and not supposes(clause, self._locale)
            for clause, words in clauses(self._line)
        )

    def wants(self, place: int, chosen: Sequence[int]) -> bool:
        """Whether a passage has a figure, a date or a quotation of the sentence that the chosen ones lack."""
        ground, mine = self._ground, self.claims
        if not (mine.counted.figures or mine.counted.dates or mine.quotes):
            return False
        there, have = ground.claims(place), [ground.claims(one) for one in chosen]
        if any(_fits(figure, [there]) and not _fits(figure, have) for figure in mine.counted.figures):
            return True
        dates = there.counted.dates
        had = [date for one in have for date in one.counted.dates]
        if any(any(map(date.fits, dates)) and not any(map(date.fits, had)) for date in mine.counted.dates):
            return True
        quoted = [ground.squeezed(one) for one in (place, *chosen)] if mine.quotes else []
        return any(one in quoted[0] and not any(one in other for other in quoted[1:]) for one in mine.quotes)

    # Figures and dates

    def _figures(self, carriers: Sequence[int]) -> bool:
        ground, figures = self._ground, self.claims.counted.figures
        if figures and self._bare(carriers):
            return False
        there = self._nearest([place for place in carriers if not ground.passages[place].avoided], ABOUT)
        for figure in figures:
            if _fits(figure, there):
                texts = [ground.folded[place] for place in carriers]
                if not belongs(figure, self._sentence, texts, self._locale):
                    return False
            elif self._sourced or not _fits(figure, [ground.said]):
                return False
        if self._exchanged(carriers):
            return False
        return _no_more(self.claims.amounts, [one.amounts for one in self._nearest(carriers)])

    def _dates(self, carriers: Sequence[int]) -> bool:
        dates = self.claims.counted.dates
        if dates and self._bare(carriers):
            return False
        there = self._nearest(carriers, ABOUT)
        there += [] if self._sourced else [self._ground.said]
        return all(any(date.fits(other) for one in there for other in one.counted.dates) for date in dates)

    def _exchanged(self, carriers: Sequence[int]) -> bool:
        """Whether it puts one figure or date of the cards for another one that stands where it belongs."""
        near = self._ground.grounds.near(self._line, carriers, 0.97)
        if not near or near[0][0] < NEAR:
            return False
        return all(_displaced(self.claims.counted, claims(part.text, self._locale).counted) for _, part in near)

    # Sources and quotations

    def _sources(self, carriers: Sequence[int]) -> bool:
        ground, mine = self._ground, self.claims
        near = self._nearest(carriers)
        closest = [ground.passages[place] for place in carriers[:1]]
        documents = set().union(*(one.documents for one in near))
        documents |= {kind for kind, basis in _BASIS.items() if any(one.basis == basis for one in closest)}
        documents |= set() if mine.cited else ground.said.documents
        refs = set().union(*(refs_of(ground.passages[place].refs) for place in carriers), *(one.refs for one in near))
        refs |= set() if mine.report else ground.said.refs
        if not mine.documents <= documents or not mine.refs <= refs:
            return False
        if mine.report and not any(one.basis == "report" for one in closest):
            return False
        if (mine.cited or mine.documents) and told(self._line, [one.text for one in self._names]) < SOURCED:
            return False
        return not mine.cited or mine.report or ground.grounds.hold(mine.cited, carriers[:1])

    def _quotes(self, carriers: Sequence[int]) -> bool:
        """Whether somebody said so: short words may stand anywhere, longer ones within quotation marks."""
        ground = self._ground
        people = [one.text for one in self._names if one.kind == "person"]
        for quote in self.claims.quotes:
            short = len(quote) <= TERM[self._locale]
            places = [
                place
                for place in carriers
                if (short and quote in ground.squeezed(place))
                or any(quote in one for one in ground.claims(place).quotes)
            ]
            if not places and quote not in ground.said_squeezed:
                return False
            if places and not all(any(stands(one, ground.folded[place]) for place in places) for one in people):
                return False
        return True

    # Names

    def _called(self, carriers: Sequence[int]) -> bool:
        """Whether names are known: from a carrier, its card's subject, or the asker; and none is put for another."""
        ground = self._ground
        near = [ground.folded[place] for place in (*carriers, *self._subjects(carriers))]
        said = "" if self._sourced else ground.said_folded
        known = all(
            any(stands(one.text, text) for text in near) or (one.kind != "thing" and stands(one.text, said))
            for one in self._names
        )
        return known and not self._renamed(carriers)

    def _subjects(self, carriers: Sequence[int]) -> list[int]:
        """Return where the carriers' cards begin: there stands of whom or what the rest is."""
        cards = [one.card for one in self._ground.passages]
        return [cards.index(cards[place]) for place in carriers]

    def _renamed(self, carriers: Sequence[int]) -> bool:
        """Whether the closest carrier has another name where this has one; only a place is none of the others."""
        closest = self._ground.folded[carriers[0]] if carriers else ""
        stray = {one.kind == "place" for one in self._names if not stands(one.text, closest)}
        if not stray or not closest:
            return False
        sentence = folded(self._sentence)
        there = called(self._ground.passages[carriers[0]].text, self._locale)
        return any((one.kind == "place") in stray and not stands(one.text, sentence) for one in there)

    def _bodies(self, carriers: Sequence[int]) -> bool:
        """Whether offices, professions and aid are those that a carrier or the asker speaks of."""
        known = (self._ground.claims(place).bodies for place in (*carriers, *self._subjects(carriers)))
        return self.claims.bodies <= set().union(self._ground.said.bodies, *known)

    # What is said of this very case, and on whose word

    def _vouched(self, carriers: Sequence[int]) -> bool:
        told = any(self._ground.passages[place].kind == SAYING for place in carriers)  # Whoever tells of it says so.
        return told or self.claims.vouched <= set().union(*(one.vouched for one in self._nearest(carriers)))

    def _promises(self, carriers: Sequence[int]) -> bool:
        ground, near = self._ground, self._nearest(carriers)
        if any(ground.passages[place].kind == SAYING for place in carriers):
            return True
        known = (ground.said.promised & TOPICS).union(*(one.promised for one in near))
        # What a card tells of the past may be told in either tense.
        known |= {PAST} if any(ground.passages[place].kind in HAPPENED for place in carriers) else set()
        return self.claims.promised <= known

    # Law and certainty

    def _law(self, carriers: Sequence[int]) -> bool:
        return self.claims.legal <= set().union(*(one.legal for one in self._nearest(carriers)))

    def _certainty(self, carriers: Sequence[int]) -> bool:
        return _no_more(self.claims.certain, [one.certain for one in self._nearest(carriers)])

    def _nearest(self, carriers: Sequence[int], least: float = ALIKE) -> list[Claims]:
        """Return the claims of the sentences that hold most of it, and of those that hold nearly as much."""
        near = self._ground.grounds.near(self._line, carriers, least)
        return [claims(part.text, self._locale) for _, part in near]

    def _bare(self, carriers: Sequence[int]) -> bool:
        """Whether nobody can tell what a number counts, for want of words beside it, and no card says just that."""
        near = self._ground.grounds.near(self._line, carriers, 1.0)
        return told(self._line) < LEAST and not (near and near[0][0] > ALMOST)

    @property
    def _sourced(self) -> bool:
        """Whether it names somebody as its source: then the asker's words are none."""
        return bool(self.claims.report or self.claims.cited)


def _no_more(mine: Counter[str], near: Sequence[Counter[str]]) -> bool:
    """Whether it says nothing more often than one of the sentences that it is nearest to."""
    return all(any(number <= one[kind] for one in near) for kind, number in mine.items())


def _displaced(mine: Counted, theirs: Counted) -> bool:
    """Whether a figure or date of one is missing in the other, and one of the other's in this."""
    strange = [one for one in mine.figures if not any(one.fits(other) for other in theirs.figures)]
    lost = [one for one in theirs.figures if not any(other.fits(one) for other in mine.figures)]
    if any(one.unit == other.unit for one in strange for other in lost):
        return True
    days = [one for one in mine.dates if not any(one.fits(other) for other in theirs.dates)]
    return bool(days) and any(not any(other.fits(one) for other in mine.dates) for one in theirs.dates)


def _fits(figure: Figure, there: Sequence[Claims]) -> bool:
    return any(figure.fits(other) for one in there for other in one.counted.figures)
