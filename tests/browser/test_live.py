"""What happens while one looks: words arrive, servers die, and nothing is lost, doubled or pushed about."""

from time import monotonic

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.served import Server, Visitor, Visitors

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
}).observe({ type: "layout-shift", buffered: true }); }"""


def says(page: Page, side: str, text: str, *, button: str = "部屋で話す") -> None:
    box = page.locator(f"#text-{side}")
    box.fill(text)
    page.locator(f"section[aria-labelledby=title-{side}]").get_by_role("button", name=button).click()


def heard(page: Page, side: str, text: str) -> None:
    expect(page.locator(f"#talk-{side} .entry", has_text=text)).to_have_count(1)


def sequences(page: Page, side: str) -> list[str]:
    found: list[str] = page.locator(f"#talk-{side} [data-sequence]").evaluate_all(
        "all => all.map((one) => one.dataset.sequence)"
    )
    return found


def two(visitors: Visitors, path: str = "/try", **more: int) -> tuple[Visitor, Visitor]:
    one = visitors.organizer()
    one.goes(path)
    other = visitors.again(one, **more)
    other.goes(path)
    return one, other


def test_what_one_browser_says_another_shows_soon(visitors: Visitors, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = two(visitors)
    took = []
    for number in range(8):
        says(one.page, "sme", f"部品の話の{number}番目です。")
        began = monotonic()
        other.page.locator("#talk-startup .entry", has_text=f"{number}番目").wait_for()
        took.append(monotonic() - began)
        expect(one.page.locator("#text-sme")).to_have_value("")
    with capsys.disabled():
        print(f"\nfrom one browser to another: median {sorted(took)[4]:.3f} s, worst {max(took):.3f} s")
    assert sorted(took)[4] < 1.0
    assert sequences(one.page, "sme") == sequences(other.page, "sme")


def test_a_killed_server_loses_and_doubles_nothing(visitors: Visitors, server: Server) -> None:
    one, other = two(visitors)
    says(one.page, "sme", "落ちる前の話です。")
    heard(other.page, "startup", "落ちる前の話です。")

    server.kill()
    says(one.page, "sme", "落ちている間の話です。")
    expect(one.page.get_by_role("alert")).to_be_visible()
    expect(one.page.locator("#text-sme")).to_have_value("落ちている間の話です。")

    server.start()
    one.page.locator("section[aria-labelledby=title-sme]").get_by_role("button", name="部屋で話す").click()
    expect(one.page.get_by_role("alert")).to_have_count(0)
    heard(one.page, "sme", "落ちている間の話です。")
    heard(other.page, "startup", "落ちている間の話です。")
    says(one.page, "sme", "戻ったあとの話です。")
    heard(other.page, "startup", "戻ったあとの話です。")

    fresh = other.new_page()
    fresh.goto(f"{other.url}/try")
    for side in ("sme", "startup", "facilitator"):
        expect(other.page.locator(f"#talk-{side} [data-sequence]")).to_have_count(len(sequences(fresh, side)))
        assert sequences(other.page, side) == sequences(fresh, side)
    for visitor in (one, other):
        assert all("ERR_" in text for text in visitor.complaints), visitor.complaints
        visitor.complaints.clear()


def test_arrivals_move_nothing_and_take_neither_focus_nor_words(visitors: Visitors) -> None:
    one, other = two(visitors)
    writing = other.page.locator("#text-startup")
    writing.fill("書きかけの")
    writing.focus()
    other.page.evaluate(SHIFTS)
    for number in range(6):
        says(one.page, "sme", f"{number}行目の話です。" * 6)
        heard(other.page, "startup", f"{number}行目の話です。")
    assert other.page.evaluate("window.shifts") < 0.01
    expect(writing).to_be_focused()
    expect(writing).to_have_value("書きかけの")
    writing.fill("")


def test_a_half_written_text_is_not_left_without_asking(visitors: Visitors) -> None:
    page = visitors.organizer().goes("/try")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#text-sme").press_sequentially("まだ")
    page.get_by_role("link", name="机").click(no_wait_after=True)
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    page.locator("#text-sme").fill("")
    page.get_by_role("link", name="机").click()
    expect(page.locator("h1")).to_have_text("机")


def test_on_a_phone_columns_are_tabs_that_say_what_arrived(visitors: Visitors) -> None:
    one, other = two(visitors, width=360)
    page = other.page
    tabs = page.get_by_role("group", name="見るところ").get_by_role("button")
    expect(tabs).to_have_count(3)
    expect(page.locator("section.panel:visible")).to_have_count(1)
    says(one.page, "sme", "電話にも届く話です。")
    expect(tabs.nth(1)).to_contain_text("1件")
    tabs.nth(0).focus()
    page.keyboard.press("Tab")
    expect(tabs.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#talk-startup")).to_be_visible()
    expect(tabs.nth(1)).not_to_contain_text("件")
    heard(page, "startup", "電話にも届く話です。")


def test_somebody_who_edits_a_draft_keeps_their_words_and_learns_who_decided(visitors: Visitors) -> None:
    one, other = two(visitors, "/desk/drafts")
    draft = other.page.locator("[data-item]").first
    draft.get_by_text("直して出す").click()
    text = draft.locator("textarea")
    text.fill("書き直しの途中です。")
    one.page.keyboard.press("j")
    one.page.keyboard.press("a")
    expect(draft.get_by_role("status")).to_contain_text("承認")
    expect(text).to_have_value("書き直しの途中です。")
    text.fill("")
    other.page.locator("main").focus()
    expect(text).to_have_count(0)


def test_the_story_plays_step_by_step(visitors: Visitors) -> None:
    page = visitors.organizer().goes("/try")
    page.get_by_role("button", name="お話を見る").click()
    page.get_by_role("button", name="一時停止").click()
    step = page.get_by_role("button", name="一つ進める")
    before = int(page.locator("#story-now progress").get_attribute("value") or 0)
    step.click()
    expect(page.locator("#story-now progress")).not_to_have_attribute("value", str(before))
    expect(step).to_be_focused()
