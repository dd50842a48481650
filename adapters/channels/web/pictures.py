"""Pictures for who would rather look than read. Each says in words what it shows, and has its numbers in a table.

They are drawn narrow, so that their words can be read on a phone, and in the colour of the text around them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from adapters.channels.web.tallies import WAY, Balance, Height, Stay, Waits
from bot.clock import day_of
from bot.model import Text
from bot.names import STAGE_NAMES
from bot.papers import SIDES, called, dated, short
from bot.scene import Scene
from knowledge.card import Locale, Side, Stage

WIDE = 360
EDGE = 2
BAR = WIDE - 2 * EDGE
ROW = 46
"""From one bar to the next, with its words above it."""


class Picture(NamedTuple):
    """A picture, and the same as a table: the first cell of each row names it."""

    id: str
    title: str
    drawing: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def talk_balance(found: Balance, scene: Scene, locale: Locale, now: datetime) -> Picture:
    """Draw how the talk was shared between the two sides, span by span."""
    today = day_of(now, scene.room.zone)
    names = _names(scene, locale)
    name = _SPANS[found.step](locale)
    rows = [
        (name.format(day=dated(one.day, locale, today)), one.share("sme"), one.share("startup"))
        for one in found.spans
    ]
    parts = [_legend(names)]
    for number, (label, first, second) in enumerate(rows):
        top = 40 + number * ROW
        words = f"{label}  {_percent(first)} : {_percent(second)}"
        parts += [_words(EDGE, top, words), _bar(EDGE, top + 7, first * BAR, "sme")]
        parts.append(_bar(EDGE + first * BAR, top + 7, second * BAR, "startup"))
    if rows:
        bottom = 40 + len(rows) * ROW - 14
        middle = WIDE / 2
        parts.append(_svg('<line class="half" x1="{0}" x2="{0}" y1="32" y2="{1}" {2}/>', middle, bottom, _LINE))
    total = {side: sum(one.said.get(side, 0) for one in found.spans) for side in SIDES}
    whole = sum(total.values()) or 1
    told = _BALANCE(locale).format(
        sme=names["sme"],
        startup=names["startup"],
        s=_percent(total["sme"] / whole),
        t=_percent(total["startup"] / whole),
    )
    return Picture(
        id="balance",
        title=_BALANCE_TITLE(locale),
        drawing=_drawn("balance", _BALANCE_TITLE(locale), told, 40 + len(rows) * ROW, parts),
        columns=(_WHEN(locale), names["sme"], names["startup"]),
        rows=tuple((label, _percent(first), _percent(second)) for label, first, second in rows),
        note=_MEASURE(locale),
    )


def waiting_days(found: Sequence[Waits], scene: Scene, locale: Locale) -> Picture:
    """Draw how many working days each side let the other wait."""
    names = _names(scene, locale)
    most = max([1, *(days for one in found for days in (one.longest, one.now or 0))])
    parts, told, top = [], [], 18
    for one in found:
        parts.append(_words(EDGE, top, names[one.side], "name"))
        told.append(_told(one, names[one.side], locale))
        lines: list[tuple[Text, float]] = [(_USUAL, one.usual), (_LONGEST, one.longest)] if one.answers else []
        if one.now is not None:
            lines.append((_NOW, one.now))
            told.append(_WAITING(locale).format(who=names[one.side], days=one.now))
        if not lines:
            parts.append(_words(EDGE, top + 18, _NO_ANSWER(locale), "small"))
            top += 18
        for name, days in lines:
            top += ROW - 6
            parts.append(_words(EDGE, top - 18, f"{name(locale)}: {_DAYS(locale).format(days=_days(days))}"))
            parts.append(_bar(EDGE, top - 11, max(2, days / most * BAR), one.side))
        top += 30
    return Picture(
        id="waiting",
        title=_WAIT_TITLE(locale),
        drawing=_drawn("waiting", _WAIT_TITLE(locale), " ".join(told), top, parts),
        columns=(_WHO(locale), _ANSWERS(locale), _USUAL(locale), _LONGEST(locale), _NOW(locale)),
        rows=tuple(
            (
                names[one.side],
                str(one.answers),
                _days(one.usual) if one.answers else _NO_ANSWER(locale),
                str(one.longest) if one.answers else _NO_ANSWER(locale),
                _NOBODY(locale) if one.now is None else str(one.now),
            )
            for one in found
        ),
        note=_WORKING(locale),
    )  # fmt: skip


def _told(one: Waits, who: str, locale: Locale) -> str:
    if not one.answers:
        return f"{who}: {_NO_ANSWER(locale)}"
    return _WAITED(locale).format(who=who, usual=_days(one.usual), longest=one.longest)


def stage_path(found: Sequence[Stay], scene: Scene, locale: Locale, now: datetime) -> Picture:
    """Draw the way that a partnership went, from stage to stage."""
    zone = scene.room.zone
    today = day_of(now, zone)
    latest = {one.stage: one for one in found}
    here = found[-1].stage
    shown: tuple[Stage, ...] = (*WAY, "stopped") if "stopped" in latest else WAY
    parts = [_svg('<line class="way" x1="16" x2="16" y1="20" y2="{}" {}/>', 20 + (len(shown) - 1) * 44, _LINE)]
    for number, stage in enumerate(shown):
        top, stay = 20 + number * 44, latest.get(stage)
        kind = "here" if stage == here else "passed" if stay else "ahead"
        parts.append(_svg('<circle class="{}" cx="16" cy="{}" r="{}" {}/>', kind, top, *_DOTS[kind]))
        parts.append(_words(36, top + 1, STAGE_NAMES[stage](locale), kind))
        if stay and stay.since:
            parts.append(_words(36, top + 17, dated(day_of(stay.since, zone), locale, today), "small"))
    told = _PATH(locale).format(
        way=" → ".join(STAGE_NAMES[one.stage](locale) for one in found), here=STAGE_NAMES[here](locale)
    )
    return Picture(
        id="path",
        title=_PATH_TITLE(locale),
        drawing=_drawn("path", _PATH_TITLE(locale), told, 20 + len(shown) * 44, parts),
        columns=(_STAGE(locale), _SINCE(locale), _STAYED(locale)),
        rows=tuple(
            (
                STAGE_NAMES[one.stage](locale),
                dated(day_of(one.since, zone), locale, today) if one.since else _UNKNOWN(locale),
                _UNKNOWN(locale) if one.days is None else _DAYS(locale).format(days=one.days),
            )
            for one in found
        ),
    )


def programme_funnel(found: Sequence[Height], locale: Locale) -> Picture:
    """Draw how far a programme's partnerships came."""
    most = max([1, *(one.reached for one in found)])
    parts = []
    for number, one in enumerate(found):
        top, width, here = 18 + number * ROW, one.reached / most * BAR, one.here / most * BAR
        parts.append(_words(EDGE, top, f"{STAGE_NAMES[one.stage](locale)}: {one.reached}"))
        parts += [_bar(EDGE, top + 7, here, "here"), _bar(EDGE + here, top + 7, width - here, "beyond")]
    told = ("、" if locale == "ja" else ", ").join(f"{STAGE_NAMES[one.stage](locale)} {one.reached}" for one in found)
    return Picture(
        id="funnel",
        title=_FUNNEL_TITLE(locale),
        drawing=_drawn("funnel", _FUNNEL_TITLE(locale), told, 18 + len(found) * ROW, parts),
        columns=(_STAGE(locale), _REACHED(locale), _HERE(locale), _ENDED(locale)),
        rows=tuple(
            (STAGE_NAMES[one.stage](locale), str(one.reached), str(one.here), str(one.ended)) for one in found
        ),
        note=_FUNNEL_NOTE(locale),
    )


# Strokes. Whatever is not drawn here is escaped on its way in.


def _svg(template: str, *values: object) -> Markup:
    return Markup(template).format(*(round(one, 1) if isinstance(one, float) else one for one in values))  # noqa: S704


def _drawn(name: str, title: str, told: str, height: int, parts: Iterable[Markup]) -> Markup:
    frame = (
        '<svg class="chart {0}" role="img" aria-labelledby="{0}-title {0}-desc" viewBox="0 0 {1} {2}" width="{1}" '
        'height="{2}"><title id="{0}-title">{3}</title><desc id="{0}-desc">{4}</desc>{5}</svg>'
    )
    return _svg(frame, name, WIDE, height, title, told, Markup("").join(parts))


def _words(left: float, top: float, words: str, kind: str = "label") -> Markup:
    size = 12 if kind == "small" else 14
    return _svg(
        '<text class="{}" x="{}" y="{}" font-size="{}" fill="currentColor">{}</text>', kind, left, top, size, words
    )


def _bar(left: float, top: float, width: float, kind: str) -> Markup:
    """Draw a bar. The shades differ, so that the two can be told apart without colours as well."""
    shade = "0.85" if kind in ("sme", "here") else "0.35"
    return _svg(
        '<rect class="bar {}" x="{}" y="{}" width="{}" height="14" fill="currentColor" fill-opacity="{}"/>',
        kind, float(left), top, max(0.0, width), shade,
    )  # fmt: skip


def _legend(names: dict[Side, str]) -> Markup:
    parts = []
    for side, left in (("sme", EDGE), ("startup", WIDE // 2)):
        parts += [_bar(left, 2, 14, side), _words(left + 20, 14, short(names[side], 14), "small")]  # type: ignore[index]
    return Markup("").join(parts)


def _names(scene: Scene, locale: Locale) -> dict[Side, str]:
    return {side: called(side, scene, locale) for side in SIDES}


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _days(days: float) -> str:
    return f"{days:g}"


_LINE = Markup('stroke="currentColor" stroke-opacity="0.5" stroke-width="2"')
_DOTS = {
    "here": (9, Markup('fill="currentColor"')),
    "passed": (6, Markup('fill="currentColor" fill-opacity="0.6"')),
    "ahead": (6, Markup('fill="none" stroke="currentColor" stroke-width="2" stroke-opacity="0.5"')),
}
_SPANS = {
    "day": Text(ja="{day}", en="{day}"),
    "week": Text(ja="{day}の週", en="week of {day}"),
    "month": Text(ja="{day}からの月", en="month from {day}"),
}
_BALANCE_TITLE = Text(ja="話の量の釣り合い", en="Who did the talking")
_BALANCE = Text(
    ja="ここに見える期間では、{sme}が{s}、{startup}が{t}を話しています。",
    en="Over what is shown here, {sme} did {s} of the talking and {startup} {t}.",
)
_MEASURE = Text(
    ja="部屋で話した文字の量です。Nakodoへの言葉は数えていません。多い少ないに、良し悪しはありません。",
    en="By length of what was said in the room, words to Nakodo left out. More is neither better nor worse.",
)
_WHEN = Text(ja="時期", en="When")
_WHO = Text(ja="返事をする側", en="Who answers")
_WAIT_TITLE = Text(ja="返事までの日数", en="Days until an answer")
_WAITED = Text(
    ja="{who}の返事は、ふだん{usual}営業日、いちばん長くて{longest}営業日です。",
    en="{who} usually answers after {usual} working days, after {longest} at most.",
)
_WAITING = Text(
    ja="いま{who}の返事を{days}営業日待っています。", en="{who} has owed an answer for {days} working days."
)
_WORKING = Text(
    ja="相手が話しはじめてから、こちらが次に話すまでの営業日です。土日と祝日は数えません。",
    en="Working days from when one side speaks until the other does.",
)
_ANSWERS = Text(ja="返事の数", en="Answers")
_USUAL = Text(ja="ふだん", en="Usually")
_LONGEST = Text(ja="いちばん長いとき", en="At most")
_NOW = Text(ja="いま", en="Right now")
_NOBODY = Text(ja="待つ返事なし", en="nothing owed")
_NO_ANSWER = Text(ja="まだありません", en="none yet")
_DAYS = Text(ja="{days}日", en="{days} d")
_PATH_TITLE = Text(ja="たどった段階", en="The way so far")
_PATH = Text(ja="{way}。いまは「{here}」です。", en="{way}. Now: {here}.")
_STAGE = Text(ja="段階", en="Stage")
_SINCE = Text(ja="いつから", en="Since")
_STAYED = Text(ja="いた日数", en="For")
_UNKNOWN = Text(ja="不明", en="unknown")
_FUNNEL_TITLE = Text(ja="協業がどこまで進んだか", en="How far the partnerships came")
_REACHED = Text(ja="ここまで来た数", en="Came this far")
_HERE = Text(ja="いまここ", en="Here now")
_ENDED = Text(ja="ここで終わった", en="Ended here")
_FUNNEL_NOTE = Text(
    ja="終わった協業は、いちばん先まで進んだ段階で数えています。",
    en="A partnership that is over counts up to the furthest stage it reached.",
)
