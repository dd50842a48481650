"""What commands do. `bot.commands` is the table that names them; each of these takes an order and says what was done.

`record.py` writes into the record, `talk.py` is about the talk itself, `work.py` starts exercises, sessions and
papers, `lead.py` is for the human who leads.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bot.clock import local
from bot.intent import parted
from bot.model import DeliveryKind, MessageId, Person, Reply, Text
from bot.partnership import By
from bot.ports import Model
from bot.scene import Scene
from knowledge.card import Locale

_WHY = re.compile(r"(?:理由|because|why|reason)\s*[:：]\s*(.+)$", re.IGNORECASE | re.DOTALL)


def plain(word: str) -> str:
    """Return a word as tables have it, however a Japanese keyboard wrote it: ｄｏｎｅ。 is done."""
    return unicodedata.normalize("NFKC", word).strip().lower().rstrip("。.、,!")


@dataclass(frozen=True)
class Order:
    """A command somebody gave. `words` are what stands behind its name."""

    words: str
    sender: Person
    scene: Scene
    locale: Locale
    at: datetime
    today: date
    message: MessageId
    private: bool
    model: Model | None = None
    """The language model that is set up, if one is."""

    @property
    def by(self) -> By:
        """Whose hand it is, on the day that it is where the room works."""
        return By.of(self.sender, local(self.at, self.scene.room.zone))

    def first(self, names: Mapping[str, str]) -> tuple[str, str]:
        """Return which of `names` the words begin with, by its value, and the rest; an empty name if with none."""
        head, rest = parted(self.words)
        known = names.get(plain(head).rstrip(":"))
        return (known, rest) if known else ("", self.words)

    def why(self) -> tuple[str, str]:
        """Return the words without a reason at their end, and the reason."""
        found = _WHY.search(self.words)
        return (
            (self.words[: found.start()].strip().rstrip("、, 　\n"), found[1].strip()) if found else (self.words, "")
        )

    def done(self, text: Text, scene: Scene | None = None, /, **values: object) -> "Done":
        """Say what was done."""
        return Done(text(self.locale).format(**values), scene or self.scene)


class Done(NamedTuple):
    """What to say to who gave the command, the scene after it, and what others get."""

    text: str
    scene: Scene
    others: tuple[Reply, ...] = ()
    kind: DeliveryKind = "notice"
    choices: tuple[str, ...] = ()
