"""What is due at a given now: the time of a running session, and once a working day what record and clock say.

It only says what would be said. The gate holds it over night, mutes it, or lays it on the desk.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from bot import gate, minutes, session
from bot.clock import ROUND, day_of, is_working, local, next_round
from bot.intervene import Cite, raise_due
from bot.model import Label, MessageId, Reply, Step, Text
from bot.papers import dated, short
from bot.partnership import Action
from bot.scene import Scene
from bot.watch import computed, pulse_of
from prompts import render

WEEKLY = 7
"""Days between two reminders of the same overdue action."""
AT_ONCE = 5
"""Actions that one reminder names; a longer list is read by nobody."""
When = Literal["before", "day", "late"]


class _Near(NamedTuple):
    action: Action
    when: When
    key: str


def due(scene: Scene, now: datetime, cite: Cite) -> tuple[tuple[Reply, ...], Scene]:
    """Return what is to be said now, and the scene that remembers that it was."""
    if scene.human_drives:
        return (), scene
    told, scene = session.due(scene, now)
    today = day_of(now, scene.room.zone)
    if not _round_is_due(scene, now):
        return told, scene
    rounds = {what: at for what, at in scene.reminded.items() if not what.startswith("round:")}
    scene = scene.having(reminded={**rounds, _round_key(today): now})
    replies = list(told)
    for kind, one in computed(pulse_of(scene, now)):
        if f"{kind.id}:{one.key}" not in scene.reminded:
            spoken = raise_due(kind, one, scene, now, cite)
            replies += spoken.replies
            scene = spoken.scene
    reminders, scene = _of_actions(scene, now, today)
    replies += reminders
    if _begins_week(today, scene.room.zone) and scene.record.stage != "stopped" and scene.room.of("facilitator"):
        replies.append(_weekly(scene, now, today))
    return tuple(replies), scene


def next_moment(scene: Scene, after: datetime) -> datetime:
    """Return when to look again: the session's time, the end of the quiet hours, or the next round."""
    moments = [next_round(after, scene.room.zone), session.next_moment(scene, after), gate.opens(scene, after)]
    return min(at for at in moments if at is not None and at > after)


def _round_is_due(scene: Scene, now: datetime) -> bool:
    here = local(now, scene.room.zone)
    return (
        is_working(here.date(), scene.room.zone)
        and here.time() >= ROUND
        and _round_key(here.date()) not in scene.reminded
    )


def _round_key(day: date) -> str:
    return f"round:{day}"


def _of_actions(scene: Scene, now: datetime, today: date) -> tuple[list[Reply], Scene]:
    """Remind each owner of theirs in one word, and the facilitator of what nobody here owns.

    What is one side's own is told to that side alone.
    """
    near = [found for action in scene.record.actions if (found := _nearing(action, scene, today))]
    by_hearer: dict[str, list[_Near]] = {}
    for one in near:
        if hearer := _hearer(one.action, scene):
            by_hearer.setdefault(hearer, []).append(one)
    told = {one.key: now for some in by_hearer.values() for one in some[:AT_ONCE]}
    replies = [_reminder(to, some[:AT_ONCE], scene, today) for to, some in by_hearer.items()]
    return replies, scene.having(reminded={**scene.reminded, **told})


def _hearer(action: Action, scene: Scene) -> str | None:
    """Return who is to hear of an action."""
    owner = scene.room.person(action.owner)
    if action.side is not None:
        own = scene.room.of(action.side)
        return owner.name if owner in own and owner else own[0].name if own else None
    if owner is not None:
        return owner.name
    return "facilitator" if scene.room.of("facilitator") else None


def _nearing(action: Action, scene: Scene, today: date) -> _Near | None:
    """Return when an action is to be reminded of: on the working day before, on the day, weekly once late."""
    if action.done or action.due is None:
        return None
    when: When = "before" if today < action.due else "day" if today == action.due else "late"
    if when == "before" and not _is_eve(today, action.due, scene.room.zone):
        return None
    key = f"action:{action.number}:{action.due}:{when}"
    if when != "late":
        return None if key in scene.reminded else _Near(action, when, key)
    earlier = (key, f"action:{action.number}:{action.due}:day")
    last = max((scene.reminded[one] for one in earlier if one in scene.reminded), default=None)
    if last is not None and (today - day_of(last, scene.room.zone)).days < WEEKLY:
        return None
    return _Near(action, when, key)


def _is_eve(today: date, day: date, zone: str) -> bool:
    """Whether this is the last working day before a day: what is due on Monday is told on Friday."""
    between = ((today + timedelta(days=n)) for n in range(1, (day - today).days))
    return not any(is_working(one, zone) for one in between)


def _reminder(to: str, near: Iterable[_Near], scene: Scene, today: date) -> Reply:
    own = to != "facilitator"
    locale = scene.locale_for(to)
    how: Step = "ask" if own else "note"
    label = Label(why=_PROMISED(locale), how=how, whom=to)
    near = list(near)
    rows = [
        (
            one.when,
            short(one.action.text, 80),
            one.action.owner,
            dated(one.action.due, locale, today) if one.action.due else "",
            abs((one.action.due - today).days) if one.action.due else 0,
        )
        for one in near
    ]
    text = render(
        "actions_due",
        locale,
        own=own,
        rows=rows,
        late=any(one.when == "late" for one in near),
        first=near[0].action.number,
        why=label.why,
    )
    done = "/action 済 {}" if locale == "ja" else "/action done {}"
    choices = tuple(done.format(one.action.number) for one in near)
    return Reply(
        to=to,
        kind="reminder",
        text=text,
        choices=choices,
        in_reply_to=MessageId(f"actions:{today}"),
        label=label,
    )


def _begins_week(today: date, zone: str) -> bool:
    """Whether this is the week's first working day: a Monday, or the day after the holidays."""
    return not any(is_working(today - timedelta(days=n), zone) for n in range(1, today.weekday() + 1))


def _weekly(scene: Scene, now: datetime, today: date) -> Reply:
    locale = scene.locale_for("facilitator")
    return Reply(
        to="facilitator",
        kind="document",
        text=minutes.digest(scene, now, locale),
        in_reply_to=MessageId(f"digest:{today}"),
        label=Label(why=_WEEKLY(locale), how="note", whom="facilitator"),
    )


_PROMISED = Text(
    ja="小さな約束が守られていくことが、次の信頼になるからです",
    en="Small promises kept are what the next step rests on.",
)
_WEEKLY = Text(
    ja="週の初めに、全体を一目で見ていただくためです", en="So that the week begins with the whole in view."
)
