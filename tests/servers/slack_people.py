"""What people do in the local Slack.

Each act (`message`, `press`, `command` …) changes the state as Slack would and gives the envelope that Slack would
deliver to the app; `LocalSlack.deliver` sends it.
"""

import copy
import time
from typing import Any

from tests.servers.slack_world import APP_ID, KINDS, Channel, Envelope, Team, Trigger, World

TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
CHOSEN = {  # element: the name of its answer in the state of a view
    "static_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


class People(World):
    """The acts of people, and of other bots."""

    def wrap(self, event: dict[str, Any], *, team: Team | None = None, channel: Channel | None = None) -> Envelope:
        """An event in its outer payload, with an event_id of its own."""
        home = team or self.team
        return Envelope(
            "events_api",
            {
                "token": "verification",
                "team_id": home.id,
                "context_team_id": home.id,
                "context_enterprise_id": None,
                "api_app_id": APP_ID,
                "event": event,
                "type": "event_callback",
                "event_id": self._id("Ev"),
                "event_time": int(float(event.get("event_ts", time.time()))),
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": home.id,
                        "user_id": home.bot_user,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
                "is_ext_shared_channel": bool(channel and channel.shared),
                "event_context": f"4-{event['type']}",
            },
        )

    def _home(self, channel: Channel) -> Team:
        """The team whose bot hears the channel."""
        return next((self.teams[one] for one in channel.teams if self.teams[one].installed), self.team)

    def message(
        self,
        user: str,
        text: str,
        *,
        channel: str | None = None,
        thread_ts: str | None = None,
        files: list[str] | None = None,
    ) -> Envelope:
        """A person writes, in their direct message with the bot when no channel is named."""
        with self.lock:
            room = self.channels[channel or self.im(user)]
            if user not in room.members:
                raise LookupError(f"{user} is not in {room.id}")
            ts = self.new_ts()
            said: dict[str, Any] = {"type": "message", "user": user, "text": text, "ts": ts}
            said |= {"client_msg_id": f"msg-{ts}", "team": self.users[user]["team_id"]}
            if thread_ts:
                said |= {"thread_ts": thread_ts, "parent_user_id": room.messages[thread_ts].get("user")}
            if files:
                said |= {"subtype": "file_share", "upload": False, "files": [self.files[one] for one in files]}
                for one in files:
                    self.files[one]["channels"].append(room.id)
            if room.shared:
                team = self.users[user]["team_id"]
                said |= {"user_team": team, "source_team": team, "user_profile": self.users[user]["profile"]}
            self.keep(room, said)
            return self._said(room, said)

    def _said(self, room: Channel, said: dict[str, Any], kind: str = "message") -> Envelope:
        event = copy.deepcopy(said) | {"type": kind, "channel": room.id, "event_ts": said["ts"]}
        if kind == "message":
            event["channel_type"] = room.kind
        return self.wrap(event, team=self._home(room), channel=room)

    def mention(
        self,
        user: str,
        text: str,
        *,
        channel: str,
        thread_ts: str | None = None,
        files: list[str] | None = None,
    ) -> tuple[Envelope, Envelope]:
        """A person names the bot: `app_mention` and `message` for one text, one ts, two event_ids."""
        with self.lock:
            room = self.channels[channel]
            name = f"<@{self._home(room).bot_user}>"
            whole = text if name in text else f"{name} {text}"
            heard = self.message(user, whole, channel=channel, thread_ts=thread_ts, files=files)
            return self._said(room, room.messages[heard.ts], "app_mention"), heard

    def bot_message(self, text: str, *, channel: str, legacy: bool = True, thread_ts: str | None = None) -> Envelope:
        """Another bot writes: with the subtype `bot_message`, or as bots of today do, with a user and a bot_id."""
        with self.lock:
            room = self.channels[channel]
            said = {"type": "message", "text": text, "ts": self.new_ts(), "bot_id": "B00OTHER00"}
            said |= {"subtype": "bot_message", "username": "other"} if legacy else {"user": "U00OTHER00"}
            said |= {"thread_ts": thread_ts} if thread_ts else {}
            return self._said(room, self.keep(room, said))

    def own_message(self, channel: str, ts: str) -> Envelope:
        """The event by which the bot hears what it has posted itself."""
        with self.lock:
            return self._said(self.channels[channel], self.channels[channel].messages[ts])

    def _about(self, room: Channel, subtype: str, **more: Any) -> Envelope:
        ts = self.new_ts()
        event = {"type": "message", "subtype": subtype, "channel": room.id, "channel_type": room.kind, "hidden": True}
        return self.wrap(event | {"ts": ts, "event_ts": ts} | more, team=self._home(room), channel=room)

    def edited(self, channel: str, ts: str, text: str) -> Envelope:
        """A person edits a message: `message_changed`."""
        with self.lock:
            room = self.channels[channel]
            before = copy.deepcopy(room.messages[ts])
            now = room.messages[ts]
            now |= {"text": text, "edited": {"user": now.get("user"), "ts": self.new_ts()}}
            return self._about(room, "message_changed", message=copy.deepcopy(now), previous_message=before)

    def deleted(self, channel: str, ts: str) -> Envelope:
        """A person deletes a message: `message_deleted`."""
        with self.lock:
            room = self.channels[channel]
            return self._about(room, "message_deleted", deleted_ts=ts, previous_message=room.messages.pop(ts))

    def home_opened(self, user: str, *, tab: str = "home") -> Envelope:
        """A person opens the app: tab `home` or `messages`."""
        with self.lock:
            room = self.channels[self.im(user)]
            event: dict[str, Any] = {
                "type": "app_home_opened",
                "user": user,
                "channel": room.id,
                "tab": tab,
                "event_ts": self.new_ts(),
            }
            if tab == "home" and user in self.homes:
                event["view"] = copy.deepcopy(self.homes[user])
            return self.wrap(event, team=self._home(room))

    def joined(self, user: str, *, channel: str, inviter: str | None = None) -> Envelope:
        """A person, or the bot, comes into a channel."""
        with self.lock:
            room = self.channels[channel]
            if user not in room.members:
                room.members.append(user)
            event = {"type": "member_joined_channel", "user": user, "channel": channel, "event_ts": self.new_ts()}
            event |= {"channel_type": KINDS[room.kind], "team": self.users[user]["team_id"]}
            event |= {"inviter": inviter} if inviter else {}
            return self.wrap(event, team=self._home(room), channel=room)

    def uninstalled(self, team: Team | None = None) -> tuple[Envelope, Envelope]:
        """The app is removed from a team: `app_uninstalled` and `tokens_revoked`; its token no longer works."""
        with self.lock:
            gone = team or self.team
            gone.installed = False
            now = self.new_ts()
            revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [gone.bot_user]}, "event_ts": now}
            return self.wrap({"type": "app_uninstalled", "event_ts": now}, team=gone), self.wrap(revoked, team=gone)

    def url_verification(self) -> Envelope:
        """The handshake when a request URL is entered; the app must answer with the challenge."""
        challenge = self._id("challenge")
        return Envelope(
            "url_verification", {"token": "verification", "challenge": challenge, "type": "url_verification"}
        )

    def _who(self, user: str) -> dict[str, Any]:
        about = self.users[user]
        return {"id": user, "username": about["name"], "name": about["name"], "team_id": about["team_id"]}

    def _trigger(self, team: Team, user: str) -> str:
        trigger = f"{next(self._count)}.{team.id}.trigger"
        self.triggers[trigger] = Trigger(team.id, user, time.monotonic())
        return trigger

    def _hook(self, channel: str, user: str, ts: str | None) -> str:
        hook = self._id("hook")
        self.hooks[hook] = {"channel": channel, "user": user, "ts": ts, "at": time.monotonic(), "uses": 0}
        return self.url.replace("/api/", f"/response/{hook}")

    def command(self, user: str, text: str = "", *, channel: str | None = None, command: str = "/nakodo") -> Envelope:
        """A person uses a slash command."""
        with self.lock:
            room = self.channels[channel or self.im(user)]
            team = self._home(room)
            return Envelope(
                "slash_commands",
                {
                    "token": "verification",
                    "team_id": team.id,
                    "team_domain": team.name.lower(),
                    "channel_id": room.id,
                    "channel_name": "directmessage" if room.kind == "im" else room.name,
                    "user_id": user,
                    "user_name": self.users[user]["name"],
                    "command": command,
                    "text": text,
                    "api_app_id": APP_ID,
                    "is_enterprise_install": "false",
                    "response_url": self._hook(room.id, user, None),
                    "trigger_id": self._trigger(team, user),
                },
            )

    def _interactive(self, kind: str, team: Team, user: str, **more: Any) -> Envelope:
        payload: dict[str, Any] = {
            "type": kind,
            "user": self._who(user),
            "api_app_id": APP_ID,
            "token": "verification",
        }
        payload |= {"token": "verification", "team": {"id": team.id, "domain": team.name.lower()}, "enterprise": None}
        payload |= {"is_enterprise_install": False, "trigger_id": self._trigger(team, user)}
        return Envelope("interactive", payload | more)

    def _element(self, blocks: list[dict[str, Any]], action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        for block in blocks:
            inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
            for one in inside:
                if isinstance(one, dict) and one.get("action_id") == action_id:
                    return block, one
        raise LookupError(f"nothing with the action_id {action_id} can be pressed here")

    def press(
        self,
        user: str,
        action_id: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        value: Any = None,
        positive: bool = True,
    ) -> Envelope:
        """A person presses what is really there, in a message (also an ephemeral one) or a view: `block_actions`.

        `value` is the chosen option's value of a select; `positive` is for feedback buttons.
        """
        with self.lock:
            where: dict[str, Any]
            if view_id:
                view = copy.deepcopy(self.views.get(view_id) or self.homes[user])
                team = self.teams[view["team_id"]]
                blocks, where = view["blocks"], {"view": view, "container": {"type": "view", "view_id": view["id"]}}
            else:
                blocks, team, where = self._pressed_message(user, str(channel), str(ts))
            block, one = self._element(blocks, action_id)
            action = {"type": one["type"], "action_id": action_id, "block_id": block["block_id"]}
            action["action_ts"] = self.new_ts()
            if one["type"] == "feedback_buttons":
                chosen = one["positive_button" if positive else "negative_button"]
                action |= {"text": chosen["text"], "value": chosen["value"]}
            elif one["type"] in {"button", "icon_button"}:
                action |= {"text": one["text"]} | ({"value": one["value"]} if "value" in one else {})
            else:
                action[CHOSEN.get(one["type"], "selected_option")] = self._choice(one, value)
            return self._interactive("block_actions", team, user, actions=[action], **where)

    def _pressed_message(self, user: str, channel: str, ts: str) -> tuple[list[dict[str, Any]], Team, dict[str, Any]]:
        room = self.channels[channel]
        unseen = next((one for one in self.ephemerals if one["ts"] == ts and one["user"] == user), None)
        message = copy.deepcopy(unseen or room.messages[ts])
        team = self._home(room)
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": unseen is not None}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        where: dict[str, Any] = {"container": container, "channel": {"id": channel, "name": room.name}}
        where |= {"state": {"values": {}}, "response_url": self._hook(channel, user, ts)}
        if unseen is None:  # Slack does not send the message of an ephemeral one
            where["message"] = message
        return message.get("blocks", []), team, where

    def _choice(self, one: dict[str, Any], value: Any) -> Any:
        groups = [one.get("options", []), *(group["options"] for group in one.get("option_groups", []))]
        options = {option["value"]: option for group in groups for option in group}
        if not options:
            return value
        if isinstance(value, list):
            return [options[each] for each in value]
        return options[value]

    def feedback(self, user: str, *, channel: str, ts: str, positive: bool = True) -> Envelope:
        """A person presses 👍 or 👎 under a message."""
        blocks = self.channels[channel].messages[ts].get("blocks", [])
        found = (
            one for block in blocks for one in block.get("elements", []) if one.get("type") == "feedback_buttons"
        )
        one = next(found, None)
        if one is None:
            raise LookupError(f"no feedback buttons under {ts}")
        return self.press(user, one["action_id"], channel=channel, ts=ts, positive=positive)

    def submit(self, user: str, view_id: str, values: dict[str, Any]) -> Envelope:
        """A person sends a modal; `values` by block_id: a text, or the value(s) of the chosen option(s)."""
        with self.lock:
            view = copy.deepcopy(self.views[view_id])
            if self.view_owner[view_id] != user:
                raise LookupError(f"{user} does not see {view_id}")
            state: dict[str, Any] = {}
            for block in (one for one in view["blocks"] if one["type"] == "input"):
                one, given = block["element"], values.pop(block["block_id"], None)
                if given is None and not block.get("optional"):
                    raise LookupError(f"{block['block_id']} must be filled in")
                name = "value" if one["type"] in TEXT_INPUTS else CHOSEN[one["type"]]
                answer = given if name == "value" or given is None else self._choice(one, given)
                state[block["block_id"]] = {one["action_id"]: {"type": one["type"], name: answer}}
            if values:
                raise LookupError(f"no such inputs: {sorted(values)}")
            view["state"] = {"values": state}
            return self._interactive(
                "view_submission", self.teams[view["team_id"]], user, view=view, response_urls=[]
            )

    def closed(self, user: str, view_id: str) -> Envelope:
        """A person closes a modal that asked to be told: `view_closed`."""
        with self.lock:
            view = self.views.pop(view_id)
            if not view.get("notify_on_close"):
                raise LookupError("the view does not ask for view_closed")
            return self._interactive("view_closed", self.teams[view["team_id"]], user, view=view, is_cleared=False)
