"""Texts, blocks and payloads of Slack hold for whatever comes: properties, checked against Slack's own limits."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.channels.slack_acts import arranged_of, command_of, misplaced, people_in, press_of
from adapters.channels.slack_blocks import home_view, message, prompts, setup_form
from adapters.channels.slack_events import Here, event_of
from adapters.channels.slack_people import People
from adapters.channels.slack_text import cut, heard, markdown, parts, plain, units
from adapters.channels.slack_wire import sdk_logger
from adapters.post import Account, Event, Home, HomeAction, HomeRoom
from tests.adapters.channels.slack_house import parcel
from tests.servers.slack_checks import check_blocks, check_view

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HERE = Here("T1", "UBOT", NOW)
PROSE = st.text(alphabet="あ漢字。！？ \n*`#->「」（）a1&<|😀👩‍💻é", max_size=400)
ANY = st.text(max_size=300)


@settings(deadline=None)
@given(PROSE, st.integers(8, 60))
def test_parts_are_the_text_and_each_fits(text: str, most: int) -> None:
    found = parts(text, most)
    assert "".join(found) == text
    assert all(0 < units(one) <= most for one in found) or not text


SENTENCES = st.lists(
    st.sampled_from(
        ["試作の費用は、", "**小さく**試します。", "`録音`を", "[資料](https://x.jp/a)です！", "期限は四月。\n"]
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(SENTENCES, st.integers(40, 90))
def test_no_part_ends_inside_markup(pieces: list[str], most: int) -> None:
    for one in parts("".join(pieces), most):
        assert one.count("**") % 2 == 0, one
        assert one.count("`") % 2 == 0, one
        assert one.count("[") == one.count(")"), one


@settings(deadline=None)
@given(st.lists(st.sampled_from(["一つ目の文です。", "二つ目は！", "三つ目？", "四つ目\n"]), min_size=8, max_size=60))
def test_parts_end_where_sentences_do(pieces: list[str]) -> None:
    for one in parts("".join(pieces), 30)[:-1]:
        assert one[-1] in "。！？\n", one


@settings(deadline=None)
@given(ANY, st.integers(2, 75))
def test_what_is_cut_fits_and_says_so(text: str, most: int) -> None:
    found = cut(text, most)
    assert units(found) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


@settings(deadline=None)
@given(st.text(alphabet="あa<>!@#|&;*` \n", max_size=80))
def test_nothing_in_what_is_said_takes_effect(text: str) -> None:
    outside = re.sub(r"```.*?```|`[^`\n]*`", "", markdown(text), flags=re.DOTALL)
    assert "<" not in outside
    assert not re.search(r"[<>]", plain(text))


@settings(deadline=None)
@given(ANY)
def test_what_slack_escapes_comes_back_as_written(text: str) -> None:
    typed = text.replace("\x00", "")
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert heard(escaped, "T1", "UBOT", {}) == typed


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("<@UBOT>教えて", "@nakodo教えて"),
        ("<@UBOT|nakodo> help", "@nakodo help"),
        ("ok<@UBOT>go", "ok @nakodo go"),
        ("<@U2> と <@W3|mori>", "<@slack:T1:U2> と <@slack:T9:W3>"),
        ("<!here> <!channel> <!subteam^S1|@team>", "@here @channel @team"),
        ("<#C1|general> <#C2|>", "#general #C2"),
        ("<https://x.jp|契約書> <https://y.jp/?a=1&amp;b=2> <mailto:a@x.jp>", "契約書 https://y.jp/?a=1&b=2 a@x.jp"),
        ("&lt;@UBOT&gt; a &lt; b &amp;amp;", "<@UBOT> a < b &amp;"),
    ],
)
def test_slacks_markup_becomes_words(written: str, told: str) -> None:
    assert heard(written, "T1", "UBOT", {"W3": "T9"}) == told


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("**「図面」**を", "「**図面**」を"),
        ("条件は**3つ。**まず", "条件は**3つ**。まず"),
        ("**実験 1（進行中）**", "**実験 1（進行中**）"),
        ("一行目\n二行目", "一行目  \n二行目"),
        ("## 見出し\n本文\n- 一つ\n- 二つ\n\n> 引用", "## 見出し\n本文\n- 一つ\n- 二つ\n\n> 引用"),
        ("a < b & c &amp; `<x>`", "a &lt; b & c &amp;amp; `<x>`"),
        ("100*2 = 200*1、10~20個か30~40個", "100＊2 = 200＊1、10〜20個か30〜40個"),
        ("* 一つ\n* 二つ*注", "* 一つ\n* 二つ＊注"),
        ("**太字*ではない** `a*b*c~d`", "**太字＊ではない** `a*b*c~d`"),
        ("https://x.jp/~a/*b*c と **3*4**", "https://x.jp/~a/*b*c と **3＊4**"),
    ],
)
def test_light_markdown_looks_right_beside_japanese(said: str, shown: str) -> None:
    assert markdown(said) == shown


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="あ<&*\n。x😀", max_size=60).map(lambda one: one * 400),
    st.lists(st.text(min_size=1, max_size=120), max_size=30),
    st.sampled_from(["answer", "notice"]),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_said_slack_takes_it(
    text: str, choices: list[str], kind: str, again: bool, whispered: bool
) -> None:
    sent = parcel(text, place="slack:T1:C1", choices=tuple(choices), kind=kind, again=again)
    found = message(sent, whispered=whispered)
    assert found
    for one in found:
        check_blocks(one.blocks)
        assert one.text.strip()
        assert one.bare.strip()
        assert len(one.bare) <= 60_000
        for block in one.blocks:
            assert len(block.get("text", "")) <= 12_000
    buttons = [one for part in found for block in part.blocks for one in block.get("elements", [])]
    assert not (whispered and buttons)


@settings(max_examples=50, deadline=None)
@given(ANY, ANY, st.lists(st.tuples(ANY, ANY), max_size=60), st.text(max_size=300).map(lambda one: one * 30))
def test_every_home_is_a_view_that_slack_takes(
    title: str, hello: str, actions: list[tuple[str, str]], record: str
) -> None:
    acts = tuple(HomeAction(text=text, command=command) for text, command in actions)
    rooms = tuple(
        HomeRoom(room=f"r{number}", title=title, where=hello, record=record, drafts=acts, due=acts)
        for number in range(3)
    )
    check_view(home_view(Home(locale="ja", hello=hello, rooms=rooms)), kind="home")


def test_signs_that_mark_nothing_stay() -> None:
    assert plain("**二乗**は2**3、4*5") == "二乗は2**3、4*5"
    room = HomeRoom(room="r", title="A × B", where="x", record="**二乗**は2**3、4*5")
    shown = home_view(Home(locale="ja", hello="x", rooms=(room,)))["blocks"][-1]["elements"][0]["elements"]
    assert [one["text"] for one in shown] == ["二乗", "は2**3、4*5"]


def test_the_home_shows_bold_and_bullets_and_no_asterisks() -> None:
    room = HomeRoom(room="r", title="A × B", where="x", record="**二人の記録**\n- 段階: 話し合い\n## 次")
    shown = json.dumps(home_view(Home(locale="ja", hello="こんにちは", rooms=(room,))), ensure_ascii=False)
    assert "*" not in shown
    assert "#" not in shown
    assert "• 段階" in shown
    assert '"text": "二人の記録", "style": {"bold": true}' in shown


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_the_form_and_the_first_questions_are_what_slack_takes(locale: Any) -> None:
    view = setup_form("C1", "U1", locale)
    check_view(view, kind="modal")
    names = [block["block_id"] for block in view["blocks"]]
    assert sorted(names) == sorted(["sme", "startup", "facilitator", "sme_name", "startup_name", "locale"])
    assert len(prompts(locale)) == 3


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "C1", "U1", "UBOT", "1.0", "nan"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "ts", "user", "text"]), inner),
    max_leaves=6,
)
NAMES = (
    "channel user ts text subtype message previous_message deleted_ts files attachments thread_ts event_ts edited "
    "parent_user_id user_team tab inviter bot_id actions container view team_id trigger_id value channel_id "
    "user_id command private_metadata callback_id state values blocks elements old_channel_id new_channel_id"
)
KINDS = "message app_mention app_home_opened member_joined_channel member_left_channel channel_left x"
SUBTYPES = ["", "message_changed", "message_deleted", "file_share"]


def of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


@settings(deadline=None)
@given(st.dictionaries(of(NAMES), VALUES), of(KINDS), st.sampled_from(SUBTYPES))
def test_no_payload_raises(body: dict[str, Any], kind: str, subtype: str) -> None:
    event = body | {"type": kind} | ({"subtype": subtype} if subtype else {})
    for found in (
        event_of({"event": event, "event_id": "Ev1", "is_ext_shared_channel": True}, HERE),
        press_of({"user": {"id": "U1"}, "actions": [event]} | body, HERE),
        arranged_of({"view": event | {"callback_id": "nakodo_setup"}, "user": {"id": "U1"}}, HERE),
        command_of(body, HERE),
    ):
        assert isinstance(found, (Event, str))
    assert isinstance(people_in({"type": "view_submission", "view": event}), set)
    assert isinstance(misplaced({"type": "view_submission", "view": event}, "UBOT"), tuple)


def test_what_the_sdk_logs_loses_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logger = sdk_logger()
    logger.debug("posting %s", "秘密")
    logger.error("refused: %s", "xoxb-秘密")
    logger.error("Failed to connect", exc_info=OSError("wss://x?ticket=秘密"))
    assert "秘密" not in caplog.text
    assert len(caplog.records) == 2
    assert "OSError" in caplog.text


async def test_who_was_met_at_a_workspace_is_reached_by_its_bot() -> None:
    async def nobody(method: str, team: str, **_: Any) -> dict[str, object]:
        raise AssertionError(method)

    people = People(nobody)
    people.met(Account(key="slack:T2:U1", outsider=True), "T1")
    people.met(Account(key="slack:T1:U5"), "T1")
    assert people.meets_at(Account(key="slack:T2:U1")) == "T1"
    assert people.meets_at(Account(key="slack:T9:U9")) == "T9"
    assert people.teams == {"U1": "T2"}
