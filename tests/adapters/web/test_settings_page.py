"""Settings: how the house stands, modes and quiet, seats and codes, and the log; and what nobody is shown."""

import html
import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from adapters.channels.web.settings_log import log
from adapters.channels.web.sign_in import way_in
from bot.clock import QuietHours
from bot.partnership import By, Sheet
from tests.adapters.memory import LEE, ROOM, SATO, TANAKA, account, direct
from tests.adapters.web.conftest import OTHER, Browser, SiteApp, open_site

HERE = "/settings"
SECRET = "sk-never-shown-to-anybody-0123456789abcdef"


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split('<main id="main"')[1])).split())


CODES, ARRIVALS = ("参加コード", "join code"), ("協業に加わった", "joined the partnership")


def told(site: SiteApp, browser: Browser, about: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return who did what, the latest first; of codes and arrivals, which setting up brings along, only if asked."""
    assert browser.viewer
    found = [(one.who, one.what) for one in log(site.site, browser.viewer, 50).lines]
    if about:
        return [one for one in found if any(name in one[1] for name in about)]
    return [one for one in found if not any(name in one[1] for name in (*CODES, *ARRIVALS))]


def leads(site: SiteApp, *words: str) -> None:
    for one in words:
        site.clock.on(minutes=1)
        site.hall.hears(site.hall.happens.private(TANAKA, one))


# The house


def test_channels_and_post_show_how_they_are(site_app: SiteApp) -> None:
    site_app.site.channels["web"].refused["signature"] += 2  # type: ignore[attr-defined]
    site_app.clock.at = site_app.site.channels["web"].alive()  # type: ignore[assignment]
    page = text(site_app.organizer("en").get(HERE).text)
    assert "Browser well" in page
    assert "signature 2" in page
    assert "Came in, waiting their turn 0" in page


def test_a_channel_without_a_sign_of_life_is_shown_as_silent(site_app: SiteApp) -> None:
    site_app.clock.at = site_app.site.channels["web"].alive()  # type: ignore[assignment]
    site_app.clock.on(minutes=4)
    assert "応答がありません" in site_app.organizer().get(HERE).text


def test_no_secret_is_shown_to_anybody(tmp_path: Path) -> None:
    opened = open_site(tmp_path, secret=SECRET, embeddings_key=SECRET)
    site = next(opened)
    for browser in (site.organizer(), site.facilitator(), site.reader()):
        assert SECRET not in browser.get(HERE).text
    assert str(tmp_path) in site.organizer().get(HERE).text
    assert str(tmp_path) not in site.facilitator().get(HERE).text
    assert next(opened, None) is None


# One partnership


def test_the_mode_is_chosen_on_the_page(site_app: SiteApp) -> None:
    page = site_app.facilitator().after(f"{HERE}/mode", room=ROOM, mode="review")
    assert site_app.hall.scene().room.mode == "review"
    assert '<option value="review" selected>' in page
    assert "確認" in text(page)
    assert site_app.facilitator().send_form(f"{HERE}/mode", room=ROOM, mode="loud").status_code == 404


def test_quiet_hours_are_shown_and_chosen_on_the_page(site_app: SiteApp) -> None:
    tanaka = site_app.facilitator()
    assert "20:00から翌08:00までと、祝日は、自分から声をかけません" in text(tanaka.get(HERE).text)
    page = tanaka.after(f"{HERE}/hours", room=ROOM, begins="22:00", ends="06:30")
    assert site_app.hall.scene().room.quiet_hours == QuietHours(begins=time(22), ends=time(6, 30))
    assert "22:00から翌06:30までと、祝日は" in text(page)
    assert 'name="begins" value="22:00"' in page
    english = text(site_app.facilitator("en").get(HERE).text)
    assert "From 22:00 to 06:30, and on public holidays, Nakodo says nothing unasked" in english


def test_quiet_hours_may_be_none_and_the_page_then_offers_some(site_app: SiteApp) -> None:
    page = site_app.facilitator("en").after(f"{HERE}/hours", room=ROOM, begins="20:00", ends="08:00", none="1")
    assert site_app.hall.scene().room.quiet_hours is None
    assert "There are none" in text(page)
    assert 'name="begins" value="20:00"' in page
    assert "No quiet hours" not in page


@pytest.mark.parametrize(
    "fields",
    [{"begins": "25:00", "ends": "08:00"}, {"begins": "", "ends": ""}, {}, {"begins": "なし", "ends": "x" * 9}],
)
def test_what_are_no_hours_gets_a_clear_answer_and_changes_nothing(site_app: SiteApp, fields: dict[str, str]) -> None:
    page = site_app.facilitator().after(f"{HERE}/hours", room=ROOM, **fields)
    assert "始まりと終わりの時刻を書いてください" in page
    assert site_app.hall.scene().room.quiet_hours == QuietHours()


def test_the_page_says_until_when_it_is_quiet_by_the_rooms_own_hours(site_app: SiteApp) -> None:
    leads(site_app, "/hours 9:00-11:00")
    assert "いまは静かな時間です 2026-04-06（月） 11:00 まで" in text(site_app.facilitator().get(HERE).text)


def test_quiet_for_oneself_is_wanted_and_lifted(site_app: SiteApp) -> None:
    tanaka = site_app.facilitator()
    page = tanaka.after(f"{HERE}/quiet", room=ROOM, days="7")
    mutes = site_app.hall.scene().mutes
    assert [one.who for one in mutes] == ["田中"]
    assert mutes[0].until is not None
    assert "あなたが止めている声かけ" in page
    tanaka.after(f"{HERE}/quiet", room=ROOM, days="off")
    assert site_app.hall.scene().mutes == ()


def test_what_others_want_kept_from_them_is_not_shown(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.private(SATO, "/mute 7日"), hall.happens.said(LEE, "@nakodo /mute 3日"))
    page = site_app.facilitator().get(HERE).text
    assert "部屋で止めている声かけ" in page
    assert "あなたが止めている声かけ" not in page
    assert page.count("すべての声かけ") == 1


def test_people_sit_with_their_sides(site_app: SiteApp) -> None:
    page = text(site_app.facilitator().get(HERE).text)
    assert "中小企業 栃ノ木精密 佐藤" in page
    assert "スタートアップ ルミナ Lee" in page


def test_a_code_is_shown_once_and_lets_one_in(site_app: SiteApp) -> None:
    tanaka, hall = site_app.facilitator(), site_app.hall
    page = tanaka.after(f"{HERE}/invite", room=ROOM, side="startup")
    code = re.findall(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page)[0]
    assert code not in tanaka.get(HERE).text
    kim = account(20, "Kim")
    hall.hears(hall.happens.event(kim, direct(kim), text=code))
    assert "Kim" in [one.name for one in hall.scene().room.of("startup")]
    assert tanaka.send_form(f"{HERE}/invite", room=ROOM, side="organizer").status_code == 404


def test_one_chooses_among_the_partnerships_that_one_may_see(site_app: SiteApp) -> None:
    organizer = site_app.organizer()
    assert "アザミ計測" in text(organizer.get(f"{HERE}?room={OTHER.key}").text)
    tanaka = site_app.facilitator()
    assert "アザミ計測" not in tanaka.get(HERE).text
    assert tanaka.get(f"{HERE}?room={OTHER.key}").status_code == 404
    for what, form in {
        "mode": {"mode": "auto"},
        "hours": {"none": "1"},
        "quiet": {"days": "1"},
        "invite": {"side": "sme"},
    }.items():
        assert tanaka.send_form(f"{HERE}/{what}", room=OTHER.key, **form).status_code == 404
        assert tanaka.send_form(f"{HERE}/{what}", room="", **form).status_code == 404


def test_a_reader_reads_and_has_no_buttons(site_app: SiteApp) -> None:
    reader = site_app.reader()
    assert 'method="post"' not in reader.get(HERE).text.split('<main id="main"')[1]
    assert reader.send_form(f"{HERE}/mode", room=ROOM, mode="quiet").status_code == 403
    assert site_app.hall.scene().room.mode == "auto"


def test_who_leads_nothing_is_told_how_to_begin(site_app: SiteApp) -> None:
    page = site_app.signed_in("facilitator", "slack:T1:U55", "新人").get(HERE)
    assert (page.status_code, "/setup" in page.text) == (200, True)


# The log


def test_changes_modes_and_takeovers_stand_in_the_log_with_who_did_them(site_app: SiteApp) -> None:
    leads(site_app, "/nda drafting", "/mode review", "/takeover", "/handback")
    assert told(site_app, site_app.facilitator()) == [
        ("田中", "Nakodoに戻した"),
        ("田中", "話を引き取った"),
        ("田中", "モードを「確認」に"),
        ("田中", "NDA: 準備中"),
    ]
    assert "NDA: 準備中" in text(site_app.facilitator().get(HERE).text)


def test_who_decided_a_draft_is_told_and_the_second_is_not(site_app: SiteApp) -> None:
    leads(site_app, "/mode review")
    site_app.hall.hears(site_app.hall.happens.said(SATO, "@nakodo NDAはいつ結びますか"))
    number = site_app.hall.scene().drafts[0].id
    leads(site_app, f"/edit {number} 秘密の言葉", f"/approve {number}")
    site_app.organizer().send_form("/settings/mode", room=ROOM, mode="auto")
    found = told(site_app, site_app.facilitator())
    assert ("田中", f"部屋への下書き{number}を直して承認") in found
    assert sum("下書き" + number in what for _, what in found) == 1
    assert "秘密の言葉" not in site_app.facilitator().get(f"{HERE}/log").text
    assert any(who == "運営" for who, _ in found)


def test_join_codes_stand_in_the_log_with_who_made_them_when_and_how_many_came_by_them(site_app: SiteApp) -> None:
    tanaka, hall = site_app.facilitator(), site_app.hall
    assert told(site_app, tanaka, CODES) == []
    made = site_app.clock.on(minutes=5)
    page = tanaka.after(f"{HERE}/invite", room=ROOM, side="startup")
    site_app.clock.on(days=1)
    assert told(site_app, tanaka, CODES) == [("田中", "スタートアップの参加コードを作った")]
    kim = account(20, "Kim")
    hall.hears(hall.happens.event(kim, direct(kim), text=re.findall(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page)[0]))
    assert tanaka.viewer
    english = log(site_app.site, tanaka.viewer._replace(locale="en"), 10).lines
    [line] = [one for one in english if "join code" in one.what]
    assert line.what == "made a join code for the startup (used by 1 so far)"
    assert (line.side, line.title, line.at) == ("the facilitator", "栃ノ木精密 × ルミナ", made)
    leads(site_app, "/invite facilitator")
    assert told(site_app, tanaka, CODES)[0] == ("田中", "進行役の参加コードを作った")


def test_who_came_by_a_code_stands_in_the_log_with_when_and_by_whose_invitation(site_app: SiteApp) -> None:
    tanaka, hall, kim = site_app.facilitator(), site_app.hall, account(20, "Kim")
    page = tanaka.after(f"{HERE}/invite", room=ROOM, side="startup")
    code = re.findall(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page)[0]
    at = site_app.clock.on(days=1)
    hall.hears(hall.happens.event(kim, direct(kim), text=code))
    site_app.clock.on(days=1)
    hall.hears(hall.happens.event(kim, direct(kim), text=code))  # A second click is no second arrival.
    assert told(site_app, tanaka, ARRIVALS)[0] == ("Kim", "田中さんの招きで協業に加わった")
    assert tanaka.viewer
    english = log(site_app.site, tanaka.viewer._replace(locale="en"), 10).lines
    [line] = [one for one in english if one.who == "Kim"]
    assert line.what == "joined the partnership, invited by 田中"
    assert (line.at, line.side, line.title) == (at, "the startup", "栃ノ木精密 × ルミナ")
    assert "joined the partnership, invited by 田中" in text(site_app.facilitator("en").get(f"{HERE}/log").text)


def test_who_came_when_a_partnership_was_set_up_stands_in_the_log_and_what_others_see_is_their_own(
    site_app: SiteApp,
) -> None:
    assert sorted(told(site_app, site_app.facilitator(), ARRIVALS)) == [
        ("Lee", "田中さんの招きで協業に加わった"),
        ("佐藤", "田中さんの招きで協業に加わった"),
        ("田中", "協業に加わった"),
    ]
    assert told(site_app, site_app.stranger(), ARRIVALS) == [("鈴木", "協業に加わった")]


def test_who_signed_in_stands_in_the_log_and_a_facilitator_sees_only_their_own(site_app: SiteApp) -> None:
    link = way_in(site_app.site.settings, site_app.hall.directory, 8787).removeprefix("http://127.0.0.1:8787")
    at = site_app.clock.on(minutes=3)
    assert site_app.nobody().get(link).status_code == 303
    site_app.clock.on(minutes=3)
    organizer = site_app.signed_in("organizer", "local", "事業の主催者", "en")
    assert told(site_app, organizer) == [("Organizer", "signed in to these pages")]
    assert organizer.viewer
    [line] = [one for one in log(site_app.site, organizer.viewer, 10).lines if "signed" in one.what]
    assert (line.at, line.path) == (at, "")
    assert "signed in to these pages" in text(organizer.get(f"{HERE}/log").text)
    assert told(site_app, site_app.reader()) == [("事業の主催者", "この画面に入った")]
    assert told(site_app, site_app.facilitator()) == []
    token = site_app.hall.directory.issue("default", "sign_in", known_as(site_app), lasts=timedelta(minutes=15))
    assert site_app.nobody().send_form("/enter", token=token).status_code == 303
    assert told(site_app, site_app.facilitator()) == [("田中", "この画面に入った")]
    assert told(site_app, site_app.stranger()) == []


def known_as(site_app: SiteApp) -> str:
    known = site_app.hall.directory.known("default", TANAKA.key)
    assert known
    return known.person


def test_settings_of_a_partnership_stand_in_the_log(site_app: SiteApp) -> None:
    hall = site_app.hall
    leads(
        site_app, "/hours 22:00-06:30", "/hours none", "/hours", "/hours 夜", "/side sme @大橋", "/privacy model off"
    )
    site_app.clock.on(minutes=1)
    hall.hears(hall.happens.said(SATO, "@nakodo /mute 7日"), hall.happens.private(SATO, "/mute 3日"))
    site_app.clock.on(minutes=1)
    hall.hears(hall.happens.said(LEE, "@nakodo /mute off"), hall.happens.private(LEE, "/hours 1:00-2:00"))
    assert told(site_app, site_app.facilitator()) == [
        ("Lee", "部屋への声かけを、また受けることに"),
        ("佐藤", "部屋への声かけを止めた（7日）"),
        ("田中", "この部屋では言葉のモデルを使わないことに"),
        ("田中", "大橋さんを中小企業の席に迎えた"),
        ("田中", "静かな時間をなしに"),
        ("田中", "静かな時間を22:00〜06:30に"),
    ]


def test_who_forbade_models_in_private_is_not_named(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.private(SATO, "/privacy model off"), hall.happens.private(SATO, "/privacy"))
    [(who, what)] = told(site_app, site_app.facilitator("en"))
    assert (who, what) == ("somebody of the room, in private", "forbade language models in the room")
    assert site_app.facilitator().get(f"{HERE}/log").text.count("佐藤") == 1  # They came, once.


def test_a_seat_taken_is_in_the_log_and_one_refused_is_not(site_app: SiteApp) -> None:
    hall, kim, park = site_app.hall, account(20, "Kim"), account(21, "Park")
    leads(site_app, "/side startup @Kim")
    hall.hears(hall.happens.said(SATO, "/side facilitator"), hall.happens.said(LEE, "/side startup @Park"))
    hall.hears(hall.happens.said(park, "@nakodo /side startup"), hall.happens.said(kim, "/side startup"))
    assert told(site_app, site_app.facilitator()) == [("田中", "Kimさんをスタートアップの席に迎えた")]


def test_what_did_nothing_is_not_in_the_log(site_app: SiteApp) -> None:
    hall = site_app.hall
    leads(site_app, "/handback", "/mode", "/mode loud", "/modes", "/takeover", "/takeover", "/approve d9")
    hall.hears(hall.happens.said(SATO, "/mode quiet"), hall.happens.private(LEE, "/takeover"))
    assert told(site_app, site_app.facilitator()) == [("田中", "話を引き取った")]


def test_what_is_one_sides_own_stays_out_of_the_log(site_app: SiteApp) -> None:
    hall, at = site_app.hall, site_app.clock()
    by = By(who="佐藤", side="sme", at=at)
    sheet = Sheet(exercise="readiness", title="うちの準備", text="x", at=at, side="sme", who="佐藤")
    scene = hall.scene()
    record = scene.record.file(by, sheet).add_action(by, "社内で原価を出す", side="sme").decide(by, "会う")
    hall.store.keep(scene.recorded(record))
    assert [what for _, what in told(site_app, site_app.organizer())] == ["決めたこと: 会う"]


def test_the_log_is_of_the_partnerships_that_one_may_see(site_app: SiteApp) -> None:
    leads(site_app, "/decide 秘密の相談")
    assert told(site_app, site_app.stranger()) == []
    assert "秘密の相談" not in site_app.stranger().get(f"{HERE}/log").text
    assert "秘密の相談" in site_app.organizer().get(f"{HERE}/log").text


def test_a_long_log_is_turned_page_by_page(site_app: SiteApp) -> None:
    scene = site_app.hall.scene()
    record, by = scene.record, By(who="田中", side="facilitator", at=site_app.clock())
    for number in range(60):
        record = record.decide(by, f"決定{number:02}")
    site_app.hall.store.keep(scene.recorded(record))
    tanaka = site_app.facilitator()
    pages = [tanaka.get(f"{HERE}/log?page={number}").text for number in (1, 2)]
    found = [re.findall(r"決定(\d\d)", page) for page in pages]
    assert [len(one) for one in found] == [50, 10]
    assert found[0] + found[1] == [f"{number:02}" for number in reversed(range(60))]
    assert 'rel="next"' in pages[0]
    assert 'rel="next"' not in pages[1]


def test_what_people_typed_is_escaped(site_app: SiteApp) -> None:
    leads(site_app, "/decide <img src=x onerror=alert(1)>")
    page = site_app.organizer().get(HERE).text
    assert "<img src=x" not in page
    assert "&lt;img" in page
