"""From a finding to silence, a private question, a private warning, a note to the facilitator, or a word to the room.

Observe first, then ask the speaker in private, then tell the facilitator, and rarely the room. What is urgent is said
at once, in private. Nudging twice an hour teaches people to ignore us, so every road is bounded, and it grows sparser
as the pair gains experience.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import Finding, Label, MessageId, Reply, Signal, Step, Text
from bot.scene import Intervention, Scene
from bot.signals import Due, SignalKind, signals
from knowledge.card import Citation, Locale, Side
from prompts import render

USEFUL = Text(ja="役に立った", en="Useful")
USELESS = Text(ja="不要", en="Not useful")

SURE = 0.8
"""A signal of the patient kind is asked about at its first occurrence only when it is this clear."""
RAISED = 0.15
"""How much surer it must be for every two times that the room found it not useful."""
MEMORY = timedelta(days=14)
"""How far back an earlier finding of the same kind counts."""
WORD_APART = timedelta(days=30)
URGENT_APART = timedelta(minutes=30)
"""An urgent warning is not repeated to one person within this: they have just been told."""
URGENT_A_DAY = 8
"""Urgent words about one person a day, warnings and notes together; by then it is for the human."""
SAME_APART = timedelta(days=7)
PERSON_APART = timedelta(hours=2)
PERSON_A_DAY = 2
ROOM_A_DAY = 6
DAY = timedelta(days=1)

Cite = Callable[[Sequence[str]], tuple[Citation, ...]]
"""From ids of cards to their citations."""


class Spoken(NamedTuple):
    """What is said about findings, and the scene after it."""

    replies: tuple[Reply, ...]
    scene: Scene


def respond(findings: Sequence[Finding], scene: Scene, now: datetime, cite: Cite) -> Spoken:
    """Take up what the watch found in one message: at most one matter a message, the most urgent one."""
    for finding in sorted(findings, key=pressing):
        steps = steps_for(finding, scene, now)
        if steps:
            return _speak(steps, finding, scene, now, cite)
    return Spoken((), scene)


def pressing(finding: Finding) -> tuple[int, float]:
    """Return by what findings are taken up: the most urgent first, then the surest."""
    order = {"now": 0, "soon": 1, "later": 2}
    return order[signals()[finding.signal].urgency], -finding.score


def steps_for(finding: Finding, scene: Scene, now: datetime) -> tuple[Step, ...]:
    """Return what is done about a finding; nothing is to observe. A pure decision."""
    kind = signals()[finding.signal]
    if finding.score < threshold(finding.signal, scene):
        return ()
    speaker = scene.room.person(finding.who)
    if speaker is None or speaker.side not in ("sme", "startup"):
        return ()  # Who leads the room needs no nudge about what they say.
    step = _urgent(finding, scene, now) if kind.urgency == "now" else _patient(kind, finding, scene, now)
    return tuple(one for one in step if one != "note" or scene.room.of("facilitator"))


def threshold(signal: Signal, scene: Scene) -> float:
    """Return how surely a signal must be heard in this room: higher after every second 「不要」."""
    useless = sum(one.signal == signal and one.useful is False for one in scene.interventions)
    return min(0.99, signals()[signal].clear + RAISED * (useless // 2))


def experience(scene: Scene) -> int:
    """Return how experienced the pair is: experiments they have finished together, and an alliance."""
    done = sum(one.state == "done" for one in scene.record.experiments)
    return done + (scene.record.stage in ("building", "allied"))


def may_speak(to: str, signal: Signal, scene: Scene, now: datetime) -> bool:
    """Whether one more word that nobody asked for may be said to somebody: not the same again, not too much a day."""
    said = [one for one in scene.interventions if now - one.at < DAY]
    mine = [one for one in said if one.label.whom == to]
    same = any(
        one.signal == signal and one.label.whom == to and now - one.at < SAME_APART for one in scene.interventions
    )
    fade = min(experience(scene), 2)
    return (
        not same
        and len(said) < ROOM_A_DAY - fade
        and len(mine) < max(1, PERSON_A_DAY - (fade > 0))
        and all(now - one.at >= PERSON_APART for one in mine)
    )


def raise_due(kind: SignalKind, due: Due, scene: Scene, now: datetime, cite: Cite) -> Spoken:
    """Take up a computed signal: with the side whose turn it is, with the facilitator, or in the room."""
    replies: list[Reply] = []
    about = MessageId(f"{kind.id}:{due.key}")
    for to, step in _hearers(kind, due, scene):
        locale = scene.locale_for(to)
        label = Label(why=kind.why(locale), how=step, whom=to)
        template = kind.note if step == "note" else kind.asked_of(due.side)
        text = _worded(template, kind, label, locale, evidence=due.evidence(locale))
        reply = Reply(
            to=to, kind="reminder", text=text, citations=cite(kind.cards), choices=_choices(locale),
            in_reply_to=about, signal=kind.id, label=label,
        )  # fmt: skip
        replies.append(reply)
        scene = _logged(scene, kind.id, label, now, due.key)
    return Spoken(tuple(replies), scene.having(reminded={**scene.reminded, about: now}))


def feedback(words: str, who: str, scene: Scene) -> Scene | None:
    """Return the scene with the latest word to this person marked, if these words are 「役に立った」 or 「不要」."""
    said = words.strip().lower()
    useful = said in (USEFUL.ja, USEFUL.en.lower())
    if not useful and said not in (USELESS.ja, USELESS.en.lower()):
        return None
    hearer = {who, "facilitator"} if _is_facilitator(who, scene) else {who} if scene.room.person(who) else set()
    mine = [one for one in scene.interventions if one.label.whom in hearer and one.useful is None]
    if not mine:
        return scene
    marked = mine[-1].model_copy(update={"useful": useful})
    return scene.having(
        interventions=tuple(marked if one.number == marked.number else one for one in scene.interventions)
    )


def _urgent(finding: Finding, scene: Scene, now: datetime) -> tuple[Step, ...]:
    told = [now - one.at for one in scene.interventions if one.signal == finding.signal and one.about == finding.who]
    just_now = any(ago < URGENT_APART for ago in told)
    return () if just_now or sum(ago < DAY for ago in told) >= URGENT_A_DAY else ("warn", "note")


def _patient(kind: SignalKind, finding: Finding, scene: Scene, now: datetime) -> tuple[Step, ...]:
    """Observe, then ask, then tell the facilitator, then, if it helps, the room."""
    before = [
        one
        for one in scene.findings
        if one.signal == kind.id
        and one.who == finding.who
        and one.message != finding.message
        and now - one.at < MEMORY
    ]
    done = {
        one.label.how
        for one in scene.interventions
        if one.signal == kind.id and one.about == finding.who and now - one.at < MEMORY
    }
    if "note" in done or ("ask" in done and not scene.room.of("facilitator")):
        worded = any(one.label.how == "word" and now - one.at < WORD_APART for one in scene.interventions)
        if kind.word is None or worded or not may_speak("room", kind.id, scene, now):
            return ()
        return ("word",)
    if "ask" in done:
        return ("note",) if may_speak("facilitator", kind.id, scene, now) else ()
    patient = kind.urgency == "later" or experience(scene) >= 2
    if patient and not before and finding.score < SURE:
        return ()
    return ("ask",) if may_speak(finding.who, kind.id, scene, now) else ()


def _speak(steps: Sequence[Step], finding: Finding, scene: Scene, now: datetime, cite: Cite) -> Spoken:
    replies: list[Reply] = []
    kind = signals()[finding.signal]
    speaker = scene.room.person(finding.who)
    for step in steps:
        to = {"note": "facilitator", "word": "room"}.get(step, finding.who)
        locale = scene.locale_for(to)
        label = Label(why=kind.why(locale), how=step, whom=to)
        template = kind.note if step == "note" else kind.word if step == "word" else None
        words = template or kind.asked_of(speaker.side if speaker else None)
        reply = Reply(
            to=to,
            kind={"warn": "warning", "note": "note", "word": "note"}.get(step, "question"),
            text=_worded(
                words, kind, label, locale, who=finding.who, evidence=finding.evidence, reason=finding.reason
            ),
            citations=cite(kind.cards),
            choices=() if step == "word" else _choices(locale),
            in_reply_to=finding.message,
            signal=finding.signal,
            label=label,
        )
        replies.append(reply)
        scene = _logged(scene, finding.signal, label, now, finding.who)
    return Spoken(tuple(replies), scene)


def _worded(
    words: Text, kind: SignalKind, label: Label, locale: Locale, *, evidence: str, who: str = "", reason: str = ""
) -> str:
    body = words(locale).replace("{who}", who).replace("{evidence}", evidence)
    note = label.how == "note"
    return render(
        "intervention",
        locale,
        body=body,
        reason=reason if note else "",  # It is about who spoke, and was written for who leads.
        options=[] if note else [option(locale) for option in kind.options],
        why=label.why,
        whom=label.whom,
        how=label.how,
    )


def _choices(locale: Locale) -> tuple[str, ...]:
    return (USEFUL(locale), USELESS(locale))


def _logged(scene: Scene, signal: Signal, label: Label, now: datetime, about: str) -> Scene:
    number = 1 + max((one.number for one in scene.interventions), default=0)
    return scene.intervened(Intervention(number=number, signal=signal, label=label, at=now, about=about))


def _hearers(kind: SignalKind, due: Due, scene: Scene) -> list[tuple[str, Step]]:
    note: list[tuple[str, Step]] = [("facilitator", "note")] if scene.room.of("facilitator") else []
    if kind.to == "facilitator":
        return note
    if kind.to == "room":
        return [("room", "word")]
    asked = _people(due.side, scene)[:1]
    return [*((name, "ask") for name in asked), *note]


def _people(side: Side | None, scene: Scene) -> list[str]:
    return [person.name for person in scene.room.people if side is not None and person.side == side]


def _is_facilitator(who: str, scene: Scene) -> bool:
    return any(person.name == who for person in scene.room.of("facilitator"))
