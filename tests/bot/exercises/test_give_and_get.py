"""Each side writes alone; the page for both lays gives and gets side by side and favours nobody."""

from bot.exercises.give_and_get import EXERCISE
from tests.bot.exercises.walks import LONG, both_page, lines, page_of, walk

SME = {
    "purpose": "カメラで傷が見えるか",
    "give": "社員二日、炉の時間、端材、現場、職人の知恵",
    "get": "実績",
    "until": "秋の展示会までに写真",
    "keep": "配合",
    "fear": "客先の信用",
    "theirs": "現場データ",
    "balance": "こちらが多く出している",
}
STARTUP = {
    "give": "カメラ、開発",
    "get": "投資家に見せる数字、現場の声",
    "theirs": "不良の減少",
    "balance": "釣り合っている",
}


def test_a_full_run_asks_everything_and_fills_the_own_page() -> None:
    exercise, asked = walk(EXERCISE, SME)
    assert asked == [question.id for question in EXERCISE.questions]
    assert exercise.state == "done"
    page = page_of(EXERCISE, SME)
    assert "- **出すもの**: 社員二日、炉の時間、端材、現場、職人の知恵" in lines(page)
    assert "- **いまの釣り合い**: こちらが多く出している" in lines(page)
    assert "まだ空いている欄" not in page.text
    assert lines(page)[-1] == "拠りどころ: 実務の知恵"


def test_the_own_page_puts_nothing_on_the_list_that_both_read() -> None:
    page = page_of(EXERCISE, SME)
    assert page.tasks == ()
    assert page.record is None


def test_a_bare_reference_is_asked_for_its_reader() -> None:
    assert "誰に見せる何の実績か" in page_of(EXERCISE, SME).text
    assert "誰に見せる何の実績か" not in page_of(EXERCISE, {**SME, "get": "試験の数字"}).text


def test_with_everything_skipped_the_page_still_says_what_is_open() -> None:
    page = page_of(EXERCISE, {}, side="startup", locale="en")
    assert "- **Still empty**: purpose; gives; wants to get" in page.text
    assert "Without cash you can still give" in page.text


def test_gives_and_gets_stand_side_by_side() -> None:
    found = lines(both_page(EXERCISE, SME, STARTUP))
    start = found.index("**出すもの**")
    assert found[start + 1 : start + 3] == [
        "- 栃ノ木精密: 社員二日、炉の時間、端材、現場、職人の知恵",
        "- ルミナ: カメラ、開発",
    ]


def test_who_gives_much_and_gets_little_is_named_by_the_same_measure_for_both() -> None:
    straight = both_page(EXERCISE, SME, STARTUP).text
    assert "栃ノ木精密は、出すものが5つ、得るものが1つです" in straight
    mirrored = both_page(EXERCISE, STARTUP, SME).text
    assert "ルミナは、出すものが5つ、得るものが1つです" in mirrored
    assert "ルミナ 5、栃ノ木精密 2" in mirrored


def test_balanced_lists_are_not_called_one_sided() -> None:
    even = {"give": "現場、材料", "get": "数字、写真"}
    page = both_page(EXERCISE, even, even)
    assert "見合うか確かめましょう" not in page.text
    assert "欄はそろっています" in page.text


def test_an_empty_box_is_named_for_either_side() -> None:
    page = both_page(EXERCISE, {"give": "現場"}, {"get": "数字"}, locale="en")
    assert "What 栃ノ木精密 gets is not on the page yet." in page.text
    assert "What ルミナ gives is not on the page yet." in page.text


def test_what_a_side_keeps_to_itself_is_not_on_the_page_for_both() -> None:
    page = both_page(EXERCISE, SME, STARTUP, keep=("fear", "keep", "balance"))
    for secret in ("客先の信用", "配合", "多く出していると感じて"):
        assert secret not in page.text
    assert "客先の信用" in both_page(EXERCISE, SME, STARTUP).text


def test_the_page_for_both_ends_in_one_step_with_a_date() -> None:
    page = both_page(EXERCISE, SME, STARTUP)
    assert [(task.owner, str(task.due)) for task in page.tasks] == [("", "2026-04-08")]
    assert "4月8日（水）までに" in page.text


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = dict.fromkeys(("purpose", "give", "get", "until", "keep", "fear", "theirs"), LONG)
    lines(page_of(EXERCISE, told))
    lines(both_page(EXERCISE, told, told))
