"""What a visitor of a try room sees: columns of talk with their buttons, where the story stands, and what is new."""

import json
from typing import NamedTuple
from urllib.parse import urlencode

from adapters.channels.web import timeline
from adapters.channels.web.page import fragment
from adapters.channels.web.site import Site
from adapters.channels.web.story import SPEEDS, Player
from adapters.channels.web.timeline import Choice, Shown
from adapters.channels.web.try_room import BY_SIDE, COLUMNS, Column
from adapters.channels.web.try_talk import TRY, Talk
from adapters.channels.web.viewer import Viewer
from bot.commands import label
from bot.model import Person, Reply, RoomId
from bot.scene import Scene

MOST = 80
"""Entries that a column begins with."""


class Shelf(NamedTuple):
    """A column as it is shown: whose it is, what they see, and where to hear what comes after."""

    column: Column
    people: tuple[Person, ...]
    entries: tuple[Shown, ...]
    live: str
    after: int


class Look(NamedTuple):
    """A visitor's look at a try room. `tab` is the side that they chose, empty for all."""

    site: Site
    viewer: Viewer
    room: RoomId
    tab: str

    def shelves(self, scene: Scene) -> list[Shelf]:
        """Return the columns."""
        return [self._shelf(scene, column) for column in COLUMNS if self.tab in ("", column.side)]

    def entries(self, scene: Scene, column: Column, after: int | None = None) -> tuple[Shown, ...]:
        """Return what stands in a column."""
        people = scene.room.of(column.side)
        return timeline.entries(
            self.site, TRY, scene, self.room, seen_by=[one.name for one in people], after=after, most=MOST,
            locale=self.viewer.locale, offer=lambda reply: self._choices(reply, scene, people),
        )  # fmt: skip

    def list_items(self, scene: Scene, entries: tuple[Shown, ...]) -> list[str]:
        """Return entries as HTML."""
        zone = scene.room.zone
        return [
            fragment("try_entry.html", self.viewer.locale, viewer=self.viewer, one=one, zone=zone) for one in entries
        ]

    def _shelf(self, scene: Scene, column: Column) -> Shelf:
        last = timeline.latest(self.site, TRY, self.room)  # Read first: what comes meanwhile is only sent again.
        shown = self.entries(scene, column)
        live = "/try/live?" + urlencode({"room": self.room, "as": column.side, "tab": self.tab})
        return Shelf(column, scene.room.of(column.side), shown, live, last)

    def _choices(self, reply: Reply, scene: Scene, people: tuple[Person, ...]) -> tuple[Choice, ...]:
        """Return the buttons of a reply: what they say is said by the one it was for, there where it was said."""
        if not self.viewer.acts or not people:
            return ()
        private = reply.to != "room"
        who = reply.to if scene.room.person(reply.to) else people[0].name
        fields = {"room": str(self.room), "tab": self.tab, "who": who, "private": "1" if private else ""}
        return tuple(
            Choice(
                "/try/say",
                label(words, self.viewer.locale),
                {**fields, "said": words if private or words[:1] == "/" else f"@nakodo {words}"},
                words.endswith(" "),
            )
            for words in reply.choices
        )


class News:
    """What is new in a column since it was last asked."""

    def __init__(self, look: Look, side: str, after: int, talk: Talk) -> None:
        self._look, self._column = look, BY_SIDE[side]
        self._after, self._talk = after, talk
        self._parts: dict[str, str] = {}

    def __call__(self) -> list[dict[str, str]]:
        """Return it as server-sent events."""
        look = self._look
        scene = look.site.store.of(TRY).load(look.room)
        if scene is None or timeline.latest(look.site, TRY, look.room) < self._after:
            return self._anew(scene)
        new = look.entries(scene, self._column, self._after)
        found = [
            {"event": "entry", "id": str(one.sequence), "data": html}
            for one, html in zip(new, look.list_items(scene, new), strict=True)
        ]
        self._after = new[-1].sequence if new else self._after
        return found + self._story(scene)

    def _anew(self, scene: Scene | None) -> list[dict[str, str]]:
        """Return the whole column: the room was begun anew, and its numbers begin anew too."""
        entries = self._look.entries(scene, self._column) if scene else ()
        self._after = entries[-1].sequence if entries else 0
        html = "".join(self._look.list_items(scene, entries)) if scene else ""
        return [_part(f"talk-{self._column.side}", html), *(self._story(scene) if scene else [])]

    def _story(self, scene: Scene) -> list[dict[str, str]]:
        if not isinstance(self._talk, Player):
            return []
        look = self._look
        values = {"standing": self._talk.standing, "zone": scene.room.zone, "room": look.room, "tab": look.tab}
        found = []
        for name in ("story-now", "story-controls"):
            template = f"try_{name.replace('-', '_')}.html"
            html = fragment(template, look.viewer.locale, **values, viewer=look.viewer, speeds=SPEEDS)
            if self._parts.get(name) != html:
                self._parts[name] = html
                found.append(_part(name, html))
        return found


def _part(name: str, html: str) -> dict[str, str]:
    return {"event": "part", "data": json.dumps({"id": name, "html": html}, ensure_ascii=False)}
