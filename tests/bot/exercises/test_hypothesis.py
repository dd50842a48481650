"""This SME × this startup → this, because; and the cheapest way to see."""

from datetime import date
from functools import partial

from bot.exercises.hypothesis import EXERCISE
from bot.guide import begin, own_page
from bot.model import Room, RoomId
from bot.partnership import By, Partnership
from bot.scene import Scene
from knowledge.card import Side
from tests.bot.exercises.walks import NOW, SATO, TODAY, through

walk = partial(through, EXERCISE)

FULL = {
    "sme": "十個単位で形が変わる溶接",
    "startup": "形を読み取る技術",
    "gain": "段取りが半分になる",
    "because": "なぜなら、位置合わせを手でしているから。",
    "gets": "手間が減る／実績になる",
    "must": "1ミリで読み取れる",
    "test": "現物を一つ送る",
    "when": "4月10日",
}


def test_a_full_run_makes_one_sentence_with_its_because() -> None:
    page, asked = walk(FULL)
    assert asked == list(FULL)
    assert (
        "栃ノ木精密（十個単位で形が変わる溶接） × ルミナ（形を読み取る技術） → 段取りが半分になる。"
        "なぜなら、位置合わせを手でしているから。"
    ) in page.text
    assert "いちばん安い確かめ方: 現物を一つ送る" in page.text
    assert "2026年4月10日（金）まで" in page.text
    assert "まだ決まっていないこと" not in page.text


def test_both_sides_are_asked_about_both_sides() -> None:
    sides: tuple[Side, Side] = ("sme", "startup")
    for mine, theirs in (sides, sides[::-1]):
        assert EXERCISE.question(mine).put_to(mine, "ja").startswith("御社の")
        assert EXERCISE.question(mine).put_to(theirs, "ja").startswith("先方の")


def test_without_a_because_it_is_still_a_hunch() -> None:
    page, _ = walk({**FULL, "because": "とばす"})
    assert "まだ思いつきです" in page.text
    assert "なぜなら、" not in page.text


def test_all_skipped_still_offers_a_cheap_check() -> None:
    page, _ = walk({}, locale="en")
    assert "One call to each" in page.text
    assert "To be known by: Wednesday 8 April 2026" in page.text
    assert page.text.count("\n- What ") == 5
    assert page.record is None


def test_the_check_is_a_task_with_the_day_that_was_named() -> None:
    (task,) = walk(FULL)[0].tasks
    assert (task.owner, task.due) == ("佐藤", date(2026, 4, 10))
    assert "現物" not in task.text


def test_a_day_gone_by_becomes_a_week_from_now() -> None:
    page, _ = walk({**FULL, "when": "2026-03-20"})
    assert page.tasks[0].due == date(2026, 4, 8)
    assert "過ぎていた" in page.text


def test_parties_without_names_are_called_what_they_are() -> None:
    who = SATO
    exercise = begin(EXERCISE, who, Partnership(), NOW, room=False, run="r1")
    page = own_page(exercise, Scene(room=Room(id=RoomId("r"))), "en", By.of(who, NOW), TODAY)
    assert "The SME × the startup" in page.text


def test_english_goes_on_after_because() -> None:
    page, _ = walk({"gain": "set-up time halves.", "because": "because parts are aligned by hand."}, locale="en")
    assert " → set-up time halves, because parts are aligned by hand." in page.text


def test_long_answers_are_cut_and_the_page_fits() -> None:
    page, _ = walk({**FULL, "must": "# 見出し\n" * 200})
    assert max(len(line) for line in page.text.splitlines()) < 260
    assert len(page.text.splitlines()) <= 35
    assert page.text.splitlines()[-1].startswith("拠りどころ: JRIレビュー Vol.5 No.108 §5(3)")
