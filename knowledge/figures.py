"""Figures and dates in a text, whichever way they are written: 三百万円, ３００万円 and 3 million yen are one.

A figure is what somebody could check: an amount, a share, a duration, a count, a multiple. "One" of something and "the
two" of a pair are none. Dates are kept apart: a year, a month, a day, as they stand together.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from knowledge.card import Locale

Bound = Literal["", ">", "<"]


class Figure(NamedTuple):
    """A number and what it counts. Shares are in %, durations in months, days, hours or minutes."""

    value: float
    unit: str
    """Empty where it is not told."""
    bound: Bound
    """`>` for at least so much, `<` for at most."""
    start: int
    end: int
    """Where it stands in the text as `folded` returns it."""

    def fits(self, other: "Figure") -> bool:
        """Whether this says no more than the other one does."""
        same = abs(self.value - other.value) < 1e-6 * max(1.0, abs(other.value))
        return same and self.bound in ("", other.bound) and (self.unit == other.unit or "" in (self.unit, other.unit))


class Date(NamedTuple):
    """A date as far as it is told; 0 is not told."""

    year: int
    month: int
    day: int

    def fits(self, other: "Date") -> bool:
        """Whether everything this tells stands together in the other one."""
        return all(mine in (0, theirs) for mine, theirs in zip(self, other, strict=True))


class Counted(NamedTuple):
    """What a text counts and dates."""

    figures: tuple[Figure, ...]
    dates: tuple[Date, ...]


def folded(text: str) -> str:
    """Return the text with one width and case."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=2048)
def counted(text: str, locale: Locale) -> Counted:
    """Return the figures and dates of a text."""
    text = folded(text)
    taken: list[tuple[int, int]] = []
    dates = []
    for pattern in _DATES[locale]:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                dates.append((match.start(), _date(match)))
    found = (one for one in _READ[locale](text) if not any(s < one.end and one.start < e for s, e in taken))
    return Counted(tuple(sorted((one for one in found if _telling(one)), key=lambda one: one.start)), _dated(dates))


def _dated(found: list[tuple[int, Date]]) -> tuple[Date, ...]:
    """Return the dates in their order; a month after a year is of that year."""
    year, dates = 0, []
    for _, one in sorted(found):
        year = one.year or year
        dates.append(one if one.year or not one.month else one._replace(year=year))
    return tuple(dates)


def _telling(one: Figure) -> bool:
    if one.value == 1:
        return one.unit in ("%", "month", "day", "hour", "minute", "yen", "dollar", "x", "day*7")
    return one.value != 2 or one.unit not in ("pair", "firm", "person", "つ")


# Units, in both languages

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("%", "パーセント", "percent", "per cent", "pc"), ("%", 1.0)),
    "割": ("%", 10.0),
    **dict.fromkeys(("円", "yen"), ("yen", 1.0)),
    **dict.fromkeys(("ドル", "dollar", "dollars"), ("dollar", 1.0)),
    **dict.fromkeys(("年", "年間", "カ年", "か年", "year", "years", "yr"), ("month", 12.0)),
    **dict.fromkeys(("か月", "ヶ月", "カ月", "ヵ月", "ケ月", "箇月", "月間", "か月間", "month", "months"), ("month", 1.0)),
    **dict.fromkeys(("週", "週間", "week", "weeks", "fortnights"), ("day", 7.0)),
    **dict.fromkeys(("日", "日間", "day", "days"), ("day", 1.0)),
    **dict.fromkeys(("時間", "hour", "hours"), ("hour", 1.0)),
    **dict.fromkeys(("分", "分間", "minute", "minutes"), ("minute", 1.0)),
    **dict.fromkeys(("社", "軒", "firm", "firms", "company", "companies", "smes"), ("firm", 1.0)),
    **dict.fromkeys(("人", "名", "person", "people", "persons", "employee", "employees", "staff"), ("person", 1.0)),
    **dict.fromkeys(("倍", "fold", "x"), ("x", 1.0)),
    **dict.fromkeys(("回", "度", "回目", "度目"), ("回", 1.0)),
    **dict.fromkeys(("年度", "月", "日", "times", "time"), ("", 1.0)),
}  # fmt: skip

# Japanese

_DIGIT = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_NUMBER_JA = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[〇一二三四五六七八九十百千]+)(?:[十百千万億兆](?:[\d〇一二三四五六七八九十百千]*[十百千万億兆]?)*)?"
_COUNTER = (
    r"パーセント|%|割|円|ドル|年間|[かカヶヵケ箇]月間?|[かカ]年|月間|年|週間?|時間|日間?|分間|分(?!の|け|野|か|子)|秒|社|軒|人|名|倍|回目?|度目?|件|"
    r"つ(?!き|い|な|く)|個|枚|本(?!当|社|人|田|音|業|来)|台|校|[かカヶヵケ箇]国|[かカヶヵケ箇]所|点|歳|才|位|番|行|組|種類?|段階?|項目|章|節|条|号|版|丁|階|社目|人目|つ目|ページ|頁|者|文|言|歩|案|列|欄|本目"
)
_FIGURE_JA = re.compile(rf"(?<![第a-z§注表])(?P<n>{_NUMBER_JA})(?P<u>{_COUNTER})?(?P<h>半(?!分|数|ば|端))?")
_WHOLE_JA: tuple[tuple[re.Pattern[str], float, str], ...] = (
    (re.compile(r"半数|半分|五分五分|半々|折半"), 50.0, "%"),
    (re.compile(r"半減"), 50.0, "%"),
    (re.compile(r"(?<![\d〇一二三四五六七八九十百千万])倍(?:増|に|の|近)"), 2.0, "x"),
    (re.compile(r"半年"), 6.0, "month"),
    (re.compile(r"半日"), 0.5, "day"),
    (re.compile(r"半月"), 0.5, "month"),
    (re.compile(r"毎月|月々|月に?[一1][回度]"), 1.0, "month"),
    (re.compile(r"毎週|週に?[一1][回度]"), 7.0, "day"),
    (re.compile(r"毎年|年に?[一1][回度]"), 12.0, "month"),
    (re.compile(r"一昼夜"), 1.0, "day"),
    (re.compile(r"十数"), 10.5, ""),
    (re.compile(r"数十"), 10.0, "tens"),
    (re.compile(r"数百"), 100.0, "tens"),
    (re.compile(r"数千"), 1000.0, "tens"),
    (re.compile(r"数万"), 10000.0, "tens"),
    (re.compile(r"数(?:社|人|名|件|回|年|か月|ヶ月|カ月|週間|日|時間|割|倍|%|億|円)"), 3.5, "tens"),
)  # fmt: skip
_SHARE_JA = re.compile(rf"(?P<d>{_NUMBER_JA})分の(?P<n>{_NUMBER_JA})")
_ONE_IN_JA = re.compile(rf"(?P<d>{_NUMBER_JA})(?P<c>社|人|名|件|回|組|つ)(?:に|のうち|中)(?P<n>{_NUMBER_JA})(?P=c)")
_OVER_JA = re.compile(r"\s*(?:ほど|程度|くらい|ぐらい)?(?:以上|超|を?超え|を?上回|あまり|余り|強(?![いくみ調化]))")
_UNDER_JA = re.compile(r"\s*(?:以下|未満|以内|足らず|を?下回|弱(?![いくみ点])|まで(?:に|で|と|が|です|を目|$))")
# 一緒, 十分, 千葉: numerals that count nothing.
_NO_NUMBER_JA = re.compile(
    r"一(?:緒|般|部|方|番|切|見|旦|致|層|環|律|任|斉|括|概|目置|度に|石|貫|瞬|様|帯|丸|喜|挙|筋|際|段と|体(?!$)|つ一つ|人一人|社一社|言で|口に|気に|息|足|歩(?!目)|因|端|存|応|式|連|例)"
    r"|十(?:分(?!の[〇一二三四五六七八九])|全|代目)|千葉|三菱|三井|三重|九州|四国|八王子|六本木|四日市|五十嵐|七尾|二重|二の足|二の次|三脚|三者|二者択一|四半期|八幡|百貨|百害|万一|万が一|万人|"
    r"百(?:合|科)|三十六計|四苦八苦|十中八九|一期一会|唯一|統一|単一|同一|第一|随一|均一|択一|画一|万全|五感|三日坊主|二世|一世|二人三脚|二次|三次|一次|千差万別|八百屋|七転び"
)


def _number_ja(text: str) -> float:
    text = text.replace(",", "")
    total = part = 0.0
    digits = ""
    for char in text:
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


def _figures_ja(text: str) -> Iterator[Figure]:
    for match in _NO_NUMBER_JA.finditer(text):
        text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    for pattern in (_SHARE_JA, _ONE_IN_JA):
        for match in pattern.finditer(text):
            whole, part = _number_ja(match["d"]), _number_ja(match["n"])
            if whole:
                yield Figure(100 * part / whole, "%", _bound_ja(text, match.end()), *match.span())
            text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    for pattern, value, unit in _WHOLE_JA:
        for match in pattern.finditer(text):
            yield Figure(value, unit, _bound_ja(text, match.end()), *match.span())
            text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    last: Figure | None = None
    for match in _FIGURE_JA.finditer(text):
        unit, scale = UNITS.get(match["u"] or "", (match["u"] or "", 1.0))
        value = (_number_ja(match["n"]) + (0.5 if match["h"] else 0.0)) * scale
        one = Figure(value, unit, _bound_ja(text, match.end()), *match.span())
        if last is not None and last.unit == "%" and last.end == one.start and match["u"] == "分":
            one = Figure(last.value + _number_ja(match["n"]), "%", one.bound, last.start, one.end)
        elif last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _bound_ja(text: str, end: int) -> Bound:
    return ">" if _OVER_JA.match(text, end) else "<" if _UNDER_JA.match(text, end) else ""


# English

_ONES = {word: n for n, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)} | {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}  # fmt: skip
_TIMES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_WORDED = "|".join(sorted([*_ONES, *_TIMES], key=len, reverse=True))
_NUMBER_EN = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|(?:{_WORDED})\b)(?:(?:[\s-]+(?:and\s+)?|-)(?:{_WORDED})\b)*"
_FIGURE_EN = re.compile(rf"(?<![a-z0-9§.#-])(?P<n>{_NUMBER_EN})(?P<o>(?:st|nd|rd|th)\b)?\s?-?(?P<u>%|x\b|k\b|m\b|bn\b|fold\b)?")
_PART = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_WHOLE_EN: tuple[tuple[re.Pattern[str], float, str], ...] = (
    (re.compile(r"\bhalf a day\b|\bhalf-day\b"), 0.5, "day"),
    (re.compile(r"\bhalf an? hour\b|\bhalf-hour\b"), 30.0, "minute"),
    (re.compile(r"\bhalf a year\b|\bhalf-year\b"), 6.0, "month"),
    (re.compile(r"\bhalf(?!-finished|-hearted|-baked)\b|\bhalv(?:e|es|ed|ing)\b|\bfifty-fifty\b"), 50.0, "%"),
    (re.compile(r"\b(?:doubl(?:e|es|ed|ing)|twofold)\b(?!-| check)|\btwice (?:as|the)\b"), 2.0, "x"),
    (re.compile(r"\btripl(?:e|es|ed|ing)\b"), 3.0, "x"),
    (re.compile(r"\bquadrupl(?:e|es|ed|ing)\b"), 4.0, "x"),
    (re.compile(r"\bdozens\b"), 10.0, "tens"),
    (re.compile(r"\bhundreds\b"), 100.0, "tens"),
    (re.compile(r"\bthousands\b"), 1000.0, "tens"),
    (re.compile(r"\bmillions\b"), 10.0**6, "tens"),
    (re.compile(r"\b(?:every|each|per|a) month\b|\bmonthly\b"), 1.0, "month"),
    (re.compile(r"\b(?:every|each|per|a) week\b|\bweekly\b"), 7.0, "day"),
    (re.compile(r"\b(?:every|each) fortnight\b|\bfortnight(?:ly)?\b"), 14.0, "day"),
    (re.compile(r"\b(?:every|each|per|a) year\b|\b(?:yearly|annual(?:ly)?)\b"), 12.0, "month"),
    (re.compile(r"\ban hour\b|\bhourly\b"), 1.0, "hour"),
    (re.compile(r"\b(?:a|within a) day\b"), 1.0, "day"),
    (re.compile(r"\bdecades?\b"), 120.0, "month"),
)  # fmt: skip
_SHARE_EN = re.compile(rf"\b(?P<n>a|one|two|three|four|nine|the)?[\s-]?(?P<p>thirds?|quarters?|fifths?|tenths?)(?: of\b|\b(?= less| more| as| smaller| lower| higher))")
_ONE_IN_EN = re.compile(rf"\b(?P<n>{_NUMBER_EN})(?: [a-z]+)? (?:in|out of|of every|of) (?:the |every )?(?P<d>{_NUMBER_EN})\b")
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "dozenth": 12}  # fmt: skip
_ORDINAL_EN = re.compile(rf"\b(?P<w>{'|'.join(_ORDINALS)})\b(?!-hand)")
_OVER_EN = re.compile(r"(?:more than|over|at least|above|upwards of|no less than|exceed\w*|north of|minimum of)\s+(?:\w+\s)?$")
_UNDER_EN = re.compile(r"(?:less than|fewer than|under|at most|up to|within|below|no more than|maximum of|not more than|inside)\s+(?:\w+\s)?$")
_AFTER_EN = re.compile(r"[\s-]*(?:or (?P<more>more)|or (?P<less>less|fewer))")
_PAIR_BEFORE = re.compile(r"(?:\b(?:the|your|these|those|between|both|my|our|any)\s+)$")
_PAIR_AFTER = re.compile(r"\s+(?:of (?:you|us|them)|sides|parties|companies|firms|presidents|owners|people|partners|houses)\b")
_NEXT = re.compile(r"[\s-]*(?:(?P<a>[a-z]+)(?:[\s-]+(?P<b>[a-z]+))?(?:[\s-]+(?P<c>[a-z]+))?)?")


def _number_en(text: str) -> float:
    total = part = 0.0
    for word in re.split(r"[\s-]+", text.replace(",", "")):
        if word in _ONES:
            part += _ONES[word]
        elif word in _TIMES and word == "hundred":
            part = (part or 1) * 100
        elif word in _TIMES:
            total, part = total + (part or 1) * _TIMES[word], 0.0
        elif word != "and":
            part += float(word)
    return total + part


def _figures_en(text: str) -> Iterator[Figure]:
    for match in _ONE_IN_EN.finditer(text):
        whole = _number_en(match["d"])
        if whole > 2:
            yield Figure(100 * _number_en(match["n"]) / whole, "%", "", *match.span())
            text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    for match in _SHARE_EN.finditer(text):
        many = {"a": 1, "the": 1, None: 1}.get(match["n"]) or _ONES.get(match["n"] or "", 1)
        yield Figure(many * _PART[match["p"].rstrip("s")], "%", _bound_en(text, match.span()), *match.span())
        text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    for pattern, value, unit in _WHOLE_EN:
        for match in pattern.finditer(text):
            yield Figure(value, unit, _bound_en(text, match.span()), *match.span())
            text = text[: match.start()] + "□" * len(match[0]) + text[match.end() :]
    for match in _ORDINAL_EN.finditer(text):
        yield Figure(float(_ORDINALS[match["w"]]), "th", "", *match.span())
    for match in _FIGURE_EN.finditer(text):
        yield _figure_en(text, match)


def _figure_en(text: str, match: re.Match[str]) -> Figure:
    value = _number_en(match["n"])
    if match["o"]:
        return Figure(value, "th", "", *match.span())
    mark = {"k": 1e3, "m": 1e6, "bn": 1e9}.get(match["u"] or "")
    if mark:
        value *= mark
    unit, scale = UNITS.get(match["u"] or "", ("", 1.0)) if not mark else ("", 1.0)
    following = _NEXT.match(text, match.end())
    for word in following.groups() if following and not unit else ():
        if word in UNITS:
            unit, scale = UNITS[word]
            break
    if value == 2 and not unit.startswith("%") and (
        _PAIR_BEFORE.search(text, 0, match.start()) or _PAIR_AFTER.match(text, match.end())
    ):
        unit = "pair"
    before = text[max(0, match.start() - 2) : match.start()]
    if unit == "" and "¥" in before:
        unit = "yen"
    return Figure(value * scale, unit, _bound_en(text, match.span()), *match.span())


def _bound_en(text: str, span: tuple[int, int]) -> Bound:
    after = _AFTER_EN.match(text, span[1])
    if (after and after["more"]) or _OVER_EN.search(text, 0, span[0]):
        return ">"
    return "<" if (after and after["less"]) or _UNDER_EN.search(text, 0, span[0]) else ""


# Dates

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_MONTHS = {m: n for n, m in enumerate("january february march april may june july august september october november december".split(), 1)}  # fmt: skip
_SEASONS = {"春": 13, "夏": 14, "秋": 15, "冬": 16, "spring": 13, "summer": 14, "autumn": 15, "fall": 15, "winter": 16}
_MONTH = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS if name != "may"), "sept"])
_YEAR = r"(?:1[6-9]|20)\d\d"
_KANJI_YEAR = "[一二][〇九八七六五四三二一零]{3}"
_DATES: dict[Locale, tuple[re.Pattern[str], ...]] = {
    "ja": (
        re.compile(rf"(?P<y>{_YEAR}|{_KANJI_YEAR})(?:年度?|[/.-])の?(?:(?P<m>1[0-2]|0?[1-9]|[一二三四五六七八九十]{{1,2}})(?:月|[/.-](?=\d))(?:(?P<d>[0-3]?\d|[一二三四五六七八九十]{{1,3}})日?)?|(?P<s>[春夏秋冬]))?"),
        re.compile(r"(?P<e>明治|大正|昭和|平成|令和)(?P<y>元|\d{1,2}|[一二三四五六七八九十]{1,3})年度?(?:の?(?P<m>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})月(?:(?P<d>[0-3]?\d|[一二三四五六七八九十]{1,3})日)?)?"),
        re.compile(r"(?<![\d一二三四五六七八九十〇百千数何])(?P<m>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})月(?!間)(?:の?(?P<d>[0-3]?\d|[一二三四五六七八九十]{1,3})日)?"),
        re.compile(r"(?<![\d/])(?P<m>1[0-2]|0?[1-9])/(?P<d>[0-3]?\d)(?![\d/%])"),
        re.compile(r"(?:今月|来月|毎月|先月|翌月)の?(?P<d>[0-3]?\d|[一二三四五六七八九十]{1,3})日"),
        re.compile(rf"(?P<y>{_YEAR})(?=年代|世紀)"),
    ),
    "en": (
        re.compile(rf"\b(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})\b\.?,?(?: (?P<y>{_YEAR}))?"),
        re.compile(rf"\b(?P<m>{_MONTH})\b\.? (?:the )?(?P<d>[0-3]?\d)(?:st|nd|rd|th)?\b(?!,?\d)(?:,? (?P<y>{_YEAR}))?"),
        re.compile(rf"\b(?P<m>{_MONTH})\b\.?,?(?: of)? (?P<y>{_YEAR})\b"),
        re.compile(rf"\b(?P<s>spring|summer|autumn|fall|winter)(?: of)? (?P<y>{_YEAR})\b"),
        re.compile(rf"(?<![\d,.])(?P<y>{_YEAR})s?(?:[/-](?P<m>1[0-2]|0[1-9])(?:[/-](?P<d>[0-3]\d))?)?(?![\d,]\d|\.\d|%| (?:yen|firms|companies|people))\b"),
        re.compile(r"\b(?P<m>january|february|april|june|july|august|september|october|november|december)\b"),
        re.compile(r"(?<=\bin )(?P<m>may|march)\b|(?<=\b(?:by|of) )(?P<m2>may|march)\b(?! be)"),
        re.compile(r"\bthe (?P<d>[0-3]?\d)(?:st|nd|rd|th)\b(?= of (?:this|next|each|every) month|$|[,.;])"),
    ),
}  # fmt: skip


def _date(match: re.Match[str]) -> Date:
    told = match.groupdict()
    year = 0
    if told.get("y"):
        year = 1 if told["y"] == "元" else int(_number_ja(told["y"]))
        if told.get("e"):
            year += _ERAS[told["e"]]
    name = told.get("m") or told.get("m2") or ""
    month = _SEASONS[told["s"]] if told.get("s") else 0
    if name:
        month = next((n for m, n in _MONTHS.items() if m.startswith(name[:3])), 0) or int(_number_ja(name))
    return Date(year, month, int(_number_ja(told["d"])) if told.get("d") else 0)


_READ = {"ja": _figures_ja, "en": _figures_en}
