"""The work first, the money afterwards; and what is agreed on the page is a proposal still."""

import pytest

from bot.exercises.cost_talk import EXERCISE
from tests.bot.exercises.walks import EMPTY, LONG, both_page, lines, page_of, walk

SME = {
    "purpose": "カメラで傷が見えるか",
    "test": "不良品五十枚を撮る",
    "begun": "まだ始めていない",
    "efforts": "社員3日、材料2万円、炉10時間",
    "bears": "材料はうち、旅費は先方",
    "cap": "30万円まで",
    "means": "試作費の枠、社長決裁で三日",
    "approver": "佐藤社長",
}
STARTUP = {
    "purpose": "カメラで傷が見えるか",
    "efforts": "開発5日",
    "bears": "機材はうち",
    "cap": "50万円まで",
    "means": "資金は十一月まで。小30万円、大80万円",
}


def test_a_full_run_fills_the_own_page() -> None:
    page = page_of(EXERCISE, SME)
    found = lines(page)
    assert "- **かかる手間**: 社員3日、材料2万円、炉10時間" in found
    assert "- **予算の枠と決裁の道筋**: 試作費の枠、社長決裁で三日" in found
    assert "- **まだ名前の出ていない費用**: 利用料（ライセンス）" in found
    assert "まだ書いていないこと" not in page.text
    assert page.tasks == ()


def test_each_side_is_asked_for_its_own_means() -> None:
    question = EXERCISE.question("means")
    assert "決裁" in question.put_to("sme", "ja")
    assert "何か月もちますか" in question.put_to("startup", "ja")
    assert "How many months does your money last?" in question.put_to("startup", "en")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({}, "まだ先です"),
        ({"purpose": "傷が見えるか"}, "まだ先です"),
        ({"purpose": "傷が見えるか", "test": "五十枚"}, "いまです"),
        ({"purpose": "傷が見えるか", "test": "五十枚", "begun": "相手が始めている"}, "今日です"),
        ({"begun": "こちらが始めている"}, "今日です"),
    ],
)
def test_the_page_says_when_to_raise_cost(said: dict[str, str], verdict: str) -> None:
    assert verdict in lines(page_of(EXERCISE, said))[0]


def test_openers_fit_the_side() -> None:
    assert "今期の枠と" in page_of(EXERCISE, SME).text
    assert "今期の枠と" not in page_of(EXERCISE, STARTUP, side="startup").text
    assert "小さい案と大きい案" in page_of(EXERCISE, STARTUP, side="startup").text


def test_the_page_for_both_lists_what_differs_and_what_nobody_named() -> None:
    page = both_page(EXERCISE, SME, STARTUP)
    found = lines(page)
    start = found.index("**範囲・上限（案）**")
    assert found[start + 1 : start + 3] == ["- 栃ノ木精密: 30万円まで", "- ルミナ: 50万円まで"]
    assert "「範囲・上限（案）」は二社で言葉が違います" in page.text
    assert "「目的の一文」は二社で言葉が違います" not in page.text
    assert "- まだ名前の出ていない費用: 利用料（ライセンス）" in found
    assert "- ルミナの欄で空いているのは、承認する人です。" in found
    assert "一緒に書き出しませんか" in page.text


@pytest.mark.parametrize(
    ("sme", "startup", "named"),
    [
        ({"begun": "こちらが始めている"}, {}, "栃ノ木精密は、もう手を"),
        ({"begun": "相手が始めている"}, {}, "ルミナは、もう手を"),
        ({}, {"begun": "こちらが始めている"}, "ルミナは、もう手を"),
        ({}, {"begun": "両方とも始めている"}, "栃ノ木精密とルミナは、もう手を"),
    ],
)
def test_whoever_is_at_work_already_is_named_first(sme: dict[str, str], startup: dict[str, str], named: str) -> None:
    found = lines(both_page(EXERCISE, sme, startup))
    assert found[found.index("**違う所・抜けている所**") + 1].startswith(f"- {named}")


def test_nothing_goes_into_the_record() -> None:
    page = both_page(EXERCISE, SME, SME)
    assert page.record is None
    assert "ここにあるのは案です" in page.text
    assert [str(task.due) for task in page.tasks] == ["2026-04-08", "2026-04-15"]
    assert EMPTY.costs == ()


def test_what_a_side_keeps_to_itself_is_not_on_the_page_for_both() -> None:
    page = both_page(EXERCISE, SME, STARTUP, keep=("means", "cap"))
    for secret in ("社長決裁", "十一月まで", "30万円まで", "50万円まで"):
        assert secret not in page.text
    assert "社長決裁" in both_page(EXERCISE, SME, STARTUP).text


def test_two_who_say_the_same_may_begin() -> None:
    whole = {**SME, "efforts": "社員3日、材料2万円、炉10時間、旅費1万円、利用料なし"}
    assert "大きな違いは見えません" in both_page(EXERCISE, whole, whole).text


def test_with_everything_skipped_the_page_still_helps() -> None:
    exercise, asked = walk(EXERCISE, {}, room=True)
    assert exercise.state == "waiting"
    assert not [one for one in asked if one.startswith("release:")]
    page = page_of(EXERCISE, {}, locale="en")
    assert "**When: not yet.**" in page.text
    assert "- **Still open**: purpose in a sentence" in page.text
    assert "Empty for 栃ノ木精密" in both_page(EXERCISE, {}, {}, locale="en").text


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = dict.fromkeys(("purpose", "test", "efforts", "bears", "cap", "means", "approver"), LONG)
    lines(page_of(EXERCISE, told))
    lines(both_page(EXERCISE, told, SME))
