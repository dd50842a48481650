"""The desk's list of partnerships, those that need the human first on top, and what humans were called for.

Nothing here was told in private: it is made of briefs (`bot.attention`).
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer, named
from adapters.courtesy import LOBBY
from adapters.services.store import Lists
from bot import desk
from bot.attention import LONG, Attention, attention, calls, is_open, matters, wait
from bot.clock import day_of
from bot.escalate import NAMES as CALLS
from bot.model import LEADING, Mode, RoomId, Text
from bot.names import NDA_EXPIRED, NDA_NAMES, STAGE_NAMES
from bot.papers import called, dated, soon
from bot.scene import Scene
from knowledge.card import Locale

Briefs = Mapping[RoomId, Scene]


class Row(NamedTuple):
    """A partnership in the list."""

    room: RoomId
    title: str
    path: str
    why: str
    rank: int
    urgent: bool
    stage: str
    nda: str
    nda_good: bool | None
    mode: str
    takeover: str | None
    waiting: str
    days: int
    due: str
    late: bool
    calls: int
    drafts: int
    findings: int


class Call(NamedTuple):
    """Something that a human was called for."""

    room: RoomId
    title: str
    path: str
    number: int
    who: str
    at: datetime
    zone: str
    told: str
    evidence: str


def seen(site: Site, viewer: Viewer) -> dict[RoomId, Scene]:
    """Return the briefs of all partnerships that a viewer may see; a talk that belongs to none is nobody's to see."""
    lists = Lists(site.store.engine, viewer.tenant)
    briefs = {room: scene for room, scene in lists.briefs().items() if not room.startswith(LOBBY)}
    if viewer.role != "facilitator":
        return briefs
    seats = lists.seats(viewer.person)
    return {room: scene for room, scene in briefs.items() if _leads(scene, seats.get(room))}


def _leads(scene: Scene, name: str | None) -> bool:
    person = scene.room.person(name) if name else None
    return person is not None and person.side in LEADING


def title(scene: Scene, locale: Locale) -> str:
    """Return what a partnership is called."""
    names = [scene.room.names[side] for side in ("sme", "startup") if side in scene.room.names]
    return " × ".join(names) or _UNNAMED(locale)


def path(room: RoomId) -> str:
    """Return the address of a partnership's own page."""
    return f"/p/{quote(room, safe='')}"


# Partnerships


def rows(briefs: Briefs, locale: Locale, now: datetime, stage: str = "", words: str = "") -> list[Row]:
    """Return the partnerships of a stage in which these words are found, those that need the human first on top."""
    fitting = [(room, _said_to(locale, scene)) for room, scene in briefs.items() if _fits(scene, stage, words)]
    found = [(attention(scene, now), room, scene) for room, scene in fitting]
    found.sort(key=lambda one: (one[0].rank, one[0].since, one[1]))
    return [_row(room, scene, place, locale, now) for place, room, scene in found]


def _said_to(locale: Locale, scene: Scene) -> Scene:
    """Return a partnership in which whoever has taken over is called as a reader of this language calls them."""
    return scene.having(takeover=named(scene.takeover, locale)) if scene.takeover else scene


def _fits(scene: Scene, stage: str, words: str) -> bool:
    theme = scene.record.theme
    texts = [*scene.room.names.values(), *(one.name for one in scene.room.people), theme.statement, *theme.keywords]
    text = _plain("\n".join(texts))
    return stage in ("", scene.record.stage) and all(word in text for word in _plain(words).split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _row(room: RoomId, scene: Scene, place: Attention, locale: Locale, now: datetime) -> Row:
    today = day_of(now, scene.room.zone)
    standing = scene.record.nda.standing(today)
    expired = standing != scene.record.nda.state
    waits, dates = wait(scene, now), soon(scene, today, locale)
    return Row(
        room=room,
        title=title(scene, locale),
        path=path(room),
        why=place.why(locale),
        rank=place.rank,
        urgent=place.rank < LONG,
        stage=STAGE_NAMES[scene.record.stage](locale),
        nda=(NDA_EXPIRED if expired else NDA_NAMES[standing])(locale),
        nda_good=False if expired else True if standing == "signed" else None,
        mode=_MODES[scene.room.mode](locale),
        takeover=scene.takeover,
        waiting=_WAITS(locale).format(on=called(waits.on, scene, locale)) if waits else "",
        days=waits.days if waits else 0,
        due=f"{dated(dates[0].day, locale, today)} {dates[0].what}" if dates else "",
        late=bool(dates) and dates[0].day < today,
        calls=len(calls(scene)),
        drafts=len(desk.waiting(scene)),
        findings=sum(is_open(one, now) for one in matters(scene)),
    )


def open_calls(briefs: Briefs, locale: Locale) -> list[Call]:
    """Return what humans were called for and nobody has taken care of, the oldest first."""
    found = [
        Call(
            room=room,
            title=title(scene, locale),
            path=path(room),
            number=one.number,
            who=one.who,
            at=one.at,
            zone=scene.room.zone,
            # What was told in private is not passed on, not even what it was about.
            told=CALLS[one.call](locale) if one.evidence and one.call in CALLS else _LISTEN(locale),
            evidence=one.evidence,
        )
        for room, scene in briefs.items()
        for one in calls(scene)
    ]
    return sorted(found, key=lambda one: one.at)


_UNNAMED = Text(ja="名前のない協業", en="a partnership without a name")
_WAITS = Text(ja="{on}の返事待ち", en="for {on}")
_LISTEN = Text(
    ja="話を聞いてほしいそうです。内々のお話ですので、中身はここに書きません",
    en="would like to be heard. It was said in private, so I do not write here what it is about",
)
_MODES: dict[Mode, Text] = {
    "auto": Text(ja="自動", en="auto"),
    "review": Text(ja="確認", en="review"),
    "quiet": Text(ja="静か", en="quiet"),
}
