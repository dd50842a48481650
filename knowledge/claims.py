"""What a sentence claims that can be checked word for word: figures, quotations, references, sources, certainty.

A language model rarely invents advice, often a number, a name, a study. Each such thing must stand where it is said
to come from, whatever the rest of the sentence is like. Kinds of documents, words of certainty and of law are closed
classes (`classes.yaml`). Names are read by `knowledge.names`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.classes import pattern, patterns
from knowledge.days import folded
from knowledge.figures import Counted, counted


class Claims(NamedTuple):
    """What is claimed. All texts are as `folded` returns them."""

    counted: Counted
    quotes: tuple[str, ...]
    """What stands in quotation marks."""
    refs: frozenset[str]
    """Places in a document: §5(3), 注12, 図表4, 章4, 条14; and numbers that one calls."""
    documents: frozenset[str]
    """Kinds of documents that it appeals to: 白書, survey."""
    report: bool
    """Whether it appeals to the report by one of its names."""
    cited: str
    """What stands before によると or after "according to"; empty where nothing does."""
    certain: Counter[str]
    """Classes of certainty (always, never, sure), and how often it is said."""
    amounts: Counter[str]
    """The same for loose amounts: most, all."""
    legal: frozenset[str]
    """Words of law."""
    vouched: frozenset[str]
    """Kinds of voices that it has speak for it without citing them: it is known, it was shown, experts say."""
    promised: frozenset[str]
    """Kinds of things that somebody here is said to do, to have done or to agree to."""
    bodies: frozenset[str]
    """Kinds of offices, professions and aid: 銀行, attorney, subsidy."""


@lru_cache(maxsize=8192)
def claims(text: str, locale: Locale) -> Claims:
    """Return what a text claims."""
    plain = folded(text)
    unquoted = _QUOTED.sub(" ", plain)
    cited = pattern("cited", locale).search(plain)
    return Claims(
        counted=counted(text, locale),
        quotes=tuple(squeezed(found) for match in _QUOTED.finditer(plain) if (found := _inner(match))),
        refs=_refs(plain),
        documents=frozenset(_documents(plain, locale)),
        report=pattern("report", locale).search(plain) is not None,
        cited=next((part for part in cited.groups() if part), "").strip() if cited else "",
        certain=_kinds("certain", unquoted, locale),
        amounts=_kinds("amounts", unquoted, locale) + Counter(_found("rough", unquoted, locale)),
        legal=frozenset(_words(pattern("legal", locale), unquoted)) | _found("law", unquoted, locale),
        vouched=_found("vouched", unquoted, locale),
        promised=_found("promised", unquoted, locale),
        bodies=frozenset(one.rstrip("yies") for one in _words(pattern("bodies", locale), unquoted)),
    )


def squeezed(text: str) -> str:
    """Return letters and digits alone, for comparing what is quoted."""
    return "".join(char for char in folded(text) if char.isalnum())


def _kinds(name: str, text: str, locale: Locale) -> Counter[str]:
    return Counter({kind: n for kind, words in patterns(name, locale).items() if (n := len(words.findall(text)))})


def _words(words: re.Pattern[str], text: str) -> Iterator[str]:
    return (match[0] for match in words.finditer(text))


# On whose word it is said, and what is said of this very case


def _found(name: str, text: str, locale: Locale) -> frozenset[str]:
    """Return the kinds of a family of which something is said; what is asked or supposed is not said to be so."""
    told = _OPEN.sub(" ", text) if locale == "en" else text
    return frozenset(kind for kind, words in patterns(name, locale).items() if words.search(told))


_OPEN = re.compile(
    r"\b(?:if|whether|what|which|who|how|until|unless|once|where|when|before)\b(?:(?! (?:as|and) )[^,.;:(])*"
)


# Quotations

_QUOTED = re.compile(
    r"「([^「」]*)」|『([^『』]*)』|“([^“”]*)”|‘([^‘’]{3,})’|\"([^\"]*)\"|«([^«»]*)»|(?<!\w)'([^']{8,})'(?!\w)|〈([^〈〉]*)〉|"
    r"〝([^〝〟]*)〟|《([^《》]*)》"
)


def _inner(match: re.Match[str]) -> str:
    return next((part for part in match.groups() if part), "")


# References

_NUMBER = r"((?<!\d)\d++|[一二三四五六七八九十]{1,3})"
_REFS = (
    ("§", re.compile(r"§\s*(\d+(?:\s*[(（]\d+[)）])?)")),
    ("§", re.compile(r"\bsections?\s+(\d+(?:\s*\(\d+\))?)")),
    ("章", re.compile(rf"第?{_NUMBER}章|\bchapters?\s+(\d+|[ivx]+|one|two|three|four|five|six|seven|eight)\b")),
    ("節", re.compile(rf"第?{_NUMBER}節")),
    ("注", re.compile(r"(?:脚?注|注釈)\s*(\d+)|\b(?:foot|end)?notes?\s+(\d+)")),
    ("図", re.compile(r"図表?\s*(\d+)|\b(?:figures?|fig\.|charts?)\s+(\d+)")),
    ("表", re.compile(r"(?<!図)表\s*(\d+)|\btables?\s+(\d+)")),
    ("頁", re.compile(r"((?<!\d)\d++)\s*+(?:ページ|頁)|\bpages?\s+(\d+)|\bpp?\.\s*(\d+)")),
    ("条", re.compile(rf"第?{_NUMBER}条|\b(?:articles?|arts?\.)\s+(\d+)")),
    ("号", re.compile(rf"第{_NUMBER}号|\bno\.\s*(\d+)|\bvol\.\s*(\d+)")),
    ("番", re.compile(r"((?<!\d)0120|\+?\d{2,4}[-–−ー‐() ]{1,2}\d{2,4}[-–−ー‐ ]\d{3,4}(?!\d))")),
)  # fmt: skip
_KANJI_NUMBERS = {char: str(number) for number, char in enumerate("一二三四五六七八九十", 1)}


_REFERS = re.compile(
    r"§|\d[-–−ー‐() ]+\d|0120|[章節注図表頁条号]|ページ|"
    r"\b(?:section|chapter|(?:foot|end)?note|fig|chart|table|page|pp?\.|art|no\.|vol\.)"
)


def _refs(text: str) -> frozenset[str]:
    found: set[str] = set()
    if not _REFERS.search(text):
        return frozenset(found)
    for name, place in _REFS:
        for match in place.finditer(text):
            number = next(part for part in match.groups() if part)
            found.add(name + re.sub(r"\s", "", _KANJI_NUMBERS.get(number, number)).translate(_PARENTHESES))
    return frozenset(found)


_PARENTHESES = str.maketrans("（）", "()")


def refs_of(places: tuple[str, ...]) -> frozenset[str]:
    """Return the references that a card's places allow: §5(3) allows §5(3), §5 and chapter 5."""
    found = set(_refs(folded(" ".join(places))))
    for ref in list(found):
        if ref.startswith("§"):
            number = ref[1:].split("(")[0]
            found |= {f"§{number}", f"章{number}"}
    return frozenset(found)


# Sources

_KINDS: dict[str, str] = {
    "ガイドライン": "指針",
    "手引": "手引き",
    "調べ": "調査",
    "アンケート": "調査",
    "報じ": "報道",
    "guidance": "guideline",
    "surveyed": "survey",
    "studies": "study",
    "model agreement": "model contract",
}
"""Several words for one kind."""


def _documents(text: str, locale: Locale) -> list[str]:
    found = []
    for match in pattern("documents", locale).finditer(text):
        kind = match[0]
        if locale == "en" and kind not in ("statistics", "census", "news", "studies"):
            kind = kind.rstrip("s")
        found.append(_KINDS.get(kind, kind))
    return found
