"""A theme on a page, and in the record what both may read."""

from functools import partial

from bot.exercises import Page
from bot.exercises.theme_canvas import EXERCISE
from bot.partnership import By, Partnership, Theme
from tests.bot.exercises.walks import LEE, NOW, through

walk = partial(through, EXERCISE)

GOOD = {
    "trouble": "検査の二人が、めっきの傷を目で探すのに困っている。",
    "size": "月40時間",
    "change": "見逃しを半分にしたい",
    "tried": "照明を替えたが変わらなかった",
    "why_us": "返品が続いた",
    "brings": "現場と不良品",
    "unknown": "光の当て方",
    "keywords": "めっき、目視検査, ニッケル",
    "owner": "進めるのは山田、決めるのは社長",
}


def theme_of(page: Page) -> Theme:
    assert page.record is not None
    return page.record.theme


def test_a_full_run_fills_the_page_and_the_record() -> None:
    page, asked = walk(GOOD)
    assert asked == list(GOOD)
    theme = theme_of(page)
    assert theme.statement == "検査の二人が、めっきの傷を目で探すのに困っている。見逃しを半分にしたい。"
    assert theme.keywords == ("めっき", "目視検査", "ニッケル")
    assert "月40時間" in theme.matters
    assert theme.brings == {"sme": "現場と不良品"}
    assert "困りごとと大きさが見えます" in page.text
    assert "まだ書けていないこと" not in page.text


def test_what_was_tried_and_what_is_not_known_stay_off_the_record() -> None:
    page, _ = walk(GOOD)
    assert "照明を替えた" in page.text
    kept = theme_of(page).model_dump_json()
    assert "照明を替えた" not in kept
    assert "光の当て方" not in kept
    assert "二社の記録に載ります" in page.text


def test_people_are_told_beforehand_that_the_other_side_reads_the_theme() -> None:
    assert "相手も読む記録に載る" in EXERCISE.about.ja
    assert "both sides read" in EXERCISE.about.en


def test_a_theme_that_is_too_wide_is_told_so_kindly() -> None:
    page, _ = walk({"trouble": "DXで何か新しいことをしたい"})
    assert "お題がまだ広いようです" in page.text
    english, _ = walk({"trouble": "We want to do something innovative"}, locale="en")
    assert "It is still too wide" in english.text


def test_a_wide_word_with_a_number_behind_it_is_no_fault() -> None:
    page, _ = walk({**GOOD, "change": "検査の効率化で月40時間を20時間に"})
    assert "広いようです" not in page.text


def test_a_theme_without_a_number_is_asked_for_a_guess() -> None:
    page, _ = walk({**GOOD, "size": "とても多い"})
    assert "数がまだありません" in page.text
    assert "広いようです" not in page.text


def test_all_skipped_leaves_the_record_alone() -> None:
    page, _ = walk({})
    assert page.record is None
    assert "まだ書けていないこと" in page.text
    assert "だれが何に困ったかを一文にする" in page.text


def test_what_is_skipped_leaves_what_stood_there() -> None:
    before = Partnership().set_theme(
        By.of(LEE, NOW), statement="前のお題。", keywords=("溶接",), brings={"startup": "画像の技術"}
    )
    page, _ = walk({"brings": "現場"}, record=before)
    theme = theme_of(page)
    assert (theme.statement, theme.keywords) == ("前のお題。", ("溶接",))
    assert theme.brings == {"startup": "画像の技術", "sme": "現場"}


def test_a_theme_that_takes_anothers_place_names_the_other() -> None:
    before = Partnership().set_theme(By.of(LEE, NOW), statement="前のお題。")
    page, _ = walk(GOOD, record=before)
    assert "前のお題「前のお題。」は履歴に残っています" in page.text
    assert page.record is not None
    assert page.record.history[-1].before == "前のお題。"


def test_each_side_is_asked_for_what_it_can_bring() -> None:
    assert "不良品" in EXERCISE.question("brings").put_to("sme", "ja")
    assert "試作" in EXERCISE.question("brings").put_to("startup", "ja")
    page, _ = walk({"brings": "a reader for shapes"}, side="startup", locale="en")
    assert theme_of(page).brings == {"startup": "a reader for shapes"}


def test_english_statements_end_like_english() -> None:
    page, _ = walk({"trouble": "Two inspectors lose 40 hours a month", "change": "half of that."}, locale="en")
    assert theme_of(page).statement == "Two inspectors lose 40 hours a month. half of that."
    assert page.text.splitlines()[-1] == "Based on: general practice"


def test_long_answers_are_cut_in_page_and_record() -> None:
    page, _ = walk({**GOOD, "trouble": "長い\n" * 500})
    assert max(len(line) for line in page.text.splitlines()) < 450
    assert len(theme_of(page).statement) < 450
    assert len(page.text.splitlines()) <= 35
