"""What goes between a chat platform and the house: events that came in, parcels that go out, and how sending fails.

A channel makes an `Event` of what its platform sent and carries a `Parcel` to where it belongs. It decides nothing.
All of it can be written down: an event stands in the inbox before the platform is told that it arrived, a parcel in
the outbox before it is sent.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from bot.errors import NakodoError
from bot.model import Reply, Utterance
from knowledge.card import Frozen, Locale

ChannelName = Literal["slack", "telegram", "terminal", "web"]
EventKind = Literal[
    "said",  # a message, a command among them
    "edited",  # a message has other words now
    "deleted",  # a message is gone
    "pressed",  # a button: `button` names it
    "arranged",  # a partnership was set up by a form: `form`
    "opened",  # somebody opened the bot's own page, or began to talk with it
    "added",  # the bot came into a conversation
    "removed",  # the bot was put out of a conversation, or blocked by a person
    "moved",  # a conversation goes on under another address: `moved_to`
]


class Place(Frozen):
    """A conversation on a platform. `key` names it in all the world: `slack:T1:C1`, `telegram:-100123`."""

    key: str
    direct: bool = False
    """Whether it is a talk with the bot alone."""
    thread: str | None = None
    """The thread within it, where the platform has threads."""


class Account(Frozen):
    """Somebody on a platform. `key` names them in all the world: `slack:T1:U1`, `telegram:42`."""

    key: str
    name: str = ""
    """The name that the platform shows; empty where it must be asked for."""
    locale: Locale | None = None
    """The language of their client, where it is one of ours."""
    outsider: bool = False
    """Whether they belong to another organisation than the one whose place this is."""


class File(Frozen):
    """A file that came with a message. `ref` is what its platform needs to hand it over."""

    name: str
    size: int = 0
    ref: str = ""


class Event(Frozen):
    """Something that happened on a platform."""

    id: str
    """Names it on its channel. One that comes twice has the same, whichever way it comes."""
    channel: ChannelName
    kind: EventKind
    place: Place
    account: Account
    at: datetime
    text: Utterance = ""
    """What was said, with the mention of the bot as `@nakodo`."""
    called: bool = False
    """Whether it answers the bot in its own thread or message, so that it is meant for it without a mention."""
    message: str = ""
    """The platform's name of the message: the one said, edited, deleted, or the one whose button was pressed."""
    button: str = ""
    files: tuple[File, ...] = ()
    album: str = ""
    """Names what was sent as one and came in several messages, where the platform has that."""
    hears_all: bool = False
    """Whether the bot is known to hear everything that is said there."""
    form: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """What a form held, by field."""
    moved_to: str = ""
    invites: str = ""
    """What a code is put behind to make a link that opens a talk with the bot, where the platform has that."""
    team: str = ""
    """The workspace that installed the bot, where there may be several."""


class Parcel(Frozen):
    """A reply on its way. `id` names it for ever, so that a platform can be asked whether it has it."""

    id: str
    tenant: str
    channel: ChannelName
    place: Place | None = None
    """Where it goes; None is the talk with `account` alone."""
    account: Account | None = None
    """Whom it is for, where it is for one person."""
    aside: Place | None = None
    """The conversation in which a private word was caused. A platform that can whisper there may point to it."""
    answers: str = ""
    """The platform's name of the message it answers."""
    reply: Reply
    locale: Locale = "ja"
    again: bool = False
    """Whether it may have been sent before, and nobody can tell."""
    shown: str = ""
    """Where its beginnings were shown while it was written, in its channel's word: it takes their place."""

    def button(self, number: int) -> str:
        """Return what names a choice to a platform: short, and without a word of what it says."""
        return f"{self.id}:{number}"


class Preview(Frozen):
    """An answer while it is written, on its way to where it will go. The parcel holds as much of it as there is."""

    parcel: Parcel
    asker: Account


class SendError(NakodoError):
    """A parcel was not delivered."""


class NotSentError(SendError):
    """It was surely not delivered, and may be later. `after` is how many seconds the platform asks to wait."""

    def __init__(self, message: str, after: float = 0) -> None:
        super().__init__(message)
        self.after = after


class UnclearError(SendError):
    """It may have been delivered: the answer got lost."""


class RefusedError(SendError):
    """It will never be delivered like this. `reason` says why, in the platform's word."""

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(f"refused: {reason}")
        self.reason = reason
        self.unreachable = unreachable
        """Whether the person has to begin the talk first, or has blocked the bot."""


class HomeAction(Frozen):
    """Something to do, on the bot's own page: what it says, and the command behind its button."""

    text: str
    command: str = ""


class HomeRoom(Frozen):
    """A partnership on the bot's own page, as one person may see it."""

    room: str
    title: str
    where: str
    """Stage and NDA in a line."""
    record: str
    """The record, in Markdown."""
    drafts: tuple[HomeAction, ...] = ()
    """What waits for this person's word."""
    due: tuple[HomeAction, ...] = ()
    """Actions, those due first."""


class Home(Frozen):
    """What somebody sees on the bot's own page."""

    locale: Locale
    hello: str
    rooms: tuple[HomeRoom, ...] = ()


class Channel(Protocol):
    """One platform, seen from the house. Its methods run in the main event loop."""

    name: ChannelName
    tells: bool
    """Whether the platform can be asked what it has received."""

    async def send(self, parcel: Parcel) -> str:
        """Deliver a parcel and return the platform's name of what was posted.

        Raises:
            NotSentError, UnclearError, RefusedError: see there.
        """
        ...

    async def find(self, parcel: Parcel) -> str | None:
        """Return the platform's name of a parcel that it has, or None. Only asked where `tells`."""
        ...

    async def acquainted(self, account: Account) -> Account:
        """Return an account with the name that people know, asking the platform for it."""
        ...

    async def fetch(self, file: File, most: int) -> bytes:
        """Return a file's content, at most `most` bytes of it.

        Raises:
            RefusedError: the platform does not hand it over.
        """
        ...

    async def settled(self, parcel: Parcel, receipt: str) -> None:
        """Take the buttons off something posted, when they have been used. What fails here is let go."""
        ...

    def alive(self) -> datetime | None:
        """Return when the platform last gave a sign of life."""
        ...


Note = Callable[[str], Awaitable[None]]
"""Writes down where a preview stands. When it returns, that is durable."""


@runtime_checkable
class Shows(Protocol):
    """What a channel has besides where people can see an answer while it is written."""

    pace: float
    """Seconds between two looks at least."""

    async def show(self, preview: Preview, note: Note) -> None:
        """Show an answer as far as it is written, each time with more of it. It may be cancelled.

        Previews that would outlast the process are noted before there is a word in them; `send` gets what was noted
        as `Parcel.shown` and puts the answer in their place.

        Raises:
            SendError: it cannot be shown; nobody tries again with this answer.
        """
        ...

    async def take_back(self, shown: str) -> None:
        """Let a preview vanish whose answer does not come.

        Raises:
            NotSentError, UnclearError: not this time.
        """
        ...
