"""The talk in one try room: what visitors say there goes along the road, one thing after the other.

One person plays all the others there, so it needs no post: what they say is handled when it is said, and all that is
said to them stands in the room's timeline. Its clock is its own: while it is night or a holiday outside, it is the
next morning there. Else Nakodo would keep its word till then, and there would be nothing to see.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from adapters import road
from adapters.aloud import PACE, Relay
from adapters.services.store.passing import PassingStore
from bot.clock import quiet_ends
from bot.errors import StoreError
from bot.model import Message, MessageId, Person, Room
from bot.reminders import next_moment
from bot.turn import House

if TYPE_CHECKING:
    from adapters.channels.web.site import Site

TRY = "try"
"""The programme of all try rooms."""
MINUTE = 60.0


class Writing(NamedTuple):
    """What there is of an answer that is being made: for whom, and the last entry before it."""

    to: str
    text: str
    after: int


class Talk:
    """What is said in one room."""

    def __init__(
        self, site: "Site", room: Room, monotonic: Callable[[], float] = time.monotonic,
        begins: datetime | None = None,
    ) -> None:  # fmt: skip
        self.room = room
        self._site, self._monotonic = site, monotonic
        self._now = begins or self._clock()
        self._store = PassingStore(site.store.engine, TRY, clock=lambda: self._now)
        self._turns = asyncio.Lock()
        self._said: deque[float] = deque()
        self._relay: Relay | None = None
        self._heard: Writing | None = None
        self.writing: Writing | None = None
        self.wrote = False
        """Whether an answer was ever seen here while it was made."""

    def restore(self) -> None:
        """Find out from what the room has kept up to when time has passed in it."""
        newest = self._store.timeline(self.room.id, most=1)
        if newest:
            self._now = newest[0].at

    async def say(self, who: Person, text: str, *, private: bool) -> bool:
        """Let a visitor say something as one of the people; False if they say too much in a minute."""
        if not self._may_speak():
            return False
        async with self._turns:
            await self._seen(self._take, who, text, private)
        self._tell()
        return True

    async def catch_up(self) -> None:
        """Let the time pass that has passed since somebody was here."""
        async with self._turns:
            await asyncio.to_thread(self._pass_time)

    def looked_at(self) -> None:
        """Note that somebody looks at the room."""

    async def leave(self) -> None:
        """Stop what goes on by itself."""

    # Within

    async def _seen(self, turn: Callable[..., None], *what: object) -> None:
        """Let a turn be taken beside the loop. What it says is seen while it is made."""

        async def show(_text: str) -> None:
            self.writing, self.wrote = self._heard, True
            self._tell()

        self._relay = Relay(asyncio.get_running_loop(), PACE, show)
        try:
            await asyncio.to_thread(turn, *what)
        finally:
            relay, self._relay = self._relay, None
            await relay.close()
            self._heard = self.writing = None

    def _house(self) -> House:
        return self._site.house()._replace(aloud=partial(self._hear, self._relay))

    def _hear(self, relay: Relay | None, message: Message, text: str) -> None:
        heard = self._heard
        if relay is not None and relay is self._relay:
            after = heard.after if heard else self._newest()
            self._heard = Writing(message.sender.name if message.private else "room", text, after)
            relay(text)

    def _newest(self) -> int:
        newest = self._store.timeline(self.room.id, most=1)
        return newest[0].sequence if newest else 0

    def _clock(self) -> datetime:
        return quiet_ends(self._site.clock(), self.room.zone, self.room.quiet_hours)

    def _take(self, who: Person, text: str, private: bool) -> None:
        self._pass_time()
        message = Message(
            id=MessageId(f"web:{secrets.token_hex(8)}"), sender=who, at=self._now, text=text, private=private
        )
        road.receive(message, self.room, self._store, self._house)

    def _pass_time(self) -> None:
        now = max(self._clock(), self._now)
        while self._until(now):
            """Something was said on the way; there may be more."""
        self._now = now

    def _until(self, end: datetime) -> bool:
        """Let time pass until Nakodo says something, or until the end; return whether it said something."""
        while True:
            scene = self._store.load(self.room.id)
            if scene is None:
                raise StoreError("this room was forgotten", where=self.room.id)
            moment = next_moment(scene, self._now)
            if moment >= end:
                return False
            self._now = moment
            if road.pass_time(self.room, moment, self._store, self._site.house):
                return True

    def _may_speak(self) -> bool:
        now = self._monotonic()
        while self._said and now - self._said[0] > MINUTE:
            self._said.popleft()
        if len(self._said) >= self._site.settings.rate_person:
            return False
        self._said.append(now)
        return True

    def _tell(self) -> None:
        self._site.hub.changed(TRY, self.room.id)
