"""Where exercises are done: from a command or an answer to the form that is shown next, and to the page at the end.

`guide` knows how one steps through an exercise; here it meets the room: whose part it is, who hears of it, what is filed.
"""

from datetime import date, datetime
from typing import NamedTuple

from bot.exercises import ExerciseKind, exercises
from bot.guide import Form, advance, begin, filed, own_page, resume, shared_page, show
from bot.model import Message, MessageId, Person, Reply
from bot.partnership import By, Partnership
from bot.scene import Exercise, Scene
from knowledge.card import Side
from prompts import render

SIDES: tuple[Side, ...] = ("sme", "startup")


class Worked(NamedTuple):
    """What is said, and the scene after it."""

    replies: tuple[Reply, ...]
    scene: Scene


def start(
    kind: ExerciseKind, starter: Person, scene: Scene, now: datetime, *, room: bool, message: MessageId
) -> Worked:
    """Start an exercise: for who asked, or, where it has two sides and was asked for in the room, for both."""
    people = _both(starter, scene) if room and kind.two_sided else [starter]
    run = f"{kind.id}:{now.isoformat()}"
    replies = []
    for person in people:
        scene = _closed(scene, person.name)
        exercise = begin(kind, person, scene.record, now, room=room, run=run)
        scene = scene.exercising(exercise)
        form = show(exercise, _seen(scene, exercise), scene.locale_for(person.name), opening=True)
        replies.append(_form(person.name, form, message))
    return Worked(tuple(replies), scene)


def again(who: str, scene: Scene, message: MessageId) -> Worked | None:
    """Go on with what this person left; None if they left nothing."""
    left = [one for one in scene.exercises if one.who == who and one.state == "paused"]
    if not left:
        return None
    exercise = resume(left[-1])
    form = show(exercise, _seen(scene, exercise), scene.locale_for(who))
    return Worked((_form(who, form, message),), scene.exercising(exercise))


def answered(message: Message, words: str, exercise: Exercise, scene: Scene, today: date) -> Worked:
    """Take an answer: show what is next, or end in a page."""
    locale = scene.locale_for(exercise.who)
    step = advance(exercise, words, _seen(scene, exercise), locale, today)
    scene = scene.exercising(step.exercise)
    if step.form is not None:
        return Worked((_form(exercise.who, step.form, message.id),), scene)
    if step.said:
        scene = _dropped(scene, step.exercise) if step.exercise.state == "done" else scene
        return Worked((_notice(exercise.who, step.said, message.id),), scene)
    return _finished(message, step.exercise, scene, today)


def reminded(exercise: Exercise, scene: Scene, message: MessageId) -> Reply:
    """Show the waiting question again, after something else came between."""
    return _form(exercise.who, show(exercise, _seen(scene, exercise), scene.locale_for(exercise.who)), message)


def _finished(message: Message, exercise: Exercise, scene: Scene, today: date) -> Worked:
    kind, who = exercises()[exercise.name], exercise.who
    locale = scene.locale_for(who)
    by = By.of(scene.known(message.sender), message.at)
    page = own_page(exercise, scene, locale, by, today)
    record = scene.record
    if any(exercise.answers.values()):
        record = filed(page, exercise, record, by, exercise.side)
    scene = scene.recorded(record)
    if not kind.two_sided:
        # Told in private: it goes to the room only if the person says so.
        share = ("/share",) if scene.room.person(who) and len(scene.room.people) > 1 else ()
        return Worked((_document(who, page.text, message.id, share),), scene)
    said = render("exercise", locale, what="waiting" if exercise.room else "alone")
    replies = (_document(who, page.text, message.id), _notice(who, said, message.id))
    shared = shared_page(exercise, scene, scene.room.locale, by, today) if exercise.room else None
    if shared is None:
        return Worked(replies, scene)
    scene = scene.recorded(filed(shared, exercise, scene.record, by, None))
    return Worked((*replies, _document("room", shared.text, message.id)), _run_closed(scene, exercise.run))


def share(who: str, side: Side | None, scene: Scene, message: MessageId, at: datetime) -> Worked | None:
    """Show the room the last page of this side's own, because a person of that side says so; None if there is none."""
    mine = [sheet for sheet in scene.record.sheets if sheet.side is not None and sheet.side == side]
    if not mine:
        return None
    by = By(who=who, side=side, at=at)
    record = scene.record.file(by, mine[-1].model_copy(update={"side": None, "at": at}))
    return Worked((_document("room", mine[-1].text, message),), scene.recorded(record))


def _both(starter: Person, scene: Scene) -> list[Person]:
    """Return one person of each side: who started it, for their own, else the first, who is the owner."""
    return [starter if starter.side == side else scene.room.of(side)[0] for side in SIDES if scene.room.of(side)]


def _closed(scene: Scene, who: str) -> Scene:
    """Lay aside what this person had open: one thing at a time."""
    for exercise in scene.exercises:
        if exercise.who == who and exercise.state == "open":
            scene = scene.exercising(exercise.model_copy(update={"state": "paused"}))
    return scene


def _dropped(scene: Scene, exercise: Exercise) -> Scene:
    kept = tuple(one for one in scene.exercises if (one.run, one.who) != (exercise.run, exercise.who))
    return scene.having(exercises=kept)


def _run_closed(scene: Scene, run: str) -> Scene:
    return scene.having(exercises=tuple(one for one in scene.exercises if one.run != run))


def _seen(scene: Scene, exercise: Exercise) -> Partnership:
    return scene.record.read_by(exercise.side)


def _form(to: str, form: Form, message: MessageId) -> Reply:
    return Reply(to=to, kind="form", text=form.text, choices=form.choices, in_reply_to=message)


def _notice(to: str, text: str, message: MessageId) -> Reply:
    return Reply(to=to, kind="notice", text=text, in_reply_to=message)


def _document(to: str, text: str, message: MessageId, choices: tuple[str, ...] = ()) -> Reply:
    return Reply(to=to, kind="document", text=text, choices=choices, in_reply_to=message)
