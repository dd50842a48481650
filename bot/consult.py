"""A question to Nakodo: who asks in which situation, what the coach says to it, and who may watch it being said."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from bot.clock import day_of
from bot.gate import release
from bot.model import Label, Message, MessageId, Reply, Said, Text, Trace
from bot.papers import dated
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
    notice, after = _spent(message, answer.trace, seen(message, after, (answer.trace,), texts))
    return Consulted((reply, *notice), after, (answer.trace,))


def _spent(message: Message, trace: Trace, scene: Scene) -> tuple[tuple[Reply, ...], Scene]:
    """Tell the facilitator, once a day, that the day's tokens are spent; not who asked, nor what."""
    today, last = day_of(message.at, scene.room.zone), scene.reminded.get(_BUDGET)
    told = last is not None and day_of(last, scene.room.zone) == today
    if trace.end != "budget" or told or not scene.room.of("facilitator"):
        return (), scene
    locale = scene.locale_for("facilitator")
    days = {"day": dated(today, locale, today), "next": dated(today + timedelta(days=1), locale, today)}
    notice = Reply(
        to="facilitator",
        kind="notice",
        text=_SPENT(locale).format(**days),  # Days by their dates: it may be read the morning after.
        in_reply_to=MessageId(f"{_BUDGET}:{today}"),
        label=Label(why=_WHY(locale), how="note", whom="facilitator"),
    )
    return (notice,), scene.having(reminded={**scene.reminded, _BUDGET: message.at})


def _aloud(message: Message, to: str, scene: Scene, overheard: Overheard | None) -> Aloud | None:
    """Return who hears an answer while it is made: nobody, if the gate would not let it out as it is."""
    if overheard is None:
        return None
    probe = Reply(to=to, kind="answer", text="…", in_reply_to=message.id)
    return partial(overheard, message) if release((probe,), scene, message.at).replies == (probe,) else None


_BUDGET = "model_budget"
_WHY = Text(ja="お答えの言い回しが、いつもより素っ気なくなるためです", en="Answers sound plainer until then.")
_SPENT = Text(
    ja="生成AIの、{day}の分を使い切りました。{next}になるまで、お答えはカードの文そのままでお出しします。"
    "中身と出典は変わりません。上限を上げるときは、Nakodoを動かしている方に NAKODO_MODEL_TOKENS"
    "（一日に使える量）を大きくするよう頼んでください。",
    en="The language model’s share for {day} is used up. Until {next}, answers come straight from the cards: plainer "
    "words, the same content and sources. To raise the limit, ask whoever runs Nakodo for a larger "
    "NAKODO_MODEL_TOKENS (tokens a day).",
)
