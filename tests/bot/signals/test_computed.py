"""What record and clock say is due is said when it is due, not before, and once an occasion."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.model import Signal
from bot.partnership import Experiment, NdaRecord, Partnership
from bot.signals import Due, Pulse, signals
from knowledge.card import Stage

NOW = datetime(2026, 5, 29, 0, 0, tzinfo=UTC)
TODAY = date(2026, 5, 29)
NAMES = {"sme": "橋本製作所", "startup": "Lumen"}


def pulse(**known: Any) -> Pulse:
    silent: dict[str, Any] = {
        "now": NOW, "today": TODAY, "record": Partnership(), "opened": None, "last_word": {}, "waiting": {},
        "spoken": {}, "messages": 0, "names": NAMES,
    }  # fmt: skip
    return Pulse(**{**silent, **known})


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def raised(signal: Signal, **known: Any) -> Due:
    due = signals()[signal].due(pulse(**known))
    assert due is not None
    return due


def silent(signal: Signal, **known: Any) -> bool:
    return signals()[signal].due(pulse(**known)) is None


# A lull


def test_ten_days_of_silence_are_a_lull() -> None:
    due = raised("stall", last_word={"sme": ago(30), "startup": ago(10)})
    assert "10日" in due.evidence.ja and "10 days" in due.evidence.en


def test_nine_days_of_silence_are_no_lull() -> None:
    assert silent("stall", last_word={"sme": ago(30), "startup": ago(9.9)})


def test_a_room_where_nobody_ever_spoke_is_a_lull_ten_days_after_it_was_opened() -> None:
    assert silent("stall", opened=ago(9))
    assert "部屋を開いて11日" in raised("stall", opened=ago(11)).evidence.ja


def test_an_old_room_with_a_recent_word_is_no_lull() -> None:
    assert silent("stall", opened=ago(90), last_word={"sme": ago(2)})


def test_a_room_that_nobody_opened_is_no_lull() -> None:
    assert silent("stall")


@pytest.mark.parametrize("stage", ["stopped", "allied"])
def test_silence_after_the_end_or_an_alliance_is_no_lull(stage: Stage) -> None:
    assert silent("stall", last_word={"sme": ago(40)}, record=Partnership(stage=stage))


def test_a_lull_is_one_occasion_however_long_and_the_next_is_another() -> None:
    last = {"sme": ago(10)}
    first = raised("stall", last_word=last)
    later = raised("stall", last_word=last, now=NOW + timedelta(days=8))
    again = raised("stall", last_word={"sme": NOW}, now=NOW + timedelta(days=12))
    assert first.key == later.key != again.key


# Waiting for an answer


@pytest.mark.parametrize(("waits", "answers"), [("sme", "startup"), ("startup", "sme")])
def test_the_side_that_should_answer_is_reminded(waits: str, answers: str) -> None:
    due = raised("reply_waiting", waiting={waits: ago(6)})
    assert due.side == answers
    assert NAMES[waits] in due.evidence.ja and "6日" in due.evidence.ja
    assert NAMES[waits] in due.evidence.en and "6 days" in due.evidence.en


def test_four_days_of_waiting_are_nothing_to_speak_of() -> None:
    assert silent("reply_waiting", waiting={"sme": ago(4.9)})


def test_nobody_is_reminded_when_nobody_waits() -> None:
    assert silent("reply_waiting")


def test_nobody_is_reminded_after_the_end() -> None:
    assert silent("reply_waiting", waiting={"sme": ago(6)}, record=Partnership(stage="stopped"))


def test_one_wait_is_raised_on_the_fifth_day_and_once_more_on_the_twelfth() -> None:
    days = [5, 8, 11.9, 12, 30]
    keys = [raised("reply_waiting", waiting={"sme": ago(5)}, now=ago(5) + timedelta(days=day)).key for day in days]
    assert keys[0] == keys[1] == keys[2] != keys[3] == keys[4]


def test_another_wait_is_another_occasion() -> None:
    assert (
        raised("reply_waiting", waiting={"sme": ago(5)}).key != raised("reply_waiting", waiting={"sme": ago(7)}).key
    )


def test_a_side_without_a_name_is_called_by_what_it_is() -> None:
    due = raised("reply_waiting", waiting={"startup": ago(5)}, names={})
    assert "スタートアップ" in due.evidence.ja and "The startup" in due.evidence.en


# Who does the talking


def test_the_quieter_side_is_invited_when_the_other_says_four_fifths() -> None:
    due = raised("talk_imbalance", messages=20, spoken={"sme": 200, "startup": 800})
    assert due.side == "sme"
    assert "80%" in due.evidence.ja and "80%" in due.evidence.en
    assert due.evidence.ja.index("Lumen") < due.evidence.ja.index("橋本製作所")


def test_a_side_that_never_spoke_is_the_quieter_one() -> None:
    assert raised("talk_imbalance", messages=24, spoken={"sme": 900}).side == "startup"


@pytest.mark.parametrize(
    ("messages", "spoken"),
    [(19, {"sme": 0, "startup": 900}), (40, {"sme": 210, "startup": 790}), (20, {"sme": 0, "startup": 0})],
)
def test_few_messages_or_a_fair_share_are_no_imbalance(messages: int, spoken: dict[str, int]) -> None:
    assert silent("talk_imbalance", messages=messages, spoken=spoken)


def test_an_imbalance_is_raised_once_a_week_of_talk() -> None:
    uneven = {"messages": 30, "spoken": {"sme": 50, "startup": 950}}
    monday = raised("talk_imbalance", last_word={"startup": datetime(2026, 5, 25, 3, tzinfo=UTC)}, **uneven)
    friday = raised("talk_imbalance", last_word={"startup": datetime(2026, 5, 29, 3, tzinfo=UTC)}, **uneven)
    next_week = raised("talk_imbalance", last_word={"startup": datetime(2026, 6, 1, 3, tzinfo=UTC)}, **uneven)
    assert monday.key == friday.key != next_week.key


def test_an_imbalance_is_not_raised_again_while_nobody_speaks() -> None:
    uneven = {"messages": 30, "spoken": {"sme": 50, "startup": 950}, "last_word": {"startup": ago(1)}}
    later = raised("talk_imbalance", today=TODAY + timedelta(days=14), **uneven)
    assert later.key == raised("talk_imbalance", **uneven).key


# The day to decide


def running(ends: date | None, number: int = 1, **terms: Any) -> Experiment:
    written = {"question": "傷は見えるか", "success": "見逃し半分", "stop": "三割未満", "decider": "橋本社長"}
    return Experiment(number=number, ends=ends, **{"state": "running", **written, **terms})


def with_one(ends: date | None, **terms: Any) -> Partnership:
    return Partnership(experiments=(running(ends, **terms),))


def test_the_day_to_decide_is_told_with_the_question_the_date_and_the_criteria() -> None:
    due = raised("go_stop_due", record=with_one(TODAY))
    assert all(
        words in due.evidence.ja for words in ("傷は見えるか", "5月29日", "見逃し半分", "三割未満", "橋本社長")
    )
    assert all(words in due.evidence.en for words in ("傷は見えるか", "29 May", "見逃し半分", "三割未満"))


def test_criteria_that_nobody_wrote_are_left_out() -> None:
    due = raised("go_stop_due", record=with_one(TODAY, success="", stop="", decider=""))
    assert "目安" not in due.evidence.ja and "Go if" not in due.evidence.en


@pytest.mark.parametrize(("days", "told"), [(3, "あと3日"), (1, "あと1日"), (0, "今日"), (-2, "区切りから2日")])
def test_the_room_hears_how_far_off_the_day_is(days: int, told: str) -> None:
    assert told in raised("go_stop_due", record=with_one(TODAY + timedelta(days=days))).evidence.ja


@pytest.mark.parametrize(
    "record",
    [
        Partnership(),
        with_one(None),
        with_one(TODAY + timedelta(days=4)),
        with_one(TODAY, state="done"),
        with_one(TODAY, state="planned"),
        with_one(TODAY).model_copy(update={"stage": "stopped"}),
    ],
    ids=["no experiment", "no end date", "four days off", "over", "not begun", "stopped"],
)
def test_there_is_nothing_to_decide_yet_or_any_more(record: Partnership) -> None:
    assert silent("go_stop_due", record=record)


def test_a_day_to_decide_is_raised_before_on_the_day_and_then_weekly() -> None:
    days = [3, 1, 0, -1, -6, -7, -13, -14]
    keys = [raised("go_stop_due", record=with_one(TODAY), today=TODAY - timedelta(days=day)).key for day in days]
    soon, soon_too, on_the_day, day_after, week_end, week, week_too, fortnight = keys
    assert soon == soon_too
    assert on_the_day == day_after == week_end
    assert week == week_too
    assert len({soon, on_the_day, week, fortnight}) == 4


def test_an_extension_is_a_new_occasion() -> None:
    extended = with_one(TODAY + timedelta(days=14))
    later = raised("go_stop_due", record=extended, today=TODAY + timedelta(days=14))
    assert later.key != raised("go_stop_due", record=with_one(TODAY)).key


def test_an_overdue_experiment_does_not_hide_another_that_ends_today() -> None:
    old = running(TODAY - timedelta(days=9))
    both = raised(
        "go_stop_due", record=Partnership(experiments=(old, running(TODAY, number=2, question="音で分かるか")))
    )
    assert both.key != raised("go_stop_due", record=Partnership(experiments=(old,))).key
    assert "音で分かるか" in both.evidence.ja


# The end of the NDA


def until(expires: date | None, **other: Any) -> Partnership:
    return Partnership(nda=NdaRecord(**{"state": "signed", "signed": date(2025, 6, 1), "expires": expires, **other}))


@pytest.mark.parametrize(
    ("days", "told"), [(30, "あと30日"), (7, "あと7日"), (1, "あと1日"), (0, "今日"), (-3, "過ぎています")]
)
def test_the_end_of_the_nda_is_told_with_its_date(days: int, told: str) -> None:
    ends = TODAY + timedelta(days=days)
    due = raised("nda_expiring", record=until(ends))
    assert told in due.evidence.ja
    assert f"{ends.year}年{ends.month}月{ends.day}日" in due.evidence.ja and str(ends.year) in due.evidence.en


@pytest.mark.parametrize(
    "record",
    [Partnership(), until(None), until(TODAY + timedelta(days=31)), until(TODAY, state="drafting")],
    ids=["no NDA", "no end", "31 days off", "not signed"],
)
def test_no_end_of_an_nda_is_near(record: Partnership) -> None:
    assert silent("nda_expiring", record=record)


def test_the_end_of_the_nda_is_raised_a_month_before_a_week_before_and_when_it_comes() -> None:
    days = [30, 8, 7, 1, 0, -20]
    keys = [raised("nda_expiring", record=until(TODAY), today=TODAY - timedelta(days=day)).key for day in days]
    assert keys[0] == keys[1] != keys[2] == keys[3] != keys[4] == keys[5]
    assert len(set(keys)) == 3


def test_a_renewed_nda_has_its_own_end() -> None:
    renewed = raised("nda_expiring", record=until(TODAY + timedelta(days=365)), today=TODAY + timedelta(days=365))
    assert renewed.key != raised("nda_expiring", record=until(TODAY)).key
