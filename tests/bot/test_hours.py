"""Quiet hours: chosen for each partnership, over midnight or not at all, and kept by whatever nobody asked for."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.attention import brief
from bot.clock import NIGHT, QuietHours, is_quiet, quiet_ends
from bot.commands import obey
from bot.errors import RecordError
from bot.gate import open_up, release
from bot.model import Label, Message, MessageId, Person, Reply, Room, RoomId
from bot.orders.lead import read_hours
from bot.reminders import next_moment
from bot.scene import Scene

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
TOKYO = "Asia/Tokyo"
LATE = QuietHours(begins=time(22), ends=time(7, 30))
NOON_REST = QuietHours(begins=time(12), ends=time(13))


def tokyo(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


NOON = tokyo(1, 12)


def scene(hours: QuietHours | None = NIGHT, zone: str = TOKYO) -> Scene:
    return Scene(room=Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), quiet_hours=hours, zone=zone))


def word() -> Reply:
    label = Label(why="わけ", how="ask", whom="佐藤")
    return Reply(to="佐藤", kind="question", text="いかがですか", in_reply_to=MessageId("m"), label=label)


def order(
    words: str, now: Scene, who: Person = TANAKA, at: datetime = NOON, *, private: bool = True
) -> tuple[tuple[Reply, ...], Scene]:
    message = Message(id=MessageId("m"), sender=Person(name=who.name), at=at, text=words, private=private)
    return obey(words, message, now)


# The clock


@pytest.mark.parametrize(
    ("hours", "hour", "quiet"),
    [
        (LATE, (21, 59), False),
        (LATE, (22, 0), True),
        (LATE, (7, 29), True),
        (LATE, (7, 30), False),
        (NOON_REST, (11, 59), False),
        (NOON_REST, (12, 0), True),
        (NOON_REST, (13, 0), False),
        (None, (3, 0), False),
    ],
)
def test_hours_hold_from_their_first_minute_to_their_last(
    hours: QuietHours | None, hour: tuple[int, int], quiet: bool
) -> None:
    assert is_quiet(tokyo(1, *hour), TOKYO, hours) is quiet


def test_they_are_hours_where_the_room_is() -> None:
    assert is_quiet(tokyo(1, 23), TOKYO, LATE)
    assert not is_quiet(tokyo(1, 23), "America/New_York", LATE)


def test_a_holiday_is_quiet_whatever_the_hours_are_and_ends_at_midnight() -> None:
    holiday = tokyo(6, 12, month=5)  # The last of three.
    assert is_quiet(holiday, TOKYO, None)
    assert quiet_ends(holiday, TOKYO, None) == tokyo(7, 0, month=5)
    assert quiet_ends(holiday, TOKYO, LATE) == tokyo(7, 7, 30, month=5)
    assert quiet_ends(holiday, TOKYO, NOON_REST) == tokyo(7, 0, month=5)
    assert quiet_ends(tokyo(3, 12, month=5), TOKYO) == tokyo(7, 8, month=5)


@given(
    begins=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    ends=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda one: one.replace(tzinfo=UTC)),
    zone=st.sampled_from([TOKYO, "America/New_York"]),
)
def test_quiet_ends_at_the_first_moment_that_is_not_quiet(begins: time, ends: time, at: datetime, zone: str) -> None:
    hours = QuietHours(begins=begins, ends=ends) if begins != ends else None
    end = quiet_ends(at, zone, hours)
    assert not is_quiet(end, zone, hours)
    assert end >= at
    if end > at:
        assert is_quiet(at, zone, hours)
        assert is_quiet(max(at, end - timedelta(minutes=1)), zone, hours)


@pytest.mark.parametrize("ends", [time(20), time(8, 0, 30), time(8, tzinfo=UTC)])
def test_hours_that_end_when_they_begin_or_name_seconds_or_a_zone_are_no_hours(ends: time) -> None:
    with pytest.raises(ValidationError):
        QuietHours(begins=time(20), ends=ends)


# What people write


@pytest.mark.parametrize(
    "words",
    ["22:00-07:30", "22:00 to 7:30", "２２：００～７：３０", "22時から翌7時半まで", "22時〜7時30分", "22:00 – 07:30"],
)
def test_hours_are_read_as_people_write_them(words: str) -> None:
    assert read_hours(words) == LATE


def test_midnight_may_be_called_24_oclock() -> None:
    assert read_hours("24:00-6:00") == QuietHours(begins=time(0), ends=time(6))


@pytest.mark.parametrize(("words", "hours"), [("none", None), ("なし", None), ("default", NIGHT), ("標準", NIGHT)])
def test_hours_may_have_a_name(words: str, hours: QuietHours | None) -> None:
    assert read_hours(words) == hours


@pytest.mark.parametrize(
    "words", ["25:00-08:00", "20:60-08:00", "20:00", "夜", "20:00-08:00-09:00", "24:30-1:00", "-", "20:00 08:00"]
)
def test_what_are_no_hours_gets_an_example_and_changes_nothing(words: str) -> None:
    replies, after = order(f"/hours {words}", scene(LATE))
    assert "/hours 20:00-08:00" in replies[0].text
    assert after.room.quiet_hours == LATE


def test_hours_that_end_when_they_begin_are_refused_with_what_one_may_have_meant() -> None:
    with pytest.raises(RecordError) as found:
        read_hours("20:00-20:00")
    assert "none" in found.value.said("en")
    assert "/mute" in found.value.said("ja")


# The command


def test_who_leads_chooses_the_hours_of_the_partnership_in_both_languages() -> None:
    replies, japanese = order("/静かな時間 22時から7時半", scene())
    assert replies[0].text.startswith("22:00から翌07:30までと、祝日は、")
    replies, english = order("/hours 22:00-07:30", scene().speaking("田中", "en"))
    assert replies[0].text.startswith("From 22:00 to 07:30, and on public holidays, I say nothing unasked.")
    assert japanese.room.quiet_hours == english.room.quiet_hours == LATE


def test_without_words_one_is_told_the_hours_as_they_are() -> None:
    replies, after = order("/hours", scene(NOON_REST, zone="America/New_York"))
    assert replies[0].text.startswith("12:00から13:00までは、")
    assert after == scene(NOON_REST, zone="America/New_York")
    assert "祝日だけは" in order("/hours", scene(None))[0][0].text
    assert "祝日" not in order("/hours", scene(None, zone="America/New_York"))[0][0].text


@pytest.mark.parametrize("who", [SATO, LEE, Person(name="通りがかり")])
def test_only_who_leads_chooses_them(who: Person) -> None:
    _, after = order("/hours none", scene(), who)
    assert after.room.quiet_hours == NIGHT


def test_what_waited_for_hours_that_no_longer_hold_is_said_at_once() -> None:
    night = tokyo(1, 21)
    waiting = release([word()], scene(), night).scene
    replies, after = order("/hours 22:00-07:30", waiting, at=night)
    assert replies[1:] == (word(),)
    assert after.held == ()
    replies, after = order("/hours 20:30-07:30", waiting, at=night)
    assert len(replies) == 1
    assert [one.reply for one in after.held] == [word()]


# Who keeps them


def test_unasked_words_wait_for_the_rooms_own_hours() -> None:
    early = tokyo(1, 7, 45)
    assert release([word()], scene(), early).replies == ()
    assert release([word()], scene(LATE), early).replies == (word(),)
    assert release([word()], scene(None), tokyo(1, 3)).replies == (word(),)


def test_the_house_looks_again_when_the_rooms_own_hours_end() -> None:
    waiting = release([word()], scene(LATE), tokyo(1, 23)).scene
    assert next_moment(waiting, tokyo(1, 23)) == tokyo(2, 7, 30)
    assert open_up(waiting, tokyo(2, 7, 30)).replies == (word(),)


def test_what_waited_through_a_day_on_which_the_house_was_down_is_said_next_morning_not_at_the_round() -> None:
    waiting = release([word()], scene(), tokyo(1, 21)).scene
    assert next_moment(waiting, tokyo(2, 21)) == tokyo(3, 8)


def test_what_still_waits_by_day_is_said_at_once() -> None:
    waiting = release([word()], scene(), tokyo(1, 21)).scene
    assert next_moment(waiting, tokyo(2, 8, 30)) == tokyo(2, 8, 30) + timedelta(seconds=1)


# What is kept


def test_a_room_kept_before_there_were_hours_has_those_of_before() -> None:
    kept = scene().model_dump(mode="json")
    del kept["room"]["quiet_hours"]
    assert Scene.model_validate(kept).room.quiet_hours == QuietHours(begins=time(20), ends=time(8))


@pytest.mark.parametrize("hours", [NIGHT, LATE, None])
def test_hours_are_kept_whole_and_in_brief(hours: QuietHours | None) -> None:
    now = scene(hours)
    assert Scene.model_validate_json(now.model_dump_json()) == now
    read = Scene.model_validate_json(brief(now).model_dump_json(exclude_defaults=True))
    assert read.room.quiet_hours == hours
