"""Whose page it is, whose tasks, who may show it, and what becomes of a run that one side leaves."""

from datetime import UTC, datetime

from bot import minutes
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.partnership import Partnership
from bot.scene import Scene
from bot.turn import turn
from tests.fakes import house

SATO, MORI = Person(name="佐藤", side="sme"), Person(name="森", side="sme")
LEE, TANAKA = Person(name="Lee", side="startup"), Person(name="田中", side="facilitator")
SCENE = Scene(room=Room(id=RoomId("r"), people=(SATO, MORI, LEE, TANAKA)), record=Partnership(stage="meeting"))
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def told(scene: Scene, who: Person, *texts: str, private: bool = True) -> tuple[tuple[Reply, ...], Scene]:
    replies: tuple[Reply, ...] = ()
    for text in texts:
        message = Message(id=MessageId("m"), sender=who, at=NOON, text=text, private=private)
        replies, scene, *_ = turn(message, scene, house())
    return replies, scene


def prepared(scene: Scene, who: Person, reason: str) -> Scene:
    return told(scene, who, "/coach first_meeting", reason, *["とばす"] * 6)[1]


def test_the_tasks_of_ones_own_page_are_ones_own_side_s() -> None:
    scene = prepared(SCENE, SATO, "縁")
    assert {one.side for one in scene.record.actions} == {"sme"}
    for who in (LEE, TANAKA):
        for words in ("/record", "/export", "/digest", "/minutes"):
            (reply,), _ = told(scene, who, words)
            assert "次に話す日" not in reply.text, (who.name, words)
    (mine,), _ = told(scene, MORI, "/record")
    assert "次に話す日" in mine.text
    assert "次に話す日" not in minutes.digest(scene, NOON, "ja")


def test_a_task_of_the_other_sides_own_is_not_ticked_off_by_number() -> None:
    scene = prepared(SCENE, SATO, "縁")
    (reply,), scene = told(scene, LEE, "/action done 1")
    assert "no action 1" in reply.text or "1 番の宿題はありません" in reply.text
    assert not any(one.done for one in scene.record.actions)
    _, scene = told(scene, SATO, "/action done 1")
    assert scene.record.actions[0].done
    assert not any(one.what.startswith("action") for one in scene.record.read_by("startup").history)


def test_tasks_of_a_page_that_moves_the_record_of_both_are_both_sides() -> None:
    _, scene = told(SCENE, SATO, "/coach theme_canvas", "研磨の粉じん", *["とばす"] * 8)
    assert scene.record.theme.statement
    assert [one.side for one in scene.record.actions] == [None]


def test_one_shows_ones_own_page_and_never_a_colleagues() -> None:
    scene = prepared(prepared(SCENE, SATO, "佐藤の理由"), MORI, "森の理由")
    replies, _ = told(scene, SATO, "/share")
    (shown,) = [one.text for one in replies if one.to == "room"]
    assert "佐藤の理由" in shown
    assert "森の理由" not in shown
    (none,), _ = told(prepared(SCENE, MORI, "森の理由"), SATO, "/share")
    assert "まだありません" in none.text


def test_a_page_promised_to_stay_with_ones_own_side_is_not_shown() -> None:
    scene = prepared(SCENE, SATO, "前の紙")
    _, scene = told(scene, SATO, "/coach nda_checklist", "目的", *["とばす"] * 7, "一年")
    assert scene.record.sheets[-1].exercise == "nda_checklist"
    (refused,), after = told(scene, SATO, "/share")
    assert refused.to == "佐藤"
    assert "部屋で" in refused.text
    assert after.record == scene.record


def test_who_has_no_side_in_a_room_of_others_is_asked_for_it_first() -> None:
    kim = Person(name="Kim")
    scene = SCENE.having(room=SCENE.room.model_copy(update={"people": (SATO, kim)}))
    (reply,), scene = told(scene, kim, "/coach first_meeting")
    assert reply.choices == ("/side sme", "/side startup")
    assert scene.exercises == ()


def test_when_one_side_leaves_the_other_hears_kindly_and_no_more() -> None:
    _, scene = told(SCENE, TANAKA, "/coach give_and_get", private=False)
    _, scene = told(scene, LEE, "確かめたいこと")
    replies, scene = told(scene, SATO, "やめる")
    assert [(one.to, one.kind) for one in replies] == [("佐藤", "notice"), ("Lee", "notice")]
    assert "一枚にまとめるのを見送ります" in replies[1].text
    assert not any(word in replies[1].text for word in ("佐藤", "やめ", "中小企業"))
    assert scene.exercises == ()


def test_when_one_side_leaves_after_the_other_has_finished_it_hears_as_well() -> None:
    _, scene = told(SCENE, TANAKA, "/coach give_and_get", private=False)
    while scene.exercise_of("Lee"):
        _, scene = told(scene, LEE, "見せない" if "release" in scene.exercise_of("Lee").at else "とばす")  # type: ignore[union-attr]
    replies, scene = told(scene, SATO, "やめる")
    assert [one.to for one in replies] == ["佐藤", "Lee"]
    assert scene.exercises == ()


def test_an_nda_past_its_day_is_asked_about_as_none() -> None:
    _, scene = told(SCENE, TANAKA, "/nda signed 2026-03-01 2026-03-30")
    replies, _ = told(scene, SATO, "/coach first_meeting", "縁", "困りごと")
    assert "秘密保持契約を結ぶまで話さないもの" in replies[0].text
