"""Settings are read once; a typo is an error that names the right one."""

import os
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("NAKODO_")]:
        monkeypatch.delenv(name)


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


@pytest.mark.parametrize("written", ["~/desk", "$HOME/desk", "${HOME}/desk", " ~/desk "])
def test_the_data_folder_may_be_written_from_ones_own_home(written: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"NAKODO_HOME={written}\nNAKODO_REPORT=~/report.txt\n", encoding="utf-8")
    assert load_settings().home == Path.home() / "desk"
    assert load_settings().report == Path.home() / "report.txt"


@pytest.mark.parametrize("empty", ["", "  "])
def test_what_is_left_empty_is_not_given(empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NAKODO_RATE_PERSON=\nNAKODO_STRANGERS=\n", encoding="utf-8")
    for name in Settings.model_fields:
        if name not in ("rate_person", "strangers"):
            monkeypatch.setenv(f"NAKODO_{name.upper()}", empty)
    assert load_settings() == Settings.model_construct(home=Path.home() / ".nakodo")


GIVEN = {
    "NAKODO_HOME": "~nobody-at-all/x",
    "NAKODO_PORT": "９０００番",
    "NAKODO_HOST": "http://0.0.0.0:80",
    "NAKODO_SECRET": "kurz",
    "NAKODO_SECOND_PROCESS": "perhaps",
    "NAKODO_RATE_PERSON": "0",
    "NAKODO_MODEL": "sk-geheim",
    "NAKODO_MODEL_SECONDS": "601",
    "NAKODO_MODEL_TOKENS": "500,000",
    "NAKODO_EMBEDDINGS": "sk-geheim-too",
    "NAKODO_CHROMA_URL": "http://me:geheim@chroma",
    "NAKODO_PUBLIC_URL": "https://[geheim",
    "NAKODO_OIDC_ISSUER": "login.geheim.jp",
    "NAKODO_TRACE_DAYS": "9.5",
}
PYDANTIC = ("Value error", "Input should", "validation", "unable to", "unpack", "items")


def test_all_that_is_wrong_is_told_at_once_in_words_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NAKODO_HOEM=geheim\nNAKODO_RATE_TENANT: 7\n", encoding="utf-8")
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    told = str(caught.value)
    assert [name for name in (*GIVEN, "NAKODO_HOEM", ".env, line 2") if f"\n  {name}: " not in told] == []
    assert [value for value in (*GIVEN.values(), "geheim") if len(value) > 3 and value in told] == []
    assert [words for words in PYDANTIC if words in told] == []


@pytest.mark.parametrize(("name", "value"), GIVEN.items())
def test_each_wrong_value_is_told_with_its_name_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.where == name
    assert caught.value.remedy
    assert caught.value.what != "cannot be used"


def test_a_key_in_the_place_of_a_model_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("sk-geheim", "123456:geheim"):
        monkeypatch.setenv("NAKODO_MODEL", key)
        with pytest.raises(SettingsError, match="NAKODO_MODEL") as caught:
            load_settings()
        assert key not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["NAKODO_PORT: 9000", "NAKODO_PORT＝9000", "TELEGRAM_BOT_TOKEN", 'TELEGRAM_BOT_TOKEN="123:abc']
)
def test_a_line_that_would_be_passed_over_is_an_error_with_its_number(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(f"# ours\n\nNAKODO_HOST=127.0.0.1\n\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\.env, line 5: is not understood\. Write NAME=value") as caught:
        load_settings()
    assert "123:abc" not in str(caught.value)
    assert capsys.readouterr().err == ""


def test_a_dotenv_file_as_windows_saves_it_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffNAKODO_PORT=9000\r\nNAKODO_HOST=::1\r\n", encoding="utf-8")
    assert (load_settings().port, load_settings().host) == (9000, "::1")
