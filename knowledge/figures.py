"""Figures and dates in a text, however they are written: 三百万円 and 3 million yen are one.

A figure is what somebody could check: an amount, a share, a duration, a count, a multiple. "One" of something and
"the two" of a pair are none. Dates are kept apart (`days.py`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from knowledge.card import Locale
from knowledge.classes import pattern
from knowledge.days import Date, dates, folded, number

Bound = Literal["", ">", "<"]
Read = tuple[re.Pattern[str], float, str]


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


class Counted(NamedTuple):
    """What a text counts and dates."""

    figures: tuple[Figure, ...]
    dates: tuple[Date, ...]


@lru_cache(maxsize=8192)
def counted(text: str, locale: Locale) -> Counted:
    """Return the figures and dates of a text."""
    text = folded(text)
    if not pattern("counts", locale).search(text):  # Most sentences need no closer look.
        return Counted((), ())
    dated = dates(text, locale)
    read = _japanese(text) if locale == "ja" else _english(text)
    left = bytearray(b"1" * len(text))
    for day in dated:
        left[day.start : day.end] = bytes(day.end - day.start)
    found = (one for one in read if all(left[one.start : one.end]))
    figures = sorted((one for one in found if _telling(one)), key=lambda one: one.start)
    return Counted(tuple(figures), tuple(one.date for one in dated))


def _telling(one: Figure) -> bool:
    if one.value == 1:
        return one.unit in ("%", "month", "day", "hour", "minute", "yen", "dollar", "x", "桁")
    return one.value != 2 or one.unit not in ("pair", "firm", "person", "つ")


class _Text:
    """A text from which what was read is blotted out, so that nothing is read twice."""

    def __init__(self, text: str) -> None:
        self.text = text

    def taken(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Return the places of a pattern, and blot them out."""
        for match in pattern.finditer(self.text):
            self.text = self.text[: match.start()] + "□" * len(match[0]) + self.text[match.end() :]
            yield match


_REFERENCE = re.compile(
    r"§\s*\d+(?:\s*\(\d+\))?|(?:脚?注|図表?|(?<!図)表)\s*\d+|第?(?<![\d一二三四五六七八九十])[\d一二三四五六七八九十]++[章節条頁]|"
    r"(?<!\d)\d++ページ|"
    r"\b(?:(?:foot|end)?notes?|figures?|fig\.|charts?|tables?|chapters?|sections?|articles?|pages?|pp?\.|no\.|vol\.)\s*\d+"
)
"""A number of a place, which is no figure (`claims.py`)."""

# Units, in both languages

_SAME: dict[tuple[str, float], str] = {
    ("%", 1): "% パーセント percent pc",
    ("%", 10): "割",
    ("yen", 1): "円 yen",
    ("dollar", 1): "ドル dollar dollars",
    ("month", 1200): "世紀 century centuries",
    ("month", 12): "年 年間 カ年 か年 year years yr",
    ("month", 1): "か月 ヶ月 カ月 ヵ月 ケ月 箇月 か月間 ヶ月間 カ月間 月間 month months",
    ("day", 7): "週 週間 week weeks",
    ("day", 1): "日 日間 day days",
    ("hour", 1): "時間 hour hours",
    ("minute", 1): "分 分間 minute minutes",
    ("firm", 1): "社 軒 firm firms company companies smes",
    ("person", 1): "人 名 person people persons employee employees staff",
    ("x", 1): "倍 fold x",
    ("回", 1): "回 度",
    ("", 1): "年度 月 time times",
}
UNITS: dict[str, tuple[str, float]] = {word: unit for unit, words in _SAME.items() for word in words.split()}

# Japanese

_N = (
    r"(?>\d+(?:,\d{3})*(?:\.\d+)?|[〇一二三四五六七八九十百千]+)"
    r"(?>[十百千万億兆][\d〇一二三四五六七八九十百千万億兆]*)?+"
)
"""A number, always whole: read again in parts, a long one would take for ever."""
_COUNTER = (
    r"パーセント|%|割|円|ドル|年間|[かカヶヵケ箇]月間?|[かカ]年|月間|年|週間?|時間|日間?|分間|分(?!の|け|野|か|子)|秒|"
    r"世紀|桁|ポイント|社目?|軒|人目?|名|倍|回目?|度目?|件|つ目|つ(?!き|い|な|く)|個|枚|本(?!当|社|人|田|音|業|来)|台|校|"
    r"[かカヶヵケ箇]国|[かカヶヵケ箇]所|点|歳|才|位|番|行|組|種類?|段階?|項目|章|節|条|号|版|丁|階|ページ|頁|者|文|言|歩|案|列|欄"
)
_FIGURE_JA = re.compile(
    rf"(?<![a-z§注表])(?P<o>第\s*)?(?P<n>{_N})(?P<u>{_COUNTER})?(?P<h>半(?!分|数|ば|端))?(?P<t>目(?![的標安指]))?"
)
_NATIVE = ("ふた", "みっ", "よっ", "いつ", "むっ", "なな", "やっ")
_WHOLE_JA: Sequence[Read] = (
    (re.compile(r"十中八九|九分九厘"), 85.0, "%"),
    (re.compile(r"桁違い|桁外れ|段違い"), 10.0, "桁"),
    (re.compile(r"(?:ひと|一)[晩夜]"), 12.0, "hour"),
    (re.compile(r"ひと月"), 1.0, "month"),
    (re.compile(r"ふた月"), 2.0, "month"),
    *((re.compile(rf"{word}つ"), n, "つ") for n, word in enumerate(_NATIVE, 2)),
    (re.compile(r"半数|半分|五分五分|半々|折半|半減"), 50.0, "%"),
    (re.compile(r"(?<![\d〇一二三四五六七八九十百千万])倍(?:増|速|に|の|近|以上|ほど)"), 2.0, "x"),
    (re.compile(r"半年"), 6.0, "month"),
    (re.compile(r"半日"), 0.5, "day"),
    (re.compile(r"半月"), 0.5, "month"),
    (re.compile(r"毎月|月々|月に?[一1][回度]"), 1.0, "month"),
    (re.compile(r"毎週|週に?[一1][回度]"), 7.0, "day"),
    (re.compile(r"毎年|年に?[一1][回度]"), 12.0, "month"),
    (re.compile(r"十数"), 10.5, ""),
    (re.compile(r"数十"), 10.0, "tens"),
    (re.compile(r"数百"), 100.0, "tens"),
    (re.compile(r"数千"), 1000.0, "tens"),
    (re.compile(r"数万"), 10000.0, "tens"),
    (re.compile(r"何[十百千万億]"), 10.0, "tens"),
    (re.compile(r"数(?:[分秒軒枚個点倍桁社人名件回年日割%億円]|[かヶカ]月|週間|時間|ポイント)"), 3.5, "tens"),
)
_UNCUT = r"(?<![\d〇一二三四五六七八九十百千])"
"""Where a number may begin: not in the middle of one."""
_SHARE_JA = re.compile(rf"{_UNCUT}(?P<d>{_N})分の(?P<n>{_N})")
_ONE_IN_JA = re.compile(rf"{_UNCUT}(?P<d>{_N})(?P<c>社|人|名|件|回|組|つ)(?:に|のうち|中)(?P<n>{_N})(?P=c)")
_OVER_JA = re.compile(r"\s*(?:ほど|程度|くらい|ぐらい)?(?:以上|超|を?超え|を?上回|あまり|余り|強(?![いくみ調化]))")
_UNDER_JA = re.compile(r"\s*(?:以下|未満|以内|足らず|を?下回|弱(?![いくみ点])|まで(?:に|で|と|が|です|を目|$))")
# Numerals that count nothing: 一緒, 十分, 千葉.
_NO_NUMBER = re.compile(
    r"一(?:緒|般|部|方|番|切|見|旦|致|層|環|律|任|斉|括|概|目置|度に|石|貫|瞬|様|帯|丸|喜|挙|筋|際|段と|体(?!$)|つ一つ|"
    r"人一人|社一社|言で|口に|気に|息|足|歩(?!目)|因|端|存|応|式|連|例)|"
    r"十(?:分(?!の[〇一二三四五六七八九])|全|代目)|千葉|三菱|三井|三重|九州|四国|八王子|六本木|四日市|五十嵐|七尾|八幡|"
    r"二重|二の足|二の次|三脚|三者|二者択一|四半期|百貨|百害|万一|万が一|万人|百(?:合|科)|三十六計|四苦八苦|"
    r"一期一会|唯一|統一|単一|同一|第一|随一|均一|択一|画一|万全|五感|三日坊主|二世(?!紀)|一世(?!紀)|二人三脚|[一二三]次|"
    r"千差万別|八百屋|七転び"
)


def _japanese(text: str) -> Iterator[Figure]:
    left = _Text(text)
    for form in (_REFERENCE, _NO_NUMBER):
        list(left.taken(form))
    for form in (_SHARE_JA, _ONE_IN_JA):
        for match in left.taken(form):
            if whole := number(match["d"]):
                yield Figure(100 * number(match["n"]) / whole, "%", _bound_ja(text, match.end()), *match.span())
    for form, value, unit in _WHOLE_JA:
        for match in left.taken(form):
            yield Figure(value, unit, _bound_ja(text, match.end()), *match.span())
    yield from _joined(_figure_ja(text, match) for match in _FIGURE_JA.finditer(left.text))


def _figure_ja(text: str, match: re.Match[str]) -> Figure:
    if match["o"] or match["t"] or (match["u"] or "").endswith(("目", "番", "位")):
        return Figure(number(match["n"]), "th", "", *match.span())
    unit, scale = UNITS.get(match["u"] or "", (match["u"] or "", 1.0))
    value = (number(match["n"]) + (0.5 if match["h"] else 0.0)) * scale
    return Figure(value, unit, _bound_ja(text, match.end()), *match.span())


def _joined(found: Iterable[Figure]) -> Iterator[Figure]:
    """Make one of 二割五分."""
    last: Figure | None = None
    for one in found:
        if last is not None and last.unit == "%" and last.end == one.start and one.unit == "minute":
            one = Figure(last.value + one.value, "%", one.bound, last.start, one.end)  # noqa: PLW2901
        elif last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _bound_ja(text: str, end: int) -> Bound:
    return ">" if _OVER_JA.match(text, end) else "<" if _UNDER_JA.match(text, end) else ""


# English

_TEENS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_TEENS.split())}
_ONES |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_TIMES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_WORDED = "|".join(sorted([*_ONES, *_TIMES], key=len, reverse=True))
_MANY = 24
"""Words that one number may have behind the first; no real one has so many."""
_E = (
    rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|(?:{_WORDED})\b)"
    rf"(?>[\s-]++(?:and\s+)?(?:{_WORDED})\b){{0,{_MANY}}}+"
)
_FIGURE_EN = re.compile(
    rf"(?<![a-z0-9§.#-])(?P<n>{_E})(?P<o>(?:st|nd|rd|th)\b)?\s?-?(?P<u>%|x\b|k\b|m\b|bn\b|fold\b)?"
)
_PART = {"third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_WHOLE_EN: Sequence[Read] = (
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
    (re.compile(r"\b(?:every |each )?fortnight(?:ly)?\b"), 14.0, "day"),
    (re.compile(r"\b(?:every|each|per|a) year\b|\b(?:yearly|annual(?:ly)?)\b"), 12.0, "month"),
    (re.compile(r"\ban hour\b|\bhourly\b"), 1.0, "hour"),
    (re.compile(r"\b(?:within )?a day\b"), 1.0, "day"),
    (re.compile(r"\bdecades?\b"), 120.0, "month"),
    (re.compile(r"\bcentur(?:y|ies)\b"), 1200.0, "month"),
)
_SHARE_EN = re.compile(
    r"\b(?P<n>a|one|two|three|four|nine|the)?[\s-]?(?P<p>thirds?|quarters?|fifths?|tenths?)"
    r"(?: of\b|\b(?= less| more| as| smaller| lower| higher))"
)
_ONE_IN_EN = re.compile(rf"\b(?P<n>{_E})(?: [a-z]+)? (?:in|out of|of every|of) (?:the |every )?(?P<d>{_E})\b")
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split(),  # noqa: SIM905
        2,
    )
}
_ORDINAL_EN = re.compile(rf"\b(?P<w>{'|'.join(_ORDINALS)})(?:ly)?\b(?!-hand)")
_OVER_EN = re.compile(
    r"(?:more than|over|at least|above|upwards of|no less than|exceed\w*|north of|minimum of)\s+(?:\w+\s)?$"
)
_UNDER_EN = re.compile(
    r"(?:less than|fewer than|under|at most|up to|within|below|no more than|maximum of|not more than|inside)"
    r"\s+(?:\w+\s)?$"
)
_BEFORE = 60
"""Characters before a number that may tell its bound."""
_AFTER_EN = re.compile(r"[\s-]*(?:or (?P<more>more)|or (?P<less>less|fewer))")
_PAIR_BEFORE = re.compile(r"(?:\b(?:the|your|these|those|between|both|my|our|any)\s+)$")
_PAIR_AFTER = re.compile(
    r"\s+(?:of (?:you|us|them)|sides|parties|companies|firms|presidents|owners|people|partners|houses)\b"
)
_NEXT = re.compile(r"[\s-]*(?:(?P<a>[a-z]+)(?:[\s-]+(?P<b>[a-z]+))?(?:[\s-]+(?P<c>[a-z]+))?)?")
_SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9}


def _number_en(text: str) -> float:
    total = part = 0.0
    for word in re.split(r"[\s-]+", text.replace(",", "")):
        if word in _ONES:
            part += _ONES[word]
        elif word == "hundred":
            part = (part or 1.0) * 100
        elif word in _TIMES:
            total, part = total + (part or 1.0) * _TIMES[word], 0.0
        elif word != "and":
            part += float(word)
    return total + part


def _english(text: str) -> Iterator[Figure]:
    left = _Text(text)
    list(left.taken(_REFERENCE))
    for match in left.taken(_SHARE_EN):
        many = _ONES.get(match["n"] or "", 1)
        yield Figure(many * _PART[match["p"].rstrip("s")], "%", _bound_en(text, match.span()), *match.span())
    for match in left.taken(_ONE_IN_EN):
        if (whole := _number_en(match["d"])) > 2:
            yield Figure(100 * _number_en(match["n"]) / whole, "%", "", *match.span())
    for form, value, unit in _WHOLE_EN:
        for match in left.taken(form):
            yield Figure(value, unit, _bound_en(text, match.span()), *match.span())
    for match in left.taken(_ORDINAL_EN):
        yield Figure(float(_ORDINALS[match["w"]]), "th", "", *match.span())
    for match in _FIGURE_EN.finditer(left.text):
        yield _figure_en(text, match)


def _figure_en(text: str, match: re.Match[str]) -> Figure:
    value = _number_en(match["n"]) * _SCALES.get(match["u"] or "", 1.0)
    if match["o"]:
        return Figure(value, "th", "", *match.span())
    unit, scale = UNITS.get(match["u"] or "", ("", 1.0))
    following = _NEXT.match(text, match.end())
    near = following.groups()[: 1 if value == 1 else 3] if following and not unit else ()
    for word in near:
        if word in UNITS:
            unit, scale = UNITS[word]
            break
    start = max(0, match.start() - _BEFORE)
    paired = _PAIR_BEFORE.search(text, start, match.start()) or _PAIR_AFTER.match(text, match.end())
    if value == 2 and unit != "%" and paired:
        unit = "pair"
    if not unit and "¥" in text[max(0, match.start() - 2) : match.start()]:
        unit = "yen"
    return Figure(value * scale, unit, _bound_en(text, match.span()), *match.span())


def _bound_en(text: str, span: tuple[int, int]) -> Bound:
    after, start = _AFTER_EN.match(text, span[1]), max(0, span[0] - _BEFORE)
    if (after and after["more"]) or _OVER_EN.search(text, start, span[0]):
        return ">"
    return "<" if (after and after["less"]) or _UNDER_EN.search(text, start, span[0]) else ""
