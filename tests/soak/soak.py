"""What `python -m tests.soak` does. All chance is drawn from a seed; what the machine's load adds to it is not."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adapters.services.store import Mail
from adapters.services.store.engine import open_engine
from adapters.services.store.tables import InboxRow, OutboxRow
from tests.kill.rooms import RETRIES, Platform, Room, SlackPlace, TelegramPlace, heard, marked
from tests.kill.running import Nakodo, until
from tests.servers.slack import LocalSlack
from tests.servers.telegram import LocalTelegram

KILLED_AT_ONCE = 0.2
"""The share of lives that end while it is still starting."""
BESIDE = 0.5
"""The share of those that end later in which only the second process is killed, if there is one."""
TALK = 0.1
"""The share of messages that are not for the bot, in rooms that are a partnership's."""
MANY = 500
"""Messages of one room at most: so the tokens tell rooms apart."""


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    events: int = 2_000
    rooms: int = 40
    people: int = 4
    repeats: float = 0.2
    rate: float = 20.0
    kills: int | None = None
    """So many; None is as many as there is time for while people talk."""
    service: tuple[float, float] = (2.0, 6.0)
    """For how many seconds it serves until it is killed, at least and at most."""
    seed: int = 1
    socket: bool = False
    webhook: bool = False
    beside: bool = False
    """Whether a second process takes the turns; then it is killed as often as the first."""
    patience: float = 300.0


@dataclass
class Told:
    """A room, and what was said in it: tokens in their order, and which of them the bot was asked."""

    room: Room
    platform: Platform
    number: int
    partnership: bool
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


@dataclass
class Report:
    """What came of it: rows of a table, and what must not have happened."""

    rows: dict[str, object] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Return it for people."""
        width = max(map(len, self.rows))
        return "\n".join(f"{name:<{width}}  {value}" for name, value in self.rows.items())


def soak(plan: Plan, home: Path, url: str | None = None) -> Report:
    """Run, and report."""
    report, begun = Report(), time.monotonic()
    with ExitStack() as stack:
        slack = stack.enter_context(LocalSlack(retry_delays=RETRIES))
        telegram = stack.enter_context(LocalTelegram())
        platforms: list[Platform] = [
            SlackPlace(slack, socket=plan.socket),
            TelegramPlace(telegram, webhook=plan.webhook),
        ]
        names = ({"NAKODO_DATABASE_URL": url} if url else {}) | ({"BESIDE": "1"} if plan.beside else {})
        nakodo = stack.enter_context(Nakodo(home, names))
        for platform in platforms:
            nakodo.names.update(platform.names(nakodo.url))
        nakodo.start().up()
        for platform in platforms:
            platform.listen(nakodo.url)
        told = _open_rooms(plan, platforms, nakodo)
        with _killing(plan, nakodo, report):
            _talk(plan, told)
        talked = time.monotonic()
        if not nakodo.lives_now:
            nakodo.start()
        nakodo.up()
        _wait_for_the_last(plan, nakodo, told, report)
        report.rows |= {
            "seconds of talk": round(talked - begun),
            "seconds until the last answer": round(time.monotonic() - begun),
        }
        if nakodo.stop() != 0:
            report.violations.append(f"it did not stop in peace: {nakodo.code}")
        _count_answers(told, report)
        _count_rows(told, home, url, report)
        report.rows |= {"deliveries by Slack": sum(len(one.attempts) for one in slack.deliveries)}
        report.violations += [f"the local Slack is at fault: {fault!r}" for fault in slack.faults]
    return report


def _open_rooms(plan: Plan, platforms: Sequence[Platform], nakodo: Nakodo) -> list[Told]:
    """Open the rooms, in turn on each platform; every second one becomes a partnership."""
    found = []
    for number in range(plan.rooms):
        platform = platforms[number % len(platforms)]
        room = platform.open(f"room{number}", plan.people)
        found.append(Told(room, platform, number, partnership=number // len(platforms) % 2 == 0))
    begun = [one.room for one in found if one.partnership]
    for room in begun:
        room.say(0, "/setup 山田製作所 × Lumina")
    for room in begun:  # It only counts as a partnership once it is set up.
        until(room.texts, plan.patience, lambda: nakodo.log[-3000:])
    until(lambda: _still(nakodo), plan.patience, lambda: nakodo.log[-3000:])
    return found


def _still(nakodo: Nakodo) -> bool:
    found = nakodo.asked("/ready")
    return found is not None and not found["post"]["waiting"] and not found["post"]["unsent"]


@contextmanager
def _killing(plan: Plan, nakodo: Nakodo, report: Report) -> Iterator[None]:
    """Kill and start again, while the block runs."""
    chance, enough = random.Random(plan.seed), threading.Event()
    killed = Counter[str]()

    def kill_and_start() -> None:
        while not enough.is_set() and (plan.kills is None or killed.total() < plan.kills):
            early = chance.random() < KILLED_AT_ONCE
            if not early:
                until(lambda: nakodo.asked("/health") or not nakodo.lives_now or enough.is_set(), 120)
            if enough.wait(chance.uniform(0.0, 1.0) if early else chance.uniform(*plan.service)):
                return
            if not nakodo.lives_now:
                report.violations.append(f"it ended by itself: {nakodo.code}: {nakodo.log[-300:]}")
            elif plan.beside and not early and chance.random() < BESIDE and (second := nakodo.beside()):
                second.kill()
                killed["beside"] += 1
                continue
            nakodo.kill()
            killed["while starting" if early else "while serving"] += 1
            nakodo.start()

    with ThreadPoolExecutor(1) as killer:
        done = killer.submit(kill_and_start)
        try:
            yield
        finally:
            if plan.kills is None:
                enough.set()
            done.result()
            report.rows["killed"] = ", ".join(f"{count} {when}" for when, count in sorted(killed.items())) or 0
            report.rows["lives"] = nakodo.lives


def _talk(plan: Plan, told: Sequence[Told]) -> None:
    """Let all rooms talk at once, each in its own time."""
    shares = Counter(random.Random(plan.seed).choices(range(len(told)), k=plan.events))
    with ThreadPoolExecutor(len(told)) as rooms:
        for one in [rooms.submit(_converse, plan, one, shares[one.number]) for one in told]:
            one.result()


def _converse(plan: Plan, told: Told, share: int) -> None:
    """Say what is to be said in a room, and deliver some of it again later, in another order."""
    chance, pause = random.Random(f"{plan.seed} {told.number}"), threading.Event()
    late: list[int] = []
    for number in range(share):
        pause.wait(chance.expovariate(plan.rate / plan.rooms))
        token = f"q{told.number}r{number}"
        called = not (told.partnership and chance.random() < TALK)
        told.said.append(token)
        if called:
            told.asked.add(token)
        setup = 1 if told.partnership else 0
        told.room.say(
            chance.randrange(plan.people), f"{token} どうして", called=called, flipped=chance.random() < 0.5
        )
        if chance.random() < plan.repeats:
            late.append(number + setup)
        while late and chance.random() < 0.3:
            told.room.repeat(late.pop(chance.randrange(len(late))))
    chance.shuffle(late)
    for number in late:
        told.room.repeat(number)


def _wait_for_the_last(plan: Plan, nakodo: Nakodo, told: Sequence[Told], report: Report) -> None:
    def missing() -> int:
        return sum(len(one.asked - {answer.token for answer in heard(one.room)}) for one in told)

    try:
        until(lambda: not missing(), plan.patience)
        until(lambda: _still(nakodo), plan.patience)
    except TimeoutError:
        ready = nakodo.asked("/ready")
        report.violations.append(f"{missing()} answers missing after {plan.patience} s; {ready}")


def _count_answers(told: Sequence[Told], report: Report) -> None:
    """Look at the platforms: who was answered, how often, in which order, and what says that it is a repeat."""
    for one in told:
        answers = heard(one.room)
        firsts = list(dict.fromkeys(answer.token for answer in answers))
        counts = Counter(answer.token for answer in answers)
        plain = Counter(answer.token for answer in answers if not answer.marked)
        place = f"{type(one.platform).__name__} {one.room.title}"
        report.violations += [f"{place}: {token} was not answered" for token in sorted(one.asked - set(firsts))]
        report.violations += [f"{place}: {token} was answered {n} times" for token, n in plain.items() if n > 1]
        if not one.platform.marks:
            report.violations += [f"{place}: {token} came {n} times" for token, n in counts.items() if n > 1]
        if firsts != [token for token in one.said if token in counts]:
            report.violations.append(f"{place}: out of order: {firsts}")
    report.rows |= {
        "rooms": len(told),
        "messages": sum(len(one.said) for one in told),
        "of them for the bot": sum(len(one.asked) for one in told),
        "answered": sum(len(one.asked & {answer.token for answer in heard(one.room)}) for one in told),
        "marked as possible repeats": sum(len(marked(one.room)) for one in told),
    }


def _count_rows(told: Sequence[Told], home: Path, url: str | None, report: Report) -> None:
    """Look at the database: every message once, handled, and as many possible repeats as there are marks."""
    engine = open_engine(url, home)
    try:
        with Session(engine) as session:
            inbox = dict(session.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state)).all())
            outbox = dict(session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state)).all())
            rows = session.execute(select(func.count()).select_from(InboxRow)).scalar_one()
            tries = dict(session.execute(select(InboxRow.tries, func.count()).group_by(InboxRow.tries)).all())
            slack = select(func.count()).where(OutboxRow.again, OutboxRow.channel == "slack")
            slack_again = session.execute(slack).scalar_one()
        counts = Mail(engine).counts()
    finally:
        engine.dispose()
    wanted = sum(len(one.said) + one.partnership for one in told)
    if rows != wanted:
        report.violations.append(f"{rows} events in the inbox for {wanted} messages")
    if set(inbox) - {"handled"}:
        report.violations.append(f"not handled: {inbox}")
    if set(outbox) - {"sent", "parked"}:
        report.violations.append(f"not sent: {outbox}")
    if counts.again != report.rows["marked as possible repeats"]:
        report.violations.append(f"{counts.again} possible repeats counted, other than marked")
    if slack_again:
        report.violations.append(f"{slack_again} answers on Slack that may be repeats")
    report.rows |= {
        "inbox": inbox,
        "outbox": outbox,
        "events by how often they were taken": dict(sorted(tries.items())),
        "possible repeats counted": counts.again,
    }
