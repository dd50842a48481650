"""Servers that answer, though not quite as OpenAI does: what they say is read, counted with sense, and in time."""

import time
from collections.abc import Callable
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


@pytest.mark.parametrize("behaviour", ["good", "usage-null", "usage-less", "usage-absurd", "usage-each"])
def test_whatever_a_server_says_of_its_tokens_about_what_it_took_is_counted(
    server: ScriptedModel, asking: Asking, behaviour: str
) -> None:
    meter = MemoryMeter()
    server.behave = behaviour
    written = asking(meter=meter, today=lambda: DAY).write(prompt(), Composed)
    assert 50 < written.tokens_in < 400
    assert 50 < written.tokens_out < 250
    assert meter.spent("", DAY) == written.tokens_in + written.tokens_out


def test_words_in_a_list_of_parts_are_read_without_a_warning_that_quotes_them(
    server: ScriptedModel, asking: Asking
) -> None:
    server.behave = "parts"  # A warning would be an error here.
    assert [one.text for one in asking().write(prompt(), Composed).form.sentences] == list(PASSAGES[:4])


def test_an_error_in_the_body_is_told_as_one(server: ScriptedModel, asking: Asking) -> None:
    server.behave = "error-body"
    with pytest.raises(ModelError, match="status 404") as caught:
        asking().write(prompt(), Composed)
    assert caught.value.end == "refused"


@pytest.mark.parametrize("nonsense", ['{"a":', "{", '{"kind": "answer", "sentences": [{"text": "'])
def test_megabytes_of_nonsense_are_not_looked_at_while_somebody_waits(
    server: ScriptedModel, asking: Asking, nonsense: str
) -> None:
    server.writers["mountain"] = lambda _: nonsense * (5_000_000 // len(nonsense))
    server.behave = "mountain+whole"
    model = asking(seconds=1.5)
    began = time.monotonic()
    with pytest.raises(ModelError):
        model.write(prompt(), Composed, partly=lambda _: None)
    assert time.monotonic() - began < 2.5


def test_half_a_character_costs_no_second_try(server: ScriptedModel, asking: Asking) -> None:
    server.writers["cut"] = lambda _: (
        r'{"kind": "answer", "sentences": [{"text": "はい。\ud83d", "passages": [1]}]}'  # JSON's own escape, halved.
    )
    server.behave = "cut"
    written = asking().write(prompt(), Composed)
    assert written.form.sentences[0].text == "はい。\ufffd"
    assert len(server.asked) == 1
