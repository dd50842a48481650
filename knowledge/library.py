"""The shelf of all cards, and the check that it is whole."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import yaml

from knowledge.card import LOCALES, MAX_CHARACTERS, Basis, Card, Citation, Frozen, Locale, parse_card
from knowledge.errors import CardError

HERE = Path(__file__).parent
CARDS = HERE / "cards"
COPIED_RUN = 25
"""Japanese characters in a row that may not also stand in the report."""


class Place(Frozen):
    """A citable place of a source."""

    id: str
    ja: str
    en: str


class Source(Frozen):
    """A named basis of advice and the places in it that can be cited."""

    ja: str
    en: str
    places: tuple[Place, ...]

    def name(self, locale: Locale) -> str:
        """Return the source's name in one language."""
        return self.ja if locale == "ja" else self.en


def load_sources(path: Path = HERE / "report.yaml") -> dict[Basis, Source]:
    """Read the citable places."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {basis: Source.model_validate(source) for basis, source in data["sources"].items()}


def load_slugs(path: Path = HERE / "slugs.txt") -> tuple[str, ...]:
    """Read the ids of everything that the cards must cover."""
    return tuple(path.read_text(encoding="utf-8").split())


class Library:
    """All cards by id, in the order of their names."""

    def __init__(self, cards: Iterable[Card], key: str) -> None:
        self.cards: Mapping[str, Card] = {card.id: card for card in cards}
        self.key = key
        """A digest of all cards' bytes: what is derived from them carries it."""

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The card ids in the order that rankings use."""
        return tuple(self.cards)

    def __getitem__(self, card: str) -> Card:
        """Return one card."""
        return self.cards[card]

    def __len__(self) -> int:
        """Return how many cards there are."""
        return len(self.cards)

    def citations(self, cards: Iterable[str]) -> tuple[Citation, ...]:
        """Return where these cards' claims can be looked up."""
        return tuple(self.cards[card].citation for card in cards)


def load_library(folder: Path = CARDS) -> Library:
    """Read all cards of a folder."""
    if not folder.is_dir():
        raise CardError("no folder of cards", where=str(folder), remedy="Install Nakodo again")
    files = sorted(folder.glob("*.md"))
    if not files:
        raise CardError("no cards", where=str(folder), remedy="Install Nakodo again")
    return Library((parse_card(path) for path in files), _digest(files))


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def problems(library: Library, report: Path | None = None) -> list[str]:
    """Return what is wrong with the shelf as a whole, one line each; `report` is the report's text, if at hand."""
    sources, slugs = load_sources(), load_slugs()
    found: list[str] = []
    covered: set[str] = set()
    for card in library.cards.values():
        covered.update(card.front.covers)
        found += _strangers(card, library, sources, set(slugs))
    found += [f"{slug}: no card covers it" for slug in slugs if slug not in covered]
    found += [
        f"{slug}: no trap card covers it"
        for slug in slugs
        if slug.startswith("NOT-")
        and not any(slug in c.front.covers for c in library.cards.values() if c.front.kind == "trap")
    ]
    if report is not None:
        found += _copied(library, report)
    return found


def _strangers(card: Card, library: Library, sources: dict[Basis, Source], slugs: set[str]) -> list[str]:
    places = {place.id for place in sources[card.front.basis].places}
    found = [f"{card.id}: unknown slug {slug}" for slug in card.front.covers if slug not in slugs]
    found += [f"{card.id}: unknown ref {ref}" for ref in card.front.refs if ref not in places]
    found += [
        f"{card.id}: unknown related card {other}" for other in card.front.related if other not in library.cards
    ]
    if places and not card.front.refs:
        found.append(f"{card.id}: names no place in its source")
    length = len("".join(card.ja.text.split()))
    if length > MAX_CHARACTERS:
        found.append(f"{card.id}: {length} Japanese characters, at most {MAX_CHARACTERS}")
    return found


def _copied(library: Library, report: Path) -> list[str]:
    source = "".join(report.read_text(encoding="utf-8").split())
    runs = {source[i : i + COPIED_RUN] for i in range(len(source) - COPIED_RUN + 1)}
    found = []
    for card in library.cards.values():
        texts = [card.body(locale).text for locale in LOCALES] + list(card.front.asks.ja)
        for text in ("".join(text.split()) for text in texts):
            run = next((text[i : i + COPIED_RUN] for i in range(len(text)) if text[i : i + COPIED_RUN] in runs), None)
            if run:
                found.append(f"{card.id}: copied from the report: {run}")
    return found
