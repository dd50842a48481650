"""One message in, replies out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.model import Answer, Message, MessageId, Person, Room, RoomId
from bot.partnership import NdaRecord, Partnership, Theme
from bot.scene import REMEMBERED, Scene
from bot.statements import NO, YES
from bot.turn import turn
from knowledge.card import Citation
from tests.fakes import EchoCoach, ScriptedEar, house

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
SCENE = Scene(
    room=Room(id=RoomId("r"), people=(SATO, LEE, TANAKA)),
    record=Partnership(stage="meeting", nda=NdaRecord(state="none")),
)
CARD = Citation(card="nda-timing", covers=(), basis="report", refs=())
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def said(who: Person, text: str, *, private: bool = False, at: datetime = NOON) -> Message:
    # A channel knows the name; which side it is stands in the room.
    return Message(id=MessageId("m1"), sender=Person(name=who.name), at=at, text=text, private=private)


def test_people_who_talk_with_each_other_are_left_alone() -> None:
    coach = EchoCoach()
    replies, scene, findings, _ = turn(said(SATO, "図面を送ります"), SCENE, house(coach=coach))
    assert (replies, findings, coach.asked) == ((), (), [])
    assert [one.text for one in scene.heard] == ["図面を送ります"]


def test_a_question_in_the_room_is_answered_in_the_room() -> None:
    (reply,), *_ = turn(said(SATO, "@nakodo 次は何を？"), SCENE, house())
    assert (reply.to, reply.kind, reply.in_reply_to) == ("room", "answer", "m1")


def test_a_private_question_is_answered_in_private() -> None:
    (reply,), *_ = turn(said(LEE, "what next?", private=True), SCENE, house())
    assert reply.to == "Lee"


def test_the_coach_learns_what_the_record_says_and_the_language() -> None:
    coach = EchoCoach()
    record = SCENE.record.model_copy(update={"theme": SCENE.record.theme.model_copy(update={"statement": "バリ"})})
    turn(said(LEE, "What should we do next?", private=True), SCENE.recorded(record), house(coach=coach))
    _, locale, situation, _ = coach.asked[0]
    assert (locale, situation.side, situation.stage, situation.nda) == ("en", "startup", "meeting", "none")
    assert situation.theme == "バリ"


def test_the_thread_goes_on_and_each_person_has_their_own() -> None:
    coach = EchoCoach()
    _, scene, *_ = turn(said(SATO, "費用はいつ話す？", private=True), SCENE, house(coach=coach))
    _, scene, *_ = turn(said(SATO, "例は？", private=True), scene, house(coach=coach))
    turn(said(LEE, "例は？", private=True), scene, house(coach=coach))
    assert [one.text for one in coach.asked[1][3]] == ["費用はいつ話す？", "echo: 費用はいつ話す？"]
    assert coach.asked[2][3] == ()


def test_what_somebody_asked_in_private_does_not_shape_what_they_are_told_in_the_room() -> None:
    coach = EchoCoach()
    _, scene, *_ = turn(said(SATO, "資金繰りが苦しい", private=True), SCENE, house(coach=coach))
    turn(said(SATO, "@nakodo もう少し具体的に"), scene, house(coach=coach))
    assert coach.asked[1][3] == ()


def test_a_long_talk_is_remembered_by_its_end() -> None:
    scene, coach = SCENE, EchoCoach()
    for number in range(20):
        _, scene, *_ = turn(said(SATO, f"問い{number}", private=True), scene, house(coach=coach))
    assert len(scene.talk_with("佐藤")) == REMEMBERED
    assert scene.talk_with("佐藤")[-1].text == "echo: 問い19"


def test_a_bare_mention_is_an_occasion_to_ask_back() -> None:
    coach = EchoCoach()
    turn(said(SATO, "@nakodo"), SCENE, house(coach=coach))
    assert coach.asked[0][0]  # The coach is asked something and can ask back.


def test_a_secret_before_the_nda_is_answered_only_in_private() -> None:
    ear = ScriptedEar(signals={"配合は7:3です": ["pre_nda_disclosure"]})
    replies, scene, findings, _ = turn(said(SATO, "配合は7:3です"), SCENE, house(ear))
    assert [(one.to, one.kind) for one in replies] == [("佐藤", "warning"), ("facilitator", "note")]
    assert [one.signal for one in findings] == ["pre_nda_disclosure"]
    assert all(one.label for one in replies)
    assert len(scene.interventions) == 2


def test_a_plain_statement_is_confirmed_with_a_button_and_never_applied_silently() -> None:
    ear = ScriptedEar(statements={"NDAは昨日締結しました": ["nda_signed"]})
    (asked,), scene, *_ = turn(said(TANAKA, "NDAは昨日締結しました"), SCENE, house(ear))
    assert (asked.to, asked.kind) == ("田中", "question")
    assert scene.record.nda.state == "none"
    late = NOON + timedelta(days=3, minutes=1)
    assert turn(said(TANAKA, YES.ja, private=True, at=late), scene, house(ear)).scene.record == scene.record
    (_,), scene, *_ = turn(said(TANAKA, YES.ja, private=True), scene, house(ear))
    assert (scene.record.nda.state, str(scene.record.nda.signed)) == ("signed", "2026-03-31")


def test_while_a_human_drives_nothing_is_said_and_everything_heard() -> None:
    ear = ScriptedEar(signals={"配合は7:3です": ["pre_nda_disclosure"]})
    (_,), scene, *_ = turn(said(TANAKA, "/takeover"), SCENE, house(ear))
    replies, scene, findings, _ = turn(said(SATO, "配合は7:3です"), scene, house(ear))
    assert replies == ()
    assert findings
    assert turn(said(LEE, "@nakodo what now?"), scene, house(ear)).replies == ()
    (_,), scene, *_ = turn(said(TANAKA, "/handback"), scene, house(ear))
    assert turn(said(LEE, "@nakodo what now?"), scene, house(ear)).replies


def test_a_call_for_a_human_is_passed_on_without_what_was_said_in_private() -> None:
    ear = ScriptedEar(calls={"もう消えてしまいたい": ["distress"]})
    replies, scene, *_ = turn(said(SATO, "もう消えてしまいたい", private=True), SCENE, house(ear))
    assert [(one.to, one.kind) for one in replies] == [("佐藤", "notice"), ("facilitator", "note")]
    assert "消えて" not in replies[1].text
    assert [one.call for one in scene.escalations] == ["distress"]


class Reading(EchoCoach):
    """Answers from a card, or has none."""

    def __init__(self, *cards: Citation) -> None:
        super().__init__()
        self._cards = cards

    def answer(self, question: str, **how: Any) -> Answer:
        return super().answer(question, **how).model_copy(update={"citations": self._cards})


def called(call: str, score: float, *cards: Citation, text: str = "NDAに違反したらどうなりますか") -> list[str]:
    """Return what somebody is told in private in whose question a call is heard."""
    ear = ScriptedEar(calls={text: [call]}, score=score)
    replies, *_ = turn(said(SATO, text, private=True), SCENE, house(ear, Reading(*cards)))
    (note,) = [one.text for one in replies if one.to == "facilitator"]
    assert ("口を出しません" in note) == (len(replies) == 2)
    return [one.text for one in replies if one.to == "佐藤"]


def test_a_question_that_may_be_no_call_is_answered_as_well() -> None:
    told, answer = called("legal_dispute", 0.7, CARD)
    assert told.endswith("まずは、一般的な考え方をお答えします。")
    assert answer == "echo: NDAに違反したらどうなりますか"


@pytest.mark.parametrize(
    ("call", "score", "cards"),
    [("legal_dispute", 0.95, [CARD]), ("distress", 0.7, [CARD]), ("harassment", 0.7, [])],
    ids=["a sure call", "somebody in distress", "nothing is known on it"],
)
def test_what_is_for_a_human_alone_is_not_answered(call: str, score: float, cards: list[Citation]) -> None:
    (told,) = called(call, score, *cards)
    assert told.endswith("ことだけを伝えます。")


@pytest.mark.parametrize(("score", "call"), [(0.65, []), (0.8, ["distress"])])
def test_where_feelings_are_asked_for_a_hint_of_distress_is_no_call(score: float, call: list[str]) -> None:
    felt = "うちの者が一人、泣いていました"
    _, scene, *_ = turn(said(TANAKA, "/coach 間を取り持つ"), SCENE, house())
    assert scene.exercise_of("佐藤") is not None
    heard = house(ScriptedEar(calls={felt: ["distress"]}, score=score))
    assert [one.call for one in turn(said(SATO, felt, private=True), scene, heard).scene.escalations] == call
    assert [one.call for one in turn(said(SATO, felt, private=True), SCENE, heard).scene.escalations] == ["distress"]


@pytest.mark.parametrize("no", [NO.ja, NO.en, "いいえ"])
def test_a_no_leaves_everything_as_it_is_and_does_not_reach_the_coach(no: str) -> None:
    coach = EchoCoach()
    (asked,), scene, *_ = turn(said(SATO, "/forget", private=True), SCENE, house(coach=coach))
    (left,), after, *_ = turn(said(SATO, no, private=True), scene, house(coach=coach))
    assert (left.kind, left.text) == ("notice", "わかりました。そのままにしておきます。")
    assert (after.forgetting, after.confirmations, coach.asked) == (None, {}, [])
    assert asked.kind == "question"


@pytest.mark.parametrize("yes", [YES.ja, YES.en, "はい"])
def test_a_plain_yes_to_forgetting_forgets(yes: str) -> None:
    _, scene, *_ = turn(said(SATO, "/forget", private=True), SCENE, house())
    (told,), scene, *_ = turn(said(SATO, yes, private=True), scene, house())
    assert (told.text, scene.forgetting) == ("忘れました。", "佐藤")


def test_a_question_is_an_answer_where_questions_are_asked_for_and_the_coachs_elsewhere() -> None:
    coach = EchoCoach()
    _, scene, *_ = turn(said(SATO, "/coach first_meeting", private=True), SCENE, house(coach=coach))
    _, scene, *_ = turn(said(SATO, "会う理由とは？", private=True), scene, house(coach=coach))
    assert [one[0] for one in coach.asked] == ["会う理由とは？"]
    for words in ("縁", "困りごと", "図面"):
        _, scene, *_ = turn(said(SATO, words, private=True), scene, house(coach=coach))
    _, scene, *_ = turn(said(SATO, "何が動きますか？", private=True), scene, house(coach=coach))
    assert scene.exercises[0].answers["ask"] == "何が動きますか？"
    assert len(coach.asked) == 1


def test_the_coach_takes_an_nda_past_its_day_for_none() -> None:
    coach = EchoCoach()
    nda = NdaRecord(state="signed", signed=date(2026, 3, 1), expires=date(2026, 3, 31))
    scene = SCENE.recorded(Partnership(stage="meeting", nda=nda))
    turn(said(SATO, "図面を見せていいですか", private=True), scene, house(coach=coach))
    assert coach.asked[0][2].nda == "none"


def test_a_stranger_is_answered_without_the_rooms_record() -> None:
    coach = EchoCoach()
    scene = SCENE.recorded(SCENE.record.model_copy(update={"theme": Theme(statement="バリ")}))
    turn(said(Person(name="見学"), "次は何を？", private=True), scene, house(coach=coach))
    situation = coach.asked[0][2]
    assert (situation.theme, situation.stage, situation.nda) == ("", None, None)


@pytest.mark.parametrize("meanwhile", ["/coach readiness", "費用の話はいつ？"])
def test_a_yes_to_something_else_does_not_forget(meanwhile: str) -> None:
    scene = SCENE
    for words in ("/forget", meanwhile, "はい"):
        _, scene, *_ = turn(said(SATO, words, private=True), scene, house())
        assert scene.forgetting is None
