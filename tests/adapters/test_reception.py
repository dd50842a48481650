"""Who speaks where, what belongs together, what is not served, and what is taken back."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.breath import BURST, SETTLED
from adapters.courtesy import AWAY
from adapters.files import Read
from adapters.post import Event, File, Parcel, Place
from adapters.reception import Reception
from adapters.services.store import Lane, StaleSceneError
from adapters.services.store.traces import Traces
from bot.model import Answer, Message, MessageId, Person, Reply, RoomId, Said, Text, Trace
from bot.partnership import By
from bot.scene import Draft
from bot.settings import Settings
from bot.turn import House
from tests.adapters.memory import AT, GROUP, LEE, ROOM, SATO, TANAKA, Hall, account, direct, open_hall
from tests.fakes import EchoCoach, ScriptedEar, house, no_sources

PASSER = account(9, "鈴木")
OTHER = Place(key="slack:T1:C2")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


def texts(parcels: list[Parcel]) -> list[str]:
    return [parcel.reply.text for parcel in parcels]


def coach(hall: Hall) -> EchoCoach:
    coach = hall.houses[-1].coach
    assert isinstance(coach, EchoCoach)
    return coach


def asked(hall: Hall) -> list[str]:
    return [words for words, *_ in coach(hall).asked]


def heard(hall: Hall, room: str = ROOM) -> list[tuple[str, str]]:
    return [(one.who, one.text) for one in hall.scene(room).heard]


def second_room(hall: Hall) -> RoomId:
    """Let 佐藤 have another partnership, with somebody else, led by 田中 as well."""
    partner = account(5, "Mia")
    hall.directory.meet("default", partner)
    form = {"sme": (SATO.key,), "startup": (partner.key,), "facilitator": (TANAKA.key,), "sme_name": ("栃ノ木精密",)}
    hall.hears(hall.happens.event(TANAKA, OTHER, kind="arranged", form={**form, "startup_name": ("ミア",)}))
    hall.settles_all()
    return RoomId(OTHER.key)


# Who speaks, and where


def test_what_people_say_to_each_other_is_heard_and_not_answered(hall: Hall) -> None:
    assert hall.hears(hall.happens.said(SATO, "来週、工場へどうぞ。"), hall.happens.said(LEE, "伺います。")) == []
    assert heard(hall) == [("佐藤", "来週、工場へどうぞ。"), ("Lee", "伺います。")]
    assert [one.side for one in hall.scene().heard] == ["sme", "startup"]


def test_who_calls_it_in_the_group_is_answered_there(hall: Hall) -> None:
    place = GROUP.model_copy(update={"thread": "T5"})
    [parcel] = hall.hears(hall.happens.said(SATO, "@nakodo NDAは?", place, message="M77"))
    assert (parcel.place, parcel.account, parcel.answers) == (place, None, "M77")
    assert (parcel.reply.to, parcel.reply.text) == ("room", "echo: NDAは?")


def test_who_answers_it_in_its_thread_need_not_call_it(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.said(SATO, "もう少し詳しく", called=True))
    assert parcel.reply.text == "echo: もう少し詳しく"
    assert parcel.place == GROUP


def test_a_word_in_private_is_answered_in_private_and_heard_by_nobody(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.private(SATO, "相手に費用を言い出せません"))
    assert (parcel.place, parcel.aside, parcel.account and parcel.account.key) == (None, None, SATO.key)
    assert heard(hall) == []
    assert [str(one[2].side) for one in coach(hall).asked] == ["sme"]


def test_a_private_word_caused_in_the_group_goes_to_its_reader_alone(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.said(TANAKA, "/drafts"))
    assert (parcel.place, parcel.account and parcel.account.key, parcel.aside) == (None, TANAKA.key, GROUP)


def test_only_who_spoke_is_whispered_to_in_the_group(tmp_path: Path) -> None:
    secret = "公差は±0.01です"
    hall = open_hall(tmp_path, ear=ScriptedEar(signals={secret: ["pre_nda_disclosure"]}))
    hall.sets_up()
    parcels = {parcel.reply.to: parcel for parcel in hall.hears(hall.happens.said(SATO, secret))}
    assert {to: parcel.aside for to, parcel in parcels.items()} == {"佐藤": GROUP, "facilitator": None}
    assert parcels["facilitator"].account == TANAKA.model_copy(update={"locale": None})
    hall.store.close()


def test_one_who_belongs_to_no_partnership_is_coached_all_the_same(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.private(PASSER, "スタートアップとどう話せばよいですか"))
    assert parcel.reply.text.startswith("echo: ")
    assert parcel.account and parcel.account.key == PASSER.key
    [(_, _, situation, _)] = coach(hall).asked
    assert (situation.side, situation.theme, situation.tried) == (None, "", ())


def test_a_passer_by_learns_nothing_of_the_record(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/nda signed"))
    [parcel] = hall.hears(hall.happens.said(PASSER, "/record"))
    assert "この部屋の方だけ" in parcel.reply.text
    hall.hears(hall.happens.said(PASSER, "@nakodo どこまで進みましたか"))
    assert coach(hall).asked[-1][2].nda is None


def test_a_group_that_nobody_set_up_is_left_alone_until_it_calls(hall: Hall) -> None:
    assert hall.hears(hall.happens.said(PASSER, "お昼にしましょう", OTHER)) == []
    assert hall.states()[-1] == "ignored"
    [parcel] = hall.hears(hall.happens.said(PASSER, "@nakodo NDAは?", OTHER))
    assert (parcel.place, parcel.reply.text) == (OTHER, "echo: NDAは?")


def test_another_of_the_same_name_is_not_taken_for_the_member(hall: Hall) -> None:
    false = account(66, "佐藤")
    [refused] = hall.hears(hall.happens.said(false, "/nda signed"))
    assert "この部屋の方だけ" in refused.reply.text
    assert hall.scene().record.nda.state == "none"
    assert hall.name_of(false) == "佐藤 2"
    hall.hears(hall.happens.said(false, "図面を見せてください"))
    assert [(one.who, one.side) for one in hall.scene().heard] == [("佐藤 2", None)]


def test_the_private_talk_of_the_same_name_stays_their_own(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "本当の原価は八百円です"))
    hall.hears(hall.happens.private(account(66, "佐藤"), "何を話しましたか"))
    _, _, situation, history = coach(hall).asked[-1]
    assert (history, situation.side) == ((), None)


@pytest.mark.parametrize("name", ["room", "facilitator"])
def test_nobody_in_the_group_is_called_like_a_place(hall: Hall, name: str) -> None:
    hall.hears(hall.happens.said(account(66, name), "こんにちは"))
    assert hall.name_of(account(66)) == f"{name} 2"


@pytest.mark.parametrize("name", ["room", "facilitator", "", "{name}"])
def test_whatever_a_stranger_is_called_they_are_answered_in_private(hall: Hall, name: str) -> None:
    [parcel] = hall.hears(hall.happens.private(account(66, name), "NDAは?"))
    assert (parcel.place, parcel.account and parcel.account.key) == (None, account(66).key)


def test_a_seat_given_by_mention_is_for_that_person_and_no_other_of_the_name(hall: Hall) -> None:
    meant, false = account(7, "山本"), account(66, "山本")
    hall.directory.meet("default", meant)
    hall.hears(hall.happens.said(TANAKA, f"/side sme <@{meant.key}>"))
    hall.hears(hall.happens.said(false, "/nda signed"))
    assert hall.scene().record.nda.state == "none", "somebody of the same name got the seat"
    hall.hears(hall.happens.said(meant, "/nda signed"))
    assert hall.scene().record.nda.state == "signed"


def test_who_was_given_a_seat_in_the_room_belongs_to_it_in_private_as_well(hall: Hall) -> None:
    newcomer = account(7, "山本")
    hall.hears(hall.happens.said(newcomer, "はじめまして"))
    hall.hears(hall.happens.said(TANAKA, f"/side sme <@{newcomer.key}>"))
    hall.hears(hall.happens.private(newcomer, "費用の話をいつすれば?"))
    assert coach(hall).asked[-1][2].side == "sme"


# One room or several


def test_a_private_word_belongs_to_the_only_partnership(hall: Hall) -> None:
    event = hall.happens.private(SATO, "NDAは?")
    assert hall.reception.lane_of(event) == Lane("default", ROOM)
    hall.hears(event)
    assert hall.scene().talk_with("佐藤")


def test_a_private_word_belongs_to_the_partnership_that_was_chosen(hall: Hall) -> None:
    other = second_room(hall)
    for choice, room in (("/room 1", ROOM), ("/room 2", other), ("/room １", ROOM)):
        hall.hears(hall.happens.private(SATO, choice))
        assert hall.reception.lane_of(hall.happens.private(SATO, "NDAは?")).name == room, choice


def test_what_was_said_of_one_partnership_in_private_is_unknown_in_the_other(hall: Hall) -> None:
    second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 1"), hall.happens.private(SATO, "Leeさんが苦手です"))
    hall.hears(hall.happens.private(SATO, "/room 2"), hall.happens.private(SATO, "何から話しますか"))
    assert coach(hall).asked[-1][3] == ()


def test_a_button_of_the_own_page_belongs_to_the_partnership_under_which_it_stood(hall: Hall) -> None:
    other = second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 1"))
    hall.hears(hall.happens.private(SATO, "/decide 六月に会う", form={"room": (other,)}))
    decided = {room: len(hall.scene(room).record.decisions) for room in (ROOM, other)}
    assert decided == {ROOM: 0, other: 1}


def test_who_speaks_in_private_of_the_first_of_several_partnerships_is_told_which_once(hall: Hall) -> None:
    second_room(hall)
    said = [texts(hall.hears(hall.happens.private(SATO, words))) for words in ("NDAは?", "費用は?")]
    assert said[0] == ["echo: NDAは?", "ここからは「栃ノ木精密 × ルミナ」のお話としてうかがいます。"]
    assert said[1] == ["echo: 費用は?"]


def test_who_has_one_partnership_is_not_told_which(hall: Hall) -> None:
    assert texts(hall.hears(hall.happens.private(SATO, "NDAは?"))) == ["echo: NDAは?"]
    assert texts(hall.hears(hall.happens.private(SATO, "/decide 六月に会う"))) == [
        "決めたこととして控えました: 六月に会う"
    ]


def test_what_is_done_in_private_says_in_which_of_several_partnerships(hall: Hall) -> None:
    second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 2"))
    [told] = texts(hall.hears(hall.happens.private(SATO, "/decide 六月に会う")))
    assert told == "【栃ノ木精密 × ミア】\n決めたこととして控えました: 六月に会う"
    hall.hears(hall.happens.private(TANAKA, "/room 1"))
    [drafts] = texts(hall.hears(hall.happens.private(TANAKA, "/drafts")))
    assert drafts.startswith("【栃ノ木精密 × ルミナ】\n")
    [room] = texts(hall.hears(hall.happens.said(SATO, "/decide 七月に会う")))
    assert room == "決めたこととして控えました: 七月に会う"


def test_a_form_is_answered_in_its_own_partnership_whatever_was_spoken_of_before(hall: Hall) -> None:
    other = second_room(hall)
    hall.hears(hall.happens.private(SATO, "/room 1"))
    forms = hall.hears(hall.happens.said(TANAKA, "/coach give_and_get", OTHER))
    [form] = [one for one in forms if one.account and one.account.key == SATO.key]
    assert form.reply.text.startswith("【栃ノ木精密 × ミア】\n")
    hall.hears(hall.happens.private(SATO, "加工の現場を出せます"))
    [exercise] = [one for one in hall.scene(other).exercises if one.who == "佐藤"]
    assert list(exercise.answers.values()) == ["加工の現場を出せます"]
    assert asked(hall) == []


# What is said in one breath


def breath(hall: Hall, *events: Event, apart: float = 0.5) -> list[Parcel]:
    """Let events arrive one after the other, before the first is handled."""
    before = set(hall.parcels())
    lane = hall.reception.lane_of(events[0])
    for event in events:
        hall.arrives(event)
        hall.clock.on(seconds=apart)
    hall.handles(lane)
    return [parcel for name, parcel in hall.parcels().items() if name not in before]


def test_a_thought_in_three_messages_is_answered_once(hall: Hall) -> None:
    says = hall.happens.private
    [parcel] = breath(hall, says(SATO, "相談です"), says(SATO, "費用は"), says(SATO, "いつ話す?"))
    assert parcel.reply.text == "echo: 相談です\n費用は\nいつ話す?"
    assert hall.states()[-3:] == ["handled"] * 3


def test_in_the_group_who_called_it_may_go_on_in_the_next_message(hall: Hall) -> None:
    [parcel] = breath(hall, hall.happens.said(SATO, "@nakodo 相談です"), hall.happens.said(SATO, "費用は?"))
    assert parcel.reply.text == "echo: 相談です\n費用は?"


def test_a_breath_ends_after_two_seconds(hall: Hall) -> None:
    says = hall.happens.private
    parcels = breath(hall, *(says(SATO, f"その{n}") for n in range(4)), apart=0.9)
    assert texts(parcels) == ["echo: その0\nその1\nその2", "echo: その3"]


@pytest.mark.parametrize(
    "second",
    [
        lambda hall: hall.happens.private(SATO, "/record"),
        lambda hall: hall.happens.private(SATO, "／記録"),
        lambda hall: hall.happens.private(SATO, "@nakodo /record"),
        lambda hall: hall.happens.private(SATO, "添付します", files=[File(name="a.pdf", ref="F1")]),
        lambda hall: hall.happens.private(SATO, "", files=[File(name="a.pdf", ref="F1")]),
        lambda hall: hall.happens.event(SATO, direct(SATO), kind="pressed", button="x:0"),
        lambda hall: hall.happens.said(SATO, "次です"),
    ],
    ids=["command", "full-width command", "called command", "file", "file alone", "button", "elsewhere"],
)
def test_a_breath_takes_no_more_than_plain_words_of_one_place(hall: Hall, second: object) -> None:
    breath(hall, hall.happens.private(SATO, "相談です"), second(hall))  # type: ignore[operator]
    assert asked(hall)[0] == "相談です"


def test_a_breath_is_one_persons(hall: Hall) -> None:
    breath(hall, hall.happens.said(SATO, "@nakodo 費用は?"), hall.happens.said(LEE, "私も知りたいです"))
    assert asked(hall) == ["費用は?"]
    assert heard(hall)[-1] == ("Lee", "私も知りたいです")


def test_a_thread_is_another_place(hall: Hall) -> None:
    thread = GROUP.model_copy(update={"thread": "T5"})
    breath(hall, hall.happens.said(SATO, "@nakodo 費用は?"), hall.happens.said(SATO, "工場で", thread))
    assert asked(hall) == ["費用は?"]


def test_a_command_in_a_thread_of_the_bots_takes_no_words_from_the_next_message(hall: Hall) -> None:
    breath(
        hall,
        hall.happens.said(SATO, "/decide 六月に会う", called=True),
        hall.happens.said(SATO, "では、また。", called=True),
    )
    assert [one.text for one in hall.scene().record.decisions] == ["六月に会う"]


def test_a_code_sent_in_the_same_breath_as_a_greeting_still_opens_the_door(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/invite sme"))
    code = next(line for line in texts(list(hall.parcels().values()))[-1].splitlines() if line[4:5] == "-")
    breath(hall, hall.happens.private(PASSER, "参加コードです"), hall.happens.private(PASSER, code))
    assert hall.scene().room.person("鈴木")


def test_it_waits_until_a_thought_is_finished_and_not_longer(hall: Hall) -> None:
    taken = hall.take(hall.happens.private(SATO, "相談です"))
    assert hall.reception.patience(taken, hall.clock()) == SETTLED.total_seconds()
    hall.clock.on(seconds=0.8)
    hall.arrives(hall.happens.private(SATO, "費用は?"))
    assert hall.reception.patience(taken, hall.clock()) == pytest.approx(SETTLED.total_seconds())
    hall.clock.on(seconds=0.8)
    hall.arrives(hall.happens.private(SATO, "いつ?"))
    assert hall.reception.patience(taken, hall.clock()) == pytest.approx(BURST.total_seconds() - 1.6)
    hall.clock.on(seconds=0.5)
    assert hall.reception.patience(taken, hall.clock()) == 0


def test_commands_and_talk_that_is_not_its_own_are_not_waited_for(hall: Hall) -> None:
    for event in (
        hall.happens.private(SATO, "/record"),
        hall.happens.said(SATO, "/record", called=True),
        hall.happens.said(LEE, "こちらこそ"),
        hall.happens.event(SATO, GROUP, kind="pressed", button="x:0"),
    ):
        taken = hall.take(event)
        assert hall.reception.patience(taken, hall.clock()) == 0, event
        hall.reception.handle(taken, hall.clock())


# Names and files


def test_who_is_mentioned_is_named_as_the_room_knows_them(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, f"<@{LEE.key}>さんと <@slack:T1:U404> に聞きます"))
    assert heard(hall) == [("佐藤", "@Lee さんと @?  に聞きます")]


def test_who_is_mentioned_in_a_command_owns_the_action(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, f"/action 図面を選ぶ <@{LEE.key}> 4/20"))
    [action] = hall.scene().record.actions
    assert (action.text, action.owner) == ("図面を選ぶ", "Lee")


def test_who_was_never_met_is_called_by_the_name_that_the_mention_carries(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "<@telegram:404|山本 花子>さんに聞きます"))
    assert heard(hall) == [("佐藤", "@山本 花子 さんに聞きます")]
    hall.hears(hall.happens.said(SATO, "/action 図面を選ぶ <@telegram:404|山本 花子> 4/20"))
    assert "@?" not in str(hall.scene().record.actions)
    hall.hears(hall.happens.said(SATO, "/action 試料を送る <@telegram:405|Lee>"))
    assert hall.scene().record.actions[-1].owner == "", "another of the same name is not the member"
    hall.hears(hall.happens.said(SATO, f"<@{LEE.key}|別人>さん"))
    assert heard(hall)[-1] == ("佐藤", "@Lee さん")


FILE = File(name="仕様{name}.pdf", size=10, ref="F1")
READ = Read("［仕様{name}.pdf］\n厚さ0.1ミリの箔", Text(ja="受け取りました。", en="I have it."))


def test_what_stands_in_a_file_is_heard_and_its_sender_alone_is_told(hall: Hall) -> None:
    event = hall.happens.said(SATO, "ご覧ください", files=[FILE])
    [parcel] = hall.hears(event, read={"F1": READ})
    assert heard(hall) == [("佐藤", "ご覧ください\n" + READ.words)]
    assert (parcel.reply.text, parcel.account and parcel.account.key) == ("受け取りました。", SATO.key)


def test_a_question_about_a_file_is_asked_with_it(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "どう直しますか", files=[FILE]), read={"F1": READ})
    assert asked(hall) == ["どう直しますか\n" + READ.words]


def test_a_file_beside_a_command_is_no_part_of_it(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "/decide 六月に会う", files=[FILE]), read={"F1": READ})
    assert [one.text for one in hall.scene().record.decisions] == ["六月に会う"]


def test_a_file_that_mentions_the_bot_does_not_call_it(hall: Hall) -> None:
    read = Read("［議事録.txt］\n@nakodo とは誰ですか", Text(ja="受け取りました。", en="I have it."))
    parcels = hall.hears(hall.happens.said(SATO, "", files=[FILE]), read={"F1": read})
    assert texts(parcels) == ["受け取りました。"]


UNREAD = Read("［photo.jpg］", Text(ja="「photo.jpg」は読めません。", en="I cannot read photo.jpg."))
PHOTO = File(name="photo.jpg", size=10, ref="F2")


def test_a_file_that_cannot_be_read_and_came_without_a_word_is_only_acknowledged(hall: Hall) -> None:
    for event in (hall.happens.private(SATO, "", files=[PHOTO]), hall.happens.said(SATO, "@nakodo", files=[PHOTO])):
        assert texts(hall.hears(event, read={"F2": UNREAD})) == ["「photo.jpg」は読めません。"]
    assert asked(hall) == []
    said = [one.said.text for one in hall.store.timeline(ROOM) if isinstance(one.said, Message)]
    assert "［photo.jpg］" in said, "nothing is lost"


def test_a_question_beside_a_file_that_cannot_be_read_is_answered(hall: Hall) -> None:
    said = texts(hall.hears(hall.happens.private(SATO, "どう直しますか", files=[PHOTO]), read={"F2": UNREAD}))
    assert said == ["「photo.jpg」は読めません。", "echo: どう直しますか\n［photo.jpg］"]


def test_a_file_that_was_read_needs_no_word_beside_it(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "", files=[FILE]), read={"F1": READ})
    assert asked(hall) == [READ.words]


# Several files at once


def album(hall: Hall, count: int, words: str = "", *, place: Place | None = None, name: str = "A1") -> list[Event]:
    """Return the messages of an album, of which the first has words."""
    return [
        hall.happens.event(
            SATO, place or direct(SATO), text="" if number else words, album=name,
            files=[File(name="photo.jpg", ref=f"P{number}")],
        )
        for number in range(count)
    ]  # fmt: skip


def unread(count: int) -> dict[str, Read]:
    return {f"P{number}": UNREAD for number in range(count)}


def shows(hall: Hall, events: Sequence[Event], read: dict[str, Read]) -> list[Parcel]:
    before = set(hall.parcels())
    hall.arrives(*events)
    hall.handles(hall.reception.lane_of(events[0]), read)
    return [parcel for name, parcel in hall.parcels().items() if name not in before]


@pytest.mark.parametrize("count", [2, 4, 10])
def test_an_album_with_a_question_has_one_receipt_and_one_answer(hall: Hall, count: int) -> None:
    receipt, answer = shows(hall, album(hall, count, "どれが良いですか"), unread(count))
    assert len(receipt.reply.text.splitlines()) == 1
    assert answer.reply.text.startswith("echo: どれが良いですか")
    assert asked(hall) == ["\n".join(["どれが良いですか", "［photo.jpg］", *["［〃］"] * (count - 1)])]
    assert (receipt.locale, answer.locale) == ("ja", "ja"), "the names of files are nobody's English"
    assert hall.states()[-count:] == ["handled"] * count


def test_an_album_without_a_word_has_one_receipt(hall: Hall) -> None:
    assert texts(shows(hall, album(hall, 4), unread(4))) == ["「photo.jpg」は読めません。"]
    assert asked(hall) == []


def test_what_stands_in_the_files_of_an_album_is_heard_together(hall: Hall) -> None:
    read = {f"P{n}": Read(f"［{n}.pdf］\n本文{n}", Text(ja=f"{n}を読みました。", en="")) for n in range(3)}
    receipt, _ = shows(hall, album(hall, 3, "まとめて"), read)
    assert receipt.reply.text == "0を読みました。\n1を読みました。\n2を読みました。"
    assert asked(hall) == ["まとめて\n［0.pdf］\n本文0\n［1.pdf］\n本文1\n［2.pdf］\n本文2"]


def test_an_album_in_the_group_is_one_message_whoever_it_is_meant_for(hall: Hall) -> None:
    [receipt, answer] = shows(hall, album(hall, 3, "@nakodo どれ?", place=GROUP), unread(3))
    assert (receipt.account and receipt.account.key, answer.place) == (SATO.key, GROUP)
    [receipt] = shows(hall, album(hall, 3, "ご覧ください", place=GROUP, name="A2"), unread(3))
    assert receipt.account and receipt.account.key == SATO.key
    assert [words for _, words in heard(hall)][-1] == "ご覧ください\n［photo.jpg］\n［〃］\n［〃］"


def test_two_albums_and_words_beside_one_are_not_mixed(hall: Hall) -> None:
    events = [*album(hall, 2, "一つ目"), *album(hall, 2, "二つ目", name="A2")]
    shows(hall, events, unread(2))
    assert [one.splitlines()[0] for one in asked(hall)] == ["一つ目", "二つ目"]
    shows(
        hall,
        [*album(hall, 2, "皆さんへ", place=GROUP, name="A3"), hall.happens.said(SATO, "社内の話です")],
        unread(2),
    )
    assert [words for _, words in heard(hall)][-1] == "社内の話です"


def test_a_part_of_an_album_that_was_not_read_in_time_waits_for_its_own_turn(hall: Hall) -> None:
    first, second = album(hall, 2, "これを")
    hall.arrives(first, second)
    lane = hall.reception.lane_of(first)
    taken = hall.mail.take(lane)
    assert taken is not None
    hall.reception.handle(taken, hall.clock(), unread(1))
    assert hall.states()[-2:] == ["handled", "waiting"]


def test_an_album_is_waited_for_no_longer_than_words(hall: Hall) -> None:
    first, second = album(hall, 2, place=GROUP)
    taken = hall.take(first)
    assert hall.reception.patience(taken, hall.clock()) == SETTLED.total_seconds()
    hall.clock.on(seconds=0.5)
    hall.arrives(second)
    hall.clock.on(seconds=SETTLED.total_seconds())
    assert hall.reception.patience(taken, hall.clock()) == 0
    assert [file.ref for file in hall.reception.files_of(taken)] == ["P0", "P1"]


def test_any_picture_of_an_album_may_be_taken_back(hall: Hall) -> None:
    events = album(hall, 2, SECRET, place=GROUP)
    shows(hall, events, unread(2))
    before = hall.scene()
    for one in events:  # As when somebody puts a heart on each.
        hall.hears(one.model_copy(update={"kind": "edited", "id": f"{one.id} edited"}))
    assert hall.scene() == before
    hall.hears(hall.happens.event(SATO, GROUP, kind="deleted", message=events[0].message))
    assert heard(hall)[-1] == ("佐藤", "\n［〃］")


# A call without words, and words without end


@pytest.mark.parametrize("words", ["@nakodo", "@nakodo ?", "@nakodoさん、", "@nakodo ？！"])
def test_who_only_calls_it_is_told_what_one_can_ask(hall: Hall, words: str) -> None:
    [parcel] = hall.hears(hall.happens.said(SATO, words))
    assert (parcel.place, parcel.reply.choices, asked(hall)) == (GROUP, ("/help",), [])
    assert "今の困りごとを一行で" in parcel.reply.text


@pytest.mark.parametrize("words", ["?", "？", "...", "。"])
def test_who_sends_but_a_question_mark_is_told_what_one_can_ask(hall: Hall, words: str) -> None:
    [parcel] = hall.hears(hall.happens.private(account(8, "Mia", "en"), words))
    assert "in one line" in parcel.reply.text
    assert asked(hall) == []


def test_a_question_mark_within_an_exercise_or_under_takeover_is_left_to_the_road(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "/coach readiness"))
    hall.hears(hall.happens.private(SATO, "?"))
    assert asked(hall) == ["?"]
    hall.hears(hall.happens.said(TANAKA, "/takeover"))
    assert hall.hears(hall.happens.said(LEE, "@nakodo")) == []


@pytest.mark.parametrize("words", ["/decide {}", "／決定 {}", "@nakodo /action {} @Lee"])
def test_a_command_without_end_is_refused_kindly_and_kept_nowhere(hall: Hall, words: str) -> None:
    before = hall.scene().record
    [parcel] = hall.hears(hall.happens.said(SATO, words.format("あ" * 10_000)))
    assert "4,000字" in parcel.reply.text
    assert "ああ" not in parcel.reply.text
    assert hall.scene().record == before
    assert "ああ" not in str(hall.rows("SELECT payload, stored FROM inbox")) + str(
        hall.rows("SELECT text FROM messages")
    )


def test_a_long_command_within_bounds_is_taken_whole(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "/decide " + "あ" * 3_900))
    assert [len(one.text) for one in hall.scene().record.decisions] == [3_900]


def test_an_answer_in_an_exercise_may_not_be_without_end_but_a_question_may(hall: Hall) -> None:
    hall.hears(hall.happens.private(SATO, "/coach first_meeting"))
    [parcel] = hall.hears(hall.happens.private(SATO, "い" * 10_000))
    assert "4,000字" in parcel.reply.text
    [exercise] = hall.scene().exercises
    assert exercise.answers == {}
    hall.hears(hall.happens.said(SATO, "@nakodo " + "う" * 10_000))
    assert len(asked(hall)[-1]) == 10_000


# Who is not served


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path, rate_person=3, rate_stranger=2, rate_tenant=1_000)
    hall.sets_up()
    hall.clock.on(minutes=5)
    yield hall
    hall.store.close()


def test_who_asks_too_fast_is_told_so_once_and_then_not_answered(strict: Hall) -> None:
    said = [texts(strict.hears(strict.happens.private(PASSER, f"その{n}"))) for n in range(5)]
    assert said[:2] == [["echo: その0"], ["echo: その1"]]
    assert ["少し立て込んで" in text for text in said[2]] == [True]
    assert said[3:] == [[], []]
    assert strict.states()[-3:] == ["ignored"] * 3
    strict.clock.on(seconds=61)
    assert texts(strict.hears(strict.happens.private(PASSER, "落ち着きました"))) == ["echo: 落ち着きました"]


def test_members_may_ask_more(strict: Hall) -> None:
    said = [texts(strict.hears(strict.happens.private(SATO, f"その{n}"))) for n in range(4)]
    assert said[2] == ["echo: その2"]
    assert "少し立て込んで" in said[3][0]


def test_one_person_asking_too_fast_keeps_nobody_else_from_asking(strict: Hall) -> None:
    strict.hears(*(strict.happens.private(PASSER, f"その{n}") for n in range(5)))
    assert texts(strict.hears(strict.happens.private(LEE, "NDAは?"))) == ["echo: NDAは?"]


def test_of_what_comes_all_at_once_as_much_is_answered_as_of_what_comes_one_by_one(strict: Hall) -> None:
    commands = [strict.happens.private(PASSER, "/language ja") for _ in range(5)]
    said = texts(strict.hears_at_once(*commands))
    assert len(said) == 3, said
    assert "少し立て込んで" in said[2]


def test_who_hammers_at_the_door_is_not_answered_for_ever(strict: Hall) -> None:
    said = strict.hears(*(strict.happens.private(PASSER, "/join ABCD-2345") for _ in range(8)))
    assert len(said) <= 3


def test_who_floods_a_programme_silences_nobody_who_belongs_to_it(tmp_path: Path) -> None:
    hall = open_hall(tmp_path, rate_stranger=2, rate_tenant=5)
    hall.sets_up()
    hall.clock.on(minutes=5)
    hall.hears(*(hall.happens.private(PASSER, f"その{n}") for n in range(9)))
    assert texts(hall.hears(hall.happens.private(LEE, "NDAは?"))) == ["echo: NDAは?"]
    hall.hears(hall.happens.said(TANAKA, "/takeover"))
    assert hall.scene().takeover == "田中"
    hall.store.close()


def test_of_an_hour_of_talk_that_comes_in_one_minute_nothing_is_lost(strict: Hall) -> None:
    strict.hears(*(strict.happens.said(SATO, f"その{n}です。") for n in range(6)))
    assert [words for _, words in heard(strict)] == [f"その{n}です。" for n in range(6)]


def test_a_programme_that_is_flooded_falls_silent(tmp_path: Path) -> None:
    hall = open_hall(tmp_path, rate_tenant=3)
    said = [texts(hall.hears(hall.happens.private(account(n, f"客{n}"), "NDAは?"))) for n in range(5)]
    assert [len(one) for one in said] == [1, 1, 1, 0, 0]
    hall.store.close()


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path, strangers=False)
    hall.sets_up()
    yield hall
    hall.store.close()


def test_where_strangers_are_not_served_they_are_told_how_to_come_in(closed: Hall) -> None:
    [parcel] = closed.hears(closed.happens.private(PASSER, "NDAは?"))
    assert "参加コード" in parcel.reply.text
    assert texts(closed.hears(closed.happens.private(SATO, "NDAは?"))) == ["echo: NDAは?"]
    assert asked(closed) == ["NDAは?"]


def test_where_strangers_are_not_served_a_thought_in_three_messages_is_turned_away_once(closed: Hall) -> None:
    says = closed.happens.private
    [parcel] = breath(closed, says(PASSER, "相談です"), says(PASSER, "費用は"), says(PASSER, "いつ話す?"))
    assert "参加コード" in parcel.reply.text
    assert closed.states()[-3:] == ["ignored"] * 3


def test_where_strangers_are_not_served_their_talk_in_the_group_is_not_heard(closed: Hall) -> None:
    assert closed.hears(closed.happens.said(PASSER, "公差は±0.01です")) == []
    assert heard(closed) == []
    assert "±0.01" not in closed.bytes().decode(errors="ignore") or not closed.rows("SELECT * FROM messages")


def test_where_strangers_are_not_served_a_code_still_brings_them_in(closed: Hall) -> None:
    closed.hears(closed.happens.said(TANAKA, "/invite sme"))
    code = next(line for line in texts(list(closed.parcels().values()))[-1].splitlines() if line[4:5] == "-")
    closed.hears(closed.happens.private(PASSER, code), closed.happens.private(PASSER, "NDAは?"))
    assert asked(closed) == ["NDAは?"]


# Late answers


def late(hall: Hall, *events: Event) -> list[Parcel]:
    hall.clock.on(hours=1, seconds=1)
    return hall.hears_at_once(*events)


def test_a_question_that_waited_an_hour_gets_a_word_of_apology_first(hall: Hall) -> None:
    event = hall.happens.said(SATO, "@nakodo NDAは?")
    apology, answer = late(hall, event)
    assert "遅くなりました" in apology.reply.text
    assert (apology.place, apology.answers) == (GROUP, event.message)
    assert answer.reply.text == "echo: NDAは?"


def test_a_question_that_waited_less_does_not(hall: Hall) -> None:
    event = hall.happens.private(SATO, "NDAは?")
    hall.clock.on(seconds=AWAY.total_seconds() - 1)
    assert texts(hall.hears(event)) == ["echo: NDAは?"]


def test_talk_that_waited_gets_no_apology(hall: Hall) -> None:
    assert late(hall, hall.happens.said(SATO, "伺います。")) == []


def test_many_questions_that_waited_get_one_apology(hall: Hall) -> None:
    says = hall.happens
    events = [says.said(SATO, "@nakodo NDAは?"), says.said(LEE, "@nakodo 費用は?"), says.said(LEE, "/record")]
    assert sum("遅くなりました" in text for text in texts(late(hall, *events))) == 1


def test_nothing_is_apologised_for_while_a_human_talks(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/takeover"))
    assert late(hall, hall.happens.said(SATO, "@nakodo NDAは?")) == []


# The clock of a room


def test_the_clock_of_a_room_does_not_run_back(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "先です", at=AT + timedelta(minutes=9)))
    hall.hears(hall.happens.said(LEE, "後です", at=AT + timedelta(minutes=3)))
    first, second = (one.at for one in hall.scene().heard)
    assert (first, second) == (AT + timedelta(minutes=9),) * 2


def test_each_programme_has_a_house_of_its_own(hall: Hall) -> None:
    asked_for: list[str] = []

    def house_of(tenant: str) -> House:
        asked_for.append(tenant)
        return house()

    given = Settings(home=hall.home, embeddings="none")
    other = hall._replace(reception=Reception(hall.store, hall.directory, hall.mail, house_of, given))
    other.hears(hall.happens.said(SATO, "こんにちは"))
    hall.clock.on(days=1)
    other.reception.pass_time(Lane("default", ROOM), hall.clock())
    other.reception.pass_time(Lane("bank", ROOM), hall.clock())  # It has no such room.
    assert asked_for == ["default", "default"]


# Taking it back

SECRET = "触媒の配合は七対三でございます"


def talked(tmp_path: Path, words: str = SECRET, place: Place = GROUP, *, ear: ScriptedEar | None = None) -> Hall:
    """Return a house in which a secret was said among other things."""
    hall = open_hall(tmp_path, ear=ear)
    hall.sets_up()
    says = hall.happens
    hall.hears(says.said(SATO, "こんにちは"), says.said(SATO, words, place, message="SECRET"))
    hall.hears(says.said(LEE, "なるほど"))
    return hall


def takes_back(hall: Hall, kind: str, text: str = "", place: Place = GROUP) -> None:
    hall.settles_all()
    assert hall.hears(hall.happens.event(SATO, place, kind=kind, message="SECRET", text=text)) == []


def holds(hall: Hall, words: str = SECRET) -> bool:
    """Return whether a byte of these words is anywhere, however they are written down."""
    found = hall.bytes()
    return words.encode() in found or words.encode("unicode_escape") in found


@pytest.mark.parametrize(("kind", "after"), [("edited", "結果はお話しできます"), ("deleted", "")])
def test_what_was_taken_back_is_heard_no_more(tmp_path: Path, kind: str, after: str) -> None:
    hall = talked(tmp_path)
    assert holds(hall)
    takes_back(hall, kind, after)
    assert heard(hall) == [("佐藤", "こんにちは"), ("佐藤", after), ("Lee", "なるほど")]
    said = [one.said.text for one in hall.store.timeline(ROOM) if isinstance(one.said, Message)]
    assert said == ["なるほど", after, "こんにちは"]
    assert not holds(hall)
    hall.store.close()


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_findings_and_the_facilitators_copies_go_with_it(tmp_path: Path, kind: str) -> None:
    hall = talked(tmp_path, ear=ScriptedEar(signals={SECRET: ["pre_nda_disclosure"]}))
    assert hall.scene().findings
    takes_back(hall, kind)
    assert hall.scene().findings == ()
    assert hall.rows("SELECT count(*) FROM findings") == [(0,)]
    assert not holds(hall)
    hall.store.close()


def test_a_copy_for_the_facilitator_that_was_not_sent_yet_is_not_sent_any_more(tmp_path: Path) -> None:
    hall = talked(tmp_path, ear=ScriptedEar(signals={SECRET: ["pre_nda_disclosure"]}))
    assert any(SECRET in parcel.reply.text for parcel in hall.parcels().values())
    hall.hears(hall.happens.event(SATO, GROUP, kind="deleted", message="SECRET"))
    assert not any(SECRET in parcel.reply.text for parcel in hall.parcels().values())
    assert not holds(hall)
    hall.store.close()


@pytest.mark.parametrize("words", ["@nakodo {}", "{} @nakodo", "ご相談です。@nakodo {}"])
@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_a_question_taken_back_is_gone_from_the_talk_with_its_answer(tmp_path: Path, kind: str, words: str) -> None:
    hall = talked(tmp_path, words.format(SECRET))
    assert hall.scene().talk_with("room")
    takes_back(hall, kind)
    assert hall.scene().talk_with("room") == ()
    hall.store.close()


def test_an_answer_that_repeated_what_was_taken_back_is_kept_nowhere(tmp_path: Path) -> None:
    hall = talked(tmp_path, f"@nakodo {SECRET}")
    takes_back(hall, "deleted")
    assert not holds(hall)
    hall.store.close()


def test_a_private_word_taken_back_is_gone(tmp_path: Path) -> None:
    hall = talked(tmp_path, SECRET, direct(SATO))
    takes_back(hall, "deleted", place=direct(SATO))
    assert hall.scene().talk_with("佐藤") == ()
    assert all(one.said.text != SECRET for one in hall.store.timeline(ROOM))
    hall.store.close()


class Traced(EchoCoach):
    """Answers as with a language model that was given everything."""

    def answer(self, question: str, *, history: Sequence[Said] = (), **how: Any) -> Answer:
        given = "".join([*(one.text for one in history), question])
        trace = Trace(use="answer", model="m", prompt="p", end="used", sent=given, wrote=given, given=given)
        return super().answer(question, history=history, **how).model_copy(update={"trace": trace})


@pytest.mark.parametrize("kind", ["edited", "deleted"])
@pytest.mark.parametrize("place", [GROUP, direct(SATO)])
def test_what_a_model_was_given_of_it_is_gone_with_it(tmp_path: Path, kind: str, place: Place) -> None:
    hall = open_hall(tmp_path)
    hall.houses.append(House(Traced(), ScriptedEar(), no_sources))
    hall.sets_up()
    says = hall.happens
    hall.hears(says.said(LEE, "@nakodo what next?"))
    hall.hears(says.said(SATO, f"@nakodo {SECRET}", place, message="SECRET"))
    hall.hears(says.said(SATO, "@nakodo もう少し詳しく", place))
    assert hall.rows("SELECT who, message FROM traces ORDER BY at")[0][0] == "Lee"
    assert hall.rows("SELECT count(*) FROM traces") == [(3,)]
    takes_back(hall, kind, "別の話" if kind == "edited" else "", place)
    assert hall.rows("SELECT who FROM traces") == [("Lee",)]
    assert [one.who for one in hall.scene().model_seen] == ["Lee"]
    assert not holds(hall)
    hall.store.close()


def test_who_is_forgotten_is_forgotten_with_what_models_were_given(tmp_path: Path) -> None:
    hall = open_hall(tmp_path)
    hall.houses.append(House(Traced(), ScriptedEar(), no_sources))
    hall.sets_up()
    says = hall.happens
    hall.hears(says.said(SATO, f"@nakodo {SECRET}"))
    hall.hears(says.said(SATO, SECRET, direct(SATO)))
    hall.settles_all()
    assert hall.rows("SELECT count(*) FROM traces") == [(2,)]
    hall.hears(says.said(SATO, "/forget yes", direct(SATO)))
    assert hall.rows("SELECT count(*) FROM traces") == [(0,)]
    assert hall.scene().model_seen == ()
    hall.store.close()


def test_a_draft_about_what_was_taken_back_does_not_wait_any_more(tmp_path: Path) -> None:
    hall = talked(tmp_path)
    [stored] = [one.id for one in hall.scene().heard if one.text == SECRET]
    reply = Reply(to="Lee", kind="answer", text=SECRET, in_reply_to=MessageId(stored))
    hall.store.keep(hall.scene().drafting(Draft(id="d1", reply=reply, at=AT)))
    takes_back(hall, "edited", "別の話")
    assert hall.scene().drafts == ()
    hall.store.close()


@pytest.mark.parametrize(("kind", "left"), [("edited", "別の話"), ("deleted", "")])
def test_an_answer_in_an_exercise_says_what_its_message_says_now(hall: Hall, kind: str, left: str) -> None:
    for who in (SATO, LEE):
        hall.hears(hall.happens.private(who, "/coach first_meeting"))
        hall.hears(hall.happens.private(who, SECRET, message=f"SECRET {who.name}"))
    event = hall.happens.event(SATO, direct(SATO), kind=kind, text=left, message="SECRET 佐藤")
    hall.hears(event)
    assert {one.who: one.answers["intention"] for one in hall.scene().exercises} == {"佐藤": left, "Lee": SECRET}


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_what_was_taken_back_is_not_noted_any_more_by_a_late_yes(tmp_path: Path, kind: str) -> None:
    hall = open_hall(tmp_path, ear=ScriptedEar(statements={"NDAを結びました": ["nda_signed"]}))
    hall.sets_up()
    hall.hears(hall.happens.said(SATO, "NDAを結びました", message="SECRET"))
    takes_back(hall, kind, "NDAはまだです" if kind == "edited" else "")
    hall.hears(hall.happens.private(SATO, "はい、記録する"))
    assert hall.scene().record.nda.state == "none"
    hall.store.close()


def test_any_message_of_a_breath_may_be_taken_back(hall: Hall) -> None:
    says = hall.happens.said
    breath(hall, says(SATO, "@nakodo 相談です"), says(SATO, SECRET, message="SECRET"))
    hall.settles_all()
    takes_back(hall, "deleted")
    assert not any(SECRET in text for _, text in heard(hall))
    assert hall.scene().talk_with("room") == ()


def test_other_words_for_one_message_of_a_breath_leave_the_others(hall: Hall) -> None:
    says = hall.happens.said
    breath(hall, says(SATO, "@nakodo 来週の見学の話です"), says(SATO, SECRET, message="SECRET"))
    takes_back(hall, "edited", "費用は?")
    assert any("来週の見学" in text for _, text in heard(hall))


def test_words_put_in_a_messages_place_name_people_as_well(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, SECRET, message="SECRET"))
    takes_back(hall, "edited", f"<@{LEE.key}> さんに任せます")
    assert "<@" not in heard(hall)[-1][1]


def test_what_the_record_holds_stays_when_its_message_goes(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "/decide 六月に会う", message="SECRET"))
    takes_back(hall, "deleted")
    assert [one.text for one in hall.scene().record.decisions] == ["六月に会う"]


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_a_message_that_it_never_kept_can_be_taken_back_in_peace(hall: Hall, kind: str) -> None:
    assert hall.hears(hall.happens.event(SATO, GROUP, kind=kind, message="M404", text="別の話")) == []
    assert hall.states()[-1] == "ignored"


def test_the_same_name_of_a_message_elsewhere_is_another_message(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "残す言葉", message="M5"))
    hall.hears(hall.happens.event(SATO, OTHER, kind="deleted", message="M5"))
    assert heard(hall) == [("佐藤", "残す言葉")]


@pytest.fixture
def reviewed(hall: Hall) -> Hall:
    hall.hears(hall.happens.said(TANAKA, "/mode review"))
    hall.settles_all()
    return hall


def edits(hall: Hall, text: str, place: Place = GROUP, **what: Any) -> None:
    hall.hears(hall.happens.event(SATO, place, kind="edited", message="SECRET", text=text, **what))


def test_an_edit_that_changes_nothing_leaves_drafts_answers_and_findings(reviewed: Hall) -> None:
    reviewed.hears(reviewed.happens.said(SATO, "@nakodo <@slack:T1:U2> とNDAは?", message="SECRET"))
    before, waiting = reviewed.scene(), reviewed.parcels()
    assert [one.state for one in before.drafts] == ["waiting"]
    edits(reviewed, "@nakodo <@slack:T1:U2> とNDAは?")
    assert reviewed.states()[-1] == "ignored"
    assert (reviewed.scene(), reviewed.parcels()) == (before, waiting)
    edits(reviewed, "@nakodo 別の話")
    assert [one.state for one in reviewed.scene().drafts] == []


def test_an_edit_that_changes_nothing_in_one_message_of_a_breath_changes_nothing(hall: Hall) -> None:
    says = hall.happens.said
    breath(hall, says(SATO, "@nakodo 来週の話です"), says(SATO, "費用は?", message="SECRET"))
    waiting = hall.parcels()
    edits(hall, "費用は?")
    assert hall.parcels() == waiting
    assert hall.states()[-1] == "ignored"


def test_a_preview_added_to_a_message_with_a_file_leaves_what_the_file_said(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "ご覧ください", files=[FILE], message="SECRET"), read={"F1": READ})
    before = hall.scene()
    edits(hall, "ご覧ください", files=[FILE])
    assert hall.scene() == before


def test_other_words_beside_a_file_leave_what_the_file_said(hall: Hall) -> None:
    hall.hears(
        hall.happens.said(SATO, SECRET, files=[FILE, PHOTO], message="SECRET"), read={"F1": READ, "F2": UNREAD}
    )
    edits(hall, "ご覧ください", files=[FILE, PHOTO])
    assert heard(hall) == [("佐藤", f"ご覧ください\n{READ.words}\n［photo.jpg］")]
    edits(hall, "", files=[FILE, PHOTO])
    assert heard(hall) == [("佐藤", f"{READ.words}\n［photo.jpg］")]
    hall.hears(hall.happens.event(SATO, GROUP, kind="deleted", message="SECRET"))
    assert heard(hall) == [("佐藤", "")]


def test_a_file_that_was_taken_out_of_its_message_goes_with_what_it_said(hall: Hall) -> None:
    read = {"F1": READ, "F2": Read("［原価.csv］\n八百円", Text(ja="", en=""))}
    files = [FILE, File(name="原価.csv", ref="F2")]
    hall.hears(hall.happens.said(SATO, "二つあります", files=files, message="SECRET"), read=read)
    edits(hall, "二つあります", files=files[:1])
    assert heard(hall) == [("佐藤", f"二つあります\n{READ.words}")]


def test_words_that_look_like_a_file_are_none(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, f"お世話になります。\n［原価］\n{SECRET}", message="SECRET"))
    edits(hall, "お世話になります。")
    assert heard(hall) == [("佐藤", "お世話になります。")]


# What goes wrong


def test_of_what_was_put_aside_the_facilitator_is_told_without_its_words(hall: Hall) -> None:
    taken = hall.take(hall.happens.said(SATO, SECRET))
    hall.reception.put_aside(taken)
    [parcel] = hall.parcels().values()
    assert parcel.account and parcel.account.key == TANAKA.key
    assert "佐藤" in parcel.reply.text
    assert f"{ROOM}#{taken.sequence}" in parcel.reply.text
    assert SECRET not in parcel.reply.text
    assert hall.states()[-1] == "aside"
    assert hall.mail.take(taken.lane) is None


@pytest.mark.parametrize(("days", "left"), [(90, ["young"]), (1, []), (0, ["old", "young"])])
def test_at_night_what_language_models_did_long_ago_is_forgotten(tmp_path: Path, days: int, left: list[str]) -> None:
    hall = open_hall(tmp_path, trace_days=days)
    for name, ago in (("old", 91), ("young", 89)):
        used = Trace(use="answer", model="m", prompt="p", end="used", sent=name)
        Traces(hall.store.engine).note("default", used, hall.clock() - timedelta(days=ago), "")
    hall.reception.tidy(hall.clock())
    assert [sent for (sent,) in hall.rows("SELECT sent FROM traces ORDER BY at")] == left
    hall.store.close()


def test_who_wrote_what_was_put_aside_in_a_talk_of_no_partnership_is_told_so_themselves(hall: Hall) -> None:
    taken = hall.take(hall.happens.private(PASSER, SECRET))
    hall.reception.put_aside(taken)
    [parcel] = hall.parcels().values()
    assert parcel.account == PASSER
    assert "もう一度" in parcel.reply.text
    assert SECRET not in parcel.model_dump_json()
    assert hall.states()[-1] == "aside"


def test_one_event_makes_the_same_parcels_whenever_it_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first = open_hall(tmp_path / "a", ear=ScriptedEar(signals={SECRET: ["pre_nda_disclosure"]}))
    first.sets_up()
    first.arrives(first.happens.said(SATO, f"@nakodo {SECRET}"), first.happens.said(LEE, "/side"))
    first.store.close()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    found = []
    for home in ("a", "b"):
        again = open_hall(tmp_path / home, ear=ScriptedEar(signals={SECRET: ["pre_nda_disclosure"]}))
        again.handles(Lane("default", ROOM))
        found.append(list(again.parcels().values()))
        again.store.close()
    assert len({parcel.id for parcel in found[0]}) == len(found[0]) == 4
    assert found[0] == found[1]


class Rival(EchoCoach):
    """Somebody stores another scene of the room while this one thinks, so many times."""

    def __init__(self, hall: Hall, times: int) -> None:
        super().__init__()
        self._hall, self.times = hall, times

    def answer(self, question: str, **how: object):  # type: ignore[no-untyped-def,override]
        if self.times:
            self.times -= 1
            by = By.of(Person(name="田中"), AT)
            scene = self._hall.scene()
            self._hall.store.keep(scene.recorded(scene.record.decide(by, f"その{self.times}")))
        return super().answer(question, **how)  # type: ignore[arg-type]


def test_a_turn_that_somebody_overtook_is_thought_again_and_said_once(hall: Hall) -> None:
    hall.houses.append(House(Rival(hall, 3), ScriptedEar(), no_sources))
    assert texts(hall.hears(hall.happens.said(SATO, "@nakodo NDAは?"))) == ["echo: NDAは?"]
    assert len(hall.scene().record.decisions) == 3
    assert heard(hall) == [("佐藤", "@nakodo NDAは?")]


def test_a_turn_that_is_overtaken_for_ever_is_given_back_untouched(hall: Hall) -> None:
    hall.houses.append(House(Rival(hall, 99), ScriptedEar(), no_sources))
    event = hall.happens.said(SATO, "@nakodo NDAは?")
    with pytest.raises(StaleSceneError):
        hall.hears(event)
    assert hall.states()[-1] == "waiting"
    hall.houses.append(house())
    hall.handles(Lane("default", ROOM))
    assert texts(list(hall.parcels().values())) == ["echo: NDAは?"]


# A conversation comes and goes


def test_a_group_that_moved_goes_on_with_its_record(hall: Hall) -> None:
    hall.hears(hall.happens.event(TANAKA, GROUP, kind="moved", moved_to=OTHER.key))
    [parcel] = hall.hears(hall.happens.said(SATO, "@nakodo NDAは?", OTHER))
    assert parcel.place == OTHER
    assert heard(hall) == [("佐藤", "@nakodo NDAは?")]


def test_where_it_was_put_out_it_says_nothing_of_its_own(hall: Hall) -> None:
    hall.hears(hall.happens.event(TANAKA, GROUP, kind="removed"))
    assert hall.directory.places_of("default", ROOM) == ()
    assert hall.hears(hall.happens.event(TANAKA, GROUP, kind="added")) == []
    assert hall.directory.places_of("default", ROOM) == (GROUP,)
