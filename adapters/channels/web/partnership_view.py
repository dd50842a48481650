"""What stands on top of a partnership's pages and on its timeline, and what changes there while somebody looks."""

import json
import secrets
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from adapters.channels.web import timeline
from adapters.channels.web.desk_list import title
from adapters.channels.web.page import fragment
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Site
from adapters.channels.web.timeline import BOT, Shown
from adapters.channels.web.viewer import Viewer, named
from adapters.courtesy import LOBBY
from bot.clock import day_of
from bot.model import Label, Mode, Reply, RoomId, Step, Text
from bot.names import MODE_NAMES, NDA_EXPIRED, NDA_NAMES, STAGE_NAMES
from bot.scene import Scene
from knowledge.card import Locale

AT_ONCE = 50
"""Entries, and lines of history, that one page shows."""
STEP, STEPS = timeline.AT_ONCE - 1, 8
"""Numbers that are looked through at once, as many as one reading brings, and how often at most."""
FAR = 500
"""Numbers of entries after which who was away gets the latest page anew, and not one by one what they missed."""


def address(room: str, rest: str = "") -> str:
    """Return where a partnership's page is."""
    return f"/p/{quote(room, safe='')}{rest}"


def once() -> str:
    """Return a name for a form: sent twice, it is said once."""
    return secrets.token_hex(8)


def scene_of(site: Site, viewer: Viewer, room: str) -> Scene:
    """Return a partnership's scene.

    Raises:
        DeniedError: it is not there, or not theirs to see; a talk that belongs to no partnership is nobody's.
    """
    if room.startswith(LOBBY):
        raise DeniedError(404)
    return site.scene(viewer, room)


class Head(NamedTuple):
    """What stands on top of every page of a partnership."""

    room: RoomId
    title: str
    path: str
    zone: str
    stage: str
    nda: str
    mode: Mode
    takeover: str | None
    modes: dict[Mode, str]


def head(scene: Scene, locale: Locale, today: date) -> Head:
    """Return what stands on top."""
    nda = scene.record.nda
    expired = nda.standing(today) != nda.state
    return Head(
        room=scene.room.id,
        title=title(scene, locale),
        path=address(scene.room.id),
        zone=scene.room.zone,
        stage=STAGE_NAMES[scene.record.stage](locale),
        nda=(NDA_EXPIRED if expired else NDA_NAMES[nda.state])(locale),
        mode=scene.room.mode,
        takeover=scene.takeover and named(scene.takeover, locale),
        modes={mode: name(locale) for mode, name in MODE_NAMES.items()},
    )


# The timeline


class Line(NamedTuple):
    """An entry, and of a word that nobody asked for: how it was said, and why. An empty `why` is its own text."""

    one: Shown
    how: str = ""
    why: str = ""


class Stretch(NamedTuple):
    """A part of the timeline. `earlier` is the number before which there is more; None where it begins."""

    lines: tuple[Line, ...]
    earlier: int | None


def stretch(site: Site, viewer: Viewer, scene: Scene, before: int | None = None) -> Stretch:
    """Return the latest entries, or the latest before one.

    It looks back so far and no farther: behind a long private talk, which is not theirs to see, may lie a long way.
    """
    room = scene.room.id
    end = before if before is not None else timeline.latest(site, viewer.tenant, room) + 1
    found: tuple[Shown, ...] = ()
    for _ in range(STEPS):
        start = max(0, end - STEP)
        some = timeline.entries(
            site, viewer.tenant, scene, room, seen_by=None, before=end, after=start, locale=viewer.locale
        )
        found, end = some + found, start + 1
        if len(found) > AT_ONCE or start == 0:
            break
    shown = found[-AT_ONCE:]
    more = shown[0].sequence if len(found) > AT_ONCE else end if end > 1 else None
    return Stretch(_lines(site, viewer, scene, shown), more)


def _lines(site: Site, viewer: Viewer, scene: Scene, shown: Sequence[Shown]) -> tuple[Line, ...]:
    labels = _labels(site, viewer, scene, shown)
    return tuple(_line(one, labels.get(one.sequence), viewer.locale) for one in shown)


def _labels(site: Site, viewer: Viewer, scene: Scene, shown: Sequence[Shown]) -> dict[int, Label]:
    """Return why entries were said that nobody asked for."""
    said = [one.sequence for one in shown if one.who == BOT]
    if not said:
        return {}
    entries = site.store.of(viewer.tenant).timeline(scene.room.id, said[-1] + 1, said[-1] - said[0] + 1)
    return {one.sequence: one.said.label for one in entries if isinstance(one.said, Reply) and one.said.label}


def _line(one: Shown, label: Label | None, locale: Locale) -> Line:
    if label is None:
        return Line(one)
    # Of a private word the desk sees the reason only, and that is its text already.
    return Line(one, HOW[label.how](locale), "" if one.text == label.why else label.why)


class News:
    """What is new on the timeline since it was last asked. `over` is set when it is no longer theirs to see."""

    def __init__(self, site: Site, viewer: Viewer, room: str, after: int) -> None:
        self._site, self._viewer, self._room, self._after = site, viewer, room, after
        self._state: Head | None = None
        self.over = False

    def __call__(self) -> list[dict[str, str]]:
        """Return it as server-sent events."""
        try:
            scene = scene_of(self._site, self._viewer, self._room)
        except DeniedError:
            self.over = True
            return []
        last = timeline.latest(self._site, self._viewer.tenant, self._room)
        far = not 0 <= last - self._after <= FAR
        found = self._anew(scene) if far else self._entries(scene)
        self._after = last
        return found + self._changed(scene)

    def _entries(self, scene: Scene) -> list[dict[str, str]]:
        shown = timeline.entries(
            self._site, self._viewer.tenant, scene, self._room, seen_by=None, after=self._after,
            locale=self._viewer.locale,
        )  # fmt: skip
        lines = _lines(self._site, self._viewer, scene, shown)
        return [{"event": "entry", "id": str(one.one.sequence), "data": self._html(one, scene)} for one in lines]

    def _anew(self, scene: Scene) -> list[dict[str, str]]:
        found = stretch(self._site, self._viewer, scene)
        earlier = fragment(
            "partnership_earlier.html", self._viewer.locale, earlier=found.earlier, path=address(self._room)
        )
        whole = "".join(self._html(one, scene) for one in found.lines)
        return [_part("earlier", earlier), _part("timeline", whole)]

    def _changed(self, scene: Scene) -> list[dict[str, str]]:
        """Return the state of the partnership if it is another; a form in which nothing changed stays as it is."""
        now = head(scene, self._viewer.locale, day_of(self._site.clock(), scene.room.zone))
        if now == self._state:
            return []
        self._state = now
        values = {"head": now, "viewer": self._viewer, "once": once}
        return [_part("partnership-state", fragment("partnership_state.html", self._viewer.locale, **values))]

    def _html(self, line: Line, scene: Scene) -> str:
        return fragment("partnership_entry.html", self._viewer.locale, line=line, zone=scene.room.zone)


def _part(name: str, html: str) -> dict[str, str]:
    return {"event": "part", "data": json.dumps({"id": name, "html": html}, ensure_ascii=False)}


HOW: dict[Step, Text] = {
    "observe": Text(ja="様子見", en="observed"),
    "ask": Text(ja="個別の問いかけ", en="a private question"),
    "warn": Text(ja="個別の注意", en="a private warning"),
    "note": Text(ja="知らせ", en="a note"),
    "word": Text(ja="部屋での一言", en="a word to the room"),
}
