"""A partnership's pages: what they show of the talk and the record, what one does there, and what they read."""

import html
import json
import re
from datetime import date
from urllib.parse import quote

import pytest

from adapters.channels.web.partnership_view import FAR
from adapters.courtesy import LOBBY
from bot.model import Room, RoomId
from bot.partnership import By, Partnership, Sheet
from bot.scene import Scene
from bot.turn import House
from tests.adapters.memory import AT, SATO, TANAKA
from tests.adapters.web.conftest import SiteApp
from tests.adapters.web.test_partnership_pace import HERE, fill, news, talks
from tests.fakes import EchoCoach, ScriptedEar, no_sources

PRICE = "一台いくら？"
EVIL = '<script>alert("x")</script>'
BY = By(who="佐藤", side="sme", at=AT)


def records(site_app: SiteApp, record: Partnership) -> None:
    site_app.hall.store.keep(site_app.hall.scene().recorded(record))


def kinds(found: list[dict[str, str]]) -> list[str]:
    return [one["event"] if one["event"] == "entry" else json.loads(one["data"])["id"] for one in found]


def shown(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'data-sequence="(\d+)"', page)]


# The timeline


def test_the_timeline_shows_the_talk_newest_last(site_app: SiteApp) -> None:
    talks(site_app, "はじめまして", "工場を見に来ませんか")
    page = site_app.facilitator().get(HERE).text
    assert "<h1>栃ノ木精密 × ルミナ" in page
    assert page.index("はじめまして") < page.index("工場を見に来ませんか")


def test_the_timeline_goes_back_by_fifty_till_the_beginning(site_app: SiteApp) -> None:
    talks(site_app, *(f"言葉{one}番" for one in range(120)))
    leads, path, pages = site_app.facilitator(), HERE, []
    while path:
        page = leads.get(path).text
        pages.append(shown(page))
        earlier = re.search(r'href="([^"]*\?before=\d+)"', page)
        path = earlier[1] if earlier else ""
    every = [number for one in reversed(pages) for number in one]
    assert [len(one) for one in pages[:2]] == [50, 50]
    assert every == sorted(set(every))
    assert len(every) >= 120


def test_an_earlier_stretch_stands_still(site_app: SiteApp) -> None:
    talks(site_app, "はじめまして")
    assert "data-live-list" in site_app.facilitator().get(HERE).text
    assert "data-live-list" not in site_app.facilitator().get(f"{HERE}?before=9").text


def test_an_intervention_says_how_and_why_and_to_whom_but_not_the_private_word(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.houses.append(House(EchoCoach(), ScriptedEar(signals={PRICE: ["cost_too_early"]}), no_sources))
    hall.hears(hall.happens.said(SATO, PRICE))
    [word] = [words for (words,) in hall.rows("SELECT text FROM deliveries WHERE \"to\" = '佐藤'")]
    page = html.unescape(site_app.facilitator().get(HERE).text)
    assert hall.scene().interventions[-1].label.why in page
    assert "佐藤さんにだけ" in page
    assert "個別の" in page
    assert str(word).splitlines()[0] not in page


def test_no_page_and_no_file_holds_what_a_side_told_in_private(site_app: SiteApp) -> None:
    hall, secret = site_app.hall, "原価は八百円"
    hall.hears(hall.happens.private(SATO, secret))
    sheet = Sheet(exercise="theme_canvas", title="社内の紙", text="内々の中身", at=AT, side="sme", who="佐藤")
    record = hall.scene().record.file(BY, sheet).add_action(BY, "社内だけの宿題", "佐藤", date(2026, 4, 9), "sme")
    records(site_app, record)
    leads = site_app.facilitator()
    rests = ("", "/record", "/pictures", "/sheet/1", "/export.md?talk=1", "/export.json?talk=1", "/dates.ics",
             "/minutes.md", "/digest.md")  # fmt: skip
    for rest in rests:
        page = html.unescape(leads.get(HERE + rest).text)
        assert not any(words in page for words in (secret, "社内", "内々")), rest


def test_what_people_type_is_escaped_on_every_page(site_app: SiteApp) -> None:
    scene = site_app.hall.scene()
    names = {"sme": EVIL, "startup": EVIL}
    record = (
        scene.record.decide(BY, EVIL).add_action(BY, EVIL, EVIL).set_theme(BY, statement=EVIL, brings={"sme": EVIL})
        .plan_experiment(BY, EVIL, cap=EVIL).ask(BY, EVIL)
        .file(BY, Sheet(exercise="give_and_get", title=EVIL, text=EVIL, at=AT, who=EVIL))
    )  # fmt: skip
    site_app.hall.store.keep(scene.recorded(record).having(room=scene.room.model_copy(update={"names": names})))
    talks(site_app, EVIL)
    for path in (HERE, f"{HERE}/record", f"{HERE}/pictures", f"{HERE}/sheet/1", "/programme"):
        page = site_app.organizer().get(path)
        assert page.status_code == 200
        assert "<script>" not in page.text, path
        assert " style=" not in page.text, path


# Live


def test_who_looks_gets_what_comes_once(site_app: SiteApp) -> None:
    talks(site_app, "一つ目")
    leads = site_app.facilitator()
    after = re.search(r'data-after="(\d+)"', leads.get(HERE).text)
    assert after is not None
    live = news(site_app, leads, int(after[1]))
    assert kinds(live()) == ["partnership-state"]
    talks(site_app, "二つ目")
    found = live()
    assert kinds(found) == ["entry"]
    assert "二つ目" in found[0]["data"]
    assert live() == []


def test_a_private_word_tells_nobody_who_looks_that_there_was_one(site_app: SiteApp) -> None:
    live = news(site_app, site_app.facilitator())
    live()
    site_app.hall.hears(site_app.hall.happens.private(SATO, "内緒です"))
    assert live() == []


def test_the_state_is_sent_when_it_changes(site_app: SiteApp) -> None:
    live = news(site_app, site_app.facilitator())
    live()
    site_app.hall.hears(site_app.hall.happens.private(TANAKA, "/takeover"))
    [state] = live()
    assert "田中さん" in json.loads(state["data"])["html"]


def test_who_was_away_long_gets_the_latest_page_and_not_everything(site_app: SiteApp) -> None:
    fill(site_app, FAR + 100)
    assert kinds(news(site_app, site_app.facilitator())()) == ["earlier", "timeline", "partnership-state"]


def test_who_leads_no_longer_hears_no_more(site_app: SiteApp) -> None:
    leads = site_app.facilitator()
    live = news(site_app, leads)
    live()
    scene = site_app.hall.scene()
    people = tuple(one for one in scene.room.people if one.name != "田中")
    site_app.hall.store.keep(scene.having(room=scene.room.model_copy(update={"people": people})))
    talks(site_app, "もう聞こえません")
    assert live() == []
    assert live.over


# The record


def test_the_record_shows_what_stands_and_what_stood(site_app: SiteApp) -> None:
    record = site_app.hall.scene().record.move_to("meeting", BY).decide(BY, "六月に会う")
    record = record.plan_experiment(
        BY, "歪みは見えるか", cap="30万円", ends=date(2026, 4, 6), success="8割", stop="5割", decider="佐藤"
    ).start_experiment(BY, 1, date(2026, 4, 1))
    records(site_app, record)
    page = html.unescape(site_app.reader().get(f"{HERE}/record").text)
    for words in (
        "六月に会う",
        "歪みは見えるか",
        "4月6日（月）",
        "決めるときです",
        "30万円",
        "準備 → 初めの話し合い",
    ):
        assert words in page
    assert '<form method="post" action="/p/' not in page


def test_a_long_history_goes_back_page_by_page(site_app: SiteApp) -> None:
    record = site_app.hall.scene().record
    for one in range(70):
        record = record.decide(BY, f"決定{one}番")
    records(site_app, record)
    past = site_app.facilitator().get(f"{HERE}/record").text.split('id="history-title"')[1]
    assert "決定69番" in past
    assert "決定0番" not in past
    earlier = re.search(r'href="([^"]*\?before=\d+)"', past)
    assert earlier is not None
    assert "決定0番" in site_app.facilitator().get(earlier[1]).text.split('id="history-title"')[1]


def test_a_shared_sheet_has_a_page_and_give_and_get_stands_on_the_record(site_app: SiteApp) -> None:
    sheet = Sheet(exercise="give_and_get", title="出すもの・得るもの", text="**機械の時間**", at=AT, who="佐藤")
    records(site_app, site_app.hall.scene().record.file(BY, sheet))
    leads = site_app.facilitator()
    assert "<strong>機械の時間</strong>" in leads.get(f"{HERE}/record").text
    assert "<strong>機械の時間</strong>" in leads.get(f"{HERE}/sheet/1").text
    assert leads.get(f"{HERE}/sheet/2").status_code == 404


# What one does


def test_an_action_is_noted_with_who_and_by_when_and_ticked_off(site_app: SiteApp) -> None:
    leads = site_app.facilitator()
    leads.send_form(f"{HERE}/note", what="action", words="done の図面を送る", owner="Lee", due="2026-04-20")
    [action] = site_app.hall.scene().record.actions
    assert (action.text, action.owner, action.due, action.done) == (
        "done の図面を送る",
        "Lee",
        date(2026, 4, 20),
        False,
    )
    page = leads.after(f"{HERE}/done", number="1")
    assert site_app.hall.scene().record.actions[0].done
    assert "済み" in page


def test_an_action_without_owner_and_day_is_kept_word_for_word(site_app: SiteApp) -> None:
    site_app.facilitator().send_form(f"{HERE}/note", what="action", words="done list を送る", owner="", due="")
    assert [one.text for one in site_app.hall.scene().record.actions] == ["done list を送る"]


def test_a_decision_is_noted_as_who_wrote_it(site_app: SiteApp) -> None:
    site_app.organizer().send_form(f"{HERE}/note", what="decide", words="六月に\n会う")
    [decision] = site_app.hall.scene().record.decisions
    assert (decision.text, decision.by.who, decision.by.side) == ("六月に 会う", "運営", "organizer")


def test_an_empty_note_is_told_so(site_app: SiteApp) -> None:
    assert "まだ何も書かれていません" in site_app.facilitator().after(f"{HERE}/note", what="decide", words=" ")


def test_mode_and_takeover_go_the_one_road(site_app: SiteApp) -> None:
    leads = site_app.facilitator()
    leads.send_form(f"{HERE}/mode", mode="review")
    leads.send_form(f"{HERE}/drive", what="takeover")
    assert (site_app.hall.scene().room.mode, site_app.hall.scene().takeover) == ("review", "田中")
    leads.send_form(f"{HERE}/drive", what="handback")
    assert site_app.hall.scene().takeover is None


@pytest.mark.parametrize(
    ("rest", "form"),
    [
        ("mode", {"mode": "loud"}),
        ("drive", {"what": "/forget"}),
        ("note", {"what": "forget"}),
        ("done", {"number": "1 x"}),
    ],
)
def test_a_form_says_no_other_command(site_app: SiteApp, rest: str, form: dict[str, str]) -> None:
    assert site_app.facilitator().send_form(f"{HERE}/{rest}", **form).status_code == 404


# Who may


def test_a_partnership_is_not_there_for_who_does_not_lead_it(site_app: SiteApp) -> None:
    other = site_app.stranger()
    for rest in ("", "/live", "/record", "/sheet/1", "/pictures", "/export.md", "/export.json", "/dates.ics",
                 "/minutes.md", "/digest.md"):  # fmt: skip
        assert other.get(HERE + rest).status_code == 404, rest
    for rest, form in (("mode", {"mode": "quiet"}), ("drive", {"what": "takeover"}), ("done", {"number": "1"}),
                       ("note", {"what": "decide", "words": "x"})):  # fmt: skip
        assert other.send_form(f"{HERE}/{rest}", **form).status_code == 404, rest


def test_a_talk_that_belongs_to_no_partnership_is_nobodys_to_see(site_app: SiteApp) -> None:
    room = RoomId(LOBBY + SATO.key)
    site_app.hall.store.keep(Scene(room=Room(id=room)))
    for browser in (site_app.organizer(), site_app.reader()):
        assert browser.get(f"/p/{quote(room, safe='')}").status_code == 404


def test_the_funnel_counts_what_the_viewer_may_see(site_app: SiteApp) -> None:
    records(
        site_app, site_app.hall.scene().record.move_to("meeting", BY).move_to("agreeing", BY).move_to("stopped", BY)
    )
    for browser, many in ((site_app.organizer(), 2), (site_app.facilitator(), 1), (site_app.stranger(), 1)):
        assert f"協業{many}件" in browser.get("/programme").text
    page = site_app.facilitator().get("/programme").text
    assert re.findall(r'<th scope="row">取り決め</th><td class="number">(\d)</td><td class="number">(\d)', page) == [
        ("1", "0")
    ]
    assert "No partnerships" not in site_app.facilitator("en").get("/programme").text
