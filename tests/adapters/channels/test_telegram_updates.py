"""What people really send on Telegram, and what their apps make of it."""

from typing import Any

import pytest

from adapters.channels.telegram_events import Me, calls_unseen, translate
from adapters.post import Event
from tests.adapters.channels.test_telegram_events import BOT, GROUP, HELD, ME, NOW, SATO, message, read, said

ALONE = {"id": 42, "type": "private"}
MINE = message(text="どうですか", message_id=4) | {"from": BOT}
NOBODY = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
SIGNS_AS_CHANNEL = {"id": 136_817_688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}


# Commands as they are typed


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/help@nakodo_botを見せて", "/help を見せて"),
        ("/help＠nakodo_bot", "/help"),
        ("／記録＠nakodo_bot　全部", "／記録　全部"),
        ("/段階@nakodo_bot取り決め", "/段階 取り決め"),
        ("/nda@nakodo_bot\nsigned", "/nda\nsigned"),
    ],
)
def test_a_command_needs_no_blank_and_no_latin_keyboard(text: str, heard: str) -> None:
    assert said(text=text).text == heard


@pytest.mark.parametrize("text", ["/help@other_botを見せて", "/help＠other_bot", "/nda@nakodo_bot2"])
def test_another_bots_command_is_its_own_however_it_is_typed(text: str) -> None:
    assert read(text=text) == "another bot's command"


# What is said without typing


def test_a_sticker_among_people_says_what_its_emoji_says() -> None:
    event = said(sticker=HELD | {"emoji": "👍"})
    assert (event.text, event.files) == ("👍", ())
    assert said(dice={"emoji": "🎲", "value": 3}).text == "🎲"
    thanks = said(sticker=HELD | {"emoji": "👍"}, reply_to_message=MINE)
    assert (thanks.text, thanks.called, thanks.files) == ("👍", True, ())


@pytest.mark.parametrize("kind", ["location", "contact", "game", "story", "dice", "sticker"])
def test_what_holds_no_words_is_between_people_unless_it_answers_the_bot(kind: str) -> None:
    content = {kind: HELD if kind == "sticker" else {}}
    assert read(**content) == "between people"
    assert said(reply_to_message=MINE, **content).files
    assert said(chat=ALONE, **content).files


def test_what_cannot_be_read_is_named_as_people_call_it() -> None:
    kazu, ann = SATO, SATO | {"language_code": "en"}
    names = [said(location={}, chat=ALONE, **{"from": one}).files[0].name for one in (kazu, ann)]
    assert names == ["位置情報", "the location"]


def test_a_poll_and_a_checklist_say_what_is_written_in_them() -> None:
    poll = {"id": "1", "question": "いつ会いますか", "options": [{"text": "4/1"}, {"text": "4/2"}], "type": "regular"}
    event = said(poll=poll)
    assert (event.text, event.files) == ("いつ会いますか\n4/1\n4/2", ())
    checklist = {"title": "宿題", "tasks": [{"id": 1, "text": "見積もり"}, {"id": 2, "text": "図面"}]}
    assert said(checklist=checklist, chat=ALONE).text == "宿題\n見積もり\n図面"


def test_a_poll_that_is_voted_on_is_not_edited() -> None:
    edited = message(poll={"question": "いつ会いますか", "options": []}, edit_date=1_775_000_060)
    assert translate({"update_id": 9, "edited_message": edited}, ME, NOW) == "nothing rewritten"


def test_a_message_with_nothing_known_in_it_is_passed_over() -> None:
    empty: dict[str, Any] = {"question": "", "options": []}
    for kind, content in (("hologram", {"a": 1}), ("giveaway", {}), ("poll", empty)):
        assert read(**{kind: content}) == "service message"


@pytest.mark.parametrize(
    "origin",
    [
        {"type": "user", "date": 1, "sender_user": BOT},
        {"type": "hidden_user", "date": 1, "sender_user_name": "誰か"},
        {"type": "chat", "date": 1, "sender_chat": GROUP},
        {"type": "channel", "date": 1, "chat": {"id": -1, "type": "channel"}, "message_id": 5},
    ],
)
def test_what_is_passed_on_is_said_by_who_passes_it_on(origin: dict[str, Any]) -> None:
    event = said(text="これを見てください", forward_origin=origin, via_bot=BOT)
    assert (event.account.key, event.text) == ("telegram:42", "これを見てください")


def test_replies_across_chats_and_quotations_are_read_as_what_was_written() -> None:
    origin = {"type": "user", "date": 1, "sender_user": SATO}
    event = said(text="これは？", external_reply={"origin": origin}, quote={"text": "無償で", "position": 0})
    assert (event.text, event.called) == ("これは？", False)


def test_whatever_telegram_names_things_by_can_be_written_down() -> None:
    """What cannot be written down comes again for ever, and holds up all that is behind it."""
    query = {"id": "\ud83d\0", "from": SATO, "message": MINE, "data": "p1:0\0"}
    pressed = translate({"update_id": 2, "callback_query": query}, ME, NOW)
    file = said(document=HELD | {"file_id": "\ud83d\0", "file_name": "\0図面.pdf"}, caption="\0これ")
    for event in (pressed, file):
        assert isinstance(event, Event)
        assert "\\u0000" not in event.model_dump_json()


# Who is who


def test_a_second_bot_has_a_memory_of_its_own() -> None:
    """In a private talk each bot counts its messages from one."""
    update = {"update_id": 1, "message": message(text="a", chat=ALONE)}
    change = {"chat": ALONE, "from": SATO, "date": 1, "old_chat_member": {"status": "kicked"}}
    unblocked = {"update_id": 1, "my_chat_member": change | {"new_chat_member": {"status": "member"}}}
    for one in (update, unblocked):
        ids = [event.id for me in (ME, Me(8, "other_bot")) if isinstance(event := translate(one, me, NOW), Event)]
        assert len(set(ids)) == 2
        assert translate(one, ME, NOW) == translate(one, ME, NOW)


def test_comings_and_goings_are_told_apart_though_updates_are_counted_anew() -> None:
    def change(chat: int, date: int) -> Event | str:
        told = {"chat": GROUP | {"id": chat}, "from": SATO, "date": date, "old_chat_member": {"status": "left"}}
        return translate(
            {"update_id": 3, "my_chat_member": told | {"new_chat_member": {"status": "member"}}}, ME, NOW
        )

    ids = {event.id for event in (change(-1, 1), change(-2, 1), change(-1, 2)) if isinstance(event, Event)}
    assert len(ids) == 3


@pytest.mark.parametrize("sender", [NOBODY, SIGNS_AS_CHANNEL])
@pytest.mark.parametrize(
    ("content", "calls"),
    [
        ({"text": "@nakodo_bot 費用はいつ話せば？"}, True),
        ({"caption": "@nakodo_bot これは？", "document": HELD}, True),
        ({"text": "/setup 栃ノ木精密 × ルミナ"}, True),
        ({"text": "/setup@nakodo_bot"}, True),
        ({"text": "はい", "reply_to_message": MINE}, True),
        ({"text": "／立ち上げ 栃ノ木精密 × ルミナ"}, True),
        ({"text": "/setup@other_bot"}, False),
        ({"text": "/weather 東京"}, False),
        ({"text": "/"}, False),
        ({"text": "皆さん、明日は十時です"}, False),
        ({"text": "@nakodo_bot", "is_automatic_forward": True}, False),
        ({"new_chat_title": "新しい名"}, False),
    ],
)
def test_who_shows_no_face_and_calls_the_bot_is_noticed(
    sender: dict[str, Any], content: dict[str, Any], calls: bool
) -> None:
    whole = message(sender_chat=GROUP, message_thread_id=3, is_topic_message=True, **content) | {"from": sender}
    update = {"update_id": 1, "message": whole}
    assert translate(update, ME, NOW) == "nobody's face"
    found = calls_unseen(update, ME)
    assert (found is not None) == calls
    if found is not None:
        assert (found.place.key, found.place.thread, found.message) == ("telegram:-1001", "3", "5")


def test_only_who_hides_is_noticed_as_hiding() -> None:
    for content in ({"text": "@nakodo_bot"}, {"text": "@nakodo_bot", "from": BOT | {"id": 8}}):
        assert calls_unseen({"update_id": 1, "message": message(**content)}, ME) is None
    assert calls_unseen({"update_id": 1, "message": 5}, ME) is None
    assert (
        calls_unseen({"update_id": 1, "edited_message": message(text="@nakodo_bot", sender_chat=GROUP)}, ME) is None
    )
