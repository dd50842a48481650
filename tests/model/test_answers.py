"""Whatever a server does, a form that was written is read, and everything else ends in time with a reason."""

import time
from collections.abc import Callable

import pytest

from adapters.services.breaker import Breaker
from adapters.services.chat_model import ChatModel
from bot.errors import ModelError
from tests.model.conftest import PASSAGES, Composed, prompt
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Asking = Callable[..., ChatModel]

LIMIT = 1.5
GRACE = 0.3


@pytest.mark.parametrize(
    "behaviour",
    [
        "good",
        "good+small",
        "good+whole",
        "fenced",
        "wordy",
        "thinks",
        "thinks-on",
        "loose",
        "reasons",
        "reasons-only",
    ],
)
def test_a_form_is_read_wherever_it_stands(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.behave = behaviour
    written = asking().write(prompt(), Composed)
    assert [one.text.strip() for one in written.form.sentences] == list(PASSAGES[:4])
    assert written.form.sentences[0].passages == [1]
    assert len(server.asked) == 1
    assert PASSAGES[0] in written.raw
    assert written.tokens_in > 0
    assert written.tokens_out > 0
    assert written.ms > 0


@pytest.mark.parametrize("behaviour", ["prose", "truncated", "malformed", "other-form", "empty", "null", "garbage"])
def test_what_cannot_be_read_gets_one_more_try_that_says_why(
    server: ScriptedModel, asking: Asking, behaviour: str
) -> None:
    server.then(behaviour)
    written = asking().write(prompt(), Composed)
    assert [one.text for one in written.form.sentences] == list(PASSAGES[:4])
    first, second = server.asked
    assert "That cannot be used" not in first.text
    assert "That cannot be used" in second.user
    assert '"properties"' in second.system


@pytest.mark.parametrize(
    "behaviour", ["prose", "truncated", "malformed", "other-form", "empty", "huge", "thousands", "garbage", "html"]
)
def test_two_answers_that_cannot_be_read_are_enough(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.behave = behaviour
    with pytest.raises(ModelError) as caught:
        asking().write(prompt(), Composed)
    assert caught.value.end == "malformed"
    assert len(server.asked) <= 3


def test_the_error_names_the_field_to_the_model(server: ScriptedModel, asking: Asking) -> None:
    server.writers["half"] = lambda _: '{"kind": "answer", "sentences": [{"text": "はい。"}]}'
    server.then("half")
    asking().write(prompt(), Composed)
    assert "sentences.0.passages: Field required" in server.asked[1].user


def test_a_server_that_once_wrote_no_form_is_told_it_in_words_from_then_on(
    server: ScriptedModel, asking: Asking
) -> None:
    server.behave = lambda asked: "good" if '"properties"' in asked.system else "prose"
    model = asking()
    for _ in range(3):
        model.write(prompt(), Composed)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "behaviour", ["429", "500", "502", "503", "408", "hangs-up", "hangs-up-middle", "error-in-stream"]
)
def test_what_may_pass_is_tried_again(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.then(behaviour, behaviour)
    assert asking().write(prompt(), Composed).form.kind == "answer"
    assert len(server.asked) == 3


@pytest.mark.parametrize("behaviour", ["401", "403", "no-quota"])
def test_who_is_turned_away_does_not_knock_again(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.behave = behaviour
    with pytest.raises(ModelError) as caught:
        asking().write(prompt(), Composed)
    assert caught.value.end == "refused"
    assert len(server.asked) == 1


@pytest.mark.parametrize("behaviour", ["400", "404", "422"])
def test_a_request_that_is_refused_in_every_way_is_refused(
    server: ScriptedModel, asking: Asking, behaviour: str
) -> None:
    server.behave = behaviour
    with pytest.raises(ModelError) as caught:
        asking().write(prompt(), Composed)
    assert caught.value.end == "refused"
    assert len(server.asked) <= 6
    server.forget()
    server.behave = "good"
    asking().write(prompt(), Composed)
    assert server.asked[0].wants == "schema"


def test_a_wait_that_the_server_asks_for_is_kept(server: ScriptedModel, asking: Asking) -> None:
    server.then("429-soon")
    asking().write(prompt(), Composed)
    assert server.asked[1].at - server.asked[0].at >= 0.3


def test_a_wait_that_does_not_fit_is_not_begun(server: ScriptedModel, asking: Asking) -> None:
    server.behave = "429-long"
    model = asking(seconds=LIMIT)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "down"
    assert time.monotonic() - began < 0.5
    assert len(server.asked) == 1


@pytest.mark.parametrize("behaviour", ["stalls", "stalls-middle", "slow", "slow-headers", "good+one-body+stalls"])
def test_nobody_waits_longer_than_the_limit(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.behave = behaviour
    model = asking(seconds=LIMIT)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed, partly=lambda _: None)
    assert caught.value.end == "slow"
    assert LIMIT - 0.1 < time.monotonic() - began < LIMIT + GRACE
    server.wait_until(lambda: server.left == 1)


@pytest.mark.parametrize("behaviour", ["429", "500", "hangs-up", "hangs-up-middle", "prose+slow", "error-in-stream"])
def test_tries_and_pauses_end_with_the_limit(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    server.behave = behaviour
    model = asking(seconds=LIMIT)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end in ("down", "slow")
    assert time.monotonic() - began < LIMIT + GRACE


@pytest.mark.parametrize(
    ("behaviour", "within"), [("lingers", 1.2), ("endless", LIMIT + GRACE), ("forever", LIMIT + GRACE)]
)
def test_an_answer_that_is_whole_counts_though_the_line_stays_open(
    server: ScriptedModel, asking: Asking, behaviour: str, within: float
) -> None:
    server.behave = behaviour
    model = asking(seconds=LIMIT)
    began = time.monotonic()
    assert model.write(prompt(), Composed).form.kind == "answer"
    assert time.monotonic() - began < within


def test_the_repair_has_only_the_time_that_is_left(server: ScriptedModel, asking: Asking) -> None:
    server.then("prose+steady", "stalls")
    model = asking(seconds=LIMIT)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "slow"
    assert time.monotonic() - began < LIMIT + GRACE


def test_a_server_that_is_not_there_is_down(asking: Asking) -> None:
    with ScriptedModel() as gone:
        url = gone.url
    model = asking(url=url, seconds=LIMIT)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "down"
    assert time.monotonic() - began < LIMIT + GRACE


def test_who_failed_often_rests_and_is_then_tried_once(server: ScriptedModel, asking: Asking) -> None:
    now = [0.0]
    model = asking(breaker=Breaker(failures=3, rest=60, clock=lambda: now[0]))
    server.behave = "401"
    for _ in range(3):
        with pytest.raises(ModelError):
            model.write(prompt(), Composed)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "resting"
    assert time.monotonic() - began < 0.05
    assert len(server.asked) == 3
    now[0] = 61.0
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "refused"
    now[0], server.behave = 122.0, "good"
    assert model.write(prompt(), Composed).form.kind == "answer"
    assert model.write(prompt(), Composed).form.kind == "answer"
