"""Run a conversation file along the road, or the watch alone over it, on the file's clock."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.commands import obey
from bot.conversation import read_conversation
from bot.intent import intent
from bot.model import Finding, Message, Reply
from bot.ports import Listener
from bot.reminders import next_moment
from bot.scene import Scene
from bot.turn import House, tick, turn
from bot.watch import overheard, watch, words_of


@dataclass(frozen=True)
class Delivery:
    """A reply at its time."""

    at: datetime
    reply: Reply

    def as_json(self) -> str:
        """One line of the stable format."""
        row = {"at": self.at.isoformat(), **self.reply.model_dump(mode="json")}
        kept = {name: value for name, value in row.items() if value is not None or name not in _OPTIONAL}
        return json.dumps(kept, ensure_ascii=False)

    def as_text(self) -> str:
        """For reading."""
        return f"[{self.at:%Y-%m-%d %H:%M}] nakodo -> {self.reply.to} ({self.reply.kind})\n{self.reply.text}\n"


_OPTIONAL = ("signal", "label", "draft")


@dataclass(frozen=True)
class Watched:
    """What the watch noticed in one message."""

    file: str
    message: str
    findings: tuple[Finding, ...]

    def as_json(self) -> str:
        """One line of the stable format."""
        signals = [{"signal": one.signal, "score": one.score, "evidence": one.evidence} for one in self.findings]
        return json.dumps({"file": self.file, "message": self.message, "signals": signals}, ensure_ascii=False)

    def as_text(self) -> str:
        """For reading."""
        found = "; ".join(f"{one.signal} {one.score:.2f} “{one.evidence}”" for one in self.findings)
        return f"{self.message}: {found or '-'}"


def play_file(
    path: Path, house: Callable[[], House], seen: Callable[[Message], None] = lambda _: None
) -> Iterator[Delivery]:
    """Yield what Nakodo says. The file is read whole first, so a broken one says nothing by halves."""
    conversation = read_conversation(path)
    scene = conversation.as_scene(path.stem)
    messages = conversation.as_messages(scene.room)
    built = house()
    for number, message in enumerate(messages):
        if number:
            deliveries, scene = _meanwhile(scene, messages[number - 1].at, message.at, built)
            yield from deliveries
        seen(message)
        replies, scene, *_ = turn(message, scene, built)
        for reply in replies:
            yield Delivery(message.at, reply)


def watch_file(path: Path, ear: Callable[[], Listener]) -> Iterator[Watched]:
    """Yield what the watch notices in each message alone; commands move the record as they do in a room."""
    conversation = read_conversation(path)
    scene = conversation.as_scene(path.stem)
    listener = ear()
    for message in conversation.as_messages(scene.room):
        findings: tuple[Finding, ...] = ()
        wanted = intent(message)
        if wanted.wants == "command":
            _, scene = obey(wanted.words, message, scene)
        elif not message.private:
            hearing = listener.hear(words_of(message, scene, message.text))
            findings = watch(message, scene, hearing)
            scene = overheard(message, scene, hearing)
        yield Watched(path.name, message.id, findings)


def _meanwhile(scene: Scene, since: datetime, until: datetime, house: House) -> tuple[list[Delivery], Scene]:
    """Let the clock run from one message to the next."""
    deliveries: list[Delivery] = []
    moment = next_moment(scene, since)
    while moment < until:
        replies, scene, *_ = tick(moment, scene, house)
        deliveries += [Delivery(moment, reply) for reply in replies]
        moment = next_moment(scene, moment)
    return deliveries, scene
