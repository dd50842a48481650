"""Each side is heard alone, nobody is judged, and what belongs to people is handed to them."""

import pytest

from bot.exercises.mediation import EXERCISE
from bot.partnership import Partnership
from tests.bot.exercises.walks import BY, LONG, both_page, lines, page_of, walk

SME = {
    "grave": "入っていません",
    "facts": "3月10日に図面が変わった",
    "felt": "驚いた",
    "matters": "納期の約束",
    "theirs": "急いで直したかった",
    "purpose": "傷の見逃しを減らす",
    "offer": "現場を一日空ける",
    "need": "変更は前日までに聞く",
    "day": "4/10",
}
STARTUP = {
    "grave": "入っていません",
    "facts": "返事が二週間なかった",
    "felt": "心細かった",
    "matters": "早い返事",
    "theirs": "段取りを崩されたくない",
    "purpose": "検査を楽にする",
    "offer": "毎週金曜の報告",
    "need": "返事は三日以内",
    "day": "4/15",
}


def test_a_full_run_parts_facts_feelings_and_what_matters() -> None:
    page = page_of(EXERCISE, SME)
    found = lines(page)
    for line in (
        "- **起きたこと**: 3月10日に図面が変わった",
        "- **気持ち**: 驚いた",
        "- **大事にしたいこと**: 納期の約束",
    ):
        assert line in found
    assert "まだ書いていないこと" not in page.text
    assert page.tasks == ()


@pytest.mark.parametrize("grave", ["入っています", "分かりません"])
def test_claims_harassment_and_fraud_go_to_people_at_once(grave: str) -> None:
    exercise, asked = walk(EXERCISE, {**SME, "grave": grave}, room=True)
    assert asked == ["grave"]
    assert exercise.state == "waiting"
    page = page_of(EXERCISE, {"grave": grave})
    assert "進行役の方に、ご自分から声をかけてください" in page.text
    assert "弁護士" in page.text
    assert page.tasks == ()


def test_the_hand_over_is_there_in_english() -> None:
    assert "Speak to your facilitator yourself" in page_of(EXERCISE, {"grave": "Yes"}, locale="en").text


def test_the_other_side_does_not_learn_that_it_is_grave() -> None:
    page = both_page(EXERCISE, SME, {"grave": "入っています"})
    for word in ("いやがらせ", "だまされ", "入っています"):
        assert word not in page.text
    skipped = both_page(EXERCISE, SME, {"grave": "入っていません"})
    assert page == skipped


def test_no_joint_talk_while_one_side_shows_nothing() -> None:
    page = both_page(EXERCISE, SME, {"grave": "入っています"})
    assert "**案**" not in page.text
    assert [task.text for task in page.tasks] == ["進行役が両社から別々に話を伺い、そのうえで進め方を決める"]


def test_both_points_are_restated_and_nobody_is_judged() -> None:
    found = lines(both_page(EXERCISE, SME, STARTUP))
    assert found[0].startswith("どちらが正しいかは決めません")
    first, second = (
        found.index(f"**{name}の言い分**（違う所は直してください）") for name in ("栃ノ木精密", "ルミナ")
    )
    assert "- 起きたこと: 3月10日に図面が変わった" in found[first:second]
    assert "- 起きたこと: 返事が二週間なかった" in found[second:]
    assert "- 栃ノ木精密の元の目的: 傷の見逃しを減らす" in found
    assert "- 両社とも、出せるものを考えてくれました。" in found


def test_every_option_says_what_each_gives_and_gets() -> None:
    found = lines(both_page(EXERCISE, SME, STARTUP))
    assert "   - 栃ノ木精密が出す: 現場を一日空ける ／ 得る: 毎週金曜の報告" in found
    assert "   - ルミナが出す: 毎週金曜の報告 ／ 得る: 現場を一日空ける" in found
    assert "   - 栃ノ木精密が出す: 返事は三日以内 ／ 得る: 変更は前日までに聞く" in found
    assert [line[:2] for line in found if line[:1].isdigit()] == ["1.", "2.", "3."]


@pytest.mark.parametrize("part", ["offer", "need"])
def test_there_are_two_options_at_least_whatever_is_kept(part: str) -> None:
    for keep in ((part,), ("offer", "need")):
        found = lines(both_page(EXERCISE, SME, STARTUP, keep=keep))
        assert len([line for line in found if line[:1].isdigit()]) in (2, 3)


def test_what_a_side_keeps_to_itself_is_not_on_the_page_for_both() -> None:
    page = both_page(EXERCISE, SME, STARTUP, keep=("felt", "offer"))
    for secret in ("驚いた", "心細かった", "現場を一日空ける", "毎週金曜の報告"):
        assert secret not in page.text


def test_the_next_step_is_on_the_later_of_both_days() -> None:
    page = both_page(EXERCISE, SME, STARTUP)
    assert [str(task.due) for task in page.tasks] == ["2026-04-15"]
    assert "4月15日（水）までに" in page.text
    past = both_page(EXERCISE, {**SME, "day": "3/10"}, {**STARTUP, "day": "とばす"})
    assert [str(task.due) for task in past.tasks] == ["2026-04-08"]


def test_without_a_released_purpose_the_theme_on_record_stands_in() -> None:
    record = Partnership().set_theme(BY, statement="検査の目を増やす")
    page = both_page(EXERCISE, SME, STARTUP, record=record, keep=("purpose",))
    assert "記録にある二社のテーマ: 検査の目を増やす" in page.text


def test_with_everything_skipped_the_pages_still_help() -> None:
    page = page_of(EXERCISE, {}, locale="en", side="startup")
    assert "- **Not written yet**: what happened" in page.text
    assert "“What troubles you most?”" in page.text
    both = both_page(EXERCISE, {}, {}, locale="en")
    assert both.text.count("- Nothing here yet.") == 2
    assert [task.text for task in both.tasks] == ["The facilitator hears each side alone, then decides how to go on"]


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = {**dict.fromkeys(("facts", "felt", "matters", "theirs", "purpose", "offer", "need"), LONG), "day": "4/10"}
    lines(page_of(EXERCISE, told))
    lines(both_page(EXERCISE, told, told))
