"""The model composer: a language model's words, the cards' content.

The playbook finds what is to be said and decides whether there is anything to say. Then a language model says it, in
sentences that each name the passages they rest on; the guard drops what they do not carry. When what is left does not
answer, or no answer comes, the playbook's goes out.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import get_args

from bot.coach.briefing import Case, Recital, briefing, case, prompt_version, without
from bot.coach.cite import Guard
from bot.coach.manuscript import Composed, Manuscript, asks
from bot.coach.passages import Passage, passages_of
from bot.coach.sources import place_with_title, sources_line
from bot.errors import ModelError
from bot.model import Answer, Asker, Nda, Said, Situation, Trace, TraceEnd, Verdict
from bot.ports import NOBODY, Aloud, Composer, Listener, Model, Prompt, Written
from bot.redact import Veil
from bot.watch import HEARD
from knowledge.card import Card, Frozen, Locale, Part, Side
from knowledge.ear import READ_AT_MOST as HEARD_AT_MOST
from knowledge.ear import Words, sentences
from knowledge.library import Library, load_sources
from prompts import render

CITED = 3
_VIEWS: dict[str, Side] = {"other_side_startup": "startup", "other_side_sme": "sme"}
UNSENT: tuple[TraceEnd, ...] = ("budget", "resting", "forbidden", "secret")
"""Ends at which nothing had left."""
Veiling = Callable[[str, Sequence[str]], Veil]
"""From a room's key and the names in it to what hides them."""
# No card has such brackets: they are of placeholders, of our blocks, or of no answer at all; nor a lost letter.
_STRANGE = re.compile(r"[<>‹›\[\]［］【】{}｛｝\ufffd]")
_log = logging.getLogger("nakodo.coach")


class Request(Frozen):
    """A question as it was put to the coach: enough to put it again."""

    question: str
    locale: Locale
    situation: Situation
    history: tuple[Said, ...] = ()
    asker: Asker = NOBODY

    def put_to(self, coach: Composer, aloud: Aloud | None = None) -> Answer:
        """Ask."""
        return coach.answer(
            self.question,
            locale=self.locale,
            situation=self.situation,
            history=self.history,
            asker=self.asker,
            aloud=aloud,
        )


class Fluent:
    """Answers with a language model, and with the playbook where that does not come to an answer."""

    def __init__(
        self, base: Composer, library: Library, model: Model, guard: Guard, ear: Listener, *, veil: Veiling = Veil
    ) -> None:
        self._base, self._library, self._model, self._guard, self._ear = base, library, model, guard, ear
        self._veil = veil
        self._sources = load_sources()
        self._tenant = ""

    def of(self, tenant: str) -> "Fluent":
        """Return the composer of one programme: what its model costs is counted apart."""
        other = copy(self)
        other._tenant = tenant
        return other

    def answer(
        self,
        question: str,
        *,
        locale: Locale,
        situation: Situation,
        history: Sequence[Said] = (),
        asker: Asker = NOBODY,
        aloud: Aloud | None = None,
    ) -> Answer:
        """Answer a question. Whatever becomes of the model, there is an answer."""
        request = Request(question=question, locale=locale, situation=situation, history=tuple(history), asker=asker)
        base = request.put_to(self._base)
        if base.kind != "answer" or self._tells_where(base):
            return base
        attempt = _Attempt(self._model.name, request)
        try:
            return self._written(request, base, attempt, aloud)
        except ModelError as error:
            attempt.cost = error.tokens_in, error.tokens_out
            return attempt.ended(base, error.end)
        except Exception as fault:
            _log.warning("the playbook answers, for want of a model's: %s", type(fault).__name__)
            return attempt.ended(base, "dropped")

    def _written(self, request: Request, base: Answer, attempt: "_Attempt", aloud: Aloud | None) -> Answer:
        asker, locale = request.asker, request.locale
        if not asker.model:
            return attempt.ended(base, "forbidden")
        told = self._tellable(case(request.question, request.situation, request.history, asker))
        if told is None:
            return attempt.ended(base, "secret")
        cards = [self._library[citation.card] for citation in base.citations]
        opening = _openings(base)
        view = next((view for view in _VIEWS if _opening(view, locale) in opening), None)
        passages = passages_of(cards, locale, _VIEWS[view] if view else request.situation.side)
        veil = self._veil(f"{self._tenant}/{asker.room}", asker.names)
        prompt = briefing(told, passages, veil.hide, locale)
        attempt.leaves(prompt, passages)
        manuscript = Manuscript(
            partial(
                self._weigh,
                recital=Recital(prompt.system, told.words, passages, locale),
                passages=passages,
                said=told.words,
                veil=veil,
                locale=locale,
            ),
            partial(self._foot, passages=passages, cards=cards, locale=locale),
            locale,
            opening,
        )
        attempt.manuscript = manuscript
        along = _Along(manuscript, aloud) if aloud is not None else None
        attempt.written = written = self._model.write(prompt, Composed, tenant=self._tenant, partly=along)
        attempt.cost = written.tokens_in, written.tokens_out
        if along is not None and along.fault is not None:
            raise along.fault
        manuscript.finish(written.form)
        if not self._guard.whole(manuscript.answering, passages, said=told.words, locale=locale):
            return attempt.ended(base, "dropped")
        used = [card.citation for card in self._used(manuscript.used, passages)]
        answer = Answer(
            kind="answer",
            locale=locale,
            text=manuscript.render(),
            citations=tuple(dict.fromkeys([*used, *base.citations]))[:CITED],
            next=base.next,
        )
        return attempt.ended(answer, "used")

    def _tells_where(self, base: Answer) -> bool:
        """Whether the answer is where something can be looked up: there are no better words for that."""
        front = self._library[base.citations[0].card].front
        source = self._sources[front.basis]
        places = [place_with_title(ref, source, base.locale) for ref in front.refs]
        where = render("where", base.locale, basis=front.basis, source=source.name(base.locale), places=places)
        return base.text.startswith(where)

    # Before it is sent

    def _tellable(self, told: Case) -> Case | None:
        """Return what may be told to this model: before the NDA nothing confidential leaves the machine."""
        if not self._model.remote or told.situation.nda == "signed":
            return told
        return without(told, partial(self._confidential, situation=told.situation))

    def _confidential(self, text: str, situation: Situation) -> bool:
        """Whether the ear hears a secret in a text. It hears no more than so many characters at once."""
        stage, nda = situation.stage or "meeting", situation.nda or "none"
        heard = (self._ear.hear(Words(part, stage, nda)).signals for part in _hearable(text))
        return any("pre_nda_disclosure" in one and one["pre_nda_disclosure"].score >= HEARD for one in heard)

    # When it is written

    def _weigh(
        self,
        text: str,
        cited: Sequence[int],
        *,
        recital: Recital,
        passages: Sequence[Passage],
        said: str,
        veil: Veil,
        locale: Locale,
    ) -> Verdict:
        """Put the names back into a sentence, and let the guard weigh it."""
        dropped = Verdict(sentence=text, passages=tuple(cited), kept=False)
        told = recital.unlabelled(veil.reveal(text))
        if veil.leaks(text) or _STRANGE.search(told):
            return dropped.model_copy(update={"why": "placeholder"})
        if recital.recites(told):
            return dropped.model_copy(update={"why": "instruction"})
        if recital.echoes(told):
            return dropped.model_copy(update={"why": "repeated"})
        return self._guard.weigh(told, cited, passages, said=said, locale=locale, question=asks(told))

    def _foot(
        self, numbers: Sequence[int], *, passages: Sequence[Passage], cards: Sequence[Card], locale: Locale
    ) -> str:
        """Return the sources of what is on the page; an example out of the report is said to be from there."""
        used = self._used(numbers, passages) or list(cards[:1])
        foot = sources_line(used, self._sources, locale)
        examples = {line.text for card in used for line in card.body(locale).parts.get(Part.CASE, ())}
        told = any(one.text in examples for one in passages if one.number in numbers)
        if told and not any(card.front.basis == "report" for card in used):
            foot += render("case_source", locale, source=self._sources["report"].name(locale))
        return foot

    def _used(self, numbers: Sequence[int], passages: Sequence[Passage]) -> list[Card]:
        card_of = {one.number: one.card for one in passages}
        return [self._library[card] for card in dict.fromkeys(card_of[n] for n in numbers if n in card_of)]


def _openings(base: Answer) -> str:
    """Return what the playbook says first: that it read the ends of a long story, what it takes as given."""
    lines = base.text.split("\n")
    known = {_opening(what, base.locale) for what in (*_VIEWS, *get_args(Nda))} | {render("long", base.locale)}
    return "\n".join(line for line in lines[:2] if line in known)


def _opening(what: str, locale: Locale) -> str:
    return render("opening", locale, what=what, theme="", tried="")


class _Along:
    """Reads along while the model writes, and says aloud what may be shown."""

    def __init__(self, manuscript: Manuscript, aloud: Aloud) -> None:
        self._manuscript, self._aloud = manuscript, aloud
        self.fault: Exception | None = None

    def __call__(self, unfinished: object) -> None:
        """Take the unfinished form as far as it is written. Nothing that happens here is the model's fault."""
        if self.fault is not None:
            return
        try:
            more = self._manuscript.follow(unfinished)
        except Exception as fault:
            self.fault = fault
            return
        if more:
            with suppress(Exception):  # Whoever listens may have gone; the answer is needed all the same.
                self._aloud(more)


@dataclass
class _Attempt:
    """What is known of one use of the model, as far as it came."""

    model: str
    request: Request
    start: float = field(default_factory=time.perf_counter)
    sent: str = ""
    cards: tuple[str, ...] = ()
    manuscript: Manuscript | None = None
    written: Written[Composed] | None = None
    cost: tuple[int, int] = (0, 0)
    """Tokens in and out, of a failure too."""

    def leaves(self, prompt: Prompt, passages: Sequence[Passage]) -> None:
        """Note what leaves."""
        self.sent = f"{prompt.system}\n\n{prompt.user}"
        self.cards = tuple(one.card for one in passages)

    def ended(self, answer: Answer, end: TraceEnd) -> Answer:
        """Return the answer with the trace of how it came about."""
        written = self.written
        trace = Trace(
            use="answer",
            model=self.model,
            prompt=prompt_version(self.request.locale),
            end=end,
            sent="" if end in UNSENT else self.sent,
            wrote=written.raw if written else "",
            passages=() if end in UNSENT else self.cards,
            verdicts=tuple(self.manuscript.verdicts) if self.manuscript else (),
            tokens_in=self.cost[0],
            tokens_out=self.cost[1],
            ms=round((time.perf_counter() - self.start) * 1000, 1),
            given=self.request.model_dump_json(),
        )
        return answer.model_copy(update={"trace": trace})


def _hearable(text: str) -> Iterator[str]:
    """Part a text where the ear would only hear its ends."""
    if len(text) <= HEARD_AT_MOST:
        yield text
        return
    part = ""
    for sentence in sentences(text):
        if part and len(part) + len(sentence) > HEARD_AT_MOST // 2:
            yield part
            part = ""
        part += sentence
        while len(part) > HEARD_AT_MOST:
            yield part[:HEARD_AT_MOST]
            part = part[HEARD_AT_MOST:]
    yield part
