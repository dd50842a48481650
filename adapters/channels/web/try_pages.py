"""The try room: one plays all the people of an invented partnership, and sees what each of them sees.

GET  /try         the session's own room: three columns, or one by `?as=`. `?room=` is another's, for who knows it
GET  /try/story   the same with the story that is played in it
GET  /try/live    what changes there
POST /try/say     say something as one of the people
POST /try/again   begin anew
POST /try/story   play, pause, step, or begin anew
"""

import asyncio
from urllib.parse import urlencode

from sse_starlette import EventSourceResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.channels.web import try_room
from adapters.channels.web.live import changes
from adapters.channels.web.page import page
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Asked, Way, back
from adapters.channels.web.story import PLAIN, SPEEDS, STORY, Player, is_story, stage_of
from adapters.channels.web.timeline import latest
from adapters.channels.web.try_room import BY_SIDE, COLUMNS
from adapters.channels.web.try_talk import TRY, Talk
from adapters.channels.web.try_view import Look, News
from bot.clock import is_quiet
from bot.model import RoomId, Text

LONGEST = 4_000
"""Characters of one message."""


# What one sees


async def show(asked: Asked) -> Response:
    """Show the session's own room."""
    return await _shown(asked, PLAIN)


async def show_story(asked: Asked) -> Response:
    """Show the room in which the session's story is played."""
    return await _shown(asked, STORY)


async def _shown(asked: Asked, kind: str) -> Response:
    query = asked.request.query_params
    room = _room(asked, query.get("room"), kind)
    talk = await _found(asked, room)
    await talk.catch_up()
    scene = await asyncio.to_thread(try_room.opened, asked.site, room, asked.viewer)
    look = Look(asked.site, asked.viewer, room, _tab(query.get("as")))
    after = await asyncio.to_thread(latest, asked.site, TRY, room)  # Read first: what comes meanwhile is sent again.
    return page(
        asked.request,
        asked.viewer,
        "try.html",
        live=look.live,
        after=after,
        shelves=await asyncio.to_thread(look.shelves, scene),
        columns=COLUMNS,
        tab=look.tab,
        zone=scene.room.zone,
        room=room,
        tabs={side: _path(asked, room, side) for side in ("", *BY_SIDE)},
        shared=f"{_page(room)}?{urlencode({'room': room})}",
        longest=LONGEST,
        standing=talk.standing if isinstance(talk, Player) else None,
        speeds=SPEEDS,
        at_night=is_quiet(asked.site.clock(), scene.room.zone, scene.room.quiet_hours),
    )


async def live(asked: Asked) -> Response:
    """Send what comes into the columns, from the last entry on that the browser has."""
    query = asked.request.query_params
    room = _room(asked, query.get("room"), PLAIN)
    talk = await _found(asked, room)
    again = asked.request.headers.get("last-event-id", "")
    had = again or query.get("after", "")
    look = Look(asked.site, asked.viewer, room, _tab(query.get("as")))
    news = News(look, int(had) if had.isdecimal() else 0, talk, again=bool(again))

    async def gone() -> bool:
        talk.looked_at()
        return await asked.request.is_disconnected()

    return EventSourceResponse(changes(asked.site.hub, TRY, room, news, gone))


# What one does


async def say(asked: Asked) -> Response:
    """Say something as one of the people, to the room or to Nakodo alone."""
    form = await asked.request.form()
    room = _room(asked, _text(form, "room"), PLAIN)
    talk = await _found(asked, room)
    who = talk.room.person(_text(form, "who"))
    if who is None:
        raise DeniedError(404)
    words, here = _words(form), _path(asked, room, _text(form, "tab"))
    if not words:
        return back(asked, here, [_EMPTY(asked.viewer.locale)])
    heard = await talk.say(who, words, private=_text(form, "private") == "1")
    # Without JavaScript the browser scrolls to what came last.
    return back(asked, f"{here}#last-{who.side}", [] if heard else [_TOO_FAST(asked.viewer.locale)])


async def again(asked: Asked) -> Response:
    """Forget the session's own room; the next look makes it anew."""
    room = try_room.room_of(asked.viewer, PLAIN)
    await asyncio.to_thread(try_room.forget, asked.site, room)
    asked.site.hub.changed(TRY, room)
    return back(asked, "/try")


async def direct(asked: Asked) -> Response:
    """Play the story, hold it, let one thing happen, or begin it anew."""
    form = await asked.request.form()
    wish = _text(form, "do")
    room = _room(asked, _text(form, "room"), STORY)
    if wish == "again":
        room = try_room.room_of(asked.viewer, STORY)
        await stage_of(asked.site).leave(room)
        await asyncio.to_thread(try_room.forget, asked.site, room)
    player = await _found(asked, room)
    if not isinstance(player, Player):
        raise DeniedError(404)
    speed = next((one for one in SPEEDS if one == _text(form, "speed")), player.standing.speed)
    if wish in ("play", "again"):
        player.play(speed)
    elif wish in ("pause", "step"):
        await player.pause()
    if wish == "step":
        await player.step()
    return back(asked, _path(asked, room, _text(form, "tab")))


# Which room, and where it is


def _room(asked: Asked, named: str | None, kind: str) -> RoomId:
    return RoomId(named) if named else try_room.room_of(asked.viewer, kind)


async def _found(asked: Asked, room: RoomId) -> Talk:
    """Return the talk in a room.

    Raises:
        DeniedError: there is no such room.
    """
    scene = await asyncio.to_thread(try_room.opened, asked.site, room, asked.viewer)
    talk = await stage_of(asked.site).talk(scene.room)
    talk.looked_at()
    return talk


def _path(asked: Asked, room: RoomId, tab: str) -> str:
    """Return the address of a room's page; the session's own rooms need no name in it."""
    own = room in (try_room.room_of(asked.viewer, PLAIN), try_room.room_of(asked.viewer, STORY))
    query = {} if own else {"room": str(room)}
    if _tab(tab):
        query["as"] = tab
    return f"{_page(room)}?{urlencode(query)}" if query else _page(room)


def _page(room: RoomId) -> str:
    return "/try/story" if is_story(room) else "/try"


def _tab(named: str | None) -> str:
    return named if named is not None and named in BY_SIDE else ""


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _words(form: FormData) -> str:
    """Return what is said: what was typed, a button's words, or a button's words and what was typed behind them."""
    said, typed = _text(form, "said"), _text(form, "text").strip()
    if said.endswith(" ") and not typed:
        return ""
    return f"{said}{typed}".strip()[:LONGEST]


_EMPTY = Text(ja="まだ何も書かれていません。", en="Nothing is written yet.")
_TOO_FAST = Text(
    ja="少し立て込んでいます。一分ほどおいて、続きを聞かせてください。",
    en="That was a lot at once. Give me a minute, then go on.",
)
WAYS: list[Way] = [
    Way("/try", show),
    Way("/try/story", show_story),
    Way("/try/live", live),
    Way("/try/say", say, acts=True),
    Way("/try/again", again, acts=True),
    Way("/try/story", direct, acts=True),
]
