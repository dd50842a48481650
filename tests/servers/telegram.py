"""`LocalTelegram`: a strict Telegram Bot API on 127.0.0.1, and the people who write to the bot.

`with LocalTelegram() as x:` gives `x.url`, the part of the address before `/bot<token>` (files: `/file/bot<token>/`).
Public methods act as people do, from any thread; the bot's methods live in `telegram_api.py`. A test that uses it
needs `pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])`.
"""

from typing import Any, Literal

from tests.servers.telegram_api import Chat
from tests.servers.telegram_checks import Call, detect, entity_text
from tests.servers.telegram_refusals import Json
from tests.servers.telegram_wire import TOKEN, Delivery, TelegramServer

__all__ = ["TOKEN", "Delivery", "LocalTelegram"]


class LocalTelegram(TelegramServer):
    """The server and the people."""

    # Looking

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        with self.lock:
            return [one for one in self.calls if one.method == method]

    def sent(self, chat: int) -> list[Json]:
        """Return the bot's messages in a chat as they stand now."""
        with self.lock:
            return [one for one in self.messages.get(chat, {}).values() if one["from"]["id"] == self.bot_id]

    def texts(self, chat: int) -> list[str]:
        """Return what the bot's messages say now; of documents, the captions."""
        return [str(one.get("text", one.get("caption", ""))) for one in self.sent(chat)]

    def buttons(self, chat: int, message_id: int) -> list[Json]:
        """Return the buttons under a message."""
        rows = self.messages[chat][message_id].get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    # People and chats

    def user(
        self, first_name: str = "Yuki", *, username: str = "", language: str = "ja", is_bot: bool = False
    ) -> int:
        """Make a person who has never written to the bot; return the id, also the id of the private chat."""
        with self.lock:
            user = 1_000 + len(self.users)
            shape: Json = {"id": user, "is_bot": is_bot, "first_name": first_name}
            shape |= {"username": username} if username else {}
            self.users[user] = shape | ({"language_code": language} if language else {})
            self.chats[user] = Chat(user, "private")
            return user

    def start(self, user: int, payload: str = "") -> Json:
        """Press Start, perhaps behind a link with a payload."""
        return self.say(user, user, f"/start {payload}".strip())

    def group(
        self,
        title: str = "協業",
        *,
        members: list[int] | None = None,
        admins: list[int] | None = None,
        kind: Literal["group", "supergroup"] = "supergroup",
        bot: str = "member",
    ) -> int:
        """Make a group without any update; the first of `admins` made it; `bot` is the bot's status in it."""
        with self.lock:
            number = len(self.chats) + 1
            chat = -(1_000_000_000_000 + number) if kind == "supergroup" else -(5_000 + number)
            statuses = dict.fromkeys(members or [], "member") | dict.fromkeys(admins or [], "administrator")
            statuses |= {admins[0]: "creator"} if admins else {}
            self.chats[chat] = Chat(chat, kind, title, statuses | {self.bot_id: bot})
            return chat

    def block(self, user: int) -> None:
        """Block the bot: it learns so, and may not write any more."""
        self._turn(user, True)

    def unblock(self, user: int) -> None:
        """Take the blocking back."""
        self._turn(user, False)

    def _turn(self, user: int, blocked: bool) -> None:
        with self._changed:
            chat = self.chats[user]
            chat.blocked = blocked
            statuses = ("member", "kicked") if blocked else ("kicked", "member")
            self._member_update("my_chat_member", chat, user, self.bot_id, *statuses)

    def add_bot(self, chat: int, by: int, admin: bool = False) -> None:
        """Take the bot into a group."""
        self.set_member(chat, self.bot_id, "administrator" if admin else "member", by)

    def remove_bot(self, chat: int, by: int) -> None:
        """Throw the bot out of a group."""
        self.set_member(chat, self.bot_id, "kicked", by)

    def join(self, chat: int, user: int, by: int | None = None) -> None:
        """Come into a group, or be brought."""
        self.set_member(chat, user, "member", by or user)

    def leave(self, chat: int, user: int) -> None:
        """Go out of a group."""
        self.set_member(chat, user, "left", user)

    def set_member(self, chat: int, user: int, status: str, by: int) -> None:
        """Change somebody's status: service message, `my_chat_member` or (if the bot is admin) `chat_member`."""
        with self._changed:
            room = self.chats[chat]
            before = room.members.get(user, "left")
            was_in, is_in = (one not in {"left", "kicked"} for one in (before, status))
            bot_was_in = room.members.get(self.bot_id, "left") not in {"left", "kicked"}
            room.members[user] = status
            kind = "my_chat_member" if user == self.bot_id else "chat_member"
            if kind == "my_chat_member" or room.members.get(self.bot_id) == "administrator":
                self._member_update(kind, room, by, user, before, status)
            if user != self.bot_id and not bot_was_in:
                return
            if is_in and not was_in:
                self.push("message", self.post(room, by, new_chat_members=[self.users[user]]))
            elif was_in and not is_in and user != self.bot_id:
                self.push("message", self.post(room, by, left_chat_member=self.users[user]))
            self._bell()

    def _member_update(self, kind: str, chat: Chat, by: int, user: int, before: str, after: str) -> None:
        shapes = [
            self.member_shape(Chat(chat.id, chat.type, members={user: status}), user) for status in (before, after)
        ]
        shape: Json = {"chat": self.chat_shape(chat), "from": self.users[by], "date": int(self.clock())}
        self.push(kind, shape | {"old_chat_member": shapes[0], "new_chat_member": shapes[1]})
        self._bell()

    def migrate(self, chat: int) -> int:
        """Turn a group into a supergroup; return the new id. The old one refuses from now on."""
        with self._changed:
            old = self.chats[chat]
            if old.type != "group":
                raise ValueError("only a basic group becomes a supergroup")
            new = -(1_000_000_000_000 + len(self.chats) + 1)
            self.chats[new] = Chat(new, "supergroup", old.title, dict(old.members))
            by = next(one for one in old.members if one != self.bot_id)
            self.push("message", self.post(old, by, migrate_to_chat_id=new))
            self.push("message", self.post(self.chats[new], by, migrate_from_chat_id=chat))
            old.migrated_to = new
            self._bell()
            return new

    # What people do

    def say(self, chat: int, user: int, text: str, *, reply_to: int | None = None, **content: Any) -> Json:
        """Write a message and return it; whether the bot sees it depends on privacy mode."""
        return self._write(chat, user, reply_to, text=text, entities=detect(text), **content)

    def _write(self, chat: int, user: int, reply_to: int | None, **content: Any) -> Json:
        with self._changed:
            room = self.chats[chat]
            if (room.private and chat != user) or (
                not room.private and room.members.get(user, "left") in {"left", "kicked"}
            ):
                raise ValueError("nobody writes where he is not")
            if room.blocked or room.migrated_to:
                raise ValueError("nobody writes to a bot he blocked, or in a group that was upgraded")
            room.started = room.started or room.private
            target = self.messages[chat][reply_to] if reply_to else None
            bare = {key: value for key, value in target.items() if key != "reply_to_message"} if target else None
            message = self.post(room, user, reply_to_message=bare, **content)
            if room.private or room.members.get(self.bot_id, "left") not in {"left", "kicked"}:
                self.push("message", message, self._sees(room, message))
            self._bell()
            return message

    def _sees(self, chat: Chat, message: Json) -> bool:
        """Privacy mode: commands, mentions and replies only, unless the bot is admin."""
        if chat.private or not self.privacy or chat.members.get(self.bot_id) == "administrator":
            return True
        me = f"@{self.users[self.bot_id]['username']}".lower()
        text = str(message.get("text", message.get("caption", "")))
        entities: list[Json] = message.get("entities") or message.get("caption_entities") or []
        for one in entities:
            piece = entity_text(text, one).lower()
            if (one["type"] == "mention" and piece == me) or (
                one["type"] == "bot_command" and piece.partition("@")[2] in {"", me[1:]}
            ):
                return True
        return bool(message.get("reply_to_message", {}).get("from", {}).get("id") == self.bot_id)

    def document(
        self,
        chat: int,
        user: int,
        data: bytes = b"document",
        *,
        name: str = "plan.pdf",
        mime: str = "application/pdf",
        caption: str = "",
        size: int | None = None,
        reply_to: int | None = None,
    ) -> Json:
        """Send a file; `size` may claim more than `data` holds."""
        kept = self.store_file(data, name, mime, size)
        shape = self.file_shape(kept) | {"file_name": name, "mime_type": mime}
        words = {"caption": caption, "caption_entities": detect(caption)}
        return self._write(chat, user, reply_to, document=shape, **words)

    def photo(self, chat: int, user: int, data: bytes = b"photo", *, caption: str = "") -> Json:
        """Send a photo, of which Telegram keeps two sizes."""
        sides = [(90, self.store_file(data, "small.jpg", "image/jpeg"))]
        sides += [(1280, self.store_file(data, "photo.jpg", "image/jpeg"))]
        shapes = [self.file_shape(kept) | {"width": side, "height": side} for side, kept in sides]
        return self._write(chat, user, None, photo=shapes, caption=caption, caption_entities=detect(caption))

    def voice(self, chat: int, user: int, data: bytes = b"voice", *, seconds: int = 3) -> Json:
        """Send a voice message."""
        kept = self.store_file(data, "voice.oga", "audio/ogg")
        return self._write(chat, user, None, voice=self.file_shape(kept) | {"duration": seconds})

    def sticker(self, chat: int, user: int, emoji: str = "👍") -> Json:
        """Send a sticker."""
        kept = self.store_file(b"sticker", "sticker.webp", "image/webp")
        looks = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._write(chat, user, None, sticker=self.file_shape(kept) | looks | {"emoji": emoji})

    def edit(self, chat: int, message_id: int, text: str) -> Json:
        """Change one's own message."""
        with self._changed:
            before = self.messages[chat][message_id]
            if before["from"]["id"] == self.bot_id:
                raise ValueError("nobody edits what the bot said")
            after = before | {"text": text, "entities": detect(text), "edit_date": int(self.clock())}
            self.messages[chat][message_id] = after
            self.push("edited_message", after, self._sees(self.chats[chat], after))
            self._bell()
            return after

    def press(self, chat: int, message_id: int, user: int, button: str) -> str:
        """Press a button, named by its words or its data; return the query's id. No such button: LookupError."""
        with self._changed:
            message = self.messages.get(chat, {}).get(message_id, {})
            shown = self.buttons(chat, message_id) if message.get("from", {}).get("id") == self.bot_id else []
            data = [one["callback_data"] for one in shown if button in {one["text"], one.get("callback_data")}]
            room = self.chats[chat]
            if not data or (chat != user if room.private else room.members.get(user, "left") in {"left", "kicked"}):
                raise LookupError(f"{user} sees no button {button!r} under {message_id}: {shown}")
            query = f"{user}{len(self.callbacks) + 1:08d}"
            self.callbacks[query] = self.clock()
            shape = {"id": query, "from": self.users[user], "message": message, "data": data[0]}
            self.push("callback_query", shape | {"chat_instance": str(chat)})
            self._bell()
            return query
