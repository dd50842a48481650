"""A real `nakodo serve` with two partnerships in its home, and people who look at it with a real Chromium."""

import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.requests import Request

from adapters import road
from adapters.channels.web.pages import WAYS
from adapters.channels.web.security import KEY_FILE, new_csrf
from adapters.channels.web.viewer import COOKIE, Sessions, Viewer
from adapters.services.store import open_store
from bot.conversation import Conversation, read_conversation
from bot.model import RoomId
from bot.turn import House
from knowledge.library import load_library

ROOT = Path(__file__).parents[2]
CHROMIUM = next((found for name in ("chromium", "google-chrome", "chrome") if (found := shutil.which(name))), None)
PATIENT = 40.0
"""Seconds after which a test gives up on the server. It starts in three."""
SOON = 15_000
"""Milliseconds after which a test gives up on a page."""
SETTINGS = {"NAKODO_EMBEDDINGS": "none", "PYTHONPATH": str(ROOT)}
"""By words alone: its index is built in a moment."""
TOCHINOKI, AZAMI = RoomId("tochinoki"), RoomId("azami")


class Server:
    """The process. It can be killed and started again at the same address."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, 0
        self._process: subprocess.Popen[str] | None = None
        self.link = ""
        self.first: Viewer | None = None
        """Who came in by the link, which works once."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait for the link that it prints."""
        kept = {name: value for name, value in os.environ.items() if not re.match("NAKODO_|SLACK_|TELEGRAM_", name)}
        with (self._home / "serve.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from adapters.cli import main; main()", "serve"],
                env=kept | {"NAKODO_HOME": str(self._home), "NAKODO_PORT": str(self._port)} | SETTINGS,
                cwd=self._home,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        out = self._process.stdout
        assert out is not None
        while select.select([out], [], [], PATIENT)[0]:
            line = out.readline()
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/enter\?token=\S+", line):
                self.link, self._port = found[0], int(found[1])
                return
            if not line:
                break
        raise AssertionError((self._home / "serve.log").read_text(encoding="utf-8")[-2_000:])

    def kill(self) -> None:
        """End it without a word, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def sown(home: Path, house: Callable[[], House]) -> None:
    """Let two partnerships talk in a data folder: one up to its NDA, and one whose drafts wait."""
    store = open_store(None, home).of("default")
    for room, file, most in (
        (TOCHINOKI, ROOT / "examples" / "go.yaml", 24),
        (AZAMI, Path(__file__).parent / "waiting.yaml", 99),
    ):
        _played(room, read_conversation(file), most, house, store)
    store.close()


def _played(room: RoomId, told: Conversation, most: int, house: Callable[[], House], store: Any) -> None:
    scene = told.as_scene(room)
    store.keep(scene)
    messages = told.as_messages(scene.room)[:most]
    late = (datetime.now(UTC) - messages[-1].at) // timedelta(weeks=1) * timedelta(weeks=1)
    for message in messages:
        road.receive(message.model_copy(update={"at": message.at + late}), scene.room, store, house)


# Pages


def addresses() -> dict[str, str]:
    """Return the address of every page, by the path of its way. A page that is added comes by itself."""
    stand_in = {"room": TOCHINOKI, "card": min(load_library().cards), "number": "1"}
    found = {}
    for way in WAYS:
        if way.acts or way.path in NO_PAGES or re.search(r"/live$|\.\w+$", way.path):
            continue
        found[way.path] = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: stand_in.get(part[1], part[1]), way.path)
    return found


NO_PAGES = ("/", "/enter", "/sign-in/openid", "/sign-in/openid/back")


# People


class Visitor:
    """Somebody with a browser. What their pages complain of is kept: nobody expects any of it."""

    def __init__(self, context: BrowserContext, url: str, viewer: Viewer | None) -> None:
        self.context, self.url, self.viewer = context, url, viewer
        self.complaints: list[str] = []
        context.set_default_timeout(SOON)
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def goes(self, path: str) -> Page:
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page


class Visitors:
    """Lets people in. Each has a session of their own, so also a try room of their own."""

    def __init__(self, browser: Browser, server: Server, secret: str) -> None:
        self._browser, self._server, self._sessions = browser, server, Sessions(secret)
        self._in: list[Visitor] = []

    def nobody(self, *, width: int = 1280, locale: str = "ja", **more: Any) -> Visitor:
        context = self._browser.new_context(
            viewport={"width": width, "height": 800}, locale={"ja": "ja-JP", "en": "en-GB"}[locale], **more
        )
        self._in.append(Visitor(context, self._server.url, None))
        return self._in[-1]

    def organizer(self, *, locale: str = "ja", **more: Any) -> Visitor:
        """Let the person at this machine in: the first time by the link, then with a session like that one."""
        visitor = self.nobody(locale=locale, **more)
        if self._server.first is None:
            self._server.first = self._by_link()
        viewer = self._server.first._replace(csrf=new_csrf(), locale="en" if locale == "en" else "ja")
        return self._with(visitor, viewer)

    def again(self, other: Visitor, **more: Any) -> Visitor:
        """Let the same session look with another browser."""
        assert other.viewer is not None
        return self._with(self.nobody(locale=other.viewer.locale, **more), other.viewer)

    def _with(self, visitor: Visitor, viewer: Viewer) -> Visitor:
        visitor.viewer = viewer
        visitor.context.add_cookies(
            [{"name": COOKIE, "value": self._sessions.write(viewer), "url": visitor.url, "httpOnly": True}]
        )
        return visitor

    def _by_link(self) -> Viewer:
        visitor = self.nobody()
        visitor.page.goto(self._server.link)
        expect(visitor.page.locator("h1")).to_be_visible()
        cookie = next(one["value"] for one in visitor.context.cookies() if one["name"] == COOKIE)
        request = Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})
        viewer = self._sessions.read(request)
        assert viewer is not None
        return viewer

    def leave(self) -> list[str]:
        """Close all browsers; return what their pages complained of."""
        found = [text for one in self._in for text in one.complaints]
        for one in self._in:
            one.context.close()
        self._in.clear()
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def secret(home: Path) -> str:
    """Return what a server signs its cookies with."""
    return (home / KEY_FILE).read_text(encoding="utf-8")
