"""Run a conversation file along the road, on the file's clock."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.conversation import read_conversation
from bot.model import Reply
from bot.ports import Composer
from bot.scene import Scene
from bot.turn import turn


@dataclass(frozen=True)
class Delivery:
    """A reply at its time."""

    at: datetime
    reply: Reply

    def as_json(self) -> str:
        """One line of the stable format."""
        return json.dumps({"at": self.at.isoformat(), **self.reply.model_dump(mode="json")}, ensure_ascii=False)

    def as_text(self) -> str:
        """For reading."""
        return f"[{self.at:%Y-%m-%d %H:%M}] nakodo -> {self.reply.to} ({self.reply.kind})\n{self.reply.text}\n"


def play_file(path: Path, coach: Callable[[], Composer]) -> Iterator[Delivery]:
    """Yield what Nakodo says. The file is read whole first, so a broken one says nothing by halves."""
    conversation = read_conversation(path)
    room = conversation.as_room(path.stem)
    scene = Scene(room=room)
    messages = conversation.as_messages(room)
    composer = coach()
    for message in messages:
        replies, scene = turn(message, scene, composer)
        for reply in replies:
            yield Delivery(message.at, reply)
