"""Passages: the lines of cards that a language model may rest on, numbered from 1."""

import re
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
_LABELS, _NUMBERS = r"(?:passages?|文|番号)\s*[:：]?\s*", r"\d{1,3}(?:\s*[,、，]\s*\d{1,3})*"
_CITED = re.compile(
    rf"\s*(?:[\[［【]\s*(?:{_LABELS})?{_NUMBERS}(?:†[^\]］】]*)?\s*[\]］】]|[(（]\s*{_LABELS}\[?{_NUMBERS}\]?\s*[)）])",
    re.IGNORECASE,
)
"""Numbers of passages within a sentence: [3], 【1, 4】, (passage 2)."""


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


def numbers_in(value: object) -> list[int]:
    """Return the numbers of passages, however a model writes them: [1], "[1]", "1, 2", 1, null."""
    if isinstance(value, str):
        return [int(one) for one in re.findall(r"\d{1,9}", value)]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for one in value for number in numbers_in(one)]
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return [int(value)] if whole and abs(value) < 10**9 else []  # type: ignore[call-overload, arg-type]


def without_numbers(sentence: str) -> tuple[str, list[int]]:
    """Return a sentence without the numbers of passages that some models write into it, and these numbers."""
    found = [number for cited in _CITED.finditer(sentence) for number in numbers_in(cited.group())]
    return _CITED.sub("", sentence).strip(), found
