"""Signing in by OpenID Connect, with a real provider that may lie."""

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from adapters.channels.web.viewer import COOKIE, Viewer
from tests.adapters.web.conftest import READER, Browser, SiteApp
from tests.servers.oidc import CLIENT, SECRET, Lie, OpenIdProvider

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PUBLIC = "https://desk.example.jp"
BACK = f"{PUBLIC}/sign-in/openid/back"


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider(BACK) as running:
        yield running


@pytest.fixture
def at_work(open_elsewhere: Callable[..., SiteApp], provider: OpenIdProvider) -> SiteApp:
    """A site whose organizer is 田中, by address."""
    return open_elsewhere(
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        organizers=["tanaka@example.jp"],
    )


def away(site_app: SiteApp, path: str = "/sign-in/openid") -> tuple[Browser, httpx.Response]:
    """Let somebody go to the provider and sign in there; return their browser, and where it is sent from there."""
    browser = site_app.nobody(url=PUBLIC)
    answer = browser.get(path)
    assert answer.status_code == 302, answer.text
    return browser, httpx.get(answer.headers["location"])


def path_of(answer: httpx.Response) -> str:
    assert answer.status_code == 302, answer.text
    return answer.headers["location"].removeprefix(PUBLIC)


def come_back(site_app: SiteApp, path: str = "/sign-in/openid") -> tuple[Browser, httpx.Response]:
    browser, answer = away(site_app, path)
    return browser, browser.get(path_of(answer))


def test_an_organizer_signs_in_with_their_address(at_work: SiteApp, provider: OpenIdProvider) -> None:
    browser, answer = come_back(at_work, "/sign-in/openid?next=/knowledge")
    assert answer.headers["location"] == "/knowledge"
    session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
    viewer = Viewer(*at_work.site.sessions._signer.loads(SimpleCookie(session)[COOKIE].value)[2:])
    assert (viewer.role, viewer.name, viewer.account) == ("organizer", "田中", "web:tanaka@example.jp")
    assert "secure" in session.lower()
    assert browser.get("/").headers["location"] == "/desk"
    assert provider.refused == []


def test_a_reader_signs_in_as_a_reader(at_work: SiteApp, provider: OpenIdProvider) -> None:
    provider.says |= {"email": READER.upper(), "email_verified": "true"}
    browser, _ = come_back(at_work)
    viewer = at_work.viewer_of(browser)
    assert viewer and viewer.role == "reader"


def test_who_is_on_no_list_is_told_whom_to_ask(at_work: SiteApp, provider: OpenIdProvider) -> None:
    provider.says["email"] = "guest@example.jp"
    browser, answer = come_back(at_work)
    assert answer.status_code == 403
    assert "運営の方に" in answer.text
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize("verified", [False, None, "false", "yes"])
def test_an_address_that_nobody_has_verified_is_nobodys(
    at_work: SiteApp, provider: OpenIdProvider, verified: object
) -> None:
    provider.says["email_verified"] = verified
    browser, answer = come_back(at_work)
    assert answer.status_code == 403
    assert "確認済みのメールアドレス" in answer.text
    assert browser.get("/").status_code == 401


LIES: tuple[Lie, ...] = ("nonce", "audience", "issuer", "late", "key", "unsigned", "shared", "no token", "refuses")


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_right_lets_nobody_in(at_work: SiteApp, provider: OpenIdProvider, lie: Lie) -> None:
    provider.lies = lie
    browser, answer = come_back(at_work)
    assert answer.status_code == 403
    assert "最後まで進みませんでした" in answer.text
    assert browser.get("/").status_code == 401


def test_an_address_that_the_provider_tells_only_on_being_asked_counts(
    at_work: SiteApp, provider: OpenIdProvider
) -> None:
    provider.asked_says = dict(provider.says)
    provider.says = {"sub": "1"}
    assert come_back(at_work)[1].status_code == 303
    provider.lies = "another subject"
    assert come_back(at_work)[1].status_code == 403


def test_who_comes_back_with_what_another_browser_began_is_not_let_in(at_work: SiteApp) -> None:
    _, theirs = away(at_work)
    mine, _ = away(at_work)
    assert mine.get(path_of(theirs)).status_code == 403
    assert at_work.nobody(url=PUBLIC).get(path_of(theirs)).status_code == 403


def test_who_comes_back_twice_is_not_let_in_twice(at_work: SiteApp) -> None:
    browser, answer = away(at_work)
    path = path_of(answer)
    assert browser.get(path).status_code == 303
    browser.cookies.delete(COOKIE)
    assert browser.get(path).status_code == 403


def test_where_the_provider_is_away_people_are_told(at_work: SiteApp, provider: OpenIdProvider) -> None:
    at_work.site.openid._issuer = "https://login.example.jp"  # type: ignore[union-attr]
    answer = at_work.nobody(url=PUBLIC).get("/sign-in/openid")
    assert answer.status_code == 503
    assert "つながりませんでした" in answer.text


def test_who_is_taken_off_the_list_is_out(at_work: SiteApp) -> None:
    browser, _ = come_back(at_work)
    off = at_work.site.settings.model_copy(update={"organizers": frozenset()})
    object.__setattr__(at_work.site, "settings", off)
    assert browser.get("/").status_code == 401
