"""Cards as a reader sees them: in their language, with what they rest on, and what became of them.

A private answer is between one person and Nakodo. That it was given is counted only where nobody can tell to whom:
over a programme of several partnerships, without room or hour.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from adapters.channels.web import desk_list
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer
from adapters.courtesy import LOBBY
from adapters.services.store import Lists
from adapters.services.store.usage import Marked, Thumbs, Usage
from bot.model import RoomId, Text
from bot.names import SIDE_NAMES, STAGE_NAMES
from bot.scene import Scene
from knowledge.card import HEADINGS, Basis, Card, Kind, Locale, Part, Side, Stage
from knowledge.library import Source, load_sources

AMONG = 3
"""Partnerships in a programme, from which on a private answer is nobody's in particular."""
BEST = 12
"""Cards that a search shows."""


class Wanted(NamedTuple):
    """What somebody looks for. What is empty does not narrow it."""

    words: str = ""
    kind: Kind | None = None
    stage: Stage | None = None
    side: Side | None = None

    def fits(self, card: Card) -> bool:
        """Whether a card is of that kind, stage and side."""
        front = card.front
        return (
            self.kind in (None, front.kind)
            and (self.stage is None or self.stage in front.stages)
            and (self.side is None or self.side in front.for_)
        )


class Brief(NamedTuple):
    """A card in a list."""

    id: str
    title: str
    kind: str
    basis: str
    first: str


class Line(NamedTuple):
    """A line of a card. `whom` is the side to whom it is said; empty is everybody."""

    text: str
    whom: str


class Shelf(NamedTuple):
    """A part of a card under its heading."""

    part: Part
    heading: str
    lines: tuple[Line, ...]


class Reference(NamedTuple):
    """A place in a source, with its title."""

    id: str
    title: str


class Read(NamedTuple):
    """A card as it is read."""

    id: str
    title: str
    kind: str
    basis: str
    from_report: bool
    stages: tuple[str, ...]
    sides: tuple[str, ...]
    shelves: tuple[Shelf, ...]
    references: tuple[Reference, ...]
    related: tuple[Brief, ...]


class Where(NamedTuple):
    """A room that was told something that rests on a card."""

    title: str
    path: str
    times: int
    last: datetime
    zone: str


class Used(NamedTuple):
    """What became of a card. `alone` counts private answers; None where that would tell on somebody."""

    rooms: tuple[Where, ...]
    alone: int | None
    thumbs: Thumbs

    @property
    def openly(self) -> int:
        """How often it was told in rooms that one may see."""
        return sum(one.times for one in self.rooms)


class Opinion(NamedTuple):
    """What somebody thought of an answer. `room` is empty, and the hour unknown, where it was private."""

    room: str
    path: str
    kind: str
    sources: tuple[tuple[str, str], ...]
    useful: bool
    at: datetime
    zone: str


# Cards


def listed(site: Site, wanted: Wanted, locale: Locale) -> list[Brief]:
    """Return the cards that somebody looks for: by words the best first, else in the order of their titles."""
    cards = site.library.cards
    if wanted.words:
        found = site.search().find(wanted.words, side=wanted.side, stage=wanted.stage)
        return [_brief(cards[one], locale) for one in found.cards if wanted.fits(cards[one])][:BEST]
    fitting = [_brief(card, locale) for card in cards.values() if wanted.fits(card)]
    return sorted(fitting, key=lambda one: one.title)


def read(site: Site, card: Card, locale: Locale) -> Read:
    """Return a card in a language."""
    front, body = card.front, card.body(locale)
    headings = {part: heading for heading, part in HEADINGS[locale].items()}
    shelves = tuple(
        Shelf(part, headings[part], tuple(Line(one.text, _side(one.side, locale)) for one in body.parts[part]))
        for part in Part
        if body.parts.get(part)
    )
    source = _sources()[front.basis]
    places = {place.id: place for place in source.places}
    return Read(
        id=card.id,
        title=body.title,
        kind=KINDS[front.kind](locale),
        basis=source.name(locale),
        from_report=front.basis == "report",
        stages=tuple(STAGE_NAMES[one](locale) for one in front.stages),
        sides=tuple(_side(one, locale) for one in front.for_),
        shelves=shelves,
        references=tuple(
            Reference(one, (places[one].ja if locale == "ja" else places[one].en) if one in places else "")
            for one in front.refs
        ),
        related=tuple(_brief(site.library.cards[one], locale) for one in front.related if one in site.library.cards),
    )


def _brief(card: Card, locale: Locale) -> Brief:
    body = card.body(locale)
    first = body.parts[Part.ANSWER][0].text
    return Brief(
        card.id, body.title, KINDS[card.front.kind](locale), _sources()[card.front.basis].name(locale), first
    )


def _side(side: Side | None, locale: Locale) -> str:
    return SIDE_NAMES[side](locale) if side else ""


@cache
def _sources() -> Mapping[Basis, Source]:
    return load_sources()


# What became of them


def used(site: Site, viewer: Viewer, card: str) -> Used:
    """Return where a card was used, as far as a viewer may know."""
    usage, briefs = Usage(site.store.engine, viewer.tenant), desk_list.seen(site, viewer)
    cited = usage.cited(card)
    rooms = tuple(
        Where(
            desk_list.title(briefs[one.room], viewer.locale),
            desk_list.path(one.room),
            one.times,
            one.last,
            briefs[one.room].room.zone,
        )
        for one in cited
        if one.openly and one.room in briefs
    )
    blurred = _many(site, viewer)
    alone = sum(one.times for one in cited if not one.openly) if blurred else None
    return Used(rooms, alone, usage.thumbs(card, None if blurred else list(briefs)))


def opinions(site: Site, viewer: Viewer, most: int, skip: int, useful: bool | None) -> list[Opinion]:
    """Return what people thought of answers, the latest first."""
    briefs = desk_list.seen(site, viewer)
    rooms: Collection[RoomId] | None = None if _many(site, viewer) else list(briefs)
    found = Usage(site.store.engine, viewer.tenant).marked(most, skip, rooms, useful)
    return [_opinion(site, viewer, one, None if one.alone else briefs.get(one.room)) for one in found]


def _many(site: Site, viewer: Viewer) -> bool:
    """Whether there are so many partnerships that what was private cannot be traced to one."""
    briefs = Lists(site.store.engine, viewer.tenant).briefs()
    return sum(not room.startswith(LOBBY) for room in briefs) >= AMONG


def _opinion(site: Site, viewer: Viewer, one: Marked, scene: Scene | None) -> Opinion:
    cards, locale = site.library.cards, viewer.locale
    return Opinion(
        room=desk_list.title(scene, locale) if scene else "",
        path=desk_list.path(one.room) if scene else "",
        kind=ANSWERS.get(one.kind, ANSWERS["answer"])(locale),
        sources=tuple((card, cards[card].body(locale).title) for card in one.cards if card in cards),
        useful=one.useful,
        at=one.at,
        zone=scene.room.zone if scene else "Asia/Tokyo",
    )


KINDS: dict[Kind, Text] = {
    "guidance": Text(ja="手引き", en="Guidance"),
    "case": Text(ja="事例", en="Case"),
    "programme": Text(ja="支援の取り組み", en="Programme"),
    "statistic": Text(ja="数字", en="Figures"),
    "term": Text(ja="言葉", en="Term"),
    "role": Text(ja="人と組織", en="People and bodies"),
    "trap": Text(ja="よくある思い違い", en="Common mistake"),
}
ANSWERS: dict[str, Text] = {
    "answer": Text(ja="答え", en="Answer"),
    "question": Text(ja="問いかけ", en="Question"),
    "warning": Text(ja="注意", en="Warning"),
    "note": Text(ja="進行役への知らせ", en="Note"),
    "reminder": Text(ja="お知らせ", en="Reminder"),
    "document": Text(ja="紙", en="Page"),
}
