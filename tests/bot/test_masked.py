"""What masks secrets and addresses, however they stand in a text."""

import pytest

from bot.redact import masked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("メールはtaro.y+shop@example.co.jpです", "‹メール›"),
        ("a@b c@d.e", "a@b ‹メール›"),
        ("x@y@example.com!", "x@‹メール›!"),
        ("電話は053-123-4567へ", "電話は‹電話›へ"),
        ("カードは1234 5678 9012 3456", "カードは‹番号›"),
    ],
)
def test_addresses_and_numbers_are_masked(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize("unit", ["a", "1", "あ", "-", ".", "a.", "@", "a@"])
def test_a_text_without_an_end_is_masked_all_the_same(unit: str) -> None:
    # What reads each run again from each of its letters would be at this for hours.
    long = unit * 500_000
    assert masked(f"{long} taro@example.com").endswith("‹メール›")
