"""A question to Nakodo: who asks in which situation, what the coach says to it, and who may watch it being said."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bot.clock import day_of
from bot.gate import release
from bot.model import Message, Reply, Said, Trace
from bot.ports import Aloud, Composer
from bot.scene import Scene
from bot.seen import seen

Overheard = Callable[[Message, str], None]
"""Hears an answer while it is made: the message that it answers, and what may be shown of it so far."""


class Consulted(NamedTuple):
    """What the coach says, the scene after it, and what language models did for it."""

    replies: tuple[Reply, ...]
    scene: Scene
    traces: tuple[Trace, ...]


def consult(
    message: Message, words: str, scene: Scene, coach: Composer, overheard: Overheard | None = None
) -> Consulted:
    """Put a question to the coach."""
    sender = scene.known(message.sender)
    # What was said in private must not shape what is said in the room.
    talk = sender.name if message.private else "room"
    history, asker = scene.talk_with(talk), scene.asker(sender)
    answer = coach.answer(
        words or "?",
        locale=scene.locale_for(sender.name),
        situation=scene.situation_of(sender, day_of(message.at, scene.room.zone)),
        history=history,
        asker=asker,
        aloud=_aloud(message, talk, scene, overheard),
    )
    reply = Reply(
        to=talk,
        kind="question" if answer.kind == "clarify" else "answer",
        text=answer.text,
        citations=answer.citations,
        choices=answer.next,
        in_reply_to=message.id,
    )
    asked = Said(role="person", text=words or "?", side=sender.side)
    said = Said(role="bot", text=answer.text, side=sender.side)
    after = scene.remembering(talk, (asked, said))
    if answer.trace is None:
        return Consulted((reply,), after, ())
    texts = (words, *asker.recent, *(one.text for one in history if one.role == "person"))
    return Consulted((reply,), seen(message, after, (answer.trace,), texts), (answer.trace,))


def _aloud(message: Message, to: str, scene: Scene, overheard: Overheard | None) -> Aloud | None:
    """Return who hears an answer while it is made: nobody, if the gate would not let it out as it is."""
    if overheard is None:
        return None
    probe = Reply(to=to, kind="answer", text="…", in_reply_to=message.id)
    return partial(overheard, message) if release((probe,), scene, message.at).replies == (probe,) else None
