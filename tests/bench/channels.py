"""Measure `nakodo serve` in its chats, beside a bare Bolt app and a bare bot on python-telegram-bot.

Run by `python -m tests.bench channels`.

Everything runs in one go on one machine: the bot in a process of its own, the local platforms in another, the sender
in this one. Who sends does not wait for answers, so a bot that falls behind cannot slow the load down.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import numpy as np
import psutil
from slack_sdk.signature import SignatureVerifier

from adapters.breath import SETTLED
from tests.bench.platforms import Posted, Said, reached
from tests.evals.questions import CASES

ROOT = Path(__file__).parents[2]
ACKS, ANSWERS = 50.0, 20.0
"""Events and messages a second."""
ACK_ASKED, ANSWER_ASKED = 0.250, 2.0
"""Seconds: p99 of acknowledgements, p95 of answers."""
ROOMS = 40
ALONE = 300
"""People who write to the bot alone while acknowledgements are measured: ten messages a minute of each."""
TALKERS = 60
"""People on Telegram: twenty messages a minute of each, since thirty is what a stranger may ask."""
PATIENCE = 3.0
"""Seconds after which Slack calls an event lost."""
QUIET = 15.0
"""Seconds without any new answer after which no more are expected."""
WAITS = SETTLED.total_seconds()


class Measured(NamedTuple):
    """One load on one bot. Times in seconds."""

    load: str
    bot: str
    acks: list[float]
    answers: list[float]
    asked: int
    lost: int
    late: list[float]
    drained: float
    cpu: float
    others: float
    memory: float
    calls: Counter[str]


class Bot:
    """A bot in a process of its own."""

    def __init__(self, name: str, process: psutil.Process, url: str, memory: float) -> None:
        self.name, self.process, self.url, self.memory = name, process, url, memory

    def cpu(self) -> float:
        """Return the CPU seconds it has used."""
        return sum(map(seconds, family(self.process)))

    def megabytes(self) -> float:
        """Return the memory it holds now."""
        return megabytes(self.process)


def family(process: psutil.Process) -> list[psutil.Process]:
    """Return a process with those that it started."""
    return [process, *process.children(recursive=True)]


def seconds(process: psutil.Process) -> float:
    """Return the CPU seconds that a process has used."""
    used = process.cpu_times()
    return used.user + used.system


def megabytes(process: psutil.Process) -> float:
    """Return the memory that a process holds, with those that it started."""
    return sum(one.memory_info().rss for one in family(process)) / 2**20


def main(arguments: Sequence[str]) -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(prog="tests.bench channels", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long each load lasts")
    length = parser.parse_args(arguments).seconds
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start; each load lasts {length:.0f} s")
    found: list[Measured] = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nakodo-bench-")))
        platforms, beside = stack.enter_context(serving_platforms(home))
        slack, telegram = platforms.SlackSide(), platforms.TelegramSide()
        slack.gather(ROOMS, ALONE)
        telegram.gather(TALKERS)
        loads = Loads(slack, telegram, psutil.Process(beside.pid), length)
        with nakodo(home, slack, telegram) as bot:
            print(f"Nakodo is ready: {bot.memory:.0f} MB; idle it takes {idle(bot):.1%} of a core", flush=True)
            found.append(loads.telegram(bot))
            loads.set_rooms_up(bot)
            found.append(loads.slack(bot))
            found.append(loads.acks(bot))
            print(f"Its database: {size(home / 'nakodo'):.1f} MB after {sum(one.asked for one in found)} messages")
        with bare("bare Bolt", ["tests.bench.bare_bolt"], slack.environment()) as bot:
            found.append(loads.slack(bot))
            found.append(loads.acks(bot))
        with bare("bare PTB", ["tests.bench.bare_telegram"], telegram.environment(), telegram.listens) as bot:
            found.append(loads.telegram(bot))
    print_all(found)


class Loads:
    """The loads that are put on a bot."""

    def __init__(self, slack: Any, telegram: Any, beside: psutil.Process, length: float) -> None:
        self._slack, self._telegram, self._beside, self._length = slack, telegram, beside, length
        texts = [
            json.loads(line)["question"] for line in (CASES / "tuning.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        random.Random(0).shuffle(texts)
        self._texts = texts

    def set_rooms_up(self, bot: Bot) -> None:
        """Make a partnership of each channel."""
        self._slack.forget()
        said = self._slack.in_rooms(["/setup 青葉製作所 × ルミナ"] * ROOMS)
        asyncio.run(sent(said, ANSWERS, bot.url, self._slack.environment()["SLACK_SIGNING_SECRET"]))
        self._drained(self._slack, sys.maxsize)

    def telegram(self, bot: Bot) -> Measured:
        """Talks on Telegram."""
        side = self._telegram
        side.forget()
        before = self._used(bot)
        said, late = side.speak(self._wanted(ANSWERS), ANSWERS)
        return self._measured("Telegram, 20 messages/s", bot, side, said, [], late, before)

    def slack(self, bot: Bot) -> Measured:
        """Calls in the channels of Slack: each comes as two events."""
        return self._by_http("Slack rooms, 20 messages/s", bot, self._slack.in_rooms(self._wanted(ANSWERS)), ANSWERS)

    def acks(self, bot: Bot) -> Measured:
        """Private messages on Slack, more of them than need be answered in time."""
        return self._by_http("Slack private, 50 events/s", bot, self._slack.in_private(self._wanted(ACKS)), ACKS)

    def _wanted(self, rate: float) -> list[str]:
        return list(islice(cycle(self._texts), int(rate * self._length)))

    def _by_http(self, load: str, bot: Bot, said: list[Said], rate: float) -> Measured:
        self._slack.forget()
        before = self._used(bot)
        secret = self._slack.environment()["SLACK_SIGNING_SECRET"]
        said, acks, late = asyncio.run(sent(said, rate, bot.url, secret))
        return self._measured(load, bot, self._slack, said, acks, late, before)

    def _measured(
        self, load: str, bot: Bot, side: Any, said: list[Said], acks: list[float], late: list[float],
        before: tuple[float, float],
    ) -> Measured:  # fmt: skip
        last = said[-1].at
        self._drained(side, len(said))
        after = self._used(bot)
        posts: list[Posted] = side.posts()
        answers = paired(said, posts, threads=bot.name == "Nakodo")
        p50, p95 = (quantile(answers, at) for at in (50, 95))
        print(
            f"{load}, {bot.name}: {len(answers)} of {len(said)} answered, p50 {p50:.2f} s, p95 {p95:.2f} s",
            flush=True,
        )
        return Measured(
            load=load,
            bot=bot.name,
            acks=acks,
            answers=answers,
            asked=len(said),
            lost=sum(one == np.inf for one in acks),
            late=late,
            drained=max((one.at for one in posts), default=last) - last,
            cpu=after[0] - before[0],
            others=after[1] - before[1],
            memory=bot.megabytes(),
            calls=side.calls(),
        )

    def _used(self, bot: Bot) -> tuple[float, float]:
        return bot.cpu(), seconds(self._beside) + seconds(psutil.Process())

    def _drained(self, side: Any, wanted: int) -> None:
        """Wait until everything is answered, or nothing more comes."""
        count, since = side.count(), time.monotonic()
        while count < wanted and time.monotonic() - since < QUIET:
            time.sleep(0.25)
            now = side.count()
            if now > count:
                count, since = now, time.monotonic()
        time.sleep(0.5)


async def sent(
    said: Sequence[Said], rate: float, url: str, secret: str
) -> tuple[list[Said], list[float], list[float]]:
    """Post messages on schedule; return them with their times, each event's acknowledgement, and how late each was.

    An event that is not acknowledged with 200 in three seconds counts as infinitely late.
    """
    signer = SignatureVerifier(secret)
    acks: list[float] = []
    out: list[Said] = []
    late: list[float] = []

    async def post(client: aiohttp.ClientSession, body: bytes) -> None:
        stamp = str(int(time.time()))
        signature = signer.generate_signature(timestamp=stamp, body=body) or ""
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
        begin = time.perf_counter()
        try:
            async with client.post(url, data=body, headers=headers | {"Content-Type": "application/json"}) as answer:
                await answer.read()
                acks.append(time.perf_counter() - begin if answer.status == 200 else np.inf)
        except (TimeoutError, aiohttp.ClientError):
            acks.append(np.inf)

    limit = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0)) as client:
        under_way = []
        begin = time.time() + 0.2
        for number, one in enumerate(said):
            due = begin + number / rate
            await asyncio.sleep(max(due - time.time(), 0))
            now = time.time()
            out.append(one._replace(at=now))
            late.append(now - due)
            under_way += [asyncio.create_task(post(client, body)) for body in one.bodies]
        await asyncio.gather(*under_way)
    return out, acks, late


def paired(said: Sequence[Said], posts: Sequence[Posted], *, threads: bool) -> list[float]:
    """Return how long each message waited for its answer; those that got none are left out.

    An answer is in the thread of its message; in private, answers come in the order of the messages. A bot that knows
    no threads answers in order everywhere.
    """
    by_thread: dict[tuple[str, str], float] = {}
    in_order: dict[str, deque[float]] = defaultdict(deque)
    for post in sorted(posts, key=lambda one: one.at):
        if post.thread:
            by_thread.setdefault((post.where, post.thread), post.at)
        else:
            in_order[post.where].append(post.at)
    found = []
    for one in said:
        at = by_thread.get((one.where, one.name))
        queue = in_order[one.where]
        if at is None and not (threads and len(one.bodies) > 1):
            while queue and queue[0] < one.at:
                queue.popleft()
            at = queue.popleft() if queue else None
        if at is not None:
            found.append(at - one.at)
    return found


# Processes


@contextmanager
def process(command: Sequence[str], environment: dict[str, str], log: Path | None = None) -> Iterator[Any]:
    """Run a program with none of our own settings but these; end it at the end."""
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("NAKODO_", "SLACK_", "TELEGRAM_"))
    }
    with (log or Path(os.devnull)).open("w") as errors:
        running = subprocess.Popen(command, env=bare | environment, stdout=errors, stderr=errors, cwd=ROOT)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(45)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@contextmanager
def serving_platforms(home: Path) -> Iterator[tuple[Any, Any]]:
    """Run the platforms."""
    at = home / "platforms"
    with process([sys.executable, "-m", "tests.bench.platforms", str(at)], {}) as running:
        until(at.exists, running)
        with reached(at) as platforms:
            yield platforms, running


@contextmanager
def nakodo(home: Path, slack: Any, telegram: Any) -> Iterator[Bot]:
    """Run `nakodo serve` with both channels, the real coach and a database of its own."""
    port = free_port()
    environment = {
        "NAKODO_HOME": str(home / "nakodo"),
        "NAKODO_PORT": str(port),
        **slack.environment(),
        **telegram.environment(),
    }
    command = [sys.executable, "-m", "adapters.cli", "serve"]
    with process(command, environment, home / "nakodo.log") as running:
        until(lambda: answers(port), running)
        yield bot("Nakodo", running, port)
    trouble = Counter(
        (line.get("event"), line.get("reason") or line.get("error") or line.get("kind"))
        for line in map(json.loads, filter(lambda one: one[:1] == "{", (home / "nakodo.log").open()))
        if line.get("level") in ("warning", "error")
    )
    if trouble:
        print(f"Nakodo warned: {dict(trouble)}")


@contextmanager
def bare(
    name: str, module: Sequence[str], environment: dict[str, str], ready: Callable[[], bool] | None = None
) -> Iterator[Bot]:
    """Run a small bot."""
    port = free_port()
    with process([sys.executable, "-m", *module, str(port)], environment) as running:
        until(ready or (lambda: answers(port)), running)
        yield bot(name, running, port)


def bot(name: str, running: Any, port: int) -> Bot:
    """Return a bot that is ready."""
    process = psutil.Process(running.pid)
    return Bot(name, process, f"http://127.0.0.1:{port}/slack/events", megabytes(process))


def answers(port: int) -> bool:
    """Whether a bot says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def until(true: Callable[[], Any], running: Any, seconds: float = 120) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        if running.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"did not start: {running.args}")
        time.sleep(0.2)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def idle(bot: Bot) -> float:
    """Return which part of a core a bot takes while nobody speaks."""
    before = bot.cpu()
    time.sleep(5)
    return (bot.cpu() - before) / 5


def size(folder: Path) -> float:
    """Return the megabytes of the databases in a folder."""
    return sum(one.stat().st_size for one in folder.glob("*.db*")) / 2**20


# Tables


def print_all(found: Sequence[Measured]) -> None:
    """Print what was asked for and what was measured."""
    theirs = {one.load: one for one in found if one.bot != "Nakodo"}
    mine = [one for one in found if one.bot == "Nakodo"]
    pairs = [each for one in mine for each in (one, theirs.get(one.load)) if each is not None]
    print(f"\nAcknowledgement of HTTP events, ms (asked: p99 <= {ACK_ASKED * 1000:.0f})")
    heads("p50", "p95", "p99", "max", "events", "lost", "p99 ok")
    for one in (each for each in pairs if each.acks):
        ok = verdict(quantile(one.acks, 99) <= ACK_ASKED, one)
        row(one, *(1000 * quantile(one.acks, at) for at in (50, 95, 99, 100)), len(one.acks), one.lost, ok)
    ratio(pairs, "p50, p99 against bare", lambda one: one.acks, (50, 99))
    print(f"\nAnswer, s (asked: p95 <= {ANSWER_ASKED:.0f} at 20 messages/s)")
    print(f"Nakodo waits {WAITS:.1f} s for a person's next message before it answers; “less wait” is without that")
    heads("p50", "p95", "less wait", "p95", "answered", "asked", "p95 ok")
    for one in pairs:
        times, wait = one.answers or [np.inf], WAITS if one.bot == "Nakodo" else 0
        p50, p95 = (quantile(times, at) for at in (50, 95))
        ok = verdict(p95 <= ANSWER_ASKED and len(one.answers) == one.asked, one) if "20" in one.load else "—"
        row(one, p50, p95, max(p50 - wait, 0), max(p95 - wait, 0), len(one.answers), one.asked, ok)
    ratio(pairs, "p50, p95 against bare", lambda one: one.answers, (50, 95))
    wait = {id(one): WAITS if one.bot == "Nakodo" else 0.0 for one in pairs}
    ratio(pairs, "the same, less wait", lambda one: [max(t - wait[id(one)], 0) for t in one.answers], (50, 95))
    print("\nWhat it takes. CPU in ms a message, until the last answer; “beside” is the CPU of platforms and sender")
    heads("CPU/msg", "cores", "beside", "MB", "drain s", "late p99", "calls/msg")
    for one in pairs:
        length = one.asked / (ACKS if "50" in one.load else ANSWERS) + max(one.drained, 0)
        late, calls = 1000 * quantile(one.late, 99), sum(one.calls.values()) / one.asked
        row(one, 1000 * one.cpu / one.asked, one.cpu / length, one.others, one.memory, one.drained, late, calls)
    print(f"“late p99” is by how many ms the sender was behind its schedule. Load now: {os.getloadavg()[0]:.1f}")
    print(f"Rooms: {ROOMS} channels of three, each a partnership; private: {ALONE} on Slack, {TALKERS} on Telegram")
    refused = {f"{one.bot}, {one.load}": bad for one in found if (bad := refusals(one.calls))}
    if refused:
        print(f"Refused by the platforms: {refused}")


def refusals(calls: Counter[str]) -> dict[str, int]:
    """Return the calls that a platform refused."""
    return {name: count for name, count in calls.items() if " " in name}


def quantile(values: Sequence[float], at: float) -> float:
    """Return a value such that so many percent are not above it."""
    return float(np.percentile(values, at, method="higher")) if values else float("nan")


def verdict(good: bool, one: Measured) -> str:
    """Return a word on whether Nakodo does what was asked."""
    return ("yes" if good else "NO") if one.bot == "Nakodo" else "—"


def heads(*names: str) -> None:
    print(f"{'':44}" + "".join(f"{name:>10}" for name in names))


def row(one: Measured, *values: float | str) -> None:
    shown = (
        value if isinstance(value, str) else f"{value:.0f}" if isinstance(value, int) else three(value)
        for value in values
    )
    print(f"{one.load + ', ' + one.bot:44}" + "".join(f"{value:>10}" for value in shown), flush=True)


def three(value: float) -> str:
    """Return a number with about three digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio(
    pairs: Sequence[Measured], title: str, of: Callable[[Measured], Sequence[float]], at: tuple[int, int]
) -> None:
    """Print how often the bare bot's time fits into ours."""
    for ours, theirs in zip(pairs[::2], pairs[1::2], strict=False):
        if of(ours) and of(theirs):
            times = (quantile(of(ours), one) / quantile(of(theirs), one) for one in at)
            print(f"  {ours.load + ': ' + title:58}" + "".join(f"{one:>9.1f}x" for one in times))
