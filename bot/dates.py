"""Dates as people write them, in Japanese and English: found in a text, and taken out of it.

Each form is one row of `_FORMS`: a pattern and what it means. The first that begins in a text wins, of those the
longest; one that is no day of the calendar (2/30) is no date, nor is any part of it.
"""

import calendar
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

_Found = re.Match[str]
_PAST = 160  # Days. Without a year, a day may lie so far back; one that lies further back is next year's.

_WEEK_JA = "月火水木金土日"
_WEEK_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KANJI = "〇一二三四五六七八九"
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ENGLISH = {word: number for number, word in enumerate(_WORDS, 1)} | {"a": 1, "an": 1, "元": 1}
_ENGLISH |= {month: number for number, month in enumerate(_MONTHS, 1)}
_DAYS = dict.fromkeys(("一昨日", "おととい", "the day before yesterday"), -2)
_DAYS |= dict.fromkeys(("昨日", "きのう", "yesterday"), -1) | dict.fromkeys(("今日", "本日", "きょう", "today"), 0)
_DAYS |= dict.fromkeys(("明日", "あした", "tomorrow"), 1) | dict.fromkeys(
    ("明後日", "あさって", "the day after tomorrow"), 2
)
_STEPS = {"去年": -1, "昨年": -1, "先": -1, "last": -1, "今": 0, "今年": 0, "this": 0, "来": 1, "来年": 1, "next": 1}
_STEPS |= {"再来": 2, "再来年": 2}
_WIDE = str.maketrans("０１２３４５６７８９／－．", "0123456789/-.")
_N = r"\d{1,3}|[一二三四五六七八九十]{1,3}"
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
_MONTH += r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_COUNT = r"\d{1,3}|an?|" + "|".join(_WORDS)
_WEEKDAY = "(?P<weekday>" + "|".join(_WEEK_EN) + ")"
_MD = rf"(?P<month>{_N})月\s*(?:(?P<day>{_N})日(?!間)|末日?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d|[.,]\d)\b"
_Y = r"(?P<year>[12]\d{3})"
_YEAR = rf"(?:,?\s+{_Y}\b)?"
_END = r"(?:\bthe\s+)?\bend\s+of\s+"
_THIS = r"(?:the|(?P<step>this|next))\s+"
_ALSO = r"\b(?:(?:" + "|".join(_WEEK_EN) + r"),?\s+(?:the\s+)?)?"
_NO_RATIO = (  # 3/4インチ, 10/20のうち, 3/4人, 1/2W
    r"(?![\d/A-Za-z\"″%％]|[.,]\d|\s*-?(?:inch|cups?\b|mm|cm|kg|of\b)"
    r"|\s*(?:インチ|のうち|の割合|の確率|程度|以上|以下|未満|ずつ)|[人名個社件点本枚割倍回](?![一-龥]))"
)


def read_date(text: str, today: date) -> date | None:
    """Return the date that the whole text is, or None."""
    day, rest = take_date(text, today)
    return None if rest.strip(" 　。.!！") else day


def take_date(text: str, today: date) -> tuple[date | None, str]:
    """Return the first date in a text, and the text without it and the little words that belonged to it."""
    plain = text.translate(_WIDE)
    found = [(match, read) for pattern, read in _FORMS for match in pattern.finditer(plain)]
    found.sort(key=lambda one: (one[0].start(), -one[0].end()))
    passed = 0
    for match, read in found:
        if match.start() < passed:
            continue
        with suppress(ValueError, OverflowError):  # No day of the calendar.
            if day := read(match, today):
                return day, _without(text, match.start(), match.end())
        passed = match.end()
    return None, text


_SPAN = re.compile(
    rf"(?<![\d/.月])(?<![一二三四五六七八九十])(?:(?P<count>{_N})\s*(?P<unit>日|週)間?(?!\s*まで)|"
    rf"(?P<month>{_N})\s*[かヶヵカケ]月間?|\b(?P<number>{_COUNT})\s+(?P<word>day|week|month)s?\b)",
    re.IGNORECASE,
)


def take_days(text: str) -> int | None:
    """Return how many days a text names as a length of time: 七日間, 一週間, 3 days, or a mere number."""
    plain = text.translate(_WIDE)
    if found := _SPAN.search(plain):
        count = _number(found["count"] or found["month"] or found["number"])
        unit = "month" if found["month"] else found["unit"] or found["word"].lower()
        return count * {"週": 7, "week": 7, "month": 30}.get(unit, 1) or None
    bare = re.fullmatch(r"\s*([1-9]\d{0,2})\s*", plain)
    return int(bare[1]) if bare else None


_BEFORE = re.compile(r"\b(?:due\s+)?(?:by|on|until|till|from|since|before|due|as\s+of)\s+(?:the\s+)?$", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?:\s*[（(][{_WEEK_JA}](?:曜日?)?[)）]|\s*[{_WEEK_JA}]曜日?)?"
    r"(?:\s*まで(?:には|に|の|は)?|には?|付け?で?|から|以降に?|(?:頃|ごろ)(?:に|まで)?|中(?:に|まで)?(?![一-龥])|は(?!んだ)|の)?"
)


def _without(text: str, start: int, end: int) -> str:
    before = _BEFORE.sub("", text[:start])
    after = text[_AFTER.match(text, end).end() :]  # type: ignore[union-attr]  # It matches the empty text as well.
    gap = " " if before[-1:].isspace() or after[:1].isspace() else ""
    left, right = before.rstrip(), after.lstrip()
    if (left[-1:], right[:1]) in (("（", "）"), ("(", ")"), (",", ","), ("、", "、")):
        left, right = left[:-1].rstrip(), right[1:].lstrip()
    return (left + gap + right).strip(" 　、,，")


def _number(word: str) -> int:
    """Return 12 for 12, 十二, twelve and December; 1 for a."""
    word = word.lower()
    if word.isdigit():
        return int(word)
    if english := _ENGLISH.get(word) or _ENGLISH.get(word[:3]):
        return english
    tens, ten, ones = word.rpartition("十")
    return (_KANJI.index(tens or "一") * 10 if ten else 0) + (_KANJI.index(ones) if ones else 0)


def _near(month: int, day: int, today: date) -> date:
    """Return the day in the year that lies nearest, rather ahead than back. 0 is the month's last day."""
    since = today - timedelta(days=_PAST)
    days = (_in_month(year, month, day) for year in (today.year - 1, today.year, today.year + 1))
    return min(one for one in days if one and one >= since)


def _in_month(year: int, month: int, day: int) -> date | None:
    """Return a day, or None where that month has no such day. Months run on past the year's end."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def _of_year(match: _Found, today: date) -> date | None:
    """Read a month with its day or its end, and the year if it is told."""
    told = match.groupdict()
    month = _number(told["month"])
    day = (_number(told["day"]) or 99) if told.get("day") else 0
    if not 1 <= month <= 12:
        return None
    if told.get("era"):  # Reiwa began in 2019.
        return _in_month(2018 + _number(told["era"]), month, day)
    year = int(told.get("year") or 0) or (today.year + _STEPS[told["step"]] if told.get("step") else 0)
    return _in_month(year, month, day) if year else _near(month, day, today)


def _of_month(match: _Found, today: date) -> date | None:
    """Read a day, or the end, of this month or another."""
    told = match.groupdict("")
    day = (_number(told["day"]) or 99) if told.get("day") else 0
    return _in_month(today.year, today.month + _STEPS[told.get("step", "").lower() or "今"], day)


def _of_word(match: _Found, today: date) -> date:
    return today + timedelta(days=_DAYS[" ".join(match[0].lower().split())])


def _of_week(match: _Found, today: date) -> date:
    word, step = match["weekday"].lower(), match["step"]
    weekday = _WEEK_EN.index(word) if word in _WEEK_EN else _WEEK_JA.index(word)
    if step is None:  # The next one to come.
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=weekday - today.weekday() + 7 * _STEPS[step.lower()])


def _ahead(match: _Found, today: date) -> date | None:
    count, unit = _number(match["count"]), match["unit"].lower()
    if unit in ("日", "day", "週", "week"):
        return today + timedelta(days=count * (7 if unit in ("週", "week") else 1))
    months = count * (12 if unit in ("年", "year") else 1)
    return _in_month(today.year, today.month + months, today.day) or _in_month(today.year, today.month + months, 0)


def _year_end(match: _Found, today: date) -> date:
    """Read the end of the year, or of the business year, which ends in March."""
    month = 3 if match["business"] else 12
    year = today.year + (month == 3 and today.month > 3) + _STEPS[(match["step"] or "今").lower()]
    return date(year, month, calendar.monthrange(year, month)[1])


def _next_day(match: _Found, today: date) -> date | None:
    """Read a mere day of the month: the next one."""
    days = (_in_month(today.year, today.month + ahead, int(match["day"]) or 99) for ahead in range(3))
    return next((day for day in days if day and day >= today), None)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Found, date], date | None]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (rf"(?<![\d/.-]){_Y}(?P<s>[-/.])(?P<month>\d\d?)(?P=s)(?P<day>\d\d?)(?![\d/]|[.-]\d)", _of_year),
        (rf"(?<!\d){_Y}年\s*{_MD}", _of_year),
        (rf"(?:令和|\bR)\s*(?P<era>\d\d?|元)年\s*{_MD}", _of_year),
        (r"(?:令和|\bR)\s*(?P<era>\d\d?)[./](?P<month>\d\d?)[./](?P<day>\d\d?)(?![\d.])", _of_year),
        (rf"(?P<step>今年|来年|再来年|昨年|去年)の?{_MD}", _of_year),
        (rf"(?<![\d年一二三四五六七八九十]){_MD}", _of_year),
        (rf"(?<![A-Z\d/.¥$約])(?<!全体の)(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_NO_RATIO}", _of_year),
        (rf"{_ALSO}{_MONTH}\.?\s+{_DAY}{_YEAR}", _of_year),
        (rf"{_ALSO}{_DAY}\s+(?:of\s+)?{_MONTH}\b{_YEAR}", _of_year),
        (rf"{_END}{_MONTH}\b{_YEAR}", _of_year),
        (rf"{_END}{_THIS}month\b", _of_month),
        (rf"{_END}{_THIS}(?P<business>(?:fiscal|business)\s+)?year\b", _year_end),
        (rf"(?P<step>再来|来|今|先)月の?(?:(?P<day>{_N})日(?!間)|末日?)", _of_month),
        (r"(?<!毎)月末(?!年始)", _of_month),
        (r"(?<!\d)(?P<step>再来|来|今)?年(?P<business>度)?末(?!年始|調整)", _year_end),
        (rf"(?<!毎週)(?<!毎週の)(?:(?P<step>再来|来|今|先)週の?|次の)?(?P<weekday>[{_WEEK_JA}])曜日?", _of_week),
        (rf"(?<!every )\b(?:(?P<step>this|next|last)\s+)?{_WEEKDAY}\b", _of_week),
        (r"一昨日|明後日|昨日|明日|今日|本日", _of_word),
        (r"(?<![ぁ-ん])(?:おととい|きのう|きょう|あした|あさって)(?=[^ぁ-ん]|[にまはのか]|$)", _of_word),
        (r"\b(?:the\s+day\s+(?:before\s+yesterday|after\s+tomorrow)|yesterday|today|tomorrow)\b", _of_word),
        (
            rf"(?:[今本]日から)?(?<![\d.,〜~のらり])(?P<count>{_N})(?P<unit>[日週年]|[かヶヵカケ]月)間?(?:後|以内)",
            _ahead,
        ),
        (rf"\b(?:in|within)\s+(?P<count>{_COUNT})\s+(?P<unit>day|week|month|year)s?\b(?!\s+of)", _ahead),
        (
            r"(?<![\d.,、〜~月年週約計丸中と毎り各-])(?P<day>\d\d?)日(?=\s|$|[（(、。,]|まで|に(?![\d一二三])|付|から|頃)",
            _next_day,
        ),
    )
)
