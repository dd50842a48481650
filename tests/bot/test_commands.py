"""Commands change the scene, and a wrong one gets the nearest right one."""

import pytest

from bot.commands import COMMANDS, obey
from bot.model import Person, Room, RoomId
from bot.scene import Scene

SATO = Person(name="佐藤")
SCENE = Scene(room=Room(id=RoomId("r"), people=(SATO,)))


def test_help_names_every_command_in_both_languages() -> None:
    for locale in ("ja", "en"):
        scene = SCENE.speaking("佐藤", "en" if locale == "en" else "ja")
        text = obey("/help", SATO, scene).text
        assert all(f"/{name}" in text for name in COMMANDS)


def test_the_room_learns_side_stage_and_nda() -> None:
    scene = obey("/side sme", SATO, SCENE).scene
    scene = obey("/stage agreeing", SATO, scene).scene
    scene = obey("/nda signed", SATO, scene).scene
    assert (scene.known(SATO).side, scene.room.stage, scene.room.nda) == ("sme", "agreeing", "signed")


def test_a_chosen_language_stays_until_it_is_given_back() -> None:
    scene = obey("/language en", SATO, SCENE).scene
    assert scene.locale_of("佐藤") == "en"
    assert obey("/language auto", SATO, scene).scene.locale_of("佐藤") is None


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("/halp", "/help"),
        ("/stage agreing", "/stage agreeing"),
        ("/nda", "/nda none|drafting|signed"),
        ("/zzz", "/help"),
    ],
)
def test_a_wrong_command_gets_the_nearest_right_one(wrong: str, hint: str) -> None:
    done = obey(wrong, SATO, SCENE)
    assert hint in done.text
    assert done.scene == SCENE
