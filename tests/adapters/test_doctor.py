"""What the doctor finds around Nakodo: `.env`, the data folder, the durable work, the pages and their port."""

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters import cli
from adapters.doctor import _embeddings, _guarded, examine
from adapters.doctor_place import Finding, data_folder, dotenv, pages, workflows
from adapters.services.store import open_store
from adapters.services.store.lock import alone
from bot.errors import SettingsError
from bot.settings import Settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAA"
CHATS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "TELEGRAM_BOT_TOKEN")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run in, without any chat."""
    monkeypatch.chdir(tmp_path)
    for name in CHATS:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port at which somebody listens until the test is over."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def wrong(found: list[Finding]) -> list[str]:
    return [str(one) for one in found if one.state != "ok"]


def test_it_says_which_file_of_settings_is_read(here: Path) -> None:
    assert [one.what for one in dotenv()] == [f"no .env in {here}: settings come from the environment alone"]
    (here / ".env").write_text("NAKODO_PORT=9000\n", encoding="utf-8")
    assert [one.what for one in dotenv()] == [f"settings of {here / '.env'} and of the environment"]


def test_a_line_that_would_be_passed_over_is_told_once(here: Path) -> None:
    (here / ".env").write_text("# ours\nTELEGRAM_BOT_TOKEN: 123:abc\n", encoding="utf-8")
    (told,) = wrong(list(examine()))
    assert "line 2" in told
    assert "123:abc" not in told


def test_a_file_that_can_be_read_has_nothing_amiss(here: Path) -> None:
    text = '\ufeff# ours\r\nexport NAKODO_PORT="9000" # mine\r\n\r\nOTHER=a=b\r\nNAKODO_MODEL=\r\n'
    (here / ".env").write_text(text, encoding="utf-8")
    assert wrong(list(dotenv())) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("SLACK_TOKEN", "SLACK_BOT_TOKEN"),
        ("SLACK_SIGNING_SECRT", "SLACK_SIGNING_SECRET"),
        ("TELEGRAM_WEBHOOK", "TELEGRAM_WEBHOOK_URL"),
    ],
)
def test_a_name_that_is_nearly_a_chats_setting_is_asked_about(here: Path, name: str, meant: str) -> None:
    (here / ".env").write_text(f"{name}=geheim\n", encoding="utf-8")
    (told,) = wrong(list(dotenv()))
    assert name in told
    assert meant in told
    assert "geheim" not in told


def test_names_of_other_programs_are_left_in_peace(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK", "x")
    monkeypatch.setenv("TELEGRAM_CHAT", "x")
    (here / ".env").write_text(f"SLACK_TOKEN=x\nSLACK_BOT_TOKEN=x\nTELEGRAM_BOT_TOKEN={TOKEN}\n", encoding="utf-8")
    assert wrong(list(dotenv())) == []


def test_a_name_that_libraries_look_for_elsewhere_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    (here / ".env").write_text("ANTHROPIC_API_KEY=geheim\n", encoding="utf-8")
    (told,) = wrong(list(dotenv()))
    assert "ANTHROPIC_API_KEY" in told
    assert "geheim" not in told
    monkeypatch.setenv("ANTHROPIC_API_KEY", "geheim")
    assert wrong(list(dotenv())) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, not even of root")
def test_a_data_folder_that_takes_nothing_is_one_finding_and_not_five(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = here / "home"
    home.mkdir()
    (home / "index").symlink_to("/proc")
    monkeypatch.setenv("NAKODO_HOME", str(home))
    (told,) = wrong([one for one in examine() if "OPENAI" not in one.what])
    assert str(home / "index") in told
    assert "NAKODO_HOME" in told
    assert list(home.iterdir()) == [home / "index"]


def test_a_data_folder_is_named_as_a_whole_path(here: Path) -> None:
    found = data_folder(Settings(home=Path("relative")))
    assert str(here / "relative") in found.what
    assert list((here / "relative").iterdir()) == []


def test_work_that_cannot_be_read_is_told_with_what_to_do(here: Path) -> None:
    assert workflows(Settings(home=here)).state == "ok"
    (here / "jobs.db").write_text("junk" * 1000, encoding="ascii")
    found = workflows(Settings(home=here))
    assert found.state == "missing"
    assert "jobs.db" in found.remedy


def test_an_index_from_which_no_question_is_answered_is_a_finding(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "home" / "index").mkdir(parents=True)
    (here / "home" / "index" / "cards.npz").touch()
    (here / "home" / "index" / "words").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("NAKODO_HOME", str(here / "home"))
    monkeypatch.setenv("NAKODO_EMBEDDINGS", "none")
    monkeypatch.setenv("NAKODO_PORT", "0")
    assert [
        one for one in wrong(list(examine())) if "MISSING" in one and str(here / "home" / "index" / "words") in one
    ]
    assert capsys.readouterr().err == ""


def test_a_port_that_somebody_else_uses_is_told(here: Path, taken: int) -> None:
    found = pages(Settings(home=here, port=taken))
    assert found.state == "missing"
    assert "NAKODO_PORT" in found.remedy
    assert pages(Settings(home=here, port=0)).state == "ok"


def test_a_port_that_nakodo_itself_uses_is_no_trouble(here: Path, taken: int) -> None:
    store = open_store(None, here)
    with alone(store.engine, here):
        found = pages(Settings(home=here, port=taken))
    store.close()
    assert found == Finding("ok", "`nakodo serve` is running")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"host": "0.0.0.0"}, "NAKODO_HOST"),
        ({"public_url": "https://desk.example.jp"}, "NAKODO_PUBLIC_URL"),
        ({"oidc_issuer": "https://login.example.jp"}, "NAKODO_OIDC_CLIENT_ID"),
    ],
)
def test_what_would_keep_serve_from_starting_is_told_before(here: Path, given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        pages(Settings.model_validate({"home": here, **given}))


def test_a_damaged_secret_is_told_before_too(here: Path) -> None:
    (here / "web.secret").write_text("x", encoding="ascii")
    with pytest.raises(SettingsError, match=r"web\.secret"):
        pages(Settings(home=here))


def test_an_embedding_model_that_does_not_start_is_a_finding(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = _guarded(_embeddings, Settings(home=here, embeddings="openai:text-embedding-3-small"))
    assert found.state == "missing"
    assert "NAKODO_EMBEDDINGS_KEY" in str(found)


def test_a_database_that_does_not_open_is_told_once(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NAKODO_HOME", str(here / "home"))
    monkeypatch.setenv("NAKODO_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/nakodo")
    monkeypatch.setattr(sys, "argv", ["nakodo", "doctor"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    out, err = capsys.readouterr()
    assert left.value.code == 1
    assert out.count("NAKODO_DATABASE_URL") == 1
    assert "geheim" not in out + err
    assert err == ""


@pytest.mark.parametrize("file", ["README.md", "README.ja.md"])
def test_every_setting_and_no_other_is_explained_in_both_languages(file: str) -> None:
    named: set[str] = set()
    for line in (Path(__file__).parents[2] / file).read_text(encoding="utf-8").splitlines():
        first, *others = re.findall(r"`(\w+)`", line.split("|")[1]) if line.startswith("| `NAKODO_") else [""]
        begin = first.rpartition("_")[0]
        named |= {first, *(begin + one if one.startswith("_") else one for one in others)} - {""}
    assert named == {f"NAKODO_{name.upper()}" for name in Settings.model_fields}
