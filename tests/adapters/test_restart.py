"""The house closes and opens again: nothing is lost, and nothing is done twice."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.memory import LEE, ROOM, SATO, Hall, open_hall, open_jobs, slow, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


async def test_what_waited_while_the_house_was_closed_is_done_at_the_start(hall: Hall) -> None:
    hall.hears(hall.happens.said(SATO, "@nakodo 書けたが出なかった"))  # thought, not sent
    [parcel] = hall.parcels()
    hall.mail.begin("default", parcel)  # cut off between the mark and the platform
    hall.arrives(hall.happens.said(LEE, "@nakodo 受け取っただけ"), hall.happens.private(SATO, "/record"))
    jobs = open_jobs(hall)
    await jobs.start()
    await hall.channel.has(3)
    assert hall.channel.texts()[:2] == ["echo: 書けたが出なかった", "echo: 受け取っただけ"]
    assert hall.channel.asked == [parcel]
    assert "waiting" not in hall.states()
    await jobs.stop()


async def test_what_is_under_way_when_the_house_closes_is_finished(hall: Hall) -> None:
    door = asyncio.Event()
    hall.channel.troubles = [slow(door)]
    jobs = open_jobs(hall)
    await jobs.start()
    await jobs.receive(hall.happens.said(SATO, "@nakodo NDAは?"))
    await until(lambda: len(hall.channel.tries) == 1)
    closing = asyncio.create_task(jobs.stop())
    await asyncio.to_thread(hall.mail.counts)
    door.set()
    await closing
    assert hall.mail.counts().unsent == 0
    assert len(hall.channel.got) == 1


async def test_what_comes_while_the_house_closes_is_answered_after_the_next_start(hall: Hall) -> None:
    jobs = open_jobs(hall)
    await jobs.start()
    await jobs.receive(hall.happens.said(SATO, "@nakodo 前"))
    await hall.channel.has(1)
    await jobs.stop()
    await jobs.receive(hall.happens.said(LEE, "@nakodo 後"))
    assert hall.states()[-1] == "waiting"
    again = open_jobs(hall)
    await again.start()
    await hall.channel.has(2)
    await again.stop()
    assert hall.channel.texts() == ["echo: 前", "echo: 後"]


async def test_what_lies_forgotten_is_taken_up_when_the_minute_strikes(hall: Hall) -> None:
    jobs = open_jobs(hall)
    jobs.minute = "* * * * * *"
    await jobs.start()
    hall.arrives(hall.happens.said(SATO, "@nakodo NDAは?"))
    hall.clock.on(minutes=2)
    await hall.channel.has(1)
    await jobs.stop()
    assert hall.channel.texts() == ["echo: NDAは?"]


FALLS = """
import asyncio, os, sys
from pathlib import Path
from tests.adapters.memory import SATO, open_hall, open_jobs

class Falling:
    name, tells = "slack", True
    async def send(self, parcel):
        os._exit(9)

async def main():
    hall = open_hall(Path(sys.argv[1]))
    hall.channels["slack"] = Falling()
    jobs = open_jobs(hall)
    await jobs.start()
    await jobs.receive(hall.happens.said(SATO, "@nakodo NDAは?", id="E-falls"))
    await asyncio.sleep(20)

asyncio.run(main())
"""


async def test_a_house_that_falls_while_it_sends_goes_on_where_it_was(hall: Hall) -> None:
    command = [sys.executable, "-W", "error", "-c", FALLS, str(hall.home)]
    fallen = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True)
    assert fallen.returncode == 9, fallen.stderr
    assert hall.mail.counts().unsent == 1
    jobs = open_jobs(hall)
    await jobs.start()
    [parcel] = await hall.channel.has(1)
    assert hall.channel.asked == [parcel.id]
    await until(lambda: hall.mail.counts().unsent == 0)
    await jobs.stop()
    assert hall.channel.texts() == ["echo: NDAは?"]
    assert [one.text for one in hall.scene(ROOM).heard] == ["@nakodo NDAは?"]
