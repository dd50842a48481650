"""Nakodo is killed at every step of the road of a message. Nobody is left without an answer, and none gets two.

Only where a platform cannot be asked what it has received may an answer come twice, and then it says so.
"""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters import courtesy
from tests.kill.death import STEPS
from tests.kill.rooms import RETRIES, Heard, Platform, Room, SlackPlace, SlackRoom, TelegramPlace, answered, heard
from tests.kill.running import ROOT, Nakodo, environment, until
from tests.servers.slack import LocalSlack
from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

WAYS = ("slack by HTTP", "slack by socket", "telegram by polling")
CUT_OFF = {"mid_send", "mid_send_reached", "after_send"}
"""Where it is killed so that nobody can tell whether the answer arrived, unless the platform tells."""
ARRIVED = {"mid_send_reached", "after_send"}
"""Where it had."""
TURN = ("mid_think", "after_think", "poison")
"""Where it is in a turn: a second process, if there is one."""
LAST = {"mid_receive", "after_receive", "after_ack"}
"""Where it comes alone into a quiet room, so that nothing else is under way in whose wake it would be handled."""


class Life(NamedTuple):
    """What was said in the two rooms about each step, what was answered, and how things stood at the end."""

    said: dict[tuple[str, str], list[str]]
    heard: dict[tuple[str, str], list[Heard]]
    post: dict[str, int]
    code: int
    lives: int


def place(way: str, stack: ExitStack) -> Platform:
    """Open a local platform."""
    if way.startswith("slack"):
        slack = stack.enter_context(LocalSlack(ack_timeout=2.0, retry_delays=RETRIES))
        return SlackPlace(slack, socket=way.endswith("socket"))
    telegram = stack.enter_context(LocalTelegram())
    return TelegramPlace(telegram, webhook=way.endswith("webhook"))


def begin(
    platform: Platform, home: Path, stack: ExitStack, die_at: str = "", **names: str
) -> tuple[Nakodo, Room, Room]:
    """Start a Nakodo, with a room that is a partnership's and one that is nobody's."""
    nakodo = stack.enter_context(Nakodo(home, {"DIE_AT": die_at, **names}))
    nakodo.names.update(platform.names(nakodo.url))
    nakodo.start().up()
    platform.listen(nakodo.url)
    ours, anyones = platform.open("ours", 3), platform.open("anyones", 3)
    ours.say(0, "/setup 山田製作所 × Lumina")
    until(ours.texts, what=lambda: nakodo.log[-3000:])
    settle(nakodo)
    return nakodo, ours, anyones


def settle(nakodo: Nakodo) -> dict[str, int]:
    """Wait until nothing waits any more, and return how the post stands."""

    def settled() -> dict[str, int] | None:
        post = _post(nakodo)
        return None if post["waiting"] or post["unsent"] else post

    return until(settled, what=lambda: nakodo.log[-3000:])


def _post(nakodo: Nakodo) -> dict[str, int]:
    """Return how the post stands; as if something waited, where it does not say."""
    found = nakodo.asked("/ready")
    post: dict[str, int] = found["post"] if found else {"waiting": 1, "aside": 0}
    return post


def await_answers(nakodo: Nakodo, room: Room, tokens: list[str]) -> None:
    """Wait until all these questions are answered."""
    until(lambda: set(tokens) <= set(answered(room)), what=lambda: (tokens, heard(room), nakodo.log[-3000:]))


def talk(nakodo: Nakodo, room: Room, number: int, step: str = "") -> list[str]:
    """Let everybody in a room ask something; one asks what it will be the death of, if `step` names it."""
    tokens = [f"q{number}{room.title[0]}{who}" for who in range(3)]
    for who, token in enumerate(tokens):
        fatal = step and who == fatal_of(step)
        if fatal and step in LAST:
            until(lambda: len(set(tokens) & set(answered(room))) == 2)
            settle(nakodo)
        room.say(who, f"{token} {step}. どうすればいいですか" if fatal else f"{token} どうしてですか")
    return tokens


def fatal_of(step: str) -> int:
    """Return which of three questions it dies of."""
    return 2 if step in LAST else 1


def live(way: str, home: Path, steps: tuple[str, ...] = STEPS) -> Life:
    """Die once at each step, while people go on talking, and come back every time."""
    with ExitStack() as stack:
        platform = place(way, stack)
        nakodo, *rooms = begin(platform, home, stack, " ".join(steps))
        said: dict[tuple[str, str], list[str]] = {}
        for number, step in enumerate(steps):
            if step == "mid_send_reached":
                platform.lose_answers(f"{step}.")
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
        post = settle(nakodo)
        code = nakodo.stop()
        found = {
            (step, room.title): [one for one in heard(room) if one.token in said[step, room.title]]
            for step in steps
            for room in rooms
        }
        return Life(said, found, post, code, nakodo.lives)


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Life]]]:
    """Three lives with a death at each step, one for each way to the platforms; they are led at the same time."""
    with ThreadPoolExecutor(len(WAYS)) as pool:
        yield {way: pool.submit(live, way, tmp_path_factory.mktemp("home")) for way in WAYS}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("way", WAYS)
def test_who_asked_when_it_died_is_answered_in_their_turn(
    lives: dict[str, Future[Life]], way: str, step: str
) -> None:
    life = lives[way].result()
    for room in ("ours", "anyones"):
        told = life.heard[step, room]
        assert list(dict.fromkeys(one.token for one in told)) == life.said[step, room]
        firsts = Counter(one.token for one in told if not one.marked)
        assert max(firsts.values()) == 1, told


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("way", [way for way in WAYS if way.startswith("slack")])
def test_slack_is_never_told_twice(lives: dict[str, Future[Life]], way: str, step: str) -> None:
    life = lives[way].result()
    for room in ("ours", "anyones"):
        assert life.heard[step, room] == [Heard(token, marked=False) for token in life.said[step, room]]


@pytest.mark.parametrize("step", STEPS)
def test_telegram_is_told_twice_only_what_was_cut_off_and_that_it_may_be_a_repeat(
    lives: dict[str, Future[Life]], step: str
) -> None:
    life = lives["telegram by polling"].result()
    fatal = life.said[step, "ours"][fatal_of(step)]
    told = [one.marked for one in life.heard[step, "ours"] if one.token == fatal]
    assert told == [False] * (step not in CUT_OFF or step in ARRIVED) + [True] * (step in CUT_OFF)


@pytest.mark.parametrize("way", WAYS)
def test_the_count_of_possible_repeats_is_that_of_marked_answers(lives: dict[str, Future[Life]], way: str) -> None:
    life = lives[way].result()
    marked = {one.token for told in life.heard.values() for one in told if one.marked}
    assert life.post == {"waiting": 0, "aside": 0, "unsent": 0, "parked": life.post["parked"], "again": len(marked)}
    assert len(marked) >= len(CUT_OFF) if way.startswith("telegram") else not marked


@pytest.mark.parametrize("way", WAYS)
def test_after_all_those_deaths_it_stops_in_peace(lives: dict[str, Future[Life]], way: str) -> None:
    life = lives[way].result()
    assert (life.code, life.lives) == (0, len(STEPS) + 1)


def test_telegram_does_not_bring_again_by_webhook_what_it_was_told_has_arrived(tmp_path: Path) -> None:
    life = live("telegram by webhook", tmp_path, ("after_receive", "after_ack"))
    for (step, room), told in life.heard.items():
        assert [one for one in told if not one.marked] == [Heard(one, marked=False) for one in life.said[step, room]]
    assert life.code == 0


@pytest.mark.parametrize("way", ["slack by HTTP", "telegram by polling"])
def test_killed_while_it_closes_it_loses_nothing(tmp_path: Path, way: str) -> None:
    with ExitStack() as stack:
        platform = place(way, stack)
        nakodo, *rooms = begin(platform, tmp_path, stack)
        platform.delay_answers("q0", 30)
        said = {room.title: talk(nakodo, room, 0) for room in rooms}
        until(lambda: '"sent"' in nakodo.log and _under_way(platform), what=lambda: nakodo.log[-3000:])
        nakodo.tell(signal.SIGTERM)
        until(lambda: nakodo.asked("/health") is None)
        assert nakodo.lives_now, "it is to wait for what is under way"
        nakodo.kill()
        nakodo.start().up()
        for room in rooms:
            await_answers(nakodo, room, said[room.title])
            assert answered(room) == said[room.title]
        post = settle(nakodo)
        told = [one for room in rooms for one in heard(room)]
        marked = {one.token for one in told if one.marked}
        assert max(Counter(told).values()) == 1
        assert post["again"] == len(marked)
        assert platform.marks or not marked


def _under_way(platform: Platform) -> bool:
    if isinstance(platform, SlackPlace):
        return any(one.status is None for one in platform.slack.calls_of("chat.postMessage"))
    assert isinstance(platform, TelegramPlace)
    return any(one.fate == "slow" for one in platform.telegram.calls_of("sendMessage"))


def test_two_on_one_home_are_one_too_many(tmp_path: Path) -> None:
    with ExitStack() as stack:
        platform = place("telegram by polling", stack)
        nakodo, room, _ = begin(platform, tmp_path, stack)
        names = environment(nakodo.names | {"NAKODO_PORT": "0", "PYTHONPATH": str(ROOT)})
        serve = [sys.executable, "-c", "from adapters.cli import main; main()", "serve"]
        with subprocess.Popen(serve, env=names, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as second:
            try:
                _, told = second.communicate(timeout=120)
            finally:
                second.kill()
        assert second.returncode == 1
        assert "is served by another Nakodo. Stop that one first" in told
        assert "Traceback" not in told
        said = talk(nakodo, room, 0)
        await_answers(nakodo, room, said)


def test_a_message_that_is_its_death_every_time_is_put_aside_and_nobody_elses(tmp_path: Path) -> None:
    with ExitStack() as stack:
        platform = place("telegram by polling", stack)
        nakodo, ours, anyones = begin(platform, tmp_path, stack, "poison")
        nakodo.tell(signal.SIGSTOP)  # So that it hears of all of it at once.
        ours.say(0, "q0o0 poison. どうすればいいですか")
        said = talk(nakodo, anyones, 0)
        nakodo.tell(signal.SIGCONT)
        assert nakodo.ended() == -signal.SIGKILL
        while nakodo.lives < 20:
            nakodo.start()
            until(lambda: not nakodo.lives_now or _post(nakodo)["aside"])
            if nakodo.lives_now:
                break
        post = settle(nakodo)
        assert (answered(anyones), post["aside"]) == (said, 1)
        assert not answered(ours)


class Beside(NamedTuple):
    """What a life was like in which only the second process died, and what was told in private."""

    life: Life
    died: set[str]
    private: list[str]


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Beside:
    """A life in which the process beside dies at each step of a turn, and at the last as often as it is tried."""
    home = tmp_path_factory.mktemp("beside")
    with ExitStack() as stack:
        platform = place("slack by HTTP", stack)
        assert isinstance(platform, SlackPlace)
        nakodo, *rooms = begin(platform, home, stack, " ".join(TURN), BESIDE="1")
        said: dict[tuple[str, str], list[str]] = {}
        for number, step in enumerate(TURN):
            with ThreadPoolExecutor(2) as people:
                talks = [
                    people.submit(talk, nakodo, room, number, step if room is rooms[0] else "") for room in rooms
                ]
                for room, one in zip(rooms, talks, strict=True):
                    said[step, room.title] = one.result()
            if step == "poison":
                del said[step, "ours"][fatal_of(step)]
            for room in rooms:
                await_answers(nakodo, room, said[step, room.title])
            settle(nakodo)
        post, died = settle(nakodo), {step for step in TURN if (home / f"died-{step}").exists()}
        told = [
            str(one.args.get("text"))
            for method in ("chat.postMessage", "chat.postEphemeral")
            for one in platform.slack.calls_of(method)
            if one.args.get("channel") not in {room.channel for room in rooms if isinstance(room, SlackRoom)}
        ]
        code = nakodo.stop()
        found = {
            (step, room.title): [one for one in heard(room) if one.token.startswith(f"q{number}")]
            for number, step in enumerate(TURN)
            for room in rooms
        }
        return Beside(Life(said, found, post, code, nakodo.lives), died, told)


@pytest.mark.parametrize("step", TURN)
def test_who_asked_when_the_second_process_died_is_answered_once_and_in_their_turn(beside: Beside, step: str) -> None:
    for room in ("ours", "anyones"):
        said = beside.life.said[step, room]
        assert beside.life.heard[step, room] == [Heard(token, marked=False) for token in said]


def test_the_first_process_lives_on_when_the_second_dies(beside: Beside) -> None:
    assert beside.died == {"mid_think", "after_think"}
    assert (beside.life.code, beside.life.lives) == (0, 1)


def test_what_is_the_second_processs_death_every_time_is_put_aside_and_the_facilitator_told(beside: Beside) -> None:
    assert beside.life.post["aside"] == 1
    before, after = courtesy.ASIDE.ja.split("{number}")
    assert [one for one in beside.private if after in one and one.startswith(before.format(who="ours1"))]


def test_only_what_kills_the_second_process_is_put_aside_and_nobody_elses(tmp_path: Path) -> None:
    with ExitStack() as stack:
        platform = place("telegram by polling", stack)
        nakodo, ours, _ = begin(platform, tmp_path, stack, "poison", BESIDE="1")
        others = [platform.open(title, 3) for title in "abcd"]
        nakodo.tell(signal.SIGSTOP)  # So that it hears of all of it at once.
        ours.say(0, "q0o0 poison. どうすればいいですか")
        said = [talk(nakodo, room, 0) for room in others]
        nakodo.tell(signal.SIGCONT)
        for room, tokens in zip(others, said, strict=True):
            await_answers(nakodo, room, tokens)
        post = settle(nakodo)
        assert [[one.token for one in heard(room)] for room in others] == said
        assert (answered(ours), post["aside"], nakodo.lives) == ([], 1, 1)


def test_a_talk_whose_partnership_was_found_in_the_last_turn_of_the_second_process_goes_on_at_once(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        platform = place("telegram by polling", stack)
        nakodo, _, anyones = begin(platform, tmp_path, stack, "after_think", BESIDE="1")
        nakodo.tell(signal.SIGSTOP)  # So that the question waits behind the command.
        anyones.say(0, "/setup 鈴木工業 × after_think.")
        anyones.say(1, "q0a1 どうしてですか")
        nakodo.tell(signal.SIGCONT)
        until((tmp_path / "died-after_think").exists)
        await_answers(nakodo, anyones, ["q0a1"])


def test_the_second_process_ends_with_the_first_and_what_it_was_at_is_answered_once_afterwards(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        platform = place("telegram by polling", stack)
        nakodo, ours, _ = begin(platform, tmp_path, stack, "stay", BESIDE="1")
        ours.say(0, "q0o0 stay. どうすればいいですか")
        until((tmp_path / "died-stay").exists)
        second = nakodo.beside()
        assert second is not None
        nakodo.kill()
        until(lambda: not second.is_running())
        nakodo.start().up()
        await_answers(nakodo, ours, ["q0o0"])
        settle(nakodo)
        assert heard(ours) == [Heard("q0o0", marked=False)]
        assert nakodo.stop() == 0
