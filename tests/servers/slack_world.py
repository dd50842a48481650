"""The workspaces behind the local Slack: teams, people, channels, messages, files and views."""

import copy
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

APP_ID = "A000000NAK"
SCOPES = (
    "app_mentions:read assistant:write channels:history channels:join channels:read chat:write commands files:read "
    "groups:history groups:read im:history im:read im:write mpim:history mpim:read mpim:write users:read"
)
KINDS = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}


@dataclass
class Team:
    """A workspace; `token` is the bot's in it."""

    id: str
    name: str
    token: str
    bot_user: str
    bot_id: str
    installed: bool = True
    scopes: set[str] = field(default_factory=lambda: set(SCOPES.split()))


@dataclass
class Channel:
    """A channel, private channel or direct message; `teams` are all that share it, the host first."""

    id: str
    name: str
    kind: str
    teams: list[str]
    members: list[str]
    user: str | None = None
    archived: bool = False
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def shared(self) -> bool:
        """Whether it is a Slack Connect channel."""
        return len(self.teams) > 1


@dataclass(frozen=True)
class Envelope:
    """What Slack delivers: `kind` is the type of a Socket Mode envelope, or `url_verification`."""

    kind: str
    payload: dict[str, Any]

    @property
    def event(self) -> dict[str, Any]:
        """The inner event of `events_api`."""
        return self.payload["event"]  # type: ignore[no-any-return]

    @property
    def ts(self) -> str:
        """The ts of the message the event speaks of."""
        return str(self.event["ts"])


@dataclass
class Trigger:
    """A trigger_id: valid once, for three seconds."""

    team: str
    user: str
    at: float
    used: bool = False


class World:
    """Teams, people, channels, messages and views. All names are ids unless said otherwise."""

    url: str

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.teams: dict[str, Team] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.file_bytes: dict[str, bytes] = {}
        self.views: dict[str, dict[str, Any]] = {}
        self.view_owner: dict[str, str] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        self.ephemerals: list[dict[str, Any]] = []
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, dict[str, Any]] = {}
        self.undmable: set[str] = set()
        self._count = itertools.count(1)
        self._last = 0
        self.team = self.add_team("Home")

    def _id(self, letter: str) -> str:
        return f"{letter}{next(self._count):09d}"

    def new_ts(self, at: float | None = None) -> str:
        """A timestamp that no other message has."""
        with self.lock:
            self._last = max(self._last + 1, int((time.time() if at is None else at) * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    # -- the state ---------------------------------------------------------------------------------------------

    def add_team(self, name: str, *, installed: bool = True) -> Team:
        """A workspace, with the app in it unless said otherwise."""
        with self.lock:
            team = self._id("T")
            token = f"xoxb-{team}-{next(self._count)}"
            made = Team(team, name, token, self._id("U"), self._id("B"), installed)
            self.teams[team] = made
            self._user(made.bot_user, "nakodo", team, bot=True)
            return made

    def _user(
        self, user: str, name: str, team: str, *, bot: bool = False, tz: str = "Asia/Tokyo", locale: str = "ja-JP"
    ) -> str:
        profile = {"real_name": name, "display_name": name, "team": team}
        about = {"id": user, "team_id": team, "name": name.lower().replace(" ", "."), "real_name": name}
        self.users[user] = about | {
            "deleted": False,
            "is_bot": bot,
            "is_app_user": False,
            "tz": tz,
            "tz_label": tz,
            "tz_offset": 32400 if tz == "Asia/Tokyo" else 0,
            "locale": locale,
            "profile": profile,
            "updated": int(time.time()),
        }
        return user

    def add_user(self, name: str, *, team: Team | None = None, tz: str = "Asia/Tokyo", locale: str = "ja-JP") -> str:
        """A person; of another team, an outsider."""
        with self.lock:
            return self._user(self._id("U"), name, (team or self.team).id, tz=tz, locale=locale)

    def add_channel(
        self,
        name: str,
        members: list[str],
        *,
        private: bool = False,
        shared_with: list[Team] | None = None,
        bot: bool = True,
        team: Team | None = None,
    ) -> str:
        """A channel with the bot in it; `shared_with` other teams it is a Slack Connect channel."""
        with self.lock:
            host = team or self.team
            everyone = [*members, *([host.bot_user] if bot else [])]
            teams = [host.id, *(one.id for one in shared_with or [])]
            kind = "group" if private else "channel"
            made = Channel(self._id(KINDS[kind]), name, kind, teams, everyone)
            self.channels[made.id] = made
            return made.id

    def im(self, user: str, *, team: Team | None = None) -> str:
        """The direct message of the bot and a person, opened if need be."""
        with self.lock:
            home = team or self.teams.get(self.users[user]["team_id"], self.team)
            home = home if home.installed else self.team
            for one in self.channels.values():
                if one.kind == "im" and one.user == user and home.bot_user in one.members:
                    return one.id
            made = Channel(self._id("D"), user, "im", [home.id], [user, home.bot_user], user=user)
            self.channels[made.id] = made
            return made.id

    def add_file(self, name: str, data: bytes, *, user: str, mimetype: str = "text/plain") -> str:
        """A file that a person has uploaded; share it with `message(files=[id])`."""
        with self.lock:
            file, team = self._id("F"), self.users[user]["team_id"]
            link = self.url.replace("/api/", f"/files-pri/{team}-{file}/")
            self.file_bytes[file] = data
            self.files[file] = {
                "id": file,
                "name": name,
                "title": name,
                "mimetype": mimetype,
                "filetype": name.rsplit(".", 1)[-1],
                "size": len(data),
                "user": user,
                "user_team": team,
                "mode": "hosted",
                "is_external": False,
                "created": int(time.time()),
                "channels": [],
                "url_private": link + name,
                "url_private_download": f"{link}download/{name}",
            }
            return file

    def keep(self, channel: Channel, message: dict[str, Any]) -> dict[str, Any]:
        """Store a message; a reply is counted at its parent."""
        with self.lock:
            channel.messages[message["ts"]] = message
            root = channel.messages.get(message.get("thread_ts", ""))
            if root is not None and root is not message:
                root["thread_ts"] = root["ts"]
                root["reply_count"] = root.get("reply_count", 0) + 1
                root["latest_reply"] = message["ts"]
            return message

    def posted(self, channel: str, *, thread: str | None = None) -> list[dict[str, Any]]:
        """What the bot has posted in a channel (or one thread of it) and not deleted, in order."""
        with self.lock:
            mine = [one for _, one in sorted(self.channels[channel].messages.items()) if one.get("app_id") == APP_ID]
            return [copy.deepcopy(one) for one in mine if thread is None or one.get("thread_ts") == thread]
