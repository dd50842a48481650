"""Sources as a person can look them up."""

import pytest

from bot.coach.sources import place, place_with_title, sources_line
from knowledge.card import Locale
from knowledge.library import load_library, load_sources

SOURCES = load_sources()
LIBRARY = load_library()


@pytest.mark.parametrize(
    ("ref", "ja", "en"),
    [
        ("注48", "注48", "note 48"),
        ("図表4", "図表4", "figure 4"),
        ("要約1", "要約1", "summary 1"),
        ("§5(3)", "§5(3)", "§5(3)"),
    ],
)
def test_places_are_written_in_the_readers_language(ref: str, ja: str, en: str) -> None:
    assert place(ref, SOURCES["report"], "ja") == ja
    assert place(ref, SOURCES["report"], "en") == en


def test_a_place_has_a_heading_to_find_it_by() -> None:
    assert place_with_title("注48", SOURCES["report"], "ja") == "注48「NDA締結前の助言」"


@pytest.mark.parametrize(("locale", "start"), [("ja", "根拠: "), ("en", "Basis: ")])
def test_practice_is_named_as_such(locale: Locale, start: str) -> None:
    line = sources_line([LIBRARY["cost-timing"]], SOURCES, locale)
    assert line.startswith(start)


def test_contracts_name_their_publisher_and_licence() -> None:
    line = sources_line([LIBRARY["nda-clauses"]], SOURCES, "ja")
    assert "特許庁" in line
    assert "CC BY 4.0" in line


def test_two_bases_are_two_lines() -> None:
    line = sources_line([LIBRARY["nda-first"], LIBRARY["nda-timing"]], SOURCES, "ja")
    assert [one[:2] for one in line.split("\n")] == ["出典", "根拠"]
