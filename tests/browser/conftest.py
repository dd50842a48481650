"""A server for the session, a Chromium for each file, and visitors for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from adapters.wiring import Nakodo
from tests.browser.served import CHROMIUM, Server, Visitors, chromium, secret, sown


@pytest.fixture(scope="session")
def served_home(tmp_path_factory: pytest.TempPathFactory, home: Path, wordy: Nakodo) -> Path:
    """A data folder with two partnerships in it."""
    assert wordy.search.size
    made = tmp_path_factory.mktemp("served")
    shutil.copytree(home / "index", made / "index")
    sown(made, lambda: wordy.house)
    return made


@pytest.fixture(scope="session")
def server(served_home: Path) -> Iterator[Server]:
    """`nakodo serve`."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on the PATH")
    server = Server(served_home)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """A Chromium. It is closed with each file: its loop and those of asynchronous tests do not go together."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def _visitors(browser: Browser, server: Server, served_home: Path) -> Visitors:
    return Visitors(browser, server, secret(served_home))


@pytest.fixture
def visitors(_visitors: Visitors) -> Iterator[Visitors]:
    """People with browsers; none of their pages may complain, of the content policy least of all."""
    yield _visitors
    assert _visitors.leave() == []
