"""Where exercises are done: from a command or an answer to the form that is shown next, and to the page at the end.

`guide` knows how one steps through an exercise. Here it meets the room: whose part it is, who hears of it, and what
is filed.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from bot.clock import day_of
from bot.exercises import ExerciseKind, exercises
from bot.guide import Form, advance, begin, filed, own_page, resume, shared_page, show
from bot.model import Message, MessageId, Person, Reply, Trace
from bot.partnership import By, Partnership, Sheet
from bot.scene import Exercise, Scene
from knowledge.card import Side
from prompts import render

if TYPE_CHECKING:
    from bot.scribe import Scribe

SIDES: tuple[Side, ...] = ("sme", "startup")


class Worked(NamedTuple):
    """What is said, the scene after it, and what language models did for it."""

    replies: tuple[Reply, ...]
    scene: Scene
    traces: tuple[Trace, ...] = ()


def start(
    kind: ExerciseKind, starter: Person, scene: Scene, now: datetime, *, room: bool, message: MessageId
) -> Worked:
    """Start an exercise: for who asked, or, where it has two sides and was asked for in the room, for both."""
    people = _both(starter, scene) if room and kind.two_sided else [starter]
    run = f"{kind.id}:{now.isoformat()}"
    replies = []
    for person in people:
        scene = _closed(scene, person.name)
        today = day_of(now, scene.room.zone)
        exercise = begin(kind, person, scene.record.on(today), now, room=room, run=run)
        # A yes from now on answers the exercise, not what was asked before.
        scene = scene.exercising(exercise).confirming(person.name, None)
        form = show(exercise, _seen(scene, exercise, today), scene.locale_for(person.name), opening=True)
        replies.append(_form(person.name, form, message))
    return Worked(tuple(replies), scene)


def again(who: str, scene: Scene, message: MessageId, today: date) -> Worked | None:
    """Go on with what this person left; None if they left nothing."""
    left = [one for one in scene.exercises if one.who == who and one.state == "paused"]
    if not left:
        return None
    exercise = resume(left[-1])
    form = show(exercise, _seen(scene, exercise, today), scene.locale_for(who))
    return Worked((_form(who, form, message),), scene.exercising(exercise).confirming(who, None))


def answered(
    message: Message, words: str, exercise: Exercise, scene: Scene, today: date, *, scribe: "Scribe | None" = None
) -> Worked:
    """Take an answer: show what is next, or end in a page, with suggestions where there is a scribe."""
    locale = scene.locale_for(exercise.who)
    step = advance(exercise, words, _seen(scene, exercise, today), locale, today)
    scene = scene.exercising(step.exercise)
    if step.form is not None:
        return Worked((_form(exercise.who, step.form, message.id),), scene)
    if step.said:
        said = _notice(exercise.who, step.said, message.id)
        if step.exercise.state != "done":
            return Worked((said,), scene)
        left = _called_off(step.exercise, scene, message.id)
        return Worked((said, *left.replies), left.scene)
    worked = _finished(message, step.exercise, scene, today)
    return worked if scribe is None else _with_suggestions(worked, message, step.exercise, today, scribe)


def reminded(exercise: Exercise, scene: Scene, message: MessageId, today: date) -> Reply:
    """Show the waiting question again, after something else came between."""
    return _form(exercise.who, show(exercise, _seen(scene, exercise, today), scene.locale_for(exercise.who)), message)


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


def _with_suggestions(worked: Worked, message: Message, exercise: Exercise, today: date, scribe: "Scribe") -> Worked:
    """Put a machine's suggestions below a page as its writer reads it. What is filed is the writer's own alone."""
    text, scene, traces = scribe.suggest(message, exercise, worked.scene, today)
    if not text:
        return Worked(worked.replies, scene, traces)
    page, *others = worked.replies
    longer = page.model_copy(update={"text": f"{page.text}\n\n{text}"})
    return Worked((longer, *others), scene, traces)


def last_page(person: Person, scene: Scene) -> Sheet | None:
    """Return the last page that this person wrote for their own side; a colleague's is the colleague's to show."""
    mine = [one for one in scene.record.sheets if one.side == person.side and one.who == person.name]
    return mine[-1] if mine and person.side is not None else None


def share(sheet: Sheet, by: By, scene: Scene, message: MessageId) -> Worked:
    """Show the room a page that was its side's own, since who wrote it says so."""
    record = scene.record.file(by, sheet.model_copy(update={"side": None, "at": by.at}))
    return Worked((_document("room", sheet.text, message),), scene.recorded(record))


def _both(starter: Person, scene: Scene) -> list[Person]:
    """Return one person of each side: who started it, for their own, else the first, who is the owner."""
    return [starter if starter.side == side else scene.room.of(side)[0] for side in SIDES if scene.room.of(side)]


def _closed(scene: Scene, who: str) -> Scene:
    """Lay aside what this person had open: one thing at a time."""
    for exercise in scene.exercises:
        if exercise.who == who and exercise.state == "open":
            scene = scene.exercising(exercise.model_copy(update={"state": "paused"}))
    return scene


def _called_off(exercise: Exercise, scene: Scene, message: MessageId) -> Worked:
    """Close a run that somebody left. The other side hears that there will be no common page, not who left or why."""
    others = [one for one in scene.exercises if one.run == exercise.run and one.who != exercise.who]
    title = exercises()[exercise.name].title
    told = []
    for one in others:
        locale = scene.locale_for(one.who)
        told.append(_notice(one.who, render("called_off", locale, title=title(locale)), message))
    return Worked(tuple(told), _run_closed(scene, exercise.run))


def _run_closed(scene: Scene, run: str) -> Scene:
    return scene.having(exercises=tuple(one for one in scene.exercises if one.run != run))


def _seen(scene: Scene, exercise: Exercise, today: date) -> Partnership:
    return scene.record.read_by(exercise.side).on(today)


def _form(to: str, form: Form, message: MessageId) -> Reply:
    return Reply(to=to, kind="form", text=form.text, choices=form.choices, in_reply_to=message)


def _notice(to: str, text: str, message: MessageId) -> Reply:
    return Reply(to=to, kind="notice", text=text, in_reply_to=message)


def _document(to: str, text: str, message: MessageId, choices: tuple[str, ...] = ()) -> Reply:
    return Reply(to=to, kind="document", text=text, choices=choices, in_reply_to=message)
