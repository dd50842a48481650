"""Sources, as a person can look them up."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.card import Basis, Card, Locale
from knowledge.library import Source
from prompts import render

_ENGLISH = {"注": "note", "図表": "figure", "要約": "summary"}


class Cited(NamedTuple):
    """One source for the foot of an answer. `cited` is a document with places, not general practice."""

    name: str
    places: tuple[str, ...]
    cited: bool


def sources_line(cards: Sequence[Card], sources: dict[Basis, Source], locale: Locale) -> str:
    """Return the foot of an answer.

    A report says what happened and what follows from it; how one goes about it is practice, and said to be.
    """
    by_basis: dict[Basis, list[str]] = {}
    for card in cards:
        places = by_basis.setdefault(card.front.basis, [])
        places += [ref for ref in card.front.refs if ref not in places]
    cited = [
        Cited(
            name=sources[basis].name(locale),
            places=tuple(place(ref, sources[basis], locale) for ref in refs[:4]),
            cited=basis != "practice",
        )
        for basis, refs in by_basis.items()
    ]
    return render("sources", locale, sources=cited)


def place(ref: str, source: Source, locale: Locale) -> str:
    """Return a place as it is written in one language: 注48, note 48."""
    if match := re.fullmatch(r"(注|図表|要約)(\d+)", ref):
        return ref if locale == "ja" else f"{_ENGLISH[match[1]]} {match[2]}"
    if ref.startswith("§"):
        return ref
    found = next((known for known in source.places if known.id == ref), None)
    return ref if found is None else found.ja if locale == "ja" else found.en


def place_with_title(ref: str, source: Source, locale: Locale) -> str:
    """Return a place with its heading, for somebody who wants to look it up."""
    found = next((known for known in source.places if known.id == ref), None)
    title = "" if found is None else found.ja if locale == "ja" else found.en
    name = place(ref, source, locale)
    if not title or title == name:
        return name
    return f"{name}「{title}」" if locale == "ja" else f"{name}, “{title}”"
