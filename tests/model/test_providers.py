"""Each provider's own SDK, against a local server that speaks its dialect. No key is needed for that."""

import gc
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from pydantic import SecretStr

from adapters.services.chat_model import PACKAGES, ChatModel
from bot.errors import ModelError
from tests.model.conftest import PASSAGES, Composed, prompt
from tests.servers.model import ScriptedModel

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NAMES = ("openai:gpt-5", "anthropic:claude-sonnet-5", "google:gemini-2.5-flash", "ollama:qwen3")
WHERE = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "ollama": "/api/chat"}


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """Google's SDK forgets a coroutine when it reads an error; it is swept up here, not in the next test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def installed(name: str) -> str:
    package = PACKAGES[name.partition(":")[0]]  # type: ignore[index]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    return name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("supports", ["schema", "tools", "plain"])
def test_every_provider_fills_in_the_form(name: str, supports: str) -> None:
    with ScriptedModel(supports=supports) as server:  # type: ignore[arg-type]
        model = ChatModel(installed(name), url=server.host, key=SecretStr("k-1"), seconds=30)
        seen: list[object] = []
        written = model.write(prompt(), Composed, partly=seen.append)
        assert [one.text for one in written.form.sentences] == list(PASSAGES[:4])
        assert written.tokens_in > 50
        assert written.tokens_out > 20
        assert seen
        assert server.asked[-1].wants == supports
        assert server.asked[-1].path == WHERE.get(name.partition(":")[0], server.asked[-1].path)
        assert "k-1" in str(server.asked[-1].headers)
        assert not model.remote


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("behaviour", "end"), [("401", "refused"), ("500", "down"), ("stalls", "slow"), ("prose", "malformed")]
)
def test_every_provider_fails_alike(name: str, behaviour: str, end: str) -> None:
    with ScriptedModel() as server:
        model = ChatModel(installed(name), url=server.host, key=SecretStr("k-1"), seconds=2.5)
        model._maker.model()
        server.behave = behaviour
        with pytest.raises(ModelError) as caught:
            model.write(prompt(), Composed)
        assert caught.value.end == end
        if end == "refused":
            assert len(server.asked) == 1


@pytest.mark.parametrize("name", NAMES)
def test_no_sdk_tries_again_on_its_own(name: str) -> None:
    with ScriptedModel() as server:
        model = ChatModel(installed(name), url=server.host, key=SecretStr("k-1"), seconds=30)
        server.then("500")
        model.write(prompt(), Composed)
        assert len(server.asked) == 2


def test_anthropic_is_told_to_keep_the_system_message_ready() -> None:
    with ScriptedModel() as server:
        ChatModel(installed("anthropic:claude-sonnet-5"), url=server.host, seconds=30).write(prompt(), Composed)
        assert server.asked[0].body["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_ollama_is_told_to_keep_the_whole_prompt_in_view() -> None:
    with ScriptedModel() as server:
        ChatModel(installed("ollama:qwen3"), url=server.host, seconds=30).write(prompt(), Composed)
        assert server.asked[0].body["options"]["num_ctx"] >= 8_192
