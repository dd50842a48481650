"""The guard: lets through what the cards carry, and nothing else a language model wrote.

What can be checked word for word is checked so (`proof.py`): figures, dates, names, quotations and sources must
stand in the passages that carry the sentence, certainty and words of law too. A sentence near a line is compared with
it by what differs, for that is how a statement is turned round. A clause of which they hold no word is no paraphrase,
however true its neighbours. What is left is weighed by how far passages hold its words (`knowledge.support`). At last
nobody may be called on or promised for who is not in the passages. A sentence that other passages carry than those
it names is kept with those. Strict beats fluent: what is dropped costs a little, for the playbook answers.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import product
from typing import get_args

from bot.coach.manner import chatter, proposal, talks_back, unmannered
from bot.coach.passages import Passage, passages_of
from bot.coach.proof import Ground, Proof, laid_out
from bot.model import Verdict
from knowledge.card import Locale, Side
from knowledge.library import Library
from knowledge.line import Line
from knowledge.measure import Measure, score

CARRIES = 1.8
"""The least score of a statement that is kept: `--train` prints what it costs."""
SURE = 0.7
"""How much of a sentence the nearest one of a card holds where looking contrary is being so."""
ITSELF, IN_ORDER = 0.85, 0.1
"""A statement of which one sentence of a card holds so much is that sentence, or a line if its words stand in order;
what differs was looked at before."""
BY_SOURCE = 0.75
"""The share of a sentence's words that a line holds, where the sentence names a source; of the report's, where it is
the report."""
ASKS, ASKED_OF = 0.35, 0.45
"""The share of a question's words that passages and the asker hold, and what a passage holds that it is asked of."""
ADDS = 0.12
"""What a further passage must hold of a sentence to be cited beside the closest."""
HOLDS = 0.2
"""The share of a sentence's words that a line holds which vouches for one of its figures."""

Ranked = Sequence[tuple[int, float]]
Judgement = tuple[str, tuple[int, ...]]
"""Why a sentence is dropped, or nothing; and the places of the passages that carry it."""


def repeats(measure: Measure) -> bool:
    """Whether a statement says what a card says, in its words."""
    return measure.repeats >= ITSELF or (measure.best >= ITSELF and measure.order <= IN_ORDER)


class Guard:
    """Weighs sentences.

    It looks at words alone: measured beside them, the cosine of sentences and of words told nothing more, and one
    embedding takes longer than all the rest for a whole answer.
    """

    def prepare(self, library: Library) -> None:
        """Lay out all lines of all cards. It takes some seconds; else each line is laid out when it first comes."""
        for card, locale, side in product(library.cards.values(), get_args(Locale), (None, *get_args(Side))):
            ground = Ground(tuple(passages_of([card], locale, side)), "", locale)
            for place, line in enumerate(ground.grounds.lines):
                ground.claims(place)
                for sentence in line.sentences:
                    _ = sentence.shape

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
        """Return whether a sentence may go out, and which passages carry it.

        `said` is the asker's own words, whose figures and names may be taken up; `question` tells that it is meant
        as a question to the asker. The passages of an answer are laid out at its first sentence.
        """
        ground = laid_out(tuple(passages), said, locale)
        why, carriers = Weighing(sentence, ground, locale).judged(cited, asked=question)
        if why:
            return Verdict(sentence=sentence, passages=tuple(cited), kept=False, why=why)
        return Verdict(sentence=sentence, passages=tuple(sorted(passages[at].number for at in carriers)), kept=True)

    def whole(self, verdicts: Iterable[Verdict], passages: Sequence[Passage], *, said: str, locale: Locale) -> bool:
        """Return whether what was kept answers: two things are carried, or one that touches what was asked."""
        ground = laid_out(tuple(passages), said, locale)
        places = {one.number: place for place, one in enumerate(passages)}
        kept = [one for one in verdicts if one.kept and one.passages]
        carriers = [places[number] for one in kept for number in one.passages if number in places]
        return len(kept) > 1 or any(map(ground.grounds.touches, carriers))


class Weighing:
    """One sentence before the passages of its answer."""

    def __init__(self, sentence: str, ground: Ground, locale: Locale) -> None:
        self._sentence, self._ground, self._locale = sentence, ground, locale
        self._contrary = ""
        self.measures: list[Measure] = []
        """What was measured of it, once nothing was wrong that can be checked word for word."""

    @cached_property
    def _line(self) -> Line:
        return Line(self._sentence, self._locale)

    @cached_property
    def _proof(self) -> Proof:
        return Proof(self._sentence, self._line, self._ground, self._locale)

    def judged(self, cited: Sequence[int], *, asked: bool) -> Judgement:
        """Judge it."""
        sentence, ground, locale = self._sentence, self._ground, self._locale
        if why := unmannered(sentence, ground.known, locale):
            return why, ()
        named = {place for place, one in enumerate(ground.passages) if one.number in cited}
        back = talks_back(sentence, locale, asked=asked)
        if not back and (place := ground.word_for_word(sentence, named)) is not None:
            # A model that copies is right, unless it copies what is to be avoided and does not say so.
            return ("polarity", ()) if ground.passages[place].avoided else ("", (place,))
        ranked = ground.grounds.ranked(self._line)
        mine = [one for one in ranked if one[0] in named]
        self._contrary = self._turned(ranked) or self._turned(mine)
        if self._contrary and self._ground.grounds.nearest(self._line, ranked) >= SURE:
            return self._proof.missing(self._carriers(ranked)) or self._contrary, ()
        states = self._proof.appeals or proposal(sentence, locale)
        if back and not states:
            return self._question(ranked, named)
        if chatter(sentence, ground.said_folded, locale):
            return self._proof.missing(()) or self._proof.unwarranted(()), ()
        return self._statement(mine, ranked, sourced=bool(named))

    def _turned(self, ranked: Ranked) -> str:
        return self._ground.grounds.contrary(self._line, [place for place, _ in ranked])

    def _question(self, ranked: Ranked, named: set[int]) -> Judgement:
        """Judge a question back: it claims nothing, but must not smuggle anything in."""
        places = [place for place, _ in ranked]
        near = tuple(place for place, share in ranked[:1] if share >= ASKED_OF and (not named or place in named))
        why = self._proof.missing(places) or self._proof.unwarranted(places)
        return why or ("" if self._measured(places).all >= ASKS else "foreign"), near

    def _statement(self, mine: Ranked, ranked: Ranked, *, sourced: bool) -> Judgement:
        """Judge a statement by the passages that it names; if they do not carry it, by all."""
        first = self._carried(mine) if mine else ("foreign", ())
        judged = first if first[0] in ("", "polarity") else self._carried(ranked)
        if judged[0] and mine:
            judged = first
        return ("unsourced", ()) if judged[0] == "foreign" and not sourced else judged

    def _carried(self, ranked: Ranked) -> Judgement:
        """Judge a statement by some passages, the closest first."""
        if self._proof.claims.report:
            ranked = [one for one in ranked if self._ground.passages[one[0]].basis == "report"]
        if self._proof.appeals and (not ranked or ranked[0][1] < BY_SOURCE):
            return "source", ()
        if not ranked:
            return self._proof.missing(()) or "foreign", ()
        carriers = self._carriers(ranked)
        if why := self._proof.missing(carriers):
            return why, ()
        measure = self._measured([place for place, _ in ranked])
        self.measures.append(measure)
        if self._proof.strays(carriers):
            return "foreign", ()
        contrary = self._contrary or ("polarity" if measure.turned else "")
        if not (repeats(measure) and not contrary) and score(measure) < CARRIES:
            return contrary or "foreign", carriers
        return self._proof.unwarranted(carriers), carriers

    def _measured(self, places: Sequence[int]) -> Measure:
        return self._ground.grounds.measure(self._line, places, contrary=bool(self._contrary))

    def _carriers(self, ranked: Ranked) -> tuple[int, ...]:
        """Return the closest passage, and those that add something to it: words, or a figure, a date, a quotation."""
        places = [place for place, _ in ranked]
        chosen = [places[0], *self._ground.grounds.adding(self._line, places, ADDS)]
        for place, share in ranked:
            fit = share >= HOLDS and not self._ground.passages[place].avoided
            if fit and place not in chosen and self._proof.wants(place, chosen):
                chosen.append(place)
        return tuple(chosen)
