"""What a message wants: a command, an answer from the bot, or nothing because people talk with each other."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.model import Message

_MENTION = re.compile(r"@nakodo\b[\s:：、,]*", re.IGNORECASE)


@dataclass(frozen=True)
class Intent:
    """`words` are the message without the mention."""

    wants: Literal["command", "question", "talk"]
    words: str


def intent(message: Message) -> Intent:
    """Read what a message wants. In a room the bot is only asked by name or by command."""
    words = _MENTION.sub("", message.text).strip()
    asked = message.private or _MENTION.search(message.text) is not None
    # ／ is what a Japanese keyboard types.
    if words[:1] in ("/", "／") and not words[1:2].isspace() and (asked or words[1:2].isalpha()):
        return Intent("command", "/" + words[1:])
    return Intent("question" if asked else "talk", words)
