"""A process beside this one that hears and answers, so that both cores work.

Python lets one thread of a process compute at a time. Hearing a message and finding its answer takes half of all that
is done for it, knows nothing but what it is handed, and hands back little: so in `nakodo serve` it happens next door,
and who takes events in, writes and sends is not kept waiting. If that process dies, another takes its place.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

import structlog

from bot.errors import ThinkingError
from bot.model import Answer, Asker, Said, Situation
from bot.ports import NOBODY, Aloud
from bot.settings import Settings
from knowledge.card import Locale
from knowledge.ear import Hearing, Words

log = structlog.get_logger(__name__)


def worthwhile() -> bool:
    """Return whether there is a core for it."""
    return len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)) > 1


class Beside:
    """The process next door: a coach and an ear, as this process sees them. It starts when it is first asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = Lock()
        self._line: Connection | None = None
        self._process: BaseProcess | None = None

    def hear(self, words: Words) -> Hearing:
        """Return what is heard in a message."""
        heard: Hearing = self._asked("hear", words)
        return heard

    def answer(
        self,
        question: str,
        *,
        locale: Locale,
        situation: Situation,
        history: Sequence[Said] = (),
        asker: Asker = NOBODY,
        aloud: Aloud | None = None,
    ) -> Answer:
        """Return the playbook's answer. It comes whole, so there is nothing to say aloud before."""
        how = {"locale": locale, "situation": situation, "history": tuple(history), "asker": asker}
        answer: Answer = self._asked("answer", question, **how)
        return answer

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._ended()

    def _asked(self, name: str, *what: Any, **how: Any) -> Any:
        with self._turn:
            try:
                good, found = self._exchange((name, what, how))
            except (EOFError, OSError):
                log.warning("the process beside died, another takes its place")
                self._ended()
                try:
                    good, found = self._exchange((name, what, how))
                except (EOFError, OSError):
                    self._ended()
                    raise ThinkingError("the process that thinks died twice over one message") from None
        if not good:
            raise ThinkingError(f"thinking failed ({found})")
        return found

    def _exchange(self, task: tuple[str, tuple[Any, ...], dict[str, Any]]) -> tuple[bool, Any]:
        line = self._line if self._line is not None else self._begun()
        line.send(task)
        good, found = line.recv()
        return good, found

    def _begun(self) -> Connection:
        """Start the process. It is a fresh one, for this one's threads and locks must not be copied."""
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=think, args=(theirs, self._settings), name="thinker", daemon=True)
        self._process.start()
        theirs.close()
        return self._line

    def _ended(self) -> None:
        line, self._line = self._line, None
        process, self._process = self._process, None
        if line is not None:
            line.close()
        if process is not None:
            process.join(timeout=1)
            if process.is_alive():
                process.kill()
                process.join()


def think(line: Connection, settings: Settings) -> None:
    """Do what is asked on a line, until nobody is left at its other end."""
    import gc
    import signal

    from adapters import logs
    from adapters.wiring import Nakodo

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is meant for the other process, which ends this one.
    logs.set_up()
    nakodo = Nakodo(settings, many=True)
    tasks: dict[str, Callable[..., Any]] = {"hear": nakodo.ear.hear, "answer": nakodo.playbook.answer}
    nakodo.ear.hear(Words("こんにちは"))
    nakodo.search.find("NDA")
    gc.collect()
    gc.freeze()
    while True:
        try:
            name, what, how = line.recv()
        except (EOFError, OSError):
            return
        try:
            found = (True, tasks[name](*what, **how))
        except Exception as error:
            log.warning("failed", error=logs.where(error))
            found = (False, type(error).__name__)
        try:
            line.send(found)
        except OSError:
            return
