"""How the room's papers are written: dates, names, quotes, and the page of minutes. `minutes` and `session` fill it.

It rests on what the room said and on the record that both sides may read. What somebody told Nakodo in private, and a
page that is one side's own, never come here.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.clock import day_of, local
from bot.dates import take_date
from bot.model import Text
from bot.names import SIDE_NAMES
from bot.partnership import Action
from bot.redact import masked
from bot.scene import Heard, Scene, Session
from knowledge.card import Locale, Side
from prompts import render

SIDES: tuple[Side, ...] = ("sme", "startup")
AHEAD = timedelta(days=14)
"""How far ahead something counts as due soon."""
NDA_AHEAD = timedelta(days=45)
"""A new NDA takes weeks, so its end is told earlier."""
QUOTES = 6
QUOTE = 40
"""Characters of a person's words that are quoted; twice as many of words without kana or kanji, which run longer."""


class Row(NamedTuple):
    """Something to do, as it stands in minutes. `due` is a date as people write it; empty is open."""

    text: str
    owner: str
    due: str


class Dated(NamedTuple):
    """Something with a day."""

    day: date
    what: str


def of_session(session: Session, scene: Scene, at: datetime, locale: Locale, drafted: Sequence[str] = ()) -> str:
    """Return minutes of a session, from its start to now; `drafted` says what it was about, instead of quotations."""
    said = said_in(session, scene)
    decided = [one.text for one in scene.record.decisions if one.by.at >= session.start]
    # Who said it and who noted it may have worded it alike: the fuller one stands.
    decisions = once([*session.decisions, *decided])
    said_so = [one.text for one in session.actions]
    filed = [one for one in scene.record.read_by(None).actions if one.text in said_so]
    loose = {one.text: one for one in session.actions if not any(alike(one.text, other.text) for other in filed)}
    # Who took it on and who noted it may have worded it alike: the fuller one stands.
    actions = rows([*filed, *(loose[text] for text in once(list(loose)))], locale, day_of(at, scene.room.zone))
    return written(
        scene, at, locale, said, drafted=drafted,
        topic=session.topic, decisions=decisions, actions=actions, start=session.start,
    )  # fmt: skip


def said_in(session: Session, scene: Scene) -> list[Heard]:
    """Return what people said to each other in a session so far."""
    return [one for one in spoken(scene.heard) if one.at >= session.start]


def written(
    scene: Scene,
    at: datetime,
    locale: Locale,
    said: Sequence[Heard],
    *,
    drafted: Sequence[str] = (),
    topic: str,
    decisions: Sequence[str],
    actions: Sequence[Row],
    start: datetime | None = None,
) -> str:
    """Return the page of minutes of what was said. With a `start` it is of a session that ends now."""
    zone = scene.room.zone
    today = day_of(at, zone)
    first, last = day_of(said[0].at if said else at, zone), day_of(said[-1].at if said else at, zone)
    days = [dated(first, locale)] if first == last else [dated(first, locale), dated(last, locale, first)]
    if start is not None:
        days = [dated(day_of(start, zone), locale)]
    return render(
        "minutes",
        locale,
        days=days,
        hours=[f"{local(moment, zone):%H:%M}" for moment in (start, at) if moment] if start else [],
        people=_people(said, scene, locale),
        topic=short(topic, 60),
        theme=short(scene.record.theme.statement, 100),
        drafted=drafted,
        quotes=[] if drafted else _quotes(said),
        decisions=[short(text, 100) for text in decisions],
        actions=actions,
        questions=_open_questions(said, scene),
        next=_next_date(said, scene, today, locale),
    )


def spoken(heard: Iterable[Heard]) -> list[Heard]:
    """Return what people said to each other: no commands, no words to the bot, nothing that was forgotten."""
    return [one for one in heard if one.text.strip() and not one.text.lstrip().lower().startswith(("/", "@nakodo"))]


def _people(said: Sequence[Heard], scene: Scene, locale: Locale) -> list[str]:
    names = dict.fromkeys(one.who for one in said)
    found = []
    for name in names:
        side = next(one.side for one in said if one.who == name)
        party = side and (scene.room.names.get(side) or SIDE_NAMES[side](locale))
        mark = ("（{}）" if locale == "ja" else " ({})").format(party) if party else ""
        found.append(name + mark)
    return found


def _quotes(said: Sequence[Heard]) -> list[tuple[str, str]]:
    """Return the sayings with most in them, in their order. A nod needs no minute."""
    fullest = sorted(said, key=lambda one: -len(one.text))[:QUOTES]
    return [(one.who, short(one.text, _room_for(one.text))) for one in said if one in fullest]


def _room_for(text: str) -> int:
    return QUOTE if any(character >= "\u3040" for character in text) else QUOTE * 2


def _open_questions(said: Sequence[Heard], scene: Scene) -> list[str]:
    """Return the questions of the record, and the last one in the room that the other side has not taken up."""
    noted = [short(one.text, 100) for one in scene.record.questions if not one.answer]
    for one in reversed(said):
        if one.side not in SIDES or one.side != next(last.side for last in reversed(said) if last.side in SIDES):
            break
        if one.asks:
            return [*noted, short(one.text, QUOTE * 2)]
    return noted


def _next_date(said: Sequence[Heard], scene: Scene, today: date, locale: Locale) -> str:
    """Return the next meeting as it was said in the room, else the next thing that is due."""
    for one in reversed(said):
        if found := _NEXT.search(one.text):
            day, _ = take_date(one.text[found.start() :], day_of(one.at, scene.room.zone))
            if day and day >= today:
                return dated(day, locale, today)
    ahead = [one for one in soon(scene, today, locale) if one.day >= today]
    return f"{dated(ahead[0].day, locale, today)} {ahead[0].what}" if ahead else ""


def rows(actions: Iterable[Action], locale: Locale, today: date) -> list[Row]:
    """Return things to do as they stand in minutes."""
    return [Row(short(one.text, 100), one.owner, dated(one.due, locale, today) if one.due else "") for one in actions]


def short(text: str, most: int) -> str:
    """Return a text as one line, masked, and cut where it is too long."""
    line = masked(" ".join(text.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def alike(one: str, other: str) -> bool:
    """Whether one text says what the other says."""
    one, other = ("".join(text.split()).rstrip("。.") for text in (one, other))
    return one in other or other in one


def once(texts: Iterable[str]) -> list[str]:
    """Return the texts without those that say again what a fuller one says."""
    kept: list[str] = []
    for text in filter(str.strip, texts):
        twin = next((n for n, other in enumerate(kept) if alike(text, other)), None)
        if twin is None:
            kept.append(text)
        elif len(text) > len(kept[twin]):
            kept[twin] = text
    return kept


def soon(scene: Scene, today: date, locale: Locale) -> list[Dated]:
    """Return what is overdue or due soon of what both sides may read, the earliest first."""
    record = scene.record.read_by(None)
    found = [Dated(one.due, _owned(one, locale)) for one in record.actions if one.due and is_soon(one, today)]
    found += [
        Dated(one.ends, _ENDS(locale).format(number=one.number))
        for one in record.experiments
        if one.state == "running" and one.ends and one.ends - today <= AHEAD
    ]
    expires = record.nda.expires
    if record.nda.state == "signed" and expires and expires - today <= NDA_AHEAD:
        found.append(Dated(expires, _EXPIRES(locale)))
    return sorted(found)


def is_soon(action: Action, today: date) -> bool:
    """Whether something to do is overdue or due soon."""
    return not action.done and action.due is not None and action.due - today <= AHEAD


def _owned(action: Action, locale: Locale) -> str:
    owner = action.owner and ("（{}さん）" if locale == "ja" else " ({})").format(action.owner)
    return short(action.text, 60) + owner


def called(side: Side, scene: Scene, locale: Locale) -> str:
    """Return what a party is called in a sentence: its name, politely, or what kind of party it is."""
    name = scene.room.names.get(side)
    if locale == "ja":
        return f"{name}さん" if name else f"{SIDE_NAMES[side].ja}側"
    return name or SIDE_NAMES[side].en


def dated(day: date, locale: Locale, today: date | None = None) -> str:
    """Return a day as people write it; without the year where it is this year's."""
    year = "" if today and today.year == day.year else str(day.year)
    if locale == "ja":
        return f"{year and year + '年'}{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {year}".strip()


_NEXT = re.compile(
    r"次回|次の(?:打ち?合わ?せ|会合|回)|\bnext (?:meeting|call|time|session)\b|\bmeet again\b", re.IGNORECASE
)
_ENDS = Text(ja="実験{number}の終了日", en="experiment {number} ends")
_EXPIRES = Text(ja="NDAの期限", en="the NDA expires")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
