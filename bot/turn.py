"""The road: one message in, replies out. Read this file first.

A turn decides and changes nothing outside: it takes the scene and returns the replies and the scene as it is then.
"""

from typing import NamedTuple

from bot.commands import obey
from bot.intent import Intent, intent
from bot.model import Message, Reply, Said, Situation
from bot.ports import Composer
from bot.scene import Scene
from knowledge.tokens import language


class Outcome(NamedTuple):
    """What a turn comes to."""

    replies: tuple[Reply, ...]
    scene: Scene


def turn(message: Message, scene: Scene, coach: Composer) -> Outcome:
    """Take one message along the road."""
    wanted = intent(message)
    if wanted.wants == "talk":
        return Outcome((), scene)  # People talk with each other: listen.
    if wanted.wants == "command":
        return _command(message, wanted, scene)
    return _question(message, wanted, scene, coach)


def _command(message: Message, wanted: Intent, scene: Scene) -> Outcome:
    done = obey(wanted.words, message.sender, scene)
    reply = Reply(to=_to(message), kind="notice", text=done.text, in_reply_to=message.id)
    return Outcome((reply,), done.scene)


def _question(message: Message, wanted: Intent, scene: Scene, coach: Composer) -> Outcome:
    sender = scene.known(message.sender)
    words = wanted.words or "?"
    answer = coach.answer(
        words,
        locale=scene.locale_of(sender.name) or language(words, default=scene.room.locale),
        situation=Situation(side=sender.side, stage=scene.room.stage, nda=scene.room.nda),
        history=scene.talk_with(sender.name),
    )
    reply = Reply(
        to=_to(message),
        kind="question" if answer.kind == "clarify" else "answer",
        text=answer.text,
        citations=answer.citations,
        choices=answer.next,
        in_reply_to=message.id,
    )
    said = (Said(role="person", text=words), Said(role="bot", text=answer.text))
    return Outcome((reply,), scene.remembering(sender.name, said))


def _to(message: Message) -> str:
    return message.sender.name if message.private else "room"
