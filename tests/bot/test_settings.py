"""Settings are read once; a typo is an error that names the right one."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import load_settings


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NAKODO_HOME", "NAKODO_EMBEDDINGS", "NAKODO_CHROMA_URL", "NAKODO_REPORT"):
        monkeypatch.delenv(name, raising=False)


def test_without_any_setting_data_lives_in_the_home_folder() -> None:
    assert load_settings().home == Path.home() / ".nakodo"


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nNAKODO_HOME=/data/nakodo\n", encoding="utf-8")
    assert load_settings().home == Path("/data/nakodo")


@pytest.mark.parametrize(
    ("wrong", "right"), [("NAKODO_HOEM", "NAKODO_HOME"), ("nakodo_embedding", "NAKODO_EMBEDDINGS")]
)
def test_an_unknown_name_is_an_error_that_names_the_right_one(
    monkeypatch: pytest.MonkeyPatch, wrong: str, right: str
) -> None:
    monkeypatch.setenv(wrong, "x")
    with pytest.raises(SettingsError, match=f"{wrong}: no such setting. Did you mean {right}"):
        load_settings()


def test_an_unknown_name_in_the_dotenv_file_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export NAKODO_CROMA_URL=http://x\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="NAKODO_CHROMA_URL"):
        load_settings()


def test_a_dotenv_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NAKODO_HOME=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        load_settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().home = Path("/elsewhere")
