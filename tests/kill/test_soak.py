"""The soak, in small: many people talk at once, and Nakodo is killed twice meanwhile."""

from pathlib import Path

import pytest

from tests.soak.soak import Plan, soak

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_whoever_talks_in_whichever_room_is_answered_once_and_in_turn_though_it_dies_twice(tmp_path: Path) -> None:
    plan = Plan(events=60, rooms=8, people=3, rate=15, kills=2, service=(0.5, 2.0), patience=120)
    report = soak(plan, tmp_path)
    assert report.violations == []
    assert (report.rows["messages"], report.rows["lives"]) == (60, 3)
