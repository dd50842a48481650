"""What was said in a room, as one person sees it, or as the desk does. What was said to others is not there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from adapters.channels.web.viewer import named
from adapters.services.store import Entry
from adapters.services.store.talks import Spoken, Talks
from bot.model import LEADING, Message, Reply, RoomId, Text, Visibility
from bot.names import SIDE_NAMES
from bot.scene import Scene
from knowledge.card import Locale, Side

if TYPE_CHECKING:
    from adapters.channels.web.site import Site

AT_ONCE = 60
"""Entries read from the store at once."""
BOT = "Nakodo"


class Source(NamedTuple):
    """A card that an answer rests on."""

    card: str
    title: str


class Choice(NamedTuple):
    """A button of a reply: a form with these fields. If it is `blank`, the person writes the rest."""

    path: str
    label: str
    fields: Mapping[str, str]
    blank: bool = False


class Shown(NamedTuple):
    """An entry as somebody sees it. `note` says for whom it is, where it is not for the room."""

    sequence: int
    at: datetime
    who: str
    side: str
    text: str
    kind: str
    """`said` by a person, else the kind of Nakodo's delivery."""
    visibility: Visibility
    note: str = ""
    sources: tuple[Source, ...] = ()
    choices: tuple[Choice, ...] = ()


Offer = Callable[[Reply], tuple[Choice, ...]]
"""Makes the buttons of a reply, for the page on which it stands."""


def entries(
    site: "Site", tenant: str, scene: Scene, room: str, *, seen_by: str | Sequence[str] | None,
    before: int | None = None, after: int | None = None, most: int = 50, locale: Locale | None = None,
    offer: Offer = lambda _: (),
) -> tuple[Shown, ...]:  # fmt: skip
    """Return what was said in a room, oldest first: the latest `most`, or the latest before one, or all after one.

    `seen_by` is the person who looks, or people who look together; None is the desk, which sees the room, what is
    said to the facilitator, and of a private word unasked its reason only. `scene` tells sides and what is decided.
    """
    eyes = _Eyes(site, scene, (seen_by,) if isinstance(seen_by, str) else seen_by, locale or scene.room.locale, offer)
    found: list[Shown] = []
    for entry in _back(site, tenant, room, before, after):
        if (shown := eyes.see(entry)) is not None:
            found.append(shown)
        if after is None and len(found) >= most:
            break
    return tuple(reversed(found))


def since(site: "Site", tenant: str, room: str, after: int) -> tuple[Entry, ...]:
    """Return what was said after an entry, oldest first, whoever may see it."""
    return tuple(reversed(tuple(_back(site, tenant, room, None, after))))


def seen(
    site: "Site", scene: Scene, these: Sequence[Entry], *, seen_by: Sequence[str], locale: Locale, offer: Offer
) -> tuple[Shown, ...]:
    """Return what of these entries people who look together see."""
    eyes = _Eyes(site, scene, seen_by, locale, offer)
    return tuple(shown for entry in these if (shown := eyes.see(entry)) is not None)


def openly(site: "Site", tenant: str, scene: Scene, locale: Locale) -> tuple[Shown, ...]:
    """Return all that was said to a room, oldest first, however much it is: the words, without their sources."""
    eyes = _Eyes(site, scene, None, locale, lambda _: ())
    return tuple(map(eyes.hear, Talks(site.store.engine, tenant).whole(scene.room.id)))


def latest(site: "Site", tenant: str, room: str) -> int:
    """Return the number of the last entry, whoever may see it; 0 if nothing was said."""
    found = site.store.of(tenant).timeline(RoomId(room), most=1)
    return found[0].sequence if found else 0


def _back(site: "Site", tenant: str, room: str, before: int | None, after: int | None) -> Iterator[Entry]:
    """Yield what was said between two entries, newest first."""
    store = site.store.of(tenant)
    while True:
        some = store.timeline(RoomId(room), before, AT_ONCE, after=after)
        yield from some
        if len(some) < AT_ONCE:
            return
        before = some[-1].sequence


class _Eyes:
    """Who looks, and what they see."""

    def __init__(self, site: "Site", scene: Scene, names: Sequence[str] | None, locale: Locale, offer: Offer) -> None:
        self._site, self._scene, self._names, self._locale, self._offer = site, scene, names, locale, offer
        people = [scene.room.person(name) for name in names or ()]
        self._leads = names is None or any(one is not None and one.side in LEADING for one in people)

    def see(self, entry: Entry) -> Shown | None:
        """Return an entry as they see it; None if it is not theirs to see."""
        if isinstance(entry.said, Message):
            return self._message(entry, entry.said)
        return self._reply(entry, entry.said)

    def hear(self, one: Spoken) -> Shown:
        """Return what was said to everybody."""
        who = BOT if one.who is None else named(one.who, self._locale)
        text = _GONE(self._locale) if one.forgotten else one.text
        return Shown(one.sequence, one.at, who, self._side(one.side), text, one.kind, "room")

    def _message(self, entry: Entry, said: Message) -> Shown | None:
        if said.private and said.sender.name not in (self._names or ()):
            return None
        return Shown(
            sequence=entry.sequence,
            at=entry.at,
            who=named(said.sender.name, self._locale),
            side=self._side(said.sender.side),
            text=_GONE(self._locale) if entry.forgotten else said.text,
            kind="said",
            visibility="person" if said.private else "room",
            note=_TO_BOT(self._locale) if said.private else "",
        )

    def _reply(self, entry: Entry, said: Reply) -> Shown | None:
        to_leading = said.to == "facilitator"
        if said.to == "room" or (to_leading and self._leads) or said.to in (self._names or ()):
            return Shown(
                sequence=entry.sequence,
                at=entry.at,
                who=BOT,
                side="",
                text=said.text,
                kind=said.kind,
                visibility="room" if said.to == "room" else "facilitator" if to_leading else "person",
                note=self._note(said.to),
                sources=tuple(self._source(one.card) for one in said.citations),
                choices=self._offer(said) if self._still_open(said) else (),
            )
        if self._names is None and said.label is not None:
            return self._behind(entry, said, said.label.why)
        return None

    def _behind(self, entry: Entry, said: Reply, why: str) -> Shown:
        """Return of a private word that nobody asked for what the desk may know: to whom, what kind, and why."""
        return Shown(entry.sequence, entry.at, BOT, "", why, said.kind, "person", self._note(said.to))

    def _still_open(self, said: Reply) -> bool:
        """Whether its buttons would still do something: a draft is decided once."""
        drafts = [one for one in self._scene.drafts if one.id == said.draft]
        return all(one.state == "waiting" for one in drafts)

    def _note(self, to: str) -> str:
        if to == "room":
            return ""
        return (_TO_LEADING if to == "facilitator" else _TO_PERSON)(self._locale).format(who=named(to, self._locale))

    def _side(self, side: Side | None) -> str:
        return (self._scene.room.names.get(side) or SIDE_NAMES[side](self._locale)) if side else ""

    def _source(self, card: str) -> Source:
        known = self._site.library.cards.get(card)
        return Source(card, known.body(self._locale).title if known else card)


_GONE = Text(ja="（書いた方が消しました）", en="(deleted by who wrote it)")
_TO_BOT = Text(ja="Nakodoにだけ", en="to Nakodo alone")
_TO_PERSON = Text(ja="{who}さんにだけ", en="to {who} alone")
_TO_LEADING = Text(ja="進行役にだけ", en="to the facilitator alone")
