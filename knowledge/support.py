"""How far lines of cards carry a sentence: what of its words they hold, and whether they hold it the same way round.

A paraphrase that is true and one that turns the meaning round share as many words; so beside the share of words it
counts what is denied in one and not in the other, what comes first in one and last in the other, what belongs together
in one and not in the other, and words that only one of two opposites has. The mix was chosen on one set of sentences
and measured on another (`python -m tests.evals.support`).
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from knowledge.arrays import read_arrays
from knowledge.card import Locale
from knowledge.features import BUCKETS
from knowledge.figures import Figure, counted, folded
from knowledge.grammar import Word, words_in
from knowledge.library import HERE
from knowledge.tokens import normalise

AKIN = 0.7
"""What a word of the same family counts beside the word itself."""
ECHO = 0.8
"""What a word counts that only the asker used."""


@lru_cache(maxsize=1)
def _rarity() -> Sequence[float]:
    idf = read_arrays(HERE / "weights" / "kinds.npz")["idf"].astype(float)
    return list(idf / idf.max())


@lru_cache(maxsize=8192)
def rarity(word: str) -> float:
    """Return how much a word tells, from 0 to 1: the rarer, the more."""
    return _rarity()[zlib.crc32(f"w:{word}".encode()) % BUCKETS]


class Held(NamedTuple):
    """Where a line holds a word, and how surely it is that word."""

    places: tuple[int, ...]
    sureness: float


class Line:
    """A line laid out for comparison."""

    def __init__(self, text: str, locale: Locale) -> None:
        self.text = normalise(text)
        self.words = words_in(text, locale)
        self.turns = turns(self.text, self.words, locale)
        self.poles = poles(self.words, self.text, locale)
        self._by_stem: dict[str, list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            self._by_stem.setdefault(word.stem, []).append(place)
            if word.key:
                self._by_key.setdefault(word.key, []).append(place)

    def find(self, word: Word) -> Held | None:
        """Return where the line holds a word, or one of its family."""
        if word.stem in self._by_stem:
            return Held(tuple(self._by_stem[word.stem]), 1.0)
        if word.key in self._by_key:
            return Held(tuple(self._by_key[word.key]), AKIN)
        return None


# What turns a sentence

class Turns(NamedTuple):
    """What comes before what, as sets of stems: (earlier, later) of time, (more, less) of comparison."""

    times: tuple[tuple[frozenset[str], frozenset[str]], ...]
    degrees: tuple[tuple[frozenset[str], frozenset[str]], ...]

    def reversed_in(self, other: "Turns") -> bool:
        """Whether the other one has something the other way round."""
        return _reversed(self.times, other.times) or _reversed(self.degrees, other.degrees)


Pairs = tuple[tuple[frozenset[str], frozenset[str]], ...]


def _reversed(mine: Pairs, theirs: Pairs) -> bool:
    """Whether what one puts second the other puts first, and not second as well."""
    return any(bool((a & d) - b - c) or bool((b & c) - a - d) for a, b in mine for c, d in theirs)


_LATER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?<=[うくぐすつぬぶむるの一-鿿])(?<![以午数])前(?:に|は|から(?!い))"),
    "en": re.compile(r"\bbefore\b|\bprior to\b|\buntil\b"),
}
_EARLIER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?:た|の)?(?:あと|後)(?:に|で|は|から|、)|てから|でから|そのあと|その後|それから|次に|上で"),
    "en": re.compile(r"\bafter\b(?! all)|\bonce\b(?= (?:you|they|we|the|it|both|this|that|each|your|their|he|she)\b)|\bas soon as\b|\bthen\b|\bafterwards?\b|\blater\b|\bonly then\b|\bfollowed by\b"),
}
_THAN: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"より(?:も|は)?(?!どころ|合|良|よ[いく]|そう)|ではなく|でなく"),
    "en": re.compile(r"\bthan\b|\binstead of\b|\brather than\b|\bnot\b(?= (?:its|their|your|the|a|an|from|to)\b)"),
}


def turns(text: str, found: Sequence[Word], locale: Locale) -> Turns:
    """Return what a text puts before what."""
    times, degrees = [], []
    for match in _LATER[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        # "Before A, B" and Aする前にB: B comes first. "B before A": B comes first, too.
        leads = locale == "ja" or not left
        times.append((right, left) if locale == "ja" else _led(found, match, text) if leads else (left, right))
    for match in _EARLIER[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        word = match[0]
        if locale == "ja" or word in ("then", "afterwards", "afterward", "later", "only then", "followed by"):
            times.append((left, right))
        elif not left:
            first, second = _led(found, match, text)
            times.append((second, first))
        elif re.match(r"\s+(?:that|this|it)\b", text[match.end() :]):
            clause = [one for one in found if one.at < match.start()]
            last = clause[-1].clause if clause else 0
            times.append((frozenset(one.stem for one in clause if one.clause < last), frozenset(one.stem for one in clause if one.clause == last)))
        else:
            times.append((_within(found, match, text), left))
    for match in _THAN[locale].finditer(text):
        left, right = _around(found, match, text, locale)
        degrees.append((right, left) if locale == "ja" else (left, right))
    return Turns(tuple(times), tuple(degrees))


_STOP = re.compile(r"[。.;；!?！？]")
_PAUSE = re.compile(r"[、,。.;；:]")


def _around(found: Sequence[Word], match: re.Match[str], text: str, locale: Locale) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems before and behind a word within its sentence; in Japanese no further left than its phrase."""
    marks = _PAUSE if locale == "ja" else _STOP
    start = max((one.end() for one in marks.finditer(text, 0, match.start())), default=0)
    stop = _STOP.search(text, match.end())
    end = stop.start() if stop else len(text)
    return (
        frozenset(one.stem for one in found if start <= one.at < match.start()),
        frozenset(one.stem for one in found if match.end() <= one.at < end),
    )


def _within(found: Sequence[Word], match: re.Match[str], text: str) -> frozenset[str]:
    """Return the stems behind a word, to the end of its clause."""
    pause = _PAUSE.search(text, match.end())
    end = pause.start() if pause else len(text)
    return frozenset(one.stem for one in found if match.end() <= one.at < end)


def _led(found: Sequence[Word], match: re.Match[str], text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return (the main clause, the clause that stands before it) of "Before A, B"."""
    pause = _PAUSE.search(text, match.end())
    middle = pause.start() if pause else len(text)
    stop = _STOP.search(text, middle + 1)
    end = stop.start() if stop else len(text)
    return (
        frozenset(one.stem for one in found if middle <= one.at < end),
        frozenset(one.stem for one in found if match.end() <= one.at < middle),
    )


# Opposites: words that turn a statement round without denying it. Each line is an axis with its two poles.

_AXES: dict[Locale, str] = {
    "ja": """
前 事前 先 最初 初め 始め まず / 後 あと 後で 事後 最後 終わり
早い 速い 急ぐ / 遅い ゆっくり 遅らせる
増える 増やす 増加 上がる 上げる 高い 高まる / 減る 減らす 減少 下がる 下げる 低い 低下
多い 大きい 大勢 広い 長い / 少ない 小さい 少数 狭い 短い
簡単 易しい 容易 楽 / 難しい 困難 大変
安い 割安 / 高い 割高 高価
有料 有償 / 無料 無償 ただ
始める 開始 着手 進む 進める 続ける 継続 / 止める 終える 終わる 中止 打ち切る 切り上げる 辞める
受ける 引き受ける 飲む 承諾 応じる / 断る 拒む 見送る 辞退
出す 渡す 与える 教える 払う 支払う 見せる / 貰う 受け取る 得る 隠す 伏せる
公開 / 秘密 非公開 内緒
内 社内 自社 内部 / 外 社外 他社 外部
成功 上手い / 失敗
同じ 共通 / 違う 異なる 別
近い / 遠い
新しい 若い / 古い 老舗
強い / 弱い
良い 向く 得意 / 悪い 苦手
全部 全て 全体 / 一部
共同 一緒 二人 / 単独 一人 独自
賛成 / 反対
信じる 信用 信頼 / 疑う
安心 安全 / 心配 危険 不安
""",
    "en": """
before first earlier beforehand begin start / after last later afterward afterwards end finally
fast quick quickly quicker speed soon sooner early / slow slowly slower late
more increase rise raise grow gain higher high up / less decrease fall lower drop reduce shrink low down fewer
big bigger large larger long longer wide / small smaller short shorter narrow tiny
easy easier simple / hard harder difficult
cheap cheaper / expensive dear costly
free / paid paying charge charged
start begin continue keep go / stop end quit drop break
accept agree yes / refuse decline reject turn
give hand tell show share pay offer / take receive hide withhold conceal get
public open / secret confidential private
inside internal own / outside external
succeed success / fail failure
same / different
near close / far
new young / old
strong / weak
good better best / bad worse worst
all whole every / part some none
together joint jointly both / alone separately
need necessary required must / needless unnecessary optional
important matter / trivial unimportant
often usually always frequently / rarely seldom never hardly
safe safer / risky dangerous
""",
}
SIDES: dict[Locale, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "ja": (re.compile(r"中小|町工場|メーカー|製造業|老舗"), re.compile(r"スタートアップ|若い会社|ベンチャー|創業者")),
    "en": (
        re.compile(r"\b(?:smes?|established|manufacturers?|factor(?:y|ies)|workshops?|small firms?|owners?)\b"),
        re.compile(r"\b(?:start-?ups?|young (?:firms?|compan(?:y|ies))|founders?)\b"),
    ),
}


@lru_cache(maxsize=2)
def _axes(locale: Locale) -> dict[str, list[tuple[int, bool]]]:
    from knowledge.grammar import stem

    found: dict[str, list[tuple[int, bool]]] = {}
    for number, line in enumerate(_AXES[locale].strip().split("\n")):
        for far, pole in enumerate(line.split("/")):
            for word in pole.split():
                names = {one.stem for one in words_in(word, "ja")} if locale == "ja" else {stem(word)}
                for name in names or {word}:
                    found.setdefault(name, []).append((number, bool(far)))
    return found


Poles = dict[int, set[bool]]


def poles(found: Sequence[Word], text: str, locale: Locale) -> Poles:
    """Return on which axes a text stands, and at which pole; a denied word stands at the other."""
    known, at = _axes(locale), {}
    for word in found:
        for axis, far in known.get(word.stem, ()):
            at.setdefault(axis, set()).add(far is not word.denied)
    for number, side in enumerate(SIDES[locale]):
        if side.search(text):
            at.setdefault(-1, set()).add(bool(number))
    return at


class Measure(NamedTuple):
    """What was seen of a sentence beside lines; shares are from 0 to 1, the rest is weight of words."""

    best: float
    """The share of its words that the closest line holds."""
    two: float
    """What the two closest hold together."""
    all: float
    """What all of them and the asker's words hold."""
    missing: float
    """The weight of what nobody holds."""
    clause: float
    """The share held of the clause that is held least."""
    last: float
    """Whether its last word is held: in Japanese what is said of all the rest."""
    denied: float
    """The weight of words denied in one and not in the other."""
    bare: float
    """Whether one of the two denies something and the other nothing."""
    order: float
    """The share of pairs of words that stand the other way round."""
    apart: float
    """The share of pairs of one clause that no line has in one clause."""
    turned: float
    """Whether before and after, or more and less, are exchanged."""
    opposite: float
    """How many axes it stands at the other pole of."""
    side: float
    """Whether it speaks of one side and the line of the other."""
    avoid: float
    """What a line holds that says what not to do, where the sentence denies nothing."""
    answer: float
    """Whether it begins with yes or no, which no line can carry."""


class Grounds:
    """Lines of cards, laid out once for an answer."""

    def __init__(self, texts: Sequence[str], avoided: Sequence[bool], said: str, locale: Locale) -> None:
        self.locale = locale
        self.lines = [Line(text, locale) for text in texts]
        self.avoided = list(avoided)
        self._said = Line(said, locale)

    def _avoided(
        self, mine: Line, among: Sequence[int], sure: Sequence[Sequence[float]], weights: Sequence[float], total: float
    ) -> float:
        if any(word.denied for word in mine.words) or _AVOIDING[self.locale].search(mine.text):
            return 0.0
        shares = (
            sum(w * v for w, v in zip(weights, row, strict=True)) / total
            for number, row in zip(among, sure, strict=False)
            if self.avoided[number]
        )
        return max(shares, default=0.0)

    def ranked(self, sentence: str) -> list[tuple[int, float]]:
        """Return the lines that hold something of a sentence and how much, the closest first."""
        found = words_in(sentence, self.locale)
        total = sum(rarity(word.plain) for word in found) or 1.0
        scores = []
        for number, line in enumerate(self.lines):
            held = ((word, line.find(word)) for word in found)
            score = sum(rarity(word.plain) * one.sureness for word, one in held if one) / total
            if score:
                scores.append((number, score))
        # Of two lines that hold the same, the shorter one is about it.
        return sorted(scores, key=lambda one: -one[1] / (1 + 0.01 * len(self.lines[one[0]].words)))

    def adding(self, sentence: str, places: Sequence[int], least: float) -> list[int]:
        """Return the lines that hold enough words which the ones before them do not hold, one or two."""
        found = words_in(sentence, self.locale)
        total = sum(rarity(word.plain) for word in found) or 1.0
        held = [one is not None for one in map(self.lines[places[0]].find, found)] if places else []
        chosen: list[int] = []
        for place in places[1:]:
            more = [one is not None for one in map(self.lines[place].find, found)]
            gain = sum(rarity(w.plain) for w, had, has in zip(found, held, more, strict=True) if has and not had)
            if gain / total >= least and len(chosen) < 2 and not self.avoided[place]:
                chosen.append(place)
                held = [a or b for a, b in zip(held, more, strict=True)]
        return chosen

    def hold(self, text: str, places: Sequence[int]) -> bool:
        """Whether some lines hold all words of a text."""
        return all(any(self.lines[place].find(word) for place in places) for word in words_in(text, self.locale))

    def touches(self, place: int) -> bool:
        """Whether a line has a telling word of the asker's."""
        return any(rarity(word.plain) > 0.5 and self._said.find(word) for word in self.lines[place].words)

    def measure(self, sentence: str, among: Sequence[int]) -> Measure:
        """Compare a sentence with some of the lines, given the closest first."""
        mine = Line(sentence, self.locale)
        weights = [rarity(word.plain) for word in mine.words]
        total = sum(weights) or 1.0
        rows = [[line.find(word) for word in mine.words] for line in (self.lines[n] for n in among)]
        sure = [[one.sureness if one else 0.0 for one in row] for row in rows] or [[0.0] * len(weights)]
        told = [one.sureness if (one := self._said.find(word)) else 0.0 for word in mine.words]
        any_line = [max(column) for column in zip(*sure, strict=True)] if weights else []
        held = [max(a, ECHO * b) for a, b in zip(any_line, told, strict=True)]

        def share(values: Sequence[float]) -> float:
            return sum(w * v for w, v in zip(weights, values, strict=True)) / total

        best = share(sure[0])
        two = max((share([max(a, b) for a, b in zip(sure[0], row, strict=True)]) for row in sure[1:]), default=best)
        spans: dict[int, tuple[float, float]] = {}
        for word, weight, value in zip(mine.words, weights, held, strict=True):
            whole, part = spans.get(word.clause, (0.0, 0.0))
            spans[word.clause] = (whole + weight, part + weight * value)
        everything = share(held) if weights else 1.0
        line = self.lines[among[0]] if among else Line("", self.locale)
        row = rows[0] if rows else [None] * len(weights)
        return Measure(
            best=best,
            two=two,
            all=everything,
            missing=total - sum(w * v for w, v in zip(weights, held, strict=True)) if weights else 0.0,
            clause=min((part / whole for whole, part in spans.values() if whole > 0.8), default=everything),
            last=max(any_line[-1], ECHO * told[-1]) if weights else 0.0,
            denied=_denied(mine, line, row, weights),
            bare=float(any(w.denied for w in mine.words) is not any(w.denied for w in line.words)),
            order=_order(row, weights),
            apart=_apart(mine, [self.lines[n] for n in among], rows, weights),
            turned=float(mine.turns.reversed_in(line.turns)),
            opposite=float(_opposite(mine, [line])),
            side=float(_other_side(mine, line)),
            avoid=self._avoided(mine, among, sure, weights, total),
            answer=float(_ANSWER[self.locale].match(mine.text) is not None),
        )


_ANSWER: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"\s*(?:はい|いいえ|ええ|いや|その通り|そうです)[、。]"),
    "en": re.compile(r"\s*(?:yes|no|yeah|right|exactly|indeed|correct)\b[,.;:—–-]"),
}
_AVOIDING: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"避け|控え|やめ|止め|失敗|つまず|間違|しまう|しまい|恐れ|危|損|注意|気を付|気をつけ|もったいな"),
    "en": re.compile(r"\b(?:avoid|mistake|resist|stop|beware|careful|risk|harm|wrong|trap|danger|trouble|temptation|instead)\w*"),
}


def _denied(mine: Line, line: Line, row: Sequence[Held | None], weights: Sequence[float]) -> float:
    return sum(
        weight
        for word, held, weight in zip(mine.words, row, weights, strict=True)
        if held and all(line.words[place].denied is not word.denied for place in held.places)
    )


def _order(row: Sequence[Held | None], weights: Sequence[float]) -> float:
    kept = [(held.places[0], weight) for held, weight in zip(row, weights, strict=True) if held]
    good = bad = 0.0
    for number, (place, weight) in enumerate(kept):
        for other, beside in kept[number + 1 :]:
            if place > other:
                bad += weight * beside
            elif place < other:
                good += weight * beside
    return bad / (good + bad) if good + bad else 0.0


def _apart(
    mine: Line, lines: Sequence[Line], rows: Sequence[Sequence[Held | None]], weights: Sequence[float]
) -> float:
    """Return the share of pairs of a clause that some lines hold, but none in one clause."""
    together = apart = 0.0
    for i, word in enumerate(mine.words):
        for j in range(i + 1, len(mine.words)):
            if mine.words[j].clause != word.clause:
                continue
            if not any(row[i] for row in rows) or not any(row[j] for row in rows):
                continue
            met = any(
                any(abs(line.words[a].clause - line.words[b].clause) < 1 for a in row[i].places for b in row[j].places)
                for line, row in zip(lines, rows, strict=True)
                if row[i] and row[j]
            )
            if met:
                together += weights[i] * weights[j]
            else:
                apart += weights[i] * weights[j]
    return apart / (together + apart) if together + apart else 0.0


def _opposite(mine: Line, lines: Sequence[Line]) -> int:
    theirs: Poles = {}
    for line in lines[:1]:
        for axis, at in line.poles.items():
            theirs.setdefault(axis, set()).update(at)
    return sum(1 for axis, at in mine.poles.items() if axis >= 0 and axis in theirs and not at & theirs[axis])


def _other_side(mine: Line, line: Line) -> bool:
    at, there = mine.poles.get(-1, set()), line.poles.get(-1, set())
    return len(at) == 1 and len(there) == 1 and at != there


# Which figure is whose

_CLAUSE = re.compile(r"[、,。;；:：()（）]| and | while | but ")


def belongs(figure: Figure, sentence: str, lines: Sequence[str], locale: Locale) -> bool:
    """Whether a figure stands in the sentence with the words that it stands with in the lines, not with another's."""
    around = _beside(figure, folded(sentence), locale)
    if not around:
        return True
    own = other = 0.0
    for text in lines:
        for one in counted(text, locale).figures:
            if one.unit != figure.unit and "" not in (one.unit, figure.unit):
                continue
            shared = sum(rarity(stem) for stem in around & _beside(one, text, locale))
            if figure.fits(one):
                own = max(own, shared)
            else:
                other = max(other, shared)
    return own >= other


def _beside(figure: Figure, text: str, locale: Locale) -> frozenset[str]:
    """Return the stems in the figure's clause, as far as no other figure is nearer."""
    start = max((match.end() for match in _CLAUSE.finditer(text, 0, figure.start)), default=0)
    after = _CLAUSE.search(text, figure.end)
    end = after.start() if after else len(text)
    for one in counted(text, locale).figures:
        if one.end <= figure.start:
            start = max(start, one.end)
        elif one.start >= figure.end:
            end = min(end, one.start)
    return frozenset(word.stem for word in words_in(text[start:end], locale))


# The mix

WEIGHTS: dict[Locale, Measure] = {
    "ja": Measure(*[0.0] * len(Measure._fields)),
    "en": Measure(*[0.0] * len(Measure._fields)),
}
BIAS: dict[Locale, float] = {"ja": 0.0, "en": 0.0}


def score(measure: Measure, locale: Locale) -> float:
    """Return how surely lines carry a sentence; 0 is as likely as not."""
    return BIAS[locale] + sum(w * v for w, v in zip(WEIGHTS[locale], measure, strict=True))


def turned_round(measure: Measure, locale: Locale) -> bool:
    """Whether a sentence says the contrary of what it says it of."""
    if measure.turned or measure.side or measure.opposite or measure.avoid >= 0.45:
        return True
    if measure.apart >= 0.9 and measure.all > 0.8:
        return True
    return locale == "ja" and measure.denied >= 0.5
