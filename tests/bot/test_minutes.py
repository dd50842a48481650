"""Minutes and digests are for everybody's eyes: from the room and the shared record, never from one side's words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import desk, minutes
from bot.model import MessageId, Person, Reply, Room, RoomId, Said
from bot.partnership import By, Cost, Partnership, Sheet
from bot.scene import Heard, Scene
from knowledge.card import Locale

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
ROOM = Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), names={"sme": "栃ノ木精密", "startup": "ルミナ"})
NOW = datetime(2026, 4, 13, 0, 0, tzinfo=UTC)  # Monday, nine o'clock in Tokyo.
BOTH: tuple[Locale, Locale] = ("ja", "en")


def by(who: Person = SATO, days_ago: float = 1) -> By:
    return By.of(who, NOW - timedelta(days=days_ago))


def heard(who: Person, text: str, days_ago: float = 1, *, asks: bool = False) -> Heard:
    at = NOW - timedelta(days=days_ago)
    return Heard(id=f"{who.name}{days_ago}", who=who.name, side=who.side, at=at, text=text, asks=asks)


def scene_of(*said: Heard, record: Partnership | None = None, room: Room = ROOM) -> Scene:
    return Scene(room=room, record=record or Partnership(), heard=said)


def one_sided() -> Scene:
    record = Partnership()
    for who in (SATO, LEE):
        sheet = Sheet(exercise="cost_talk", title=f"ひみつ{who.side}", text="本音は三百万円", at=NOW, side=who.side)
        record = record.file(by(who), sheet)
    scene = scene_of(heard(SATO, "費用の話をしましょう"), record=record)
    return scene.remembering("佐藤", (Said(role="person", text="実は本音を言うと厳しい"),))


@pytest.mark.parametrize("locale", BOTH)
def test_what_one_side_told_or_wrote_alone_is_in_no_paper(locale: Locale) -> None:
    for paper in (minutes.of_talk(one_sided(), NOW, locale), minutes.digest(one_sided(), NOW, locale)):
        for secret in ("ひみつ", "本音", "三百万", "sheet of"):
            assert secret not in paper


def test_a_page_of_both_sides_is_told() -> None:
    record = Partnership().file(by(), Sheet(exercise="go_stop", title="続けるかの一枚", text="…", at=NOW))
    assert "続けるかの一枚" in minutes.digest(scene_of(record=record), NOW, "ja")


@pytest.mark.parametrize("locale", BOTH)
def test_minutes_tell_who_what_decisions_actions_questions_and_the_next_date(locale: Locale) -> None:
    record = (
        Partnership()
        .set_theme(by(), statement="傷の検査を半分の時間で")
        .decide(by(days_ago=0.5), "写真百枚で試す")
        .add_action(by(), "写真を送る", "佐藤", date(2026, 4, 17))
        .add_action(by(), "見積もりを調べる")
        .ask(by(), "夜勤でも使えるか")
    )
    said = (heard(SATO, "毎日二時間かかっています", 2), heard(LEE, "Let us try with photographs", 1))
    paper = minutes.of_talk(scene_of(*said, record=record), NOW, locale)
    for part in ("佐藤", "栃ノ木精密", "Lee", "傷の検査", "写真百枚で試す", "写真を送る", "夜勤でも", "毎日二時間"):
        assert part in paper, part
    assert ("担当は未定、期日は未定" if locale == "ja" else "nobody yet, no date yet") in paper
    assert ("4月17日（金）" if locale == "ja" else "Fri 17 Apr") in paper.split("###")[-1]


def test_words_are_quoted_short_and_masked() -> None:
    long = "連絡先は sato@tochinoki.example で、電話は 03-1234-5678 です。" + "とても長い話が続きます。" * 10
    paper = minutes.of_talk(scene_of(heard(SATO, long)), NOW, "ja")
    assert "‹メール›" in paper
    assert "tochinoki.example" not in paper
    assert "1234" not in paper
    quote = paper.split("「")[1].split("」")[0]
    assert len(quote) <= 40
    assert quote.endswith("…")


def test_commands_words_to_the_bot_and_what_was_forgotten_are_not_quoted() -> None:
    said = (heard(SATO, "/decide 値引き", 3), heard(LEE, "@nakodo 費用は？", 2), heard(LEE, "", 1))
    paper = minutes.of_talk(scene_of(*said), NOW, "ja")
    assert "値引き" not in paper
    assert "費用は" not in paper
    assert "「" not in paper


def test_a_question_the_other_side_has_not_taken_up_stays_open() -> None:
    asked = heard(LEE, "写真は何枚ありますか", 1, asks=True)
    open_part = minutes.of_talk(scene_of(asked), NOW, "ja").split("### 残った問い")[1]
    assert "写真は何枚ありますか" in open_part
    answered = scene_of(asked, heard(SATO, "百枚です", 0.5))
    assert "何枚" not in minutes.of_talk(answered, NOW, "ja").split("### 残った問い")[1]


def test_the_next_meeting_is_read_from_what_was_said() -> None:
    said = heard(SATO, "図面は4/15までに。次回は4月20日に伺います", 1)
    assert "4月20日（月）" in minutes.of_talk(scene_of(said), NOW, "ja").split("### 次の日")[1]
    gone = heard(SATO, "次回は4月10日に伺います", 5)
    assert "まだ決まっていません" in minutes.of_talk(scene_of(gone), NOW, "ja")


def test_minutes_of_a_silent_room_say_so() -> None:
    assert "部屋での発言はありません" in minutes.of_talk(scene_of(), NOW, "ja")
    assert "nobody spoke" in minutes.of_talk(scene_of(), NOW, "en")


def test_the_day_is_the_rooms_day() -> None:
    late = datetime(2026, 4, 13, 16, 0, tzinfo=UTC)  # Already the 14th in Tokyo, still the 13th in Berlin.
    assert "4月14日（火）" in minutes.digest(scene_of(), late, "ja")
    berlin = ROOM.model_copy(update={"zone": "Europe/Berlin"})
    assert "Mon 13 Apr" in minutes.digest(scene_of(room=berlin), late, "en")


def busy() -> Scene:
    record = Partnership()
    for number in range(12):
        record = record.add_action(by(), f"宿題その{number}", "佐藤", date(2026, 4, 10) + timedelta(days=number * 3))
        record = record.ask(by(), f"問いその{number}").decide(by(), f"決めたことその{number}")
    record = record.sign_nda(by(), date(2026, 4, 1), date(2026, 5, 10))
    record = record.plan_experiment(
        by(), "傷が写るか", cap="10万円", ends=date(2026, 4, 20), success="9割", stop="5割", decider="佐藤"
    )
    record = record.start_experiment(by(), 1, date(2026, 4, 10))
    scene = scene_of(heard(LEE, "写真は届きますか", 5, asks=True), record=record)
    for number in range(4):
        reply = Reply(to="room", kind="answer", text=f"下書き{number}", in_reply_to=MessageId("m"))
        _, scene = desk.park(scene, reply, NOW)
    return scene


@pytest.mark.parametrize("locale", BOTH)
def test_a_digest_is_short_however_much_goes_on(locale: Locale) -> None:
    lines = minutes.digest(busy(), NOW, locale).splitlines()
    assert len(lines) <= 30
    assert all(line.strip() for line in lines)


def test_a_digest_tells_what_waits_what_is_due_and_who_waits_for_whom() -> None:
    told = minutes.digest(busy(), NOW, "ja")
    for part in ("宿題その0（佐藤さん）（3日過ぎています）", "承認待ちの下書きが4件", "問いその0"):
        assert part in told, part
    assert "ルミナさんが栃ノ木精密さんの返事を待っています（3営業日）" in told  # Wednesday to Monday.
    assert "「宿題その0」は期日を過ぎています" in told


def test_days_of_rest_are_not_counted_as_waiting() -> None:
    after = datetime(2026, 5, 7, 1, 0, tzinfo=UTC)
    asked = Heard(
        id="h", who="佐藤", side="sme", at=datetime(2026, 5, 1, 1, 0, tzinfo=UTC), text="いかがですか", asks=True
    )
    assert "（1営業日）" in minutes.digest(scene_of(asked), after, "ja")
    assert "(1 working day)" in minutes.digest(scene_of(asked), after, "en")


def test_ends_of_experiments_and_ndas_are_due() -> None:
    record = Partnership().sign_nda(by(), date(2026, 4, 1), date(2026, 5, 10))
    record = record.plan_experiment(
        by(), "傷が写るか", cap="10万円", ends=date(2026, 4, 14), success="9割", stop="5割", decider="佐藤"
    )
    record = record.start_experiment(by(), 1, date(2026, 4, 10))
    told = minutes.digest(scene_of(record=record), NOW, "ja")
    assert "4月14日（火） 実験1の終了日（明日）" in told
    assert "5月10日（日） NDAの期限" in told
    assert "tomorrow" in minutes.digest(scene_of(record=record), NOW, "en")


def test_history_is_told_in_words_and_only_since_a_week() -> None:
    record = (
        Partnership()
        .decide(by(days_ago=8), "古い決めごと")
        .move_to("meeting", by())
        .draft_nda(by())
        .add_cost(by(), Cost(what="材料費", payer="ルミナ", amount="10万円"))
        .add_action(by(), "写真を送る, それと図面", "佐藤")
        .finish_action(by(), 1)
    )
    told = minutes.digest(scene_of(record=record), NOW, "ja")
    for part in (
        "段階: 準備 → 初めの話し合い",
        "NDA: 準備中",
        "費用: 材料費 / ルミナ / 10万円",
        "写真を送る, それと図面（済み）",
    ):
        assert part in told, part
    assert "古い決めごと" not in told
    for raw in ("number:", "owner:", "state:"):
        assert raw not in told


def test_a_digest_may_reach_further_back() -> None:
    record = Partnership().decide(by(days_ago=8), "古い決めごと")
    assert "古い決めごと" in minutes.digest(scene_of(record=record), NOW, "ja", since=NOW - timedelta(days=9))


def test_a_quiet_week_is_told_as_one_with_a_next_step_for_the_stage() -> None:
    told = minutes.digest(scene_of(), NOW, "ja")
    assert "記録に動きはありません" in told
    assert "一文にしてみましょう" in told
    assert "Nothing in the record" in minutes.digest(scene_of(), NOW, "en")


def test_tasks_of_one_sides_own_stand_in_neither_minutes_nor_digest() -> None:
    record = Partnership().add_action(by(), "撤退を考える", "佐藤", date(2026, 4, 10), "sme")
    scene = scene_of(heard(SATO, "費用の話をしましょう"), record=record)
    for text in (minutes.of_talk(scene, NOW, "ja"), minutes.digest(scene, NOW, "ja")):
        assert "撤退" not in text


def test_an_nda_past_its_day_makes_the_next_step_a_new_one() -> None:
    record = Partnership(stage="agreeing").sign_nda(by(days_ago=60), date(2026, 2, 1), date(2026, 4, 1))
    assert "/coach nda_checklist" in minutes.digest(scene_of(record=record), NOW, "ja")
    signed = Partnership(stage="agreeing").sign_nda(by(days_ago=60), date(2026, 2, 1), date(2027, 4, 1))
    assert "/coach nda_checklist" not in minutes.digest(scene_of(record=signed), NOW, "ja")
