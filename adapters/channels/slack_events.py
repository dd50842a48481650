"""What happens in Slack, as events of the house. Pure: whatever comes in, nothing is asked and nothing is raised.

Each function returns an `Event`, or the reason in a word why there is none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.channels.slack_payload import Body, dict_at, dicts_at, text_at, when
from adapters.channels.slack_rich import written
from adapters.channels.slack_text import heard, one_line, shortened, tidy
from adapters.post import Account, Event, File, Place

_SPOKEN = ("", "file_share", "thread_broadcast", "me_message")
CHANNEL = re.compile(r"[CDG][A-Z0-9]+")
_COMMAND = re.compile(r"\s*(?:@nakodo[\s:：、,]*)?[/／]\S")
NOBODY = "USLACKBOT"
UNNAMED = "?"
"""The name of a file of which Slack tells nothing but that it is there."""


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
        return Account(key=f"slack:{own}:{user or NOBODY}", name=tidy(name), outsider=foreign)

    def event(self, kind: str, name: str, place: Place, account: Account, **more: object) -> Event:
        """Return an event of this workspace."""
        basis = {"id": f"{self.team}:{name}", "channel": "slack", "kind": kind, "place": place, "account": account}
        return Event.model_validate({"at": self.now, "team": self.team if self.several else ""} | basis | more)


def event_of(body: Body, here: Here) -> Event | str:
    """Return what an event of the Events API tells."""
    event = dict_at(body, "event")
    read = _READERS.get(text_at(event, "type"))
    if read is None:
        return "unknown"
    return read(event, here, text_at(body, "event_id"))


def _said(event: Body, here: Here, _name: str) -> Event | str:
    subtype, channel, ts = text_at(event, "subtype"), text_at(event, "channel"), text_at(event, "ts")
    if not CHANNEL.fullmatch(channel) or not ts:
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
    if not ts or text_at(now, "subtype") not in _SPOKEN or (before and _substance(now) == _substance(before)):
        return "notice"  # Only a preview was added, or a thread grew, or Slack hides what was said.
    changed = text_at(event, "event_ts") or text_at(event, "ts") or text_at(now, "edited", "ts")
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


def _substance(message: Body) -> tuple[object, ...]:
    """Return what somebody has put into a message, without what Slack adds."""
    text = text_at(message, "text")
    files = [(text_at(one, "id"), _gone(one)) for one in dicts_at(message, "files")]
    return text, files, "" if text.strip() else written(dicts_at(message, "blocks"))


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
    if not CHANNEL.fullmatch(channel):
        return "malformed"
    at = text_at(event, "event_ts")
    inviter = here.account(text_at(event, "inviter"))
    added = f"{channel}:added:{at or name}"
    return here.event("added", added, here.place(channel), inviter, at=when(at, here.now))


def _left(event: Body, here: Here, name: str) -> Event | str:
    channel = text_at(event, "channel")
    if text_at(event, "type").startswith("member_") and text_at(event, "user") != here.bot_user:
        return "notice"
    if not CHANNEL.fullmatch(channel):
        return "malformed"
    at = text_at(event, "event_ts")
    removed = f"{channel}:removed:{at or name}"
    return here.event("removed", removed, here.place(channel), here.account(""), at=when(at, here.now))


def _moved(event: Body, here: Here, _name: str) -> Event | str:
    """A channel has another name for Slack, as when it is first shared with another company."""
    old, new = text_at(event, "old_channel_id"), text_at(event, "new_channel_id")
    if not CHANNEL.fullmatch(old) or not CHANNEL.fullmatch(new):
        return "malformed"
    at, moved_to = when(text_at(event, "event_ts"), here.now), here.place(new).key
    return here.event("moved", f"{old}:moved:{new}", here.place(old), here.account(""), at=at, moved_to=moved_to)


_READERS: dict[str, Callable[[Body, Here, str], Event | str]] = {
    "message": _said,
    "app_mention": _said,
    "app_home_opened": _opened,
    "member_joined_channel": _joined,
    "member_left_channel": _left,
    "channel_id_changed": _moved,
    "channel_left": _left,
    "group_left": _left,
}


def _by_a_bot(message: Body, here: Here) -> bool:
    user = text_at(message, "user")
    return bool(message.get("bot_id")) or not user or user in (here.bot_user, NOBODY)


def _author(message: Body, here: Here) -> Account:
    profile = dict_at(message, "user_profile")
    name = text_at(profile, "display_name") or text_at(profile, "real_name")
    team = text_at(message, "user_team") or text_at(message, "source_team")
    return here.account(text_at(message, "user"), team, name)


def _words(message: Body, here: Here) -> str:
    """Return what was said, and behind it what was passed on with it, which asks nothing of the bot."""
    text = text_at(message, "text")
    own = _heard(text if text.strip() else written(dicts_at(message, "blocks")), here)
    if _COMMAND.match(own):
        return own
    shares = [one for one in dicts_at(message, "attachments") if one.get("is_share") is True]
    passed_on = _heard("\n".join(filter(None, map(_passed_on, shares))), here).replace("@nakodo", "＠nakodo")
    return shortened("\n".join(one for one in (own, passed_on) if one.strip()))


def _passed_on(share: Body) -> str:
    held = [dict_at(one, "message") for one in dicts_at(share, "message_blocks")]
    return text_at(share, "text") or "\n".join(written(dicts_at(one, "blocks")) for one in held)


def _heard(text: str, here: Here) -> str:
    return heard(text, here.team, here.bot_user, here.teams)


def _files(message: Body, here: Here) -> Iterator[File]:
    for one in dicts_at(message, "files"):
        size, name = one.get("size"), one_line(text_at(one, "name") or text_at(one, "title")) or UNNAMED
        if text_at(one, "id") and not _gone(one):
            known = size if isinstance(size, int) and size > 0 else 0
            yield File(name=name, size=known, ref=f"{here.team}:{text_at(one, 'id')}")


def _gone(file: Body) -> bool:
    return text_at(file, "mode") == "tombstone"
