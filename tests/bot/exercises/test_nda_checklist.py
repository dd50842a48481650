"""Sorted into now, after the NDA and never; and never means never."""

from datetime import date

from bot.exercises.nda_checklist import EXERCISE
from bot.partnership import NdaRecord, Partnership
from tests.bot.exercises.walks import LONG, both_page, lines, page_of, walk

SME = {
    "purpose": "二社で、カメラで傷が見えるかを確かめる",
    "now": "不良の割合",
    "after": "治具の図面",
    "never": "めっき液の配合",
    "wanted": "学習の手順",
    "mark": "紙にもファイル名にも「秘」と日付",
    "log": "総務の木村が台帳に",
    "tell": "信用金庫",
    "period": "一年",
}
STARTUP = {**SME, "never": "照明の回路", "tell": "投資家", "period": "二年", "purpose": "カメラの使い道を確かめる"}
SIGNED = Partnership(nda=NdaRecord(state="signed", signed=date(2026, 3, 1)))
LAPSED = Partnership(nda=NdaRecord(state="signed", signed=date(2025, 3, 1), expires=date(2026, 3, 1)))


def test_a_full_run_sorts_into_three() -> None:
    found = lines(page_of(EXERCISE, SME))
    for head, item in (
        ("**いま話せるもの**", "- 不良の割合"),
        ("**NDAのあとで見せるもの**", "- 治具の図面"),
        ("**見せないもの（この紙だけ）**", "- めっき液の配合"),
    ):
        assert found[found.index(head) + 1] == item
    assert "- 期間の希望: 一年" in found
    assert "まだ決めていないこと" not in "".join(found)


def test_nobody_is_asked_to_show_what_is_never_shown() -> None:
    _, asked = walk(EXERCISE, SME, room=True)
    assert "never" in asked
    assert "release:never" not in asked
    assert "release:after" in asked


def test_the_never_list_is_not_on_the_page_for_both() -> None:
    page = both_page(EXERCISE, SME, STARTUP)
    for secret in ("配合", "回路", "見せないもの（"):
        assert secret not in page.text
    assert page.text.count("治具の図面") == 2


def test_what_is_not_released_is_not_on_the_page_for_both() -> None:
    page = both_page(EXERCISE, SME, STARTUP, keep=("tell", "after"))
    assert "信用金庫" not in page.text
    assert "治具の図面" not in page.text
    assert "栃ノ木精密の欄で空いているのは、NDAのあとで見せるもの、話し合いの事実を伝えたい先です。" in page.text
    assert "ルミナの欄で空いているのは、NDAのあとで見せるもの、話し合いの事実を伝えたい先です。" in page.text


def test_differing_purposes_and_periods_are_named() -> None:
    page = both_page(EXERCISE, SME, STARTUP)
    assert "目的の一文が二つあります" in page.text
    assert "期間の希望が違います" in page.text
    same = both_page(EXERCISE, SME, SME)
    assert "目的の一文が二つあります" not in same.text
    assert "欄はそろっています" in same.text


def test_every_page_sends_the_text_to_a_lawyer_or_the_free_help_desk() -> None:
    for page in (page_of(EXERCISE, {}), both_page(EXERCISE, SME, STARTUP)):
        assert "法律の助言ではありません" in page.text
        assert "INPIT 知財総合支援窓口" in page.text
    english = both_page(EXERCISE, SME, STARTUP, locale="en")
    assert "it is no legal advice" in english.text
    assert "lawyer" in english.text


def test_the_page_knows_how_the_nda_stands() -> None:
    assert "続きは紙を交わしてから" in page_of(EXERCISE, SME).text
    assert "NDAは締結済みです" in page_of(EXERCISE, SME, record=SIGNED).text
    assert "有効なNDAが記録にありません" in page_of(EXERCISE, SME, record=LAPSED).text


def test_the_tasks_follow_how_the_nda_stands() -> None:
    assert [str(task.due) for task in both_page(EXERCISE, SME, STARTUP).tasks] == [
        "2026-04-08",
        "2026-04-08",
        "2026-04-15",
    ]
    assert len(both_page(EXERCISE, SME, STARTUP, record=SIGNED).tasks) == 2
    assert page_of(EXERCISE, SME).tasks == ()


def test_with_everything_skipped_the_page_says_what_is_open() -> None:
    page = page_of(EXERCISE, {}, locale="en", side="startup")
    assert page.text.count("- (not written yet)") == 3
    assert "Still open: purpose in a sentence; would like to see" in page.text
    assert "Empty for ルミナ: purpose in a sentence" in both_page(EXERCISE, {}, {}, locale="en").text


def test_very_long_answers_stay_on_one_short_line() -> None:
    told = dict.fromkeys(("purpose", "now", "after", "never", "wanted", "mark", "log", "tell"), LONG)
    lines(page_of(EXERCISE, told))
    lines(both_page(EXERCISE, told, SME))
