"""Plain statements that change the record. They are noticed and confirmed with a button, never applied silently."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.clock import day_of
from bot.dates import take_date
from bot.model import Label, Message, Person, Reply, Text
from bot.redact import masked
from bot.scene import Confirmation, Scene
from knowledge.ear import Hearing
from prompts import render

YES = Text(ja="はい、記録する", en="Yes, note it")
NO = Text(ja="いいえ", en="No")
HEARD = 0.6
SURE = 0.8
"""Decisions and tasks are spoken of all day; only the clear ones are worth a question."""
FORGET = "/forget yes"
LASTS = timedelta(days=3)
"""A yes that comes later may be a yes to something else."""
PERSON_APART, ROOM_APART = timedelta(hours=24), timedelta(hours=3)
_YES = {YES.ja, YES.en.lower(), "はい", "yes", "y", "ok", "お願いします"}
_NO = {NO.ja, NO.en.lower(), "n", "no", "結構です"}


class Proposal(NamedTuple):
    """A question whether something should be noted, and what is done if so."""

    reply: Reply
    confirmation: Confirmation


def proposal(message: Message, scene: Scene, hearing: Hearing) -> Proposal | None:
    """Return what a plain statement in the room seems to change, as a question to who said it."""
    speaker = scene.known(message.sender)
    if speaker.side is None:
        return None
    heard = sorted(((sound.score, name, sound.evidence) for name, sound in hearing.statements.items()), reverse=True)
    for score, name, evidence in heard:
        if name not in _COMMANDS or score < (SURE if name in _COMMON else HEARD):
            continue
        if name in _COMMON and not _may_ask(message, scene):
            continue
        words = message.text if name in _WHOLE else evidence
        command = _COMMANDS[name](masked(words), scene, speaker, day_of(message.at, scene.room.zone))
        if command:
            return _asked(command, name, message, scene)
    return None


def offered(one: Proposal, message: Message, scene: Scene) -> Scene:
    """Return the scene after somebody was asked whether to note something."""
    who = message.sender.name
    told = {**scene.reminded, _key(who): message.at, _key("room"): message.at}
    return scene.confirming(who, one.confirmation).having(reminded=told)


def confirmed(words: str, who: str, scene: Scene, at: datetime) -> tuple[str | None, Scene]:
    """Return the command that these words confirm, if they are an answer to a question whether to do something.

    An empty command means no.
    """
    waiting = scene.confirmations.get(who)
    if waiting is not None and at - waiting.at > LASTS:
        return None, scene.confirming(who, None)
    if waiting is None:
        return None, scene
    if not is_yes_or_no(words):
        # Who talks of something else has not agreed to have it all deleted.
        return None, scene.confirming(who, None) if waiting.command == FORGET else scene
    scene = scene.confirming(who, None)
    if words.strip().lower().rstrip("。.!！") in _YES:
        return waiting.command, scene
    # It was understood wrongly, so it must not count as said either.
    heard = tuple(one.model_copy(update={"states": ()}) if one.who == who else one for one in scene.heard)
    return "", scene.having(heard=heard)


def is_yes_or_no(words: str) -> bool:
    """Whether these words are a plain yes or no."""
    return words.strip().lower().rstrip("。.!！") in _YES | _NO


def left(message: Message, scene: Scene) -> Reply:
    """Say that after a no everything stays as it is."""
    who = message.sender.name
    return Reply(to=who, kind="notice", text=_LEFT(scene.locale_for(who)), in_reply_to=message.id)


def _may_ask(message: Message, scene: Scene) -> bool:
    """Whether one more question of the common kind is bearable to this person and in this room."""
    asked = [scene.reminded.get(_key(who)) for who in (message.sender.name, "room")]
    return all(
        at is None or message.at - at >= apart for at, apart in zip(asked, (PERSON_APART, ROOM_APART), strict=True)
    )


def _key(who: str) -> str:
    return f"confirm:{who}"


def _asked(command: str, name: str, message: Message, scene: Scene) -> Proposal:
    who = message.sender.name
    locale = scene.locale_for(who)
    label = Label(why=_WHY(locale), how="ask", whom=who)
    reply = Reply(
        to=who,
        kind="question",
        text=render("confirm", locale, what=name, command=command),
        choices=(YES(locale), NO(locale)),
        in_reply_to=message.id,
        label=label,
    )
    return Proposal(reply, Confirmation(command=command, at=message.at))


def _nda_signed(evidence: str, scene: Scene, _: Person, today: date) -> str:
    if scene.record.nda.standing(today) == "signed":
        return ""
    on, _rest = take_date(evidence, today)
    return f"/nda signed {on if on and on <= today else today}"


def _nda_drafting(_: str, scene: Scene, __: Person, today: date) -> str:
    return "/nda drafting" if scene.record.nda.standing(today) == "none" else ""


def _cost(evidence: str, scene: Scene, speaker: Person, _: date) -> str:
    payer = (speaker.side and scene.room.names.get(speaker.side)) or speaker.name
    return f"/cost {_one_line(evidence).replace(':', ' ').replace('：', ' ')}: {payer.replace(' ', '')}"


def _started(_: str, scene: Scene, __: Person, ___: date) -> str:
    planned = scene.record.experiments and scene.record.experiments[-1].state == "planned"
    return "/experiment start" if planned and not scene.record.experiments[-1].gaps else ""


def _ended(evidence: str, scene: Scene, _: Person, __: date) -> str:
    running = scene.record.experiments and scene.record.experiments[-1].state == "running"
    return f"/experiment result {_one_line(evidence)}" if running else ""


def _stopped(_: str, scene: Scene, __: Person, ___: date) -> str:
    return "" if scene.record.stage == "stopped" else "/stage stopped"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


_COMMANDS: dict[str, Callable[[str, Scene, Person, date], str]] = {
    "nda_signed": _nda_signed,
    "nda_drafting": _nda_drafting,
    "decision": lambda evidence, *_: f"/decide {_one_line(evidence)}",
    "action": lambda evidence, _, speaker, __: f"/action {_one_line(evidence)} @{speaker.name}",
    "cost_ours": _cost,
    "experiment_started": _started,
    "experiment_ended": _ended,
    "talks_ended": _stopped,
}
_LEFT = Text(ja="わかりました。そのままにしておきます。", en="All right, I leave it as it is.")
_WHOLE = ("experiment_ended",)
"""A result seldom stands in the sentence that says it is over."""
_COMMON = ("decision", "action", "cost_ours")
_WHY = Text(
    ja="決まったことが、あとで食い違わないように。", en="So that what was settled is not remembered in two ways."
)
