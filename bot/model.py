"""The nouns of the house: who said what, in which room, and what Nakodo says back. All frozen."""

from datetime import datetime
from typing import Annotated, Literal, NewType

from pydantic import AfterValidator, Field

from knowledge.card import Citation, Frozen, Locale, Side, Stage

MessageId = NewType("MessageId", str)
RoomId = NewType("RoomId", str)

Visibility = Literal["room", "person", "facilitator"]
Nda = Literal["none", "drafting", "signed"]
Mode = Literal["auto", "review", "quiet"]
AnswerKind = Literal["answer", "not_in_report", "off_topic", "smalltalk", "clarify"]
DeliveryKind = Literal["answer", "question", "warning", "note", "draft", "form", "notice", "reminder", "document"]
SpokenSignal = Literal[
    "pre_nda_disclosure",
    "cost_too_early",
    "unpaid_work",
    "order_taker",
    "perfectionism",
    "vague_ask",
    "jargon",
    "one_sided_terms",
    "slow_decision",
    "no_go_stop",
    "conflict",
    "prejudice",
    "instant_results",
    "scope_shift",
    "sunk_cost",
]
ComputedSignal = Literal["stall", "talk_imbalance", "go_stop_due", "nda_expiring", "reply_waiting"]
Signal = SpokenSignal | ComputedSignal
Step = Literal["observe", "ask", "warn", "note", "word"]
"""How Nakodo takes up a finding: keep silent, ask or warn the speaker in private, tell the facilitator, say a word to
the room."""


def _whole(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("holds half a character (a lone surrogate)") from None
    return text


Utterance = Annotated[str, AfterValidator(_whole)]
"""What a person wrote: any text that can be written down again."""


class Text(Frozen):
    """Words that a person reads, in both languages."""

    ja: str
    en: str

    def __call__(self, locale: Locale) -> str:
        """Return the words in one language."""
        return self.ja if locale == "ja" else self.en


class Person(Frozen):
    """Somebody who talks. `side` is None until it is known."""

    name: str
    side: Side | None = None


class Situation(Frozen):
    """What the coach knows of the asker's case; None is not known."""

    side: Side | None = None
    stage: Stage | None = None
    nda: Nda | None = None
    theme: str = ""
    """What the two want to find out together."""
    tried: tuple[str, ...] = ()
    """Experiments that are over, each with what came of it."""


class Said(Frozen):
    """Something said earlier in a talk with the bot."""

    role: Literal["person", "bot"]
    text: str


class Room(Frozen):
    """Where a partnership talks."""

    id: RoomId
    people: tuple[Person, ...] = ()
    locale: Locale = "ja"
    mode: Mode = "auto"
    zone: str = "Asia/Tokyo"
    """The time zone in which its people work."""
    names: dict[Side, str] = Field(default_factory=dict)
    """What the parties are called."""

    def person(self, name: str) -> Person | None:
        """Return the person of that name."""
        return next((person for person in self.people if person.name == name), None)

    def of(self, side: Side) -> tuple[Person, ...]:
        """Return the people of a side."""
        return tuple(person for person in self.people if person.side == side)

    def leads(self, person: Person) -> bool:
        """Whether this person leads here: a facilitator or organizer, or anyone where there is none."""
        return person.side in LEADING or not any(other.side in LEADING for other in self.people)


LEADING: tuple[Side, ...] = ("facilitator", "organizer")


class Message(Frozen):
    """One message. `private` is a word to the bot alone."""

    id: MessageId
    sender: Person
    at: datetime
    text: str
    private: bool = False


class Answer(Frozen):
    """What the coach has to say."""

    kind: AnswerKind
    locale: Locale
    text: str = Field(min_length=1)
    citations: tuple[Citation, ...] = ()
    next: tuple[str, ...] = ()
    """What the person might ask or do next, ready to be a button."""


class Finding(Frozen):
    """Something the watch noticed. `score` is from 0 to 1; `evidence` is the words that showed it."""

    signal: Signal
    message: MessageId
    who: str
    at: datetime
    score: float = Field(ge=0, le=1)
    evidence: str


class Label(Frozen):
    """Why a word that nobody asked for is said, how, and to whom."""

    why: str
    how: Step
    whom: str


class Reply(Frozen):
    """One delivery: to whom, of what kind, in answer to which message."""

    to: str
    """`room`, `facilitator`, or a person's name."""
    kind: DeliveryKind
    text: str
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    in_reply_to: MessageId
    signal: Signal | None = None
    label: Label | None = None
    """Stands on what nobody asked for."""
    draft: str | None = None
    """The number of the draft, where this shows one to the facilitator."""

    @property
    def unasked(self) -> bool:
        """Whether nobody asked for it."""
        return self.label is not None
