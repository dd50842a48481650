"""Start, advance, go back in, pause and cancel an exercise: a pure state machine.

It knows no exercise by name: what is asked stands on the shelf (`bot.exercises`), where a person stands in it is an
`Exercise` of the scene. A step returns the exercise as it is then and the form to show, or what was wrong with the
answer.
"""

import difflib
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from bot.dates import read_date
from bot.exercises import BOTH, Answers, Case, ExerciseKind, Page, Question, exercises
from bot.model import Person, Text
from bot.partnership import By, Partnership, Sheet
from bot.scene import Exercise, Scene
from knowledge.card import Locale, Side
from prompts import render

BACK = Text(ja="戻る", en="Back")
SKIP = Text(ja="とばす", en="Skip")
PAUSE = Text(ja="あとで続ける", en="Later")
CANCEL = Text(ja="やめる", en="Quit")
SHOW = Text(ja="見せてよい", en="Show it")
HIDE = Text(ja="見せない", en="Keep it")
CONTROLS = (BACK, SKIP, PAUSE, CANCEL)
_RELEASE = "release:"


class Form(NamedTuple):
    """What to show: the text and its buttons."""

    text: str
    choices: tuple[str, ...]


class Stepped(NamedTuple):
    """An exercise after a step; the form to show, or what to say when there is none."""

    exercise: Exercise
    form: Form | None
    said: str = ""


def find_kind(words: str) -> ExerciseKind | None:
    """Return the exercise that these words name: its id, its title, or something close to either."""
    named = {name: kind for kind in exercises().values() for name in (kind.id, kind.title.ja, kind.title.en.lower())}
    wanted = words.strip().lower()
    near = difflib.get_close_matches(wanted, named, n=1, cutoff=0.7)
    return named.get(wanted) or named.get(wanted.replace(" ", "_")) or (named[near[0]] if near else None)


def begin(
    kind: ExerciseKind, person: Person, record: Partnership, now: datetime, *, room: bool, run: str
) -> Exercise:
    """Start an exercise for one person."""
    first = kind.asked({}, record)[0].id
    return Exercise(name=kind.id, run=run, who=person.name, side=person.side, at=first, since=now, room=room)


def show(exercise: Exercise, record: Partnership, locale: Locale, *, opening: bool = False) -> Form:
    """Return the question at hand as a form."""
    kind = exercises()[exercise.name]
    if exercise.at.startswith(_RELEASE):
        question = kind.question(exercise.at.removeprefix(_RELEASE))
        text = render(
            "release",
            locale,
            question=question.put_to(exercise.side, locale),
            answer=_told(exercise, question, locale),
        )
        return Form(text, (SHOW(locale), HIDE(locale), PAUSE(locale), CANCEL(locale)))
    path = kind.asked(exercise.answers, record)
    question = kind.question(exercise.at)
    number = [one.id for one in path].index(question.id) + 1 if question in path else 1
    text = render(
        "form",
        locale,
        title=kind.title(locale),
        about=kind.about(locale) if opening else "",
        private=kind.two_sided,
        number=number,
        most=len(path),
        ask=question.put_to(exercise.side, locale),
        why=question.why(locale),
        answer=_told(exercise, question, locale),
    )
    controls = [one(locale) for one in CONTROLS if one is not BACK or number > 1]
    return Form(text, (*(choice.text(locale) for choice in question.choices), *controls))


def advance(exercise: Exercise, words: str, record: Partnership, locale: Locale, today: date) -> Stepped:
    """Take what the person wrote or tapped."""
    control = _control(words)
    if control is CANCEL:
        return Stepped(
            exercise.model_copy(update={"state": "done"}), None, render("exercise", locale, what="cancelled")
        )
    if control is PAUSE:
        paused = exercise.model_copy(update={"state": "paused"})
        return Stepped(paused, None, render("exercise", locale, what="paused"))
    if exercise.at.startswith(_RELEASE):
        return _release(exercise, words, record, locale)
    return _answer(exercise, words, record, locale, today)


def resume(exercise: Exercise) -> Exercise:
    """Go on with a paused exercise where it stopped."""
    return exercise.model_copy(update={"state": "open"})


def own_page(exercise: Exercise, scene: Scene, locale: Locale, by: By, today: date) -> Page:
    """Return the page of one person's answers."""
    return exercises()[exercise.name].page(_case(exercise, scene, locale, by=by, today=today, shown={}))


def answered(exercise: Exercise, scene: Scene, locale: Locale, today: date) -> tuple[tuple[str, str], ...]:
    """Return what was asked on this person's way and what they answered in their own words."""
    asked = exercises()[exercise.name].asked(exercise.answers, scene.record.on(today))
    return tuple(
        (one.put_to(exercise.side, locale), exercise.answers[one.id])
        for one in asked
        if one.kind == "text" and exercise.answers.get(one.id)
    )


def shared_page(exercise: Exercise, scene: Scene, locale: Locale, by: By, today: date) -> Page | None:
    """Return the page for both, when every part of the run is finished; it holds only what was released."""
    kind = exercises()[exercise.name]
    parts = [one for one in scene.exercises if one.run == exercise.run]
    if kind.shared is None or any(one.state not in ("waiting", "done") for one in parts):
        return None
    shown: dict[Side, Answers] = {
        one.side: {name: one.answers[name] for name in one.released if one.answers.get(name)}
        for one in parts
        if one.side and one.state == "waiting"
    }
    if len(shown) < 2:
        return None
    # What one side did not release must not reach the page by way of whoever finished last.
    nobody = exercise.model_copy(update={"answers": {}, "side": None})
    return kind.shared(_case(nobody, scene, locale, by=by, today=today, shown=shown))


def filed(page: Page, exercise: Exercise, record: Partnership, by: By, side: Side | None) -> Partnership:
    """Return the record with the page filed, its tasks taken in, and whatever else the exercise moved."""
    record = page.record or record
    for task in page.tasks:
        record = record.add_action(by, task.text, task.owner, task.due, None if page.tasks_shared else side)
    sheet = Sheet(exercise=exercise.name, title=page.title, text=page.text, at=by.at, side=side, who=by.who)
    return record.file(by, sheet)


def takes_questions(exercise: Exercise) -> bool:
    """Whether a question may be the answer to what is asked now."""
    if exercise.at.startswith(_RELEASE):
        return False
    return exercises()[exercise.name].question(exercise.at).takes_questions


def is_control(words: str) -> bool:
    """Whether these words are one of the buttons that every form has."""
    return _control(words) is not None


def _case(
    exercise: Exercise, scene: Scene, locale: Locale, *, by: By, today: date, shown: dict[Side, Answers]
) -> Case:
    kind, answers = exercises()[exercise.name], exercise.answers
    # Who went back and took another way has left answers behind that no longer count.
    on_path = [question.id for question in kind.asked(answers, scene.record.on(today))]
    return Case(
        kind=kind,
        mine={name: answers[name] for name in on_path if answers.get(name)},
        locale=locale,
        side=exercise.side,
        by=by,
        today=today,
        record=scene.record,
        names=scene.room.names,
        people={side: tuple(one.name for one in scene.room.of(side)) for side in BOTH},
        shown=shown,
    )


def _control(words: str) -> Text | None:
    said = words.strip().lower()
    return next((one for one in CONTROLS if said in (one.ja, one.en.lower())), None)


def _answer(exercise: Exercise, words: str, record: Partnership, locale: Locale, today: date) -> Stepped:
    kind, control = exercises()[exercise.name], _control(words)
    question = kind.question(exercise.at)
    if control is BACK:
        path = [one.id for one in kind.asked(exercise.answers, record)]
        place = max(0, path.index(exercise.at) - 1) if exercise.at in path else 0
        exercise = exercise.model_copy(update={"at": path[place]})
        return Stepped(exercise, show(exercise, record, locale))
    answer = "" if control is SKIP else _understood(question, words, locale, today)
    if answer is None:
        wrong = render("exercise", locale, what=f"wrong_{question.kind}")
        form = show(exercise, record, locale)
        return Stepped(exercise, Form(f"{wrong}\n{form.text}", form.choices))
    exercise = exercise.model_copy(update={"answers": {**exercise.answers, question.id: answer}})
    path = [one.id for one in kind.asked(exercise.answers, record)]
    place = path.index(question.id) + 1 if question.id in path else len(path)
    if place < len(path):
        exercise = exercise.model_copy(update={"at": path[place]})
        return Stepped(exercise, show(exercise, record, locale))
    return _to_release(exercise, kind, record, locale)


def _to_release(exercise: Exercise, kind: ExerciseKind, record: Partnership, locale: Locale) -> Stepped:
    """Go on to what the other side may read, item by item; or finish."""
    path = kind.asked(exercise.answers, record)
    to_ask = [one.id for one in path if kind.two_sided and one.shareable and exercise.answers.get(one.id)]
    return _next_release(exercise, to_ask, record, locale)


def _next_release(exercise: Exercise, to_ask: Sequence[str], record: Partnership, locale: Locale) -> Stepped:
    if not to_ask or not exercise.room:
        state = "waiting" if exercise.room and exercises()[exercise.name].two_sided else "done"
        return Stepped(exercise.model_copy(update={"state": state, "at": ""}), None)
    exercise = exercise.model_copy(update={"at": _RELEASE + to_ask[0]})
    return Stepped(exercise, show(exercise, record, locale))


def _release(exercise: Exercise, words: str, record: Partnership, locale: Locale) -> Stepped:
    kind = exercises()[exercise.name]
    said, name = words.strip().lower(), exercise.at.removeprefix(_RELEASE)
    if said in (SHOW.ja, SHOW.en.lower()):
        exercise = exercise.model_copy(update={"released": (*exercise.released, name)})
    elif said not in (HIDE.ja, HIDE.en.lower()):  # Silence and doubt keep it private.
        form = show(exercise, record, locale)
        return Stepped(
            exercise, Form(f"{render('exercise', locale, what='wrong_choice')}\n{form.text}", form.choices)
        )
    path = [one.id for one in kind.asked(exercise.answers, record) if one.shareable and exercise.answers.get(one.id)]
    return _next_release(exercise, path[path.index(name) + 1 :], record, locale)


def _understood(question: Question, words: str, locale: Locale, today: date) -> str | None:
    """Return an answer as it is kept, or None if it does not fit the question."""
    said = words.strip()
    for number, choice in enumerate(question.choices, 1):
        if said.lower() in (choice.id, choice.text.ja.lower(), choice.text.en.lower(), str(number)):
            # Where any words will do, the button stands for its own: “1” would tell the reader of a page nothing.
            return choice.id if question.kind == "choice" else choice.text(locale)
    if question.kind == "choice":
        return None
    if question.kind == "date":
        day = read_date(said, today)
        return day.isoformat() if day else None
    return said or None


def _told(exercise: Exercise, question: Question, locale: Locale) -> str:
    """Return the answer given so far, as the person would read it."""
    answer = exercise.answers.get(question.id, "")
    return next((choice.text(locale) for choice in question.choices if choice.id == answer), answer)
