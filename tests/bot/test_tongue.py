"""The language somebody writes in is heard in their own words alone."""

from datetime import UTC, datetime

import pytest

from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.scene import Scene
from bot.turn import turn
from tests.fakes import house

SATO, LEE = Person(name="佐藤", side="sme"), Person(name="Lee", side="startup")
SCENE = Scene(room=Room(id=RoomId("r"), people=(SATO, LEE)))
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def after(*texts: str, scene: Scene = SCENE, who: Person = LEE) -> Scene:
    for text in texts:
        message = Message(id=MessageId("m"), sender=who, at=NOON, text=text, private=True)
        scene = turn(message, scene, house()).scene
    return scene


@pytest.mark.parametrize(
    "passed_on",
    [
        "/記録",
        "/record",
        "/theme バリを外から見つけたい",
        "とばす",
        "やめる",
        "はい",
        "いいえ",
        "はい、記録する",
        "役に立った",
        "不要",
    ],
)
def test_commands_and_buttons_do_not_change_it(passed_on: str) -> None:
    english = after("What should we do before the first meeting?")
    assert after(passed_on, scene=english).locale_for("Lee") == "en"


@pytest.mark.parametrize("short", ["OK", "PoC", "Got it", "Lee", "Thanks a"])
def test_a_few_latin_letters_do_not_change_it(short: str) -> None:
    japanese = after("費用の話は、いつ頃切り出すものでしょうか", who=SATO)
    assert after(short, scene=japanese, who=SATO).locale_for("佐藤") == "ja"


def test_a_sentence_changes_it() -> None:
    scene = after("費用の話は、いつ頃切り出すものでしょうか", "When do we talk about money?")
    assert scene.locale_for("Lee") == "en"
    assert after("そうですか", scene=scene).locale_for("Lee") == "ja"


def test_a_button_that_was_shown_is_not_somebodys_own_words() -> None:
    button = "How do I open the talk about cost?"
    shown = Reply(to="佐藤", kind="answer", text="…", choices=(button,), in_reply_to=MessageId("m"))
    scene = after("費用の話は、いつ頃切り出すものでしょうか", who=SATO).showing((shown,))
    assert after(button, scene=scene, who=SATO).locale_for("佐藤") == "ja"
    assert after(f"{button} And when?", scene=scene, who=SATO).locale_for("佐藤") == "en"
