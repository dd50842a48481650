"""The desk's queue of drafts, and what was noticed and done about it.

A draft shows the message that it answers only where that was said to the room.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from adapters.channels.web.desk_list import Briefs, path, title
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer, named
from adapters.services.store import Lists
from bot import desk
from bot.attention import Matter, decided, is_open, matters
from bot.model import Message, Reply, RoomId, Step, Text
from bot.scene import Draft, Scene
from bot.signals import signals
from knowledge.card import Citation, Locale
from knowledge.library import Library

MOST = 100
"""Findings that one page shows."""
AT_ONCE = 40
"""Drafts that one page shows; the others follow as these are decided."""


class Waiting(NamedTuple):
    """A draft in the queue. `question` is the message it answers, as (who, words), where it was said to the room."""

    key: str
    room: RoomId
    title: str
    path: str
    id: str
    to: str
    language: Locale
    text: str
    why: str
    signal: str
    sources: tuple[tuple[str, str], ...]
    question: tuple[str, str] | None
    at: datetime
    zone: str


class Decided(NamedTuple):
    """A draft that somebody has decided; when, where that is known."""

    key: str
    title: str
    id: str
    to: str
    text: str
    state: str
    by: str
    why: str
    at: datetime | None
    zone: str


class Did(NamedTuple):
    """What was done about a finding."""

    how: str
    why: str


class Noticed(NamedTuple):
    """A finding. `number` names the word whose use one may judge; None where nothing was said."""

    room: RoomId
    title: str
    path: str
    signal: str
    who: str
    at: datetime
    zone: str
    evidence: str
    sure: str
    did: tuple[Did, ...]
    number: int | None
    useful: bool | None
    open: bool


# Drafts


def key_of(room: RoomId, draft: Draft) -> str:
    """Return what names a draft on a page, and in no other room or time."""
    return f"{zlib.crc32(f'{room} {draft.id} {draft.at.isoformat()}'.encode()):08x}"


def queue(site: Site, viewer: Viewer, briefs: Briefs) -> list[Waiting]:
    """Return all drafts that wait, the oldest first."""
    found = [(draft, room) for room, scene in briefs.items() for draft in desk.waiting(scene)]
    found.sort(key=lambda one: one[0].at)
    asked = {(room, draft.reply.in_reply_to) for draft, room in found}
    said = Lists(site.store.engine, viewer.tenant).said_openly(asked)
    return [
        _waiting(
            briefs[room],
            draft,
            said.get((room, draft.reply.in_reply_to)),
            _sources(draft.reply.citations, site.library, viewer.locale),
            viewer.locale,
        )
        for draft, room in found
    ]


def _waiting(
    scene: Scene, draft: Draft, said: Message | None, sources: tuple[tuple[str, str], ...], locale: Locale
) -> Waiting:
    room = scene.room.id
    reply = draft.reply
    return Waiting(
        key=key_of(room, draft),
        room=room,
        title=title(scene, locale),
        path=path(room),
        id=draft.id,
        to=_whom(reply.to, locale),
        language=scene.locale_for(reply.to),
        text=reply.text,
        why=_why(reply, locale),
        signal=signals()[reply.signal].name(locale) if reply.signal else "",
        sources=sources,
        question=(said.sender.name, said.text) if said else None,
        at=draft.at,
        zone=scene.room.zone,
    )


def _why(reply: Reply, locale: Locale) -> str:
    if reply.signal is not None:
        return signals()[reply.signal].why(locale)  # The label says it in the hearer's language.
    return reply.label.why if reply.label else (_ASKED if reply.to == "room" else _ASKED_ALONE)(locale)


def _sources(citations: Iterable[Citation], library: Library, locale: Locale) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.card, library.cards[one.card].body(locale).title) for one in citations if one.card in library.cards
    )


def lately_decided(briefs: Briefs, locale: Locale) -> list[Decided]:
    """Return the drafts that were decided lately, the last decided first."""
    found = [(room, one) for room, scene in briefs.items() for one in decided(scene)]
    found.sort(key=lambda one: one[1].decided_at or one[1].at, reverse=True)
    return [_decided(briefs[room], one, locale) for room, one in found]


def _decided(scene: Scene, draft: Draft, locale: Locale) -> Decided:
    return Decided(
        key=key_of(scene.room.id, draft),
        title=title(scene, locale),
        id=draft.id,
        to=_whom(draft.reply.to, locale),
        text=draft.reply.text,
        state=_STATES[draft.state](locale),
        by=named(draft.by, locale),
        why=draft.why,
        at=draft.decided_at,
        zone=scene.room.zone,
    )


# Findings


def noticed(briefs: Briefs, locale: Locale, now: datetime, *, room: str = "", every: bool = False) -> list[Noticed]:
    """Return what was noticed, the latest first: what waits for a verdict, or `every` thing."""
    found = [
        _noticed(where, scene, one, locale, now)
        for where, scene in briefs.items()
        if room in ("", where)
        for one in matters(scene)
        if every or is_open(one, now)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _noticed(room: RoomId, scene: Scene, matter: Matter, locale: Locale, now: datetime) -> Noticed:
    finding = matter.finding
    return Noticed(
        room=room,
        title=title(scene, locale),
        path=path(room),
        signal=signals()[matter.signal].name(locale),
        who=finding.who if finding else "",
        at=matter.at,
        zone=scene.room.zone,
        evidence=finding.evidence if finding else "",
        sure=_sure(finding.score)(locale) if finding else _COMPUTED(locale),
        did=tuple(
            Did(
                _STEPS[one.label.how](locale).format(whom=_whom(one.label.whom, locale)),
                signals()[one.signal].why(locale),
            )
            for one in matter.done
        ),
        number=matter.done[-1].number if matter.done else None,
        useful=matter.useful,
        open=is_open(matter, now),
    )


def _sure(score: float) -> Text:
    return _CLEAR if score >= 0.9 else _LIKELY if score >= 0.75 else _FAINT


def _whom(to: str, locale: Locale) -> str:
    if to == "room":
        return _ROOM(locale)
    if to == "facilitator":
        return _FACILITATOR(locale)
    return f"{named(to, locale)}さん" if locale == "ja" else named(to, locale)


_ROOM = Text(ja="部屋", en="the room")
_FACILITATOR = Text(ja="進行役", en="the facilitator")
_ASKED = Text(ja="部屋でのお尋ねへの返事です", en="It answers a question put in the room.")
_ASKED_ALONE = Text(
    ja="個別にいただいたお尋ねへの返事です。お尋ねの中身は、ご本人と私だけのものです",
    en="It answers a question put in private, which stays between that person and me.",
)
_STATES = {
    "approved": Text(ja="承認", en="approved"),
    "edited": Text(ja="直して承認", en="sent in other words"),
    "refused": Text(ja="見送り", en="refused"),
}
_STEPS: dict[Step, Text] = {
    "observe": Text(ja="様子見", en="observe"),
    "ask": Text(ja="{whom}への個別の問いかけ", en="a private question to {whom}"),
    "warn": Text(ja="{whom}への個別の注意", en="a private warning to {whom}"),
    "note": Text(ja="{whom}への知らせ", en="a note to {whom}"),
    "word": Text(ja="部屋での一言", en="a word to the room"),
}
_CLEAR = Text(ja="はっきり", en="clear")
_LIKELY = Text(ja="おそらく", en="likely")
_FAINT = Text(ja="かすか", en="faint")
_COMPUTED = Text(ja="記録と日付から", en="from record and dates")
