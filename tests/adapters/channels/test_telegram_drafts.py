"""An answer is seen in a private chat on Telegram while it is written, and nothing of it stays beside the answer."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.channels.telegram import TelegramChannel
from adapters.post import Preview, RefusedError, SendError, Shows
from tests.adapters.channels.test_telegram import Inbox, at, channel_of, parcel, running, to
from tests.servers.telegram import TOKEN, LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ONE, TWO = "**図面**は後で見せます。", "先に目的を話しましょう。"


@pytest.fixture
def x() -> Iterator[LocalTelegram]:
    with LocalTelegram() as server:
        yield server


@pytest.fixture
def yuki(x: LocalTelegram) -> int:
    user = x.user("ゆき")
    x.start(user)
    return user


@pytest.fixture
async def channel(x: LocalTelegram) -> AsyncIterator[TelegramChannel]:
    async with running(channel_of(x, Inbox())) as made:
        yield made


async def never(_shown: str) -> None:
    raise AssertionError("drafts go by themselves, so there is nothing to note")


async def show(channel: TelegramChannel, user: int, text: str, name: str = "abcdef0123") -> None:
    written = parcel(text, account=to(user), id=name, kind="answer")
    await channel.show(Preview(parcel=written, asker=to(user)), never)


async def test_a_draft_grows_and_the_answer_ends_it(x: LocalTelegram, yuki: int, channel: TelegramChannel) -> None:
    assert isinstance(channel, Shows)
    await show(channel, yuki, ONE)
    assert x.drafting(yuki) == "図面は後で見せます。"
    await show(channel, yuki, ONE + TWO)
    assert len({one["draft_id"] for one in x.drafts}) == 1, "one draft that grows"
    assert [one["type"] for one in x.drafts[0]["entities"]] == ["bold"]
    assert x.texts(yuki) == []
    await channel.send(parcel(ONE + TWO, account=to(yuki), kind="answer"))
    assert x.drafting(yuki) is None
    assert x.texts(yuki) == ["図面は後で見せます。先に目的を話しましょう。"]
    await channel.take_back("")


async def test_in_a_group_nothing_is_shown_and_nothing_is_typed(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    group = x.group(members=[yuki])
    with pytest.raises(RefusedError, match="groups"):
        await channel.show(Preview(parcel=parcel(ONE, place=at(group)), asker=to(yuki)), never)
    assert (x.drafts, x.actions) == ([], [])


async def test_who_cannot_be_drafted_to_sees_that_something_is_typed(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    x.fail("sendMessageDraft", "refused", description="Bad Request: TEXTDRAFT_PEER_INVALID")
    await show(channel, yuki, ONE)
    await show(channel, yuki, ONE + TWO)
    assert (x.drafts, x.actions) == ([], [(yuki, "typing")])
    assert len(x.calls_of("sendMessageDraft")) == 1, "it is not tried again"


async def test_what_is_shown_does_not_keep_what_is_said_waiting(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    x.fail("sendMessageDraft", "flood", seconds=40)
    await show(channel, yuki, ONE)
    await show(channel, yuki, ONE + TWO)
    assert len(x.calls_of("sendMessageDraft")) == 1, "Telegram asked to be left alone"
    await channel.send(parcel(ONE, account=to(yuki)))
    assert x.texts(yuki) == ["図面は後で見せます。"]


async def test_a_server_that_knows_no_drafts_is_left_alone(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    x.fail("sendMessageDraft", "refused", times=9, code=404, description="Not Found")
    for _ in range(3):
        await show(channel, yuki, ONE)
    assert len(x.calls_of("sendMessageDraft")) == 1
    await channel.send(parcel(ONE, account=to(yuki)))
    assert x.texts(yuki) == ["図面は後で見せます。"]


@pytest.mark.parametrize("kind", ["status", "dropped", "lost"])
async def test_a_broken_line_ends_the_showing_and_not_the_answer(
    x: LocalTelegram, yuki: int, channel: TelegramChannel, kind: str
) -> None:
    x.fail("sendMessageDraft", kind)  # type: ignore[arg-type]
    with pytest.raises(SendError) as error:
        await show(channel, yuki, "極秘の配合")
    assert "極秘" not in str(error.value)
    assert TOKEN not in str(error.value)
    await channel.send(parcel(ONE, account=to(yuki)))
    assert x.texts(yuki) == ["図面は後で見せます。"]


async def test_who_has_blocked_the_bot_is_shown_nothing_more(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    x.block(yuki)
    with pytest.raises(RefusedError) as refused:
        await show(channel, yuki, ONE)
    assert refused.value.unreachable
    assert x.actions == []


async def test_of_a_long_answer_the_page_that_is_being_written_is_shown(
    x: LocalTelegram, yuki: int, channel: TelegramChannel
) -> None:
    await show(channel, yuki, "あ" * 5_000 + "。終わりです。")
    await show(channel, yuki, " \n ")
    (draft,) = x.drafts
    assert draft["text"].endswith("終わりです。")
    assert len(draft["text"]) < 4_096


async def test_a_strict_telegram_is_not_asked_too_often() -> None:
    with LocalTelegram(limits=True) as x:
        user = x.user("ゆき")
        x.start(user)
        async with running(channel_of(x, Inbox())) as channel:
            assert channel.pace > 1
            await show(channel, user, ONE)
            await show(channel, user, ONE + TWO)
            assert [one.error is None for one in x.calls_of("sendMessageDraft")] == [True, False]
