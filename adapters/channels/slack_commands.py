"""Commands as they are given in Slack: behind /nakodo, for Slack keeps other words with a slash to itself. Pure."""

import difflib
import re
import unicodedata

from bot.commands import BY_NAME
from bot.intent import parted

DOOR_WORDS = (
    *("start", "join", "link", "setup", "invite", "room", "desk"),
    *("はじめる", "参加", "連携", "立ち上げ", "招待", "部屋", "机"),
)
"""What is a command at the door, beside those of `bot.commands`."""
_ALIKE = 0.8
_NAMES = sorted({*BY_NAME, *DOOR_WORDS}, key=len, reverse=True)
_LATIN, _JAPANESE = ("|".join(map(re.escape, some)) for some in (
    [name for name in _NAMES if name.isascii()], [name for name in _NAMES if not name.isascii()]
))  # fmt: skip
_ELSEWHERE = r"link\s+[A-Z2-9]{4}-[A-Z2-9]{4}"
"""What is to be written in another chat."""
_CITED = re.compile(
    rf"(?<![\w/／.:@-])[/／](?!{_ELSEWHERE})(?=(?:{_LATIN})(?![A-Za-z0-9_/-])|(?:{_JAPANESE})(?![ァ-ヶー一-龯々]))"
)


def typed(text: str) -> str:
    """Return a text with the commands in it as they are typed in Slack."""
    return _CITED.sub("/nakodo ", text)


def is_command(words: str) -> bool:
    """Whether words behind /nakodo are a command, or were meant as one, and no ordinary words."""
    name = unicodedata.normalize("NFKC", parted(words)[0]).lower()
    if not name or name[0] == "/" or (words.isascii() and words.strip().isalpha()):
        return True
    return bool(difflib.get_close_matches(name, _NAMES, n=1, cutoff=_ALIKE))
