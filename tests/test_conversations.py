"""Conversations as people have them, played on their own clock; each has a file of what must be said, and what never.

An expected file names the conversation and holds any of:

- `shows`: behaviours of the inventory (BEH-..) that it shows
- `deliveries`: everything that is said, in order
- `expect`: each line is matched by something that is said
- `forbid`: no line is matched by anything that is said
- `unasked`: the most that may be said unasked

A line may hold `in_reply_to`, `to`, `kind`, `signal`, `how`, `covers` (one of these is cited), `says` (all of these
words), `never` (none of these words), `choices` (all of these buttons), `before` and `after` (a time).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.play import Delivery, play_file
from adapters.wiring import Nakodo

ROOT = Path(__file__).parents[1]
EXPECTED = sorted((ROOT / "tests" / "conversations").rglob("*.expected.yaml"))
BEHAVIOURS = {f"BEH-{number:02}" for number in range(1, 39)}
PLAIN = ("in_reply_to", "to", "kind", "signal")
KNOWN = {*PLAIN, "how", "covers", "says", "never", "choices", "before", "after"}


def read(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(expected) <= {"file", "shows", "deliveries", "expect", "forbid", "unasked"}, path.name
    return expected


def matches(delivery: Delivery, line: Mapping[str, Any]) -> bool:
    assert set(line) <= KNOWN, line
    reply = delivery.reply
    if any(name in line and getattr(reply, name) != line[name] for name in PLAIN):
        return False
    if "how" in line and (reply.label is None or reply.label.how != line["how"]):
        return False
    if "covers" in line and not {slug for one in reply.citations for slug in one.covers} & set(line["covers"]):
        return False
    if "before" in line and delivery.at >= moment(line["before"]):
        return False
    if "after" in line and delivery.at < moment(line["after"]):
        return False
    return (
        all(words in reply.text for words in line.get("says", ()))
        and not any(words in reply.text for words in line.get("never", ()))
        and set(line.get("choices", ())) <= set(reply.choices)
    )


def moment(value: object) -> datetime:
    assert isinstance(value, datetime), value
    return value


def told(deliveries: list[Delivery]) -> str:
    return "\n".join(f"{one.at} {one.reply.in_reply_to} {one.reply.signal} {one.as_text()}" for one in deliveries)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_what_is_said_is_what_should_be(path: Path, nakodo: Nakodo) -> None:
    expected = read(path)
    deliveries = list(play_file(ROOT / expected["file"], lambda: nakodo.house))
    if "deliveries" in expected:
        assert [one.reply.in_reply_to for one in deliveries] == [one["in_reply_to"] for one in expected["deliveries"]]
        for delivery, line in zip(deliveries, expected["deliveries"], strict=True):
            assert matches(delivery, line), f"{line}\n{told([delivery])}"
    for line in expected.get("expect", ()):
        assert any(matches(one, line) for one in deliveries), f"nothing said like {line}\n{told(deliveries)}"
    for line in expected.get("forbid", ()):
        found = [one for one in deliveries if matches(one, line)]
        assert not found, f"said, though forbidden: {line}\n{told(found)}"
    unasked = [one for one in deliveries if one.reply.unasked]
    assert len(unasked) <= expected.get("unasked", len(unasked)), told(unasked)


def test_every_conversation_has_its_expectations() -> None:
    played = {(ROOT / read(path)["file"]).resolve() for path in EXPECTED}
    files = {path for path in (ROOT / "tests" / "conversations").rglob("*.yaml") if ".expected." not in path.name}
    assert {path.resolve() for path in files} <= played
    assert len(played) >= 60


def test_every_behaviour_is_shown_by_a_conversation() -> None:
    shown = {slug for path in EXPECTED for slug in read(path).get("shows", ())}
    assert shown >= BEHAVIOURS, sorted(BEHAVIOURS - shown)
    assert shown <= BEHAVIOURS
