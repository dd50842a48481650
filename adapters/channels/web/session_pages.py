"""The page of a coaching session: a human runs it, Nakodo watches the clock. All of it is said on the durable road.

GET  /p/{room}/session            begin one; while it runs: agenda, balance, questions, what was settled, minutes
GET  /p/{room}/session/live       what changes on it: `?first=` names the session that the page shows
POST /p/{room}/session/start      begin
POST /p/{room}/session/end        end; the minutes wait at the desk
POST /p/{room}/session/decide     note a decision
POST /p/{room}/session/action     note something to do
POST /p/{room}/session/questions  ask for other questions
"""

import asyncio
import re
from urllib.parse import quote, urlencode

from sse_starlette import EventSourceResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.channels.web import desk_list
from adapters.channels.web.desk_live import Pace, once, stamp_of
from adapters.channels.web.desk_pages import said
from adapters.channels.web.live import changes
from adapters.channels.web.page import page
from adapters.channels.web.security import DeniedError
from adapters.channels.web.session_view import News, drafted, parts, standing
from adapters.channels.web.site import Asked, Way, back
from adapters.courtesy import LOBBY
from bot.model import RoomId, Text
from bot.scene import Scene
from bot.session import LONGEST, MINUTES, SHORTEST

TOPIC, WORDS = 120, 1_000
"""Characters of a topic, and of something that is noted."""


async def show(asked: Asked) -> Response:
    """Show the session of a room, or how to begin one."""
    site, viewer, room = asked.site, asked.viewer, _room(asked)
    scene = await asyncio.to_thread(site.scene, viewer, room)
    return await asyncio.to_thread(_shown, asked, room, scene)


def _shown(asked: Asked, room: RoomId, scene: Scene) -> Response:
    viewer, now = asked.viewer, asked.site.clock()
    found = standing(scene, now, viewer.locale)
    first = found.first if found else ""
    here = path(room)
    live = {"first": first, "had": stamp_of(parts(scene, now, viewer, first))}
    return page(
        asked.request, viewer, "session.html",
        here=here, title=desk_list.title(scene, viewer.locale), partnership=desk_list.path(room), standing=found,
        zone=scene.room.zone, language=scene.room.locale, people=scene.room.people, drafts=drafted(scene), once=once,
        shortest=SHORTEST, longest=LONGEST, minutes=MINUTES, topic_length=TOPIC, words_length=WORDS,
        topics=[one(viewer.locale) for one in _TOPICS], live=f"{here}/live?{urlencode(live)}",
        turned=False, running=found is not None,
    )  # fmt: skip


async def live(asked: Asked) -> Response:
    """Send what changes on the page."""
    request, site, viewer, room = asked.request, asked.site, asked.viewer, _room(asked)
    await asyncio.to_thread(site.scene, viewer, room)
    query = request.query_params
    had = request.headers.get("last-event-id") or query.get("had", "")
    news, pace = News(site, viewer, room, query.get("first", ""), had), Pace()

    async def gone() -> bool:
        await pace.wait()
        return await request.is_disconnected() or site.sessions.read(request) is None

    return EventSourceResponse(changes(site.hub, viewer.tenant, room, news, gone))


async def start(asked: Asked) -> Response:
    """Begin a session. How long it may be, the command itself says."""
    form = await asked.request.form()
    minutes = _text(form, "minutes", 4)
    length = minutes if minutes.isascii() and minutes.isdecimal() else str(MINUTES)
    return await _told(asked, form, f"/session start {length} {_text(form, 'topic', TOPIC)}")


async def end(asked: Asked) -> Response:
    """End the session."""
    return await _told(asked, await asked.request.form(), "/session end")


async def decide(asked: Asked) -> Response:
    """Note a decision."""
    form = await asked.request.form()
    words = _text(form, "words", WORDS)
    return await _told(asked, form, f"/decide {words}" if words else "")


async def act(asked: Asked) -> Response:
    """Note something to do, with who and by when."""
    form = await asked.request.form()
    words, owner, due = _text(form, "words", WORDS), _text(form, "owner", 80), _text(form, "due", 10)
    if not words:
        return await _told(asked, form, "")
    scene = await asyncio.to_thread(asked.site.scene, asked.viewer, _room(asked))
    who = f" @{owner}" if scene.room.person(owner) else ""
    day = f" {due}" if re.fullmatch(r"\d{4}-\d\d-\d\d", due) else ""
    return await _told(asked, form, f"/action {words}{who}{day}")


async def inquire(asked: Asked) -> Response:
    """Take the questions shown for asked; others take their place."""
    return await _told(asked, await asked.request.form(), "/session")


async def _told(asked: Asked, form: FormData, words: str) -> Response:
    room = _room(asked)
    texts = await said(asked, room, words, _text(form, "once", 16)) if words else [_EMPTY(asked.viewer.locale)]
    return back(asked, path(room), texts)


def path(room: RoomId) -> str:
    """Return the address of a room's session."""
    return f"/p/{quote(room, safe='')}/session"


def _room(asked: Asked) -> RoomId:
    room = asked.request.path_params["room"]
    if room.startswith(LOBBY):  # A talk that belongs to no partnership is nobody's to see.
        raise DeniedError(404)
    return RoomId(room)


def _text(form: FormData, name: str, most: int) -> str:
    """Return what a field holds as one line: a command is one."""
    value = form.get(name)
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


_EMPTY = Text(ja="言葉が空でした。", en="There were no words.")
_TOPICS = (
    Text(ja="顔合わせ", en="First meeting"),
    Text(ja="テーマ決め", en="Choosing a theme"),
    Text(ja="費用と分担", en="Costs, and who bears what"),
    Text(ja="秘密と取り決め", en="Secrets and terms"),
    Text(ja="小さな実験の相談", en="Planning a small experiment"),
    Text(ja="続けるかどうかの判断", en="Go or stop: the decision"),
    Text(ja="行き違いをほどく", en="Clearing up a misunderstanding"),
)
"""Topics that have an agenda of their own."""
WAYS: list[Way] = [
    Way("/p/{room}/session", show),
    Way("/p/{room}/session/live", live),
    Way("/p/{room}/session/start", start, acts=True),
    Way("/p/{room}/session/end", end, acts=True),
    Way("/p/{room}/session/decide", decide, acts=True),
    Way("/p/{room}/session/action", act, acts=True),
    Way("/p/{room}/session/questions", inquire, acts=True),
]
