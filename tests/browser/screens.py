"""Take pictures of every page at three widths for the documentation: `python -m tests.browser.screens`."""

import io
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, expect

from adapters.wiring import Nakodo
from bot.settings import Settings
from tests.browser.served import CHROMIUM, ROOT, Server, Visitors, addresses, chromium, secret, sown

SCREENS = ROOT / "docs" / "screens"
SIZES = {360: 740, 900: 900, 1600: 1000}
"""Widths and heights in pixels."""
COLOURS = 192


def main() -> None:
    """Take all pictures."""
    if CHROMIUM is None:
        sys.exit("There is no Chromium on the PATH.")
    with TemporaryDirectory() as made:
        home = Path(made)
        nakodo = Nakodo(Settings(home=home, embeddings="none"))
        assert nakodo.search.size
        sown(home, lambda: nakodo.house)
        server = Server(home)
        server.start()
        try:
            with chromium() as browser:
                take(Visitors(browser, server, secret(home)), SCREENS)
        finally:
            server.kill()


def take(visitors: Visitors, folder: Path) -> None:
    """Take a picture of each page at each width, and of one in the dark and in English."""
    folder.mkdir(parents=True, exist_ok=True)
    visitor = visitors.organizer(width=1600)
    talk(visitor.goes("/try"))
    play(visitor.goes("/try/story"))
    for path, address in addresses().items():
        for width, height in SIZES.items():
            visitor.page.set_viewport_size({"width": width, "height": height})
            keep(visitor.goes(address), folder / f"{name_of(path)}-{width}.png")
    night = visitors.organizer(locale="en", color_scheme="dark", width=1600)
    talk(night.goes("/try"))
    keep(night.page, folder / "try-dark-1600.png")
    if complaints := visitors.leave():
        sys.exit("\n".join(complaints))


def talk(page: Page) -> None:
    """Let each of the three say something in the try room."""
    for side, number in (("sme", 0), ("startup", 1), ("facilitator", 2)):
        page.locator(f"section[aria-labelledby=title-{side}] .suggestions button").nth(number).click()
        expect(page.locator(f"#talk-{side} .entry").last).to_be_visible()
        expect(page.locator(".compose [aria-disabled], .act [aria-disabled]")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")


def play(page: Page, steps: int = 6) -> None:
    """Let the story go some steps on."""
    progress = page.locator("#story-now progress")
    for done in range(steps):
        page.locator("#story-controls form", has=page.locator("input[value=step]")).locator("button").click()
        expect(progress).not_to_have_attribute("value", str(done))


def name_of(path: str) -> str:
    """Return what the picture of a page is called."""
    parts = [part for part in path.strip("/").split("/") if not part.startswith("{")]
    return re.sub(r"^p(?=$|-)", "partnership", "-".join(parts)) + ("-card" if path.endswith("{card}") else "")


def keep(page: Page, file: Path) -> None:
    """Keep a picture, with as few colours as these pages need."""
    page.evaluate("document.fonts.ready")
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as taken:
        taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
