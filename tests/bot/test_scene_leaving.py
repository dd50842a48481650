"""Who has left a partnership loses their seat: nothing waits for them, and what they did stays."""

from datetime import UTC, datetime

import pytest

from bot.commands import obey
from bot.desk import waiting
from bot.gate import open_up
from bot.model import Message, MessageId, Person, Reply, Room, RoomId, Said
from bot.partnership import By
from bot.reminders import due
from bot.scene import Confirmation, Draft, Escalation, Exercise, Heard, Held, Mute, Scene

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
SUZUKI, KIM = Person(name="鈴木", side="organizer"), Person(name="Kim", side="startup")
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def room(*people: Person) -> Scene:
    return Scene(room=Room(id=RoomId("r"), people=people), since=NOON)


SCENE = room(SATO, LEE, TANAKA)


def asked(words: str, scene: Scene = SCENE, who: Person = TANAKA) -> tuple[tuple[Reply, ...], Scene]:
    message = Message(id=MessageId("m"), sender=Person(name=who.name), at=NOON, text=words, private=False)
    return obey(words, message, scene)


def told(words: str, scene: Scene = SCENE, who: Person = TANAKA) -> str:
    replies, same = asked(words, scene, who)
    assert same == scene
    return "\n".join(reply.text for reply in replies)


def here(scene: Scene) -> list[str]:
    return [person.name for person in scene.room.people]


def part(who: Person, state: str, name: str = "give_and_get", run: str = "one") -> Exercise:
    return Exercise.model_validate(
        {"name": name, "run": run, "who": who.name, "side": who.side, "state": state, "since": NOON, "room": True}
    )


# Who is meant


@pytest.mark.parametrize(
    "words",
    [
        "/remove 佐藤",
        "/remove @佐藤",
        "/remove @佐藤 ",
        "/外す 佐藤さん",
        "／外す　＠佐藤様。",
        "/REMOVE　佐藤",
    ],
)
def test_who_leads_takes_the_seat_of_somebody_who_has_left(words: str) -> None:
    replies, scene = asked(words)
    assert here(scene) == ["Lee", "田中"]
    assert [reply.to for reply in replies] == ["田中"], "the room and who has left are told nothing"
    said = replies[0].text
    assert "佐藤さんの席を外しました" in said
    assert all(word in said for word in ("お名前のまま残り", "お伝えしていません", "参加コード", "グループからも"))


def test_in_english_it_says_all_of_it_too() -> None:
    replies, scene = asked("/remove lee-san", SCENE.speaking("田中", "en"))
    assert here(scene) == ["佐藤", "田中"]
    said = replies[0].text
    assert all(word in said for word in ("Lee has no seat", "their name", "told them nothing", "Codes", "group"))


@pytest.mark.parametrize("words", ["/remove", "/外す　", "/remove @", "/remove @? "])
def test_without_a_name_it_says_how_and_who_is_here(words: str) -> None:
    said = told(words)
    assert "/remove @" in said
    assert all(person in said for person in ("佐藤さん", "Leeさん", "田中さん"))


def test_an_unknown_name_is_answered_with_who_is_here() -> None:
    said = told("/remove @Leena")
    assert "Leenaさんというお名前の方は" in said
    assert "佐藤さん、Leeさん、田中さん" in said


def test_one_who_is_called_nearly_alike_is_not_taken_for_another() -> None:
    pair = room(Person(name="lee", side="sme"), LEE, TANAKA)
    assert here(asked("/remove Lee", pair)[1]) == ["lee", "田中"]
    assert "LEEさん" in told("/remove LEE", pair)


def test_a_name_with_a_number_or_with_politeness_in_it_is_a_name() -> None:
    people = room(SATO, Person(name="佐藤 2", side="sme"), Person(name="王君", side="startup"), TANAKA)
    assert here(asked("/remove @佐藤 2", people)[1]) == ["佐藤", "王君", "田中"]
    assert here(asked("/remove @王君さん", people)[1]) == ["佐藤", "佐藤 2", "田中"]


def test_asked_for_twice_it_says_that_they_are_not_here_any_more() -> None:
    heard = Heard(id="m1", who="佐藤", side="sme", at=NOON, text="はじめまして")
    _, gone = asked("/remove 佐藤", SCENE.hearing(heard))
    assert "佐藤さんは、もうこの部屋にいらっしゃいません" in told("/remove @佐藤さん", gone)
    assert "not here any more" in told("/remove 佐藤", gone.speaking("田中", "en"))


# Who may


@pytest.mark.parametrize("who", [SATO, LEE, Person(name="通りすがり")])
def test_only_who_leads_takes_a_seat_away(who: Person) -> None:
    assert "だけ" in told("/remove Lee", who=who)


@pytest.mark.parametrize("people", [(SATO, LEE, TANAKA), (SATO, TANAKA), (TANAKA,)])
def test_the_last_one_who_leads_stays_until_another_leads(people: tuple[Person, ...]) -> None:
    said = told("/remove 田中", room(*people))
    assert "/side facilitator @" in said
    assert "/invite facilitator" in said


def test_one_who_leads_may_go_once_another_leads() -> None:
    led = room(SATO, LEE, TANAKA, SUZUKI)
    replies, scene = asked("/remove 田中", led)
    assert here(scene) == ["佐藤", "Lee", "鈴木"]
    assert "あなたの席を外しました" in replies[0].text
    assert "お伝えしていません" not in replies[0].text
    assert here(asked("/remove 田中", led, SUZUKI)[1]) == ["佐藤", "Lee", "鈴木"]


def test_where_nobody_leads_a_side_lets_its_own_people_go_and_nobody_else() -> None:
    pair = room(SATO, LEE, KIM)
    assert here(asked("/remove Kim", pair, LEE)[1]) == ["佐藤", "Lee"]
    assert here(asked("/remove Lee", pair, LEE)[1]) == ["佐藤", "Kim"]
    assert "ご自分の側の方だけ" in told("/remove 佐藤", pair, LEE)


def test_a_room_is_never_left_without_anybody() -> None:
    assert "いなくなってしまいます" in told("/remove Lee", room(LEE), LEE)


# What waits for them


def note(to: str, text: str = "内緒") -> Reply:
    return Reply(to=to, kind="question", text=text, in_reply_to=MessageId("m1"))


def test_what_waits_for_who_has_left_is_closed_and_what_waits_for_others_is_not() -> None:
    busy = SCENE.having(
        held=(Held(reply=note("佐藤"), at=NOON), Held(reply=note("Lee"), at=NOON)),
        drafts=(
            Draft(id="d1", reply=note("佐藤"), at=NOON),
            Draft(id="d2", reply=note("room"), at=NOON),
            Draft(id="d3", reply=note("佐藤"), at=NOON, state="approved", by="田中"),
        ),
        confirmations={who: Confirmation(command="/decide 五ミリ", at=NOON) for who in ("佐藤", "Lee")},
        buttons={"佐藤": ("はい",), "room": ("はい",)},
    )
    _, scene = asked("/remove 佐藤", busy)
    assert [one.id for one in waiting(scene)] == ["d2"]
    assert [(one.id, one.state, one.by) for one in scene.drafts if one.reply.to == "佐藤"] == [
        ("d3", "approved", "田中"),
        ("d1", "refused", "田中"),
    ]
    assert [one.to for one in open_up(scene, NOON).replies] == ["Lee"]
    assert (set(scene.confirmations), set(scene.buttons)) == ({"Lee"}, {"room"})
    assert "もう決めています" in told("/approve d1", scene)


def test_what_they_said_and_did_stays_under_their_name() -> None:
    said = SCENE.hearing(Heard(id="m1", who="佐藤", side="sme", at=NOON, text="五ミリでお願いします"))
    said = said.remembering("佐藤", (Said(role="person", text="相談"),)).speaking("佐藤", "en")
    said = said.having(
        escalations=(Escalation(number=1, call="distress", who="佐藤", at=NOON, message="m1", evidence=""),),
        mutes=(Mute(who="佐藤"),),
    )
    _, said = asked("/decide 五ミリでいく", said, SATO)
    _, scene = asked("/remove 佐藤", said)
    kept = ("record", "heard", "talks", "locales", "escalations", "mutes", "findings", "interventions")
    assert [getattr(scene, one) for one in kept] == [getattr(said, one) for one in kept]
    assert scene.record.decisions[0].by.who == "佐藤"


@pytest.mark.parametrize("state", ["open", "paused", "waiting"])
def test_who_waits_for_their_part_of_an_exercise_waits_no_longer_and_is_not_told_who_left(state: str) -> None:
    solo = part(LEE, "open", "readiness", "other")
    shared = SCENE.having(exercises=(part(SATO, state), part(LEE, "waiting"), solo, part(SATO, "done", run="old")))
    replies, scene = asked("/remove 佐藤", shared)
    assert [one.run for one in scene.exercises] == ["other", "old"]
    (called_off,) = (reply for reply in replies if reply.to == "Lee")
    assert "見送ります" in called_off.text
    assert "佐藤" not in called_off.text
    assert {reply.to for reply in replies} == {"田中", "Lee"}


def test_a_reminder_of_what_they_took_on_goes_to_who_leads_who_is_told_what_is_left() -> None:
    _, scene = asked("/action 試料を送る @佐藤 2026-04-02", who=SATO)
    _, scene = asked("/action 図面を見る @Lee 2026-04-20", scene)
    replies, scene = asked("/remove 佐藤", scene)
    assert "宿題が残っています（1）" in replies[0].text
    reminders, _ = due(scene, datetime(2026, 4, 2, 3, tzinfo=UTC), lambda _: ())
    assert "佐藤" not in {one.to for one in reminders}
    assert any("試料を送る" in one.text for one in reminders if one.to == "facilitator")


def test_a_sides_own_task_is_not_counted_up_to_who_leads() -> None:
    record = SCENE.record.add_action(By.of(SATO, NOON), "社内で相談する", owner="佐藤", side="sme")
    replies, _ = asked("/remove 佐藤", SCENE.recorded(record))
    assert "宿題" not in replies[0].text


def test_when_who_had_taken_over_leaves_nakodo_is_back_and_says_so() -> None:
    led = room(SATO, LEE, TANAKA, SUZUKI).having(takeover="田中")
    replies, scene = asked("/remove 田中", led, SUZUKI)
    assert scene.takeover is None
    assert "また私がお相手します" in replies[0].text
    replies, scene = asked("/remove 佐藤", led, SUZUKI)
    assert scene.takeover == "田中"
    assert "また私が" not in replies[0].text


def test_who_has_left_reads_and_changes_nothing_and_may_be_let_in_again() -> None:
    _, scene = asked("/decide 五ミリでいく", who=SATO)
    _, scene = asked("/remove 佐藤", scene)
    for words in ("/record", "/export", "/digest", "/decide やめる", "/side sme", "/share"):
        replies, same = asked(words, scene, SATO)
        assert "五ミリ" not in "".join(reply.text for reply in replies), words
        assert same == scene, words
    _, scene = asked("/side sme @佐藤", scene)
    assert scene.room.person("佐藤") == SATO
