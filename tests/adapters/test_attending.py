"""Who is mentioned is known by name before the turn, though they have never written a word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.attending import MOST_MENTIONED, introduce
from adapters.post import Event
from tests.adapters.memory import SATO, TANAKA, Hall, MemoryChannel, account, open_hall

NEW = account(7)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


async def hears(hall: Hall, event: Event, **names: str) -> None:
    await introduce(event, MemoryChannel(names=names), "default", hall.directory)
    hall.hears(event)


async def test_who_leads_seats_somebody_by_a_mention_who_has_never_written(hall: Hall) -> None:
    event = hall.happens.said(TANAKA, f"/side sme <@{NEW.key}>")
    await hears(hall, event, **{NEW.key: "山本"})
    assert {one.name: one.side for one in hall.scene().room.people}["山本"] == "sme"
    hall.hears(hall.happens.said(account(7, "山本"), "/decide 六月に会う"))
    assert len(hall.scene().record.decisions) == 1


async def test_whom_the_platform_does_not_know_is_not_met(hall: Hall) -> None:
    await hears(hall, hall.happens.said(TANAKA, f"/side sme <@{NEW.key}>"))
    assert hall.directory.known("default", NEW.key) is None


async def test_whom_only_the_mention_names_is_met_by_that_name_and_is_the_one_who_comes_later(hall: Hall) -> None:
    await hears(hall, hall.happens.said(TANAKA, f"/side sme <@{NEW.key}|山本 花子>"))
    assert {one.name: one.side for one in hall.scene().room.people}["山本 花子"] == "sme"
    await hears(hall, hall.happens.said(TANAKA, f"/action 図面を選ぶ <@{NEW.key}|山本 花子> 4/20"))
    assert [one.owner for one in hall.scene().record.actions] == ["山本 花子"]
    hall.hears(hall.happens.said(account(7, "山本"), "/decide 六月に会う"))
    assert len(hall.scene().record.decisions) == 1


@pytest.mark.parametrize("key", [SATO.key, "telegram:42"])
async def test_who_is_known_or_elsewhere_is_not_asked_for(hall: Hall, key: str) -> None:
    before = hall.directory.known("default", key)
    await introduce(
        hall.happens.said(TANAKA, f"<@{key}> さん"), MemoryChannel(names={key: "別人"}), "default", hall.directory
    )
    assert hall.directory.known("default", key) == before


async def test_of_a_crowd_that_is_mentioned_only_the_first_are_asked_for(hall: Hall) -> None:
    keys = [account(100 + number).key for number in range(MOST_MENTIONED + 5)]
    event = hall.happens.said(TANAKA, " ".join(f"<@{key}>" for key in keys))
    await hears(hall, event, **dict.fromkeys(keys, "人"))
    assert sum(hall.directory.known("default", key) is not None for key in keys) == MOST_MENTIONED
