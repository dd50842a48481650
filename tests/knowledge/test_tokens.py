"""Words of both languages."""

import pytest

from knowledge.tokens import bigrams, language, normalise, words


def test_spellings_of_one_word_are_one_word() -> None:
    assert words("打合せ") == words("打ち合わせ") == words("うちあわせ")


def test_particles_are_no_words() -> None:
    assert "の" not in words("秘密保持契約の前に図面を見せる")
    assert "図面" in words("秘密保持契約の前に図面を見せる")


def test_widths_and_control_characters_do_not_matter() -> None:
    assert normalise("ＮＤＡ\x00\x07　ｶﾀｶﾅ") == "nda カタカナ"


def test_a_text_longer_than_the_analyser_takes_is_read_whole() -> None:
    assert words("あ。" * 30_000 + "図面")[-1] == "図面"


def test_bigrams_overlap() -> None:
    assert bigrams("図面 だ") == ["図面", "面だ"]
    assert bigrams("図") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NDAって何？", "ja"),
        ("What is あいちマッチング?", "en"),
        ("Please tell me about 栃木精工 and its partner", "en"),
        ("うちのIoTのPoCの件", "ja"),
        ("ok thanks", "en"),
    ],
)
def test_the_language_is_told_by_the_letters(text: str, expected: str) -> None:
    assert language(text) == expected


def test_letters_that_do_not_tell_leave_the_default() -> None:
    assert language("NDA?", default="en") == "en"
    assert language("123 ?!", default="ja") == "ja"
