"""The try room: a visitor plays all the people, and sees what each of them sees."""

import asyncio
import json
import re
from collections.abc import Sequence
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import Message as Sent

from adapters.channels.web import try_room
from adapters.channels.web.story import stage_of
from adapters.channels.web.timeline import latest
from adapters.channels.web.try_room import BY_SIDE, COLUMNS
from adapters.channels.web.try_talk import MINUTE, TRY, Talk
from adapters.channels.web.try_view import Look, News
from bot.model import Answer, Person, Room, Said, Situation, Trace
from bot.turn import House
from knowledge.card import Locale
from knowledge.library import load_library
from tests.adapters.web.conftest import Browser, SiteApp
from tests.adapters.web.trying import column, presses, room_on, said, seen
from tests.fakes import EchoCoach, ScriptedEar, no_sources

HELLO = "ようこそ、うちの工場へ"
PRIVATE = "本当の原価は八百円です"


class Teacher(EchoCoach):
    """Answers from a card, and says what one might ask next."""

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (), **_how: object
    ) -> Answer:
        card = next(iter(load_library().cards.values()))
        return Answer(
            kind="answer",
            locale=locale,
            text=f"taught: {question}",
            citations=(card.citation,),
            next=("もっと詳しく",),
        )


def teaching(site_app: SiteApp) -> None:
    site_app.hall.houses.append(House(Teacher(), ScriptedEar(), no_sources))


def say(browser: Browser, who: str, text: str, *, private: bool = False, **fields: str) -> str:
    room = room_on(browser.get("/try").text)
    return browser.after(
        "/try/say", **{"room": room, "who": who, "text": text, "private": "1" if private else ""} | fields
    )


def test_the_first_page_offers_three_views_and_three_things_to_press_in_each(site_app: SiteApp) -> None:
    html = site_app.organizer().get("/try").text
    assert seen(html) == {"sme": [], "startup": [], "facilitator": []}
    for one in (suggestion for side in COLUMNS for suggestion in side.suggestions):
        assert f">{one.label.ja}</button>" in html
    assert all(len(side.suggestions) == 3 for side in COLUMNS)
    assert html.count("<h1>") == 1


def test_one_press_brings_an_answer_to_the_one_who_asked_and_to_nobody_else(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    asked = BY_SIDE["sme"].suggestions[0]
    html = presses(browser, browser.get("/try").text, asked.label.ja)
    assert seen(html) == {"sme": [asked.words.ja, f"echo: {asked.words.ja}"], "startup": [], "facilitator": []}
    assert column(html, "sme").count('id="last-sme"') == 1


def test_in_english_the_buttons_speak_english_and_so_does_the_room(site_app: SiteApp) -> None:
    browser = site_app.organizer("en")
    asked = BY_SIDE["startup"].suggestions[0]
    html = presses(browser, browser.get("/try").text, asked.label.en)
    assert seen(html)["startup"] == [asked.words.en, f"echo: {asked.words.en}"]
    scene = site_app.hall.store.of(TRY).load(room_on(html))
    assert scene is not None
    assert scene.room.locale == "en"


def test_a_word_to_the_room_is_seen_by_all_three(site_app: SiteApp) -> None:
    html = say(site_app.organizer(), "大橋", HELLO)
    assert seen(html) == {side: [HELLO] for side in BY_SIDE}


def test_a_private_word_is_seen_in_its_own_column_only(site_app: SiteApp) -> None:
    html = say(site_app.organizer(), "Lee", PRIVATE, private=True)
    assert seen(html) == {"sme": [], "startup": [PRIVATE, f"echo: {PRIVATE}"], "facilitator": []}
    assert "Nakodoにだけ" in column(html, "startup")


def test_what_the_watch_notices_is_asked_of_the_speaker_alone(site_app: SiteApp) -> None:
    price = BY_SIDE["sme"].suggestions[1]
    ear = ScriptedEar(signals={price.words.ja: ["cost_too_early"]})
    site_app.hall.houses.append(House(EchoCoach(), ear, no_sources))
    browser = site_app.organizer()
    html = presses(browser, browser.get("/try").text, price.label.ja)
    assert len(seen(html)["sme"]) == 2
    assert seen(html)["startup"] == [price.words.ja]
    assert "佐藤さんにだけ" in column(html, "sme")


def test_an_answer_opens_the_cards_that_it_rests_on(site_app: SiteApp) -> None:
    teaching(site_app)
    html = say(site_app.organizer(), "佐藤", "NDAは?", private=True)
    card = next(iter(load_library().cards.values()))
    assert f'<a href="/knowledge/{card.id}">{card.ja.title}</a>' in column(html, "sme")


def test_a_button_is_pressed_by_who_was_answered_and_there_where_it_stands(site_app: SiteApp) -> None:
    teaching(site_app)
    browser = site_app.organizer()
    html = presses(browser, say(browser, "大橋", "NDAは?", private=True), "もっと詳しく")
    assert seen(html)["sme"][-2:] == ["もっと詳しく", "taught: もっと詳しく"]
    assert "<b>大橋</b>" in column(html, "sme").split("taught: NDAは?")[1]
    assert seen(html)["facilitator"] == []


def test_a_button_of_an_answer_in_the_room_asks_in_the_room(site_app: SiteApp) -> None:
    teaching(site_app)
    browser = site_app.organizer()
    html = presses(browser, say(browser, "田中", "@nakodo NDAは?"), "もっと詳しく")
    assert seen(html)["startup"][-2:] == ["@nakodo もっと詳しく", "taught: もっと詳しく"]


def test_a_draft_is_sent_in_other_words_by_a_small_form_and_decided_once(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    presses(browser, browser.get("/try").text, "返事を、先に自分で確かめる")
    html = say(browser, "佐藤", "NDAは?", private=True)
    assert "echo: NDAは?" not in seen(html)["sme"]
    assert "<details" in column(html, "facilitator")
    html = browser.after(
        "/try/say", room=room_on(html), who="田中", private="1", said="/edit d1 ", text="まずは二人で話しましょう"
    )
    assert "まずは二人で話しましょう" in seen(html)["sme"]
    assert 'value="/approve d1"' not in column(html, "facilitator")


def test_a_button_that_waits_for_words_says_nothing_without_them(site_app: SiteApp) -> None:
    html = say(site_app.organizer(), "田中", "  ", private=True, said="/edit d1 ")
    assert seen(html)["facilitator"] == []
    assert "まだ何も書かれていません" in html


@pytest.mark.parametrize(
    ("locale", "begin", "skip"),
    [("ja", "演習：困りごとをお題にする", "とばす"), ("en", "Exercise: turn a worry into a theme", "Skip")],
)
def test_an_exercise_puts_its_questions_with_buttons(
    site_app: SiteApp, locale: Locale, begin: str, skip: str
) -> None:
    browser = site_app.organizer(locale)
    html = presses(browser, browser.get("/try").text, begin)
    assert "entry form person" in column(html, "sme")
    before = len(seen(html)["sme"])
    html = presses(browser, html, skip)
    assert len(seen(html)["sme"]) == before + 2


def test_one_view_alone_stays_the_view_after_something_is_said(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    html = browser.get("/try?as=startup").text
    assert 'id="talk-startup"' in html
    assert 'id="talk-sme"' not in html
    answer = browser.send_form("/try/say", room=room_on(html), who="Lee", text=HELLO, private="", tab="startup")
    assert answer.headers["location"] == "/try?as=startup#last-startup"


def test_what_people_write_is_shown_as_they_wrote_it(site_app: SiteApp) -> None:
    html = say(site_app.organizer(), "佐藤", "<script>alert(1)</script> [x](javascript:alert(1))")
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "<script>alert(1)</script>" in seen(html)["sme"][0]


# Whose room


def test_each_session_has_a_room_of_its_own_and_finds_it_again(site_app: SiteApp) -> None:
    first, second = site_app.organizer(), site_app.facilitator()
    say(first, "佐藤", HELLO)
    assert seen(second.get("/try").text)["sme"] == []
    assert seen(first.get("/try").text)["sme"] == [HELLO]


def test_who_knows_a_rooms_name_sees_it_and_takes_part(site_app: SiteApp) -> None:
    first, second = site_app.organizer(), site_app.facilitator()
    room = room_on(say(first, "佐藤", HELLO))
    assert seen(second.get(f"/try?room={room}").text)["sme"] == [HELLO]
    answer = second.send_form("/try/say", room=room, who="Lee", text="伺います", private="")
    assert answer.headers["location"] == f"/try?room={room}#last-startup"
    assert seen(first.get("/try").text)["startup"] == [HELLO, "伺います"]


@pytest.mark.parametrize("room", ["slack:T1:C1", "try-00000000000000000000", "try-", "../try"])
def test_no_other_room_is_opened_here(site_app: SiteApp, room: str) -> None:
    browser = site_app.organizer()
    for path in ("/try", "/try/story"):
        assert browser.get(f"{path}?{urlencode({'room': room})}").status_code == 404
    assert browser.get(f"/try/live?{urlencode({'room': room, 'as': 'sme'})}").status_code == 404
    assert browser.send_form("/try/say", room=room, who="佐藤", text=HELLO).status_code == 404


def test_nobody_speaks_who_is_not_one_of_the_people(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    room = room_on(browser.get("/try").text)
    assert browser.send_form("/try/say", room=room, who="鈴木", text=HELLO).status_code == 404


def test_a_reader_looks_and_does_not_take_part(site_app: SiteApp) -> None:
    browser = site_app.reader()
    html = browser.get("/try").text
    assert 'action="/try/' not in html
    assert browser.send_form("/try/say", room=room_on(html), who="佐藤", text=HELLO).status_code == 403


def test_a_room_begins_anew_when_asked_to(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    html = presses(browser, say(browser, "佐藤", PRIVATE, private=True), "この部屋を初めから")
    assert seen(html) == {side: [] for side in BY_SIDE}
    assert PRIVATE not in str(site_app.hall.rows("SELECT text FROM messages"))
    assert seen(say(browser, "佐藤", "@nakodo NDAは?"))["startup"] == ["@nakodo NDAは?", "echo: NDAは?"]


def test_the_rooms_idle_longest_are_forgotten_when_there_are_too_many(
    site_app: SiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(try_room, "MOST", 3)
    browsers = [site_app.organizer() for _ in range(5)]
    for browser in browsers:
        site_app.clock.on(minutes=1)
        say(browser, "佐藤", HELLO)
    assert len(site_app.hall.store.of(TRY).rooms()) == 3
    assert seen(browsers[-1].get("/try").text)["sme"] == [HELLO]
    assert seen(browsers[0].get("/try").text)["sme"] == []


class Traced(EchoCoach):
    """Answers as with a language model."""

    def answer(self, question: str, **how: Any) -> Answer:
        trace = Trace(use="answer", model="m", prompt="p", end="used", sent=question, given=question)
        return super().answer(question, **how).model_copy(update={"trace": trace})


def test_what_a_model_did_in_a_room_goes_with_the_room(site_app: SiteApp) -> None:
    site_app.hall.houses.append(House(Traced(), ScriptedEar(), no_sources))
    browser, other = site_app.organizer(), site_app.organizer()
    say(browser, "佐藤", PRIVATE, private=True)
    say(other, "佐藤", HELLO, private=True)
    assert site_app.hall.rows("SELECT tenant, given FROM traces ORDER BY given") == [(TRY, HELLO), (TRY, PRIVATE)]
    assert PRIVATE in column(say(browser, "佐藤", "/privacy model", private=True), "sme")
    browser.after("/try/again")
    assert site_app.hall.rows("SELECT given FROM traces") == [(HELLO,)]


def test_at_night_the_rooms_clock_stands_at_the_next_morning_and_says_so(site_app: SiteApp) -> None:
    price = BY_SIDE["sme"].suggestions[1]
    ear = ScriptedEar(signals={price.words.ja: ["cost_too_early"]})
    site_app.hall.houses.append(House(EchoCoach(), ear, no_sources))
    site_app.clock.on(hours=13)
    browser = site_app.organizer()
    html = browser.get("/try").text
    assert "次の朝" in html
    html = presses(browser, html, price.label.ja)
    assert len(seen(html)["sme"]) == 2
    assert "2026-04-07（火） 08:00" in column(html, "sme")


def test_time_that_passed_while_nobody_was_here_is_made_up_for(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    say(browser, "田中", "/action 見積もりを送る @Lee 4月7日")
    before = seen(browser.get("/try").text)["startup"]
    for _ in range(3):
        site_app.clock.on(hours=8)
        after = browser.get("/try").text
    [reminder] = seen(after)["startup"][len(before) :]
    assert "見積もりを送る" in reminder
    assert "2026-04-07（火） 09:00" in column(after, "startup")


# Live


def news(site_app: SiteApp, browser: Browser, side: str, after: int = 0) -> News:
    assert browser.viewer is not None
    room = room_on(browser.get("/try").text)
    return News(Look(site_app.site, browser.viewer, room, side), after, Talk(site_app.site, Room(id=room)))


def test_what_comes_is_sent_once_and_to_whom_it_is_for(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    hears = {side: news(site_app, browser, side) for side in BY_SIDE}
    say(browser, "佐藤", HELLO)
    say(browser, "Lee", PRIVATE, private=True)
    got = {side: [text for one in each() for text in said(one["data"])] for side, each in hears.items()}
    assert got == {"sme": [HELLO], "startup": [HELLO, PRIVATE, f"echo: {PRIVATE}"], "facilitator": [HELLO]}
    assert [each() for each in hears.values()] == [[], [], []]


async def test_who_was_cut_off_gets_what_came_since_and_nothing_twice(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    hears = await asyncio.to_thread(news, site_app, browser, "startup")
    await asyncio.to_thread(say, browser, "佐藤", HELLO)
    [first] = hears()
    ticks = count(0, MINUTE)
    room = room_on((await asyncio.to_thread(browser.get, "/try")).text)
    talk = Talk(site_app.site, Room(id=room), lambda: next(ticks))
    for number in range(90):
        await talk.say(Person(name="Mori", side="startup"), f"{number}番", private=False)
    again = await asyncio.to_thread(news, site_app, browser, "startup", int(first["id"]))
    assert [text for one in again() for text in said(one["data"])] == [f"{number}番" for number in range(90)]


async def test_who_says_too_much_in_a_minute_is_asked_to_wait(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    room = room_on((await asyncio.to_thread(browser.get, "/try")).text)
    now = [0.0]
    talk = Talk(site_app.site, Room(id=room), lambda: now[0])
    lee, most = Person(name="Lee", side="startup"), site_app.site.settings.rate_person
    assert all([await talk.say(lee, f"{number}番", private=False) for number in range(most)])
    assert not await talk.say(lee, "もう一つ", private=False)
    now[0] += MINUTE + 1
    assert await talk.say(lee, "もう一つ", private=False)


def test_one_stream_serves_all_three_columns_in_the_order_of_the_talk(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    hears = news(site_app, browser, "")
    say(browser, "Lee", PRIVATE, private=True)
    say(browser, "佐藤", HELLO)
    got = hears()
    into = [re.findall(r'data-into="([^"]+)"', one["data"]) for one in got]
    assert into == [["talk-startup"], ["talk-startup"], ["talk-facilitator"], ["talk-sme"], ["talk-startup"]]
    assert [int(one["id"]) for one in got] == sorted(int(one["id"]) for one in got)
    assert browser.get("/try").text.count("data-live-list") == 1


def test_a_room_begun_anew_is_shown_anew_to_who_looks(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    hears = news(site_app, browser, "sme")
    for text in (HELLO, "どうぞ", "こちらへ"):
        say(browser, "佐藤", text)
    assert len(hears()) == 3
    browser.after("/try/again")
    say(browser, "佐藤", "はじめまして")
    [part] = hears()
    assert part["event"] == "part"
    told = json.loads(part["data"])
    assert (told["id"], said(told["html"])) == ("talk-sme", ["はじめまして"])
    say(browser, "佐藤", HELLO)
    assert [one["event"] for one in hears()] == ["entry"]


def test_a_page_says_up_to_where_it_shows_the_talk(site_app: SiteApp) -> None:
    html = say(site_app.organizer(), "佐藤", HELLO)
    assert f'data-after="{latest(site_app.site, TRY, room_on(html))}"' in column(html, "sme")


async def test_an_open_stream_sends_what_is_said_and_ends_when_the_browser_goes(site_app: SiteApp) -> None:
    browser = site_app.organizer()
    room = room_on((await asyncio.to_thread(browser.get, "/try")).text)
    talk = await stage_of(site_app.site).talk(Room(id=room))
    got: list[Sent] = []
    gone, arrived = asyncio.Event(), asyncio.Event()

    async def receive() -> Sent:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(sent: Sent) -> None:
        got.append(sent)
        if HELLO.encode() in sent.get("body", b""):
            arrived.set()

    cookie = f"nakodo={browser.cookies['nakodo']}".encode()
    scope = {
        "type": "http", "method": "GET", "path": "/try/live", "raw_path": b"/try/live", "root_path": "",
        "query_string": urlencode({"room": room, "as": "facilitator"}).encode(), "scheme": "http",
        "headers": [(b"host", b"127.0.0.1:8787"), (b"cookie", cookie), (b"last-event-id", b"0")],
        "http_version": "1.1", "server": ("127.0.0.1", 8787), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    async with asyncio.timeout(20):
        stream = asyncio.create_task(site_app.app(scope, receive, send))
        await talk.say(Person(name="佐藤", side="sme"), HELLO, private=False)
        await arrived.wait()
        gone.set()
        await stream
    assert got[0]["status"] == 200
    assert dict(got[0]["headers"])[b"content-type"].startswith(b"text/event-stream")
    body = b"".join(one.get("body", b"") for one in got).decode()
    assert body.count(HELLO) == 1
    assert "event: entry" in body
    assert "id: 1" in body
