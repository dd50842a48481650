"""The shelf of exercises: one file each, found by name.

An exercise asks three to nine short questions, one at a time, says why it asks each, and ends in a page. A new one is
a file here with a constant `EXERCISE`, and its test; it imports this shelf with its `_words`, `bot.model` and
`bot.partnership`, nothing else.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal

from bot.model import Text
from bot.partnership import By, Partnership
from knowledge.card import Locale, Side

BOTH: tuple[Side, ...] = ("sme", "startup")
Answers = Mapping[str, str]
"""By question. A skipped one is missing. A date is written 2026-04-01; a choice is its `id`."""


@dataclass(frozen=True)
class Choice:
    """A button. `id` is what `Answers` holds."""

    id: str
    text: Text


@dataclass(frozen=True)
class Question:
    """One question and why it is asked. `own` is how it is put to one side, where that differs."""

    id: str
    ask: Text
    why: Text
    choices: tuple[Choice, ...] = ()
    kind: Literal["text", "choice", "date"] = "text"
    """`choice` takes one of the choices alone; with `text` they are only offered."""
    own: Mapping[Side, Text] = field(default_factory=dict)
    shareable: bool = True
    """In a two-sided exercise, whether the person is asked to show this answer to the other side."""
    takes_questions: bool = False
    """Whether people answer it with a question of their own; elsewhere a “?” is for the coach."""

    def put_to(self, side: Side | None, locale: Locale) -> str:
        """Return the question as it is put to a side."""
        return self.own.get(side, self.ask)(locale) if side else self.ask(locale)


@dataclass(frozen=True)
class Task:
    """Something to do that came out of it. `owner` is a person's name or empty."""

    text: str
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Case:
    """What an exercise ends with. `mine` are this person's answers to what was on their way; `shown` are both sides'
    answers, as far as each side lets the other read them (empty in a one-sided exercise and on a side's own page)."""

    kind: "ExerciseKind"
    mine: Answers
    locale: Locale
    side: Side | None
    by: By
    today: date
    record: Partnership
    names: Mapping[Side, str]
    """What the parties are called."""
    people: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    shown: Mapping[Side, Answers] = field(default_factory=dict)

    @property
    def path(self) -> tuple[Question, ...]:
        """Return the questions that were on this person's way."""
        return self.kind.asked(self.mine, self.record.on(self.today))


@dataclass(frozen=True)
class Page:
    """The page it ends in, as Markdown; tasks; and the record, where the exercise moves it (without the page)."""

    title: str
    text: str
    tasks: tuple[Task, ...] = ()
    record: Partnership | None = None
    tasks_shared: bool = False
    """Whether both sides read the tasks of a page that is one side's own: where it moves the record of both."""


@dataclass(frozen=True)
class ExerciseKind:
    """An exercise."""

    id: str
    title: Text
    about: Text
    """One or two sentences: what it is good for, and how long it takes."""
    questions: tuple[Question, ...]
    page: Callable[[Case], Page]
    """The person's own page; in a two-sided exercise it is for that side alone."""
    shared: Callable[[Case], Page] | None = None
    """Two-sided: the page for both, from `shown` alone."""
    path: Callable[[Answers, Partnership], tuple[Question, ...]] | None = None
    """Which questions are asked, given the answers so far and the record as it stands today; without it, all."""
    cards: tuple[str, ...] = ()
    """Ids of cards whose advice belongs to it; its page names their sources."""

    @property
    def two_sided(self) -> bool:
        """Whether each side is asked in private, and shows what it likes."""
        return self.shared is not None

    def asked(self, answers: Answers, record: Partnership) -> tuple[Question, ...]:
        """Return the questions on this person's way, in order."""
        return self.path(answers, record) if self.path else self.questions

    def question(self, id_: str) -> Question:
        """Return a question by its id."""
        return next(question for question in self.questions if question.id == id_)


@cache
def exercises() -> dict[str, ExerciseKind]:
    """Return every exercise on the shelf, by id."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    found = [importlib.import_module(f"{__name__}.{name}").EXERCISE for name in names]
    return {kind.id: kind for kind in found}
