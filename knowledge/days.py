"""Dates in a text as far as they are told: 令和五年四月, 2023/04, spring 2021, 3 March."""

import re
import unicodedata
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.periods import periods


class Date(NamedTuple):
    """A date; 0 is not told. Seasons are months 13 to 16."""

    year: int
    month: int
    day: int
    period: str = ""
    """A period that is named instead (`periods.py`)."""

    def fits(self, other: "Date") -> bool:
        """Whether everything this tells stands together in the other one."""
        return all(mine in (0, "", theirs) for mine, theirs in zip(self, other, strict=True))


class Dated(NamedTuple):
    """A date where it stands in the folded text."""

    start: int
    end: int
    date: Date


def folded(text: str) -> str:
    """Return the text with one width and case."""
    return unicodedata.normalize("NFKC", text).lower()


_DIGIT = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}


def number(text: str) -> float:
    """Return a number written in digits, in kanji or in both: 1億2千万."""
    total = part = 0.0
    digits = ""
    for char in text.replace(",", ""):
        if char.isdigit() or char == ".":
            digits += char
        elif char in _DIGIT:
            digits += str(_DIGIT[char])
        elif char in _SMALL:
            part += (float(digits) if digits else 1.0) * _SMALL[char]
            digits = ""
        elif char in _LARGE:
            total += (part + (float(digits) if digits else 0.0) or 1.0) * _LARGE[char]
            part, digits = 0.0, ""
    return total + part + (float(digits) if digits else 0.0)


def dates(text: str, locale: Locale) -> list[Dated]:
    """Return the dates of a folded text in their order; a month after a year is of that year."""
    found: list[Dated] = []
    for pattern in _DATES[locale]:
        for match in pattern.finditer(text):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(Dated(*match.span(), _date(match)))
    free = [
        one for one in periods(text, locale) if not any(day.start < one.end and one.start < day.end for day in found)
    ]
    found += [Dated(one.start, one.end, Date(0, 0, 0, one.name)) for one in free]
    year, placed = 0, []
    for one in sorted(found):
        date = one.date
        year = date.year or year
        placed.append(one._replace(date=date._replace(year=year)) if date.month and not date.year else one)
    return placed


_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {name: month for month, name in enumerate(_NAMES, 1)}
_SEASONS = {
    "春": 13,
    "夏": 14,
    "秋": 15,
    "冬": 16,
    "spring": 13,
    "summer": 14,
    "autumn": 15,
    "fall": 15,
    "winter": 16,
}
_MONTH = "|".join([*_NAMES, *(name[:3] for name in _NAMES if name != "may"), "sept"])
_PLAIN = "|".join(name for name in _NAMES if name not in ("may", "march"))
_YEAR = r"(?:1[6-9]|20)\d\d"
_KANJI_YEAR = "[一二][〇九八七六五四三二一零]{3}"
_M = r"(?P<m>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})"
_D = r"(?P<d>[0-3]?\d|[一二三四五六七八九十]{1,3})"
_ORDINAL = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)"
_DATES: dict[Locale, tuple[re.Pattern[str], ...]] = {
    "ja": (
        re.compile(
            rf"(?P<y>{_YEAR}|{_KANJI_YEAR})(?:年度?|[/.-])の?"
            rf"(?:{_M}(?:月|[/.-](?=\d))(?:{_D}日?)?|(?P<s>[春夏秋冬]))?"
        ),
        re.compile(
            rf"(?P<e>明治|大正|昭和|平成|令和)(?P<y>元|\d{{1,2}}|[一二三四五六七八九十]{{1,3}})年度?(?:の?{_M}月(?:{_D}日)?)?"
        ),
        re.compile(rf"(?<![\d一二三四五六七八九十〇百千数何]){_M}月(?!間)(?:の?{_D}日)?"),
        re.compile(r"(?<![\d/])(?P<m>1[0-2]|0?[1-9])/(?P<d>[0-3]?\d)(?![\d/%])"),
        re.compile(rf"(?:今月|来月|毎月|先月|翌月)の?{_D}日"),
        re.compile(rf"(?P<y>{_YEAR})(?=年代|世紀)"),
    ),
    "en": (
        re.compile(rf"\b(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})\b\.?,?(?: (?P<y>{_YEAR}))?"),
        re.compile(
            rf"\b(?P<m>{_MONTH})\b\.? (?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th)?\b(?!,?\d)(?:,? (?P<y>{_YEAR}))?"
        ),
        re.compile(rf"\b(?P<m>{_MONTH})\b\.?,?(?: of)? (?P<y>{_YEAR})\b"),
        re.compile(rf"\b(?P<s>spring|summer|autumn|fall|winter)(?: of)? (?P<y>{_YEAR})\b"),
        re.compile(
            rf"(?<![\d,.])(?P<y>{_YEAR})s?(?:[/-](?P<m>1[0-2]|0[1-9])(?:[/-](?P<d>[0-3]\d))?)?"
            r"(?![\d,]\d|\.\d|%| (?:yen|firms|companies|people))\b"
        ),
        re.compile(rf"\b(?P<m>{_PLAIN})\b"),
        re.compile(
            r"(?<=\b(?:in|by|of) )(?P<m>may|march)\b(?! be\b)|"
            r"(?:(?<=\b(?:mid|end)[ -])|(?<=\b(?:late|from|till|next|last)[ -])|(?<=\b(?:early|until|since)[ -]))"
            r"(?P<m2>may|march)\b(?! be\b)"
        ),
        re.compile(rf"\bthe {_ORDINAL}\b(?= of (?:this|next|each|every) month|$|[,.;])"),
    ),
}


def _date(match: re.Match[str]) -> Date:
    told = match.groupdict()
    year = 0
    if told.get("y"):
        year = (1 if told["y"] == "元" else int(number(told["y"]))) + _ERAS.get(told.get("e") or "", 0)
    name = told.get("m") or told.get("m2") or ""
    month = _SEASONS[told["s"]] if told.get("s") else 0
    if name:
        month = next((n for m, n in _MONTHS.items() if m.startswith(name[:3])), 0) or int(number(name))
    return Date(year, month, int(number(told["d"])) if told.get("d") else 0)
