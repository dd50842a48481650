"""The record: only legal moves, and nothing overwritten without a line of history."""

from datetime import UTC, date, datetime

import pytest

from bot.errors import RecordError
from bot.partnership import NEXT_STAGES, By, Cost, Partnership, Sheet

NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
BY = By(who="佐藤", side="sme", at=NOON)
TERMS = {"ends": date(2026, 5, 20), "cap": "10万円", "success": "s", "stop": "t", "decider": "佐藤"}


def test_every_stage_can_be_reached_and_left() -> None:
    reached = {stage for ways in NEXT_STAGES.values() for stage in ways} | {"stopped"}
    assert reached == set(NEXT_STAGES)
    assert all(NEXT_STAGES.values())


def test_it_may_stop_from_anywhere_and_begin_again() -> None:
    for stage in NEXT_STAGES:
        assert Partnership(stage=stage).move_to("stopped", BY).stage == "stopped"
    assert Partnership(stage="stopped").move_to("meeting", BY).stage == "meeting"


def test_staying_is_no_change() -> None:
    assert Partnership().move_to("preparing", BY).history == ()


@pytest.mark.parametrize(("on", "expires"), [(date(2026, 4, 2), None), (date(2026, 3, 1), date(2026, 2, 1))])
def test_an_nda_is_not_signed_in_the_future_nor_over_before_it_began(on: date, expires: date | None) -> None:
    with pytest.raises(RecordError):
        Partnership().sign_nda(BY, on, expires)


def test_history_keeps_who_when_and_what_stood_there() -> None:
    record = Partnership().set_theme(BY, statement="古い").set_theme(BY, statement="新しい")
    last = record.history[-1]
    assert (last.by, last.what, last.before, last.after) == (BY, "theme", "古い", "新しい")


def test_who_pays_what_is_written_once_for_each_thing() -> None:
    record = Partnership().add_cost(BY, Cost(what="材料費", payer="A")).add_cost(BY, Cost(what="材料費", payer="B"))
    assert [(one.what, one.payer) for one in record.costs] == [("材料費", "B")]
    assert "A" in (record.history[-1].before or "")


def test_a_finished_experiment_keeps_its_terms_for_good() -> None:
    record = Partnership().plan_experiment(BY, "q", **TERMS).start_experiment(BY, 1, NOON.date())
    record = record.finish_experiment(BY, 1, "0.2ミリだった")
    with pytest.raises(RecordError):
        record.change_experiment(BY, 1, {"cap": "20万円"}, "なんとなく")
    assert record.note_learnings(BY, 1, "治具が効いた").experiments[0].learnings == "治具が効いた"


def test_an_experiment_does_not_end_before_it_starts() -> None:
    with pytest.raises(RecordError):
        Partnership().plan_experiment(BY, "q", starts=date(2026, 5, 1), ends=date(2026, 4, 1))


def test_a_sides_own_page_is_read_by_that_side_alone() -> None:
    page = Sheet(exercise="cost_talk", title="うちの予算", text="上限は80万円", at=NOON, side="sme")
    record = Partnership().file(BY, page)
    assert record.read_by("sme").sheets == (page,)
    for other in ("startup", None):
        assert "80万円" not in record.read_by(other).model_dump_json()
        assert "うちの予算" not in record.read_by(other).model_dump_json()


def test_a_task_that_is_one_sides_own_stands_in_nobody_elses_record() -> None:
    record = Partnership().add_action(BY, "娘に継がせる話をする", side="sme").add_action(BY, "写真を送る")
    record = record.finish_action(BY, 1)
    assert [one.text for one in record.read_by("sme").actions] == ["娘に継がせる話をする", "写真を送る"]
    for reader in ("startup", "facilitator", None):
        seen = record.read_by(reader)
        assert [one.text for one in seen.actions] == ["写真を送る"]
        assert "娘" not in repr(seen)


def test_an_nda_that_ran_out_stands_no_more() -> None:
    record = Partnership().sign_nda(BY, date(2026, 3, 1), date(2026, 3, 31))
    assert record.on(date(2026, 3, 31)).nda.state == "signed"
    assert record.on(date(2026, 4, 1)).nda.state == "none"
