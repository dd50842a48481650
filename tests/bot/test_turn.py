"""One message in, replies out."""

from datetime import UTC, datetime

from bot.model import Message, MessageId, Person, Room, RoomId
from bot.scene import REMEMBERED, Scene
from bot.turn import turn
from tests.fakes import EchoCoach

SATO, LEE = Person(name="佐藤", side="sme"), Person(name="Lee", side="startup")
SCENE = Scene(room=Room(id=RoomId("r"), people=(SATO, LEE), stage="meeting"))


def said(who: Person, text: str, *, private: bool = False) -> Message:
    # A channel knows the name; which side it is stands in the room.
    sender = Person(name=who.name)
    return Message(id=MessageId("m1"), sender=sender, at=datetime(2026, 4, 1, tzinfo=UTC), text=text, private=private)


def test_people_who_talk_with_each_other_are_left_alone() -> None:
    coach = EchoCoach()
    assert turn(said(SATO, "図面を送ります"), SCENE, coach) == ((), SCENE)
    assert coach.asked == []


def test_a_question_in_the_room_is_answered_in_the_room() -> None:
    (reply,), _ = turn(said(SATO, "@nakodo 次は何を？"), SCENE, EchoCoach())
    assert (reply.to, reply.kind, reply.in_reply_to) == ("room", "answer", "m1")


def test_a_private_question_is_answered_in_private() -> None:
    (reply,), _ = turn(said(LEE, "what next?", private=True), SCENE, EchoCoach())
    assert reply.to == "Lee"


def test_the_coach_learns_side_stage_nda_and_language() -> None:
    coach = EchoCoach()
    turn(said(LEE, "What should we do next?", private=True), SCENE, coach)
    _, locale, situation, _ = coach.asked[0]
    assert (locale, situation.side, situation.stage, situation.nda) == ("en", "startup", "meeting", "none")


def test_the_thread_goes_on_and_each_person_has_their_own() -> None:
    coach = EchoCoach()
    _, scene = turn(said(SATO, "費用はいつ話す？", private=True), SCENE, coach)
    _, scene = turn(said(SATO, "例は？", private=True), scene, coach)
    turn(said(LEE, "例は？", private=True), scene, coach)
    assert [one.text for one in coach.asked[1][3]] == ["費用はいつ話す？", "echo: 費用はいつ話す？"]
    assert coach.asked[2][3] == ()


def test_a_long_talk_is_remembered_by_its_end() -> None:
    scene, coach = SCENE, EchoCoach()
    for number in range(20):
        _, scene = turn(said(SATO, f"問い{number}", private=True), scene, coach)
    assert len(scene.talk_with("佐藤")) == REMEMBERED
    assert scene.talk_with("佐藤")[-1].text == "echo: 問い19"


def test_a_bare_mention_is_an_occasion_to_ask_back() -> None:
    coach = EchoCoach()
    turn(said(SATO, "@nakodo"), SCENE, coach)
    assert coach.asked[0][0]  # The coach is asked something and can ask back.
