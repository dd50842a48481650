"""What the doctor says of the language model."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.doctor import _model
from bot.settings import Settings
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
KEY = "sk-live-0123456789abcdef"


def settings(home: Path, url: str, **more: object) -> Settings:
    return Settings(home=home, model="openai:scripted", model_url=url, model_key=SecretStr(KEY), **more)  # type: ignore[arg-type]


def test_a_model_that_answers_is_well(tmp_path: Path) -> None:
    with ScriptedModel() as server:
        found = _model(settings(tmp_path, server.url))
    assert found.state == "ok"
    assert "openai:scripted, on this machine, answers in" in found.what
    assert "tokens left today" in found.what


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        ("401", "NAKODO_MODEL_KEY"),
        ("404", "NAKODO_MODEL_URL"),
        ("429", "credit"),
        ("stalls", "NAKODO_MODEL_SECONDS"),
        ("500", "NAKODO_MODEL_URL"),
    ],
)
def test_a_model_that_does_not_answer_is_told_with_what_to_do(tmp_path: Path, behaviour: str, says: str) -> None:
    with ScriptedModel(behaviour) as server:
        found = _model(settings(tmp_path, server.url, model_seconds=4))
    assert found.state == "weaker"
    assert says in found.remedy
    assert KEY not in str(found)


def test_without_a_model_all_is_well(tmp_path: Path) -> None:
    assert _model(Settings(home=tmp_path)).state == "ok"


def test_whoever_gave_no_key_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    found = _model(Settings(home=tmp_path, model="openai:gpt-5"))
    assert (found.state, found.remedy) == ("weaker", "set NAKODO_MODEL_KEY to your key at openai")
