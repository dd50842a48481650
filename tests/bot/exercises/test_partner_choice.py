"""With whom: the purpose chooses, and startups are not always the answer."""

from datetime import date
from functools import partial

import pytest

from bot.exercises.partner_choice import EXERCISE
from knowledge.card import Side
from tests.bot.exercises.walks import through

walk = partial(through, EXERCISE)

START = {"want": "傷の見逃しを減らす", "alone": "no", "spare": "yes"}


def test_a_trouble_only_we_have_leads_to_a_startup_and_a_way_to_meet_it() -> None:
    page, asked = walk({**START, "aim": "niche", "theme": "theme", "pace": "soon"})
    assert asked == ["want", "alone", "spare", "aim", "theme", "pace"]
    assert "**向く相手: スタートアップ**" in page.text
    assert "片づけたいこと: 傷の見逃しを減らす" in page.text
    assert "- B: " in page.text
    assert "- A: " not in page.text


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({"aim": "product", "tech": "research"}, "大学発スタートアップ"),
        ({"aim": "product", "tech": "far"}, "スタートアップ"),
        ({"aim": "product", "tech": "near"}, "異業種の会社"),
        ({"aim": "lack"}, "異業種の会社"),
        ({"aim": "learn"}, "大学"),
        ({"aim": "common", "tried": "no"}, "市販の道具"),
        ({"aim": "common", "tried": "yes"}, "スタートアップ"),
        ({"aim": "unsure"}, "まだ決めずにおきましょう"),
        ({"alone": "yes"}, "いまは、だれとも組まない"),
        ({"spare": "no"}, "いまは、だれとも組まない"),
    ],
)
def test_the_purpose_chooses(answers: dict[str, str], name: str) -> None:
    page, _ = walk({**START, **answers})
    assert page.text.splitlines()[0] == f"**向く相手: {name}**"


@pytest.mark.parametrize(
    ("side", "theme", "pace", "pattern"),
    [
        ("sme", "theme", "soon", "B"),
        ("sme", "theme", "chance", "A"),
        ("sme", "skill", "soon", "D"),
        ("sme", "none", "chance", "C"),
        ("startup", "theme", "soon", "D"),
        ("startup", "theme", "chance", "C"),
        ("startup", "skill", "soon", "B"),
        ("startup", "none", "chance", "A"),
    ],
)
def test_each_pattern_has_its_case_on_both_sides(side: Side, theme: str, pace: str, pattern: str) -> None:
    page, _ = walk({**START, "aim": "niche", "theme": theme, "pace": pace}, side=side)
    assert [line[2] for line in page.text.splitlines() if line[3:5] == ": "] == [pattern]


def test_who_can_do_it_alone_is_asked_no_more() -> None:
    assert walk({"alone": "yes"})[1] == ["want", "alone"]
    assert walk({"alone": "no", "spare": "no"})[1] == ["want", "alone", "spare"]


def test_programmes_are_history_and_not_open_calls() -> None:
    japanese, _ = walk({**START, "aim": "niche", "theme": "theme", "pace": "chance"})
    assert "あいちマッチング2022" in japanese.text
    assert "2022〜23年当時の記録で、いまの募集ではありません" in japanese.text
    english, _ = walk({**START, "aim": "niche", "theme": "theme", "pace": "chance"}, locale="en")
    assert "history of 2022-23, not open calls" in english.text


def test_where_no_startup_is_meant_no_programme_is_named() -> None:
    page, _ = walk({**START, "aim": "learn"})
    assert "2022" not in page.text
    assert "出会い方" not in page.text


def test_while_it_is_open_how_to_meet_all_four_patterns_stand_there() -> None:
    page, _ = walk({**START, "aim": "niche"})
    assert all(f"- {pattern}: " in page.text for pattern in "ABCD")
    assert "まだ決まっていないこと" in page.text


def test_a_guess_is_called_a_guess() -> None:
    page, _ = walk({**START, "aim": "product", "tech": "unsure"})
    assert "仮の答え" in page.text
    assert "仮の答え" not in walk({**START, "aim": "product", "tech": "far"})[0].text


def test_the_same_wish_mirrors_for_a_startup() -> None:
    page, _ = walk({**START, "aim": "lack", "theme": "theme", "pace": "soon"}, side="startup")
    assert "**向く相手: ものづくりの中小企業**" in page.text
    assert "町工場×スタートアップ" in page.text


def test_all_skipped_chooses_nobody_in_haste() -> None:
    page, asked = walk({}, locale="en")
    assert asked == ["want", "alone", "spare", "aim"]
    assert page.text.startswith("**Fits best: still open**")
    assert "What do you want solved?" in page.text


def test_the_task_keeps_the_purpose_to_itself() -> None:
    page, _ = walk({**START, "aim": "niche"})
    (task,) = page.tasks
    assert "傷" not in task.text
    assert (task.owner, task.due) == ("佐藤", date(2026, 4, 8))


def test_a_full_page_in_english_fits_and_ends_with_its_source() -> None:
    page, _ = walk({**START, "want": "fewer *misses*\n" * 90, "aim": "product", "tech": "unsure"}, locale="en")
    lines = page.text.splitlines()
    assert len(lines) <= 35
    assert len(lines[1]) < 230
    assert lines[-1].startswith("Based on: JRI Review")
