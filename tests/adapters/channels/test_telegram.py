"""The Telegram channel on the real SDK, against a strict Bot API on this machine."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from adapters.channels.telegram import TelegramChannel
from adapters.channels.telegram_settings import TelegramSettings
from adapters.post import Account, Event, File, NotSentError, Parcel, Place, RefusedError, UnclearError
from bot.errors import SettingsError
from bot.model import Label, MessageId, Reply
from tests.servers.telegram import TOKEN, LocalTelegram
from tests.servers.telegram_wire import Kind

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SECRET = "only-telegram-knows-this"


class Inbox(list[Event]):
    """What was handed over; `broken` times it cannot be written."""

    broken = 0

    async def take(self, event: Event) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the disk is full")
        self.append(event)

    def said(self) -> list[str]:
        return [event.text for event in self if event.kind == "said"]


class Now:
    """A clock that is put forward by hand."""

    at = datetime(2026, 4, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def x() -> Iterator[LocalTelegram]:
    with LocalTelegram() as running:
        yield running


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def yuki(x: LocalTelegram) -> int:
    user = x.user("ゆき")
    x.start(user)
    return user


def channel_of(
    x: LocalTelegram, inbox: Inbox, clock: Callable[[], datetime] | None = None, **more: Any
) -> TelegramChannel:
    settings = TelegramSettings(bot_token=SecretStr(more.pop("token", TOKEN)), api_url=x.url, **more)
    return TelegramChannel(settings, inbox.take, clock=clock or Now())


@asynccontextmanager
async def running(channel: TelegramChannel) -> AsyncIterator[TelegramChannel]:
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


@pytest.fixture
async def channel(x: LocalTelegram, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    async with running(channel_of(x, inbox)) as made:
        yield made


def parcel(text: str = "はい", *choices: str, **more: Any) -> Parcel:
    kind, label = more.pop("kind", "notice"), more.pop("label", None)
    reply = Reply(to="room", kind=kind, text=text, choices=choices, in_reply_to=MessageId("m1"), label=label)
    return Parcel(**{"id": "p1", "tenant": "t", "channel": "telegram", "reply": reply} | more)


def to(user: int, name: str = "ゆき") -> Account:
    return Account(key=f"telegram:{user}", name=name)


def at(chat: int, **more: Any) -> Place:
    return Place(key=f"telegram:{chat}", **more)


# In, by polling


async def test_what_people_write_is_handed_over_and_then_confirmed(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    x.say(yuki, yuki, "NDAの前に何を見せていい？")
    await x.until(lambda: len(x.confirmed) == 2)
    assert inbox.said() == ["/start", "NDAの前に何を見せていい？"]
    assert inbox[0].invites == "https://t.me/nakodo_bot?start="
    assert x.calls_of("getUpdates")[0].body["timeout"]
    assert x.allowed == ["message", "edited_message", "callback_query", "my_chat_member", "chat_member"]
    assert channel.alive() == Now.at


async def test_what_waited_while_nobody_was_there_is_not_dropped(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    x.webhook = {"url": "http://127.0.0.1:9/old", "secret": ""}
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox.said() == ["/start"])
    assert x.webhook is None
    assert x.calls_of("deleteWebhook")[0].get("drop_pending_updates") in ("", "false")


async def test_what_could_not_be_written_comes_again(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    await x.until(lambda: inbox.said() == ["/start"])
    inbox.broken = 1
    for text in ("一", "二"):
        x.say(yuki, yuki, text)
    await x.until(lambda: inbox.said() == ["/start", "一", "二"])
    assert channel.refused["not written"] == 1


async def test_stopping_confirms_what_was_taken_and_leaves_the_rest(
    x: LocalTelegram, inbox: Inbox, yuki: int
) -> None:
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox)
    assert len(x.confirmed) == 1
    x.say(yuki, yuki, "まだ誰もいない")
    again = Inbox()
    async with running(channel_of(x, again)):
        await x.until(lambda: again)
    assert again.said() == ["まだ誰もいない"]


async def test_stopping_waits_for_what_is_being_written(x: LocalTelegram, yuki: int) -> None:
    begun, free, done = asyncio.Event(), asyncio.Event(), []

    async def slowly(event: Event) -> None:
        begun.set()
        await free.wait()
        done.append(event)

    settings = TelegramSettings(bot_token=SecretStr(TOKEN), api_url=x.url)
    channel = TelegramChannel(settings, slowly)
    await channel.start()
    await begun.wait()
    stopping = asyncio.create_task(channel.stop())
    await asyncio.sleep(0)
    assert not done
    free.set()
    await stopping
    assert len(done) == 1
    assert len(x.confirmed) == 1


@pytest.mark.parametrize("kind", ["status", "dropped", "garbled", "flood"])
async def test_trouble_on_the_line_loses_nothing(x: LocalTelegram, inbox: Inbox, yuki: int, kind: Any) -> None:
    x.fail("getUpdates", kind)
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox.said() == ["/start"])


async def test_a_second_poller_is_survived_and_counted(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    x.fail("getUpdates", "refused", code=409, description=words)
    async with running(channel_of(x, inbox)) as channel:
        await x.until(lambda: inbox.said() == ["/start"])
    assert channel.refused["conflict"] == 1


async def test_an_update_that_nobody_understands_holds_nothing_up(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    with x.lock:
        x.push("message", {"message_id": "?", "hologram": True})
        x.push("callback_query", {"id": "5", "from": {}})
    x.say(yuki, yuki, "その次")
    await x.until(lambda: "その次" in inbox.said())
    assert channel.refused["malformed"] == 2


async def test_telegram_may_come_later_than_the_bot(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    x.fail("getMe", "status")
    channel = channel_of(x, inbox)
    await channel.start()
    assert channel.alive() is None
    await x.until(lambda: inbox.said() == ["/start"])
    await channel.stop()


async def test_a_token_that_telegram_does_not_know_is_a_wrong_setting(x: LocalTelegram, inbox: Inbox) -> None:
    wrong = "987654321:AAwrong-token-that-nobody-knows"
    channel = channel_of(x, inbox, token=wrong)
    with pytest.raises(SettingsError, match="BotFather") as caught:
        await channel.start()
    assert wrong not in str(caught.value) + repr(caught.value) + repr(caught.value.__context__)
    await channel.stop()


async def test_the_menu_speaks_both_languages(x: LocalTelegram, inbox: Inbox) -> None:
    async with running(channel_of(x, inbox)):
        ja, en = x.commands["default", "ja"], x.commands["default", ""]
    assert [one["command"] for one in ja] == [one["command"] for one in en]
    assert {"start", "join", "link", "setup", "invite", "room", "help", "nda"} <= {one["command"] for one in en}
    assert next(one["description"] for one in ja if one["command"] == "help") == "この一覧"
    assert set(x.descriptions) == set(x.short_descriptions) == {"", "ja"}


async def test_a_menu_that_is_refused_keeps_nobody_from_talking(x: LocalTelegram, inbox: Inbox, yuki: int) -> None:
    x.fail("setMyCommands", "refused", times=2, description="Bad Request: BOT_COMMAND_INVALID")
    x.fail("setMyDescription", "flood", times=2, seconds=3_000)
    async with running(channel_of(x, inbox)):
        await x.until(lambda: inbox.said() == ["/start"])


async def test_a_click_is_answered_after_it_is_written_down(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    receipt = await channel.send(parcel("どちらですか", "/record", account=to(yuki)))
    query = x.press(yuki, int(receipt.split(":")[1]), yuki, "記録")
    await x.until(lambda: query in x.answers)
    pressed = next(event for event in inbox if event.kind == "pressed")
    assert (pressed.button, pressed.place.direct, pressed.account.key) == ("p1:0", True, f"telegram:{yuki}")


async def test_a_click_that_is_too_old_to_answer_is_still_heard(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    x.callback_lifetime = -1
    receipt = await channel.send(parcel("どちらですか", "/record", account=to(yuki)))
    x.press(yuki, int(receipt.split(":")[1]), yuki, "記録")
    await x.until(lambda: x.calls_of("answerCallbackQuery") and x.calls_of("answerCallbackQuery")[0].error)
    assert inbox[-1].kind == "pressed"


async def test_groups_blocks_edits_and_moves_are_told(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(admins=[yuki], kind="group", bot="left")
    x.add_bot(group, yuki)
    words = x.say(group, yuki, "@nakodo_bot 助けて")
    x.edit(group, words["message_id"], "@nakodo_bot やっぱり")
    new = x.migrate(group)
    x.remove_bot(new, yuki)
    x.block(yuki)
    await x.until(lambda: len(x.confirmed) == len(x.updates))
    told = [(event.kind, event.place.key) for event in inbox[1:]]
    assert told == [
        ("added", f"telegram:{group}"),
        ("said", f"telegram:{group}"),
        ("edited", f"telegram:{group}"),
        ("moved", f"telegram:{group}"),
        ("moved", f"telegram:{group}"),
        ("removed", f"telegram:{new}"),
        ("removed", f"telegram:{yuki}"),
    ]
    assert len({event.id for event in inbox}) == len(inbox) - 1  # Both ends of the move are one event.


# In, by webhook


@asynccontextmanager
async def posted_to(x: LocalTelegram, channel: TelegramChannel) -> AsyncIterator[str]:
    app = Starlette(routes=[Route("/telegram/webhook", channel.http, methods=["GET", "POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    x.public["https://bot.example.com"] = url
    try:
        async with running(channel):
            yield f"{url}/telegram/webhook"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
def hooked(x: LocalTelegram, inbox: Inbox) -> TelegramChannel:
    return channel_of(x, inbox, webhook_url="https://bot.example.com", webhook_secret=SecretStr(SECRET))


async def test_the_webhook_takes_an_update_only_when_it_is_written(
    x: LocalTelegram, inbox: Inbox, yuki: int, hooked: TelegramChannel
) -> None:
    inbox.broken = 2
    async with posted_to(x, hooked):
        await x.until(lambda: inbox.said() == ["/start"] and x.confirmed)
    assert [one.status for one in x.deliveries] == [503, 503, 200]
    assert x.webhook is not None
    assert (x.webhook["url"], x.webhook["secret"]) == ("https://bot.example.com/telegram/webhook", SECRET)
    assert x.allowed is not None
    assert "chat_member" in x.allowed


async def test_a_click_through_the_webhook_is_answered(
    x: LocalTelegram, inbox: Inbox, yuki: int, hooked: TelegramChannel
) -> None:
    async with posted_to(x, hooked):
        receipt = await hooked.send(parcel("どちらですか", "/record", account=to(yuki)))
        query = x.press(yuki, int(receipt.split(":")[1]), yuki, "記録")
        await x.until(lambda: query in x.answers)
    assert inbox[-1].kind == "pressed"


UPDATE = (
    b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "a", '
    b'"chat": {"id": 5, "type": "private"}, "from": {"id": 5}}}'
)


@pytest.mark.parametrize(
    ("headers", "body", "status", "reason"),
    [
        ({}, UPDATE, 403, "secret"),
        ({"X-Telegram-Bot-Api-Secret-Token": "guess"}, UPDATE, 403, "secret"),
        ({"X-Telegram-Bot-Api-Secret-Token": b"\xe3\x81\x82\xff"}, UPDATE, 403, "secret"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"{", 400, "malformed"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"\xff\xfe", 400, "malformed"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"[1]", 400, "malformed"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b"[" * 50_000, 400, "malformed"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b'{"update_id": "x"}', 400, "malformed"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b" " * 1_000_001, 413, "too large"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b'{"update_id": 1, "hologram": {}}', 200, "unknown kind"),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, b'{"update_id": 1, "message": 5}', 200, "malformed"),
    ],
)
async def test_forged_and_broken_posts_are_refused_and_counted(
    x: LocalTelegram, inbox: Inbox, hooked: TelegramChannel, headers: Any, body: bytes, status: int, reason: str
) -> None:
    async with posted_to(x, hooked) as url, httpx.AsyncClient() as client:
        answer = await client.post(url, content=body, headers=headers)
    assert (answer.status_code, hooked.refused[reason], inbox) == (status, 1, [])


async def test_nothing_is_taken_by_get_nor_while_polling(
    x: LocalTelegram, inbox: Inbox, hooked: TelegramChannel
) -> None:
    said = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with posted_to(x, hooked) as url, httpx.AsyncClient() as client:
        assert (await client.get(url, headers=said)).status_code == 405
        assert (await client.post(url, content=UPDATE, headers=said)).status_code == 200
    polling = channel_of(x, inbox)
    async with posted_to(x, polling) as url, httpx.AsyncClient() as client:
        empty = {"X-Telegram-Bot-Api-Secret-Token": ""}
        assert (await client.post(url, content=UPDATE, headers=empty)).status_code == 404
    assert len(inbox) == 1


# Out


async def test_an_answer_goes_out_with_marks_buttons_and_no_preview(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    words = "これは**「大事」**です https://example.com"
    receipt = await channel.send(parcel(words, "/record", kind="answer", account=to(yuki)))
    sent = x.sent(yuki)[0]
    assert receipt == f"{yuki}:{sent['message_id']}"
    assert sent["text"] == "これは「大事」です https://example.com"
    assert ("bold", 3, 4) in [(one["type"], one["offset"], one["length"]) for one in sent["entities"]]
    assert [one["callback_data"] for one in x.buttons(yuki, sent["message_id"])] == ["p1:0", "p1:up", "p1:down"]
    assert '"is_disabled": true' in x.calls_of("sendMessage")[0].get("link_preview_options")


async def test_in_a_group_it_answers_the_message_unless_nobody_asked(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki])
    asked = str(x.say(group, yuki, "@nakodo_bot 何を？")["message_id"])
    unasked = Label(why="", how="word", whom="room")
    await channel.send(parcel("一", place=at(group), answers=asked))
    await channel.send(parcel("二", place=at(group), answers=asked, label=unasked))
    await channel.send(parcel("三", place=at(group), answers="9999"))
    replied = [one.get("reply_to_message", {}).get("text") for one in x.sent(group)]
    assert replied == ["@nakodo_bot 何を？", None, None]


async def test_a_long_answer_comes_in_pages_with_buttons_on_the_last(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    text = "これは一つの文です。" * 1_000
    group = x.group(members=[yuki])
    asked = str(x.say(group, yuki, "@nakodo_bot 何を？")["message_id"])
    receipt = await channel.send(parcel(text, "/record", place=at(group), answers=asked))
    sent = x.sent(group)
    assert "".join(x.texts(group)) == text
    assert [bool(x.buttons(group, one["message_id"])) for one in sent] == [False, False, True]
    assert [bool(one.get("reply_to_message")) for one in sent] == [True, False, False]
    assert receipt == f"{group}:{sent[-1]['message_id']}"


async def test_a_page_that_went_out_is_not_sent_again(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    text = "これは一つの文です。" * 1_000
    x.fail("sendMessage", "flood", seconds=300, when=lambda call: len(x.calls_of("sendMessage")) == 2)
    with pytest.raises(NotSentError) as caught:
        await channel.send(parcel(text, account=to(yuki)))
    assert caught.value.after == 300
    assert len(x.texts(yuki)) == 1
    await channel.send(parcel(text, account=to(yuki), again=True))
    assert [one.partition("\n")[0] for one in x.texts(yuki)][1] == "（念のため、もう一度お送りします）"
    assert "".join(x.texts(yuki)).replace("（念のため、もう一度お送りします）\n", "") == text


async def test_what_may_be_a_repeat_says_so(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    await channel.send(parcel("**はい**", account=to(yuki), again=True))
    await channel.send(parcel("Yes", account=to(yuki), again=True, locale="en"))
    assert x.texts(yuki) == ["（念のため、もう一度お送りします）\nはい", "(Sending this again, to be safe.)\nYes"]


async def test_marks_that_telegram_refuses_are_left_off(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    refused = "Bad Request: can't parse entities: Unsupported entity"
    x.fail("sendMessage", "refused", description=refused, when=lambda call: bool(call.get("entities")))
    await channel.send(parcel("**大事**です", account=to(yuki)))
    assert x.texts(yuki) == ["大事です"]


async def test_a_topic_gets_its_answers_and_a_lost_one_loses_no_words(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki])
    await channel.send(parcel("はい", place=at(group, thread="77")))
    assert [one.get("message_thread_id") for one in x.calls_of("sendMessage")] == ["77", ""]
    assert x.texts(group) == ["はい"]


@pytest.mark.parametrize("kind", ["status", "lost", "dropped", "garbled"])
async def test_what_may_have_arrived_is_unclear(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, kind: Any
) -> None:
    x.fail("sendMessage", kind)
    with pytest.raises(UnclearError) as caught:
        await channel.send(parcel("秘密の言葉", account=to(yuki)))
    assert "秘密" not in str(caught.value)
    assert TOKEN not in f"{caught.value!r} {caught.value.__context__!r}"


async def test_a_short_wait_is_waited_and_a_long_one_handed_back(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    x.fail("sendMessage", "flood", seconds=1)
    await channel.send(parcel("すぐ", account=to(yuki)))
    x.fail("sendMessage", "flood", seconds=60)
    with pytest.raises(NotSentError) as caught:
        await channel.send(parcel("あとで", account=to(yuki)))
    assert caught.value.after == 60
    assert x.texts(yuki) == ["すぐ"]


async def test_telegrams_own_rates_are_kept(inbox: Inbox) -> None:
    with LocalTelegram(limits=True) as x:
        yuki = x.user("ゆき")
        x.start(yuki)
        async with running(channel_of(x, inbox)) as channel:
            for number in range(3):
                await channel.send(parcel(f"{number}", account=to(yuki)))
        assert x.texts(yuki) == ["0", "1", "2"]


async def test_without_a_connection_nothing_was_sent(inbox: Inbox) -> None:
    with LocalTelegram() as gone:
        channel = channel_of(gone, inbox)
    with pytest.raises(NotSentError):
        await channel.send(parcel(account=to(5)))
    assert (await channel.examine())[0][0] is False
    await channel.stop()


async def test_a_wrong_token_keeps_the_words_for_later(x: LocalTelegram, yuki: int, inbox: Inbox) -> None:
    channel = channel_of(x, inbox, token="987654321:AAwrong-token-that-nobody-knows")
    with pytest.raises(NotSentError):
        await channel.send(parcel(account=to(yuki)))
    assert "refused" in (await channel.examine())[0][1]
    await channel.stop()


async def test_who_never_began_a_talk_is_unreachable_and_beckoned_once_a_day(
    x: LocalTelegram, inbox: Inbox, yuki: int
) -> None:
    now = Now()
    group, shy = x.group(members=[yuki, stranger := x.user("大橋")]), stranger
    private = parcel("図面の話は、署名のあとに。", account=to(shy, "大橋"), aside=at(group))
    async with running(channel_of(x, inbox, now)) as channel:
        for _ in range(2):
            with pytest.raises(RefusedError) as caught:
                await channel.send(private)
            assert caught.value.unreachable
        assert len(x.texts(group)) == 1
        now.at += timedelta(days=1)
        x.fail("sendMessage", "status", when=lambda call: call.number("chat_id") == group)
        with pytest.raises(RefusedError):
            await channel.send(private)
    said = x.sent(group)[0]
    assert said["text"].startswith("大橋さん、")
    assert "図面" not in said["text"]
    assert x.buttons(group, said["message_id"])[0]["url"] == "https://t.me/nakodo_bot?start=hello"
    assert ("text_mention", 0, 2) in [(one["type"], one["offset"], one["length"]) for one in said["entities"]]


async def test_who_blocked_the_bot_is_unreachable(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    x.block(yuki)
    with pytest.raises(RefusedError, match="blocked") as caught:
        await channel.send(parcel(account=to(yuki)))
    assert caught.value.unreachable
    assert len(x.calls_of("sendMessage")) == 1


async def test_a_group_that_put_the_bot_out_refuses_for_good(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki], bot="kicked")
    with pytest.raises(RefusedError, match="kicked") as caught:
        await channel.send(parcel(place=at(group)))
    assert not caught.value.unreachable


async def test_a_group_that_moved_is_told_and_followed(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(admins=[yuki], kind="group")
    new = x.migrate(group)
    with x.lock:
        x.pending.clear()  # It is learnt by sending alone.
    with pytest.raises(NotSentError):
        await channel.send(parcel(place=at(group)))
    moved = [event for event in inbox if event.kind == "moved"]
    assert {(event.place.key, event.moved_to) for event in moved} == {(f"telegram:{group}", f"telegram:{new}")}
    await channel.send(parcel(place=at(group)))
    assert x.texts(new) == ["はい"]


@pytest.mark.parametrize("wrong", [{"account": Account(key="slack:T:U")}, {}, {"place": Place(key="telegram:x")}])
async def test_a_parcel_for_elsewhere_is_refused(channel: TelegramChannel, wrong: Any) -> None:
    with pytest.raises(RefusedError):
        await channel.send(parcel(**wrong))


async def test_no_words_are_no_message(channel: TelegramChannel, yuki: int) -> None:
    with pytest.raises(RefusedError):
        await channel.send(parcel(" \n ", account=to(yuki)))


async def test_used_buttons_go_and_what_fails_is_let_go(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    one = parcel("どちらですか", "/record", account=to(yuki))
    receipt = await channel.send(one)
    for _ in range(2):  # The second time there is nothing left to take.
        await channel.settled(one, receipt)
    await channel.settled(one, "nonsense")
    assert x.buttons(yuki, int(receipt.split(":")[1])) == []


async def test_names_are_asked_for_only_where_they_lack(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    assert (await channel.acquainted(to(yuki, ""))).name == "ゆき"
    assert (await channel.acquainted(to(yuki, "佐藤"))).name == "佐藤"
    assert (await channel.acquainted(to(99, ""))).name == ""
    assert len(x.calls_of("getChat")) == 2


async def test_files_are_fetched_up_to_a_limit(
    x: LocalTelegram, inbox: Inbox, yuki: int, channel: TelegramChannel
) -> None:
    x.document(yuki, yuki, "見積もり".encode() * 100_000, name="見積もり.pdf", caption="これです")
    await x.until(lambda: "これです" in inbox.said())
    file = inbox[-1].files[0]
    assert (file.name, file.size) == ("見積もり.pdf", 1_200_000)
    assert await channel.fetch(file, 2_000_000) == "見積もり".encode() * 100_000
    assert len(await channel.fetch(file, 1_000)) == 1_000


async def test_files_that_telegram_keeps_are_refused_and_hiccups_told_apart(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    large = File(name="a", ref=x.document(yuki, yuki, size=30_000_000)["document"]["file_id"])
    for file in (large, File(name="b", ref="nothing"), File(name="location", ref="none:location")):
        with pytest.raises(RefusedError):
            await channel.fetch(file, 10)
    good = File(name="c", ref=x.document(yuki, yuki)["document"]["file_id"])
    troubles: tuple[tuple[str, Kind], ...] = (("getFile", "status"), ("download", "status"), ("download", "dropped"))
    for method, kind in troubles:
        x.fail(method, kind)
        with pytest.raises(NotSentError) as caught:
            await channel.fetch(good, 10)
        assert TOKEN not in f"{caught.value!r} {caught.value.__context__!r}"


async def test_telegram_cannot_be_asked(channel: TelegramChannel) -> None:
    assert channel.tells is False
    with pytest.raises(NotImplementedError):
        await channel.find(parcel())


async def test_nothing_secret_is_logged(
    x: LocalTelegram, inbox: Inbox, yuki: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    x.fail("getUpdates", "garbled")
    x.fail("sendMessage", "garbled")
    async with running(channel_of(x, inbox)) as channel:
        with pytest.raises(UnclearError):
            await channel.send(parcel("秘密の返事", account=to(yuki)))
        x.say(yuki, yuki, "秘密の相談")
        await x.until(lambda: "秘密の相談" in inbox.said())
    told = caplog.text + "".join(capsys.readouterr())
    assert TOKEN not in told
    assert TOKEN.partition(":")[2] not in told
    assert "秘密" not in told
    assert TOKEN not in repr(channel) + repr(vars(channel))


# Looking after itself


async def test_the_checkup_names_privacy_mode_and_a_webhook_in_the_way(x: LocalTelegram, inbox: Inbox) -> None:
    x.webhook = {"url": "https://elsewhere.example.com/", "secret": ""}
    channel = channel_of(x, inbox)
    found = await channel.examine()
    await channel.stop()
    assert found[0] == (True, "Telegram: @nakodo_bot", "")
    bad = {what: remedy for ok, what, remedy in found if not ok}
    assert any("privacy mode" in what and "/setprivacy" in remedy for what, remedy in bad.items())
    assert any("webhook" in what and "nakodo serve" in remedy for what, remedy in bad.items())


async def test_the_checkup_of_a_webhook_tells_what_failed_last(
    x: LocalTelegram, inbox: Inbox, hooked: TelegramChannel
) -> None:
    x.privacy = False
    before = await hooked.examine()
    assert any("not the one" in what for ok, what, _ in before if not ok)
    async with posted_to(x, hooked):
        assert all(ok for ok, *_ in await hooked.examine())
        assert x.webhook is not None
        x.webhook |= {"last_error_date": int(Now.at.timestamp()), "last_error_message": "Connection refused"}
        assert any("Connection refused" in what for ok, what, _ in await hooked.examine() if not ok)
