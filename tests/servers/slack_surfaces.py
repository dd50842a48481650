"""The Web API of the local Slack beside messages: modals, the Home tab, assistants, agents and response_url."""

import copy
import time
from typing import Any

from tests.servers.slack_api import SESSION_STATES, Answer, Args, WebApi
from tests.servers.slack_checks import Refused, check_view
from tests.servers.slack_world import APP_ID, Team


class Surfaces(WebApi):
    """Views, threads of assistants, sessions of agents."""

    def _use(self, team: Team, args: Args) -> str:
        trigger = self.triggers.get(args.need("trigger_id", "invalid_trigger_id"))
        if trigger is None or trigger.team != team.id:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() - trigger.at > self.trigger_lifetime:
            raise Refused("expired_trigger_id")
        return trigger.user

    def _view(self, team: Team, args: Args, kind: str, **more: Any) -> dict[str, Any]:
        given = check_view(args.parsed("view", "invalid_arguments"), kind=kind)
        outside = given.get("external_id")
        if outside and any(
            v.get("external_id") == outside and v["id"] != more.get("id") for v in self.views.values()
        ):
            raise Refused("duplicate_external_id")
        name = self._id("V")
        made: dict[str, Any] = {
            "id": name,
            "team_id": team.id,
            "app_id": APP_ID,
            "bot_id": team.bot_id,
            "hash": self.new_ts(),
        }
        made |= {
            "hash": self.new_ts(),
            "root_view_id": name,
            "previous_view_id": None,
            "state": {"values": {}},
            "private_metadata": "",
        }
        return made | copy.deepcopy(given) | {"blocks": self._with_ids(given["blocks"])} | more

    def _show(self, team: Team, args: Args, **more: Any) -> Answer:
        user = self._use(team, args)
        view = self._view(team, args, "modal", **more)
        self.triggers[args["trigger_id"]].used = True
        self.views[view["id"]], self.view_owner[view["id"]] = view, user
        return {"view": view}

    def views_open(self, team: Team, args: Args) -> Answer:
        return self._show(team, args)

    def views_push(self, team: Team, args: Args) -> Answer:
        user = self._use(team, args)
        under = [one for one in self.views.values() if self.view_owner[one["id"]] == user]
        if not under:
            raise Refused("not_found")
        stack = [one for one in under if one["root_view_id"] == under[-1]["root_view_id"]]
        if len(stack) >= 3:
            raise Refused("push_limit_reached")
        return self._show(team, args, root_view_id=stack[0]["root_view_id"], previous_view_id=stack[-1]["id"])

    def views_update(self, team: Team, args: Args) -> Answer:
        key, name = ("id", args["view_id"]) if args.get("view_id") else ("external_id", args.need("external_id"))
        old = next((v for v in self.views.values() if v.get(key) == name and v["team_id"] == team.id), None)
        if old is None:
            raise Refused("not_found")
        if args.get("hash") and args["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        kept = {key: old[key] for key in ("id", "root_view_id", "previous_view_id")}
        self.views[old["id"]] = self._view(team, args, "modal", **kept)
        return {"view": self.views[old["id"]]}

    def views_publish(self, team: Team, args: Args) -> Answer:
        user = args.need("user_id", "invalid_arguments")
        if user not in self.users:
            raise Refused("invalid_arguments", "invalid user_id")
        old = self.homes.get(user)
        if args.get("hash") and (old is None or args["hash"] != old["hash"]):
            raise Refused("hash_conflict")
        self.homes[user] = self._view(team, args, "home", **({"id": old["id"]} if old else {}))
        return {"view": self.homes[user]}

    # -- assistants and agents ---------------------------------------------------------------------------------

    def _talk(self, team: Team, args: Args, *, needed: bool = True) -> tuple[str, str]:
        room = self._room(team, args.get("channel_id"), write=True)
        return room.id, self._thread(room, args, needed=needed) or ""

    def assistant_threads_setStatus(self, team: Team, args: Args) -> Answer:  # noqa: N802
        channel, thread = self._talk(team, args)
        loading = args.parsed("loading_messages", "invalid_arguments") or []
        if not isinstance(args.get("status"), str) or len(args["status"]) > 255 or len(loading) > 10:
            raise Refused("invalid_arguments", "status")
        self.statuses.append({"channel": channel, "thread_ts": thread, "status": args["status"], "loading": loading})
        return {}

    def assistant_threads_setTitle(self, team: Team, args: Args) -> Answer:  # noqa: N802
        self.titles[self._talk(team, args)] = args.need("title")
        return {}

    def assistant_threads_setSuggestedPrompts(self, team: Team, args: Args) -> Answer:  # noqa: N802
        channel, thread = self._talk(team, args, needed=False)
        prompts = args.parsed("prompts", "invalid_arguments")
        if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
            raise Refused("invalid_arguments", "between 1 and 4 prompts")
        for one in prompts:
            if not isinstance(one, dict) or one.keys() != {"title", "message"} or not all(one.values()):
                raise Refused("invalid_arguments", "a prompt has a title and a message")
        self.prompts.append({"channel": channel, "thread_ts": thread, "prompts": prompts, "title": args.get("title")})
        return {}

    def agents_sessions_setStatus(self, team: Team, args: Args) -> Answer:  # noqa: N802
        key = self._talk(team, args)
        status = args.need("status")
        if status not in SESSION_STATES or len(str(args.get("title", ""))) > 200:
            raise Refused("invalid_arguments", "status")
        started = args.get("initiator_user_id")
        if started is not None and started not in self.channels[key[0]].members:
            raise Refused("user_not_in_channel")
        session = self.sessions.setdefault(key, {"title": args.get("title"), "history": []})
        session["status"] = status
        session["history"].append(status)
        return {"status": status, "agent_status": status, "title": session["title"] or ""}

    # -- response_url ------------------------------------------------------------------------------------------

    def respond(self, hook: str, body: Any) -> str | None:
        """What Slack answers to a post to a response_url: None for `ok`, else the error."""
        where = self.hooks.get(hook)
        if where is None or time.monotonic() - where["at"] > 1800:
            return "expired_url"
        if where["uses"] >= 5:
            return "used_url"
        if not isinstance(body, dict) or body.get("response_type", "ephemeral") not in {"ephemeral", "in_channel"}:
            return "invalid_payload"
        try:
            said = {} if body.get("delete_original") in (True, "true") else self._content(Args(body))
        except Refused as refused:
            return refused.error
        where["uses"] += 1
        self.responses.append({"channel": where["channel"], "user": where["user"], "ts": where["ts"]} | body | said)
        self._responded(where, body, said)
        return None

    def _responded(self, where: dict[str, Any], body: dict[str, Any], said: dict[str, Any]) -> None:
        """Show the response: in place of the message that was pressed, or as a new one."""
        room = self.channels[where["channel"]]
        unseen = next((one for one in self.ephemerals if one["ts"] == where["ts"]), None)
        old = unseen or room.messages.get(where["ts"] or "")
        if old is not None and not said:
            if unseen is not None:
                self.ephemerals.remove(unseen)
            else:
                self.deletions.append({"channel": room.id, "ts": old["ts"], "message": room.messages.pop(old["ts"])})
        elif old is not None and body.get("replace_original") in (True, "true"):
            self.edits.append({"channel": room.id, "ts": old["ts"], "before": copy.deepcopy(old)} | said)
            old.pop("blocks", None)
            old |= said
        elif body.get("response_type") == "in_channel":
            team = next(self.teams[one] for one in room.teams if self.teams[one].installed)
            self._say(team, room, said, body.get("thread_ts"))
        else:
            self.ephemerals.append(said | {"channel": room.id, "user": where["user"], "ts": self.new_ts()})

    # -- what follows the answer to a modal --------------------------------------------------------------------

    def submitted(self, view: dict[str, Any], answer: Any) -> None:
        """Close, change or stack the modal as the app's answer says."""
        with self.lock:
            action = answer.get("response_action") if isinstance(answer, dict) else None
            team, name = self.teams[view["team_id"]], view["id"]
            if action in {"update", "push"}:
                above = {"root_view_id": view["root_view_id"], "previous_view_id": name}
                kept = {key: view[key] for key in ("id", "root_view_id", "previous_view_id")}
                made = self._view(team, Args(view=answer["view"]), "modal", **(kept if action == "update" else above))
                self.views[made["id"]], self.view_owner[made["id"]] = made, self.view_owner[name]
            elif action is None:
                self.views.pop(name, None)
            elif action == "clear":
                roots = {key: one["root_view_id"] for key, one in self.views.items()}
                self.views = {key: one for key, one in self.views.items() if roots[key] != view["root_view_id"]}
