"""However long a row of numerals, marks or letters is, it is read, and in time: all of these once took for ever."""

import math

import pytest

from bot.coach.manner import unmannered
from knowledge.card import Locale
from knowledge.claims import claims
from knowledge.figures import counted
from knowledge.periods import periods

MANY = 4_000


@pytest.mark.parametrize("numeral", ["百", "十", "千", "一百", "1百", "万", "一", "1", "12,"])
@pytest.mark.parametrize("behind", ["", "円です。", "分の", "社に"])
def test_a_long_row_of_numerals_is_read(numeral: str, behind: str) -> None:
    assert isinstance(counted(numeral * MANY + behind, "ja").figures, tuple)
    assert counted(numeral * MANY + behind + "、三割です。", "ja").figures[-1].unit == "%"


@pytest.mark.parametrize("word", ["one-", "hundred-", "hundred ", "two - ", "one and ", "million-and "])
@pytest.mark.parametrize("behind", ["", "of the firms.", "in"])
def test_a_long_row_of_number_words_is_read(word: str, behind: str) -> None:
    found = counted(f"{word * MANY}{behind}; 15 percent.", "en").figures
    assert found[-1].unit == "%"


def test_a_number_of_more_words_than_any_has_is_no_fault() -> None:
    assert counted("hundred " * 200, "en").figures
    assert math.isinf(counted("9" * 400 + " million yen", "en").figures[0].value)
    assert counted("9" * 400 + "万円、" + "十" * 400 + "人", "ja").figures


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("12" * MANY, "ja"),
        ("アイ" * MANY, "ja"),
        ("03-1234-" * MANY, "ja"),
        ("a1-" + "1" * 3 * MANY + "x", "en"),
        ("[" * MANY, "en"),
        ("by a-" * MANY, "en"),
        ("'21 " * MANY, "en"),
        ("more than a two " * MANY, "en"),
    ],
)
def test_what_repeats_without_end_is_read_to_its_end(text: str, locale: Locale) -> None:
    assert claims(text, locale).report is False
    assert unmannered(text, "", locale) in ("", "instruction", "language", "rude")


def test_each_of_many_periods_is_read_once() -> None:
    found = list(periods("来週、" * MANY, "ja"))
    assert len(found) == len({one.start for one in found}) == MANY
