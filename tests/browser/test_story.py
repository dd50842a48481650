"""The whole way, from the try room to an approved answer: by mouse, by keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import Locator, Page, expect

from adapters.channels.web.try_room import BY_SIDE
from bot.model import Text
from knowledge.card import Locale
from tests.browser.served import Server, Visitors

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


REVIEW, ASK = BY_SIDE["facilitator"].suggestions[1].label, BY_SIDE["sme"].suggestions[0].label
APPROVE = Text(ja="承認", en="Approve")


def talk(page: Page, side: str) -> Locator:
    """Return what one side sees, and its buttons."""
    return page.locator(f"section[aria-labelledby=title-{side}]")


@pytest.mark.parametrize("javascript", [True, False], ids=["live", "plain"])
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_an_answer_waits_for_the_facilitator_and_reaches_who_asked(
    visitors: Visitors, locale: Locale, javascript: bool
) -> None:
    page = visitors.organizer(locale=locale, java_script_enabled=javascript).goes("/try")
    sme, facilitator = talk(page, "sme"), talk(page, "facilitator")
    facilitator.get_by_role("button", name=REVIEW(locale)).click()
    expect(facilitator.locator(".entry.notice")).to_have_count(1)

    sme.get_by_role("button", name=ASK(locale)).click()
    draft = facilitator.locator(".entry.draft")
    expect(draft).to_have_count(1)
    expect(sme.locator(".entry.said")).to_have_count(1)
    expect(sme.locator(".entry.answer")).to_have_count(0)

    draft.get_by_role("button", name=APPROVE(locale)).first.click()
    answer = sme.locator(".entry.answer")
    expect(answer).to_have_count(1)
    expect(talk(page, "startup").locator(".entry")).to_have_count(0)
    answer.locator(".sources summary").click()
    assert answer.locator(".sources a").first.get_attribute("href").startswith("/knowledge/")  # type: ignore[union-attr]


def test_a_link_lets_in_once(visitors: Visitors, server: Server) -> None:
    visitors.nobody().page.goto(server.link)
    page = visitors.nobody().page
    page.goto(server.link)
    expect(page.get_by_role("alert")).to_be_visible()
    visitors.leave()  # A refused link is a 403, of which a browser tells its console.


def test_the_keyboard_is_enough_to_ask_and_to_be_answered(visitors: Visitors) -> None:
    page = visitors.organizer().goes("/try")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    asking = talk(page, "sme").get_by_role("button", name=ASK("ja"))
    for _ in range(12):
        page.keyboard.press("Tab")
        if asking.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(talk(page, "sme").locator(".entry.answer")).to_have_count(1)
    expect(asking).to_be_focused()


def test_drafts_are_decided_with_single_keys(visitors: Visitors) -> None:
    page = visitors.organizer().goes("/desk/drafts")
    drafts = page.locator("[data-item]")
    many = drafts.count()
    assert many >= 2
    page.keyboard.press("j")
    expect(drafts.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(drafts.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("e")
    text = drafts.nth(0).locator("textarea")
    expect(text).to_be_focused()
    page.keyboard.type("a")  # While one types, a letter is a letter.
    expect(drafts).to_have_count(many)
    page.keyboard.press("Escape")
    expect(text).not_to_be_visible()
    text.evaluate("one => one.value = one.defaultValue")
    drafts.nth(0).focus()
    page.keyboard.press("a")
    expect(page.locator(".notices .notice")).to_be_visible()
    expect(drafts.locator("button[data-key=a]")).to_have_count(many - 1)
    expect(page.locator("main :focus")).to_have_count(1)


def test_the_keys_are_listed_and_can_be_turned_off(visitors: Visitors) -> None:
    page = visitors.organizer().goes("/desk/drafts")
    page.get_by_text("キーボードで使う").click()
    expect(page.locator("details.keys kbd")).not_to_have_count(0)
    page.get_by_role("button", name="キー操作を使わない").click()
    page.locator("main").focus()
    page.keyboard.press("j")
    expect(page.locator("main")).to_be_focused()
