"""The methods of the local Slack's Web API: each takes the caller's team and arguments, and answers or refuses."""

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

from tests.servers.slack_checks import Refused, check_blocks, check_chunks, check_metadata
from tests.servers.slack_people import People
from tests.servers.slack_world import APP_ID, Channel, Team

Answer = dict[str, Any]
METHODS: dict[str, str] = {  # name: the scope it needs; `*` stands for the kind of conversation
    "auth.test": "",
    "bots.info": "users:read",
    "users.info": "users:read",
    "files.info": "files:read",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "chat.scheduleMessage": "chat:write",
    "chat.deleteScheduledMessage": "chat:write",
    "conversations.open": "im:write",
    "conversations.join": "channels:join",
    "conversations.info": "*:read",
    "conversations.members": "*:read",
    "conversations.history": "*:history",
    "conversations.replies": "*:history",
    "views.open": "",
    "views.push": "",
    "views.update": "",
    "views.publish": "",
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setTitle": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "agents.sessions.setStatus": "chat:write",
}
# Slack reads no JSON body for these; what is in it counts as not given.
FORM_ONLY = {name for name, scope in METHODS.items() if scope.startswith("*") or name.endswith("s.info")}
SCOPE_OF = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
TS = re.compile(r"\d{10}\.\d{6}")
SESSION_STATES = {"active", "processing", "suspended", "closed"}


class Args(dict[str, Any]):
    """The arguments of a call, as they came: strings from forms, anything from JSON."""

    def need(self, name: str, error: str = "invalid_arguments") -> str:
        """A text that must be there."""
        value = self.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(error, f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return str(self.get(name, "")).lower() in {"1", "true"}

    def number(self, name: str, default: int, most: int) -> int:
        try:
            value = int(self.get(name, default))
        except (TypeError, ValueError):
            raise Refused("invalid_arguments", f"must be a number: {name}") from None
        if not 1 <= value <= most:
            raise Refused("invalid_limit" if name == "limit" else "invalid_arguments")
        return value

    def parsed(self, name: str, error: str) -> Any:
        """A value that may be JSON in a string."""
        value = self.get(name)
        if isinstance(value, str) and value:
            try:
                return json.loads(value)
            except ValueError:
                raise Refused(error) from None
        return value


class WebApi(People):
    """Everything under `/api/` that needs a bot token."""

    def __init__(self) -> None:
        super().__init__()
        self.edits: list[dict[str, Any]] = []
        self.deletions: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.sessions: dict[tuple[str, str], dict[str, Any]] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: list[dict[str, Any]] = []
        self.scheduled: dict[str, dict[str, Any]] = {}
        self.streams: dict[tuple[str, str], dict[str, Any]] = {}
        self.responses: list[dict[str, Any]] = []
        self.stream_lifetime = 300.0
        self.trigger_lifetime = 3.0

    def run(self, method: str, team: Team, args: Args) -> Answer:
        """Do what the method says, under the lock."""
        scope = METHODS.get(method)
        if scope is None:
            raise Refused("unknown_method")
        if scope and "*" not in scope:
            self._scope(team, scope)
        act: Callable[[Team, Args], Answer] = getattr(self, method.replace(".", "_"))
        return act(team, args)

    def _scope(self, team: Team, scope: str) -> None:
        if scope not in team.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(team.scopes)))

    def _room(self, team: Team, channel: Any, *, write: bool = False, inside: bool = True) -> Channel:
        room = self.channels.get(channel) if isinstance(channel, str) else None
        if room is None or team.id not in room.teams:
            raise Refused("channel_not_found")
        if inside and team.bot_user not in room.members:
            raise Refused("not_in_channel" if room.kind == "channel" else "channel_not_found")
        if not inside and room.kind != "channel" and team.bot_user not in room.members:
            raise Refused("channel_not_found")
        if write and room.archived:
            raise Refused("is_archived")
        return room

    def _thread(self, room: Channel, args: Args, *, needed: bool = False) -> str | None:
        thread = args.get("thread_ts")
        if thread is None and not needed:
            return None
        root = room.messages.get(thread) if isinstance(thread, str) and TS.fullmatch(thread) else None
        if root is None or root.get("thread_ts", thread) != thread:
            raise Refused("invalid_thread_ts")
        return str(thread)

    def _own(self, team: Team, args: Args, room: Channel, refusal: str) -> dict[str, Any]:
        message = room.messages.get(args.need("ts", "message_not_found"))
        if message is None:
            raise Refused("message_not_found")
        if message.get("bot_id") != team.bot_id:
            raise Refused(refusal)
        return message

    def _content(self, args: Args, *, most: int = 40_000) -> dict[str, Any]:
        """The text, blocks and metadata of a message, checked; blocks get the ids that Slack gives them."""
        text, blocks = args.get("text"), args.parsed("blocks", "invalid_blocks_format")
        said: dict[str, Any] = {}
        if text is not None and not isinstance(text, str):
            raise Refused("invalid_arguments", "must be a string [json-pointer:/text]")
        if "markdown_text" in args:
            if text or blocks:
                raise Refused("markdown_text_conflict")
            text = args.need("markdown_text", "no_text")
            most = 12_000
        if blocks is not None:
            check_blocks(blocks)
            said["blocks"] = self._with_ids(blocks)
        if not blocks and not (text and text.strip()) and not args.get("attachments"):
            raise Refused("no_text")
        if text and len(text) > most:
            raise Refused("msg_too_long")
        if args.get("metadata"):
            said["metadata"] = check_metadata(args.parsed("metadata", "invalid_metadata_format"))
        return said | {"text": text or ""}

    def _with_ids(self, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self._id("b"))
            for one in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
                if isinstance(one, dict) and one.get("type") not in {"image", "mrkdwn", "plain_text", None}:
                    one.setdefault("action_id", self._id("a"))
        return blocks

    def _say(self, team: Team, room: Channel, said: dict[str, Any], thread: str | None) -> dict[str, Any]:
        message = {"type": "message", "user": team.bot_user, "bot_id": team.bot_id, "app_id": APP_ID, "team": team.id}
        message |= {
            "ts": self.new_ts(),
            "bot_profile": {"id": team.bot_id, "name": "nakodo"},
        } | said
        return self.keep(room, message | ({"thread_ts": thread} if thread else {}))

    # -- who and where -----------------------------------------------------------------------------------------

    def auth_test(self, team: Team, args: Args) -> Answer:
        ids = {"team_id": team.id, "user_id": team.bot_user, "bot_id": team.bot_id}
        return ids | {"url": self.url, "team": team.name, "user": "nakodo", "is_enterprise_install": False}

    def bots_info(self, team: Team, args: Args) -> Answer:
        if args.need("bot", "bot_not_found") != team.bot_id:
            raise Refused("bot_not_found")
        bot = {"id": team.bot_id, "deleted": False, "name": "nakodo", "app_id": APP_ID, "user_id": team.bot_user}
        return {"bot": bot}

    def users_info(self, team: Team, args: Args) -> Answer:
        user = copy.deepcopy(self.users.get(args.need("user", "user_not_found")))
        if user is None:
            raise Refused("user_not_found")
        if not args.flag("include_locale"):
            del user["locale"]
        return {"user": user | ({"is_stranger": True} if user["team_id"] != team.id else {})}

    def files_info(self, team: Team, args: Args) -> Answer:
        file = self.files.get(args.need("file", "file_not_found"))
        if file is None or not any(team.bot_user in self.channels[one].members for one in file["channels"]):
            raise Refused("file_not_found")
        return {"file": file}

    def conversations_open(self, team: Team, args: Args) -> Answer:
        users = args.need("users", "users_list_not_supplied").split(",")
        for user in users:
            if user not in self.users:
                raise Refused("user_not_found")
            if self.users[user]["is_bot"]:
                raise Refused("cannot_dm_bot")
            if user in self.undmable:
                raise Refused("cannot_dm_user")
        if len(users) > 1:
            raise Refused("not_enabled", "group messages are not part of the local Slack")
        known = set(self.channels)
        room = self.im(users[0], team=team)
        return {"channel": {"id": room}} | ({"no_op": True, "already_open": True} if room in known else {})

    def conversations_join(self, team: Team, args: Args) -> Answer:
        room = self._room(team, args.get("channel"), inside=False, write=True)
        if room.kind != "channel":
            raise Refused("method_not_supported_for_channel_type")
        if team.bot_user not in room.members:
            room.members.append(team.bot_user)
        return {"channel": self._described(team, room)}

    def _described(self, team: Team, room: Channel) -> dict[str, Any]:
        about: dict[str, Any] = {f"is_{kind}": room.kind == kind for kind in ("channel", "group", "im", "mpim")}
        about |= {"id": room.id, "is_private": room.kind != "channel", "is_archived": room.archived}
        about |= {"is_ext_shared": room.shared, "is_shared": room.shared, "context_team_id": team.id}
        if room.kind == "im":
            return about | {"user": room.user}
        return about | {"name": room.name, "is_member": team.bot_user in room.members, "shared_team_ids": room.teams}

    def _seen(self, team: Team, args: Args, what: str, *, inside: bool) -> Channel:
        room = self._room(team, args.get("channel"), inside=False)
        self._scope(team, f"{SCOPE_OF[room.kind]}:{what}")
        return self._room(team, args.get("channel"), inside=inside)

    def conversations_info(self, team: Team, args: Args) -> Answer:
        room = self._seen(team, args, "read", inside=False)
        more = {"num_members": len(room.members)} if args.flag("include_num_members") else {}
        return {"channel": self._described(team, room) | more}

    def _page(self, args: Args, rows: list[Any], default: int = 100) -> tuple[list[Any], str]:
        limit = args.number("limit", default, 999)
        start = 0
        if args.get("cursor"):
            if not re.fullmatch(r"at:\d+", str(args["cursor"])):
                raise Refused("invalid_cursor")
            start = int(str(args["cursor"])[3:])
        rest = start + limit
        return rows[start:rest], f"at:{rest}" if rest < len(rows) else ""

    def conversations_members(self, team: Team, args: Args) -> Answer:
        room = self._seen(team, args, "read", inside=False)
        page, cursor = self._page(args, room.members)
        return {"members": page, "response_metadata": {"next_cursor": cursor}}

    def _messages(self, args: Args, rows: list[dict[str, Any]]) -> Answer:
        for name in ("oldest", "latest"):
            if args.get(name) and not re.fullmatch(r"\d+(\.\d+)?", str(args[name])):
                raise Refused(f"invalid_ts_{name}")
        low, high = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        edge = args.flag("inclusive")
        rows = [one for one in rows if low < float(one["ts"]) < high or (edge and float(one["ts"]) in (low, high))]
        page, cursor = self._page(args, rows)
        page = [copy.deepcopy(one) for one in page]
        if not args.flag("include_all_metadata"):
            for one in page:
                one.pop("metadata", None)
        more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
        return {"messages": page, "has_more": bool(cursor)} | more

    def conversations_history(self, team: Team, args: Args) -> Answer:
        room = self._seen(team, args, "history", inside=True)
        roots = [one for one in room.messages.values() if one.get("thread_ts", one["ts"]) == one["ts"]]
        return self._messages(args, sorted(roots, key=lambda one: str(one["ts"]), reverse=True))

    def conversations_replies(self, team: Team, args: Args) -> Answer:
        room = self._seen(team, args, "history", inside=True)
        root = args.need("ts", "thread_not_found")
        if root not in room.messages:
            raise Refused("thread_not_found")
        thread = [one for _, one in sorted(room.messages.items()) if root in (one["ts"], one.get("thread_ts"))]
        return self._messages(args, thread)

    # -- writing -----------------------------------------------------------------------------------------------

    def chat_postMessage(self, team: Team, args: Args) -> Answer:  # noqa: N802 - Slack's names
        room = self._room(team, args.get("channel"), write=True)
        thread = self._thread(room, args)
        message = self._say(team, room, self._content(args), thread)
        return {"channel": room.id, "ts": message["ts"], "message": message}

    def chat_postEphemeral(self, team: Team, args: Args) -> Answer:  # noqa: N802
        room = self._room(team, args.get("channel"), write=True)
        user = args.need("user", "user_not_in_channel")
        if user not in room.members:
            raise Refused("user_not_in_channel")
        thread = self._thread(room, args)
        said = self._content(args, most=40_000) | {"channel": room.id, "user": user, "ts": self.new_ts()}
        self.ephemerals.append(said | ({"thread_ts": thread} if thread else {}))
        return {"message_ts": said["ts"]}

    def chat_update(self, team: Team, args: Args) -> Answer:
        room = self._room(team, args.get("channel"), write=True)
        message = self._own(team, args, room, "cant_update_message")
        if (room.id, message["ts"]) in self.streams and self._streaming(room, message):
            raise Refused("streaming_state_conflict")
        if args.get("blocks") is None and not args.get("text") and "markdown_text" not in args:
            raise Refused("no_text")
        said = self._content(args, most=4_000)
        # What is not given stays: Slack keeps the blocks and metadata of a message until told otherwise.
        self.edits.append({"channel": room.id, "ts": message["ts"], "before": copy.deepcopy(message)} | said)
        if args.get("metadata") == {}:
            message.pop("metadata", None)
        message |= said | {"edited": {"user": team.bot_user, "ts": self.new_ts()}}
        return {"channel": room.id, "ts": message["ts"], "text": message["text"], "message": message}

    def chat_delete(self, team: Team, args: Args) -> Answer:
        room = self._room(team, args.get("channel"))
        message = self._own(team, args, room, "cant_delete_message")
        del room.messages[message["ts"]]
        self.deletions.append({"channel": room.id, "ts": message["ts"], "message": message})
        return {"channel": room.id, "ts": message["ts"]}

    def chat_scheduleMessage(self, team: Team, args: Args) -> Answer:  # noqa: N802
        room = self._room(team, args.get("channel"), write=True)
        at, now = args.number("post_at", 0, 10**11), time.time()
        if at <= now:
            raise Refused("time_in_past")
        if at > now + 120 * 86_400:
            raise Refused("time_too_far")
        said, thread = self._content(args), self._thread(room, args)
        name = self._id("Q")
        self.scheduled[name] = {"team": team.id, "channel": room.id, "thread": thread, "post_at": at, "said": said}
        return {"channel": room.id, "scheduled_message_id": name, "post_at": at, "message": said}

    def chat_deleteScheduledMessage(self, team: Team, args: Args) -> Answer:  # noqa: N802
        self._room(team, args.get("channel"))
        if self.scheduled.pop(args.need("scheduled_message_id"), None) is None:
            raise Refused("invalid_scheduled_message_id")
        return {}

    def release_scheduled(self, *, until: float) -> list[str]:
        """Post what is scheduled up to a time; give the ts of each."""
        with self.lock:
            due = [name for name, one in self.scheduled.items() if one["post_at"] <= until]
            gone = [self.scheduled.pop(name) for name in due]
            rooms = [(self.teams[one["team"]], self.channels[one["channel"]], one) for one in gone]
            return [self._say(team, room, one["said"], one["thread"])["ts"] for team, room, one in rooms]

    # -- streams -----------------------------------------------------------------------------------------------

    def _streaming(self, room: Channel, message: dict[str, Any]) -> bool:
        stream = self.streams.get((room.id, message["ts"]))
        return bool(stream and stream["open"] and time.monotonic() < stream["until"])

    def _piece(self, args: Args, stream: dict[str, Any]) -> str:
        """The text that a call adds; a stream keeps the shape, text or chunks, in which it began."""
        chunks = args.parsed("chunks", "invalid_chunks")
        if "markdown_text" in args and chunks is not None:
            raise Refused("invalid_arguments", "markdown_text and chunks exclude each other")
        if not chunks and "markdown_text" not in args:
            return ""
        shape = "chunks" if chunks else "text"
        if stream.setdefault("shape", shape) != shape:
            raise Refused("streaming_mode_mismatch")
        text = check_chunks(chunks) if chunks else args.need("markdown_text", "no_text")
        if len(text) > 12_000 or len(stream["text"]) + len(text) > 12_000:
            raise Refused("msg_too_long")
        return text

    def chat_startStream(self, team: Team, args: Args) -> Answer:  # noqa: N802
        room = self._room(team, args.get("channel"), write=True)
        thread = self._thread(room, args, needed=True)
        if room.kind != "im":
            for name in ("recipient_user_id", "recipient_team_id"):
                args.need(name, f"missing_{name}")
        user = args.get("recipient_user_id")
        if user is not None and self.users.get(user, {}).get("team_id") != args.get("recipient_team_id"):
            raise Refused("user_not_found")
        stream: dict[str, Any] = {"text": "", "open": True, "until": time.monotonic() + self.stream_lifetime}
        stream["text"] = self._piece(args, stream)
        message = self._say(team, room, {"text": stream["text"], "streaming_state": "in_progress"}, thread)
        self.streams[room.id, message["ts"]] = stream
        return {"channel": room.id, "ts": message["ts"]}

    def _append(self, team: Team, args: Args) -> tuple[Channel, dict[str, Any], dict[str, Any]]:
        room = self._room(team, args.get("channel"), write=True)
        message = self._own(team, args, room, "message_not_owned_by_app")
        stream = self.streams.get((room.id, message["ts"]))
        if stream and stream.get("stopped_by_user"):
            raise Refused("stopped_by_user")
        if stream is None or not self._streaming(room, message):
            raise Refused("message_not_in_streaming_state")
        stream["text"] += self._piece(args, stream)
        return room, message, stream

    def chat_appendStream(self, team: Team, args: Args) -> Answer:  # noqa: N802
        if not args.get("chunks") and not args.get("markdown_text"):
            raise Refused("no_text")
        room, message, stream = self._append(team, args)
        message["text"] = stream["text"]
        return {"channel": room.id, "ts": message["ts"]}

    def chat_stopStream(self, team: Team, args: Args) -> Answer:  # noqa: N802
        more: dict[str, Any] = {}
        blocks = args.parsed("blocks", "invalid_blocks_format")
        if blocks:
            check_blocks(blocks)
            more["blocks"] = self._with_ids(blocks)
        if args.get("metadata"):
            more["metadata"] = check_metadata(args.parsed("metadata", "invalid_metadata_format"))
        if args.get("session_status") is not None and args["session_status"] not in SESSION_STATES:
            raise Refused("invalid_arguments", "session_status")
        room, message, stream = self._append(team, args)
        stream["open"] = False
        message |= more | {"text": stream["text"], "streaming_state": "completed"}
        return {"channel": room.id, "ts": message["ts"], "message": message}

    def end_streams(self, *, by_user: bool = False) -> None:
        """Let all open streams die of age, or by the reader's stop button."""
        with self.lock:
            for stream in self.streams.values():
                if stream["open"]:
                    stream.update(open=False, stopped_by_user=by_user)
