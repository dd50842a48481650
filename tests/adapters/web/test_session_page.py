"""The page of a session: begin, watch the clock and the talk, note what was settled, end; and who may."""

import html
import json
import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from adapters.channels.web.session_pages import path
from adapters.channels.web.session_view import News, standing
from bot.model import RoomId
from tests.adapters.memory import LEE, ROOM, SATO, TANAKA
from tests.adapters.web.conftest import Browser, SiteApp
from tests.adapters.web.test_authorisation import Walk, asked

HERE = path(ROOM)
TALK = "先週からラインの二番プレスで音が変わって、不良が三割ほど増えて困っています。見に来ていただけますか。"


def begins(site: SiteApp, words: str = "45 テーマ決め") -> None:
    """Let 田中 begin a session in the chat."""
    site.hall.hears(site.hall.happens.private(TANAKA, f"/session start {words}"))


def first(site: SiteApp) -> str:
    session = site.hall.scene().session
    return session.first if session else ""


def text(page: str) -> str:
    """Return what one reads on a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def news(site: SiteApp, browser: Browser, of: str, had: str = "") -> News:
    assert browser.viewer
    return News(site.site, browser.viewer, RoomId(ROOM), of, had)


def parts(some: list[dict[str, str]]) -> dict[str, str]:
    found = [json.loads(one["data"]) for one in some]
    return {one["id"]: text(one["html"]) for one in found}


def test_a_session_is_begun_and_ended_on_the_page(site_app: SiteApp) -> None:
    tanaka = site_app.facilitator()
    assert f'action="{HERE}/start"' in tanaka.get(HERE).text
    begun = tanaka.after(f"{HERE}/start", topic=" 費用と\n分担 ", minutes="30")
    session = site_app.hall.scene().session
    assert session is not None
    assert (session.topic, session.minutes) == ("費用と 分担", 30)
    assert "<h1>費用と 分担</h1>" in begun
    assert "始めました" in begun
    ended = tanaka.after(f"{HERE}/end")
    assert site_app.hall.scene().session is None
    assert "承認を待つ議事録" in ended
    assert 'href="/desk/drafts"' in ended


def test_a_length_that_makes_no_session_is_answered_with_what_would(site_app: SiteApp) -> None:
    page = site_app.facilitator().after(f"{HERE}/start", topic="テーマ", minutes="5")
    assert "10分から240分まで" in page
    assert site_app.hall.scene().session is None


def test_the_agenda_shows_the_time_of_the_room_and_the_part_that_runs(site_app: SiteApp) -> None:
    begins(site_app)
    site_app.clock.on(minutes=7)
    page = site_app.facilitator().get(HERE).text
    boxes = [text(one) for one in re.findall(r'<li class="entry box [^"]*".*?</li>', page, re.DOTALL)]
    assert boxes[0].startswith("10:00 – 10:05 はじめに")
    assert boxes[0].endswith("済み")
    assert boxes[1].startswith("10:05 – ")
    assert re.search(r"いま あと \d+分$", boxes[1])
    assert all("いま" not in one for one in boxes[2:])
    until = re.findall(r'data-until="([^"]+)"', page)
    assert datetime.fromisoformat(until[0]).timestamp() == site_app.clock().timestamp() + 38 * 60


def test_over_time_is_said_so(site_app: SiteApp) -> None:
    begins(site_app, "15 テーマ決め")
    site_app.clock.on(minutes=20)
    page = site_app.facilitator("en").get(HERE).text
    assert "over time" in page
    assert "data-until" not in page


def test_who_hardly_gets_a_word_in_is_shown_to_who_leads(site_app: SiteApp) -> None:
    hall = site_app.hall
    begins(site_app)
    assert "話が少し" in site_app.facilitator().get(HERE).text
    for _ in range(3):
        site_app.clock.on(minutes=1)
        hall.hears(hall.happens.said(SATO, TALK))
    hall.hears(hall.happens.said(LEE, "はい、ぜひ。"))
    page = site_app.facilitator().get(HERE).text
    shares = [int(one) for one in re.findall(r"<meter[^>]* value=\"(\d+)\"", page)]
    assert sum(shares) in (99, 100, 101)
    assert shares[0] > 75
    assert page.count("話が少なめです") == 1
    assert "Leeさん" in text(page)  # Whom to draw in.


def test_other_questions_come_for_those_that_were_offered(site_app: SiteApp) -> None:
    begins(site_app)
    tanaka = site_app.facilitator()

    def offered(page: str) -> list[str]:
        return re.findall(
            r"<li>([^<]+)</li>", re.findall(r'<div id="session-questions">.*?</div>', page, re.DOTALL)[0]
        )

    before = offered(tanaka.get(HERE).text)
    after = offered(tanaka.after(f"{HERE}/questions"))
    assert before
    assert after
    assert before[0] not in after


def test_what_is_noted_on_the_page_stands_in_record_and_minutes(site_app: SiteApp) -> None:
    begins(site_app)
    tanaka = site_app.facilitator()
    tanaka.after(f"{HERE}/decide", words="来週、二番プレスを一緒に見る")
    page = tanaka.after(f"{HERE}/action", words="見学の日程を出す", owner="佐藤", due="2026-12-24")
    record = site_app.hall.scene().record
    assert [one.text for one in record.decisions] == ["来週、二番プレスを一緒に見る"]
    assert [(one.text, one.owner, str(one.due)) for one in record.actions] == [
        ("見学の日程を出す", "佐藤", "2026-12-24")
    ]
    settled, minutes = page.split('id="session-settled"')[1].split('id="session-minutes"')
    for part in (settled, minutes):
        assert "来週、二番プレスを一緒に見る" in part
        assert "見学の日程を出す" in part


def test_an_owner_whom_the_room_does_not_know_is_left_out(site_app: SiteApp) -> None:
    begins(site_app)
    site_app.facilitator().after(f"{HERE}/action", words="図面を送る", owner="だれか", due="きのう")
    action = site_app.hall.scene().record.actions[0]
    assert (action.text, action.owner, action.due) == ("図面を送る", "", None)


def test_empty_words_are_not_noted(site_app: SiteApp) -> None:
    begins(site_app)
    tanaka = site_app.facilitator()
    for what in ("decide", "action"):
        assert "言葉が空でした" in tanaka.after(f"{HERE}/{what}", words=" \n ")
    assert site_app.hall.scene().record.history == ()


def test_what_people_typed_is_escaped(site_app: SiteApp) -> None:
    begins(site_app, "45 <script>alert(1)</script>")
    page = site_app.facilitator().after(f"{HERE}/decide", words="<img src=x onerror=alert(2)>")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_form_that_is_sent_twice_is_said_once(site_app: SiteApp) -> None:
    begins(site_app)
    tanaka = site_app.facilitator()
    for _ in range(2):
        tanaka.send_form(f"{HERE}/decide", words="一度だけ", once="0123456789abcdef")
    assert len(site_app.hall.scene().record.decisions) == 1


# Live


def test_only_what_has_changed_is_sent(site_app: SiteApp) -> None:
    begins(site_app)
    tanaka = site_app.facilitator()
    address = re.findall(r'data-live-list="([^"]+)"', tanaka.get(HERE).text)[0]
    query = parse_qs(urlsplit(html.unescape(address)).query)
    listening = news(site_app, tanaka, query["first"][0], query["had"][0])
    assert listening() == []
    hall = site_app.hall
    hall.hears(hall.happens.private(TANAKA, "/decide 温度を測る"))
    sent = parts(listening())
    assert set(sent) == {"session-settled", "session-minutes"}
    assert "温度を測る" in sent["session-settled"]
    assert listening() == []


def test_who_was_cut_off_gets_how_it_stands_now(site_app: SiteApp) -> None:
    begins(site_app)
    sent = parts(news(site_app, site_app.facilitator(), first(site_app), "what was before")())
    assert {"session-boxes", "session-balance", "session-questions", "session-settled", "session-minutes"} < set(sent)


def test_the_page_hears_that_a_session_began_or_ended_and_is_not_torn_away(site_app: SiteApp) -> None:
    tanaka = site_app.facilitator()
    waits = news(site_app, tanaka, "")
    waits()
    begins(site_app)
    watches = news(site_app, tanaka, first(site_app))
    assert parts(waits()) == {"session-turn": "セッションが始まりました。表示する"}
    watches()
    site_app.hall.hears(site_app.hall.happens.private(TANAKA, "/session end"))
    assert parts(watches()) == {"session-turn": "セッションは終わりました。表示する"}


def test_who_does_not_lead_any_more_hears_no_more(site_app: SiteApp) -> None:
    begins(site_app)
    assert news(site_app, site_app.stranger(), first(site_app))() == []


def test_the_stream_opens_for_who_may_see_the_room(site_app: SiteApp) -> None:
    for browser, status in ((site_app.facilitator(), 200), (site_app.reader(), 200), (site_app.stranger(), 404)):
        assert asked(browser, f"GET /p/{ROOM}/session/live", Walk(stream=True))[0] == status


# Who may


def test_nobody_sees_or_steers_the_session_of_another_room(site_app: SiteApp) -> None:
    begins(site_app)
    stranger = site_app.stranger()
    assert stranger.get(HERE).status_code == 404
    assert stranger.get(f"{HERE}/live").status_code == 404
    for what in ("start", "end", "decide", "action", "questions"):
        assert stranger.send_form(f"{HERE}/{what}", words="x", topic="x").status_code == 404
    assert site_app.hall.scene().session is not None
    assert site_app.organizer().get(path(RoomId("lobby:slack:T1:U1"))).status_code == 404


def test_a_reader_watches_and_has_no_buttons(site_app: SiteApp) -> None:
    reader = site_app.reader()
    assert "action=" not in reader.get(HERE).text.split('<main id="main"')[1]
    begins(site_app)
    assert "action=" not in reader.get(HERE).text.split('<main id="main"')[1]
    assert reader.send_form(f"{HERE}/end").status_code == 403


def test_an_organizer_holds_a_session_where_they_had_no_seat(site_app: SiteApp) -> None:
    page = site_app.organizer("en").after(f"{HERE}/start", topic="Choosing a theme", minutes="45")
    session = site_app.hall.scene().session
    assert session is not None
    assert session.topic == "Choosing a theme"
    assert "What you could ask" in page


def test_a_page_without_a_session_has_none_to_show(site_app: SiteApp) -> None:
    assert standing(site_app.hall.scene(), site_app.clock(), "ja") is None
