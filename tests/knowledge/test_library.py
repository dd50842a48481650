"""The shelf is whole: every row covered, every source known, nothing copied."""

import os
from pathlib import Path

import pytest

from knowledge.card import Card
from knowledge.library import Library, load_library, load_slugs, problems


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def with_card(library: Library, card: Card) -> Library:
    return Library([*(c for c in library.cards.values() if c.id != card.id), card], "changed")


def changed(card: Card, **fields: object) -> Card:
    return card.model_copy(update={"front": card.front.model_copy(update=fields)})


def test_nothing_is_wrong_with_the_shelf(library: Library) -> None:
    report = os.environ.get("NAKODO_REPORT")
    assert problems(library, Path(report) if report else None) == []


def test_a_row_that_no_card_covers_is_named(library: Library) -> None:
    alone = "NOT-11"
    left = Library([card for card in library.cards.values() if alone not in card.front.covers], "less")
    assert f"{alone}: no card covers it" in problems(left)
    assert f"{alone}: no trap card covers it" in problems(left)


def test_strangers_are_named(library: Library) -> None:
    card = changed(library["nda-first"], covers=("GDE-99-made-up",), refs=("注50",), related=("no-such-card",))
    found = problems(with_card(library, card))
    assert "nda-first: unknown slug GDE-99-made-up" in found
    assert "nda-first: unknown ref 注50" in found  # The report cites it, but its text is missing.
    assert "nda-first: unknown related card no-such-card" in found


def test_a_report_card_without_a_place_is_named(library: Library) -> None:
    assert "nda-first: names no place in its source" in problems(
        with_card(library, changed(library["nda-first"], refs=()))
    )


def test_a_card_that_is_too_long_is_named(library: Library) -> None:
    card = library["nda-first"]
    long = card.model_copy(update={"ja": card.ja.model_copy(update={"title": "長" * 1201})})
    assert any("Japanese characters, at most 1200" in one for one in problems(with_card(library, long)))


def test_a_run_that_also_stands_in_the_report_is_named(library: Library, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    title = library["nda-first"].ja.parts["answer"][0].text
    assert len(title) >= 25
    report.write_text("前置き" + "\n".join([title[:9], title[9:]]), encoding="utf-8")
    assert any(one.startswith("nda-first: copied from the report") for one in problems(library, report))
    report.write_text("何の関係もない文章です。" * 10, encoding="utf-8")
    assert problems(library, report) == []


def test_every_trap_says_in_its_first_answer_that_it_is_not_in_the_report(library: Library) -> None:
    traps = [card for card in library.cards.values() if card.front.kind == "trap"]
    assert {slug for card in traps for slug in card.front.covers} >= {s for s in load_slugs() if s.startswith("NOT-")}
    for card in traps:
        first = card.ja.parts["answer"][0].text
        assert any(no in first for no in ("ません", "ない")), first


def test_slips_of_print_are_not_repeated_as_fact(library: Library) -> None:
    for card in library.cards.values():
        assert "LST" not in card.ja.text + card.en.text
        assert "酸化ガリウム" not in card.ja.text


def test_history_is_marked_as_history(library: Library) -> None:
    programmes = [card for card in library.cards.values() if card.front.kind == "programme"]
    assert len(programmes) >= 8
    for card in programmes:
        assert any(year in card.ja.text for year in ("2022", "2023", "当時")), card.id
        assert any(year in card.en.text for year in ("2022", "2023")), card.id
