"""A coaching session that a human runs. Nakodo proposes the agenda, keeps the time, and drafts the minutes.

The clock, the balance of the talk and the questions are for who leads, in private: a room that is told who talks too
much talks less.
"""

import re
from datetime import date, datetime, timedelta

from bot import desk, gate
from bot.agenda import Plan, boxes_of, plan_for, title_of
from bot.clock import day_of, local
from bot.dates import take_date
from bot.errors import RecordError
from bot.length import length_of
from bot.model import Message, MessageId, Reply, Text
from bot.orders import Done, Order
from bot.papers import called, once, short
from bot.papers import of_session as minutes_of
from bot.partnership import Action
from bot.redact import masked
from bot.scene import Scene, Session, TimeBox
from bot.suggest import quieter, shares, suggested
from knowledge.card import Locale, Side
from knowledge.ear import Hearing
from prompts import render

MINUTES = 45
SHORTEST, LONGEST = 10, 240
BEFORE_END = 5
"""Minutes before the end at which the facilitator is told."""
HEARD = 0.5
_LENGTH = re.compile(
    r"^\s*(?:(?P<hours>\d{1,3})\s*(?:時間|hours?|h\b)(?P<half>半)?|(?P<minutes>\d{1,4})\s*(?:分間?|minutes?|mins?|m\b)?)"
    r"(?:で|の|、|,|:|：|\s|$)\s*(?:(?:on|about|for)\s+)?",
    re.IGNORECASE,
)


def start(order: Order, words: str) -> Done:
    """Start a session of so many minutes about a topic, if none is running, and show the room its agenda."""
    scene = order.scene
    if scene.session is not None:
        return order.done(_RUNNING, topic=scene.session.topic)
    minutes, topic = _read(words)
    if not SHORTEST <= minutes <= LONGEST:
        return order.done(_LENGTHS, shortest=SHORTEST, longest=LONGEST)
    topic = topic or _TOPIC(scene.room.locale)
    plan = plan_for(topic)
    session = Session(
        topic=topic,
        start=order.at,
        minutes=minutes,
        boxes=boxes_of(plan, minutes, scene.room.locale),
        first=order.message,
    )
    shown = Reply(
        to="room",
        kind="document",
        text=_agenda(session, plan, scene, scene.room.locale, order.sender.name),
        in_reply_to=order.message,
    )
    told = "\n\n".join((_BEGUN(order.locale), _agenda(session, plan, scene, order.locale, order.sender.name)))
    return Done(told, scene.having(session=session), others=(shown,))


def look(order: Order) -> Done:
    """Say how the session stands: time, box, balance, what was settled, and a question or two to help it along."""
    session, scene, locale = _running(order), order.scene, order.locale
    questions = suggested(session, scene, locale, at=order.at, most=2)
    used = _minutes(order.at - session.start)
    number = _box_at(session, order.at)
    text = render(
        "session_look",
        locale,
        topic=session.topic,
        used=used,
        left=session.minutes - used,
        box=title_of(session.boxes[number], locale) if number is not None else "",
        box_left=_minutes(_ends(session)[number] - order.at) if number is not None else 0,
        balance=_balance(session, scene, locale),
        decisions=[short(one, 80) for one in once(session.decisions)],
        actions=[short(one, 80) for one in once([one.text for one in session.actions])],
        questions=questions,
    )
    return Done(text, scene.having(session=_asking(session, questions)), kind="document")


def end(order: Order) -> Done:
    """End the session, and give the facilitator a draft of its minutes for the room."""
    session, scene = _running(order), order.scene
    page = Reply(
        to="room",
        kind="document",
        text=minutes_of(session, scene, order.at, scene.room.locale),
        in_reply_to=order.message,
    )
    scene = scene.having(session=None, reminded=_without(session, scene))
    used, balance = _minutes(order.at - session.start), _balance(session, scene, order.locale)
    if not scene.room.of("facilitator"):
        # Nobody sits at the desk: who ended it has the minutes at once, and the room as well.
        return Done(_told_end(order.locale, used, balance, draft=""), scene, others=(page,))
    draft, scene = desk.park(scene, page, order.at)
    shown = gate.as_draft(draft.id, page, scene)
    return Done(_told_end(order.locale, used, balance, draft=draft.id), scene, others=(shown,))


def spoke(session: Session, side: Side, text: str) -> Session:
    """Return the session after a side said something."""
    spoken = {**session.spoken, side: session.spoken.get(side, 0) + length_of(text)}
    return session.model_copy(update={"spoken": spoken})


def collected(session: Session, hearing: Hearing, who: str, today: date) -> Session:
    """Return the session with what was decided, or taken on by who spoke, in a message."""
    decided, taken = hearing.statements.get("decision"), hearing.statements.get("action")
    if decided and decided.score >= HEARD:
        session = session.model_copy(update={"decisions": (*session.decisions, masked(decided.evidence))})
    if taken and taken.score >= HEARD:
        due, _ = take_date(taken.evidence, today)
        action = Action(number=0, text=masked(taken.evidence), owner=who, due=due)
        session = session.model_copy(update={"actions": (*session.actions, action)})
    return session


def listened(message: Message, scene: Scene, hearing: Hearing) -> Scene:
    """Return the scene after a session has taken in what was said in the room."""
    side = scene.known(message.sender).side
    if scene.session is None or side is None or message.private:
        return scene
    session = spoke(scene.session, side, message.text)
    today = day_of(message.at, scene.room.zone)
    return scene.having(session=collected(session, hearing, message.sender.name, today))


def due(scene: Scene, now: datetime) -> tuple[tuple[Reply, ...], Scene]:
    """Tell who leads that a box has ended, or that the end is near; what came due meanwhile is told in one word."""
    session = scene.session
    if session is None:
        return (), scene
    ended = [not box.told and at <= now for box, at in zip(session.boxes, _ends(session), strict=True)]
    near = _near_key(session) not in scene.reminded and _ends(session)[-1] - _NEAR <= now
    if not any(ended) and not near:
        return (), scene
    over = session.boxes[-1].told or ended[-1]
    boxes = tuple(
        box.model_copy(update={"told": box.told or gone}) for box, gone in zip(session.boxes, ended, strict=True)
    )
    scene = scene.having(reminded={**scene.reminded, _near_key(session): now} if near else scene.reminded)
    session = session.model_copy(update={"boxes": boxes})
    to = _leader(scene)
    locale = scene.locale_for(to)
    quiet = quieter(session) if to != "room" else None  # Who leads hears of it; the room is not embarrassed.
    questions = suggested(session, scene, locale, at=now, most=1) if quiet else ()
    text = render(
        "session_time",
        locale,
        ended=_title_of_last(session, ended, locale),
        next=_next_box(session, now, locale) if any(ended) else None,
        left=max(0, session.minutes - _minutes(now - session.start)),
        near=near and not over,
        over=over,
        balance=_balance(session, scene, locale) if quiet else "",
        question=questions[0] if questions else "",
    )
    reply = Reply(to=to, kind="reminder", text=text, in_reply_to=MessageId(session.first))
    return (reply,), scene.having(session=_asking(session, questions))


def next_moment(scene: Scene, after: datetime) -> datetime | None:
    """Return the next time at which `due` has something to say, after a moment."""
    session = scene.session
    if session is None:
        return None
    moments = [at for box, at in zip(session.boxes, _ends(session), strict=True) if not box.told]
    if _near_key(session) not in scene.reminded:
        moments.append(_ends(session)[-1] - _NEAR)
    return min((at for at in moments if at > after), default=None)


def _read(words: str) -> tuple[int, str]:
    """Return the minutes and the topic: 「45 テーマ設定」, “90 minutes on costs”, or a topic alone."""
    found = _LENGTH.match(words)
    if found is None:
        return MINUTES, words.strip()
    hours = found["hours"]
    minutes = int(hours) * 60 + (30 if found["half"] else 0) if hours else int(found["minutes"])
    return minutes, words[found.end() :].strip()


def _running(order: Order) -> Session:
    session = order.scene.session
    if session is None:
        raise RecordError(_NONE)
    return session


def _agenda(session: Session, plan: Plan, scene: Scene, locale: Locale, starter: str) -> str:
    ends = _ends(session)
    clock = [f"{local(at, scene.room.zone):%H:%M}" for at in (session.start, *ends)]
    leading = scene.room.of("facilitator")
    return render(
        "session_agenda",
        locale,
        topic=session.topic,
        minutes=session.minutes,
        intention=plan.intention(locale),
        outcome=plan.outcome(locale),
        boxes=[(clock[n], clock[n + 1], title_of(box, locale), box.minutes) for n, box in enumerate(session.boxes)],
        lead=leading[0].name if leading else starter,
        sides=[called(side, scene, locale) for side in ("sme", "startup")],
        nda=scene.record.nda.standing(day_of(session.start, scene.room.zone)),
        purpose=scene.record.nda.purpose,
    )


def _told_end(locale: Locale, used: int, balance: str, *, draft: str) -> str:
    return render("session_ended", locale, used=used, balance=balance, draft=draft)


def _balance(session: Session, scene: Scene, locale: Locale) -> str:
    """Return the balance of the talk as people read it; empty before anybody has said much."""
    found = shares(session)
    mark = "、" if locale == "ja" else ", "
    return mark.join(f"{called(side, scene, locale)} {round(share * 100)}%" for side, share in found.items())


def _ends(session: Session) -> list[datetime]:
    """Return when each box ends."""
    gone = 0
    found = []
    for box in session.boxes:
        gone += box.minutes
        found.append(session.start + timedelta(minutes=gone))
    return found


def _box_at(session: Session, at: datetime) -> int | None:
    return next((number for number, end in enumerate(_ends(session)) if at < end), None)


def _title_of_last(session: Session, ended: list[bool], locale: Locale) -> str:
    last = [box for box, gone in zip(session.boxes, ended, strict=True) if gone]
    return title_of(last[-1], locale) if last else ""


def _next_box(session: Session, now: datetime, locale: Locale) -> tuple[str, int] | None:
    number = _box_at(session, now)
    if number is None:
        return None
    box: TimeBox = session.boxes[number]
    return title_of(box, locale), _minutes(_ends(session)[number] - now)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _asking(session: Session, questions: tuple[str, ...]) -> Session:
    return session.model_copy(update={"questions": (*session.questions, *questions)})


def _leader(scene: Scene) -> str:
    """Return who is told the time: the facilitator, an organizer, or, where nobody leads, the room."""
    if scene.room.of("facilitator"):
        return "facilitator"
    organizers = scene.room.of("organizer")
    return organizers[0].name if organizers else "room"


def _near_key(session: Session) -> str:
    return f"session:{session.first}:end"


def _without(session: Session, scene: Scene) -> dict[str, datetime]:
    return {what: at for what, at in scene.reminded.items() if what != _near_key(session)}


_NEAR = timedelta(minutes=BEFORE_END)
_TOPIC = Text(ja="次の一歩", en="the next step")
_RUNNING = Text(
    ja="いま「{topic}」のセッションの途中です。先に「/session end」で締めてください。",
    en="The session on “{topic}” is still running. End it first: /session end",
)
_LENGTHS = Text(
    ja="時間は{shortest}分から{longest}分までで決めてください。例: 「/session start 45 テーマ設定」",
    en="Make it {shortest} to {longest} minutes, like: /session start 45 choosing a theme",
)
_BEGUN = Text(
    ja="始めました。時間は私が見て、区切りごとにお知らせします。部屋にも次の進め方を出しました。"
    "様子は「/session」、締めるときは「/session end」です。",
    en="It has begun. I watch the clock and tell you when a part ends. The room has this agenda too. "
    "“/session” shows how it stands, “/session end” closes it.",
)
_NONE = Text(ja="いまセッションはありません。", en="No session is running.")
