"""The bot's side of `LocalTelegram`: what the Bot API's methods do to people's chats."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.servers import telegram_checks as checks
from tests.servers.telegram_checks import Call, read_markup, read_text, settle
from tests.servers.telegram_refusals import Json, RefusalError, bad, listed, too_many, units

NAMES = listed(
    "getMe getUpdates setWebhook deleteWebhook getWebhookInfo sendMessage editMessageText editMessageReplyMarkup "
    "deleteMessage answerCallbackQuery sendChatAction sendDocument sendMessageDraft getFile getChat getChatMember "
    "getChatAdministrators setMyCommands deleteMyCommands getMyCommands setMyDescription getMyDescription "
    "setMyShortDescription getMyShortDescription getMyName"
)
METHODS = {name.lower(): name for name in NAMES}
SCOPES = listed(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member"
)
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # come only to those who ask
LIMITED = {"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"}
RIGHTS = listed(
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
)
TWO_DAYS = 48 * 3600
DRAFT_LASTS = 30


@dataclass
class Chat:
    """A conversation: `members` holds statuses as Telegram names them, the bot's own included."""

    id: int
    type: str
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    migrated_to: int | None = None
    topics: dict[int, bool] = field(default_factory=dict)
    """Its topics, and whether one may write there."""

    @property
    def private(self) -> bool:
        return self.type == "private"


@dataclass
class StoredFile:
    """A file; `size` may claim more than there is, so that tests need not carry 20 MB about."""

    id: str
    data: bytes
    name: str
    mime: str
    size: int

    @property
    def path(self) -> str:
        return f"documents/{self.id}-{self.name}"


class BotApi:
    """State, and one method for each of the Bot API's."""

    def __init__(self, token: str, username: str, first_name: str, privacy: bool, limits: bool) -> None:
        self.token, self.bot_id, self.privacy = token, int(token.partition(":")[0]), privacy
        self.lock = threading.RLock()
        self.clock: Callable[[], float] = time.time
        self.limiter = checks.Limiter() if limits else None
        self.callback_lifetime = 60.0
        bot = {"id": self.bot_id, "is_bot": True, "first_name": first_name, "username": username}
        self.users: dict[int, Json] = {self.bot_id: bot}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Json]] = {}
        self.calls: list[Call] = []
        self.edits: list[Json] = []
        self.deleted: list[tuple[int, int]] = []
        self.actions: list[tuple[int, str]] = []
        self.drafts: list[Json] = []
        self.callbacks: dict[str, float] = {}
        self.answers: dict[str, Json] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.updates: list[Json] = []
        self.pending: list[Json] = []
        self.confirmed: list[int] = []
        self.withheld: list[tuple[str, Json]] = []
        self.allowed: list[str] | None = None
        self.webhook: Json | None = None
        self.public: dict[str, str] = {}
        self._ids: dict[int, int] = {}
        self._last_update = 500_000_000

    # Shared with the people's side

    def chat_shape(self, chat: Chat) -> Json:
        if chat.private:
            user = self.users[chat.id]
            named = {key: user[key] for key in ("first_name", "username") if key in user}
            return {"id": chat.id, "type": "private"} | named
        return {"id": chat.id, "type": chat.type, "title": chat.title}

    def member_shape(self, chat: Chat, user: int) -> Json:
        status = chat.members.get(user, "left")
        shape: Json = {"user": self.users[user], "status": status}
        if status == "administrator":
            shape |= dict.fromkeys(RIGHTS, True) | {"is_anonymous": False, "can_be_edited": False}
        elif status == "creator":
            shape["is_anonymous"] = False
        elif status == "kicked":
            shape["until_date"] = 0
        return shape

    def post(self, chat: Chat, sender: int, **content: Any) -> Json:
        """Keep a message and return it; ids run through per supergroup, and over all other chats together."""
        row = chat.id if chat.type == "supergroup" else 0
        self._ids[row] = self._ids.get(row, 0) + 1
        for draft in self.drafts if sender == self.bot_id else ():
            draft["over"] = draft["over"] or draft["chat_id"] == chat.id
        message: Json = {"message_id": self._ids[row], "date": int(self.clock()), "chat": self.chat_shape(chat)}
        message |= {"from": self.users[sender]} | {key: value for key, value in content.items() if value}
        self.messages.setdefault(chat.id, {})[message["message_id"]] = message
        return message

    def store_file(self, data: bytes, name: str, mime: str, size: int | None = None) -> StoredFile:
        kept = StoredFile(f"file{len(self.files) + 1}", data, name, mime, len(data) if size is None else size)
        self.files[kept.id] = kept
        return kept

    @staticmethod
    def file_shape(one: StoredFile) -> Json:
        return {"file_id": one.id, "file_unique_id": f"u{one.id}", "file_size": one.size}

    # Where a call may go

    def find(self, call: Call) -> Chat:
        if not call.get("chat_id"):
            bad("chat_id is empty")
        chat = self.chats.get(call.number("chat_id"))
        if chat is None:
            bad("chat not found")
        if chat.migrated_to:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise RefusalError(400, words, migrate_to_chat_id=chat.migrated_to)
        status = chat.members.get(self.bot_id, "left")
        if not chat.private and status in {"kicked", "left"}:
            words = "was kicked from" if status == "kicked" else "is not a member of"
            raise RefusalError(403, f"Forbidden: bot {words} the {chat.type} chat")
        return chat

    def reach(self, call: Call) -> Chat:
        chat = self.find(call)
        if chat.private and not chat.started:
            raise RefusalError(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.blocked:
            raise RefusalError(403, "Forbidden: bot was blocked by the user")
        if call.get("message_thread_id") and call.number("message_thread_id") not in chat.topics:
            bad("message thread not found")
        return chat

    def topic(self, call: Call, chat: Chat, target: Json | None) -> int | None:
        """Return the topic that something is said in: the one named, else that of what it answers."""
        topic = call.number("message_thread_id") or (target or {}).get("message_thread_id")
        if topic is not None and not chat.topics.get(topic, True):
            bad("TOPIC_CLOSED")
        return topic

    def count(self, call: Call, chat: Chat) -> None:
        if self.limiter and call.method in LIMITED:
            self.limiter.admit(chat.id, self.clock())

    def replied(self, call: Call, chat: Chat) -> Json | None:
        to = call.decoded("reply_parameters", dict, "object expected as reply parameters")
        if to is None:
            return None
        if not isinstance(to.get("message_id"), int):
            bad('can\'t find field "message_id"')
        target = self.messages.get(chat.id, {}).get(to["message_id"])
        if target is None and not to.get("allow_sending_without_reply"):
            bad("message to be replied not found")
        return {key: value for key, value in target.items() if key != "reply_to_message"} if target else None

    # Messages

    def send_message(self, call: Call) -> Json:
        text, entities = read_text(call)
        if not text:
            bad("message text is empty")
        markup, chat = read_markup(call), self.reach(call)
        text, entities = settle(text, entities, checks.TEXT_LIMIT, "message is too long")
        if not text:
            bad("text must be non-empty")
        target = self.replied(call, chat)
        topic = self.topic(call, chat, target)
        self.count(call, chat)
        said = {"text": text, "entities": entities, "reply_markup": markup, "reply_to_message": target}
        where = {"message_thread_id": topic, "is_topic_message": topic is not None}
        return self.post(chat, self.bot_id, **said, **where)

    def send_document(self, call: Call) -> Json:
        caption, entities = read_text(call, "caption", "caption_entities")
        markup, chat = read_markup(call), self.reach(call)
        caption, entities = settle(caption, entities, checks.CAPTION_LIMIT, "message caption is too long")
        target, one = self.replied(call, chat), self._uploaded(call)
        self.count(call, chat)
        said: Json = {"document": self.file_shape(one) | {"file_name": one.name, "mime_type": one.mime}}
        said |= {"caption": caption, "caption_entities": entities}
        return self.post(chat, self.bot_id, reply_markup=markup, reply_to_message=target, **said)

    def _uploaded(self, call: Call) -> StoredFile:
        named = call.get("document")
        name, data = call.files.get(named.removeprefix("attach://") or "document", ("", b""))
        if named in self.files:
            return self.files[named]
        if named and not name:
            bad("wrong file identifier/HTTP URL specified")
        if not name:
            bad("there is no document in the request")
        if not data:
            bad("file must be non-empty")
        if len(data) > checks.UPLOAD_LIMIT:
            raise RefusalError(413, "Request Entity Too Large")
        return self.store_file(data, name, "application/octet-stream")

    def _own(self, call: Call, chat: Chat) -> Json:
        if call.number("message_id") <= 0:
            bad("message identifier is not specified")
        message = self.messages.get(chat.id, {}).get(call.number("message_id"))
        if message is None:
            bad("message to edit not found")
        if message["from"]["id"] != self.bot_id or "left_chat_member" in message:
            bad("message can't be edited")
        return message

    def _edited(self, chat: Chat, before: Json, changes: Json) -> Json:
        after = {key: value for key, value in (before | changes).items() if value is not None and value != []}
        if {key: value for key, value in before.items() if key != "edit_date"} == {
            key: value for key, value in after.items() if key != "edit_date"
        }:
            same = "specified new message content and reply markup are exactly the same as a current content"
            bad(f"message is not modified: {same} and reply markup of the message")
        after["edit_date"] = int(self.clock())
        self.messages[chat.id][before["message_id"]] = after
        self.edits.append(after)
        return after

    def edit_message_text(self, call: Call) -> Json:
        text, entities = read_text(call)
        if not text:
            bad("message text is empty")
        markup, chat = read_markup(call, inline_only=True), self.reach(call)
        before = self._own(call, chat)
        if "text" not in before:
            bad("there is no text in the message to edit")
        text, entities = settle(text, entities, checks.TEXT_LIMIT, "message is too long")
        if not text:
            bad("text must be non-empty")
        self.count(call, chat)
        return self._edited(chat, before, {"text": text, "entities": entities, "reply_markup": markup})

    def edit_message_reply_markup(self, call: Call) -> Json:
        markup, chat = read_markup(call, inline_only=True), self.reach(call)
        before = self._own(call, chat)
        self.count(call, chat)
        return self._edited(chat, before, {"reply_markup": markup})

    def delete_message(self, call: Call) -> bool:
        chat = self.reach(call)
        message = self.messages.get(chat.id, {}).get(call.number("message_id"))
        if message is None:
            bad("message to delete not found")
        admin = chat.members.get(self.bot_id) == "administrator"
        if message["from"]["id"] != self.bot_id and not chat.private and not admin:
            bad("message can't be deleted")
        if self.clock() - message["date"] > TWO_DAYS and not admin:
            bad("message can't be deleted for everyone")
        del self.messages[chat.id][message["message_id"]]
        self.deleted.append((chat.id, message["message_id"]))
        return True

    def send_message_draft(self, call: Call) -> bool:
        text, entities = read_text(call)
        chat = self.reach(call)
        if not chat.private:
            bad("TEXTDRAFT_PEER_INVALID")
        if not call.number("draft_id"):
            bad("draft identifier must be non-zero")
        text, entities = settle(text, entities, checks.TEXT_LIMIT, "message is too long")
        now = self.clock()
        if self.limiter:
            last = next((one["at"] for one in reversed(self.drafts) if one["chat_id"] == chat.id), now - 1)
            if now - last < 1:  # Nobody has written down how often is too often.
                raise too_many(last + 1 - now)
        draft = {"chat_id": chat.id, "draft_id": call.number("draft_id"), "text": text, "at": now, "over": False}
        self.drafts.append(draft | ({"entities": entities} if entities else {}))
        return True

    def drafting(self, chat: int) -> str | None:
        """What a person sees of an answer on its way: for thirty seconds, until the bot says something."""
        with self.lock:
            last = next((one for one in reversed(self.drafts) if one["chat_id"] == chat), None)
            seen = last is not None and not last["over"] and self.clock() - last["at"] < DRAFT_LASTS
            return str(last["text"]) if last is not None and seen else None

    def send_chat_action(self, call: Call) -> bool:
        if call.get("action") not in checks.ACTIONS:
            bad("wrong parameter action in request")
        self.actions.append((self.reach(call).id, call.get("action")))
        return True

    def answer_callback_query(self, call: Call) -> bool:
        asked = call.get("callback_query_id")
        born = self.callbacks.get(asked)
        # A second answer is refused as well.
        if born is None or asked in self.answers or self.clock() - born > self.callback_lifetime:
            bad("query is too old and response timeout expired or query ID is invalid")
        if units(call.get("text")) > checks.ANSWER_LIMIT:
            bad("MESSAGE_TOO_LONG")
        self.answers[asked] = {"text": call.get("text"), "show_alert": call.flag("show_alert")}
        return True

    # Files, chats, the bot itself

    def get_file(self, call: Call) -> Json:
        one = self.files.get(call.get("file_id"))
        if one is None:
            bad("wrong file_id or the file is temporarily unavailable")
        if one.size > checks.DOWNLOAD_LIMIT:
            bad("file is too big")
        return self.file_shape(one) | {"file_path": one.path}

    def get_chat(self, call: Call) -> Json:
        chat = self.find(call)
        gifts = listed("unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels")
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
        return self.chat_shape(chat) | more

    def get_chat_member(self, call: Call) -> Json:
        chat, user = self.find(call), call.number("user_id")
        if user not in self.users:
            bad("user not found" if chat.private else "member not found")
        if chat.private:
            return {"user": self.users[user], "status": "member" if user in {chat.id, self.bot_id} else "left"}
        return self.member_shape(chat, user)

    def get_chat_administrators(self, call: Call) -> list[Json]:
        chat = self.find(call)
        if chat.private:
            bad("there are no administrators in the private chat")
        heads = [one for one, status in chat.members.items() if status in {"creator", "administrator"}]
        # Other bots are left out, this one is not.
        return [self.member_shape(chat, one) for one in heads if one == self.bot_id or not self.users[one]["is_bot"]]

    def get_me(self, _call: Call) -> Json:
        able = {"can_join_groups": True, "can_read_all_group_messages": not self.privacy}
        return self.users[self.bot_id] | able | {"supports_inline_queries": False}

    def get_my_name(self, _call: Call) -> Json:
        return {"name": self.users[self.bot_id]["first_name"]}

    def _language(self, call: Call) -> str:
        if not re.fullmatch(r"([a-z]{2})?", call.get("language_code")):
            bad("invalid language code specified")
        return call.get("language_code")

    def _scope(self, call: Call) -> str:
        scope = call.decoded("scope", dict, "can't parse BotCommandScope JSON object") or {"type": "default"}
        if scope.get("type") not in SCOPES:
            bad("can't parse BotCommandScope: Unsupported type specified")
        if "chat" not in scope["type"].split("_")[:1] or scope["type"] == "all_chat_administrators":
            return str(scope["type"])
        self.find(Call("", {"chat_id": scope.get("chat_id")}, 0))
        return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)

    def set_my_commands(self, call: Call) -> bool:
        commands = call.decoded("commands", list, "can't parse commands JSON object") or []
        if len(commands) > 100:
            bad("BOT_COMMANDS_TOO_MUCH")
        for one in commands:
            if not isinstance(one, dict) or not re.fullmatch(r"[a-z0-9_]{1,32}", str(one.get("command"))):
                bad("BOT_COMMAND_INVALID")
            if not 1 <= units(str(one.get("description", ""))) <= 256:
                bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(call), self._language(call)] = commands
        return True

    def delete_my_commands(self, call: Call) -> bool:
        self.commands.pop((self._scope(call), self._language(call)), None)
        return True

    def get_my_commands(self, call: Call) -> list[Json]:
        return self.commands.get((self._scope(call), self._language(call)), [])

    def set_my_description(self, call: Call) -> bool:
        return self._describe(call, self.descriptions, "description", 512)

    def set_my_short_description(self, call: Call) -> bool:
        return self._describe(call, self.short_descriptions, "short_description", 120)

    def _describe(self, call: Call, shelf: dict[str, str], name: str, limit: int) -> bool:
        if units(call.get(name)) > limit:
            bad(f"{name.replace('_', ' ')} is too long")
        shelf[self._language(call)] = call.get(name)
        return True

    def get_my_description(self, call: Call) -> Json:
        return {"description": self.descriptions.get(self._language(call), self.descriptions.get("", ""))}

    def get_my_short_description(self, call: Call) -> Json:
        known = self.short_descriptions
        return {"short_description": known.get(self._language(call), known.get("", ""))}

    # Updates

    def push(self, kind: str, content: Json, seen: bool = True) -> None:
        """Queue an update, or note why the bot does not get it; what was asked for counts at this moment."""
        if not seen:
            self.withheld.append(("privacy", {kind: content}))
        elif kind in self.allowed if self.allowed else kind not in UNASKED:
            self._last_update += 1
            update = {"update_id": self._last_update, kind: content}
            self.updates.append(update)
            self.pending.append(update)
        else:
            self.withheld.append(("not allowed", {kind: content}))

    def ask_for(self, call: Call) -> None:
        """Remember `allowed_updates`; left out, what was asked for before still counts."""
        wanted = call.decoded("allowed_updates", list, "can't parse allowed updates")
        if wanted is not None:
            self.allowed = wanted or None

    def take(self, call: Call) -> list[Json]:
        """Confirm what is older than `offset` and return what waits."""
        offset, limit = call.number("offset"), call.number("limit", 100)
        first = self.pending[offset:][0]["update_id"] if offset < 0 and self.pending else offset
        self.confirmed += [one["update_id"] for one in self.pending if one["update_id"] < first]
        self.pending = [one for one in self.pending if one["update_id"] >= first]
        return self.pending[: limit if 1 <= limit <= 100 else 100]

    def set_webhook(self, call: Call) -> bool:
        url, secret = call.get("url"), call.get("secret_token")
        if not url:
            return self.delete_webhook(call)
        address = urlsplit(url)
        routed = any(url.startswith(prefix) for prefix in self.public)
        if address.hostname != "127.0.0.1":
            if address.scheme != "https":
                bad("bad webhook: An HTTPS URL must be provided for webhook")
            if (address.port or 443) not in {80, 88, 443, 8443}:
                bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
            if not routed:
                bad("bad webhook: Failed to resolve host: Name or service not known")
        if len(secret) > 256:
            bad("secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            bad("secret token contains unallowed characters")
        most = call.number("max_connections", 40)
        self.ask_for(call)
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        self.webhook = {"url": url, "secret": secret, "max_connections": min(max(most, 1), 100)}
        return True

    def delete_webhook(self, call: Call) -> bool:
        self.webhook = None
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        return True

    def get_webhook_info(self, _call: Call) -> Json:
        hook = self.webhook or {}
        shape: Json = {"url": hook.get("url", ""), "has_custom_certificate": False}
        shape["pending_update_count"] = len(self.pending)
        shape |= {
            key: hook[key] for key in ("max_connections", "last_error_date", "last_error_message") if key in hook
        }
        return shape | ({"allowed_updates": self.allowed} if self.allowed else {})
