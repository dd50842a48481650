"""What Slack delivers reaches the house, in its words, before Slack is told; over real HTTP and a real socket."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.post import Event
from tests.adapters.channels.slack_house import House, over_http, over_socket, parcel
from tests.servers.slack import LocalSlack
from tests.servers.slack_world import Envelope

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(ack_timeout=2.0, retry_delays=(0.0, 0.05, 0.05)) as local:
        yield local


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("way", [over_http, over_socket])
async def test_a_private_message_is_kept_and_acknowledged(slack: LocalSlack, house: House, way: object) -> None:
    sato = slack.add_user("佐藤")
    async with way(slack, house):  # type: ignore[operator]
        sent = slack.message(sato, "R&amp;D は &lt;秘密&gt; です <https://x.jp/a|資料>")
        delivery = await slack.deliver(sent).done()
    assert delivery.acked
    (event,) = house.events
    assert (event.kind, event.text) == ("said", "R&D は <秘密> です 資料")
    assert event.place.key == f"slack:{slack.team.id}:{slack.im(sato)}"
    assert event.place.direct
    assert event.account.key == f"slack:{slack.team.id}:{sato}"
    assert event.message == sent.ts
    assert event.id == f"{slack.team.id}:{slack.im(sato)}:{sent.ts}"


@pytest.mark.parametrize("way", [over_http, over_socket])
async def test_what_the_house_cannot_keep_is_not_acknowledged_and_comes_again(
    slack: LocalSlack, house: House, way: object
) -> None:
    slack.courier.ack_timeout = 0.3
    house.broken = True
    sato = slack.add_user("佐藤")
    async with way(slack, house):  # type: ignore[operator]
        delivery = slack.deliver(slack.message(sato, "図面の件"))
        await slack.until(lambda: len(delivery.attempts) >= 2)
        house.broken = False
        await delivery.done()
    assert delivery.acked
    assert [event.text for event in house.events] == ["図面の件"]
    assert delivery.attempts[0].status in (503, None)


async def test_mention_and_message_of_one_text_have_one_id(slack: LocalSlack, house: House) -> None:
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee")
    room = slack.add_channel("joint", [sato, lee])
    async with over_socket(slack, house):
        bot = slack.team.bot_user
        for envelope in slack.mention(sato, f"ねえ<@{bot}>教えて <@{lee}>さんに", channel=room):
            await slack.deliver(envelope).done()
    first, second = house.events
    assert first.id == second.id
    assert first.text == f"ねえ@nakodo教えて <@slack:{slack.team.id}:{lee}>さんに"
    assert not first.place.direct
    assert not first.called


async def test_a_latin_word_beside_the_mention_does_not_run_into_it(slack: LocalSlack, house: House) -> None:
    lee = slack.add_user("Lee")
    room = slack.add_channel("joint", [lee])
    async with over_socket(slack, house):
        await slack.deliver(slack.mention(lee, f"hey<@{slack.team.bot_user}>help", channel=room)[1]).done()
    assert house.events[0].text == "hey @nakodo help"


async def test_an_answer_in_the_bots_thread_is_meant_for_it(slack: LocalSlack, house: House) -> None:
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee")
    room = slack.add_channel("joint", [sato, lee])
    place = f"slack:{slack.team.id}:{room}"
    async with over_socket(slack, house) as channel:
        mine = await channel.send(parcel(place=place))
        theirs = slack.message(sato, "自分たちの話", channel=room).ts
        joined = slack.message(lee, "ボットが答えた話", channel=room).ts
        house.threads.add((place, joined))
        for thread in (mine, theirs, joined):
            await slack.deliver(slack.message(sato, "それで?", channel=room, thread_ts=thread)).done()
    assert [event.called for event in house.events] == [True, False, True]
    assert [event.place.thread for event in house.events] == [mine, theirs, joined]


async def test_bots_and_the_bot_itself_are_no_events(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    room = slack.add_channel("joint", [sato])
    async with over_socket(slack, house) as channel:
        ts = await channel.send(parcel(place=f"slack:{slack.team.id}:{room}"))
        for envelope in (
            slack.bot_message("広告", channel=room),
            slack.bot_message("広告", channel=room, legacy=False),
            slack.own_message(room, ts),
            slack.edited(room, ts, "直しました"),
            slack.deleted(room, ts),
        ):
            assert (await slack.deliver(envelope).done()).acked
        assert channel.refused["bot"] == 5
    assert house.events == []


async def test_edits_and_deletions_name_their_message(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    room = slack.add_channel("joint", [sato])
    async with over_http(slack, house) as channel:
        ts = slack.message(sato, "秘密の条件", channel=room).ts
        edit = slack.edited(room, ts, "条件は後で")
        await slack.deliver(edit).done()
        await slack.deliver(edit).done()
        unfurled = slack.edited(room, ts, "条件は後で")
        await slack.deliver(unfurled).done()
        assert channel.refused["notice"] == 1
        await slack.deliver(slack.deleted(room, ts)).done()
    edited, again, deleted = house.events
    assert (edited.kind, edited.text, edited.message) == ("edited", "条件は後で", ts)
    assert edited.id == again.id
    assert (deleted.kind, deleted.message, deleted.account.key) == ("deleted", ts, edited.account.key)
    assert len({edited.id, deleted.id, f"{slack.team.id}:{room}:{ts}"}) == 3


async def test_coming_and_going_of_the_bot(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    room = slack.add_channel("joint", [sato], bot=False)
    async with over_socket(slack, house):
        await slack.deliver(slack.joined(slack.team.bot_user, channel=room, inviter=sato)).done()
        await slack.deliver(slack.joined(slack.add_user("山田"), channel=room)).done()
        left = {"type": "channel_left", "channel": room, "actor_id": sato, "event_ts": slack.new_ts()}
        await slack.deliver(slack.wrap(left)).done()
        gone = {"type": "member_left_channel", "channel": room, "user": slack.team.bot_user, "event_ts": "1.0"}
        await slack.deliver(slack.wrap(gone)).done()
    assert [event.kind for event in house.events] == ["added", "removed", "removed"]
    assert house.events[0].account.key == f"slack:{slack.team.id}:{sato}"


async def test_people_of_another_company_are_outsiders_under_their_own_workspace(
    slack: LocalSlack, house: House
) -> None:
    other = slack.add_team("Lumina", installed=False)
    sato, lee = slack.add_user("佐藤"), slack.add_user("Lee", team=other)
    room = slack.add_channel("joint", [sato, lee], shared_with=[other])
    async with over_socket(slack, house) as channel:
        await slack.deliver(slack.message(sato, f"<@{lee}> さん", channel=room)).done()
        await slack.deliver(slack.message(lee, "Hello", channel=room)).done()
        ours, theirs = house.events
        assert ours.text == f"<@slack:{other.id}:{lee}> さん"
        assert not ours.account.outsider
        assert theirs.account.key == f"slack:{other.id}:{lee}"
        assert theirs.account.outsider
        assert theirs.place.key == f"slack:{slack.team.id}:{room}"
        assert (await channel.acquainted(theirs.account)).name == "Lee"


async def test_every_file_comes_with_its_message_and_can_be_fetched(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    data = "仕様\n".encode() * 1000
    file = slack.add_file("仕様.txt", data, user=sato)
    async with over_socket(slack, house) as channel:
        await slack.deliver(slack.message(sato, "", files=[file])).done()
        (event,) = house.events
        assert [(one.name, one.size) for one in event.files] == [("仕様.txt", len(data))]
        assert await channel.fetch(event.files[0], 1_000_000) == data
        assert await channel.fetch(event.files[0], 10) == data[:10]


async def test_a_slash_command_is_said_with_its_words(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    room = slack.add_channel("joint", [sato])
    async with over_http(slack, house):
        for text, where in (("record", room), ("", room), ("/段階 meeting", None)):
            delivery = await slack.deliver(slack.command(sato, text, channel=where)).done()
            assert delivery.acked
            assert not delivery.answer
    assert [event.text for event in house.events] == ["/record", "/help", "/段階 meeting"]
    assert [event.place.direct for event in house.events] == [False, False, True]
    assert len({event.id for event in house.events}) == 3


@pytest.mark.parametrize("words", ["setup", "立ち上げ", "／ｓｅｔｕｐ"])
async def test_setup_opens_its_form_and_the_form_arranges(slack: LocalSlack, house: House, words: str) -> None:
    other = slack.add_team("Lumina", installed=False)
    tanaka, sato = slack.add_user("田中"), slack.add_user("佐藤")
    lee = slack.add_user("Lee", team=other)
    room = slack.add_channel("joint", [tanaka, sato, lee], shared_with=[other])
    async with over_socket(slack, house):
        await slack.deliver(slack.command(tanaka, words, channel=room)).done()
        assert house.events == []
        (view,) = slack.views.values()
        form = {"sme": [sato], "startup": [lee], "facilitator": [tanaka], "locale": "ja"}
        form |= {"sme_name": "栃ノ木精密", "startup_name": " ルミナ "}
        delivery = await slack.deliver(slack.submit(tanaka, view["id"], form)).done()
        assert delivery.acked
        assert delivery.complaint is None
    (event,) = house.events
    home = slack.team.id
    assert (event.kind, event.place.key) == ("arranged", f"slack:{home}:{room}")
    assert dict(event.form) == {
        "sme": (f"slack:{home}:{sato}",),
        "startup": (f"slack:{other.id}:{lee}",),
        "facilitator": (f"slack:{home}:{tanaka}",),
        "sme_name": ("栃ノ木精密",),
        "startup_name": ("ルミナ",),
        "locale": ("ja",),
    }


async def test_a_form_that_does_not_open_goes_the_normal_road(slack: LocalSlack, house: House) -> None:
    tanaka = slack.add_user("田中")
    room = slack.add_channel("joint", [tanaka])
    async with over_socket(slack, house):
        slack.fail("views.open", error="expired_trigger_id")
        await slack.deliver(slack.command(tanaka, "setup", channel=room)).done()
        await slack.deliver(slack.command(tanaka, "setup 栃ノ木 × ルミナ", channel=room)).done()
        await slack.deliver(slack.command(tanaka, "setup")).done()
    assert [event.text for event in house.events] == ["/setup", "/setup 栃ノ木 × ルミナ", "/setup"]


async def test_pressed_buttons_and_feedback_come_with_their_names(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    room = slack.add_channel("joint", [sato])
    async with over_http(slack, house) as channel:
        ts = await channel.send(parcel(place=f"slack:{slack.team.id}:{room}", choices=("/approve d1", "/edit d1 ")))
        press = slack.press(sato, "choice_1", channel=room, ts=ts)
        for envelope in (press, press, slack.feedback(sato, channel=room, ts=ts, positive=False)):
            delivery = await slack.deliver(envelope).done()
            assert delivery.acked
            assert delivery.complaint is None
    pressed, again, down = house.events
    assert (pressed.kind, pressed.button, pressed.message) == ("pressed", "p1:1", ts)
    assert pressed.id == again.id
    assert down.button == "p1:down"


async def test_the_home_tab_is_published_and_its_buttons_speak(slack: LocalSlack, house: House) -> None:
    tanaka = slack.add_user("田中")
    async with over_socket(slack, house):
        await slack.deliver(slack.home_opened(tanaka)).done()
        view = await slack.until(lambda: slack.homes.get(tanaka))
        await slack.deliver(slack.press(tanaka, "do", view_id=view["id"])).done()
    opened, said = house.events
    assert opened.kind == "opened"
    assert (said.kind, said.text, said.form["room"]) == ("said", "/approve d1", ("r1",))
    assert said.place.direct


async def test_who_begins_a_talk_gets_questions_to_begin_with_in_their_language(
    slack: LocalSlack, house: House
) -> None:
    people = [slack.add_user("佐藤"), slack.add_user("Lee", locale="en-US")]
    async with over_socket(slack, house):
        for user in people:
            await slack.deliver(slack.home_opened(user, tab="messages")).done()
        await slack.until(lambda: len(slack.prompts) == 2)
    by_channel = {one["channel"]: one["prompts"] for one in slack.prompts}
    japanese, english = (by_channel[slack.im(user)] for user in people)
    assert len(japanese) == len(english) == 3
    assert all(one["message"].isascii() for one in english)
    assert not any(one["message"].isascii() for one in japanese)
    assert [event.kind for event in house.events] == ["opened", "opened"]


async def test_a_question_in_private_shows_thinking_until_it_is_answered(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house) as channel:
        root = slack.message(sato, "どう答えれば?")
        await slack.deliver(root).done()
        await slack.until(lambda: slack.statuses)
        await channel.send(parcel("こうです。", account=house.events[0].account.key))
        await slack.deliver(slack.message(sato, "/help")).done()
    assert [one["status"] for one in slack.statuses] == ["考えています…", ""]
    assert {one["thread_ts"] for one in slack.statuses} == {root.ts}


async def test_nothing_forged_old_or_too_long_is_taken(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    async with over_http(slack, house) as channel:
        for signature, age in (("wrong", 0.0), ("missing", 0.0), ("right", 400.0), ("right", -400.0)):
            envelope = slack.message(sato, "偽物")
            delivery = await slack.deliver(envelope, signature=signature, age=age).done()
            assert [one.status for one in delivery.attempts] == [401]
        long = io.BytesIO(json.dumps(slack.message(sato, "あ" * 400_000).payload).encode())
        url = slack.request_url or ""
        async with aiohttp.ClientSession() as client, client.post(url, data=long) as answer:
            assert answer.status == 413
        assert dict(channel.refused) == {"signature": 2, "old": 2, "too_large": 1}
        handshake = await slack.deliver(slack.url_verification()).done()
        assert handshake.acked
        assert handshake.complaint is None
    assert house.events == []


async def test_a_replayed_request_has_the_id_of_the_first(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    async with over_http(slack, house):
        first = await slack.deliver(slack.message(sato, "一度だけ")).done()
        await slack.replay(first).done()
    assert len({event.id for event in house.events}) == 1
    assert len(house.events) == 2


BROKEN = [
    b"",
    b"{",
    b"[]",
    b"[1,2]",
    b'"text"',
    b"null",
    b'{"type":"event_callback"}',
    b'{"type":"event_callback","event":[]}',
    b'{"type":"event_callback","event":{"type":7}}',
    b'{"type":"event_callback","event":{"type":"message","channel":7,"ts":[],"user":{}}}',
    b'{"type":"event_callback","event":{"type":"message","channel":"C1","ts":"1.0","user":{},"files":7}}',
    b'{"type":"event_callback","event":{"type":"message","subtype":"message_changed","channel":"C1","ts":"1"}}',
    b'{"type":"event_callback","event":{"type":"message","subtype":"message_deleted","channel":"C1","ts":"1"}}',
    b'{"type":"event_callback","event":{"type":"volcano_erupted","user":"U1"}}',
    b'{"type":"event_callback","team_id":5,"authorizations":7,"event":{"type":"message"}}',
    b'{"type":"something_new","team":{"id":7}}',
    b"\xff\xfe\x00",
    b"payload=%7B",
    b"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A7%7D",
    b"payload=%7B%22type%22%3A%22view_submission%22%2C%22view%22%3A7%7D",
    b"command=%2Fnakodo&text=x",
    b'{"a":' * 3000,
]


@pytest.mark.parametrize("raw", BROKEN)
async def test_signed_nonsense_is_counted_and_harmless(
    slack: LocalSlack, house: House, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    sato = slack.add_user("佐藤")
    async with over_http(slack, house) as channel:
        headers = slack.courier.signed(raw, time.time()) if raw[:1] != b"\xff" else {}
        form = raw[:1] not in b'{["n'
        headers["Content-Type"] = "application/x-www-form-urlencoded" if form and raw else "application/json"
        url = slack.request_url or ""
        async with aiohttp.ClientSession() as client, client.post(url, data=raw, headers=headers) as answer:
            assert answer.status in (200, 400, 401), await answer.text()
        assert sum(channel.refused.values()) == 1, channel.refused
        assert (await slack.deliver(slack.message(sato, "その次")).done()).acked
    assert [event.text for event in house.events] == ["その次"]
    assert "Traceback" not in caplog.text


async def test_nonsense_through_the_socket_is_acknowledged_and_counted(slack: LocalSlack, house: House) -> None:
    async with over_socket(slack, house) as channel:
        for payload in ({"type": "event_callback", "event": {"type": 7}}, {"type": "odd"}, {"team": 5}):
            delivery = await slack.deliver(Envelope("events_api", payload)).done()
            assert delivery.acked
            assert len(delivery.attempts) == 1
        assert sum(channel.refused.values()) == 3
    assert house.events == []


async def test_half_characters_and_endless_texts_are_taken_in_as_far_as_they_go(
    slack: LocalSlack, house: House
) -> None:
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house):
        await slack.deliver(slack.message(sato, "半分\ud83d です\x00")).done()
        await slack.deliver(slack.message(sato, "長" * 60_000)).done()
    half, long = house.events
    assert Event.model_validate_json(half.model_dump_json()).text == "半分\ufffd です\ufffd"
    assert len(long.text) == 40_000
    assert "ここまで" in long.text[-60:]


async def test_no_log_holds_words_or_tokens(
    slack: LocalSlack, house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.courier.ack_timeout = 0.3
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house) as channel:
        await slack.deliver(slack.message(sato, "絶対に秘密")).done()
        await channel.send(parcel("これも秘密", account=f"slack:{slack.team.id}:{sato}"))
        house.broken = True
        await slack.deliver(slack.message(sato, "もっと秘密")).done()
        await slack.deliver(Envelope("interactive", {"type": "block_actions", "actions": "秘密"})).done()
    logged = caplog.text + "".join(capsys.readouterr()) + repr(channel.__dict__) + repr(vars(channel._bots))
    for word in ("秘密", "disk", slack.token, slack.app_token, slack.signing_secret, "ticket"):
        assert word not in logged, word


async def test_stopping_finishes_what_is_under_way(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    house.gate = asyncio.Event()
    async with over_socket(slack, house) as channel:
        delivery = slack.deliver(slack.message(sato, "最後の一言"))
        await slack.until(lambda: channel._door._under_way)
        stopping = asyncio.create_task(channel.stop())
        await asyncio.wait({stopping}, timeout=0.05)
        assert not stopping.done()
        house.gate.set()
        await stopping
        assert (await delivery.done()).acked
    assert [event.text for event in house.events] == ["最後の一言"]


async def test_the_socket_comes_back_and_gives_signs_of_life(slack: LocalSlack, house: House) -> None:
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house) as channel:
        assert channel.alive() is not None
        slack.disconnect()
        await slack.until(lambda: slack.courier.connections >= 2)
        assert (await slack.deliver(slack.message(sato, "戻りましたか")).done()).acked
    assert len(house.events) == 1


async def test_what_nobody_subscribed_to_needs_not_come_again(slack: LocalSlack, house: House) -> None:
    async with over_http(slack, house) as channel:
        for event in ({"type": "reaction_added", "user": "U1"}, {"type": "message", "subtype": "channel_topic",
                      "channel": "C1", "ts": "1.0", "user": "U1"}):  # fmt: skip
            assert (await slack.deliver(slack.wrap(event)).done()).acked
        body = urlencode({"payload": json.dumps({"type": "shortcut", "callback_id": "x"})})
        assert body
        assert dict(channel.refused) == {"unknown": 1, "notice": 1}
