"""Every address of the site, walked by everybody: who may open it, who may not, and what a forged form does: nothing.

An address that is not in WALKS fails here; whoever adds one says who may walk it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import pytest
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Scope

from adapters.channels.web.pages import WAYS
from adapters.channels.web.security import FIELD
from adapters.channels.web.viewer import COOKIE
from bot.partnership import By, Sheet
from tests.adapters.memory import ROOM, SATO
from tests.adapters.web.conftest import HERE, OTHER, Browser, SiteApp, open_site

Who = Literal["organizer", "facilitator", "stranger", "reader"]
"""`facilitator` leads the room, `stranger` another one."""
ALL: tuple[Who, ...] = ("organizer", "facilitator", "stranger", "reader")
OF_ROOM: tuple[Who, ...] = ("organizer", "facilitator", "reader")
CARD = "nda-first"
SECRET = "触媒の配合は七対三でございます"
"""What 佐藤 told the bot alone, and wrote on a page of his side's own."""
MACHINES = {"GET /health", "GET /ready", "GET /static"}
"""Addresses that show nothing of anybody."""
MINE, THEIRS = ("栃ノ木精密", "ルミナ"), ("別の鋳造所", "アザミ計測")
"""Whose names stand only on pages of the room, and only on those of the other one."""


class Walk(NamedTuple):
    """Who may walk an address, and how it is asked for."""

    who: tuple[Who, ...] = ALL
    path: str = ""
    """The address with everything filled in, where something is to be."""
    form: Mapping[str, str] = {}
    denied: int = 404
    """What those hear who are signed in and may not."""
    stream: bool = False
    invented: bool = False
    """Whether it shows an invented partnership, which may be called like ours."""


WALKS: dict[str, Walk] = {
    "GET /": Walk(),
    "GET /try": Walk(invented=True),
    "GET /try/story": Walk(invented=True),
    "GET /try/live": Walk(path="/try/live?as=sme", stream=True, invented=True),
    "POST /try/say": Walk(form={"who": "佐藤", "text": "こんにちは"}, invented=True),
    "POST /try/again": Walk(invented=True),
    "POST /try/story": Walk(form={"do": "pause"}, invented=True),
    "GET /desk": Walk(),
    "GET /desk/drafts": Walk(),
    "GET /desk/findings": Walk(),
    "GET /desk/live": Walk(path="/desk/live?of=desk", stream=True),
    "POST /desk/draft": Walk(OF_ROOM, form={"room": ROOM, "what": "approve", "draft": "d1"}),
    "POST /desk/verdict": Walk(OF_ROOM, form={"room": ROOM, "useful": "yes", "number": "1"}),
    "POST /desk/cared": Walk(OF_ROOM, form={"room": ROOM, "number": "1"}),
    "POST /desk/drive": Walk(OF_ROOM, form={"room": ROOM, "what": "takeover"}),
    "GET /programme": Walk(),
    "GET /p/{room}": Walk(OF_ROOM, f"/p/{ROOM}"),
    "GET /p/{room}/live": Walk(OF_ROOM, f"/p/{ROOM}/live", stream=True),
    "GET /p/{room}/record": Walk(OF_ROOM, f"/p/{ROOM}/record"),
    "GET /p/{room}/sheet/{number}": Walk(OF_ROOM, f"/p/{ROOM}/sheet/1"),
    "GET /p/{room}/pictures": Walk(OF_ROOM, f"/p/{ROOM}/pictures"),
    "GET /p/{room}/export.md": Walk(OF_ROOM, f"/p/{ROOM}/export.md?talk=1"),
    "GET /p/{room}/export.json": Walk(OF_ROOM, f"/p/{ROOM}/export.json?talk=1"),
    "GET /p/{room}/dates.ics": Walk(OF_ROOM, f"/p/{ROOM}/dates.ics"),
    "GET /p/{room}/minutes.md": Walk(OF_ROOM, f"/p/{ROOM}/minutes.md"),
    "GET /p/{room}/digest.md": Walk(OF_ROOM, f"/p/{ROOM}/digest.md"),
    "POST /p/{room}/mode": Walk(OF_ROOM, f"/p/{ROOM}/mode", {"mode": "quiet"}),
    "POST /p/{room}/drive": Walk(OF_ROOM, f"/p/{ROOM}/drive", {"what": "takeover"}),
    "POST /p/{room}/note": Walk(OF_ROOM, f"/p/{ROOM}/note", {"what": "decide", "words": "試作する"}),
    "POST /p/{room}/done": Walk(OF_ROOM, f"/p/{ROOM}/done", {"number": "1"}),
    "GET /p/{room}/session": Walk(OF_ROOM, f"/p/{ROOM}/session"),
    "GET /p/{room}/session/live": Walk(OF_ROOM, f"/p/{ROOM}/session/live", stream=True),
    "POST /p/{room}/session/start": Walk(OF_ROOM, f"/p/{ROOM}/session/start", {"minutes": "60"}),
    "POST /p/{room}/session/end": Walk(OF_ROOM, f"/p/{ROOM}/session/end"),
    "POST /p/{room}/session/decide": Walk(OF_ROOM, f"/p/{ROOM}/session/decide", {"words": "試作する"}),
    "POST /p/{room}/session/action": Walk(OF_ROOM, f"/p/{ROOM}/session/action", {"words": "図面を送る"}),
    "POST /p/{room}/session/questions": Walk(OF_ROOM, f"/p/{ROOM}/session/questions"),
    "GET /knowledge": Walk(),
    "GET /knowledge/feedback": Walk(),
    "GET /knowledge/{card}": Walk(path=f"/knowledge/{CARD}"),
    "GET /settings": Walk(),
    "GET /settings/log": Walk(),
    "POST /settings/mode": Walk(OF_ROOM, form={"room": ROOM, "mode": "quiet"}),
    "POST /settings/hours": Walk(OF_ROOM, form={"room": ROOM, "begins": "21:00", "ends": "07:00"}),
    "POST /settings/quiet": Walk(OF_ROOM, form={"room": ROOM, "days": "1"}),
    "POST /settings/invite": Walk(OF_ROOM, form={"room": ROOM, "side": "sme"}),
}
PUBLIC = {
    "GET /sign-in": 200,
    "GET /enter": 200,
    "POST /enter": 403,
    "GET /sign-in/openid": 404,
    "GET /sign-in/openid/back": 404,
    "POST /sign-out": 303,
    "POST /language": 303,
    "GET /{path:path}": 404,
}
"""Addresses for people who have not signed in, and what nobody hears there who brings nothing."""


def name_of(route: Route) -> str:
    methods = sorted((route.methods or set()) - {"HEAD"})
    assert len(methods) == 1, route.path
    return f"{methods[0]} {route.path}"


def addresses(routes: list[BaseRoute]) -> Iterator[str]:
    """Return every address of the application, those of mounted parts included."""
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes) if route.routes else [f"GET {route.path}"]
        else:
            assert isinstance(route, Route), route
            yield name_of(route)


def browser_of(site_app: SiteApp, who: Who) -> Browser:
    return {
        "organizer": site_app.organizer,
        "facilitator": site_app.facilitator,
        "stranger": site_app.stranger,
        "reader": site_app.reader,
    }[who]()


def everything(site_app: SiteApp) -> object:
    """Return what a form could have changed."""
    hall = site_app.hall
    return hall.rows("SELECT tenant, id, version FROM rooms ORDER BY 1, 2"), hall.rows("SELECT count(*) FROM inbox")


def asked(browser: Browser, name: str, walk: Walk, *, form: Mapping[str, str] = {}) -> tuple[int, str]:
    """Ask for an address, and return what comes: the status and the page."""
    method, path = name.split(" ", 1)
    path = walk.path or path
    assert "{" not in path, f"{name}: say in WALKS what to fill in"
    if walk.stream:
        return browser.portal.call(_status, browser.app, path, browser.cookies.get(COOKIE, "")), ""  # type: ignore[union-attr]
    if method == "GET":
        answer = browser.get(path)
    else:
        answer = browser.post(path, data={**walk.form, **form}, headers={"origin": HERE})
    return answer.status_code, answer.text


async def _status(app: ASGIApp, path: str, cookie: str) -> int:
    """Return how a stream begins, and go away."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    plain, _, query = path.partition("?")
    scope: Scope = {
        "type": "http", "method": "GET", "path": plain, "raw_path": plain.encode(), "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8787"), (b"cookie", f"{COOKIE}={cookie}".encode())], "http_version": "1.1",
        "scheme": "http", "root_path": "", "server": ("127.0.0.1", 8787), "client": ("127.0.0.1", 1),
    }  # fmt: skip

    async def receive() -> Message:
        await begun
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.set_result(message["status"])

    async with asyncio.timeout(20):
        await app(scope, receive, send)
    return begun.result()


@pytest.fixture
def busy_app(site_app: SiteApp) -> SiteApp:
    """A site whose room has a draft to approve and a page that both sides may read."""
    return _busy(site_app)


@pytest.fixture(scope="module")
def still_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteApp]:
    """The same, for those who only look and are turned away: they share it."""
    for site_app in open_site(tmp_path_factory.mktemp("still")):
        yield _busy(site_app)


def _busy(site_app: SiteApp) -> SiteApp:
    hall = site_app.hall
    hall.hears(hall.happens.private(SATO, SECRET))
    scene = hall.scene()
    by = By(who="佐藤", side="sme", at=hall.clock())
    shared, own = (
        Sheet(exercise="theme_canvas", title=title, text=text, at=by.at, side=side, who="佐藤")
        for title, text, side in (("テーマ", "ねじの検査", None), ("自社のテーマ", SECRET, "sme"))
    )
    scene = scene.recorded(scene.record.file(by, shared).file(by, own))
    hall.store.keep(scene.having(room=scene.room.model_copy(update={"mode": "review"})))
    hall.hears(hall.happens.said(SATO, "@nakodo NDAはいつ結びますか"))
    hall.settles_all()
    assert hall.scene().drafts
    assert SECRET.encode() in hall.bytes()
    return site_app


def test_every_address_of_the_application_is_walked_here(still_app: SiteApp) -> None:
    found = set(addresses(list(still_app.app.routes)))
    assert found == {*WALKS, *PUBLIC, *MACHINES}


def test_what_is_public_is_meant_to_be() -> None:
    assert {f"{'POST' if way.acts else 'GET'} {way.path}" for way in WAYS if way.public} < set(PUBLIC)


@pytest.mark.parametrize("name", WALKS)
def test_nobody_walks_it(still_app: SiteApp, name: str) -> None:
    before = everything(still_app)
    for form in ({}, {FIELD: ""}, {FIELD: "x"}):
        assert asked(still_app.nobody(), name, WALKS[name], form=form)[0] == 401
    assert everything(still_app) == before


@pytest.mark.parametrize("name", PUBLIC)
def test_nobody_hears_there_what_is_meant_for_them(still_app: SiteApp, name: str) -> None:
    path = name.replace("{path:path}", "no-such-page")
    before = everything(still_app)
    status, text = asked(still_app.nobody(), path, Walk())
    assert status == PUBLIC[name]
    assert not any(word in text for word in (*MINE, *THEIRS))
    assert everything(still_app) == before


@pytest.mark.parametrize("name", WALKS)
def test_who_may_walk_it_does_and_nobody_else(request: pytest.FixtureRequest, name: str) -> None:
    walk, acts = WALKS[name], name.startswith("POST")
    app: SiteApp = request.getfixturevalue("busy_app" if acts else "still_app")
    before = everything(app)
    for who in (one for one in ALL if one not in walk.who or (acts and one == "reader")):
        browser = browser_of(app, who)
        assert browser.viewer
        status, text = asked(browser, name, walk, form={FIELD: browser.viewer.csrf})
        assert status == (403 if acts and who == "reader" else walk.denied), who
        if who != "reader":
            assert not any(word in text for word in MINE), who
    if not walk.invented:
        assert everything(app) == before
    for who in (one for one in walk.who if not (acts and one == "reader")):
        browser = browser_of(app, who)
        assert browser.viewer
        status, text = asked(browser, name, walk, form={FIELD: browser.viewer.csrf})
        assert status in (200, 303), who
        hidden = {"stranger": MINE, "facilitator": THEIRS}.get(who, ())
        assert walk.invented or not any(word in text for word in hidden), who


@pytest.mark.parametrize("name", [name for name in WALKS if name.startswith("POST")])
def test_a_forged_form_does_nothing(still_app: SiteApp, name: str) -> None:
    walk = WALKS[name]
    before = everything(still_app)
    for who in walk.who:
        browser, other = browser_of(still_app, who), browser_of(still_app, who)
        assert browser.viewer
        assert other.viewer
        for form in ({}, {FIELD: ""}, {FIELD: "x"}, {FIELD: other.viewer.csrf}):
            assert asked(browser, name, walk, form=form)[0] == 403
        forged, path = {**walk.form, FIELD: browser.viewer.csrf}, walk.path or name.split(" ")[1]
        for origin in ("https://evil.example", "null", f"{HERE}.evil.example"):
            assert browser.post(path, data=forged, headers={"origin": origin}).status_code == 403
    assert everything(still_app) == before


@pytest.mark.parametrize("name", [name for name in WALKS if name.startswith("POST")])
def test_what_changes_something_is_no_link(still_app: SiteApp, name: str) -> None:
    """Else a picture on a page elsewhere could do it."""
    if name.replace("POST", "GET") not in WALKS:
        assert still_app.organizer().get(WALKS[name].path or name.split(" ")[1]).status_code in (404, 405)


@pytest.mark.parametrize("name", [name for name, walk in WALKS.items() if walk.who == OF_ROOM])
def test_a_room_that_is_not_there_looks_like_one_that_one_may_not_see(still_app: SiteApp, name: str) -> None:
    def elsewhere(text: str) -> str:
        return text.replace(ROOM, "slack:T1:C99")

    def seen(walk: Walk) -> tuple[int, str]:
        status, text = asked(browser, name, walk, form=form)
        return status, elsewhere(text)

    walk = WALKS[name]
    missing = walk._replace(path=elsewhere(walk.path), form={key: elsewhere(one) for key, one in walk.form.items()})
    browser = still_app.stranger()
    assert browser.viewer
    form = {FIELD: browser.viewer.csrf}
    assert seen(missing) == seen(walk)


@pytest.mark.parametrize("name", [name for name in WALKS if name.startswith("GET") and not WALKS[name].stream])
def test_what_a_side_keeps_to_itself_is_on_no_page(still_app: SiteApp, name: str) -> None:
    for who in WALKS[name].who:
        assert SECRET not in asked(browser_of(still_app, who), name, WALKS[name])[1], who


def test_machines_learn_nothing_about_people(still_app: SiteApp) -> None:
    for name in sorted(MACHINES - {"GET /static"}):
        text = still_app.nobody().get(name.split(" ")[1]).text
        assert not any(word in text for word in (*MINE, *THEIRS, "佐藤", OTHER.key, ROOM))


def test_files_lie_in_their_folder_and_nowhere_else(still_app: SiteApp) -> None:
    for path in ("/static/../page.py", "/static/%2e%2e/page.py", "/static/..%2fpage.py", "/static//etc/passwd"):
        assert still_app.nobody().get(path).status_code == 404
