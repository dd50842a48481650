"""A running experiment comes to its end date: the room is asked to choose go or stop."""

from datetime import date

from bot.model import Text
from bot.partnership import Experiment
from bot.signals import Due, Pulse, SignalKind

AHEAD = 3
"""Days before the end at which the room first hears of it."""
TERMS = (
    Text(ja="進む目安", en="Go if"),
    Text(ja="やめる目安", en="Stop if"),
    Text(ja="決める人", en="Who decides"),
)


def _due(pulse: Pulse) -> Due | None:
    if pulse.record.stage == "stopped":
        return None
    # All that are due make one occasion: else an old one, said already, would hide a new one.
    due = [
        (one, one.ends)
        for one in pulse.record.experiments
        if one.state == "running" and one.ends and (one.ends - pulse.today).days <= AHEAD
    ]
    if not due:
        return None
    key = " ".join(f"{one.number}:{ends}:{_step((ends - pulse.today).days)}" for one, ends in due)
    told = [_told(one, ends, pulse.today) for one, ends in due]
    return Due(key, Text(ja="\n".join(one.ja for one in told), en="\n".join(one.en for one in told)))


def _step(days: int) -> str:
    """Return which time it is said: before, on the day, and then once a week, not daily, until somebody decides."""
    if days > 0:
        return "soon"
    return f"over{-days // 7}" if days <= -7 else "today"


def _told(one: Experiment, ends: date, today: date) -> Text:
    days = (ends - today).days
    if days > 0:
        when = Text(ja=f"あと{days}日", en=f"{days} day{'s' if days > 1 else ''} left")
    elif days == 0:
        when = Text(ja="今日", en="today")
    else:
        when = Text(ja=f"区切りから{-days}日", en=f"{-days} day{'s' if days < -1 else ''} ago")
    terms = [(name, term) for name, term in zip(TERMS, (one.success, one.stop, one.decider), strict=True) if term]
    ja = f"実験{one.number}「{one.question}」（{ends.month}月{ends.day}日まで、{when.ja}）"
    en = f"Experiment {one.number}, “{one.question}” (until {ends.day} {ends:%B}; {when.en})"
    return Text(
        ja="\n".join([ja, *(f"- {name.ja}: {term}" for name, term in terms)]),
        en="\n".join([en, *(f"- {name.en}: {term}" for name, term in terms)]),
    )


SIGNAL = SignalKind(
    id="go_stop_due",
    name=Text(ja="実験の区切りの日", en="The day to decide"),
    why=Text(
        ja="決めた日に決めると、どちらを選んでも次へ進めるからです",
        en="A decision on the agreed day lets both move on, whichever it is.",
    ),
    urgency="soon",
    ask=Text(
        ja="{evidence}\n\n進む、止まる、期日を付けて一度だけ延ばす。どれにするか、三十分ほど話しませんか。"
        "止まるのも初めから予定した道の一つで、分かったことは両社に残ります。",
        en="{evidence}\n\nGo on, stop, or extend once with a date: shall we take half an hour to choose? Stopping "
        "was one of the planned roads from the start, and what you learned stays with both of you.",
    ),
    note=Text(
        ja="{evidence}\n決められる方々の予定を押さえ、分かったこと、残る疑問、"
        "進む費用の三つを見てもらってはいかがでしょう。",
        en="{evidence}\nYou might book those who may decide, and have them look at three things: what is known, "
        "what is open, what going on costs.",
    ),
    cards=("go-stop", "disappointing-result"),
    due=_due,
    to="room",
)
