"""The process beside takes turns, hears and answers as this one would, and its death costs nobody an answer."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from adapters.beside import Beside, Tasks
from adapters.files import Read
from adapters.post import Account, Event, Place
from adapters.reception import Reception
from adapters.services.store import Directory, Lane, Mail, Taken
from adapters.services.store.engine import FILE
from adapters.wiring import Nakodo
from bot.errors import StoreError, ThinkingError
from bot.model import Situation, Text
from bot.settings import Settings
from knowledge.ear import Words
from knowledge.errors import WeightsError

QUESTION = "秘密保持契約は、いつ結べばいいですか。"
SAID = Words(text="図面はまだ見せられませんが、加工の条件はこうです。", stage="exploration")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), embeddings="none")


@pytest.fixture
def beside(settings: Settings) -> Iterator[Beside]:
    beside = Beside(settings)
    yield beside
    beside.close()


class Desk:
    """The house in this process: what the process beside writes is read here."""

    def __init__(self, settings: Settings) -> None:
        self.nakodo = Nakodo(settings)
        engine = self.nakodo.store.engine
        self.mail = Mail(engine)
        self.reception = Reception(self.nakodo.store, Directory(engine), self.mail, self.nakodo.house_of, settings)

    def takes(self, number: int, text: str = QUESTION) -> Taken:
        """Let somebody ask in private, and return it as what is to be handled."""
        who, place = Account(key=f"slack:T1:U{number}", name="佐藤", locale="ja"), f"slack:T1:D{number}"
        event = Event(
            channel="slack", id=f"E{number}", kind="said", message=f"M{number}", at=datetime.now(UTC),
            place=Place(key=place, direct=True), account=who, text=text,
        )  # fmt: skip
        lane = self.reception.lane_of(event)
        self.mail.receive(event, lane)
        taken = self.mail.take(lane)
        assert taken is not None
        return taken

    def said(self, taken: Taken) -> list[str]:
        return [one.reply.text for one in self.mail.said_to(taken.lane, taken.sequence)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(Settings(home=tmp_path, embeddings="none"))
    yield desk
    desk.nakodo.store.close()


@pytest.fixture
def neighbour(desk: Desk) -> Iterator[Beside]:
    beside = Beside(desk.nakodo.settings)
    yield beside
    beside.close()


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


def test_it_hears_and_answers_as_this_process_would(beside: Beside, settings: Settings) -> None:
    here = Nakodo(settings)
    how = {"locale": "ja", "situation": Situation()}
    assert beside.answer(QUESTION, **how) == here.playbook.answer(QUESTION, **how)  # type: ignore[arg-type]
    assert beside.hear(SAID) == here.ear.hear(SAID)


def test_another_takes_its_place_when_it_dies(beside: Beside) -> None:
    before = beside.hear(SAID)
    [process] = children()
    process.kill()
    process.wait(10)
    assert beside.hear(SAID) == before


def test_what_fails_there_is_told_here_without_the_words(beside: Beside) -> None:
    with pytest.raises(ThinkingError) as caught:
        beside.hear("図面" * 3)  # type: ignore[arg-type]
    assert "AttributeError" in str(caught.value)
    assert "図面" not in str(caught.value)
    assert beside.hear(SAID) is not None


async def test_it_takes_turns_as_this_process_would(desk: Desk, neighbour: Beside) -> None:
    mine, theirs = desk.takes(1), desk.takes(2)
    desk.reception.handle(mine, datetime.now(UTC))
    await neighbour.handle(theirs, datetime.now(UTC), {})
    assert desk.said(theirs) == desk.said(mine) != []
    assert desk.mail.take(theirs.lane) is None


async def test_what_the_database_says_there_is_told_here(desk: Desk, neighbour: Beside) -> None:
    taken = desk.takes(1)
    with closing(sqlite3.connect(desk.nakodo.settings.home / FILE)) as raw:
        raw.execute("ALTER TABLE outbox RENAME TO elsewhere")
    with pytest.raises(StoreError) as caught:
        await neighbour.handle(taken, datetime.now(UTC), {})
    assert "outbox" in str(caught.value)
    assert QUESTION not in str(caught.value)
    assert desk.mail.take(taken.lane) is not None


async def test_a_turn_in_which_it_dies_is_not_taken_twice_unasked(desk: Desk, neighbour: Beside) -> None:
    neighbour.hear(SAID)
    [process] = children()
    process.suspend()
    taken = desk.takes(1)
    turn = asyncio.create_task(neighbour.handle(taken, datetime.now(UTC), {}))
    await asyncio.sleep(0)
    process.kill()
    with pytest.raises(ThinkingError):
        await turn
    again = desk.mail.take(taken.lane)
    assert again is not None
    assert again.tries == 2
    await neighbour.handle(again, datetime.now(UTC), {})
    assert len(desk.said(taken)) == 1


def test_a_signal_meant_for_all_leaves_it_to_finish(beside: Beside) -> None:
    before = beside.hear(SAID)
    [process] = children()
    for one in (signal.SIGINT, signal.SIGTERM):
        os.kill(process.pid, one)
    assert beside.hear(SAID) == before
    assert [process] == children()


def broken(_settings: Settings) -> Tasks:
    raise WeightsError("belongs to other vectors", where="weights", remedy="Run make vectors")


def test_where_it_cannot_begin_it_says_why(settings: Settings) -> None:
    beside = Beside(settings, broken)
    with pytest.raises(ThinkingError, match="Run make vectors"):
        beside.hear(SAID)
    beside.close()


def late(settings: Settings) -> Tasks:
    """Fail once, as if the database were in use, then take a while to build."""
    if not (settings.home / "tried").exists():
        (settings.home / "tried").touch()
        raise StoreError("is in use", where="there", remedy="Wait")
    threading.Event().wait(1)
    return {"handle": lambda *_: None, "pass_time": lambda *_: threading.Event().wait(0.5)}


async def test_while_it_gets_ready_nobody_has_to_wait_with_what_they_hand_over(tmp_path: Path, desk: Desk) -> None:
    beside, lane, taken = Beside(Settings(home=tmp_path), late), Lane("default", "x"), desk.takes(1)
    with pytest.raises(StoreError, match="is in use"):
        await beside.pass_time(lane, datetime.now(UTC))
    large = {"file": Read("x" * 1_000_000, Text(ja="", en=""))}
    turns = [asyncio.create_task(beside.handle(taken, datetime.now(UTC), large)) for _ in range(10)]
    await asyncio.sleep(0)
    assert not any(turn.done() for turn in turns)
    await asyncio.gather(*turns)
    beside.close()


async def test_who_stops_waiting_stops_nobody_else(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "tried").touch()
    beside = Beside(Settings(home=tmp_path), late)
    slow = asyncio.create_task(beside.pass_time(Lane("default", "x"), datetime.now(UTC)))
    await asyncio.sleep(0.1)
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    async with asyncio.timeout(30):
        await beside.pass_time(Lane("default", "x"), datetime.now(UTC))
        await beside.handle(desk.takes(1), datetime.now(UTC), {})
    beside.close()


def test_it_ends_when_it_is_closed(beside: Beside) -> None:
    beside.hear(SAID)
    [process] = children()
    beside.close()
    assert not process.is_running()


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "starts.py"
    script.write_text(
        "import os, sys, psutil\n"
        "from pathlib import Path\n"
        "from adapters.beside import Beside\n"
        "from bot.settings import Settings\n"
        "from knowledge.ear import Words\n"
        "if __name__ == '__main__':\n"
        "    Beside(Settings(home=Path(sys.argv[1]), embeddings='none')).hear(Words('x'))\n"
        "    print(*(one.pid for one in psutil.Process().children() if 'spawn_main' in ' '.join(one.cmdline())))\n"
        "    sys.stdout.flush()\n"
        "    os.kill(os.getpid(), 9)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    [orphan] = map(int, done.stdout.split())
    with suppress(psutil.NoSuchProcess):
        psutil.Process(orphan).wait(10)
    assert not psutil.pid_exists(orphan)


def test_only_who_serves_many_has_one(settings: Settings) -> None:
    assert Nakodo(settings).beside is None
    assert Nakodo(settings.model_copy(update={"second_process": False}), many=True).beside is None
