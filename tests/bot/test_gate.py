"""The last door: who drives, who wants quiet, what hour it is, which mode."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import desk
from bot.errors import RecordError
from bot.gate import open_up, opens, release
from bot.model import Label, MessageId, Mode, Person, Reply, Room, RoomId
from bot.retract import retracted
from bot.scene import Mute, Scene
from knowledge.card import Locale

PEOPLE = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
NIGHT = datetime(2026, 4, 1, 14, tzinfo=UTC)
HOLIDAY = datetime(2026, 5, 4, 3, tzinfo=UTC)


def scene(mode: Mode = "auto", zone: str = "Asia/Tokyo") -> Scene:
    return Scene(room=Room(id=RoomId("r"), people=PEOPLE, mode=mode, zone=zone))


def answer(to: str = "佐藤") -> Reply:
    return Reply(to=to, kind="answer", text="こうします", in_reply_to=MessageId("m"))


def word(to: str = "佐藤") -> Reply:
    label = Label(why="わけ", how="ask", whom=to)
    return Reply(
        to=to, kind="question", text="いかがですか", in_reply_to=MessageId("m"), signal="jargon", label=label
    )


def test_by_day_everything_goes_out() -> None:
    assert release([answer(), word()], scene(), NOON).replies == (answer(), word())


@pytest.mark.parametrize("quiet", [NIGHT, HOLIDAY])
def test_in_quiet_hours_who_asked_is_answered_and_nobody_else_is_spoken_to(quiet: datetime) -> None:
    out = release([answer(), word()], scene(), quiet)
    assert out.replies == (answer(),)
    assert [one.reply for one in out.scene.held] == [word()]


def test_what_waited_goes_out_in_the_morning_of_the_rooms_own_zone() -> None:
    held = release([word()], scene(), NIGHT).scene
    morning = datetime(2026, 4, 1, 23, tzinfo=UTC)
    assert opens(held, NIGHT) == morning
    assert open_up(held, morning - timedelta(minutes=1)).replies == ()
    assert open_up(held, morning).replies == (word(),)
    assert open_up(open_up(held, morning).scene, morning).replies == ()
    assert release([word()], scene(zone="America/New_York"), NIGHT).replies == (word(),)


def test_what_waited_is_dropped_if_a_human_has_taken_over_meanwhile() -> None:
    held = release([word()], scene(), NIGHT).scene.having(takeover="田中")
    assert open_up(held, datetime(2026, 4, 1, 23, tzinfo=UTC)).replies == ()


def test_who_wants_quiet_is_not_spoken_to_but_answered() -> None:
    muted = scene().having(mutes=(Mute(who="佐藤"),))
    assert release([answer(), word(), word("Lee")], muted, NOON).replies == (answer(), word("Lee"))


def test_a_muted_room_is_quiet_for_everybody_until_the_day_it_named() -> None:
    muted = scene().having(mutes=(Mute(who="room", until=NOON + timedelta(days=3)),))
    assert release([word(), word("facilitator"), word("room")], muted, NOON).replies == ()
    assert release([word()], muted, NOON + timedelta(days=5)).replies == (word(),)


def test_one_signal_can_be_muted_alone() -> None:
    muted = scene().having(mutes=(Mute(who="佐藤", signal="conflict"),))
    assert release([word()], muted, NOON).replies == (word(),)


@pytest.mark.parametrize("mode", ["review", "quiet"])
def test_drafts_wait_at_the_desk_with_sources_and_reason(mode: Mode) -> None:
    out = release([answer(), word()], scene(mode), NOON)
    assert [(one.to, one.kind, one.draft) for one in out.replies] == [
        ("facilitator", "draft", "d1"),
        ("佐藤", "notice", None),
        ("facilitator", "draft", "d2"),
    ]
    assert "わけ" in out.replies[2].text
    assert "こうします" in out.replies[0].text


def test_what_the_facilitator_asks_needs_nobodys_approval() -> None:
    assert release([answer("田中")], scene("review"), NOON).replies == (answer("田中"),)


def test_a_draft_is_decided_once_and_the_second_hears_who_did() -> None:
    waiting = release([answer()], scene("review"), NOON).scene
    draft, _ = desk.named(waiting, "d1")
    sent = desk.approve(waiting, draft, "田中", NOON)
    assert sent.reply == answer()
    assert [one.decided_at for one in (*waiting.drafts, *sent.scene.drafts)] == [None, NOON]
    with pytest.raises(RecordError) as refused:
        desk.named(sent.scene, "d1")
    assert "田中" in refused.value.said.ja


def test_an_edited_draft_keeps_its_sources_and_a_refused_one_its_reason() -> None:
    waiting = release([answer()], scene("review"), NOON).scene
    draft, words = desk.named(waiting, "d1 短く言うと、待ちましょう")
    edited = desk.edit(waiting, draft, "田中", NOON, words)
    assert edited.reply.text == "短く言うと、待ちましょう"
    refused = desk.refuse(waiting, draft, "田中", NOON, "もう話した")
    assert (refused.drafts[0].state, refused.drafts[0].why) == ("refused", "もう話した")
    assert edited.scene.drafts[0].decided_at == refused.drafts[0].decided_at == NOON


def test_a_number_is_given_once_though_its_draft_was_taken_back() -> None:
    parked = release([answer()], scene("review"), NOON).scene
    back = retracted(parked, MessageId("m"), "どうする？", "")
    assert back.drafts == ()
    again = release([answer()], Scene.model_validate_json(back.model_dump_json()), NOON)
    assert [one.draft for one in again.replies if one.draft] == ["d2"]
    with pytest.raises(RecordError):
        desk.named(again.scene, "d1")


def test_a_room_of_before_numbers_were_counted_goes_on_from_its_drafts() -> None:
    old = release([answer(), answer()], scene("review"), NOON).scene.having(drafted=0)
    assert [one.id for one in release([answer()], old, NOON).scene.drafts] == ["d1", "d2", "d3"]


@pytest.mark.parametrize(("chosen", "said"), [("ja", "進行役が目を通してからお返事します。"), ("en", "looks over")])
def test_who_asked_hears_once_that_the_answer_takes_a_look_first(chosen: Locale, said: str) -> None:
    asked = scene("review").speaking("佐藤", chosen)
    notices = [one for one in release([answer()], asked, NOON).replies if one.to == "佐藤"]
    assert [one.kind for one in notices] == ["notice"]
    assert said in notices[0].text
    assert [one for one in release([word()], asked, NOON).replies if one.to == "佐藤"] == []


@pytest.mark.parametrize("mode", ["review", "quiet"])
def test_somebodys_own_page_comes_at_once_and_the_rooms_waits(mode: Mode) -> None:
    page = answer().model_copy(update={"kind": "document"})
    assert release([page], scene(mode), NOON).replies == (page,)
    out = release([page.model_copy(update={"to": "room"})], scene(mode), NOON)
    assert [(one.to, one.kind) for one in out.replies] == [("facilitator", "draft")]


@pytest.mark.parametrize("words", ["d1 待ちましょう", "d1　待ちましょう", "d1\n待ちましょう", "D1 \n 待ちましょう"])
def test_a_draft_is_named_before_any_blank(words: str) -> None:
    waiting = release([answer(), answer("Lee")], scene("review"), NOON).scene
    draft, rest = desk.named(waiting, words)
    assert (draft.id, rest) == ("d1", "待ちましょう")


def test_where_an_organizer_leads_alone_drafts_wait_for_their_word_as_well() -> None:
    led = scene("review")
    people = (*PEOPLE[:2], Person(name="主催", side="organizer"))
    out = release((answer(),), led.having(room=led.room.model_copy(update={"people": people})), NOON)
    assert [(one.to, one.kind) for one in out.replies] == [("facilitator", "draft"), ("佐藤", "notice")]
    assert [one.id for one in desk.waiting(out.scene)] == ["d1"]


@pytest.mark.parametrize("words", ["ｄ１", "Ｄ１。", "d1、"])
def test_a_draft_is_found_by_its_number_on_a_full_width_keyboard(words: str) -> None:
    parked = release((answer(), answer("Lee")), scene("review"), NOON).scene
    draft, rest = desk.named(parked, f"{words} 直した文")
    assert (draft.id, rest) == ("d1", "直した文")
