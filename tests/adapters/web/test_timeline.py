"""Who sees what of a room's talk."""

from adapters.channels.web.timeline import Choice, Shown, entries, latest, openly
from bot.model import Reply
from bot.turn import House
from tests.adapters.memory import LEE, ROOM, SATO, TANAKA
from tests.adapters.web.conftest import SiteApp
from tests.fakes import EchoCoach, ScriptedEar, no_sources

PRIVATE = "本当の原価は八百円です"
PRICE = "一台いくら？"


def looks(site_app: SiteApp, seen_by: str | list[str] | None, **how: object) -> tuple[Shown, ...]:
    scene = site_app.hall.scene()
    return entries(site_app.site, "default", scene, ROOM, seen_by=seen_by, **how)  # type: ignore[arg-type]


def texts(site_app: SiteApp, seen_by: str | list[str] | None, **how: object) -> list[str]:
    return [one.text for one in looks(site_app, seen_by, **how)]


def talks(site_app: SiteApp, number: int) -> None:
    for one in range(number):
        site_app.clock.on(minutes=1)
        site_app.hall.hears(site_app.hall.happens.said(SATO, f"{one}番"))


def test_a_private_talk_is_seen_by_who_had_it_and_by_nobody_else(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.said(LEE, "よろしくお願いします"), hall.happens.private(SATO, PRIVATE))
    assert texts(site_app, "佐藤") == ["よろしくお願いします", PRIVATE, f"echo: {PRIVATE}"]
    for other in ("Lee", "田中", None):
        assert texts(site_app, other) == ["よろしくお願いします"]
    assert len(texts(site_app, ["佐藤", "Lee"])) == 3


def test_an_entry_says_who_spoke_for_which_firm_and_to_whom(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.said(SATO, "どうも"), hall.happens.private(SATO, PRIVATE))
    first, asked, answer = looks(site_app, "佐藤")
    assert (first.who, first.side, first.kind, first.note) == ("佐藤", "栃ノ木精密", "said", "")
    assert first.visibility == "room"
    assert (asked.visibility, asked.note) == ("person", "Nakodoにだけ")
    assert (answer.who, answer.kind, answer.note) == ("Nakodo", "answer", "佐藤さんにだけ")
    assert looks(site_app, "佐藤", locale="en")[2].note == "to 佐藤 alone"


def test_the_desk_learns_why_a_private_word_was_said_and_not_the_word(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.houses.append(House(EchoCoach(), ScriptedEar(signals={PRICE: ["cost_too_early"]}), no_sources))
    hall.hears(hall.happens.said(SATO, PRICE))
    [_, word] = looks(site_app, "佐藤")
    [said, behind] = [one for one in looks(site_app, None) if one.visibility != "facilitator"]
    assert said.text == PRICE
    assert (behind.note, behind.kind) == ("佐藤さんにだけ", word.kind)
    assert behind.text != word.text
    assert behind.text == hall.scene().interventions[-1].label.why
    assert behind.choices == ()
    assert texts(site_app, "Lee") == [PRICE]


def test_what_is_for_the_facilitator_is_seen_by_them_and_by_the_desk(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.said(TANAKA, "/mode review"))
    hall.hears(hall.happens.private(SATO, "NDAは?"))
    for leading in ("田中", None):
        assert [one.visibility for one in looks(site_app, leading) if one.kind == "draft"] == ["facilitator"]
    assert "draft" not in [one.kind for who in ("佐藤", "Lee") for one in looks(site_app, who)]


def test_a_draft_has_buttons_until_it_is_decided(site_app: SiteApp) -> None:
    def offer(reply: Reply) -> tuple[Choice, ...]:
        return tuple(Choice("/say", words, {"said": words}) for words in reply.choices)

    hall = site_app.hall
    hall.hears(hall.happens.said(TANAKA, "/mode review"), hall.happens.private(SATO, "NDAは?"))
    [draft] = [one for one in looks(site_app, "田中", offer=offer) if one.kind == "draft"]
    assert draft.choices[0].fields["said"] == "/approve d1"
    hall.hears(hall.happens.private(TANAKA, "/approve d1"))
    [draft] = [one for one in looks(site_app, "田中", offer=offer) if one.kind == "draft"]
    assert draft.choices == ()


def test_what_was_forgotten_leaves_a_mark_and_no_words(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.said(SATO, "忘れてほしい話"), hall.happens.private(SATO, "/forget"))
    hall.hears(hall.happens.private(SATO, "はい"))
    assert texts(site_app, "Lee")[0] == "（書いた方が消しました）"


def test_the_latest_come_first_and_one_goes_back_from_there(site_app: SiteApp) -> None:
    talks(site_app, 90)
    page = looks(site_app, "Lee", most=20)
    assert [one.text for one in page] == [f"{one}番" for one in range(70, 90)]
    assert texts(site_app, "Lee", most=65, before=page[0].sequence) == [f"{one}番" for one in range(5, 70)]


def test_all_that_came_after_an_entry_is_there_however_much(site_app: SiteApp) -> None:
    talks(site_app, 90)
    first = looks(site_app, "Lee", most=90)[9].sequence
    assert texts(site_app, "Lee", after=first) == [f"{one}番" for one in range(10, 90)]
    assert texts(site_app, "Lee", after=latest(site_app.site, "default", ROOM)) == []


def test_a_long_private_talk_does_not_hide_what_was_said_before_it(site_app: SiteApp) -> None:
    hall = site_app.hall
    talks(site_app, 3)
    for one in range(70):
        hall.clock.on(minutes=2)
        hall.hears(hall.happens.private(LEE, f"秘密{one}"))
    assert texts(site_app, "佐藤") == ["0番", "1番", "2番"]


def test_the_whole_open_talk_is_what_the_desk_sees_of_the_room(site_app: SiteApp) -> None:
    hall = site_app.hall
    hall.hears(hall.happens.said(SATO, "見せたくない"), hall.happens.private(SATO, "/forget はい"))
    hall.hears(hall.happens.said(LEE, "よろしく"), hall.happens.said(LEE, "@nakodo NDAは?"))
    hall.hears(hall.happens.said(TANAKA, "/mode review"), hall.happens.private(SATO, PRIVATE))
    talks(site_app, 70)  # More than one reading of the timeline brings.
    for locale in ("ja", "en"):
        whole = openly(site_app.site, "default", hall.scene(), locale)
        seen = looks(site_app, None, most=1_000, locale=locale)
        assert [one._replace(sources=(), choices=()) for one in seen if one.visibility == "room"] == list(whole)
    assert len(whole) > 70
    assert whole[0].text == "(deleted by who wrote it)"
    assert PRIVATE not in [one.text for one in whole]
