"""What Telegram sends, read as events. It knows the Bot API's shapes and nothing of the SDK.

A message that is redelivered, by polling or by webhook, becomes an event with the same id.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from pydantic import ValidationError

from adapters.channels.telegram_menu import ours
from adapters.channels.telegram_shapes import Change, Entity, Message, Query, Update, User
from adapters.post import Account, Event, EventKind, File, Place
from bot.model import Text
from knowledge.card import Locale

WORDLESS = "none:"
"""Begins the ref of what cannot be fetched."""
MOST = 40_000
"""Characters of one message that are taken in."""
_CUT = Text(ja="（長いため、ここまでを受け取りました）", en="(This was long; I took it up to here.)")
_COMMAND = re.compile(r"^([/／][^\s@＠]+)[@＠]([A-Za-z0-9_]{3,32})(?![A-Za-z0-9_])(?=(\s?))")
"""A command to a bot by name, and the blank behind it, which Japanese does without."""
_FORGED = re.compile(r"<(?=@[a-z]+:)")  # What only we may write: a mention by id.
_NO_NAME = re.compile(r"[<>|@＠]")
_NO_FILES = {
    "location": Text(ja="位置情報", en="the location"),
    "contact": Text(ja="連絡先", en="the contact"),
    "dice": Text(ja="サイコロ", en="the die"),
    "story": Text(ja="ストーリー", en="the story"),
    "paid_media": Text(ja="有料の写真や動画", en="the paid media"),
    "game": Text(ja="ゲーム", en="the game"),
}
"""Things that are neither words nor files, so that who sent one to the bot is told that it was not understood."""


class Unseen(NamedTuple):
    """Where somebody who shows no face called the bot, and in which message."""

    place: Place
    message: str


class Me(NamedTuple):
    """The bot itself. The username is empty until Telegram was asked for it."""

    id: int
    username: str = ""
    hears_all: bool = False
    """Whether it hears all of every group that it is in, whatever it is there."""

    @property
    def account(self) -> Account:
        """The bot as an account; it stands for those who show no face."""
        return Account(key=f"telegram:{self.id}", name="Nakodo")

    @property
    def invites(self) -> str:
        """What a code is put behind to make a link that opens a talk."""
        return f"https://t.me/{self.username}?start=" if self.username else ""


def translate(update: Mapping[str, object], me: Me, now: datetime) -> Event | str:
    """Return what an update tells, or in a word why it is no event."""
    try:
        seen = Update.model_validate(update)
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


def calls_unseen(update: Mapping[str, object], me: Me) -> Unseen | None:
    """Return where somebody who shows no face calls the bot: they wait for an answer."""
    try:
        message = Update.model_validate(update).message
    except (ValidationError, RecursionError):
        return None
    if (
        message is None
        or message.sender_chat is None
        or message.is_automatic_forward
        or message.chat.type == "channel"
    ):
        return None  # What a channel's posts say, they say to its readers.
    words = _words(*_written(message), me)
    command = _COMMAND.match(words)
    mine = _is_mine(command, me) if command else "@nakodo" in words or ours(words)
    return Unseen(_place(message), str(message.message_id)) if mine or _answers_me(message, me) else None


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


def _said(message: Message, me: Me) -> Event | str:
    at = datetime.fromtimestamp(message.date, UTC)
    if message.migrate_to_chat_id is not None:
        return moved(message.chat.id, message.migrate_to_chat_id, me, at)
    if message.migrate_from_chat_id is not None:
        return moved(message.migrate_from_chat_id, message.chat.id, me, at)
    return _message(message, "said", _number(message, me), me, at)


def _edited(message: Message, update: int, me: Me) -> Event | str:
    if message.has("location") or message.has("poll"):
        return "nothing rewritten"  # Somebody walks, or votes.
    at = datetime.fromtimestamp(message.edit_date or message.date, UTC)
    return _message(message, "edited", f"{_number(message, me)}:edited:{update}", me, at)


def _number(message: Message, me: Me) -> str:
    """Return what names a message for ever: in private each bot counts from one, so it says which bot."""
    return f"{me.id}:{message.chat.id}:{message.message_id}"


def _message(message: Message, kind: EventKind, number: str, me: Me, at: datetime) -> Event | str:
    sender = message.sender
    if message.chat.type == "channel" or message.sender_chat is not None or sender is None:
        return "nobody's face"  # A channel's post, or an administrator who wants to stay unknown.
    if sender.is_bot:
        return "a bot"
    account = _account(sender)
    words = _words(*_written(message), me)
    command = _COMMAND.match(words)
    if command:
        if not _is_mine(command, me):
            return "another bot's command"
        rest = words[command.end() :]
        words = command[1] + (rest if command[3] or not rest else f" {rest}")
    called = _answers_me(message, me)
    asks = message.private or (called and not words)
    files = tuple(_files(message, account.locale or "ja", asks=asks))
    if kind == "said" and not words and not files:
        return "between people" if any(map(message.has, ("sticker", *_NO_FILES))) else "service message"
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
        called=called,
        message=str(message.message_id),
        files=files,
        album=_whole(message.media_group_id),
        hears_all=me.hears_all,
        invites=me.invites,
    )


def _pressed(query: Query, me: Me, now: datetime) -> Event | str:
    if query.message is None or not query.data:
        return "no button of ours"
    return Event(
        id=f"pressed:{_whole(query.id)}",
        channel="telegram",
        kind="pressed",
        place=_place(query.message),
        account=_account(query.sender),
        at=now,
        message=str(query.message.message_id),
        button=_whole(query.data)[:64],
        invites=me.invites,
    )


def _standing(change: Change, update: int, me: Me) -> Event | str:
    """Read what became of the bot: taken in or put out, unblocked or blocked."""
    before, after = change.old_chat_member.inside, change.new_chat_member.inside
    if change.chat.type == "channel":
        return "nobody's face"
    if before == after:
        return "other rights"
    kind: Literal["added", "removed"] = "added" if after else "removed"
    return Event(
        id=f"standing:{me.id}:{change.chat.id}:{update}:{change.date}",
        channel="telegram",
        kind=kind,
        place=Place(key=f"telegram:{change.chat.id}", direct=change.chat.type == "private"),
        account=me.account if change.sender.is_bot else _account(change.sender),
        at=datetime.fromtimestamp(change.date, UTC),
        hears_all=me.hears_all or change.new_chat_member.status == "administrator",
        invites=me.invites,
    )


def _place(message: Message) -> Place:
    topic = message.message_thread_id if message.is_topic_message else None
    key = f"telegram:{message.chat.id}"
    return Place(key=key, direct=message.private, thread=None if topic is None else str(topic))


def _account(user: User) -> Account:
    name = "".join(filter(str.isprintable, " ".join(f"{user.first_name} {user.last_name}".split())))
    locale: Locale | None = None
    if user.language_code:
        locale = "ja" if user.language_code.lower().startswith("ja") else "en"
    return Account(key=f"telegram:{user.id}", name=_whole(name)[:80], locale=locale)


def _mention(user: User) -> str:
    """Return a mention by id, with the name for who has not been met."""
    account = _account(user)
    name = " ".join(_NO_NAME.sub(" ", account.name).split())
    return f"<@{account.key}|{name}>" if name else f"<@{account.key}>"


def _answers_me(message: Message, me: Me) -> bool:
    target = message.reply_to_message
    # In a topic every message answers the note that opened it.
    if target is None or target.sender is None or target.has("forum_topic_created"):
        return False
    return target.sender.id == me.id


def _files(message: Message, locale: Locale, *, asks: bool) -> list[File]:
    """Return what was handed in. Where nobody asks the bot, what is no file was meant for people."""
    sticker = message.sticker
    kinds = (
        ("animation.mp4", message.animation),
        ("document", message.document if message.animation is None else None),  # It comes as both.
        ("photo.jpg", max(message.photo, key=lambda one: one.file_size, default=None)),
        ("video.mp4", message.video),
        ("video.mp4", message.video_note),
        ("voice.ogg", message.voice),
        ("audio.mp3", message.audio),
        (f"sticker{sticker.emoji if sticker else ''}.webp", sticker if asks else None),
    )
    found = [
        File(name=_whole(held.file_name or name)[:200], size=max(held.file_size, 0), ref=_whole(held.file_id))
        for name, held in kinds
        if held is not None
    ]
    wordless = [(name, called) for name, called in _NO_FILES.items() if asks and message.has(name)]
    return found + [File(name=called(locale), ref=f"{WORDLESS}{name}") for name, called in wordless]


# Words


def _written(message: Message) -> tuple[str, tuple[Entity, ...]]:
    """Return what is written in a message, whatever kind it is of. Among people, a sticker says its emoji."""
    if message.text or message.caption:
        return (message.text, message.entities) if message.text else (message.caption, message.caption_entities)
    if message.poll is not None:
        return "\n".join([message.poll.question, *(one.text for one in message.poll.options)]).strip(), ()
    if message.checklist is not None:
        return "\n".join([message.checklist.title, *(one.text for one in message.checklist.tasks)]).strip(), ()
    picture = message.sticker or message.dice
    return (picture.emoji if picture is not None and not message.private else ""), ()


def _is_mine(command: re.Match[str], me: Me) -> bool:
    return command[2].lower() in (me.username.lower(), "nakodo")


def _words(text: str, entities: tuple[Entity, ...], me: Me) -> str:
    """Return the words with those mentioned by id as tokens; Telegram counts in UTF-16 units."""
    raw, out, at = text.encode("utf-16-le", "surrogatepass"), "", 0
    for one in sorted(entities, key=lambda entity: entity.offset):
        begin, end = 2 * one.offset, 2 * (one.offset + one.length)
        if one.type != "text_mention" or one.user is None or not at <= begin < end <= len(raw):
            continue
        out += _spoken(raw[at:begin], me)
        out += "@nakodo " if one.user.id == me.id else _mention(one.user)
        at = end
    return out + _spoken(raw[at:], me)


def _spoken(raw: bytes, me: Me) -> str:
    text = _FORGED.sub("< ", _whole(raw.decode("utf-16-le", "replace")))
    if not me.username:
        return text
    # A Japanese keyboard writes ＠, and no blank before what follows.
    mine = rf"(?<![A-Za-z0-9_@/.])[@＠]{re.escape(me.username)}(?![A-Za-z0-9_])"
    return re.sub(mine, "@nakodo", text, flags=re.IGNORECASE)


def _whole(text: str) -> str:
    """Return a text as every database takes it: without halves of characters, and without NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
