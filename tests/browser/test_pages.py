"""Every page: whole, readable for everybody at every width, light, and quick."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from adapters.channels.web.site import STATIC
from tests.browser.screens import talk
from tests.browser.served import Visitors, addresses

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ADDRESSES = addresses()
WIDTHS = (360, 900, 1600)
_axe = Axe()


def grave(page: Page, *rules: str) -> list[tuple[str, list[Any]]]:
    """Return the serious and critical violations that axe finds, and where; by all its rules, or by some."""
    options = {"runOnly": {"type": "rule", "values": rules}} if rules else None
    found = _axe.run(page, options=options).response["violations"]
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", ADDRESSES.values(), ids=ADDRESSES)
def test_a_page_is_whole_and_everybody_can_use_it(visitors: Visitors, path: str) -> None:
    page = visitors.organizer(locale="ja", width=1600).goes(path)
    assert page.locator("h1").count() == 1
    assert page.title().endswith(" · Nakodo")
    assert len(page.title()) > len(" · Nakodo")
    assert [page.get_by_role(name).count() for name in ("banner", "main", "contentinfo")] == [1, 1, 1]
    assert page.locator("html").get_attribute("lang") == "ja"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"wider than {width}"
    assert grave(page) == []

    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert grave(page, "color-contrast", "scrollable-region-focusable", "target-size") == []


def test_a_try_room_in_which_much_was_said_is_there_for_everybody(visitors: Visitors) -> None:
    page = visitors.organizer(width=1600).goes("/try")
    talk(page)
    expect(page.locator("#talk-sme .answer")).to_have_count(1)
    for one in page.locator("summary").all():
        one.click()
    assert grave(page) == []


def test_pages_speak_english_as_well_each_under_its_own_title(visitors: Visitors) -> None:
    visitor = visitors.organizer(locale="en", width=360)
    titles = []
    for path in ADDRESSES.values():
        page = visitor.goes(path)
        titles.append(page.title())
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert sorted(set(titles)) == sorted(titles)


def test_the_first_page_is_light_and_quick(visitors: Visitors, capsys: pytest.CaptureFixture[str]) -> None:
    visitor = visitors.organizer()
    page = visitor.page
    page.goto(f"{visitor.url}/", wait_until="load")
    size, ready = page.evaluate("""() => {
      const all = performance.getEntries().filter((one) => one.transferSize !== undefined);
      const page = performance.getEntriesByType("navigation")[0];
      return [all.reduce((sum, one) => sum + one.transferSize, 0), page.loadEventStart];
    }""")
    with capsys.disabled():
        print(f"\nfirst page: {size / 1024:.0f} KB, loaded after {ready:.0f} ms")
    assert 10_000 < size <= 150 * 1024
    assert ready < 3_000


def test_the_module_stays_small() -> None:
    assert (STATIC / "nakodo.js").stat().st_size < 12 * 1024
