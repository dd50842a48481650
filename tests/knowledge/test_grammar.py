"""What a sentence denies, and how it ends."""

import pytest

from knowledge.card import Locale
from knowledge.grammar import AT_ONCE, morphemes, polite, stem, words_in


def denied(text: str, locale: Locale) -> set[str]:
    return {one.stem for one in words_in(text, locale) if one.denied}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("図面は渡しません。", {"渡す"}),
        ("目的ではなく手段です。", {"目的"}),
        ("契約は必要ありません。", {"必要"}),
        ("契約は不要です。", {"必要"}),
        ("結ばなくても大丈夫です。", {"結ぶ"}),
        ("渡さずに話します。", {"渡す"}),
    ],
)
def test_japanese_denials_hit_the_word_they_deny(text: str, wanted: set[str]) -> None:
    assert denied(text, "ja") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "お金を払わなければなりません。",
        "会わないといけません。",
        "一社しか残りません。",
        "一度試してみませんか。",
        "失敗するかもしれません。",
        "成功するに違いありません。",
    ],
)
def test_what_only_looks_like_a_denial_is_none(text: str) -> None:
    assert denied(text, "ja") == set()


def test_english_denials_reach_to_the_end_of_their_clause() -> None:
    assert denied("Don't sign, ask first.", "en") == {"sign"}
    assert denied("Nobody should wait for the paper because talks go on.", "en") == {"wait", "paper"}
    assert denied("Sign before anyone asks.", "en") == set()


@pytest.mark.parametrize(
    ("form", "other"), [("decided", "deciding"), ("bought", "buy"), ("firms", "firm"), ("planned", "plans")]
)
def test_forms_of_a_word_have_one_stem(form: str, other: str) -> None:
    assert stem(form) == stem(other)


@pytest.mark.parametrize(
    "text",
    [
        "まず目的を決めてください。",
        "社長の役です。",
        "試してみませんか。",
        "お確かめください！",
        "決めておくとよいですよ。",
    ],
)
def test_polite_endings_are_polite(text: str) -> None:
    assert polite(text)


@pytest.mark.parametrize(
    "text",
    ["まず目的を決めろ。", "社長の役だ。", "これは大事である。", "すぐ断るな。", "先に聞け。", "早く決めなさい。"],
)
def test_plain_endings_and_commands_are_not(text: str) -> None:
    assert not polite(text)


def test_a_text_longer_than_the_analyser_takes_has_all_its_units_where_they_stand() -> None:
    text = "あ。" * 3 * AT_ONCE + "図面"
    assert morphemes(text)[-1].surface == text[morphemes(text)[-1].start :] == "図面"
