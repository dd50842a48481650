"""Which partnership needs the human first, and why. Pure decisions, on a scene or on its brief."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot import desk
from bot.clock import day_of
from bot.intervene import MEMORY
from bot.model import Finding, Signal, Text
from bot.papers import called, dated, short, soon
from bot.scene import Draft, Escalation, Heard, Intervention, Scene
from bot.signals import signals
from bot.watch import SIDES, pulse_of, waiting
from knowledge.card import Side

CALLED, DRAFTS, OVERDUE, LONG, REST, OVER = range(6)
"""The order in which a human is needed."""
KEPT = 40
"""Findings and interventions in a brief; older ones stand on the partnership's own page."""
DECIDED = 8
"""Decided drafts in a brief, so that one sees who was faster."""
_FAR = timedelta(days=365)


def brief(scene: Scene) -> Scene:
    """Return what a list of many needs of a scene: nothing told in private, no words of the room, no long history."""
    both = scene.record.read_by(None)
    return Scene(
        room=scene.room,
        record=both.model_copy(update={"history": (), "decisions": (), "sheets": (), "costs": ()}),
        locales=scene.locales,
        heard=_latest(scene.heard),
        findings=scene.findings[-KEPT:],
        interventions=scene.interventions[-KEPT:],
        drafts=(*map(_shortened, decided(scene)), *desk.waiting(scene)),
        escalations=scene.escalations,
        takeover=scene.takeover,
        since=scene.since,
    )


def decided(scene: Scene) -> tuple[Draft, ...]:
    """Return the drafts decided last, the latest at the end."""
    return tuple(one for one in scene.drafts if one.state != "waiting")[-DECIDED:]


def _shortened(draft: Draft) -> Draft:
    reply = draft.reply.model_copy(update={"text": short(draft.reply.text, 120), "citations": (), "choices": ()})
    return draft.model_copy(update={"reply": reply})


def _latest(heard: tuple[Heard, ...]) -> tuple[Heard, ...]:
    """Return when each side last spoke and since when one waits: the last turn of each, without its words."""
    talk = [one for one in heard if one.side in SIDES]
    turns = [one for n, one in enumerate(talk) if all(one.side == later.side for later in talk[n:])]
    before = talk[: len(talk) - len(turns)][-1:]
    return tuple(one.model_copy(update={"text": "", "states": ()}) for one in (*before, *turns))


class Attention(NamedTuple):
    """A partnership's place among all: the smaller `rank`, the sooner; within it the smaller `since`."""

    rank: int
    since: datetime
    why: Text


def attention(scene: Scene, now: datetime) -> Attention:
    """Return how much a partnership needs the human now, and why."""
    looks: tuple[Callable[[Scene, datetime], Attention | None], ...] = (_called, _drafted, _overdue, _long, _over)
    found = (look(scene, now) for look in looks)
    return next((one for one in found if one is not None), None) or _rest(scene, now)


def calls(scene: Scene) -> tuple[Escalation, ...]:
    """Return what a human was called for and nobody has taken care of yet, the oldest first."""
    return tuple(one for one in scene.escalations if not one.cared)


class Wait(NamedTuple):
    """Who waits for whom, and since when."""

    waits: Side
    on: Side
    since: datetime
    days: int


def wait(scene: Scene, now: datetime) -> Wait | None:
    """Return who waits for an answer."""
    for side, since in waiting(scene).items():
        other: Side = "startup" if side == "sme" else "sme"
        return Wait(side, other, since, max(0, (now - since).days))
    return None


class Matter(NamedTuple):
    """Something that was noticed, and what was done about it. What record and clock say has no finding."""

    signal: Signal
    about: str
    at: datetime
    finding: Finding | None
    done: tuple[Intervention, ...]

    @property
    def useful(self) -> bool | None:
        """What somebody thought of it; None while nobody has said so."""
        return next((one.useful for one in reversed(self.done) if one.useful is not None), None)


def matters(scene: Scene) -> tuple[Matter, ...]:
    """Return what was noticed, the latest first."""
    done: dict[tuple[Signal, str, datetime], list[Intervention]] = {}
    for one in scene.interventions:
        done.setdefault((one.signal, one.about, one.at), []).append(one)
    found = [
        Matter(one.signal, one.who, one.at, one, tuple(done.pop((one.signal, one.who, one.at), ())))
        for one in scene.findings
    ]
    found += [Matter(*key, None, tuple(some)) for key, some in done.items()]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def is_open(matter: Matter, now: datetime) -> bool:
    """Whether something was said lately, and nobody has told whether it helped."""
    return bool(matter.done) and matter.useful is None and now - matter.at < MEMORY


def ago(since: datetime, now: datetime) -> Text:
    """Return how long ago a moment is, in one word."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return Text(ja=f"{minutes}分", en=f"{minutes} min")
    if minutes < 48 * 60:
        return Text(ja=f"{minutes // 60}時間", en=f"{minutes // 60} h")
    return Text(ja=f"{minutes // 1440}日", en=f"{minutes // 1440} days")


def _called(scene: Scene, now: datetime) -> Attention | None:
    found = calls(scene)
    if not found:
        return None
    first, time = found[0], ago(found[0].at, now)
    why = Text(
        ja=f"{first.who}さんが人の助けを{time.ja}待っています", en=f"{first.who} has waited {time.en} for a human"
    )
    return Attention(CALLED, first.at, why)


def _drafted(scene: Scene, now: datetime) -> Attention | None:
    found = desk.waiting(scene)
    if not found:
        return None
    since = min(one.at for one in found)
    time, many = ago(since, now), len(found)
    why = Text(
        ja=f"下書き{many}件が、長いもので{time.ja}、承認を待っています"
        if many > 1
        else f"下書きが{time.ja}、承認を待っています",
        en=f"{many} drafts wait for you, the oldest {time.en}"
        if many > 1
        else f"a draft has waited {time.en} for you",
    )
    return Attention(DRAFTS, since, why)


def _overdue(scene: Scene, now: datetime) -> Attention | None:
    today, record = day_of(now, scene.room.zone), scene.record.read_by(None)
    late = [
        _late(one.due, today, Text(ja=f"「{short(one.text, 24)}」の期日", en=f"“{short(one.text, 40)}”"))
        for one in record.actions
        if not one.done and one.due and one.due < today
    ]
    if record.stage != "stopped":
        late += [
            _late(
                one.ends, today, Text(ja=f"実験{one.number}の判断の日", en=f"go or stop on experiment {one.number}")
            )
            for one in record.experiments
            if one.state == "running" and one.ends and one.ends <= today
        ]
        if record.nda.state == "signed" and record.nda.expires and record.nda.expires < today:
            late.append(_late(record.nda.expires, today, Text(ja="NDAの期限", en="renewing the NDA")))
    if not late:
        return None
    day, why = min(late, key=lambda one: one[0])
    return Attention(OVERDUE, _midnight(day, now), why)


def _late(day: date, today: date, what: Text) -> tuple[date, Text]:
    days = (today - day).days
    if days == 0:
        return day, Text(ja=f"{what.ja}が今日です", en=f"{what.en} is due today")
    return day, Text(
        ja=f"{what.ja}を{days}日過ぎています", en=f"{what.en} is {days} day{'s' if days > 1 else ''} overdue"
    )


def _long(scene: Scene, now: datetime) -> Attention | None:
    pulse = pulse_of(scene, now)
    known = signals()
    due = known["reply_waiting"].due(pulse)
    if due is not None:
        return Attention(LONG, min(pulse.waiting.values()), _bare(due.evidence))
    due = known["stall"].due(pulse)
    if due is None:
        return None
    return Attention(LONG, max(pulse.last_word.values(), default=pulse.opened or now), _bare(due.evidence))


def _over(scene: Scene, now: datetime) -> Attention | None:
    if scene.record.stage != "stopped":
        return None
    return Attention(OVER, now, Text(ja="終わった協業です", en="this one is over"))


def _rest(scene: Scene, now: datetime) -> Attention:
    today = day_of(now, scene.room.zone)
    found, dates = wait(scene, now), soon(scene, today, "ja")
    since = _midnight(dates[0].day, now) if dates else now + _FAR
    if scene.takeover:
        why = Text(ja=f"{scene.takeover}さんが話を引き取っています", en=f"{scene.takeover} is doing the talking")
    elif found:
        since = min(since, found.since)
        names = [called(found.on, scene, locale) for locale in ("ja", "en")]
        why = Text(ja=f"{names[0]}の番です", en=f"it is {names[1]}’s turn")
    elif dates:
        english = soon(scene, today, "en")[0]
        why = Text(
            ja=f"次は{dated(dates[0].day, 'ja', today)}の「{dates[0].what}」",
            en=f"next: {english.what}, {dated(english.day, 'en', today)}",
        )
    else:
        why = Text(ja="急ぎのことはありません", en="nothing urgent")
    return Attention(REST, since, why)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _bare(text: Text) -> Text:
    return Text(ja=text.ja.rstrip("。"), en=text.en.rstrip("."))
