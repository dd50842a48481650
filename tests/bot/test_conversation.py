"""A conversation file is read whole, or refused with the line that is wrong."""

from pathlib import Path

import pytest

from bot.conversation import read_conversation
from bot.errors import InputError

GOOD = """room:
  sme: {name: 栃ノ木精密, people: [佐藤]}
  startup: {name: ルミナ, people: [Lee]}
  facilitator: {people: [田中]}
  stage: meeting
  nda: none
  lang: ja
messages:
  - {id: m1, from: 佐藤, at: 2026-04-01T10:00:00+09:00, text: "はじめまして"}
  - {id: m2, from: Lee, at: 2026-04-01T10:05:00+09:00, to: bot, text: "What first?"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "talk.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_get_their_sides_and_messages_their_privacy(tmp_path: Path) -> None:
    conversation = read_conversation(write(tmp_path, GOOD))
    room = conversation.as_room("talk")
    first, second = conversation.as_messages(room)
    assert (first.sender.side, first.private) == ("sme", False)
    assert (second.sender.side, second.private) == ("startup", True)


def test_messages_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    late = GOOD.replace("10:00:00", "11:00:00")
    conversation = read_conversation(write(tmp_path, late))
    assert [m.id for m in conversation.as_messages(conversation.as_room("talk"))] == ["m2", "m1"]


@pytest.mark.parametrize(
    ("broken", "line", "says"),
    [
        (GOOD.replace("stage: meeting", "stage: wedding"), 5, "room.stage"),
        (GOOD.replace("nda: none", "nda: none\n  mood: good"), 7, "mood"),
        (GOOD.replace("id: m2", "id: m1"), 10, "stands twice"),
        (GOOD.replace('text: "はじめまして"', 'text: "  "'), 9, "says nothing"),
        (GOOD.replace("10:05:00+09:00", "10:05:00"), 10, "no time zone"),
        (GOOD.replace("from: Lee, ", ""), 10, "messages.1.from"),
        (GOOD.replace("room:", "room: ["), 3, "broken YAML"),
        (GOOD.replace("はじめまして", "長" * 40_001), 9, "text"),
        (GOOD.replace("2026-04-01T10:05:00+09:00", "10:05"), 10, "is a number"),
        (GOOD.replace("2026-04-01T10:05:00", "9999-12-31T23:59:59"), 10, "is not between"),
        ("", 1, "no conversation"),
        ("- just\n- a list\n", 1, "no conversation"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, broken: str, line: int, says: str) -> None:
    with pytest.raises(InputError) as error:
        read_conversation(write(tmp_path, broken))
    assert f"talk.yaml:{line}:" in str(error.value)
    assert says in str(error.value)


def test_control_characters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="broken YAML"):
        read_conversation(write(tmp_path, GOOD.replace("はじめまして", "\x07")))


def test_a_folder_a_missing_file_and_other_encodings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_conversation(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_conversation(tmp_path / "nothing.yaml")
    path = tmp_path / "talk.yaml"
    path.write_bytes(GOOD.encode("euc_jp"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_conversation(path)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (GOOD.replace("2026-04-01T10:05:00", "2026-02-30T10:05:00"), "day is out of range"),
        ("room: " + "[" * 3_000 + "]" * 3_000, "nested too deep"),
    ],
)
def test_what_no_calendar_and_no_reader_knows_is_refused(tmp_path: Path, broken: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_conversation(write(tmp_path, broken))
