"""What people wrote, and keys, go to the model and nowhere else."""

import logging
import os
import traceback
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from adapters.services.chat_model import ChatModel
from adapters.services.tracing import TRACING
from bot.errors import ModelError
from tests.model.conftest import SECRET, Composed, prompt
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
KEY = "sk-live-0123456789abcdef"


def chain(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize(
    "behaviour", ["401", "400", "500", "stalls", "parrot", "html", "garbage", "hangs-up-middle", "error-in-stream"]
)
def test_no_error_and_no_log_quotes_what_was_said_or_the_key(
    server: ScriptedModel, asking: Callable[..., ChatModel], caplog: pytest.LogCaptureFixture, behaviour: str
) -> None:
    caplog.set_level(logging.WARNING)
    server.behave = behaviour
    model = asking(key=SecretStr(KEY), seconds=1.0)
    with pytest.raises(ModelError) as caught:
        model.write(prompt(SECRET), Composed)
    told = "\n".join(
        [repr(model), str(vars(model)), caplog.text, "".join(traceback.format_exception(caught.value))]
        + [f"{one} {one!r} {one.args}" for one in chain(caught.value)]
    )
    assert SECRET not in told
    assert KEY not in told


def test_nothing_is_traced_to_langsmith_whatever_the_environment_says(
    server: ScriptedModel, asking: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    from langsmith.utils import get_env_var

    with ScriptedModel() as collector:
        for name in ("LANGSMITH", "LANGCHAIN"):
            monkeypatch.setenv(f"{name}_TRACING_V2", "true")
            monkeypatch.setenv(f"{name}_ENDPOINT", collector.host)
            monkeypatch.setenv(f"{name}_API_KEY", "ls-key")
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        get_env_var.cache_clear()
        model = asking()
        assert model.write(prompt(SECRET), Composed).form.kind == "answer"
        server.behave = "500"
        with pytest.raises(ModelError):
            model.write(prompt(SECRET), Composed)
        assert collector.asked == []
        from langchain_core.tracers.langchain import wait_for_all_tracers

        wait_for_all_tracers()
        assert collector.asked == []
    get_env_var.cache_clear()


def test_a_model_at_home_is_asked_past_every_proxy(server: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedModel() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.host)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        model = ChatModel("openai:scripted", url=server.url, seconds=30)
        assert model.write(prompt(), Composed).form.kind == "answer"
        assert len(server.asked) == 1
        assert proxy.asked == []


def test_spans_carry_counts_and_no_words(server: ScriptedModel, asking: Callable[..., ChatModel]) -> None:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    TRACING.to(kept)
    try:
        model = asking(key=SecretStr(KEY))
        model.write(prompt(SECRET), Composed, tenant="north")
        server.behave = "parrot"
        with pytest.raises(ModelError):
            model.write(prompt(SECRET), Composed, tenant="north")
        assert TRACING.flush()
    finally:
        TRACING.close()
    good, bad = kept.get_finished_spans()
    assert good.attributes is not None
    assert good.attributes["nakodo.end"] == "used"
    assert good.attributes["nakodo.model"] == "openai:scripted"
    assert good.attributes["nakodo.tenant"] == "north"
    assert int(str(good.attributes["nakodo.tokens_in"])) > 50
    assert bad.attributes is not None
    assert bad.attributes["nakodo.end"] == "malformed"
    told = good.to_json() + bad.to_json()
    assert SECRET not in told
    assert KEY not in told


def test_nothing_leaves_for_a_collector_that_nobody_named() -> None:
    assert not any(name.startswith("OTEL_EXPORTER_OTLP") for name in os.environ)
