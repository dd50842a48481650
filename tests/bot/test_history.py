"""History is told in plain words, in the reader's language."""

from datetime import UTC, date, datetime

from bot.history import told
from bot.partnership import By, Partnership

BY = By(who="佐藤", side="sme", at=datetime(2026, 4, 1, 3, tzinfo=UTC))


def last(record: Partnership, locale: str = "ja") -> str:
    return told(record.history[-1], "ja" if locale == "ja" else "en")


def test_an_nda_is_told_by_where_it_stood_and_where_it_stands() -> None:
    record = Partnership().draft_nda(BY)
    assert last(record) == "NDA: 準備中"
    record = record.sign_nda(BY, date(2026, 4, 1), date(2027, 3, 31))
    assert last(record) == "NDA: 準備中 → 締結済み"
    assert last(record, "en") == "NDA: being drafted → signed"
    assert last(record.end_nda(BY)) == "NDA: 締結済み → 未締結"


def test_a_part_of_the_theme_that_leaves_the_sentence_empty_is_told_as_a_change() -> None:
    record = Partnership().set_theme(BY, keywords=("バリ",))
    assert last(record) == "テーマ: 書き直し"
    assert last(record, "en") == "Theme: changed"


def test_whose_own_a_task_is_stays_out_of_its_words() -> None:
    record = Partnership().add_action(BY, "写真を送る", side="sme")
    assert last(record) == "宿題: 写真を送る（新しく）"
