"""What is asked of a platform around a turn: the names of people, and to take used buttons away."""

import asyncio
from contextlib import suppress

from adapters.post import Account, Channel, Event, Parcel
from adapters.services.store import Directory, Mail
from bot.names import SIDE_NAMES

SETTLE = 5.0
_ONE_ANSWER = ("draft", "form", "question")
"""Kinds whose buttons have done their work once one of them was pressed."""


async def introduce(event: Event, channel: Channel, tenant: str, directory: Directory) -> None:
    """Learn the names of the people whom a form seats."""
    for key in {key for side in SIDE_NAMES for key in event.form.get(side, ())}:
        account = await channel.acquainted(Account(key=key))
        await asyncio.to_thread(directory.meet, tenant, account)


async def settle(event: Event, channel: Channel | None, tenant: str, mail: Mail) -> None:
    """Take the buttons off something that asked for one answer and has got it. What fails here is let go."""
    posted = await asyncio.to_thread(mail.posted, tenant, event.button.partition(":")[0])
    if channel is None or posted is None or posted.receipt is None or not _decides(event, posted.parcel):
        return
    with suppress(Exception):
        await asyncio.wait_for(channel.settled(posted.parcel, posted.receipt), SETTLE)


def _decides(event: Event, parcel: Parcel) -> bool:
    """Whether a press has decided something: by the one who was asked, and without words still to come."""
    choice, choices = event.button.partition(":")[2], parcel.reply.choices
    theirs = parcel.account is None or parcel.account.key == event.account.key
    done = choice.isdecimal() and int(choice) < len(choices) and not choices[int(choice)].endswith(" ")
    return theirs and done and parcel.reply.kind in _ONE_ANSWER
