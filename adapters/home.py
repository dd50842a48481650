"""The bot's own page for one person: their partnerships, what waits for their word, what is due."""

import asyncio
from datetime import datetime

from adapters.post import Account, Channel, Home, HomeAction, HomeRoom
from adapters.services.store import Directory, SqlStore
from bot import desk
from bot.clock import day_of
from bot.model import MessageId, Person, RoomId, Text
from bot.names import NDA_NAMES, STAGE_NAMES
from bot.orders import Order
from bot.orders.record import told
from bot.papers import short
from bot.partnership import Action
from bot.scene import Scene
from knowledge.card import Locale

ROOMS, DRAFTS, DUE = 10, 10, 10
"""What a page shows at most."""


async def first_home_of(
    store: SqlStore, directory: Directory, channel: Channel, team: str, account: str, *, now: datetime
) -> Home:
    """Return the page of somebody who may come for the first time: their platform knows in which language."""
    tenant = await asyncio.to_thread(directory.tenant_of, "", account, team)
    known = await asyncio.to_thread(directory.known, tenant, account)
    locale = known.account.locale if known else None
    if locale is None:
        locale = (await channel.acquainted(Account(key=account))).locale
    return await asyncio.to_thread(home_of, store, directory, tenant, account, now, client=locale)


def home_of(
    store: SqlStore, directory: Directory, tenant: str, account: str, now: datetime, *, client: Locale | None = None
) -> Home:
    """Return what somebody sees on the bot's own page; nothing of partnerships that are not theirs.

    `client` is the language of their client, where it is known better than here.
    """
    known = directory.known(tenant, account)
    locale = client or (known.account.locale if known else None) or "ja"
    rooms = []
    for room in directory.rooms_of(tenant, known.person)[:ROOMS] if known else ():
        scene = store.of(tenant).load(room)
        name = directory.name_in(tenant, room, known.person) if known else None
        person = scene.room.person(name) if scene and name else None
        if scene is not None and person is not None:
            rooms.append(_room(room, scene, person, now))
    return Home(locale=locale, hello=_HELLO(locale), rooms=tuple(rooms))


def _room(room: RoomId, scene: Scene, person: Person, now: datetime) -> HomeRoom:
    locale, today = scene.locale_for(person.name), day_of(now, scene.room.zone)
    order = Order(
        words="", sender=person, scene=scene, locale=locale, at=now, today=today, message=_NO_MESSAGE, private=True
    )  # fmt: skip
    seen = scene.record.read_by(person.side)
    waiting = desk.waiting(scene) if scene.room.leads(person) else ()
    due = sorted((one for one in seen.actions if not one.done), key=lambda one: (one.due is None, one.due or today))
    return HomeRoom(
        room=room,
        title=" × ".join(scene.room.names[side] for side in ("sme", "startup") if side in scene.room.names) or room,
        where=f"{STAGE_NAMES[seen.stage](locale)} ・ NDA {NDA_NAMES[seen.nda.standing(today)](locale)}",
        record=told(order, person.side),
        drafts=tuple(
            HomeAction(text=f"{one.id} → {one.reply.to}: {short(one.reply.text, 300)}", command=f"/approve {one.id}")
            for one in waiting[:DRAFTS]
        ),
        due=tuple(HomeAction(text=_line(one), command=f"/action done {one.number}") for one in due[:DUE]),
    )


def _line(action: Action) -> str:
    owner = f"@{action.owner}" if action.owner else ""
    return " ".join(part for part in (action.text, owner, action.due.isoformat() if action.due else "") if part)


_NO_MESSAGE = MessageId("home")
_HELLO = Text(
    ja="こんにちは、仲人のNakodoです。お困りのことは、メッセージにそのままお書きください。",
    en="Hello, I am Nakodo. Whatever is on your mind: write it to me as a message.",
)
