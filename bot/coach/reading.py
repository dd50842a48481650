"""Understanding a message: what kind it is, whether it goes on with the topic, and who seems to be speaking.

All of it is read by heads trained on texts (`knowledge/training`), none by lists of words: people say the same thing
in too many ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from bot.model import Nda, Said, Situation
from bot.scene import REMEMBERED
from knowledge.card import Side
from knowledge.gate import Gate
from knowledge.head import Head
from knowledge.search import WEIGHTS, CardSearch, Found

MessageKind = Literal["on_topic", "off_topic", "smalltalk", "clarify", "injection"]
Facet = Literal[
    "example",
    "detail",
    "words",
    "other_side_startup",
    "other_side_sme",
    "other_side",
    "mistakes",
    "why",
    "own_case",
    "source",
    "more",
    "again",
    "aspect",
    "new_topic",
]

READ_AT_MOST = 2_000
"""Characters that are read of a message: the beginning says what it is about, the end what is wanted."""
# A question wrongly refused hurts more than a stray one answered, so the doubt goes to the asker.
ON_TOPIC, AMONG = 0.4, 0.25
"""How likely a message must be on the subject; the second of one in a partnership, where nearly all is about it."""
SURE = 0.75
SURELY: dict[Nda, float] = {"signed": 0.97}
"""Who is wrongly taken to have signed gives away a secret, and who only asks about signing sounds as if they had."""
IN_TALK = {"clarify": 1.1, "smalltalk": 0.9, "injection": 0.95}
"""Who was just answered goes on from it, unless what they say is surely of another kind. Too thin it never is."""
NEW_TOPIC, APART, HINT = 0.5, 0.97, 0.1
"""From `NEW_TOPIC` on a message begins anew. One off the subject may still go on, if that is not sure (`APART`) and
something (`HINT`) speaks for the subject."""
# People quote orders to tell of them. What is otherwise on the subject alone is an order only if surely one.
ORDER, OTHERWISE = 0.95, 0.9
FACET = 0.6
# How much the message itself counts beside the topic, where it adds something to look for.
_ADDS: dict[Facet, float] = {"own_case": 0.25, "aspect": 0.5}


@dataclass(frozen=True)
class Reading:
    """A message understood."""

    kind: MessageKind
    found: Found
    facet: Facet
    situation: Situation
    topic: str
    """The question that the answer is about: the message itself, or the one that it goes on from."""
    act: str = ""
    """For small talk, which: greeting, thanks, and so on."""


class Reader:
    """Reads messages."""

    def __init__(self, search: CardSearch, weights: Path = WEIGHTS) -> None:
        self._search = search
        self._kinds, self._facets, self._sides, self._ndas, self._report, self._acts = (
            Head.load(weights / f"{name}.npz") for name in ("kinds", "followups", "sides", "ndas", "report", "acts")
        )
        self._gate = Gate.load(weights / "gate.npz")

    def read(self, text: str, situation: Situation, history: Sequence[Said], *, among: bool = False) -> Reading:
        """Understand a message in the thread of what was said before; `among` is one of a partnership."""
        text = clip(text)
        situation = self._situated(
            situation, [*(said.text for said in history[-REMEMBERED:] if said.role == "person"), text]
        )
        found = self._find(text, situation)
        chances = self._gate(text, self._kinds, found)
        topic = self._topic(history)
        facet = self._facet(text, found) if topic else "new_topic"
        kind = _kind(chances, AMONG if among else ON_TOPIC)
        if topic and facet == "new_topic" and self._may_go_on(text, found, kind, chances):
            facet = "aspect"
        if kind == "smalltalk" and chances["smalltalk"] > (IN_TALK["smalltalk"] if topic else 0.5):
            return Reading(kind, found, "new_topic", situation, text, act=_likeliest(self._acts(text, found.trained)))
        if not topic and chances["on_topic"] < SURE and self._facet(text, found) == "again":
            kind = "clarify"  # Nothing was said yet that could be said again.
        if topic and facet != "new_topic":
            return self._going_on(text, topic, facet, found, situation)
        return Reading(kind, found, "new_topic", situation, text)

    def asks_for_words(self, reading: Reading) -> bool:
        """Whether somebody asks how to say it."""
        return self._facets(reading.topic, reading.found.trained)["words"] > 0.5

    def asks_of_the_report(self, reading: Reading) -> float:
        """Return how likely a question wants something of the report that stands nowhere in it."""
        return self._report(reading.topic, reading.found.trained)["unknown"]

    def on_topic(self, text: str, situation: Situation) -> Reading | None:
        """Read a part of a message alone; None if it is not on the subject."""
        found = self._find(text, situation)
        chances = self._gate(text, self._kinds, found)
        if chances["on_topic"] < 0.5:
            return None
        return Reading("on_topic", found, "new_topic", situation, text)

    def _going_on(self, text: str, topic: str, facet: Facet, alone: Found, situation: Situation) -> Reading:
        """Read a message that goes on from the topic: the topic's cards, seen in the light of what it adds."""
        if facet == "other_side":
            facet = "other_side_sme" if situation.side == "startup" else "other_side_startup"
        if facet == "other_side_startup":
            situation = situation.model_copy(update={"side": "startup"})
        elif facet == "other_side_sme":
            situation = situation.model_copy(update={"side": "sme"})
        found = self._find(topic, situation)
        if facet in _ADDS:
            # Which card, both say; which of its sentences, what was added says.
            found = replace(found.blended(alone, _ADDS[facet]), vector=alone.vector, trained=alone.trained)
            return Reading("on_topic", found, facet, situation, f"{topic} {text}")
        return Reading("on_topic", found, facet, situation, topic)

    def _topic(self, history: Sequence[Said]) -> str:
        """Return the last thing a person asked that did not itself go on from something.

        From another subject or a greeting nothing goes on.
        """
        asked = [clip(said.text) for said in history[-REMEMBERED:] if said.role == "person"]
        last = ""
        for number, text in reversed(list(enumerate(asked, 1))):
            found = self._find(text, Situation())
            kind = _kind(self._gate(text, self._kinds, found), ON_TOPIC)
            if kind == "on_topic" and (number == 1 or self._facet(text, found) == "new_topic"):
                return text
            if number == len(asked) and kind not in ("off_topic", "smalltalk"):
                last = text
        return last if len(last) > 12 else ""

    def _facet(self, text: str, found: Found) -> Facet:
        chances = self._facets(text, found.trained)
        if chances["new_topic"] >= NEW_TOPIC:
            return "new_topic"
        best = _likeliest({name: chance for name, chance in chances.items() if name != "new_topic"})
        if chances[best] < FACET:
            return "aspect"
        return next(facet for facet in get_args(Facet) if facet == best)

    def _may_go_on(self, text: str, found: Found, kind: MessageKind, chances: dict[str, float]) -> bool:
        """Whether a message that alone would be none on the subject may be said of what was just talked about."""
        if kind == "off_topic":
            return chances["on_topic"] >= HINT and self._facets(text, found.trained)["new_topic"] < APART
        return chances[kind] < IN_TALK.get(kind, 0)

    def _find(self, text: str, situation: Situation) -> Found:
        return self._search.find(text, side=situation.side, stage=situation.stage)

    def _situated(self, situation: Situation, texts: Sequence[str]) -> Situation:
        """Fill what is not known from what the person said, the latest first."""
        side: Side | None = situation.side
        nda: Nda | None = situation.nda
        for text in reversed(texts[-4:]):
            if side is not None and nda is not None:
                break
            vector = self._search.embed_trained(clip(text))
            side = side or next((s for s in get_args(Side) if self._sides(text, vector).get(s, 0) > SURE), None)
            ndas = self._ndas(text, vector) if nda is None else {}
            nda = nda or next((n for n in get_args(Nda) if ndas.get(n, 0) > SURELY.get(n, SURE)), None)
        return situation.model_copy(update={"side": side, "nda": nda})


def _kind(chances: dict[str, float], least: float) -> MessageKind:
    if chances["on_topic"] >= least and chances["smalltalk"] < 0.5:
        return "on_topic"
    order = chances["injection"]
    if order < ORDER and chances["on_topic"] > OTHERWISE * (1 - order):
        return "on_topic"
    best = _likeliest(chances)
    return next(kind for kind in get_args(MessageKind) if kind == best)


def _likeliest(chances: dict[str, float]) -> str:
    return max(chances, key=lambda name: chances[name])


def clip(text: str) -> str:
    """Return what is read of a text."""
    if len(text) <= READ_AT_MOST:
        return text
    return text[: READ_AT_MOST * 3 // 4] + "\n" + text[-READ_AT_MOST // 4 :]
