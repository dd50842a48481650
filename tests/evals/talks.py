"""Score the watch on talks, message by message, every message on its own.

`talks-tuning.jsonl` chose between models and thresholds; `talks-aside.jsonl` was written by a hand that saw neither
training texts nor code, and chose nothing. A talk is `{id, stage, nda, messages: [{side, text, signals}]}`; one
without any signal is a silent control.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from bot.commands import obey
from bot.intent import intent
from bot.model import Message, MessageId, Person, Room, RoomId
from bot.partnership import NdaRecord, Partnership
from bot.ports import Listener
from bot.scene import Scene
from bot.signals import signals
from bot.watch import overheard, watch, words_of
from tests.evals.questions import CASES

START = datetime(2026, 4, 1, 1, tzinfo=UTC)
PEOPLE = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
BY_SIDE = {person.side: person for person in PEOPLE}


class Judged(NamedTuple):
    """A message, what it carries and what was heard."""

    talk: str
    text: str
    wanted: frozenset[str]
    found: frozenset[str]
    silent: bool
    ms: float


def report(ear: Listener, *, misses: bool = False) -> None:
    """Print the tables, and what went wrong if that is wanted."""
    for path in (CASES / "talks-tuning.jsonl", CASES / "talks-aside.jsonl"):
        talks = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        judged = [one for talk in talks for one in listen(talk, ear)]
        print(f"\n{path.stem}: {len(talks)} talks, {len(judged)} messages")
        table(judged)
        if misses:
            for one in judged:
                if one.wanted != one.found:
                    print(f"  {one.talk} {sorted(one.wanted)} > {sorted(one.found)} {one.text}")


def listen(talk: dict[str, Any], ear: Listener) -> list[Judged]:
    """Run the watch over a talk."""
    record = Partnership(stage=talk["stage"], nda=NdaRecord(state=talk["nda"]))
    scene = Scene(room=Room(id=RoomId(talk["id"]), people=PEOPLE), record=record)
    silent = not any(said["signals"] for said in talk["messages"])
    judged = []
    for number, said in enumerate(talk["messages"]):
        message = Message(
            id=MessageId(f"m{number}"),
            sender=BY_SIDE[said["side"]],
            at=START + timedelta(minutes=number),
            text=said["text"],
        )
        wanted = intent(message)
        if wanted.wants == "command":
            _, scene = obey(wanted.words, message, scene)
            continue
        start = time.perf_counter()
        hearing = ear.hear(words_of(message, scene, message.text))
        findings = watch(message, scene, hearing)
        ms = (time.perf_counter() - start) * 1000
        scene = overheard(message, scene, hearing)
        found = frozenset(one.signal for one in findings)
        judged.append(Judged(talk["id"], message.text, frozenset(said["signals"]), found, silent, ms))
    return judged


def table(judged: Sequence[Judged]) -> None:
    """Print precision and recall, by signal and in all."""
    hits: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for one in judged:
        hits.update(one.wanted & one.found)
        false.update(one.found - one.wanted)
        missed.update(one.wanted - one.found)
    print(f"{'':24}{'precision':>10}{'recall':>8}{'F1':>8}{'n':>6}")
    for name in (*(kind for kind in signals() if hits[kind] + missed[kind] + false[kind]), "all"):
        h, f, m = (sum(part.values()) if name == "all" else part[name] for part in (hits, false, missed))
        precision, recall = h / max(1, h + f), h / max(1, h + m)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{name:24}{precision:>10.2f}{recall:>8.2f}{f1:>8.2f}{h + m:>6}")
    silent = [one for one in judged if one.silent]
    stray = sum(len(one.found) for one in silent)
    ms = sorted(one.ms for one in judged)
    print(f"false findings on silent talks, per 100 messages: {100 * stray / max(1, len(silent)):.1f} (wanted <= 3)")
    print(
        f"p50, p95 of watching a message (ms): {ms[len(ms) // 2]:.0f}, {ms[int(len(ms) * 0.95)]:.0f} (wanted <= 60)"
    )
