"""In which language somebody writes: their own words tell it, not the commands and buttons that they pass on."""

import re

from bot.guide import is_control
from bot.intent import Intent
from bot.intervene import USEFUL, USELESS
from bot.model import Message
from bot.scene import Scene
from bot.statements import is_yes_or_no
from knowledge.card import Locale
from knowledge.tokens import language

FEW = 3
"""Fewer Latin words than this tell nothing: OK, PoC, a name."""
_BUTTONS = {USEFUL.ja, USEFUL.en.lower(), USELESS.ja, USELESS.en.lower()}
_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]*")
_FILE = re.compile(r"^［[^］\n]+］$", re.MULTILINE)
"""What a file is called; behind it stands what others may have written."""


def listened(message: Message, wanted: Intent, scene: Scene) -> Scene:
    """Return the scene that knows in which language this person writes, if the message tells it."""
    locale = _told(wanted, message.sender.name, scene)
    return scene.writing(message.sender.name, locale) if locale else scene


def is_button(words: str, who: str, scene: Scene) -> bool:
    """Whether these words are a button's, and not somebody's own."""
    shown = {*scene.buttons.get(who, ()), *scene.buttons.get("room", ())}
    return words in shown or words.lower() in _BUTTONS or is_control(words) or is_yes_or_no(words)


def _told(wanted: Intent, who: str, scene: Scene) -> Locale | None:
    words = wanted.words.strip()
    if wanted.wants == "command" or is_button(words, who, scene):
        return None
    words = _FILE.split(words, maxsplit=1)[0].strip()
    locale = language(words, default=scene.locale_for(who))
    return None if locale == "en" and len(_WORD.findall(words)) < FEW else locale
