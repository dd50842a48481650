"""One small experiment on a page and in the record; what is vague is asked again, kindly."""

from datetime import date
from functools import partial

import pytest

from bot.exercises import Page
from bot.exercises.experiment_plan import EXERCISE
from bot.partnership import Experiment, Partnership
from tests.bot.exercises.walks import BY, through

walk = partial(through, EXERCISE)

FULL = {
    "question": "0.3mmの傷が見えるか",
    "test": "不良品20個を撮る",
    "cap": "10万円・3人日",
    "starts": "4月10日",
    "ends": "4月30日",
    "success": "20個中18個を見つける",
    "stop": "10個で5個未満なら",
    "decider": "Leeさん",
    "payer": "機材はルミナ、人は栃ノ木精密",
}


def recorded(page: Page) -> Partnership:
    assert page.record is not None
    return page.record


def planned(page: Page) -> Experiment:
    return recorded(page).experiments[-1]


def test_a_full_run_plans_an_experiment_that_may_start() -> None:
    page, asked = walk(FULL)
    assert asked == list(FULL)
    experiment = planned(page)
    assert (experiment.starts, experiment.ends) == (date(2026, 4, 10), date(2026, 4, 30))
    assert (experiment.question, experiment.cap) == ("0.3mmの傷が見えるか", "10万円・3人日")
    assert experiment.gaps == ()
    assert "始める前に、もう一言" not in page.text
    assert "費用を持つ人: 機材はルミナ" in page.text
    assert "「実験 1」" in page.text


def test_a_skipped_field_stays_open_in_the_record_and_on_the_page() -> None:
    page, _ = walk({**FULL, "stop": "とばす", "payer": "とばす"})
    assert planned(page).gaps == ("stop",)
    assert "まだ決まっていないこと**: やめる目安、費用を持つ人" in page.text


def test_all_skipped_leaves_the_record_alone() -> None:
    page, _ = walk({}, locale="en")
    assert page.record is None
    assert "the question; the smallest test; the cost cap" in page.text
    assert [task.text for task in page.tasks] == ["Write down one thing to find out by experiment"]


@pytest.mark.parametrize("cap", ["できるだけ安く", "上限なし", "常識の範囲で"])
def test_a_cap_without_a_number_is_asked_again(cap: str) -> None:
    page, _ = walk({**FULL, "cap": cap})
    assert f"上限の「{cap}」は、人によって受け取り方が変わりそうです" in page.text
    assert planned(page).cap == cap


@pytest.mark.parametrize("cap", ["10万円・3人日", "三人で二日", "費用なし、2時間", "半日"])
def test_a_cap_with_a_number_is_left_alone(cap: str) -> None:
    assert "受け取り方" not in walk({**FULL, "cap": cap})[0].text


def test_a_bare_number_is_asked_for_its_unit() -> None:
    assert "単位" in walk({**FULL, "cap": "5"})[0].text


@pytest.mark.parametrize(("name", "label"), [("success", "成功の目安"), ("stop", "やめる目安")])
def test_criteria_that_two_people_might_judge_differently_are_pointed_out(name: str, label: str) -> None:
    page, _ = walk({**FULL, name: "うまくいったかどうか"})
    assert f"{label}の「うまくいったかどうか」" in page.text


def test_a_plain_yes_or_no_needs_no_number() -> None:
    page, _ = walk({**FULL, "success": "型から割れずに外れる"})
    assert "判定が分かれる" not in page.text


@pytest.mark.parametrize("test", ["量産品質の品を作る", "粗い試作ではなく量産品質で", "a flawless sample of 3"])
def test_finished_quality_is_told_from_quality_for_learning(test: str) -> None:
    page, _ = walk({**FULL, "test": test})
    assert "学ぶための品質は答えが出るだけで足ります" in page.text


@pytest.mark.parametrize(
    "test", ["量産品質は求めない", "不良品を100%撮る", "it need not be perfect", "完成品でなくてよい"]
)
def test_who_does_not_ask_for_finish_is_not_lectured(test: str) -> None:
    assert "学ぶための品質" not in walk({**FULL, "test": test})[0].text


def test_an_end_before_the_start_stays_open() -> None:
    page, _ = walk({**FULL, "ends": "4月5日"})
    assert planned(page).ends is None
    assert "始まりより前でした" in page.text
    assert "まだ決まっていないこと**: 終了日" in page.text


def test_an_end_gone_by_stays_open() -> None:
    page, _ = walk({**FULL, "starts": "2026-03-01", "ends": "2026-03-20"}, locale="en")
    assert planned(page).ends is None
    assert "has passed already" in page.text


def test_while_it_is_only_planned_a_second_run_fills_the_same_experiment() -> None:
    first, _ = walk({"question": "0.3mmの傷が見えるか", "starts": "4月10日"})
    page, _ = walk({"cap": "10万円", "ends": "4月30日"}, record=recorded(first))
    experiment = planned(page)
    assert len(recorded(page).experiments) == 1
    assert (experiment.question, experiment.cap) == ("0.3mmの傷が見えるか", "10万円")
    assert (experiment.starts, experiment.ends) == (date(2026, 4, 10), date(2026, 4, 30))
    assert "- 確かめたいこと: 0.3mmの傷が見えるか" in page.text
    assert "まだ決まっていないこと**: 試し方、成功の目安、やめる目安、決める人、費用を持つ人" in page.text
    assert "「実験 1」" in page.text


def test_a_new_start_after_the_end_that_stands_leaves_the_end_open() -> None:
    first, _ = walk(FULL)
    page, _ = walk({"starts": "5月10日"}, record=recorded(first))
    assert (planned(page).starts, planned(page).ends) == (date(2026, 5, 10), None)
    assert "始まりより前でした" in page.text


def test_a_second_run_with_all_skipped_shows_what_stands_and_moves_nothing() -> None:
    first, _ = walk(FULL)
    page, _ = walk({}, record=recorded(first))
    assert page.record is None
    assert "- 費用の上限: 10万円・3人日" in page.text
    assert "まだ記録には載りません" not in page.text


def test_once_the_first_has_started_a_second_plan_stands_beside_it() -> None:
    first, _ = walk(FULL)
    running = recorded(first).start_experiment(BY, 1, date(2026, 4, 10))
    second, _ = walk({**FULL, "question": "暗い所でも見えるか"}, record=running)
    assert [one.question for one in recorded(second).experiments] == ["0.3mmの傷が見えるか", "暗い所でも見えるか"]
    assert "「実験 2」" in second.text


def test_the_day_of_judgement_is_a_task_for_whoever_decides() -> None:
    read, judge = walk(FULL)[0].tasks
    assert (read.owner, read.due) == ("佐藤", date(2026, 4, 8))
    assert (judge.owner, judge.due) == ("Lee", date(2026, 4, 30))
    _, nobody = walk({**FULL, "decider": "両社の社長"})[0].tasks
    assert nobody.owner == ""


def test_people_are_told_beforehand_that_the_other_side_reads_it() -> None:
    assert "二社の記録に載る" in EXERCISE.about.ja
    assert "both sides read" in EXERCISE.about.en


def test_everything_at_fault_still_fits_a_page_in_english() -> None:
    said = {"question": "x\n" * 400, "cap": "cheap", "success": "it gets better", "stop": "if it is bad"}
    page, _ = walk({**FULL, **said, "test": "production quality", "ends": "4月5日"}, side="startup", locale="en")
    assert "“cheap” as a cap" in page.text
    assert "Quality for customers is never compromised" in page.text
    assert len(page.text.splitlines()) <= 35
    assert len(planned(page).question) <= 200
    assert page.text.splitlines()[-1].startswith("Based on: general practice")
