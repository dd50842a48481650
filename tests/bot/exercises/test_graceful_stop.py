"""An end that leaves the door open; and nobody learns of it from the record."""

import pytest

from bot.exercises.graceful_stop import EXERCISE
from tests.bot.exercises.walks import LONG, lines, page_of, walk

FULL = {
    "way": "話しました。終えます",
    "learned": "光の当て方が要",
    "keep": "写真は両社、社名は出さない",
    "give_back": "カメラ、図面の写し",
    "day": "4/15",
    "tellers": "佐藤からLeeさんへ",
    "reason": "検査の精度が製品に足りませんでした。",
    "thanks": "Leeさんの夜の調整",
    "told": "伝えました。終了と記録してよい",
}


def test_a_full_run_ends_kindly_and_moves_the_record() -> None:
    _, asked = walk(EXERCISE, FULL)
    assert asked == list(FULL)
    page = page_of(EXERCISE, FULL)
    found = lines(page)
    assert "- **返すもの・消すもの**: カメラ、図面の写し" in found
    assert "- **片付けの期日**: 2026年4月15日（水）" in found
    assert "まだ決めていないこと" not in page.text
    assert page.record is not None
    assert page.record.stage == "stopped"
    assert (page.record.history[-1].by.who, page.record.history[-1].after) == ("佐藤", "stopped")


def test_the_draft_has_one_reason_thanks_returns_and_an_open_door() -> None:
    draft = [line for line in lines(page_of(EXERCISE, FULL)) if line.startswith("> ")]
    assert draft[0] == "> ルミナの皆さま"
    assert "> 理由は一つです。検査の精度が製品に足りませんでした。" in draft
    assert "> Leeさんの夜の調整。本当にありがとうございました。" in draft
    assert any("4月15日（水）までにお返しします" in line for line in draft)
    assert "またこちらからご連絡" in draft[-1]


def test_the_draft_speaks_to_the_other_side() -> None:
    english = {**FULL, "way": "end", "told": "yes"}
    page = page_of(EXERCISE, english, side="startup", locale="en")
    assert "> Dear all at 栃ノ木精密," in page.text
    assert "comes back by Wednesday 15 April 2026." in page.text


@pytest.mark.parametrize("way", ["別のやり方を試したい", "まだ話していません"])
def test_another_way_comes_first(way: str) -> None:
    said = {**FULL, "way": way, "idea": "照明を変える"}
    _, asked = walk(EXERCISE, said)
    assert asked == ["way", "idea"]
    page = page_of(EXERCISE, said)
    assert "- **別のやり方**: 照明を変える" in page.text
    assert "まだ終えなくて大丈夫です" in page.text
    assert page.record is None


@pytest.mark.parametrize("told", ["まだ伝えていません", "とばす"])
def test_nobody_learns_of_the_end_from_record_or_tasks(told: str) -> None:
    page = page_of(EXERCISE, {**FULL, "told": told})
    assert page.record is None
    assert page.tasks == ()
    assert "「/stage 終了」" in page.text


def test_what_is_to_do_has_a_date() -> None:
    tasks = page_of(EXERCISE, FULL).tasks
    assert [str(task.due) for task in tasks] == ["2026-04-15", "2026-04-08", "2026-04-08"]
    without = page_of(EXERCISE, {**FULL, "day": "とばす"}).tasks
    assert str(without[0].due) == "2026-04-15"
    assert "支払い" in without[0].text


def test_secrets_outlive_the_end_and_quarrels_go_to_professionals() -> None:
    text = page_of(EXERCISE, FULL).text
    assert "秘密を守る約束は終わったあとも続きます" in text
    assert "専門家か公の窓口" in text


def test_with_everything_skipped_the_page_has_a_draft_and_moves_nothing() -> None:
    page = page_of(EXERCISE, {}, locale="en")
    assert "(write just one here)" in page.text
    assert "- **Still open**: what was learned" in page.text
    assert page.record is None
    assert lines(page)[-1].startswith("Based on: JRI Review")


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = {**FULL, **dict.fromkeys(("learned", "keep", "give_back", "tellers", "reason", "thanks"), LONG)}
    lines(page_of(EXERCISE, told))
