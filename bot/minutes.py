"""Minutes of what the room said, and the digest of what moves and what waits.

Both are for everybody's eyes: they rest on the record that both sides may read and on what was said in the room. What
somebody told Nakodo in private, and a page that is one side's own, never come here.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot import desk
from bot.clock import day_of, working_days
from bot.history import told
from bot.model import Text
from bot.names import STAGE_NAMES
from bot.papers import called, dated, is_soon, rows, short, soon, spoken, written
from bot.partnership import TERM_NAMES
from bot.scene import Heard, Scene
from bot.watch import waiting
from knowledge.card import Locale, Side, Stage
from prompts import render

WEEK = timedelta(days=7)


def of_talk(scene: Scene, at: datetime, locale: Locale, drafted: Sequence[str] = ()) -> str:
    """Return minutes of what the room has said in the last week; of all that is still known if that is nothing.

    `drafted` says what it was about, instead of quotations.
    """
    said = said_of(scene, at)
    since = said[0].at if said else at - WEEK
    decisions = [one.text for one in scene.record.decisions if one.by.at >= since]
    both = scene.record.read_by(None)
    actions = rows([one for one in both.actions if not one.done], locale, day_of(at, scene.room.zone))
    return written(scene, at, locale, said, drafted=drafted, topic="", decisions=decisions, actions=actions)


def said_of(scene: Scene, at: datetime) -> list[Heard]:
    """Return what minutes are about: what people said to each other in the last week, or all that is still known."""
    return said_lately(scene, at) or spoken(scene.heard)


def said_lately(scene: Scene, at: datetime) -> list[Heard]:
    """Return what people said to each other in the last week."""
    return [one for one in spoken(scene.heard) if at - one.at <= WEEK]


def digest(
    scene: Scene, at: datetime, locale: Locale, since: datetime | None = None, drafted: Sequence[str] = ()
) -> str:
    """Return what moved since a moment (a week ago), what waits, what is due, and a next step: at most 30 lines.

    `drafted` says what was talked about; without it, that is left out.
    """
    zone = scene.room.zone
    today = day_of(at, zone)
    since = since or at - WEEK
    record = scene.record.read_by(None)
    moved = [
        f"{dated(day_of(one.by.at, zone), locale, today)} {told(one, locale)}"
        for one in record.history
        if one.by.at >= since
    ]
    dates = soon(scene, today, locale)
    later = [one for one in record.actions if not one.done and not is_soon(one, today)]
    later.sort(key=lambda one: (one.due or date.max, one.number))
    waits = [
        (called(side, scene, locale), called(_other(side), scene, locale), working_days(start, at, zone))
        for side, start in waiting(scene).items()
    ]
    return render(
        "digest",
        locale,
        day=dated(today, locale),
        since=dated(day_of(since, zone), locale, today),
        stage=STAGE_NAMES[record.stage](locale),
        drafted=drafted,
        moved=moved[-5:],
        moved_more=max(0, len(moved) - 5),
        actions=rows(later[:3], locale, today),
        actions_more=max(0, len(later) - 3),
        questions=[short(one.text, 60) for one in record.questions if not one.answer][:2],
        questions_more=max(0, sum(not one.answer for one in record.questions) - 2),
        drafts=len(desk.waiting(scene)),
        waits=waits,
        due=[(dated(one.day, locale, today), one.what, (one.day - today).days) for one in dates[:4]],
        due_more=max(0, len(dates) - 4),
        step=_next_step(scene, at, locale),
    )


def _other(side: Side) -> Side:
    return "startup" if side == "sme" else "sme"


def _next_step(scene: Scene, at: datetime, locale: Locale) -> str:
    """Return the one thing that would help most now: what is stuck first, then what the stage is about."""
    today = day_of(at, scene.room.zone)
    record = scene.record.read_by(None).on(today)
    late = next((one for one in record.actions if not one.done and one.due and one.due < today), None)
    if late:
        return _LATE(locale).format(text=short(late.text, 40))
    for side, since in waiting(scene).items():
        if working_days(since, at, scene.room.zone) >= 2:
            return _ANSWER(locale).format(who=called(_other(side), scene, locale))
    latest = record.experiments[-1] if record.experiments else None
    if latest and latest.state == "running" and latest.ends and latest.ends <= today:
        return _GO_STOP(locale).format(number=latest.number)
    if latest and latest.state == "planned" and latest.gaps:
        gaps = ("、" if locale == "ja" else ", ").join(TERM_NAMES[gap](locale) for gap in latest.gaps)
        return _SETTLE(locale).format(number=latest.number, gaps=gaps)
    if record.stage == "agreeing" and record.nda.state != "signed":
        return _BIND(locale)
    return _STEPS[record.stage](locale)


_LATE = Text(
    ja="「{text}」は期日を過ぎています。いつならできるか、日を決め直しましょう。",
    en="“{text}” is overdue. Agree on a day when it can be done.",
)
_ANSWER = Text(
    ja="{who}に、返事のできる日だけでも聞いてみましょう。", en="Ask {who} at least for a day when an answer can come."
)
_GO_STOP = Text(
    ja="実験{number}は終了日です。続けるか、変えるか、やめるかを決めましょう（/coach go_stop）。",
    en="Experiment {number} has reached its end date. Decide: go on, change or stop (/coach go_stop).",
)
_SETTLE = Text(
    ja="実験{number}を始める前に、決めておきましょう: {gaps}。",
    en="Before experiment {number} starts, settle {gaps}.",
)
_BIND = Text(
    ja="秘密の中身を出す前に、NDAの目的を一文で決めましょう（/coach nda_checklist）。",
    en="Before anything secret is opened, agree on the NDA's purpose in one sentence (/coach nda_checklist).",
)
_STEPS: dict[Stage, Text] = {
    "preparing": Text(
        ja="だれの何の困りごとかを、一文にしてみましょう（/coach theme_canvas）。",
        en="Put whose trouble it is into one sentence (/coach theme_canvas).",
    ),
    "meeting": Text(
        ja="次に会う日と、その日に一緒に見るものを一つ決めましょう。",
        en="Settle the next day you meet, and one thing you will look at together.",
    ),
    "agreeing": Text(
        ja="いちばん小さな実験を一枚に書きましょう（/coach experiment_plan）。",
        en="Write the smallest experiment on one page (/coach experiment_plan).",
    ),
    "experimenting": Text(
        ja="結果を一緒に見る日を、いまのうちに押さえましょう。",
        en="Book the day on which you look at the result together.",
    ),
    "deciding": Text(
        ja="続けるか、変えるか、やめるかを決める日を決めましょう（/coach go_stop）。",
        en="Set the day for deciding whether to go on, change or stop (/coach go_stop).",
    ),
    "building": Text(
        ja="次の区切りと、そこで見る数字を一つ決めましょう。",
        en="Settle the next milestone and the one figure you will look at there.",
    ),
    "allied": Text(
        ja="おたがいに得ているものを見直す日を決めましょう。",
        en="Set a day to look again at what each side gets from it.",
    ),
    "stopped": Text(
        ja="今回学んだことを、記録に一行残しておきましょう。",
        en="Leave one line in the record about what was learned.",
    ),
}
