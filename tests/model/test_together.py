"""Many turns share one model, and many tenants one budget each."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from adapters.services.budget import MemoryMeter
from adapters.services.chat_model import ChatModel
from bot.errors import ModelError
from tests.model.conftest import PASSAGES, Composed, prompt
from tests.servers.model import ScriptedModel

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Asking = Callable[..., ChatModel]
DAY = date(2026, 4, 1)


def ended(model: ChatModel, tenant: str = "", question: str = "費用はいつ") -> tuple[str, float]:
    began = time.monotonic()
    try:
        model.write(prompt(question), Composed, tenant=tenant)
    except ModelError as error:
        return error.end, time.monotonic() - began
    return "used", time.monotonic() - began


def test_forty_turns_at_once_are_answered_each_with_its_own(server: ScriptedModel, asking: Asking) -> None:
    server.writers["own"] = lambda asked: (
        '{"kind": "answer", "sentences": [{"text": "' + asked.block("question") + '", "passages": [1]}]}'
    )
    server.behave = "own+small"
    model = asking()
    questions = [f"{number}番の問い" for number in range(40)]
    with ThreadPoolExecutor(40) as pool:
        written = list(pool.map(lambda one: model.write(prompt(one), Composed, partly=lambda _: None), questions))
    assert [one.form.sentences[0].text for one in written] == questions


def test_a_stalling_server_holds_forty_turns_no_longer_than_one(server: ScriptedModel, asking: Asking) -> None:
    server.behave = "stalls"
    model = asking(seconds=1.5)
    with ThreadPoolExecutor(40) as pool:
        results = list(pool.map(lambda _: ended(model), range(40)))
    assert {end for end, _ in results} == {"slow"}
    assert max(took for _, took in results) < 1.8


def test_a_stalling_call_does_not_slow_the_others(server: ScriptedModel, asking: Asking) -> None:
    server.behave = lambda asked: "stalls" if "待つ" in asked.user else "good"
    model = asking(seconds=3)
    waiting = threading.Thread(target=lambda: ended(model, question="待つ"))
    waiting.start()
    server.wait_until(lambda: server.asked)
    assert ended(model)[1] < 1
    waiting.join()


def test_two_models_live_beside_each_other_and_after_each_other(server: ScriptedModel, asking: Asking) -> None:
    for _ in range(3):
        first, second = asking(), asking(seconds=5.0)
        assert ended(first)[0] == ended(second)[0] == "used"


def test_a_tenant_that_has_spent_its_tokens_sends_nothing(server: ScriptedModel, asking: Asking) -> None:
    meter = MemoryMeter()
    model = asking(tokens=1_500, meter=meter, today=lambda: DAY)
    ends = [ended(model, "north") for _ in range(12)]
    used = [end for end, _ in ends].count("used")
    assert 0 < used == len(server.asked) < 12
    assert ends[-1][0] == "budget"
    assert ends[-1][1] < 0.05
    assert meter.spent("north", DAY) <= 1_500 + 300
    assert model.left("north") == max(0, 1_500 - meter.spent("north", DAY))
    assert ended(model, "south")[0] == "used"


def test_a_new_day_has_new_tokens(server: ScriptedModel, asking: Asking) -> None:
    day = [DAY]
    meter = MemoryMeter()
    meter.spend("", DAY, 2_000)
    model = asking(tokens=2_000, meter=meter, today=lambda: day[0])
    assert ended(model)[0] == "budget"
    day[0] = date(2026, 4, 2)
    assert ended(model)[0] == "used"


def test_no_limit_is_no_limit_and_counts_all_the_same(server: ScriptedModel, asking: Asking) -> None:
    meter = MemoryMeter()
    model = asking(tokens=0, meter=meter, today=lambda: DAY)
    written = model.write(prompt(), Composed)
    assert model.left() is None
    assert meter.spent("", DAY) == written.tokens_in + written.tokens_out


def test_many_at_once_do_not_spend_the_same_tokens(server: ScriptedModel, asking: Asking) -> None:
    meter = MemoryMeter()
    model = asking(tokens=1_500, meter=meter, today=lambda: DAY)
    server.behave = "good+steady"
    with ThreadPoolExecutor(20) as pool:
        ends = [end for end, _ in pool.map(lambda _: ended(model), range(20))]
    assert set(ends) == {"used", "budget"}
    assert ends.count("used") <= 8


@pytest.mark.parametrize("behaviour", ["stalls-middle", "hangs-up-middle", "forever"])
def test_what_failed_in_the_middle_is_paid_for(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    meter = MemoryMeter()
    server.behave = behaviour
    ended(asking(seconds=1.0, meter=meter, today=lambda: DAY))
    assert meter.spent("", DAY) > 150


@pytest.mark.parametrize("behaviour", ["429", "500", "401", "400"])
def test_what_was_turned_away_costs_nothing(server: ScriptedModel, asking: Asking, behaviour: str) -> None:
    meter = MemoryMeter()
    server.behave = behaviour
    ended(asking(seconds=1.0, meter=meter, today=lambda: DAY))
    assert meter.spent("", DAY) == 0


def test_what_nobody_can_read_is_paid_for_with_its_repair_and_the_error_says_how_much(
    server: ScriptedModel, asking: Asking
) -> None:
    meter = MemoryMeter()
    server.behave = "prose"
    with pytest.raises(ModelError) as caught:
        asking(meter=meter, today=lambda: DAY).write(prompt(), Composed)
    error = caught.value
    assert (error.end, len(server.asked)) == ("malformed", 2)
    assert error.tokens_out > 0
    assert error.tokens_in + error.tokens_out == meter.spent("", DAY) > 300


def test_a_repair_is_paid_for_too(server: ScriptedModel, asking: Asking) -> None:
    server.then("prose")
    written = asking().write(prompt(), Composed)
    once = asking().write(prompt(), Composed)
    assert written.tokens_in > 2 * once.tokens_in
    assert PASSAGES[0] in written.raw
