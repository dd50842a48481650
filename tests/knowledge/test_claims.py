"""What a sentence claims is read the same, however it is written."""

import pytest

from knowledge.card import Locale
from knowledge.claims import claims, refs_of
from knowledge.days import Date
from knowledge.figures import Figure, counted


def figures(text: str, locale: Locale) -> list[tuple[float, str]]:
    return [(round(one.value, 2), one.unit) for one in counted(text, locale).figures]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("三百万円", (3_000_000, "yen")),
        ("３００万円", (3_000_000, "yen")),
        ("3,000,000円", (3_000_000, "yen")),
        ("一億二千万円", (120_000_000, "yen")),
        ("三割", (30, "%")),
        ("二割五分", (25, "%")),
        ("30％", (30, "%")),
        ("半数", (50, "%")),
        ("三分の二", (66.67, "%")),
        ("四社に一社", (25, "%")),
        ("半年", (6, "month")),
        ("一年半", (18, "month")),
        ("二週間", (14, "day")),
        ("倍増", (2, "x")),
        ("三倍", (3, "x")),
        ("数百社", (100, "tens")),
        ("十二人", (12, "person")),
        ("12名", (12, "person")),
        ("月に一度", (1, "month")),
        ("ひと月", (1, "month")),
        ("一世紀", (1200, "month")),
        ("みっつ", (3, "つ")),
        ("十中八九", (85, "%")),
        ("二桁の伸び", (2, "桁")),
        ("桁違いに早い", (10, "桁")),
        ("数倍", (3.5, "tens")),
        ("何十社", (10, "tens")),
        ("10ポイント", (10, "ポイント")),
    ],
)
def test_japanese_figures_are_read_in_every_writing(text: str, wanted: tuple[float, str]) -> None:
    assert figures(f"{text}と聞きました。", "ja")[0] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("three million yen", (3_000_000, "yen")),
        ("3,000,000 yen", (3_000_000, "yen")),
        ("two thirds of them", (66.67, "%")),
        ("one in four", (25, "%")),
        ("half of them", (50, "%")),
        ("15 percent", (15, "%")),
        ("15%", (15, "%")),
        ("eighteen months", (18, "month")),
        ("a fortnight", (14, "day")),
        ("twice as often", (2, "x")),
        ("dozens of firms", (10, "tens")),
        ("twelve people", (12, "person")),
        ("two hundred and fifty companies", (250, "firm")),
        ("the third meeting", (3, "th")),
        ("thirdly", (3, "th")),
        ("a century", (1200, "month")),
    ],
)
def test_english_figures_are_read_in_every_writing(text: str, wanted: tuple[float, str]) -> None:
    assert figures(f"They say {text} here.", "en")[0] == wanted


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("一緒に十分話し、一つずつ、一言添えて、お二人で決めましょう。", "ja"),
        ("千葉や九州の一部でも、唯一の道ではありません。", "ja"),
        ("One of you, or the two of you, may begin.", "en"),
        ("No one is to blame, and this one is fine.", "en"),
    ],
)
def test_numerals_that_count_nothing_are_no_figures(text: str, locale: Locale) -> None:
    assert figures(text, locale) == []


def test_more_than_ten_is_not_ten() -> None:
    ten, more, less = (counted(text, "ja").figures[0] for text in ("十社です", "十社以上です", "十社以下です"))
    assert ten.fits(more)
    assert more.fits(more)
    assert not more.fits(ten)
    assert not more.fits(less)


def test_a_number_of_one_thing_is_not_that_of_another() -> None:
    assert not Figure(12, "person", "", 0, 2).fits(Figure(12, "firm", "", 0, 2))
    assert Figure(12, "", "", 0, 2).fits(Figure(12, "firm", "", 0, 2))


@pytest.mark.parametrize(
    ("text", "locale", "wanted"),
    [
        ("2022年6月です", "ja", Date(2022, 6, 0)),
        ("二〇二二年六月です", "ja", Date(2022, 6, 0)),
        ("令和四年六月三日です", "ja", Date(2022, 6, 3)),
        ("2021年の秋です", "ja", Date(2021, 15, 0)),
        ("in June 2022", "en", Date(2022, 6, 0)),
        ("on 3 June 2022", "en", Date(2022, 6, 3)),
        ("on June 3rd, 2022", "en", Date(2022, 6, 3)),
        ("spring of 2022", "en", Date(2022, 13, 0)),
    ],
)
def test_dates_are_read_in_every_writing(text: str, locale: Locale, wanted: Date) -> None:
    found = counted(text, locale)
    assert found.dates == (wanted,)
    assert not found.figures


def test_a_month_after_a_year_is_of_that_year() -> None:
    assert counted("2022年1月に業務提携し、6月に資本提携しました", "ja").dates[1] == Date(2022, 6, 0)


def test_a_date_fits_one_that_tells_more() -> None:
    assert Date(2022, 0, 0).fits(Date(2022, 6, 3))
    assert not Date(2022, 6, 0).fits(Date(2022, 0, 0))
    assert not Date(2021, 6, 0).fits(Date(2022, 6, 0))


@pytest.mark.parametrize(
    ("text", "locale", "kind"),
    [
        ("中小企業白書でもそう言われています。", "ja", "白書"),
        ("国の調査では増えています。", "ja", "調査"),
        ("新聞の記事で読みました。", "ja", "記事"),
        ("A recent study shows it.", "en", "study"),
        ("Surveys say so.", "en", "survey"),
        ("The guideline asks for it.", "en", "guideline"),
    ],
)
def test_kinds_of_documents_are_heard(text: str, locale: Locale, kind: str) -> None:
    assert kind in claims(text, locale).documents


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("レポートによると、そうです。", "ja"),
        ("報告書では触れています。", "ja"),
        ("The report says so.", "en"),
        ("According to the JRI Review, yes.", "en"),
    ],
)
def test_the_report_has_several_names(text: str, locale: Locale) -> None:
    assert claims(text, locale).report


def test_places_in_a_document_are_read_and_a_section_allows_its_chapter() -> None:
    assert claims("第5章と注12、図表4をご覧ください。", "ja").refs == {"章5", "注12", "図4"}
    assert claims("See §5(3), note 12 and page 40.", "en").refs == {"§5(3)", "注12", "頁40"}
    assert {"§5(3)", "§5", "章5"} <= refs_of(("§5(3)",))


def test_quotations_are_read_from_any_marks() -> None:
    assert claims("社長は「まず、やる」と言いました。", "ja").quotes == ("まずやる",)
    assert claims("He said, “start now.”", "en").quotes == ("startnow",)
    assert claims("〝まず、やる〟の心です。", "ja").quotes == ("まずやる",)


@pytest.mark.parametrize(
    ("text", "locale", "field"),
    [
        ("必ず成功します。", "ja", "certain"),
        ("This always works.", "en", "certain"),
        ("大半の会社がそうです。", "ja", "amounts"),
        ("Most firms do.", "en", "amounts"),
        ("その条項は無効です。", "ja", "legal"),
        ("That clause is void.", "en", "legal"),
        ("契約は成立しています。", "ja", "legal"),
        ("著作権は御社に残ります。", "ja", "legal"),
        ("民事では返金を求められます。", "ja", "legal"),
        ("The contract is valid.", "en", "legal"),
        ("You may cancel and get a refund.", "en", "legal"),
        ("平均すると早いです。", "ja", "amounts"),
        ("On average it is quicker.", "en", "amounts"),
        ("It takes a few days.", "en", "amounts"),
        ("よく知られている話です。", "ja", "vouched"),
        ("専門家も認めています。", "ja", "vouched"),
        ("学術的には正しい話です。", "ja", "vouched"),
        ("ある会社では、そうしました。", "ja", "vouched"),
        ("ホームページに出ています。", "ja", "vouched"),
        ("It is well known.", "en", "vouched"),
        ("The evidence points that way.", "en", "vouched"),
        ("As one firm did, begin small.", "en", "vouched"),
        ("They said they were glad.", "en", "vouched"),
        ("先方は了承しています。", "ja", "promised"),
        ("こちらで手配しておきます。", "ja", "promised"),
        ("費用は先方が払います。", "ja", "promised"),
        ("特許も取れたので、安心です。", "ja", "promised"),
        ("I will tell them.", "en", "promised"),
        ("They have agreed.", "en", "promised"),
        ("相手も賛成なので、進めます。", "ja", "promised"),
        ("上場した会社もあるので、安心です。", "ja", "vouched"),
        ("契約書に書いてあるとおりです。", "ja", "vouched"),
        ("Orders rose.", "en", "promised"),
        ("The split is agreed.", "en", "promised"),
        ("The programme pays.", "en", "promised"),
        ("弁理士に見てもらいましょう。", "ja", "bodies"),
        ("補助金を使いましょう。", "ja", "bodies"),
        ("Ask an accountant.", "en", "bodies"),
        ("電話は03-1234-5678です。", "ja", "refs"),
        ("Call 0120-444-113.", "en", "refs"),
    ],
)
def test_certainty_amounts_law_voices_promises_and_numbers_to_call_are_heard(
    text: str, locale: Locale, field: str
) -> None:
    assert getattr(claims(text, locale), field)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("断る理由は、正直に一つで足ります。", "ja"),
        ("相手が何を言うかを、先に聞いてください。", "ja"),
        ("学ぶために大学と組みます。", "ja"),
        ("お急ぎでしたら、先に電話してください。", "ja"),
        ("Ask whether they have tried it, and say when you will answer.", "en"),
        ("If it works, go on; a trial says little by itself.", "en"),
        ("It is free work, and the right one for you.", "en"),
    ],
)
def test_advice_and_open_questions_promise_nothing_and_call_on_nobody(text: str, locale: Locale) -> None:
    found = claims(text, locale)
    assert not found.vouched
    assert not found.promised
    assert not found.legal


def test_what_somebody_quotes_is_not_said_by_the_sentence() -> None:
    assert not claims("「必ず成功する」と言われたら、訳を聞きます。", "ja").certain


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("第3四半期には黒字になります。", "ja"),
        ("上期のうちに決めましょう。", "ja"),
        ("来週の月曜に会いましょう。", "ja"),
        ("年度末までに返事をもらいます。", "ja"),
        ("決算期の前に話します。", "ja"),
        ("お盆明けに始めます。", "ja"),
        ("年内に一社と組みます。", "ja"),
        ("三月中旬に会います。", "ja"),
        ("四半期ごとに見直します。", "ja"),
        ("秋までに試します。", "ja"),
        ("Decide in the third quarter.", "en"),
        ("Decide in the first half.", "en"),
        ("Meet by mid-March.", "en"),
        ("Settle it by the end of next March.", "en"),
        ("次の三月までに決めましょう。", "ja"),
        ("Finish within the fiscal year.", "en"),
        ("Finish by year-end.", "en"),
        ("Ring them next Monday.", "en"),
        ("Review it in Q3.", "en"),
        ("Start early next year.", "en"),
        ("Start before the autumn.", "en"),
        ("昨年から増えています。", "ja"),
        ("近年は減っています。", "ja"),
        ("午前十時に始めます。", "ja"),
        ("朝一番に電話します。", "ja"),
        ("隔週で会います。", "ja"),
        ("コロナのあと減りました。", "ja"),
        ("Nowadays firms meet online.", "en"),
        ("Ring them first thing in the morning.", "en"),
        ("Meet at ten o'clock.", "en"),
        ("It has grown in recent years.", "en"),
        ("Meet every other week.", "en"),
        ("It has grown since the pandemic.", "en"),
        ("Meet the week after next.", "en"),
        ("Decide before the holidays.", "en"),
        ("'23年から使われています。", "ja"),
    ],
)
def test_a_period_without_a_date_is_a_date(text: str, locale: Locale) -> None:
    assert counted(text, locale).dates


@pytest.mark.parametrize(
    ("one", "other", "locale"),
    [
        ("第3四半期です", "三四半期です", "ja"),
        ("上半期です", "上期です", "ja"),
        ("年度の初めに", "年度始めに", "ja"),
        ("in Q3", "in the third quarter", "en"),
        ("at the close of the quarter", "by the end of the quarter", "en"),
        ("the coming week", "next week", "en"),
    ],
)
def test_a_period_is_the_same_in_every_writing(one: str, other: str, locale: Locale) -> None:
    assert counted(one, locale).dates == counted(other, locale).dates


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("納期内に、目の前の現場で、時期を見て、短期間で、期待を込めて。", "ja"),
        ("It may be so, and the firms march on; half a day is enough.", "en"),
    ],
)
def test_what_only_looks_like_a_period_is_none(text: str, locale: Locale) -> None:
    assert not counted(text, locale).dates


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("第三段階です", "ja"),
        ("三つ目です", "ja"),
        ("三社目です", "ja"),
        ("三番目です", "ja"),
        ("the third step", "en"),
    ],
)
def test_what_comes_third_is_no_amount(text: str, locale: Locale) -> None:
    assert figures(text, locale) == [(3, "th")]
