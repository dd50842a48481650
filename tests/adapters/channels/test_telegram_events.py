"""Updates read as events, without a network."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.telegram_events import MOST, Me, translate
from adapters.post import Event

ME = Me(7, "nakodo_bot")
NOW = datetime(2026, 4, 1, tzinfo=UTC)
SATO = {"id": 42, "is_bot": False, "first_name": "佐藤", "language_code": "ja-JP"}
GROUP = {"id": -1001, "type": "supergroup", "title": "協業"}
BOT = {"id": 7, "is_bot": True, "first_name": "Nakodo", "username": "nakodo_bot"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_775_000_000, "chat": GROUP, "from": SATO} | content


def read(**content: Any) -> Event | str:
    return translate({"update_id": 1, "message": message(**content)}, ME, NOW)


def said(**content: Any) -> Event:
    event = read(**content)
    assert isinstance(event, Event), event
    return event


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_message_says_who_where_when_and_in_which_language() -> None:
    event = said(text="こんにちは")
    assert (event.id, event.kind, event.text, event.message) == ("7:-1001:5", "said", "こんにちは", "5")
    assert (event.place.key, event.place.direct, event.place.thread) == ("telegram:-1001", False, None)
    assert (event.account.key, event.account.name, event.account.locale) == ("telegram:42", "佐藤", "ja")
    assert (event.at, event.invites) == (datetime.fromtimestamp(1_775_000_000, UTC), "https://t.me/nakodo_bot?start=")
    assert said(text="a", **{"from": SATO | {"language_code": "de", "last_name": "Ann"}}).account.locale == "en"
    assert said(text="a", chat={"id": 42, "type": "private"}).place.direct


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("@nakodo_bot 助けて", "@nakodo 助けて"),
        ("@Nakodo_Bot助けて", "@nakodo助けて"),
        ("＠nakodo_bot、これは？", "@nakodo、これは？"),
        ("皆さん@nakodo_botに", "皆さん@nakodoに"),
        ("@nakodo_bot2 は別", "@nakodo_bot2 は別"),
        ("mail@nakodo_bot.example", "mail@nakodo_bot.example"),
        ("@tanaka さん", "@tanaka さん"),
        ("/help@nakodo_bot", "/help"),
        ("/NDA@NAKODO_bot signed", "/NDA signed"),
        ("/段階@nakodo_bot 取り決め", "/段階 取り決め"),
        ("/start ABCD2345", "/start ABCD2345"),
        ("/action 見積もり @sato 4/20", "/action 見積もり @sato 4/20"),
        ("a &amp; <b>", "a &amp; <b>"),
    ],
)
def test_the_bots_name_becomes_its_own(text: str, heard: str) -> None:
    assert said(text=text).text == heard


def test_people_without_a_username_are_mentioned_by_id() -> None:
    text = "😀田中 太郎さんと仲人へ"
    entities = [
        {"type": "text_mention", "offset": 2, "length": 5, "user": SATO | {"id": 99}},
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_mention", "offset": units("😀田中 太郎さんと"), "length": 2, "user": BOT},
    ]
    assert said(text=text, entities=entities).text == "😀<@telegram:99|佐藤>さんと@nakodo へ"
    assert said(text="<@telegram:99> と <@slack:T:U>").text == "< @telegram:99> と < @slack:T:U>"


def test_entities_that_do_not_fit_are_passed_over() -> None:
    user = SATO | {"id": 99}
    for offset, length in ((-1, 2), (0, 99), (1, 0)):
        entity = {"type": "text_mention", "offset": offset, "length": length, "user": user}
        assert said(text="😀あ", entities=[entity]).text == "😀あ"
    torn = said(text="😀あ", entities=[{"type": "text_mention", "offset": 1, "length": 1, "user": user}])
    assert "<@telegram:99|佐藤>" in torn.text


@pytest.mark.parametrize(
    ("user", "heard"),
    [
        ({"first_name": "花子", "last_name": "山本"}, "<@telegram:99|花子 山本> は?"),
        ({"first_name": "<@a|b>@nakodo\nX"}, "<@telegram:99|a b nakodo X> は?"),
        ({"first_name": ""}, "<@telegram:99> は?"),
    ],
)
def test_a_mention_carries_the_name_and_nothing_that_could_be_taken_for_another(user: Any, heard: str) -> None:
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": {"id": 99, "is_bot": False} | user}
    assert said(text="彼女 は?", entities=[mention]).text == heard


def test_the_messages_of_an_album_say_that_they_belong_together() -> None:
    photo = {"photo": [HELD]}
    assert said(media_group_id="135", **photo).album == "135"
    assert said(**photo).album == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"text": "/help@other_bot"}, "another bot's command"),
        ({"text": "a", "from": BOT}, "a bot"),
        ({"text": "a", "from": BOT | {"id": 8}}, "a bot"),
        ({"text": "a", "sender_chat": GROUP}, "nobody's face"),
        ({"text": "a", "from": None}, "nobody's face"),
        ({"text": "a", "chat": {"id": -1, "type": "channel"}}, "nobody's face"),
        ({"new_chat_title": "新しい名"}, "service message"),
        ({"new_chat_members": [SATO]}, "service message"),
        ({"pinned_message": {}}, "service message"),
        ({"text": "a", "date": 10**18}, "malformed"),
        ({"text": 5}, "malformed"),
        ({"text": "a", "chat": "x"}, "malformed"),
    ],
)
def test_what_is_no_persons_word_is_no_event(content: dict[str, Any], reason: str) -> None:
    assert read(**content) == reason


def test_what_answers_the_bot_is_meant_for_it() -> None:
    mine = message(text="どうですか", message_id=4) | {"from": BOT}
    assert said(text="はい", reply_to_message=mine).called
    assert not said(text="はい", reply_to_message=message(text="どうですか", message_id=4)).called
    opened = mine | {"forum_topic_created": {"name": "実験", "icon_color": 1}}
    topic = said(text="はい", reply_to_message=opened, message_thread_id=3, is_topic_message=True)
    assert (topic.called, topic.place.thread) == (False, "3")
    assert said(text="はい", message_thread_id=3).place.thread is None


HELD = {"file_id": "f1", "file_unique_id": "u1", "file_size": 10}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"document": HELD | {"file_name": "計画.pdf"}}, "計画.pdf"),
        ({"document": HELD}, "document"),
        ({"photo": [HELD | {"file_id": "f0", "file_size": 1}, HELD]}, "photo.jpg"),
        ({"voice": HELD}, "voice.ogg"),
        ({"video": HELD}, "video.mp4"),
        ({"video_note": HELD}, "video.mp4"),
        ({"audio": HELD | {"file_name": "歌.mp3"}}, "歌.mp3"),
        ({"sticker": HELD | {"emoji": "👍"}}, "sticker👍.webp"),
        ({"animation": HELD, "document": HELD}, "animation.mp4"),
    ],
)
def test_every_attachment_is_a_file(content: dict[str, Any], name: str) -> None:
    event = said(caption="見てください", chat={"id": 42, "type": "private"}, **content)
    assert [(one.name, one.size, one.ref) for one in event.files] == [(name, 10, "f1")]
    assert event.text == "見てください"


def test_a_caption_may_call_the_bot_and_a_place_is_no_file() -> None:
    assert said(caption="@nakodo_bot これ", document=HELD).text == "@nakodo これ"
    place = said(location={"latitude": 1, "longitude": 2}, chat={"id": 42, "type": "private"})
    assert [one.ref for one in place.files] == ["none:location"]


def test_an_edit_has_an_id_of_its_own_and_may_leave_nothing() -> None:
    def edit(**content: Any) -> Event | str:
        return translate({"update_id": 9, "edited_message": message(edit_date=1_775_000_060, **content)}, ME, NOW)

    event = edit(text="@nakodo_bot 直しました")
    assert isinstance(event, Event)
    assert (event.kind, event.id, event.message, event.text) == (
        "edited",
        "7:-1001:5:edited:9",
        "5",
        "@nakodo 直しました",
    )
    gone = edit(document=HELD | {"file_name": "計画.pdf"})
    assert isinstance(gone, Event)
    assert (gone.text, [one.name for one in gone.files]) == ("", ["計画.pdf"]), "the file is still there"
    assert edit(location={"latitude": 1, "longitude": 2}) == "nothing rewritten"


def test_a_button_carries_its_name_and_the_click_its_id() -> None:
    query = {"id": "4242", "from": SATO, "message": message(text="?") | {"from": BOT}, "data": "p1:0"}
    event = translate({"update_id": 2, "callback_query": query}, ME, NOW)
    assert isinstance(event, Event)
    assert (event.kind, event.id, event.button, event.message, event.at) == (
        "pressed",
        "pressed:4242",
        "p1:0",
        "5",
        NOW,
    )
    old = {"id": "1", "from": SATO, "message": {"message_id": 5, "chat": GROUP, "date": 0}, "data": "p1:0"}
    assert isinstance(translate({"update_id": 2, "callback_query": old}, ME, NOW), Event)
    for lacking in ("message", "data"):
        cut = {key: value for key, value in query.items() if key != lacking}
        assert translate({"update_id": 2, "callback_query": cut}, ME, NOW) == "no button of ours"


@pytest.mark.parametrize(
    ("chat", "before", "after", "kind"),
    [
        (GROUP, {"status": "left"}, {"status": "member"}, "added"),
        (GROUP, {"status": "kicked"}, {"status": "administrator"}, "added"),
        (GROUP, {"status": "member"}, {"status": "kicked"}, "removed"),
        (GROUP, {"status": "member"}, {"status": "restricted", "is_member": False}, "removed"),
        ({"id": 42, "type": "private"}, {"status": "member"}, {"status": "kicked"}, "removed"),
        ({"id": 42, "type": "private"}, {"status": "kicked"}, {"status": "member"}, "added"),
        (GROUP, {"status": "member"}, {"status": "administrator"}, "other rights"),
        ({"id": -1, "type": "channel"}, {"status": "left"}, {"status": "administrator"}, "nobody's face"),
    ],
)
def test_the_bot_comes_and_goes(chat: Any, before: Any, after: Any, kind: str) -> None:
    change = {"chat": chat, "from": SATO, "date": 1, "old_chat_member": before, "new_chat_member": after}
    event = translate({"update_id": 3, "my_chat_member": change}, ME, NOW)
    assert (event if isinstance(event, str) else event.kind) == kind
    if isinstance(event, Event):
        assert (event.id, event.place.direct) == (f"standing:7:{chat['id']}:3:1", chat["type"] == "private")


@pytest.mark.parametrize(
    ("standing", "me", "all_of_it"),
    [
        ({"status": "administrator"}, ME, True),
        ({"status": "member"}, ME, False),
        ({"status": "member"}, ME._replace(hears_all=True), True),
    ],
)
def test_it_is_known_whether_the_bot_hears_everything_in_a_group(standing: Any, me: Me, all_of_it: bool) -> None:
    change = {
        "chat": GROUP,
        "from": SATO,
        "date": 1,
        "old_chat_member": {"status": "left"},
        "new_chat_member": standing,
    }
    event = translate({"update_id": 3, "my_chat_member": change}, me, NOW)
    assert isinstance(event, Event)
    assert event.hears_all is all_of_it
    word = translate({"update_id": 4, "message": message(text="/start")}, me, NOW)
    assert isinstance(word, Event)
    assert word.hears_all is me.hears_all


def test_a_group_that_moved_is_one_event_however_it_is_learnt() -> None:
    old = read(chat={"id": -5, "type": "group"}, migrate_to_chat_id=-1001)
    new = read(migrate_from_chat_id=-5)
    assert isinstance(old, Event)
    assert isinstance(new, Event)
    assert (old.kind, old.place.key, old.moved_to) == ("moved", "telegram:-5", "telegram:-1001")
    assert (new.id, new.place, new.moved_to) == (old.id, old.place, old.moved_to)


def test_other_peoples_comings_and_new_kinds_are_no_events() -> None:
    assert translate({"update_id": 4, "chat_member": {"chat": GROUP}}, ME, NOW) == "somebody came or went"
    assert translate({"update_id": 4, "hologram": {"a": 1}}, ME, NOW) == "unknown kind"
    assert translate({"message": {}}, ME, NOW) == "malformed"


def test_text_without_end_is_cut_and_says_so() -> None:
    event = said(text="あ" * (MOST + 1))
    assert event.text.startswith("あ" * MOST)
    assert event.text.endswith("（長いため、ここまでを受け取りました）")


def test_half_a_character_is_mended() -> None:
    assert said(text="a\ud83d b").text == "a\ufffd b"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "あ", "group", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*message(), "text", "id"]), inner),
    max_leaves=8,
)
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "update_id"])


@given(st.dictionaries(KINDS, JSON))
def test_nothing_that_is_sent_makes_it_fail(update: dict[str, Any]) -> None:
    assert isinstance(translate({"update_id": 1} | update, ME, NOW), Event | str)


@given(st.text(alphabet=st.sampled_from("あa@/ 😀\ud83d\n"), max_size=60), st.integers(-3, 70), st.integers(-3, 70))
def test_any_text_and_any_mention_can_be_written_down(text: str, offset: int, length: int) -> None:
    entity = {"type": "text_mention", "offset": offset, "length": length, "user": SATO}
    event = read(text=text, entities=[entity])
    assert isinstance(event, str) or Event.model_validate_json(event.model_dump_json()) == event
