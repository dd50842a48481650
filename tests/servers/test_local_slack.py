"""The local Slack, driven with the real SDK: it does what Slack does, and refuses what Slack refuses."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextActionsBlock,
    FeedbackButtonsElement,
    HeaderBlock,
    MarkdownBlock,
    SectionBlock,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookClient

from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(ack_timeout=0.5, retry_delays=(0.0, 0.05, 0.05)) as local:
        yield local


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(token=slack.token, base_url=slack.url, retry_handlers=[])


@pytest.fixture
def room(slack: LocalSlack) -> str:
    return slack.add_channel("joint", [slack.add_user("Tanaka")])


def error_of(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "承認"}, "action_id": "ok"} | more


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "下書き"}
    return {"type": "modal", "title": title, "submit": title, "blocks": list(blocks)} | more


NOTE = {
    "type": "input",
    "block_id": "note",
    "label": {"type": "plain_text", "text": "理由"},
    "element": {"type": "plain_text_input", "action_id": "text"},
}


# -- the Web API -----------------------------------------------------------------------------------------------


def test_the_bot_learns_who_it_is(slack: LocalSlack, client: WebClient) -> None:
    me = client.auth_test()
    assert (me["user_id"], me["team_id"]) == (slack.team.bot_user, slack.team.id)
    assert "chat:write" in me.headers["x-oauth-scopes"]
    assert client.bots_info(bot=me["bot_id"])["bot"]["user_id"] == me["user_id"]


@pytest.mark.parametrize(("token", "error"), [("xoxb-stranger", "invalid_auth"), (None, "not_authed")])
def test_a_stranger_is_not_let_in(slack: LocalSlack, token: str | None, error: str) -> None:
    assert error_of(WebClient(token=token, base_url=slack.url).auth_test) == error


def test_the_app_token_opens_connections_and_nothing_else(slack: LocalSlack, client: WebClient) -> None:
    assert client.apps_connections_open(app_token=slack.app_token)["url"].startswith("ws://127.0.0.1")
    assert error_of(lambda: client.apps_connections_open(app_token=slack.token)) == "not_allowed_token_type"
    assert error_of(lambda: client.auth_test(token=slack.app_token)) == "not_allowed_token_type"


def test_a_message_is_kept_changed_and_deleted(slack: LocalSlack, client: WebClient, room: str) -> None:
    meta = {"event_type": "card", "event_payload": {"id": 1}}
    ts = client.chat_postMessage(channel=room, text="一", metadata=meta)["ts"]
    reply = client.chat_postMessage(channel=room, text="二", thread_ts=ts)["ts"]
    client.chat_update(channel=room, ts=ts, text="三")
    assert [one["text"] for one in slack.posted(room)] == ["三", "二"]
    assert [one["text"] for one in slack.posted(room, thread=ts)] == ["三", "二"]
    found = client.conversations_history(channel=room, include_all_metadata=True)["messages"]
    assert [one["metadata"] for one in found] == [meta]
    assert "metadata" not in client.conversations_history(channel=room)["messages"][0]
    assert [one["ts"] for one in client.conversations_replies(channel=room, ts=ts)["messages"]] == [ts, reply]
    client.chat_delete(channel=room, ts=reply)
    assert [one["ts"] for one in slack.deletions] == [reply]
    assert error_of(lambda: client.chat_update(channel=room, ts=reply, text="四")) == "message_not_found"


def test_history_comes_in_pages_between_two_times(client: WebClient, room: str) -> None:
    all_ts = [client.chat_postMessage(channel=room, text=str(n))["ts"] for n in range(5)]
    first = client.conversations_history(channel=room, limit=2)
    assert [one["text"] for one in first["messages"]] == ["4", "3"]
    rest = client.conversations_history(channel=room, limit=9, cursor=first["response_metadata"]["next_cursor"])
    assert [one["text"] for one in rest["messages"]] == ["2", "1", "0"]
    between = client.conversations_history(channel=room, oldest=all_ts[0], latest=all_ts[3], inclusive=True)
    assert len(between["messages"]) == 4
    assert error_of(lambda: client.conversations_history(channel=room, limit=5000)) == "invalid_limit"


def test_what_is_not_the_bots_cannot_be_changed(slack: LocalSlack, client: WebClient, room: str) -> None:
    said = slack.message(slack.channels[room].members[0], "人の言葉", channel=room)
    assert error_of(lambda: client.chat_update(channel=room, ts=said.ts, text="x")) == "cant_update_message"
    assert error_of(lambda: client.chat_delete(channel=room, ts=said.ts)) == "cant_delete_message"


def test_rooms_are_closed_to_those_outside(slack: LocalSlack, client: WebClient, room: str) -> None:
    open_room = slack.add_channel("open", [], bot=False)
    hidden = slack.add_channel("hidden", [], bot=False, private=True)
    assert error_of(lambda: client.chat_postMessage(channel="C0", text="x")) == "channel_not_found"
    assert error_of(lambda: client.chat_postMessage(channel=hidden, text="x")) == "channel_not_found"
    assert error_of(lambda: client.chat_postMessage(channel=open_room, text="x")) == "not_in_channel"
    assert error_of(lambda: client.conversations_join(channel=hidden)) == "channel_not_found"
    client.conversations_join(channel=open_room)
    client.chat_postMessage(channel=open_room, text="入りました")
    slack.channels[room].archived = True
    assert error_of(lambda: client.chat_postMessage(channel=room, text="x")) == "is_archived"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "   "}, "no_text"),
        ({"text": "あ" * 40_001}, "msg_too_long"),
        ({"markdown_text": "あ" * 12_001}, "msg_too_long"),
        ({"markdown_text": "a", "blocks": [section("b")]}, "markdown_text_conflict"),
        ({"text": "x", "thread_ts": "1700000000.000001"}, "invalid_thread_ts"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": []}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {}, "more": 1}}, "invalid_metadata_schema"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "markdown", "text": "a" * 6_500}] * 2}, "msg_blocks_too_long"),
    ],
)
def test_a_message_slack_would_not_take_is_refused(
    client: WebClient, room: str, said: dict[str, Any], error: str
) -> None:
    body = {"channel": room} | said
    assert error_of(lambda: client.api_call("chat.postMessage", json=body)) == error


BAD_BLOCKS = {
    "unknown type": [{"type": "sektion"}],
    "unknown field": [section("a", colour="red")],
    "null field": [section("a", block_id=None)],
    "empty text": [section("")],
    "long section": [section("a" * 3001)],
    "long field": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "a" * 2001}]}],
    "no text": [{"type": "section"}],
    "wrong text type": [{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}],
    "long header": [{"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}],
    "emoji in mrkdwn": [{"type": "section", "text": {"type": "mrkdwn", "text": "a", "emoji": True}}],
    "51 blocks": [{"type": "divider"}] * 51,
    "block_id twice": [section("a", block_id="x"), section("b", block_id="x")],
    "action_id twice": [{"type": "actions", "elements": [button(), button()]}],
    "26 buttons": [{"type": "actions", "elements": [button(action_id=str(n)) for n in range(26)]}],
    "no buttons": [{"type": "actions", "elements": []}],
    "long button": [{"type": "actions", "elements": [button(text={"type": "plain_text", "text": "a" * 76})]}],
    "long value": [{"type": "actions", "elements": [button(value="a" * 2001)]}],
    "empty value": [{"type": "actions", "elements": [button(value="")]}],
    "long url": [{"type": "actions", "elements": [button(url="https://" + "a" * 3000)]}],
    "strange style": [{"type": "actions", "elements": [button(style="green")]}],
    "feedback in actions": [{"type": "actions", "elements": [{"type": "feedback_buttons"}]}],
    "button in context": [{"type": "context", "elements": [button()]}],
    "long option": [
        section(
            "a",
            accessory={
                "type": "static_select",
                "options": [{"text": {"type": "plain_text", "text": "a" * 76}, "value": "1"}],
            },
        )
    ],
    "long option value": [
        section(
            "a",
            accessory={
                "type": "static_select",
                "options": [{"text": {"type": "plain_text", "text": "a"}, "value": "1" * 151}],
            },
        )
    ],
    "long markdown": [{"type": "markdown", "text": "a" * 12_001}],
    "image without alt": [{"type": "image", "image_url": "https://example.com/a.png"}],
    "bad table": [{"type": "table", "rows": [["a"]]}],
}


@pytest.mark.parametrize("name", BAD_BLOCKS)
def test_blocks_slack_would_not_take_are_refused(client: WebClient, room: str, name: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=room, text="x", blocks=BAD_BLOCKS[name])
    assert refused.value.response["error"] == "invalid_blocks"
    assert "json-pointer:/blocks" in refused.value.response["response_metadata"]["messages"][0]


def test_blocks_made_with_the_sdk_are_taken(slack: LocalSlack, client: WebClient, room: str) -> None:
    blocks = [
        HeaderBlock(text="下書き"),
        MarkdownBlock(text="**太字**です。"),
        SectionBlock(text="本文", fields=["甲", "乙"]),
        ActionsBlock(elements=[ButtonElement(text="承認", action_id="ok", value="1", style="primary")]),
        ContextActionsBlock(
            elements=[
                FeedbackButtonsElement(
                    action_id="rate",
                    positive_button={"text": {"type": "plain_text", "text": "👍"}, "value": "good"},
                    negative_button={"text": {"type": "plain_text", "text": "👎"}, "value": "bad"},
                )
            ]
        ),
    ]
    ts = client.chat_postMessage(channel=room, text="x", blocks=blocks)["ts"]
    user = slack.channels[room].members[0]
    pressed = slack.press(user, "ok", channel=room, ts=ts).payload["actions"][0]
    assert (pressed["value"], pressed["type"]) == ("1", "button")
    assert slack.feedback(user, channel=room, ts=ts, positive=False).payload["actions"][0]["value"] == "bad"
    with pytest.raises(LookupError):
        slack.press(user, "nothing", channel=room, ts=ts)


def test_a_private_word_needs_a_member_and_leaves_no_message(slack: LocalSlack, client: WebClient, room: str) -> None:
    member, other = slack.channels[room].members[0], slack.add_user("Other")
    client.chat_postEphemeral(channel=room, user=member, text="内緒")
    assert [one["user"] for one in slack.ephemerals] == [member]
    assert slack.posted(room) == []
    ephemeral = slack.ephemerals[0]["ts"]
    assert error_of(lambda: client.chat_update(channel=room, ts=ephemeral, text="x")) == "message_not_found"
    lost = error_of(lambda: client.chat_postEphemeral(channel=room, user=other, text="内緒"))
    assert lost == "user_not_in_channel"


def test_a_reply_to_a_reply_is_refused(client: WebClient, room: str) -> None:
    root = client.chat_postMessage(channel=room, text="一")["ts"]
    reply = client.chat_postMessage(channel=room, text="二", thread_ts=root)["ts"]
    assert error_of(lambda: client.chat_postMessage(channel=room, text="三", thread_ts=reply)) == "invalid_thread_ts"


def test_direct_messages_are_opened_unless_the_person_is_out_of_reach(slack: LocalSlack, client: WebClient) -> None:
    near, far = slack.add_user("Near"), slack.add_user("Far", team=slack.add_team("Away", installed=False))
    slack.undmable.add(far)
    opened = client.conversations_open(users=near)["channel"]["id"]
    assert client.conversations_open(users=[near])["already_open"]
    assert client.conversations_info(channel=opened)["channel"]["user"] == near
    assert error_of(lambda: client.conversations_open(users=far)) == "cannot_dm_user"
    assert error_of(lambda: client.conversations_open(users="U0")) == "user_not_found"


def test_people_and_rooms_can_be_looked_up(slack: LocalSlack, client: WebClient) -> None:
    away = slack.add_team("Away", installed=False)
    guest = slack.add_user("Guest", team=away, locale="en-US", tz="Europe/Paris")
    shared = slack.add_channel("shared", [guest], shared_with=[away])
    user = client.users_info(user=guest, include_locale=True)["user"]
    assert (user["team_id"], user["locale"], user["profile"]["display_name"]) == (away.id, "en-US", "Guest")
    assert client.conversations_info(channel=shared)["channel"]["is_ext_shared"] is True
    assert client.conversations_members(channel=shared)["members"] == [guest, slack.team.bot_user]
    heard = slack.message(guest, "hello", channel=shared)
    assert heard.event["user_team"] == away.id
    assert heard.payload["is_ext_shared_channel"] is True
    assert heard.payload["team_id"] == slack.team.id


def test_arguments_in_a_json_body_are_not_read_where_slack_reads_none(client: WebClient, room: str) -> None:
    sent = {"channel": room}
    assert error_of(lambda: client.api_call("conversations.history", json=sent)) == "channel_not_found"


def test_a_scope_taken_away_is_missed_by_name(slack: LocalSlack, client: WebClient, room: str) -> None:
    slack.take_scope("channels:history", "chat:write")
    with pytest.raises(SlackApiError) as refused:
        client.conversations_history(channel=room)
    assert (refused.value.response["error"], refused.value.response["needed"]) == (
        "missing_scope",
        "channels:history",
    )
    assert error_of(lambda: client.chat_postMessage(channel=room, text="x")) == "missing_scope"


def test_streams_grow_end_and_die(slack: LocalSlack, client: WebClient, room: str) -> None:
    user = slack.channels[room].members[0]
    root = slack.message(user, "質問", channel=room).ts
    who: dict[str, Any] = {"recipient_user_id": user, "recipient_team_id": slack.team.id}
    stream = client.chat_stream(channel=room, thread_ts=root, buffer_size=1, **who)
    stream.append(markdown_text="一")
    stream.append(markdown_text="二")
    ts = slack.posted(room, thread=root)[0]["ts"]
    assert error_of(lambda: client.chat_update(channel=room, ts=ts, text="x")) == "streaming_state_conflict"
    stream.stop(markdown_text="三", blocks=[section("終")])
    assert slack.posted(room)[0]["text"] == "一二三"
    late = error_of(lambda: client.chat_appendStream(channel=room, ts=ts, markdown_text="四"))
    assert late == "message_not_in_streaming_state"
    client.chat_update(channel=room, ts=ts, text="済")
    missing = error_of(lambda: client.chat_startStream(channel=room, thread_ts=root, markdown_text="x"))
    assert missing == "missing_recipient_user_id"
    opened = client.chat_startStream(channel=room, thread_ts=root, markdown_text="x", **who)["ts"]
    mixed = [{"type": "markdown_text", "text": "y"}]
    assert (
        error_of(lambda: client.chat_appendStream(channel=room, ts=opened, chunks=mixed)) == "streaming_mode_mismatch"
    )
    slack.end_streams(by_user=True)
    assert error_of(lambda: client.chat_stopStream(channel=room, ts=opened)) == "stopped_by_user"


def test_who_streams_too_often_in_a_minute_is_asked_to_wait(slack: LocalSlack, client: WebClient, room: str) -> None:
    slack.tiers["chat.startStream"] = 2
    user = slack.channels[room].members[0]
    root = slack.message(user, "質問", channel=room).ts
    who: dict[str, Any] = {"recipient_user_id": user, "recipient_team_id": slack.team.id}
    for _ in range(2):
        client.chat_startStream(channel=room, thread_ts=root, **who)
    with pytest.raises(SlackApiError) as limited:
        client.chat_startStream(channel=room, thread_ts=root, **who)
    response = limited.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert 0 < int(response.headers["Retry-After"]) <= 61
    client.chat_postMessage(channel=room, text="これは別です")
    assert len(slack.posted(room, thread=root)) == 2


def test_a_scheduled_message_waits_for_its_time(slack: LocalSlack, client: WebClient, room: str) -> None:
    soon = int(time.time()) + 3600
    assert error_of(lambda: client.chat_scheduleMessage(channel=room, text="x", post_at=1)) == "time_in_past"
    far = soon + 121 * 86_400
    assert error_of(lambda: client.chat_scheduleMessage(channel=room, text="x", post_at=far)) == "time_too_far"
    client.chat_scheduleMessage(channel=room, text="明日", post_at=soon)
    gone = client.chat_scheduleMessage(channel=room, text="やめ", post_at=soon)["scheduled_message_id"]
    client.chat_deleteScheduledMessage(channel=room, scheduled_message_id=gone)
    assert slack.posted(room) == []
    slack.release_scheduled(until=soon)
    assert [one["text"] for one in slack.posted(room)] == ["明日"]


def test_a_trigger_opens_one_view_and_only_soon(slack: LocalSlack, client: WebClient) -> None:
    user = slack.add_user("Tanaka")
    trigger = slack.command(user).payload["trigger_id"]
    view = client.views_open(trigger_id=trigger, view=modal(NOTE))["view"]
    assert error_of(lambda: client.views_open(trigger_id=trigger, view=modal(NOTE))) == "exchanged_trigger_id"
    assert error_of(lambda: client.views_open(trigger_id="1.2.3", view=modal(NOTE))) == "invalid_trigger_id"
    slack.trigger_lifetime = 0.0
    stale = slack.command(user).payload["trigger_id"]
    assert error_of(lambda: client.views_open(trigger_id=stale, view=modal(NOTE))) == "expired_trigger_id"
    sent = slack.submit(user, view["id"], {"note": "急ぎ"})
    assert sent.payload["view"]["state"]["values"]["note"]["text"]["value"] == "急ぎ"
    with pytest.raises(LookupError):
        slack.submit(user, view["id"], {})
    again = client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("済")))["view"]
    assert again["id"] == view["id"]
    assert error_of(lambda: client.views_update(view_id=view["id"], hash="0", view=modal(NOTE))) == "hash_conflict"


@pytest.mark.parametrize(
    "view",
    [
        modal(NOTE, title={"type": "plain_text", "text": "a" * 25}),
        modal(*[{"type": "divider"}] * 101),
        modal({"type": "markdown", "text": "a"}),
        modal(NOTE, colour="red"),
        modal(NOTE, private_metadata="a" * 3001),
        {"type": "modal", "title": {"type": "plain_text", "text": "a"}, "blocks": [NOTE]},
        {"type": "home", "blocks": []},
    ],
)
def test_a_modal_slack_would_not_take_is_refused(slack: LocalSlack, client: WebClient, view: dict[str, Any]) -> None:
    trigger = slack.command(slack.add_user("Tanaka")).payload["trigger_id"]
    assert error_of(lambda: client.views_open(trigger_id=trigger, view=view)) == "invalid_arguments"


def test_the_home_tab_is_kept_for_each_person(slack: LocalSlack, client: WebClient) -> None:
    user = slack.add_user("Tanaka")
    home = {"type": "home", "blocks": [section("ようこそ"), {"type": "actions", "elements": [button()]}]}
    first = client.views_publish(user_id=user, view=home)["view"]
    assert client.views_publish(user_id=user, view=home)["view"]["id"] == first["id"]
    assert slack.home_opened(user).event["view"]["blocks"][0]["text"]["text"] == "ようこそ"
    pressed = slack.press(user, "ok", view_id=first["id"])
    assert pressed.payload["container"]["type"] == "view"
    assert error_of(lambda: client.views_publish(user_id=user, view=home | {"hash": "x"})) == "invalid_arguments"


def test_assistants_and_agents_show_their_state(slack: LocalSlack, client: WebClient, room: str) -> None:
    root = slack.message(slack.channels[room].members[0], "質問", channel=room).ts
    where = {"channel_id": room, "thread_ts": root}
    client.assistant_threads_setStatus(status="考えています", loading_messages=["読書中"], **where)
    client.assistant_threads_setTitle(title="契約", **where)
    client.assistant_threads_setSuggestedPrompts(prompts=[{"title": "甲", "message": "乙"}], **where)
    assert client.agents_sessions_setStatus(status="suspended", **where)["agent_status"] == "suspended"
    assert error_of(lambda: client.agents_sessions_setStatus(status="waiting", **where)) == "invalid_arguments"
    assert error_of(lambda: client.agents_sessions_setStatus(status="active", channel_id=room)) == "invalid_thread_ts"
    five = [{"title": "甲", "message": "乙"}] * 5
    refused = error_of(lambda: client.assistant_threads_setSuggestedPrompts(prompts=five, **where))
    assert refused == "invalid_arguments"
    assert slack.sessions[room, root]["history"] == ["suspended"]


async def test_a_file_is_given_only_to_a_bot_that_may_see_it(slack: LocalSlack, client: WebClient, room: str) -> None:
    user = slack.channels[room].members[0]
    file = slack.add_file("図面.txt", "寸法".encode(), user=user)
    assert error_of(lambda: client.files_info(file=file)) == "file_not_found"
    shared = slack.message(user, "見て", channel=room, files=[file]).event
    assert shared["subtype"] == "file_share"
    link = (await asyncio.to_thread(client.files_info, file=file))["file"]["url_private"]
    async with aiohttp.ClientSession() as session:
        async with session.get(link, headers={"Authorization": f"Bearer {slack.token}"}) as good:
            assert await good.read() == "寸法".encode()
        async with session.get(link) as bad:
            assert (bad.status, bad.content_type) == (200, "text/html")


def test_a_second_workspace_is_installed_with_a_code_that_works_once(slack: LocalSlack) -> None:
    away = slack.add_team("Away", installed=False)
    code = slack.grant_code(away)
    trade = WebClient(base_url=slack.url)
    who = {"client_id": slack.client_id, "client_secret": slack.client_secret}
    wrong = who | {"client_secret": "x"}
    assert error_of(lambda: trade.oauth_v2_access(code=code, **wrong)) == "bad_client_secret"
    got = trade.oauth_v2_access(code=code, **who)
    assert got["team"]["id"] == away.id
    assert WebClient(token=got["access_token"], base_url=slack.url).auth_test()["team_id"] == away.id
    assert error_of(lambda: trade.oauth_v2_access(code=code, **who)) == "invalid_code"
    slack.uninstalled(away)
    assert error_of(WebClient(token=got["access_token"], base_url=slack.url).auth_test) == "account_inactive"


# -- ordered failures ------------------------------------------------------------------------------------------


def test_failures_come_as_ordered_and_then_stop(slack: LocalSlack, client: WebClient, room: str) -> None:
    def post() -> Any:
        return client.chat_postMessage(channel=room, text="x")

    slack.fail("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as limited:
        post()
    assert (limited.value.response["error"], limited.value.response.headers["Retry-After"]) == ("ratelimited", "7")
    slack.fail(lambda call: call.args.get("text") == "x", error="fatal_error", times=2)
    assert (error_of(post), error_of(post)) == ("fatal_error", "fatal_error")
    slack.fail("*", status=503)
    with pytest.raises(SlackApiError):
        post()
    slack.fail("chat.postMessage", refused=True)
    with pytest.raises(OSError):
        post()
    assert slack.posted(room) == []
    slack.fail("chat.postMessage", lost=True)
    with pytest.raises(OSError):
        post()
    slack.fail("chat.postMessage", garbage=True)
    with pytest.raises(SlackApiError):
        post()
    slack.fail("chat.postMessage", delay=0.2)
    began = time.monotonic()
    post()
    assert time.monotonic() - began >= 0.2
    assert len(slack.posted(room)) == 3
    assert [one.error for one in slack.calls_of("chat.postMessage")][:3] == [
        "ratelimited",
        "fatal_error",
        "fatal_error",
    ]


async def test_the_sdks_own_retry_posts_twice_when_an_answer_is_lost(slack: LocalSlack, room: str) -> None:
    slack.fail("chat.postMessage", lost=True)
    await AsyncWebClient(token=slack.token, base_url=slack.url).chat_postMessage(channel=room, text="x")
    assert len(slack.posted(room)) == 2


# -- events over HTTP ------------------------------------------------------------------------------------------


@asynccontextmanager
async def receiver(slack: LocalSlack, answers: list[web.Response]) -> AsyncIterator[list[tuple[Any, bytes]]]:
    """An app that checks signatures with the real SDK and gives the ordered answers, then 200."""
    got: list[tuple[Any, bytes]] = []
    verifier = SignatureVerifier(slack.signing_secret)

    async def take(request: web.Request) -> web.Response:
        raw = await request.read()
        if not verifier.is_valid_request(raw, dict(request.headers)):
            return web.Response(status=401)
        got.append((request.headers.copy(), raw))
        return answers.pop(0) if answers else web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield got
    finally:
        await runner.cleanup()


async def test_events_over_http_are_signed_and_tried_again_until_answered(slack: LocalSlack) -> None:
    user = slack.add_user("田中")
    async with receiver(slack, [web.Response(status=500), web.Response(status=500)]) as got:
        sent = await slack.deliver(slack.message(user, "こんにちは")).done()
        assert sent.acked
        assert [one.error for one in sent.attempts] == ["http_error", "http_error", None]
        assert [headers.get("X-Slack-Retry-Num") for headers, _ in got] == [None, "1", "2"]
        assert len({raw for _, raw in got}) == 1
        assert json.loads(got[0][1])["event"]["text"] == "こんにちは"


async def test_wrong_old_and_missing_signatures_are_what_they_should_be(slack: LocalSlack) -> None:
    envelope = slack.message(slack.add_user("Tanaka"), "hello")
    async with receiver(slack, []) as got:
        for how in ({"signature": "wrong"}, {"signature": "missing"}, {"age": 301.0}):
            sent = await slack.deliver(envelope, retry=False, **how).done()
            assert (sent.acked, sent.attempts[0].status) == (False, 401), how
        first = await slack.deliver(envelope).done()
        again = await slack.replay(first).done()
        assert again.attempts[0].headers == first.attempts[0].headers
        assert [raw for _, raw in got] == [first.attempts[0].raw] * 2


async def test_the_real_bolt_takes_every_kind_of_delivery_over_http(slack: LocalSlack, room: str) -> None:
    app = AsyncApp(
        signing_secret=slack.signing_secret,
        client=AsyncWebClient(token=slack.token, base_url=slack.url),
        process_before_response=True,
    )
    heard: list[str] = []

    @app.event("app_mention")
    async def on_mention(event: dict[str, Any]) -> None:
        heard.append(f"mention {event['text']}")

    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        heard.append(f"message {event.get('subtype', '')}")

    @app.command("/nakodo")
    async def on_command(ack: Any, command: dict[str, Any], client: AsyncWebClient, respond: Any) -> None:
        await ack()
        heard.append(f"command {command['text']}")
        await client.views_open(trigger_id=command["trigger_id"], view=modal(NOTE, callback_id="why"))
        await respond("受け付けました")

    @app.view("why")
    async def on_view(ack: Any) -> None:
        await ack(response_action="errors", errors={"note": "短すぎます"})

    async def take(request: web.Request) -> web.Response:
        answer = await app.async_dispatch(
            AsyncBoltRequest(body=(await request.read()).decode(), headers=dict(request.headers))
        )
        return web.Response(status=answer.status, text=answer.body, headers=answer.first_headers_without_set_cookie())

    server = web.Application()
    server.router.add_post("/", take)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    user = slack.channels[room].members[0]
    try:
        mention, message = slack.mention(user, "助けて", channel=room)
        assert mention.ts == message.ts
        assert mention.payload["event_id"] != message.payload["event_id"]
        edit = slack.edited(room, message.ts, "直した")
        for envelope in (slack.url_verification(), mention, message, edit, slack.deleted(room, message.ts)):
            sent = await slack.deliver(envelope).done()
            assert (sent.acked, sent.complaint) == (True, None)
        await slack.deliver(slack.command(user, "予定", channel=room)).done()
        view_id = next(iter(slack.views))
        answered = await slack.deliver(slack.submit(user, view_id, {"note": "x"})).done()
        assert answered.answer == {"response_action": "errors", "errors": {"note": "短すぎます"}}
        assert answered.complaint is None
    finally:
        await runner.cleanup()
    bot = slack.team.bot_user
    assert heard == [
        f"mention <@{bot}> 助けて",
        "message ",
        "message message_changed",
        "message message_deleted",
        "command 予定",
    ]
    assert slack.responses[0]["text"] == "受け付けました"


async def test_an_app_that_is_too_slow_gets_the_event_again(slack: LocalSlack) -> None:
    class Slow(web.Response):
        async def prepare(self, request: web.BaseRequest) -> Any:
            await slack.until(lambda: slack.deliveries[0].attempts[0].error)
            return await super().prepare(request)

    async with receiver(slack, [Slow()]) as got:
        sent = await slack.deliver(slack.message(slack.add_user("Tanaka"), "hello")).done()
        assert (sent.acked, sent.attempts[0].error) == (True, "http_timeout")
        assert got[1][0]["X-Slack-Retry-Reason"] == "http_timeout"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"response_action": "errors", "errors": {"other": "x"}}, "unknown block"),
        ({"response_action": "close"}, "invalid_response"),
        ({"response_action": "update", "view": modal({"type": "markdown", "text": "a"})}, "invalid_arguments"),
    ],
)
async def test_an_answer_to_a_modal_that_slack_would_not_take_is_noted(
    slack: LocalSlack, client: WebClient, answer: dict[str, Any], complaint: str
) -> None:
    user = slack.add_user("Tanaka")
    trigger = slack.command(user).payload["trigger_id"]
    view = await asyncio.to_thread(client.views_open, trigger_id=trigger, view=modal(NOTE))
    async with receiver(slack, [web.json_response(answer)]):
        sent = await slack.deliver(slack.submit(user, view["view"]["id"], {"note": "x"})).done()
        assert str(sent.complaint).startswith(complaint)
        await slack.deliver(slack.submit(user, view["view"]["id"], {"note": "x"})).done()
        assert slack.views == {}


def test_a_response_replaces_the_message_that_was_pressed(slack: LocalSlack, client: WebClient, room: str) -> None:
    user = slack.channels[room].members[0]
    actions = [{"type": "actions", "elements": [button()]}]
    shown = client.chat_postMessage(channel=room, text="承認しますか", blocks=actions)["ts"]
    client.chat_postEphemeral(channel=room, user=user, text="承認しますか", blocks=actions)
    hooks = [slack.press(user, "ok", channel=room, ts=ts) for ts in (shown, slack.ephemerals[0]["ts"])]
    assert ["message" in one.payload for one in hooks] == [True, False]
    WebhookClient(hooks[0].payload["response_url"]).send(text="承認済み", replace_original=True)
    WebhookClient(hooks[1].payload["response_url"]).send(delete_original=True)
    assert [(one["text"], one.get("blocks")) for one in slack.posted(room)] == [("承認済み", None)]
    assert slack.ephemerals == []


def test_a_response_url_works_five_times(slack: LocalSlack) -> None:
    hook = WebhookClient(slack.command(slack.add_user("Tanaka")).payload["response_url"])
    assert [hook.send(text=str(n)).status_code for n in range(6)] == [200] * 5 + [404]
    assert len(slack.responses) == 5


# -- Socket Mode -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def connected(slack: LocalSlack, deaf_for: int = 0) -> AsyncIterator[list[SocketModeRequest]]:
    """A real Socket Mode client that leaves the first `deaf_for` envelopes unanswered."""
    heard: list[SocketModeRequest] = []

    async def listen(client: Any, request: SocketModeRequest) -> None:
        heard.append(request)
        if len(heard) > deaf_for:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client = SocketModeClient(slack.app_token, web_client=AsyncWebClient(base_url=slack.url), ping_interval=0.2)
    client.socket_mode_request_listeners.append(listen)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        yield heard
    finally:
        await client.close()  # type: ignore[no-untyped-call]


async def test_an_unanswered_event_comes_again_over_the_socket(slack: LocalSlack) -> None:
    async with connected(slack, deaf_for=1) as heard:
        sent = await slack.deliver(slack.message(slack.add_user("田中"), "こんにちは")).done()
        assert sent.acked
    assert [one.retry_attempt for one in heard] == [0, 1]
    assert len({one.envelope_id for one in heard}) == 2
    assert len({one.payload["event_id"] for one in heard}) == 1


async def test_an_unanswered_command_is_not_sent_again(slack: LocalSlack) -> None:
    async with connected(slack, deaf_for=1) as heard:
        sent = await slack.deliver(slack.command(slack.add_user("Tanaka"))).done()
        assert (sent.acked, sent.attempts[0].error, len(heard)) == (False, "timeout", 1)


@pytest.mark.parametrize("cut", [LocalSlack.disconnect, LocalSlack.drop_sockets])
async def test_a_lost_connection_is_taken_up_again(slack: LocalSlack, cut: Callable[[LocalSlack], None]) -> None:
    async with connected(slack) as heard:
        cut(slack)
        await slack.until(lambda: slack.courier.connections == 2)
        sent = await slack.deliver(slack.message(slack.add_user("Tanaka"), "still there?")).done()
        assert sent.acked
        assert [one.payload["event"]["text"] for one in heard] == ["still there?"]


async def test_a_deaf_server_makes_the_client_connect_anew(slack: LocalSlack) -> None:
    async with connected(slack):
        slack.freeze_sockets()
        await slack.until(lambda: len(slack.calls_of("apps.connections.open")) > 1, timeout=15)
        slack.freeze_sockets(False)


async def test_the_real_bolt_talks_over_the_socket(slack: LocalSlack, room: str) -> None:
    app = AsyncApp(client=AsyncWebClient(token=slack.token, base_url=slack.url))

    @app.event("message")
    async def on_message(say: Any, event: dict[str, Any]) -> None:
        await say(text=f"はい、{event['text']}", thread_ts=event["ts"])

    @app.action("ok")
    async def on_press(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="承認しました", replace_original=True)

    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=app.client, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        user = slack.channels[room].members[0]
        said = slack.message(user, "こんにちは", channel=room)
        slack.deliver(said)
        await slack.until(lambda: slack.posted(room, thread=said.ts))
        actions = {"type": "actions", "elements": [button()]}
        ts = (await app.client.chat_postMessage(channel=room, text="x", blocks=[actions]))["ts"]
        pressed = await slack.deliver(slack.press(user, "ok", channel=room, ts=ts)).done()
        assert (pressed.acked, pressed.complaint) == (True, None)
        await slack.until(lambda: slack.responses)
        assert slack.responses[0]["ts"] == ts
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_a_ticket_opens_one_socket(slack: LocalSlack, client: WebClient) -> None:
    url = (await asyncio.to_thread(client.apps_connections_open, app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as first:
            assert (await first.receive_json())["type"] == "hello"
            await first.send_str("not json")
            await slack.until(lambda: slack.courier.stray_acks == ["not json"])
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


def test_waiting_for_what_never_comes_says_what_was_called(slack: LocalSlack, client: WebClient) -> None:
    client.auth_test()
    with pytest.raises(TimeoutError, match=r"auth\.test"):
        slack.wait_for(lambda: False, timeout=0.05)


def test_a_mistake_of_the_local_slack_fails_the_test_that_met_it() -> None:
    with pytest.raises(RuntimeError, match="itself is at fault"), LocalSlack() as local:
        room = local.add_channel("joint", [])
        del local.channels[room].messages
        broken = WebClient(token=local.token, base_url=local.url)
        assert error_of(lambda: broken.chat_postMessage(channel=room, text="x")) == "internal_error"


def test_an_edit_takes_less_text_than_a_message(client: WebClient, room: str) -> None:
    ts = client.chat_postMessage(channel=room, text="a" * 4_001)["ts"]
    assert error_of(lambda: client.chat_update(channel=room, ts=ts, text="a" * 4_001)) == "msg_too_long"
