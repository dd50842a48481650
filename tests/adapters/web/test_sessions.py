"""Sessions, the language, under which name the site is served, and what every answer carries."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.channels.web.security import inside
from adapters.channels.web.sign_in import LANGUAGE
from adapters.channels.web.viewer import COOKIE, FRESH, IDLE, LASTS
from adapters.serve import LARGEST
from tests.adapters.web.conftest import SiteApp

Opens = Callable[..., SiteApp]
PUBLIC = "https://desk.example.jp"


# Sessions


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    for _ in range(4):
        site_app.clock.on(seconds=IDLE - 60)
        assert browser.get("/").status_code == 303
    site_app.clock.on(seconds=IDLE + 60)
    assert browser.get("/").status_code == 401


def test_no_session_lasts_longer_than_a_week(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    end = site_app.clock() + timedelta(seconds=LASTS)
    while site_app.clock() + timedelta(hours=6) < end:
        site_app.clock.on(hours=6)
        assert browser.get("/").status_code == 303
    site_app.clock.on(hours=6)
    assert browser.get("/").status_code == 401


def test_a_fresh_cookie_is_not_replaced(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    assert "set-cookie" not in browser.get("/").headers
    site_app.clock.on(seconds=FRESH)
    assert "set-cookie" in browser.get("/").headers


def test_who_signs_out_is_out_and_so_is_whoever_copied_the_cookie(site_app: SiteApp) -> None:
    browser, copied = site_app.organizer(), site_app.nobody()
    copied.cookies.set(COOKIE, browser.cookies[COOKIE], domain="127.0.0.1")
    assert copied.get("/").status_code == 303
    assert browser.send_form("/sign-out").headers["location"] == "/sign-in"
    assert copied.get("/").status_code == 401
    assert browser.get("/").status_code == 401


def test_a_reader_can_sign_out_as_well(site_app: SiteApp) -> None:
    browser = site_app.reader()
    assert browser.send_form("/sign-out").status_code == 303
    assert browser.get("/").status_code == 401


def test_a_page_elsewhere_signs_nobody_out(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    assert browser.post("/sign-out", data={"csrf": "guess"}).status_code == 403
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    "changed", [lambda text: text[:-2], lambda text: f"x{text}", lambda _: "", lambda _: "e30.x"]
)
def test_a_cookie_that_somebody_changed_is_none(site_app: SiteApp, changed: Callable[[str], str]) -> None:
    browser = site_app.organizer()
    value = changed(browser.cookies[COOKIE])
    browser.cookies.clear()
    browser.cookies.set(COOKIE, value, domain="127.0.0.1")
    assert browser.get("/").status_code == 401


def test_a_flash_is_no_session(site_app: SiteApp) -> None:
    browser = site_app.nobody()
    browser.cookies.set(COOKIE, site_app.site.sessions.carry(["x"] * 9), domain="127.0.0.1")
    assert browser.get("/").status_code == 401


# Language


def test_anybody_may_switch_the_language(site_app: SiteApp) -> None:
    browser = site_app.nobody()
    assert "Sign in" in browser.after("/language", locale="en", next="/sign-in")
    assert browser.cookies[LANGUAGE] == "en"
    assert "サインイン" in browser.after("/language", locale="ja", next="/sign-in")


def test_the_language_goes_with_the_session_and_leaves_it_whole(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    browser.send_form("/language", locale="en", next="/")
    viewer = site_app.viewer_of(browser)
    assert browser.viewer and viewer == browser.viewer._replace(locale="en")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "", "desk",
     "javascript:1", "/\n/evil.example"],
)  # fmt: skip
def test_no_form_leads_elsewhere(site_app: SiteApp, elsewhere: str) -> None:
    assert site_app.nobody().send_form("/language", locale="en", next=elsewhere).headers["location"] == "/"
    assert inside(elsewhere) == "/"
    assert inside("/desk?x=1#y") == "/desk?x=1#y"


# Under which name


@pytest.mark.parametrize("host", ["evil.example:8787", "127.0.0.1.evil.example", "", "[", "desk.example.jp"])
def test_a_name_elsewhere_that_points_here_gets_nothing(site_app: SiteApp, host: str) -> None:
    browser = site_app.organizer()
    for path in ("/", "/sign-in", "/static/nakodo.css"):
        assert browser.get(path, headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:1234", "[::1]:8787"])
def test_ones_own_machine_has_several_names(site_app: SiteApp, host: str) -> None:
    assert site_app.nobody().get("/sign-in", headers={"host": host}).status_code == 200


def test_elsewhere_only_the_public_name_is_served(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere()
    assert site_app.nobody(url=PUBLIC).get("/sign-in").status_code == 200
    assert site_app.nobody().get("/sign-in").status_code == 400
    assert site_app.nobody(url="http://10.0.0.5").get("/health").status_code == 200


def test_every_page_carries_the_headers(site_app: SiteApp) -> None:
    for path in ("/sign-in", "/no-such-page", "/"):
        headers = site_app.nobody().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_a_page_that_breaks_says_so_in_words_and_with_the_headers(site_app: SiteApp) -> None:
    object.__setattr__(site_app.site, "sessions", None)
    browser = site_app.nobody()
    with pytest.raises(AttributeError):
        browser.get("/")
    browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "いま開けません" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_large_form_is_refused(site_app: SiteApp) -> None:
    assert site_app.organizer().send_form("/language", locale="x" * LARGEST).status_code == 413
