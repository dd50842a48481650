"""Takes back what somebody took back in the chat: an edit may remove a secret, a deletion does."""

from datetime import UTC, datetime

from bot import seen
from bot.exercises import exercises
from bot.intent import intent
from bot.model import Message, MessageId, Person
from bot.orders.talk import without
from bot.scene import Exercise, Scene
from bot.watch import MOST

_ANY = datetime(2000, 1, 1, tzinfo=UTC)


def retracted(scene: Scene, message: MessageId, before: str, after: str, who: str = "") -> Scene:
    """Return the scene as if the message had said `after`; empty is deleted. `who` wrote it, where that is known.

    What was noticed in the old words, what models were given of them, what waits to be said about them or to be
    noted, goes; an answer in an exercise is what it says now. The record stays: it changes by commands and confirmed
    buttons only.
    """
    words, new = (
        intent(Message(id=message, sender=Person(name="?"), at=_ANY, text=text)).words for text in (before, after)
    )
    gone = [before, words]
    stated = {(one.who, one.at) for one in scene.heard if one.id == message}
    return scene.having(
        heard=tuple(
            one.model_copy(update={"text": after[:MOST], "states": (), "asks": one.asks and bool(after)})
            if one.id == message
            else one
            for one in scene.heard
        ),
        talks={name: without(said, gone) for name, said in scene.talks.items()},
        confirmations={name: one for name, one in scene.confirmations.items() if (name, one.at) not in stated},
        exercises=tuple(
            _reworded(one, words.strip(), new.strip()) if who in ("", one.who) else one for one in scene.exercises
        ),
        model_seen=seen.without(scene, gone),
        findings=tuple(one for one in scene.findings if one.message != message),
        escalations=tuple(one for one in scene.escalations if one.message != message),
        drafts=tuple(one for one in scene.drafts if one.state != "waiting" or one.reply.in_reply_to != message),
        held=tuple(one for one in scene.held if one.reply.in_reply_to != message),
    )


def _reworded(exercise: Exercise, before: str, after: str) -> Exercise:
    """Return an exercise in which what somebody answered in their own words says something else."""
    kind = exercises()[exercise.name]
    mine = [name for name, said in exercise.answers.items() if said == before and kind.question(name).kind == "text"]
    if not mine:
        return exercise
    return exercise.model_copy(update={"answers": {**exercise.answers, **dict.fromkeys(mine, after)}})
