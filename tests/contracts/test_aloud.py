"""A house with a language model: its answers are seen on Slack and Telegram while they are made, and come once."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.contracts import slack_driver, telegram_driver
from tests.contracts.both import Both
from tests.contracts.driving import Driver, Firm, Who
from tests.contracts.light import CHOICES
from tests.contracts.running import Running, free_port, until
from tests.contracts.slack_driver import SlackDriver, local_slack
from tests.contracts.telegram_driver import TelegramDriver
from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with ExitStack() as stack:
        slack, telegram = stack.enter_context(local_slack()), stack.enter_context(LocalTelegram())
        port = free_port()
        settings = slack_driver.settings_of(slack, socket=False) | {"NAKODO_MODEL": "openai:scripted"}
        settings |= telegram_driver.settings_of(telegram, port, webhook=False)
        house = stack.enter_context(Running(tmp_path_factory.mktemp("aloud"), settings, port))
        yield Both(house, SlackDriver(slack, house, socket=False), TelegramDriver(telegram, house))


@pytest.fixture(scope="module")
def firm(both: Both) -> Firm:
    """A partnership on Slack."""
    return both.slack.firm()


@pytest.fixture
def led(both: Both, firm: Firm) -> Iterator[Firm]:
    """The same, handed back and answered in as ever afterwards."""
    yield firm
    for command in ("handback", "mode auto"):
        both.slack.command(None, firm.facilitator, command)
    both.slack.settle()


@pytest.fixture
def gate(both: Both) -> Iterator[None]:
    both.house.shut_gate()
    yield
    both.house.open_gate()
    both.house.settle()


def growing(both: Both, room: str) -> list[dict[str, Any]]:
    """What grows in a conversation on Slack, as far as there are words in it."""
    posted = both.slack.slack.posted(room)
    return [one for one in posted if one.get("streaming_state") == "in_progress" and one["text"]]


def asked_in_thread(both: Both, who: Who, text: str) -> str:
    """Ask in a thread of one's talk with the bot, as Slack's own panel does; return the conversation."""
    slack = both.slack.slack
    root = slack.message(who.id, "相談です").ts
    both.slack._deliver(slack.message(who.id, text, thread_ts=root))
    return slack.im(who.id)


def test_a_room_on_slack_sees_the_answer_grow_into_one_message_that_works_like_any(
    both: Both, firm: Firm, gate: None
) -> None:
    both.slack.say(firm.room, firm.sme, "書きながらゆっくり、費用は", calling=True)
    (begun,) = until(lambda: growing(both, firm.room), "nothing grows")
    assert begun["text"] == "echo: 書きながらゆっくり、費用"
    both.house.open_gate()
    line = both.slack.heard_in_room(firm.room, "費用は")
    both.slack.settle()
    assert (line.name, growing(both, firm.room)) == (begun["ts"], [])
    assert [one.label for one in line.knobs[:2]] == list(CHOICES)
    both.slack.press(firm.sme, line, "👍")
    both.slack.press(firm.sme, line, CHOICES[0])
    both.slack.heard_in_room(firm.room, f"echo: {CHOICES[0]}")
    both.slack.say(firm.room, firm.startup, "それで、日程は", under=line)
    both.slack.heard_in_room(firm.room, "echo: それで、日程は")
    assert both.house.rows("SELECT useful FROM feedback") == [(1,)]


def test_what_is_asked_in_private_grows_there_and_nowhere_else(both: Both, firm: Firm, gate: None) -> None:
    talk = asked_in_thread(both, firm.startup, "書きながらゆっくり、原価の話を")
    until(lambda: growing(both, talk), "nothing grows")
    assert "原価" not in both.slack.everything(firm.room, firm.sme, firm.facilitator)
    both.house.open_gate()
    both.slack.heard_in_private(firm.startup, "原価の話を")
    both.slack.settle()
    assert len([one for one in both.slack.slack.posted(talk) if "原価" in one["text"]]) == 1
    assert "原価" not in both.slack.everything(firm.room, firm.sme, firm.facilitator)


def test_a_talk_without_a_thread_gets_its_answer_as_ever(both: Both, gate: None) -> None:
    who = both.slack.person("森")
    begun = len(both.slack.slack.calls_of("chat.startStream"))
    both.slack.whisper(who, "書きながらゆっくり、相談です")
    both.house.wait_for_thought()
    both.house.open_gate()
    both.slack.heard_in_private(who, "echo: 書きながらゆっくり、相談です")
    assert len(both.slack.slack.calls_of("chat.startStream")) == begun


def test_telegram_shows_a_draft_to_who_asked_and_then_the_answer(both: Both, gate: None) -> None:
    who, telegram = both.telegram.person("森"), both.telegram.telegram
    both.telegram.whisper(who, "書きながらゆっくり、費用は")
    until(lambda: telegram.drafting(who.id), "nothing is drafted")
    assert telegram.drafting(who.id) == "echo: 書きながらゆっくり、費用"
    both.house.open_gate()
    both.telegram.heard_in_private(who, "費用は")
    both.telegram.settle()
    assert telegram.drafting(who.id) is None
    assert len([one for one in both.telegram.in_private(who) if "費用" in one.text]) == 1


def test_other_words_at_the_end_take_the_place_of_those_at_the_beginning(both: Both, firm: Firm, gate: None) -> None:
    both.slack.say(firm.room, firm.sme, "書きながらゆっくり言い直す", calling=True)
    (begun,) = until(lambda: growing(both, firm.room), "nothing grows")
    assert begun["text"] == "別の書き出し。"
    both.house.open_gate()
    line = both.slack.heard_in_room(firm.room, "echo: 書きながらゆっくり言い直す")
    both.slack.settle()
    assert line.name == begun["ts"]
    assert "別の書き出し" not in both.slack.everything(firm.room)


def test_a_human_who_takes_over_is_not_talked_over_by_half_an_answer(both: Both, led: Firm, gate: None) -> None:
    both.slack.say(led.room, led.sme, "書きながらゆっくり、交代の前に", calling=True)
    until(lambda: growing(both, led.room), "nothing grows")
    both.slack.command(led.room, led.facilitator, "takeover")
    both.house.open_gate()
    both.slack.heard_in_room(led.room, "お任せして")
    both.slack.settle()
    until(lambda: not growing(both, led.room), "half an answer stays")
    assert "交代の前に" not in both.slack.everything(led.room)
    both.slack.say(led.room, led.sme, "書きながら、交代のあとで", calling=True)
    both.slack.settle()
    assert "交代のあとで" not in both.slack.everything(led.room, led.sme)


@pytest.mark.parametrize("mode", ["review", "quiet"])
def test_what_the_facilitator_is_to_see_first_is_seen_first_by_the_facilitator(
    both: Both, led: Firm, gate: None, mode: str
) -> None:
    both.slack.command(None, led.facilitator, f"mode {mode}")
    both.slack.settle()
    begun = len(both.slack.slack.calls_of("chat.startStream"))
    both.slack.say(led.room, led.sme, f"書きながらゆっくり、{mode}のとき", calling=True)
    both.house.wait_for_thought()
    both.house.open_gate()
    both.slack.heard_in_private(led.facilitator, f"{mode}のとき")
    assert len(both.slack.slack.calls_of("chat.startStream")) == begun
    assert f"{mode}のとき" not in both.slack.everything(led.room, led.sme)


@pytest.mark.parametrize("way", ["slack", "telegram"])
def test_a_house_that_dies_while_it_writes_answers_once_and_leaves_nothing_half(
    both: Both, firm: Firm, gate: None, way: str
) -> None:
    driver: Driver = getattr(both, way)
    who = driver.person("林")
    if way == "slack":
        driver.say(firm.room, firm.sme, "書きながらゆっくり、停電の前に", calling=True)
        until(lambda: growing(both, firm.room), "nothing grows")
    else:
        driver.whisper(who, "書きながらゆっくり、停電の前に")
        until(lambda: both.telegram.telegram.drafting(who.id), "nothing is drafted")
    both.house.kill()
    both.house.open_gate()
    both.house.start()
    if way == "slack":
        driver.heard_in_room(firm.room, "停電の前に")
    else:
        driver.heard_in_private(who, "停電の前に")
    driver.settle()
    lines = driver.in_room(firm.room) if way == "slack" else driver.in_private(who)
    assert [one.text for one in lines if "停電" in one.text] == ["echo: 書きながらゆっくり、停電の前に"]
    assert growing(both, firm.room) == []
    until(lambda: not both.house.rows("SELECT * FROM previews"), "something is still taken for a preview")
    unfinished = [one for one in both.slack.slack.posted(firm.room) if one.get("streaming_state") == "in_progress"]
    assert unfinished == []


def test_what_was_shown_stands_in_no_log(both: Both) -> None:
    printed = both.house.printed()
    assert "slack_stream_begun" in printed
    assert "書きながら" not in printed
    assert "Traceback" not in printed
