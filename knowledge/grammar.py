"""Words as they stand in a sentence: their stem, whether they are denied, in which clause. Japanese and English.

In Japanese the parts of speech tell it (払わなければなりません denies nothing), in English the order of words does.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.classes import stems
from knowledge.tokens import AT_ONCE, normalise, tokenizer

READ_AT_MOST = 2_000
"""Characters that are read of a sentence."""


class Morpheme(NamedTuple):
    """A short unit as Sudachi reads it; `speech` is six deep, the last its inflection."""

    start: int
    surface: str
    stem: str
    speech: tuple[str, ...]


_speeches: dict[int, tuple[str, ...]] = {}
"""Parts of speech by their numbers: there are a few hundred."""


@lru_cache(maxsize=1024)
def morphemes(text: str) -> tuple[Morpheme, ...]:
    """Return the short units of a normalised text."""
    found = []
    for start in range(0, len(text), AT_ONCE):
        for one in tokenizer().tokenize(text[start : start + AT_ONCE], "A"):
            number = one.part_of_speech_id()
            if number not in _speeches:
                _speeches[number] = tuple(one.part_of_speech())
            stem = one.normalized_form().lower()
            found.append(Morpheme(start + one.begin(), one.surface(), stem, _speeches[number]))
    return tuple(found)


class Word(NamedTuple):
    """A content word where it stands in the normalised text."""

    stem: str
    key: str
    """What words of one family share: 断る and お断り, decision and decide. Empty where nothing is known."""
    plain: str
    """As `knowledge.tokens.words` returns it."""
    denied: bool
    """Whether it is negated there."""
    clause: int
    at: int


@lru_cache(maxsize=4096)
def words_in(text: str, locale: Locale) -> tuple[Word, ...]:
    """Return the content words of a sentence in their order."""
    text = normalise(text)[:READ_AT_MOST]
    return _Reader(morphemes(text)).read() if locale == "ja" else _english(text)


# Japanese

_CONTENT = {"名詞", "動詞", "形容詞", "形状詞", "副詞"}
_EMPTY = stems("empty", "ja")
_NOT = {"ない", "ず", "無い", "まい"}
_FAILS = {"成る", "行ける", "駄目", "行く", "得る"}
"""なければならない, ないといけない, ざるを得ない: what the second denial denies."""
_OPPOSITE = {
    "不要": "必要",
    "無用": "必要",
    "不可能": "可能",
    "無理": "可能",
    "不十分": "十分",
    "無料": "有料",
    "無償": "有償",
}
_PASSED_ON = _EMPTY | {"限る"}
_KANJI = re.compile(r"[\u3400-\u9fff]+")


class _Reader:
    """Reads morphemes one after the other, and keeps which word a denial would hit."""

    def __init__(self, units: Sequence[Morpheme]) -> None:
        self._units = units
        self._words: list[Word] = []
        self._clause = 0
        self._only = False

    def read(self) -> tuple[Word, ...]:
        """Return the content words."""
        for number, unit in enumerate(self._units):
            if unit.stem in _NOT and unit.speech[0] in ("助動詞", "形容詞"):
                self._deny(number)
            elif unit.speech[0] == "助詞":
                self._only = self._only or unit.stem == "しか"
                self._clause += unit.speech[1] == "接続助詞" and unit.surface not in ("て", "で", "ば", "と", "つつ")
            elif unit.speech[1] in ("読点", "句点"):
                self._clause += 1
            elif unit.speech[0] in _CONTENT and unit.speech[1] != "数詞" and not self._helps(number):
                self._take(unit)
        return tuple(word for word in self._words if word.stem not in _EMPTY)

    def _helps(self, number: int) -> bool:
        """Whether a verb only helps the one before it: 試してみる, 決めておく."""
        unit, before = self._units[number], self._units[number - 1] if number else None
        helping = unit.speech[:2] == ("動詞", "非自立可能")
        return helping and before is not None and before.speech[1] == "接続助詞" and before.surface in ("て", "で")

    def _take(self, unit: Morpheme) -> None:
        stem, denied = _OPPOSITE.get(unit.stem, unit.stem), unit.stem in _OPPOSITE
        kanji = "".join(_KANJI.findall(stem))
        key = kanji if 0 < len(kanji) <= 2 else ""
        self._words.append(Word(stem, key, unit.stem, denied, self._clause, unit.start))

    def _deny(self, number: int) -> None:
        before = [unit.stem for unit in self._units[max(0, number - 4) : number]]
        after = self._units[number + 1 : number + 2]
        proposed = bool(after) and after[0].stem == "か"  # 試してみませんか
        bare = [stem for stem in before if stem not in ("有る", "ます")]
        perhaps = bool(bare) and bare[-1] in ("知れる", "違い", "間違い")  # かもしれない, に違いない
        if self._only:  # 一社しか残らない
            self._only = False
        elif self._words and not proposed and not perhaps and not self._undone(number):
            self._flip(-1)

    def _flip(self, place: int) -> None:
        word = self._words[place]
        self._words[place] = word._replace(denied=not word.denied)
        if word.stem in _PASSED_ON and len(self._words) >= 1 - place:  # 必要はありません
            self._flip(place - 1)

    def _undone(self, number: int) -> bool:
        """Whether this denies a denial: 払わなければならない."""
        stems = [unit.stem for unit in self._units[max(0, number - 6) : number]]
        places = [place for place in range(len(stems) - 2, len(stems)) if place >= 2 and stems[place] in _FAILS]
        for place in places:
            if stems[place - 1] in ("ば", "と", "は", "を") and _NOT & set(stems[max(0, place - 3) : place]):
                while self._words and self._words[-1].stem in _FAILS:
                    self._words.pop()
                if self._words:
                    self._words[-1] = self._words[-1]._replace(denied=False)
                return True
        return False


# English

_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|[\u3040-\u30ff\u3400-\u9fff々ー]+|[,;:.!?()—–“”\"]")
_REACH = 2
"""Content words that an English negation denies, unless the clause ends before."""


def _english(text: str) -> tuple[Word, ...]:
    found: list[Word] = []
    clause, reach = 0, 0
    for match in _TOKEN.finditer(text):
        token = match[0].replace("’", "'")
        if not token[0].isalpha():
            clause, reach = clause + 1, 0
            continue
        if token in stems("negative", "en") or token.endswith("n't"):
            reach = _REACH
            continue
        if token in stems("break", "en"):
            clause, reach = clause + (token not in ("and", "or")), 0
        if token not in stems("function", "en"):
            root = stem(token)
            key = root[:5] if len(root) >= 5 else ""
            found.append(Word(root, key, token, reach > 0, clause, match.start()))
            reach -= 1
    return tuple(found)


_FORMS = """
buy bought; bring brought; think thought; teach taught; catch caught; find found; keep kept; leave left; lose lost;
meet met; say said saying; tell told; sell sold; hold held; send sent; spend spent; build built; lend lent; feel felt;
deal dealt; mean meant; hear heard; lead led; pay paid; make made making; take took taken taking;
give gave given giving;
write wrote written writing; drive drove driven; rise rose risen; choose chose chosen; speak spoke spoken;
break broke broken; know knew known; grow grew grown; show showed shown; see saw seen; go went gone; come came coming;
run ran running; begin began begun beginning; win won winning; put putting; set setting; cut cutting;
stop stopped stopping; plan planned planning; fall fell fallen; stand stood; understand understood; bear bore borne;
wear wore worn; draw drew drawn; good better best; bad worse worst; little less least; person people; man men;
woman women; child children
"""
_IRREGULAR = {form: line.split()[0] for line in _FORMS.split(";") for form in line.split()[1:]}
_ENDINGS = (("ing", 3), ("edly", 3), ("ed", 3), ("ies", 3), ("es", 3), ("s", 3), ("ly", 4), ("er", 4), ("est", 4))
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the stem of an English word: decide, decided and deciding are one."""
    word = re.sub(r"'(?:s|d|ll|ve|re|m)?$", "", word)
    word = _IRREGULAR.get(word, word)
    for ending, least in _ENDINGS:
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= least and not (ending == "s" and rest[-1] in "sui"):
            word = _DOUBLED.sub(r"\1", rest + ("y" if ending == "ies" else ""))
            break
    return re.sub(r"[eyi]$", "", word) if len(word) > 3 else word


# How it is said

_POLITE = {"です", "ます", "ございます", "ござる", "下さる", "為さる", "御座る"}
_CLOSING = {"補助記号", "記号", "空白"}


def polite(text: str) -> bool:
    """Whether a Japanese sentence ends politely, or with a noun as a note does. Plain form and commands do not."""
    units = [unit for unit in morphemes(normalise(text)[:READ_AT_MOST]) if unit.speech[0] not in _CLOSING]
    tail = units[-6:]
    while tail and tail[-1].speech[0] == "助詞":
        if tail[-1].speech[1] == "終助詞" and tail[-1].stem in ("な", "ぞ", "ぜ", "さ"):
            return False
        tail.pop()
    if not tail:
        return True
    if tail[-1].stem == "為さる" and tail[-1].speech[5].startswith("命令形"):
        return False
    if any(unit.stem in _POLITE and unit.speech[0] in ("助動詞", "動詞") for unit in tail[-3:]):
        return True
    return tail[-1].speech[0] in ("名詞", "代名詞", "接尾辞", "感動詞")
