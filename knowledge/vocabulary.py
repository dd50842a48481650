"""Words that are nobody's name: those of English, of the cards and of the training texts.

Japanese has Sudachi, which knows what is a name. English has only spelling, and the terms of the field (NDA, PoC,
MVP) are in no dictionary. So a list of English words ships (`weights/english.txt.gz`, from SCOWL, its notice inside)
and beside it what our own texts show (`weights/words.txt.gz`, made by `python -m knowledge.vocabulary`). Both are
read when first needed: without a language model nobody needs them.
"""

import calendar
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from knowledge.tokens import Piece, dictionary_speech, pieces

HERE = Path(__file__).parent
ENGLISH = HERE / "weights" / "english.txt.gz"
SHELF = HERE / "weights" / "words.txt.gz"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ\u1e00-\u1eff"
LATIN = re.compile(rf"[{_LETTER}][0-9{_LETTER}]*(?:['’&-][0-9{_LETTER}]+)*")
"""A word in Latin letters: nagiQ, third-party, don't."""
POLITE = re.compile(r"(?:さん|さま|様|ちゃん|くん|君|氏|殿)$")
"""What stands behind a name out of politeness."""
NOUNS = ("名詞", "代名詞")
_OFTEN = 3
"""A word in so many texts of several hands is a word."""


class Vocabulary(NamedTuple):
    """What is nobody's name."""

    plain: frozenset[str]
    """English words, in small letters."""
    rare: frozenset[str]
    """English words that few know: with a capital, such a word is rather a name."""
    both: frozenset[str]
    """Words of `plain` that are also people's names and are seldom said otherwise: grace, hunter, dean."""
    also: frozenset[str]
    """Words of `plain` that are also people's names, and are often said otherwise: mark, rose."""
    seldom: frozenset[str]
    """Those of `also` that are said seldom otherwise."""
    seen: frozenset[str]
    """Words of `plain` that are said in the field: what is not may be a firm's name, Lantern."""
    terms: frozenset[str]
    """Words whose capitals belong to them: NDA, PoC, Friday, English."""
    spoken_to: frozenset[str]
    """Japanese nouns that politeness follows and that are no name: お客, 業者."""
    ordinary: frozenset[str]
    """What Sudachi takes for a name or does not know, and is a word."""
    nouns: frozenset[str]
    """Japanese nouns that are often used in the field."""
    suffixes: frozenset[str]
    """What is said behind nouns: 側, 製."""
    counters: frozenset[str]
    """What follows a number: 人, 社, か月."""


@cache
def vocabulary() -> Vocabulary:
    """Read the shipped words; about a twentieth of a second, once."""
    english = _lines(ENGLISH)
    shelf: dict[str, set[str]] = {}
    for line in _lines(SHELF):
        name, _, words = line.partition(":")
        shelf[name] = set(words.split())
    plain = {word for word in english if word.islower()}
    rare = {word[1:] for word in english if word.startswith("~")}
    terms = {word for word in english if len(word) > 1 and not word.islower() and not word.istitle()}
    terms -= {word for word in terms if re.match(r"(?:Ma?c|D[aeiu]|L[ae]|Van|O)[A-Z]", word)}  # McKay
    months = {*calendar.month_name, *calendar.month_abbr, *calendar.day_name, *calendar.day_abbr}
    return Vocabulary(
        frozenset(plain | shelf["plain"]),
        frozenset(rare),
        frozenset(shelf["both"]),
        frozenset(word.lower() for word in english if word.istitle() and len(word) > 2 and word.lower() in plain),
        frozenset(shelf["seldom"]),
        frozenset(shelf["seen"]),
        frozenset({"nakodo", "Nakodo", *terms, *shelf["terms"], *months}),
        frozenset(shelf["spoken_to"]),
        frozenset(shelf["ordinary"]),
        frozenset(shelf["nouns"]),
        frozenset(shelf["suffixes"]),
        frozenset(shelf["counters"]),
    )


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#")]


def shelf() -> str:
    """Return what the cards and training texts say about words, as `words.txt.gz` keeps it."""
    training, cards = sorted(set(_training())), sorted(set(_cards()))
    english = {word for word in _lines(ENGLISH) if word[0] != "~"}
    latin, japanese = _latin([*training, *cards], english), _japanese(training, cards)
    return "".join(f"{name}:{' '.join(sorted(words))}\n" for name, words in {**latin, **japanese}.items())


def _training() -> Iterator[str]:
    for path in sorted((HERE / "training").rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from (text for text in _strings(json.loads(line)) if " " in text or not text.isascii())


def _cards() -> Iterator[str]:
    for path in sorted((HERE / "cards").glob("*.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s*- |\*\*", line):
                yield line.strip(" -*'\"")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _latin(texts: Iterable[str], english: set[str]) -> dict[str, set[str]]:
    small: Counter[str] = Counter()
    great: Counter[str] = Counter()  # begins with a capital in the middle of a sentence
    mixed: Counter[str] = Counter()
    for text in texts:
        for word in {part for found in LATIN.findall(text) for part in _parts(found)}:
            (small if word.islower() else Counter() if word.istitle() else mixed)[word] += 1
        mixed.update(set(re.findall(r"\b[A-Z][a-z]?-[A-Z][a-z]+\b", text)))  # Wi-Fi
        for found in re.finditer(r"(?<=[a-z,] )[A-Z][a-z]+", text):
            great[found[0]] += 1
    plain = {word for word, n in small.items() if word not in english and great[word.title()] < n and word.isalpha()}
    both = {
        word.lower()
        for word in english
        if word.istitle() and word.lower() in english and small[word.lower()] < _OFTEN * (1 + great[word])
    }
    terms = {word for word, n in mixed.items() if n > 1 and word[0] != "-"}
    terms |= {
        word for word, n in great.items() if n >= _OFTEN and word.lower() in english and word.lower() not in both
    }
    terms |= {word for word in english if word.istitle() and word.lower() not in english and _adjective(word)}
    seen = {word for word, n in small.items() if n > 1 and word in english}
    named = {word.lower() for word in english if word.istitle() and len(word) > 2 and word.lower() in english}
    seldom = {word for word in named if small[word] < (30 if _person(word.title()) else 8)}
    return {"plain": plain, "both": both, "seldom": seldom, "terms": terms, "seen": seen}


def _person(word: str) -> bool:
    return any(part[2] == "人名" for part in dictionary_speech(word))


def _parts(word: str) -> list[str]:
    return [part for part in re.split(r"['’&-]", word) if len(part) > 1 and not re.search(r"\d\d|^\d", part)]


def _adjective(word: str) -> bool:
    """Whether a word that always has a capital tells of a people or a language: Japanese, Danish, African."""
    speech = dictionary_speech(word)
    common = any(part[1] == "普通名詞" for part in speech)
    return (
        bool(speech)
        and not _person(word)
        and bool(re.search(r"(?:ese|ish)$" if not common else r"(?:ese|ish|an|ic|ch)$", word))
    )


def _japanese(training: list[str], cards: list[str]) -> dict[str, set[str]]:
    nouns: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    counters: Counter[str] = Counter()
    suffixes: Counter[str] = Counter()
    named: set[str] = set()
    spoken_to: set[str] = set()
    for text in training:
        every = pieces(text)
        counters.update(b.surface for a, b in pairwise(every) if a.speech[1] == "数詞" and _counts(b))
        suffixes.update(piece.surface for piece in every if piece.speech[0] == "接尾辞")
        found = [piece for piece in every if not piece.surface.isascii() and piece.speech[1] != "数詞"]
        for before, piece, after in zip([None, *found], found, [*found[1:], None], strict=False):
            if piece.speech[0] not in NOUNS:
                continue
            strange = piece.unknown or piece.speech[1] == "固有名詞"
            (doubtful if strange else nouns)[piece.surface] += 1
            if after and after.start == piece.end and POLITE.fullmatch(after.surface):
                if strange:
                    named.add(piece.surface)
                elif not before or before.speech[0] not in NOUNS:
                    spoken_to.add(piece.surface)
    shelved = Counter(piece.surface for text in cards for piece in pieces(text) if piece.speech[0] in NOUNS)
    # What the cards say oftener than people do is the name of somebody in them.
    ordinary = {w for w, n in doubtful.items() if w not in named and n > shelved[w] and _a_word(w, n)}
    nouns.update({word: n for word, n in shelved.items() if nouns[word]})
    return {
        "spoken_to": {word for word in spoken_to if nouns[word] >= _OFTEN},
        "ordinary": ordinary,
        "nouns": {word for word, n in nouns.items() if n >= _OFTEN and not word.isascii()},
        "suffixes": {word for word, n in suffixes.items() if n >= _OFTEN},
        "counters": {word for word, n in counters.items() if n >= _OFTEN},
    }


def _counts(piece: Piece) -> bool:
    return ("助数詞" in piece.speech[2] or piece.speech[0] == "接尾辞") and not piece.surface.isascii()


def _a_word(surface: str, times: int) -> bool:
    """Whether a word that Sudachi does not know, or takes for a name, is one: only in kana is that to be told."""
    if not re.fullmatch(r"[ァ-ヶー]{2,}", surface):
        return False
    speech = dictionary_speech(surface)
    if any(part[3] == "国" for part in speech):
        return False
    return not speech or times >= _OFTEN or any(part[1] == "普通名詞" for part in speech)


if __name__ == "__main__":
    SHELF.write_bytes(gzip.compress(shelf().encode(), 9, mtime=0))
