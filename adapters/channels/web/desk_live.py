"""What changes on a page of the desk while somebody looks at it.

A list of buttons is replaced as a whole. The queue is not, for somebody may be writing in it: a draft that another
has decided is replaced by who did, and new ones are announced.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from adapters.channels.web.desk_list import Briefs, open_calls, rows, seen
from adapters.channels.web.desk_queue import AT_ONCE, lately_decided, noticed, queue
from adapters.channels.web.page import fragment
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer
from bot import desk
from bot.attention import calls, is_open, matters

REST = 0.25
"""Seconds between two looks: a busy hour is not drawn anew for every word."""
Event = dict[str, str]


class Shown(NamedTuple):
    """Which page somebody looks at, and how it is filtered."""

    of: str
    stage: str = ""
    words: str = ""
    room: str = ""
    every: bool = False

    def address(self, had: str) -> str:
        """Return where a page hears of changes; `had` says what it shows already."""
        given = {"of": self.of, "stage": self.stage, "q": self.words, "room": self.room, "all": "1" * self.every}
        return "/desk/live?" + urlencode({name: value for name, value in (given | {"had": had}).items() if value})


class Counts(NamedTuple):
    """How much waits on each page of the desk."""

    drafts: int
    findings: int
    calls: int


def counted(briefs: Briefs, now: datetime) -> Counts:
    """Return how much waits."""
    scenes = briefs.values()
    return Counts(
        sum(len(desk.waiting(scene)) for scene in scenes),
        sum(is_open(one, now) for scene in scenes for one in matters(scene)),
        sum(len(calls(scene)) for scene in scenes),
    )


def stamp_of(*parts: object) -> str:
    """Return what names the state of a list: the same list has the same stamp."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


class Pace:
    """Lets the first look pass at once, and keeps the next ones apart: what comes meanwhile is looked at together."""

    def __init__(self) -> None:
        self._next = 0.0

    async def wait(self) -> None:
        """Wait until one may look again."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + REST


def once() -> str:
    """Return a name for a form: sent twice, it is said once."""
    return secrets.token_hex(8)


class News:
    """Says what has changed on a page since the browser last heard of it."""

    def __init__(self, site: Site, viewer: Viewer, shown: Shown, had: str) -> None:
        self._site, self._viewer, self._shown, self._had = site, viewer, shown, had
        self._sent: dict[str, str] = {}
        """What was last sent of each part, by its id."""

    def __call__(self) -> list[Event]:
        """Return the events to send now."""
        briefs = seen(self._site, self._viewer)
        counts = counted(briefs, self._site.clock())
        parts = {"desk-nav": self._drawn("desk_nav.html", counts=counts, at=f"/desk/{self._shown.of}")}
        parts |= {"desk": self._desk, "drafts": self._drafts, "findings": self._findings}[self._shown.of](briefs)
        news = {name: html for name, html in parts.items() if self._sent.get(name) != html}
        self._sent |= news
        return [
            {"event": "part", "id": self._had, "data": json.dumps({"id": name, "html": html}, ensure_ascii=False)}
            for name, html in news.items()
        ]

    def _desk(self, briefs: Briefs) -> Mapping[str, str]:
        locale, now = self._viewer.locale, self._site.clock()
        found, called = rows(briefs, locale, now, self._shown.stage, self._shown.words), open_calls(briefs, locale)
        if not self._moved(stamp_of(found, called)):
            return {}
        return {
            "desk-calls": self._drawn("desk_calls.html", calls=called),
            "desk-rows": self._drawn("desk_rows.html", rows=found, any=bool(briefs)),
        }

    def _findings(self, briefs: Briefs) -> Mapping[str, str]:
        shown, now = self._shown, self._site.clock()
        found = noticed(briefs, self._viewer.locale, now, room=shown.room, every=shown.every)
        if not self._moved(stamp_of(found)):
            return {}
        return {"desk-findings": self._drawn("desk_findings_list.html", findings=found, every=shown.every)}

    def _drafts(self, briefs: Briefs) -> Mapping[str, str]:
        had = [key for key in self._had.split(",") if key]
        parts = {
            f"draft-{one.key}": self._drawn("desk_decided.html", one=one)
            for one in lately_decided(briefs, self._viewer.locale)
            if one.key in had
        }
        waiting = queue(self._site, self._viewer, briefs)
        if not had and waiting:  # Nothing stands there yet, so nobody is writing.
            self._had = ",".join(one.key for one in waiting)
            return {
                "drafts-list": self._drawn("desk_draft_list.html", drafts=waiting[:AT_ONCE], more=waiting[AT_ONCE:])
            }
        new = sum(one.key not in had for one in waiting)
        return parts | {"drafts-news": self._drawn("desk_news.html", new=new)}

    def _moved(self, stamp: str) -> bool:
        moved, self._had = stamp != self._had, stamp
        return moved

    def _drawn(self, name: str, **values: object) -> str:
        return fragment(name, self._viewer.locale, viewer=self._viewer, once=once, **values)
