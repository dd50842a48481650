"""An answer is seen while it is made: there where it will go, by nobody else, and never beside the answer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from adapters.aloud import PACE, Relay
from adapters.post import Account, Event, Note, NotSentError, Parcel, Place, Preview, RefusedError, UnclearError
from adapters.services.jobs import Jobs
from adapters.services.store import Answering, Lane
from adapters.thinking import THINKERS
from bot.model import Answer, MessageId, Reply, Said, Situation
from bot.ports import Aloud
from bot.turn import House
from knowledge.card import Locale
from tests.adapters.memory import (
    LEE,
    PATIENT,
    SATO,
    SETUP,
    TANAKA,
    Hall,
    MemoryChannel,
    direct,
    open_hall,
    open_jobs,
    until,
)
from tests.fakes import EchoCoach, ScriptedEar, no_sources

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = count(1)
BEGUN = Reply(to="room", kind="answer", text="…", in_reply_to=MessageId("m"))
SECRET = "触媒の配合は七対三でございます。"


class ShowingChannel(MemoryChannel):
    """A platform on which answers can be seen while they are made."""

    pace = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Preview] = []
        self.taken_back: list[str] = []
        self.notes = True
        self.faults: list[Exception] = []
        """What happens to the next looks."""
        self.stubborn: list[Exception] = []
        """What happens to the next attempts to take something back."""
        self.slow: asyncio.Event | None = None
        self.cut_off = 0

    async def show(self, preview: Preview, note: Note) -> None:
        if self.faults:
            raise self.faults.pop(0)
        if self.notes:
            await note(f"spot-{preview.parcel.id}")
        self.seen.append(preview)
        try:
            if self.slow is not None:
                await self.slow.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise

    async def take_back(self, shown: str) -> None:
        if self.stubborn:
            raise self.stubborn.pop(0)
        self.taken_back.append(shown)

    def saw(self, place: Place) -> list[str]:
        return [one.parcel.reply.text for one in self.seen if one.parcel.place == place]


class Writer(EchoCoach):
    """Writes sentence by sentence; `between` is done after each, in the thread of the turn."""

    def __init__(self, between: Callable[[str], None] = lambda _: None, *, fails: int = 0) -> None:
        super().__init__()
        self.between, self.fails = between, fails
        self.heard: list[Aloud | None] = []

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (),
        aloud: Aloud | None = None, **_how: object,
    ) -> Answer:  # fmt: skip
        self.heard.append(aloud)
        text = ""
        for number in range(3):
            text += f"{question}の{number}文目。"
            if aloud is not None:
                aloud(text)
            self.between(text)
        if self.fails:
            self.fails -= 1
            raise ValueError(text)
        return Answer(kind="answer", locale=locale, text=f"{text}\n出典: §5(3)")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Hall, Jobs]]:
    """One house for all tests here, with a language model set up. Each test speaks in a group of its own."""
    hall = open_hall(tmp_path_factory.mktemp("aloud"), model="openai:scripted")
    hall.channels["slack"] = ShowingChannel()
    jobs = open_jobs(hall)
    await jobs.start()
    yield hall, jobs
    await jobs.stop()
    hall.store.close()


@pytest.fixture
def hall(open_house: tuple[Hall, Jobs]) -> Hall:
    hall, _ = open_house
    channel = shows(hall)
    channel.notes, channel.slow, channel.cut_off = True, None, 0
    for kept in (channel.seen, channel.taken_back, channel.faults, channel.stubborn, channel.troubles):
        kept.clear()  # type: ignore[attr-defined]
    del hall.houses[1:]
    return hall


@pytest.fixture
def jobs(open_house: tuple[Hall, Jobs]) -> Jobs:
    return open_house[1]


@pytest.fixture
def group() -> Place:
    return Place(key=f"slack:T1:G{next(NUMBERS)}")


def shows(hall: Hall) -> ShowingChannel:
    channel = hall.channel
    assert isinstance(channel, ShowingChannel)
    return channel


def coached(hall: Hall, coach: EchoCoach) -> None:
    hall.houses.append(House(coach, ScriptedEar(), no_sources))


def seen_first(hall: Hall) -> Callable[[str], None]:
    """Return what waits in a turn until a sentence has been seen."""

    def wait(text: str) -> None:
        for _ in range(int(PATIENT * 100)):
            if [one.parcel.reply.text for one in shows(hall).seen[-1:]] == [text]:
                return
            threading.Event().wait(0.01)
        raise TimeoutError(text)

    return wait


async def settled(hall: Hall, place: Place, events: int = 1) -> None:
    """Wait until all that happened in a place is handled, and all that is said to it sent."""
    query = f"SELECT state, tenant, lane FROM inbox WHERE place = '{place.key}'"
    await until(lambda: len(rows := hall.rows(query)) >= events and "waiting" not in [one for one, *_ in rows])
    lanes = {Lane(str(tenant), str(lane)) for _, tenant, lane in hall.rows(query)}
    await until(lambda: not any(hall.mail.unsent(lane) for lane in lanes) and not hall.mail.previewed)


def told(hall: Hall, place: Place) -> list[Parcel]:
    return [one for one in hall.channel.got if one.place == place]


async def partnership(hall: Hall, jobs: Jobs, group: Place, *commands: str) -> None:
    """Let 佐藤 and Lee have a partnership in a group, led by 田中, who gives some commands."""
    for who in (SATO, LEE, TANAKA):
        hall.directory.meet("default", who)
    await jobs.receive(hall.happens.event(TANAKA, group, kind="arranged", form=SETUP))
    await settled(hall, group)
    for number, command in enumerate(commands):
        await jobs.receive(hall.happens.said(TANAKA, command, group))
        await settled(hall, group, 2 + number)


def privately(hall: Hall, who: Account, words: str, group: Place) -> Event:
    """Return a word to the bot alone, about the partnership of a group."""
    return hall.happens.private(who, words, form={"room": (group.key,)})


async def test_an_answer_is_seen_while_it_is_made_and_then_takes_the_place_of_its_beginnings(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    coached(hall, Writer(seen_first(hall)))
    asked = hall.happens.said(SATO, "@nakodo 費用", group)
    await jobs.receive(asked)
    await settled(hall, group)
    sentences = [f"費用の{number}文目。" for number in range(3)]
    assert shows(hall).saw(group) == ["".join(sentences[: number + 1]) for number in range(3)]
    (answer,) = told(hall, group)
    first = shows(hall).seen[0]
    assert answer.shown == f"spot-{first.parcel.id}"
    assert (first.asker, first.parcel.answers) == (asked.account, asked.message)
    assert (first.parcel.place, first.parcel.account) == (answer.place, answer.account)
    assert first.parcel.id != answer.id
    assert answer.reply.text == "".join(sentences) + "\n出典: §5(3)"
    assert hall.rows("SELECT * FROM previews") == []
    assert shows(hall).taken_back == []


async def test_what_is_answered_in_private_is_seen_by_who_asked_alone(hall: Hall, jobs: Jobs, group: Place) -> None:
    await partnership(hall, jobs, group)
    coached(hall, Writer(seen_first(hall)))
    asked = privately(hall, LEE, SECRET, group)
    await jobs.receive(asked)
    await settled(hall, direct(LEE))
    assert len(shows(hall).seen) == 3
    assert {(one.parcel.place, one.parcel.account, one.parcel.aside) for one in shows(hall).seen} == {
        (None, asked.account, None)
    }
    (answer,) = [one for one in hall.channel.got if SECRET in one.reply.text]
    assert (answer.place, answer.account) == (None, asked.account)
    assert answer.shown == f"spot-{shows(hall).seen[0].parcel.id}"


@pytest.mark.parametrize("command", ["/mode review", "/mode quiet", "/takeover"])
async def test_where_the_human_wants_to_see_or_to_speak_first_nothing_is_shown(
    hall: Hall, jobs: Jobs, group: Place, command: str
) -> None:
    await partnership(hall, jobs, group, command)
    writer = Writer()
    coached(hall, writer)
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用は?", group))
    await jobs.receive(privately(hall, LEE, "図面は?", group))
    await settled(hall, group, 3)
    await settled(hall, direct(LEE))
    assert shows(hall).seen == []
    assert [aloud for aloud in writer.heard if aloud is not None] == []


async def test_who_leads_sees_what_is_made_for_them_in_review_too(hall: Hall, jobs: Jobs, group: Place) -> None:
    await partnership(hall, jobs, group, "/mode review")
    coached(hall, Writer(seen_first(hall)))
    await jobs.receive(privately(hall, TANAKA, "進め方は?", group))
    await settled(hall, direct(TANAKA))
    assert {one.parcel.account for one in shows(hall).seen} == {TANAKA}


async def test_a_human_who_takes_over_meanwhile_finds_nothing_of_the_bots_there(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    await partnership(hall, jobs, group)
    loop = asyncio.get_running_loop()

    def take_over(text: str) -> None:
        if "の2文目" in text:
            threading.Event().wait(2 * PACE)
            return
        seen_first(hall)(text)
        if "の1文目" in text:
            taking_over = jobs.receive(hall.happens.said(TANAKA, "/takeover", group))
            asyncio.run_coroutine_threadsafe(taking_over, loop).result()

    coached(hall, Writer(take_over))
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", group))
    await settled(hall, group, 3)
    assert len(shows(hall).saw(group)) == 2, "once they have said so, nothing more of it is shown"
    assert shows(hall).taken_back == [f"spot-{shows(hall).seen[0].parcel.id}"]
    assert not [one for one in told(hall, group) if one.reply.kind == "answer"]


async def test_what_is_older_goes_out_first_and_so_nothing_is_shown_before_it(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    lane = Lane("default", f"lobby:{group.key}")
    older = Parcel(id=f"older in {group.key}", tenant="default", channel="slack", place=group, reply=BEGUN)
    hall.mail.send_also(lane, [older], "")

    def let_it_be_seen(_text: str) -> None:
        threading.Event().wait(PACE)

    coached(hall, Writer(let_it_be_seen))
    await jobs.receive(hall.happens.said(LEE, "@nakodo 費用", group))
    await settled(hall, group)
    assert [one.id == older.id for one in told(hall, group)] == [True, False]
    assert shows(hall).seen == []


async def test_before_what_else_must_be_said_first_nothing_is_shown(hall: Hall, jobs: Jobs, group: Place) -> None:
    writer = Writer()
    coached(hall, writer)
    long_ago = hall.clock() - timedelta(hours=3)
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用は?", group, at=long_ago))
    await settled(hall, group)
    assert [one.reply.kind for one in told(hall, group)] == ["notice", "answer"]
    assert (shows(hall).seen, writer.heard) == ([], [None])


FAULTS = (RefusedError("no_stream"), NotSentError("busy"), UnclearError("lost"), ZeroDivisionError(SECRET))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: type(one).__name__)
async def test_what_goes_wrong_with_showing_stays_there_and_is_logged_without_words(
    hall: Hall, jobs: Jobs, group: Place, fault: Exception
) -> None:
    coached(hall, Writer())
    shows(hall).faults.append(fault)
    with capture_logs() as logs:
        await jobs.receive(hall.happens.said(SATO, f"@nakodo {SECRET}", group))
        await settled(hall, group)
    assert len(told(hall, group)) == 1
    assert shows(hall).saw(group) == []
    assert [one for one in logs if one["event"] == "not shown"]
    assert SECRET not in str(logs)


async def test_a_channel_that_hangs_keeps_no_turn_waiting_and_the_answer_not_for_long(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    shows(hall).slow = asyncio.Event()
    coached(hall, Writer(lambda text: seen_first(hall)(text) if "の1文目" not in text else None))
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", group))
    await settled(hall, group)
    assert len(shows(hall).saw(group)) == 1
    assert shows(hall).cut_off == 1
    assert told(hall, group)[0].shown == f"spot-{shows(hall).seen[0].parcel.id}"


async def test_who_speaks_after_the_answer_is_not_heard(hall: Hall, jobs: Jobs, group: Place) -> None:
    writer = Writer(seen_first(hall))
    coached(hall, writer)
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", group))
    await settled(hall, group)
    (aloud,) = writer.heard
    assert aloud is not None
    aloud("遅れてきた言葉。")
    await jobs.receive(hall.happens.said(LEE, "@nakodo 図面", group))
    await settled(hall, group, 2)
    assert "遅れてきた" not in str(shows(hall).seen)
    assert hall.rows("SELECT * FROM previews") == []


async def test_a_turn_that_is_tried_again_begins_by_taking_back_what_it_had_shown(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    coached(hall, Writer(seen_first(hall), fails=1))
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", group))
    await settled(hall, group)
    spot = f"spot-{shows(hall).seen[0].parcel.id}"
    assert shows(hall).taken_back == [spot]
    assert [one.shown for one in told(hall, group)] == [spot]


async def test_a_turn_that_never_succeeds_leaves_nothing_standing(hall: Hall, jobs: Jobs, group: Place) -> None:
    coached(hall, Writer(fails=99))
    await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", group))
    await settled(hall, group)
    assert [one.reply.kind for one in told(hall, group)] == ["notice"]
    shown = {f"spot-{one.parcel.id}" for one in shows(hall).seen}
    assert shown <= set(shows(hall).taken_back)


async def test_what_cannot_be_taken_back_now_is_taken_back_in_the_next_minute(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    lane = Lane("default", f"lobby:{group.key}")
    answering = Answering(lane, 1)
    await jobs.receive(hall.happens.said(SATO, "@nakodo /help", group))
    await settled(hall, group)
    shows(hall).stubborn += [NotSentError("busy"), UnclearError("lost"), RefusedError("gone")]
    hall.mail.note_preview(answering, told(hall, group)[0], "spot")
    for left in (True, True, False):
        await jobs.sweep(hall.clock())
        assert hall.mail.previewed is left
    assert shows(hall).taken_back == []


async def test_what_an_earlier_life_has_shown_goes_with_the_answer_of_this_one(
    hall: Hall, jobs: Jobs, group: Place
) -> None:
    event = hall.happens.said(SATO, "@nakodo 費用", group)
    lane = hall.reception.lane_of(event)
    number = hall.mail.receive(event, lane)
    assert number is not None
    begun = Parcel(id="x", tenant="default", channel="slack", place=group, reply=BEGUN)
    hall.mail.note_preview(Answering(lane, number), begun, "spot-of-old")
    hall.mail._known = None  # It knows nothing, as at a start.
    coached(hall, EchoCoach())
    await jobs.sweep(hall.clock(), every=True)
    await settled(hall, group)
    assert [(one.reply.text, one.shown) for one in told(hall, group)] == [("echo: 費用", "spot-of-old")]
    assert shows(hall).taken_back == []


async def test_with_a_model_more_rooms_than_cores_can_wait_for_it(hall: Hall, jobs: Jobs) -> None:
    together = threading.Barrier(THINKERS + 3)

    class Patient(EchoCoach):
        def answer(
            self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (), **_how: object
        ) -> Answer:
            together.wait(PATIENT)
            return super().answer(question, locale=locale, situation=situation, history=history)

    coached(hall, Patient())
    groups = [Place(key=f"slack:T1:G{next(NUMBERS)}") for _ in range(THINKERS + 3)]
    for one in groups:
        await jobs.receive(hall.happens.said(SATO, "@nakodo 費用", one))
    for one in groups:
        await settled(hall, one)
    assert all(len(told(hall, one)) == 1 for one in groups)


async def test_a_relay_drops_what_comes_in_between_and_keeps_its_pace() -> None:
    loop = asyncio.get_running_loop()
    carried: list[tuple[float, str]] = []
    first = asyncio.Event()

    async def carry(text: str) -> None:
        carried.append((loop.time(), text))
        first.set()

    relay = Relay(loop, 0.0, carry)
    speaking = threading.Thread(target=lambda: [relay(str(number)) for number in range(2_000)])
    speaking.start()
    await first.wait()
    await until(lambda: carried[-1][1] == "1999")
    await relay.close()
    speaking.join()
    relay("too late")
    await asyncio.sleep(0)
    assert len(carried) < 10
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(carried)]
    assert all(gap >= PACE * 0.9 for gap in gaps)
    assert carried[-1][1] == "1999"


async def test_a_relay_into_a_loop_that_has_ended_is_silence() -> None:
    loop = asyncio.new_event_loop()
    relay = Relay(loop, 0.0, lambda _: asyncio.sleep(0))
    loop.close()
    relay("anybody?")
    await relay.close()


async def test_without_a_model_nobody_hears_and_the_house_is_as_ever(tmp_path: Path) -> None:
    hall = open_hall(tmp_path)
    hall.channels["slack"] = ShowingChannel()
    writer = Writer()
    coached(hall, writer)
    assert (hall.reception.models, hall.reception.aloud) == (False, None)
    assert len(hall.hears(hall.happens.said(SATO, "@nakodo 費用"))) == 1
    assert (writer.heard, shows(hall).seen) == ([None], [])
    hall.store.close()
