"""How an answer is understood and kept, whatever the exercise."""

import pytest

from bot.exercises import exercises
from bot.guide import advance, begin, own_page
from bot.model import Text
from bot.partnership import By
from bot.scene import Scene
from knowledge.card import Locale
from tests.bot.exercises.walks import EMPTY, NOW, ROOM, SATO, TODAY

MARK = exercises()["nda_checklist"]
STAMP: Text = MARK.question("mark").choices[0].text


def kept(words: str, locale: Locale = "ja") -> str:
    """Return what is kept of an answer to a question that offers buttons and takes any words."""
    exercise = begin(MARK, SATO, EMPTY, NOW, room=False, run="r1").model_copy(update={"at": "mark"})
    return advance(exercise, words, EMPTY, locale, TODAY).exercise.answers["mark"]


@pytest.mark.parametrize("words", ["1", " 1 ", "stamp", STAMP.ja, STAMP.en, STAMP.en.upper()])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_buttons_number_or_text_keeps_the_buttons_words(words: str, locale: Locale) -> None:
    assert kept(words, locale) == STAMP(locale)


@pytest.mark.parametrize("words", ["赤い判子", "12", "3"])
def test_any_other_words_are_kept_as_they_are(words: str) -> None:
    assert kept(words) == words


def test_where_only_a_button_counts_its_id_is_kept() -> None:
    kind = exercises()["readiness"]
    exercise = begin(kind, SATO, EMPTY, NOW, room=False, run="r1")
    first = kind.questions[0]
    assert advance(exercise, "1", EMPTY, "ja", TODAY).exercise.answers == {first.id: first.choices[0].id}


def test_an_answer_to_what_is_no_longer_asked_reaches_no_page() -> None:
    left = {"first_meeting": {"never": "古い秘密"}, "graceful_stop": {"way": "end", "idea": "古い案"}}
    for name, answers in left.items():
        exercise = begin(exercises()[name], SATO, EMPTY, NOW, room=False, run="r1")
        exercise = exercise.model_copy(update={"answers": answers})
        page = own_page(exercise, Scene(room=ROOM), "ja", By.of(SATO, NOW), TODAY)
        assert "古い" not in page.text
