"""Conversations as people have them, played on their own clock; each has a file of what must be said."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.play import play_file
from adapters.wiring import Nakodo

ROOT = Path(__file__).parents[1]
EXPECTED = sorted((ROOT / "tests" / "conversations").glob("*.expected.yaml"))


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_what_is_said_is_what_should_be(path: Path, nakodo: Nakodo) -> None:
    expected: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    deliveries = list(play_file(ROOT / expected["file"], lambda: nakodo.coach))
    assert [one.reply.in_reply_to for one in deliveries] == [one["in_reply_to"] for one in expected["deliveries"]]
    for delivery, wanted in zip(deliveries, expected["deliveries"], strict=True):
        reply, where = delivery.reply, f"{path.name} {wanted['in_reply_to']}: {delivery.reply.text}"
        assert reply.to == wanted["to"], where
        assert reply.kind == wanted.get("kind", reply.kind), where
        covered = {slug for citation in reply.citations for slug in citation.covers}
        assert set(wanted.get("covers", covered)) & covered or not wanted.get("covers"), where
        assert all(words in reply.text for words in wanted.get("says", ())), where
        assert not any(words in reply.text for words in wanted.get("never", ())), where
