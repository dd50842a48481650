"""A session as who leads it sees it: the clock, the balance of the talk, what was settled, and what to ask next."""

import json
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from adapters.channels.web.desk_live import Event, stamp_of
from adapters.channels.web.page import fragment
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer
from bot import desk
from bot.agenda import plan_for, title_of
from bot.clock import day_of
from bot.model import RoomId
from bot.papers import Row, called, of_session, once, rows, short
from bot.scene import Draft, Scene, Session
from bot.suggest import quieter, shares, suggested
from knowledge.card import Locale

QUESTIONS = 3
"""Questions that are offered at once."""
_LONGEST = 120


class Box(NamedTuple):
    """A part of the agenda."""

    title: str
    starts: datetime
    ends: datetime
    state: Literal["done", "now", "next"]
    left: int
    """Minutes that are left of it; 0 unless it is the one that runs."""


class Share(NamedTuple):
    """How much of the talk is one side's, in percent."""

    name: str
    percent: int
    quiet: bool


class Standing(NamedTuple):
    """How a session stands."""

    first: str
    topic: str
    intention: str
    outcome: str
    ends: datetime
    left: int
    """Minutes; less than 0 if it is over time."""
    boxes: tuple[Box, ...]
    balance: tuple[Share, ...]
    questions: tuple[str, ...]
    decisions: tuple[str, ...]
    actions: tuple[Row, ...]
    minutes: str


def standing(scene: Scene, now: datetime, locale: Locale) -> Standing | None:
    """Return how the session of a room stands; None if none is running."""
    session = scene.session
    if session is None:
        return None
    plan, boxes = plan_for(session.topic), _boxes(session, now, locale)
    actions = {one.text: one for one in session.actions}
    return Standing(
        first=session.first,
        topic=session.topic,
        intention=plan.intention(locale),
        outcome=plan.outcome(locale),
        ends=boxes[-1].ends,
        left=_minutes(boxes[-1].ends - now),
        boxes=boxes,
        balance=_balance(session, scene, locale),
        questions=suggested(session, scene, locale, at=now, most=QUESTIONS),
        decisions=tuple(short(one, _LONGEST) for one in once(session.decisions)),
        actions=tuple(rows([actions[text] for text in once(actions)], locale, day_of(now, scene.room.zone))),
        minutes=of_session(session, scene, now, scene.room.locale),
    )


def drafted(scene: Scene) -> tuple[Draft, ...]:
    """Return the pages for the room that wait at the desk: after a session, its minutes."""
    return tuple(one for one in desk.waiting(scene) if one.reply.kind == "document" and one.reply.to == "room")


def _boxes(session: Session, now: datetime, locale: Locale) -> tuple[Box, ...]:
    found: list[Box] = []
    starts = session.start
    for box in session.boxes:
        ends = starts + timedelta(minutes=box.minutes)
        state: Literal["done", "now", "next"] = "done" if ends <= now else "now" if starts <= now else "next"
        left = _minutes(ends - now) if state == "now" else 0
        found.append(Box(title_of(box, locale), starts, ends, state, left))
        starts = ends
    return tuple(found)


def _balance(session: Session, scene: Scene, locale: Locale) -> tuple[Share, ...]:
    quiet = quieter(session)
    return tuple(
        Share(called(side, scene, locale), round(share * 100), side == quiet)
        for side, share in shares(session).items()
    )


def _minutes(span: timedelta) -> int:
    """Return minutes, rounded up: as long as seconds are left it is not over."""
    return -int(-span.total_seconds() // 60)


# What changes while one looks

PARTS = ("boxes", "balance", "questions", "settled", "minutes")


def parts(scene: Scene, now: datetime, viewer: Viewer, first: str) -> dict[str, str]:
    """Return the parts of a page as they are now, by the ids of their elements.

    `first` names the session that the page shows; of another one, nothing is put in its place but a word about it.
    """
    found = standing(scene, now, viewer.locale)
    turned = (found.first if found else "") != first
    told = fragment("session_turn.html", viewer.locale, turned=turned, running=found is not None)
    drawn = {"session-turn": told}
    if found is None or turned:
        return drawn
    values = {"viewer": viewer, "standing": found, "zone": scene.room.zone, "language": scene.room.locale}
    return drawn | {f"session-{name}": fragment(f"session_{name}.html", viewer.locale, **values) for name in PARTS}


class News:
    """Says what has changed on the page of a session since the browser last heard of it."""

    def __init__(self, site: Site, viewer: Viewer, room: RoomId, first: str, had: str) -> None:
        self._site, self._viewer, self._room, self._first, self._had = site, viewer, room, first, had
        self._sent: dict[str, str] = {}

    def __call__(self) -> list[Event]:
        """Return the events to send now."""
        try:
            scene = self._site.scene(self._viewer, self._room)
        except DeniedError:  # They do not lead here any more.
            return []
        drawn = parts(scene, self._site.clock(), self._viewer, self._first)
        stamp = stamp_of(drawn)
        if not self._sent and stamp == self._had:
            self._sent = drawn
        news = {name: html for name, html in drawn.items() if self._sent.get(name) != html}
        self._sent |= news
        return [
            {"event": "part", "id": stamp, "data": json.dumps({"id": name, "html": html}, ensure_ascii=False)}
            for name, html in news.items()
        ]
