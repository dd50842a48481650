"""The playbook composer: answers from cards, without a language model.

Its sentences are the cards' own, chosen for this question, this side and this moment, so nothing can be invented.
"""

import re
from collections.abc import Sequence

from bot.coach.page import FACTS, FEWEST_STEPS, STEPS, STRAY, Clerk, Page
from bot.coach.reading import READ_AT_MOST, Facet, Reader, Reading
from bot.coach.sources import place_with_title, sources_line
from bot.exercises import exercises
from bot.model import Answer, AnswerKind, Asker, Said, Situation
from bot.papers import short
from bot.ports import NOBODY, Aloud
from knowledge.card import Card, Line, Locale, Part
from knowledge.library import Library, load_sources
from knowledge.search import CardSearch
from prompts import render

CITED = 3
# A card that scores less than this share of the best one is about something else.
OFFERED = 0.6
UNWRITTEN = 0.5
# A question this near to something that people ask is that question.
FAMILIAR = 0.62
ABOUT_NDA = {"GDE-20-nda-first", "FAC-04-nda-advice", "GDE-21-nda-mou"}
ABOUT_TRYING = {
    "GDE-23-mvp",
    "GDE-31-small-experiment-partner",
    "GDE-34-talk-then-stop",
    "GDE-35-go-stop-speed",
    "GDE-36-search-is-process",
    "GDE-37-learn-each-time",
    "GDE-46-expect-progress-not-result",
}
QUOTED = 60
"""Characters of the record that an answer may begin with."""
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

    def answer(
        self,
        question: str,
        *,
        locale: Locale,
        situation: Situation,
        history: Sequence[Said] = (),
        asker: Asker = NOBODY,  # Cards hold nobody's words; that there is a partnership tells what one asks about.
        aloud: Aloud | None = None,  # It is made at once.
    ) -> Answer:
        """Answer a question, or say kindly why not."""
        reading = self._reader.read(question, situation, history, among=bool(asker.room))
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
            next=self._next(self._worth_offering(used[0], reading), clerk.locale, reading.facet, used[0]),
        )

    def _page(self, facet: Facet, cards: Sequence[Card], clerk: Clerk, reading: Reading) -> tuple[Page, list[Card]]:
        card = cards[0]
        locale = clerk.locale
        if facet == "example" and (found := self._example(cards, clerk)):
            case, owner = found
            steps = clerk.steps(card, 2)
            foot = self._foot([owner], clerk)
            return Page(locale, (case,), steps, question=self._question(card, clerk), sources=foot), [owner]
        if facet == "words" and (words := clerk.lines(card, Part.WORDS, 4)):
            lead = render("leading", locale, what="words")
            return Page(locale, (lead,), words=words, sources=self._foot([card], clerk)), [card]
        if facet == "mistakes" and (mistakes := clerk.lines(card, Part.MISTAKES, 3)):
            lead = render("leading", locale, what="mistakes")
            return Page(locale, (lead,), mistakes, sources=self._foot([card], clerk)), [card]
        if facet == "source":
            return Page(locale, (self._where(card, locale),), sources=self._foot([card], clerk)), [card]
        return self._full_page(facet, card, clerk, reading), [card]

    def _full_page(self, facet: Facet, card: Card, clerk: Clerk, reading: Reading) -> Page:
        return Page(
            clerk.locale,
            self._leads(facet, card, clerk),
            self._steps(facet, card, clerk),
            words=self._words(card, clerk, reading),
            case=self._case(card, clerk),
            question=self._question(card, clerk),
            opening=self._opening(facet, card, clerk),
            sources=self._foot([card], clerk),
        ).with_source_of_case(self._sources["report"].name(clerk.locale), card.front.basis)

    def _steps(self, facet: Facet, card: Card, clerk: Clerk) -> tuple[str, ...]:
        if facet == "detail":
            return clerk.steps(card, STEPS + 2)
        return clerk.steps(card, FEWEST_STEPS if card.front.kind in ("statistic", "term") else STEPS)

    def _leads(self, facet: Facet, card: Card, clerk: Clerk) -> tuple[str, ...]:
        if facet == "detail":
            return (render("leading", clerk.locale, what="detail"),)
        if facet.startswith("other_side"):
            return clerk.own_leads(card)
        return clerk.leads(card, 2 if facet == "new_topic" else 1)

    def _words(self, card: Card, clerk: Clerk, reading: Reading) -> tuple[str, ...]:
        """Return something to say, where the asker wants it or the card has it for this side."""
        own = any(line.side for line in clerk.fresh(card, Part.WORDS))
        wanted = own or card.front.basis == "practice" or self._reader.asks_for_words(reading)
        return clerk.lines(card, Part.WORDS, 1) if wanted else ()

    def _case(self, card: Card, clerk: Clerk) -> str:
        """Return an example, unless it is another story or was told before."""
        cases = clerk.lines(card, Part.CASE, 1)
        if not cases or cases[0] in clerk.said or card.front.kind in FACTS:
            return ""
        answered = clerk.near(card, clerk.leads(card, 1)[0], Part.ANSWER)
        return cases[0] if clerk.near(card, cases[0], Part.CASE) > answered - STRAY else ""

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
            return render("opening", clerk.locale, what=facet, theme="", tried="")
        opening = ""
        if nda is not None and ABOUT_NDA & set(card.front.covers):
            opening = render("opening", clerk.locale, what=nda, theme="", tried="")
        elif card.front.kind == "guidance":
            opening = self._of_this_pair(card, clerk)
        return "" if opening in clerk.said else opening

    def _of_this_pair(self, card: Card, clerk: Clerk) -> str:
        """Return what the record says that belongs to this: what was tried before, or the theme of the two."""
        situation = clerk.situation
        if situation.tried and ABOUT_TRYING & set(card.front.covers):
            return render("opening", clerk.locale, what="tried", theme="", tried=short(situation.tried[-1], QUOTED))
        if situation.theme:
            return render("opening", clerk.locale, what="theme", theme=short(situation.theme, QUOTED), tried="")
        return ""

    def _foot(self, cards: Sequence[Card], clerk: Clerk) -> str:
        return sources_line(cards, self._sources, clerk.locale)

    def _worth_offering(self, used: Card, reading: Reading) -> list[Card]:
        """Return cards to go on to: those found that are not far behind, then the used card's relatives."""
        best = reading.found.hits[0].score
        near = [hit.card for hit in reading.found.hits[:CITED] if hit.score >= OFFERED * best]
        cards = [self._library[card] for card in dict.fromkeys([*near, *used.front.related]) if card != used.id]
        return [card for card in cards if card.front.kind != "trap"]

    def _next(
        self, cards: Sequence[Card], locale: Locale, facet: Facet | None, used: Card | None = None
    ) -> tuple[str, ...]:
        """Return three things to ask or do next, as the person would say them; an exercise where one fits."""
        fitting = [kind for kind in exercises().values() if used is not None and used.id in kind.cards]
        follow = {"new_topic": ("example", "detail"), "example": ("detail",)}.get(facet or "", ("example",))
        found = [render("next", locale, what=what) for what in follow] if facet else []
        found += [f"/coach {kind.title(locale)}" for kind in fitting[:1]]
        found += [self._search.typical_ask(card, locale) for card in cards]
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
            page, used = self._trapped(trap, others, clerk)
        else:
            near = others[0]
            leads = (render("unwritten", clerk.locale), *clerk.leads(near, 1))
            page = Page(clerk.locale, leads, question=self._question(near, clerk), sources=self._foot([near], clerk))
            used = [near]
        cited = [*([trap] if trap else []), *(card for card in used if card is not trap), *others]
        cited = list({card.id: card for card in cited}.values())
        return Answer(
            kind="not_in_report",
            locale=clerk.locale,
            text=page.fitted().render(),
            citations=tuple(card.citation for card in cited[:CITED]),
            next=self._next(others[:3], clerk.locale, None),
        )

    def _trapped(self, trap: Card, others: Sequence[Card], clerk: Clerk) -> tuple[Page, list[Card]]:
        """Say that the report does not say it; then what another basis has to say about it, if one has."""
        related = [self._library[card] for card in trap.front.related]
        elsewhere = [card for card in (*others, *related) if card.front.basis != "report" and card in related]
        if not elsewhere:
            page = Page(
                clerk.locale,
                clerk.leads(trap),
                clerk.steps(trap, 3),
                question=self._question(trap, clerk),
                sources=self._foot([trap], clerk),
            )
            return page, [trap]
        practical = elsewhere[0]
        bridge = render("practical", clerk.locale, basis=practical.front.basis)
        page = Page(
            clerk.locale,
            (*clerk.leads(trap, 1), bridge, *clerk.leads(practical, 1)),
            clerk.steps(practical, 3),
            question=self._question(practical, clerk),
            sources=self._foot([trap, practical], clerk),
        )
        return page, [trap, practical]

    # What is not a question that can be answered

    def _honest_part(self, question: str, reading: Reading) -> Reading:
        """Return the reading of what is asked beside instructions, if anything is."""
        parts = [part for part in _SENTENCE.split(question[:READ_AT_MOST]) if part and len(part.strip()) > 5]
        readings = [self._reader.on_topic(part, reading.situation) for part in parts[:8]] if len(parts) > 1 else []
        found = [part for part in readings if part is not None]
        return max(found, key=lambda part: part.found.hits[0].score) if found else reading

    def _clarify(self, reading: Reading, locale: Locale) -> Answer:
        near = reading.found.cards[:3] if reading.found.nearest >= FAMILIAR else STARTING_POINTS
        offered = tuple(self._search.typical_ask(self._library[card], locale) for card in near)
        answer = self._plain("clarify", "clarify", locale, side=reading.situation.side)
        return answer.model_copy(update={"next": offered})

    def _plain(self, kind: AnswerKind, template: str, locale: Locale, **values: object) -> Answer:
        return Answer(kind=kind, locale=locale, text=render(template, locale, **values))

    def _clerk(self, reading: Reading, locale: Locale, history: Sequence[Said]) -> Clerk:
        said = "\n".join(one.text for one in history if one.role == "bot")
        closeness = self._search.closeness(reading.topic, reading.found.vector)

        def close(card: Card, line: Line, part: Part) -> float:
            return closeness(card, locale, part, line)

        return Clerk(locale, reading.situation, close, said)
