"""A house in a process of its own: starting, looking into it, ending it."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.contracts.light import GATE, THINKING

ROOT = Path(__file__).parents[2]
LONG_ENOUGH = 45.0
"""Seconds; only a broken house takes so long, or a machine that is very busy."""
T = TypeVar("T")


def until(true: Callable[[], T], what: str = "", timeout: float = LONG_ENOUGH) -> T:
    """Wait until something is true, and return it."""
    end = time.monotonic() + timeout
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError(what or f"still not so after {timeout} s")
        threading.Event().wait(0.03)
    return found


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Running:
    """`nakodo serve`, light; a context manager. What it prints is kept, over restarts too."""

    def __init__(self, home: Path, settings: Mapping[str, str], port: int | None = None) -> None:
        self.home, self.port = home, port or free_port()
        self._settings = dict(settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()  # That it closes well is a test of its own; here it only takes time.

    def start(self) -> None:
        ours = ("NAKODO_", "SLACK_", "TELEGRAM_")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        more = {"NAKODO_HOME": str(self.home), "NAKODO_PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        with (self.home / "stderr").open("ab") as errors, (self.home / "stdout").open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.contracts.light"],
                env=plain | more | self._settings,
                cwd=self.home,
                stderr=errors,
                stdout=out,
            )
        until(self._is_up, "the house does not come up")

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"the house fell down: {self.printed()[-2_000:]}")
        return self.get("/health")[0] == 200

    def stop(self) -> int | None:
        """Ask it to close, and wait."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.terminate()
        try:
            return process.wait(LONG_ENOUGH)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def kill(self) -> None:
        """End it as a power cut does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"{}")
        except OSError:
            return 0, {}

    def ready(self) -> dict[str, Any]:
        return self.get("/ready")[1]

    def refused(self, channel: str) -> dict[str, int]:
        """Return what a channel did not let in."""
        return dict(self.ready()["refused"][channel])

    def settle(self) -> None:
        """Wait until all that came in is handled and all that goes out is out."""
        until(lambda: self._is_quiet() and self._is_quiet(), "the house does not come to rest")

    def _is_quiet(self) -> bool:
        post = self.ready().get("post") or {"waiting": 1, "unsent": 1}
        return not post["waiting"] and not post["unsent"]

    # Looking inside

    def printed(self) -> str:
        return "".join(
            path.read_text(errors="replace") for name in ("stderr", "stdout") if (path := self.home / name).exists()
        )

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.home / "nakodo.db", timeout=20)) as database:
            return database.execute(query, values).fetchall()

    def holding(self, words: str) -> list[str]:
        """Return the tables in which words stand, in both databases."""
        found = []
        for file in ("nakodo.db", "jobs.db"):
            with closing(sqlite3.connect(self.home / file, timeout=20)) as database:
                tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in tables:
                    rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
                    if any(_says(value, words) for row in rows for value in row):
                        found.append(f"{file}:{table}")
        return found

    # Holding the coach up

    def shut_gate(self) -> None:
        (self.home / THINKING).unlink(missing_ok=True)
        (self.home / GATE).touch()

    def open_gate(self) -> None:
        (self.home / GATE).unlink(missing_ok=True)

    def wait_for_thought(self) -> None:
        until((self.home / THINKING).exists, "nobody begins to think")


def _says(value: object, words: str) -> bool:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return words in text or words.encode("unicode_escape").decode() in text
