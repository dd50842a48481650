"""Rooms on the local platforms, in which people ask and the bot answers: the same to use on Slack and on Telegram.

Whoever asks waits until the platform has got rid of it, so a room's order is the order in which it was said.
"""

import re
import threading
from typing import Any, NamedTuple, Protocol

from adapters.channels.slack_blocks import AGAIN as SLACK_AGAIN
from adapters.channels.telegram_text import AGAIN as TELEGRAM_AGAIN
from tests.kill.running import PATIENCE
from tests.servers.slack import LocalSlack
from tests.servers.slack_world import Envelope
from tests.servers.telegram import LocalTelegram

RETRIES = (0.1, *[0.3] * 300)
"""Slack's own three tries last for five minutes; ours last as long, at a quicker pace."""
SECRET = "local-webhook-secret"
_AGAIN = tuple(word(locale).strip() for word in (SLACK_AGAIN, TELEGRAM_AGAIN) for locale in ("ja", "en"))
_TOKEN = re.compile(r"\bq\d+[a-z]\d+\b")


class Heard(NamedTuple):
    """A question that was answered, and whether the answer says that it may be a repeat."""

    token: str
    marked: bool


class Room(Protocol):
    """A conversation of several people with the bot in it."""

    title: str

    def say(self, who: int, text: str, *, called: bool = True, flipped: bool = False) -> None:
        """Write, calling the bot by its name, and wait until the platform is rid of it.

        `flipped` is for platforms that tell of one text twice: the other way round.
        """
        ...

    def repeat(self, number: int) -> None:
        """Deliver again what was said so many messages after the first, and wait until that is taken."""
        ...

    def texts(self) -> list[str]:
        """Return what the bot has said, in its order."""
        ...


class Platform(Protocol):
    """Where rooms are."""

    marks: bool
    """Whether an answer may come twice, marked, since the platform cannot be asked what it has."""

    def names(self, url: str) -> dict[str, str]:
        """Return the settings with which a Nakodo that listens at `url` serves it."""
        ...

    def listen(self, url: str) -> None:
        """Learn where Nakodo listens."""
        ...

    def open(self, title: str, people: int) -> Room:
        """Open a room with so many people, and the bot."""
        ...

    def lose_answers(self, words: str, times: int = 1) -> None:
        """Let what is sent with these words arrive, and nothing come back."""
        ...

    def delay_answers(self, words: str, seconds: float) -> None:
        """Take so long over what is sent with these words."""
        ...


class SlackPlace:
    """Slack, by HTTP or by its socket."""

    marks = False

    def __init__(self, slack: LocalSlack, *, socket: bool = False) -> None:
        self.slack, self._socket = slack, socket

    def names(self, url: str) -> dict[str, str]:
        way = {"SLACK_APP_TOKEN": self.slack.app_token} if self._socket else {}
        way = way or {"SLACK_SIGNING_SECRET": self.slack.signing_secret}
        return {"SLACK_BOT_TOKEN": self.slack.token, "SLACK_API_URL": self.slack.url, **way}

    def listen(self, url: str) -> None:
        self.slack.request_url = None if self._socket else f"{url}/slack/events"

    def open(self, title: str, people: int) -> "SlackRoom":
        return SlackRoom(self.slack, title, [self.slack.add_user(f"{title}{number}") for number in range(people)])

    def lose_answers(self, words: str, times: int = 1) -> None:
        self.slack.fail(
            lambda call: call.method == "chat.postMessage" and words in call.args.get("text", ""),
            times=times,
            lost=True,
        )

    def delay_answers(self, words: str, seconds: float) -> None:
        self.slack.fail(
            lambda call: call.method == "chat.postMessage" and words in call.args.get("text", ""), delay=seconds
        )


class SlackRoom:
    """A channel."""

    def __init__(self, slack: LocalSlack, title: str, people: list[str]) -> None:
        self.title, self._slack, self._people = title, slack, people
        self.channel = slack.add_channel(title, people)
        self._envelopes: list[Envelope] = []

    def say(self, who: int, text: str, *, called: bool = True, flipped: bool = False) -> None:
        """Write; of a call Slack tells twice: that the bot was mentioned, and that something was said."""
        person = self._people[who]
        both: tuple[Envelope, ...]
        if called:
            both = self._slack.mention(person, text, channel=self.channel)
        else:
            both = (self._slack.message(person, text, channel=self.channel),)
        self._envelopes.append(both[-1])
        deliveries = [self._slack.deliver(one) for one in (reversed(both) if flipped else both)]
        for one in deliveries:
            if not one.wait(2 * PATIENCE).acked:
                raise TimeoutError(f"{self.title}: never acknowledged: {one.attempts[-1]}")

    def repeat(self, number: int) -> None:
        self._slack.deliver(self._envelopes[number]).wait(2 * PATIENCE)

    def texts(self) -> list[str]:
        return [str(one["text"]) for one in self._slack.posted(self.channel)]


class TelegramPlace:
    """Telegram, polled or by webhook."""

    marks = True

    def __init__(self, telegram: LocalTelegram, *, webhook: bool = False) -> None:
        self.telegram, self._webhook = telegram, webhook

    def names(self, url: str) -> dict[str, str]:
        way = {"TELEGRAM_WEBHOOK_URL": url, "TELEGRAM_WEBHOOK_SECRET": SECRET} if self._webhook else {}
        return {"TELEGRAM_BOT_TOKEN": self.telegram.token, "TELEGRAM_API_URL": self.telegram.url, **way}

    def listen(self, url: str) -> None:
        """Telegram is told by the bot."""

    def open(self, title: str, people: int) -> "TelegramRoom":
        return TelegramRoom(
            self.telegram, title, [self.telegram.user(f"{title}{number}") for number in range(people)]
        )

    def lose_answers(self, words: str, times: int = 1) -> None:
        self.telegram.fail("sendMessage", "lost", times, when=lambda call: words in str(call.body.get("text")))

    def delay_answers(self, words: str, seconds: float) -> None:
        self.telegram.fail(
            "sendMessage", "slow", when=lambda call: words in str(call.body.get("text")), seconds=seconds
        )


class TelegramRoom:
    """A group."""

    def __init__(self, telegram: LocalTelegram, title: str, people: list[int]) -> None:
        self.title, self._telegram, self._people = title, telegram, people
        self.chat = telegram.group(title, members=people, bot="administrator")
        self._messages: list[dict[str, Any]] = []
        self._alone = threading.Lock()

    def say(self, who: int, text: str, *, called: bool = True, flipped: bool = False) -> None:
        """Write. A command is told by its place in the text, so the bot's name comes after it."""
        command, _, rest = text.partition(" ") if text.startswith("/") else ("", "", text)
        words = f"{command}@nakodo_bot {rest}" if command else f"@nakodo_bot {text}" if called else text
        self._messages.append(self._telegram.say(self.chat, self._people[who], words))

    def repeat(self, number: int) -> None:
        with self._telegram.lock:
            self._telegram.push("message", self._messages[number])

    def texts(self) -> list[str]:
        return self._telegram.texts(self.chat)


def heard(room: Room) -> list[Heard]:
    """Return which questions were answered in a room, in the order of the answers."""
    return [Heard(token, text.startswith(_AGAIN)) for text in room.texts() for token in _TOKEN.findall(text)]


def answered(room: Room) -> list[str]:
    """Return the questions that were answered in a room, each once, in the order of their first answers."""
    return list(dict.fromkeys(one.token for one in heard(room)))


def marked(room: Room) -> set[str]:
    """Return what the bot has said in a room with the word that it may be a repeat."""
    return {text for text in room.texts() if text.startswith(_AGAIN)}
