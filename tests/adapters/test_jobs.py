"""The durable road while the house is open: each event once, each room in order, and one room's trouble its own."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
import pytest_asyncio
from dbos import DBOS

from adapters.post import File, NotSentError, Parcel, Place
from adapters.services.jobs import Jobs
from adapters.services.store import Lane, StoreError
from bot.model import RoomId
from bot.turn import House
from tests.adapters.memory import (
    AT,
    LEE,
    SATO,
    TANAKA,
    Hall,
    Stumbling,
    Trouble,
    account,
    not_sent,
    open_hall,
    open_jobs,
    slow,
    until,
)
from tests.fakes import EchoCoach, ScriptedEar, no_sources

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = count(1)
SECRET = "触媒の配合は七対三でございます"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Hall, Jobs]]:
    """One house for all tests here: to close it takes a second. Each test speaks in a group of its own."""
    home = tmp_path_factory.mktemp("jobs")
    hall = open_hall(home, url=f"sqlite:///{home}/nakodo.db?timeout=0.05")
    jobs = open_jobs(hall)
    await jobs.start()
    yield hall, jobs
    await jobs.stop()
    hall.store.close()


@pytest.fixture
def hall(open_house: tuple[Hall, Jobs]) -> Hall:
    hall, _ = open_house
    hall.channel.troubles.clear()
    del hall.houses[1:]
    return hall


@pytest.fixture
def jobs(open_house: tuple[Hall, Jobs]) -> Jobs:
    return open_house[1]


@pytest.fixture
def group() -> Place:
    return Place(key=f"slack:T1:G{next(NUMBERS)}")


def lobby(place: Place) -> Lane:
    return Lane("default", f"lobby:{place.key}")


def told(hall: Hall, *places: Place) -> list[str]:
    return [one.reply.text for one in hall.channel.got if one.place in places]


def state(hall: Hall, place: Place) -> list[object]:
    found = hall.rows(f"SELECT state FROM inbox WHERE place = '{place.key}' ORDER BY sequence")
    return [one for (one,) in found]


def coached(hall: Hall, coach: EchoCoach) -> EchoCoach:
    hall.houses.append(House(coach, ScriptedEar(), no_sources))
    return coach


async def settled(hall: Hall, place: Place, events: int = 1) -> None:
    """Wait until nothing of a group waits any more."""
    await until(lambda: len(state(hall, place)) >= events and "waiting" not in state(hall, place))
    lane = lobby(place)
    await until(lambda: not hall.mail.unsent(lane))


async def test_an_event_is_durable_when_it_was_received_and_answered_soon(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    event = hall.happens.said(SATO, "@nakodo NDAは?", group)
    await jobs.receive(event)
    assert hall.rows(f"SELECT event FROM inbox WHERE place = '{group.key}'") == [(event.id,)]
    await settled(hall, group)
    assert told(hall, group) == ["echo: NDAは?"]
    assert "NDA" not in str(hall.rows(f"SELECT payload FROM inbox WHERE place = '{group.key}'"))


async def test_an_event_that_comes_again_is_answered_once(hall: Hall, jobs: Jobs, group: Place) -> None:
    event = hall.happens.said(SATO, "@nakodo NDAは?", group)
    for _ in range(2):
        await jobs.receive(event)
    await settled(hall, group)
    await jobs.receive(event)
    await jobs.receive(hall.happens.said(LEE, "/language ja", group))
    await settled(hall, group, 2)
    assert told(hall, group)[:-1] == ["echo: NDAは?"]


async def test_an_event_that_comes_eight_times_at_the_same_moment_is_answered_once(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    event = hall.happens.said(SATO, "@nakodo NDAは?", group)
    outcomes = await asyncio.gather(*(jobs.receive(event) for _ in range(8)), return_exceptions=True)
    assert any(outcome is None for outcome in outcomes)
    await settled(hall, group)
    assert told(hall, group) == ["echo: NDAは?"]


async def test_one_workflow_does_for_all_that_comes_before_it_begins(hall: Hall, jobs: Jobs, group: Place) -> None:
    async def begun() -> int:
        return len(await DBOS.list_workflows_async(name="handle", load_input=False, load_output=False))

    before = await begun()
    events = [hall.happens.said(account(number), f"@nakodo その{number}", group) for number in range(12)]
    await asyncio.gather(*map(jobs.receive, events))
    await settled(hall, group, 12)
    assert sorted(told(hall, group)) == sorted(f"echo: その{number}" for number in range(12))
    assert await begun() - before < 6


async def test_many_events_of_a_room_are_answered_in_their_order(hall: Hall, jobs: Jobs, group: Place) -> None:
    for number in range(12):
        await jobs.receive(hall.happens.said((SATO, LEE)[number % 2], f"@nakodo その{number}", group))
    await settled(hall, group, 12)
    assert told(hall, group) == [f"echo: その{number}" for number in range(12)]
    assert [one.text for one in hall.scene(f"lobby:{group.key}").heard] == [f"@nakodo その{n}" for n in range(12)]


class Gated(EchoCoach):
    """Thinks about one question until it may go on."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question
        self.reached, self.gate = threading.Event(), threading.Event()

    def answer(self, question: str, **how: object):  # type: ignore[no-untyped-def,override]
        if question == self._question:
            self.reached.set()
            assert self.gate.wait(20)
        return super().answer(question, **how)  # type: ignore[arg-type]


async def test_one_room_does_not_wait_for_another(hall: Hall, jobs: Jobs, group: Place) -> None:
    other = Place(key=f"{group.key}-b")
    coach = Gated("長い話")
    coached(hall, coach)
    await jobs.receive(hall.happens.said(SATO, "@nakodo 長い話", group))
    await until(coach.reached.is_set)
    await jobs.receive(hall.happens.said(LEE, "@nakodo NDAは?", other))
    await settled(hall, other)
    assert told(hall, group, other) == ["echo: NDAは?"]
    coach.gate.set()
    await settled(hall, group)
    assert told(hall, group) == ["echo: 長い話"]


async def test_a_slow_platform_keeps_one_room_waiting_and_no_other(hall: Hall, jobs: Jobs, group: Place) -> None:
    other, door = Place(key=f"{group.key}-b"), asyncio.Event()
    hall.channel.troubles = [slow(door)]
    tries = len(hall.channel.tries)
    await jobs.receive(hall.happens.said(SATO, "@nakodo 先", group))
    await until(lambda: len(hall.channel.tries) > tries)
    await jobs.receive(hall.happens.said(LEE, "@nakodo NDAは?", other))
    await settled(hall, other)
    door.set()
    await settled(hall, group)
    assert told(hall, group, other) == ["echo: NDAは?", "echo: 先"]


async def test_what_failed_once_is_tried_again_and_answered(hall: Hall, jobs: Jobs, group: Place) -> None:
    coached(hall, Stumbling({"NDAは?": 1}))
    await jobs.receive(hall.happens.said(SATO, "@nakodo NDAは?", group))
    await settled(hall, group)
    assert told(hall, group) == ["echo: NDAは?"]


async def test_a_message_that_failed_five_times_goes_aside_and_the_room_goes_on(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    coach = Stumbling({SECRET: 99})
    coached(hall, coach)
    hall.arrives(hall.happens.said(SATO, f"@nakodo {SECRET}", group))
    await jobs.receive(hall.happens.said(LEE, "@nakodo NDAは?", group))
    await settled(hall, group, 2)
    assert coach.failed == 5
    assert state(hall, group) == ["aside", "handled"]
    sorry, answer = told(hall, group)
    assert "もう一度書いて" in sorry
    assert answer == "echo: NDAは?"


async def test_a_message_that_cannot_be_read_any_more_goes_aside_and_the_room_goes_on(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    hall.arrives(hall.happens.said(SATO, "@nakodo NDAは?", group))
    with hall.store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE inbox SET payload = '{{\"text\": \"{SECRET}\"}}' WHERE place = '{group.key}'"
        )
    await jobs.receive(hall.happens.said(LEE, "@nakodo 費用は?", group))
    async with asyncio.timeout(4):
        await settled(hall, group, 2)
    assert state(hall, group) == ["aside", "handled"]


async def test_a_database_that_is_away_for_a_moment_is_waited_for(hall: Hall, jobs: Jobs, group: Place) -> None:
    coach = Gated("NDAは?")
    coached(hall, coach)
    await jobs.receive(hall.happens.said(SATO, "@nakodo NDAは?", group))
    await until(coach.reached.is_set)
    with closing(sqlite3.connect(hall.home / "nakodo.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        failing = hall.happens.said(LEE, "@nakodo 費用は?", group)
        with pytest.raises(StoreError, match="in use"):
            await jobs.receive(failing)
        coach.gate.set()
        await until(lambda: len(coach.asked) == 1)
        await asyncio.to_thread(hall.mail.unsent, lobby(group))
        other.execute("ROLLBACK")
    await settled(hall, group)
    assert told(hall, group) == ["echo: NDAは?"]
    await jobs.receive(failing)
    await settled(hall, group, 2)
    assert told(hall, group) == ["echo: NDAは?", "echo: 費用は?"]


async def test_what_did_not_go_out_is_tried_again_and_keeps_its_place(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.channel.troubles = [not_sent()]
    await jobs.receive(hall.happens.said(SATO, "@nakodo 先", group))
    await jobs.receive(hall.happens.said(LEE, "@nakodo 後", group))
    await settled(hall, group, 2)
    assert told(hall, group) == ["echo: 先", "echo: 後"]


async def test_a_thought_in_two_messages_is_answered_once(hall: Hall, group: Place, jobs: Jobs) -> None:
    hall.arrives(hall.happens.said(SATO, "@nakodo 相談です", group))
    await jobs.receive(hall.happens.said(SATO, "費用は?", group))
    await settled(hall, group, 2)
    assert told(hall, group) == ["echo: 相談です\n費用は?"]


async def test_who_has_no_name_yet_is_asked_for_it(hall: Hall, jobs: Jobs, group: Place) -> None:
    newcomer = account(100 + next(NUMBERS))
    hall.channel.names[newcomer.key] = "新田"
    await jobs.receive(hall.happens.said(newcomer, "@nakodo NDAは?", group))
    await settled(hall, group)
    assert [one.who for one in hall.scene(f"lobby:{group.key}").heard] == ["新田"]


async def test_whom_a_form_seats_is_seated_under_their_own_name(hall: Hall, jobs: Jobs, group: Place) -> None:
    one, two, three = (account(100 + next(NUMBERS)) for _ in range(3))
    hall.channel.names |= {one.key: "新田", two.key: "Kim", three.key: "古田"}
    form = {"sme": (one.key,), "startup": (two.key,), "facilitator": (three.key,)}
    await jobs.receive(hall.happens.event(three, group, kind="arranged", form=form))
    await settled(hall, group)
    people = {person.side: person.name for person in hall.scene(group.key).room.people}
    assert people == {"sme": "新田", "startup": "Kim", "facilitator": "古田"}


async def test_files_are_fetched_and_read(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.channel.files["F1"] = "厚さ0.1ミリの箔".encode("cp932")
    files = [File(name="仕様.txt", size=20, ref="F1")]
    await jobs.receive(hall.happens.said(SATO, "@nakodo どうですか", group, files=files))
    await settled(hall, group)
    assert told(hall, group) == ["echo: どうですか\n［仕様.txt］\n厚さ0.1ミリの箔"]


async def test_the_files_of_an_album_are_all_read_and_answered_once(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.channel.files |= {f"A{n}": f"寸法{n}".encode() for n in range(3)}
    says = partial(hall.happens.said, SATO, place=group, album="A7")
    one, two, three = (
        says("@nakodo どれ?" if not n else "", files=[File(name=f"{n}.txt", size=9, ref=f"A{n}")]) for n in range(3)
    )
    before = len(hall.channel.got)
    hall.arrives(one, two)
    await jobs.receive(three)
    await settled(hall, group, 3)
    assert told(hall, group) == ["echo: どれ?\n［0.txt］\n寸法0\n［1.txt］\n寸法1\n［2.txt］\n寸法2"]
    receipts = [one.reply.text for one in hall.channel.got[before:] if one.account]
    assert [len(one.splitlines()) for one in receipts] == [3]


async def test_what_is_changed_around_a_file_fetches_nothing(hall: Hall, jobs: Jobs, group: Place) -> None:
    fetched = list(hall.channel.fetched)
    files = [File(name="仕様.txt", size=20, ref="F9")]
    await jobs.receive(hall.happens.event(SATO, group, kind="edited", text="どうですか", message="M0", files=files))
    await settled(hall, group)
    assert hall.channel.fetched == fetched


async def test_a_file_that_does_not_come_through_is_answered_with_words(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.channel.files["F2"] = NotSentError("busy")
    files = [File(name="仕様.txt", size=20, ref="F2")]
    await jobs.receive(hall.happens.said(SATO, "@nakodo どうですか", group, files=files))
    await settled(hall, group)
    assert any("「仕様.txt」を受け取れませんでした" in one.reply.text for one in hall.channel.got)


# Time


def seated(hall: Hall, group: Place) -> RoomId:
    for who in (SATO, LEE, TANAKA):
        hall.directory.meet("default", who)
    form = {"sme": (SATO.key,), "startup": (LEE.key,), "facilitator": (TANAKA.key,)}
    taken = hall.take(hall.happens.event(TANAKA, group, kind="arranged", form=form))
    hall.reception.handle(taken, hall.clock())
    for parcel in hall.mail.unsent(taken.lane):
        hall.mail.ended("default", parcel, "sent")
    return RoomId(group.key)


def due_at(hall: Hall, room: RoomId) -> object:
    return hall.rows(f"SELECT due_at FROM rooms WHERE id = '{room}'")


def weekly(hall: Hall, room: RoomId) -> Callable[[], list[Parcel]]:
    def found() -> list[Parcel]:
        rows = hall.rows(f"SELECT id FROM outbox WHERE room = '{room}' AND state = 'sent'")
        names = {name for (name,) in rows}
        return [one for one in hall.channel.got if one.id in names and one.reply.kind == "document"]

    return found


async def test_a_room_that_is_due_is_looked_at_though_nobody_speaks(hall: Hall, jobs: Jobs, group: Place) -> None:
    room = seated(hall, group)
    before = due_at(hall, room)
    hall.clock.at = AT + timedelta(days=7, minutes=1)
    await jobs.sweep(hall.clock())
    await until(lambda: due_at(hall, room) != before)
    await until(lambda: bool(weekly(hall, room)()))
    [digest] = weekly(hall, room)()
    assert digest.account and digest.account.key == TANAKA.key


async def test_a_room_that_could_not_be_looked_at_once_is_looked_at_the_next_minute(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    room = seated(hall, group)
    hall.clock.on(days=8)
    before = due_at(hall, room)
    many, falls = len(hall.store.due(hall.clock())), []

    def falling(_tenant: str) -> House:
        falls.append(1)
        raise ValueError(SECRET)

    sound = hall.reception._house
    hall.reception._house = falling
    await jobs.sweep(hall.clock())
    await until(lambda: len(falls) >= many)
    hall.reception._house = sound
    assert due_at(hall, room) == before
    for _ in range(3):
        await jobs.sweep(hall.clock.on(minutes=1))
    async with asyncio.timeout(3):
        await until(lambda: due_at(hall, room) != before)


async def test_a_sweep_takes_up_what_nobody_started(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.arrives(hall.happens.said(SATO, "@nakodo NDAは?", group))
    await jobs.sweep(hall.clock.on(minutes=2))
    await settled(hall, group)
    assert told(hall, group) == ["echo: NDAは?"]
    assert hall.mail.sign("house") == hall.clock()


async def test_an_error_of_a_channel_leaves_no_words_with_the_road(hall: Hall, jobs: Jobs, group: Place) -> None:
    hall.channel.troubles = [Trouble(ValueError(SECRET))]
    tries = len(hall.channel.tries)
    await jobs.receive(hall.happens.said(SATO, "@nakodo NDAは?", group))
    await until(lambda: len(hall.channel.tries) > tries)
    await jobs.sweep(hall.clock.on(minutes=2))
    await settled(hall, group)
    kept = b"".join(path.read_bytes() for path in hall.home.glob("jobs.db*"))
    assert not any(form in kept for form in (SECRET.encode(), SECRET.encode("unicode_escape")))
