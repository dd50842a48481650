"""An answer's page: which lines of a card are said to this asker, and how much fits.

A page has at most 600 Japanese characters or 220 English words: an answer is read between two meetings.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.coach.cite import sources_line
from bot.model import Situation
from knowledge.card import Basis, Card, Line, Locale, Part
from knowledge.library import Source
from prompts import render

MOST = {"ja": 600, "en": 220}
# Cosines of e5 lie close together: a line for the asker's own side gains about one rank by this.
OWN_SIDE = 0.03
# A card's first answer says the thing itself; another one comes before it only when it is clearly closer.
CORE = 0.02
STEPS, FEWEST_STEPS = 4, 2


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
    heading: str = ""
    """What the steps are, when they are not steps."""
    sources: str = ""

    def render(self) -> str:
        """Return the text."""
        joint = "" if self.locale == "ja" else " "
        text = render(
            "answer",
            self.locale,
            opening=self.opening,
            lead=joint.join(self.leads),
            heading=self.heading,
            steps=self.steps,
            words=self.words,
            case=self.case,
            question=self.question,
            sources=self.sources,
        )
        return re.sub(r"\n{3,}", "\n\n", text)

    def fitted(self) -> "Page":
        """Return the page cut to length: the least needed goes first, the answer itself never."""
        cuts: tuple[Callable[[Page], Page], ...] = (
            lambda page: replace(page, steps=page.steps[:3]),
            lambda page: replace(page, words=page.words[:1]),
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

    def lines(self, card: Card, part: Part, most: int) -> tuple[str, ...]:
        """Return the best lines, in the order in which they stand on the card."""
        known = self.fresh(card, part)
        best = sorted(known, key=lambda line: -self._worth(card, line, part))[:most]
        return tuple(line.text for line in known if line in best)

    def fresh(self, card: Card, part: Part) -> tuple[Line, ...]:
        """Return the lines for this asker that were not said yet; all of them if hardly any is left."""
        lines = card.body(self.locale).lines(part, self.situation.side)
        fresh = tuple(line for line in lines if line.text not in self.said)
        return fresh if len(fresh) >= min(FEWEST_STEPS, len(lines)) or (part is Part.ANSWER and fresh) else lines

    def leads(self, card: Card) -> tuple[str, ...]:
        """Return the two sentences closest to the question."""
        return self.lines(card, Part.ANSWER, 2)

    def sources(self, cards: Sequence[Card], sources: dict[Basis, Source], *, stepped: bool) -> str:
        """Return the foot of the page."""
        return sources_line(cards, sources, self.locale, stepped=stepped)

    def _worth(self, card: Card, line: Line, part: Part) -> float:
        first = part is Part.ANSWER and line == card.body(self.locale).parts[part][0]
        own = OWN_SIDE if line.side is not None else 0.0
        return self.closeness(card, line, part) + own + (CORE if first else 0.0)
