"""The record of a partnership as its page shows it: what both sides may read, days written out."""

from datetime import date
from typing import NamedTuple

from adapters.channels.web.viewer import named
from bot.clock import day_of
from bot.history import told
from bot.model import Text
from bot.names import SIDE_NAMES
from bot.papers import called, dated
from bot.partnership import TERM_NAMES, Action, Change, Experiment
from bot.scene import Scene
from knowledge.card import Locale

LINES = 50
"""Lines of history that one page shows."""


class Trial(NamedTuple):
    """An experiment. `urgent` says that its end, the day of Go or Stop, has come."""

    number: int
    question: str
    state: str
    ends: str
    urgent: bool
    terms: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]


class Task(NamedTuple):
    """Something to do."""

    number: int
    text: str
    owner: str
    due: str
    late: bool
    done: bool


class Past(NamedTuple):
    """A line of history, newest first. `number` is its place in the whole history."""

    number: int
    day: str
    who: str
    what: str
    why: str


class Page(NamedTuple):
    """A page that an exercise ended in; `number` is its place among those that both may read."""

    number: int
    title: str
    day: str
    text: str
    together: bool
    """Whether it lays side by side what each gives and gets."""


class Sight(NamedTuple):
    """The record as the page shows it. Days are written out."""

    theme: tuple[tuple[str, str], ...]
    nda: str
    costs: tuple[tuple[str, str, str, str], ...]
    trials: tuple[Trial, ...]
    tasks: tuple[Task, ...]
    decisions: tuple[tuple[str, str, str], ...]
    questions: tuple[tuple[str, str], ...]
    sheets: tuple[Page, ...]
    history: tuple[Past, ...]
    earlier: int | None


def sight(scene: Scene, locale: Locale, today: date, before: int | None = None) -> Sight:
    """Return the record that both sides may read, with the latest lines of its history, or those before one."""
    record, zone = scene.record.read_by(None), scene.room.zone

    def day(on: date | None) -> str:
        return dated(on, locale, today) if on else ""

    theme, nda = record.theme, record.nda
    parts = [
        (_STATEMENT(locale), theme.statement),
        (_KEYWORDS(locale), ("、" if locale == "ja" else ", ").join(theme.keywords)),
        (_MATTERS(locale), theme.matters),
        *((_BRINGS(locale).format(who=called(side, scene, locale)), what) for side, what in theme.brings.items()),
    ]
    tasks = sorted(record.actions, key=lambda one: (one.done, one.due or date.max, one.number))
    past = record.history[: before if before is not None else len(record.history)]
    first = max(0, len(past) - LINES)
    return Sight(
        theme=tuple((name, words) for name, words in parts if words),
        nda=" / ".join(filter(None, (" 〜 ".join(filter(None, (day(nda.signed), day(nda.expires)))), nda.purpose))),
        costs=tuple((one.what, one.payer, one.amount, day(one.agreed)) for one in record.costs),
        trials=tuple(_trial(one, locale, today) for one in reversed(record.experiments)),
        tasks=tuple(_task(one, today, day(one.due)) for one in tasks),
        decisions=tuple(
            (day(day_of(one.by.at, zone)), one.text, named(one.by.who, locale)) for one in reversed(record.decisions)
        ),
        questions=tuple((one.text, one.answer) for one in record.questions),
        sheets=pages(scene, locale, today),
        history=tuple(_past(first + n, one, scene, locale) for n, one in reversed([*enumerate(past[first:])])),
        earlier=first or None,
    )


def pages(scene: Scene, locale: Locale, today: date) -> tuple[Page, ...]:
    """Return the pages that both may read, the latest first."""
    zone = scene.room.zone
    found = [
        Page(number, one.title, dated(day_of(one.at, zone), locale, today), one.text, one.exercise == "give_and_get")
        for number, one in enumerate(scene.record.read_by(None).sheets, 1)
    ]
    return tuple(reversed(found))


def _trial(one: Experiment, locale: Locale, today: date) -> Trial:
    terms = [
        (name(locale), getattr(one, term)) for term, name in TERM_NAMES.items() if term not in ("question", "ends")
    ]
    return Trial(
        number=one.number,
        question=one.question,
        state=one.state,
        ends=dated(one.ends, locale, today) if one.ends else "",
        urgent=one.state == "running" and one.ends is not None and one.ends <= today,
        terms=tuple((name, dated(v, locale, today) if isinstance(v, date) else v) for name, v in terms if v),
        gaps=() if one.state == "done" else tuple(TERM_NAMES[gap](locale) for gap in one.gaps),
    )


def _task(one: Action, today: date, due: str) -> Task:
    return Task(
        one.number, one.text, one.owner, due, not one.done and one.due is not None and one.due < today, one.done
    )


def _past(number: int, one: Change, scene: Scene, locale: Locale) -> Past:
    side = one.by.side and (scene.room.names.get(one.by.side) or SIDE_NAMES[one.by.side](locale))
    who = named(one.by.who, locale)
    who = f"{who}（{side}）" if side and locale == "ja" else f"{who} ({side})" if side else who
    return Past(number, dated(day_of(one.by.at, scene.room.zone), locale), who, told(one, locale), one.why)


_STATEMENT = Text(ja="テーマ", en="Theme")
_KEYWORDS = Text(ja="手がかりの言葉", en="Keywords")
_MATTERS = Text(ja="なぜ大事か", en="Why it matters")
_BRINGS = Text(ja="{who}が持ち寄るもの", en="What {who} brings")
