"""Knowledge: browse and search in both languages, a card with its sources, and what became of it, discreetly."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from adapters.channels.web.knowledge_pages import AT_ONCE, WAYS
from adapters.channels.web.site import mounted
from adapters.channels.web.viewer import COOKIE
from adapters.post import Account, Event
from adapters.services.store.usage import Thumbs, Usage
from bot.model import MessageId, Reply, Room, RoomId
from bot.scene import Scene
from knowledge.card import LOCALES, Part
from knowledge.library import Library, load_library, load_sources
from knowledge.search import CardSearch, open_card_search
from tests.adapters.memory import LEE, ROOM, SATO
from tests.adapters.web.conftest import HERE, Browser, SiteApp

CARD = "nda-first"
PRIVATE = "うちの原価を言ってしまいました"


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def by_words(library: Library, tmp_path_factory: pytest.TempPathFactory) -> CardSearch:
    return open_card_search(library, None, tmp_path_factory.mktemp("search"))


@pytest.fixture
def searching(site_app: SiteApp, by_words: CardSearch) -> Iterator[Browser]:
    """A browser of an organizer, at a site that can search."""
    site = replace(site_app.site, search=lambda: by_words)
    with Browser(Starlette(routes=[mounted(site, WAYS)]), base_url=HERE, follow_redirects=False) as browser:
        browser.cookies.set(COOKIE, site_app.organizer().cookies[COOKIE], domain="127.0.0.1")
        yield browser


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split('<main id="main"')[1])).split())


def cards(page: str) -> list[str]:
    """Return the cards of a list, in its order."""
    return re.findall(r'<li class="card"><h2><a href="/knowledge/([^"]+)"', page)


def cites(site: SiteApp, to: str = "room", room: str = ROOM, card: str = CARD, text: str = "words") -> None:
    """Let something be said that rests on a card."""
    scene = site.hall.scene(room)
    reply = Reply(
        to=to, kind="answer", text=text, citations=site.site.library.citations([card]), in_reply_to=MessageId("m")
    )
    site.hall.store.keep(scene, replies=[reply])


def add_rooms(site: SiteApp, *names: str) -> None:
    for name in names:
        site.hall.store.keep(Scene(room=Room(id=RoomId(name), names={"sme": name})))


def marks(site: SiteApp, who: Account, said: Event, useful: bool) -> str:
    """Let somebody ask and mark the answer; return its parcel."""
    hall = site.hall
    answer = next(one for one in hall.hears(said) if one.reply.kind == "answer")
    hall.settles_all()
    hall.mail.note_feedback(hall.posted(answer.id), who.key, useful=useful)
    return answer.id


# Browse and search


def test_all_cards_can_be_reached_by_turning_pages(site_app: SiteApp, library: Library) -> None:
    browser = site_app.reader()
    found: list[str] = []
    for number in range(1, -(-len(library) // AT_ONCE) + 1):
        found += cards(browser.get(f"/knowledge?page={number}").text)
    assert sorted(found) == sorted(library.cards)
    assert 'rel="next"' not in browser.get(f"/knowledge?page={number}").text


def test_cards_are_narrowed_by_kind_stage_and_side(site_app: SiteApp, library: Library) -> None:
    page = site_app.organizer().get("/knowledge?kind=case&stage=preparing&side=sme").text
    fitting = {
        card.id
        for card in library.cards.values()
        if card.front.kind == "case" and "preparing" in card.front.stages and "sme" in card.front.for_
    }
    assert set(cards(page)) == fitting != set()
    assert '<option value="case" selected>' in page


def test_what_is_no_kind_narrows_nothing(site_app: SiteApp, library: Library) -> None:
    page = site_app.organizer().get("/knowledge?kind=nonsense&page=x").text
    assert f"{len(library)}枚" in page


@pytest.mark.parametrize("question", ["NDAはいつ結べばいいですか", "When should we sign an NDA?"])
def test_a_question_in_either_language_finds_the_card(searching: Browser, question: str) -> None:
    found = cards(searching.get("/knowledge", params={"q": question}).text)
    assert "nda-timing" in found[:3]


def test_a_search_keeps_to_the_kind_that_was_chosen(searching: Browser, library: Library) -> None:
    found = cards(searching.get("/knowledge", params={"q": "秘密", "kind": "case"}).text)
    assert found
    assert all(library[one].front.kind == "case" for one in found)


def test_what_is_searched_for_is_escaped(searching: Browser) -> None:
    page = searching.get("/knowledge", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


# A card


@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_is_read_in_the_viewers_language_with_its_sources(
    site_app: SiteApp, library: Library, locale: str
) -> None:
    card = library["case-tanaka"]
    page = text(site_app.organizer(locale).get("/knowledge/case-tanaka").text)  # type: ignore[arg-type]
    body = card.ja if locale == "ja" else card.en
    for part in Part:
        for line in body.parts.get(part, ()):
            assert " ".join(line.text.split()) in page
    source = load_sources()["report"]
    assert source.name(locale) in page  # type: ignore[arg-type]
    titles = {place.id: (place.ja if locale == "ja" else place.en) for place in source.places}
    assert all(f"{ref} {titles[ref]}" in page for ref in card.front.refs)
    assert all(library[one].body(locale).title in page for one in card.front.related)  # type: ignore[arg-type]


def test_what_is_not_from_the_report_says_so(site_app: SiteApp) -> None:
    page = text(site_app.organizer().get("/knowledge/cost-timing").text)
    assert "実務の知恵（レポートの記述ではありません）" in page
    assert "JRIレビュー" not in page


def test_every_card_can_be_opened_in_both_languages(site_app: SiteApp, library: Library) -> None:
    for browser in (site_app.organizer("ja"), site_app.organizer("en")):
        assert all(browser.get(f"/knowledge/{one}").status_code == 200 for one in [*library.cards][::20])


def test_a_card_that_is_not_there_is_not_found(site_app: SiteApp) -> None:
    assert site_app.organizer().get("/knowledge/no-such-card").status_code == 404


# Where it was used


def test_a_card_says_in_which_rooms_it_was_used_and_when_last(site_app: SiteApp) -> None:
    cites(site_app)
    site_app.clock.on(hours=2)
    cites(site_app)
    page = text(site_app.facilitator().get(f"/knowledge/{CARD}").text)
    assert "栃ノ木精密 × ルミナ 2 2026-04-06（月） 12:00" in page
    assert "栃ノ木精密" not in site_app.stranger().get(f"/knowledge/{CARD}").text


def test_another_card_and_a_draft_are_not_counted(site_app: SiteApp) -> None:
    cites(site_app, card="cost-timing")
    hall = site_app.hall
    citations = site_app.site.library.citations([CARD])
    draft = Reply(to="facilitator", kind="draft", text="d", citations=citations, in_reply_to=MessageId("m"))
    hall.store.keep(hall.scene(), replies=[draft])
    assert Usage(hall.store.engine, "default").cited(CARD) == ()


def test_among_few_partnerships_private_answers_are_not_even_counted(site_app: SiteApp) -> None:
    cites(site_app, to="佐藤")
    page = text(site_app.organizer().get(f"/knowledge/{CARD}").text)
    assert "個別の答えは数えていません" in page
    assert "個別の答えで" not in page
    add_rooms(site_app, "三つ目")
    page = text(site_app.organizer().get(f"/knowledge/{CARD}").text)
    assert "ほかに、個別の答えで1回" in page
    assert "栃ノ木精密" not in page


def test_another_programme_is_not_counted(site_app: SiteApp) -> None:
    cites(site_app)
    assert Usage(site_app.hall.store.engine, "elsewhere").cited(CARD) == ()
    assert Usage(site_app.hall.store.engine, "elsewhere").thumbs(CARD) == Thumbs(0, 0)


# What people thought


@pytest.fixture
def marked(site_app: SiteApp) -> SiteApp:
    """A site where 佐藤 found a private answer useful and Lee one in the room not; both rest on cards."""
    hall = site_app.hall
    marks(site_app, SATO, hall.happens.private(SATO, PRIVATE), useful=True)
    site_app.clock.on(hours=1)
    marks(site_app, LEE, hall.happens.said(LEE, "@nakodo 契約の順番は？"), useful=False)
    return site_app


def kinds(page: str) -> list[str]:
    return [text(f'<main id="main"{one}') for one in re.findall(r'<p class="head">(.*?)</p>', page, re.DOTALL)]


def test_who_leads_sees_what_was_thought_of_answers_in_their_room(marked: SiteApp) -> None:
    page = marked.facilitator().get("/knowledge/feedback").text
    assert len(kinds(page)) == 1
    assert "立たなかった 答え 栃ノ木精密 × ルミナ 2026-04-06（月） 11:00" in text(page)
    assert "契約の順番" not in page
    assert kinds(marked.stranger().get("/knowledge/feedback").text) == []


def test_of_a_private_answer_nothing_is_shown_that_tells_whose_it_was(marked: SiteApp) -> None:
    add_rooms(marked, "三つ目")
    page = marked.organizer().get("/knowledge/feedback").text
    assert len(kinds(page)) == 2
    private = kinds(page)[1]
    assert "2026-04-06" in private
    for word in ("栃ノ木精密", "佐藤", PRIVATE, "10:00"):
        assert word not in private
    assert PRIVATE not in page
    elsewhere = kinds(marked.stranger().get("/knowledge/feedback").text)
    assert len(elsewhere) == 2
    assert not any("栃ノ木精密" in one or ":" in one for one in elsewhere)


def test_answers_can_be_narrowed_to_those_that_did_not_help(marked: SiteApp) -> None:
    add_rooms(marked, "三つ目")
    reader = marked.reader()
    assert len(kinds(reader.get("/knowledge/feedback?only=down").text)) == 1
    assert len(kinds(reader.get("/knowledge/feedback?only=up").text)) == 1
    assert len(kinds(reader.get("/knowledge/feedback?only=nonsense").text)) == 2
    assert kinds(reader.get("/knowledge/feedback?page=2").text) == []


def test_an_empty_page_says_where_voices_come_from(site_app: SiteApp) -> None:
    assert "まだ声はありません" in site_app.organizer().get("/knowledge/feedback").text
