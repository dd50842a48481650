"""The site over a real house, without a network: what is said on a page has been handled when `take_in` returns."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from adapters.channels.web.channel import Speaking, WebChannel
from adapters.channels.web.live import Hub
from adapters.channels.web.openid import OpenId
from adapters.channels.web.pages import WAYS
from adapters.channels.web.security import FIELD, new_csrf
from adapters.channels.web.site import Site, mounted
from adapters.channels.web.viewer import COOKIE, Role, Sessions, Viewer
from adapters.post import Account, Event, Place
from adapters.serve import House, build_app
from adapters.services.store import Lane
from bot.settings import Settings
from knowledge.card import Locale
from knowledge.library import Library, load_library
from tests.adapters.memory import TANAKA, Clock, Hall, account, open_hall

SECRET = "of the tests, and long enough for anybody"
HERE = "http://127.0.0.1:8787"
SUZUKI = account(9, "鈴木")
OTHER = Place(key="slack:T1:C2")
READER = "reader@example.jp"


class AtOnce:
    """The durable road without its workflows: whatever is taken in is handled before anything else happens."""

    def __init__(self, hall: Hall, hub: Hub) -> None:
        self._hall, self._hub, self.mail = hall, hub, hall.mail

    async def start(self) -> None:
        self.mail.note_sign("house", self._hall.clock())

    async def stop(self) -> None:
        pass

    async def take_in(self, event: Event) -> tuple[Lane, int | None]:
        return await asyncio.to_thread(self._handled, event)

    def _handled(self, event: Event) -> tuple[Lane, int | None]:
        lane = self._hall.reception.lane_of(event)
        number = self.mail.receive(event, lane)
        self._hall.handles(lane)
        self._hub.changed(lane.tenant, lane.name)
        return lane, number


class Browser(TestClient):
    """Somebody's browser. It follows no redirect by itself, so that a test sees it."""

    viewer: Viewer | None = None

    def send_form(self, path: str, /, **fields: str) -> httpx.Response:
        """Send a form of the site's own, as its pages do."""
        token = {FIELD: self.viewer.csrf} if self.viewer else {}
        return self.post(path, data=token | fields, headers={"origin": str(self.base_url).rstrip("/")})

    def after(self, path: str, /, **fields: str) -> str:
        """Send a form, and return the page that it leads to."""
        answer = self.send_form(path, **fields)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"]).text


class SiteApp(NamedTuple):
    """The site, the house behind it, and browsers to look at it."""

    hall: Hall
    hub: Hub
    site: Site
    app: FastAPI
    first: Browser
    """Nobody's; it keeps the application open."""

    @property
    def clock(self) -> Clock:
        return self.hall.clock

    def nobody(self, *, address: str = "127.0.0.1", url: str = HERE) -> Browser:
        """Return the browser of somebody who has not signed in."""
        browser = Browser(self.app, base_url=url, follow_redirects=False, client=(address, 50_000))
        browser.portal = self.first.portal
        return browser

    def signed_in(self, role: Role, identity: str, name: str, locale: Locale = "ja") -> Browser:
        """Return the browser of somebody with a session; `identity` is a chat's account, an address, or `local`."""
        directory = self.hall.directory
        known = directory.meet("default", Account(key=f"web:{identity}", name=name, locale=locale))
        person = known.person
        if ":" in identity:
            person = directory.meet("default", Account(key=identity, name=name)).person
            assert directory.merge("default", person, known.person)
        browser = self.nobody()
        browser.viewer = Viewer("default", f"web:{identity}", person, name, role, locale, new_csrf())
        browser.cookies.set(COOKIE, self.site.sessions.write(browser.viewer), domain="127.0.0.1")
        return browser

    def viewer_of(self, browser: Browser) -> Viewer | None:
        """Return whose session a browser has."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        return self.site.sessions.read(Request({"type": "http", "headers": [(b"cookie", cookies.encode())]}))

    def organizer(self, locale: Locale = "ja") -> Browser:
        return self.signed_in("organizer", "local", "運営", locale)

    def facilitator(self, locale: Locale = "ja") -> Browser:
        """Return the browser of 田中, who leads the room."""
        return self.signed_in("facilitator", TANAKA.key, TANAKA.name, locale)

    def stranger(self, locale: Locale = "ja") -> Browser:
        """Return the browser of 鈴木, who leads another room."""
        return self.signed_in("facilitator", SUZUKI.key, SUZUKI.name, locale)

    def reader(self, locale: Locale = "ja") -> Browser:
        return self.signed_in("reader", READER, "銀行", locale)


@cache
def _library() -> Library:
    return load_library()


@asynccontextmanager
async def _served(house: House) -> AsyncIterator[House]:
    yield house


def open_site(home: Path, **settings: Any) -> Iterator[SiteApp]:
    """Open a house with two partnerships: ROOM of 佐藤 and Lee, led by 田中, and another one, led by 鈴木."""
    hall = open_hall(home, readers=[READER], **settings)
    hall.sets_up()
    for who in (SUZUKI, account(8, "小川")):
        hall.directory.meet("default", who)
    form = {"sme_name": ("別の鋳造所",), "startup_name": ("アザミ計測",), "facilitator": (SUZUKI.key,)}
    hall.hears(hall.happens.event(SUZUKI, OTHER, kind="arranged", form=form))
    hall.settles_all()
    hub, given = Hub(), Settings.model_validate({"home": home, "embeddings": "none", "readers": [READER], **settings})
    road = AtOnce(hall, hub)
    channels: dict[Any, Any] = {"web": WebChannel(hub)}
    site = Site(
        store=hall.store,
        directory=hall.directory,
        mail=hall.mail,
        speaking=Speaking(road, hall.directory, hall.mail),  # type: ignore[arg-type]
        hub=hub,
        sessions=Sessions(SECRET, clock=hall.clock),
        settings=given,
        library=_library(),
        search=lambda: pytest.fail("nothing here searches"),
        house=lambda: hall.houses[-1],
        channels=channels,
        clock=hall.clock,
        openid=OpenId(given, SECRET) if given.oidc_issuer else None,
    )
    house = House(road, channels, (mounted(site, WAYS),))  # type: ignore[arg-type]
    app = build_app(lambda: _served(house))
    with Browser(app, base_url=HERE, follow_redirects=False) as first:
        yield SiteApp(hall, hub, site, app, first)
    hall.store.close()


@pytest.fixture
def site_app(tmp_path: Path) -> Iterator[SiteApp]:
    """The site as it is on one's own machine."""
    yield from open_site(tmp_path)


@pytest.fixture
def open_elsewhere(tmp_path: Path) -> Iterator[Callable[..., SiteApp]]:
    """Open the site as it is on a server, with more settings."""
    opened: list[Iterator[SiteApp]] = []

    def at(**settings: Any) -> SiteApp:
        opened.append(open_site(tmp_path, **{"host": "0.0.0.0", "public_url": "https://desk.example.jp", **settings}))
        return next(opened[-1])

    yield at
    for one in opened:
        assert next(one, None) is None
