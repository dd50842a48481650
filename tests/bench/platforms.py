"""The local platforms in a process of their own, so that their work is not taken for that of the bot.

`python -m tests.bench.platforms SOCKET` serves them; `reached` asks them from another process.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.managers import BaseManager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from tests.servers.slack import LocalSlack
from tests.servers.slack_world import Envelope
from tests.servers.telegram import LocalTelegram

KEY = b"bench"
SPOKEN_IN = 3
"""People who take turns in a room."""


class Said(NamedTuple):
    """A message of a person: where, its name there, when it went out, and what carries it to the bot."""

    where: str
    name: str
    at: float = 0.0
    bodies: tuple[bytes, ...] = ()


class Posted(NamedTuple):
    """A message of the bot: where, in which thread, and when it reached the platform."""

    where: str
    thread: str
    at: float


class SlackSide:
    """The local Slack. What people say is made ready here and sent by who measures."""

    def __init__(self) -> None:
        self._slack = LocalSlack().__enter__()
        self._rooms: list[tuple[str, list[str]]] = []
        self._people: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return what a bot must know."""
        slack = self._slack
        return {
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_API_URL": slack.url,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }

    def gather(self, rooms: int, people: int) -> None:
        """Make channels with three people each, and people who write in private."""
        slack = self._slack
        for number in range(rooms):
            members = [slack.add_user(f"田中{number}-{seat}") for seat in range(SPOKEN_IN)]
            self._rooms.append((slack.add_channel(f"room-{number}", members), members))
        self._people += [slack.add_user(f"佐藤{number}") for number in range(people)]
        for person in self._people:
            slack.im(person)

    def in_rooms(self, texts: Sequence[str]) -> list[Said]:
        """People call the bot in their channels, in turn."""
        found = []
        for number, text in enumerate(texts):
            channel, members = self._rooms[number % len(self._rooms)]
            member = members[number // len(self._rooms) % SPOKEN_IN]
            pair = self._slack.mention(member, text, channel=channel)
            found.append(Said(channel, pair[1].ts, bodies=tuple(self._body(one) for one in pair)))
        return found

    def in_private(self, texts: Sequence[str]) -> list[Said]:
        """People write to the bot alone, in turn."""
        found = []
        for number, text in enumerate(texts):
            envelope = self._slack.message(self._people[number % len(self._people)], text)
            found.append(Said(str(envelope.event["channel"]), envelope.ts, bodies=(self._body(envelope),)))
        return found

    def _body(self, envelope: Envelope) -> bytes:
        return json.dumps(envelope.payload, ensure_ascii=False).encode()

    def posts(self) -> list[Posted]:
        """Return what the bot has posted since `forget`."""
        calls = [one for one in self._slack.calls_of("chat.postMessage") if one.answer.get("ok")]
        return [Posted(one.args["channel"], one.args.get("thread_ts") or "", one.at) for one in calls]

    def count(self) -> int:
        """Return how many messages the bot has posted since `forget`."""
        return len(self._slack.calls_of("chat.postMessage"))

    def calls(self) -> Counter[str]:
        """Return how often each method was called since `forget`, and what was refused."""
        with self._slack.lock:
            return Counter(f"{one.method} {one.error or ''}".strip() for one in self._slack.calls)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._slack.lock:
            self._slack.calls.clear()


class TelegramSide:
    """The local Telegram. It hands updates out when the bot asks, so people speak here."""

    def __init__(self) -> None:
        self._telegram = LocalTelegram().__enter__()
        self._people: list[int] = []
        self._pause = Event()

    def environment(self) -> dict[str, str]:
        """Return what a bot must know."""
        return {"TELEGRAM_BOT_TOKEN": self._telegram.token, "TELEGRAM_API_URL": self._telegram.url}

    def gather(self, people: int) -> None:
        """Make people who write in private."""
        self._people += [self._telegram.user(f"佐藤{number}") for number in range(people)]

    def listens(self) -> bool:
        """Whether the bot asks for updates."""
        return bool(self._telegram.calls_of("getUpdates"))

    def speak(self, texts: Sequence[str], rate: float) -> tuple[list[Said], list[float]]:
        """People write to the bot alone, in turn, so many a second; return also how late each was."""
        found, late = [], []
        begin = time.time() + 0.2
        for number, text in enumerate(texts):
            due = begin + number / rate
            self._pause.wait(max(due - time.time(), 0))
            person = self._people[number % len(self._people)]
            at = time.time()
            message = self._telegram.say(person, person, text)
            found.append(Said(str(person), str(message["message_id"]), at))
            late.append(at - due)
        return found, late

    def posts(self) -> list[Posted]:
        """Return what the bot has posted since `forget`."""
        calls = [one for one in self._telegram.calls_of("sendMessage") if one.result]
        return [Posted(one.get("chat_id"), "", one.time) for one in calls]

    def count(self) -> int:
        """Return how many messages the bot has posted since `forget`."""
        return len(self._telegram.calls_of("sendMessage"))

    def calls(self) -> Counter[str]:
        """Return how often each method was called since `forget`, and what was refused."""
        with self._telegram.lock:
            return Counter(f"{one.method} {one.error or ''}".strip() for one in self._telegram.calls)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._telegram.lock:
            self._telegram.calls.clear()


class Platforms(BaseManager):
    """Both, over a socket."""


Platforms.register("SlackSide", SlackSide)
Platforms.register("TelegramSide", TelegramSide)


@contextmanager
def reached(socket: Path) -> Iterator[Any]:
    """Reach the platforms that are served at a socket."""
    manager = Platforms(str(socket), KEY)
    manager.connect()
    yield manager


def serve(socket: str) -> None:
    """Serve the platforms at a socket until the process ends."""
    Platforms(socket, KEY).get_server().serve_forever()


if __name__ == "__main__":
    # What is defined in `__main__` could not be named in another process.
    import_module("tests.bench.platforms").serve(sys.argv[1])
