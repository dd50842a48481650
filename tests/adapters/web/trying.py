"""What a person does on a page of the try room, and what they read there."""

import re
from html import unescape

from bot.model import RoomId
from tests.adapters.web.conftest import Browser


def presses(browser: Browser, html: str, label: str, **typed: str) -> str:
    """Submit the first form with a button of this label, and return the page that it leads to."""
    forms = re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', html, re.DOTALL)
    button = re.compile(rf"<button([^>]*)>{re.escape(label)}</button>")
    action, form, pressed = next((action, form, found[1]) for action, form in forms if (found := button.search(form)))
    fields = [*re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)]
    fields += re.findall(r'name="([^"]+)" value="([^"]*)"', pressed)
    return browser.after(action, **{name: unescape(value) for name, value in fields} | typed)


def column(html: str, side: str) -> str:
    """Return what stands in a column."""
    return re.findall(rf'<ol class="entries" id="talk-{side}".*?</ol>', html, re.DOTALL)[0]


def said(html: str) -> list[str]:
    """Return the words of the entries in a piece of HTML."""
    found = re.findall(r'<div class="said">(.*?)</div>', html, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found]


def seen(html: str) -> dict[str, list[str]]:
    """Return the words in each of the three columns."""
    return {side: said(column(html, side)) for side in ("sme", "startup", "facilitator")}


def room_on(html: str) -> RoomId:
    """Return the room that a page shows."""
    return RoomId(re.findall(r"\?room=([a-z0-9-]+)", html)[0])
