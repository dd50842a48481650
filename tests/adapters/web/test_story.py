"""The story in the browser: the same as the file played by itself, at a pace, and never lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count

import pytest

from adapters.channels.web import try_room
from adapters.channels.web.story import EXAMPLE, LEFT, STORY, Player, Stage, example, stage_of
from adapters.channels.web.story_scenes import BEFORE, SCENES
from adapters.channels.web.try_talk import TRY
from adapters.play import play_file
from bot.errors import StoreError
from bot.model import Message, Reply, Room
from bot.turn import House
from tests.adapters.memory import until
from tests.adapters.web.conftest import SiteApp
from tests.adapters.web.trying import presses, seen
from tests.fakes import EchoCoach, ScriptedEar, no_sources

AT_ONCE = {"slow": 0.0, "normal": 0.0, "fast": 0.0}
NEVER = {"slow": 3600.0, "normal": 3600.0, "fast": 3600.0}


@pytest.fixture
def room(site_app: SiteApp) -> Room:
    viewer = site_app.organizer().viewer
    assert viewer is not None
    return try_room.opened(site_app.site, try_room.room_of(viewer, STORY), viewer).room


async def player_in(room: Room, site_app: SiteApp, **how: object) -> Player:
    found = await Stage(site_app.site, **how).talk(room)  # type: ignore[arg-type]
    assert isinstance(found, Player)
    return found


@pytest.fixture
async def player(room: Room, site_app: SiteApp) -> AsyncIterator[Player]:
    found = await player_in(room, site_app, pauses=AT_ONCE)
    yield found
    await found.leave()


def told(site_app: SiteApp, room: Room) -> list[tuple[datetime, str, str, str]]:
    entries = reversed(site_app.hall.store.of(TRY).timeline(room.id, most=5_000))
    return [(one.at, one.said.to, one.said.kind, one.said.text) for one in entries if isinstance(one.said, Reply)]


def heard(site_app: SiteApp, room: Room) -> list[str]:
    entries = reversed(site_app.hall.store.of(TRY).timeline(room.id, most=5_000))
    return [one.said.id for one in entries if isinstance(one.said, Message)]


IDS = [one.id for one in example().messages]


async def test_played_to_its_end_it_says_what_the_file_says_on_its_own_clock(
    site_app: SiteApp, room: Room, player: Player
) -> None:
    player.play("fast")
    await until(lambda: player.standing.over)
    alone = play_file(EXAMPLE, lambda: House(EchoCoach(), ScriptedEar(), no_sources))
    assert told(site_app, room) == [(one.at, one.reply.to, one.reply.kind, one.reply.text) for one in alone]
    assert heard(site_app, room) == IDS
    assert {"reminder", "document"} <= {kind for _, _, kind, _ in told(site_app, room)}


async def test_it_stands_still_until_it_is_played_and_goes_one_step_at_a_time(
    site_app: SiteApp, room: Room, player: Player
) -> None:
    assert (player.standing.done, player.standing.caption) == (0, BEFORE)
    for _ in range(3):
        await player.step()
    assert heard(site_app, room) == IDS[:3]
    assert player.standing.caption == SCENES["shy"]
    assert not player.standing.playing


async def test_a_step_in_which_nobody_speaks_says_so(site_app: SiteApp, room: Room, player: Player) -> None:
    for _ in range(200):
        await player.step()
        if player.standing.passing:
            break
    assert player.standing.passing
    assert told(site_app, room)[-1][0] == player.standing.now


async def test_after_a_restart_it_goes_on_where_it_stood(site_app: SiteApp, room: Room, player: Player) -> None:
    for _ in range(5):
        await player.step()
    again = await player_in(room, site_app)
    assert again.standing._replace(speed="normal") == player.standing._replace(passing=False)
    await again.step()
    assert heard(site_app, room) == IDS[:6]


async def test_paused_it_stops_and_played_it_goes_on(site_app: SiteApp, room: Room) -> None:
    player = await player_in(room, site_app, pauses=NEVER)
    player.play("slow")
    await until(lambda: player.standing.done == 1)
    assert player.standing.playing
    await player.pause()
    assert (player.standing.playing, player.standing.done) == (False, 1)
    player.play("fast")
    await until(lambda: player.standing.done == 2)
    assert (player.standing.playing, player.standing.speed) == (True, "fast")
    await player.leave()


async def test_another_speed_holds_at_once(site_app: SiteApp, room: Room) -> None:
    player = await player_in(room, site_app, pauses={**NEVER, "fast": 0.0})
    player.play("slow")
    await until(lambda: player.standing.done == 1)
    player.play("fast")
    await until(lambda: player.standing.done > 3)
    await player.leave()


async def test_a_story_that_nobody_looks_at_stops_after_half_an_hour(site_app: SiteApp, room: Room) -> None:
    ticks = count(0, LEFT / 3)
    player = await player_in(room, site_app, pauses=AT_ONCE, monotonic=lambda: next(ticks))
    player.play("fast")
    await until(lambda: not player.standing.playing)
    assert 0 < player.standing.done < 5


async def test_a_story_stopped_by_trouble_can_be_played_on(site_app: SiteApp, room: Room, player: Player) -> None:
    houses = site_app.hall.houses
    good = houses[-1]
    houses.clear()
    player.play("fast")
    await until(lambda: not player.standing.playing)
    assert player.standing.done == 0
    houses.append(good)
    await player.step()
    assert player.standing.done == 1


async def test_a_visitor_speaks_at_the_storys_own_time(site_app: SiteApp, room: Room, player: Player) -> None:
    await player.step()
    who = room.person("Lee")
    assert who is not None
    assert await player.say(who, "@nakodo NDAは?", private=False)
    newest = site_app.hall.store.of(TRY).timeline(room.id, most=2)
    assert {one.at for one in newest} == {example().messages[0].at}
    await player.step()
    assert [one for one in heard(site_app, room) if not one.startswith("web:")] == IDS[:2]


async def test_nobody_else_lets_time_pass_in_a_story(site_app: SiteApp, room: Room, player: Player) -> None:
    await player.step()
    late = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
    assert room.id not in [found for _, found, _ in site_app.hall.store.due(late)]


async def test_a_story_whose_room_is_gone_says_so(site_app: SiteApp, room: Room, player: Player) -> None:
    await player.step()
    try_room.forget(site_app.site, room.id)
    with pytest.raises(StoreError, match="forgotten"):
        await player.step()


async def test_many_who_look_share_one_player(site_app: SiteApp, room: Room) -> None:
    stage = stage_of(site_app.site)
    first, second = await asyncio.gather(stage.talk(room), stage.talk(room))
    assert first is second


def test_every_caption_belongs_to_a_message_of_the_story() -> None:
    assert set(SCENES) <= set(IDS)
    assert next(iter(SCENES)) == IDS[0]


# On the page


def test_the_story_is_played_stepped_and_begun_anew_on_its_page(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    html = presses(browser, browser.get("/try").text, "お話を見る（自動で進みます）")
    html = presses(browser, html, "一時停止") if "一時停止" in html else html
    html = presses(browser, html, "一つ進める")
    first = [one.text for one in example().messages]
    assert first[0] in seen(html)["sme"]
    assert first[0] in seen(html)["startup"]
    assert "2026-04-01（水）" in html
    stepped = presses(browser, html, "一つ進める")
    assert len(seen(stepped)["sme"]) > len(seen(html)["sme"])
    assert seen(browser.get("/try").text)["sme"] == []
    anew = presses(browser, presses(browser, stepped, "初めから"), "一時停止")
    assert len(seen(anew)["sme"]) <= 1


def test_in_english_the_story_is_told_in_english(site_app: SiteApp) -> None:
    browser = site_app.organizer("en")
    html = presses(browser, browser.get("/try/story").text, "One step")
    assert SCENES["hello"].en in html
    assert "Wed 2026-04-01 10:00" in html
