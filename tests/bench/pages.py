"""Measure the pages of `nakodo serve` over HTTP: how soon a page is there, and how soon one sees what another does.

Run by `python -m tests.bench pages`.

The house is a process of its own on a fresh home, with its own embeddings and coach. Browsers are plain HTTP clients
in this process that hold a session each. Who speaks does not wait for what comes of it, so a house that falls behind
cannot slow the load down.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import psutil
from sqlalchemy import insert, update

from adapters.channels.web.sign_in import way_in
from adapters.services.store import Directory, SqlStore, open_store
from adapters.services.store.tables import DeliveryRow, MessageRow, RoomRow
from bot.model import Person, Room, RoomId
from bot.scene import Heard, Scene
from bot.settings import Settings
from knowledge.card import Side
from tests.bench.channels import answers, family, free_port, megabytes, process, quantile, seconds, three, until
from tests.evals.questions import CASES

FIRST_ASKED, KILOBYTES_ASKED = 0.300, 150.0
"""Seconds until the first page is there with all that belongs to it, and what is transferred for it."""
SEEN_ASKED, LOADED_ASKED = 0.300, 1.0
"""Seconds, p95: until another browser sees a message, alone and under the load."""
STREAMS, RATE = 200, 20.0
"""Open event streams, and messages a second."""
A_ROOM = 5
"""Streams that look at one room."""
SMALL, LARGE = 200, 20_000
"""Messages in the two partnerships that are compared."""
SAME = 1.5
"""As fast is what takes no longer than so many times as long; a busy machine varies by as much."""
TIMES = 15
"""How often each page is opened."""
APART = 0.8
"""Seconds between two messages while nothing else is measured."""
PATIENCE = 15.0
"""Seconds after which a message that nobody has seen counts as lost."""
PEOPLE: tuple[tuple[str, Side], ...] = (("佐藤", "sme"), ("Lee", "startup"), ("田中", "facilitator"))
_MARK = re.compile(r"n(\d{6})n")


class Seen(NamedTuple):
    """Messages that went out, and how long each took until browsers saw it. `late` is how late the sender was."""

    said: int
    refused: int
    times: list[float]
    posts: list[float]
    wanted: int
    late: list[float]


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="tests.bench pages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long each load lasts")
    parser.add_argument("--streams", type=int, default=STREAMS, help="event streams that are open under the load")
    parser.add_argument("--rate", type=float, default=RATE, help="messages a second under the load")
    parser.add_argument("--messages", type=int, default=LARGE, help="messages in the large partnership")
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before the start; each load lasts {given.seconds:.0f} s")
    home = tempfile.TemporaryDirectory(prefix="nakodo-bench-")
    with home as folder, serving(Path(folder), given.messages) as house:
        asyncio.run(measured(house, given.seconds, given.streams, given.rate, given.messages))
    print(f"Load now: {os.getloadavg()[0]:.1f}")


# The house


class House(NamedTuple):
    """The house under measurement. `enter` makes an address that lets one browser in."""

    url: str
    process: psutil.Process
    enter: Callable[[], str]


@contextmanager
def serving(home: Path, messages: int) -> Iterator[House]:
    """Serve two partnerships, one with many messages."""
    port, store = free_port(), furnished(home, {RoomId("small"): SMALL, RoomId("large"): messages})
    # A try room takes sixty messages a minute; here one browser stands for several people.
    environment = {"NAKODO_HOME": str(home), "NAKODO_PORT": str(port), "NAKODO_RATE_PERSON": "6000"}
    settings, directory = Settings(home=home), Directory(store.engine)
    url = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-m", "adapters.cli", "serve"], environment, home / "log") as running:
        until(lambda: answers(port), running)
        yield House(url, psutil.Process(running.pid), lambda: way_in(settings, directory, port))
        store.close()
    lines = map(json.loads, filter(lambda one: one[:1] == "{", (home / "log").open(encoding="utf-8")))
    trouble = Counter(str(one.get("event")) for one in lines if one.get("level") == "error")
    if trouble:
        print(f"Nakodo told of faults: {dict(trouble)}")


def furnished(home: Path, rooms: Mapping[RoomId, int]) -> SqlStore:
    """Return a store with partnerships in which so much was said. What their scenes hold is the same."""
    store = open_store(None, home)
    people = tuple(Person(name=name, side=side) for name, side in PEOPLE)
    begin, said = datetime.now(UTC) - timedelta(days=60), list(talk())
    for room, many in rooms.items():
        heard = tuple(
            Heard(id=f"m{n}", who=PEOPLE[n % 2][0], side=PEOPLE[n % 2][1], at=begin, text=said[n % len(said)])
            for n in range(60)
        )
        names: dict[Side, str] = {"sme": f"{room} 製作所", "startup": "ルミナ"}
        store.keep(Scene(room=Room(id=room, people=people, names=names), heard=heard, since=begin))
        step = timedelta(days=50) / many
        messages = [
            {
                "tenant": "default", "room": room, "sequence": n, "id": f"m{n}", "sender": PEOPLE[n % 3][0],
                "side": PEOPLE[n % 3][1], "at": begin + n * step, "text": said[n % len(said)], "private": n % 20 == 0,
                "forgotten": False,
            }
            for n in range(1, many + 1)
            if n % 10
        ]  # fmt: skip
        words = [
            {
                "tenant": "default", "room": room, "sequence": n, "to": "room", "kind": "answer", "citations": [],
                "text": said[n % len(said)], "choices": [], "in_reply_to": f"m{n - 1}", "at": begin + n * step,
            }
            for n in range(10, many + 1, 10)
        ]  # fmt: skip
        with store.engine.begin() as connection:
            connection.execute(insert(MessageRow), messages)
            connection.execute(insert(DeliveryRow), words)
            connection.execute(update(RoomRow).where(RoomRow.id == room).values(sequence=many))
    return store


def talk() -> Iterator[str]:
    """Yield what people say to each other."""
    for line in (CASES / "talks-tuning.jsonl").read_text(encoding="utf-8").splitlines():
        yield from (one["text"] for one in json.loads(line)["messages"])


# Browsers


class Browser:
    """Somebody with a session. `csrf` is what their forms bring back."""

    def __init__(self, house: House, client: aiohttp.ClientSession) -> None:
        self.house, self.client, self.csrf = house, client, ""
        self.bytes = 0
        """What was transferred to it, heads included, as it stood on the wire."""

    async def get(self, path: str) -> str:
        """Return a page, through all redirects."""
        while True:
            async with self.client.get(self._whole(path), allow_redirects=False) as answer:
                text = await answer.text()
                head = sum(len(name) + len(value) + 4 for name, value in answer.raw_headers)
                self.bytes += head + len(text.encode()) + 20
                if answer.status == 303:
                    path = answer.headers["Location"]
                    continue
                if answer.status != 200:
                    raise SystemExit(f"{path} answered {answer.status}")
            found = re.search(r'name="csrf" value="([^"]+)"', text)
            self.csrf = found[1] if found else self.csrf
            return text

    async def first(self) -> tuple[float, int]:
        """Come in and open the first page with all that belongs to it; return seconds and bytes."""
        way = self.house.enter()
        begin = time.perf_counter()
        page = await self.get(way)
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        await asyncio.gather(*map(self.get, files))
        return time.perf_counter() - begin, self.bytes

    async def post(self, path: str, **fields: str) -> float:
        """Send a form and do not follow where it leads; return how long it took, endless if it was refused."""
        begin = time.perf_counter()
        form = {"csrf": self.csrf, **fields}
        try:
            async with self.client.post(self._whole(path), data=form, allow_redirects=False) as answer:
                await answer.read()
                return time.perf_counter() - begin if answer.status == 303 else float("inf")
        except (TimeoutError, aiohttp.ClientError):
            return float("inf")

    async def listen(self, path: str, heard: Callable[[str, float], None], opened: asyncio.Event) -> None:
        """Hear what comes over an event stream, till it is cancelled."""
        async with self.client.get(self._whole(path), headers={"Accept": "text/event-stream"}) as answer:
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
            opened.set()
            async for line in answer.content:
                if line.startswith(b"data:"):
                    heard(line[5:].decode(), time.perf_counter())

    def _whole(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.house.url}{path}"


@asynccontextmanager
async def browser(house: House) -> AsyncIterator[Browser]:
    """Open a browser with nothing in it. A cookie of an address without a name is kept only if one asks for that."""
    limits = {"timeout": aiohttp.ClientTimeout(total=None, sock_connect=30), "read_bufsize": 1 << 20}
    jar, connector = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector, **limits) as client:  # type: ignore[arg-type]
        yield Browser(house, client)


class Stream(NamedTuple):
    """An event stream: whose it is, where, and what hears each piece that comes, and when."""

    who: Browser
    path: str
    heard: Callable[[str, float], None]


@asynccontextmanager
async def listening(streams: Sequence[Stream]) -> AsyncIterator[None]:
    """Keep event streams open; once all of them are, who asked may go on."""
    opened = [asyncio.Event() for _ in streams]
    pairs = zip(streams, opened, strict=True)
    tasks = [asyncio.create_task(one.who.listen(one.path, one.heard, event)) for one, event in pairs]
    try:
        for task, event in zip(tasks, opened, strict=True):
            while not event.is_set():
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)  # Each tells first what it has; that is no news.
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# What is measured


async def measured(house: House, length: float, streams: int, rate: float, messages: int) -> None:
    """Measure, and print each line as it is known."""
    heads("p50", "p95", "asked", "ok")
    await first_pages(house)
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(browser(house)) for _ in range(2)]
        for each in (one, other):
            await each.first()
        seen = await typed([one], [other], int(length / APART), 1 / APART)
        shown(f"Typed in one browser, seen in another, {len(seen.times)} times, ms", seen.times, SEEN_ASKED)
        times = await taken_over(one, other, max(2, int(length / APART / 2)))
        shown(f"Taken over in one browser, seen in another, {len(times)} times, ms", times, SEEN_ASKED)
        await compared(one, messages)
    await loaded(house, length, streams, rate)


async def first_pages(house: House) -> None:
    """Measure the first page after coming in, each time by a browser that has nothing yet."""
    found = []
    for _ in range(TIMES):
        async with browser(house) as one:
            found.append(await one.first())
    shown("First page with style and script, ms", [took for took, _ in found], FIRST_ASKED)
    size = max(size for _, size in found) / 1024
    row("Transferred for it, KB", three(size), "", f"<= {KILOBYTES_ASKED:.0f}", verdict(size <= KILOBYTES_ASKED))
    tried = []
    for _ in range(TIMES):
        async with browser(house) as one:
            await one.first()
            tried.append(await timed(lambda one=one: one.get("/try")))  # type: ignore[misc]
    shown("A new try room, ms", tried, FIRST_ASKED)


async def compared(one: Browser, messages: int) -> None:
    """Measure the pages of a partnership with few messages and of one with many, in turn."""
    for name, rest in (("Timeline", ""), ("Record", "/record"), ("Pictures", "/pictures")):
        few, many = [], []
        for _ in range(TIMES):
            few.append(await timed(lambda: one.get(f"/p/small{rest}")))  # noqa: B023
            many.append(await timed(lambda: one.get(f"/p/large{rest}")))  # noqa: B023
        shown(f"{name} of {SMALL} messages, ms", few)
        most = max(SAME * quantile(few, 50), 0.030)
        shown(f"{name} of {messages} messages, ms", many, most, of=50)
    for path in ("/desk", "/settings", "/p/large/export.md?talk=1"):
        shown(f"{path}, ms", [await timed(lambda: one.get(path)) for _ in range(5)])  # noqa: B023


async def typed(speakers: Sequence[Browser], lookers: Sequence[Browser], many: int, rate: float) -> Seen:
    """Let each speaker type in their own try room, in turn, while others look at it.

    A message that comes to one who looks in several columns counts when it comes first.
    """
    rooms = [await opened(one) for one in speakers]
    looks = [(one, rooms[number % len(rooms)]) for number, one in enumerate(lookers)]
    said: dict[int, float] = {}
    came: dict[tuple[int, int], float] = {}

    def hears(number: int) -> Callable[[str, float], None]:
        def heard(data: str, at: float) -> None:
            for mark in _MARK.findall(data):
                came.setdefault((int(mark), number), at)

        return heard

    async with listening([Stream(one, room.live, hears(number)) for number, (one, room) in enumerate(looks)]):
        posts, late = await speaking(list(zip(speakers, rooms, strict=True)), many, rate, said)
        numbers = {room.name: [n for n, look in enumerate(looks) if look[1] is room] for room in rooms}
        wanted = {(mark, n) for mark in said for n in numbers[rooms[mark % len(rooms)].name]}
        end = time.perf_counter() + PATIENCE
        while wanted - came.keys() and time.perf_counter() < end:
            await asyncio.sleep(0.1)
    times = [came[key] - said[key[0]] if key in came else float("inf") for key in wanted]
    return Seen(len(said), sum(one == float("inf") for one in posts), times, posts, len(wanted), late)


class TryRoom(NamedTuple):
    """A try room, and where one hears what is said there."""

    name: str
    live: str


async def opened(one: Browser) -> TryRoom:
    """Open somebody's own try room."""
    page = await one.get("/try")
    live = re.search(r'data-live-list="([^"]+)" data-after="(\d+)"', page)
    room = re.search(r'name="room" value="([^"]+)"', page)
    if live is None or room is None:
        raise SystemExit("the try room is not what this measure knows")
    return TryRoom(room[1], f"{live[1].replace('&amp;', '&')}&after={live[2]}")


async def speaking(
    speakers: Sequence[tuple[Browser, TryRoom]], many: int, rate: float, said: dict[int, float]
) -> tuple[list[float], list[float]]:
    """Say something on schedule, each in turn, and note when; return how long each form took, and how late it was."""
    tasks, late = [], []
    begin = time.perf_counter() + 0.2
    for number, words in zip(range(many), cycle(talk()), strict=False):
        one, room = speakers[number % len(speakers)]
        due = begin + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        said[number] = time.perf_counter()
        late.append(said[number] - due)
        text = f"{words} n{number:06}n"
        who = PEOPLE[number // len(speakers) % 2][0]
        tasks.append(asyncio.create_task(one.post("/try/say", room=room.name, who=who, text=text, private="")))
    return list(await asyncio.gather(*tasks)), late


async def taken_over(one: Browser, other: Browser, many: int) -> list[float]:
    """Take a partnership's talk over and hand it back on the durable road, while another looks at its page."""
    page, times = await other.get("/p/small"), []
    found = re.search(r'data-live-list="([^"]+)" data-after="(\d+)"', page)
    if found is None:
        raise SystemExit("the page of a partnership is not what this measure knows")
    arrived, wanted = asyncio.Event(), ""

    def heard(data: str, _at: float) -> None:
        if wanted and "partnership-state" in data and f'value=\\"{wanted}\\"' in data:
            arrived.set()

    async with listening([Stream(other, f"{found[1]}?after={found[2]}", heard)]):
        for number in range(many):
            what, wanted = ("takeover", "handback") if number % 2 == 0 else ("handback", "takeover")
            arrived.clear()
            begin = time.perf_counter()
            sending = asyncio.create_task(one.post("/p/small/drive", what=what))
            try:
                await asyncio.wait_for(arrived.wait(), PATIENCE)
                times.append(time.perf_counter() - begin)
            except TimeoutError:
                times.append(float("inf"))
            await sending
            await asyncio.sleep(APART)
    return times


async def loaded(house: House, length: float, streams: int, rate: float) -> None:
    """Measure what one sees in rooms where many look and many speak."""
    rooms = max(1, -(-streams // A_ROOM))
    async with AsyncExitStack() as stack:
        speakers = [await stack.enter_async_context(browser(house)) for _ in range(rooms)]
        for one in speakers:
            await one.first()
        ours = psutil.Process()
        before, begin = (sum(map(seconds, family(house.process))), seconds(ours)), time.perf_counter()
        lookers = [speakers[number % rooms] for number in range(streams)]
        seen = await typed(speakers, lookers, int(rate * length), rate)
        took = time.perf_counter() - begin
        cores = (sum(map(seconds, family(house.process))) - before[0]) / took, (seconds(ours) - before[1]) / took
    print(f"\n{streams} event streams, {rate:g} messages/s; try rooms: {rooms}")
    heads("p50", "p95", "asked", "ok")
    shown("Seen by each who looks, ms", seen.times, LOADED_ASKED)
    shown("The speaker's own form answered, ms", seen.posts)
    lost = sum(one == float("inf") for one in seen.times)
    row("Not seen, of all that were to be", f"{lost}", f"{seen.wanted}", "0", verdict(lost == 0))
    row("Refused, of all that were said", f"{seen.refused}", f"{seen.said}", "0", verdict(seen.refused == 0))
    row("Cores: the house, these browsers", three(cores[0]), three(cores[1]), "", "")
    row("Memory of the house, MB", three(megabytes(house.process)), "", "", "")
    row("By how much the speakers were late, ms", *(three(1000 * quantile(seen.late, at)) for at in (50, 95)), "", "")


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    """Return how long something took."""
    begin = time.perf_counter()
    await work()
    return time.perf_counter() - begin


# The table


def shown(name: str, times: Sequence[float], asked: float | None = None, *, of: int = 95) -> None:
    """Print a line of times; what was asked is of the p95, or of another quantile."""
    good = "" if asked is None else verdict(quantile(times, of) <= asked)
    wanted = "" if asked is None else f"{'' if of == 95 else f'p{of} '}<= {1000 * asked:.0f}"
    row(name, *(three(1000 * quantile(times, at)) for at in (50, 95)), wanted, good)


def verdict(good: bool) -> str:
    return "yes" if good else "NO"


def heads(*names: str) -> None:
    print(f"{'':58}" + "".join(f"{name:>12}" for name in names))


def row(name: str, *values: str) -> None:
    print(f"{name:58}" + "".join(f"{value:>12}" for value in values), flush=True)
