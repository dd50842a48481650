"""The stand-in for Telegram refuses what Telegram refuses, as python-telegram-bot meets it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, MessageHandler, filters

from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(autouse=True)
def spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """RetryAfter warns of what is to come unless it may hold a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def x() -> Iterator[LocalTelegram]:
    with LocalTelegram() as running:
        yield running


def bot_of(x: LocalTelegram, token: str = "") -> Bot:
    return Bot(token or x.token, base_url=f"{x.url}/bot", base_file_url=f"{x.url}/file/bot")


@pytest.fixture
async def bot(x: LocalTelegram) -> AsyncIterator[Bot]:
    async with bot_of(x) as made:
        yield made


@pytest.fixture
def yuki(x: LocalTelegram) -> int:
    user = x.user("ゆき")
    x.start(user)
    return user


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("はい", callback_data=one) for one in data]])


async def refusal(x: LocalTelegram, awaitable: Awaitable[object]) -> str:
    """Return the words on the wire: the SDK makes most of them small."""
    with pytest.raises(TelegramError):
        await awaitable
    return (x.calls[-1].error or "").removeprefix("Bad Request: ")


async def test_a_message_goes_out_with_markup_and_comes_back_plain(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    said = await bot.send_message(yuki, "*太字*と_斜体_です\\.", parse_mode="MarkdownV2", reply_markup=keyboard("a"))
    assert (said.text, said.chat.id) == ("太字と斜体です.", yuki)
    assert [(one.type, one.offset, one.length) for one in said.entities] == [("bold", 0, 2), ("italic", 3, 2)]
    assert x.texts(yuki) == ["太字と斜体です."]
    html = await bot.send_message(yuki, "<b>A&amp;B</b> 👍<i>c</i>", parse_mode="HTML")
    assert [html.parse_entity(one) for one in html.entities] == ["A&B", "c"]


async def test_a_wrong_token_is_unauthorized(x: LocalTelegram) -> None:
    lost = bot_of(x, "987654321:AAwrong-token-that-nobody-knows")
    with pytest.raises(InvalidToken):
        await lost.initialize()
    await lost.shutdown()
    assert x.calls[-1].error == "Unauthorized"


async def test_nobody_is_written_to_who_has_not_started_or_has_blocked(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    stranger = x.user("誰か")
    assert await refusal(x, bot.send_message(1, "a")) == "chat not found"
    assert "can't initiate conversation" in await refusal(x, bot.send_message(stranger, "a"))
    x.block(yuki)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(yuki, "a")
    x.unblock(yuki)
    assert await bot.send_message(yuki, "a")
    changes = [one["my_chat_member"]["new_chat_member"]["status"] for one in x.updates if "my_chat_member" in one]
    assert changes == ["kicked", "member"]


async def test_a_bot_that_was_thrown_out_may_not_write(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    group = x.group(admins=[yuki], kind="group", bot="left")
    assert "not a member" in await refusal(x, bot.send_message(group, "a"))
    x.add_bot(group, yuki)
    await bot.send_message(group, "a")
    x.remove_bot(group, yuki)
    assert "Forbidden: bot was kicked from the group chat" in await refusal(x, bot.send_message(group, "b"))


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("", None, "message text is empty"),
        (" \n ", None, "text must be non-empty"),
        ("あ" * 4097, None, "message is too long"),
        ("😀" * 2049, None, "message is too long"),
        ("a.", "MarkdownV2", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("あ*b", "MarkdownV2", "Can't find end of Bold entity at byte offset 3"),
        ("🏟 🏟__🏟 _🏟___", "MarkdownV2", "Can't find end of Italic entity at byte offset 23"),
        ("🏟 🏟```🏟 🏟`", "MarkdownV2", "Can't find end of Code entity at byte offset 21"),
        ("[telegram\\.org](asd", "MarkdownV2", "Can't find end of a URL at byte offset 16"),
        (">asd\n>q||e||w||\n||asdad", "MarkdownV2", "Can't find end of Spoiler entity at byte offset 16"),
        ("<b>a", "HTML", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>t</b></i>", "HTML", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a <br> b", "HTML", 'Unsupported start tag "br" at byte offset 2'),
        ("1 < 2", "HTML", 'Unsupported start tag "" at byte offset 2'),
        ("a", "XML", "unsupported parse_mode"),
    ],
)
async def test_broken_texts_are_refused(
    x: LocalTelegram, bot: Bot, yuki: int, text: str, mode: str | None, words: str
) -> None:
    assert words in await refusal(x, bot.send_message(yuki, text, parse_mode=mode))


async def test_length_counts_after_the_markup_is_read(bot: Bot, yuki: int) -> None:
    assert await bot.send_message(yuki, f"<b>{'あ' * 4096}</b>", parse_mode="HTML")
    assert await bot.send_message(yuki, "😀" * 2048)


@pytest.mark.parametrize(
    ("offset", "length", "words"),
    [
        (9, 1, "entity begins after the end of the text at UTF-16 offset 9"),
        (0, 9, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9"),
        (1, 1, "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        (0, 1, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4"),
        (-1, 1, "receive an entity with incorrect offset -1"),
    ],
)
async def test_entities_must_lie_on_whole_characters(
    x: LocalTelegram, bot: Bot, yuki: int, offset: int, length: int, words: str
) -> None:
    entity = MessageEntity("bold", offset, length)
    assert await refusal(x, bot.send_message(yuki, "👉 👉", entities=[entity])) == words


async def test_entities_of_the_caller_come_back_trimmed(bot: Bot, yuki: int) -> None:
    said = await bot.send_message(yuki, "\n👉重要", entities=[MessageEntity("bold", 1, 4)])
    assert [(one.offset, one.length) for one in said.entities] == [(0, 4)]


async def test_buttons_carry_one_to_sixty_four_bytes(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    assert await bot.send_message(yuki, "a", reply_markup=keyboard("x" * 64))
    assert await refusal(x, bot.send_message(yuki, "a", reply_markup=keyboard("あ" * 22))) == "BUTTON_DATA_INVALID"
    assert "Text buttons are unallowed" in await refusal(x, bot.send_message(yuki, "a", reply_markup=keyboard("")))
    link = InlineKeyboardMarkup([[InlineKeyboardButton("a", url="not-a-url")]])
    assert "Wrong HTTP URL" in await refusal(x, bot.send_message(yuki, "a", reply_markup=link))
    crowd = InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="a")]] * 101)
    assert "too long" in await refusal(x, bot.send_message(yuki, "a", reply_markup=crowd))


async def test_edits_need_an_own_message_and_a_change(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    said = await bot.send_message(yuki, "a", reply_markup=keyboard("a"))
    assert "message is not modified" in await refusal(x, said.edit_text("a", reply_markup=keyboard("a")))
    await said.edit_text("b")  # without the keyboard: it goes
    assert x.buttons(yuki, said.message_id) == []
    assert "message is not modified" in await refusal(x, said.edit_reply_markup(None))
    assert await refusal(x, bot.edit_message_text("b", yuki, 999)) == "message to edit not found"
    theirs = x.say(yuki, yuki, "こんにちは")["message_id"]
    assert await refusal(x, bot.edit_message_text("b", yuki, theirs)) == "message can't be edited"
    assert await said.delete()
    assert await refusal(x, said.delete()) == "message to delete not found"
    assert (x.deleted, len(x.edits)) == ([(yuki, said.message_id)], 1)


async def test_a_reply_needs_its_message(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    asked = x.say(yuki, yuki, "秘密保持は？")["message_id"]
    said = await bot.send_message(yuki, "はい", reply_parameters=ReplyParameters(asked))
    assert said.reply_to_message and said.reply_to_message.text == "秘密保持は？"
    gone = bot.send_message(yuki, "はい", reply_parameters=ReplyParameters(999))
    assert await refusal(x, gone) == "message to be replied not found"
    without = ReplyParameters(999, allow_sending_without_reply=True)
    preview = LinkPreviewOptions(is_disabled=True)
    assert await bot.send_message(yuki, "はい", reply_parameters=without, link_preview_options=preview)


async def test_a_callback_is_answered_once_and_soon(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    said = await bot.send_message(yuki, "a", reply_markup=keyboard("ok"))
    with pytest.raises(LookupError):
        x.press(yuki, said.message_id, yuki, "no such")
    first, second = (x.press(yuki, said.message_id, yuki, "はい") for _ in range(2))
    assert await bot.answer_callback_query(first, "受け取りました")
    assert x.answers[first]["text"] == "受け取りました"
    old = "query is too old and response timeout expired or query ID is invalid"
    assert await refusal(x, bot.answer_callback_query(first)) == old
    assert await refusal(x, bot.answer_callback_query("77")) == old
    x.callbacks[second] -= 61
    assert await refusal(x, bot.answer_callback_query(second)) == old


async def test_a_group_that_grew_tells_its_new_address(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    group = x.group(admins=[yuki], kind="group")
    new = x.migrate(group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group, "a")
    assert caught.value.new_chat_id == new
    assert await bot.send_message(new, "a")
    assert [one["message"].get("migrate_to_chat_id") for one in x.updates[-2:]] == [new, None]


async def test_documents_go_both_ways_and_large_ones_stay(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    said = await bot.send_document(yuki, b"pdf", caption="計画", filename="計画.pdf")
    assert said.document and said.document.file_name == "計画.pdf"
    assert bytes(await (await bot.get_file(said.document.file_id)).download_as_bytearray()) == b"pdf"
    assert "caption is too long" in await refusal(x, bot.send_document(yuki, b"pdf", caption="a" * 1025))
    assert "non-empty" in await refusal(x, bot.send_document(yuki, b""))
    large = x.document(yuki, yuki, b"x", size=20 * 1024 * 1024 + 1)["document"]["file_id"]
    assert await refusal(x, bot.get_file(large)) == "file is too big"
    assert "wrong file_id" in await refusal(x, bot.get_file("nothing"))
    kinds = (x.photo(yuki, yuki), x.voice(yuki, yuki), x.sticker(yuki, yuki))
    seen = [one.effective_message for one in await bot.get_updates()][-3:]
    assert [one.message_id for one in seen if one] == [one["message_id"] for one in kinds]
    assert seen[0] and await seen[0].photo[-1].get_file()


async def test_updates_stay_until_they_are_confirmed(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    x.say(yuki, yuki, "一")
    x.say(yuki, yuki, "二")
    first = await bot.get_updates(limit=2)
    assert [one.message.text for one in first if one.message] == ["/start", "一"]
    assert [one.update_id for one in await bot.get_updates(limit=2)] == [one.update_id for one in first]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [one.message.text for one in rest if one.message] == ["二"]
    assert x.confirmed == [one.update_id for one in first]
    waiting = asyncio.create_task(bot.get_updates(offset=rest[-1].update_id + 1, timeout=10))
    await x.until(lambda: len(x.calls_of("getUpdates")) == 4)
    x.say(yuki, yuki, "三")
    assert [one.message.text for one in await waiting if one.message] == ["三"]


async def test_two_pollers_and_a_webhook_are_conflicts(x: LocalTelegram, bot: Bot) -> None:
    async with bot_of(x) as other:
        waiting = asyncio.create_task(bot.get_updates(timeout=10))
        await x.until(lambda: x.calls_of("getUpdates"))
        await other.get_updates()
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await waiting
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()


async def test_what_was_not_asked_for_does_not_come(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    group = x.group(admins=[yuki], bot="administrator")
    x.join(group, x.user("後藤"))
    assert [kind for one in x.updates for kind in one if kind == "chat_member"] == []
    await bot.get_updates(allowed_updates=["chat_member", "callback_query"])
    x.join(group, x.user("内田"))
    assert [reason for reason, _ in x.withheld] == ["not allowed", "not allowed"]
    last = (await bot.get_updates())[-1]
    assert last.chat_member and last.chat_member.new_chat_member.user.first_name == "内田"


async def test_privacy_mode_hides_the_talk_of_a_group(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    group = x.group(members=[yuki])
    said = (await bot.send_message(group, "はじめまして")).message_id
    for text in (
        "内緒の話",
        "/help",
        "/help@nakodo_bot",
        "/help@other_bot",
        "@nakodo_bot 助けて",
        "@other_bot 助けて",
    ):
        x.say(group, yuki, text)
    x.say(group, yuki, "はい", reply_to=said)
    seen = [one["message"]["text"] for one in x.updates]
    assert seen == ["/start", "/help", "/help@nakodo_bot", "@nakodo_bot 助けて", "はい"]
    x.set_member(group, x.bot_id, "administrator", yuki)
    x.say(group, yuki, "みんなで話す")
    assert x.updates[-1]["message"]["text"] == "みんなで話す"
    assert (await bot.get_me()).can_read_all_group_messages is False


async def test_a_webhook_gets_the_same_update_until_it_takes_it(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    seen: list[tuple[int, str]] = []

    async def hook(request: web.Request) -> web.Response:
        seen.append(((await request.json())["update_id"], request.headers["X-Telegram-Bot-Api-Secret-Token"]))
        return web.Response(status=500 if len(seen) < 3 else 200)

    app = web.Application()
    app.router.add_post("/telegram/webhook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    x.public["https://bot.example.com"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    assert "HTTPS URL" in await refusal(x, bot.set_webhook("http://bot.example.com/"))
    assert "unallowed characters" in await refusal(x, bot.set_webhook("https://bot.example.com/", secret_token="a.b"))
    assert "resolve host" in await refusal(x, bot.set_webhook("https://elsewhere.example.com/"))
    await bot.set_webhook(
        "https://bot.example.com/telegram/webhook", secret_token="s3cret", drop_pending_updates=True
    )
    for text in ("一", "二"):
        x.say(yuki, yuki, text)
    await x.until(lambda: len(x.confirmed) == 2)
    first, second = x.confirmed
    assert seen == [(first, "s3cret")] * 3 + [(second, "s3cret")]
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.url[-8:]) == (0, "/webhook")
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    await runner.cleanup()


async def test_failures_come_as_ordered(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    x.fail("sendMessage", "flood", seconds=7)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(yuki, "a")
    assert caught.value.retry_after == timedelta(seconds=7)
    x.fail("sendMessage", "status")
    x.fail("sendMessage", "dropped")
    for _ in range(2):
        with pytest.raises(NetworkError):
            await bot.send_message(yuki, "a")
    x.fail(
        "sendMessage",
        "refused",
        description="Bad Request: CHAT_WRITE_FORBIDDEN",
        when=lambda call: "b" in call.body["text"],
    )
    assert await bot.send_message(yuki, "a")
    with pytest.raises(BadRequest):
        await bot.send_message(yuki, "b")
    x.fail("sendMessage", "lost")
    with pytest.raises(NetworkError):
        await bot.send_message(yuki, "said, though nobody heard")
    x.fail("sendMessage", "garbled")
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(yuki, "said badly")
    x.fail("sendMessage", "slow", seconds=5)
    with pytest.raises(TimedOut):
        await bot.send_message(yuki, "said late", read_timeout=0.2)
    assert x.texts(yuki) == ["a", "said, though nobody heard", "said badly", "said late"]
    assert [one.fate for one in x.calls_of("sendMessage") if one.fate][-1] == "slow"


async def test_the_limiter_keeps_telegrams_rates() -> None:
    with LocalTelegram(limits=True) as x:
        now = [1_000_000.0]
        x.clock = lambda: now[0]
        yuki, others = x.user(), [x.user() for _ in range(30)]
        for one in (yuki, *others):
            x.start(one)
        group = x.group(members=[yuki])
        async with bot_of(x) as bot:
            await bot.send_message(yuki, "a")
            with pytest.raises(RetryAfter):
                await bot.send_message(yuki, "b")
            for one in others[:29]:
                await bot.send_message(one, "a")
            with pytest.raises(RetryAfter):
                await bot.send_message(others[29], "31 in a second")
            for _ in range(20):
                now[0] += 1
                await bot.send_message(group, "a")
            now[0] += 1
            with pytest.raises(RetryAfter) as caught:
                await bot.send_message(group, "21 in a minute")
            assert caught.value.retry_after == timedelta(seconds=40)


async def test_commands_descriptions_and_members_are_kept(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    await bot.set_my_commands([("help", "使い方")], language_code="ja", scope=BotCommandScopeChat(yuki))
    assert (await bot.get_my_commands(BotCommandScopeChat(yuki), "ja"))[0].description == "使い方"
    assert await bot.get_my_commands() == ()
    assert await refusal(x, bot.set_my_commands([("Help", "a")])) == "BOT_COMMAND_INVALID"
    assert "language" in await refusal(x, bot.set_my_commands([("help", "a")], language_code="japanese"))
    await bot.set_my_description("仲人です", language_code="ja")
    await bot.set_my_short_description("仲人")
    assert "too long" in await refusal(x, bot.set_my_short_description("a" * 121))
    assert (x.descriptions, (await bot.get_my_name()).name) == ({"ja": "仲人です"}, "Nakodo")
    group = x.group("協業", admins=[yuki], bot="administrator")
    assert {one.user.id for one in await bot.get_chat_administrators(group)} == {yuki, x.bot_id}
    assert (await bot.get_chat_member(group, yuki)).status == "creator"
    assert await refusal(x, bot.get_chat_member(group, 5)) == "member not found"
    assert (await bot.get_chat(group)).title == "協業"
    assert "no administrators" in await refusal(x, bot.get_chat_administrators(yuki))


async def test_drafts_and_actions_have_their_places(x: LocalTelegram, bot: Bot, yuki: int) -> None:
    group = x.group(members=[yuki])
    assert await bot.send_message_draft(yuki, 1, "考えて")
    assert await refusal(x, bot.send_message_draft(group, 1, "考えて")) == "TEXTDRAFT_PEER_INVALID"
    assert await bot.send_chat_action(yuki, "typing")
    assert "wrong parameter action" in await refusal(x, bot.send_chat_action(yuki, "thinking"))
    assert ([one["text"] for one in x.drafts], x.actions) == (["考えて"], [(yuki, "typing")])


async def test_a_draft_is_seen_for_half_a_minute_and_until_the_bot_speaks(
    x: LocalTelegram, bot: Bot, yuki: int
) -> None:
    now = 1_000_000.0
    x.clock = lambda: now
    assert x.drafting(yuki) is None
    await bot.send_message_draft(yuki, 1, "考えて")
    await bot.send_message_draft(yuki, 1, "考えています", entities=[MessageEntity("bold", 0, 2)])
    assert x.drafting(yuki) == "考えています"
    now += 31
    assert x.drafting(yuki) is None
    await bot.send_message_draft(yuki, 2, "もう一度")
    await bot.send_message(yuki, "答えです")
    assert (x.drafting(yuki), x.texts(yuki)) == (None, ["答えです"])


async def test_drafts_have_their_pace() -> None:
    with LocalTelegram(limits=True) as strict:
        user = strict.user("ゆき")
        strict.start(user)
        async with bot_of(strict) as bot:
            await bot.send_message_draft(user, 1, "考えて")
            with pytest.raises(RetryAfter):
                await bot.send_message_draft(user, 1, "考えています")


async def test_an_application_polls_answers_and_takes_clicks(x: LocalTelegram) -> None:
    yuki = x.user("ゆき")

    async def answer(update: Update, _context: object) -> None:
        assert update.effective_message
        await update.effective_message.reply_text("ようこそ", reply_markup=keyboard("go"))

    async def click(update: Update, _context: object) -> None:
        assert update.callback_query
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("始めます")

    building = ApplicationBuilder().token(x.token).base_url(f"{x.url}/bot").base_file_url(f"{x.url}/file/bot")
    app = building.build()
    app.add_handler(MessageHandler(filters.ALL, answer))
    app.add_handler(CallbackQueryHandler(click))
    async with app:
        await app.start()
        assert app.updater
        await app.updater.start_polling(allowed_updates=Update.ALL_TYPES)
        x.start(yuki)
        said = await x.until(lambda: x.sent(yuki))
        query = x.press(yuki, said[0]["message_id"], yuki, "go")
        await x.until(lambda: x.texts(yuki) == ["始めます"])
        assert query in x.answers
        await app.updater.stop()
        await app.stop()
    assert x.pending == []
    assert x.edits[0]["chat"]["id"] == yuki
