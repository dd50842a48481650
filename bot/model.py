"""The nouns of the house: who said what, in which room, and what Nakodo says back. All frozen."""

from datetime import datetime
from typing import Annotated, Literal, NewType

from pydantic import AfterValidator, Field

from bot.clock import QuietHours
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
    side: Side | None = None
    """Whose person spoke, or was spoken to."""


class Room(Frozen):
    """Where a partnership talks."""

    id: RoomId
    people: tuple[Person, ...] = ()
    locale: Locale = "ja"
    mode: Mode = "auto"
    zone: str = "Asia/Tokyo"
    """The time zone in which its people work."""
    quiet_hours: QuietHours | None = QuietHours()
    """When nobody is spoken to unasked, public holidays besides; None leaves only those."""
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


class Asker(Frozen):
    """Who asks, as far as it matters to a language model: what to hide from it, and what it may see besides."""

    room: str = ""
    """The partnership; empty where there is none."""
    names: tuple[str, ...] = ()
    """People and firms of the room."""
    recent: tuple[str, ...] = ()
    """What the asker's own side said in the room lately, oldest first."""
    model: bool = True
    """Whether the room allows a language model."""


class Verdict(Frozen):
    """What the guard found of one sentence that a language model wrote."""

    sentence: str
    passages: tuple[int, ...]
    """The numbers of the passages that it named, from 1."""
    kept: bool
    why: str = ""
    """Why it was dropped: `figure`, `date`, `name`, `source`, `quote`, `legal`, `overclaim`; `promise` where somebody
    here is said to do, to have done or to agree to what no line says; `polarity`, `foreign` and so on (`cite.py`)."""


TraceUse = Literal["answer", "judge", "minutes", "digest", "suggestion"]
TraceEnd = Literal[
    "used", "dropped", "slow", "down", "refused", "malformed", "budget", "resting", "forbidden", "secret"
]


class Trace(Frozen):
    """One use of a language model: what it saw, what it wrote, what became of that.

    `end` is `used`, or why the playbook spoke instead: what was left did not answer (`dropped`), no answer in time
    (`slow`), not reached (`down`), turned away (`refused`), unreadable (`malformed`), the day's tokens are spent
    (`budget`), it failed too often a moment ago (`resting`), the room forbids it (`forbidden`), or the words are
    not for a remote model before the NDA (`secret`). For the last four nothing was sent.
    """

    use: TraceUse
    model: str
    """`provider:model`."""
    prompt: str
    """The template and a hash of its words, `compose@1a2b3c4d`."""
    end: TraceEnd
    sent: str = ""
    """What left, as it left."""
    wrote: str = ""
    """What came back, as it came."""
    passages: tuple[str, ...] = ()
    """The cards behind the numbers of the passages."""
    verdicts: tuple[Verdict, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    ms: float = 0.0
    """The whole time that it took, in milliseconds."""
    given: str = ""
    """The request as JSON, enough to make it again; it stays in the house."""


class Answer(Frozen):
    """What the coach has to say."""

    kind: AnswerKind
    locale: Locale
    text: str = Field(min_length=1)
    citations: tuple[Citation, ...] = ()
    next: tuple[str, ...] = ()
    """What the person might ask or do next, ready to be a button."""
    trace: Trace | None = None
    """How a language model took part, where one is set up."""


class Finding(Frozen):
    """Something the watch noticed. `score` is from 0 to 1; `evidence` is the words that showed it."""

    signal: Signal
    message: MessageId
    who: str
    at: datetime
    score: float = Field(ge=0, le=1)
    evidence: str
    reason: str = ""
    """Why a second opinion agrees, where one was asked."""


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
