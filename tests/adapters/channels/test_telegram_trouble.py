"""Telegram on a bad day: what it refuses, what others answer in its place, and counts that begin anew."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.channels.telegram import TelegramChannel
from adapters.channels.telegram_events import Me
from adapters.channels.telegram_listening import Listener
from adapters.channels.telegram_text import Button, Page
from adapters.post import NotSentError, RefusedError
from tests.adapters.channels.test_telegram import Inbox, Now, at, channel_of, parcel, running, to
from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def x() -> Iterator[LocalTelegram]:
    with LocalTelegram() as server:
        yield server


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def yuki(x: LocalTelegram) -> int:
    user = x.user("ゆき")
    x.start(user)
    return user


@pytest.fixture
async def channel(x: LocalTelegram, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    async with running(channel_of(x, inbox)) as made:
        yield made


def push(x: LocalTelegram, kind: str, content: dict[str, Any]) -> None:
    with x._changed:
        x.push(kind, content)
        x._bell()


# Words for Telegram


async def test_people_are_told_the_name_by_which_the_bot_hears_them(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    await channel.send(parcel("「@nakodo」と呼ぶか、a@nakodo.example か @nakodoさん へ。", account=to(yuki)))
    assert x.texts(yuki) == ["「@nakodo_bot」と呼ぶか、a@nakodo.example か @nakodo_botさん へ。"]


# Answers that are none of Telegram's


@pytest.mark.parametrize("status", [400, 403, 404, 407, 409])
async def test_what_a_proxy_refuses_keeps_the_words_for_later(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, status: int
) -> None:
    x.fail("sendMessage", "page", status=status)
    with pytest.raises(NotSentError):
        await channel.send(parcel("はい", account=to(yuki)))
    await channel.send(parcel("はい", account=to(yuki)))
    assert x.texts(yuki) == ["はい"]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_page_in_telegrams_place_is_no_word_about_the_token(
    x: LocalTelegram, inbox: Inbox, yuki: int, status: int
) -> None:
    x.fail("getMe", "page", status=status)
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox.said() == ["/start"])
    x.fail("getMe", "page", status=status)
    channel = channel_of(x, inbox)
    assert "no answer from" in (await channel.examine())[0][1]
    await channel.stop()


async def test_pages_instead_of_updates_lose_nothing(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    x.fail("getUpdates", "page", status=502)
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox.said() == ["/start"])


# What Telegram refuses


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: USER_IS_BLOCKED"),
        (400, "Bad Request: INPUT_USER_DEACTIVATED"),
        (400, "Bad Request: PEER_ID_INVALID"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_who_cannot_be_written_to_is_unreachable_in_whichever_words(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, code: int, words: str
) -> None:
    x.fail("sendMessage", "refused", code=code, description=words)
    with pytest.raises(RefusedError) as caught:
        await channel.send(parcel(account=to(yuki)))
    assert caught.value.unreachable


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: group chat was deactivated",
        "Forbidden: the group chat was deleted",
    ],
)
async def test_a_group_in_which_it_may_not_write_refuses_for_good(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, words: str
) -> None:
    group = x.group(members=[yuki])
    x.fail("sendMessage", "refused", code=403 if words.startswith("F") else 400, description=words)
    with pytest.raises(RefusedError) as caught:
        await channel.send(parcel("はい", "/record", place=at(group)))
    assert not caught.value.unreachable
    assert len(x.calls_of("sendMessage")) == 1


async def test_a_topic_gets_its_answers(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    group = x.group(members=[yuki])
    x.chats[group].topics[77] = True
    await channel.send(parcel("はい", place=at(group, thread="77")))
    assert [one.get("message_thread_id") for one in x.sent(group)] == [77]


async def test_a_topic_that_was_closed_loses_no_words(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    group = x.group(members=[yuki])
    x.chats[group].topics[77] = False
    asked = x.say(group, yuki, "@nakodo_bot 何を？", message_thread_id=77, is_topic_message=True)
    await channel.send(parcel("はい", place=at(group, thread="77"), answers=str(asked["message_id"])))
    assert [(one["text"], one.get("message_thread_id")) for one in x.sent(group)] == [("はい", None)]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Bad Request: BUTTON_DATA_INVALID", "reply_markup"),
        ("Bad Request: reply markup is too long", "reply_markup"),
        ("Bad Request: message to be replied not found", "reply_parameters"),
        ("Bad Request: reply message not found", "reply_parameters"),
        ("Bad Request: ENTITY_BOUNDS_INVALID", "entities"),
    ],
)
async def test_what_is_refused_beside_the_words_is_left_off(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, words: str, part: str
) -> None:
    group = x.group(members=[yuki])
    asked = x.say(group, yuki, "@nakodo_bot 何を？")
    x.fail("sendMessage", "refused", 9, description=words, when=lambda call: call.get(part) not in ("", "[]"))
    await channel.send(parcel("**はい**", "/record", place=at(group), answers=str(asked["message_id"])))
    last = x.calls_of("sendMessage")[-1]
    kept = {one for one in ("reply_markup", "reply_parameters", "entities") if last.get(one) not in ("", "[]")}
    assert x.texts(group) == ["はい"]
    assert kept == {"reply_markup", "reply_parameters", "entities"} - {part}


async def test_in_a_group_that_moved_nothing_is_answered_by_its_old_number(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(admins=[yuki], kind="group")
    asked = x.say(group, yuki, "@nakodo_bot 何を？")
    new = x.migrate(group)
    while len(x.messages[new]) < asked["message_id"]:
        x.say(new, yuki, "別の話")
    answer = parcel("はい", place=at(group), answers=str(asked["message_id"]))
    with pytest.raises(NotSentError):
        await channel.send(answer)
    await channel.send(answer)
    assert [(one["text"], "reply_to_message" in one) for one in x.sent(new)] == [("はい", False)]


async def test_who_is_beckoned_in_a_topic_that_is_gone_is_beckoned_beside_it(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki, shy := x.user("大橋")])
    with pytest.raises(RefusedError):
        await channel.send(parcel(account=to(shy, "大橋"), aside=at(group, thread="77")))
    assert [text.startswith("大橋さん、") for text in x.texts(group)] == [True]


# What comes in


class Scripted:
    """A line that answers each question for updates with the next of what it was given."""

    def __init__(self, *answers: Sequence[Mapping[str, Any]] | Exception) -> None:
        self.answers, self.offsets = list(answers), list[int | None]()
        self.listener: Listener | None = None

    async def updates(self, offset: int | None, wait: int) -> Sequence[Mapping[str, Any]]:
        self.offsets.append(offset)
        answer = self.answers.pop(0)
        if not self.answers and self.listener is not None:
            self.listener.stopping.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def answer(self, query: str) -> None: ...

    async def say(
        self, chat: int, page: Page, rows: Sequence[Sequence[Button]] = (), *,
        thread: int | None = None, answers: int | None = None,
    ) -> int:  # fmt: skip
        return 1

    async def draft(self, chat: int, number: int, page: Page) -> None: ...

    async def types(self, chat: int) -> None: ...


async def listened(inbox: Inbox, *answers: Sequence[Mapping[str, Any]] | Exception) -> tuple[Listener, Scripted]:
    line = Scripted(*answers)
    listener = line.listener = Listener(line, inbox.take, Now())
    listener.me = Me(7, "nakodo_bot")
    await listener.poll()
    return listener, line


def update(number: int, text: str, **more: Any) -> dict[str, Any]:
    who = {"id": 42, "is_bot": False, "first_name": "佐藤"}
    chat = more.pop("chat", {"id": 42, "type": "private"})
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1, "chat": chat, "from": who, "text": text} | more,
    }


async def test_numbers_of_updates_that_begin_anew_are_not_taken_for_old_ones(inbox: Inbox) -> None:
    _, line = await listened(inbox, [update(900, "先週")], [], [update(7, "一週間ぶり")], [])
    assert line.offsets == [None, 901, None, 8], "an offset that stays would confirm what it has never seen"
    assert inbox.said() == ["先週", "一週間ぶり"]


async def test_updates_of_any_shape_leave_the_ear_open(inbox: Inbox) -> None:
    odd: list[dict[str, Any]] = [
        {"update_id": 1, "message": {"chat": {"id": [1]}}},
        {"update_id": 2, "message": {"chat": []}},
        {"update_id": 3, "callback_query": {"message": {"chat": {"id": {}}}}},
        {"update_id": 4, "message": []},
        {"update_id": 5},
        {"update_id": 6, "chat_member": {"chat": {"id": None}}},
        update(7, "聞こえますか"),
    ]
    listener, line = await listened(inbox, odd, [])
    assert inbox.said() == ["聞こえますか"]
    assert line.offsets == [None, 8]
    assert sum(listener.refused.values()) == 6


def migration() -> list[dict[str, Any]]:
    """Return what Telegram tells of a group that becomes a supergroup, which the bot seems to come into anew."""
    old, new = {"id": -5, "type": "group"}, {"id": -1001, "type": "supergroup"}
    standing: dict[str, Any] = {"chat": new, "from": {"id": 42}, "date": 1, "old_chat_member": {"status": "left"}}
    return [
        {"update_id": 1, "my_chat_member": standing | {"new_chat_member": {"status": "member"}}},
        update(2, "まだ前の場所で", chat=old),
        update(3, "", chat=old, migrate_to_chat_id=-1001),
        update(4, "", chat=new, migrate_from_chat_id=-5),
        update(5, "もう新しい場所で", chat=new),
    ]


async def test_a_group_that_moves_does_not_look_like_a_new_one(inbox: Inbox) -> None:
    _, line = await listened(inbox, migration(), [])
    assert [event.kind for event in inbox] == ["said", "moved", "moved", "added", "said"]
    assert line.offsets == [None, 6]


async def test_of_a_group_that_moves_nothing_is_confirmed_that_is_not_written(inbox: Inbox) -> None:
    inbox.broken = 1
    _, line = await listened(inbox, migration(), migration())
    assert line.offsets == [None, 1]
    assert inbox.said() == ["まだ前の場所で", "もう新しい場所で"]


async def test_a_fault_that_nobody_thought_of_leaves_the_ear_open(inbox: Inbox) -> None:
    listener, _ = await listened(inbox, RuntimeError("秘密の言葉"), [update(1, "聞こえますか")])
    assert inbox.said() == ["聞こえますか"]
    assert listener.alive == Now.at


# Who shows no face


def nobody(x: LocalTelegram, group: int, number: int, text: str) -> dict[str, Any]:
    """Return what a group's anonymous administrator writes."""
    face = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    chat = x.chat_shape(x.chats[group])
    return {"message_id": number, "date": 1, "chat": chat, "from": face, "sender_chat": chat, "text": text}


async def test_who_calls_without_a_face_is_asked_for_it_once_a_day(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    now = Now()
    group, other = x.group(members=[yuki]), x.group(members=[yuki])
    async with running(channel_of(x, inbox, now)) as channel:
        push(x, "message", nobody(x, group, 1, "明日は十時です"))
        push(x, "message", nobody(x, group, 2, "/setup 栃ノ木精密 × ルミナ"))
        await x.until(lambda: x.texts(group))
        push(x, "message", nobody(x, group, 3, "@nakodo_bot 聞こえますか"))
        push(x, "message", nobody(x, other, 4, "@nakodo_bot 聞こえますか"))
        await x.until(lambda: x.texts(other))
        now.at += timedelta(days=1)
        push(x, "message", nobody(x, group, 5, "@nakodo_bot まだですか"))
        await x.until(lambda: len(x.texts(group)) == 2)
    assert channel.refused["nobody's face"] == 5
    assert inbox.said() == ["/start"]
    assert "匿名" in x.texts(group)[0]


async def test_who_calls_without_a_face_where_it_may_not_write_disturbs_nothing(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki])
    x.fail("sendMessage", "refused", description="Bad Request: CHAT_WRITE_FORBIDDEN")
    push(x, "message", nobody(x, group, 1, "@nakodo_bot 聞こえますか"))
    await x.until(lambda: x.calls_of("sendMessage"))
    x.say(yuki, yuki, "その次")
    await x.until(lambda: "その次" in inbox.said())
