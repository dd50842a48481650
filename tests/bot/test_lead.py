"""What who leads says of words that nobody asked for and of calls for help; and who needs the human first."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.attention import CALLED, DRAFTS, LONG, OVER, OVERDUE, REST, Attention, attention, brief, is_open, matters
from bot.commands import obey
from bot.intervene import threshold
from bot.model import Finding, Label, Message, MessageId, Person, Reply, Room, RoomId
from bot.partnership import By
from bot.scene import Draft, Escalation, Heard, Intervention, Scene

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
TODAY = date(2026, 4, 1)
BY = By.of(TANAKA, NOON)


def said(number: int, how: str = "note") -> Intervention:
    label = Label.model_validate({"why": "w", "how": how, "whom": "facilitator"})
    return Intervention(number=number, signal="jargon", label=label, at=NOON, about="佐藤")


def call(number: int, who: str = "Lee") -> Escalation:
    return Escalation(number=number, call="distress", who=who, at=NOON, message=f"m{number}", evidence="もう無理")


ROOM = Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), names={"sme": "栃ノ木", "startup": "ルミナ"})
SCENE = Scene(room=ROOM, since=NOON)
WORDED = SCENE.having(interventions=(said(1), said(2)))


def order(words: str, scene: Scene, who: Person = TANAKA) -> tuple[str, Scene]:
    message = Message(id=MessageId("m"), sender=Person(name=who.name), at=NOON, text=words, private=True)
    replies, scene = obey(words, message, scene)
    return "\n".join(reply.text for reply in replies), scene


# What helped


@pytest.mark.parametrize(
    ("words", "useful"), [("/useful 2", True), ("/役に立った 2", True), ("/useless 2", False), ("/不要 ２", False)]
)
def test_who_leads_says_whether_a_word_helped(words: str, useful: bool) -> None:
    _, scene = order(words, WORDED)
    assert [one.useful for one in scene.interventions] == [None, useful]


def test_who_leads_may_think_again() -> None:
    _, scene = order("/useful 2", order("/useless 2", WORDED)[1])
    assert scene.interventions[1].useful is True


def test_after_two_that_did_not_help_it_must_be_surer() -> None:
    _, scene = order("/useless 1", order("/useless 2", WORDED)[1])
    assert threshold("jargon", scene) > threshold("jargon", WORDED)


@pytest.mark.parametrize("words", ["/useful 9", "/useful 二番", "/useless 99999999999999999999"])
def test_a_number_that_nothing_has_changes_nothing(words: str) -> None:
    text, scene = order(words, WORDED)
    assert "その番号の声かけはありません" in text
    assert scene == WORDED


@pytest.mark.parametrize("words", ["/useful 1", "/useless 1", "/cared 1"])
@pytest.mark.parametrize("who", [SATO, LEE, Person(name="通行人")])
def test_only_who_leads_judges_and_cares(words: str, who: Person) -> None:
    scene = WORDED.having(escalations=(call(1),))
    assert order(words, scene, who)[1] == scene


# Calls for help


@pytest.mark.parametrize("words", ["/cared 1", "/cared", "/対応済み 1"])
def test_a_call_is_taken_care_of_by_its_number_or_as_the_only_one(words: str) -> None:
    text, scene = order(words, SCENE.having(escalations=(call(1),)))
    assert "Leeさんの件（1）" in text
    assert scene.escalations[0].cared == "田中"


def test_of_several_calls_one_has_to_be_named() -> None:
    scene = SCENE.having(escalations=(call(1), call(3, "佐藤")))
    text, after = order("/cared", scene)
    assert "1, 3" in text
    assert after == scene
    assert [one.cared for one in order("/cared 3", scene)[1].escalations] == ["", "田中"]


def test_the_second_hears_who_took_care() -> None:
    _, scene = order("/cared 1", SCENE.having(escalations=(call(1),)))
    assert order("/cared 1", scene)[0] == "1 は田中さんがもう対応しています。"
    assert order("/cared", scene)[0] == "いま、人の助けを待っていることはありません。"
    english = scene.speaking("田中", "en")
    assert order("/cared 1", english)[0] == "田中 has taken care of number 1 already."


# Who needs the human first


def place(scene: Scene, now: datetime = NOON) -> Attention:
    """Return a scene's place, which its brief shares."""
    assert attention(scene, now) == attention(brief(scene), now)
    assert brief(brief(scene)) == brief(scene)
    return attention(scene, now)


def heard(number: int, who: Person, days: float, *, asks: bool = False) -> Heard:
    at = NOON - timedelta(days=days)
    return Heard(id=f"m{number}", who=who.name, side=who.side, at=at, text="どうですか", asks=asks)


def draft(state: str = "waiting") -> Draft:
    reply = Reply(to="room", kind="answer", text="はい", in_reply_to=MessageId("m"))
    return Draft.model_validate({"id": "d1", "reply": reply, "at": NOON - timedelta(hours=3), "state": state})


def test_a_call_comes_before_a_draft_and_a_draft_before_what_is_late() -> None:
    late = SCENE.recorded(SCENE.record.add_action(BY, "試料を送る", due=date(2026, 3, 30)))
    assert place(late).rank == OVERDUE
    assert place(late.having(drafts=(draft(),))).rank == DRAFTS
    assert place(late.having(drafts=(draft("approved"),))).rank == OVERDUE
    assert place(late.having(drafts=(draft(),), escalations=(call(1),))).rank == CALLED
    cared = call(1).model_copy(update={"cared": "田中"})
    assert place(late.having(escalations=(cared,))).rank == OVERDUE


@pytest.mark.parametrize(
    ("ends", "ja", "en"),
    [
        (date(2026, 4, 1), "実験1の判断の日が今日です", "go or stop on experiment 1 is due today"),
        (date(2026, 3, 31), "実験1の判断の日を1日過ぎています", "go or stop on experiment 1 is 1 day overdue"),
    ],
)
def test_the_day_to_decide_needs_the_human_from_that_day_on(ends: date, ja: str, en: str) -> None:
    record = SCENE.record.plan_experiment(BY, "q", cap="c", ends=ends, success="s", stop="t", decider="佐藤")
    scene = SCENE.recorded(record.start_experiment(BY, 1, date(2026, 3, 1)))
    assert place(scene).rank == OVERDUE
    assert (place(scene).why.ja, place(scene).why.en) == (ja, en)


def test_an_nda_that_has_run_out_is_overdue() -> None:
    scene = SCENE.recorded(SCENE.record.sign_nda(BY, date(2025, 3, 1), date(2026, 3, 28)))
    assert place(scene).why.ja == "NDAの期限を4日過ぎています"


def test_one_sides_own_task_is_no_reason_that_others_read() -> None:
    record = SCENE.record.add_action(BY, "社内の原価をまとめる", due=date(2026, 3, 1), side="sme")
    assert place(SCENE.recorded(record)).rank == REST
    assert "原価" not in brief(SCENE.recorded(record)).model_dump_json()


def test_a_long_wait_says_who_waits_and_the_longest_comes_first() -> None:
    six = SCENE.having(heard=(heard(1, LEE, 9), heard(2, SATO, 6, asks=True), heard(3, SATO, 1)))
    assert place(six).rank == LONG
    assert place(six).why.ja == "栃ノ木が、6日前からお返事を待っておられるようです"
    eight = SCENE.having(heard=(heard(2, SATO, 8, asks=True),))
    assert place(eight).since < place(six).since
    assert place(SCENE.having(heard=(heard(1, LEE, 3), heard(2, SATO, 2, asks=True)))).why.ja == "ルミナさんの番です"


def test_silence_on_both_sides_is_a_long_wait_too() -> None:
    scene = SCENE.having(heard=(heard(1, LEE, 20), heard(2, SATO, 12)))
    assert place(scene) == Attention(LONG, NOON - timedelta(days=12), place(scene).why)


def test_one_that_is_over_comes_last() -> None:
    assert place(SCENE.recorded(SCENE.record.move_to("stopped", BY))).rank == OVER
    assert place(SCENE).rank == REST


def test_what_was_noticed_stands_with_what_was_done_until_somebody_judges_it() -> None:
    finding = Finding(signal="jargon", message=MessageId("m"), who="佐藤", at=NOON, score=0.9, evidence="PoC")
    scene = WORDED.having(findings=(finding, finding.model_copy(update={"who": "Lee"})))
    told, seen = sorted(matters(scene), key=lambda one: -len(one.done))
    assert (told.about, [one.number for one in told.done], seen.done) == ("佐藤", [1, 2], ())
    assert is_open(told, NOON)
    assert not is_open(told, NOON + timedelta(days=15))
    assert not is_open(seen, NOON)
    [judged, _] = sorted(matters(order("/useless 2", scene)[1]), key=lambda one: -len(one.done))
    assert (judged.useful, is_open(judged, NOON)) == (False, False)
