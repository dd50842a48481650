"""Taking in: what comes meanwhile goes in together, each once and in its order, and none suffers for another."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from adapters.post import Event
from adapters.services.store import Lane
from adapters.taking import Taker
from tests.adapters.memory import SATO, Hall, account, open_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    yield hall
    hall.store.close()


def waiting(hall: Hall) -> list[tuple[object, ...]]:
    return hall.rows("SELECT event, lane, sequence FROM inbox WHERE state = 'waiting' ORDER BY rowid")


async def test_many_at_once_stand_in_the_order_of_their_arrival(hall: Hall) -> None:
    commits: list[object] = []
    listen(hall.store.engine, "commit", commits.append)
    taker = Taker(hall.reception)
    events = [hall.happens.said(SATO, str(number)) for number in range(40)]
    found = await asyncio.gather(*(taker.take(event) for event in events))
    assert [number for _, number in found] == list(range(1, 41))
    assert [event for event, _, _ in waiting(hall)] == [event.id for event in events]
    assert len(commits) < 10


async def test_what_comes_twice_at_once_is_written_once(hall: Hall) -> None:
    taker = Taker(hall.reception)
    first, second = hall.happens.said(SATO, "1"), hall.happens.said(SATO, "2")
    found = await asyncio.gather(*(taker.take(event) for event in (first, second, first, second, first)))
    assert [number for _, number in found] == [1, 2, None, None, None]
    assert len(waiting(hall)) == 2


async def test_one_that_cannot_be_written_takes_none_with_it(hall: Hall) -> None:
    class Refusing(type(hall.reception)):  # type: ignore[misc]
        def lane_of(self, event: Event) -> Lane:
            if event.text == "?":
                raise ValueError(event.id)
            lane: Lane = super().lane_of(event)
            return lane

    hall.reception.__class__ = Refusing
    taker = Taker(hall.reception)
    events = [hall.happens.said(account(number), "?" if number == 2 else "!") for number in range(5)]
    found = await asyncio.gather(*(taker.take(event) for event in events), return_exceptions=True)
    assert [isinstance(one, ValueError) for one in found] == [False, False, True, False, False]
    assert [event for event, _, _ in waiting(hall)] == [event.id for event in events if event.text != "?"]


async def test_who_does_not_wait_for_it_has_it_written_all_the_same(hall: Hall) -> None:
    taker = Taker(hall.reception)
    first, second = hall.happens.said(SATO, "1"), hall.happens.said(SATO, "2")
    tasks = [asyncio.create_task(taker.take(event)) for event in (first, second)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert await taker.take(hall.happens.said(SATO, "3")) == (hall.reception.lane_of(first), 3)
    assert len(waiting(hall)) == 3
