"""Each parcel goes out once, whatever the platform does; what cannot go out is told to who can help."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.post import Parcel, Place
from adapters.sending import FIRST_WAIT, LONGEST_WAIT, Tried
from adapters.services.store import Lane
from bot.model import MessageId, Reply
from bot.scene import Scene
from tests.adapters.memory import (
    FINE,
    GROUP,
    LEE,
    ROOM,
    SATO,
    TANAKA,
    Hall,
    MemoryChannel,
    Trouble,
    account,
    not_sent,
    open_hall,
    refused,
    slow,
    unclear,
    until,
)

SECRET = "原価は八百円でございます"
SENT = Tried("sent")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


def asks(hall: Hall) -> str:
    """Let 佐藤 ask in the group, and return the answer's parcel."""
    [parcel] = hall.hears(hall.happens.said(SATO, f"@nakodo {SECRET}"))
    return parcel.id


def whispers(hall: Hall) -> str:
    """Let 佐藤 ask in private, and return the answer's parcel."""
    [parcel] = hall.hears(hall.happens.private(SATO, SECRET))
    return parcel.id


def row(hall: Hall, parcel: str) -> tuple[object, ...]:
    [found] = hall.rows(f"SELECT state, again, receipt, reason FROM outbox WHERE id = '{parcel}'")
    return found


def drives(hall: Hall, who: str | None) -> Scene:
    scene = hall.scene().having(takeover=who)
    hall.store.keep(scene)
    return scene


# All goes well


async def test_a_parcel_is_sent_once_and_loses_its_words(hall: Hall) -> None:
    parcel = asks(hall)
    assert await hall.sends(parcel, 3) == [SENT, SENT, SENT]
    assert hall.channel.texts() == [f"echo: {SECRET}"]
    assert row(hall, parcel) == ("sent", 0, f"receipt-{parcel}", None)
    assert SECRET not in str(hall.rows("SELECT parcel FROM outbox"))
    by_receipt = hall.mail.by_receipt("default", f"receipt-{parcel}")
    assert by_receipt and by_receipt.parcel.id == parcel


async def test_a_parcel_that_nobody_knows_is_not_sent(hall: Hall) -> None:
    assert await hall.sends("p404") == [Tried("gone")]
    assert hall.channel.tries == []


async def test_a_slow_platform_is_waited_for(hall: Hall) -> None:
    door = asyncio.Event()
    hall.channel.troubles = [slow(door)]
    parcel = asks(hall)
    sending = asyncio.create_task(hall.sends(parcel))
    await until(lambda: hall.channel.tries == [parcel])
    assert hall.posted(parcel).state == "sending"
    door.set()
    assert await sending == [SENT]


# It was surely not sent


async def test_what_was_surely_not_sent_waits_longer_each_time(hall: Hall) -> None:
    hall.channel.troubles = [not_sent() for _ in range(9)]
    parcel = asks(hall)
    waits = [tried.wait for tried in await hall.sends(parcel, 9)]
    assert waits[:6] == [FIRST_WAIT * 2**n for n in range(6)]
    assert waits[6:] == [LONGEST_WAIT] * 3
    assert row(hall, parcel)[:2] == ("waiting", 0)
    assert hall.channel.asked == []
    assert await hall.sends(parcel) == [SENT]
    assert len(hall.channel.got) == 1


async def test_a_platform_that_asks_to_wait_is_given_that_time(hall: Hall) -> None:
    hall.channel.troubles = [not_sent(90), not_sent(0.1)]
    assert [tried.wait for tried in await hall.sends(asks(hall), 2)] == [90, FIRST_WAIT * 2]


# It may have been sent


@pytest.mark.parametrize("arrives", [True, False])
async def test_where_a_platform_tells_nothing_is_sent_twice_nor_lost(hall: Hall, arrives: bool) -> None:
    hall.channel.troubles = [unclear(arrives=arrives)]
    parcel = asks(hall)
    first, second = await hall.sends(parcel, 2)
    assert first.state == "waiting" and first.wait
    assert second == SENT
    assert [one.again for one in hall.channel.got] == [False]
    assert row(hall, parcel) == ("sent", 0, f"receipt-{parcel}", None)
    assert hall.channel.asked == [parcel]


@pytest.mark.parametrize("arrives", [True, False])
async def test_where_a_platform_cannot_tell_the_second_is_marked(hall: Hall, arrives: bool) -> None:
    hall.channels["slack"] = MemoryChannel(tells=False, troubles=[unclear(arrives=arrives)])
    parcel = asks(hall)
    assert (await hall.sends(parcel, 2))[1] == SENT
    assert [one.again for one in hall.channel.got] == ([False, True] if arrives else [True])
    assert row(hall, parcel)[:2] == ("sent", 1)
    assert hall.channel.asked == []
    assert hall.mail.counts().again == 1


async def test_a_mark_of_doubt_stays_through_later_failures(hall: Hall) -> None:
    hall.channels["slack"] = MemoryChannel(tells=False, troubles=[unclear(arrives=True), not_sent(), not_sent()])
    await hall.sends(asks(hall), 4)
    assert [one.again for one in hall.channel.got] == [False, True]


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("arrived", [True, False])
async def test_a_try_that_was_cut_off_is_asked_after_or_marked(hall: Hall, tells: bool, arrived: bool) -> None:
    hall.channels["slack"] = MemoryChannel(tells=tells)
    parcel = asks(hall)
    before = hall.mail.begin("default", parcel)
    assert before is not None
    if arrived:
        await hall.channel.send(before.parcel)
    assert await hall.sends(parcel) == [SENT]
    assert len(hall.channel.got) == (2 if arrived and not tells else 1)
    assert hall.channel.got[-1].again is not tells
    assert hall.channel.asked == ([parcel] if tells else [])


@pytest.mark.parametrize("trouble", [not_sent(30), unclear(arrives=False)])
async def test_a_question_that_failed_is_asked_again_before_anything_is_sent(hall: Hall, trouble: Trouble) -> None:
    hall.channel.troubles = [unclear(arrives=True)]
    hall.channel.finding = [trouble.error]  # type: ignore[list-item]
    parcel = asks(hall)
    assert [tried.state for tried in await hall.sends(parcel, 3)] == ["waiting", "waiting", "sent"]
    assert len(hall.channel.got) == 1
    assert hall.channel.asked == [parcel, parcel]


@pytest.mark.parametrize("error", [ValueError(SECRET), TimeoutError(), KeyError("ok")])
async def test_an_error_that_nobody_foresaw_does_not_stop_the_road(hall: Hall, error: Exception) -> None:
    hall.channel.troubles = [Trouble(error, arrives=True)]
    parcel = asks(hall)
    [first] = await hall.sends(parcel)
    assert first.wait
    assert await hall.sends(parcel) == [SENT]
    assert len(hall.channel.got) == 1


# It will never be sent


async def test_what_is_refused_is_not_tried_again(hall: Hall) -> None:
    hall.channel.troubles = [refused("is_archived")]
    parcel = asks(hall)
    assert await hall.sends(parcel, 2) == [Tried("refused"), Tried("refused")]
    assert row(hall, parcel) == ("refused", 0, None, "is_archived")
    assert hall.channel.tries == [parcel]
    assert SECRET not in str(hall.rows("SELECT parcel FROM outbox"))


async def test_of_a_private_word_that_was_refused_the_facilitator_is_told_without_its_words(hall: Hall) -> None:
    hall.channel.troubles = [refused()]
    await hall.sends(whispers(hall))
    [told] = hall.parcels().values()
    assert told.account and told.account.key == TANAKA.key
    assert "佐藤さんへの個別の連絡が、届きませんでした" in told.reply.text
    assert SECRET not in told.model_dump_json()


@pytest.mark.parametrize("reason", ["is_archived", "restricted_action", "not enough rights to send text messages"])
async def test_of_an_answer_that_a_room_does_not_take_the_facilitator_is_told_once_a_day(
    hall: Hall, reason: str
) -> None:
    hall.channel.troubles = [refused(reason) for _ in range(3)]
    for parcel in (asks(hall), asks(hall)):
        await hall.sends(parcel)
    [told] = hall.parcels().values()
    assert told.account and told.account.key == TANAKA.key
    assert "「栃ノ木精密 × ルミナ」に、お返事を書き込めませんでした" in told.reply.text
    assert SECRET not in told.model_dump_json()
    assert await hall.sends(told.id) == [Tried("refused")], "and if that is refused as well, nobody is told of it"
    assert hall.parcels() == {}
    hall.channel.troubles = [refused(reason)]
    hall.clock.on(days=1)
    await hall.sends(asks(hall))
    assert len(hall.parcels()) == 1


async def test_of_a_group_that_nobody_leads_nobody_is_told(hall: Hall) -> None:
    hall.channel.troubles = [refused("is_archived")]
    other = Place(key="slack:T1:C9")
    [parcel] = hall.hears(hall.happens.said(SATO, "@nakodo NDAは?", other))
    await hall.sends(parcel.id)
    assert hall.parcels() == {}


async def test_a_word_for_the_facilitator_that_was_refused_is_told_to_nobody(hall: Hall) -> None:
    hall.channel.troubles = [refused(unreachable=True)]
    [parcel] = hall.hears(hall.happens.private(TANAKA, "/drafts"))
    await hall.sends(parcel.id)
    assert hall.parcels() == {}


async def test_where_no_such_channel_is_set_up_it_is_said_so(hall: Hall) -> None:
    parcel = asks(hall)
    hall.channels.clear()
    assert await hall.sends(parcel) == [Tried("refused")]
    assert row(hall, parcel) == ("refused", 0, None, "this channel is not set up")


# The person has to begin


async def test_what_does_not_reach_somebody_yet_waits_for_them_with_its_words(hall: Hall) -> None:
    hall.channel.troubles = [refused("cannot_dm", unreachable=True)]
    parcel = whispers(hall)
    assert await hall.sends(parcel, 2) == [Tried("parked"), Tried("parked")]
    assert hall.posted(parcel).parcel.reply.text == f"echo: {SECRET}"
    assert hall.mail.counts().parked == 1


async def test_the_facilitator_is_asked_to_help_and_learns_nothing_of_the_words(hall: Hall) -> None:
    hall.channel.troubles = [refused("cannot_dm", unreachable=True)]
    await hall.sends(whispers(hall))
    [told] = hall.parcels().values()
    assert told.account and told.account.key == TANAKA.key
    assert "佐藤さんには、まだ個別にお話しできません" in told.reply.text
    assert SECRET not in told.model_dump_json()
    assert await hall.sends(told.id) == [SENT]


async def test_a_refusal_that_is_learned_twice_is_told_once(hall: Hall) -> None:
    hall.channel.troubles = [refused(unreachable=True), refused(unreachable=True)]
    parcel = whispers(hall)
    await hall.sends(parcel)
    hall.mail.ended("default", parcel, "sending")  # As if the house fell before it was written down.
    assert await hall.sends(parcel) == [Tried("parked")]
    assert len(hall.parcels()) == 1


async def test_of_one_person_who_cannot_be_reached_the_facilitator_is_told_once(hall: Hall) -> None:
    hall.channel.troubles = [refused(unreachable=True), refused(unreachable=True)]
    for parcel in (whispers(hall), whispers(hall)):
        await hall.sends(parcel)
    assert len(hall.parcels()) == 1


@pytest.mark.parametrize("begins", ["said", "opened"])
async def test_what_waited_is_let_out_when_the_person_begins_the_talk(hall: Hall, begins: str) -> None:
    hall.channel.troubles = [refused(unreachable=True)]
    parcel = whispers(hall)
    await hall.sends(parcel)
    hall.hears(hall.happens.private(SATO, "こんにちは", kind=begins))
    assert hall.posted(parcel).state == "waiting"
    assert await hall.sends(parcel) == [SENT]


@pytest.mark.parametrize("who", [LEE, account(66, "佐藤")], ids=["other", "same name"])
async def test_nobody_else_lets_it_out(hall: Hall, who: object) -> None:
    hall.channel.troubles = [refused(unreachable=True)]
    parcel = whispers(hall)
    await hall.sends(parcel)
    hall.hears(hall.happens.private(who, "こんにちは"), hall.happens.said(SATO, "こんにちは"))  # type: ignore[arg-type]
    assert hall.posted(parcel).state == "parked"


# A human takes over


async def test_an_answer_that_was_thought_before_a_human_took_over_is_withdrawn(hall: Hall) -> None:
    parcel = asks(hall)
    drives(hall, "田中")
    assert await hall.sends(parcel) == [Tried("withdrawn")]
    assert hall.channel.tries == []
    assert row(hall, parcel) == ("withdrawn", 0, None, "a human has taken over")
    drives(hall, None)
    assert await hall.sends(parcel) == [Tried("withdrawn")]


async def test_a_takeover_while_it_waits_for_its_next_try_withdraws_it_as_well(hall: Hall) -> None:
    hall.channel.troubles = [not_sent()]
    parcel = asks(hall)
    await hall.sends(parcel)
    drives(hall, "田中")
    assert await hall.sends(parcel) == [Tried("withdrawn")]


@pytest.mark.parametrize("words", ["/takeover", "／ｔａｋｅｏｖｅｒ", "／交代。"])
async def test_a_takeover_that_has_come_but_not_had_its_turn_holds_an_answer_back(hall: Hall, words: str) -> None:
    parcel = asks(hall)
    hall.arrives(hall.happens.said(TANAKA, words))
    assert await hall.sends(parcel) == [Tried("withdrawn")]


async def test_commands_are_answered_though_a_human_has_taken_over(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.said(SATO, "/record"))
    drives(hall, "田中")
    assert await hall.sends(parcel.id) == [SENT]


async def test_what_a_human_lets_out_while_driving_goes_out(hall: Hall) -> None:
    drives(hall, "田中")
    hall.hears(hall.happens.said(TANAKA, "/record"))
    reply = Reply(to="room", kind="answer", text="承認したもの", in_reply_to=MessageId("m1"))
    parcel = Parcel(id="p1", tenant="default", channel="slack", place=GROUP, reply=reply)
    beside = hall.mail.handled(Lane("default", ROOM), (), room=ROOM, parcels=[parcel], driven=True)
    hall.store.keep(hall.scene(), beside=beside)
    assert await hall.sends("p1") == [SENT]


async def test_a_note_to_the_facilitator_goes_out_though_they_have_taken_over(hall: Hall) -> None:
    hall.channel.troubles = [refused(unreachable=True), FINE]
    await hall.sends(whispers(hall))
    drives(hall, "田中")
    [told] = hall.parcels()
    assert await hall.sends(told) == [SENT]
