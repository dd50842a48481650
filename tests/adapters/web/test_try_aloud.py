"""In the try room an answer is seen while it is made: by who will get it, and until it is there."""

import json
import re
import threading
from collections.abc import Callable, Sequence

from adapters.channels.web.story import stage_of
from adapters.channels.web.try_room import BY_SIDE
from adapters.channels.web.try_talk import Talk
from adapters.channels.web.try_view import Look, News
from bot.model import Answer, Room, RoomId, Said, Situation
from bot.ports import Aloud
from bot.turn import House
from knowledge.card import Locale
from tests.adapters.memory import PATIENT
from tests.adapters.web.conftest import Browser, SiteApp
from tests.adapters.web.test_try import say
from tests.adapters.web.trying import room_on, said, seen
from tests.fakes import EchoCoach, ScriptedEar, no_sources

ONE, TWO = "**図面**は後で。", "目的が<b>先</b>です。"


class Writer(EchoCoach):
    """Writes in two parts; `between` is done after each."""

    def __init__(self, between: Callable[[str], None]) -> None:
        super().__init__()
        self._between = between
        self.aloud: Aloud | None = None

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (),
        aloud: Aloud | None = None, **_how: object,
    ) -> Answer:  # fmt: skip
        self.aloud = aloud
        for text in (ONE, ONE + TWO):
            if aloud is not None:
                aloud(text)
            self._between(text)
        return Answer(kind="answer", locale=locale, text=f"{ONE}{TWO}")


class Watching:
    """Looks at a room in all three columns while answers are made there."""

    def __init__(self, site_app: SiteApp, browser: Browser) -> None:
        self.site_app, self.browser = site_app, browser
        self.room = room_on(browser.get("/try").text)
        self.during: list[dict[str, str]] = []
        self.writer = Writer(self.look)
        site_app.hall.houses.append(House(self.writer, ScriptedEar(), no_sources))
        self.news: News | None = None

    @property
    def talk(self) -> Talk:
        return stage_of(self.site_app.site)._talks[self.room]

    def begin(self, after: int = 0, *, again: bool = False) -> None:
        assert self.browser.viewer is not None
        look = Look(self.site_app.site, self.browser.viewer, self.room, "")
        self.news = News(look, after, self.talk, again=again)
        self.news()

    def look(self, text: str) -> None:
        """Look in the thread of the turn, once what is written so far may be seen."""
        for _ in range(int(PATIENT * 100)):
            if self.talk.writing is not None and self.talk.writing.text == text:
                break
            threading.Event().wait(0.01)
        assert self.news is not None
        self.during += self.news()


def aloud(events: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """Return what the parts for what is being written are filled with."""
    parts = [json.loads(one["data"]) for one in events if one["event"] == "part"]
    return [(one["id"].removeprefix("aloud-"), " ".join(said(one["html"]))) for one in parts if "aloud" in one["id"]]


def test_what_is_written_to_one_alone_is_seen_in_their_column_and_gone_when_it_is_there(site_app: SiteApp) -> None:
    watching = Watching(site_app, site_app.organizer())
    watching.begin()
    html = say(watching.browser, "Lee", "質問です", private=True)
    assert aloud(watching.during) == [("startup", "図面は後で。"), ("startup", "図面は後で。目的が<b>先</b>です。")]
    assert watching.news is not None
    after = watching.news()
    assert [one["event"] for one in after] == ["entry", "entry", "part"]
    assert aloud(after) == [("startup", "")]
    assert watching.talk.writing is None
    assert seen(html)["startup"] == ["質問です", "図面は後で。目的が<b>先</b>です。"]
    assert watching.news() == []


def test_what_is_written_to_the_room_is_seen_by_all(site_app: SiteApp) -> None:
    watching = Watching(site_app, site_app.organizer())
    watching.begin()
    say(watching.browser, "佐藤", "@nakodo 質問です")
    assert {side for side, _ in aloud(watching.during)} == set(BY_SIDE)


def test_the_page_has_a_place_for_it_and_is_whole_without_javascript(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    html = browser.get("/try").text
    assert re.findall(r'<div class="aloud" id="aloud-(\w+)" aria-live="off"></div>', html) == list(BY_SIDE)
    watching = Watching(site_app, browser)
    watching.begin()
    html = say(browser, "佐藤", "質問です", private=True)
    assert seen(html)["sme"][1:] == ["図面は後で。目的が<b>先</b>です。"]


def test_who_was_cut_off_while_it_was_written_is_rid_of_it_when_they_come_back(site_app: SiteApp) -> None:
    watching = Watching(site_app, site_app.organizer())
    watching.begin()
    assert watching.news is not None
    say(watching.browser, "佐藤", "質問です", private=True)
    numbered = [one["id"] for one in watching.during if one["event"] == "part"]
    assert all(one.isdecimal() for one in numbered)
    assert watching.browser.viewer is not None
    look = Look(site_app.site, watching.browser.viewer, watching.room, "")
    elsewhere = Talk(site_app.site, Room(id=RoomId(watching.room)))  # As in a house that was started again.
    assert aloud(News(look, 0, elsewhere, again=True)()) == [(side, "") for side in BY_SIDE]
    assert aloud(News(look, 0, watching.talk)()) == [(side, "") for side in BY_SIDE]


def test_where_nobody_hears_a_model_the_page_is_told_nothing_of_it(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    watching = Watching(site_app, browser)
    site_app.hall.houses.append(House(EchoCoach(), ScriptedEar(), no_sources))
    watching.begin()
    say(browser, "佐藤", "質問です", private=True)
    assert watching.news is not None
    assert [one["event"] for one in watching.news()] == ["entry", "entry"]


def test_who_speaks_after_the_answer_is_not_heard(site_app: SiteApp) -> None:
    watching = Watching(site_app, site_app.organizer())
    watching.begin()
    say(watching.browser, "佐藤", "質問です", private=True)
    assert watching.writer.aloud is not None
    watching.writer.aloud("遅れてきた言葉")
    assert watching.talk.writing is None
    assert watching.news is not None
    assert "遅れてきた" not in str(watching.news())
