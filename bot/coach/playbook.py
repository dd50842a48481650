"""The playbook composer: answers from cards, without a language model.

Its sentences are the cards' own, chosen for this question, this side and this moment, so nothing can be invented.
"""

import re
from collections.abc import Sequence

from bot.coach.cite import place_with_title
from bot.coach.page import STEPS, Clerk, Page
from bot.coach.reading import READ_AT_MOST, Facet, Reader, Reading
from bot.model import Answer, AnswerKind, Said, Situation
from knowledge.card import Card, Line, Locale, Part
from knowledge.library import Library, load_sources
from knowledge.search import CardSearch
from prompts import render

CITED = 3
UNWRITTEN = 0.5
# A question this near to something that people ask is that question.
FAMILIAR = 0.62
ABOUT_NDA = {"GDE-20-nda-first", "FAC-04-nda-advice", "GDE-21-nda-mou"}
STARTING_POINTS = ("theme-setting", "nda-timing", "cost-timing")
# Not a topic but the name of one document.
_THE_REPORT = re.compile(r"レポート|報告書|報告|資料|日本総研|JRI|\b(?:report|paper|study)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[。！？!?])\s*|(?<=\.)\s+|\n+")


class Playbook:
    """Answers from the cards."""

    def __init__(self, library: Library, search: CardSearch, reader: Reader | None = None) -> None:
        self._library, self._search = library, search
        self._reader = reader or Reader(search)
        self._sources = load_sources()

    def answer(self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = ()) -> Answer:
        """Answer a question, or say kindly why not."""
        reading = self._reader.read(question, situation, history)
        if reading.kind == "injection":
            reading = self._honest_part(question, reading)
        if reading.kind == "smalltalk":
            return self._plain("smalltalk", "smalltalk", locale, act=reading.act)
        if reading.kind == "clarify":
            return self._clarify(reading, locale)
        if reading.kind in ("off_topic", "injection"):
            return self._plain("off_topic", "off_topic", locale, why=reading.kind)
        clerk = self._clerk(reading, locale, history)
        if self._unwritten(reading):
            return self._not_in_report(reading, clerk)
        answer = self._coached(reading, clerk)
        if len(question) > READ_AT_MOST:
            answer = answer.model_copy(update={"text": f"{render('long', locale)}\n{answer.text}"})
        return answer

    # What is on the subject

    def _coached(self, reading: Reading, clerk: Clerk) -> Answer:
        cards = [self._library[card] for card in reading.found.cards[:CITED]]
        page, used = self._page(reading.facet, cards, clerk, reading)
        page = page.fitted()
        cited = [*used, *(card for card in cards if card not in used)][:CITED]
        return Answer(
            kind="answer",
            locale=clerk.locale,
            text=page.render(),
            citations=tuple(card.citation for card in cited),
            next=self._next(cited[1:], clerk.locale, example=not page.case, detail=reading.facet != "detail"),
        )

    def _page(self, facet: Facet, cards: Sequence[Card], clerk: Clerk, reading: Reading) -> tuple[Page, list[Card]]:
        card = cards[0]
        locale = clerk.locale
        if facet == "example" and (found := self._example(cards, clerk)):
            case, owner = found
            steps = clerk.lines(card, Part.STEPS, 2)
            foot = self._foot([owner], clerk, steps)
            return Page(locale, (case,), steps, question=self._question(card, clerk), sources=foot), [owner]
        if facet == "words" and (words := clerk.lines(card, Part.WORDS, 4)):
            page = Page(locale, clerk.leads(card)[:1], words=words, sources=self._foot([card], clerk, words))
            return page, [card]
        if facet == "mistakes" and (mistakes := clerk.lines(card, Part.MISTAKES, 3)):
            page = Page(
                locale,
                clerk.leads(card)[:1],
                steps=mistakes,
                heading=render("heading", locale, what="mistakes"),
                sources=self._foot([card], clerk, mistakes),
            )
            return page, [card]
        if facet == "source":
            return Page(locale, (self._where(card, locale),), sources=self._foot([card], clerk, ())), [card]
        return self._full_page(facet, card, clerk, reading), [card]

    def _full_page(self, facet: Facet, card: Card, clerk: Clerk, reading: Reading) -> Page:
        steps = clerk.lines(card, Part.STEPS, STEPS if facet in ("detail", "own_case", "aspect") else 3)
        words = clerk.lines(card, Part.WORDS, 1)
        wanted = card.front.basis == "practice" or self._reader.asks_for_words(reading)
        cases = clerk.lines(card, Part.CASE, 1)
        return Page(
            clerk.locale,
            clerk.leads(card) if facet == "new_topic" else clerk.leads(card)[:1],
            steps,
            words=words if wanted else (),
            case=cases[0] if cases and cases[0] not in clerk.said else "",
            question=self._question(card, clerk),
            opening=self._opening(facet, card, clerk),
            sources=self._foot([card], clerk, steps),
        )

    def _example(self, cards: Sequence[Card], clerk: Clerk) -> tuple[str, Card] | None:
        """Return a case for the topic: the card's own, else one of a card that is about the same thing."""
        topic = cards[0]
        related = [self._library[card] for card in topic.front.related]
        akin = [card for card in cards[1:] if set(card.front.covers) & set(topic.front.covers)]
        stories = [card for card in (*akin, *related) if card.front.kind == "case"]
        for card in (topic, *stories, *akin, *related):
            part = Part.ANSWER if card in stories else Part.CASE
            lines = [line for line in clerk.lines(card, part, 1) if line not in clerk.said]
            if lines:
                return lines[0], card
        return None

    def _where(self, card: Card, locale: Locale) -> str:
        source = self._sources[card.front.basis]
        places = [place_with_title(ref, source, locale) for ref in card.front.refs]
        return render("where", locale, basis=card.front.basis, source=source.name(locale), places=places)

    def _question(self, card: Card, clerk: Clerk) -> str:
        questions = [line for line in clerk.lines(card, Part.QUESTION, 1) if line not in clerk.said]
        return questions[0] if questions else ""

    def _opening(self, facet: Facet, card: Card, clerk: Clerk) -> str:
        nda = clerk.situation.nda
        if facet.startswith("other_side"):
            return render("opening", clerk.locale, what=facet)
        if nda is None or clerk.said or not ABOUT_NDA & set(card.front.covers):
            return ""
        return render("opening", clerk.locale, what=nda)

    def _foot(self, cards: Sequence[Card], clerk: Clerk, steps: Sequence[str]) -> str:
        return clerk.sources(cards, self._sources, stepped=bool(steps))

    def _next(self, cards: Sequence[Card], locale: Locale, *, example: bool, detail: bool) -> tuple[str, ...]:
        found = [render("next", locale, what="example", title="")] if example else []
        found += [render("next", locale, what="detail", title="")] if detail else []
        found += [render("next", locale, what="card", title=card.body(locale).title) for card in cards]
        return tuple(found[:3])

    # What the report does not say

    def _unwritten(self, reading: Reading) -> bool:
        if reading.facet != "new_topic":
            return False
        return self._is_trap(reading.found.cards[0]) or self._asks_the_unsaid(reading)

    def _is_trap(self, card: str) -> bool:
        return self._library[card].front.kind == "trap"

    def _asks_the_unsaid(self, reading: Reading) -> bool:
        """Whether the report is asked, by name, for something that stands nowhere in it."""
        familiar = reading.found.nearest >= FAMILIAR and not any(map(self._is_trap, reading.found.cards[:CITED]))
        named = _THE_REPORT.search(reading.topic) is not None
        return named and not familiar and self._reader.asks_of_the_report(reading) > UNWRITTEN

    def _not_in_report(self, reading: Reading, clerk: Clerk) -> Answer:
        cards = [self._library[card] for card in reading.found.cards]
        trap = next((card for card in cards[:CITED] if card.front.kind == "trap"), None)
        others = [card for card in cards if card.front.kind != "trap"][:CITED]
        if trap is not None and (reading.found.nearest >= FAMILIAR - 0.1 or reading.found.vector is None):
            steps = clerk.lines(trap, Part.STEPS, 3)
            page = Page(
                clerk.locale,
                clerk.leads(trap),
                steps,
                question=self._question(trap, clerk),
                sources=self._foot([trap], clerk, steps),
            )
            cited = [trap, *others]
        else:
            near = others[0]
            page = Page(
                clerk.locale,
                (render("unwritten", clerk.locale), *clerk.leads(near)[:1]),
                question=self._question(near, clerk),
                sources=self._foot([near], clerk, ()),
            )
            cited = [trap, *others] if trap is not None else others
        return Answer(
            kind="not_in_report",
            locale=clerk.locale,
            text=page.fitted().render(),
            citations=tuple(card.citation for card in cited[:CITED]),
            next=self._next(others[:2], clerk.locale, example=False, detail=False),
        )

    # What is not a question that can be answered

    def _honest_part(self, question: str, reading: Reading) -> Reading:
        """Return the reading of what is asked beside instructions, if anything is."""
        parts = [part for part in _SENTENCE.split(question[:READ_AT_MOST]) if part and len(part.strip()) > 5]
        readings = [self._reader.on_topic(part, reading.situation) for part in parts[:8]] if len(parts) > 1 else []
        found = [part for part in readings if part is not None]
        return max(found, key=lambda part: part.found.hits[0].score) if found else reading

    def _clarify(self, reading: Reading, locale: Locale) -> Answer:
        near = reading.found.cards[:3] if reading.found.nearest >= FAMILIAR else STARTING_POINTS
        titles = [self._library[card].body(locale).title for card in near]
        offered = tuple(render("next", locale, what="card", title=title) for title in titles)
        return self._plain("clarify", "clarify", locale, side=reading.situation.side).model_copy(
            update={"next": offered}
        )

    def _plain(self, kind: AnswerKind, template: str, locale: Locale, **values: object) -> Answer:
        return Answer(kind=kind, locale=locale, text=render(template, locale, **values))

    def _clerk(self, reading: Reading, locale: Locale, history: Sequence[Said]) -> Clerk:
        said = "\n".join(one.text for one in history if one.role == "bot")
        closeness = self._search.closeness(reading.topic, reading.found.vector)

        def close(card: Card, line: Line, part: Part) -> float:
            return closeness(card, locale, part, line)

        return Clerk(locale, reading.situation, close, said)
