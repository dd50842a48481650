"""A process beside this one that takes turns, hears and answers, so that both cores work.

Python lets one thread of a process compute at a time. What becomes of a message is more than half of the work that
is done for it, so in `nakodo serve` that happens next door: it hears the message, finds the answer, and writes both
down in one transaction. Who takes events in, sends, and shows pages is not kept waiting. What is next door holds
nothing that is not written down: if it dies, another takes its place.
"""

import asyncio
import atexit
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import count
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import structlog

from bot.errors import KnowledgeError, StoreError, ThinkingError
from bot.model import Answer, Asker, Said, Situation
from bot.ports import NOBODY, Aloud
from bot.settings import Settings
from knowledge.card import Locale
from knowledge.ear import Hearing, Words

if TYPE_CHECKING:
    from adapters.files import Read
    from adapters.services.store import Lane, Taken

AT_ONCE = 2
"""Tasks at once: while one waits for the database or computes outside of Python, the other goes on."""
Tasks = Mapping[str, Callable[..., Any]]
Build = Callable[[Settings], Tasks]
log = structlog.get_logger(__name__)


class Turns(Protocol):
    """What takes turns: a reception in this process, or the process beside it."""

    async def handle(self, taken: "Taken", now: datetime, read: "Mapping[str, Read]") -> None:
        """Do what an event asks for and write down what came of it."""
        ...

    async def pass_time(self, lane: "Lane", now: datetime) -> None:
        """Let time pass in a room, and write down what came of it."""
        ...


class _Task(NamedTuple):
    number: int
    name: str
    what: tuple[Any, ...]
    how: dict[str, Any]


class _Done(NamedTuple):
    number: int
    found: Any = None
    failed: str = ""
    """The kind of error; its words may quote what it was given."""
    told: tuple[bool, str, str, str] | None = None
    """What can be told of it: whether it is about the database, what happened, where, and what to do."""


class DiedError(ThinkingError):
    """The process ended before it was done; or when it was, and could not say so any more."""

    def __init__(self) -> None:
        super().__init__("the process that thinks died over it")


def worthwhile() -> bool:
    """Return whether there is a core for it."""
    return len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)) > 1


class Beside:
    """The process next door: a coach, an ear, and what takes turns. It starts when it is first asked.

    `build` makes there what does the tasks; it must be found by its name.
    """

    def __init__(self, settings: Settings, build: Build | None = None) -> None:
        self._settings, self._build = settings, build or _tasks
        self._lock = Lock()
        self._neighbour: _Neighbour | None = None

    def hear(self, words: Words) -> Hearing:
        """Return what is heard in a message."""
        heard: Hearing = self._whatever("hear", words)
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
        answer: Answer = self._whatever("answer", question, **how)
        return answer

    async def handle(self, taken: "Taken", now: datetime, read: "Mapping[str, Read]") -> None:
        """Do what an event asks for and write down what came of it (`Reception.handle`).

        Raises:
            StoreError: it could not be written down.
            DiedError: the process died, and it may have been written down or not.
            ThinkingError: anything else went wrong.
        """
        await self._awaited("handle", taken, now, dict(read))

    async def pass_time(self, lane: "Lane", now: datetime) -> None:
        """Let time pass in a room, and write down what came of it (`Reception.pass_time`).

        Raises:
            StoreError: it could not be written down.
            ThinkingError: anything else went wrong, or the process died (DiedError).
        """
        await self._awaited("pass_time", lane, now)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            neighbour, self._neighbour = self._neighbour, None
        atexit.unregister(self.close)
        if neighbour is not None:
            neighbour.close()

    def _whatever(self, name: str, *what: Any, **how: Any) -> Any:
        """Ask for what changes nothing; whoever dies over it is asked once more."""
        try:
            return _found(self._next_door().ask(name, what, how).result())
        except DiedError:
            return _found(self._next_door().ask(name, what, how).result())

    async def _awaited(self, name: str, *what: Any) -> None:
        neighbour = await asyncio.to_thread(self._next_door) if self._gone() else self._next_door()
        _found(await asyncio.wrap_future(neighbour.ask(name, what, {})))

    def _gone(self) -> bool:
        return self._neighbour is None or self._neighbour.dead

    def _next_door(self) -> "_Neighbour":
        """Return the process; one that died is replaced."""
        with self._lock:
            if self._gone() or self._neighbour is None:
                if self._neighbour is not None:
                    log.warning("the process beside died, another takes its place")
                    self._neighbour.close()
                else:  # Before multiprocessing waits for whom nobody has told that it is over.
                    atexit.register(self.close)
                self._neighbour = _Neighbour(self._settings, self._build)
            return self._neighbour


class _Neighbour:
    """One process, and the line to it. Tasks go by number, so that a long one keeps no other waiting."""

    def __init__(self, settings: Settings, build: Build) -> None:
        # A fresh one, for this one's threads and locks must not be copied.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=think, args=(theirs, settings, build), name="thinker", daemon=True)
        self._process.start()
        theirs.close()
        self._numbers, self._lock = count(1), Lock()
        self._open: dict[int, Future[_Done]] = {}
        self.dead = False
        Thread(target=self._listen, name="beside", daemon=True).start()

    def ask(self, name: str, what: tuple[Any, ...], how: dict[str, Any]) -> "Future[_Done]":
        """Give it a task and return what will be its result, or the error that it died."""
        waiting: Future[_Done] = Future()
        waiting.set_running_or_notify_cancel()  # Whoever stops waiting for it does not stop it.
        with self._lock:
            task = _Task(next(self._numbers), name, what, how)
            if self.dead:
                waiting.set_exception(DiedError())
                return waiting
            try:
                self._line.send(task)
            except OSError:
                waiting.set_exception(DiedError())
                return waiting
            self._open[task.number] = waiting
        return waiting

    def close(self) -> None:
        """End it."""
        with self._lock:
            self.dead = True
        self._process.kill()  # It holds nothing, and a transaction under way is taken back.
        self._process.join()

    def _listen(self) -> None:
        while True:
            try:
                done: _Done = self._line.recv()
            except (EOFError, OSError):
                break
            with self._lock:
                waiting = self._open.pop(done.number)
            waiting.set_result(done)
        with self._lock:
            self.dead = True
            left = list(self._open.values())
            self._open.clear()
            self._line.close()
        for waiting in left:
            waiting.set_exception(DiedError())


def _found(done: _Done) -> Any:
    """Return what was found, or raise what went wrong."""
    if done.told is not None:
        store, happened, where, remedy = done.told
        raise (StoreError if store else ThinkingError)(happened, where=where, remedy=remedy)
    if done.failed:
        raise ThinkingError(f"thinking failed ({done.failed})")
    return done.found


def think(line: Connection, settings: Settings, build: Build) -> None:
    """Do what is asked on a line, until nobody is left at its other end; then end at once, whatever is under way."""
    import signal

    from adapters import logs

    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_IGN)  # They are meant for the other process, which ends this one.
    if hasattr(os, "nice"):
        os.nice(5)  # When there is too much for all, who takes events in comes first: a platform waits for that.
    logs.set_up()
    tasks = _once(settings, build)
    answering = Lock()

    def do(task: _Task) -> None:
        done = _done(task, tasks)
        try:
            with answering:
                line.send(done)
        except OSError:
            os._exit(0)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        while True:
            try:
                task = line.recv()
            except (EOFError, OSError):
                os._exit(0)
            threads.submit(do, task)


def _once(settings: Settings, build: Build) -> Callable[[], Tasks]:
    """Return what builds the tasks for the first of them; where that fails, anew for the next.

    So whoever asks is told why, and nobody who tells of a task has to wait until they are built.
    """
    built: list[Tasks] = []
    building = Lock()

    def tasks() -> Tasks:
        with building:
            if not built:
                built.append(build(settings))
            return built[0]

    return tasks


def _tasks(settings: Settings) -> Tasks:
    """Build what does the tasks, and load what the first of them needs."""
    import gc

    from adapters.reception import Reception
    from adapters.services.store import Directory, Mail
    from adapters.wiring import Nakodo

    nakodo = Nakodo(settings.model_copy(update={"second_process": False}), many=True)
    engine = nakodo.store.engine
    reception = Reception(nakodo.store, Directory(engine), Mail(engine), nakodo.house_of, settings)
    nakodo.ear.hear(Words("こんにちは"))
    nakodo.search.find("NDA")
    gc.collect()
    gc.freeze()
    return {
        "hear": nakodo.ear.hear,
        "answer": nakodo.playbook.answer,
        "handle": reception.handle,
        "pass_time": reception.pass_time,
    }


def _done(task: _Task, tasks: Callable[[], Tasks]) -> _Done:
    from adapters.logs import where

    try:
        return _Done(task.number, tasks()[task.name](*task.what, **task.how))
    except (StoreError, KnowledgeError) as error:
        told = (isinstance(error, StoreError), error.what, error.where, error.remedy)
        return _Done(task.number, told=told)
    except Exception as error:
        log.warning("failed", error=where(error))
        return _Done(task.number, failed=type(error).__name__)
