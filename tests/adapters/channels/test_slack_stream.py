"""An answer is seen in Slack while it is written, and then is one message: whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.slack import SlackChannel
from adapters.channels.slack_stream import STARTS
from adapters.channels.slack_text import markdown, so_far
from adapters.post import Account, NotSentError, Parcel, Preview, RefusedError, SendError, Shows, UnclearError
from tests.adapters.channels.slack_house import House, over_http, parcel, settings
from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ONE, TWO, THREE = "**図面**は後で見せます。", "先に目的を話しましょう。", "\n\n出典: レポート §5(3)"
WHOLE = ONE + TWO + THREE


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        yield local


@pytest.fixture
async def channel(slack: LocalSlack) -> AsyncIterator[SlackChannel]:
    made = SlackChannel(settings(slack), House().receive)
    await made.start()
    yield made
    await made.stop()


class Talk:
    """A channel in which 佐藤 asked something, and what was noted of the preview of its answer."""

    def __init__(self, slack: LocalSlack, channel: SlackChannel) -> None:
        self.slack, self.channel = slack, channel
        self.sato, self.lee = slack.add_user("佐藤"), slack.add_user("Lee")
        self.room = slack.add_channel("joint", [self.sato, self.lee])
        self.place = f"slack:{slack.team.id}:{self.room}"
        self.asked = slack.message(self.sato, "@nakodo どう?", channel=self.room).ts
        self.notes: list[str] = []

    @property
    def noted(self) -> str:
        return self.notes[-1] if self.notes else ""

    async def note(self, shown: str) -> None:
        self.notes.append(shown)

    def answer(self, text: str = WHOLE, name: str = "p1", **more: Any) -> Parcel:
        return parcel(text, name=name, **({"place": self.place, "answers": self.asked} | more))

    async def show(self, text: str, name: str = "a1", **more: Any) -> None:
        asker = Account(key=f"slack:{self.slack.team.id}:{self.sato}")
        preview = Preview(parcel=self.answer(text, name, **more), asker=asker)
        await self.channel.show(preview, self.note)

    async def send(self, text: str = WHOLE, **more: Any) -> str:
        return await self.channel.send(self.answer(text, **({"shown": self.noted} | more)))

    def posted(self) -> list[dict[str, Any]]:
        return self.slack.posted(self.room)

    def methods(self) -> list[str]:
        return [one.method.removeprefix("chat.") for one in self.slack.calls if one.method.startswith("chat.")]


@pytest.fixture
def talk(slack: LocalSlack, channel: SlackChannel) -> Talk:
    return Talk(slack, channel)


def words(posted: dict[str, Any]) -> str:
    marked = [block["text"] for block in posted.get("blocks", []) if block["type"] == "markdown"]
    return "".join(marked) or str(posted["text"])


def buttons(posted: dict[str, Any]) -> list[str]:
    return [block["type"] for block in posted["blocks"] if block["type"] != "markdown"]


async def test_a_stream_grows_in_the_thread_of_what_it_answers_and_becomes_the_answer(talk: Talk) -> None:
    assert isinstance(talk.channel, Shows)
    await talk.show(ONE)
    (growing,) = talk.posted()
    assert (growing["text"], growing["thread_ts"], growing["streaming_state"]) == (ONE, talk.asked, "in_progress")
    await talk.show(ONE + TWO)
    receipt = await talk.send(choices=("もっと詳しく",))
    (posted,) = talk.posted()
    assert posted["ts"] == receipt == growing["ts"]
    assert words(posted) == markdown(WHOLE)
    assert buttons(posted) == ["actions", "context_actions"]
    assert (posted["streaming_state"], posted["metadata"]["event_payload"]["id"]) == ("completed", "p1")
    assert talk.methods() == ["startStream", "appendStream", "appendStream", "stopStream"]
    start = talk.slack.calls_of("chat.startStream")[0].args
    assert (start["recipient_user_id"], start["recipient_team_id"]) == (talk.sato, talk.slack.team.id)
    assert await talk.channel.find(talk.answer(shown=talk.noted)) == receipt


async def test_where_it_stands_is_noted_before_there_is_a_word_in_it(talk: Talk, slack: LocalSlack) -> None:
    seen: list[tuple[str, list[str]]] = []

    async def note(shown: str) -> None:
        seen.append((shown, [one["text"] for one in talk.posted()]))

    asker = Account(key=f"slack:{slack.team.id}:{talk.sato}")
    await talk.channel.show(Preview(parcel=talk.answer(ONE), asker=asker), note)
    (first, before), (second, empty) = seen
    assert (before, empty) == ([], [""])
    assert second.removeprefix(first) == talk.posted()[0]["ts"]
    assert ONE not in first + second


async def test_with_nobody_to_ask_nothing_is_streamed_and_the_answer_comes_as_ever(talk: Talk) -> None:
    await talk.send()
    assert talk.methods() == ["postMessage"]


async def test_an_answer_that_says_something_else_replaces_what_was_seen(talk: Talk) -> None:
    await talk.show("モデルの言葉です。")
    receipt = await talk.send()
    (posted,) = talk.posted()
    assert posted["ts"] == receipt
    assert words(posted) == markdown(WHOLE)
    assert "モデル" not in str(posted)
    assert posted["metadata"]["event_payload"]["id"] == "p1"
    assert buttons(posted) == ["context_actions"]


async def test_words_that_begin_anew_wait_until_they_go_on_from_what_is_seen(talk: Talk) -> None:
    await talk.show(ONE + TWO)
    await talk.show(ONE)
    await talk.show("別の言葉。")
    assert [one["text"] for one in talk.posted()] == [ONE + TWO]
    await talk.show(ONE + TWO + "続き。")
    assert [one["text"] for one in talk.posted()] == [ONE + TWO + "続き。"]


async def test_after_a_restart_the_answer_still_takes_the_place_of_its_beginnings(
    talk: Talk, slack: LocalSlack
) -> None:
    await talk.show(ONE)
    later = SlackChannel(settings(slack), House().receive)
    await later.start()
    receipt = await later.send(talk.answer(shown=talk.noted))
    await later.stop()
    (posted,) = talk.posted()
    assert (posted["ts"], words(posted)) == (receipt, markdown(WHOLE))


async def test_a_stream_whose_name_got_lost_does_not_stay_beside_the_answer(talk: Talk, slack: LocalSlack) -> None:
    slack.bot_message("別のボット", channel=talk.room, thread_ts=talk.asked)
    earlier = await talk.channel.send(talk.answer("前の答え", "p0"))
    slack.fail("chat.startStream", lost=True)
    with pytest.raises(UnclearError):
        await talk.show(ONE)
    assert [one["text"] for one in talk.posted()] == ["前の答え", ""]
    await talk.send()
    assert [one["ts"] for one in talk.posted()][:1] == [earlier]
    assert [words(one) for one in talk.posted()] == ["前の答え", markdown(WHOLE)]
    assert any(one.get("bot_id") == "B00OTHER00" for one in slack.channels[talk.room].messages.values())


async def test_a_stream_that_begins_too_late_vanishes(talk: Talk, slack: LocalSlack) -> None:
    slack.fail("chat.startStream", delay=0.4)
    showing = asyncio.create_task(talk.show(ONE))
    await slack.until(lambda: slack.calls_of("chat.startStream"))
    showing.cancel()
    await asyncio.wait({showing})
    await talk.send()
    await slack.until(lambda: [one.status for one in slack.calls_of("chat.delete")] == [200])
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]


async def test_a_preview_whose_answer_does_not_come_vanishes(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    await talk.channel.take_back(talk.noted)
    assert talk.posted() == []
    await talk.channel.take_back(talk.noted)
    await talk.channel.take_back("")
    slack.fail("chat.startStream", lost=True)
    with pytest.raises(UnclearError):
        await talk.show(ONE, "a2")
    await talk.channel.take_back(talk.noted)
    assert talk.posted() == []


async def test_where_slack_keeps_a_message_nothing_stands_in_it(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    slack.fail("chat.delete", times=2, error="compliance_exports_prevent_deletion")
    await talk.channel.take_back(talk.noted)
    assert [one["text"] for one in talk.posted()] == ["…"]


async def test_a_talk_without_a_thread_is_not_streamed_into_and_one_with_a_thread_is(slack: LocalSlack) -> None:
    house = House()
    async with over_http(slack, house) as channel:
        talk = Talk(slack, channel)
        him = f"slack:{slack.team.id}:{talk.sato}"
        private: dict[str, Any] = {"place": None, "answers": "", "account": him}
        with pytest.raises(RefusedError, match="no_thread"):
            await talk.show(ONE, **private)
        assert (slack.calls_of("chat.startStream"), talk.notes) == ([], [])
        root = slack.message(talk.sato, "相談です").ts
        delivery = slack.deliver(slack.message(talk.sato, "続きです", thread_ts=root))
        await slack.until(lambda: delivery.acked)
        await slack.until(lambda: any(one["status"] for one in slack.statuses))
        await talk.show(ONE, **private)
        (growing,) = slack.posted(slack.im(talk.sato), thread=root)
        assert growing["text"] == ONE
        assert "recipient_user_id" not in slack.calls_of("chat.startStream")[0].args
        assert slack.statuses[-1]["status"] == "", "the words themselves show that it is at work"
        await talk.send(**private)
        (posted,) = slack.posted(slack.im(talk.sato))
        assert (posted["ts"], words(posted)) == (growing["ts"], markdown(WHOLE))
        assert talk.posted() == []


async def test_who_takes_no_direct_message_is_shown_nothing(talk: Talk, slack: LocalSlack) -> None:
    slack.undmable.add(talk.sato)
    him = f"slack:{slack.team.id}:{talk.sato}"
    with pytest.raises(RefusedError, match="cannot_dm_user"):
        await talk.show(ONE, place=None, account=him, aside={"key": talk.place})
    assert (talk.posted(), slack.ephemerals, talk.notes) == ([], [], [])


async def test_beginnings_that_stand_elsewhere_are_not_made_the_answer(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    him = f"slack:{slack.team.id}:{talk.sato}"
    await talk.send("あなただけに", place=None, answers="", account=him)
    assert talk.posted() == []
    assert [words(one) for one in slack.posted(slack.im(talk.sato))] == ["あなただけに"]


@pytest.mark.parametrize("error", ["method_not_supported", "channel_type_not_supported", "unknown_method"])
async def test_what_a_workspace_does_not_allow_is_not_tried_again_for_a_while(
    talk: Talk, slack: LocalSlack, error: str
) -> None:
    slack.fail("chat.startStream", error=error)
    for name in ("a1", "a2"):
        with pytest.raises(SendError):
            await talk.show(ONE, name)
    assert len(slack.calls_of("chat.startStream")) == 1
    assert talk.noted == "", "nothing has to be looked for"
    await talk.send()
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]
    assert talk.methods() == ["startStream", "postMessage"]


async def test_streams_that_died_or_were_stopped_by_the_reader_become_the_whole_answer(
    talk: Talk, slack: LocalSlack
) -> None:
    for number, by_user in enumerate((False, True)):
        await talk.show(ONE, f"a{number}")
        slack.end_streams(by_user=by_user)
        if by_user:
            with pytest.raises(RefusedError):
                await talk.show(ONE + TWO, f"a{number}")
        await talk.send(name=f"p{number}")
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)] * 2


@pytest.mark.parametrize("failure", [{"error": "invalid_blocks"}, {"error": "msg_too_long"}])
async def test_what_slack_does_not_take_at_the_end_of_a_stream_is_put_in_its_place(
    talk: Talk, slack: LocalSlack, failure: dict[str, Any]
) -> None:
    await talk.show(ONE)
    slack.fail("chat.stopStream", **failure)
    await talk.send()
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]
    await talk.show(ONE, "a2")
    slack.fail("chat.stopStream", **failure)
    slack.fail("chat.update", error="block_mismatch")
    await talk.send(name="p2")
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)] * 2
    assert talk.methods()[-2:] == ["delete", "postMessage"]


async def test_an_answer_does_not_wait_for_the_limits_of_streams(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    slack.fail("chat.stopStream", status=429, retry_after=40)
    await talk.send()
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]
    slack.fail("chat.appendStream", status=429, retry_after=40)
    await talk.show(ONE, "a2")
    await talk.show(ONE + TWO, "a2")
    assert len(slack.calls_of("chat.appendStream")) == 2, "it was asked to wait"
    await talk.send(name="p2")
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)] * 2


async def test_a_busy_workspace_streams_no_more_than_slack_takes(talk: Talk, slack: LocalSlack) -> None:
    for number in range(STARTS):
        await talk.show(ONE, f"a{number}")
        await talk.send(name=f"p{number}")
    with pytest.raises(RefusedError, match="no_stream_now"):
        await talk.show(ONE, "one too many")
    assert all(one.status == 200 for one in slack.calls)
    assert len(talk.posted()) == STARTS


async def test_a_lost_answer_to_the_end_of_a_stream_is_found_again(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    slack.fail("chat.stopStream", lost=True)
    with pytest.raises(UnclearError):
        await talk.send()
    (posted,) = talk.posted()
    assert await talk.channel.find(talk.answer(shown=talk.noted)) == posted["ts"]
    assert await talk.send() == posted["ts"], "and sent once more it is still one message"
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]


async def test_without_a_connection_it_is_tried_again_later_and_is_one_message(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    slack.fail("*", status=503)
    with pytest.raises(UnclearError):
        await talk.send()
    slack.fail("*", status=429)
    slack.fail("chat.delete", status=429)
    with pytest.raises(NotSentError):
        await talk.send("ほかの言葉。")
    await talk.send()
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]


async def test_what_is_not_sure_to_have_arrived_is_not_taken_for_shown(talk: Talk, slack: LocalSlack) -> None:
    await talk.show(ONE)
    slack.fail("chat.appendStream", lost=True)
    with pytest.raises(UnclearError):
        await talk.show(ONE + TWO)
    await talk.send()
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)]
    slack.fail("chat.appendStream", delay=30.0)
    showing = asyncio.create_task(talk.show(ONE, "a2"))
    await slack.until(lambda: len(slack.calls_of("chat.appendStream")) == 3)
    showing.cancel()
    await asyncio.wait({showing})
    await talk.send(name="p2")
    assert [words(one) for one in talk.posted()] == [markdown(WHOLE)] * 2


async def test_a_long_answer_goes_on_in_more_messages_of_the_same_thread(talk: Talk) -> None:
    long = ONE + "".join(f"\n\n{number}番目の段落です。試作の費用は別に話し合います。" for number in range(700))
    await talk.show(ONE)
    await talk.show(long)
    await talk.send(long, choices=("もっと詳しく",))
    parts = talk.posted()
    assert len(parts) > 1
    assert {one["thread_ts"] for one in parts} == {talk.asked}
    assert [one["metadata"]["event_payload"]["part"] for one in parts] == list(range(len(parts)))
    assert "".join("".join(words(one).split()) for one in parts) == "".join(markdown(long).split())
    assert [len(one.get("blocks", [])) for one in parts[:-1]] == [0] + [1] * (len(parts) - 2)


async def test_nothing_shown_stands_in_a_log_or_an_error(
    talk: Talk, slack: LocalSlack, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await talk.show("極秘の配合。")
    slack.fail("chat.appendStream", error="極秘の配合")
    with pytest.raises(RefusedError) as refused:
        await talk.show("極秘の配合。その二。")
    await talk.send("極秘の配合。その二。")
    out = capsys.readouterr()
    assert "極秘" not in str(refused.value) + repr(refused.value) + caplog.text + out.out + out.err
    assert slack.token not in caplog.text + out.out + out.err


PIECES = (
    "**図面**は後で。",
    "「**NDA**」が先です。",
    "\n- 目的を一行で",
    "\n\n## 手順",
    "費用は`折半`です。",
    "\n> 引用",
    "A & B <C>",
)
SENTENCES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12)


@given(SENTENCES, st.integers(0, 400))
def test_what_is_shown_of_a_text_so_far_is_mostly_how_the_whole_begins(sentences: list[str], cut: int) -> None:
    whole = "".join(sentences)
    for end in range(1, len(sentences) + 1):
        assert markdown(whole.strip("\n")).startswith(so_far("".join(sentences[:end])))
    assert so_far(whole[:cut]).count("**") % 2 == 0
