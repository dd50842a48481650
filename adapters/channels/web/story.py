"""Plays a written story in a try room, on the clock of its file: people speak, days pass, Nakodo does its work.

Where a story stands is told by what its room has kept, so it goes on from there after a restart.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from weakref import WeakKeyDictionary

import structlog

from adapters import road
from adapters.channels.web.live import Hub
from adapters.channels.web.story_scenes import caption
from adapters.channels.web.try_talk import Talk
from bot.conversation import Conversation, read_conversation
from bot.model import Room, RoomId, Text

if TYPE_CHECKING:
    from adapters.channels.web.site import Site

PLAIN, STORY = "try", "story"
"""What names of rooms begin with: where one only talks, and where the story is played."""
EXAMPLE = Path(__file__).parents[3] / "examples" / "go.yaml"
Speed = Literal["slow", "normal", "fast"]
PAUSES: Mapping[Speed, float] = {"slow": 6.0, "normal": 2.5, "fast": 0.6}
"""Seconds between two steps."""
SPEEDS: tuple[Speed, ...] = ("slow", "normal", "fast")
LEFT = 30 * 60.0
"""Seconds after which a story that nobody looks at stops."""
log = structlog.get_logger(__name__)


@cache
def example() -> Conversation:
    """Return the story.

    Raises:
        InputError: it is not there.
    """
    return read_conversation(EXAMPLE)


def is_story(room: RoomId) -> bool:
    """Whether a story is played in a room."""
    return room.startswith(f"{STORY}-")


class Standing(NamedTuple):
    """Where a story stands. `passing` is whether nobody spoke: only time went by."""

    now: datetime
    done: int
    total: int
    caption: Text
    passing: bool
    playing: bool
    speed: Speed

    @property
    def over(self) -> bool:
        """Whether all has been said."""
        return self.done >= self.total


class Player(Talk):
    """Plays the story in one room. Who says something in between says it at the story's own time."""

    def __init__(
        self, site: "Site", room: Room, conversation: Conversation, *, pauses: Mapping[Speed, float],
        monotonic: Callable[[], float],
    ) -> None:  # fmt: skip
        self._messages = conversation.as_messages(room)
        super().__init__(site, room, monotonic, begins=self._messages[0].at)
        self._pauses = pauses
        self._done, self._passing = 0, False
        self._speed: Speed = "normal"
        self._task: asyncio.Task[None] | None = None
        self._poked = asyncio.Event()
        self._looked = monotonic()

    def restore(self) -> None:
        """Find out from what the room has kept how far the story has come."""
        super().restore()
        room, steps = self.room.id, range(len(self._messages))
        self._done = bisect_left(steps, True, key=lambda n: self._store.words_of(room, self._messages[n].id) is None)
        self._now = max(self._now, self._messages[max(self._done - 1, 0)].at)

    @property
    def standing(self) -> Standing:
        """Where it stands now."""
        playing = self._task is not None and not self._task.done()
        told = caption(self._messages[: self._done])
        return Standing(self._now, self._done, len(self._messages), told, self._passing, playing, self._speed)

    def looked_at(self) -> None:
        """Note that somebody looks at the room."""
        self._looked = self._monotonic()

    def play(self, speed: Speed) -> None:
        """Go on by itself, at this speed."""
        self._speed = speed
        self._poked.set()
        if not self.standing.playing and not self.standing.over:
            self._task = asyncio.get_running_loop().create_task(self._run())
        self._tell()

    async def pause(self) -> None:
        """Stop after what is under way."""
        task, self._task = self._task, None
        if task is not None:
            self._poked.set()
            await asyncio.gather(task, return_exceptions=True)
        self._tell()

    async def leave(self) -> None:
        """Stop for good."""
        await self.pause()

    async def step(self) -> None:
        """Let the next thing happen: somebody speaks, or time passes until Nakodo has something to say."""
        async with self._turns:
            if not self.standing.over:
                await self._seen(self._advance)
        self._tell()

    # Within

    def _clock(self) -> datetime:
        """Return the story's own time: it stands still between two steps."""
        return self._now

    async def _run(self) -> None:
        mine = asyncio.current_task()
        try:
            while self._task is mine and not self.standing.over and self._monotonic() - self._looked < LEFT:
                self._poked.clear()
                await self.step()
                if not self.standing.over:
                    await self._rest()
        except Exception as error:  # The page shows that it has stopped; it can be played on.
            log.warning("story stopped", error=type(error).__name__)
        finally:
            if self._task is mine:
                self._task = None
            self._tell()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._poked.wait(), self._pauses[self._speed])
        except TimeoutError:
            return

    def _advance(self) -> None:
        message = self._messages[self._done]
        self._passing = bool(self._done) and self._until(message.at)
        if self._passing:
            return
        self._now = message.at
        road.receive(message, self.room, self._store, self._house)
        self._done += 1


class Stage:
    """All try rooms of a house in which somebody is."""

    def __init__(
        self, site: "Site", *, pauses: Mapping[Speed, float] = PAUSES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._site, self._pauses, self._monotonic = site, pauses, monotonic
        self._talks: dict[RoomId, Talk] = {}

    async def talk(self, room: Room) -> Talk:
        """Return the talk in a room; where a story is played, its player."""
        found = self._talks.get(room.id)
        if found is None:
            found = self._talks.setdefault(room.id, await asyncio.to_thread(self._made, room))
        return found

    async def leave(self, room: RoomId) -> None:
        """Stop what goes on in a room, for good."""
        talk = self._talks.pop(room, None)
        if talk is not None:
            await talk.leave()

    def busy(self, room: RoomId) -> bool:
        """Whether a story is being played in a room."""
        talk = self._talks.get(room)
        return isinstance(talk, Player) and talk.standing.playing

    def forgotten(self, room: RoomId) -> None:
        """Note that a room is no more."""
        self._talks.pop(room, None)

    def _made(self, room: Room) -> Talk:
        made = (
            Player(self._site, room, example(), pauses=self._pauses, monotonic=self._monotonic)
            if is_story(room.id)
            else Talk(self._site, room, self._monotonic)
        )
        made.restore()
        return made


_STAGES: WeakKeyDictionary[Hub, Stage] = WeakKeyDictionary()


def stage_of(site: "Site") -> Stage:
    """Return the stage of a house."""
    return _STAGES.setdefault(site.hub, Stage(site))
