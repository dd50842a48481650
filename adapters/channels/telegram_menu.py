"""What Telegram shows of the bot before anybody has written: the command menu and the descriptions."""

import re

from bot.commands import COMMANDS
from bot.model import Text
from knowledge.card import Locale

_LATIN = re.compile(r"[a-z0-9_]{1,32}")  # Telegram allows no other names.
_DOOR = (
    ("start", Text(ja="はじめる", en="begin")),
    ("join", Text(ja="参加コードで協業に入る", en="enter a partnership with a code")),
    ("setup", Text(ja="このグループで協業の記録を始める", en="begin a partnership's record in this group")),
    ("invite", Text(ja="参加コードを出す", en="make a code for somebody")),
    ("room", Text(ja="どの協業の話かを選ぶ", en="choose which partnership to talk about")),
    ("link", Text(ja="別のチャットの自分とつなぐ", en="be one person here and in another chat app")),
)
SHORT = Text(
    ja="中小企業とスタートアップの協業を、あいだで支える仲人です。",
    en="The go-between for small manufacturers and startups who work together.",
)
"""On the profile; 120 units at most."""
ABOUT = Text(
    ja="中小企業とスタートアップの協業を、あいだで支える仲人（なこうど）です。\n"
    "初めての打ち合わせ、NDA、費用、小さな実験のことなど、ふだんの言葉でお尋ねください。\n"
    "個別の会話で伺ったことは、相手の会社には伝えません。",
    en="I am a go-between for small manufacturers and startups who try to work together.\n"
    "Ask in your own words about first meetings, NDAs, costs and small experiments.\n"
    "What you tell me in private does not reach the other company.",
)
"""Shown in an empty chat; 512 units at most."""
BECKON = Text(
    ja="{name}さん、下のボタンから、私との個別の会話を一度始めていただけますか。",
    en="{name}, could you open a talk with me once? The button below leads there.",
)
UNMASK = Text(
    ja="匿名やチャンネルの名では、どなたのお話か分からず、お答えできません。"
    "ご自分の名前に切り替えて、もう一度書いていただけますか。",
    en="When something is written anonymously or in a channel's name, I cannot tell whose words they are. Could you "
    "switch to your own name and write them once more?",
)
BECKON_BUTTON = Text(ja="会話を始める", en="Open a talk")


def menu(locale: Locale) -> tuple[tuple[str, str], ...]:
    """Return the commands with what they do."""
    rows = (*_DOOR, *((command.name, command.about) for command in COMMANDS))
    return tuple((name, about(locale)[:256]) for name, about in rows if _LATIN.fullmatch(name))


_NAMES = frozenset(name for name, _ in menu("en"))


def ours(words: str) -> bool:
    """Whether words are a command of ours. Other bots' are Latin, so what is Japanese is."""
    name = words[1:].split(maxsplit=1)[0].lower() if words[:1] in ("/", "／") and words[1:2].isalpha() else ""
    return bool(name) and (name in _NAMES or not _LATIN.fullmatch(name))
