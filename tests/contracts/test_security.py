"""What comes from outside and is not to be believed: refused or passed over, counted, and never printed."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.contracts.both import Both, on_both
from tests.contracts.driving import Firm
from tests.contracts.telegram_driver import SECRET
from tests.servers.slack_world import Envelope

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PLANTED = "極秘の合金はニオブ三割"
SLACK, TELEGRAM = "/slack/events", "/telegram/webhook"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with on_both(tmp_path_factory.mktemp("both"), webhook=True) as running:
        yield running
        assert "Traceback" not in running.house.printed()


@pytest.fixture(scope="module")
def firm(both: Both) -> Firm:
    found = both.slack.firm()
    both.slack.command(found.room, found.sme, f"theme {PLANTED}")
    both.slack.heard_in_room(found.room, "テーマ")
    return found


def post(both: Both, path: str, body: bytes, headers: Mapping[str, str], *, chunks: bool = False) -> int:
    """Post, with a stated length or piece by piece; return the status, also where it comes before the end."""
    line = http.client.HTTPConnection("127.0.0.1", both.house.port, timeout=30)
    try:
        try:
            pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
            line.request("POST", path, pieces if chunks else body, dict(headers), encode_chunked=chunks)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has heard enough.
        return line.getresponse().status
    finally:
        line.close()


def signed(both: Both, body: bytes, *, at: float | None = None) -> dict[str, str]:
    headers = both.slack.slack.courier.signed(body, time.time() if at is None else at)
    return headers | {"Content-Type": "application/json"}


def told(body: bytes = b"", secret: str = SECRET) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}


def refused(both: Both, channel: str) -> int:
    return sum(both.house.refused(channel).values())


def nothing_printed(both: Both) -> None:
    printed = both.house.printed()
    slack, telegram = both.slack.slack, both.telegram.telegram
    for secret in (PLANTED, "ニオブ", slack.token, slack.signing_secret, telegram.token, SECRET, "Traceback"):
        assert secret not in printed


# Slack


@pytest.mark.parametrize(
    ("signature", "age"), [("wrong", 0), ("missing", 0), ("right", 400), ("right", -400)], ids=str
)
def test_slack_posts_that_are_forged_or_old_are_refused(both: Both, signature: str, age: float) -> None:
    who = both.slack.person("偽者")
    before = refused(both, "slack")
    sent = both.slack.slack.deliver(
        both.slack.slack.message(who.id, PLANTED), signature=signature, age=age, retry=False
    )
    assert not sent.wait(45).acked
    assert [one.status for one in sent.attempts] == [401]
    both.slack.settle()
    assert both.slack.in_private(who) == []
    assert refused(both, "slack") == before + 1
    nothing_printed(both)


def test_slack_posts_that_are_replayed_are_answered_once(both: Both) -> None:
    who = both.slack.person("盗み聞き")
    sent = both.slack.slack.deliver(both.slack.slack.message(who.id, "再生される質問"))
    assert sent.wait(45).acked
    both.slack.heard_in_private(who, "再生される質問")
    both.slack.slack.replay(sent).wait(45)
    both.slack.settle()
    assert sum("再生される質問" in line.text for line in both.slack.in_private(who)) == 1


def test_slack_signature_of_another_body_is_refused(both: Both) -> None:
    body = json.dumps({"type": "event_callback", "event": {"type": "message", "text": PLANTED}}).encode()
    assert post(both, SLACK, body, signed(both, b"{}")) == 401


@pytest.mark.parametrize("stamp", ["", "now", "１２３", "1e9", "-1", "9" * 400])
def test_slack_timestamps_of_strange_shape_are_refused(both: Both, stamp: str) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp.encode().decode("latin-1"), "X-Slack-Signature": "v0=00"}
    assert post(both, SLACK, b"{}", headers) == 401


@pytest.mark.parametrize("path", [SLACK, TELEGRAM])
@pytest.mark.parametrize("chunks", [False, True], ids=["stated", "unstated"])
def test_bodies_over_a_megabyte_are_refused(both: Both, path: str, chunks: bool) -> None:
    body = json.dumps({"update_id": 1, "text": PLANTED, "more": "x" * 1_200_000}).encode()
    headers = signed(both, body) if path == SLACK else told()
    if chunks:
        headers |= {"Transfer-Encoding": "chunked"}
    assert post(both, path, body, headers, chunks=chunks) == 413
    nothing_printed(both)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"\xff\xfe"',
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "team_id": 7, "event": []}',
        b'{"type": "event_callback", "event": {"type": "message", "channel": {"id": 1}, "user": [], "text": 5}}',
        b"payload=%7B",
        b"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A7%7D",
        b"[" * 50_000,
    ],
    ids=range(12),
)
def test_slack_bodies_of_wrong_shape_do_no_harm(both: Both, body: bytes) -> None:
    before = refused(both, "slack")
    kind = "application/x-www-form-urlencoded" if body.startswith(b"payload") else "application/json"
    status = post(both, SLACK, body, signed(both, body) | {"Content-Type": kind})
    assert status in (200, 400, 401)  # What is no text cannot have been signed.
    assert refused(both, "slack") == before + 1
    nothing_printed(both)


def test_slack_events_of_unknown_kinds_are_counted_and_acknowledged(both: Both) -> None:
    before = both.house.refused("slack").get("unknown", 0)
    event = {"type": "hologram_projected", "text": PLANTED, "event_ts": "1.2"}
    sent = both.slack.slack.deliver(both.slack.slack.wrap(event))
    assert sent.wait(45).acked
    assert len(sent.attempts) == 1
    assert both.house.refused("slack")["unknown"] == before + 1
    nothing_printed(both)


@pytest.mark.parametrize("value", ["/record", "approve d1", "x" * 2_000, "../../etc:0", "", 7, None], ids=str)
def test_slack_buttons_that_are_not_ours_are_counted_and_do_nothing(both: Both, firm: Firm, value: Any) -> None:
    before, lines = refused(both, "slack"), len(both.slack.in_room(firm.room))
    sent = both.slack.slack.deliver(both.slack.forged(firm.sme, firm.room, value))
    assert sent.wait(45).attempts[0].status in (200, 400)
    both.slack.settle()
    assert len(both.slack.in_room(firm.room)) == lines
    assert refused(both, "slack") == before + 1


def test_slack_home_buttons_cannot_name_a_partnership_of_others(both: Both, firm: Firm) -> None:
    thief = both.slack.person("盗人")
    value = json.dumps({"room": f"slack:{both.slack.slack.team.id}:{firm.room}", "command": "/record"})
    action = {"type": "button", "action_id": "do", "block_id": "b", "action_ts": "1.2", "value": value}
    forged: Envelope = both.slack.slack._interactive(
        "block_actions",
        both.slack.slack.team,
        thief.id,
        actions=[action],
        container={"type": "view", "view_id": "V1"},
    )
    assert both.slack.slack.deliver(forged).wait(45).acked
    both.slack.settle()
    assert "ニオブ" not in both.slack.everything(thief)


def test_another_rooms_button_does_nothing_here(both: Both, firm: Firm) -> None:
    both.slack.say(firm.room, firm.sme, "こちらの部屋の質問", calling=True)
    line = both.slack.heard_in_room(firm.room, "こちらの部屋の質問")
    stranger = both.slack.person("隣人")
    elsewhere = both.slack.place([stranger])
    both.slack.forge(stranger, elsewhere, line.knobs[0].value)
    both.slack.forge(stranger, both.slack.slack.im(stranger.id), line.knobs[0].value)
    both.slack.settle()
    assert both.slack.in_room(elsewhere) == []
    assert both.slack.in_private(stranger) == []


def test_another_rooms_thumb_is_not_counted(both: Both, firm: Firm) -> None:
    both.slack.say(firm.room, firm.sme, "評価される答え", calling=True)
    line = both.slack.heard_in_room(firm.room, "評価される答え")
    stranger = both.slack.person("隣人")
    both.slack.forge(stranger, both.slack.place([stranger]), line.knobs[-1].value)
    both.slack.settle()
    parcel = line.knobs[-1].value.partition(":")[0]
    assert both.house.rows("SELECT * FROM feedback WHERE parcel = ?", parcel) == []


def test_the_record_is_not_shown_outside(both: Both, firm: Firm) -> None:
    """Neither to a stranger in private, nor in another channel, nor through a room's number."""
    stranger = both.slack.person("外の人")
    elsewhere = both.slack.place([stranger])
    for words in ("record", "digest", "minutes", "export", "room 1", "theme"):
        both.slack.command(None, stranger, words)
        both.slack.command(elsewhere, stranger, words)
    both.slack.say(elsewhere, stranger, "ニの合金のテーマは", calling=True)
    both.slack.heard_in_room(elsewhere, "echo: ")
    both.slack.settle()
    assert "ニオブ" not in both.slack.everything(stranger, elsewhere)


# Telegram


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "é"], ids=str)
def test_telegram_posts_without_the_secret_are_refused(both: Both, secret: str | None) -> None:
    before = both.house.refused("telegram").get("secret", 0)
    headers = {"Content-Type": "application/json"} if secret is None else told(secret=secret)
    body = json.dumps({"update_id": 1, "message": {"text": PLANTED}}).encode()
    assert post(both, TELEGRAM, body, headers) == 403
    assert both.house.refused("telegram")["secret"] == before + 1
    nothing_printed(both)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'{"update_id": "1"}', b'"\xff"', b"[" * 50_000], ids=range(7)
)
def test_telegram_bodies_that_are_no_update_are_refused(both: Both, body: bytes) -> None:
    before = both.house.refused("telegram").get("malformed", 0)
    assert post(both, TELEGRAM, body, told()) == 400
    assert both.house.refused("telegram")["malformed"] == before + 1


@pytest.mark.parametrize(
    "content",
    [
        {"message": 7},
        {"message": {"message_id": "a", "chat": None}},
        {"message": {"message_id": 1, "date": 10**18, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}}},
        {"callback_query": {"id": "1", "from": {}, "data": PLANTED}},
        {"hologram": {"text": PLANTED}},
        {},
    ],
    ids=range(6),
)
def test_telegram_updates_of_wrong_shape_are_counted_and_not_brought_again(
    both: Both, content: dict[str, Any]
) -> None:
    before = refused(both, "telegram")
    body = json.dumps({"update_id": 77} | content).encode()
    assert post(both, TELEGRAM, body, told()) == 200
    assert refused(both, "telegram") == before + 1
    nothing_printed(both)


@pytest.mark.parametrize("value", ["/record", "0" * 20 + ":0", "x" * 64])
def test_telegram_buttons_that_nobody_made_do_nothing(both: Both, value: str) -> None:
    who = both.telegram.person("押し手")
    both.telegram.whisper(who, "最初の質問")
    both.telegram.heard_in_private(who, "最初の質問")
    both.telegram.forge(who, who.id, value)
    both.telegram.settle()
    assert len(both.telegram.in_private(who)) == 1


def test_telegram_updates_that_are_replayed_are_answered_once(both: Both) -> None:
    who = both.telegram.person("二度")
    sent = both.telegram.whisper(who, "二度来る質問")
    both.telegram.heard_in_private(who, "二度来る質問")
    came = both.telegram.telegram.updates
    update = next(one for one in came if one.get("message", {}).get("text") == "二度来る質問")
    assert post(both, TELEGRAM, json.dumps(update).encode(), told()) == 200
    sent.repeat()
    both.telegram.settle()
    assert len(both.telegram.in_private(who)) == 1


# All


def test_addresses_that_are_not_there_tell_nothing(both: Both) -> None:
    for path in ("/", "/docs", "/openapi.json", "/slack", "/telegram", "/slack/install", "/.env", "/nakodo.db"):
        assert both.house.get(path)[0] == 404


def test_ready_and_health_tell_no_names_and_no_words(both: Both, firm: Firm) -> None:
    shown = json.dumps(both.house.ready(), ensure_ascii=False) + json.dumps(both.house.get("/health")[1])
    for word in ("ニオブ", "佐藤", firm.room, both.slack.slack.token):
        assert word not in shown
