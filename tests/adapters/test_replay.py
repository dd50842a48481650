"""An answer of a language model is run again, with another model or in other words, and nothing is kept of it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest
from sqlalchemy import text

import prompts
from adapters import cli, road
from adapters.replay import replay, with_model
from adapters.services.store.traces import Traces
from adapters.wiring import TENANT, Nakodo
from bot.errors import InputError, ModelError, SettingsError
from bot.model import Message, MessageId, Person, Room, RoomId, TraceEnd
from bot.ports import Form, Prompt, Written
from bot.settings import Settings
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ROOM = Room(id=RoomId("r"), people=(Person(name="佐藤", side="sme"), Person(name="Lee", side="startup")))
QUESTION = "図面を見せるのは、NDAを結ぶ前と後のどちらがいい？"
_PASSAGE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


class Scripted:
    """Says `says` of the passages word for word, and then something that stands nowhere."""

    remote = False

    def __init__(self, name: str = "openai:then", says: slice = slice(0, 2), end: TraceEnd | None = None) -> None:
        self.name, self.says, self.end = name, says, end
        self.told: list[Prompt] = []
        self.spent: list[str] = []

    def write(self, prompt: Prompt, form: type[Form], *, tenant: str = "", partly: object = None) -> Written[Form]:
        self.told.append(prompt)
        self.spent.append(tenant)
        if self.end is not None:
            raise ModelError(self.end, "as told")
        lines = _PASSAGE.findall(prompt.user)[self.says]
        sentences = [{"text": line, "passages": [int(number)]} for number, line in lines]
        invented = {"text": "売上は八割増えます。", "passages": [1]}
        filled = form.model_validate({"kind": "answer", "sentences": [*sentences, invented], "next_step": None})
        return Written(filled, filled.model_dump_json(), 1200, 80, 5.0)


class Modelled(Nakodo):
    """A Nakodo with a scripted model where one is set up. It shares what takes long to build."""

    def __init__(self, settings: Settings, built: Nakodo, model: Scripted) -> None:
        super().__init__(settings)
        self._built, self._scripted = built, model

    @cached_property
    def model(self) -> Scripted | None:  # type: ignore[override]
        return self._scripted if self.settings.model else None

    @cached_property
    def search(self):  # type: ignore[no-untyped-def]
        return self._built.search

    @cached_property
    def ear(self):  # type: ignore[no-untyped-def]
        return self._built.ear

    @cached_property
    def embedder(self):  # type: ignore[no-untyped-def]
        return self._built.embedder


Open = Callable[..., Modelled]


@pytest.fixture
def opened(nakodo: Nakodo, tmp_path: Path) -> Open:
    def open_(model: Scripted | None = None, *, set_up: str | None = "openai:then") -> Modelled:
        return Modelled(Settings(home=tmp_path / "home", model=set_up), nakodo, model or Scripted())

    return open_


def says(house: Modelled, words: str, number: int = 1) -> None:
    """Let 佐藤 say something to Nakodo alone."""
    at = datetime(2026, 6, 1, 3, number, tzinfo=UTC)
    message = Message(id=MessageId(f"m{number}"), sender=Person(name="佐藤"), at=at, text=words, private=True)
    road.receive(message, ROOM, house.store, lambda: house.house)


def asked(house: Modelled) -> str:
    """Ask in a room, and return the number of the answer."""
    says(house, QUESTION)
    scene = house.store.load(ROOM.id)
    assert scene is not None
    return scene.model_seen[-1].number


def rows(house: Nakodo) -> dict[str, list[object]]:
    """Return all that is kept."""
    with house.store.engine.connect() as connection:
        names = [name for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))]
        return {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in names}


# What it shows


def test_the_same_model_gives_the_same_answer(opened: Open) -> None:
    house = opened()
    run = replay(house, asked(house))
    assert run.then.answer == run.now.answer
    assert all(line.startswith("  ") for line in run.difference)
    assert house.model is not None
    assert house.model.told[0] == house.model.told[1]  # Placeholders too are the same.


def test_another_models_answer_stands_beside_the_one_that_was_given(opened: Open) -> None:
    number = asked(opened())
    run = replay(opened(Scripted("ollama:now", slice(2, 4)), set_up="ollama:now"), number)
    assert (run.then.trace and run.then.trace.model, run.now.trace and run.now.trace.model) == (
        "openai:then", "ollama:now",
    )  # fmt: skip
    assert {line[0] for line in run.difference} >= {"-", "+"}
    text = run.as_text()
    for part in (
        QUESTION,
        number,
        "Then: openai:then",
        "Now: ollama:now",
        "1200 + 80 tokens",
        "dropped",
        "Difference",
    ):
        assert part in text
    assert run.then.answer in text
    assert run.now.answer in text


def test_as_json_it_is_one_line_for_a_program(opened: Open) -> None:
    number = asked(opened())
    line = replay(opened(Scripted("ollama:now", end="slow"), set_up="ollama:now"), number).as_json()
    row = json.loads(line)
    assert "\n" not in line
    assert list(row) == ["id", "at", "room", "question", "then", "now", "difference"]
    assert (row["id"], row["room"], row["then"]["end"], row["now"]["end"]) == (number, "r", "used", "slow")
    assert row["then"]["tokens_in"] == 1200
    assert [one["kept"] for one in row["then"]["verdicts"]][-1] is False
    assert row["now"]["answer"]


def test_where_the_model_fails_now_the_playbooks_answer_is_shown_for_it(opened: Open) -> None:
    number = asked(opened())
    run = replay(opened(Scripted(end="down")), number)
    assert run.now.answer != run.then.answer
    assert "the playbook, for openai:then ended as “down”" in run.as_text()


def test_a_number_may_be_typed_as_people_type_numbers(opened: Open) -> None:
    number = asked(opened())
    wide = number.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    for one in (number, number.replace("-", " "), number.replace("-", ""), wide, f" {number}\n"):
        assert replay(opened(), one).kept.number == number


# Other templates


def borrowed(folder: Path, **words: str) -> Path:
    for locale in ("ja", "en"):
        (folder / locale).mkdir(parents=True)
        for name, source in words.items():
            (folder / locale / f"{name}.md.j2").write_text(source, encoding="utf-8")
    return folder


def test_templates_of_another_folder_go_before_ours(opened: Open, tmp_path: Path) -> None:
    house = opened()
    number, before = asked(house), prompts.version("ja", "compose", "compose_data")
    run = replay(house, number, borrowed(tmp_path / "mine", compose="短く答えてください。"))
    assert house.model is not None
    first, second = house.model.told
    assert (second.system, second.user) == ("短く答えてください。", first.user)
    assert run.now.trace is not None
    assert run.then.trace is not None
    assert run.then.trace.prompt == before != run.now.trace.prompt
    assert prompts.version("ja", "compose", "compose_data") == before
    assert prompts.render("compose", "ja") == first.system


@pytest.mark.parametrize(("words", "says"), [
    ({}, "holds no template"),
    ({"letter": "x"}, "holds no template"),
    ({"compose": "{% if %}"}, "is no template"),
    ({"compose_data": "{{ nobody.knows }}"}, "not given"),
])  # fmt: skip
def test_a_folder_that_cannot_be_used_is_named(
    opened: Open, tmp_path: Path, words: dict[str, str], says: str
) -> None:
    house = opened()
    with pytest.raises(InputError, match=says) as caught:
        replay(house, asked(house), borrowed(tmp_path / "mine", **words))
    assert "mine" in str(caught.value)
    assert prompts.render("compose", "ja") == house.model.told[0].system  # type: ignore[union-attr]


def test_a_folder_that_is_not_there_is_named(opened: Open, tmp_path: Path) -> None:
    house = opened()
    with pytest.raises(InputError, match="no such folder"):
        replay(house, asked(house), tmp_path / "nowhere")


# What it refuses


@pytest.mark.parametrize("typed", ["", "12", "abc", "482-093-75x", "482-093-7551"])
def test_what_is_no_number_is_said_to_be_none(opened: Open, typed: str) -> None:
    with pytest.raises(InputError, match="is no number of an answer"):
        replay(opened(), typed)


def test_a_number_that_names_nothing_is_said_to(opened: Open) -> None:
    with pytest.raises(InputError, match=r"000-000-000: there is no such answer"):
        replay(opened(), "000 000 000")


def test_without_a_model_it_says_how_to_name_one(opened: Open) -> None:
    number = asked(opened())
    with pytest.raises(SettingsError, match="--model"):
        replay(opened(set_up=None), number)


def test_a_room_that_forbids_models_is_left_alone(opened: Open) -> None:
    house = opened()
    number = asked(house)
    says(house, "/privacy model off", 2)
    with pytest.raises(InputError, match="allows no language model"):
        replay(house, number)
    assert house.model is not None
    assert len(house.model.told) == 1


def test_what_was_never_given_to_a_model_stays_so(opened: Open) -> None:
    house = opened()
    says(house, "/privacy model off")
    says(house, QUESTION, 2)
    says(house, "/privacy model on", 3)
    with house.store.engine.connect() as connection:
        number, given = connection.execute(text("SELECT number, given FROM traces")).one()
    assert given == ""
    with pytest.raises(InputError, match="without a language model"):
        replay(house, number)


def test_only_answers_are_run_again(opened: Open) -> None:
    house = opened()
    number = asked(house)
    kept = Traces(house.store.engine).find(number)
    assert kept is not None
    other = kept.trace.model_copy(update={"use": "judge"})
    judged = Traces(house.store.engine).note(TENANT, other, kept.at, "")
    with pytest.raises(InputError, match="judge"):
        replay(house, judged)


# What it leaves


def test_nothing_is_kept_of_it_and_the_programme_pays(opened: Open) -> None:
    house = opened()
    number = asked(house)
    before = rows(house)
    replay(house, number)
    assert rows(house) == before
    assert house.model is not None
    assert house.model.spent == [TENANT, TENANT]


@pytest.mark.parametrize(("name", "url"), [("openai:other", "http://127.0.0.1:9/v1"), ("ollama:other", None)])
def test_address_and_key_are_the_providers(name: str, url: str | None, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"home": tmp_path, "model": "openai:then", "model_url": "http://127.0.0.1:9/v1", "model_key": "k"}
    )
    other = with_model(settings, name)
    assert (other.model, other.model_url, other.model_key is None) == (name, url, url is None)
    assert other.home == tmp_path
    with pytest.raises(SettingsError, match="--model: 'nonsense' names no provider"):
        with_model(settings, "nonsense")


# On the command line, with a real server


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with ScriptedModel() as server:
        yield server


@pytest.fixture
def run(
    server: ScriptedModel, at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process, with a model set up, and return its exit code, output and errors."""
    monkeypatch.setenv("NAKODO_MODEL", "openai:scripted")
    monkeypatch.setenv("NAKODO_MODEL_URL", server.url)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nakodo", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
            sys.exit(0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(left.value.code or 0), out, err

    return call


def test_what_ask_answered_is_run_again_by_the_number_that_it_told(
    run: Callable[..., tuple[int, str, str]], server: ScriptedModel
) -> None:
    code, out, err = run("ask", QUESTION, "--json")
    found = re.search(r"^nakodo: 1: ID (\d{3}-\d{3}-\d{3}), openai:scripted (\w+)$", err, re.MULTILINE)
    assert code == 0
    assert found
    assert found[2] == "used"
    assert list(json.loads(out)) == ["id", "lang", "kind", "answer", "citations", "next", "ms"]
    server.behave = "429"
    code, again, _ = run("replay", *found[1].split("-"), "--json")
    row = json.loads(again)
    assert code == 0
    assert (row["then"]["answer"], row["then"]["end"]) == (json.loads(out)["answer"], "used")
    assert row["now"]["end"] != "used"
    assert row["now"]["answer"] != row["then"]["answer"]
    code, again, _ = run("replay", found[1], "--model", "openai:other")
    assert code == 0
    assert "asked on the command line" in again
    assert "openai:other" in again


def test_what_no_model_answered_has_no_number(run: Callable[..., tuple[int, str, str]]) -> None:
    _, out, err = run("ask", "今日の天気は？")
    assert out
    assert "ID" not in err


def test_an_error_is_a_sentence(run: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = run("replay", "111-222-333")
    assert (code, out) == (1, "")
    assert "there is no such answer" in err
