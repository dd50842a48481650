"""What one person writes in one breath, in several messages, is one thought: it is waited for and answered once."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from adapters.doorstep import is_code
from adapters.files import DITTO, Read
from adapters.post import Event
from adapters.services.store import Mail, Span, Taken
from bot.intent import Intent, intent
from bot.model import Message, MessageId, Person

SETTLED = timedelta(seconds=0.9)
"""Who has written nothing more for so long has finished."""
BURST = timedelta(seconds=2)
"""What one person writes within this is answered once."""
TOGETHER = 10
"""Messages of one breath at most: as many as an album has."""
_NOTHING_SAID = re.compile(r"[\s?？!！.．。、,…]*")


class Part(NamedTuple):
    """One message of a breath."""

    sequence: int
    event: Event
    received_at: datetime


class Whole(NamedTuple):
    """A breath as one message."""

    words: str
    spans: list[Span]
    """Where each of its messages stands in the words."""
    sequences: list[int]
    files: list[Read]
    wordless: bool
    """Whether nobody has written a word."""


def whole(parts: Sequence[Part], each: Sequence[str], read: Mapping[str, Read], before: str = "") -> Whole:
    """Return a breath as one message. `each` is what its messages say, `before` what stands before them."""
    said, spans, start = list[str](), list[Span](), len(before)
    files = list[Read]()
    for part, words in zip(parts, each, strict=True):
        # A name that is said ten times makes an English talk of a Japanese one.
        named = part.event.files and words in {one.quoted for one in files if not one.heard}
        said.append(DITTO if named else words)
        spans.append(Span(start, len(said[-1])))
        start += len(said[-1]) + 1
        files += [read[file.ref] for file in part.event.files if file.ref in read]
    wordless = all(_NOTHING_SAID.fullmatch(wanted(part.event).words) for part in parts)
    return Whole(before + "\n".join(said), spans, [part.sequence for part in parts], files, wordless)


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


def read_until(parts: Sequence[Part], read: Mapping[str, Read]) -> list[Part]:
    """Return a breath as far as its files have been read: what came too late is taken in by itself."""
    first, *others = parts
    return [first, *takewhile(lambda part: all(file.ref in read for file in part.event.files), others)]


def _begins(event: Event) -> bool:
    """Whether more may follow that belongs to it: what is asked in words where one types, or was sent as one."""
    if event.kind != "said" or event.channel == "web" or event.button:
        return False
    return bool(event.album or addresses(event)) and wanted(event).wants != "command"


def _goes_on(event: Event, first: Event) -> bool:
    if event.kind != "said" or (event.account.key, event.place) != (first.account.key, first.place):
        return False
    # A code is taken in at the door, a command by itself, a file with its own message.
    words = event.text.strip()
    if wanted(event).wants == "command" or is_code(words):
        return False
    if event.album or event.files:
        return bool(event.album) and event.album == first.album
    return bool(words) and addresses(first)


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
