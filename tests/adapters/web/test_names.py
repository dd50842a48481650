"""Who signed in at the machine itself gave no name: pages say what they are, in the language of who reads."""

import re
from pathlib import Path

import pytest

from adapters.channels.web.settings_log import log
from adapters.channels.web.viewer import named
from knowledge.card import Locale
from tests.adapters.memory import ROOM, SATO, TANAKA
from tests.adapters.web.conftest import Browser, SiteApp, open_site

KEPT = "事業の主催者"
PAGES = (
    "/desk",
    "/desk/drafts",
    "/settings",
    "/settings/log",
    f"/p/{ROOM}",
    f"/p/{ROOM}/record",
    "/knowledge",
    "/try",
)


def at_the_machine(site_app: SiteApp, locale: Locale) -> Browser:
    return site_app.signed_in("organizer", "local", KEPT, locale)


def shown(page: str) -> str:
    """Return a page without what its forms send: there somebody is called what they are called in the room."""
    return re.sub(r' value="[^"]*"', "", page)


def test_only_who_gave_no_name_is_called_otherwise() -> None:
    assert named(KEPT, "en") == named("Organizer", "en") == "Organizer"
    assert named(KEPT, "ja") == named("Organizer", "ja") == KEPT
    assert named("田中", "en") == "田中"


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_an_english_page_names_them_in_english_wherever_they_did_something(site_app: SiteApp, locale: Locale) -> None:
    acting = at_the_machine(site_app, locale)
    acting.send_form(f"/p/{ROOM}/mode", mode="review")
    site_app.hall.hears(site_app.hall.happens.said(SATO, "@nakodo NDAはいつ結びますか"))
    draft = site_app.hall.scene().drafts[0]
    acting.send_form(f"/p/{ROOM}/note", what="decide", words="meet again")
    acting.send_form("/desk/drive", room=ROOM, what="takeover")
    page = acting.get("/desk/drafts").text
    key = page.split(f'name="draft" value="{draft.id}"><input type="hidden" name="key" value="')[1].split('"')[0]
    acting.send_form("/desk/draft", room=ROOM, draft=draft.id, key=key, what="approve")
    english, japanese = at_the_machine(site_app, "en"), at_the_machine(site_app, "ja")
    for path in PAGES:
        found = [shown(browser.get(path).text) for browser in (english, japanese)]
        assert (KEPT in found[0], ">Organizer<" in found[1]) == (False, False), path
        assert ("<span>Organizer</span>" in found[0], f"<span>{KEPT}</span>" in found[1]) == (True, True), path
    for browser, name in ((english, "Organizer"), (japanese, KEPT)):
        assert browser.viewer
        done = [
            one.who
            for one in log(site_app.site, browser.viewer, 10).lines
            if one.who not in ("鈴木", "佐藤", "Lee", "田中")
        ]
        assert done == [name] * 4


def test_somebody_with_a_name_keeps_it_in_every_language(site_app: SiteApp) -> None:
    assert "<span>運営</span>" in site_app.organizer("en").get("/desk").text


def test_who_sits_at_the_machine_is_answered_in_the_language_of_their_pages(site_app: SiteApp) -> None:
    for locale, answer in (("en", "The mode is now review"), ("ja", "「確認（"), ("en", "The mode is now review")):
        browser = at_the_machine(site_app, locale)  # type: ignore[arg-type]
        assert answer in browser.after("/settings/mode", room=ROOM, mode="review")


def test_who_chose_a_language_in_a_chat_keeps_it(tmp_path: Path) -> None:
    opened = open_site(tmp_path, organizers=[TANAKA.key])
    site_app = next(opened)
    hall = site_app.hall
    organizer = site_app.signed_in("organizer", TANAKA.key, TANAKA.name, "en")
    assert "The mode is now" in organizer.after("/settings/mode", room=ROOM, mode="review")
    hall.hears(hall.happens.private(TANAKA, "/language ja"))
    assert "にしました" in organizer.after("/settings/mode", room=ROOM, mode="auto")
    assert next(opened, None) is None
