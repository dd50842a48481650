"""Whether a sentence says the contrary of a line, though it says it in the line's own words.

A statement is turned round by denying it, by exchanging before and after, more and less, the two sides or the two who
act, by a word for its opposite. Far from the line's words nobody can tell without understanding; near them it shows
in the few words that differ. What is listed are closed classes: negations, conjunctions, opposites.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.grammar import Word, morphemes, stem, words_in

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
    hedged: bool
    """Whether it says only that something may be so."""


def shape(text: str, found: Sequence[Word], locale: Locale) -> Shape:
    """Return the shape of a normalised text whose words are known."""
    named = sorted(
        (match.start(), side) for side, pattern in enumerate(_SIDES[locale]) for match in pattern.finditer(text)
    )
    return Shape(
        turns=Turns(_times(text, found, locale), _degrees(text, found, locale)),
        poles=_poles(text, found, locale),
        sides=tuple(side for _, side in named),
        denials=_denials(text, found, locale),
        shy=len(_SHY[locale].findall(text)),
        hedged=_HEDGED[locale].search(text) is not None,
    )


def exchanged(mine: Turns, theirs: Turns) -> bool:
    """Whether one puts first what the other puts second."""
    return _exchanged(mine.times, theirs.times) or _exchanged(mine.degrees, theirs.degrees)


def _exchanged(mine: Pairs, theirs: Pairs) -> bool:
    return any(bool((a & d) - b - c) or bool((b & c) - a - d) for a, b in mine for c, d in theirs)


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
        r"\bafter\b(?! all)|\bonce\b(?= (?:you|they|we|the|it|both|this|that|each|your|their|he|she)\b)|\bas soon as\b|"
        r"\b(?:only )?then\b|\bafterwards?\b|\blater\b|\bfollowed by\b"
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

_SHY: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"避け|控え|やめ|足りな|欠け|乏し|断り|断る|難し|以外|代わり|ではなく|でなく|より"),
    "en": re.compile(
        r"\b(?:lack\w*|avoid\w*|fail\w*|refus\w+|unable|instead|rather than|short of|beyond|too|stop\w*|free from|free of|keep from|spare\w*)\b"
    ),
}
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


# Only perhaps

_HEDGED: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"かもしれ|かも知れ|ことが(?:あ|多|よくあ)|場合が(?:あ|多)|でしょう|目安|がち|やすい|やすく|と見られ|見込|そうで|ようで|推(?:測|定|し)|考えられ|期待|予想|"
        r"限ら|傾向|らし|うる|得る|こともあ|多いもの|ものです|と思|気がし|望ましい|余地|つもり|予定|おそらく|たぶん"
    ),
    "en": re.compile(
        r"\b(?:may|might|can|could|often|usually|tends?|seems?|likely|perhaps|maybe|expect\w*|presum\w*|sometimes|probably|suggest\w*|thought|said to|"
        r"mostly|generally|typically|appears?|possibl[ey]|hop\w+|plan\w*|should|would|about|around|roughly|many|few|rarely|seldom|hardly)\b"
    ),
}


# Opposites: each line is an axis with its two poles.

_AXES: dict[Locale, str] = {
    "ja": """
前 事前 先 先ず 最初 初め 始め 第一 初回 / 後 事後 最後 終わり 最終
早い 速い 急ぐ 直ぐ / 遅い 後回し 遅らせる
増える 増やす 増加 増 上がる 上げる 高い 高まる 伸びる 伸ばす / 減る 減らす 減少 減 下がる 下げる 低い 低下 縮む
多い 大きい 大勢 広い 長い 広げる / 少ない 小さい 少数 狭い 短い 狭める
簡単 易しい 容易 楽 / 難しい 困難 大変
安い 割安 / 高い 割高 高価
有料 有償 / 無料 無償
始める 開始 着手 進む 進める 続ける 継続 / 止める 辞める 終える 終わる 中止 打ち切る 切り上げる
受ける 引き受ける 承諾 応じる / 断る 拒む 見送る 辞退
出す 渡す 与える 教える 払う 見せる 伝える 話す / 貰う 受け取る 隠す 伏せる 黙る
公開 / 秘密 非公開 内緒
自社 社内 内部 自分 自身 己 家 当社 手前 御社 / 他社 社外 外部 相手 先方 向こう 他人 余所
成功 / 失敗
同じ 共通 同一 / 違う 異なる 別
近い / 遠い
新しい 若い / 古い 老舗
強い / 弱い
良い 得意 / 悪い 苦手
全部 全て 全体 / 一部
共同 一緒 二人 / 単独 一人 独自
賛成 / 反対
信じる 信用 信頼 / 疑う
安心 安全 / 心配 危険 不安
向く 合う / 不向き 合わない
必ず 常に 何時も / 稀 滅多
""",
    "en": """
before first earlier beforehand start begin / after last later afterward afterwards end finally
fast quick quickly quicker speed soon sooner early promptly / slow slowly slower late
more increase rise raise grow gain higher high up most / less decrease fall lower drop reduce shrink low down fewer least
big bigger large larger long longer wide / small smaller short shorter narrow tiny
easy easier simple easily / hard harder difficult
cheap cheaper / expensive dear costly
free unpaid / paid paying charge charged
start begin continue keep go / stop end quit drop halt
accept agree / refuse decline reject
give hand tell show share pay offer / take receive hide withhold conceal
public open / secret confidential private closed
internal inside own yourself / external outside other others someone somebody
with / without
succeed success / fail failure
same alike / different unlike
near close / far
new young / old
strong / weak
good better well / bad worse badly
all whole every everybody everyone / some none nobody
together joint jointly / alone separately
need necessary required must / needless unnecessary optional
important / trivial unimportant
often usually always frequently / rarely seldom never hardly
safe safer / risky dangerous
they them their theirs / you your yours yourself
""",
}
_SIDES: dict[Locale, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "ja": (
        re.compile(r"中小(?:企業)?|町工場|メーカー|製造業|老舗|ものづくり企業"),
        re.compile(r"スタートアップ|若い会社|ベンチャー(?!型)|創業者"),
    ),
    "en": (
        re.compile(r"\b(?:smes?|established|manufacturers?|factor(?:y|ies)|workshops?|small firms?|owners?)\b"),
        re.compile(r"\b(?:start-?ups?|young (?:firms?|compan(?:y|ies))|founders?)\b"),
    ),
}


@lru_cache(maxsize=2)
def _axes(locale: Locale) -> dict[str, list[tuple[int, bool]]]:
    known: dict[str, list[tuple[int, bool]]] = {}
    for number, line in enumerate(_AXES[locale].strip().split("\n")):
        for far, pole in enumerate(line.split("/")):
            for word in pole.split():
                names = {one.stem for one in morphemes(word)} if locale == "ja" else {stem(word), word}
                for name in names if len(names) == 1 or locale == "en" else {word}:
                    known.setdefault(name, []).append((number, bool(far)))
    return known


_EN_WORD = re.compile(r"[a-z]+")


def _poles(text: str, found: Sequence[Word], locale: Locale) -> Counter[tuple[int, bool]]:
    known = _axes(locale)
    denied = {one.at for one in found if one.denied}
    if locale == "ja":
        tokens = [(one.start, one.stem) for one in morphemes(text)]
    else:
        tokens = [(one.start(), one[0] if one[0] in known else stem(one[0])) for one in _EN_WORD.finditer(text)]
    return Counter((axis, far is not (at in denied)) for at, token in tokens for axis, far in known.get(token, ()))
