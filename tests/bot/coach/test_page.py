"""A page is cut to length, and the answer itself is what stays."""

from bot.coach.page import MOST, Page, length


def page(**fields: object) -> Page:
    full: dict[str, object] = {
        "locale": "ja",
        "leads": ("答" * 150, "二" * 100),
        "steps": tuple(f"{n}" * 60 for n in range(4)),
        "words": ("言" * 50,),
        "case": "例" * 100,
        "question": "問" * 50,
        "sources": "出典: どこか",
    }
    return Page(**{**full, **fields})  # type: ignore[arg-type]


def test_a_page_that_fits_is_left_alone() -> None:
    short = page(leads=("答え。",), steps=("一。",), words=(), case="", question="")
    assert short.fitted() == short


def test_a_page_that_is_too_long_keeps_answer_two_steps_and_source() -> None:
    cut = page().fitted()
    assert length(cut.render(), "ja") <= MOST["ja"]
    assert cut.leads[0] == "答" * 150
    assert len(cut.steps) >= 2
    assert cut.sources


def test_a_page_of_one_case_keeps_it() -> None:
    assert page(leads=("例" * 110,), steps=(), case="", words=()).fitted().leads


def test_english_is_counted_in_words() -> None:
    assert length("one two\nthree", "en") == 3


def test_there_are_no_gaps_where_parts_are_missing() -> None:
    text = page(steps=(), words=(), case="", question="").render()
    assert "\n\n\n" not in text
