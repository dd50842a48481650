"""A Nakodo in a process of its own: started, killed, started again, and always ended.

What it imports takes longer than what it does, so all are forked off a process that has imported it already.
"""

import atexit
import json
import multiprocessing
import os
import random
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psutil

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something will not happen any more; the machine may be busy with other things."""
T = TypeVar("T")


class Nakodo:
    """Keeps one home and one port over all its lives. `names` are settings, beside NAKODO_HOME and NAKODO_PORT."""

    def __init__(self, home: Path, names: Mapping[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.port = home, free_port()
        self.names = {"NAKODO_HOME": str(home), "NAKODO_PORT": str(self.port), **names}
        self._process: BaseProcess | None = None
        self.lives = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote to standard error, in all its lives."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> Self:
        """Start, without waiting for anything."""
        if self.lives_now:
            raise RuntimeError("it lives")
        self.lives += 1
        # Not a daemon, for those may have no children. So it is for us to end it, before anybody waits for it.
        self._process = _nursery().Process(target=_live, args=(self.names, self.home), daemon=False)
        atexit.register(self.kill)
        self._process.start()
        return self

    def up(self, timeout: float = PATIENCE) -> Self:
        """Wait until it serves."""
        until(lambda: self.asked("/health") or not self.lives_now, timeout, lambda: f"not up: {self.log[-2000:]}")
        if not self.lives_now:
            raise RuntimeError(f"it ended with {self.code}: {self.log[-2000:]}")
        return self

    def asked(self, path: str) -> Any:
        """Return what it answers at an address; None if it does not answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return json.load(answer)
        except OSError:
            return None

    @property
    def lives_now(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.is_alive()

    @property
    def code(self) -> int | None:
        """How it ended, -9 if it was killed; None while it runs."""
        return self._process.exitcode if self._process else None

    def ended(self, timeout: float = PATIENCE) -> int:
        """Wait until it has ended, and return how."""
        until(lambda: not self.lives_now, timeout, lambda: f"it lives on: {self.log[-2000:]}")
        code = self.code
        assert code is not None
        return code

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def stop(self) -> int:
        """Ask it to stop, and return how it ended."""
        self.tell(signal.SIGTERM)
        return self.ended()

    def kill(self) -> None:
        """Kill it, if it lives."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        atexit.unregister(self.kill)

    def beside(self) -> psutil.Process | None:
        """Return the process that takes turns beside it, if there is one just now."""
        if self._process is None:
            return None
        try:
            children = psutil.Process(self._process.pid).children()
            return next((one for one in children if "spawn_main" in " ".join(one.cmdline())), None)
        except psutil.NoSuchProcess:
            return None


def environment(names: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | dict(names)


_OURS = ("NAKODO_", "SLACK_", "TELEGRAM_", "DIE_AT", "BESIDE")


@cache
def _nursery() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.kill.house"])
    return context


def _live(names: dict[str, str], home: Path) -> None:
    """Be a process of its own."""
    from tests.kill.house import main

    log = os.open(home / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    os.chdir(home)  # Where no .env of the developer's is.
    wanted = environment(names)
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
    main()


def until(true: Callable[[], T | None], timeout: float = PATIENCE, what: Callable[[], object] = lambda: "") -> T:
    """Wait until something is true, and return it."""
    end, beat = time.monotonic() + timeout, threading.Event()
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError(f"still not true after {timeout} s. {what()}")
        beat.wait(0.03)
    return found


def free_port() -> int:
    """Return a port that nobody uses, and that no connection will be given while we are down."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
