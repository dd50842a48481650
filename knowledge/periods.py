"""Periods that a text names without a date: 第3四半期, 年度末, 来週の月曜, the first half, by the end of the quarter.

A period is a noun of the calendar or of the books (年度, 四半期, week, quarter) with what picks one of them: its
number, 今 or next, its beginning or its end. The nouns are few, and so is what picks them; together they are many.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from knowledge.card import Locale


class Period(NamedTuple):
    """A period where it stands in the folded text; `name` brings the words of one meaning to one writing."""

    start: int
    end: int
    name: str


def periods(text: str, locale: Locale) -> Iterator[Period]:
    """Yield the periods of a folded text."""
    taken = bytearray(len(text))
    for pattern in _PERIODS[locale]:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"1" * (end - start)
                yield Period(start, end, " ".join(sorted(_ALIKE.get(one, one) for one in match.groups() if one)))


# Japanese

_BOOKS = "会計年度|事業年度|年度|四半期|半期|決算期|学期|シーズン|世紀"
_NOUN = f"{_BOOKS}|年|期|月|週"
_WHICH = "再来|翌々|先々|今|来|翌|次|昨|先|(?<![以午直事手名人])前|本|当|新|現"
_EDGE = "末|明け|内(?![容外])|[上中下初]旬|初め|始め|はじめ|初|頭|半ば|前半|後半|いっぱい|一杯|替わり|始"
_N = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_NUMBERED = r"(?<![\d一二三四五六七八九十百千数半何])"
_SEASON = "[春夏秋冬]"

# English

_NOUN_EN = r"quarter|half(?! hour| day| an?\b|-)|year|month|week|weekend|season|semester|trimester|decade|century"
_BOOKS_EN = r"(?:fiscal|financial|accounting|business|calendar|tax|school|academic)"
_NTH = r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th)"
_WHICH_EN = (
    rf"{_NTH}|last|final|next|this|coming|current|following|previous|past|latter|opening|closing|new|early|mid|late"
)
_ENDS_EN = "end|close|beginning|start|middle|turn|course|rest|remainder"
_THE_EN = "(?:(?:the|this|next|your|their|our|each|every|a) )?"
_SEASON_EN = r"(?:(early|late|mid)[ -])?(spring|summer|autumn|winter|fall(?! of\b))"
_PART_EN = r"of\b|less|more|as|smaller|lower|higher"
_IN_EN = r"(?:by|in|until|till|before|after|since|during|over|through|of|next|last|this|early|late|mid)"
_MONTHS_EN = "january|february|march|april|may|june|july|august|september|october|november|december"

_PERIODS: dict[Locale, tuple[re.Pattern[str], ...]] = {
    "ja": tuple(
        re.compile(one)
        for one in (
            r"第?\s*([1-4一二三四])(四半期)",
            r"第?\s*([1-3一二三])(?<!四)(半期|学期)",
            r"(?<![a-z\d])(q)([1-4])(?![a-z\d])",
            r"(?<![a-z\d])([1-4])(q)(?![a-z\d])",
            rf"第\s*({_N})(期(?!待)|週|年度)",
            r"([上下]半?期|[上下]半年|[前後]半期|後期)",
            rf"({_WHICH})({_NOUN}(?![待間限])|{_SEASON})(?:の?({_EDGE}))?",
            rf"{_NUMBERED}(?<![時納長短周定任初予早])({_NOUN})の?({_EDGE})",
            rf"(?<=月)の?({_EDGE})|([上中下初]旬)",
            r"(期首|期中(?!断)|週末|年の(?:瀬|暮れ)|年越し)",
            r"(次|今度|来たる)の?(?=(?:\d{1,2}|[一二三四五六七八九十]{1,2})月)",
            r"([月火水木金土日])曜",
            rf"(?:(午前|午後|朝|夕方|夜)の?)?{_NUMBERED}({_N}時)(?![間々代折期点刻])",
            r"(昨年|去年|一昨年|おととし|昨今|近年|近頃|昨日|おととい|先日|先般|戦[前後]|コロナ|バブル|震災|隔[週月年]|今朝|明朝|今[夜晩])",
            r"(朝一番?|早朝|正午|夕方|午前中|午後一)|(明治|大正|昭和|平成|令和)(?!\d|[元一二三四五六七八九十])",
            r"(お盆|盆(?=まで|明|休|前|過|頃)|正月|連休|ゴールデンウィーク|(?:夏|冬|春)(?:季|期)?休(?:み|暇|業))",
            rf"(?<![一-鿿])({_SEASON})(?=まで|から|頃|ごろ|以降|以前|先|口|場|の?(?:初め|終わり|うち|間)|に|を目)",
            rf"['’‘]({_N}年)",
            r"(今日|本日|明日|あす|あさって|明後日)(?=中|まで|じゅう|のうち)",
            rf"{_NUMBERED}({_BOOKS})|(決算)(?=期|月|日|まで|[前後]|の[前後]|を待)",
        )
    ),
    "en": tuple(
        re.compile(one)
        for one in (
            r"\b([qh])([1-4])\b",
            r"['’‘](\d\d)\b|\b(holidays?|vacations?)\b",
            rf"\b({_WHICH_EN})(?:[ -]({_WHICH_EN}))?[ -](?:({_BOOKS_EN})[ -])?({_NOUN_EN})\b",
            rf"\b({_ENDS_EN}) of {_THE_EN}(?:({_BOOKS_EN}) )?({_NOUN_EN})\b",
            rf"\b(?:within|inside|before|during|throughout) (the) (?:({_BOOKS_EN}) )?({_NOUN_EN})\b(?!-)",
            rf"\b(?:({_BOOKS_EN}) )?({_NOUN_EN})[ -](end|close)\b",
            rf"\b({_BOOKS_EN}) ({_NOUN_EN})\b",
            rf"\b(?:the|each|every|a|per) (quarter|semester|trimester)\b(?! (?:{_PART_EN}))",
            rf"\b(mid|early|late|end|beginning|start)(?: of|-)? (?=(?:{_MONTHS_EN}|(?:19|20)\d\d)\b)",
            rf"\b(mid)-(?=(?:{_MONTHS_EN})\b)",
            rf"\b(next|last|this|coming|current|following|previous|past) (?!may\b)(?=(?:{_MONTHS_EN})\b)",
            r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)s?\b",
            r"\b(christmas|easter|new year|golden week|obon|thanksgiving)\b",
            r"\b((?:summer|winter|spring) (?:holidays?|break))\b",
            rf"\b{_IN_EN}[ -](?:the )?{_SEASON_EN}\b(?! (?:of )?\d)",
            r"\b(?:by|until|till|before) (tomorrow|tonight|today)\b",
            r"\b(nowadays|these days|recently|lately|yesterday|tomorrow|noon|midnight|fortnightly|first thing)\b",
            r"\b(recent|coming|past|last) (years|months|weeks|days)\b",
            r"\bsince (?:the )?(?:[a-z]+ )?(war|pandemic|crisis|bubble|outbreak|earthquake)\b",
            r"\bevery (other|second) (day|week|month|year)\b",
            r"\b(day|week|month|year) after (next|tomorrow)\b|\b(days|weeks|months|years) (from now|hence)\b",
            r"\b(\w+)(?::\d\d)? ?(am|pm|o['’]?clock)\b",
            r"\b(?:this|tomorrow|in the) (morning|afternoon|evening)\b",
        )
    ),
}

_ALIKE = {
    word: words.split()[0]
    for words in (
        "初 初め 始め はじめ 頭 始",
        "内 いっぱい 一杯",
        "年度 会計年度 事業年度",
        "上旬 初旬",
        "上期 上半期 上半年 前半期",
        "下期 下半期 下半年 後半期",
        "今 本 当 現",
        "next coming following",
        "last previous past final",
        "this current",
        "end close closing late",
        "start beginning opening early",
        "mid middle",
        "fiscal financial accounting business",
        "autumn fall",
        "quarter 四半期 q",
        "half 半期 h",
        *(f"{n} {kanji}" for n, kanji in enumerate("一二三四五六七八九十", 1)),
        *(
            f"{n} {word} {n}{end}"
            for n, (word, end) in enumerate(
                zip(_NTH.split("|")[:10], ("st", "nd", "rd", *["th"] * 7), strict=True), 1
            )
        ),
    )
    for word in words.split()
}
"""Words of one meaning."""
