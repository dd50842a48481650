"""People at the local Telegram, by polling or by webhook."""

from collections.abc import Sequence
from typing import Any, ClassVar

from tests.contracts.driving import DELETIONS, TELLS, Driver, Knob, Line, Sent, Who
from tests.contracts.running import LONG_ENOUGH, Running
from tests.servers.telegram import LocalTelegram
from tests.servers.telegram_checks import entity_text

SECRET = "only-telegram-knows-this-0123456789"


def settings_of(telegram: LocalTelegram, house_port: int, *, webhook: bool) -> dict[str, str]:
    found = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
    if webhook:
        found["TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{house_port}/telegram/webhook"
        found["TELEGRAM_WEBHOOK_SECRET"] = SECRET
    return found


class TelegramDriver(Driver):
    """Drives a house through Telegram."""

    absent: ClassVar[dict[str, str]] = {
        DELETIONS: "Telegram tells a bot nothing of deleted messages",
        TELLS: "Telegram cannot be asked what it has received",
    }

    def __init__(self, telegram: LocalTelegram, house: Running) -> None:
        self.telegram, self.house = telegram, house
        telegram.wait_for(lambda: telegram.webhook or telegram.calls_of("getUpdates"), LONG_ENOUGH)

    def person(self, name: str, *, opened: bool = True) -> Who:
        who = Who(self.telegram.user(name), name)
        if opened:  # The first word to a bot is always /start; what it brings is not of interest here.
            self.telegram.chats[who.id].started = True
        return who

    def place(self, people: Sequence[Who]) -> int:
        ids = [one.id for one in people]
        return self.telegram.group(members=ids[1:], admins=ids[:1], bot="administrator")

    def enter(self, room: int, who: Who) -> None:
        self.telegram.join(room, who.id)
        self._taken()

    def _sent(self, where: Any, who: Who, message: dict[str, Any]) -> Sent:
        self._taken()
        return Sent(where, who, message["message_id"], lambda: self._again("message", message))

    def _again(self, kind: str, content: dict[str, Any]) -> None:
        with self.telegram._changed:
            self.telegram.push(kind, content)
            self.telegram._bell()
        self._taken()

    def _taken(self) -> None:
        """Wait until the house has confirmed everything, as Telegram sees it."""
        self.telegram.wait_for(lambda: not self.telegram.pending, LONG_ENOUGH)

    def say(self, room: int, who: Who, text: str, *, calling: bool = False, under: Line | None = None) -> Sent:
        words = f"@nakodo_bot {text}" if calling and "@nakodo_bot" not in text else text
        return self._sent(room, who, self.telegram.say(room, who.id, words, reply_to=under.name if under else None))

    def whisper(self, who: Who, text: str) -> Sent:
        return self._sent(who.id, who, self.telegram.say(who.id, who.id, text))

    def command(self, where: Any, who: Who, words: str) -> Sent:
        place = who.id if where is None else where
        return self._sent(place, who, self.telegram.say(place, who.id, f"/{words}"))

    def press(self, who: Who, line: Line, label: str) -> Sent:
        value = next(one.value for one in line.knobs if one.label.startswith(label))
        query = self.telegram.press(line.where, line.name, who.id, value)
        shape = next(
            one["callback_query"]
            for one in reversed(self.telegram.updates)
            if one.get("callback_query", {}).get("id") == query
        )
        self._taken()
        return Sent(line.where, who, None, lambda: self._again("callback_query", shape))

    def forge(self, who: Who, room: int, value: str) -> None:
        with self.telegram._changed:
            message = self.telegram.sent(room)[-1]
            query = f"forged{len(self.telegram.callbacks)}"
            self.telegram.callbacks[query] = self.telegram.clock()
            user = self.telegram.users[who.id]
            self.telegram.push(
                "callback_query",
                {"id": query, "from": user, "message": message, "data": value, "chat_instance": str(room)},
            )
            self.telegram._bell()
        self._taken()

    def edit(self, sent: Sent, text: str) -> None:
        self.telegram.edit(sent.where, sent.name, text)
        self._taken()

    def attach(
        self, room: Any, who: Who, name: str, data: bytes, text: str = "", *, size: int | None = None
    ) -> Sent:  # fmt: skip
        place = who.id if room is None else room
        message = self.telegram.document(place, who.id, data, name=name, mime="text/plain", caption=text, size=size)
        return self._sent(place, who, message)

    def in_room(self, room: int) -> list[Line]:
        with self.telegram.lock:
            return [self._line(room, one) for one in self.telegram.sent(room)]

    def in_private(self, who: Who) -> list[Line]:
        return self.in_room(who.id)

    def _line(self, chat: int, message: dict[str, Any]) -> Line:
        text = str(message.get("text", ""))
        bold = tuple(entity_text(text, one) for one in message.get("entities", []) if one["type"] == "bold")
        shown = self.telegram.buttons(chat, message["message_id"])
        knobs = tuple(Knob(one["text"], one.get("callback_data", one.get("url", ""))) for one in shown)
        under = message.get("reply_to_message", {}).get("message_id")
        return Line(chat, message["message_id"], text, bold, knobs, under)

    def unreachable(self, who: Who) -> None:
        self.telegram.block(who.id)
        self._taken()

    def reachable(self, who: Who) -> None:
        if self.telegram.chats[who.id].blocked:
            self.telegram.unblock(who.id)
        self.telegram.start(who.id)
        self._taken()

    def refuse_markup(self, times: int = 1) -> None:
        why = "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 3"
        self.telegram.fail("sendMessage", "refused", times, description=why)

    def flood(self, seconds: int = 1) -> None:
        self.telegram.fail("sendMessage", "flood", seconds=seconds)

    def lose_answer(self) -> None:
        self.telegram.fail("sendMessage", "lost")

    def tries(self) -> list[float]:
        return [one.time for one in self.telegram.calls_of("sendMessage")]

    def settle(self) -> None:
        self._taken()
        self.house.settle()
