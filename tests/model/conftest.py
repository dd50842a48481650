"""The scripted server, models that ask it, and a prompt with passages."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from adapters.services.chat_model import ChatModel
from bot.ports import Prompt
from tests.servers.model import ScriptedModel

PASSAGES = (
    "お金の話は、目的がそろってからにします。",
    "初めて会う日は、おたがいの困りごとを聞きます。",
    "秘密は、秘密保持契約を結んでから話します。",
    "小さく試して、続けるかやめるかを決めます。",
    "試す前に、費用をどちらが持つかを決めておきます。",
    "うまくいかなくても、学んだことは残ります。",
)
SECRET = "田中精機の図面番号K-4471"


class Sentence(BaseModel):
    text: str = Field(min_length=1)
    passages: list[int]


class Composed(BaseModel):
    kind: Literal["answer", "not_enough"]
    sentences: list[Sentence] = Field(min_length=1)
    next_step: Sentence | None = None


def prompt(question: str = "お金の話はいつすればいいですか") -> Prompt:
    numbered = "\n".join(f"[{number}] {text}" for number, text in enumerate(PASSAGES, 1))
    user = f"<passages>\n［レポート］\n{numbered}\n</passages>\n\n<question>\n{question}\n</question>"
    return Prompt("あなたは仲人です。番号つきの文だけをよりどころに答えます。", user, "compose@0000")


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with ScriptedModel() as running:
        yield running


@pytest.fixture
def asking(server: ScriptedModel) -> Callable[..., ChatModel]:
    """A model that asks the scripted server; its packages are loaded already."""

    def make(name: str = "openai:scripted", **how: object) -> ChatModel:
        model = ChatModel(name, **({"url": server.url, "seconds": 10.0} | how))  # type: ignore[arg-type]
        model._maker.model()
        return model

    return make
