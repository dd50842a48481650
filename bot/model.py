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


class Said(Frozen):
    """Something said earlier in a talk with the bot."""

    role: Literal["person", "bot"]
    text: str


class Room(Frozen):
    """Where a partnership talks."""

    id: RoomId
    people: tuple[Person, ...] = ()
    stage: Stage = "preparing"
    nda: Nda = "none"
    locale: Locale = "ja"
    mode: Mode = "auto"

    def person(self, name: str) -> Person | None:
        """Return the person of that name."""
        return next((person for person in self.people if person.name == name), None)


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


class Reply(Frozen):
    """One delivery: to whom, of what kind, in answer to which message."""

    to: str
    """`room`, `facilitator`, or a person's name."""
    kind: DeliveryKind
    text: str
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    in_reply_to: MessageId
