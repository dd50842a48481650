"""The desk: who needs the human first, the queue of drafts, findings and calls, and who may see and do what."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from adapters.channels.web.desk_list import seen
from adapters.channels.web.desk_live import News, Shown
from adapters.channels.web.desk_queue import key_of
from bot.attention import calls
from bot.model import Person, RoomId
from bot.partnership import By
from bot.scene import Draft, Escalation
from tests.adapters.memory import GROUP, LEE, ROOM, SATO, TANAKA, account
from tests.adapters.store.scenes import rich
from tests.adapters.web.conftest import OTHER, Browser, SiteApp
from tests.fakes import EchoCoach, ScriptedEar, house

ASKED = "@nakodo NDAはいつ結びますか"
SECRET = "触媒の配合は七対三です"
RUDE = "訴えますよ"


def hears_everything(site: SiteApp) -> None:
    ear = ScriptedEar(
        signals={SECRET: ["pre_nda_disclosure"], "丸投げします": ["vague_ask"]},
        calls={RUDE: ["legal_dispute"], "もう限界です": ["distress"]},
    )
    site.hall.houses.append(house(ear, EchoCoach()))


def reviewed(site: SiteApp, *words: str) -> list[Draft]:
    """Let Lee say this in the room while the facilitator looks over every word."""
    hall = site.hall
    hall.hears(hall.happens.private(TANAKA, "/mode review"))
    for said in words:
        hall.clock.on(minutes=1)
        hall.hears(hall.happens.said(LEE, said))
    return [one for one in hall.scene().drafts if one.state == "waiting"]


def decision(draft: Draft, what: str, words: str = "", room: str = ROOM) -> dict[str, str]:
    return {"room": room, "draft": draft.id, "key": key_of(RoomId(room), draft), "what": what, "words": words}


def parts(news: News) -> dict[str, str]:
    found = [json.loads(one["data"]) for one in news()]
    return {one["id"]: html.unescape(one["html"]) for one in found}


def headings(page: str) -> list[str]:
    """Return the partnerships of the list, in its order."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)', page)


def whys(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<p class="why[^"]*">([^<]*)', page)]


def add_room(site: SiteApp, name: str, **changes: object) -> RoomId:
    scene = rich()
    room = scene.room.model_copy(update={"id": RoomId(name), "names": {"sme": name, "startup": "X"}})
    site.hall.store.keep(scene.having(room=room, **changes))
    return room.id


# Who sees what


def test_a_facilitator_sees_the_partnerships_that_they_lead(site_app: SiteApp) -> None:
    assert headings(site_app.facilitator().get("/desk").text) == ["栃ノ木精密 × ルミナ"]
    assert headings(site_app.stranger().get("/desk").text) == ["別の鋳造所 × アザミ計測"]
    boss = site_app.organizer()
    assert len(headings(boss.get("/desk").text)) == 2
    rows = re.findall(r'<th scope="row"><a href="([^"]*)', boss.get("/desk").text)
    assert [boss.get(row).status_code for row in rows] == [200, 200]


def test_who_sits_with_a_side_does_not_lead_there(site_app: SiteApp) -> None:
    page = site_app.signed_in("facilitator", LEE.key, LEE.name).get("/desk")
    assert (page.status_code, headings(page.text)) == (200, [])


def test_a_talk_that_belongs_to_no_partnership_is_nobodys_to_see(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.private(account(77, "通行人"), "相談があります"))
    assert any(str(row[0]).startswith("lobby:") for row in hall.rows("SELECT id FROM rooms"))
    assert len(headings(site_app.organizer().get("/desk").text)) == 2
    refused = site_app.organizer().send_form("/desk/drive", room="lobby:slack:T1:U77", what="takeover")
    assert refused.status_code == 404


def test_a_reader_reads_and_has_no_buttons(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    reader = site_app.reader()
    for path in ("/desk", "/desk/drafts", "/desk/findings"):
        assert 'action="/desk/' not in reader.get(path).text.replace('action="/desk" role', "").replace(
            'action="/desk/findings" class="row"', ""
        )
    assert reader.send_form("/desk/draft", **decision(draft, "approve")).status_code == 403
    assert site_app.hall.scene().drafts[0].state == "waiting"


def test_nobody_decides_in_a_room_that_is_not_theirs(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    assert site_app.stranger().send_form("/desk/draft", **decision(draft, "approve")).status_code == 404
    assert site_app.stranger().send_form("/desk/drive", room=ROOM, what="takeover").status_code == 404
    assert site_app.hall.scene().drafts[0].state == "waiting"
    assert site_app.hall.scene().takeover is None


def test_an_empty_desk_says_how_to_begin(site_app: SiteApp) -> None:
    page = site_app.signed_in("facilitator", "slack:T1:U55", "新人").get("/desk").text
    assert all(word in page for word in ('href="/try"', "docs/slack.md", "docs/telegram.md", "/setup"))
    english = site_app.signed_in("facilitator", "slack:T1:U56", "New", "en").get("/desk").text
    assert "No partnerships yet" in english


# The order


def test_who_needs_the_human_first_stands_first_and_says_why(site_app: SiteApp) -> None:
    at, by = site_app.clock(), By(who="田中", side=None, at=site_app.clock())
    calm = rich().having(drafts=(), escalations=(), heard=(), takeover=None, since=at)
    plain = calm.record.model_copy(update={"experiments": (), "actions": ()})
    late = plain.add_action(by, "試料を送る", due=at.date() - timedelta(days=3))
    waits = (*rich().heard, rich().heard[0].model_copy(update={"at": at - timedelta(days=6)}))[1:]
    old, new = (Draft(id="d1", reply=rich().drafts[0].reply, at=at - timedelta(hours=n)) for n in (30, 2))
    call = Escalation(number=1, call="distress", who="Lee", at=at, message="m", evidence="もう無理")
    for name, changes in {
        "静か": {"record": plain},
        "待つ": {"record": plain, "heard": waits},
        "遅れ": {"record": late},
        "新しい下書き": {"drafts": (new,), "record": plain},
        "古い下書き": {"drafts": (old,), "record": plain},
        "助け": {"escalations": (call,), "record": plain},
    }.items():
        kept = {field: getattr(calm, field) for field in ("drafts", "escalations", "heard", "takeover", "since")}
        add_room(site_app, name, **{**kept, **changes})
    page = site_app.organizer().get("/desk").text
    order = [one.split(" ×")[0] for one in headings(page)]
    assert order[:5] == ["助け", "古い下書き", "新しい下書き", "遅れ", "待つ"]
    assert set(order[5:]) == {"静か", "栃ノ木精密", "別の鋳造所"}
    reasons = dict(zip(order, whys(page), strict=True))
    assert reasons["助け"].startswith("Leeさんが人の助けを")
    assert reasons["古い下書き"] == "下書きが30時間、承認を待っています"
    assert reasons["遅れ"] == "「試料を送る」の期日を3日過ぎています"
    assert "6日前からお返事を待って" in reasons["待つ"]


def test_the_list_is_searched_by_words_and_by_stage(site_app: SiteApp) -> None:
    boss = site_app.organizer()
    assert headings(boss.get("/desk", params={"q": "ルミナ"}).text) == ["栃ノ木精密 × ルミナ"]
    assert headings(boss.get("/desk", params={"q": "ｌｅｅ 栃ノ木"}).text) == ["栃ノ木精密 × ルミナ"]
    site_app.hall.hears(site_app.hall.happens.private(TANAKA, "/stage meeting"))
    assert headings(boss.get("/desk", params={"stage": "meeting"}).text) == ["栃ノ木精密 × ルミナ"]
    nothing = boss.get("/desk", params={"q": "<b>ない"}).text
    assert headings(nothing) == []
    assert "<b>ない" not in nothing


# Drafts


def test_a_draft_shows_its_words_its_reason_and_what_was_asked_in_the_room(site_app: SiteApp) -> None:
    reviewed(site_app, ASKED)
    page = site_app.facilitator().get("/desk/drafts").text
    assert "echo: NDAはいつ結びますか" in page
    assert "部屋でのお尋ねへの返事です" in page
    assert ASKED in page
    assert all(key in page for key in ('data-key="a"', 'data-key="e"', 'data-key="r"', 'data-key-next="j"'))


def test_a_question_put_in_private_is_not_shown_with_its_answer(site_app: SiteApp) -> None:
    reviewed(site_app)
    hall = site_app.hall
    hall.houses.append(house(None, Silent()))
    hall.hears(hall.happens.private(SATO, "本当の原価は八百円です。どう話せば?"))
    assert [one.reply.to for one in hall.scene().drafts] == ["佐藤"]
    page = site_app.facilitator().get("/desk/drafts").text
    assert "佐藤さんへ" in page
    assert "八百円" not in page
    assert "ご本人と私だけのもの" in page


class Silent(EchoCoach):
    """Answers without repeating what it was asked."""

    def answer(self, question: str, **how: object) -> object:  # type: ignore[override]
        return super().answer(question, **how).model_copy(update={"text": "順に話しましょう。"})  # type: ignore[arg-type]


def test_an_approved_draft_goes_out_as_it_stands(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    page = site_app.facilitator().after("/desk/draft", **decision(draft, "approve"))
    assert "d1 を 部屋 へ出しました。" in page
    assert "承認を待つ下書きはありません" in page
    assert [one.reply.text for one in site_app.hall.parcels().values() if one.place == GROUP][-1] == draft.reply.text
    assert [one.by for one in site_app.hall.scene().drafts] == ["田中"]


def test_two_cannot_both_approve_a_draft_and_the_second_sees_who_did(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    first, second = site_app.facilitator(), site_app.organizer()
    first.after("/desk/draft", **decision(draft, "approve"))
    page = second.after("/desk/draft", **decision(draft, "approve"))
    assert "d1 は田中さんがもう決めています（承認）。" in page
    sent = [one for one in site_app.hall.parcels().values() if one.place == GROUP and one.reply.kind == "answer"]
    assert len(sent) == 1


def test_a_form_that_is_sent_twice_is_said_once(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    browser, form = site_app.facilitator(), {**decision(draft, "approve"), "once": "0123456789abcdef"}
    assert "出しました" in browser.after("/desk/draft", **form)
    assert "もう決めて" not in browser.after("/desk/draft", **form)


def test_a_draft_is_sent_in_the_facilitators_words(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    site_app.facilitator().after("/desk/draft", **decision(draft, "edit", "NDAは\n**来週**に。"))
    assert [one.reply.text for one in site_app.hall.parcels().values() if one.place == GROUP][
        -1
    ] == "NDAは\n**来週**に。"
    page = site_app.facilitator().get("/desk/drafts").text
    assert "田中さんが直して承認としました" in page


def test_when_a_draft_was_decided_is_shown_and_the_last_decided_comes_first(site_app: SiteApp) -> None:
    first, second = reviewed(site_app, ASKED, "@nakodo 費用は?")
    browser, times = site_app.facilitator(), []
    for draft in (second, first):
        site_app.clock.on(hours=1)
        browser.after("/desk/draft", **decision(draft, "approve"))
        at = next(one.decided_at for one in site_app.hall.scene().drafts if one.id == draft.id)
        assert at is not None
        assert at > draft.at
        times.append(at)
    for locale in ("ja", "en"):
        page = site_app.facilitator(locale).get("/desk/drafts").text.split('id="drafts-decided"')[1]
        assert re.findall(r'datetime="([^"]+)"', page) == [one.isoformat() for one in reversed(times)]


def test_who_sees_the_desk_finds_the_programme_from_there(site_app: SiteApp) -> None:
    for browser in (site_app.organizer(), site_app.facilitator(), site_app.reader(), site_app.stranger()):
        assert 'href="/programme"' in browser.get("/desk").text
        assert browser.get("/programme").status_code == 200


def test_a_draft_is_refused_with_a_reason_only(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    browser = site_app.facilitator()
    assert "見送る理由を" in browser.after("/desk/draft", **decision(draft, "refuse", "  "))
    assert site_app.hall.scene().drafts[0].state == "waiting"
    page = browser.after("/desk/draft", **decision(draft, "refuse", "まだ早い <b>"))
    assert "理由: まだ早い &lt;b&gt;" in page
    assert site_app.hall.scene().drafts[0].why == "まだ早い <b>"


def test_another_draft_with_the_same_number_is_not_approved_in_its_place(site_app: SiteApp) -> None:
    seen_one = reviewed(site_app, ASKED)[0]
    hall = site_app.hall
    hall.store.keep(hall.scene().having(drafts=(), drafted=0))  # As before numbers were counted.
    other = reviewed(site_app, "@nakodo 別の話です")[0]
    assert other.id == seen_one.id
    page = site_app.facilitator().after("/desk/draft", **decision(seen_one, "approve"))
    assert "もうありません" in page
    assert hall.scene().drafts[0].state == "waiting"


def test_what_is_typed_is_escaped_on_every_page(site_app: SiteApp) -> None:
    hears_everything(site_app)
    site_app.hall.clock.on(minutes=1)
    reviewed(site_app, "@nakodo <script>x</script>")
    for path in ("/desk", "/desk/drafts", "/desk/findings"):
        assert "<script>x" not in site_app.facilitator().get(path).text


# Findings and calls


def test_a_finding_shows_what_was_done_and_takes_a_verdict(site_app: SiteApp) -> None:
    hears_everything(site_app)
    hall = site_app.hall
    hall.hears(hall.happens.said(SATO, SECRET))
    page = site_app.facilitator().get("/desk/findings").text
    assert all(word in page for word in (SECRET, "佐藤さんへの個別の注意", "進行役への知らせ", "はっきり"))
    after = site_app.facilitator().after("/desk/verdict", room=ROOM, number="2", useful="no")
    assert "2 は「不要」と控えました" in after
    assert "評価を待つものはありません" in after
    assert [one.useful for one in hall.scene().interventions] == [None, False]
    assert SECRET in site_app.facilitator().get("/desk/findings?all=1").text


def test_what_was_only_observed_stands_among_all_findings_without_buttons(site_app: SiteApp) -> None:
    ear = ScriptedEar(signals={"あとで": ["slow_decision"]}, score=0.55)
    site_app.hall.houses.append(house(ear, EchoCoach()))
    site_app.hall.hears(site_app.hall.happens.said(SATO, "あとで"))
    assert "評価を待つものはありません" in site_app.facilitator().get("/desk/findings").text
    page = site_app.facilitator().get("/desk/findings?all=1").text
    assert "様子を見ました" in page
    assert 'action="/desk/verdict"' not in page


def test_a_call_for_a_human_is_taken_care_of_once(site_app: SiteApp) -> None:
    hears_everything(site_app)
    hall = site_app.hall
    hall.hears(hall.happens.said(LEE, RUDE))
    page = site_app.facilitator().get("/desk").text
    assert "法律の争いになりそうです" in page
    assert RUDE in page
    after = site_app.facilitator().after("/desk/cared", room=ROOM, number="1")
    assert "Leeさんの件（1）は、対応済みと控えました" in after
    assert calls(hall.scene()) == ()
    again = site_app.organizer().after("/desk/cared", room=ROOM, number="1")
    assert "1 は田中さんがもう対応しています" in again


def test_a_call_in_private_says_only_that_somebody_wants_to_be_heard(site_app: SiteApp) -> None:
    hears_everything(site_app)
    site_app.hall.hears(site_app.hall.happens.private(SATO, "もう限界です"))
    page = site_app.facilitator().get("/desk").text
    assert "話を聞いてほしいそうです" in page
    assert "限界" not in page
    assert "追い詰められて" not in page


# Taking over


def test_the_talk_is_taken_over_and_handed_back(site_app: SiteApp) -> None:
    browser = site_app.facilitator()
    assert "田中さん" in browser.after("/desk/drive", room=ROOM, what="takeover")
    assert site_app.hall.scene().takeover == "田中"
    browser.after("/desk/drive", room=ROOM, what="handback")
    assert site_app.hall.scene().takeover is None


def test_an_organizer_gets_a_seat_where_they_act_and_only_there(site_app: SiteApp) -> None:
    boss = site_app.organizer()
    boss.get("/desk")
    before = site_app.hall.scene().room.people
    for what in ("takeover", "handback"):
        boss.after("/desk/drive", room=ROOM, what=what)
    assert site_app.hall.scene().room.people == (*before, Person(name="運営", side="organizer"))
    assert not any(one.name == "運営" for one in site_app.hall.scene(OTHER.key).room.people)


def test_who_sits_with_a_side_does_not_lead_by_being_an_organizer(site_app: SiteApp) -> None:
    boss = site_app.organizer()
    assert boss.viewer is not None
    hall = site_app.hall
    name = hall.directory.seat("default", ROOM, boss.viewer.person, "運営", member=True)
    hall.store.keep(hall.scene().seated(Person(name=name), "startup"))
    assert boss.send_form("/desk/drive", room=ROOM, what="takeover").status_code == 403
    assert hall.scene().takeover is None
    assert hall.scene().room.person(name) == Person(name=name, side="startup")


@pytest.mark.parametrize("next_", ["//evil.example", "/\\evil", "https://evil.example", "/desk\r\nx: y", ""])
def test_a_form_leads_back_to_this_site_only(site_app: SiteApp, next_: str) -> None:
    answer = site_app.facilitator().send_form("/desk/drive", room=ROOM, what="takeover", next=next_)
    assert answer.headers["location"] == "/desk"


# Live


def news_of(site: SiteApp, browser: Browser, path: str) -> News:
    """Return what a page that was just loaded hears from now on."""
    address = re.search(r'data-live-list="([^"]*)"', browser.get(path).text)
    assert address is not None
    given = dict(one.split("=") for one in html.unescape(address[1]).split("?")[1].split("&"))
    assert browser.viewer is not None
    return News(site.site, browser.viewer, Shown(given["of"]), given.get("had", "").replace("%2C", ","))


def test_a_page_hears_nothing_of_what_it_shows_already(site_app: SiteApp) -> None:
    reviewed(site_app, ASKED)
    for path in ("/desk", "/desk/drafts", "/desk/findings"):
        news = news_of(site_app, site_app.facilitator(), path)
        assert set(parts(news)) <= {"desk-nav", "drafts-news"}
        assert parts(news) == {}


def test_the_list_changes_while_one_looks(site_app: SiteApp) -> None:
    news = news_of(site_app, site_app.organizer(), "/desk")
    news()
    site_app.facilitator().after("/desk/drive", room=ROOM, what="takeover")
    changed = parts(news)
    assert "田中さんが話を引き取っています" in changed["desk-rows"]
    assert parts(news) == {}


def test_a_call_goes_from_the_page_when_another_has_taken_care_of_it(site_app: SiteApp) -> None:
    hears_everything(site_app)
    site_app.hall.hears(site_app.hall.happens.said(LEE, RUDE))
    news = news_of(site_app, site_app.organizer(), "/desk")
    site_app.facilitator().after("/desk/cared", room=ROOM, number="1")
    assert parts(news)["desk-calls"].strip() == ""


def test_who_looks_at_a_draft_sees_that_another_decided_it(site_app: SiteApp) -> None:
    draft = reviewed(site_app, ASKED)[0]
    news = news_of(site_app, site_app.organizer(), "/desk/drafts")
    news()
    site_app.facilitator().after("/desk/draft", **decision(draft, "approve"))
    assert "田中さんが承認としました" in parts(news)[f"draft-{key_of(ROOM, draft)}"]


def test_a_new_draft_is_announced_where_somebody_may_be_writing(site_app: SiteApp) -> None:
    reviewed(site_app, ASKED)
    news = news_of(site_app, site_app.facilitator(), "/desk/drafts")
    news()
    reviewed(site_app, "@nakodo 費用は?")
    changed = parts(news)
    assert "新しい下書きが1件" in changed["drafts-news"]
    assert "drafts-list" not in changed


def test_a_new_draft_appears_where_none_stood(site_app: SiteApp) -> None:
    browser = site_app.facilitator()
    news = news_of(site_app, browser, "/desk/drafts")
    news()
    draft = reviewed(site_app, ASKED)[0]
    [event_] = [one for one in news() if "drafts-list" in one["data"]]
    assert "echo: NDA" in event_["data"]
    assert event_["id"] == key_of(ROOM, draft)
    assert browser.viewer is not None
    reconnected = News(site_app.site, browser.viewer, Shown("drafts"), event_["id"])
    assert "drafts-list" not in parts(reconnected)


def test_changes_are_for_those_who_may_see_them(site_app: SiteApp) -> None:
    news = news_of(site_app, site_app.stranger(), "/desk/drafts")
    news()
    reviewed(site_app, ASKED)
    assert parts(news) == {}
    assert site_app.nobody().get("/desk/live?of=desk").status_code == 401
    assert site_app.facilitator().get("/desk/live?of=elsewhere").status_code == 404


# Many


@contextmanager
def statements(site: SiteApp) -> Iterator[list[str]]:
    """Collect what is asked of the database."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(site.hall.store.engine, "before_cursor_execute", note)
    yield said
    event.remove(site.hall.store.engine, "before_cursor_execute", note)


def test_many_partnerships_are_listed_with_as_few_queries_as_one(site_app: SiteApp) -> None:
    counts = {}
    for many in (0, 20):
        for number in range(many):
            add_room(site_app, f"会社{number}", escalations=())
        for path in ("/desk", "/desk/drafts", "/desk/findings"):
            for who, browser in (("boss", site_app.organizer()), ("leads", site_app.facilitator())):
                with statements(site_app) as said:
                    assert browser.get(path).status_code == 200
                counts.setdefault((path, who), []).append(len(said))
    assert all(few == more <= 6 for few, more in counts.values()), counts


def test_a_room_that_was_last_written_before_there_were_briefs_is_listed_all_the_same(site_app: SiteApp) -> None:
    before = headings(site_app.organizer().get("/desk").text), whys(site_app.organizer().get("/desk").text)
    with site_app.hall.store.engine.begin() as connection:
        connection.execute(text("UPDATE rooms SET brief = NULL"))
    page = site_app.organizer().get("/desk").text
    assert (headings(page), whys(page)) == before


def test_a_list_shows_what_was_written_since_it_was_last_read(site_app: SiteApp) -> None:
    boss = site_app.organizer()
    boss.get("/desk")
    site_app.hall.store.keep(site_app.hall.scene().having(takeover="田中"))
    assert "田中さんが話を引き取っています" in boss.get("/desk").text


def test_a_brief_holds_nothing_that_was_told_in_private(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(
        hall.happens.private(SATO, "内緒の原価です"),
        hall.happens.said(SATO, "部屋の言葉です"),
        hall.happens.private(SATO, "/coach theme_canvas"),
        hall.happens.private(SATO, "紙に書く内緒"),
    )
    assert hall.rows("SELECT scene FROM rooms WHERE scene LIKE '%内緒の原価%'")
    [(brief,)] = hall.rows(f"SELECT brief FROM rooms WHERE id = '{ROOM}'")
    assert all(word not in str(brief) for word in ("内緒", "部屋の言葉"))
    scene = seen(site_app.site, site_app.organizer().viewer)[ROOM]  # type: ignore[index, arg-type]
    assert scene.record.stage == hall.scene().record.stage
    assert [one.at for one in scene.heard] == [one.at for one in hall.scene().heard][-1:]
