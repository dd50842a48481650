"""What is asked of a platform around a turn: the names of people, and to take used buttons away."""

import asyncio
import re
from contextlib import suppress

from adapters.post import Account, Channel, Event, Parcel
from adapters.services.store import Directory, Mail
from bot.names import SIDE_NAMES
from bot.scene import Scene

SETTLE = 5.0
MOST_MENTIONED = 10
"""People mentioned in one message whose names are asked for at most."""
_MENTIONED = re.compile(r"<@([a-z]+:[^>|\s]+)(?:\|([^>\n]*))?>")
"""Somebody's key, and the name that a platform shows for who may never have spoken."""
_ONE_ANSWER = ("draft", "form", "question")
"""Kinds whose buttons have done their work once one of them was pressed."""


async def introduce(event: Event, channel: Channel, tenant: str, directory: Directory) -> None:
    """Learn the names of the people whom a form seats, and of those mentioned who have not been met yet."""
    keys = {key for side in SIDE_NAMES for key in event.form.get(side, ())}
    shown = dict(_MENTIONED.findall(event.text)[:MOST_MENTIONED])
    for key in shown:
        known = await asyncio.to_thread(directory.known, tenant, key)
        if key.startswith(f"{event.channel}:") and (known is None or not known.account.name):
            keys.add(key)
    for key in keys:
        account = await channel.acquainted(Account(key=key, name=shown.get(key, "")))
        if account.name or key not in event.text:  # Whom the platform does not know is nobody to be met.
            await asyncio.to_thread(directory.meet, tenant, account)


def named(text: str, scene: Scene, tenant: str, directory: Directory) -> str:
    """Return a text with the people whom it mentions called by the names that they have in the room."""
    taken = [person.name for person in scene.room.people]

    def name(found: re.Match[str]) -> str:
        known = directory.known(tenant, found[1])
        if known is None or not known.account.name:
            shown = (found[2] or "").strip()
            return f"@{shown if shown not in ('', *taken) else '?'} "
        # It is this person and nobody who happens to be called the same.
        called = directory.seat(tenant, scene.room.id, known.person, known.account.name, taken=taken)
        return f"@{called} "

    return _MENTIONED.sub(name, text).strip()


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
