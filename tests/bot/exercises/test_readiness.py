"""The four stages: asked in order, stopped kindly, and never told to the other side."""

from datetime import date
from functools import partial

from bot.exercises.readiness import EXERCISE
from bot.guide import begin, own_page
from bot.partnership import By, Partnership
from bot.scene import Scene
from tests.bot.exercises.walks import NOW, ROOM, SATO, TODAY, through

walk = partial(through, EXERCISE)

READY = {
    "condition": "揺らぎません",
    "spare": "10万円、月に2日",
    "will": "やってみたいです",
    "wish": "この町で作り続けたい",
    "limits": "自社だけでは届きません",
    "stuck": "傷の見分け",
    "outside": "はい、考えています",
}


def test_four_times_yes_leads_on_to_the_theme() -> None:
    page, asked = walk(READY)
    assert asked == [question.id for question in EXERCISE.questions]
    assert "四つとも「はい」です" in page.text
    assert "2. 社長の気持ち: はい（この町で作り続けたい）" in page.text
    assert "お題づくり" in page.text
    assert page.record is None


def test_a_house_in_trouble_is_asked_no_further_and_shown_to_helpers() -> None:
    page, asked = walk({**READY, "condition": "いまは苦しいです"})
    assert asked == ["condition"]
    assert "急がないほうがよさそうです" in page.text
    for body in ("取引銀行・信用金庫", "商工会議所", "事業承継の公的な窓口"):
        assert body in page.text
    assert "社長の気持ち" not in page.text


def test_an_owner_whose_heart_is_not_in_it_need_not_look_for_anybody() -> None:
    page, asked = walk({**READY, "will": "あまり気が乗りません"})
    assert asked == ["condition", "spare", "will"]
    assert "相手を探さなくて大丈夫です" in page.text
    assert "企業OB" in page.text


def test_who_can_do_it_alone_is_told_to_try_alone() -> None:
    page, asked = walk({**READY, "limits": "自社だけでできそうです"})
    assert asked[-1] == "limits"
    assert "まず自分たちで試してみましょう" in page.text
    assert "公設試験場" in page.text


def test_an_answer_given_before_the_way_stopped_stays_off_the_page() -> None:
    who = SATO
    exercise = begin(EXERCISE, who, Partnership(), NOW, room=False, run="r1")
    kept = exercise.model_copy(update={"answers": {"condition": "no", "wish": "昔の答え"}})
    page = own_page(kept, Scene(room=ROOM), "ja", By.of(who, NOW), TODAY)
    assert "昔の答え" not in page.text


def test_a_reader_open_as_to_whom_is_sent_to_the_choice_of_partner() -> None:
    page, _ = walk({**READY, "outside": "相手の種類は決めていません"})
    assert "「相手選び」" in page.text


def test_doubt_is_no_failure() -> None:
    page, asked = walk({**READY, "will": "まだ分かりません"})
    assert len(asked) == 7
    assert "いちばん手前の「社長の気持ち」から" in page.text


def test_all_skipped_still_says_where_to_begin() -> None:
    page, _ = walk({})
    assert "いちばん手前の「経営の調子」から" in page.text
    assert page.text.count("これから") == 4


def test_no_pass_mark_is_claimed_and_the_source_stands_last() -> None:
    last = walk(READY)[0].text.splitlines()[-1]
    assert last.startswith("拠りどころ: JRIレビュー Vol.5 No.108 §6(1)")
    assert "合格点は無し" in last


def test_a_startup_is_asked_about_itself_and_shown_to_its_own_helpers() -> None:
    outside = EXERCISE.question("outside")
    assert "中小企業" in outside.put_to("startup", "ja")
    assert "スタートアップ" in outside.put_to("sme", "ja")
    page, _ = walk({"condition": "no"}, side="startup", locale="en")
    assert "your investors" in page.text
    assert page.text.splitlines()[-1].endswith("The report's stages are about SMEs")


def test_the_task_says_nothing_of_how_the_company_is_doing() -> None:
    tasks = {walk({**READY, "condition": answer})[0].tasks for answer in ("yes", "no", "unsure")}
    assert len(tasks) == 1
    (task,) = tasks.pop()
    assert (task.owner, task.due) == ("佐藤", date(2026, 4, 8))


def test_english_reads_as_english() -> None:
    page, _ = walk({"condition": "Yes, safe", "will": "Not really"}, locale="en")
    assert "Some years one passes." in page.text
    assert "2. The owner wants it: not yet" in page.text


def test_a_flood_of_markdown_stays_on_one_short_line() -> None:
    page, _ = walk({**READY, "wish": "# 大\n" * 300})
    line = next(line for line in page.text.splitlines() if "社長の気持ち" in line)
    assert len(line) < 230
    assert len(page.text.splitlines()) <= 35
