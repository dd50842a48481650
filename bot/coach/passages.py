"""Passages: the lines of cards that a language model may rest on, numbered from 1."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from knowledge.card import Basis, Card, Line, Locale, Part, Side

MOST = 40
"""Passages of one answer: what a model still reads with care."""
AVOID: dict[Locale, str] = {"ja": "避けたいこと: ", "en": "To avoid: "}
"""What stands before a mistake, lest it be taken for advice."""
# What is needed most comes first, where not everything has room.
_ORDER = (Part.ANSWER, Part.STEPS, Part.CASE, Part.WORDS, Part.MISTAKES, Part.QUESTION)
_FEWEST = 6
"""Lines that each card has at least, if it has so many."""


class Passage(NamedTuple):
    """One line of a card, as it may be said to this asker."""

    number: int
    card: str
    text: str
    basis: Basis
    refs: tuple[str, ...]
    kind: str
    """The card's kind."""

    @property
    def avoided(self) -> bool:
        """Whether it says what not to do."""
        return self.text.startswith(tuple(AVOID.values()))


def passages_of(cards: Sequence[Card], locale: Locale, side: Side | None) -> tuple[Passage, ...]:
    """Return the passages for somebody of a side; a line that is said to one side only is for nobody else.

    The first card, which answers, has most of the room; of the others there is at least what they say first.
    """
    shelves = [list(_lines(card, locale, side)) for card in cards]
    fewest = [min(_FEWEST, MOST // len(shelves), len(lines)) for lines in shelves]
    found: list[Passage] = []
    for number, (card, lines) in enumerate(zip(cards, shelves, strict=True)):
        front, kept = card.front, sum(fewest[number + 1 :])
        for text in lines[: MOST - len(found) - kept]:
            found.append(Passage(len(found) + 1, card.id, text, front.basis, front.refs, front.kind))
    return tuple(found)


def _lines(card: Card, locale: Locale, side: Side | None) -> Iterator[str]:
    body = card.body(locale)
    for part in _ORDER:
        for number, line in enumerate(body.lines(part, side)):
            if part is Part.ANSWER and number == 0:
                yield _titled(body.title, line, locale)
            else:
                yield AVOID[locale] + line.text if part is Part.MISTAKES else line.text


def _titled(title: str, line: Line, locale: Locale) -> str:
    return f"{title}。{line.text}" if locale == "ja" else f"{title}. {line.text}"
