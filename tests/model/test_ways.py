"""Servers know different things of structured output and streams; what one does not know is found out once."""

from collections.abc import Callable

import pytest

from adapters.services.chat_model import ChatModel
from tests.model.conftest import PASSAGES, Composed, prompt
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.parametrize(
    ("knows", "tried"),
    [
        ({"supports": "schema"}, ["schema"]),
        ({"supports": "tools"}, ["schema", "tools"]),
        ({"supports": "json"}, ["schema", "tools", "json"]),
        ({"supports": "plain"}, ["schema", "tools", "json", "plain"]),
        ({"supports": "plain", "mute": True}, ["schema", "tools", "json", "plain"]),
        ({"supports": "tools", "refusal": 404}, ["schema", "tools"]),
        ({"supports": "tools", "refusal": 422}, ["schema", "tools"]),
        ({"supports": "tools", "refusal": 500}, ["schema", "tools"]),
        ({"streams": False}, ["schema", "schema"]),
        ({"takes_usage": False}, ["schema", "schema"]),
        ({"usage": False}, ["schema"]),
    ],
)
def test_a_way_that_is_refused_is_not_tried_again(knows: dict[str, object], tried: list[str]) -> None:
    with ScriptedModel(**knows) as server:  # type: ignore[arg-type]
        model = ChatModel("openai:scripted", url=server.url, seconds=30)
        for _ in range(2):
            written = model.write(prompt(), Composed)
            assert [one.text for one in written.form.sentences] == list(PASSAGES[:4])
            assert written.tokens_in > 50
            assert written.tokens_out > 20
        assert [one.wants for one in server.asked] == [*tried, tried[-1]]


def test_a_server_that_answers_a_stream_with_one_body_is_asked_for_one(
    server: ScriptedModel, asking: Callable[..., ChatModel]
) -> None:
    server.behave = "one-body"
    model, seen = asking(), []
    for _ in range(2):
        model.write(prompt(), Composed, partly=seen.append)
    assert [one.streams for one in server.asked] == [True, False, False]
    assert len(seen) == 2


def test_one_form_that_is_refused_says_nothing_of_another(
    server: ScriptedModel, asking: Callable[..., ChatModel]
) -> None:
    class Opinion(Composed):
        pass

    server.behave = lambda asked: "400" if asked.wants == "schema" and "Opinion" in asked.raw else "good"
    model = asking()
    model.write(prompt(), Opinion)
    model.write(prompt(), Composed)
    assert [one.wants for one in server.asked] == ["schema", "tools", "schema"]


def test_partly_sees_the_form_grow(server: ScriptedModel, asking: Callable[..., ChatModel]) -> None:
    server.behave = "good+steady"
    seen: list[dict[str, list[dict[str, object]]]] = []
    written = asking().write(prompt(), Composed, partly=seen.append)  # type: ignore[arg-type]
    counts = [len(one.get("sentences", ())) for one in seen]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == len(written.form.sentences)
    assert len(seen) > 8
    for one in seen:
        for told, whole in zip(one.get("sentences", ())[:-1], written.form.sentences, strict=False):
            assert told == whole.model_dump()


def test_partly_begins_anew_after_a_stream_that_broke(
    server: ScriptedModel, asking: Callable[..., ChatModel]
) -> None:
    server.then("hangs-up-middle+steady", "good+steady")
    sizes: list[int] = []
    written = asking().write(prompt(), Composed, partly=lambda value: sizes.append(len(str(value))))
    assert written.form.kind == "answer"
    assert sizes != sorted(sizes)


def test_what_breaks_in_partly_is_not_the_models_fault(
    server: ScriptedModel, asking: Callable[..., ChatModel]
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    model = asking()
    for _ in range(6):
        with pytest.raises(ZeroDivisionError):
            model.write(prompt(), Composed, partly=broken)
    assert model.write(prompt(), Composed).form.kind == "answer"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "", "/"])
def test_the_address_may_end_in_v1_or_not(server: ScriptedModel, asking: Callable[..., ChatModel], path: str) -> None:
    assert asking(url=f"{server.host}{path}").write(prompt(), Composed).form.kind == "answer"
    assert server.asked[0].path == "/v1/chat/completions"


def test_a_key_is_sent_where_there_is_one_and_needed_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import SecretStr

    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-provider")
    with ScriptedModel(key="sk-of-this-server") as server:
        model = ChatModel("openai:scripted", url=server.url, key=SecretStr("sk-of-this-server"), seconds=30)
        assert model.write(prompt(), Composed).form.kind == "answer"
    with ScriptedModel() as server:
        assert ChatModel("openai:scripted", url=server.url, seconds=30).write(prompt(), Composed)
        assert "sk-of-the-provider" not in str(server.asked[0].headers)


def test_the_system_message_stays_the_same_and_comes_first(
    server: ScriptedModel, asking: Callable[..., ChatModel]
) -> None:
    model = asking()
    for question in ("費用はいつ話しますか", "NDAはいつ結びますか"):
        model.write(prompt(question), Composed)
    first, second = server.asked
    assert first.body["messages"][0] == second.body["messages"][0]
    assert [role for role, _ in first.messages] == ["system", "user"]
    assert first.user != second.user
