"""The day's tokens are spent: the facilitator is told, whichever met the limit, a question, an opinion or a draft."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.clock import day_of
from bot.gate import Released, release
from bot.model import Label, Message, MessageId, Reply, Text, Trace
from bot.papers import dated
from bot.scene import Scene


def noticed(message: Message, released: Released, traces: Sequence[Trace]) -> Released:
    """Add to what is said that the day's tokens are spent, once a day; not who asked, nor what."""
    replies, scene = released
    if all(one.end != "budget" for one in traces) or not scene.room.of("facilitator"):
        return released
    today, last = day_of(message.at, scene.room.zone), scene.reminded.get(_BUDGET)
    if last is not None and day_of(last, scene.room.zone) == today:
        return released
    out = release((_notice(scene, today),), scene, message.at)
    if not out.replies and out.scene.held == scene.held:
        return released  # Somebody wants quiet, or drives: there is another time.
    after = out.scene.having(reminded={**scene.reminded, _BUDGET: message.at})
    return Released((*replies, *out.replies), after)


def _notice(scene: Scene, today: date) -> Reply:
    locale = scene.locale_for("facilitator")
    days = {"day": dated(today, locale, today), "next": dated(today + timedelta(days=1), locale, today)}
    return Reply(
        to="facilitator",
        kind="notice",
        text=_SPENT(locale).format(**days),  # Days by their dates: it may be read the morning after.
        in_reply_to=MessageId(f"{_BUDGET}:{today}"),
        label=Label(why=_WHY(locale), how="note", whom="facilitator"),
    )


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
