"""The door to language models, as far as it can be seen without a line: settings, reading, rests, budgets, faults."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from adapters.services.breaker import Breaker
from adapters.services.budget import MemoryMeter, Purse, estimated
from adapters.services.chat_faults import FaultError, fault_of
from adapters.services.chat_model import ChatModel, missing, open_chat_model
from adapters.services.chat_reading import Heard, UnreadableError, filled, objects, unfinished
from adapters.services.chat_ways import Way, bound, first, lower, schema_of, tool
from adapters.services.tracing import ALLOWED, Tracing
from bot.errors import ModelError, SettingsError
from bot.settings import Settings, load_settings

DAY = date(2026, 4, 1)


class Sentence(BaseModel):
    text: str
    passages: list[int] = []


class Form(BaseModel):
    kind: str
    sentences: list[Sentence]
    next_step: Sentence | None = None


class Piece:
    """A piece of an answer, as LangChain hands it on."""

    def __init__(self, text: str, **more: Any) -> None:
        self.text = self.content = text
        self.additional_kwargs: dict[str, Any] = {}
        self.tool_call_chunks: list[dict[str, Any]] = []
        self.usage_metadata: dict[str, int] | None = None
        vars(self).update(more)


def heard(*pieces: Piece) -> Heard:
    found = Heard()
    for piece in pieces:
        found.add(piece)
    return found


# Settings


@pytest.mark.parametrize(
    ("given", "where", "says"),
    [
        ({"NAKODO_MODEL": "gpt-5"}, "NAKODO_MODEL", "names no provider"),
        ({"NAKODO_MODEL": "openai:"}, "NAKODO_MODEL", "names no provider"),
        ({"NAKODO_MODEL": "opnai:gpt-5"}, "NAKODO_MODEL", "did you mean openai?"),
        ({"NAKODO_MODEL": "vllm:qwen"}, "NAKODO_MODEL", "NAKODO_MODEL_URL"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_URL": "localhost:8000"}, "NAKODO_MODEL_URL", "http://"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_URL": "ftp://a"}, "NAKODO_MODEL_URL", "http://"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_URL": "http://me:pw@a"}, "NAKODO_MODEL_URL", "NAKODO_MODEL_KEY"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_URL": "http://a?key=1"}, "NAKODO_MODEL_URL", "a host and a path"),
        ({"NAKODO_MODEL_URL": "http://127.0.0.1:8000"}, "NAKODO_MODEL_URL", "NAKODO_MODEL is not set"),
        ({"NAKODO_MODEL_KEY": "sk-1"}, "NAKODO_MODEL_KEY", "NAKODO_MODEL is not set"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_SECONDS": "0"}, "NAKODO_MODEL_SECONDS", "greater than 0"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_SECONDS": "soon"}, "NAKODO_MODEL_SECONDS", "number"),
        ({"NAKODO_MODEL": "openai:x", "NAKODO_MODEL_TOKENS": "-1"}, "NAKODO_MODEL_TOKENS", "equal to 0"),
        ({"NAKODO_TRACE_DAYS": "-1"}, "NAKODO_TRACE_DAYS", "equal to 0"),
        ({"NAKODO_MODEL_TOKEN": "9"}, "NAKODO_MODEL_TOKEN", "NAKODO_MODEL_TOKENS"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    at_home: Any, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], where: str, says: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.where == where
    assert says in str(caught.value)
    assert "Value error" not in str(caught.value)


def test_empty_settings_are_unset(at_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAKODO_MODEL", "NAKODO_MODEL_URL", "NAKODO_MODEL_KEY"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert (settings.model, settings.model_url, settings.model_key) == (None, None, None)
    assert (settings.model_seconds, settings.model_tokens, settings.trace_days) == (20.0, 500_000, 90)
    assert open_chat_model(settings) is None


def test_the_settings_reach_the_model() -> None:
    settings = Settings(
        model="openai:gpt-x", model_url="http://127.0.0.1:1/v1/", model_key=SecretStr("sk-1"), model_tokens=7
    )
    model = open_chat_model(settings)
    assert model is not None
    assert (model.name, model.remote, model.left()) == ("openai:gpt-x", False, 7)
    assert "sk-1" not in repr(settings) + repr(model)


def test_a_package_that_is_not_there_is_named() -> None:
    for name, package in (("anthropic:x", "langchain_anthropic"), ("google:x", "langchain_google_genai")):
        assert missing(name) in ("", package)
    assert missing("openai:x") == ""


def test_without_a_call_nothing_is_imported() -> None:
    code = (
        "import sys\n"
        "from adapters.services.chat_model import ChatModel\n"
        "ChatModel('openai:gpt-x', url='http://127.0.0.1:1')\n"
        "heavy = {'langchain', 'langchain_core', 'langchain_openai', 'openai', 'langsmith', 'httpx', 'tenacity',"
        " 'opentelemetry'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


# Whether words leave this machine


@pytest.mark.parametrize(
    ("name", "url", "host", "remote"),
    [
        ("openai:gpt-x", None, None, True),
        ("anthropic:claude", None, None, True),
        ("google:gemini", None, None, True),
        ("openai:gpt-x", "http://127.0.0.1:8000/v1", None, False),
        ("openai:gpt-x", "http://localhost:8000", None, False),
        ("openai:gpt-x", "http://[::1]:8000", None, False),
        ("openai:gpt-x", "http://192.168.1.5:8000", None, True),
        ("openai:gpt-x", "https://localhost.example.com", None, True),
        ("openai:gpt-x", "https://api.example.com", None, True),
        ("ollama:qwen3", None, None, False),
        ("ollama:qwen3", None, "0.0.0.0", False),
        ("ollama:qwen3", None, "gpu.office.example:11434", True),
        ("ollama:qwen3", "http://gpu.office.example:11434", None, True),
        ("ollama:gpt-oss:120b-cloud", None, None, True),
        ("ollama:kimi-k2:cloud", "http://127.0.0.1:11434", None, True),
    ],
)
def test_a_model_is_remote_unless_it_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str | None, host: str | None, remote: bool
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    if host:
        monkeypatch.setenv("OLLAMA_HOST", host)
    assert ChatModel(name, url=url).remote is remote


# Reading


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "answer", "sentences": []}',
        '```json\n{"kind": "answer", "sentences": []}\n```',
        '```\n{"kind": "answer", "sentences": []}',
        'はい。{注意} {"kind": "answer", "sentences": []} 以上です。{終}',
        '<think>{"kind": "draft", "sentences": []}</think>{"kind": "answer", "sentences": []}',
        '{"kind": "no"}</think>\n{"kind": "answer", "sentences": []}',
        '<think>まだ考えている {"kind": "answer", "sentences": []}',
        '{"kind": "answer", "sentences": [],}',
        '[{"kind": "answer", "sentences": []}]',
        '{"kind": "draft"} {"kind": "answer", "sentences": []}',
    ],
)
def test_a_form_is_found_in_what_was_written(text: str) -> None:
    assert filled(Form, heard(Piece(text))).kind == "answer"


@pytest.mark.parametrize(
    "text",
    [
        """{'kind': 'answer', 'sentences': [], 'next_step': None}""",
        """{'kind': "answer", 'sentences': [{'text': 'it\\'s "so"', 'passages': [1,]}], 'next_step': None,}""",
        '{"kind": "answer", // what it is\n "sentences": [], /* no more */ }',
        '{"kind": "answer", # see https://example.com\n "sentences": []}',
        '{"kind": "answer", "sentences": [{"text": "see https://example.com // \\d+ \\ud83d"},]}',
        '{"kind": "answer", "sentences": [], "sure": True}',
        '{"name": "Form", "arguments": {"kind": "answer", "sentences": []}}',
        '{"name": "Form", "arguments": "{\\"kind\\": \\"answer\\", \\"sentences\\": []}"}',
        '{"type": "object", "properties": {"kind": "answer", "sentences": []}}',
        '<tool_call>{"name": "Form", "arguments": {"kind": "answer", "sentences": []}}</tool_call>',
    ],
)
def test_what_is_nearly_json_or_wrapped_up_is_read(text: str) -> None:
    assert filled(Form, heard(Piece(text))).kind == "answer"


@pytest.mark.parametrize(
    "text",
    [
        'For example {"kind": "example", "sentences": []}. Here: {"kind": "answer", "sentences": []}',
        '```json\n{"kind": "draft", "sentences": []}\n```\nSo:\n```json\n{"kind": "answer", "sentences": []}\n```',
        '<|channel|>analysis{"kind": "draft", "sentences": []}<|channel|>final{"kind": "answer", "sentences": []}',
    ],
)
def test_of_several_forms_the_last_one_counts_as_it_does_for_who_reads_along(text: str) -> None:
    assert filled(Form, heard(Piece(text))).kind == "answer"
    seen = unfinished(text, Form)
    assert seen is None or "```" in text or seen["kind"] == "answer"


def test_a_character_that_a_server_cut_in_two_is_whole_and_half_a_one_is_lost() -> None:
    form = filled(Form, heard(Piece('{"kind": "a\ud83d'), Piece('\ude00b", "sentences": []}')))
    assert form.kind == "a😀b"
    lost = heard(Piece('{"kind": "a\ud83d", "sentences": []}'))
    assert filled(Form, lost).kind == "a\ufffd"
    assert unfinished(lost.text, Form) == {"kind": "a\ufffd", "sentences": []}
    lost.text.encode()


def test_line_breaks_and_braces_within_strings_do_no_harm() -> None:
    text = '{"kind": "a {b} \\"c\\"", "sentences": [{"text": "一行目\n二行目, }", "passages": [1, 2,]}]}'
    form = filled(Form, heard(Piece(text)))
    assert form.kind == 'a {b} "c"'
    assert form.sentences[0].text == "一行目\n二行目, }"


def test_a_form_in_a_tool_call_comes_before_the_words_beside_it() -> None:
    pieces = (
        Piece('{"kind": "words", "sentences": []}'),
        Piece("", tool_call_chunks=[{"index": 0, "name": "Form", "args": '{"kind": "tool", '}]),
        Piece("", tool_call_chunks=[{"index": 0, "args": '"sentences": []}'}]),
    )
    assert filled(Form, heard(*pieces)).kind == "tool"


def test_a_form_among_thoughts_counts_if_there_is_no_other() -> None:
    thought = Piece("", additional_kwargs={"reasoning_content": '{"kind": "thought", "sentences": []}'})
    assert filled(Form, heard(thought)).kind == "thought"
    assert filled(Form, heard(thought, Piece('{"kind": "said", "sentences": []}'))).kind == "said"


@pytest.mark.parametrize(
    ("text", "empty"), [("", True), ("承知しました。", True), ('{"kind": "answer"', True), ('{"kind": 3}', False)]
)
def test_what_does_not_fit_says_why_without_its_words(text: str, empty: bool) -> None:
    with pytest.raises(UnreadableError) as caught:
        filled(Form, heard(Piece(text)))
    assert caught.value.empty is empty
    assert text == "" or text not in str(caught.value)


def test_endless_writing_is_not_read() -> None:
    with pytest.raises(UnreadableError, match="too long"):
        filled(Form, heard(Piece('{"kind": "' + "x" * 70_000 + '", "sentences": []}')))


@pytest.mark.parametrize("text", ["{" * 50_000, '{"a":' * 20_000, '"' * 60_000, "```" * 20_000, "<think>" * 9_000])
def test_no_nonsense_takes_long_to_read(text: str) -> None:
    import time

    began = time.perf_counter()
    assert list(objects(text)) == []
    unfinished(text, Form)
    assert time.perf_counter() - began < 2


def test_an_unfinished_form_grows_piece_by_piece() -> None:
    whole = (
        'では。```json\n{"kind": "answer", "sentences": [{"text": "目的が\\u5148です。", "passages": [1, 12]}]}\n```'
    )
    seen = [unfinished(whole[:end], Form) for end in range(len(whole) + 1)]
    assert seen[0] is None
    assert seen[-1] == {"kind": "answer", "sentences": [{"text": "目的が先です。", "passages": [1, 12]}]}
    sizes = [len(str(one)) for one in seen if one]
    assert all(later >= earlier - 1 for earlier, later in pairwise(sizes))


# Ways


def test_a_form_is_told_in_words_that_all_providers_know() -> None:
    schema, closed = schema_of(Form)
    assert closed
    assert "$ref" not in str(schema)
    assert schema["required"] == ["kind", "sentences", "next_step"]
    assert schema["properties"]["sentences"]["items"]["additionalProperties"] is False
    assert "additionalProperties" not in str(tool(Form))

    class Loose(BaseModel):
        anything: dict[str, int]

    assert not schema_of(Loose)[1]


def test_each_refusal_leads_one_way_down_and_the_last_one_ends() -> None:
    way: Way | None = first("openai")
    kinds = []
    while way is not None:
        kinds.append((way.kind, way.usage, way.streams))
        way = lower(way, FaultError("refused", "status 400", status=400), "openai")
    assert [kind for kind, _, _ in kinds] == ["schema", "tools", "json", "plain", "plain", "plain"]
    assert kinds[-1] == ("plain", False, False)


def test_what_is_blamed_is_given_up_first() -> None:
    refused = FaultError("refused", "status 400", status=400, blames="usage")
    assert lower(first("openai"), refused, "openai") == Way("schema", usage=False)
    assert bound(Way("schema", usage=False), Form, "openai")["stream_usage"] is False
    refused = FaultError("refused", "status 400", status=400, blames="stream")
    assert lower(first("ollama"), refused, "ollama") == Way("schema", streams=False)


def test_whoever_lacks_the_right_is_not_asked_in_another_way() -> None:
    for status in (401, 403, 429, 500):
        assert lower(first("openai"), FaultError("refused", "", status=status), "openai") is None


# Faults


class AnsweredError(Exception):
    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None, code: str = "") -> None:
        super().__init__(text)
        self.status_code, self.code = status, code
        self.response = type("Response", (), {"headers": headers or {}})()


@pytest.mark.parametrize(
    ("error", "end", "again"),
    [
        (AnsweredError(400), "refused", False),
        (AnsweredError(401), "refused", False),
        (AnsweredError(403), "refused", False),
        (AnsweredError(404), "refused", False),
        (AnsweredError(302), "refused", False),
        (AnsweredError(408), "down", True),
        (AnsweredError(429), "down", True),
        (AnsweredError(429, code="insufficient_quota"), "refused", False),
        (AnsweredError(500), "down", True),
        (AnsweredError(529), "down", True),
        (ConnectionRefusedError(), "down", True),
        (TimeoutError(), "down", True),
        (KeyError("choices"), "malformed", False),
        (ValueError("secret words"), "malformed", False),
    ],
)
def test_a_fault_knows_how_it_ends_and_whether_to_try_again(error: Exception, end: str, again: bool) -> None:
    fault = fault_of(error)
    assert (fault.end, fault.again) == (end, again)
    assert "secret" not in fault.what


def test_a_status_is_found_behind_other_errors() -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = AnsweredError(429, headers={"retry-after": "7"})
    fault = fault_of(wrapped)
    assert (fault.status, fault.after) == (429, 7.0)


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "350"}, 0.35),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_a_wished_pause_is_read(headers: dict[str, str], after: float | None) -> None:
    assert fault_of(AnsweredError(429, headers=headers)).after == after


@pytest.mark.parametrize(
    ("text", "blames"),
    [
        ("Unknown parameter: 'response_format'.", "form"),
        ("tool_choice is not supported", "form"),
        ("Unrecognized request argument supplied: stream_options", "usage"),
        ("Streaming is not supported", "stream"),
        ("Bad request", ""),
    ],
)
def test_a_refusal_may_say_what_it_is_about(text: str, blames: str) -> None:
    assert fault_of(AnsweredError(400, text)).blames == blames


@pytest.mark.parametrize(
    ("error", "end", "status"),
    [
        (AnsweredError(402), "refused", 402),
        (ValueError({"message": "secret words", "code": 404}), "refused", 404),
        (ValueError({"message": "secret words", "code": "429"}), "down", 429),
        (ValueError({"message": "secret words", "code": "model_not_found"}), "malformed", None),
        (ValueError({"message": "secret words"}), "malformed", None),
    ],
)
def test_an_error_in_the_body_is_one_though_the_status_says_well(
    error: Exception, end: str, status: int | None
) -> None:
    fault = fault_of(error)
    assert (fault.end, fault.status) == (end, status)
    assert "secret" not in fault.what


# Rests and budgets


def told(sent: object, wrote: object) -> Piece:
    return Piece("", usage_metadata={"input_tokens": sent, "output_tokens": wrote})


@pytest.mark.parametrize(
    ("pieces", "tokens"),
    [
        ([told(100, 0), told(0, 40)], (100, 40)),
        ([told(100, 1), told(0, 20), told(0, 20)], (100, 41)),
        ([told(100, 1), told(100, 20), told(100, 40)], (100, 40)),
        ([told(-100, -40)], (0, 0)),
        ([told(10**12, 40)], (0, 40)),
        ([told(None, None)], (0, 0)),
    ],
)
def test_tokens_that_are_told_again_count_once_and_what_nobody_can_have_spent_not_at_all(
    pieces: list[Piece], tokens: tuple[int, int]
) -> None:
    found = heard(*pieces)
    assert (found.tokens_in, found.tokens_out) == tokens


def test_a_breaker_rests_after_failures_in_a_row_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, rest=10, clock=lambda: now[0])
    for good in (False, True, False, None, False):
        assert breaker.admits()
        breaker.over(good)
    assert not breaker.admits()
    now[0] = 11
    assert breaker.admits()
    assert not breaker.admits()
    breaker.over(False)
    now[0] = 20
    assert not breaker.admits()
    now[0] = 22
    assert breaker.admits()
    breaker.over(True)
    assert breaker.admits()
    assert breaker.admits()


def test_a_call_from_before_the_rest_says_nothing_of_the_one_that_is_tried() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest=10, clock=lambda: now[0])
    assert breaker.admits()  # Out for long.
    with ThreadPoolExecutor(1) as others:
        assert others.submit(breaker.admits).result()
        others.submit(breaker.over, False).result()
        now[0] = 11
        assert others.submit(breaker.admits).result()
        breaker.over(None)
        assert not breaker.admits()
        others.submit(breaker.over, True).result()
    assert breaker.admits()


def test_who_pays_while_another_looks_has_not_left_its_tokens_twice() -> None:
    class Glanced(MemoryMeter):
        def spent(self, tenant: str, day: date) -> int:
            found = super().spent(tenant, day)
            if first is not None:
                purse.pay(tenant, 60)
                first.__exit__(None, None, None)
            return found

    first: AbstractContextManager[None] | None = None
    purse = Purse(Glanced(), 100, lambda: DAY)
    holding = purse.holding("north", 60)
    holding.__enter__()
    first = holding
    with pytest.raises(ModelError), purse.holding("north", 60):
        pass


def test_tokens_that_are_held_are_not_there_for_others() -> None:
    purse = Purse(MemoryMeter(), 100, lambda: DAY)
    with purse.holding("north", 60):
        with pytest.raises(ModelError) as caught, purse.holding("north", 60):
            pass
        assert caught.value.end == "budget"
        with purse.holding("south", 60):
            pass
    purse.pay("north", 30)
    with purse.holding("north", 60):
        pass
    assert purse.left("north") == 70


def test_tokens_are_guessed_where_nobody_counts() -> None:
    assert estimated("") == 0
    assert estimated("お金の話") == 4
    assert 4 <= estimated("Talk about money later") <= 8


# Traces


def test_spans_hold_only_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    tracing, kept = Tracing(), InMemorySpanExporter()
    tracing.to(kept)
    with tracing.span("turn", id="m-1", text="田中さんの秘密"), tracing.span("model", count=3) as inner:
        inner.note(words="秘密", end="used")
    with pytest.raises(ValueError, match="秘密"), tracing.span("turn"):
        raise ValueError("秘密")
    assert tracing.flush()
    tracing.close()
    inside, outside, failed = kept.get_finished_spans()
    assert inside.parent is not None
    assert inside.parent.span_id == outside.context.span_id
    assert dict(inside.attributes or {}) == {"nakodo.count": 3, "nakodo.end": "used"}
    assert failed.status.description == "ValueError"
    assert "秘密" not in inside.to_json() + outside.to_json() + failed.to_json()
    assert "text" not in ALLOWED


def test_without_a_collector_there_is_no_span(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    tracing = Tracing()
    with tracing.span("turn", id="m-1") as span:
        span.note(count=1)
    assert not tracing.flush()
