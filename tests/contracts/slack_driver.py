"""People at the local Slack, by HTTP or by socket."""

import copy
import html
import itertools
import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt

from tests.contracts.driving import Driver, Knob, Line, Sent, Who
from tests.contracts.running import LONG_ENOUGH, Running
from tests.servers.slack import LocalSlack
from tests.servers.slack_delivery import Delivery
from tests.servers.slack_world import Envelope

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_ORDERED = re.compile(r'<ol(?: start="(\d+)")?>(.*?)</ol>', re.DOTALL)


def settings_of(slack: LocalSlack, *, socket: bool) -> dict[str, str]:
    way = {"SLACK_APP_TOKEN": slack.app_token} if socket else {"SLACK_SIGNING_SECRET": slack.signing_secret}
    return {"SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.url} | way


def local_slack() -> LocalSlack:
    """A Slack that is as patient as a busy machine needs."""
    return LocalSlack(ack_timeout=15)


class SlackDriver(Driver):
    """Drives a house through Slack."""

    def __init__(self, slack: LocalSlack, house: Running, *, socket: bool) -> None:
        self.slack, self.house = slack, house
        if socket:
            slack.wait_for(lambda: slack.courier.sockets, LONG_ENOUGH, what="no socket")
        else:
            slack.request_url = f"{house.url}/slack/events"

    def person(self, name: str, *, opened: bool = True) -> Who:
        who = Who(self.slack.add_user(name), name)
        if not opened:
            self.slack.undmable.add(who.id)
        return who

    def place(self, people: Sequence[Who]) -> str:
        return self.slack.add_channel("kyogyo", [one.id for one in people])

    def enter(self, room: str, who: Who) -> None:
        self._deliver(self.slack.joined(who.id, channel=room))

    def _deliver(self, *envelopes: Envelope) -> list[Delivery]:
        found = [self.slack.deliver(one) for one in envelopes]
        for one in found:
            one.wait(LONG_ENOUGH)
            assert one.acked, one.attempts
            assert one.complaint is None, one.complaint
        return found

    def _sent(self, where: Any, who: Who, name: Any, *envelopes: Envelope) -> Sent:
        self._deliver(*envelopes)
        return Sent(where, who, name, lambda: _drop(self._deliver(*envelopes)))

    def say(self, room: str, who: Who, text: str, *, calling: bool = False, under: Line | None = None) -> Sent:
        thread = (under.under or under.name) if under else None
        if calling:
            both = self.slack.mention(who.id, text, channel=room, thread_ts=thread)
            return self._sent(room, who, both[0].ts, *both)
        said = self.slack.message(who.id, text, channel=room, thread_ts=thread)
        return self._sent(room, who, said.ts, said)

    def whisper(self, who: Who, text: str) -> Sent:
        said = self.slack.message(who.id, text)
        return self._sent(self.slack.im(who.id), who, said.ts, said)

    def command(self, where: Any, who: Who, words: str) -> Sent:
        return self._sent(where, who, None, self.slack.command(who.id, words, channel=where))

    def press(self, who: Who, line: Line, label: str) -> Sent:
        value = next(one.value for one in line.knobs if one.label.startswith(label))
        message = self.slack.channels[line.where].messages[line.name]
        elements = [one for block in message["blocks"] for one in block.get("elements", [])]
        feedback = next((one for one in elements if one.get("type") == "feedback_buttons"), None)
        if feedback and value in {feedback["positive_button"]["value"], feedback["negative_button"]["value"]}:
            positive = value == feedback["positive_button"]["value"]
            pressed = self.slack.feedback(who.id, channel=line.where, ts=line.name, positive=positive)
        else:
            action = next(one["action_id"] for one in elements if one.get("value") == value)
            pressed = self.slack.press(who.id, action, channel=line.where, ts=line.name)
        return self._sent(line.where, who, None, pressed)

    def forge(self, who: Who, room: str, value: str) -> None:
        self._deliver(self.forged(who, room, value))

    def forged(self, who: Who, room: str, value: Any) -> Envelope:
        """A press of what is not there, as only Slack itself could sign it."""
        ts = self.slack.new_ts()
        action = {"type": "button", "action_id": "choice_0", "block_id": "b", "action_ts": ts, "value": value}
        action["text"] = {"type": "plain_text", "text": "x"}
        container = {"type": "message", "message_ts": ts, "channel_id": room, "is_ephemeral": False}
        return self.slack._interactive(
            "block_actions", self.slack.team, who.id, actions=[action], container=container, channel={"id": room}
        )

    def edit(self, sent: Sent, text: str) -> None:
        self._deliver(self.slack.edited(sent.where, sent.name, text))

    def delete(self, sent: Sent) -> None:
        self._deliver(self.slack.deleted(sent.where, sent.name))

    def attach(
        self, room: Any, who: Who, name: str, data: bytes, text: str = "", *, size: int | None = None
    ) -> Sent:  # fmt: skip
        file = self.slack.add_file(name, data, user=who.id)
        if size is not None:
            self.slack.files[file]["size"] = size
        said = self.slack.message(who.id, text, channel=room, files=[file])
        return self._sent(room or self.slack.im(who.id), who, said.ts, said)

    def in_room(self, room: str) -> list[Line]:
        return [_line(room, one) for one in self.slack.posted(room)]

    def in_private(self, who: Who) -> list[Line]:
        mine = [(self.slack.im(who.id), one) for one in self.slack.posted(self.slack.im(who.id))]
        with self.slack.lock:
            mine += [(one["channel"], copy.deepcopy(one)) for one in self.slack.ephemerals if one["user"] == who.id]
        return [_line(where, one) for where, one in sorted(mine, key=lambda pair: str(pair[1]["ts"]))]

    def unreachable(self, who: Who) -> None:
        self.slack.undmable.add(who.id)

    def reachable(self, who: Who) -> None:
        self.slack.undmable.discard(who.id)

    def refuse_markup(self, times: int = 1) -> None:
        self.slack.fail("chat.postMessage", times=times, error="invalid_blocks")

    def flood(self, seconds: int = 1) -> None:
        self.slack.fail("chat.postMessage", status=429, retry_after=seconds)

    def lose_answer(self) -> None:
        self.slack.fail("chat.postMessage", lost=True)

    def tries(self) -> list[float]:
        return [one.at for one in self.slack.calls_of("chat.postMessage")]

    def settle(self) -> None:
        self.house.settle()


def _drop(_: object) -> None:
    return None


def _line(where: Any, message: dict[str, Any]) -> Line:
    blocks = message.get("blocks", [])
    marked = [one["text"] for one in blocks if one["type"] == "markdown"]
    if marked:
        shown = _ORDERED.sub(_numbered, _MARKDOWN.render("\n\n".join(marked)))
        bold = tuple(map(_bare, re.findall(r"<strong>(.*?)</strong>", shown, re.DOTALL)))
        text = _bare(shown).strip()
    else:
        text, bold = html.unescape(str(message.get("text", ""))), ()
    return Line(where, message["ts"], text, bold, tuple(_knobs(blocks)), message.get("thread_ts"))


def _bare(shown: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", shown))


def _numbered(rows: re.Match[str]) -> str:
    """Return the rows of a list as they are shown: with numbers."""
    numbers = itertools.count(int(rows[1] or 1))
    return re.sub(r"<li>", lambda _: f"{next(numbers)}. ", rows[2])


def _knobs(blocks: list[dict[str, Any]]) -> list[Knob]:
    found = []
    for one in (element for block in blocks for element in block.get("elements", [])):
        if one.get("type") == "button":
            found.append(Knob(one["text"]["text"], one["value"]))
        elif one.get("type") == "feedback_buttons":
            for name in ("positive_button", "negative_button"):
                found.append(Knob(one[name]["text"]["text"], one[name]["value"]))
    return found
