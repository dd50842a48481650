"""What a visitor of a try room sees: columns of talk with their buttons, where the story stands, and what is new."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from adapters.channels.web import timeline
from adapters.channels.web.page import fragment
from adapters.channels.web.site import Site
from adapters.channels.web.story import SPEEDS, Player
from adapters.channels.web.timeline import Choice, Shown
from adapters.channels.web.try_room import COLUMNS, Column
from adapters.channels.web.try_talk import TRY, Talk
from adapters.channels.web.viewer import Viewer
from adapters.services.store import Entry
from adapters.services.store.looking import one_look
from bot.commands import label
from bot.model import Person, Reply, RoomId
from bot.scene import Scene

MOST = 80
"""Entries that a column begins with."""


class Shelf(NamedTuple):
    """A column as it is shown: whose it is, and what they see."""

    column: Column
    people: tuple[Person, ...]
    entries: tuple[Shown, ...]


class Look(NamedTuple):
    """A visitor's look at a try room. `tab` is the side that they chose, empty for all."""

    site: Site
    viewer: Viewer
    room: RoomId
    tab: str

    def shelves(self, scene: Scene) -> list[Shelf]:
        """Return the columns."""
        return [Shelf(one, scene.room.of(one.side), self.entries(scene, one)) for one in self.columns]

    @property
    def columns(self) -> list[Column]:
        """The columns that are looked at."""
        return [one for one in COLUMNS if self.tab in ("", one.side)]

    @property
    def live(self) -> str:
        """Where to hear what comes: one address for all columns, for browsers open only six connections."""
        return "/try/live?" + urlencode({"room": self.room, "as": self.tab})

    def entries(self, scene: Scene, column: Column) -> tuple[Shown, ...]:
        """Return what stands in a column."""
        people = scene.room.of(column.side)
        return timeline.entries(
            self.site, TRY, scene, self.room, seen_by=[one.name for one in people], most=MOST,
            locale=self.viewer.locale, offer=lambda reply: self._choices(reply, scene, people),
        )  # fmt: skip

    def seen(self, scene: Scene, column: Column, these: Sequence[Entry]) -> tuple[Shown, ...]:
        """Return what of these entries stands in a column."""
        people = scene.room.of(column.side)
        return timeline.seen(
            self.site, scene, these, seen_by=[one.name for one in people],
            locale=self.viewer.locale, offer=lambda reply: self._choices(reply, scene, people),
        )  # fmt: skip

    def as_html(self, scene: Scene, one: Shown, column: Column) -> str:
        """Return an entry as HTML."""
        zone, side = scene.room.zone, column.side
        return fragment("try_entry.html", self.viewer.locale, viewer=self.viewer, one=one, zone=zone, side=side)

    def being_written(self, text: str) -> str:
        """Return what there is of an answer as HTML."""
        return fragment("try_aloud.html", self.viewer.locale, text=text)

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
    """What is new to a look since it was last asked. `again` is a browser that had looked before, perhaps at more."""

    def __init__(self, look: Look, after: int, talk: Talk, *, again: bool = False) -> None:
        self._look = look
        self._after, self._talk = after, talk
        nothing = None if again or talk.wrote else ""
        self._parts: dict[str, str | None] = {_aloud(column): nothing for column in look.columns}

    def __call__(self) -> list[dict[str, str]]:
        """Return it as server-sent events."""
        look = self._look
        with one_look(look.site.store.engine):  # What comes meanwhile is for the next time.
            scene = look.site.store.of(TRY).load(look.room)
            these = timeline.since(look.site, TRY, look.room, self._after)
            last = these[-1].sequence if these else timeline.latest(look.site, TRY, look.room)
        if scene is None or last < self._after:
            return self._anew(scene, last) + self._aloud(scene, last)
        new = [
            (one.sequence, look.as_html(scene, one, column))
            for column in look.columns
            for one in look.seen(scene, column, these)
        ]
        self._after = last
        found = [{"event": "entry", "id": str(sequence), "data": html} for sequence, html in sorted(new)]
        return found + self._aloud(scene, last) + self._story(scene)

    def _anew(self, scene: Scene | None, last: int) -> list[dict[str, str]]:
        """Return all columns whole: the room was begun anew, and its numbers begin anew too."""
        self._after, found = last, []
        for column in self._look.columns:
            shown = self._look.entries(scene, column) if scene else ()
            items = [self._look.as_html(scene, one, column) for one in shown] if scene else []
            found.append(_part(f"talk-{column.side}", "".join(items)))
        return found + (self._story(scene) if scene else [])

    def _aloud(self, scene: Scene | None, last: int) -> list[dict[str, str]]:
        """Return what there is of an answer that is being made, for those who will get it."""
        writing, found = self._talk.writing, []
        for column in self._look.columns:
            html = ""
            if writing is not None and scene is not None and writing.after == last:
                people = {one.name for one in scene.room.of(column.side)} | {"room"}
                html = self._look.being_written(writing.text) if writing.to in people else ""
            if self._parts[_aloud(column)] != html:
                self._parts[_aloud(column)] = html
                found.append(_part(_aloud(column), html) | {"id": str(last)})  # So that who comes back says so.
        return found

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


def _aloud(column: Column) -> str:
    return f"aloud-{column.side}"


def _part(name: str, html: str) -> dict[str, str]:
    return {"event": "part", "data": json.dumps({"id": name, "html": html}, ensure_ascii=False)}
