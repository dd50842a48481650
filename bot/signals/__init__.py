"""The shelf of signals: one file each, found by name.

A signal says when what was heard counts in its context, how soon Nakodo speaks of it, and with which words. What it
sounds like is not here: that is learned from examples (`knowledge/training`), for people say the same thing in too
many ways. A new signal is a file here with a constant `SIGNAL`, its examples, and its test.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Literal, NamedTuple

from bot.model import Nda, Signal, Text
from bot.partnership import Partnership
from knowledge.card import Side, Stage

Urgency = Literal["now", "soon", "later"]
"""`now`: the speaker is warned and the facilitator told at once. `soon`: the speaker is asked at the first clear
sign. `later`: watched first, and asked when it comes again."""


@dataclass(frozen=True)
class Context:
    """What is known when a message is heard. `side` is the speaker's."""

    side: Side | None
    stage: Stage
    nda: Nda
    record: Partnership
    said: frozenset[str] = frozenset()
    """What was plainly stated in this message or lately, such as `nda_signed` or `cost_ours`."""


@dataclass(frozen=True)
class Pulse:
    """What a computed signal looks at: the record and the clock. Sides are `sme` and `startup`; times have zones."""

    now: datetime
    today: date
    """The day in the room's time zone."""
    record: Partnership
    opened: datetime | None
    """When the room was opened."""
    last_word: Mapping[Side, datetime]
    """When each side last said something in the room; a side that never spoke is missing."""
    waiting: Mapping[Side, datetime]
    """Since when each side waits for the other to answer something; a side that waits for nothing is missing."""
    spoken: Mapping[Side, int]
    """How much each side said lately (the last 40 messages of the two), as `bot.length` counts it."""
    messages: int
    """How many messages of the two that are."""
    names: Mapping[Side, str]
    """What the parties are called, for words."""


class Due(NamedTuple):
    """A computed signal is due. `key` names the occasion, so that one occasion is not raised day after day."""

    key: str
    evidence: Text
    side: Side | None = None
    """Whose turn it is, where it is one side's."""


def never(_: Pulse) -> Due | None:
    """Compute nothing: what is spoken is heard, not computed."""
    return None


def always(_: Context) -> bool:
    """Count wherever it is heard."""
    return True


@dataclass(frozen=True)
class SignalKind:
    """A signal. Texts are for the person named; those `by_side` are put in that side's own terms, and mirror."""

    id: Signal
    name: Text
    """What it is called, in a few words."""
    why: Text
    """Why it matters, in one sentence, for the label of an intervention."""
    urgency: Urgency
    ask: Text
    """A private word to the one who spoke: a question that helps, blames nobody, and offers something else to say."""
    note: Text
    """To the facilitator; `{who}` is who spoke, `{evidence}` the words."""
    counts: Callable[[Context], bool] = always
    """Whether it counts in this context."""
    clear: float = 0.6
    """How surely it must be heard before anything is said of it; what is fainter is only kept."""
    ask_by_side: Mapping[Side, Text] = field(default_factory=dict)
    """How the private word is put to one side, where that differs."""
    options: tuple[Text, ...] = ()
    """Two or three things one might consider, each a short phrase."""
    word: Text | None = None
    """A word to the room, shaming nobody; None where it is never said there."""
    cards: tuple[str, ...] = ()
    """Ids of cards that the words rest on, the best first."""
    due: Callable[[Pulse], Due | None] = never
    """For a computed signal: whether it is due."""
    to: Literal["person", "facilitator", "room"] = "person"
    """For a computed signal: who hears of it. `person` is the side whose turn it is, with a note to who leads."""

    def asked_of(self, side: Side | None) -> Text:
        """Return the private word as it is put to a side."""
        return self.ask_by_side.get(side, self.ask) if side else self.ask


@cache
def signals() -> dict[Signal, SignalKind]:
    """Return every signal on the shelf, by id."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: list[SignalKind] = [importlib.import_module(f"{__name__}.{name}").SIGNAL for name in names]
    return {kind.id: kind for kind in found}
