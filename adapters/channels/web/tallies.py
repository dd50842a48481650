"""What the pictures show, counted: who spoke how much, who let whom wait, the way so far, how far all came.

It rests on what was said to the room and on the record. However long a talk is, only its end is read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple, get_args
from weakref import WeakKeyDictionary

from adapters.channels.web.desk_list import Briefs
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer
from adapters.services.store import SqlStore
from adapters.services.store.talks import Spoken
from bot.attention import wait
from bot.clock import day_of, working_days
from bot.length import length_of
from bot.model import Person, RoomId
from bot.papers import SIDES, spoken
from bot.scene import Heard, Scene
from knowledge.card import Side, Stage

LATELY = 500
"""Messages to the room that are read; a picture of more is no clearer."""
ROWS = 12
"""Spans of time that a picture shows."""
WAY: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage != "stopped")
"""The stages in their order."""


# The talk


def talk(said: Iterable[Spoken], scene: Scene) -> list[Heard]:
    """Return what the two sides said to each other, of what was said to the room."""
    heard = [
        Heard(id=str(one.sequence), who=one.who, side=side, at=one.at, text=one.text)
        for one in said
        if one.who is not None
        for side in [scene.known(Person(name=one.who, side=one.side)).side]
        if side in SIDES
    ]
    return spoken(heard)


class Span(NamedTuple):
    """How much each side said in a span of time that begins on a day."""

    day: date
    said: Mapping[Side, int]

    def share(self, side: Side) -> float:
        """Return a side's share, from 0 to 1."""
        return self.said.get(side, 0) / (sum(self.said.values()) or 1)


class Balance(NamedTuple):
    """Who spoke how much; `step` is how long a span is."""

    step: str
    spans: tuple[Span, ...]


def balance(said: Sequence[Heard], zone: str) -> Balance:
    """Return who spoke how much, by days, weeks or months: whichever needs few enough rows."""
    if not said:
        return Balance("day", ())
    length = day_of(said[-1].at, zone) - day_of(said[0].at, zone)
    step = "day" if length < timedelta(days=ROWS) else "week" if length < timedelta(weeks=ROWS - 1) else "month"
    found: dict[date, Counter[Side]] = {}
    for one in said:
        if one.side is not None:
            found.setdefault(_begins(day_of(one.at, zone), step), Counter())[one.side] += length_of(one.text)
    return Balance(step, tuple(Span(day, said) for day, said in sorted(found.items())[-ROWS:]))


def _begins(day: date, step: str) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


class Waits(NamedTuple):
    """How many working days a side let the other wait. `now` is None while nobody waits for it."""

    side: Side
    answers: int
    usual: float
    longest: int
    now: int | None


def waits(said: Sequence[Heard], scene: Scene, now: datetime) -> tuple[Waits, ...]:
    """Return how long each side let the other wait: from its first word after the last answer to the next one."""
    took: dict[Side, list[int]] = {side: [] for side in SIDES}
    since = said[0] if said else None
    for one in said:
        if since is not None and one.side is not None and one.side != since.side:
            took[one.side].append(working_days(since.at, one.at, scene.room.zone))
            since = one
    found = wait(scene, now)
    waiting = {found.on: working_days(found.since, now, scene.room.zone)} if found else {}
    return tuple(
        Waits(side, len(days), median(days) if days else 0, max(days, default=0), waiting.get(side))
        for side, days in took.items()
    )


# The way


class Stay(NamedTuple):
    """A stage of the way that a partnership went. Days are None where nobody knows since when."""

    stage: Stage
    since: datetime | None
    days: int | None


def way(scene: Scene, now: datetime) -> tuple[Stay, ...]:
    """Return the stages through which a partnership went, in its order; the last is where it stands."""
    moves = [(change.before, change.after, change.by.at) for change in scene.record.history if change.what == "stage"]
    steps: list[tuple[str | None, datetime | None]] = [(moves[0][0] if moves else scene.record.stage, scene.since)]
    steps += [(after, at) for _, after, at in moves]
    ends = [at for _, at in steps[1:]] + [now]
    return tuple(
        Stay(stage, since, max(0, (day_of(end, zone) - day_of(since, zone)).days) if since and end else None)
        for (named, since), end in zip(steps, ends, strict=True)
        for stage in _known(named)
        for zone in [scene.room.zone]
    )


def _known(named: str | None) -> list[Stage]:
    return [stage for stage in get_args(Stage) if stage == named]


# The programme


class Height(NamedTuple):
    """How many partnerships came as far as a stage, stand there now, and ended there."""

    stage: Stage
    reached: int
    here: int
    ended: int


_ENDS: WeakKeyDictionary[SqlStore, dict[tuple[str, RoomId], tuple[Scene, Stage]]] = WeakKeyDictionary()
"""Where partnerships that are over had come to, by the brief in which that was so: it is read once."""


def funnel(site: Site, viewer: Viewer, briefs: Briefs) -> tuple[Height, ...]:
    """Return how far the partnerships came. One that is over counts to the furthest stage that it had reached."""
    here = Counter(scene.record.stage for scene in briefs.values())
    ended = Counter(
        _furthest(site, viewer, room, scene) for room, scene in briefs.items() if scene.record.stage == "stopped"
    )
    return tuple(
        Height(stage, sum(here[later] + ended[later] for later in WAY[number:]), here[stage], ended[stage])
        for number, stage in enumerate(WAY)
    )


def _furthest(site: Site, viewer: Viewer, room: RoomId, brief: Scene) -> Stage:
    known, key = _ENDS.setdefault(site.store, {}), (viewer.tenant, room)
    if key not in known or known[key][0] is not brief:
        changes = site.store.of(viewer.tenant).history(room)
        been = {stage for one in changes if one.what == "stage" for stage in (one.before, one.after)}
        known[key] = (brief, next((stage for stage in reversed(WAY) if stage in been), WAY[0]))
    return known[key][1]
