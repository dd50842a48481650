"""The site: what its pages draw on, who may see what, and all routes in one table."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from adapters.channels.web.assets import STATIC, Assets
from adapters.channels.web.channel import Speaking
from adapters.channels.web.live import Hub
from adapters.channels.web.openid import OpenId
from adapters.channels.web.page import page
from adapters.channels.web.security import Attempts, DeniedError, Headers, Hosts, checked_form, names_of
from adapters.channels.web.viewer import COOKIE, FLASH, LASTS, Sessions, Viewer, stands
from adapters.courtesy import LOBBY
from adapters.post import Channel, ChannelName
from adapters.services.store import Directory, Mail, SqlStore
from bot.errors import StoreError
from bot.model import LEADING, RoomId
from bot.scene import Scene
from bot.settings import Settings
from bot.turn import House
from knowledge.library import Library
from knowledge.search import CardSearch


@dataclass(frozen=True)
class Site:
    """What the pages draw on."""

    store: SqlStore
    directory: Directory
    mail: Mail
    speaking: Speaking
    hub: Hub
    sessions: Sessions
    settings: Settings
    library: Library
    search: Callable[[], CardSearch]
    house: Callable[[], House]
    channels: Mapping[ChannelName, Channel]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    attempts: Attempts = field(default_factory=Attempts)
    openid: OpenId | None = None

    def scene(self, viewer: Viewer, room: str) -> Scene:
        """Return a room's scene.

        Raises:
            DeniedError: 404 if there is no such room, or the viewer may not know of it.
        """
        if not self.may_see(viewer, RoomId(room)):
            raise DeniedError(404)
        scene = self.store.of(viewer.tenant).load(RoomId(room))
        if scene is None:
            raise DeniedError(404)
        return scene

    def may_see(self, viewer: Viewer, room: RoomId) -> bool:
        """Whether a viewer may see a room: a facilitator where they lead; nobody sees a talk of somebody alone."""
        if room.startswith(LOBBY):
            return False
        if viewer.role != "facilitator":
            return True
        name = self.directory.name_in(viewer.tenant, room, viewer.person)
        scene = self.store.of(viewer.tenant).load(room) if name else None
        seat = scene.room.person(name) if scene and name else None
        return seat is not None and seat.side in LEADING

    async def in_thread(self, work: Callable[..., object], *args: object) -> object:
        """Run what waits for the database or thinks beside the event loop."""
        return await asyncio.to_thread(work, *args)


class Asked(NamedTuple):
    """A request of somebody who is signed in."""

    site: Site
    request: Request
    viewer: Viewer


Page = Callable[[Asked], Awaitable[Response]]


class Way(NamedTuple):
    """One route. `acts` ones change something: they are POST, need a form of ours, and a reader may not use them."""

    path: str
    page: Page
    acts: bool = False
    public: bool = False
    """Whether it is there for people who have not signed in."""


def routes(site: Site, ways: list[Way]) -> list[BaseRoute]:
    """Return the routes of all pages, each behind the same door."""
    found: list[BaseRoute] = [
        Route(way.path, _guarded(site, way), methods=["POST" if way.acts else "GET"]) for way in ways
    ]
    return [*found, Mount("/static", Assets(STATIC), name="static")]


def mounted(site: Site, ways: list[Way]) -> Mount:
    """Return the whole site: its pages under its own names only, with the headers that every page has."""
    lost = Way("/{path:path}", _lost, public=True)
    middleware = [Middleware(Headers), Middleware(Hosts, names=names_of(site.settings))]
    found = [*routes(site, ways), Route(lost.path, _guarded(site, lost))]
    return Mount("", routes=found, middleware=middleware)


async def _lost(asked: Asked) -> Response:
    raise DeniedError(404)


def _guarded(site: Site, way: Way) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        viewer = site.sessions.read(request)
        if viewer is not None and not stands(site.settings, viewer):
            viewer = None
        request.state.notices = site.sessions.carried(request)
        try:
            await _let_in(request, viewer, way)
            response = await way.page(Asked(site, request, viewer or NOBODY))
        except DeniedError as error:
            return _denied(request, viewer, error)
        except StoreError:
            return page(request, viewer, "trouble.html", 503)
        if not way.public and (cookie := site.sessions.renewed(request)) is not None:
            remember(request, response, cookie)
        return response

    return answer


async def _let_in(request: Request, viewer: Viewer | None, way: Way) -> None:
    if way.public:
        return
    if viewer is None:
        raise DeniedError(401)
    if way.acts:
        if not viewer.acts:
            raise DeniedError(403)
        await checked_form(request, viewer)


def _denied(request: Request, viewer: Viewer | None, error: DeniedError) -> Response:
    if error.status == 401 and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", status_code=303)
    return page(request, viewer, "denied.html", error.status, denied=error.status)


NOBODY = Viewer(tenant="", account="", person="", name="", role="reader", locale="ja", csrf="")


def back(asked: Asked, path: str, texts: Sequence[str] = ()) -> Response:
    """Return to a page after a form, with something to say there; the browser asks for the page anew."""
    response = RedirectResponse(path, status_code=303)
    if texts:
        carried = asked.site.sessions.carry(texts)
        response.set_cookie(
            FLASH, carried, max_age=60, httponly=True, samesite="lax", secure=is_secure(asked.request)
        )
    return response


def is_secure(request: Request) -> bool:
    """Whether the browser came by https, through a proxy or not: then cookies stay there."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"


def remember(request: Request, response: Response, cookie: str) -> None:
    """Let the browser keep a session."""
    response.set_cookie(COOKIE, cookie, max_age=LASTS, httponly=True, samesite="lax", secure=is_secure(request))
