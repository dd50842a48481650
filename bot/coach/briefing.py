"""What a language model is told for an answer: who it is, always the same; and the case, as data in marked blocks.

It sees the asker's own talk with the bot and what the asker's side said in the room, never the other side's words.
Everything that people wrote is hidden behind the veil, and nothing in it can close the block in which it stands.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from bot.coach.passages import Passage
from bot.coach.reading import READ_AT_MOST
from bot.model import Asker, Said, Situation
from bot.names import NDA_NAMES, SIDE_NAMES, STAGE_NAMES
from bot.ports import Prompt
from knowledge.card import Locale
from prompts import render, version

TALK = 6
"""Sayings of the talk with the bot that it sees."""
SAID = 400
"""Characters of each saying."""
CUT = 20
"""Characters left away where a text was cut: it may have gone through a name."""
RUN: dict[Locale, int] = {"ja": 8, "en": 20}
"""Letters in a row by which words are known again."""
LONG: dict[Locale, int] = {"ja": 24, "en": 60}
"""Letters in a row that nobody writes by chance."""
SHORT = 8
"""Letters of a word that is known again, where it is all that is said."""
_LABEL = re.compile(r"^[^。．.!?！？:：]{1,40}[:：]\s*")
_TEMPLATES = ("compose", "compose_data")


class Case(NamedTuple):
    """A question, and what the asker's side said around it."""

    question: str
    situation: Situation
    talk: tuple[Said, ...] = ()
    recent: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the asker's side wrote of it, as far as it is shown."""
        own = [one.text for one in self.talk if one.role == "person"]
        short = (*self.situation.tried, self.situation.theme, *own, *self.recent)
        return "\n".join([*(end for one in short for end in _ends(one, SAID)), *_ends(self.question, READ_AT_MOST)])


def case(question: str, situation: Situation, history: Sequence[Said], asker: Asker) -> Case:
    """Return what of a question and its talk a model may see: the asker's own side, and not too much of it."""
    # In a room, whose words are nobody's in particular may be the other side's.
    own = [one for one in history if one.side == situation.side or (one.side is None and not asker.room)]
    return Case(question, situation, tuple(own[-TALK:]), asker.recent)


def without(case: Case, confidential: Callable[[str], bool]) -> Case | None:
    """Return a case without what sounds confidential and what was said to it; None if the question sounds so."""

    def hushes(text: str, most: int = SAID) -> bool:
        return any(confidential(end) for end in _ends(text, most) if end)

    if hushes(case.question, READ_AT_MOST):
        return None
    talk, hushed = [], False
    for one in case.talk:
        hushed = hushes(one.text) if one.role == "person" else hushed
        talk += [] if hushed else [one]
    told = case.situation
    situation = told.model_copy(
        update={
            "theme": "" if hushes(told.theme) else told.theme,
            "tried": tuple(one for one in told.tried if not hushes(one)),
        }
    )
    return Case(case.question, situation, tuple(talk), tuple(one for one in case.recent if not hushes(one)))


def briefing(case: Case, passages: Sequence[Passage], hide: Callable[[str], str], locale: Locale) -> Prompt:
    """Return the prompt: its system message never changes, so a provider can keep it ready."""

    def put(text: str) -> str:
        return " ".join(_put(text, hide, SAID).split())

    data = render(
        "compose_data",
        locale,
        situation=_Told.of(case.situation, put, locale),
        recent=[put(one) for one in case.recent],
        talk=[{"role": one.role, "text": put(one.text)} for one in case.talk],
        shelves=list(_shelves(passages, locale)),
        question=_put(case.question, hide, READ_AT_MOST),
    )
    return Prompt(render("compose", locale), data, prompt_version(locale))


def prompt_version(locale: Locale) -> str:
    """Return the name and hash of what a model is told."""
    return version(locale, *_TEMPLATES)


class Recital:
    """Hears whether a sentence only recites what a model is told, or what the asker wrote."""

    def __init__(self, told: str, said: str, passages: Sequence[Passage], locale: Locale) -> None:
        self._run, self._long = RUN[locale], LONG[locale]
        self._told, self._said = _letters(told), _letters(said)
        self._cards = _letters("\n".join(one.text for one in passages))
        known = {run for one in passages for run in _runs(_letters(one.text), self._run)}
        self._runs = _runs_of(self._told, self._run) - known

    def echoes(self, sentence: str) -> bool:
        """Whether all of a sentence stands in what the asker wrote: said back, it answers nothing."""
        return _letters(sentence) in self._said

    def unlabelled(self, sentence: str) -> str:
        """Return a sentence without a label before it that the asker ordered and no card has."""
        label = _LABEL.match(sentence)
        letters = _letters(label[0]) if label else ""
        ordered = letters in self._said and letters not in self._cards
        return sentence[label.end() :] if label and ordered else sentence

    def recites(self, sentence: str) -> bool:
        """Whether most of a sentence, or a long piece of it, stands in what the model is told."""
        plain = _letters(sentence)
        if len(plain) < self._run:
            return len(plain) >= SHORT and plain in self._told
        longest = same = until = 0
        for place, run in enumerate(_runs(plain, self._run)):
            if run in self._runs:
                start = max(place, until)
                until = place + self._run
                same += until - start
                longest = longest + 1 if start > place else self._run
                if longest >= self._long:
                    return True
        return same * 2 > len(plain)


@lru_cache(maxsize=4)
def _runs_of(told: str, length: int) -> frozenset[str]:
    return frozenset(_runs(told, length))


def _letters(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def _runs(text: str, length: int) -> Iterator[str]:
    return (text[place : place + length] for place in range(len(text) - length + 1))


class _Told(NamedTuple):
    """A situation in words."""

    side: str
    stage: str
    nda: str
    theme: str
    tried: tuple[str, ...]

    @property
    def known(self) -> bool:
        return any(self)

    @classmethod
    def of(cls, situation: Situation, put: Callable[[str], str], locale: Locale) -> "_Told":
        return cls(
            SIDE_NAMES[situation.side](locale) if situation.side else "",
            STAGE_NAMES[situation.stage](locale) if situation.stage else "",
            NDA_NAMES[situation.nda](locale) if situation.nda else "",
            put(situation.theme),
            tuple(map(put, situation.tried)),
        )


class _Shelf(NamedTuple):
    """Passages of one basis."""

    name: str
    lines: tuple[Passage, ...]


def _shelves(passages: Sequence[Passage], locale: Locale) -> Iterator[_Shelf]:
    """Put the passages under the names of their bases, in their order."""
    for basis, lines in groupby(passages, key=lambda one: one.basis):
        yield _Shelf(render("basis", locale, basis=basis), tuple(lines))


def _put(text: str, hide: Callable[[str], str], most: int) -> str:
    """Return a person's text as it may stand in the data: veiled, visible, and unable to close its block."""
    ends = [hide(_visible(end)) for end in _ends(text, most)]
    if len(ends) == 2:  # A name that was cut through is none that the veil knows.
        ends = [_shorter(ends[0]), _shorter(ends[1][::-1], "›", "‹")[::-1]]
    return " … ".join(ends).replace("<", "＜").replace(">", "＞")


def _ends(text: str, most: int) -> tuple[str, ...]:
    """Return a text, or the beginning and the end of a long one."""
    return (text,) if len(text) <= most else (text[: most * 3 // 4], text[-most // 4 :])


def _shorter(text: str, opens: str = "‹", closes: str = "›") -> str:
    """Return a text without its last characters, and without half a placeholder."""
    cut = text[:-CUT]
    inside = cut.rfind(opens) > cut.rfind(closes)
    return cut[: cut.rfind(opens)] if inside else cut


def _visible(text: str) -> str:
    """Return a text without what nobody sees: zero-width characters, tags, marks of direction."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))
