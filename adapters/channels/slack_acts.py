"""What people do with what Nakodo shows them in Slack: buttons, the form, commands. As pure as `slack_events`."""

import json
import re
from unicodedata import normalize

from adapters.channels.slack_commands import is_command
from adapters.channels.slack_events import CHANNEL, NOBODY, Here
from adapters.channels.slack_payload import Body, dict_at, dicts_at, text_at, when
from adapters.channels.slack_text import heard, mentioned, tidy, whole
from adapters.post import Account, Event

SETUP = "nakodo_setup"
SETUP_WORDS = ("setup", "立ち上げ")
PEOPLE_FIELDS = ("sme", "startup", "facilitator")
NAME_FIELDS = ("sme_name", "startup_name")
_MENTION = re.compile(r"^@nakodo\s*")
_NAMED = re.compile(r"^<@[^>]*>\s*")
_BUTTON = re.compile(r"[0-9A-Za-z_-]{1,64}:(?:\d{1,3}|up|down)")


def people_in(body: Body) -> set[str]:
    """Return the people whose own workspace matters and is not told.

    It is told of who acts, though of some only their organisation; never of whom they name or choose in a form.
    """
    event, presser = dict_at(body, "event"), dict_at(body, "user")
    acts = [
        (one, "user", "user_team") for one in (event, dict_at(event, "message"), dict_at(event, "previous_message"))
    ]
    acts.append((presser, "id", "team_id"))
    found = {text_at(who, name) for who, name, team in acts if text_at(who, team)[:1] == "E"}
    if body.get("is_ext_shared_channel") is True:
        for text in (text_at(body, "event", "text"), text_at(body, "event", "message", "text")):
            found |= mentioned(text)
        found.add(text_at(event, "inviter"))
    if text_at(body, "command"):
        found |= mentioned(text_at(body, "text"))
    if text_at(body, "type") == "view_submission":
        found |= {user for name in PEOPLE_FIELDS for user in _chosen_people(body, name)}
    return found - {""}


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
    if not _BUTTON.fullmatch(value) or not CHANNEL.fullmatch(channel) or not message:
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
    if not CHANNEL.fullmatch(channel) or not user:
        return "malformed"
    form = {name: tuple(here.account(one).key for one in _chosen_people(body, name)) for name in PEOPLE_FIELDS} | {
        name: (tidy(text),) for name in NAME_FIELDS if (text := text_at(_field(body, name), "value").strip())
    }
    locale = text_at(_field(body, "locale"), "selected_option", "value")
    if locale:
        form["locale"] = (locale,)
    name = f"view:{text_at(body, 'view', 'id')}:{text_at(body, 'view', 'hash')}"
    account = here.account(user, text_at(body, "user", "team_id"))
    return here.event("arranged", name, here.place(channel), account, form=form)


def misplaced(body: Body, bot_user: str) -> tuple[set[str], set[str]]:
    """Return the fields of a sent form that hold a bot, and those with somebody who is on a side before."""
    bots: set[str] = set()
    twice: set[str] = set()
    seated: set[str] = set()
    for name in PEOPLE_FIELDS:
        people = set(_chosen_people(body, name))
        if people & {bot_user, NOBODY}:
            bots.add(name)
        if people & seated:
            twice.add(name)
        seated |= people
    return bots, twice - bots


def _field(body: Body, name: str) -> Body:
    """Return what one input of a form holds; each stands alone in its block."""
    block = dict_at(body, "view", "state", "values", name)
    return next((one for one in block.values() if isinstance(one, dict)), {})


def _chosen_people(body: Body, name: str) -> list[str]:
    found = _field(body, name).get("selected_users")
    return [one for one in found if isinstance(one, str) and one] if isinstance(found, list) else []


def command_of(body: Body, here: Here, *, alone: bool = False) -> Event | str:
    """Return the words of a slash command, as if they had been said; `alone` as if to the bot alone."""
    user, channel, trigger = text_at(body, "user_id"), text_at(body, "channel_id"), text_at(body, "trigger_id")
    if not user or not CHANNEL.fullmatch(channel) or not trigger:
        return "malformed"
    words = heard(text_at(body, "text"), here.team, here.bot_user, here.teams).strip()
    text = words if asks(body) else f"/{_MENTION.sub('', words).lstrip('/／').strip() or 'help'}"
    place = here.place(user if alone else channel)
    return here.event("said", f"command:{trigger}", place, here.account(user), text=text)


def asks(body: Body) -> bool:
    """Whether there are ordinary words behind a slash command, and no command."""
    return not is_command(_NAMED.sub("", text_at(body, "text").strip()))


def wants_setup(body: Body) -> bool:
    """Whether a slash command asks for the form of a partnership: one with more words goes the normal road."""
    words = normalize("NFKC", text_at(body, "text")).strip().lstrip("/").strip().lower()
    return words in SETUP_WORDS and text_at(body, "channel_id")[:1] in ("C", "G")
