"""What a message wants."""

from datetime import UTC, datetime

import pytest

from bot.intent import intent
from bot.model import Message, MessageId, Person


def said(text: str, *, private: bool = False) -> Message:
    return Message(
        id=MessageId("m"), sender=Person(name="佐藤"), at=datetime(2026, 4, 1, tzinfo=UTC), text=text, private=private
    )


@pytest.mark.parametrize(
    ("text", "private", "wants", "words"),
    [
        ("図面を送りますね", False, "talk", "図面を送りますね"),
        ("@nakodo NDAは必要ですか", False, "question", "NDAは必要ですか"),
        ("これどう思う？ @Nakodo", False, "question", "これどう思う？"),
        ("NDAは必要ですか", True, "question", "NDAは必要ですか"),
        ("/help", False, "command", "/help"),
        ("／stage meeting", True, "command", "/stage meeting"),
        ("@nakodo /nda signed", False, "command", "/nda signed"),
        ("/ 2で割る", False, "talk", "/ 2で割る"),
        ("mail nakodo@example.jp", False, "talk", "mail nakodo@example.jp"),
    ],
)
def test_a_room_is_left_to_its_people_unless_the_bot_is_asked(
    text: str, private: bool, wants: str, words: str
) -> None:
    found = intent(said(text, private=private))
    assert (found.wants, found.words) == (wants, words)
