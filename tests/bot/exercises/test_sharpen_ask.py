"""An abstract ask gets names, and the original stays."""

from datetime import date
from functools import partial

from bot.exercises import Page
from bot.exercises.sharpen_ask import EXERCISE
from bot.partnership import NdaRecord, Partnership
from tests.bot.exercises.walks import through

walk = partial(through, EXERCISE)

FULL = {
    "ask": "次世代の放熱性の高い材料を作れる会社",
    "part": "グリーンシート",
    "material": "窒化アルミ",
    "size": "厚さ0.3mm、月百枚",
    "number": "熱伝導170以上、色は問わない",
    "process": "テープ成形",
    "tried": "アルミナでは足りなかった",
    "keep": "厚み",
}


def rewrites(page: Page) -> list[str]:
    return [line for line in page.text.splitlines() if line[:3] in ("1. ", "2. ", "3. ")]


def test_a_full_run_gives_three_rewrites_beside_the_original() -> None:
    page, asked = walk(FULL)
    assert asked == list(FULL)
    assert "**元の頼みごと**: 次世代の放熱性の高い材料を作れる会社" in page.text
    by_thing, by_process, by_trouble = rewrites(page)
    assert "「グリーンシート」（窒化アルミ、" in by_thing
    assert "「テープ成形」を毎日している会社" in by_process
    assert "試したことは「アルミナでは足りなかった」" in by_trouble
    assert "変えられないものは「厚み」" in by_trouble


def test_words_that_fit_any_firm_are_pointed_out_and_do_not_lead_a_rewrite() -> None:
    page, _ = walk(FULL)
    assert "「次世代」「放熱性の高い」は、どの会社にも当てはまる" in page.text
    assert all("放熱性" not in line for line in rewrites(page))
    assert "どの会社にも" not in walk({**FULL, "ask": "グリーンシートを焼ける会社"})[0].text


def test_nothing_is_made_up_where_no_name_is_known() -> None:
    page, _ = walk({})
    assert rewrites(page) == []
    assert "何と呼びますか" in page.text
    assert "書き直しを一つ選び" not in page.text


def test_one_name_gives_one_rewrite_and_a_way_to_find_another() -> None:
    page, _ = walk({"ask": "We need an innovative material", "process": "tape casting"}, locale="en")
    assert rewrites(page) == ["1. We look for a firm that does tape casting every day."]
    assert "gives another rewrite" in page.text
    assert "“innovative” would fit any firm" in page.text
    assert "Must not change" not in page.text


def test_what_is_not_known_yet_is_listed() -> None:
    page, _ = walk({"part": "継手", "keep": "外径"})
    assert "まだ分からないこと**: 材料、大きさ・数、効いてほしい数、工程・加工の名、試したこと" in page.text
    assert len(rewrites(page)) == 2


def test_before_the_nda_one_looks_twice_at_what_leaves_the_house() -> None:
    assert "客先の名や配合" in walk(FULL)[0].text
    signed = Partnership(nda=NdaRecord(state="signed", signed=date(2026, 3, 1)))
    assert "客先の名や配合" not in walk(FULL, record=signed)[0].text


def test_the_record_does_not_move_and_the_task_gives_nothing_away() -> None:
    page, _ = walk(FULL)
    assert page.record is None
    (task,) = page.tasks
    assert not any(answer in task.text for answer in FULL.values())
    assert (task.owner, task.due) == ("佐藤", date(2026, 4, 8))


def test_long_and_odd_answers_stay_on_one_line() -> None:
    page, _ = walk({**FULL, "part": "**太い**\n" * 100})
    assert "\n**太い**" not in page.text
    assert len(page.text.splitlines()) <= 35
    assert max(len(line) for line in page.text.splitlines()) < 320


def test_the_source_of_the_example_stands_last() -> None:
    assert walk(FULL)[0].text.splitlines()[-1].startswith("拠りどころ: JRIレビュー Vol.5 No.108 §5(3)")
    assert walk(FULL, locale="en")[0].text.splitlines()[-1].startswith("Based on: JRI Review")
