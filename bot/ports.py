"""What the bot needs from outside, as small as it can be said. The fakes stand in `tests/fakes.py`."""

from collections.abc import Sequence
from typing import Protocol

from bot.model import Answer, Said, Situation
from knowledge.card import Locale


class Composer(Protocol):
    """Answers a question from what is known, with sources, or says that it is not known."""

    def answer(self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = ()) -> Answer:
        """Return the answer to a question in its situation, in the thread of what was said before."""
        ...
