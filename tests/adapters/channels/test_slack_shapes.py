"""Payloads as Slack really makes them: what people meant arrives, and what is only housekeeping does not."""

import asyncio
import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import aiohttp
import pytest

from adapters.channels.slack_commands import DOOR_WORDS, typed
from adapters.doorstep import Doorstep
from adapters.entrance import Entrance
from adapters.post import Account, Event, NotSentError, Parcel, Place
from bot.commands import BY_NAME
from bot.settings import Settings
from tests.adapters.channels.slack_house import House, over_http, over_socket, parcel
from tests.servers.slack import LocalSlack
from tests.servers.slack_world import Envelope

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(ack_timeout=4.0, retry_delays=(0.0, 0.05)) as local:
        yield local


@pytest.fixture
def house() -> House:
    return House()


class Joint:
    """A channel with two people in it, and what is said there in shapes of one's own."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.sato, self.lee = slack.add_user("佐藤"), slack.add_user("Lee")
        self.room = slack.add_channel("joint", [self.sato, self.lee])
        self.bot = slack.team.bot_user

    def said(self, text: str, **shape: Any) -> Envelope:
        ts = self.slack.new_ts()
        event = {"type": "message", "channel": self.room, "channel_type": "channel", "user": self.sato, "text": text}
        return self.slack.wrap(event | {"ts": ts, "event_ts": ts} | shape)

    def changed(self, before: dict[str, Any], now: dict[str, Any]) -> Envelope:
        kept = {"type": "message", "user": self.sato, "text": "", "ts": "1700000000.000001"}
        return self.said("", subtype="message_changed", user=None, message=kept | now, previous_message=kept | before)


@pytest.fixture
def joint(slack: LocalSlack) -> Joint:
    return Joint(slack)


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "block_id": "b", "elements": list(elements)}]


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def bare(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


async def test_words_that_stand_in_blocks_only_are_heard(slack: LocalSlack, house: House, joint: Joint) -> None:
    listed = {
        "type": "rich_text_list",
        "style": "ordered",
        "elements": [section(bare("期限")), section(bare("費用"))],
    }
    blocks = rich(
        section(
            {"type": "user", "user_id": joint.bot},
            bare(" A<B & "),
            {"type": "link", "url": "https://x.jp/?a=1&b=2", "text": "資料"},
            {"type": "emoji", "name": "pray", "unicode": "1f64f"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "timestamp": 1720710212, "format": "{date_num}", "fallback": "7月11日"},
        ),
        listed,
        {"type": "rich_text_preformatted", "elements": [bare("<x>")]},
        {"type": "rich_text_quote", "elements": [bare("引用"), {"type": "user", "user_id": joint.lee}]},
        {"type": "rich_text_of_tomorrow", "elements": [7, None, {"type": "text", "text": 7}]},
    )
    async with over_http(slack, house):
        assert (await slack.deliver(joint.said("", blocks=blocks)).done()).acked
    (event,) = house.events
    assert event.text.splitlines() == [
        "@nakodo A<B & 資料🙏@S1@here7月11日",
        "1. 期限",
        "2. 費用",
        "```",
        "<x>",
        "```",
        f"> 引用<@slack:{slack.team.id}:{joint.lee}>",
    ]


async def test_endless_blocks_are_no_words_and_no_trouble(slack: LocalSlack, house: House, joint: Joint) -> None:
    deep: dict[str, Any] = section(bare("底"))
    for _ in range(200):
        deep = {"type": "rich_text_list", "elements": [deep]}
    async with over_http(slack, house) as channel:
        assert (await slack.deliver(joint.said("", blocks=rich(deep))).done()).acked
        assert dict(channel.refused) == {"empty": 1}


async def test_what_is_passed_on_comes_with_the_word_about_it_and_calls_nobody(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    shared = {"is_share": True, "text": f"<@{joint.bot}> 単価を三割下げてください", "fallback": "…"}
    quoted = {"is_share": True, "message_blocks": [{"message": {"blocks": rich(section(bare("来週まで")))}}]}
    preview = {"is_msg_unfurl": True, "text": "よその話"}
    async with over_socket(slack, house):
        await slack.deliver(joint.said("これ、どう返しましょう", attachments=[shared, quoted, preview])).done()
        await slack.deliver(joint.said(f"<@{joint.bot}> /record", attachments=[shared])).done()
    assert house.events[0].text == "これ、どう返しましょう\n＠nakodo 単価を三割下げてください\n来週まで"
    assert house.events[1].text == "@nakodo /record"


FILE = {"id": "F1", "name": "見積.pdf", "size": 5, "mode": "hosted", "mimetype": "application/pdf"}
GONE = {"id": "F1", "mode": "tombstone"}


async def test_a_preview_of_a_file_is_no_edit(slack: LocalSlack, house: House, joint: Joint) -> None:
    before = {"text": "見積です", "files": [FILE]}
    now = {"text": "見積です", "files": [FILE | {"thumb_pdf": "https://files.slack.com/x", "thumb_pdf_w": 1286}]}
    async with over_socket(slack, house) as channel:
        await slack.deliver(joint.changed(before, now)).done()
        assert dict(channel.refused) == {"notice": 1}
    assert house.events == []


async def test_a_file_that_was_taken_back_is_forgotten_and_not_asked_for(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    async with over_socket(slack, house) as channel:
        await slack.deliver(joint.changed({"files": [FILE]}, {"files": [GONE]})).done()
        await slack.deliver(joint.said("", subtype="file_share", files=[GONE])).done()
        assert dict(channel.refused) == {"empty": 1}
    (event,) = house.events
    assert (event.kind, event.text, event.files) == ("edited", "", ())


async def test_each_change_of_a_message_is_one_of_its_own(slack: LocalSlack, house: House, joint: Joint) -> None:
    """Slack tells the time of an edit in whole seconds, and taking back a file is none."""
    edited = {"edited": {"user": joint.sato, "ts": "1700000060.000000"}}
    steps: list[dict[str, Any]] = [
        {"text": "単価は千円", "files": [FILE]},
        {"text": "単価は後で", "files": [FILE]} | edited,
        {"text": "条件は後で", "files": [FILE]} | edited,
        {"text": "条件は後で", "files": [GONE]} | edited,
    ]
    changes = [joint.changed(before, now) for before, now in pairwise(steps)]
    async with over_socket(slack, house):
        for change in (*changes, *changes):
            await slack.deliver(change).done()
    assert len({event.id for event in house.events}) == 3
    assert [event.text for event in house.events[:3]] == ["単価は後で", "条件は後で", "条件は後で"]


async def test_words_that_slack_puts_in_place_of_a_message_are_no_edit(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    hidden = {"subtype": "ekm_access_denied", "user": "UREVOKEDU", "text": "Your admins have suspended access"}
    async with over_socket(slack, house) as channel:
        await slack.deliver(joint.changed({"text": "条件です"}, hidden)).done()
        assert dict(channel.refused) == {"notice": 1}
    assert house.events == []


async def test_a_file_that_another_company_shares_is_asked_for_by_name(slack: LocalSlack, house: House) -> None:
    other = slack.add_team("Lumina", installed=False)
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee", team=other)
    room = slack.add_channel("joint", [sato, lee], shared_with=[other])
    file = slack.add_file("仕様.txt", "寸法".encode(), user=lee)
    hinted = {"id": file, "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
    async with over_socket(slack, house):
        for _ in range(2):
            envelope = slack.message(lee, "", channel=room, files=[file])
            envelope.event["files"] = [hinted]
            assert (await slack.deliver(envelope).done()).acked
            slack.fail("files.info", status=503)
    first, second = house.events
    assert [(one.name, one.size) for one in first.files] == [("仕様.txt", 6)]
    assert [(one.name, one.size) for one in second.files] == [("?", 0)]
    assert first.files[0].ref == second.files[0].ref


async def test_who_comes_from_elsewhere_is_met_with_their_language(slack: LocalSlack, house: House) -> None:
    other = slack.add_team("Lumina", installed=False)
    lee = slack.add_user("Lee", team=other, locale="en-US")
    room = slack.add_channel("joint", [slack.add_user("佐藤"), lee], shared_with=[other])
    async with over_socket(slack, house):
        await slack.deliver(slack.message(lee, "Hello", channel=room)).done()
        slack.fail("users.info", error="user_not_found")
        await slack.deliver(slack.message(lee, "Hello again", channel=room)).done()
    assert [(one.account.name, one.account.locale) for one in house.events] == [("Lee", "en"), ("Lee", "en")]


async def test_who_comes_from_a_large_organisation_is_the_same_from_the_first_word_on(
    slack: LocalSlack, house: House
) -> None:
    other = slack.add_team("Lumina", installed=False)
    lee = slack.add_user("Lee", team=other)
    room = slack.add_channel("joint", [lee], shared_with=[other])
    grid = {"user_team": "E1", "source_team": "E1", "team": "E1"}
    for _ in range(2):  # A new process remembers nobody.
        async with over_socket(slack, house):
            said = slack.message(lee, "Hello", channel=room)
            said.event.update(grid)
            await slack.deliver(said).done()
            edit = slack.edited(room, said.ts, "Hello there")
            edit.event["message"].update(grid)
            await slack.deliver(edit).done()
            gone = slack.deleted(room, said.ts)
            gone.event["previous_message"].update(grid)
            await slack.deliver(gone).done()
        async with over_socket(slack, house):
            await slack.deliver(slack.joined(slack.team.bot_user, channel=room, inviter=lee)).done()
        async with over_socket(slack, house) as channel:
            ts = await channel.send(parcel(place=f"slack:{slack.team.id}:{room}", choices=("/help",)))
            press = slack.press(lee, "choice_0", channel=room, ts=ts)
            press.payload["user"]["team_id"] = "E1"
            await slack.deliver(press).done()
    assert {event.account.key for event in house.events} == {f"slack:{other.id}:{lee}"}
    assert all(event.account.outsider for event in house.events)
    assert len(house.events) == 10


async def test_a_channel_whose_address_changes_moves(slack: LocalSlack, house: House) -> None:
    moved = {"type": "channel_id_changed", "old_channel_id": "G012Y48650T", "new_channel_id": "C012Y48650T"}
    async with over_socket(slack, house) as channel:
        for shape in ({"event_ts": "1612206778.000000"}, {"new_channel_id": 7}):
            assert (await slack.deliver(slack.wrap({**moved, **shape})).done()).acked
        assert dict(channel.refused) == {"malformed": 1}
    (event,) = house.events
    assert (event.kind, event.place.key) == ("moved", f"slack:{slack.team.id}:G012Y48650T")
    assert event.moved_to == f"slack:{slack.team.id}:C012Y48650T"


# Commands where the bot is not


@pytest.mark.parametrize("way", [over_http, over_socket])
async def test_a_command_where_the_bot_is_not_is_answered_in_private_and_says_so(
    slack: LocalSlack, house: House, way: object
) -> None:
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee", locale="en-US")
    open_, closed = (slack.add_channel("x", [sato, lee], bot=False, private=one) for one in (False, True))
    async with way(slack, house) as channel:  # type: ignore[operator]
        for user, where, words in ((sato, open_, "record"), (lee, closed, "help"), (sato, open_, "setup")):
            delivery = await slack.deliver(slack.command(user, words, channel=where)).done()
            assert delivery.acked
            assert delivery.answer["response_type"] == "ephemeral"
            told = delivery.answer["text"]
            assert told.isascii() == (user == lee), told
            event = house.events[-1]
            assert (event.text, event.place.direct) == (f"/{words}", True)
            assert "私" in told or "conversation" in told
            await channel.send(parcel(account=event.account.key, name=f"p{len(house.events)}"))
    assert slack.views == {}
    assert [len(slack.posted(slack.im(user))) for user in (sato, lee)] == [2, 1]


async def test_where_the_bot_is_or_slack_does_not_say_a_command_is_answered_where_it_was_given(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    async with over_socket(slack, house):
        for failure in ({"status": 429}, {"error": "missing_scope"}, {}, {}):
            if failure:
                slack.fail("conversations.info", **failure)
            delivery = await slack.deliver(slack.command(joint.sato, "record", channel=joint.room)).done()
            assert not delivery.answer
    assert [event.place.key for event in house.events] == [f"slack:{slack.team.id}:{joint.room}"] * 4
    assert len(slack.calls_of("conversations.info")) == 3, "what is known is not asked again"


async def test_after_the_bot_was_put_out_commands_are_answered_in_private(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    async with over_socket(slack, house):
        await slack.deliver(slack.command(joint.sato, "record", channel=joint.room)).done()
        slack.channels[joint.room].members.remove(joint.bot)
        left = {"type": "channel_left", "channel": joint.room, "actor_id": joint.sato, "event_ts": slack.new_ts()}
        await slack.deliver(slack.wrap(left)).done()
        await slack.deliver(slack.command(joint.sato, "record", channel=joint.room)).done()
    assert [event.place.direct for event in house.events] == [False, False, True]


async def test_a_command_names_people_of_another_company_as_they_are_known(slack: LocalSlack, house: House) -> None:
    other = slack.add_team("Lumina", installed=False)
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee", team=other)
    room = slack.add_channel("joint", [sato, lee], shared_with=[other])
    async with over_socket(slack, house):
        await slack.deliver(slack.command(sato, f"action 見積 <@{lee}|lee>", channel=room)).done()
    assert house.events[0].text == f"/action 見積 <@slack:{other.id}:{lee}>"


async def test_a_question_behind_a_command_is_asked_in_private(slack: LocalSlack, house: House, joint: Joint) -> None:
    me, you = f"<@{joint.bot}|nakodo>", f"<@{joint.lee}|lee>"
    asked = ["費用はいつ話せばいいですか", "the NDA, does it come first?", "契約書", "ABCD-2345", "「図面」　の件"]
    given = [
        "recrod",
        "／ｒｅｃｏｒｄ",
        "記録",
        "setup A社 × B社",
        "参加 ABCD-2345",
        "/費用は？",
        "foo",
        "stgae meeting",
    ]
    named = [f"{you} さんに何と？", f"{me} record"]
    async with over_http(slack, house):
        for words in (*asked, *given, *named):
            delivery = await slack.deliver(slack.command(joint.sato, words, channel=joint.room)).done()
            assert bool(delivery.answer) == (words in (*asked, named[0])), words
        await slack.deliver(slack.command(joint.sato, asked[0])).done()
    said = [(event.text, event.place.direct) for event in house.events]
    assert said[: len(asked)] == [(words, True) for words in asked]
    assert said[len(asked) : -3] == [(f"/{words.lstrip('/／')}", False) for words in given]
    assert said[-3:] == [
        (f"<@slack:{slack.team.id}:{joint.lee}> さんに何と？", True),
        ("/record", False),
        (asked[0], True),
    ]
    assert house.events[-1].place.key == f"slack:{slack.team.id}:{slack.im(joint.sato)}"


def test_every_word_at_the_door_is_a_command_here_too() -> None:
    nothing: Any = None
    doorstep = Doorstep(nothing, nothing, Entrance(nothing, nothing, Settings()))
    assert set(doorstep._commands) <= {*BY_NAME, *DOOR_WORDS}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("「/help」でできることが見られます。", "「/nakodo help」でできることが見られます。"),
        ("/help（/ヘルプ）  この一覧\n/nda signed", "/nakodo help（/nakodo ヘルプ）  この一覧\n/nakodo nda signed"),
        ("「／記録」や「/議事録を」、/会議室", "「/nakodo 記録」や「/nakodo 議事録を」、/会議室"),
        ("“/setup A × B” or /room.", "“/nakodo setup A × B” or /nakodo room."),
        ("/nakodo record https://x.jp/help a/cost 費用/実験 //help /helper /recrod", None),
        ("もう一方で「/link ABCD-2345」と。「/link」", "もう一方で「/link ABCD-2345」と。「/nakodo link」"),
    ],
)
def test_commands_are_shown_as_slack_lets_people_type_them(said: str, shown: str | None) -> None:
    assert typed(said) == (shown or said)
    assert typed(typed(said)) == typed(said)


async def test_what_is_said_of_commands_can_be_typed_everywhere(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    async with over_socket(slack, house) as channel:
        await channel.send(parcel("まず「/help」を。", place=f"slack:{slack.team.id}:{joint.room}"))
        slack.undmable.add(joint.sato)
        aside = Place(key=f"slack:{slack.team.id}:{joint.room}")
        whispered = parcel(
            "どれに？", account=f"slack:{slack.team.id}:{joint.sato}", aside=aside, choices=("/room 1",)
        )
        await channel.send(whispered)
    assert slack.posted(joint.room)[0]["blocks"][0]["text"] == "まず「/nakodo help」を。"
    assert slack.posted(joint.room)[0]["text"] == "まず「/nakodo help」を。"
    assert "/nakodo room 1" in slack.ephemerals[0]["text"]


# The form


async def test_a_form_with_one_person_on_two_sides_or_a_bot_goes_back(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    tanaka = slack.add_user("田中")
    slack.channels[joint.room].members.append(tanaka)
    async with over_socket(slack, house):
        await slack.deliver(slack.command(tanaka, "setup", channel=joint.room)).done()
        (view,) = slack.views.values()
        form: dict[str, Any] = {"sme_name": "栃ノ木精密", "startup_name": "ルミナ", "locale": "ja"}
        for people, wrong in (
            ({"sme": [joint.sato], "startup": [joint.lee, joint.sato], "facilitator": [tanaka]}, {"startup"}),
            ({"sme": [tanaka], "startup": [], "facilitator": [tanaka]}, {"facilitator"}),
            ({"sme": [joint.bot], "startup": ["USLACKBOT"], "facilitator": [tanaka]}, {"sme", "startup"}),
            ({"sme": [joint.sato, joint.sato], "startup": [joint.lee], "facilitator": [tanaka]}, set()),
        ):
            delivery = await slack.deliver(slack.submit(tanaka, view["id"], copy.deepcopy(form | people))).done()
            assert delivery.acked
            assert delivery.complaint is None
            assert set((delivery.answer or {}).get("errors", {})) == wrong
            assert len(house.events) == (not wrong)


# Names


async def test_a_name_turns_no_text_around(slack: LocalSlack, house: House) -> None:
    other = slack.add_team("Lumina", installed=False)
    odd = slack.add_user("\u202e\x07佐藤\n\u200b 花子\u2069" + "長" * 100)
    blank, lee = slack.add_user("\u200b\u2066"), slack.add_user("L\u202eee", team=other)
    slack.users[blank]["profile"]["real_name"] = "本名"
    room = slack.add_channel("joint", [odd, lee], shared_with=[other])
    async with over_socket(slack, house) as channel:
        slack.fail("users.info", error="user_not_found")
        await slack.deliver(slack.message(lee, "Hello", channel=room)).done()
        for user in (odd, blank):
            await slack.deliver(slack.message(user, "こんにちは")).done()
        found = [(await channel.acquainted(event.account)).name for event in house.events]
    assert found[0] == house.events[0].account.name == "Lee"
    assert found[1].startswith("佐藤 花子長長")
    assert len(found[1]) == 80
    assert found[2] == "本名"


async def test_the_name_of_a_file_says_what_it_is(slack: LocalSlack, house: House, joint: Joint) -> None:
    files = [FILE | {"name": "見積\u202efdp.\nexe"}, FILE | {"name": "長" * 100 + ".pdf"}, FILE | {"name": "\u200b"}]
    async with over_socket(slack, house):
        await slack.deliver(joint.said("", subtype="file_share", files=files)).done()
    assert [one.name for one in house.events[0].files] == ["見積fdp. exe", "長" * 100 + ".pdf", "?"]


# Threads, and the page


async def test_two_private_questions_in_two_threads_are_each_answered_in_theirs(
    slack: LocalSlack, house: House
) -> None:
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house) as channel:
        roots = [slack.message(sato, word).ts for word in ("一つ目", "二つ目")]
        for root in roots:
            await slack.deliver(slack.message(sato, "続き", thread_ts=root)).done()
        await slack.deliver(slack.message(sato, "新しい話")).done()
        for number, event in enumerate(house.events):
            await channel.send(_answer(event, f"p{number}"))
    assert [one.get("thread_ts") for one in slack.posted(slack.im(sato))] == [*roots, None]


async def test_who_asked_in_a_thread_before_a_restart_is_answered_there(slack: LocalSlack, house: House) -> None:
    sato, tanaka = slack.add_user("佐藤"), slack.add_user("田中")
    async with over_socket(slack, house):
        root = slack.message(sato, "一つ目").ts
        await slack.deliver(slack.message(sato, "続き", thread_ts=root)).done()
        fresh = slack.message(sato, "新しい話")
        await slack.deliver(fresh).done()
        slack.message(sato, "その続き", thread_ts=fresh.ts)
    threaded, plain = house.events
    async with over_socket(slack, house) as channel:
        slack.fail("conversations.replies", error="thread_not_found")
        await channel.send(_answer(threaded, "p0"))
    async with over_socket(slack, house) as channel:
        await channel.send(_answer(threaded, "p1"))
        await channel.send(_answer(plain, "p2"))
        told = _answer(threaded, "p3")
        await channel.send(told.model_copy(update={"account": Account(key=f"slack:{slack.team.id}:{tanaka}")}))
        assert len(slack.calls_of("conversations.replies")) == 3
    assert [one.get("thread_ts") for one in slack.posted(slack.im(sato))] == [None, root, None]
    assert [one.get("thread_ts") for one in slack.posted(slack.im(tanaka))] == [None]


def _answer(event: Event, name: str) -> Parcel:
    made = parcel(account=event.account.key, name=name)
    reply = made.reply.model_copy(update={"in_reply_to": f"slack:{event.id}"})
    return made.model_copy(update={"reply": reply})


async def test_the_home_shows_what_became_of_a_press(slack: LocalSlack, house: House) -> None:
    tanaka = slack.add_user("田中")
    async with over_socket(slack, house) as channel:
        await slack.deliver(slack.home_opened(tanaka)).done()
        view = await slack.until(lambda: slack.homes.get(tanaka))
        await slack.deliver(slack.press(tanaka, "do", view_id=view["id"])).done()
        assert len(slack.calls_of("views.publish")) == 1
        await channel.send(parcel(account=house.events[-1].account.key))
        await slack.until(lambda: len(slack.calls_of("views.publish")) == 2)
        await channel.send(parcel(account=house.events[-1].account.key, name="p2"))
        await asyncio.gather(*channel._intake.beside)
    assert len(slack.calls_of("views.publish")) == 2


@pytest.mark.parametrize("error", [{"status": 429, "retry_after": 0}, {"error": "team_added_to_org"}])
async def test_a_home_that_slack_takes_later_is_shown_then(
    slack: LocalSlack, house: House, error: dict[str, Any]
) -> None:
    tanaka = slack.add_user("田中")
    async with over_socket(slack, house):
        slack.fail("views.publish", **error)
        await slack.deliver(slack.home_opened(tanaka)).done()
        await slack.until(lambda: slack.homes.get(tanaka))
    assert len(slack.calls_of("views.publish")) == 2


# What Slack refuses


@pytest.mark.parametrize(
    "error", ["invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"]
)
async def test_while_the_token_does_not_work_an_answer_waits(
    slack: LocalSlack, house: House, joint: Joint, error: str
) -> None:
    async with over_socket(slack, house) as channel:
        slack.fail("chat.postMessage", error=error)
        sent = parcel(place=f"slack:{slack.team.id}:{joint.room}")
        with pytest.raises(NotSentError):
            await channel.send(sent)
        await channel.send(sent)
    assert len(slack.posted(joint.room)) == 1


@pytest.mark.parametrize("error", ["org_login_required", "external_channel_migrating"])
async def test_while_a_workspace_or_channel_is_moved_an_answer_waits(
    slack: LocalSlack, house: House, joint: Joint, error: str
) -> None:
    async with over_socket(slack, house) as channel:
        slack.fail("chat.postMessage", error=error)
        with pytest.raises(NotSentError):
            await channel.send(parcel(place=f"slack:{slack.team.id}:{joint.room}"))


async def test_where_there_are_no_threads_the_answer_stands_in_the_channel(
    slack: LocalSlack, house: House, joint: Joint
) -> None:
    asked = slack.message(joint.sato, "?", channel=joint.room).ts
    async with over_socket(slack, house) as channel:
        slack.fail("chat.postMessage", error="restricted_action_non_threadable_channel")
        await channel.send(parcel(place=f"slack:{slack.team.id}:{joint.room}", answers=asked))
    assert [one.get("thread_ts") for one in slack.posted(joint.room)] == [None]


async def test_a_whisper_whose_thread_is_gone_is_still_heard(slack: LocalSlack, house: House, joint: Joint) -> None:
    slack.undmable.add(joint.sato)
    aside = Place(key=f"slack:{slack.team.id}:{joint.room}", thread="1700000000.000001")
    async with over_socket(slack, house) as channel:
        await channel.send(parcel("内緒", account=f"slack:{slack.team.id}:{joint.sato}", aside=aside))
    assert [one["user"] for one in slack.ephemerals] == [joint.sato]


async def test_slacks_look_at_the_certificate_is_answered(slack: LocalSlack, house: House) -> None:
    async with over_http(slack, house) as channel, aiohttp.ClientSession() as client:
        form = {"ssl_check": "1", "token": "x"}
        async with client.post(slack.request_url or "", data=form) as answer:
            assert answer.status == 200
        async with client.post(slack.request_url or "", data=form | {"command": "/nakodo"}) as answer:
            assert answer.status == 200
        assert dict(channel.refused) == {}
    assert house.events == []


async def test_what_comes_twice_is_not_thought_about_twice(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    asked = slack.message(sato, "どう答えれば？")
    async with over_http(slack, house) as channel:
        first = await slack.deliver(asked).done()
        await slack.until(lambda: slack.statuses)
        await channel.send(parcel(account=house.events[0].account.key))
        await slack.replay(first).done()
        await asyncio.gather(*channel._intake.beside)
    assert [event.text for event in house.events] == ["どう答えれば？"] * 2, "who has it already knows what to do"
    assert [one["status"] for one in slack.statuses] == ["考えています…", ""]
