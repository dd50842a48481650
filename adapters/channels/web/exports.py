"""Files to take along: the record as Markdown and JSON, its dates as iCalendar, minutes, and the digest.

A file may be passed on. So it holds what both sides may read, and nothing that was said to one of them, or to the
facilitator. Whatever people typed is escaped as the format wants it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote

from icalendar import TRANSP, Calendar, Event
from starlette.responses import Response

from adapters.channels.web.desk_list import title
from adapters.channels.web.timeline import Shown
from bot import minutes
from bot.clock import day_of, local
from bot.history import told
from bot.model import Text
from bot.names import NDA_EXPIRED, NDA_NAMES, STAGE_NAMES
from bot.papers import called
from bot.partnership import TERM_NAMES, Experiment
from bot.scene import Scene
from knowledge.card import Locale

FORMAT = "nakodo.partnership/1"
NAME = 60
"""Characters of a file's name."""


class Take(NamedTuple):
    """What a file is made of. `talk` is what was said, where it was asked for as well."""

    scene: Scene
    locale: Locale
    now: datetime
    talk: Sequence[Shown] = ()


def as_file(take: Take, kind: str, ending: str, media: str, content: bytes) -> Response:
    """Return a file to download, named after the partnership: no path, no control character, no quote in it."""
    name = f"{safe_name(title(take.scene, take.locale))}-{kind}.{ending}"
    headers = {
        "Content-Disposition": f"attachment; filename=\"nakodo-{kind}.{ending}\"; filename*=UTF-8''{quote(name)}"
    }
    return Response(content, media_type=media, headers=headers)


def safe_name(text: str) -> str:
    """Return a text as a part of a file's name, on every system."""
    plain = unicodedata.normalize("NFC", text)
    return re.sub(r"[^\w]+", "-", plain)[:NAME].strip("-_") or "nakodo"


# Markdown


def plain(text: str) -> str:
    """Return what somebody typed as Markdown that shows it as it is, on one line."""
    line = " ".join(_readable(text).split())
    line = re.sub(r"([\\`*_{}\[\]<>|~])", r"\\\1", line.replace("&", "&amp;"))
    return re.sub(r"^([#+=-]|\d+(?=[.)]))", lambda one: f"{one[0]}\\" if one[0].isdigit() else f"\\{one[0]}", line)


def tame(markdown: str) -> str:
    """Return a page of ours as Markdown in which what people typed opens no tag, no link and no picture."""
    return _readable(markdown).replace("&", "&amp;").replace("<", "&lt;").replace("[", "&#91;")


def _readable(text: str) -> str:
    """Return a text without control characters and without marks that turn its direction around."""
    lines = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", lines)


def as_markdown(take: Take) -> str:
    """Return the record that both sides may read, as a page."""
    scene, locale, now, talk = take
    zone, record = scene.room.zone, scene.record.read_by(None)
    today = day_of(now, zone)
    theme, nda = record.theme, record.nda
    expired = nda.standing(today) != nda.state
    facts = [
        (_STAGE, STAGE_NAMES[record.stage](locale)),
        (_NDA, " ".join(filter(None, [
            (NDA_EXPIRED if expired else NDA_NAMES[nda.state])(locale), _span(nda.signed, nda.expires), nda.purpose,
        ]))),
        (_THEME, theme.statement), (_KEYWORDS, "、".join(theme.keywords)), (_MATTERS, theme.matters),
        *((_brings(called(side, scene, locale)), what) for side, what in theme.brings.items()),
    ]  # fmt: skip
    costs = [" / ".join(filter(None, (one.what, one.payer, one.amount, _day(one.agreed)))) for one in record.costs]
    parts = [f"# {plain(title(scene, locale))}", f"{now.astimezone(local(now, zone).tzinfo):%Y-%m-%d %H:%M} ({zone})"]
    parts.append("\n".join(f"- **{name(locale)}**: {plain(words)}" for name, words in facts if words))
    parts += _listed(_COSTS(locale), costs)
    for one in record.experiments:
        parts += [f"## {_EXPERIMENT(locale).format(number=one.number)}", _terms(one, locale)]
    decisions = [f"{one.text} ({day_of(one.by.at, zone)} {one.by.who})" for one in record.decisions]
    parts += _listed(_DECISIONS(locale), decisions)
    if record.actions:
        rows = [
            f"- [{'x' if one.done else ' '}] {one.number}. {_row(one.text, one.owner, _day(one.due))}"
            for one in record.actions
        ]
        parts += [f"## {_ACTIONS(locale)}", "\n".join(rows)]
    parts += _listed(
        _QUESTIONS(locale), [" → ".join(filter(None, (one.text, one.answer))) for one in record.questions]
    )
    for sheet in record.sheets:
        parts += [f"## {plain(sheet.title)}", tame(sheet.text)]
    history = [f"{day_of(one.by.at, zone)} {one.by.who}: {told(one, locale)} {one.why}" for one in record.history]
    parts += _listed(_HISTORY(locale), history)
    parts += _listed(_TALK(locale), [f"{local(one.at, zone):%Y-%m-%d %H:%M} {one.who}: {one.text}" for one in talk])
    return "\n\n".join(parts) + "\n"


def _row(*cells: str) -> str:
    return plain(" / ".join(filter(None, cells)))


def _listed(name: str, rows: Iterable[str]) -> list[str]:
    found = [f"- {plain(row)}" for row in rows]
    return [f"## {name}", "\n".join(found)] if found else []


def _terms(one: Experiment, locale: Locale) -> str:
    terms = [(name(locale), str(getattr(one, term))) for term, name in TERM_NAMES.items() if getattr(one, term)]
    return "\n".join(
        f"- **{name}**: {plain(words)}" for name, words in [(_STATE(locale), STATES[one.state](locale)), *terms]
    )


def _brings(who: str) -> Text:
    return Text(ja=f"{plain(who)}が持ち寄るもの", en=f"What {plain(who)} brings")


def _span(first: date | None, last: date | None) -> str:
    return f"{_day(first)}〜{_day(last)}" if first and last else _day(first)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def minutes_page(take: Take) -> str:
    """Return minutes of the room's last week."""
    return tame(minutes.of_talk(take.scene, take.now, take.locale)) + "\n"


def digest_page(take: Take) -> str:
    """Return what moved and what waits."""
    return tame(minutes.digest(take.scene, take.now, take.locale)) + "\n"


# JSON


def as_json(take: Take) -> str:
    """Return the record that both sides may read, for other programs."""
    scene = take.scene
    found = {
        "format": FORMAT,
        "room": scene.room.id,
        "zone": scene.room.zone,
        "at": take.now.isoformat(),
        "names": scene.room.names,
        "people": [one.model_dump() for one in scene.room.people],
        "record": scene.record.read_by(None).model_dump(mode="json"),
        "talk": [
            {"sequence": one.sequence, "at": one.at.isoformat(), "who": one.who, "kind": one.kind, "text": one.text}
            for one in take.talk
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


# iCalendar


class _Day(NamedTuple):
    key: str
    """What names it in this partnership, for good."""
    day: date
    what: str
    more: str = ""


def as_calendar(take: Take) -> bytes:
    """Return the dates that are still to be kept, as days of a calendar: actions, experiments, Go/Stop, the NDA."""
    scene, locale = take.scene, take.locale
    name = _line(title(scene, locale))
    calendar = Calendar.new(prodid=f"-//Nakodo//{locale.upper()}", name=name)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("X-WR-TIMEZONE", scene.room.zone)
    for one in sorted(_days(scene, locale), key=lambda one: (one.day, one.key)):
        key = blake2b(f"{scene.room.id}\n{one.key}".encode(), digest_size=12).hexdigest()
        event = Event.new(
            uid=f"{key}@nakodo", stamp=take.now, start=one.day, end=one.day + timedelta(days=1),
            summary=f"{_line(one.what)} ({name})", description=_readable(one.more) or None,
            transparency=TRANSP.TRANSPARENT,
        )  # fmt: skip
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _days(scene: Scene, locale: Locale) -> Iterable[_Day]:
    record = scene.record.read_by(None)
    for action in record.actions:
        if action.due and not action.done:
            yield _Day(f"action {action.number}", action.due, _owned(action.text, action.owner, locale))
    for one in record.experiments:
        named = _EXPERIMENT(locale).format(number=one.number)
        if one.starts and one.state == "planned":
            yield _Day(f"start {one.number}", one.starts, _STARTS(locale).format(named=named), one.question)
        if one.ends and one.state != "done":
            yield _Day(f"end {one.number}", one.ends, _ENDS(locale).format(named=named), _more(one, locale))
    if record.nda.state == "signed" and record.nda.expires:
        yield _Day("nda", record.nda.expires, _EXPIRES(locale), record.nda.purpose)


def _more(one: Experiment, locale: Locale) -> str:
    terms = [(TERM_NAMES[term](locale), getattr(one, term)) for term in ("question", "success", "stop", "decider")]
    return "\n".join(f"{name}: {_line(words)}" for name, words in terms if words)


def _owned(text: str, owner: str, locale: Locale) -> str:
    return f"{text}（{owner}さん）" if owner and locale == "ja" else f"{text} ({owner})" if owner else text


def _line(text: str) -> str:
    return " ".join(_readable(text).split())


STATES = {
    "planned": Text(ja="計画中", en="planned"),
    "running": Text(ja="進行中", en="running"),
    "done": Text(ja="終了", en="finished"),
}
_STAGE = Text(ja="段階", en="Stage")
_NDA = Text(ja="NDA", en="NDA")
_THEME = Text(ja="テーマ", en="Theme")
_KEYWORDS = Text(ja="手がかりの言葉", en="Keywords")
_MATTERS = Text(ja="なぜ大事か", en="Why it matters")
_COSTS = Text(ja="費用", en="Costs")
_EXPERIMENT = Text(ja="実験{number}", en="Experiment {number}")
_STATE = Text(ja="状態", en="State")
_DECISIONS = Text(ja="決めたこと", en="Decisions")
_ACTIONS = Text(ja="宿題", en="Actions")
_QUESTIONS = Text(ja="残った問い", en="Open questions")
_HISTORY = Text(ja="記録の移り変わり", en="History of the record")
_TALK = Text(ja="部屋で話したこと", en="What was said in the room")
_STARTS = Text(ja="{named}の開始日", en="{named} starts")
_ENDS = Text(ja="{named}の終了日。続けるか、やめるか（Go/Stop）を決める日", en="{named} ends: decide Go or Stop")
_EXPIRES = Text(ja="NDAの期限", en="The NDA expires")
