"""What needs a human: a legal dispute, harassment, fraud, a person in distress. Nakodo says that it calls the
facilitator, does so, and stops. Where it cannot be sure, what is asked in private is answered all the same."""

from bot.consult import Consulted, consult
from bot.gate import release
from bot.model import Label, Message, Reply, Text
from bot.ports import Composer
from bot.redact import masked
from bot.scene import Escalation, Scene
from knowledge.ear import Hearing
from prompts import render

IN_PRIVATE, IN_THE_ROOM = 0.55, 0.75
"""How surely a call must be heard. Who speaks to Nakodo alone has nobody else listening; the room has. In an exercise
feelings are asked for, so there as well more must be heard."""
SURELY = 0.9
"""From here on nothing is said but that a human comes; with less it may well be an ordinary question."""


def escalation(message: Message, scene: Scene, hearing: Hearing) -> Escalation | None:
    """Return what a human has to be called for."""
    call, sound = max(hearing.calls.items(), key=lambda item: item[1].score, default=("", None))
    alone = message.private and scene.exercise_of(message.sender.name) is None
    if sound is None or sound.score < (IN_PRIVATE if alone else IN_THE_ROOM):
        return None
    # What is told in private is kept nowhere but in the talk itself.
    evidence = "" if message.private else masked(sound.evidence)
    number = 1 + max((one.number for one in scene.escalations), default=0)
    return Escalation(
        number=number, call=call, who=message.sender.name, at=message.at, message=message.id, evidence=evidence
    )


def doubtful(found: Escalation, hearing: Hearing) -> bool:
    """Whether it may be an ordinary question. Who may be in distress is not advised."""
    return found.call != "distress" and hearing.calls[found.call].score < SURELY


def calling(
    found: Escalation, message: Message, scene: Scene, *, answered: bool = False
) -> tuple[tuple[Reply, ...], Scene]:
    """Tell who spoke, call the facilitator. What was said in private is not repeated: only that help is wanted.

    `answered` is whether an answer follows.
    """
    humans = scene.room.of("facilitator") or scene.room.of("organizer")
    who = message.sender.name
    locale = scene.locale_for(who)
    name = humans[0].name if humans else ""
    told = Reply(
        to=who,
        kind="notice",
        text=render("escalate", locale, call=found.call, human=name, private=message.private, answered=answered),
        in_reply_to=message.id,
        label=None if message.private else _label(found, who, scene),
    )
    replies = [told]
    if humans:
        theirs = scene.locale_for("facilitator")
        call = "" if message.private else found.call
        note = render("called", theirs, call=call, who=who, evidence=found.evidence, answered=answered)
        label = None if message.private else _label(found, "facilitator", scene)
        replies.append(Reply(to="facilitator", kind="note", text=note, in_reply_to=message.id, label=label))
    return tuple(replies), scene.having(escalations=(*scene.escalations, found)[-50:])


def called(found: Escalation, message: Message, asked: str, scene: Scene, coach: Composer) -> Consulted:
    """Call a human. What was asked in private is answered as well, if there is something on it."""
    nothing = answered = Consulted((), scene, ())
    if asked and message.private and not scene.human_drives:
        answered = consult(message, asked, scene, coach)
    if not any(reply.citations for reply in answered.replies):
        answered = nothing
    replies, after = calling(found, message, answered.scene, answered=bool(answered.replies))
    if not message.private:
        return Consulted(*release(replies, after, message.at), ())
    out = release(answered.replies, after, message.at)
    return Consulted((*replies, *out.replies), out.scene, answered.traces)


def _label(found: Escalation, to: str, scene: Scene) -> Label:
    return Label(why=NAMES[found.call](scene.locale_for(to)), how="warn", whom=to)


NAMES = {
    "legal_dispute": Text(ja="法律の争いになりそうです", en="It may become a legal dispute"),
    "harassment": Text(ja="いやがらせの疑いがあります", en="It may be harassment"),
    "fraud": Text(ja="ごまかしの疑いがあります", en="It may be fraud"),
    "distress": Text(
        ja="追い詰められている方がいるかもしれません", en="Somebody may be at the end of their strength"
    ),
}
