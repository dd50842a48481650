"""The desk: from here the human steers all partnerships. What it changes, it says on the durable road as the viewer.

GET  /desk           partnerships, those that need the human first on top; `?stage=`, `?q=`
GET  /desk/drafts    what waits for approval
GET  /desk/findings  what was noticed, and what was done about it; `?all=1`, `?room=`
GET  /desk/live      what changes on one of these pages: `?of=`
POST /desk/draft     approve, edit or refuse a draft
POST /desk/verdict   say whether a word helped
POST /desk/cared     say that one has taken care of a call for help
POST /desk/drive     take over, or hand back
"""

import asyncio
import re
from typing import get_args

from sse_starlette import EventSourceResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.channels.web.desk_list import open_calls, rows, seen
from adapters.channels.web.desk_live import News, Pace, Shown, counted, once, stamp_of
from adapters.channels.web.desk_queue import AT_ONCE, key_of, lately_decided, noticed, queue
from adapters.channels.web.live import EVERYTHING, changes
from adapters.channels.web.page import page
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Asked, Way, back
from adapters.channels.web.viewer import LOCAL, WEB
from adapters.courtesy import LOBBY
from adapters.post import Account
from adapters.services.store.stale import until_fresh
from bot.model import LEADING, Person, RoomId, Text
from bot.names import STAGE_NAMES
from bot.scene import Scene
from knowledge.card import Stage

LONGEST = 8_000
"""Characters of a draft's new words."""


# What one sees


async def show(asked: Asked) -> Response:
    """Show all partnerships."""
    site, viewer, locale = asked.site, asked.viewer, asked.viewer.locale
    shown = Shown("desk", stage=_stage(asked), words=_query(asked, "q"))
    briefs = await asyncio.to_thread(seen, site, viewer)
    now = site.clock()
    found = rows(briefs, locale, now, shown.stage, shown.words)
    called = open_calls(briefs, locale)
    return page(
        asked.request, viewer, "desk.html",
        rows=found, calls=called, any=bool(briefs), counts=counted(briefs, now), once=once,
        stages={stage: STAGE_NAMES[stage](locale) for stage in get_args(Stage)}, stage=shown.stage, words=shown.words,
        live=shown.address(stamp_of(found, called)),
    )  # fmt: skip


async def show_drafts(asked: Asked) -> Response:
    """Show what waits for approval."""
    site, viewer = asked.site, asked.viewer
    briefs = await asyncio.to_thread(seen, site, viewer)
    waiting = await asyncio.to_thread(queue, site, viewer, briefs)
    shown = Shown("drafts")
    return page(
        asked.request, viewer, "desk_drafts.html",
        drafts=waiting[:AT_ONCE], more=waiting[AT_ONCE:], decided=lately_decided(briefs, viewer.locale)[:10],
        counts=counted(briefs, site.clock()), once=once, live=shown.address(",".join(one.key for one in waiting)),
    )  # fmt: skip


async def show_findings(asked: Asked) -> Response:
    """Show what was noticed."""
    site, viewer = asked.site, asked.viewer
    briefs = await asyncio.to_thread(seen, site, viewer)
    shown = Shown("findings", room=_query(asked, "room"), every=_query(asked, "all") == "1")
    found = noticed(briefs, viewer.locale, site.clock(), room=shown.room, every=shown.every)
    return page(
        asked.request, viewer, "desk_findings.html",
        findings=found, every=shown.every, room=shown.room, counts=counted(briefs, site.clock()), once=once,
        live=shown.address(stamp_of(found)),
    )  # fmt: skip


async def live(asked: Asked) -> Response:
    """Send what changes on a page of the desk."""
    request, site = asked.request, asked.site
    of = _query(asked, "of")
    if of not in ("desk", "drafts", "findings"):
        raise DeniedError(404)
    shown = Shown(
        of,
        stage=_stage(asked),
        words=_query(asked, "q"),
        room=_query(asked, "room"),
        every=_query(asked, "all") == "1",
    )
    had = request.headers.get("last-event-id") or _query(asked, "had")
    news, pace = News(site, asked.viewer, shown, had), Pace()

    async def gone() -> bool:
        await pace.wait()
        return await request.is_disconnected() or site.sessions.read(request) is None

    return EventSourceResponse(changes(site.hub, asked.viewer.tenant, EVERYTHING, news, gone))


# What one does


async def decide(asked: Asked) -> Response:
    """Approve, edit or refuse a draft: the one that the page showed, not another that has its number since."""
    form = await asked.request.form()
    what, number, words = _text(form, "what"), _text(form, "draft"), _text(form, "words").strip()
    room = _room(asked, form)
    if what not in ("approve", "edit", "refuse") or not re.fullmatch(r"d\d{1,9}", number):
        raise DeniedError(404)
    if what != "approve" and not words:
        return back(asked, "/desk/drafts", [(_NO_WORDS if what == "edit" else _NO_REASON)(asked.viewer.locale)])
    scene = await asyncio.to_thread(asked.site.scene, asked.viewer, room)
    if not any(one.id == number and key_of(room, one) == _text(form, "key") for one in scene.drafts):
        return back(asked, "/desk/drafts", [_GONE(asked.viewer.locale)])
    rest = "" if what == "approve" else f" {words[:LONGEST]}"
    return back(asked, "/desk/drafts", await said(asked, room, f"/{what} {number}{rest}", _text(form, "once")))


async def judge(asked: Asked) -> Response:
    """Say whether a word that nobody asked for helped."""
    form = await asked.request.form()
    command = {"yes": "useful", "no": "useless"}.get(_text(form, "useful"))
    if command is None:
        raise DeniedError(404)
    words = f"/{command} {_number(form)}"
    return back(
        asked, _next(form, "/desk/findings"), await said(asked, _room(asked, form), words, _text(form, "once"))
    )


async def care(asked: Asked) -> Response:
    """Say that one has taken care of what a human was called for."""
    form = await asked.request.form()
    words = f"/cared {_number(form)}"
    return back(asked, _next(form, "/desk"), await said(asked, _room(asked, form), words, _text(form, "once")))


async def drive(asked: Asked) -> Response:
    """Take the talk over, or hand it back."""
    form = await asked.request.form()
    what = _text(form, "what")
    if what not in ("takeover", "handback"):
        raise DeniedError(404)
    texts = await said(asked, _room(asked, form), f"/{what}", _text(form, "once"))
    return back(asked, _next(form, "/desk"), texts)


async def said(asked: Asked, room: RoomId, words: str, form: str = "") -> list[str]:
    """Say a command to Nakodo alone, as the viewer, and return what came of it. `form` names the one it came from.

    Raises:
        DeniedError: the viewer may not know of the room.
    """
    await asyncio.to_thread(_seat, asked, room)
    named = f"{asked.viewer.account} {form}" if re.fullmatch(r"[0-9a-f]{16}", form) else ""
    spoken = await asked.site.speaking.say(asked.viewer, room, words, private=True, once=named)
    if not spoken.handled:
        return [_LATER(asked.viewer.locale)]
    return [one.text for one in spoken.replies if one.kind == "notice"]


def _seat(asked: Asked, room: RoomId) -> None:
    """See to it that an organizer has a seat where they act, and hears answers in their language."""
    site, viewer = asked.site, asked.viewer
    site.scene(viewer, room)  # Whoever may not know of it is turned away here.
    if viewer.role != "organizer":
        return
    account = Account(key=viewer.account, name=viewer.called, locale=viewer.locale)
    known = site.directory.meet(viewer.tenant, account)
    name = site.directory.seat(viewer.tenant, room, known.person, viewer.called, member=True)

    def seat() -> None:
        now = site.scene(viewer, room)
        after = now.seated(Person(name=name), "organizer") if _needs_seat(now, name) else now
        # Who sits at the machine speaks the language of their pages; others may have chosen one in a chat.
        if now.locales.get(name) != viewer.locale and (viewer.account == f"{WEB}{LOCAL}" or name not in now.locales):
            after = after.speaking(name, viewer.locale)
        if after is not now:
            site.store.of(viewer.tenant).keep(after)

    until_fresh(seat)  # The room's own lane may be at work just now.


def _needs_seat(scene: Scene, name: str) -> bool:
    """Whether somebody has no seat yet. Who sits with a side keeps that seat, and does not lead."""
    seat = scene.room.person(name)
    if seat is not None and seat.side is not None and seat.side not in LEADING:
        raise DeniedError(403)
    return seat is None or seat.side is None


# What was asked for


def _room(asked: Asked, form: FormData) -> RoomId:
    room = _text(form, "room")
    if not room or room.startswith(LOBBY):
        raise DeniedError(404)
    return RoomId(room)


def _stage(asked: Asked) -> str:
    stage = _query(asked, "stage")
    return stage if stage in get_args(Stage) else ""


def _query(asked: Asked, name: str) -> str:
    return asked.request.query_params.get(name, "").strip()[:20_000]


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _number(form: FormData) -> str:
    number = _text(form, "number")
    if not re.fullmatch(r"\d{1,9}", number):
        raise DeniedError(404)
    return number


def _next(form: FormData, else_: str) -> str:
    """Return the page of this site to which a form wants to return."""
    named = _text(form, "next")
    return named if re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", named) else else_


_NO_WORDS = Text(ja="直した文が空でした。", en="There were no words to send.")
_NO_REASON = Text(ja="見送る理由を一言お書きください。", en="Please give a reason in a few words.")
_GONE = Text(
    ja="その下書きは、もうありません。もとの発言が取り消されたようです。",
    en="That draft is gone: what it was about seems to have been taken back.",
)
_LATER = Text(
    ja="承りました。少し時間がかかっています。まもなくここに表れます。",
    en="Received. It takes a little longer and will show here soon.",
)
WAYS: list[Way] = [
    Way("/desk", show),
    Way("/desk/drafts", show_drafts),
    Way("/desk/findings", show_findings),
    Way("/desk/live", live),
    Way("/desk/draft", decide, acts=True),
    Way("/desk/verdict", judge, acts=True),
    Way("/desk/cared", care, acts=True),
    Way("/desk/drive", drive, acts=True),
]
