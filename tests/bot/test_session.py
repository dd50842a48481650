"""A session is run by a human; Nakodo proposes the agenda, keeps the time and drafts the minutes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import desk, session
from bot.agenda import boxes_of, plan_for
from bot.clock import day_of
from bot.model import MessageId, Person, Room, RoomId
from bot.orders import Done, Order
from bot.orders.record import action, decide
from bot.partnership import NdaRecord, Partnership
from bot.scene import Heard, Scene, Session
from knowledge.card import Locale, Side
from knowledge.ear import Hearing, Sound

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
ROOM = Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), names={"sme": "栃ノ木精密", "startup": "ルミナ"})
TEN = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)  # Monday, ten o'clock in Tokyo.


def minutes_later(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def order(scene: Scene, at: datetime = TEN, words: str = "", locale: Locale = "ja") -> Order:
    return Order(
        words=words, sender=TANAKA, scene=scene, locale=locale, at=at,
        today=day_of(at, scene.room.zone), message=MessageId("m1"), private=True,
    )  # fmt: skip


def started(words: str = "45 テーマ設定", room: Room = ROOM, locale: Locale = "ja") -> Done:
    return session.start(order(Scene(room=room), locale=locale), words)


def running(scene: Scene) -> Session:
    assert scene.session is not None
    return scene.session


def says(scene: Scene, who: Person, text: str, at: datetime, *, asks: bool = False) -> Scene:
    assert who.side is not None
    number = f"h{len(scene.heard)}"
    heard = Heard(id=number, who=who.name, side=who.side, at=at, text=text, asks=asks)
    return scene.having(session=session.spoke(running(scene), who.side, text)).hearing(heard)


@pytest.mark.parametrize(
    ("words", "minutes", "topic"),
    [
        ("45 テーマ設定", 45, "テーマ設定"),
        ("テーマ設定", 45, "テーマ設定"),
        ("９０分 費用の分担", 90, "費用の分担"),
        ("30分で顔合わせ", 30, "顔合わせ"),
        ("1時間半 実験の計画", 90, "実験の計画"),
        ("60 minutes on costs", 60, "costs"),
        ("2026年度の計画", 45, "2026年度の計画"),
        ("4/10 の件", 45, "4/10 の件"),
        ("", 45, "次の一歩"),
    ],
)
def test_length_and_topic_are_read_as_people_write_them(words: str, minutes: int, topic: str) -> None:
    begun = running(started(words).scene)
    assert (begun.minutes, begun.topic) == (minutes, topic)


@pytest.mark.parametrize("words", ["9 テーマ", "241 テーマ", "0 テーマ", "5時間 テーマ"])
def test_a_session_too_short_or_too_long_is_not_started(words: str) -> None:
    done = started(words)
    assert done.scene.session is None
    assert "10分から240分" in done.text
    assert done.others == ()


@pytest.mark.parametrize("topic", ["テーマ", "cost", "NDA", "実験", "Go/Stop", "行き違い", "顔合わせ", "???"])
def test_the_boxes_sum_up_to_the_minutes_whatever_the_length(topic: str) -> None:
    for minutes in range(session.SHORTEST, session.LONGEST + 1):
        boxes = boxes_of(plan_for(topic), minutes, "ja")
        assert sum(box.minutes for box in boxes) == minutes
        assert 3 <= len(boxes) <= 5
        assert all(box.minutes >= 2 for box in boxes)


def test_the_agenda_goes_to_the_room_and_to_who_began() -> None:
    done = started()
    (shown,) = done.others
    assert (shown.to, shown.kind, shown.label) == ("room", "document", None)
    for part in ("ねらい", "役割: 進行は田中さん", "約束", "10:00〜10:05", "10:35〜10:45", "テーマを一文"):
        assert part in shown.text
        assert part in done.text


def test_the_topic_shapes_the_agenda() -> None:
    assert "いくらまで" in started("45 費用の分担").others[0].text
    assert "さえぎらずに" in started("45 納期の行き違い").others[0].text


def test_before_the_nda_the_agenda_asks_for_no_secrets_and_after_it_for_its_purpose() -> None:
    assert "図面や条件、お客さまの名前は出さない" in started().others[0].text
    scene = Scene(room=ROOM)
    by = order(scene).by
    scene = scene.recorded(scene.record.sign_nda(by, day_of(TEN, "Asia/Tokyo"), purpose="傷の検査"))
    shown = session.start(order(scene), "45 テーマ").others[0].text
    assert "傷の検査" in shown
    assert "図面" not in shown


def test_each_reads_the_agenda_in_their_own_language_and_on_their_own_clock() -> None:
    berlin = ROOM.model_copy(update={"zone": "Europe/Berlin"})
    done = started("45 choosing a theme", room=berlin, locale="en")
    assert "03:00–03:05 Opening" in done.text
    assert "03:00〜03:05 はじめに" in done.others[0].text


def test_only_one_session_runs_at_a_time() -> None:
    scene = started().scene
    again = session.start(order(scene), "30 費用")
    assert again.scene == scene
    assert "テーマ設定" in again.text
    assert again.others == ()


def test_looking_tells_time_box_balance_and_what_was_settled() -> None:
    scene = says(
        started().scene, SATO, "傷の検査に毎日二時間かかっていて、目が疲れて見落としも出ます。" * 2, minutes_later(6)
    )
    scene = says(scene, LEE, "写真を百枚いただければ、まず試せます。", minutes_later(7))
    scene = decide(order(scene, minutes_later(8), "傷の検査をテーマにする")).scene
    scene = action(order(scene, minutes_later(9), "写真を送る @佐藤 4/10")).scene
    done = session.look(order(scene, minutes_later(10)))
    for part in (
        "10分たちました",
        "残りは35分",
        "栃ノ木精密さん 77%",
        "ルミナさん 23%",
        "傷の検査をテーマにする",
        "写真を送る",
    ):
        assert part in done.text, part
    assert "Leeさん" in done.text  # The quieter side is drawn in by name.
    assert 1 <= len(running(done.scene).questions) <= 2


def test_a_vague_word_is_asked_back_as_a_concrete_question() -> None:
    scene = says(started().scene, SATO, "なるべく早くお願いします。", minutes_later(5))
    assert "「なるべく早く」は、何月何日" in session.look(order(scene, minutes_later(6))).text


def test_no_question_is_suggested_twice_not_even_in_the_other_language() -> None:
    scene = says(started().scene, SATO, "それはそうですね、うちでも同じです。" * 5, minutes_later(5))
    seen: list[str] = []
    for turn, locale in enumerate(("ja", "en", "ja", "en", "ja", "en", "ja", "en", "ja")):
        before = running(scene).questions
        scene = session.look(order(scene, minutes_later(6 + turn), locale=locale)).scene  # type: ignore[arg-type]
        seen += running(scene).questions[len(before) :]
    assert len(seen) == len(set(seen)) > 8
    drawn = [one for one in seen if one.startswith(("Lee", "Lee,"))]
    assert len(drawn) <= 5  # There are five, and each was said in one language only.


def test_when_no_question_is_left_none_is_made_up() -> None:
    scene = started().scene
    for turn in range(12):
        scene = session.look(order(scene, minutes_later(turn))).scene
    assert "尋ねてみるなら" not in session.look(order(scene, minutes_later(13))).text


def test_the_end_of_each_box_and_the_last_five_minutes_are_told_once_to_the_facilitator_alone() -> None:
    scene, told = started("60 テーマ").scene, []
    moment = session.next_moment(scene, TEN)
    while moment is not None:
        replies, scene = session.due(scene, moment)
        assert session.due(scene, moment) == ((), scene)
        told += [((moment - TEN).seconds // 60, reply) for reply in replies]
        moment = session.next_moment(scene, moment)
    assert [minute for minute, _ in told] == [5, 20, 35, 50, 55, 60]
    assert {(reply.to, reply.kind, reply.label) for _, reply in told} == {("facilitator", "reminder", None)}
    assert "困りごとを、現場の言葉と数字で話す" in told[0][1].text
    assert "あと5分" in told[4][1].text
    assert "/session end" in told[5][1].text


def test_nothing_is_told_before_a_box_has_ended() -> None:
    scene = started().scene
    assert session.due(scene, minutes_later(4.9)) == ((), scene)


def test_after_a_pause_one_word_says_where_we_are_and_not_one_for_each_box_gone_by() -> None:
    scene = started("60 テーマ").scene
    (reply,), scene = session.due(scene, minutes_later(36))
    assert "残りは24分" in reply.text
    assert session.next_moment(scene, minutes_later(36)) == minutes_later(50)


def test_a_side_that_hardly_speaks_is_mentioned_with_one_question() -> None:
    scene = says(started().scene, LEE, "We can try that with our camera in a week or so. " * 4, minutes_later(2))
    (reply,), scene = session.due(scene, minutes_later(5))
    assert "栃ノ木精密さん 0%" in reply.text
    assert reply.text.count("こう尋ねてみては") == 1
    assert len(running(scene).questions) == 1


def test_a_balanced_talk_is_not_commented_on() -> None:
    scene = says(started().scene, LEE, "We can try that with our camera. " * 2, minutes_later(2))
    scene = says(
        scene, SATO, "では写真をお送りします。工程は三つあって、傷は最後に見ています。" * 2, minutes_later(3)
    )
    (reply,), scene = session.due(scene, minutes_later(5))
    assert "%" not in reply.text
    assert running(scene).questions == ()


def test_the_facilitator_is_told_in_their_language_though_the_room_speaks_the_other() -> None:
    scene = started().scene.speaking("田中", "en")
    (reply,), _ = session.due(scene, minutes_later(5))
    assert "Opening" in reply.text
    assert "はじめに" not in reply.text


def test_without_a_leader_the_room_hears_the_time_but_no_balance() -> None:
    room = ROOM.model_copy(update={"people": (SATO, LEE)})
    scene = says(started(room=room).scene, LEE, "We can try that with our camera. " * 4, minutes_later(2))
    (reply,), _ = session.due(scene, minutes_later(5))
    assert reply.to == "room"
    assert "%" not in reply.text


def test_the_facilitators_words_do_not_count_for_a_side() -> None:
    scene = says(started().scene, TANAKA, "では始めましょう。" * 20, minutes_later(1))
    assert "まだ分かるほど" in session.look(order(scene, minutes_later(2))).text


def test_what_is_decided_or_taken_on_is_collected_with_addresses_masked() -> None:
    heard = Hearing(
        signals={},
        statements={
            "decision": Sound(0.9, "週一回集まる"),
            "action": Sound(0.7, "sato@example.jp に送る"),
            "cost_ours": Sound(1, "x"),
        },
        calls={},
    )
    after = session.collected(running(started().scene), heard, "Lee", date(2026, 4, 1))
    assert after.decisions == ("週一回集まる",)
    assert [(one.text, one.owner) for one in after.actions] == [("‹メール› に送る", "Lee")]
    faint = Hearing(signals={}, statements={"decision": Sound(0.4, "たぶん")}, calls={})
    assert session.collected(after, faint, "Lee", date(2026, 4, 1)) == after


@pytest.mark.parametrize("quiet", ["sme", "startup"])
def test_both_sides_are_drawn_in_alike(quiet: Side) -> None:
    loud, silent = (LEE, SATO) if quiet == "sme" else (SATO, LEE)
    scene = says(started().scene, loud, "はい、そのとおりです。" * 10, minutes_later(1))
    (reply,), _ = session.due(scene, minutes_later(5))
    assert f"{silent.name}さんの目には" in reply.text


def test_a_session_ends_in_a_draft_of_minutes_that_the_room_sees_only_when_the_facilitator_lets_it() -> None:
    scene = says(
        Scene(room=ROOM).having(session=running(started().scene)), SATO, "傷の検査で困っています。", minutes_later(6)
    )
    scene = decide(order(scene, minutes_later(20), "傷の検査をテーマにする")).scene
    scene = action(order(scene, minutes_later(30), "写真を送る @佐藤 4/10")).scene
    scene = says(
        scene, LEE, "次回は4月20日でどうでしょう。連絡は lee@lumina.example へ。", minutes_later(40), asks=True
    )
    _, scene = session.due(scene, minutes_later(41))
    done = session.end(order(scene, minutes_later(44)))
    assert done.scene.session is None
    assert not any(key.startswith("session:") for key in done.scene.reminded)
    (shown,) = done.others
    assert (shown.to, shown.kind, shown.draft) == ("facilitator", "draft", "d1")
    (draft,) = desk.waiting(done.scene)
    page = draft.reply
    assert (page.to, page.kind) == ("room", "document")
    for part in (
        "テーマ設定", "2026年4月6日（月） 10:00〜10:44", "佐藤（栃ノ木精密）", "傷の検査をテーマにする",
        "写真を送る（佐藤さん、4月10日（金）まで）", "4月20日（月）", "‹メール›",
    ):  # fmt: skip
        assert part in page.text, part
    assert "lee@lumina" not in page.text
    assert "%" not in page.text  # Who talked how much is for who leads.
    assert page.text in shown.text
    assert "44分" in done.text


def test_the_minutes_hold_only_what_was_said_since_the_start() -> None:
    before = Heard(id="h", who="佐藤", side="sme", at=minutes_later(-60), text="これは朝の別の話でした。")
    scene = started().scene.hearing(before)
    session_page = session.end(order(scene, minutes_later(45))).others[0].text
    assert "朝の別の話" not in session_page


def test_what_was_said_and_then_noted_stands_once_in_the_minutes() -> None:
    scene = started().scene
    said = running(scene).model_copy(update={"decisions": ("傷の検査をテーマにする。",)})
    scene = decide(order(scene.having(session=said), minutes_later(20), "傷の検査をテーマにする")).scene
    assert session.end(order(scene, minutes_later(45))).others[0].text.count("傷の検査をテーマにする") == 1


def test_without_a_facilitator_the_minutes_go_to_the_room_at_once() -> None:
    room = ROOM.model_copy(update={"people": (SATO, LEE)})
    done = session.end(order(started(room=room).scene, minutes_later(45)))
    assert [(reply.to, reply.kind) for reply in done.others] == [("room", "document")]
    assert desk.waiting(done.scene) == ()


def test_the_agenda_takes_an_nda_past_its_day_for_none() -> None:
    until = {date(2026, 4, 5): "NDAを結ぶまでは", date(2026, 4, 6): "の範囲で話す"}
    for expires, words in until.items():
        record = Partnership(nda=NdaRecord(state="signed", signed=date(2026, 1, 1), expires=expires))
        done = session.start(order(Scene(room=ROOM, record=record)), "45 テーマ設定")
        assert words in done.others[0].text
