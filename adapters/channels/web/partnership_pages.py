"""A partnership: its timeline, its record, its pictures, and files to take along. And the programme's funnel.

GET  /p/{room}               talk and interventions, newest last; `?before=` goes back
GET  /p/{room}/live          what comes
GET  /p/{room}/record        the record; `?before=` goes back in its history
GET  /p/{room}/sheet/{n}     a page that both sides may read
GET  /p/{room}/pictures      balance of the talk, days until an answer, the way from stage to stage
GET  /p/{room}/export.md, export.json (`?talk=1` with what was said in the room), dates.ics, minutes.md, digest.md
GET  /programme              how far the partnerships came
POST /p/{room}/mode          choose how much goes out unseen
POST /p/{room}/drive         take over, or hand back
POST /p/{room}/note          note a decision, or something to do
POST /p/{room}/done          tick something off
"""

import asyncio
import re
from collections.abc import Callable
from datetime import date
from typing import Any, get_args

from sse_starlette import EventSourceResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.channels.web import exports, pictures, tallies, timeline
from adapters.channels.web.desk_list import seen
from adapters.channels.web.desk_live import Pace
from adapters.channels.web.desk_pages import said
from adapters.channels.web.exports import Take
from adapters.channels.web.live import changes
from adapters.channels.web.page import page
from adapters.channels.web.partnership_record import pages, sight
from adapters.channels.web.partnership_view import News, address, head, once, scene_of, stretch
from adapters.channels.web.pictures import Picture
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Asked, Way, back
from adapters.channels.web.viewer import named
from adapters.services.store.talks import Talks
from bot.clock import day_of
from bot.model import Mode, RoomId, Text
from bot.scene import Scene

LONGEST = 500
"""Characters of a note."""


# What one sees


async def show(asked: Asked) -> Response:
    """Show what was said, and what Nakodo did."""
    before = _number(asked, "before")

    def look() -> Response:
        scene = _scene(asked)
        last = timeline.latest(asked.site, asked.viewer.tenant, scene.room.id)  # What comes meanwhile is sent again.
        found = stretch(asked.site, asked.viewer, scene, before)
        return _page(asked, scene, "partnership.html", stretch=found, before=before, after=last)

    return await asyncio.to_thread(look)


async def live(asked: Asked) -> Response:
    """Send what comes into the timeline, from the last entry on that the browser has."""
    request, site, viewer = asked.request, asked.site, asked.viewer
    scene = await asyncio.to_thread(_scene, asked)
    had = request.headers.get("last-event-id") or request.query_params.get("after", "")
    news, pace = News(site, viewer, scene.room.id, int(had) if re.fullmatch(r"[0-9]{1,9}", had) else 0), Pace()

    async def gone() -> bool:
        await pace.wait()
        return news.over or await request.is_disconnected() or site.sessions.read(request) is None

    return EventSourceResponse(changes(site.hub, viewer.tenant, scene.room.id, news, gone))


async def show_record(asked: Asked) -> Response:
    """Show the record."""
    scene = await asyncio.to_thread(_scene, asked)
    found = sight(scene, asked.viewer.locale, _today(asked, scene), _number(asked, "before"))
    people = {one.name: named(one.name, asked.viewer.locale) for one in scene.room.people}
    return _page(
        asked, scene, "partnership_record.html", sight=found, people=people, states=exports.STATES, longest=LONGEST
    )


async def show_sheet(asked: Asked) -> Response:
    """Show a page that both sides may read."""
    scene = await asyncio.to_thread(_scene, asked)
    number = asked.request.path_params["number"]
    sheet = next(
        (one for one in pages(scene, asked.viewer.locale, _today(asked, scene)) if str(one.number) == number), None
    )
    if sheet is None:
        raise DeniedError(404)
    return _page(asked, scene, "partnership_sheet.html", sheet=sheet)


async def show_pictures(asked: Asked) -> Response:
    """Show the partnership in pictures."""
    scene = await asyncio.to_thread(_scene, asked)
    return _page(asked, scene, "partnership_pictures.html", pictures=await asyncio.to_thread(_pictures, asked, scene))


def _pictures(asked: Asked, scene: Scene) -> list[Picture]:
    site, locale, now = asked.site, asked.viewer.locale, asked.site.clock()
    said = Talks(site.store.engine, asked.viewer.tenant).lately(scene.room.id, tallies.LATELY)
    talk = tallies.talk(said, scene)
    return [
        pictures.stage_path(tallies.way(scene, now), scene, locale, now),
        pictures.talk_balance(tallies.balance(talk, scene.room.zone), scene, locale, now),
        pictures.waiting_days(tallies.waits(talk, scene, now), scene, locale),
    ]


async def show_programme(asked: Asked) -> Response:
    """Show how far the partnerships came that the viewer may see."""

    def look() -> Response:
        briefs = seen(asked.site, asked.viewer)
        drawn = pictures.programme_funnel(tallies.funnel(asked.site, asked.viewer, briefs), asked.viewer.locale)
        return page(asked.request, asked.viewer, "partnership_programme.html", picture=drawn, many=len(briefs))

    return await asyncio.to_thread(look)


# What one takes along


def _file(kind: str, ending: str, media: str, write: Callable[[Take], str | bytes]) -> Callable[[Asked], Response]:
    def made(asked: Asked) -> Response:
        site, viewer, scene = asked.site, asked.viewer, _scene(asked)
        talk: tuple[timeline.Shown, ...] = ()
        if kind == "export" and asked.request.query_params.get("talk") == "1":
            talk = timeline.openly(site, viewer.tenant, scene, viewer.locale)
        take = Take(scene, viewer.locale, site.clock(), talk)
        content = write(take)
        whole = content if isinstance(content, bytes) else content.encode()
        return exports.as_file(take, kind, ending, media, whole)

    return made


_MARKDOWN = "text/markdown; charset=utf-8"
FILES = {
    "export.md": _file("export", "md", _MARKDOWN, exports.as_markdown),
    "export.json": _file("export", "json", "application/json", exports.as_json),
    "dates.ics": _file("dates", "ics", "text/calendar; charset=utf-8", exports.as_calendar),
    "minutes.md": _file("minutes", "md", _MARKDOWN, exports.minutes_page),
    "digest.md": _file("digest", "md", _MARKDOWN, exports.digest_page),
}


async def download(asked: Asked) -> Response:
    """Hand over a file."""
    name = asked.request.url.path.rpartition("/")[2]
    return await asyncio.to_thread(FILES[name], asked)


# What one does


async def choose_mode(asked: Asked) -> Response:
    """Choose how much goes out without the human's word."""
    form = await asked.request.form()
    mode = _text(form, "mode")
    if mode not in get_args(Mode):
        raise DeniedError(404)
    return await _say(asked, form, f"/mode {mode}")


async def drive(asked: Asked) -> Response:
    """Take the talk over, or hand it back."""
    form = await asked.request.form()
    what = _text(form, "what")
    if what not in ("takeover", "handback"):
        raise DeniedError(404)
    return await _say(asked, form, f"/{what}")


async def note(asked: Asked) -> Response:
    """Note a decision, or something to do, with who and by when."""
    form = await asked.request.form()
    what, words = _text(form, "what"), " ".join(_text(form, "words").split())[:LONGEST]
    if what not in ("decide", "action"):
        raise DeniedError(404)
    if not words:
        return back(asked, _room(asked, "/record"), [_EMPTY(asked.viewer.locale)])
    if what == "decide":
        return await _say(asked, form, f"/decide {words}", "/record")
    scene = await asyncio.to_thread(_scene, asked)
    owner = scene.room.person(_text(form, "owner"))
    mark = f"@{owner.name}" if owner else ""
    # The comma keeps a text that begins with “done” from being read as a tick; it is not kept.
    return await _say(asked, form, " ".join(filter(None, ("/action", _day(form), mark, f"、{words}"))), "/record")


async def tick(asked: Asked) -> Response:
    """Tick something off."""
    form = await asked.request.form()
    number = _text(form, "number")
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise DeniedError(404)
    return await _say(asked, form, f"/action done {number}", "/record")


async def _say(asked: Asked, form: FormData, words: str, page: str = "") -> Response:
    """Say a command as the viewer, on the one road, and return to a page with what came of it."""
    await asyncio.to_thread(_scene, asked)
    room = RoomId(asked.request.path_params["room"])
    return back(asked, _room(asked, page), await said(asked, room, words, _text(form, "once")))


# What was asked for


def _scene(asked: Asked) -> Scene:
    return scene_of(asked.site, asked.viewer, asked.request.path_params["room"])


def _page(asked: Asked, scene: Scene, name: str, **values: Any) -> Response:
    top = head(scene, asked.viewer.locale, _today(asked, scene))
    return page(asked.request, asked.viewer, name, head=top, zone=scene.room.zone, once=once, **values)


def _room(asked: Asked, rest: str = "") -> str:
    return address(asked.request.path_params["room"], rest)


def _today(asked: Asked, scene: Scene) -> date:
    return day_of(asked.site.clock(), scene.room.zone)


def _number(asked: Asked, name: str) -> int | None:
    value = asked.request.query_params.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _day(form: FormData) -> str:
    try:
        return date.fromisoformat(_text(form, "due")).isoformat()
    except ValueError:
        return ""


_EMPTY = Text(ja="まだ何も書かれていません。", en="Nothing is written yet.")
WAYS: list[Way] = [
    Way("/programme", show_programme),
    Way("/p/{room}", show),
    Way("/p/{room}/live", live),
    Way("/p/{room}/record", show_record),
    Way("/p/{room}/sheet/{number}", show_sheet),
    Way("/p/{room}/pictures", show_pictures),
    *(Way(f"/p/{{room}}/{name}", download) for name in FILES),
    Way("/p/{room}/mode", choose_mode, acts=True),
    Way("/p/{room}/drive", drive, acts=True),
    Way("/p/{room}/note", note, acts=True),
    Way("/p/{room}/done", tick, acts=True),
]
