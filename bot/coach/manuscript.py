"""What a language model writes for an answer, and the page that grows of it, sentence by sentence."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from bot.coach.page import MOST, length
from bot.coach.passages import numbers_in, without_numbers
from bot.model import Verdict
from knowledge.card import Locale

SENTENCES = 16
"""Sentences that are looked at; an answer has eight."""
PARTS = 3 * SENTENCES
"""Sentences that are weighed where one turns out to be several: what is left would not be read in time."""
LONGEST = 4_000
"""Characters of what calls itself one sentence; what is longer is none."""
PARAGRAPH: dict[Locale, int] = {"ja": 110, "en": 50}
"""Characters or words after which a new paragraph begins."""
_STEP = re.compile(r"^\s*(?:[(（]?\d{1,2}[.．)）、:：](?!\d)|[①-⑳]|[-・*•](?=\s|[^\W\d]))\s*")
_MARKS = re.compile(r"\*\*|__|~~|`|^(?:#{1,6}|>|\|)\s+|\s*\|$|(?<!^)\*|^\*(?=\S[^*]*\*)")
# Signs of joy and the like, which nobody's cards have: an old hand writes none to a president.
_SIGNS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u20e3]")
_STUCK = re.compile(r"(.{1,4}?)\1{11}|[\d〇一二三四五六七八九十百千万億兆]{18}", re.DOTALL)
"""What a model writes that cannot stop: the same again and again, or figures without end."""
_ENDS: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?<=[。！？!?])(?![。！？!?」』）)”])|\n+"),
    "en": re.compile(r"(?<=[.!?])(?<![ .][A-Za-z]\.)\s+(?=[\"“(‹]?[A-Z0-9])|\n+"),
}
_BRACKETS = ("「」", "『』", "（）", "()", "“”", "‹›")


def _worded(value: object) -> bool:
    """Whether something is a sentence, or can be read as one."""
    text = value.get("text") if isinstance(value, dict) else value
    return isinstance(text, Sentence) or (isinstance(text, str) and bool(text.strip()))


def _listed(value: object) -> object:
    """Return sentences as a list, without what is none."""
    return [one for one in (value if isinstance(value, list | tuple) else [value]) if _worded(one)]


def _first(value: object) -> object:
    """Return a next step, or None where there is no word of one."""
    found = _listed(value)
    return found[0] if isinstance(found, list) and found else None


def _kind(value: object) -> object:
    return value.strip().lower().replace(" ", "_") if isinstance(value, str) else value


# The models are shown these two as a schema, with their descriptions.


class Sentence(BaseModel):
    """One sentence."""

    text: str
    passages: Annotated[list[int], BeforeValidator(numbers_in)] = Field(
        default_factory=list, description="Numbers of the passages that it rests on"
    )

    @model_validator(mode="before")
    @classmethod
    def _of_words(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value


class Composed(BaseModel):
    """An answer that rests on numbered passages."""

    # It comes first, so that the rest may be read on the way.
    kind: Annotated[Literal["answer", "not_enough"], BeforeValidator(_kind)] = Field(
        description="not_enough if the passages do not answer"
    )
    sentences: Annotated[list[Sentence], BeforeValidator(_listed)]
    next_step: Annotated[Sentence | None, BeforeValidator(_first)] = Field(
        default=None, description="One thing to do next, or one question back"
    )


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
        self._weighed = 0
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
        self._heard, self._full, self._weighed = [], False, 0
        self._again = bool(self.shown)
        if not self._again:
            self._kept, self.verdicts = [], []

    def _passed(self, sentence: Sentence) -> Kept | None:
        """Return what is let through of a sentence, which may turn out to be several."""
        text, named = plain(sentence.text)
        if not text:
            self.verdicts.append(_unweighed(sentence.text[:LONGEST], sentence.passages, "length"))
            return None
        step = _STEP.match(text)
        cited = list(dict.fromkeys([*sentence.passages, *named]))
        found = parts(text[step.end() :] if step else text, self._locale)[: PARTS - self._weighed]
        self._weighed += len(found)
        verdicts = [self._judged(part, cited) for part in found]
        good = [one for one in verdicts if one.kept]
        numbers = tuple(dict.fromkeys(number for one in good for number in one.passages))
        kept = Kept(self._joined(one.sentence for one in good), step is not None, numbers)
        if good and length(self._page([*self._kept, kept], None), self._locale) > MOST[self._locale]:
            self._full = True
            verdicts = [_dropped(one, "length") if one.kept else one for one in verdicts]
        self.verdicts += verdicts
        return kept if good and not self._full else None

    def _judged(self, part: str, passages: Sequence[int]) -> Verdict:
        if length(part, self._locale) > MOST[self._locale]:
            return _unweighed(part, passages, "length")
        if stuck(part):
            return _unweighed(part, passages, "repeated")
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


def plain(text: str) -> tuple[str, list[int]]:
    """Return a sentence without what nobody sees, marks of layout and signs; and the passages that it names itself.

    What is too long to be a sentence is none.
    """
    if len(text) > LONGEST:
        return "", []
    seen = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))
    return without_numbers(_MARKS.sub("", _SIGNS.sub("", seen).strip()))


def stuck(text: str) -> bool:
    """Whether a model wrote it that could not stop."""
    return _STUCK.search(text) is not None


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


def _unweighed(text: str, passages: Sequence[int], why: str) -> Verdict:
    return Verdict(sentence=text, passages=tuple(passages), kept=False, why=why)


def _dropped(verdict: Verdict, why: str) -> Verdict:
    return verdict.model_copy(update={"kept": False, "why": why})
