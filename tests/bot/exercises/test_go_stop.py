"""Another way first, then the decision; only what both decided moves the record."""

from datetime import date

import pytest

from bot.exercises.go_stop import EXERCISE
from bot.guide import advance
from tests.bot.exercises.walks import BY, EMPTY, LONG, NOW, TODAY, lines, page_of, walk

PLANNED = EMPTY.plan_experiment(
    BY,
    "カメラで傷が見えるか",
    success="九割を見つける",
    stop="五割に届かない",
    cap="30万円",
    ends=date(2026, 4, 1),
    decider="佐藤",
)
RUNNING = PLANNED.start_experiment(BY, 1, date(2026, 3, 1))
DONE = RUNNING.finish_experiment(BY, 1, "七割だった")
STOP = {
    "other_way": "照明を変える",
    "result": "四割だった",
    "learned": "光の当て方が要",
    "decision": "止まる",
    "reasons": "目安に届かない",
    "who": "Lee",
    "when": "4/6",
    "agreed": "両社で決めました",
}
GO = {**STOP, "decision": "進む", "result": "九割五分", "reasons": "目安を越えた", "changes": "費用は月ごとに"}
AGAIN = {**STOP, "decision": "もう一回だけ試す", "again_if": "照明を変え、八割なら進む"}


def test_another_way_is_asked_for_before_the_decision() -> None:
    _, asked = walk(EXERCISE, STOP, record=RUNNING)
    assert asked[0] == "other_way"
    assert asked.index("other_way") < asked.index("decision")


@pytest.mark.parametrize(
    ("said", "asked_for", "not_asked"),
    [(GO, "changes", "again_if"), (AGAIN, "again_if", "changes"), (STOP, "who", "changes")],
)
def test_each_decision_has_its_own_questions(said: dict[str, str], asked_for: str, not_asked: str) -> None:
    _, asked = walk(EXERCISE, said, record=RUNNING)
    assert asked_for in asked
    assert not_asked not in asked
    assert len(asked) <= 9


def test_a_result_on_record_is_not_asked_for_again() -> None:
    assert "result" not in walk(EXERCISE, GO, record=DONE)[1]
    assert "result" not in walk(EXERCISE, GO, record=PLANNED)[1]
    assert "result" in walk(EXERCISE, GO, record=EMPTY)[1]
    assert "- 結果: 七割だった" in lines(page_of(EXERCISE, GO, record=DONE))


def test_criteria_and_result_stand_side_by_side() -> None:
    found = lines(page_of(EXERCISE, STOP, record=RUNNING))
    start = found.index("**目安と結果**")
    assert found[start + 1 : start + 6] == [
        "- 確かめたかったこと: カメラで傷が見えるか",
        "- 成功の目安: 九割を見つける",
        "- やめる目安: 五割に届かない",
        "- 結果: 四割だった",
        "- 決める人: 佐藤",
    ]


def test_missing_criteria_are_said() -> None:
    bare = EMPTY.plan_experiment(BY, "傷が見えるか")
    assert "目安がそろっていません" in page_of(EXERCISE, STOP, record=bare).text
    assert "目安がそろっていません" not in page_of(EXERCISE, STOP, record=RUNNING).text


def test_a_stop_is_kind_and_keeps_the_learning() -> None:
    page = page_of(EXERCISE, STOP, record=RUNNING)
    assert "失敗ではなく" in page.text
    assert "- **分かったこと**: 光の当て方が要" in page.text
    assert "/coach graceful_stop" in page.text
    assert "/coach graceful_stop" not in page_of(EXERCISE, GO, record=RUNNING).text


def test_what_both_decided_goes_on_record_with_the_result() -> None:
    record = page_of(EXERCISE, STOP, record=RUNNING).record
    assert record is not None
    assert [decision.text for decision in record.decisions] == ["止まる: 目安に届かない"]
    experiment = record.experiment(1)
    assert (experiment.state, experiment.result, experiment.learnings) == ("done", "四割だった", "光の当て方が要")
    assert record.stage == RUNNING.stage


def test_a_go_moves_nothing_but_the_decision_and_the_result() -> None:
    record = page_of(EXERCISE, GO, record=RUNNING).record
    assert record is not None
    assert record.stage == RUNNING.stage
    assert [change.what for change in record.history[len(RUNNING.history) :]] == ["experiment 1", "decision"]


def test_without_a_result_the_experiment_runs_on() -> None:
    record = page_of(EXERCISE, {**GO, "result": "とばす"}, record=RUNNING).record
    assert record is not None
    assert record.experiment(1).state == "running"
    planned = page_of(EXERCISE, GO, record=PLANNED).record
    assert planned is not None
    assert planned.experiment(1).state == "planned"


@pytest.mark.parametrize("agreed", ["まだこちらの考えです", "とばす"])
def test_one_sides_own_view_moves_nothing_that_the_other_reads(agreed: str) -> None:
    page = page_of(EXERCISE, {**STOP, "agreed": agreed}, record=RUNNING)
    assert page.record is None
    assert page.tasks == ()
    assert "両社の記録にはまだ書いていません" in page.text


def test_the_task_goes_to_somebody_in_the_room_by_the_day_given() -> None:
    (task,) = page_of(EXERCISE, STOP, record=RUNNING).tasks
    assert (task.owner, task.due) == ("Lee", date(2026, 4, 6))
    (task,) = page_of(EXERCISE, {**STOP, "who": "銀行の山田さん", "when": "とばす"}, record=RUNNING).tasks
    assert (task.owner, task.due) == ("", date(2026, 4, 8))
    assert "銀行の山田さん" in task.text


def test_an_answer_of_a_way_not_taken_is_not_on_the_page() -> None:
    exercise, _ = walk(EXERCISE, AGAIN, record=RUNNING)
    reopened = exercise.model_copy(update={"state": "open", "at": "decision"})
    changed = advance(reopened, "止まる", RUNNING, "ja", TODAY).exercise
    assert changed.answers["again_if"] == "照明を変え、八割なら進む"
    assert "again_if" not in [question.id for question in EXERCISE.asked(changed.answers, RUNNING)]
    assert "八割なら進む" not in page_of(EXERCISE, {**AGAIN, "decision": "止まる"}, record=RUNNING).text


def test_with_everything_skipped_nothing_is_decided() -> None:
    page = page_of(EXERCISE, {}, locale="en", record=RUNNING)
    assert page.text.startswith("**Not decided yet.**")
    assert "- **Still open**: another way" in page.text
    assert page.record is None
    assert lines(page_of(EXERCISE, {}))[-1].startswith("拠りどころ: JRIレビュー")


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = {**STOP, **dict.fromkeys(("other_way", "result", "learned", "reasons", "who"), LONG)}
    page = page_of(EXERCISE, told, record=RUNNING)
    lines(page)
    assert page.record is not None
    assert page.record.decisions[-1].by.at == NOW
