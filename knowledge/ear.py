"""What is heard in a message: signals, statements, calls for a human. Learned from examples (`knowledge.train_ear`).

Draft: the contract stands; the weights follow.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Earlier(NamedTuple):
    """Something said before. `same` is whether the same side said it."""

    text: str
    same: bool


class Words(NamedTuple):
    """A message in its context. Which side speaks is left out: the same words are the same signal from both."""

    text: str
    before: tuple[Earlier, ...] = ()
    """The last few messages of the room, oldest first."""
    stage: str = "meeting"
    nda: str = "none"


class Sound(NamedTuple):
    """How surely something was heard, from 0 to 1, where 0.5 is as good as heard; and the words that showed it."""

    score: float
    evidence: str


class Hearing(NamedTuple):
    """Everything heard in a message, by name."""

    signals: Mapping[str, Sound]
    statements: Mapping[str, Sound]
    """Plain statements that change the record."""
    calls: Mapping[str, Sound]
    """What needs a human at once: legal dispute, harassment, fraud, distress."""


class Ear:
    """Hears."""

    @classmethod
    def load(cls, embedder: object) -> "Ear":
        """Load the shipped weights."""
        return cls()

    def hear(self, words: Words) -> Hearing:
        """Return how strongly each was heard, and in which words."""
        return Hearing({}, {}, {})
