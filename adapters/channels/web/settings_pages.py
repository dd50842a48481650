"""Settings: how the house stands, how each partnership is set, who sits where, and the log of who changed what.

GET  /settings         channels, post, one partnership by `?room=`, the last lines of the log
GET  /settings/log     the whole log; `?page=`
POST /settings/mode    choose how much goes out unseen
POST /settings/hours   choose the hours in which nobody is spoken to unasked, or none
POST /settings/quiet   want quiet for oneself in a partnership, or no longer
POST /settings/invite  make a code by which people come in; it is shown once
"""

import asyncio
from typing import get_args
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.channels.web import settings_view
from adapters.channels.web.desk_list import seen, title
from adapters.channels.web.desk_live import once
from adapters.channels.web.desk_pages import said
from adapters.channels.web.knowledge_pages import page_of
from adapters.channels.web.page import page
from adapters.channels.web.security import DeniedError
from adapters.channels.web.settings_log import log
from adapters.channels.web.site import Asked, Way, back
from adapters.courtesy import LOBBY
from bot.clock import NIGHT
from bot.model import Mode, RoomId
from knowledge.card import Side

LATEST, AT_ONCE = 10, 50
"""Lines of the log: beside other things, and on its own page."""
DAYS = (1, 3, 7, 14, 30)
"""For how long one may want quiet."""
HOUR = 8
"""Characters of an hour of the day; a browser without a field for it lets people write anything."""
INVITED: tuple[Side, ...] = ("sme", "startup", "facilitator")


async def show(asked: Asked) -> Response:
    """Show the settings."""
    return await asyncio.to_thread(_shown, asked)


def _shown(asked: Asked) -> Response:
    site, viewer, locale = asked.site, asked.viewer, asked.viewer.locale
    briefs = seen(site, viewer)
    titles = dict(sorted(((room, title(scene, locale)) for room, scene in briefs.items()), key=lambda one: one[1]))
    named = asked.request.query_params.get("room", "") or next(iter(titles), "")
    if named and named not in titles:
        raise DeniedError(404)
    return page(
        asked.request, viewer, "settings.html",
        channels=settings_view.channels(site, locale), counts=settings_view.post(site, locale), titles=titles,
        chosen=settings_view.as_set(site, viewer, site.scene(viewer, named)) if named else None,
        modes=settings_view.modes(locale), night=NIGHT, days=DAYS, invited=INVITED, once=once,
        log=log(site, viewer, LATEST), zone=_zone(asked), read_only=not viewer.acts,
        about=settings_view.about(site, locale) if viewer.role == "organizer" else None,
        organizers=sorted(site.settings.organizers), readers=sorted(site.settings.readers),
    )  # fmt: skip


async def show_log(asked: Asked) -> Response:
    """Show a page of the log."""
    number = page_of(asked)
    found = await asyncio.to_thread(log, asked.site, asked.viewer, AT_ONCE, (number - 1) * AT_ONCE)
    return page(asked.request, asked.viewer, "settings_log.html", log=found, number=number)


async def choose_mode(asked: Asked) -> Response:
    """Choose how much goes out unseen."""
    form = await asked.request.form()
    mode = _text(form, "mode")
    if mode not in get_args(Mode):
        raise DeniedError(404)
    return await _told(asked, form, f"/mode {mode}")


async def choose_hours(asked: Asked) -> Response:
    """Choose the hours in which nobody is spoken to unasked. What are no hours is answered like a command's."""
    form = await asked.request.form()
    begins, ends = (_text(form, name).strip()[:HOUR] for name in ("begins", "ends"))
    return await _told(asked, form, "/hours none" if _text(form, "none") else f"/hours {begins or '?'}-{ends or '?'}")


async def be_quiet(asked: Asked) -> Response:
    """Want quiet for oneself, or no longer."""
    form = await asked.request.form()
    days = _text(form, "days")
    if days not in ("off", *map(str, DAYS)):
        raise DeniedError(404)
    return await _told(asked, form, "/mute off" if days == "off" else f"/mute {days} days")


async def invite(asked: Asked) -> Response:
    """Make a code by which people of a side come in."""
    form = await asked.request.form()
    side = _text(form, "side")
    if side not in INVITED:
        raise DeniedError(404)
    return await _told(asked, form, f"/invite {side}")


async def _told(asked: Asked, form: FormData, words: str) -> Response:
    room = _text(form, "room")
    if not room or room.startswith(LOBBY):
        raise DeniedError(404)
    texts = await said(asked, RoomId(room), words, _text(form, "once"))
    return back(asked, f"/settings?{urlencode({'room': room})}", texts)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _zone(asked: Asked) -> str:
    """Return the time zone of what belongs to no room: that of the first one may see."""
    return next((scene.room.zone for scene in seen(asked.site, asked.viewer).values()), "Asia/Tokyo")


WAYS: list[Way] = [
    Way("/settings", show),
    Way("/settings/log", show_log),
    Way("/settings/mode", choose_mode, acts=True),
    Way("/settings/hours", choose_hours, acts=True),
    Way("/settings/quiet", be_quiet, acts=True),
    Way("/settings/invite", invite, acts=True),
]
