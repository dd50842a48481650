"""Files to take along: what is in them, what is not, and that nobody's words become anything but words."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from markdown_it import MarkdownIt

from adapters.channels.web.exports import (
    FORMAT,
    Take,
    as_calendar,
    as_file,
    as_json,
    as_markdown,
    digest_page,
    minutes_page,
    plain,
    safe_name,
    tame,
)
from bot.model import Room
from bot.partnership import By, Partnership, Sheet
from bot.scene import Heard, Scene
from tests.adapters.memory import AT
from tests.adapters.store.scenes import record, rich, room

BY = By(who="佐藤", side="sme", at=AT)
EVIL = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    "# heading",
    "1. list",
    "- list",
    "a | b",
    "&lt;b&gt;",
    "\\",
    "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
    "a;b,c\\n:d",
    "\u202egnp.exe",
    "bell\x07 null\x00",
    "`code` *star* _line_ ~~out~~",
]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def take(found: Partnership, **names: str) -> Take:
    where: Room = room().model_copy(update={"names": {"sme": "栃ノ木精密", "startup": "ルミナ"} | names})
    return Take(Scene(room=where, record=found), "ja", AT)


def events(made: Take) -> list[Any]:
    return list(Calendar.from_ical(as_calendar(made)).walk("VEVENT"))


# iCalendar


def test_the_calendar_holds_actions_go_stop_and_the_end_of_the_nda() -> None:
    found = [(one.decoded("dtstart"), str(one["summary"])) for one in events(take(record()))]
    assert [day for day, _ in found] == [date(2026, 4, 9), date(2026, 6, 1), date(2027, 3, 1)]
    for words, (_, summary) in zip(("図面を送る（Leeさん）", "Go/Stop", "NDAの期限"), found, strict=True):
        assert words in summary


def test_the_start_of_a_planned_experiment_is_a_day_as_well() -> None:
    planned = Partnership().plan_experiment(BY, "見えるか", starts=date(2026, 5, 1), ends=date(2026, 6, 1))
    assert [one.decoded("dtstart").month for one in events(take(planned))] == [5, 6]


def test_what_is_done_is_in_no_calendar() -> None:
    done = record().finish_action(BY, 1).finish_experiment(BY, 1, "見えた")
    assert [str(one["summary"])[:6] for one in events(take(done))] == ["NDAの期限"]


def test_a_day_is_known_again_when_its_words_and_date_have_changed() -> None:
    first = Partnership().plan_experiment(BY, "見えるか", ends=date(2026, 6, 1))
    moved = first.change_experiment(BY, 1, {"ends": date(2026, 7, 1), "question": "測れるか"})
    assert [one["uid"] for one in events(take(first))] == [one["uid"] for one in events(take(moved))]


@pytest.mark.parametrize("words", EVIL)
def test_no_words_forge_a_line_of_the_calendar(words: str) -> None:
    found = (
        Partnership()
        .add_action(BY, words, words, date(2026, 4, 9))
        .plan_experiment(BY, words, ends=date(2026, 5, 9), success=words, stop=words, decider=words)
    )
    made = take(found, sme=words)
    assert len(events(made)) == 2
    lines = as_calendar(made).decode().replace("\r\n ", "").split("\r\n")
    assert all(re.match(r"[A-Z-]+[;:]", line) for line in lines if line)
    assert not any(line.startswith("SUMMARY:forged") for line in lines)
    assert all(not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", line) for line in lines)


def test_a_calendar_of_nothing_is_a_calendar() -> None:
    assert events(take(Partnership())) == []


# Markdown


@pytest.mark.parametrize("words", EVIL)
def test_what_people_typed_stays_words_in_markdown(words: str) -> None:
    found = Partnership().decide(BY, words).add_action(BY, words, words).set_theme(BY, statement=words)
    sheet = Sheet(exercise="theme_canvas", title=words, text=f"- {words}", at=AT, who="佐藤")
    rendered = MARKDOWN.render(as_markdown(take(found.file(BY, sheet), sme=words)))
    assert not re.search(r"<(script|a|img|table)\b", rendered)


@given(st.text(max_size=60))
def test_any_text_is_shown_in_markdown_as_it_was_typed(words: str) -> None:
    shown = re.sub(r"<[^>]*>", "", MARKDOWN.render(plain(words)))
    wanted = re.sub(
        r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", re.sub(r"[\x0b\x0c\x85]", " ", words)
    )
    unescaped = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert unescaped.split() == wanted.split()


def test_a_page_keeps_its_own_markdown() -> None:
    assert MARKDOWN.render(tame("**太字** <b>[x](y)")).count("<strong>") == 1
    assert "<b>" not in MARKDOWN.render(tame("<b>"))


def test_minutes_and_digest_carry_no_tags_and_no_links() -> None:
    heard = tuple(Heard(id=str(n), who="佐藤", side="sme", at=AT, text=words) for n, words in enumerate(EVIL))
    made = take(Partnership().add_action(BY, EVIL[0], due=date(2026, 4, 9)))
    made = made._replace(scene=made.scene.having(heard=heard))
    for page in (minutes_page(made), digest_page(made)):
        assert not re.search(r"<(script|a|img)\b", MARKDOWN.render(page))


# JSON, and all of them


def test_json_is_for_programs() -> None:
    found = json.loads(as_json(take(record(), sme='"quote" \u2028')))
    assert found["format"] == FORMAT
    assert found["names"]["sme"] == '"quote" \u2028'
    assert found["record"]["nda"]["expires"] == "2027-03-01"


def test_no_file_holds_what_is_one_sides_own() -> None:
    scene = rich()
    mine = Sheet(exercise="theme_canvas", title="社内の題", text="社内の中身", at=AT, side="startup", who="Lee")
    found = scene.record.file(BY, mine).add_action(BY, "社内の宿題", "佐藤", date(2026, 4, 9), "sme")
    made = Take(scene.recorded(found), "ja", AT + timedelta(days=1))
    for content in (
        as_markdown(made),
        as_json(made),
        as_calendar(made).decode(),
        minutes_page(made),
        digest_page(made),
    ):
        assert "社内" not in content
        assert "図面を選ぶ" not in content


@pytest.mark.parametrize(
    "name", [*EVIL, "../../etc/passwd", "CON", "a" * 300, "", "...", 'x"; filename="evil.exe', "日本 語"]
)
def test_a_files_name_is_safe_whatever_the_firms_are_called(name: str) -> None:
    made = take(Partnership(), sme=name, startup=name)
    header = as_file(made, "export", "md", "text/markdown", b"")
    told = header.headers["content-disposition"]
    assert re.fullmatch(r"""attachment; filename="nakodo-export\.md"; filename\*=UTF-8''[\w.%-]+-export\.md""", told)
    assert re.fullmatch(r"[\w-]{1,60}", safe_name(name))
