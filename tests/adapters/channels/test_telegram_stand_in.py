"""The stand-in for Telegram keeps topics, and lets others answer in its place, as python-telegram-bot meets it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import Bot, ReplyParameters
from telegram.error import BadRequest, Forbidden

from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def x() -> Iterator[LocalTelegram]:
    with LocalTelegram() as running:
        yield running


@pytest.fixture
async def bot(x: LocalTelegram) -> AsyncIterator[Bot]:
    async with Bot(x.token, base_url=f"{x.url}/bot") as made:
        yield made


async def test_a_topic_that_is_closed_takes_nothing_nor_does_what_is_answered_in_it(
    x: LocalTelegram, bot: Bot
) -> None:
    group = x.group(members=[yuki := x.user("ゆき")])
    x.chats[group].topics |= {7: True, 8: False}
    asked = x.say(group, yuki, "何を？", message_thread_id=8, is_topic_message=True)["message_id"]
    said = await bot.send_message(group, "はい", message_thread_id=7)
    assert (said.message_thread_id, said.is_topic_message) == (7, True)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(group, "はい", message_thread_id=8)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(group, "はい", reply_parameters=ReplyParameters(asked))
    with pytest.raises(BadRequest, match=r"(?i)message thread not found"):
        await bot.send_message(group, "はい", message_thread_id=9)


async def test_a_page_that_a_proxy_made_up_says_nothing_of_telegram(x: LocalTelegram, bot: Bot) -> None:
    x.start(yuki := x.user("ゆき"))
    x.fail("sendMessage", "page", status=403)
    with pytest.raises(Forbidden, match="Parsing the server response"):
        await bot.send_message(yuki, "はい")
    assert x.texts(yuki) == []
