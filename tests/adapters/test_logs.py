"""What is logged names things and counts them; nothing that people wrote is in it, whatever raises."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog

from adapters import logs
from adapters.logs import ALLOWED

ROOT = Path(__file__).parents[2]
SECRET = "原価は八百円でございます"


def alone(home: Path, script: str) -> str:
    """Run a script in a process of its own, with logging set up, and return all that it printed."""
    start = f"import sys\nfrom adapters.logs import set_up\nset_up()\nSECRET = {SECRET!r}\n"
    command = [sys.executable, "-c", start + script, str(home)]
    ran = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def sieved(**fields: object) -> dict[str, Any]:
    return dict(logs._sieve(None, "info", dict(fields)))


# The sieve


def test_known_fields_pass_and_others_leave_their_name() -> None:
    assert sieved(event="sent", length=9, text=SECRET, who="佐藤") == {
        "event": "sent", "length": 9, "hidden": ["text", "who"],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["text", "words", "message", "reply", "who", "name", "exception", "stack"])
def test_no_field_that_holds_what_people_wrote_is_known(name: str) -> None:
    assert name not in ALLOWED


@pytest.mark.parametrize("words", [True, ValueError(SECRET), (ValueError, ValueError(SECRET), None)])
def test_of_an_exception_nothing_is_printed(words: object) -> None:
    assert SECRET not in json.dumps(sieved(event="failed", exc_info=words), default=str, ensure_ascii=False)


@pytest.mark.parametrize("name", ["reason", "error", "where"])
def test_a_known_field_that_holds_a_whole_object_is_not_printed_with_its_words(name: str) -> None:
    assert SECRET not in json.dumps(sieved(event="failed", **{name: ValueError(SECRET)}), default=repr)


def test_of_a_librarys_words_only_its_name_and_their_kind_remain() -> None:
    record = logging.LogRecord(
        "lib.part", logging.ERROR, "f.py", 7, SECRET, (), (ValueError, ValueError(SECRET), None)
    )
    with structlog.testing.capture_logs() as found:
        logs._Names().emit(record)
    assert found == [
        {"event": "library", "where": "lib.part", "line": 7, "kind": "ValueError", "log_level": "warning"}
    ]


# A whole process


def test_a_line_is_an_object_on_standard_error_with_its_time(tmp_path: Path) -> None:
    script = "import structlog\nstructlog.get_logger('x').info('sent', length=3, text=SECRET)"
    [line] = lines(alone(tmp_path, script))
    assert (line["event"], line["level"], line["length"], line["hidden"]) == ("sent", "info", 3, ["text"])
    assert line["timestamp"].endswith("Z")


LIBRARY = """
import logging
logging.getLogger("some.library").error("cannot parse %s", SECRET)
try:
    raise ValueError(SECRET)
except ValueError:
    logging.getLogger("some.library").exception("failed on " + SECRET)
"""
TASK = """
import asyncio

async def main():
    task = asyncio.get_running_loop().create_task(falls())
    await asyncio.wait([task])
    del task

async def falls():
    raise ValueError(SECRET)

asyncio.run(main())
"""
THREAD = """
import threading
thread = threading.Thread(target=lambda: int(SECRET))
thread.start()
thread.join()
"""
WARNING = """
import warnings
warnings.warn(SECRET)
"""


@pytest.mark.parametrize(
    ("script", "where"), [(LIBRARY, "some.library"), (TASK, "asyncio"), (THREAD, ""), (WARNING, "py.warnings")],
    ids=["library", "task", "thread", "warning"],
)  # fmt: skip
def test_whoever_complains_says_that_and_not_what(tmp_path: Path, script: str, where: str) -> None:
    printed = alone(tmp_path, script)
    assert SECRET not in printed
    assert not where or where in {one["where"] for one in lines(printed)}


ROAD = """
import asyncio
from pathlib import Path
from adapters.post import File, NotSentError, Place
from bot.turn import House
from tests.adapters.memory import *
from tests.fakes import ScriptedEar, no_sources

async def main():
    hall = open_hall(Path(sys.argv[1]))
    hall.sets_up()
    coach = Stumbling({SECRET: 1})
    hall.houses.append(House(coach, ScriptedEar(), no_sources))
    hall.channel.troubles = [
        not_sent(), unclear(arrives=True), refused("is_archived"), Trouble(RuntimeError(SECRET)),
        refused(unreachable=True),
    ]
    hall.channel.files["F1"] = SECRET.encode()
    jobs = open_jobs(hall)
    await jobs.start()
    say = hall.happens
    await jobs.receive(say.said(SATO, "@nakodo " + SECRET, files=[File(name=SECRET + ".txt", ref="F1")]))
    await until(lambda: hall.mail.counts().waiting == 0)
    doomed = say.said(SATO, "@nakodo " + SECRET, Place(key="slack:T1:C7"))
    hall.arrives(doomed)
    for _ in range(9):  # As if the house had died over it again and again.
        hall.mail.take(hall.reception.lane_of(doomed))
    for number in range(4):
        await jobs.receive(say.said(LEE, "@nakodo " + SECRET, Place(key=f"slack:T1:C{number + 7}")))
        await jobs.receive(say.private(account(90 + number, SECRET), SECRET))
    await until(lambda: hall.mail.counts().waiting == 0)
    await until(lambda: not hall.channel.troubles)
    await jobs.stop()
    hall.store.close()

asyncio.run(main())
"""


def test_a_road_on_which_everything_fails_prints_nothing_that_people_wrote(tmp_path: Path) -> None:
    printed = alone(tmp_path, ROAD)
    assert SECRET not in printed
    assert SECRET.encode("unicode_escape").decode() not in printed
    events = {one["event"] for one in map(json.loads, printed.splitlines())}
    assert {"received", "sent", "not sent", "refused", "failed", "put aside"} <= events
