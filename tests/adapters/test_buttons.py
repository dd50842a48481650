"""What a button stands for, and for whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.post import Account, Parcel, Place
from bot.model import MessageId, Reply, RoomId
from bot.scene import Draft
from knowledge.card import Citation
from tests.adapters.memory import AT, GROUP, LEE, ROOM, SATO, TANAKA, Hall, account, direct, open_hall

PASSER = account(9, "鈴木")
OTHER = Place(key="slack:T1:C2")
CITATION = Citation(card="nda-first", covers=("NDA-1",), basis="report", refs=("§5(3)",))


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


def drafted(hall: Hall, room: str = ROOM, words: str = "先にNDAを。") -> None:
    """Let a draft for Lee or whoever is there wait at the desk of a room."""
    reply = Reply(to="room", kind="answer", text=words, in_reply_to=MessageId("m1"))
    hall.store.keep(hall.scene(room).drafting(Draft(id="d1", reply=reply, at=AT)))


def posts(
    hall: Hall, *choices: str, to: Account | None = None, room: str = ROOM, kind: str = "answer", sent: bool = True
) -> Parcel:
    """Return something that was posted with buttons: to somebody alone, or in the group."""
    count = len(hall.rows("SELECT id FROM outbox"))
    reply = Reply(
        to=to.name if to else "room", kind=kind, text="どうしますか。", choices=choices, citations=(CITATION,),
        in_reply_to=MessageId("m1"),
    )  # type: ignore[arg-type]  # fmt: skip
    parcel = Parcel(
        id=f"p{count}",
        tenant="default",
        channel="slack",
        place=None if to else Place(key=room),
        account=to,
        reply=reply,
    )
    lane = hall.reception.lane_of(hall.happens.said(TANAKA, "", Place(key=room)))
    hall.mail.send_also(lane, [parcel], room)
    if sent:
        hall.mail.ended("default", parcel.id, "sent", receipt=f"receipt-{parcel.id}")
    return parcel


def press(hall: Hall, who: Account, button: str, place: Place | None = None) -> list[Parcel]:
    return hall.hears(hall.happens.event(who, place or direct(who), kind="pressed", button=button, message="M0"))


def said(parcels: list[Parcel]) -> list[str]:
    return [parcel.reply.text for parcel in parcels]


def draft_of(hall: Hall, room: str = ROOM) -> str:
    [draft] = hall.scene(room).drafts
    return draft.state


# Whose it is


def test_a_button_says_what_it_offered(hall: Hall) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", "/refuse d1 ", to=TANAKA, kind="draft")
    told, answer = press(hall, TANAKA, parcel.button(0))
    assert "d1 を 部屋 へ出しました" in told.reply.text
    assert (answer.place, answer.reply.text) == (GROUP, "先にNDAを。")
    assert draft_of(hall) == "approved"


def test_a_button_of_the_group_is_for_everybody_there(hall: Hall) -> None:
    parcel = posts(hall, "費用はいつ話しますか")
    [answer] = press(hall, LEE, parcel.button(0), GROUP)
    assert (answer.place, answer.reply.text) == (GROUP, "echo: 費用はいつ話しますか")


@pytest.mark.parametrize("who", [SATO, LEE, PASSER, account(66, "田中")], ids=["sme", "startup", "stranger", "same"])
def test_a_button_of_a_private_word_is_its_readers_alone(hall: Hall, who: Account) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", to=TANAKA, kind="draft")
    assert press(hall, who, parcel.button(0)) == []
    assert press(hall, who, parcel.button(0), GROUP) == []
    assert draft_of(hall) == "waiting"


def test_a_button_may_be_pressed_from_the_other_account_of_its_reader(hall: Hall) -> None:
    drafted(hall)
    phone = account(42, "Tanaka", channel="telegram")
    one = hall.directory.known("default", TANAKA.key)
    other = hall.directory.meet("default", phone)
    assert one and hall.directory.merge("default", one.person, other.person)
    parcel = posts(hall, "/approve d1", to=TANAKA, kind="draft")
    press(hall, phone, parcel.button(0))
    assert draft_of(hall) == "approved"


def test_a_passer_by_may_press_a_button_of_the_group_and_may_not_do_more_than_say_it(hall: Hall) -> None:
    parcel = posts(hall, "/nda signed")
    [no] = press(hall, PASSER, parcel.button(0), GROUP)
    assert "この部屋の方だけ" in no.reply.text
    assert hall.scene().record.nda.state == "none"


# What is no button


@pytest.mark.parametrize("choice", ["2", "99", "-1", "²", "", "x", "0:0", "1.0", " 0", "UP"])
def test_a_choice_that_was_not_offered_stands_for_nothing(hall: Hall, choice: str) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", "/drafts", to=TANAKA)
    assert press(hall, TANAKA, f"{parcel.id}:{choice}") == []
    assert draft_of(hall) == "waiting"
    assert hall.states()[-1] == "handled"


@pytest.mark.parametrize("button", ["", ":", "p404:0", "p404:up", "0", "'; DROP TABLE outbox; --:0"])
def test_a_button_that_nobody_made_stands_for_nothing(hall: Hall, button: str) -> None:
    assert press(hall, TANAKA, button) == []
    assert hall.rows("SELECT count(*) FROM feedback") == [(0,)]


def test_a_button_of_another_programme_stands_for_nothing(hall: Hall) -> None:
    parcel = posts(hall, "/approve d1").model_copy(update={"tenant": "T2", "id": "foreign"})
    hall.mail.send_also(
        hall.reception.lane_of(hall.happens.private(TANAKA, ""))._replace(tenant="T2"), [parcel], ROOM
    )
    assert press(hall, TANAKA, "foreign:0") == []
    assert press(hall, TANAKA, "foreign:up") == []


def test_a_button_of_a_group_stands_for_nothing_where_it_was_not_posted(hall: Hall) -> None:
    parcel = posts(hall, "費用はいつ話しますか")
    assert press(hall, PASSER, parcel.button(0), OTHER) == []
    assert press(hall, PASSER, f"{parcel.id}:up", direct(PASSER)) == []
    assert hall.rows("SELECT count(*) FROM feedback") == [(0,)]


# When


def test_a_button_pressed_twice_is_answered_and_done_once(hall: Hall) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", to=TANAKA, kind="draft")
    assert len(press(hall, TANAKA, parcel.button(0))) == 2
    [told] = press(hall, TANAKA, parcel.button(0))
    assert "もう決めています" in told.reply.text


def test_a_button_works_though_the_words_of_its_message_are_wiped(hall: Hall) -> None:
    parcel = posts(hall, "費用はいつ話しますか")
    assert "どうしますか" not in str(hall.rows("SELECT parcel FROM outbox"))
    assert said(press(hall, SATO, parcel.button(0), GROUP)) == ["echo: 費用はいつ話しますか"]


def test_a_button_works_before_it_is_known_that_its_message_arrived(hall: Hall) -> None:
    parcel = posts(hall, "費用はいつ話しますか", sent=False)
    assert said(press(hall, SATO, parcel.button(0), GROUP)) == ["echo: 費用はいつ話しますか"]


def test_a_button_takes_nothing_from_what_is_written_right_after_it(hall: Hall) -> None:
    parcel = posts(hall, "/decide 六月に会う", to=SATO)
    hall.hears_at_once(
        hall.happens.event(SATO, direct(SATO), kind="pressed", button=parcel.button(0)),
        hall.happens.private(SATO, "それと、費用は?"),
    )
    assert [one.text for one in hall.scene().record.decisions] == ["六月に会う"]


def test_a_button_belongs_to_the_partnership_of_which_its_message_spoke(hall: Hall) -> None:
    form = {"facilitator": (TANAKA.key,)}
    hall.hears(hall.happens.event(TANAKA, OTHER, kind="arranged", form=form))
    hall.settles_all()
    for room in (ROOM, OTHER.key):
        drafted(hall, room)
    parcel = posts(hall, "/approve d1", to=TANAKA, kind="draft")
    hall.directory.speaks_of("default", TANAKA.key, RoomId(OTHER.key))
    press(hall, TANAKA, parcel.button(0))
    assert {room: draft_of(hall, room) for room in (ROOM, OTHER.key)} == {ROOM: "approved", OTHER.key: "waiting"}


# Feedback


@pytest.mark.parametrize(("choice", "useful"), [("up", 1), ("down", 0)])
def test_what_somebody_thinks_of_an_answer_is_kept_with_its_sources(hall: Hall, choice: str, useful: int) -> None:
    parcel = posts(hall)
    [thanks] = press(hall, LEE, f"{parcel.id}:{choice}", GROUP)
    assert "次に生かします" in thanks.reply.text
    kept = hall.rows("SELECT parcel, account, room, kind, cards, useful FROM feedback")
    assert kept == [(parcel.id, LEE.key, ROOM, "answer", '["nda-first"]', useful)]


def test_who_thinks_again_is_kept_as_they_think_now_and_others_beside_them(hall: Hall) -> None:
    parcel = posts(hall)
    for who, choice in ((LEE, "up"), (SATO, "up"), (LEE, "down")):
        press(hall, who, f"{parcel.id}:{choice}", GROUP)
    kept = hall.rows("SELECT account, useful FROM feedback ORDER BY account")
    assert kept == [(SATO.key, 1), (LEE.key, 0)]


def test_feedback_on_a_private_word_is_its_readers_alone(hall: Hall) -> None:
    parcel = posts(hall, to=SATO)
    assert press(hall, LEE, f"{parcel.id}:down") == []
    assert hall.rows("SELECT count(*) FROM feedback") == [(0,)]


# Choices that need words


def test_a_choice_that_needs_words_takes_them_from_the_next_message(hall: Hall) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", "/edit d1 ", to=TANAKA, kind="draft")
    [asked] = press(hall, TANAKA, parcel.button(1))
    assert "「/edit d1」に続く言葉" in asked.reply.text
    _, answer = hall.hears(hall.happens.private(TANAKA, "秘密保持を先に。"))
    assert answer.reply.text == "秘密保持を先に。"
    assert draft_of(hall) == "edited"
    assert said(hall.hears(hall.happens.private(TANAKA, "NDAは?"))) == ["echo: NDAは?"]


def test_words_said_elsewhere_do_not_finish_what_was_begun_in_private(hall: Hall) -> None:
    drafted(hall)
    parcel = posts(hall, "/refuse d1 ", to=TANAKA, kind="draft")
    press(hall, TANAKA, parcel.button(0))
    hall.hears(hall.happens.said(TANAKA, "皆さん、おはようございます。"))
    assert draft_of(hall) == "waiting"
    assert [one.text for one in hall.scene().heard] == ["皆さん、おはようございます。"]


@pytest.mark.parametrize("words", ["/drafts", "/start", "/approve d1"])
def test_who_gives_another_command_does_not_finish_the_one_begun(hall: Hall, words: str) -> None:
    drafted(hall)
    parcel = posts(hall, "/edit d1 ", to=TANAKA, kind="draft")
    press(hall, TANAKA, parcel.button(0))
    hall.hears(hall.happens.private(TANAKA, words))
    assert draft_of(hall) in ("waiting", "approved")


def test_another_button_takes_the_place_of_a_command_that_was_begun(hall: Hall) -> None:
    drafted(hall)
    parcel = posts(hall, "/approve d1", "/edit d1 ", to=TANAKA, kind="draft")
    press(hall, TANAKA, parcel.button(1))
    press(hall, TANAKA, parcel.button(0))
    assert draft_of(hall) == "approved"
    [draft] = hall.scene().drafts
    assert draft.reply.text == "先にNDAを。"


@pytest.mark.parametrize("who", [SATO, account(66, "田中")], ids=["sme", "same name"])
def test_nobody_else_finishes_a_command_that_was_begun(hall: Hall, who: Account) -> None:
    drafted(hall)
    parcel = posts(hall, "/edit d1 ", to=TANAKA, kind="draft")
    press(hall, TANAKA, parcel.button(0))
    hall.hears(hall.happens.private(who, "勝手な言葉"))
    assert draft_of(hall) == "waiting"


# Several partnerships, and those who belong to none


def second_room(hall: Hall) -> RoomId:
    """Let 佐藤 have another partnership, with Mia, led by 田中 as well."""
    partner = account(5, "Mia")
    hall.directory.meet("default", partner)
    form = {"sme": (SATO.key,), "startup": (partner.key,), "facilitator": (TANAKA.key,), "sme_name": ("栃ノ木精密",)}
    hall.hears(hall.happens.event(TANAKA, OTHER, kind="arranged", form={**form, "startup_name": ("ミア",)}))
    hall.settles_all()
    return RoomId(OTHER.key)


@pytest.mark.parametrize("shown", [ROOM, RoomId(OTHER.key)])
def test_words_that_finish_a_button_go_where_the_button_stood(hall: Hall, shown: RoomId) -> None:
    second_room(hall)
    for room in (ROOM, RoomId(OTHER.key)):
        drafted(hall, room)
        hall.hears(hall.happens.private(TANAKA, "/room 1" if shown != ROOM else "/room 2"))
    parcel = posts(hall, "/edit d1 ", to=TANAKA, room=shown, kind="draft")
    press(hall, TANAKA, parcel.button(0))
    hall.hears(hall.happens.private(TANAKA, "秘密保持を先に。"))
    states = {room: draft_of(hall, room) for room in (ROOM, RoomId(OTHER.key))}
    assert states == {room: "edited" if room == shown else "waiting" for room in states}


def test_a_button_that_settles_something_leaves_the_talk_where_it_was(hall: Hall) -> None:
    other = second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 1"), hall.happens.said(SATO, "/action 試料を送る", OTHER))
    parcel = posts(hall, "/action 済 1", to=SATO, room=other, kind="reminder")
    [done] = press(hall, SATO, parcel.button(0))
    assert done.reply.text == "【栃ノ木精密 × ミア】\n1 番を済みにしました。"
    hall.hears(hall.happens.private(SATO, "/decide 六月に会う"))
    assert [len(hall.scene(room).record.decisions) for room in (ROOM, other)] == [1, 0]


def test_a_question_behind_a_button_takes_the_talk_along_and_says_so(hall: Hall) -> None:
    other = second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 1"))
    parcel = posts(hall, "費用はいつ話しますか", to=SATO, room=other)
    told = said(press(hall, SATO, parcel.button(0)))
    assert told == ["echo: 費用はいつ話しますか", "ここからは「栃ノ木精密 × ミア」のお話としてうかがいます。"]
    assert said(hall.hears(hall.happens.private(SATO, "NDAは?"))) == ["echo: NDAは?"]
    assert len(hall.scene(other).talk_with("佐藤")) == 4


def test_the_buttons_of_the_door_do_what_they_say(hall: Hall) -> None:
    other = second_room(hall)
    for who, words, number, told in (
        (SATO, "/room", 1, "「栃ノ木精密 × ミア」のお話"),
        (TANAKA, "/invite", 1, "の参加コードです"),
    ):
        [asked] = hall.hears(hall.happens.private(who, words))
        hall.mail.ended("default", asked.id, "sent", receipt="R1")
        [parcel] = press(hall, who, asked.button(number))
        assert told in parcel.reply.text
    assert hall.reception.lane_of(hall.happens.private(SATO, "NDAは?")).name == other


def test_a_passer_by_who_wants_to_be_forgotten_is_forgotten_and_no_member(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "相手に費用を言い出せません"), hall.happens.said(PASSER, "こんにちは"))
    [sure] = hall.hears(hall.happens.said(PASSER, "/forget"))
    hall.mail.ended("default", sure.id, "sent", receipt="R1")
    assert said(press(hall, PASSER, sure.button(0))) == ["忘れました。"]
    assert hall.scene().talk_with("佐藤")
    assert [one.text for one in hall.scene().heard] == [""]
