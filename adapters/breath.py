"""What one person writes in one breath, in several messages, is one thought: it is waited for and answered once."""

from datetime import datetime, timedelta
from typing import NamedTuple

from adapters.doorstep import is_code
from adapters.post import Event
from adapters.services.store import Mail, Taken
from bot.intent import Intent, intent
from bot.model import Message, MessageId, Person

SETTLED = timedelta(seconds=0.9)
"""Who has written nothing more for so long has finished."""
BURST = timedelta(seconds=2)
"""What one person writes within this is answered once."""
TOGETHER = 8
"""Messages of one breath at most."""


class Part(NamedTuple):
    """One message of a breath."""

    sequence: int
    event: Event
    received_at: datetime


def patience(taken: Taken, mail: Mail, now: datetime) -> float:
    """Return for how many seconds more somebody may go on writing."""
    if not _begins(taken.event):
        return 0.0
    end = min(breath(taken, mail)[-1].received_at + SETTLED, taken.received_at + BURST)
    return max((end - now).total_seconds(), 0.0)


def breath(taken: Taken, mail: Mail) -> list[Part]:
    """Return an event and those behind it that belong to the same breath."""
    found = [Part(taken.sequence, taken.event, taken.received_at)]
    if not _begins(taken.event):
        return found
    for part in map(Part._make, mail.following(taken)[: TOGETHER - 1]):
        if part.received_at > taken.received_at + BURST or not _goes_on(part.event, taken.event):
            break
        found.append(part)
    return found


def _begins(event: Event) -> bool:
    """Whether more may follow that belongs to it: something that is asked in words, on a platform where one types."""
    if event.kind != "said" or event.channel == "web" or event.button or not addresses(event):
        return False
    return wanted(event).wants != "command"


def _goes_on(event: Event, first: Event) -> bool:
    if event.kind != "said" or (event.account.key, event.place) != (first.account.key, first.place):
        return False
    # A file is taken in with its own message, a code at the door, a command by itself.
    words = event.text.strip()
    return bool(words) and not event.files and wanted(event).wants != "command" and not is_code(words)


def as_message(event: Event, words: str) -> Message:
    """Return an event as a message of who it says it is from."""
    return Message(
        id=MessageId(f"{event.channel}:{event.id}"),
        sender=Person(name=event.account.name or "?"),
        at=event.at,
        text=words,
        private=event.place.direct,
    )


def wanted(event: Event) -> Intent:
    """Return what an event wants by its words."""
    return intent(as_message(event, event.text))


def addresses(event: Event) -> bool:
    """Whether an event is meant for the bot."""
    return event.place.direct or event.called or wanted(event).wants != "talk"
