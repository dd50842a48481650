"""Takes back what somebody took back in the chat: an edit may remove a secret, a deletion does."""

from datetime import UTC, datetime

from bot import seen
from bot.intent import intent
from bot.model import Message, MessageId, Person
from bot.orders.talk import without
from bot.scene import Scene

_ANY = datetime(2000, 1, 1, tzinfo=UTC)


def retracted(scene: Scene, message: MessageId, before: str, after: str) -> Scene:
    """Return the scene as if the message had said `after`; empty is deleted.

    What was noticed in the old words, what models were given of them, and what waits to be said about them, goes.
    The record stays: it changes by commands and confirmed buttons only.
    """
    words = intent(Message(id=message, sender=Person(name="?"), at=_ANY, text=before)).words
    gone = [before, words]
    return scene.having(
        heard=tuple(
            one.model_copy(update={"text": after, "states": (), "asks": one.asks and bool(after)})
            if one.id == message
            else one
            for one in scene.heard
        ),
        talks={who: without(said, gone) for who, said in scene.talks.items()},
        model_seen=seen.without(scene, gone),
        findings=tuple(one for one in scene.findings if one.message != message),
        escalations=tuple(one for one in scene.escalations if one.message != message),
        drafts=tuple(one for one in scene.drafts if one.state != "waiting" or one.reply.in_reply_to != message),
        held=tuple(one for one in scene.held if one.reply.in_reply_to != message),
    )
