"""An answer's page: which lines of a card are said to this asker, and how much fits.

A page has at most 600 Japanese characters or 220 English words: an answer is read between two meetings.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.model import Situation
from knowledge.card import Basis, Card, Line, Locale, Part
from prompts import render

MOST = {"ja": 600, "en": 220}
# The cosines of one card's lines span about 0.05. What to do and say is the asker's own; what answers is the closest.
OWN_SIDE, OWN_ANSWER = 0.03, 0.01
# A card's first answer says the thing itself; another comes before it only when it is this much closer.
CORE = 0.04
# An example much further from the question than its answer is another story.
STRAY = 0.06
STEPS, FEWEST_STEPS = 4, 2
FACTS = ("statistic", "programme", "term", "case")


@dataclass(frozen=True)
class Page:
    """What is on it. Rendered, it is the answer."""

    locale: Locale
    leads: tuple[str, ...]
    steps: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    case: str = ""
    question: str = ""
    opening: str = ""
    sources: str = ""

    def render(self) -> str:
        """Return the text."""
        joint = "" if self.locale == "ja" else " "
        text = render(
            "answer",
            self.locale,
            opening=self.opening,
            lead=joint.join(self.leads),
            steps=self.steps,
            words=self.words,
            case=self.case,
            question=self.question,
            sources=self.sources,
        )
        return re.sub(r"\n{3,}", "\n\n", text)

    def with_source_of_case(self, report: str, basis: Basis) -> "Page":
        """Return the page with the report named as the source of its example, where the rest does not rest on it."""
        if not self.case or basis == "report":
            return self
        return replace(self, sources=f"{self.sources}{render('case_source', self.locale, source=report)}")

    def fitted(self) -> "Page":
        """Return the page cut to length: the least needed goes first, the answer itself never."""
        cuts: tuple[Callable[[Page], Page], ...] = (
            lambda page: replace(page, words=page.words[:1]),
            lambda page: replace(page, steps=page.steps[:3]),
            lambda page: replace(page, words=()) if page.case else page,
            lambda page: replace(page, leads=page.leads[:2]),
            lambda page: replace(page, case="") if page.steps or len(page.leads) > 1 else page,
            lambda page: replace(page, words=()),
            lambda page: replace(page, steps=page.steps[:FEWEST_STEPS]),
            lambda page: replace(page, leads=page.leads[:1]),
            lambda page: replace(page, opening=""),
            lambda page: replace(page, question=""),
        )
        page = self
        for cut in cuts:
            if length(page.render(), self.locale) <= MOST[self.locale]:
                return page
            page = cut(page)
        return page


def length(text: str, locale: Locale) -> int:
    """Return characters of Japanese without white space, or words of English."""
    return len("".join(text.split())) if locale == "ja" else len(text.split())


Closeness = Callable[[Card, Line, Part], float]
"""How close a card's line is to the question; from 0 to 1."""


@dataclass(frozen=True)
class Clerk:
    """Picks lines of cards for one asker and one question."""

    locale: Locale
    situation: Situation
    closeness: Closeness
    said: str
    """What the bot has said in this talk; it does not say it again."""

    def leads(self, card: Card, most: int = 2) -> tuple[str, ...]:
        """Return the sentences that answer, the most direct one first.

        A card's first line says the thing itself and comes first, unless another answers much more closely. A fact is
        a fact for both sides; advice is chosen for the asker's own.
        """
        known = self.fresh(card, Part.ANSWER)
        plain = {line: self.closeness(card, line, Part.ANSWER) for line in known}
        core = card.body(self.locale).parts[Part.ANSWER][0]
        first = max(known, key=lambda line: plain[line] + (CORE if line == core else 0.0))
        own = 0.0 if card.front.kind in FACTS else OWN_ANSWER
        rest = sorted(
            (line for line in known if line != first),
            # Whatever else is said, the thing itself is.
            key=lambda line: -plain[line] - (own if line.side else 0.0) - (1.0 if line == core else 0.0),
        )
        return tuple(line.text for line in (first, *rest)[:most])

    def own_leads(self, card: Card) -> tuple[str, ...]:
        """Return what is said to this side alone, or else the thing itself."""
        lines = card.body(self.locale).lines(Part.ANSWER, self.situation.side)
        own = sorted((line for line in lines if line.side), key=lambda line: line.text in self.said)
        return tuple(line.text for line in (own or lines)[:1])

    def steps(self, card: Card, most: int = STEPS) -> tuple[str, ...]:
        """Return the steps in their order. They build on each other, so a few of many are the first few."""
        return tuple(line.text for line in self.fresh(card, Part.STEPS)[:most])

    def lines(self, card: Card, part: Part, most: int) -> tuple[str, ...]:
        """Return the closest lines of a part, the asker's own side's before others'."""
        known = self.fresh(card, part)
        best = sorted(known, key=lambda line: -self.closeness(card, line, part) - (OWN_SIDE if line.side else 0.0))
        return tuple(line.text for line in best[:most])

    def fresh(self, card: Card, part: Part) -> tuple[Line, ...]:
        """Return the lines for this asker that were not said yet; all of them if hardly any is left."""
        lines = card.body(self.locale).lines(part, self.situation.side)
        fresh = tuple(line for line in lines if line.text not in self.said)
        enough = 1 if part is Part.ANSWER else min(FEWEST_STEPS, len(lines))
        return fresh if len(fresh) >= enough else lines

    def near(self, card: Card, text: str, part: Part) -> float:
        """Return how close a line of this text is to the question."""
        return self.closeness(card, Line(text=text), part)
