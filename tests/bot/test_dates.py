"""Dates are read as people write them; numbers that are no dates are left alone."""

from datetime import date

import pytest

from bot.dates import read_date, take_date

WEDNESDAY = date(2026, 4, 8)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("2026-04-01", "2026-04-01"),
        ("2026/4/1", "2026-04-01"),
        ("2026.4.1", "2026-04-01"),
        ("4/1", "2026-04-01"),
        ("4月1日", "2026-04-01"),
        ("４月１日", "2026-04-01"),
        ("２０２６／４／１", "2026-04-01"),
        ("四月十二日", "2026-04-12"),
        ("2027年4月1日", "2027-04-01"),
        ("来年4月1日", "2027-04-01"),
        ("令和8年4月1日", "2026-04-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("R8.4.1", "2026-04-01"),
        ("4/10(金)", "2026-04-10"),
        ("今日", "2026-04-08"),
        ("本日中に", "2026-04-08"),
        ("昨日", "2026-04-07"),
        ("一昨日", "2026-04-06"),
        ("明日まで", "2026-04-09"),
        ("明後日", "2026-04-10"),
        ("金曜", "2026-04-10"),
        ("水曜日", "2026-04-15"),
        ("今週の金曜", "2026-04-10"),
        ("来週金曜日", "2026-04-17"),
        ("再来週の月曜", "2026-04-20"),
        ("月末", "2026-04-30"),
        ("今月末", "2026-04-30"),
        ("来月末", "2026-05-31"),
        ("6月末まで", "2026-06-30"),
        ("年度末", "2027-03-31"),
        ("年末", "2026-12-31"),
        ("3日後", "2026-04-11"),
        ("二週間後", "2026-04-22"),
        ("1か月後", "2026-05-08"),
        ("来月10日", "2026-05-10"),
        ("10日", "2026-04-10"),
        ("7日までに", "2026-05-07"),
        ("today", "2026-04-08"),
        ("Yesterday", "2026-04-07"),
        ("tomorrow", "2026-04-09"),
        ("the day after tomorrow", "2026-04-10"),
        ("Friday", "2026-04-10"),
        ("by Friday", "2026-04-10"),
        ("next Friday", "2026-04-17"),
        ("in two weeks", "2026-04-22"),
        ("in 10 days", "2026-04-18"),
        ("April 3", "2026-04-03"),
        ("3 April", "2026-04-03"),
        ("3rd of April 2026", "2026-04-03"),
        ("April 3, 2027", "2027-04-03"),
        ("Friday, April 10", "2026-04-10"),
        ("end of May", "2026-05-31"),
        ("by the end of the month", "2026-04-30"),
        ("the end of next month", "2026-05-31"),
    ],
)
def test_a_date_is_read_as_people_write_it(words: str, told: str) -> None:
    assert read_date(words, WEDNESDAY) == date.fromisoformat(told)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "2/30",
        "13/1",
        "4/0",
        "0/4",
        "来月0日",
        "0000-04-01",
        "2026-02-30",
        "2月30日",
        "令和8年2月29日",
        "April 31",
        "Friday, April 31",
        "2/29",
        "3/4インチ",
        "3/4 inch",
        "10/20のうち",
        "3/4人",
        "1/2W",
        "10万円",
        "10日間",
        "1日8時間",
        "毎月10日",
        "2026年度末",
        "令和8年度末",
        "毎週金曜",
        "every Friday",
        "03-1234-5678",
        "納品の3日後",
        "may",
        "4/1 4/2",
        "金曜に送る",
        "試作",
    ],
)
def test_what_is_no_date_or_not_only_a_date_is_not_read(words: str) -> None:
    assert read_date(words, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("today", "told"),
    [("2026-08-08", "2026-12-20"), ("2027-01-15", "2026-12-20"), ("2026-12-20", "2026-12-20")],
)
def test_a_day_without_a_year_is_the_near_one(today: str, told: str) -> None:
    assert read_date("12/20", date.fromisoformat(today)) == date.fromisoformat(told)


def test_half_a_year_away_it_is_rather_the_coming_one() -> None:
    assert read_date("10月8日", WEDNESDAY) == date(2026, 10, 8)


def test_a_month_has_no_more_days_than_it_has() -> None:
    assert read_date("1か月後", date(2026, 1, 31)) == date(2026, 2, 28)
    assert read_date("来月30日", date(2026, 1, 31)) is None
    assert read_date("31日", date(2026, 4, 8)) == date(2026, 5, 31)
    assert read_date("来月末", date(2026, 12, 3)) == date(2027, 1, 31)


def test_the_business_year_ends_in_march() -> None:
    assert read_date("年度末", date(2026, 3, 31)) == date(2026, 3, 31)
    assert read_date("年度末", date(2026, 4, 1)) == date(2027, 3, 31)
    assert read_date("来年度末", date(2026, 4, 1)) == date(2028, 3, 31)


@pytest.mark.parametrize(
    ("text", "told", "rest"),
    [
        ("試料を4/20までに送る", "2026-04-20", "試料を送る"),
        ("試料を送る @佐藤 4/20", "2026-04-20", "試料を送る @佐藤"),
        ("4月17日（金）に試作品を渡す", "2026-04-17", "試作品を渡す"),
        ("4/1付で 期限 2027/3/31 目的 試作", "2026-04-01", "期限 2027/3/31 目的 試作"),
        ("4/1はんだ付け", "2026-04-01", "はんだ付け"),
        ("4/20人事へ", "2026-04-20", "人事へ"),
        ("10万円まで（4/1）", "2026-04-01", "10万円まで"),
        ("3/4インチの管を来週金曜日までに届ける", "2026-04-17", "3/4インチの管を届ける"),
        ("send the samples @Lee by 20 April", "2026-04-20", "send the samples @Lee"),
        ("by Friday send the drawing", "2026-04-10", "send the drawing"),
        ("send it on 2026-04-20 to Lee", "2026-04-20", "send it to Lee"),
        ("Send, by Friday, the drawing", "2026-04-10", "Send the drawing"),
    ],
)
def test_a_date_is_taken_out_with_its_little_words(text: str, told: str, rest: str) -> None:
    assert take_date(text, WEDNESDAY) == (date.fromisoformat(told), rest)


@pytest.mark.parametrize(
    "text", ["作業は3日かかる", "全体の3/4が終わった", "by 2/30 send it", "材料費 10万円", "May I ask?"]
)
def test_a_text_without_a_date_stays_as_it_is(text: str) -> None:
    assert take_date(text, WEDNESDAY) == (None, text)


def test_the_first_of_several_dates_is_taken() -> None:
    first, rest = take_date("signed 2026/4/1 until 2027/3/31 trial", WEDNESDAY)
    second, rest = take_date(rest, WEDNESDAY)
    assert (first, second, rest) == (date(2026, 4, 1), date(2027, 3, 31), "signed trial")
