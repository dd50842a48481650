"""The browser as a channel of the durable road. What is sent to it stands in the outbox; pages read it from there."""

import asyncio
import secrets
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.routing import Route

from adapters.channels.web.live import Hub
from adapters.channels.web.viewer import Viewer
from adapters.post import Account, ChannelName, Event, File, Parcel, Place, RefusedError
from adapters.services.jobs import Jobs
from adapters.services.store import Directory, Lane, Mail
from adapters.services.store.audit import SIGN_IN
from bot.model import Reply, RoomId

PATIENCE = 5.0
"""Seconds that a page without live updates waits for what was said to be handled."""
_STEP = 0.02


class WebChannel:
    """Delivers by saying that there is something to read."""

    name: ChannelName = "web"
    tells = True

    def __init__(self, hub: Hub) -> None:
        self.refused: Counter[str] = Counter()
        self._hub = hub

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to leave."""

    def routes(self) -> list[Route]:
        """Return no address: the pages have their own."""
        return []

    async def send(self, parcel: Parcel) -> str:
        """Say that there is something to read; reading it is up to the page."""
        return f"web:{parcel.id}"

    async def find(self, parcel: Parcel) -> str | None:
        """Return that it is there: what stands in the outbox can be read."""
        return f"web:{parcel.id}"

    async def acquainted(self, account: Account) -> Account:
        """Return the account as it is."""
        return account

    async def fetch(self, file: File, most: int) -> bytes:
        """Refuse: pages hand over no files by reference."""
        raise RefusedError("no files")

    async def settled(self, parcel: Parcel, receipt: str) -> None:
        """Nothing to take off: pages show what is so."""

    def alive(self) -> datetime | None:
        """Return now: if this runs, pages can be read."""
        return datetime.now(UTC)


class Spoken(NamedTuple):
    """What came of something that was said on a page. `handled` is False if it takes longer; it is not lost."""

    handled: bool
    replies: tuple[Reply, ...]


class Speaking:
    """Says on the durable road what somebody does on a page, and waits for what comes of it."""

    def __init__(self, jobs: Jobs, directory: Directory, mail: Mail) -> None:
        self._jobs, self._directory, self._mail = jobs, directory, mail

    async def say(self, viewer: Viewer, room: RoomId, text: str, *, private: bool, once: str = "") -> Spoken:
        """Say something in a room, or to the bot alone. `once` names a form: sent twice it is said once."""
        account = Account(key=viewer.account, name=viewer.called, locale=viewer.locale)
        await asyncio.to_thread(self._directory.speaks_of, viewer.tenant, viewer.account, room)
        event = Event(
            id=once or secrets.token_hex(8),
            channel="web",
            kind="said",
            place=Place(key=viewer.account, direct=True) if private else Place(key=f"web:{room}"),
            account=account,
            at=datetime.now(UTC),
            text=text,
            message=once or secrets.token_hex(8),
            form={"room": (room,)},
            team=viewer.tenant,
        )
        lane, number = await self._jobs.take_in(event)
        return await self._come(lane, number) if number is not None else Spoken(True, ())

    async def came_in(self, viewer: Viewer) -> None:
        """Note on the road that somebody signed in. It asks for nothing, but that it came is remembered."""
        event = Event(
            id=f"{SIGN_IN}{secrets.token_hex(8)}",
            channel="web",
            kind="opened",
            place=Place(key=viewer.account, direct=True),
            account=Account(key=viewer.account, name=viewer.called, locale=viewer.locale),
            at=datetime.now(UTC),
            team=viewer.tenant,
        )
        await self._jobs.take_in(event)

    async def _come(self, lane: Lane, number: int) -> Spoken:
        end = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < end:
            state = await asyncio.to_thread(self._mail.state_of, lane, number)
            if state != "waiting":
                parcels = await asyncio.to_thread(self._mail.said_to, lane, number)
                return Spoken(True, tuple(one.reply for one in parcels))
            await asyncio.sleep(_STEP)
        return Spoken(False, ())
