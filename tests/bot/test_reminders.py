"""Reminders come on working mornings, each once, to who can do something about it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import reminders, session
from bot.clock import day_of
from bot.model import MessageId, Person, Reply, Room, RoomId
from bot.orders import Order
from bot.partnership import By, Partnership
from bot.scene import Heard, Held, Scene
from knowledge.card import Citation, Locale

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
ROOM = Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), names={"sme": "栃ノ木精密", "startup": "ルミナ"})
BY = By(who="田中", side="facilitator", at=datetime(2026, 4, 1, tzinfo=UTC))


def cite(_: Sequence[str]) -> tuple[Citation, ...]:
    return ()


def tokyo(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


def scene_with(due: date | None, owner: str = "佐藤", room: Room = ROOM) -> Scene:
    return Scene(room=room, record=Partnership().add_action(BY, "写真を送る", owner, due))


def on_rounds(scene: Scene, first: datetime, days: int) -> list[tuple[str, str, str]]:
    """Live through some days, hour by hour, and return what was said: day, to whom, and which kind."""
    said: list[tuple[str, str, str]] = []
    for hour in range(days * 24):
        now = first + timedelta(hours=hour)
        replies, scene = reminders.due(scene, now, cite)
        said += [(f"{day_of(now, scene.room.zone):%m-%d}", reply.to, reply.kind) for reply in replies]
    return said


def of_actions(replies: Sequence[Reply]) -> list[Reply]:
    return [reply for reply in replies if reply.in_reply_to.startswith("actions:")]


def test_an_action_is_told_the_day_before_on_the_day_and_then_weekly() -> None:
    said = on_rounds(scene_with(date(2026, 4, 15)), tokyo(4, 7, 0), 25)
    assert [day for day, to, _ in said if to == "佐藤"] == [
        "04-14",
        "04-15",
        "04-22",
        "04-30",
    ]  # 29 April is a holiday.


def test_what_is_due_on_monday_is_told_on_friday() -> None:
    replies, _ = reminders.due(scene_with(date(2026, 4, 13)), tokyo(4, 10), cite)
    (reply,) = of_actions(replies)
    assert "4月13日（月）が期日です" in reply.text
    assert of_actions(reminders.due(scene_with(date(2026, 4, 13)), tokyo(4, 9), cite)[0]) == []


def test_over_the_spring_holidays_nobody_is_reminded_and_the_day_before_is_the_last_working_day() -> None:
    said = on_rounds(scene_with(date(2026, 5, 7)), tokyo(5, 1, 0), 7)
    assert [day for day, to, _ in said if to == "佐藤"] == ["05-01", "05-07"]
    assert {day for day, _, _ in said} <= {"05-01", "05-07"}


def test_japans_holidays_are_no_holidays_in_berlin() -> None:
    berlin = ROOM.model_copy(update={"zone": "Europe/Berlin"})
    at = datetime(2026, 5, 5, 7, 0, tzinfo=UTC)  # Nine in Berlin.
    assert of_actions(reminders.due(scene_with(date(2026, 5, 6), room=berlin), at, cite)[0])
    assert (
        of_actions(reminders.due(scene_with(date(2026, 5, 6), room=berlin), at - timedelta(minutes=1), cite)[0]) == []
    )


def test_the_owner_is_told_in_private_in_their_language_and_may_tick_it_off() -> None:
    scene = scene_with(date(2026, 4, 14), "Lee").speaking("Lee", "en")
    (reply,) = of_actions(reminders.due(scene, tokyo(4, 14), cite)[0])
    assert (reply.to, reply.kind, reply.choices) == ("Lee", "reminder", ("/action done 1",))
    assert reply.label is not None
    assert (reply.label.how, reply.label.whom) == ("ask", "Lee")
    assert "due today" in reply.text
    assert "Only you" in reply.text


@pytest.mark.parametrize("owner", ["", "鈴木"])
def test_what_nobody_in_the_room_owns_goes_to_the_facilitator(owner: str) -> None:
    (reply,) = of_actions(reminders.due(scene_with(date(2026, 4, 10), owner), tokyo(4, 14), cite)[0])
    assert reply.to == "facilitator"
    assert reply.label is not None
    assert reply.label.how == "note"
    assert "4日過ぎています" in reply.text


def test_without_a_facilitator_what_nobody_owns_is_told_to_nobody() -> None:
    room = ROOM.model_copy(update={"people": (SATO, LEE)})
    assert reminders.due(scene_with(date(2026, 4, 14), "", room), tokyo(4, 14), cite)[0] == ()


def test_several_actions_of_one_person_make_one_word() -> None:
    scene = scene_with(date(2026, 4, 14))
    scene = scene.recorded(scene.record.add_action(BY, "図面を探す", "佐藤", date(2026, 4, 15)))
    (reply,) = of_actions(reminders.due(scene, tokyo(4, 14), cite)[0])
    assert "写真を送る: 今日が期日です" in reply.text
    assert "図面を探す: 明日、4月15日（水）が期日です" in reply.text


def test_what_is_done_or_has_no_date_is_not_reminded_of() -> None:
    done = scene_with(date(2026, 4, 14))
    done = done.recorded(done.record.finish_action(BY, 1))
    assert of_actions(reminders.due(done, tokyo(4, 14), cite)[0]) == []
    assert of_actions(reminders.due(scene_with(None), tokyo(4, 14), cite)[0]) == []


def test_there_is_one_round_a_working_day_from_nine_on() -> None:
    scene = scene_with(date(2026, 4, 14))
    assert reminders.due(scene, tokyo(4, 14, 8, 59), cite) == ((), scene)
    replies, scene = reminders.due(scene, tokyo(4, 14, 11), cite)  # A machine that woke late makes up for it.
    assert replies
    assert "round:2026-04-14" in scene.reminded
    assert reminders.due(scene, tokyo(4, 14, 12), cite) == ((), scene)


def test_the_week_begins_with_a_digest_for_the_facilitator() -> None:
    said = on_rounds(Scene(room=ROOM), tokyo(4, 13, 0), 7)
    assert [(day, to) for day, to, kind in said if kind == "document"] == [("04-13", "facilitator")]


def test_after_a_holiday_monday_the_digest_comes_on_the_first_working_day() -> None:
    said = on_rounds(Scene(room=ROOM), tokyo(5, 2, 0), 8)
    assert [day for day, _, kind in said if kind == "document"] == ["05-07"]


@pytest.mark.parametrize(("locale", "title"), [("ja", "のまとめ"), ("en", "Where things stand")])
def test_the_digest_is_labelled_and_in_the_facilitators_language(locale: Locale, title: str) -> None:
    replies, _ = reminders.due(Scene(room=ROOM).speaking("田中", locale), tokyo(4, 13), cite)
    (reply,) = [reply for reply in replies if reply.kind == "document"]
    assert title in reply.text
    assert reply.label is not None
    assert reply.label.how == "note"


def test_a_room_that_has_stopped_gets_no_digest_but_its_promises_stand() -> None:
    scene = scene_with(date(2026, 4, 13))
    scene = scene.recorded(scene.record.move_to("stopped", BY))
    replies, _ = reminders.due(scene, tokyo(4, 13), cite)
    assert {reply.kind for reply in replies if reply.signal is None} == {"reminder"}


def test_while_a_human_drives_nothing_is_said_and_it_is_made_up_for_afterwards() -> None:
    scene = scene_with(date(2026, 4, 14)).having(takeover="田中")
    assert reminders.due(scene, tokyo(4, 14), cite) == ((), scene)
    assert of_actions(reminders.due(scene.having(takeover=None), tokyo(4, 14, 14), cite)[0])


def waiting_for_an_answer() -> Scene:
    asked = Heard(id="h", who="Lee", side="startup", at=tokyo(4, 1, 10), text="写真は何枚ありますか", asks=True)
    return Scene(room=ROOM, since=tokyo(4, 1), heard=(asked,))


def test_a_computed_signal_is_raised_once_for_one_occasion() -> None:
    scene, said = waiting_for_an_answer(), []
    for day in (6, 7, 8, 9, 10):
        replies, scene = reminders.due(scene, tokyo(4, day), cite)
        said += [reply for reply in replies if reply.signal == "reply_waiting"]
    assert said
    assert len({(reply.to, reply.in_reply_to) for reply in said}) == len(said)
    assert all(reply.unasked for reply in said)


def test_everything_that_nobody_asked_for_carries_its_label() -> None:
    scene = waiting_for_an_answer()
    scene = scene.recorded(scene.record.add_action(BY, "写真を送る", "佐藤", date(2026, 4, 13)))
    replies, _ = reminders.due(scene, tokyo(4, 13), cite)
    assert len(replies) >= 3
    assert all(reply.unasked for reply in replies)


def in_session() -> Scene:
    order = Order(
        words="", sender=TANAKA, scene=Scene(room=ROOM), locale="ja", at=tokyo(4, 14, 8, 30),
        today=date(2026, 4, 14), message=MessageId("m1"), private=True,
    )  # fmt: skip
    return session.start(order, "60 テーマ").scene


def test_a_running_sessions_time_is_told_without_a_label() -> None:
    (reply,), _ = reminders.due(in_session(), tokyo(4, 14, 8, 35), cite)
    assert (reply.to, reply.label) == ("facilitator", None)
    assert reminders.due(in_session().having(takeover="田中"), tokyo(4, 14, 8, 35), cite)[0] == ()


def test_the_next_moment_is_the_earliest_of_session_morning_and_round() -> None:
    assert reminders.next_moment(Scene(room=ROOM), tokyo(4, 14, 9)) == tokyo(4, 15)
    assert reminders.next_moment(in_session(), tokyo(4, 14, 8, 31)) == tokyo(4, 14, 8, 35)
    held = Held(reply=Reply(to="佐藤", kind="note", text="…", in_reply_to=MessageId("m")), at=tokyo(4, 14, 22))
    night = Scene(room=ROOM, held=(held,))
    assert reminders.next_moment(night, tokyo(4, 14, 23)) == tokyo(4, 15, 8)
    assert reminders.next_moment(Scene(room=ROOM), tokyo(4, 15, 8)) == tokyo(4, 15, 9)


def test_before_the_holidays_the_next_moment_lies_behind_them() -> None:
    assert reminders.next_moment(Scene(room=ROOM), tokyo(5, 1, 9)) == tokyo(5, 7)


@pytest.mark.parametrize(
    ("owner", "hearers"), [("森", ["森"]), ("", ["佐藤"]), ("Lee", ["佐藤"]), ("社外の方", ["佐藤"])]
)
def test_what_is_one_sides_own_is_told_to_that_side_alone(owner: str, hearers: list[str]) -> None:
    room = ROOM.model_copy(update={"people": (LEE, TANAKA, SATO, Person(name="森", side="sme"))})
    record = Partnership().add_action(BY, "撤退を考える", owner, date(2026, 4, 15), "sme")
    said, _ = reminders.due(Scene(room=room, record=record), tokyo(4, 15), cite)
    assert [reply.to for reply in of_actions(said)] == hearers
    assert not any("撤退" in reply.text for reply in said if reply.to not in hearers)


def test_what_is_the_own_of_a_side_without_people_is_told_to_nobody() -> None:
    room = ROOM.model_copy(update={"people": (LEE, TANAKA)})
    record = Partnership().add_action(BY, "撤退を考える", "", date(2026, 4, 15), "sme")
    said, _ = reminders.due(Scene(room=room, record=record), tokyo(4, 15), cite)
    assert of_actions(said) == []
