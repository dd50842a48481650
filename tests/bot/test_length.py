"""Who writes Japanese says as much in fewer characters, and is not to look quieter for it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import session
from bot.length import length_of
from bot.model import Room, RoomId
from bot.scene import Heard, Scene, Session
from bot.watch import pulse_of

NOW = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)
JAPANESE, ENGLISH = "写真を二十枚送ります", "I send twenty photos."


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("  \n", 0), ("ok", 2), ("はい", 4), ("ＯＫ", 4), ("NDAは？", 7), (" 見本 ", 4), ("ｶﾒﾗ", 3)],
)
def test_wide_characters_count_double_and_the_space_around_does_not(text: str, length: int) -> None:
    assert length_of(text) == length


def test_in_a_session_the_same_said_in_either_language_weighs_about_the_same() -> None:
    begun = Session(topic="t", start=NOW, minutes=30, boxes=(), first="m")
    spoken = session.spoke(session.spoke(begun, "sme", JAPANESE), "startup", ENGLISH).spoken
    assert spoken["sme"] == pytest.approx(spoken["startup"], rel=0.1)


def test_over_the_weeks_the_same_said_in_either_language_weighs_about_the_same() -> None:
    said = [
        Heard(id="1", who="佐藤", side="sme", at=NOW, text=JAPANESE),
        Heard(id="2", who="Lee", side="startup", at=NOW + timedelta(minutes=1), text=ENGLISH),
    ]
    spoken = pulse_of(Scene(room=Room(id=RoomId("r")), heard=tuple(said)), NOW + timedelta(hours=1)).spoken
    assert spoken["sme"] == pytest.approx(spoken["startup"], rel=0.1)
