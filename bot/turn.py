"""The road: one message in, replies out. Read this file first.

A turn decides and changes nothing outside: it takes the scene and returns the replies and the scene as it is then.
"""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from bot import budget, escalate, intervene, session, statements, tongue, workshop
from bot.clock import day_of
from bot.commands import obey
from bot.consult import Overheard, consult
from bot.gate import Released, open_up, release
from bot.guide import takes_questions
from bot.intent import Intent, intent
from bot.intervene import Cite
from bot.model import Finding, Message, Reply, Trace
from bot.ports import Composer, Listener, Model
from bot.reminders import due
from bot.scene import Scene
from bot.watch import overheard, watch, words_of
from knowledge.ear import SILENCE, Hearing

if TYPE_CHECKING:
    from bot.judge import Judge
    from bot.scribe import Scribe


class House(NamedTuple):
    """What a turn draws on."""

    coach: Composer
    ear: Listener
    cite: Cite
    aloud: Overheard | None = None
    model: Model | None = None
    """The language model that is set up, if one is: `/privacy` names it."""
    judge: "Judge | None" = None
    scribe: "Scribe | None" = None


class Outcome(NamedTuple):
    """What a turn comes to. `findings` are those of this message, `traces` what language models did in it."""

    replies: tuple[Reply, ...]
    scene: Scene
    findings: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()


def turn(message: Message, scene: Scene, house: House) -> Outcome:
    """Take one message along the road."""
    wanted = intent(message)
    scene = tongue.listened(message, wanted, scene if scene.since else scene.having(since=message.at))
    outcome = _taken(message, wanted, scene, house)
    replies, scene = budget.noticed(message, Released(outcome.replies, outcome.scene), outcome.traces)
    return outcome._replace(replies=replies, scene=scene.showing(replies))


def _taken(message: Message, wanted: Intent, scene: Scene, house: House) -> Outcome:
    morning, scene = open_up(scene, message.at)
    if wanted.wants == "command":
        replies, after = obey(wanted.words, message, scene, house.model)
        if house.scribe is None:
            return Outcome((*morning, *replies), after)
        penned = house.scribe.go_over(message, scene, replies, after)
        return Outcome((*morning, *penned.replies), penned.scene, traces=penned.traces)
    hearing = _hear(message, wanted, scene, house)
    call = escalate.escalation(message, scene, hearing)
    findings = () if message.private else watch(message, scene, hearing)
    traces: tuple[Trace, ...] = ()
    if house.judge is not None and wanted.wants == "talk" and call is None:
        findings, scene, traces = house.judge.weigh(message, scene, hearing, findings)
    if wanted.wants == "question":
        hearing = hearing._replace(statements={})  # Who asks Nakodo something states nothing.
    scene = session.listened(message, overheard(message, scene, hearing).noticing(findings), hearing)
    if call is not None and (message.private or not scene.human_drives):
        asked = wanted.words if wanted.wants == "question" and escalate.doubtful(call, hearing) else ""
        called = escalate.called(call, message, asked, scene, house.coach)
        return Outcome((*morning, *called.replies), called.scene, findings, called.traces)
    if scene.human_drives:
        return Outcome(morning, scene, findings)
    if wanted.wants == "question" and message.private:
        answered = _private(message, wanted.words, scene, house)
    elif wanted.wants == "question":
        answered = _question(message, wanted.words, scene, house)
    else:
        answered = Outcome((), scene)
    spoken = _unasked(message, answered.scene, findings, hearing, house)
    out = release((*answered.replies, *spoken.replies), spoken.scene, message.at)
    return Outcome((*morning, *out.replies), out.scene, findings, (*traces, *answered.traces))


def _hear(message: Message, wanted: Intent, scene: Scene, house: House) -> Hearing:
    """Hear what people say in their own words, without the call to Nakodo; a button says only what it offered."""
    if message.private and tongue.is_button(wanted.words.strip(), message.sender.name, scene):
        return SILENCE
    return house.ear.hear(words_of(message, scene, wanted.words if wanted.wants == "question" else message.text))


def tick(now: datetime, scene: Scene, house: House) -> Outcome:
    """Let time pass: what waited for the morning, and what is due."""
    morning, scene = open_up(scene, now)
    replies, scene = due(scene, now, house.cite)
    out = release(replies, scene, now)
    return Outcome((*morning, *out.replies), out.scene.showing((*morning, *out.replies)))


def _private(message: Message, words: str, scene: Scene, house: House) -> Outcome:
    """Take a word to the bot alone: an answer to something it asked, or a question."""
    who = message.sender.name
    command, scene = statements.confirmed(words, who, scene, message.at)
    if command:
        return Outcome(*obey(command, message, scene, house.model))
    if command == "":
        return Outcome((statements.left(message, scene),), scene)
    marked = intervene.feedback(words, who, scene)
    if marked is not None:
        return Outcome((), marked)
    exercise = scene.exercise_of(who)
    if exercise is None:
        return _question(message, words, scene, house)
    today = day_of(message.at, scene.room.zone)
    if takes_questions(exercise) or not words.rstrip().endswith(("?", "？")):
        worked = workshop.answered(message, words, exercise, scene, today, scribe=house.scribe)
        return Outcome(worked.replies, worked.scene, traces=worked.traces)
    asked = _question(message, words, scene, house)
    again = workshop.reminded(exercise, asked.scene, message.id, today)
    return asked._replace(replies=(*asked.replies, again))


def _question(message: Message, words: str, scene: Scene, house: House) -> Outcome:
    replies, scene, traces = consult(message, words, scene, house.coach, house.aloud)
    return Outcome(replies, scene, traces=traces)


def _unasked(
    message: Message, scene: Scene, findings: tuple[Finding, ...], hearing: Hearing, house: House
) -> Released:
    """Say what nobody asked for, if it matters: about a finding, else whether something should go into the record."""
    spoken = intervene.respond(findings, scene, message.at, house.cite)
    if spoken.replies or message.private or scene.session is not None:
        return Released(*spoken)
    offered = statements.proposal(message, scene, hearing)
    if offered is None or release((offered.reply,), scene, message.at).replies != (offered.reply,):
        return Released((), scene)
    return Released((offered.reply,), statements.offered(offered, message, scene))
