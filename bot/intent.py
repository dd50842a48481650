"""What a message wants: a command, an answer from the bot, or nothing because people talk with each other."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.model import Message

_MENTION = re.compile(r"@nakodo(?![a-z0-9])(?:さん)?[\s:：、,]*", re.IGNORECASE)
# Called by name at the beginning, as one calls a person across the table.
_CALLED = re.compile(r"^(?:nakodo(?![a-z0-9])|ナコド|仲人)(?:さん|さま|様)?[\s:：、,]+", re.IGNORECASE)


def parted(words: str) -> tuple[str, str]:
    """Return the first word and the rest, whatever blank stands between: a full-width one, a new line."""
    head, *rest = words.split(maxsplit=1) or [""]
    return head, rest[0].strip() if rest else ""


@dataclass(frozen=True)
class Intent:
    """`words` are the message without the mention."""

    wants: Literal["command", "question", "talk"]
    words: str


def intent(message: Message) -> Intent:
    """Read what a message wants. In a room the bot is only asked by name or by command."""
    words = _CALLED.sub("", _MENTION.sub("", message.text).strip()).strip()
    called = _MENTION.search(message.text) is not None or _CALLED.search(message.text) is not None
    asked = message.private or called
    # ／ is what a Japanese keyboard types.
    if words[:1] in ("/", "／") and not words[1:2].isspace() and (asked or words[1:2].isalpha()):
        return Intent("command", "/" + words[1:])
    return Intent("question" if asked else "talk", words)
