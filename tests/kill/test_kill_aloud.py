"""Nakodo is killed while it shows an answer that it is making: it comes once, and nothing half stays beside it."""

import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.kill.death import ALOUD
from tests.kill.rooms import Heard, SlackPlace, SlackRoom, heard
from tests.kill.test_kill import await_answers, begin, place, settle, talk

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
STEPS = (*ALOUD, "mid_think", "after_think", "mid_send", "mid_send_reached", "after_send")


class Life(NamedTuple):
    """What was asked at each step, what was answered, and what the bot's messages were in the end."""

    said: dict[tuple[str, str], list[str]]
    heard: list[Heard]
    posted: list[dict[str, Any]]
    streamed: int
    previews: int
    code: int


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A life with a death at each step, in two rooms on Slack."""
    with ExitStack() as stack:
        platform = place("slack by HTTP", stack)
        assert isinstance(platform, SlackPlace)
        slack = platform.slack
        slack.tiers.clear()  # Nobody waits a minute here for so many deaths.
        home: Path = tmp_path_factory.mktemp("aloud")
        nakodo, *rooms = begin(platform, home, stack, " ".join(STEPS), NAKODO_MODEL="openai:scripted")

        def reaches(call: Any) -> bool:
            message = slack.channels[call.args["channel"]].messages.get(call.args.get("ts", ""), {})
            return call.method == "chat.stopStream" and "mid_send_reached." in str(message.get("text"))

        said: dict[tuple[str, str], list[str]] = {}
        for number, step in enumerate(STEPS):
            if step == "mid_send_reached":
                slack.fail(reaches, lost=True)
            with ThreadPoolExecutor(2) as people:
                talks = [
                    people.submit(talk, nakodo, room, number, step if room is rooms[0] else "") for room in rooms
                ]
                assert nakodo.ended() == -signal.SIGKILL, step
                nakodo.start().up()
                for room, one in zip(rooms, talks, strict=True):
                    said[step, room.title] = one.result()
            for room in rooms:
                await_answers(nakodo, room, said[step, room.title])
            settle(nakodo)
        code = nakodo.stop()
        posted = [one for room in rooms if isinstance(room, SlackRoom) for one in slack.posted(room.channel)]
        told = [one for room in rooms for one in heard(room)]
        yield Life(said, told, posted, len(slack.calls_of("chat.startStream")), _left(home), code)


def _left(home: Path) -> int:
    with closing(sqlite3.connect(home / "nakodo.db")) as database:
        return int(database.execute("SELECT count(*) FROM previews").fetchone()[0])


@pytest.mark.parametrize("step", STEPS)
def test_who_asked_when_it_died_is_answered_once_and_in_their_turn(life: Life, step: str) -> None:
    for room in ("ours", "anyones"):
        asked = life.said[step, room]
        assert [one for one in life.heard if one.token in asked] == [Heard(token, marked=False) for token in asked]


def test_nothing_half_stays_beside_the_answers(life: Life) -> None:
    assert [one for one in life.posted if one.get("streaming_state") == "in_progress"] == []
    assert [one for one in life.posted if "metadata" not in one] == []
    assert life.previews == 0
    assert life.streamed >= len(STEPS)
    assert life.code == 0
