"""What Telegram sends, read as events. It knows the Bot API's shapes and nothing of the SDK.

A message that is redelivered, by polling or by webhook, becomes an event with the same id.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.post import Account, Event, EventKind, File, Place
from bot.model import Text
from knowledge.card import Locale

WORDLESS = "none:"
"""Begins the ref of what cannot be fetched."""
MOST = 40_000
"""Characters of one message that are taken in."""
_AFTER_2100 = 4_102_444_800
_CUT = Text(ja="（長いため、ここまでを受け取りました）", en="(This was long; I took it up to here.)")
_COMMAND = re.compile(r"^([/／][^\s@]+)@([A-Za-z0-9_]{3,32})(?=\s|$)")
_FORGED = re.compile(r"<(?=@[a-z]+:)")  # What only we may write: a mention by id.
_OUT = ("left", "kicked")
_NO_FILES = ("location", "contact", "poll", "dice", "story", "paid_media", "checklist", "game")
"""Things that are neither words nor files, so that who sent one is told that it was not understood."""


class Me(NamedTuple):
    """The bot itself. The username is empty until Telegram was asked for it."""

    id: int
    username: str = ""

    @property
    def account(self) -> Account:
        """The bot as an account; it stands for those who show no face."""
        return Account(key=f"telegram:{self.id}", name="Nakodo")

    @property
    def invites(self) -> str:
        """What a code is put behind to make a link that opens a talk."""
        return f"https://t.me/{self.username}?start=" if self.username else ""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _User(_Shape):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class _Chat(_Shape):
    id: int
    type: str


class _Entity(_Shape):
    type: str
    offset: int
    length: int
    user: _User | None = None


class _Held(_Shape):
    file_id: str
    file_size: int = 0
    file_name: str = ""
    emoji: str = ""


Seconds = Annotated[int, Field(ge=0, le=_AFTER_2100)]


class _Message(_Shape):
    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    message_id: int
    chat: _Chat
    date: Seconds = 0
    edit_date: Seconds = 0
    sender: _User | None = Field(default=None, alias="from")
    sender_chat: _Chat | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    reply_to_message: "_Message | None" = None
    text: str = ""
    caption: str = ""
    entities: tuple[_Entity, ...] = ()
    caption_entities: tuple[_Entity, ...] = ()
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    document: _Held | None = None
    animation: _Held | None = None
    photo: tuple[_Held, ...] = ()
    video: _Held | None = None
    video_note: _Held | None = None
    voice: _Held | None = None
    audio: _Held | None = None
    sticker: _Held | None = None

    def has(self, name: str) -> bool:
        """Whether there is something of a name that this shape does not spell out."""
        return name in (self.model_extra or {})


class _Query(_Shape):
    id: str
    sender: _User = Field(alias="from")
    message: _Message | None = None
    data: str = ""


class _Standing(_Shape):
    status: str
    is_member: bool = True

    @property
    def inside(self) -> bool:
        return self.status not in _OUT and (self.status != "restricted" or self.is_member)


class _Change(_Shape):
    chat: _Chat
    sender: _User = Field(alias="from")
    date: Seconds = 0
    old_chat_member: _Standing
    new_chat_member: _Standing


class _Update(_Shape):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Query | None = None
    my_chat_member: _Change | None = None
    chat_member: object = None


def translate(update: Mapping[str, object], me: Me, now: datetime) -> Event | str:
    """Return what an update tells, or in a word why it is no event."""
    try:
        seen = _Update.model_validate(update)
        if seen.message is not None:
            return _said(seen.message, me)
        if seen.edited_message is not None:
            return _edited(seen.edited_message, seen.update_id, me)
        if seen.callback_query is not None:
            return _pressed(seen.callback_query, me, now)
        if seen.my_chat_member is not None:
            return _standing(seen.my_chat_member, seen.update_id, me)
    except (ValidationError, RecursionError):
        return "malformed"
    return "somebody came or went" if seen.chat_member is not None else "unknown kind"


def moved(old: int, new: int, me: Me, at: datetime) -> Event:
    """Return that a group goes on under another address; however it was learnt, it is the same event."""
    return Event(
        id=f"moved:{old}:{new}",
        channel="telegram",
        kind="moved",
        place=Place(key=f"telegram:{old}"),
        account=me.account,
        at=at,
        moved_to=f"telegram:{new}",
        invites=me.invites,
    )


def _said(message: _Message, me: Me) -> Event | str:
    at = datetime.fromtimestamp(message.date, UTC)
    if message.migrate_to_chat_id is not None:
        return moved(message.chat.id, message.migrate_to_chat_id, me, at)
    if message.migrate_from_chat_id is not None:
        return moved(message.migrate_from_chat_id, message.chat.id, me, at)
    return _message(message, "said", f"{message.chat.id}:{message.message_id}", me, at)


def _edited(message: _Message, update: int, me: Me) -> Event | str:
    if message.has("location"):
        return "moving location"  # It is edited every few seconds while somebody walks.
    number = f"{message.chat.id}:{message.message_id}:edited:{update}"
    return _message(message, "edited", number, me, datetime.fromtimestamp(message.edit_date or message.date, UTC))


def _message(message: _Message, kind: EventKind, number: str, me: Me, at: datetime) -> Event | str:
    sender = message.sender
    if message.chat.type == "channel" or message.sender_chat is not None or sender is None:
        return "nobody's face"  # A channel's post, or an administrator who wants to stay unknown.
    if sender.is_bot:
        return "a bot"
    account = _account(sender)
    entities = message.entities if message.text else message.caption_entities
    words = _words(message.text or message.caption, entities, me)
    command = _COMMAND.match(words)
    if command:
        if command[2].lower() not in (me.username.lower(), "nakodo"):
            return "another bot's command"
        words = command[1] + words[command.end() :]
    files = tuple(_files(message)) if kind == "said" else ()
    if kind == "said" and not words and not files:
        return "service message"
    if len(words) > MOST:
        words = f"{words[:MOST]}\n{_CUT(account.locale or 'ja')}"
    return Event(
        id=number,
        channel="telegram",
        kind=kind,
        place=_place(message),
        account=account,
        at=at,
        text=words,
        called=_answers_me(message, me),
        message=str(message.message_id),
        files=files,
        invites=me.invites,
    )


def _pressed(query: _Query, me: Me, now: datetime) -> Event | str:
    if query.message is None or not query.data:
        return "no button of ours"
    return Event(
        id=f"pressed:{query.id}",
        channel="telegram",
        kind="pressed",
        place=_place(query.message),
        account=_account(query.sender),
        at=now,
        message=str(query.message.message_id),
        button=_whole(query.data)[:64],
        invites=me.invites,
    )


def _standing(change: _Change, update: int, me: Me) -> Event | str:
    """Read what became of the bot: taken in or put out, unblocked or blocked."""
    before, after = change.old_chat_member.inside, change.new_chat_member.inside
    if change.chat.type == "channel":
        return "nobody's face"
    if before == after:
        return "other rights"
    kind: Literal["added", "removed"] = "added" if after else "removed"
    return Event(
        id=f"standing:{update}",
        channel="telegram",
        kind=kind,
        place=Place(key=f"telegram:{change.chat.id}", direct=change.chat.type == "private"),
        account=me.account if change.sender.is_bot else _account(change.sender),
        at=datetime.fromtimestamp(change.date, UTC),
        invites=me.invites,
    )


def _place(message: _Message) -> Place:
    topic = message.message_thread_id if message.is_topic_message else None
    key = f"telegram:{message.chat.id}"
    return Place(key=key, direct=message.chat.type == "private", thread=None if topic is None else str(topic))


def _account(user: _User) -> Account:
    name = "".join(filter(str.isprintable, " ".join(f"{user.first_name} {user.last_name}".split())))
    locale: Locale | None = None
    if user.language_code:
        locale = "ja" if user.language_code.lower().startswith("ja") else "en"
    return Account(key=f"telegram:{user.id}", name=_whole(name)[:80], locale=locale)


def _answers_me(message: _Message, me: Me) -> bool:
    target = message.reply_to_message
    # In a topic every message answers the note that opened it.
    if target is None or target.sender is None or target.has("forum_topic_created"):
        return False
    return target.sender.id == me.id


def _files(message: _Message) -> list[File]:
    emoji = message.sticker.emoji if message.sticker else ""
    kinds = (
        ("animation.mp4", message.animation),
        ("document", message.document if message.animation is None else None),  # It comes as both.
        ("photo.jpg", max(message.photo, key=lambda one: one.file_size, default=None)),
        ("video.mp4", message.video),
        ("video.mp4", message.video_note),
        ("voice.ogg", message.voice),
        ("audio.mp3", message.audio),
        (f"sticker{emoji}.webp", message.sticker),
    )
    found = [
        File(name=_whole(held.file_name or name)[:200], size=max(held.file_size, 0), ref=held.file_id)
        for name, held in kinds
        if held is not None
    ]
    return found + [File(name=name, ref=f"{WORDLESS}{name}") for name in _NO_FILES if message.has(name)]


# Words


def _words(text: str, entities: tuple[_Entity, ...], me: Me) -> str:
    """Return the words with those mentioned by id as tokens; Telegram counts in UTF-16 units."""
    raw, out, at = text.encode("utf-16-le", "surrogatepass"), "", 0
    for one in sorted(entities, key=lambda entity: entity.offset):
        begin, end = 2 * one.offset, 2 * (one.offset + one.length)
        if one.type != "text_mention" or one.user is None or not at <= begin < end <= len(raw):
            continue
        out += _spoken(raw[at:begin], me)
        out += "@nakodo " if one.user.id == me.id else f"<@telegram:{one.user.id}>"
        at = end
    return out + _spoken(raw[at:], me)


def _spoken(raw: bytes, me: Me) -> str:
    text = _FORGED.sub("< ", raw.decode("utf-16-le", "replace"))
    if not me.username:
        return text
    # A Japanese keyboard writes ＠, and no blank before what follows.
    mine = rf"(?<![A-Za-z0-9_@/.])[@＠]{re.escape(me.username)}(?![A-Za-z0-9_])"
    return re.sub(mine, "@nakodo", text, flags=re.IGNORECASE)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
