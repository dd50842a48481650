"""The first talk, prepared; with the NDA as the line between telling and keeping."""

from datetime import date
from functools import partial

from bot.exercises.first_meeting import EXERCISE
from bot.partnership import NdaRecord, Partnership
from tests.bot.exercises.walks import through

walk = partial(through, EXERCISE)

FULL = {
    "intention": "傷の見逃しを減らす相手か確かめる",
    "tell": "困りごとの大きさ",
    "keep": "図面と配合",
    "ask": "1. いま何が動きますか\n2. 3.5mmは読めますか\n3. 試すのに何が要りますか",
    "decides": "社長が、来週末まで",
    "outcome": "現場を見に来る日が決まる",
    "next": "4月6日",
}
SIGNED = Partnership(nda=NdaRecord(state="signed", signed=date(2026, 3, 1)))


def test_a_full_run_fills_the_page() -> None:
    page, asked = walk(FULL)
    assert asked == list(FULL)
    for line in (
        "- 会う理由: 傷の見逃しを減らす相手か確かめる",
        "- 秘密保持契約までは話さないもの: 図面と配合",
        "- 次に話す日: 2026年4月6日（月）",
        "1. いま何が動きますか",
        "2. 3.5mmは読めますか",
        "3. 試すのに何が要りますか",
    ):
        assert line in page.text.splitlines()
    assert "まだ決まっていないこと" not in page.text


def test_without_an_nda_a_word_for_the_moment_of_temptation_is_at_hand() -> None:
    assert "続きは、秘密保持契約を結んでからに" in walk(FULL)[0].text
    assert "続きは、秘密保持契約を結んでからに" not in walk({}, record=SIGNED)[0].text


def test_with_an_nda_the_question_is_what_to_keep_all_the_same() -> None:
    page, asked = walk({"never": "客先の名"}, record=SIGNED)
    assert "never" in asked
    assert "keep" not in asked
    assert "契約があっても話さないもの: 客先の名" in page.text


def test_an_nda_that_has_run_out_protects_nobody() -> None:
    old = NdaRecord(state="signed", signed=date(2025, 3, 1), expires=date(2026, 3, 1))
    page, _ = walk({}, record=Partnership(nda=old))
    assert "期限が過ぎています" in page.text
    assert "続きは、秘密保持契約を結んでからに" in page.text


def test_only_the_kind_of_a_secret_is_asked_for() -> None:
    for question in ("keep", "never"):
        assert "中身は書かないで" in EXERCISE.question(question).ask.ja
        assert "not the substance" in EXERCISE.question(question).ask.en


def test_who_has_no_questions_is_offered_some_of_their_own_side() -> None:
    sme, _ = walk({}, locale="en")
    startup, _ = walk({}, side="startup", locale="en")
    assert "What works today, and what does not yet?" in sme.text
    assert "What have you tried, and where did it stop?" in startup.text


def test_a_fourth_question_waits_for_spare_time() -> None:
    page, _ = walk({"ask": "何が動く？ 何が要る？ だれが使う？ いつまで？"})
    assert "3. だれが使う？" in page.text
    assert "- 時間があれば: いつまで？" in page.text


def test_all_skipped_lists_what_is_open() -> None:
    page, _ = walk({})
    assert "会う理由" in page.text
    assert "次に話す日（その場で決めましょう）" in page.text
    assert page.record is None


def test_a_day_gone_by_stays_open() -> None:
    page, _ = walk({**FULL, "next": "2026-03-20"})
    assert "過ぎています" in page.text
    assert "まだ決まっていないこと" in page.text


def test_tasks_give_no_secret_away() -> None:
    propose, thank = walk(FULL)[0].tasks
    assert (propose.owner, propose.due) == ("佐藤", date(2026, 4, 6))
    assert thank.owner == "佐藤"
    assert not any(answer in propose.text + thank.text for answer in FULL.values())


def test_long_answers_are_cut_and_the_page_fits() -> None:
    page, _ = walk({**FULL, "tell": "> 引用\n" * 200}, locale="en")
    assert max(len(line) for line in page.text.splitlines()) < 240
    assert len(page.text.splitlines()) <= 35
    assert page.text.splitlines()[-1].startswith("Based on: general practice")
