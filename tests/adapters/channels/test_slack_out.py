"""What the house sends arrives in Slack once, in the right place, for the right eyes; and failures are told apart."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from adapters.channels.slack import SlackChannel
from adapters.post import Account, File, NotSentError, Place, RefusedError, SendError, UnclearError
from tests.adapters.channels.slack_house import House, over_socket, parcel, settings
from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
LONG = "".join(f"{number}番目の段落です。試作の費用は別に話し合います。\n\n" for number in range(700))


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        yield local


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def channel(slack: LocalSlack, house: House) -> AsyncIterator[SlackChannel]:
    """The channel without a way in: it only sends."""
    made = SlackChannel(settings(slack), house.receive, follows=house.follows)
    await made.start()
    yield made
    await made.stop()


class Joint:
    """A channel with two people in it."""

    def __init__(self, slack: LocalSlack) -> None:
        self.sato, self.lee = slack.add_user("佐藤"), slack.add_user("Lee")
        self.room = slack.add_channel("joint", [self.sato, self.lee])
        self.place = f"slack:{slack.team.id}:{self.room}"
        self.him = f"slack:{slack.team.id}:{self.sato}"


@pytest.fixture
def joint(slack: LocalSlack) -> Joint:
    return Joint(slack)


def words(posted: dict[str, Any]) -> str:
    return "".join(block["text"] for block in posted["blocks"] if block["type"] == "markdown")


async def test_an_answer_goes_into_the_thread_of_what_it_answers(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    asked = slack.message(joint.sato, "@nakodo どう?", channel=joint.room).ts
    receipt = await channel.send(parcel("**「図面」**は後で。", place=joint.place, answers=asked))
    (posted,) = slack.posted(joint.room)
    assert posted["ts"] == receipt
    assert posted["thread_ts"] == asked
    assert words(posted) == "「**図面**」は後で。"
    assert posted["text"] == "「図面」は後で。"
    call = slack.calls_of("chat.postMessage")[0]
    assert call.args["unfurl_links"] is False
    assert call.args["unfurl_media"] is False


async def test_a_word_nobody_asked_for_opens_no_thread_and_a_thread_is_kept(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    asked = slack.message(joint.sato, "それは無償で?", channel=joint.room).ts
    await channel.send(parcel(place=joint.place, answers=asked, unasked=True, kind="question", name="a"))
    await channel.send(parcel(place=joint.place, thread=asked, unasked=True, kind="question", name="b"))
    assert [one.get("thread_ts") for one in slack.posted(joint.room)] == [None, asked]


async def test_buttons_carry_names_alone_and_answers_ask_for_feedback(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    choices = ("/approve d1", "/edit d1 ", "はい、記録する", "長" * 100)
    await channel.send(parcel(place=joint.place, choices=choices))
    _, actions, feedback = slack.posted(joint.room)[0]["blocks"]
    assert [one["value"] for one in actions["elements"]] == ["p1:0", "p1:1", "p1:2", "p1:3"]
    labels = [one["text"]["text"] for one in actions["elements"]]
    assert labels[:3] == ["承認 d1", "修正 d1", "はい、記録する"]
    assert labels[3] == "長" * 74 + "…"
    element = feedback["elements"][0]
    assert (element["positive_button"]["value"], element["negative_button"]["value"]) == ("p1:up", "p1:down")
    await channel.send(parcel(place=joint.place, kind="notice", name="p2"))
    assert [one["type"] for one in slack.posted(joint.room)[1]["blocks"]] == ["markdown"]


async def test_used_buttons_go_and_the_words_stay(slack: LocalSlack, channel: SlackChannel, joint: Joint) -> None:
    asked = slack.message(joint.sato, "?", channel=joint.room).ts
    sent = parcel("言葉", place=joint.place, choices=("/help",), answers=asked)
    receipt = await channel.send(sent)
    wordless = sent.model_copy(update={"reply": sent.reply.model_copy(update={"text": ""})})
    await channel.settled(wordless, receipt)
    await channel.settled(wordless, "1000000000.000001")
    (posted,) = slack.posted(joint.room)
    assert [one["type"] for one in posted["blocks"]] == ["markdown", "context_actions"]
    assert words(posted) == "言葉"


async def test_a_private_word_goes_to_the_person_with_a_pointer_and_no_content(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    aside = Place(key=joint.place)
    await channel.send(parcel("あなただけに", account=joint.him, aside=aside))
    assert words(slack.posted(slack.im(joint.sato))[0]) == "あなただけに"
    assert slack.posted(joint.room) == []
    (pointer,) = slack.ephemerals
    assert (pointer["channel"], pointer["user"]) == (joint.room, joint.sato)
    assert "あなただけに" not in str(pointer)
    slack.fail("chat.postEphemeral", error="user_not_in_channel")
    await channel.send(parcel("もう一つ", account=joint.him, aside=aside, name="p2"))
    assert len(slack.ephemerals) == 1


async def test_who_takes_no_direct_message_is_whispered_to_in_full_without_buttons(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    slack.undmable.add(joint.sato)
    sent = parcel("内緒の話", account=joint.him, aside=Place(key=joint.place), choices=("はい、記録する",))
    receipt = await channel.send(sent)
    (whisper,) = slack.ephemerals
    assert whisper["user"] == joint.sato
    assert words(whisper) == "内緒の話  \n・はい、記録する"
    assert [one["type"] for one in whisper["blocks"]] == ["markdown"]
    assert slack.posted(joint.room) == []
    await channel.settled(sent, receipt)
    with pytest.raises(RefusedError) as refused:
        await channel.send(parcel(account=joint.him, name="p2"))
    assert refused.value.unreachable
    assert refused.value.reason == "cannot_dm_user"
    slack.fail("chat.postEphemeral", error="user_not_in_channel")
    with pytest.raises(RefusedError) as refused:
        await channel.send(parcel(account=joint.him, aside=Place(key=joint.place), name="p3"))
    assert refused.value.unreachable


async def test_a_private_answer_stays_in_the_thread_of_the_talk(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house) as channel:
        root = slack.message(sato, "一つ目").ts
        await slack.deliver(slack.message(sato, "続き", thread_ts=root)).done()
        account = house.events[0].account.key
        await channel.send(parcel(account=account))
        place = house.events[0].place
        await channel.send(parcel(place=place.key, thread=place.thread, direct=True, name="p2"))
        await slack.deliver(slack.message(sato, "新しい話")).done()
        await channel.send(parcel(account=account, name="p3"))
    assert [one.get("thread_ts") for one in slack.posted(slack.im(sato))] == [root, root, None]


async def test_long_text_comes_whole_in_parts_with_buttons_on_the_last(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    await channel.send(parcel(LONG, place=joint.place, choices=("/help",)))
    posted = slack.posted(joint.room)
    assert len(posted) > 2
    joined = "\n\n".join(words(one) for one in posted)
    assert joined == LONG.strip()
    assert [len(one["blocks"]) for one in posted] == [1] * (len(posted) - 1) + [3]


async def test_what_was_cut_off_goes_on_at_the_missing_part(
    slack: LocalSlack, channel: SlackChannel, joint: Joint, house: House
) -> None:
    sent = parcel(LONG, place=joint.place)
    seen = iter(range(100))
    slack.fail(lambda call: call.method == "chat.postMessage" and next(seen) == 1, status=500)
    with pytest.raises(UnclearError):
        await channel.send(sent)
    assert len(slack.posted(joint.room)) == 1
    another = SlackChannel(settings(slack), house.receive)  # A new process remembers nothing.
    assert await another.find(sent) is None
    await another.stop()
    another = SlackChannel(settings(slack), house.receive)  # Nor was this one asked.
    receipt = await another.send(sent)
    posted = slack.posted(joint.room)
    parts = [one["metadata"]["event_payload"]["part"] for one in posted]
    assert parts == list(range(len(posted)))
    assert receipt == posted[-1]["ts"]
    assert await another.find(sent) == receipt
    await another.stop()


@pytest.mark.parametrize("private", [False, True])
async def test_what_arrived_without_an_answer_is_found(
    slack: LocalSlack, channel: SlackChannel, joint: Joint, private: bool
) -> None:
    asked = slack.message(joint.sato, "?", channel=joint.room).ts
    sent = parcel(account=joint.him) if private else parcel(place=joint.place, answers=asked)
    assert await channel.find(sent) is None
    slack.fail("chat.postMessage", lost=True)
    with pytest.raises(UnclearError):
        await channel.send(sent)
    where = slack.im(joint.sato) if private else joint.room
    assert await channel.find(sent) == slack.posted(where)[0]["ts"]
    assert await channel.find(sent.model_copy(update={"id": "other"})) is None


FAILURES: list[tuple[dict[str, Any], type[SendError]]] = [
    ({"status": 429, "retry_after": 7}, NotSentError),
    ({"error": "ratelimited"}, NotSentError),
    ({"status": 500}, UnclearError),
    ({"status": 503}, UnclearError),
    ({"lost": True}, UnclearError),
    ({"refused": True}, UnclearError),
    ({"garbage": True}, UnclearError),
    ({"error": "fatal_error"}, UnclearError),
    ({"error": "not_in_channel"}, RefusedError),
    ({"error": "msg_too_long"}, RefusedError),
    ({"error": "Oh: 極秘 xoxb-1"}, RefusedError),
]


@pytest.mark.parametrize(("failure", "kind"), FAILURES)
async def test_each_failure_is_what_it_is_and_tells_no_words(
    slack: LocalSlack, channel: SlackChannel, joint: Joint, failure: dict[str, Any], kind: type[SendError]
) -> None:
    slack.fail("chat.postMessage", **failure)
    with pytest.raises(SendError) as failed:
        await channel.send(parcel("極秘", place=joint.place))
    assert type(failed.value) is kind
    assert failed.value.__suppress_context__
    for word in ("極秘", "xoxb"):
        assert word not in f"{failed.value!r} {failed.value}"
    if failure.get("status") == 429:
        assert isinstance(failed.value, NotSentError)
        assert failed.value.after == 7
    assert len(slack.calls_of("chat.postMessage")) == 1, "nothing is tried again here"


async def test_without_a_connection_nothing_was_sent(slack: LocalSlack, house: House, joint: Joint) -> None:
    channel = SlackChannel(settings(slack, api_url="http://127.0.0.1:9/api/"), house.receive)
    await channel.start()
    with pytest.raises(NotSentError):
        await channel.send(parcel(place=joint.place))
    await channel.stop()


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_fall_back_to_plain_text_with_the_choices(
    slack: LocalSlack, channel: SlackChannel, joint: Joint, error: str
) -> None:
    slack.fail("chat.postMessage", error=error)
    await channel.send(parcel("**太字** <!channel> & 確認", place=joint.place, choices=("はい、記録する",)))
    (posted,) = slack.posted(joint.room)
    assert "blocks" not in posted
    assert posted["text"] == "太字 &lt;!channel&gt; &amp; 確認\n・はい、記録する"
    assert posted["metadata"]["event_payload"]["id"] == "p1"


async def test_a_thread_that_is_gone_does_not_lose_the_answer(
    slack: LocalSlack, channel: SlackChannel, joint: Joint
) -> None:
    await channel.send(parcel(place=joint.place, answers="1700000000.000001"))
    assert len(slack.posted(joint.room)) == 1


async def test_a_repeat_says_that_it_may_be_one(slack: LocalSlack, channel: SlackChannel, joint: Joint) -> None:
    await channel.send(parcel("本文", place=joint.place, again=True))
    await channel.send(parcel("Text", place=joint.place, again=True, locale="en", name="p2"))
    first, second = slack.posted(joint.room)
    assert first["text"] == "（念のため、もう一度お送りします）\n本文"
    assert second["text"].startswith("(Sent once more")


async def test_names_are_asked_for_once(slack: LocalSlack, channel: SlackChannel, joint: Joint) -> None:
    english = slack.add_user("Mori", locale="en-GB")
    home = slack.team.id
    found = await channel.acquainted(Account(key=joint.him))
    assert (found.name, found.locale, found.outsider) == ("佐藤", "ja", False)
    assert (await channel.acquainted(Account(key=f"slack:{home}:{english}"))).locale == "en"
    await channel.acquainted(Account(key=joint.him))
    assert len(slack.calls_of("users.info")) == 2
    unknown = Account(key=f"slack:{home}:U404", name="?")
    assert await channel.acquainted(unknown) == unknown


async def test_a_file_that_may_not_be_had_is_refused(slack: LocalSlack, channel: SlackChannel, joint: Joint) -> None:
    file = slack.add_file("図面.pdf", b"%PDF", user=joint.sato)
    with pytest.raises(RefusedError):
        await channel.fetch(File(name="図面.pdf", ref=f"{slack.team.id}:{file}"), 100)
    slack.message(joint.sato, "", channel=joint.room, files=[file])
    ref = File(name="図面.pdf", ref=f"{slack.team.id}:{file}")
    assert await channel.fetch(ref, 100) == b"%PDF"
    slack.fail("file.download", status=503)
    with pytest.raises(NotSentError):
        await channel.fetch(ref, 100)
    slack.files[file]["url_private_download"] = "https://evil.example/x"
    with pytest.raises(RefusedError) as refused:
        await channel.fetch(ref, 100)
    assert refused.value.reason == "file_elsewhere"


async def test_one_connection_serves_for_many_questions(slack: LocalSlack, house: House, joint: Joint) -> None:
    channel = SlackChannel(settings(slack), house.receive)
    await channel.start()
    for number in range(3):
        await channel.send(parcel(f"{number}", place=joint.place))
    await channel.stop()
    assert len(slack.posted(joint.room)) == 3
    assert len({call.peer for call in slack.calls}) == 1


async def test_stopping_waits_for_what_is_being_sent(slack: LocalSlack, house: House, joint: Joint) -> None:
    channel = SlackChannel(settings(slack), house.receive)
    await channel.start()
    slack.fail("chat.postMessage", delay=0.3)
    sending = asyncio.create_task(channel.send(parcel(place=joint.place)))
    await slack.until(lambda: slack.calls_of("chat.postMessage"))
    await channel.stop()
    assert sending.done()
    assert await sending == slack.posted(joint.room)[0]["ts"]
