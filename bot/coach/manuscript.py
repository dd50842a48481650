"""What a language model writes for an answer, and the page that grows of it, sentence by sentence."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from bot.coach.page import MOST, length
from bot.model import Verdict
from knowledge.card import Locale

SENTENCES = 16
"""Sentences that are looked at; an answer has eight."""
PARAGRAPH: dict[Locale, int] = {"ja": 110, "en": 50}
"""Characters or words after which a new paragraph begins."""
_STEP = re.compile(r"^\s*(?:[(（]?\d{1,2}[.．)）、](?!\d)|[①-⑳]|[-・*•](?=\s|[^\W\d]))\s*")
_MARKS = re.compile(r"\*\*|`|^#{1,6}\s+")
_ENDS: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?<=[。！？!?])(?![。！？!?」』）)”])|\n+"),
    "en": re.compile(r"(?<=[.!?])(?<![ .][A-Za-z]\.)\s+(?=[\"“(‹]?[A-Z0-9])|\n+"),
}
_BRACKETS = ("「」", "『』", "（）", "()", "“”", "‹›")


# The models are shown these two as a schema, with their descriptions.


class Sentence(BaseModel):
    """One sentence."""

    text: str
    passages: list[int] = Field(default_factory=list, description="Numbers of the passages that it rests on")


class Composed(BaseModel):
    """An answer that rests on numbered passages."""

    # It comes first, so that the rest may be read on the way.
    kind: Literal["answer", "not_enough"] = Field(description="not_enough if the passages do not answer")
    sentences: list[Sentence]
    next_step: Sentence | None = Field(default=None, description="One thing to do next, or one question back")


class Kept(NamedTuple):
    """What is on the page. `step` is one of several things to be done in order."""

    text: str
    step: bool
    passages: tuple[int, ...]


class Manuscript:
    """An answer while it is written.

    What is on the page stays, so whoever reads along sees nothing move: it only gets longer.
    """

    def __init__(
        self,
        weigh: Callable[[str, Sequence[int]], Verdict],
        foot: Callable[[Sequence[int]], str],
        locale: Locale,
        opening: str = "",
    ) -> None:
        self._weigh, self._foot, self._locale, self._opening = weigh, foot, locale, opening
        self._heard: list[Sentence] = []
        self._kept: list[Kept] = []
        self._next: Kept | None = None
        self._full = self._again = False
        self.shown = ""
        self.verdicts: list[Verdict] = []
        self.answering: tuple[Verdict, ...] = ()
        """The verdicts of what is to answer: neither questions back nor the next step."""

    def follow(self, unfinished: object) -> str:
        """Take what is finished of an unfinished form; return what may be shown, or nothing if it is no more."""
        self._take(_finished(unfinished))
        body = self._body(_settled(self._kept))
        if len(body) <= len(self.shown):
            return ""
        self.shown = body
        return body

    def finish(self, form: Composed) -> None:
        """Take the whole form."""
        if form.kind != "answer":
            self._kept = []
            return
        self._take(form.sentences)
        self.answering = tuple(one for one in self.verdicts if not asks(one.sentence))
        if form.next_step is not None and self._kept:
            self._full = False
            self._next = self._passed(form.next_step)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is on the page, its next step included."""
        return tuple(one.text for one in self._all)

    @property
    def used(self) -> tuple[int, ...]:
        """The numbers of the passages that carry it, each once."""
        return _used(self._all)

    def render(self) -> str:
        """Return the page."""
        return self._page(self._kept, self._next)

    @property
    def _all(self) -> list[Kept]:
        return [*self._kept, *([self._next] if self._next else [])]

    # Sentence by sentence

    def _take(self, sentences: Sequence[Sentence]) -> None:
        if list(sentences[: len(self._heard)]) != self._heard[: len(sentences)]:
            self._begin_again()
        for sentence in sentences[len(self._heard) : SENTENCES]:
            self._heard.append(sentence)
            passed = None if self._full else self._passed(sentence)
            if passed is not None:
                self._kept.append(passed)

    def _begin_again(self) -> None:
        """Hear a second writing. What was shown stays; the second one may add to it."""
        self._heard, self._full = [], False
        self._again = bool(self.shown)
        if not self._again:
            self._kept, self.verdicts = [], []

    def _passed(self, sentence: Sentence) -> Kept | None:
        """Return what is let through of a sentence, which may turn out to be several."""
        bare = _STEP.sub("", _MARKS.sub("", sentence.text))
        verdicts = [self._judged(part, sentence.passages) for part in parts(bare, self._locale)]
        good = [one for one in verdicts if one.kept]
        numbers = tuple(dict.fromkeys(number for one in good for number in one.passages))
        kept = Kept(self._joined(one.sentence for one in good), _STEP.match(sentence.text) is not None, numbers)
        if good and length(self._page([*self._kept, kept], None), self._locale) > MOST[self._locale]:
            self._full = True
            verdicts = [_dropped(one, "length") if one.kept else one for one in verdicts]
        self.verdicts += verdicts
        return kept if good and not self._full else None

    def _judged(self, part: str, passages: Sequence[int]) -> Verdict:
        if length(part, self._locale) > MOST[self._locale]:
            return Verdict(sentence=part, passages=tuple(passages), kept=False, why="length")
        verdict = self._weigh(part, passages)
        twice = any(verdict.sentence in one.text for one in self._kept)
        if self._again:  # It may say in other words what was shown already.
            twice = twice or not set(verdict.passages) - set(self.used)
        return _dropped(verdict, "repeated") if verdict.kept and twice else verdict

    # The page

    def _page(self, kept: Sequence[Kept], ending: Kept | None) -> str:
        last = [ending.text] if ending else []
        return "\n\n".join([self._body(kept), *last, self._foot(_used([*kept, *([ending] if ending else [])]))])

    def _body(self, kept: Sequence[Kept]) -> str:
        """Return the sentences, and what is to be done in order as a list; a step alone is a sentence."""
        blocks: list[tuple[bool, list[str]]] = []
        for step, run in groupby(kept, key=lambda one: one.step):
            texts = [one.text for one in run]
            listed = step and len(texts) > 1
            if not listed and blocks and not blocks[-1][0]:
                blocks[-1][1].extend(texts)
            else:
                blocks.append((listed, texts))
        laid = [
            "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
            if listed
            else "\n\n".join(self._joined(paragraph) for paragraph in _paragraphs(texts, self._locale))
            for listed, texts in blocks
        ]
        body = "\n\n".join(laid)
        return f"{self._opening}\n{body}" if self._opening and body else body

    def _joined(self, texts: Iterable[str]) -> str:
        return ("" if self._locale == "ja" else " ").join(_stopped(text, self._locale) for text in texts)


def parts(text: str, locale: Locale) -> list[str]:
    """Return the sentences of a text; what stands in brackets or quotation marks is not torn apart."""
    found: list[str] = []
    for part in _ENDS[locale].split(text):
        if found and _open(found[-1]):
            found[-1] += part if locale == "ja" else f" {part}"
        else:
            found.append(part)
    return [" ".join(part.split()) for part in found if part.strip()]


def asks(text: str) -> bool:
    """Whether a sentence is a question back."""
    return text.rstrip('」』"”').endswith(("?", "？", "か。"))


def _paragraphs(texts: Sequence[str], locale: Locale) -> list[list[str]]:
    """Part sentences where one takes a breath on a small screen; those that follow change nothing before."""
    found: list[list[str]] = [[]]
    for text in texts:
        if length("".join(f"{one} " for one in found[-1]), locale) >= PARAGRAPH[locale]:
            found.append([])
        found[-1].append(text)
    return found


def _open(text: str) -> bool:
    """Whether a bracket or a quotation mark waits to be closed."""
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in _BRACKETS) or text.count('"') % 2 == 1


def _stopped(text: str, locale: Locale) -> str:
    """Return a sentence with its full stop."""
    if text[-1:] in '。！？!?….」』）)”"':
        return text
    return text + ("。" if locale == "ja" else ".")


def _finished(unfinished: object) -> list[Sentence]:
    """Return the sentences of an unfinished form that are written to their end. Without its kind, none is."""
    if not isinstance(unfinished, dict) or unfinished.get("kind") != "answer":
        return []
    listed = unfinished.get("sentences")
    if not isinstance(listed, list):
        return []
    found = []
    for one in listed[:-1] if list(unfinished)[-1] == "sentences" else listed:
        try:
            found.append(Sentence.model_validate(one))
        except ValidationError:
            break
    return found


def _settled(kept: Sequence[Kept]) -> Sequence[Kept]:
    """Return what will not look different once more is written: a first step may become a list."""
    alone = kept and kept[-1].step and not (len(kept) > 1 and kept[-2].step)
    return kept[:-1] if alone else kept


def _used(kept: Sequence[Kept]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for one in kept for number in one.passages))


def _dropped(verdict: Verdict, why: str) -> Verdict:
    return verdict.model_copy(update={"kept": False, "why": why})
