"""From replies to parcels: which conversation, which person, on which platform. A private word is never widened."""

import hashlib
from collections.abc import Sequence

from adapters import door_words
from adapters.post import Account, Event, Parcel, Place
from adapters.services.store import Directory, Lane
from bot.model import LEADING, Reply, Room, Text
from bot.scene import Scene


class Routes:
    """Finds the way of a turn's replies. `event` is what caused them, None where only time passed."""

    def __init__(self, directory: Directory, lane: Lane, scene: Scene, event: Event | None, cause: str) -> None:
        self._directory, self._lane, self._scene, self._event = directory, lane, scene, event
        self._several: dict[str, bool] = {}
        self._cause = cause
        """Names what caused the replies, for ever: a turn taken again makes the same parcels."""

    def parcels(self, replies: Sequence[Reply], sender: str = "") -> tuple[Parcel, ...]:
        """Return the parcels of replies; `sender` is the name in the room of who caused them."""
        found: list[Parcel] = []
        for reply in replies:
            for place, account in self._ways(reply.to, sender):
                found.append(self._parcel(len(found), reply, place, account))
        return tuple(found)

    def _ways(self, to: str, sender: str) -> list[tuple[Place | None, Account | None]]:
        if to == "room":
            place = self._room()
            return [(place, None)] if place else [(None, self._event.account)] if self._event else []
        names = [to]
        if to == "facilitator":
            names = [person.name for person in self._scene.room.people if person.side in LEADING]
        return [(None, account) for name in names if (account := self._account(name, sender)) is not None]

    def _room(self) -> Place | None:
        """Return where the room talks: where it was just spoken, else the first of its conversations."""
        if self._event is not None and not self._event.place.direct:
            return self._event.place
        places = self._directory.places_of(self._lane.tenant, self._scene.room.id)
        return places[0] if places else None

    def _account(self, name: str, sender: str) -> Account | None:
        if self._event is not None and name == sender:
            return self._event.account
        accounts = self._directory.accounts_of(self._lane.tenant, self._scene.room.id, name)
        # A page is looked at now and then; a chat tells that something came.
        chats = [one for one in accounts if not one.key.startswith("web:")]
        return next(iter(chats or accounts), None)

    def _parcel(self, number: int, reply: Reply, place: Place | None, account: Account | None) -> Parcel:
        event = self._event
        key = place.key if place else account.key if account else ""
        answers = event.message if event is not None and place == event.place else ""
        aside = event.place if event is not None and place is None and not event.place.direct else None
        if aside is not None and account is not None and event is not None and account.key != event.account.key:
            aside = None  # Only who spoke there is whispered to there.
        return Parcel(
            id=parcel_id(self._lane, self._cause, number),
            tenant=self._lane.tenant,
            channel=key.split(":", 1)[0],
            place=place,
            account=account,
            aside=aside,
            answers=answers,
            reply=self._headed(reply, account) if account else reply,
            locale=self._scene.locale_for(reply.to),
        )

    def _headed(self, reply: Reply, account: Account) -> Reply:
        """Say of which partnership a private word speaks to somebody who has several, lest they take it for another.

        An answer stands under its question; a page shows where one is.
        """
        if reply.kind == "answer" or account.key.startswith("web:") or not self._has_several(account.key):
            return reply
        locale = self._scene.locale_for(reply.to)
        title = title_of(self._scene.room) or door_words.UNNAMED(locale)
        if title in reply.text:
            return reply
        return reply.model_copy(update={"text": _ABOUT(locale).replace("{title}", title) + reply.text})

    def _has_several(self, key: str) -> bool:
        if key not in self._several:
            known = self._directory.known(self._lane.tenant, key)
            rooms = self._directory.rooms_of(self._lane.tenant, known.person) if known else ()
            self._several[key] = len(rooms) > 1 and self._scene.room.id in rooms
        return self._several[key]


def title_of(room: Room) -> str:
    """Return what a partnership is called by the names of its two parties, as far as they are known."""
    return " × ".join(room.names[side] for side in ("sme", "startup") if side in room.names)


def parcel_id(lane: Lane, cause: str, number: int) -> str:
    """Return what names a parcel for ever: a turn taken again makes the same one."""
    name = f"{lane.tenant}\n{lane.name}\n{cause}\n{number}"
    return hashlib.blake2b(name.encode(), digest_size=10).hexdigest()


_ABOUT = Text(ja="【{title}】\n", en="About {title}:\n")
