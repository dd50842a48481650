"""What Slack delivers, as events of the house. Pure: whatever comes in, nothing is asked and nothing is raised.

Each function returns an `Event`, or the reason in a word why there is none.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.channels.slack_payload import Body, dict_at, dicts_at, text_at, when
from adapters.channels.slack_text import heard, mentioned, whole
from adapters.post import Account, Event, File, Place

SETUP = "nakodo_setup"
SETUP_WORDS = ("setup", "立ち上げ")
PEOPLE_FIELDS = ("sme", "startup", "facilitator")
NAME_FIELDS = ("sme_name", "startup_name")
_SPOKEN = ("", "file_share", "thread_broadcast", "me_message")
_BUTTON = re.compile(r"[0-9A-Za-z_-]{1,64}:(?:\d{1,3}|up|down)")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]+")
_NOBODY = "USLACKBOT"


@dataclass(frozen=True)
class Here:
    """Where something is heard: the bot in a workspace, and what is known beside the payload."""

    team: str
    bot_user: str
    now: datetime
    several: bool = False
    """Whether the bot may be in several workspaces."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """The workspaces of people, as far as they are known."""
    follows: Callable[[str, str], bool] = lambda _place, _thread: False
    """Whether the bot has spoken in a thread of a place."""

    def place(self, channel: str, thread: str = "") -> Place:
        """Return a conversation; one is named by its person where its own name is not told."""
        return Place(key=f"slack:{self.team}:{channel}", direct=channel[:1] not in "CG", thread=thread or None)

    def account(self, user: str, team: str = "", name: str = "") -> Account:
        """Return somebody, under their own workspace."""
        own = team if team[:1] == "T" else self.teams.get(user, self.team)  # An organisation (E…) names no workspace.
        foreign = own != self.team or (team[:1] == "E" and user in self.teams and self.teams[user] != self.team)
        return Account(key=f"slack:{own}:{user or _NOBODY}", name=whole(name), outsider=foreign)

    def event(self, kind: str, name: str, place: Place, account: Account, **more: object) -> Event:
        """Return an event of this workspace."""
        basis = {"id": f"{self.team}:{name}", "channel": "slack", "kind": kind, "place": place, "account": account}
        return Event.model_validate({"at": self.now, "team": self.team if self.several else ""} | basis | more)


def people_in(body: Body) -> set[str]:
    """Return the people whose own workspace matters and is not told: those named, and those chosen in a form."""
    found: set[str] = set()
    if body.get("is_ext_shared_channel") is True:
        for text in (text_at(body, "event", "text"), text_at(body, "event", "message", "text")):
            found |= mentioned(text)
    if text_at(body, "type") == "view_submission":
        found |= {user for name in PEOPLE_FIELDS for user in _chosen_people(body, name)}
    return found


def event_of(body: Body, here: Here) -> Event | str:
    """Return what an event of the Events API tells."""
    event = dict_at(body, "event")
    read = _READERS.get(text_at(event, "type"))
    if read is None:
        return "unknown"
    return read(event, here, text_at(body, "event_id"))


def _said(event: Body, here: Here, _name: str) -> Event | str:
    subtype, channel, ts = text_at(event, "subtype"), text_at(event, "channel"), text_at(event, "ts")
    if not _CHANNEL.fullmatch(channel) or not ts:
        return "malformed"
    if subtype in _CHANGES:
        return _CHANGES[subtype](event, here, channel)
    if _by_a_bot(event, here) or subtype not in _SPOKEN:
        return "bot" if _by_a_bot(event, here) else "notice"
    text, files = _words(event, here), tuple(_files(event, here))
    if not text.strip() and not files:
        return "empty"
    thread = text_at(event, "thread_ts")
    place = here.place(channel, thread)
    mine = text_at(event, "parent_user_id") == here.bot_user
    called = bool(thread) and not place.direct and (mine or here.follows(place.key, thread))
    return here.event(
        "said",
        f"{channel}:{ts}",
        place,
        _author(event, here),
        at=when(ts, here.now),
        text=text,
        called=called,
        message=ts,
        files=files,
    )


def _edited(event: Body, here: Here, channel: str) -> Event | str:
    now, before = dict_at(event, "message"), dict_at(event, "previous_message")
    ts = text_at(now, "ts")
    if text_at(now, "subtype") == "tombstone":
        return _deleted({**event, "deleted_ts": ts}, here, channel)
    if _by_a_bot(now, here):
        return "bot"
    if not ts or (before and now.get("text") == before.get("text") and now.get("files") == before.get("files")):
        return "notice"  # Only a preview was added, or a thread grew.
    changed = text_at(now, "edited", "ts") or text_at(event, "event_ts") or text_at(event, "ts")
    return here.event(
        "edited",
        f"{channel}:{ts}:edited:{changed}",
        here.place(channel, text_at(now, "thread_ts")),
        _author(now, here),
        at=when(changed, here.now),
        text=_words(now, here),
        message=ts,
        files=tuple(_files(now, here)),
    )


def _deleted(event: Body, here: Here, channel: str) -> Event | str:
    before, ts = dict_at(event, "previous_message"), text_at(event, "deleted_ts")
    if not ts:
        return "malformed"
    if before and _by_a_bot(before, here):
        return "bot"
    place = here.place(channel, text_at(before, "thread_ts"))
    at = when(text_at(event, "event_ts"), here.now)
    return here.event("deleted", f"{channel}:{ts}:deleted", place, _author(before, here), at=at, message=ts)


_CHANGES: dict[str, Callable[[Body, Here, str], Event | str]] = {
    "message_changed": _edited,
    "message_deleted": _deleted,
}


def _opened(event: Body, here: Here, name: str) -> Event | str:
    user, channel, tab = text_at(event, "user"), text_at(event, "channel"), text_at(event, "tab")
    if not user or not name:
        return "malformed"
    return here.event("opened", name, here.place(channel or user), here.account(user), form={"tab": (tab,)})


def _joined(event: Body, here: Here, name: str) -> Event | str:
    channel = text_at(event, "channel")
    if text_at(event, "user") != here.bot_user:
        return "notice"
    if not _CHANNEL.fullmatch(channel):
        return "malformed"
    at = text_at(event, "event_ts")
    inviter = here.account(text_at(event, "inviter"))
    added = f"{channel}:added:{at or name}"
    return here.event("added", added, here.place(channel), inviter, at=when(at, here.now))


def _left(event: Body, here: Here, name: str) -> Event | str:
    channel = text_at(event, "channel")
    if text_at(event, "type").startswith("member_") and text_at(event, "user") != here.bot_user:
        return "notice"
    if not _CHANNEL.fullmatch(channel):
        return "malformed"
    at = text_at(event, "event_ts")
    removed = f"{channel}:removed:{at or name}"
    return here.event("removed", removed, here.place(channel), here.account(""), at=when(at, here.now))


_READERS: dict[str, Callable[[Body, Here, str], Event | str]] = {
    "message": _said,
    "app_mention": _said,
    "app_home_opened": _opened,
    "member_joined_channel": _joined,
    "member_left_channel": _left,
    "channel_left": _left,
    "group_left": _left,
}


def press_of(body: Body, here: Here) -> Event | str:
    """Return what a pressed button tells."""
    action = next(iter(dicts_at(body, "actions")), {})
    user, value, at = text_at(body, "user", "id"), text_at(action, "value"), text_at(action, "action_ts")
    if not user or not value or not at:
        return "malformed"
    account = here.account(user, text_at(body, "user", "team_id"))
    if text_at(body, "container", "type") == "view":
        return _pressed_at_home(value, here, account, f"home:{user}:{at}")
    channel = text_at(body, "channel", "id") or text_at(body, "container", "channel_id")
    message = text_at(body, "container", "message_ts") or text_at(body, "message", "ts")
    if not _BUTTON.fullmatch(value) or not _CHANNEL.fullmatch(channel) or not message:
        return "malformed"
    thread = text_at(body, "container", "thread_ts") or text_at(body, "message", "thread_ts")
    whispered = dict_at(body, "container").get("is_ephemeral") is True
    place = here.place(user) if whispered else here.place(channel, thread)
    name = f"{channel}:{message}:pressed:{user}:{at}"
    return here.event("pressed", name, place, account, at=when(at, here.now), message=message, button=value)


def _pressed_at_home(value: str, here: Here, account: Account, name: str) -> Event | str:
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        return "malformed"
    room, command = text_at(held, "room"), text_at(held, "command")
    if not room or not command:
        return "malformed"
    place = here.place(account.key.rsplit(":", 1)[1])
    return here.event("said", name, place, account, text=whole(command), form={"room": (room,)})


def arranged_of(body: Body, here: Here) -> Event | str:
    """Return what the sent form of a partnership tells."""
    channel, user = text_at(body, "view", "private_metadata"), text_at(body, "user", "id")
    if text_at(body, "view", "callback_id") != SETUP:
        return "unknown"
    if not _CHANNEL.fullmatch(channel) or not user:
        return "malformed"
    form = {name: tuple(here.account(one).key for one in _chosen_people(body, name)) for name in PEOPLE_FIELDS} | {
        name: (whole(text),) for name in NAME_FIELDS if (text := text_at(_field(body, name), "value").strip())
    }
    locale = text_at(_field(body, "locale"), "selected_option", "value")
    if locale:
        form["locale"] = (locale,)
    name = f"view:{text_at(body, 'view', 'id')}:{text_at(body, 'view', 'hash')}"
    account = here.account(user, text_at(body, "user", "team_id"))
    return here.event("arranged", name, here.place(channel), account, form=form)


def _field(body: Body, name: str) -> Body:
    """Return what one input of a form holds; each stands alone in its block."""
    block = dict_at(body, "view", "state", "values", name)
    return next((one for one in block.values() if isinstance(one, dict)), {})


def _chosen_people(body: Body, name: str) -> list[str]:
    found = _field(body, name).get("selected_users")
    return [one for one in found if isinstance(one, str) and one] if isinstance(found, list) else []


def command_of(body: Body, here: Here) -> Event | str:
    """Return the words of a slash command, as if they had been said."""
    user, channel, trigger = text_at(body, "user_id"), text_at(body, "channel_id"), text_at(body, "trigger_id")
    if not user or not _CHANNEL.fullmatch(channel) or not trigger:
        return "malformed"
    words = heard(text_at(body, "text"), here.team, here.bot_user, here.teams).strip().lstrip("/／").strip()
    text = f"/{words or 'help'}"
    return here.event("said", f"command:{trigger}", here.place(channel), here.account(user), text=text)


def wants_setup(body: Body) -> bool:
    """Whether a slash command asks for the form of a partnership: one with more words goes the normal road."""
    words = text_at(body, "text").strip().lstrip("/／").strip().lower()
    return words in SETUP_WORDS and text_at(body, "channel_id")[:1] in ("C", "G")


def _by_a_bot(message: Body, here: Here) -> bool:
    user = text_at(message, "user")
    return bool(message.get("bot_id")) or not user or user in (here.bot_user, _NOBODY)


def _author(message: Body, here: Here) -> Account:
    profile = dict_at(message, "user_profile")
    name = text_at(profile, "display_name") or text_at(profile, "real_name")
    team = text_at(message, "user_team") or text_at(message, "source_team")
    return here.account(text_at(message, "user"), team, name)


def _words(message: Body, here: Here) -> str:
    text = heard(text_at(message, "text"), here.team, here.bot_user, here.teams)
    if text.strip():
        return text
    passed_on = [text_at(one, "text") for one in dicts_at(message, "attachments") if one.get("is_share") is True]
    return heard("\n".join(filter(None, passed_on)), here.team, here.bot_user, here.teams)


def _files(message: Body, here: Here) -> Iterator[File]:
    for one in dicts_at(message, "files"):
        size, name = one.get("size"), whole(text_at(one, "name") or text_at(one, "title") or "?")
        if text_at(one, "id"):
            known = size if isinstance(size, int) and size > 0 else 0
            yield File(name=name, size=known, ref=f"{here.team}:{text_at(one, 'id')}")
