"""How people come in and leave, and who does not come in."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.channels.web.security import IN_ALL, PER_ADDRESS, secret_of
from adapters.channels.web.sign_in import check, way_in
from adapters.channels.web.viewer import COOKIE, Viewer
from bot.errors import SettingsError
from bot.settings import Settings, load_settings
from tests.adapters.memory import LEE, SATO, TANAKA
from tests.adapters.web.conftest import HERE, SiteApp

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Opens = Callable[..., SiteApp]
PUBLIC = "https://desk.example.jp"
ROOT = Path(__file__).parents[3]
BACK = f"{PUBLIC}/sign-in/openid/back"


def link_from_terminal(site_app: SiteApp) -> str:
    return way_in(site_app.site.settings, site_app.hall.directory, 8787).removeprefix(HERE)


def viewer_of(site_app: SiteApp, answer: httpx.Response) -> Viewer:
    """Return whose session an answer begins."""
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    return Viewer(*site_app.site.sessions._signer.loads(cookie.value)[2:])


def link_from_bot(site_app: SiteApp, who: object = TANAKA) -> str:
    """Return the address that the bot sends to somebody who writes /desk."""
    [parcel] = site_app.hall.hears(site_app.hall.happens.private(who, "/desk"))  # type: ignore[arg-type]
    found = re.search(r"https://\S+", parcel.reply.text)
    assert found, parcel.reply.text
    return found[0].removeprefix(PUBLIC)


def token_in(path: str) -> str:
    return path.split("token=")[1]


# On one's own machine


def test_the_printed_link_lets_in_an_organizer(site_app: SiteApp) -> None:
    browser = site_app.nobody()
    answer = browser.get(link_from_terminal(site_app))
    assert answer.headers["location"] == "/"
    viewer = viewer_of(site_app, answer)
    assert (viewer.tenant, viewer.account, viewer.role) == ("default", "web:local", "organizer")
    assert browser.get("/").headers["location"] == "/desk"


def test_the_printed_link_works_once(site_app: SiteApp) -> None:
    link = link_from_terminal(site_app)
    assert site_app.nobody().get(link).status_code == 303
    again = site_app.nobody().get(link)
    assert again.status_code == 403
    assert "もう使えません" in again.text
    assert COOKIE not in again.cookies


def test_who_is_in_already_and_opens_an_old_link_just_goes_on(site_app: SiteApp) -> None:
    link, browser = link_from_terminal(site_app), site_app.nobody()
    assert browser.get(link).status_code == 303
    assert browser.get(link).headers["location"] == "/"


def test_the_printed_link_works_for_a_quarter_of_an_hour(site_app: SiteApp) -> None:
    early, late = link_from_terminal(site_app), link_from_terminal(site_app)
    site_app.clock.on(minutes=14)
    assert site_app.nobody().get(early).status_code == 303
    site_app.clock.on(minutes=2)
    assert site_app.nobody().get(late).status_code == 403


def test_a_browser_that_fetches_ahead_does_not_use_the_link_up(site_app: SiteApp) -> None:
    link = link_from_terminal(site_app)
    assert site_app.nobody().get(link, headers={"sec-purpose": "prefetch;prerender"}).status_code == 200
    assert site_app.nobody().get(link).status_code == 303


def test_a_token_stands_nowhere_but_in_the_link(site_app: SiteApp) -> None:
    token = token_in(link_from_terminal(site_app))
    assert token.encode() not in site_app.hall.bytes()


def test_where_there_is_no_partnership_one_comes_to_the_try_room(site_app: SiteApp) -> None:
    lonely = site_app.signed_in("facilitator", "slack:T1:U77", "高橋")
    assert lonely.get("/").headers["location"] == "/try"
    assert site_app.facilitator().get("/").headers["location"] == "/desk"


def test_who_has_not_signed_in_is_shown_how(site_app: SiteApp) -> None:
    answer = site_app.nobody().get("/", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/sign-in?next=/"
    assert "nakodo link" in site_app.nobody().get("/sign-in").text


# Guessing


def test_who_guesses_is_stopped_and_others_are_not(site_app: SiteApp) -> None:
    link = link_from_terminal(site_app)
    guesser = site_app.nobody(address="10.0.0.1")
    assert [guesser.get("/enter?token=AAAAAAAA").status_code for _ in range(PER_ADDRESS)] == [403] * PER_ADDRESS
    assert guesser.get("/enter?token=AAAAAAAA").status_code == 429
    assert guesser.get(link).status_code == 429
    assert guesser.send_form("/enter", token=token_in(link)).status_code == 429
    assert site_app.nobody(address="10.0.0.2").get(link).status_code == 303


def test_who_guesses_from_many_addresses_is_stopped_too(site_app: SiteApp) -> None:
    link = link_from_terminal(site_app)
    for number in range(IN_ALL):
        assert site_app.nobody(address=f"10.0.1.{number}").get("/enter?token=AAAAAAAA").status_code == 403
    assert site_app.nobody(address="10.0.2.1").get(link).status_code == 429
    site_app.clock.on(minutes=16)
    assert site_app.nobody(address="10.0.2.1").get(link_from_terminal(site_app)).status_code == 303


# From a chat


def test_a_facilitator_comes_in_by_the_bots_link(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere()
    browser = site_app.nobody(url=PUBLIC)
    asked = browser.get(link_from_bot(site_app))
    assert "田中さんとして入ります" in asked.text
    answer = browser.send_form("/enter", token=re.findall(r'name="token" value="(\w+)"', asked.text)[0])
    viewer = viewer_of(site_app, answer)
    known = site_app.hall.directory.known("default", TANAKA.key)
    assert known and viewer.person == known.person
    assert (viewer.role, viewer.account) == ("facilitator", f"web:{TANAKA.key}")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert browser.get("/").headers["location"] == "/desk"


def test_a_program_that_looks_at_the_bots_link_does_not_use_it_up(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere()
    link = link_from_bot(site_app)
    for _ in range(3):
        assert site_app.nobody(url=PUBLIC).get(link).status_code == 200
    assert site_app.nobody(url=PUBLIC).send_form("/enter", token=token_in(link)).status_code == 303
    assert site_app.nobody(url=PUBLIC).send_form("/enter", token=token_in(link)).status_code == 403


def test_a_page_elsewhere_cannot_send_somebody_in(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere()
    token = token_in(link_from_bot(site_app))
    for origin in ("https://evil.example", "null", "https://desk.example.jp.evil.example"):
        answer = site_app.nobody(url=PUBLIC).post("/enter", data={"token": token}, headers={"origin": origin})
        assert answer.status_code == 403
    assert site_app.nobody(url=PUBLIC).send_form("/enter", token=token).status_code == 303


@pytest.mark.parametrize("who", [SATO, LEE])
def test_who_leads_nothing_gets_no_link(open_elsewhere: Opens, who: object) -> None:
    hall = open_elsewhere().hall
    [parcel] = hall.hears(hall.happens.private(who, "/desk"))  # type: ignore[arg-type]
    assert "進行役の方のためのもの" in parcel.reply.text
    assert "token" not in parcel.reply.text


def test_who_asks_in_the_group_gets_no_link(open_elsewhere: Opens) -> None:
    hall = open_elsewhere().hall
    [parcel] = hall.hears(hall.happens.said(TANAKA, "/desk"))
    assert "個別の会話で" in parcel.reply.text
    assert "token" not in parcel.reply.text


def test_without_a_public_address_the_bot_says_who_can_help(site_app: SiteApp) -> None:
    [parcel] = site_app.hall.hears(site_app.hall.happens.private(TANAKA, "/机"))
    assert "NAKODO_PUBLIC_URL" in parcel.reply.text


def test_who_is_on_the_list_of_organizers_comes_in_as_one(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere(organizers=[SATO.key.lower()])
    answer = site_app.nobody(url=PUBLIC).send_form("/enter", token=token_in(link_from_bot(site_app, SATO)))
    assert viewer_of(site_app, answer).role == "organizer"


def test_an_organizers_seat_in_one_room_opens_no_other_room(open_elsewhere: Opens) -> None:
    """A facilitator can invite whom they like as organizer; that must not open the desk of all."""
    site_app = open_elsewhere()
    hall = site_app.hall
    [parcel] = hall.hears(hall.happens.private(TANAKA, "/invite organizer"))
    hall.hears(
        hall.happens.private(SATO.model_copy(update={"key": "slack:T1:U50"}), parcel.reply.text.split("\n")[1])
    )
    guest = SATO.model_copy(update={"key": "slack:T1:U50"})
    answer = site_app.nobody(url=PUBLIC).send_form("/enter", token=token_in(link_from_bot(site_app, guest)))
    assert viewer_of(site_app, answer).role == "facilitator"


def test_elsewhere_the_link_of_the_terminal_lets_nobody_in(open_elsewhere: Opens) -> None:
    site_app = open_elsewhere()
    assert way_in(site_app.site.settings, site_app.hall.directory, 8787) == f"{PUBLIC}/"
    own = Settings(home=site_app.hall.home)
    token = token_in(way_in(own, site_app.hall.directory, 8787))
    browser = site_app.nobody(url=PUBLIC)
    assert COOKIE not in browser.get(f"/enter?token={token}").cookies
    assert browser.send_form("/enter", token=token).status_code == 403


# Settings


def test_the_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = secret_of(None, tmp_path)
    assert len(first) >= 48
    assert secret_of(None, tmp_path) == first
    assert [stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()] == [0o600]
    next(tmp_path.iterdir()).write_text("short")
    with pytest.raises(SettingsError, match="damaged"):
        secret_of(None, tmp_path)


def test_a_secret_may_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAKODO_SECRET", "x" * 40)
    assert secret_of(load_settings().secret, tmp_path) == "x" * 40
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("NAKODO_SECRET", "short")
    with pytest.raises(SettingsError, match="NAKODO_SECRET"):
        load_settings()


OPENID = {"oidc_issuer": "https://login.example.jp", "oidc_client_id": "x", "oidc_client_secret": "y"}


@pytest.mark.parametrize(
    ("given", "chats", "told"),
    [
        ({"host": "0.0.0.0"}, True, "NAKODO_PUBLIC_URL"),
        ({"host": "192.168.1.5"}, False, "NAKODO_PUBLIC_URL"),
        ({"host": "desk.local"}, False, "NAKODO_PUBLIC_URL"),
        ({"host": "0.0.0.0", **OPENID}, False, "NAKODO_PUBLIC_URL"),
        ({"host": "::", "public_url": PUBLIC}, False, "/desk"),
        ({"public_url": PUBLIC}, False, "/desk"),
        ({"oidc_issuer": "https://login.example.jp"}, False, "Set all three"),
    ],
)
def test_it_does_not_open_where_strangers_would_come_in_or_nobody_could(
    given: dict[str, str], chats: bool, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=told):
        check(Settings.model_validate({"home": tmp_path, **given}), chats=chats)


@pytest.mark.parametrize(
    ("given", "chats"),
    [
        ({}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0", "public_url": PUBLIC}, True),
        ({"host": "0.0.0.0", "public_url": PUBLIC, **OPENID}, False),
    ],
)
def test_it_opens_where_people_can_be_told_apart(given: dict[str, str], chats: bool, tmp_path: Path) -> None:
    check(Settings.model_validate({"home": tmp_path, **given}), chats=chats)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NAKODO_PUBLIC_URL", "http://desk.example.jp"),
        ("NAKODO_PUBLIC_URL", "https://desk.example.jp/nakodo"),
        ("NAKODO_PUBLIC_URL", "desk.example.jp"),
        ("NAKODO_OIDC_ISSUER", "http://login.example.jp"),
    ],
)
def test_addresses_that_others_could_listen_to_are_refused(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_lists_are_read_with_commas_and_without_regard_to_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAKODO_ORGANIZERS", " Tanaka@Example.jp, slack:T1:U3 ,")
    assert load_settings().organizers == {"tanaka@example.jp", "slack:t1:u3"}


def test_the_link_names_the_port_at_which_it_listens(site_app: SiteApp) -> None:
    settings = site_app.site.settings.model_copy(update={"host": "::1"})
    parts = urlsplit(way_in(settings, site_app.hall.directory, 9999))
    assert (parts.netloc, parts.path) == ("[::1]:9999", "/enter")


def test_serve_prints_one_line_once_it_listens_and_its_link_lets_in(tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NAKODO_", "SLACK_", "TELE"))}
    given = {"NAKODO_HOME": str(tmp_path), "NAKODO_PORT": "0", "NAKODO_EMBEDDINGS": "none"}
    served = [sys.executable, "-c", "from adapters.cli import main; main()", "serve"]
    env = plain | given | {"PYTHONPATH": str(ROOT)}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(served, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        link = process.stdout.readline().strip()
        try:
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/enter\?token=\w{8,}", link), (tmp_path / "log").read_text()
            with httpx.Client(follow_redirects=True) as browser:
                assert browser.get(link).url.path == "/try"
            assert httpx.get(link).status_code == 403
        finally:
            process.terminate()
        assert process.stdout.read() == ""
    assert link.split("=")[1] not in (tmp_path / "log").read_text()
