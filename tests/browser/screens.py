"""Take pictures of every page at three widths for the documentation: `python -m tests.browser.screens`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from adapters.wiring import Nakodo
from bot.settings import Settings
from tests.browser.served import CHROMIUM, ROOT, Server, Visitors, addresses, chromium, secret, settled, sown

SCREENS = ROOT / "docs" / "screens"
WIDTHS = (360, 900, 1600)
ASKED = ("初めての相手と、どう話せばいい？",)
HEIGHTS = {360: 740, 900: 900, 1600: 1000}


def name_of(path: str) -> str:
    """Return what the picture of a page is called."""
    parts = [part for part in path.strip("/").split("/") if not part.startswith("{")]
    return "-".join(parts)


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
                _taken(Visitors(browser, server, secret(home)))
        finally:
            server.kill()


def _taken(visitors: Visitors) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    visitor = visitors.organizer()
    _talked(visitor.goes("/try"))
    for path, address in addresses().items():
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            if not settled(visitor, address):
                break
            _keep(visitor.page, f"{name_of(path)}-{width}")
    dark = visitors.again(visitor, color_scheme="dark", width=1600)
    settled(dark, "/try")
    _keep(dark.page, "try-dark-1600")
    complaints = visitors.leave()
    if complaints:
        sys.exit("\n".join(complaints))
