"""From nouns to rows and back."""

from datetime import datetime

from adapters.services.store.tables import ChangeRow, DeliveryRow, FindingRow, MessageRow
from bot.model import Finding, Label, Message, MessageId, Person, Reply
from bot.partnership import By, Change
from knowledge.card import Citation, Frozen


class Entry(Frozen):
    """Something in a room's timeline: what a person wrote, or what Nakodo said. Private words are among them."""

    sequence: int
    at: datetime
    said: Message | Reply
    forgotten: bool = False


def message_row(message: Message) -> MessageRow:
    """Return the row of a message."""
    return MessageRow(
        id=message.id,
        sender=message.sender.name,
        side=message.sender.side,
        at=message.at,
        text=message.text,
        private=message.private,
    )


def said(row: MessageRow) -> Entry:
    """Return what a row of a message says."""
    message = Message(
        id=MessageId(row.id),
        sender=Person(name=row.sender, side=row.side),
        at=row.at,
        text=row.text,
        private=row.private,
    )
    return Entry(sequence=row.sequence, at=row.at, said=message, forgotten=row.forgotten)


def delivery_row(reply: Reply, at: datetime) -> DeliveryRow:
    """Return the row of a delivery."""
    return DeliveryRow(**reply.model_dump(mode="json"), at=at)


def delivered(row: DeliveryRow) -> Entry:
    """Return what a row of a delivery says."""
    reply = Reply(
        to=row.to,
        kind=row.kind,
        text=row.text,
        citations=tuple(Citation.model_validate(one) for one in row.citations),
        choices=tuple(row.choices),
        signal=row.signal,
        label=Label.model_validate(row.label) if row.label else None,
        draft=row.draft,
        in_reply_to=MessageId(row.in_reply_to),
    )
    return Entry(sequence=row.sequence, at=row.at, said=reply)


def finding_row(finding: Finding) -> FindingRow:
    """Return the row of a finding."""
    return FindingRow(**dict(finding))


def change_row(change: Change) -> ChangeRow:
    """Return the row of a line of history."""
    return ChangeRow(
        who=change.by.who,
        side=change.by.side,
        at=change.by.at,
        what=change.what,
        before=change.before,
        after=change.after,
        why=change.why,
    )


def changed(row: ChangeRow) -> Change:
    """Return the line of history of a row."""
    by = By(who=row.who, side=row.side, at=row.at)
    return Change(by=by, what=row.what, before=row.before, after=row.after, why=row.why)
