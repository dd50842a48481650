"""A channel in memory and the house behind it: real rooms, real post, real road, and no platform."""

import asyncio
import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.event import listen

from adapters.post import (
    Account,
    ChannelName,
    Event,
    File,
    NotSentError,
    Parcel,
    Place,
    RefusedError,
    SendError,
    UnclearError,
)
from adapters.reception import NO_FILES, Reception
from adapters.sending import Sender, Tried
from adapters.services.jobs import Jobs
from adapters.services.store import Directory, Lane, Mail, Posted, SqlStore, Taken, open_store
from adapters.services.store.engine import FILE
from bot.model import Answer, RoomId, Said, Situation
from bot.scene import Scene
from bot.settings import Settings
from bot.turn import House
from knowledge.card import Locale
from tests.fakes import EchoCoach, ScriptedEar, house

JST = timezone(timedelta(hours=9))
AT = datetime(2026, 4, 6, 10, 0, tzinfo=JST)
"""A Monday morning."""
GROUP = Place(key="slack:T1:C1")
ROOM = RoomId(GROUP.key)
PATIENT = 20.0
"""Seconds after which a test gives up waiting. No test that passes waits so long."""


def account(number: int, name: str = "", locale: Locale | None = None, channel: ChannelName = "slack") -> Account:
    key = f"slack:T1:U{number}" if channel == "slack" else f"{channel}:{number}"
    return Account(key=key, name=name, locale=locale)


SATO, LEE, TANAKA = account(1, "佐藤"), account(2, "Lee"), account(3, "田中")
SETUP = {
    "sme_name": ("栃ノ木精密",),
    "startup_name": ("ルミナ",),
    "sme": (SATO.key,),
    "startup": (LEE.key,),
    "facilitator": (TANAKA.key,),
}


# What happens on a platform


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **how_long: float) -> datetime:
        self.at += timedelta(**how_long)
        return self.at


class Happens:
    """Makes the events of a platform, each with a name of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._count = clock, 0

    def event(self, who: Account, place: Place, **what: object) -> Event:
        self._count += 1
        channel = who.key.split(":", 1)[0]
        given = {"id": f"E{self._count}", "kind": "said", "message": f"M{self._count}", "at": self._clock(), **what}
        return Event.model_validate({"channel": channel, "place": place, "account": who, **given})

    def said(self, who: Account, words: str, place: Place = GROUP, **what: object) -> Event:
        """Return something said in a group."""
        return self.event(who, place, text=words, **what)

    def private(self, who: Account, words: str, **what: object) -> Event:
        """Return something said to the bot alone."""
        return self.event(who, direct(who), text=words, **what)


def direct(who: Account) -> Place:
    """Return somebody's talk with the bot alone."""
    channel, *_, last = who.key.split(":")
    return Place(key=f"slack:T1:D{last}" if channel == "slack" else who.key, direct=True)


# How sending goes


class Trouble(NamedTuple):
    """What becomes of one try. `arrives` is whether the platform has it all the same."""

    error: Exception | None = None
    arrives: bool = False
    until: asyncio.Event | None = None
    """A slow platform answers when this is set."""


def not_sent(after: float = 0) -> Trouble:
    return Trouble(NotSentError("busy", after))


def unclear(*, arrives: bool) -> Trouble:
    return Trouble(UnclearError("the answer got lost"), arrives)


def refused(reason: str = "channel_not_found", *, unreachable: bool = False) -> Trouble:
    return Trouble(RefusedError(reason, unreachable=unreachable))


def slow(until: asyncio.Event) -> Trouble:
    return Trouble(None, True, until)


FINE = Trouble(None, True)


class MemoryChannel:
    """A platform that keeps what it is sent. `troubles` come to the tries in their order; then all goes well."""

    def __init__(
        self, name: ChannelName = "slack", *, tells: bool = True, troubles: Iterable[Trouble] = (),
        names: Mapping[str, str] | None = None, files: Mapping[str, bytes | SendError] | None = None,
    ) -> None:  # fmt: skip
        self.name: ChannelName = name
        self.tells = tells
        self.troubles = list(troubles)
        self.finding: list[SendError] = []
        """What happens to the next questions whether it has something."""
        self.names, self.files = dict(names or {}), dict(files or {})
        self.got: list[Parcel] = []
        """What people see, in order, repeats included."""
        self.tries: list[str] = []
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.settled_receipts: list[str] = []

    async def send(self, parcel: Parcel) -> str:
        self.tries.append(parcel.id)
        trouble = self.troubles.pop(0) if self.troubles else FINE
        if trouble.until is not None:
            await trouble.until.wait()
        if trouble.arrives:
            self.got.append(parcel)
        if trouble.error is not None:
            raise trouble.error
        return f"receipt-{parcel.id}"

    async def find(self, parcel: Parcel) -> str | None:
        self.asked.append(parcel.id)
        if self.finding:
            raise self.finding.pop(0)
        return f"receipt-{parcel.id}" if any(one.id == parcel.id for one in self.got) else None

    async def acquainted(self, account: Account) -> Account:
        return account.model_copy(update={"name": self.names.get(account.key, account.name)})

    async def fetch(self, file: File, most: int) -> bytes:
        self.fetched.append(file.ref)
        content = self.files[file.ref]
        if isinstance(content, SendError):
            raise content
        return content[:most]

    async def settled(self, parcel: Parcel, receipt: str) -> None:
        self.settled_receipts.append(receipt)

    def alive(self) -> datetime | None:
        return AT

    def texts(self) -> list[str]:
        """Return what people read, in order."""
        return [parcel.reply.text for parcel in self.got]

    async def has(self, count: int) -> list[Parcel]:
        """Return what was sent, once it is so many."""
        await until(lambda: len(self.got) >= count)
        return self.got


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENT):
        while not holds():
            await asyncio.sleep(0.01)


# The house


class Hall(NamedTuple):
    """Everything behind the door, on one file; `house` may be exchanged by what a test puts into `houses`."""

    home: Path
    clock: Clock
    happens: Happens
    store: SqlStore
    directory: Directory
    mail: Mail
    reception: Reception
    houses: list[House]
    channels: dict[ChannelName, MemoryChannel]
    sender: Sender

    @property
    def channel(self) -> MemoryChannel:
        return self.channels["slack"]

    # Taking in, without a road

    def arrives(self, *events: Event) -> None:
        """Let events stand in the inbox."""
        for event in events:
            self.mail.receive(event, self.reception.lane_of(event))

    def take(self, event: Event) -> Taken:
        """Let an event arrive, and return it as the next of its lane."""
        lane = self.reception.lane_of(event)
        self.mail.receive(event, lane)
        taken = self.mail.take(lane)
        assert taken is not None
        return taken

    def hears(self, *events: Event, **how: object) -> list[Parcel]:
        """Let events arrive one by one, each handled before the next, and return what is to be sent about them."""
        before = set(self.parcels())
        for event in events:
            self.arrives(event)
            self.handles(self.reception.lane_of(event), **how)
        return [parcel for name, parcel in self.parcels().items() if name not in before]

    def hears_at_once(self, *events: Event) -> list[Parcel]:
        """Let all events arrive before the first is handled, and return what is to be sent about them."""
        before = set(self.parcels())
        lanes = dict.fromkeys(map(self.reception.lane_of, events))
        self.arrives(*events)
        for lane in lanes:
            self.handles(lane)
        return [parcel for name, parcel in self.parcels().items() if name not in before]

    def handles(self, lane: Lane, read: object = NO_FILES) -> None:
        """Handle whatever waits in a lane."""
        while (taken := self.mail.take(lane)) is not None:
            self.reception.handle(taken, self.clock(), read)  # type: ignore[arg-type]

    # Sending, without a road

    async def sends(self, parcel: str, times: int = 1) -> list[Tried]:
        return [await self.sender.send("default", parcel) for _ in range(times)]

    async def sends_all(self) -> None:
        """Send whatever waits, once."""
        for lane in self.mail.lanes_unsent():
            for parcel in self.mail.unsent(lane):
                await self.sender.send(lane.tenant, parcel)

    # Looking

    def parcels(self) -> dict[str, Parcel]:
        """Return what is to be sent, in its order."""
        found = {}
        for lane in self.mail.lanes_unsent():
            for name in self.mail.unsent(lane):
                found[name] = self.posted(name, lane.tenant).parcel
        return found

    def posted(self, parcel: str, tenant: str = "default") -> Posted:
        posted = self.mail.posted(tenant, parcel)
        assert posted is not None
        return posted

    def scene(self, room: str = ROOM) -> Scene:
        scene = self.store.load(RoomId(room))
        assert scene is not None
        return scene

    def name_of(self, who: Account, room: str = ROOM) -> str | None:
        known = self.directory.known("default", who.key)
        return known and self.directory.name_in("default", RoomId(room), known.person)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def states(self) -> list[object]:
        """Return what became of the events, in the order of their arrival."""
        return [state for (state,) in self.rows("SELECT state FROM inbox ORDER BY received_at, rowid")]

    def bytes(self) -> bytes:
        """Return every byte of every file that the house has written."""
        return b"".join(path.read_bytes() for path in sorted(self.home.iterdir()) if path.is_file())

    # What many tests begin with

    def sets_up(self, **form: tuple[str, ...]) -> None:
        """Let 佐藤 and Lee have a partnership in the group, led by 田中."""
        for who in (SATO, LEE, TANAKA):
            self.directory.meet("default", who)
        self.hears(self.happens.event(TANAKA, GROUP, kind="arranged", form=SETUP | form))
        self.settles_all()

    def settles_all(self) -> None:
        """Take whatever is to be sent for sent."""
        for name in self.parcels():
            self.mail.ended("default", name, "sent", receipt=f"receipt-{name}")


@cache
def _migrated() -> Path:
    """Return an empty database with all its tables, to be copied: making them takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="nakodo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(None, folder).close()
    return folder / FILE


def open_hall(home: Path, *, url: str | None = None, ear: ScriptedEar | None = None, **settings: object) -> Hall:
    """Open a house in a folder."""
    clock = Clock()
    if url is None and not (home / FILE).exists():
        shutil.copy(_migrated(), home / FILE)
    store = open_store(url, home)
    listen(store.engine, "connect", _unhurried)
    store.engine.dispose()
    store = SqlStore(store.engine, "default", clock=clock)
    directory, mail = Directory(store.engine, clock=clock), Mail(store.engine, clock=clock)
    houses = [house(ear, EchoCoach())]
    given = Settings.model_validate({"home": home, "embeddings": "none", **settings})
    reception = Reception(store, directory, mail, lambda _: houses[-1], given)
    channels: dict[ChannelName, MemoryChannel] = {"slack": MemoryChannel()}
    sender = Sender(store, directory, mail, channels, clock=clock)
    return Hall(home, clock, Happens(clock), store, directory, mail, reception, houses, channels, sender)


def open_jobs(hall: Hall, *, patient: bool = False) -> Jobs:
    """Return the road of a house. Unless `patient`, nobody is waited for to finish a thought.

    No minute strikes there in the midst of a test: what is to be swept, the test sweeps.
    """
    ahead = timedelta(0) if patient else timedelta(seconds=3)
    jobs = Jobs(
        hall.reception, hall.sender, hall.channels, url=None, home=hall.home, clock=lambda: hall.clock() + ahead
    )
    jobs.minute = "0 0 29 2 *"
    return jobs


class Stumbling(EchoCoach):
    """Fails at these questions, so many times each, and says so with what it was asked."""

    def __init__(self, fails: Mapping[str, int]) -> None:
        super().__init__()
        self.fails = dict(fails)
        self.failed = 0

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (), **_how: object
    ) -> Answer:
        if self.fails.get(question, 0) > 0:
            self.fails[question] -= 1
            self.failed += 1
            raise ValueError(f"cannot answer {question}")
        return super().answer(question, locale=locale, situation=situation, history=history)


def _unhurried(raw: sqlite3.Connection, _record: object) -> None:
    """Let the system write the file in its own time: no test cuts the power."""
    raw.execute("PRAGMA synchronous = OFF").close()
