"""Half a sentence that a card carries brings no other half along."""

import pytest

from bot.coach.cite import Guard
from bot.coach.passages import passages_of
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
