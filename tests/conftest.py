"""One Nakodo for all tests, in a home of its own."""

import shutil
from pathlib import Path

import pytest

from adapters.wiring import Nakodo
from bot.settings import Settings, load_settings

pytest_plugins = ["tests.servers.postgres"]
_CONTRACTS = ("contract", "post_contract", "preview_contract")
pytest.register_assert_rewrite(*(f"tests.adapters.store.{name}" for name in _CONTRACTS))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the whole session shares.

    Building its index is the slow part. The one that set-up built is a good beginning: it goes by content, so what
    it lacks is built, and what is no longer so is not used.
    """
    folder, built = tmp_path_factory.mktemp("home"), load_settings().home / "index"
    if built.is_dir():
        shutil.copytree(built, folder / "index")
    return folder


@pytest.fixture(scope="session")
def nakodo(home: Path) -> Nakodo:
    """The real thing, with the shipped vectors and weights."""
    return Nakodo(Settings(home=home))


@pytest.fixture(scope="session")
def wordy(home: Path) -> Nakodo:
    """The real thing on a machine without the embedding model."""
    return Nakodo(Settings(home=home, embeddings="none"))


@pytest.fixture
def at_home(home: Path, nakodo: Nakodo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Run in an empty folder, with the shared data folder and no settings of the developer's."""
    assert nakodo.search.size
    monkeypatch.setenv("NAKODO_HOME", str(home))
    for name in ("NAKODO_EMBEDDINGS", "NAKODO_CHROMA_URL", "NAKODO_REPORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
