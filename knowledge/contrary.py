"""Whether a sentence says the contrary of a line, though it says it in the line's own words.

A statement is turned round by denying it, by exchanging before and after, more and less, the two sides or the two who
act, by a word for its opposite. Far from the line's words nobody can tell without understanding; near them it shows
in the few words that differ. What is listed are closed classes: negations, conjunctions, opposites.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.classes import axes, pattern
from knowledge.grammar import Morpheme, Word, morphemes, stem

Stems = frozenset[str]
Pairs = tuple[tuple[Stems, Stems], ...]


class Turns(NamedTuple):
    """What a text puts before what: (earlier, later) in time, (more, less) in comparison."""

    times: Pairs
    degrees: Pairs


class Shape(NamedTuple):
    """What of a text turns its meaning."""

    turns: Turns
    poles: Counter[tuple[int, bool]]
    """How often it stands at which pole of which axis."""
    sides: tuple[int, ...]
    """The two sides in the order in which they are named: 0 for the SME, 1 for the startup."""
    denials: int
    """How often it denies."""
    shy: int
    """How often it says a little less than denying: lack, avoid, instead of."""
    doing: Stems
    """Who does something in it, as far as Japanese particles tell."""
    done: Stems
    """To whom or what it is done."""
    hedged: bool
    """Whether it says that something is so only perhaps, or mostly."""


def shape(text: str, found: Sequence[Word], locale: Locale) -> Shape:
    """Return the shape of a normalised text whose words are known."""
    named = sorted(
        (match.start(), side) for side, pattern in enumerate(_SIDES[locale]) for match in pattern.finditer(text)
    )
    doing, done = _roles(text) if locale == "ja" else (frozenset(), frozenset())
    return Shape(
        doing=doing,
        done=done,
        turns=Turns(_times(text, found, locale), _degrees(text, found, locale)),
        poles=_poles(text, found, locale),
        sides=tuple(side for _, side in named),
        denials=_denials(text, found, locale),
        shy=len(pattern("shy", locale).findall(text)),
        hedged=pattern("hedged", locale).search(text) is not None,
    )


def exchanged(mine: Turns, theirs: Turns) -> bool:
    """Whether one puts first what the other puts second."""
    return _exchanged(mine.times, theirs.times) or _exchanged(mine.degrees, theirs.degrees)


def _exchanged(mine: Pairs, theirs: Pairs) -> bool:
    """Whether a word that stands first in one only stands second in the other only."""
    first, second = (frozenset().union(*(pair[at] for pair in mine)) for at in (0, 1))
    before, behind = (frozenset().union(*(pair[at] for pair in theirs)) for at in (0, 1))
    return bool((first - second) & (behind - before) or (second - first) & (before - behind))


def opposed(mine: Shape, theirs: Shape) -> bool:
    """Whether a pole of an axis went over to the other one."""
    axes = {axis for axis, _ in mine.poles} & {axis for axis, _ in theirs.poles}
    return any(_gone_over(mine.poles, theirs.poles, axis) for axis in axes)


def _gone_over(mine: Counter[tuple[int, bool]], theirs: Counter[tuple[int, bool]], axis: int) -> bool:
    near, far = (mine[axis, pole] - theirs[axis, pole] for pole in (False, True))
    return near * far < 0


def other_side(mine: Shape, theirs: Shape) -> bool:
    """Whether the sides were exchanged, or one put for the other."""
    if not mine.sides or not theirs.sides:
        return False
    counts = [mine.sides.count(side) - theirs.sides.count(side) for side in (0, 1)]
    first = len(set(mine.sides)) == len(set(theirs.sides)) == 2 and mine.sides[0] != theirs.sides[0]
    return counts[0] * counts[1] < 0 or (first and len(mine.sides) == len(theirs.sides))


def recast(mine: Shape, theirs: Shape) -> bool:
    """Whether somebody does in one what is done to them in the other."""
    return bool(
        (mine.doing - mine.done) & (theirs.done - theirs.doing)
        or (mine.done - mine.doing) & (theirs.doing - theirs.done)
    )


def one_sided(mine: Shape, theirs: Shape) -> bool:
    """Whether each speaks of one side only, and not of the same one."""
    here, there = set(mine.sides), set(theirs.sides)
    return len(here) == 1 and len(there) == 1 and here != there


# Before and after, more and less

_LATER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?<=[うくぐすつぬぶむるの一-鿿])(?<![以午数])前(?:に|は|から(?!い))"),
    "en": re.compile(r"\bbefore\b|\bprior to\b|\buntil\b"),
}
_EARLIER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?:た|の)?(?:あと|後)(?:に|で|は|から|、)|てから|でから|そのあと|その後|それから|次に|上で"),
    "en": re.compile(
        r"\bafter\b(?! all)|\bonce\b(?= (?:you|they|we|the|it|both|this|that|each|your|their|he|she)\b)|"
        r"\bas soon as\b|\b(?:only )?then\b|\bafterwards?\b|\blater\b|\bfollowed by\b"
    ),
}
_THEN = {"then", "only then", "afterwards", "afterward", "later", "followed by"}
_BACK = re.compile(r"\s+(?:that|this|it)\b(?! [a-z]+s?\b(?<!\bis))")
_THAN: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"より(?:も|は)?(?!どころ|合|良|よ[いく]|そう)|ではなく|でなく"),
    "en": re.compile(r"\bthan\b|\binstead of\b|\brather than\b"),
}
_STOP = re.compile(r"[。.;；!?！？]")
_PAUSE = re.compile(r"[、,。.;；:]")


def _times(text: str, found: Sequence[Word], locale: Locale) -> Pairs:
    pairs = []
    for match in _LATER[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        if locale == "ja":  # Aする前に、B
            pairs.append((right, left))
        elif left:  # B before A
            pairs.append((left, _within(found, match, text)))
        else:  # Before A, B
            pairs.append(_led(found, match, text))
    for match in _EARLIER[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        if locale == "ja" or match[0] in _THEN:
            pairs.append((left, right))
        elif not left:
            second, first = _led(found, match, text)
            pairs.append((first, second))
        elif _BACK.match(text[match.end() :]):
            pairs.append(_back(found, match))
        else:
            pairs.append((_within(found, match, text), left))
    return tuple(pairs)


def _degrees(text: str, found: Sequence[Word], locale: Locale) -> Pairs:
    pairs = []
    for match in _THAN[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        pairs.append((right, left) if locale == "ja" else (left, right))
    return tuple(pairs)


def _stems(found: Sequence[Word], start: int, end: int) -> Stems:
    return frozenset(one.stem for one in found if start <= one.at < end)


def _around(found: Sequence[Word], match: re.Match[str], text: str, locale: Locale) -> tuple[Stems, Stems]:
    """Return the stems before and behind a word within its sentence; in Japanese no further left than its phrase."""
    marks = _PAUSE if locale == "ja" else _STOP
    start = max((one.end() for one in marks.finditer(text, 0, match.start())), default=0)
    stop = _STOP.search(text, match.end())
    return _stems(found, start, match.start()), _stems(found, match.end(), stop.start() if stop else len(text))


def _within(found: Sequence[Word], match: re.Match[str], text: str) -> Stems:
    """Return the stems behind a word, to the end of its clause."""
    pause = _PAUSE.search(text, match.end())
    return _stems(found, match.end(), pause.start() if pause else len(text))


def _led(found: Sequence[Word], match: re.Match[str], text: str) -> tuple[Stems, Stems]:
    """Return (the main clause, the clause that stands before it) of "Before A, B"."""
    pause = _PAUSE.search(text, match.end())
    middle = pause.start() if pause else len(text)
    stop = _STOP.search(text, middle + 1)
    return _stems(found, middle, stop.start() if stop else len(text)), _stems(found, match.end(), middle)


def _back(found: Sequence[Word], match: re.Match[str]) -> tuple[Stems, Stems]:
    """Return (what came before, the clause itself) of "B after that"."""
    before = [one for one in found if one.at < match.start()]
    last = before[-1].clause if before else 0
    return frozenset(one.stem for one in before if one.clause < last), frozenset(
        one.stem for one in before if one.clause == last
    )


# Denying

_DENIES_EN = re.compile(
    r"\b(?:not|no|never|nor|neither|nobody|nothing|none|without|cannot|hardly|rarely|seldom|scarcely)\b|n['’]t\b"
)
_NO_DENIAL_EN = re.compile(r"\bnot only\b|\bno\. \d|\bno doubt\b|\bwhether or not\b|\bif not\b|\bor not\b")


def _denials(text: str, found: Sequence[Word], locale: Locale) -> int:
    if locale == "en":
        return len(_DENIES_EN.findall(_NO_DENIAL_EN.sub(" ", text)))
    return _count_ja(text, tuple(found))


def _count_ja(text: str, found: tuple[Word, ...]) -> int:
    return sum(
        1 for clause in {one.clause for one in found} if any(one.denied for one in found if one.clause == clause)
    )


# Opposites

_SIDES: dict[Locale, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "ja": (
        re.compile(r"中小(?:企業)?|町工場|メーカー|製造業|老舗|ものづくり企業|事業会社"),
        re.compile(r"スタートアップ|若い会社|ベンチャー(?!型)|創業者"),
    ),
    "en": (
        re.compile(
            r"\b(?:smes?|established|manufacturers?|factor(?:y|ies)|workshops?|small firms?|owners?|the company)\b"
        ),
        re.compile(r"\b(?:start-?ups?|young (?:firms?|compan(?:y|ies))|founders?)\b"),
    ),
}


@cache
def _known(locale: Locale) -> dict[str, list[tuple[int, bool]]]:
    """Return for each word of an axis (its number, whether at the far pole)."""
    known: dict[str, list[tuple[int, bool]]] = {}
    for number, poles in enumerate(axes(locale)):
        for far, words in enumerate(poles):
            for word in words:
                read = {one.stem for one in morphemes(word)}
                for name in {word, stem(word)} if locale == "en" else read if len(read) == 1 else {word}:
                    known.setdefault(name, []).append((number, bool(far)))
    return known


_EN_WORD = re.compile(r"[a-z]+")


def _poles(text: str, found: Sequence[Word], locale: Locale) -> Counter[tuple[int, bool]]:
    known = _known(locale)
    denied = {one.at for one in found if one.denied}
    if locale == "ja":
        tokens = [(one.start, one.stem) for one in morphemes(text)]
    else:
        tokens = [(one.start(), one[0] if one[0] in known else stem(one[0])) for one in _EN_WORD.finditer(text)]
    return Counter((axis, far is not (at in denied)) for at, token in tokens for axis, far in known.get(token, ()))


_SUFFERS = {"れる", "られる", "貰う", "頂く"}


def _roles(text: str) -> tuple[Stems, Stems]:
    """Return who does something and to whom: お客様から紹介されます, お客様に紹介します."""
    units = morphemes(text)
    doing: set[str] = set()
    done: set[str] = set()
    for number, unit in enumerate(units[:-1]):
        mark = units[number + 1]
        if unit.speech[0] not in ("名詞", "接尾辞", "代名詞") or mark.speech[0] != "助詞":
            continue
        suffers = _suffers(units, number + 2)
        if suffers is None or mark.surface not in ("が", "に", "へ", "から"):
            continue
        (doing if (mark.surface == "が") is not suffers and mark.surface != "へ" else done).add(unit.stem)
    return frozenset(doing), frozenset(done)


def _suffers(units: Sequence[Morpheme], start: int) -> bool | None:
    """Whether the next verb is passive; None if there is none in the clause."""
    for number in range(start, min(start + 8, len(units))):
        unit = units[number]
        if unit.speech[1] in ("読点", "句点"):
            return None
        if unit.speech[0] == "動詞" or "サ変可能" in unit.speech[2]:
            return bool(_SUFFERS & {one.stem for one in units[number + 1 : number + 5]})
    return None
