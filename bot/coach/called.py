"""Who and what a sentence calls by name, seen strictly: also names that the cards know, but these passages do not."""

import re
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.claims import squeezed
from knowledge.classes import stems
from knowledge.days import folded
from knowledge.grammar import morphemes
from knowledge.names import names
from knowledge.tokens import dictionary_speech, normalise


class Called(NamedTuple):
    """A name. A `thing` is what is neither person, firm nor place, or nobody can tell."""

    text: str
    kind: str


_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&'’.+-]*[A-Za-z0-9]|[A-Z]")
_KATAKANA = re.compile(r"[ァ-ヶー]{3,}")
_TITLED = re.compile(
    r"([一-鿿々ァ-ヶー]{1,8})(?:社長|会長|部長|課長|係長|専務|常務|工場長|所長|教授|博士|先生|代表|氏|さん|君)"
)


@lru_cache(maxsize=4096)
def called(text: str, locale: Locale) -> tuple[Called, ...]:
    """Return the names in a text."""
    found = {one.text: one.kind for one in names(text)}
    for name in _latin(text, locale):
        found.setdefault(name, "thing")
    if locale == "ja":
        for name in _japanese(text):
            found.setdefault(name, "thing")
        for name in _unheard(text):
            found.setdefault(name, "firm")
    return tuple(Called(name, kind) for name, kind in found.items())


def _latin(text: str, locale: Locale) -> list[str]:
    """Return Latin words that are names by their capitals; in Japanese, all of them."""
    found = []
    for match in _LATIN.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        before = text[: match.start()].rstrip()
        begins = not before or before[-1] in ".!?:\"“”‘('；。「"
        capital = word[0].isupper() and (not begins or any(char.isupper() for char in word[1:]))
        if (capital or locale == "ja") and word.lower() not in stems("ordinary", "en"):
            found.append(word)
    return found


def _japanese(text: str) -> list[str]:
    """Return what Sudachi takes for a proper noun, and what stands before a title but is no word."""
    plain = normalise(text)
    units = morphemes(plain)
    found = [one.surface for one in units if one.speech[1] == "固有名詞" and one.speech[3] != "国"]
    starts = {one.start for one in units}
    found += [match[1] for match in _TITLED.finditer(plain) if match.end(1) not in starts]
    return found


def _unheard(text: str) -> list[str]:
    """Return words in katakana that no dictionary has: borrowed words soon stand in one, products do not."""
    units = morphemes(normalise(text))
    return [one.surface for one in units if _KATAKANA.fullmatch(one.surface) and not dictionary_speech(one.surface)]


def stands(name: str, text: str) -> bool:
    """Whether a name stands in a folded text; of a Latin name, each of its words does."""
    name = folded(name)
    if not name.isascii():
        return squeezed(name) in squeezed(text)
    spaced = _words(text)
    parts = "".join(char if char.isalnum() else " " for char in name).split()
    return all(part in spaced or part.rstrip("s") in spaced for part in parts)


@lru_cache(maxsize=2048)
def _words(text: str) -> frozenset[str]:
    return frozenset("".join(char if char.isascii() and char.isalnum() else " " for char in text).split())
