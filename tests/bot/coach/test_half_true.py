"""Half a sentence that a card carries brings no other half along."""

import pytest

from bot.coach.cite import Guard
from bot.coach.passages import Passage, passages_of
from knowledge.card import Locale
from knowledge.library import load_library

LIBRARY = load_library()


@pytest.mark.parametrize(
    ("locale", "joined"),
    [("ja", "{a}、また、跡継ぎ不足の根っこには、地域の高齢化と人口減があります。"),
     ("en", "{a}, and a factory lent for a trial is called a test bed in some regional programmes.")],
)  # fmt: skip
def test_half_a_sentence_that_a_card_carries_brings_no_other_half_along(locale: Locale, joined: str) -> None:
    passages = passages_of([LIBRARY["nda-timing"]], locale, None)
    kept = []
    for passage in passages:
        half = passage.text.split("。" if locale == "ja" else ". ")[0].rstrip(".。")
        verdict = Guard().weigh(joined.format(a=half), [passage.number], passages, said="", locale=locale)
        kept += [verdict.sentence] if verdict.kept else []
    assert kept == []


TRUE: dict[Locale, str] = {
    "ja": "会う前に、手持ちの情報を三つに分けておけば、その場で迷うことなく、どこまで話すかを決められます。",
    "en": "Before you meet, sort what you have into three lists, so that nobody decides it under a friendly smile.",
}


def weighed(sentence: str, locale: Locale) -> str:
    """Return why a sentence is dropped before the one line that says most of it."""
    line = (Passage(1, "one", TRUE[locale], "practice", (), "guidance"),)
    return Guard().weigh(sentence, [1], line, said="先方に図面を頼まれました", locale=locale).why


@pytest.mark.parametrize(
    ("locale", "begins", "ends"),
    [
        ("ja", "先方は了承していますので、", ""),
        ("ja", "近年、", ""),
        ("ja", "民事では、", ""),
        ("ja", "学術的には、", ""),
        ("ja", "黒字になったので、", ""),
        ("ja", "", "が、売上が伸びました"),
        ("ja", "", "ので、税理士に見てもらいましょう"),
        ("en", "Since sales rose, ", ""),
        ("en", "On the official website, ", ""),
        ("en", "For compliance, ", ""),
        ("en", "", ", and the contract is valid"),
        ("en", "", " and they have agreed"),
        ("en", "", ", and apply by email"),
    ],
)
def test_a_long_true_sentence_carries_no_short_clause_of_its_own(locale: Locale, begins: str, ends: str) -> None:
    true = TRUE[locale]
    assert not weighed(true, locale)
    rest = true if locale == "ja" else true[0].lower() + true[1:] if begins else true
    assert weighed(f"{begins}{rest[:-1]}{ends}{rest[-1]}", locale)


@pytest.mark.parametrize(
    ("locale", "begins"),
    [("ja", "社長、"), ("ja", "お急ぎの場合は、"), ("en", "In your case, "), ("en", "If they hurry you, ")],
)
def test_whom_it_is_said_to_and_under_which_condition_needs_no_line(locale: Locale, begins: str) -> None:
    rest = TRUE[locale] if locale == "ja" else TRUE[locale][0].lower() + TRUE[locale][1:]
    assert not weighed(begins + rest, locale)
