"""Words of both languages."""

import pytest

from knowledge.tokens import bigrams, language, normalise, pieces, words


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
        ("NDAの前に何を見せていいですか https://example.com/a", "ja"),
        ("図面を送りました。（https://files.example.co.jp/share/drawing?id=12）", "ja"),
        ("<https://example.com/a-long-path|example.com> を見て", "ja"),
        ("連絡先は taro.yamada@example.co.jp です", "ja"),
        ("<@U05ABCDEF> @nakodo_bot 教えて", "ja"),
        ("report_final_version2.pdf を見てください", "ja"),
        ("ありがとう :pray: :sparkles:", "ja"),
        ("See https://example.com/栃木 please", "en"),
        ("Ask taro@example.com about 栃木精工", "en"),
    ],
)
def test_the_language_is_told_by_the_letters(text: str, expected: str) -> None:
    assert language(text) == expected


def test_letters_that_do_not_tell_leave_the_default() -> None:
    assert language("NDA?", default="en") == "en"
    assert language("123 ?!", default="ja") == "ja"
    assert language("https://example.com/a", default="ja") == language("@lee_orbit", default="ja") == "ja"
    assert language("https://example.com/a", default="en") == "en"


def test_half_a_character_stops_no_reader() -> None:
    assert words("図面\ud83dを見せる") == words("図面を見せる")
    assert [piece.end for piece in pieces("図面\ud83d")][-1] == 3
