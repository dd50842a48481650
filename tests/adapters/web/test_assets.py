"""Style and script are kept by a browser for good, because their address says what is in them. Pages are not kept."""

import os
import re
import shutil
from pathlib import Path

from starlette.testclient import TestClient

from adapters.channels.web.assets import ASK, FOREVER, STATIC, Assets, address
from tests.adapters.web.conftest import SiteApp

NAMES = ("nakodo.css", "nakodo.js", "nakodo.svg")


def test_every_file_that_a_page_names_may_be_kept_for_good_and_the_page_may_not(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    page = browser.get("/desk")
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    assert named == {address(name) for name in NAMES}
    for one in named:
        answer = browser.get(one)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOREVER)
    assert page.headers["cache-control"] == "no-store"


def test_an_address_that_does_not_name_what_is_there_is_asked_for_each_time(site_app: SiteApp) -> None:
    browser = site_app.nobody()
    for query in ("", "?v=", "?v=0000000000000000", "?v=x&v=y"):
        answer = browser.get(f"/static/nakodo.css{query}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, ASK)
    again = browser.get("/static/nakodo.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"], again.content) == (304, ASK, b"")


def test_another_content_has_another_address(tmp_path: Path) -> None:
    folder = shutil.copytree(STATIC, tmp_path / "static")
    before, other = address("nakodo.css", folder), address("nakodo.js", folder)
    (folder / "nakodo.css").write_text("main { color: red }", encoding="utf-8")
    os.utime(folder / "nakodo.js")
    after = address("nakodo.css", folder)
    assert after != before
    assert address("nakodo.js", folder) == other
    client = TestClient(Assets(folder))
    kept = {one: client.get(one.removeprefix("/static")).headers["cache-control"] for one in (before, after)}
    assert kept == {before: ASK, after: FOREVER}
