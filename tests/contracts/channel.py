"""The contract that every channel keeps. Subclass it and give it a `driver` fixture of class scope.

What a channel cannot have at all stands in its driver's `absent`, with the reason; such a test is skipped with that
reason, and nothing else is ever skipped.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.contracts import light
from tests.contracts.driving import (
    BUTTONS,
    DELETIONS,
    EDITS,
    FAILURES,
    FILES,
    LOGS,
    RATES,
    REPEATS,
    ROOMS,
    Driver,
    Firm,
    Line,
)
from tests.contracts.light import BOLD_WORDS, CHOICES, LONG, canonical
from tests.contracts.running import until

T = TypeVar("T", bound=Callable[..., object])
OPAQUE = re.compile(r"[0-9a-f]{20}:(\d{1,2}|up|down)")
MADE_UP = "0" * 20


def needs(*abilities: str) -> Callable[[T], T]:
    """Mark a test with what a channel must have for it."""

    def mark(test: T) -> T:
        test.needs = abilities  # type: ignore[attr-defined]
        return test

    return mark


class ChannelContract:
    """One suite for every channel."""

    @pytest.fixture(autouse=True)
    def _applicable(self, request: pytest.FixtureRequest, driver: Driver) -> None:
        for ability in getattr(request.function, "needs", ()):
            if ability not in driver.can:
                pytest.skip(f"no {ability} here: {driver.absent[ability]}")
        if FAILURES in getattr(request.function, "needs", ()):
            driver.settle()  # What is still on its way must not meet the failure that is ordered.

    @pytest.fixture(scope="class")
    @classmethod
    def firm(cls, driver: Driver) -> Firm | None:
        """A partnership for tests that leave it as it was."""
        return driver.firm() if ROOMS in driver.can else None

    @pytest.fixture(scope="class")
    @classmethod
    def reviewed(cls, driver: Driver) -> Firm | None:
        """A partnership in which every answer waits for the facilitator's word."""
        if ROOMS not in driver.can:
            return None
        firm = driver.firm("花巻鋳造 × ミナモ", ("高橋", "鈴木", "Kim"))
        driver.command(None, firm.facilitator, "mode review")
        driver.settle()
        return firm

    @pytest.fixture(scope="class")
    @classmethod
    def taken(cls, driver: Driver) -> Firm | None:
        """A partnership that its facilitator takes over now and then."""
        return driver.firm("燕研磨 × ノース", ("井上", "小林", "Park")) if ROOMS in driver.can else None

    @pytest.fixture
    def led(self, driver: Driver, taken: Firm | None) -> Iterator[Firm | None]:
        """The same, handed back afterwards."""
        yield taken
        if taken is not None:
            driver.command(None, taken.facilitator, "handback")
            driver.settle()

    @pytest.fixture
    def _open_gate(self, driver: Driver) -> Iterator[None]:
        driver.house.shut_gate()
        yield
        driver.house.open_gate()
        driver.settle()

    # Asking

    def test_a_private_question_is_answered_once_and_leads_on(self, driver: Driver) -> None:
        who = driver.person("森")
        driver.whisper(who, "費用はいつ話せばいいですか")
        line = driver.heard_in_private(who, "echo: 費用はいつ話せばいいですか")
        driver.settle()
        assert _count(driver.in_private(who), "echo: 費用") == 1
        if BUTTONS in driver.can:
            assert [one.label for one in line.knobs[:2]] == list(CHOICES)
            assert [one.label[:1] for one in line.knobs[2:]] == ["👍", "👎"]

    @needs(ROOMS)
    def test_who_calls_nakodo_in_a_room_is_answered_there_once(self, driver: Driver, firm: Firm) -> None:
        driver.say(firm.room, firm.startup, "NDAはいつ結びますか", calling=True)
        line = driver.heard_in_room(firm.room, "echo: NDAはいつ結びますか")
        driver.settle()
        assert _count(driver.in_room(firm.room), "echo: NDAはいつ") == 1
        assert "echo: NDAはいつ" not in driver.everything(firm.facilitator, firm.sme, firm.startup)
        if BUTTONS in driver.can:
            assert [one.label for one in line.knobs[:2]] == list(CHOICES)

    @needs(ROOMS)
    def test_talk_among_people_is_not_answered(self, driver: Driver, firm: Firm) -> None:
        before = len(driver.in_room(firm.room))
        driver.say(firm.room, firm.sme, "Leeさん、明日の打ち合わせは何時からですか？")
        driver.say(firm.room, firm.startup, "10時です。ナコドの話もそのときに。")
        driver.settle()
        assert len(driver.in_room(firm.room)) == before
        assert driver.house.rows("SELECT count(*) FROM messages WHERE text LIKE ?", "%何時からですか%") == [(1,)]

    @needs(ROOMS)
    def test_a_reply_to_nakodo_goes_on_without_a_mention(self, driver: Driver, firm: Firm) -> None:
        driver.say(firm.room, firm.sme, "試作の費用は", calling=True)
        line = driver.heard_in_room(firm.room, "echo: 試作の費用は")
        driver.say(firm.room, firm.sme, "では材料費はどうでしょう", under=line)
        driver.heard_in_room(firm.room, "では材料費はどうでしょう")

    @needs(REPEATS)
    def test_the_same_event_twice_is_answered_once(self, driver: Driver) -> None:
        who = driver.person("林")
        sent = driver.whisper(who, "二度届く質問です")
        sent.repeat()
        driver.heard_in_private(who, "二度届く質問です")
        sent.repeat()
        driver.settle()
        assert _count(driver.in_private(who), "二度届く質問です") == 1

    @needs(REPEATS, BUTTONS)
    def test_the_same_press_twice_is_answered_once(self, driver: Driver) -> None:
        who = driver.person("原")
        driver.whisper(who, "ボタンの前の質問")
        line = driver.heard_in_private(who, "ボタンの前の質問")
        pressed = driver.press(who, line, CHOICES[0])
        pressed.repeat()
        driver.heard_in_private(who, f"echo: {CHOICES[0]}")
        driver.settle()
        assert _count(driver.in_private(who), f"echo: {CHOICES[0]}") == 1

    def test_a_full_width_question_mark_makes_a_question(self, driver: Driver) -> None:
        who = driver.person("岡")
        driver.command(None, who, "coach readiness")
        driver.heard_in_private(who, "揺らぎませんか")
        driver.whisper(who, "足元とは何のことですか？")
        driver.heard_in_private(who, "echo: 足元とは何のことですか？")

    def test_an_unknown_command_is_answered_with_the_nearest(self, driver: Driver) -> None:
        who = driver.person("西")
        driver.command(None, who, "recrod")
        line = driver.heard_in_private(who, "/recrod")
        assert "/record" in line.text

    # Words as they are shown

    def test_long_text_arrives_whole_and_in_order(self, driver: Driver) -> None:
        who = driver.person("長谷川")
        driver.whisper(who, "長文でお願いします")
        until(lambda: "続0559番" in canonical(driver.everything(who)), "the end of the long text does not come")
        driver.settle()
        lines = [line for line in driver.in_private(who) if len(line.text) > 200]
        assert len(LONG) >= 12_000
        assert canonical("".join(line.text for line in lines)) == canonical(LONG)
        assert [bool(line.knobs) for line in lines] == [*(False for _ in lines[1:]), BUTTONS in driver.can]

    def test_bold_beside_japanese_is_not_shown_as_asterisks(self, driver: Driver) -> None:
        who = driver.person("太田")
        driver.whisper(who, "太字でお願いします")
        line = driver.heard_in_private(who, "先に")
        assert "*" not in line.text
        if FAILURES in driver.can:  # Where there is markup at all, it is bold.
            assert tuple(one.strip("「」") for one in line.bold) == BOLD_WORDS

    @needs(FAILURES)
    def test_where_markup_is_refused_the_plain_words_arrive(self, driver: Driver) -> None:
        who = driver.person("平")
        driver.refuse_markup()
        driver.whisper(who, "太字の文を見せて")
        line = driver.heard_in_private(who, "先に")
        driver.settle()
        assert canonical(line.text).startswith(canonical(light.BOLD))
        assert "*" not in line.text
        assert _count(driver.in_private(who), "先に") == 1

    # Buttons

    @needs(BUTTONS)
    def test_a_button_says_what_stands_on_it(self, driver: Driver) -> None:
        who = driver.person("上田")
        driver.whisper(who, "ボタンを見せて")
        driver.press(who, driver.heard_in_private(who, "ボタンを見せて"), CHOICES[1])
        driver.heard_in_private(who, f"echo: {CHOICES[1]}")

    @needs(BUTTONS)
    def test_buttons_carry_no_words(self, driver: Driver) -> None:
        who = driver.person("中")
        driver.whisper(who, "ボタンの中身は")
        line = driver.heard_in_private(who, "ボタンの中身は")
        assert len(line.knobs) == 4
        for knob in line.knobs:
            assert OPAQUE.fullmatch(knob.value), knob

    @needs(BUTTONS, ROOMS)
    def test_a_button_of_a_private_word_is_for_its_reader_alone(self, driver: Driver, firm: Firm) -> None:
        driver.whisper(firm.sme, "内々の質問です")
        line = driver.heard_in_private(firm.sme, "内々の質問です")
        driver.say(firm.room, firm.sme, "ここで一つ", calling=True)
        driver.heard_in_room(firm.room, "ここで一つ")
        before = (len(driver.in_room(firm.room)), len(driver.in_private(firm.startup)))
        driver.forge(firm.startup, firm.room, line.knobs[0].value)
        driver.settle()
        assert (len(driver.in_room(firm.room)), len(driver.in_private(firm.startup))) == before

    @needs(BUTTONS, ROOMS)
    def test_a_button_that_nobody_made_does_nothing(self, driver: Driver, firm: Firm) -> None:
        driver.say(firm.room, firm.sme, "もう一つ", calling=True)
        driver.heard_in_room(firm.room, "もう一つ")
        before = len(driver.in_room(firm.room))
        for value in (f"{MADE_UP}:0", f"{MADE_UP}:up"):
            driver.forge(firm.sme, firm.room, value)
        driver.settle()
        assert len(driver.in_room(firm.room)) == before

    # Private words

    @needs(ROOMS)
    def test_what_is_for_one_person_is_said_to_them_alone(self, driver: Driver, firm: Firm) -> None:
        driver.whisper(firm.sme, "社内では赤字の限度は三百万円です")
        driver.heard_in_private(firm.sme, "三百万円")
        driver.command(firm.room, firm.sme, "export")
        driver.heard_in_private(firm.sme, "やり取り")
        driver.settle()
        assert "三百万円" not in driver.everything(firm.room, firm.startup, firm.facilitator)

    @needs(ROOMS)
    def test_a_private_word_that_cannot_be_delivered_is_not_said_in_the_room(
        self, driver: Driver, firm: Firm
    ) -> None:
        late = driver.person("南", opened=False)
        driver.enter(firm.room, late)
        driver.command(firm.room, late, f"join {driver.invited(firm, 'sme')}")
        driver.heard_in_room(firm.room, "南さん、")
        before = len(driver.in_room(firm.room))
        driver.command(firm.room, late, "privacy")
        driver.settle()
        words = "相手の側には、どんな言い方でも伝わりません"
        assert words not in driver.everything(firm.room)
        assert all(late.name in line.text for line in driver.in_room(firm.room)[before:])
        driver.reachable(late)
        driver.heard_in_private(late, words)
        assert words not in driver.everything(firm.room, firm.facilitator)

    @needs(ROOMS)
    def test_a_private_cry_for_help_reaches_the_facilitator_without_its_words(
        self, driver: Driver, firm: Firm
    ) -> None:
        driver.whisper(firm.startup, light.DISTRESS)
        driver.heard_in_private(firm.facilitator, "Lee")
        driver.settle()
        heard = driver.everything(firm.room, firm.facilitator, firm.sme)
        assert "眠れ" not in heard
        assert "投げ出し" not in heard

    # The human leads

    @needs(ROOMS, BUTTONS)
    def test_a_draft_that_is_approved_in_the_facilitators_own_chat_is_delivered(
        self, driver: Driver, reviewed: Firm
    ) -> None:
        driver.whisper(reviewed.sme, "承認してほしい質問")
        driver.heard_in_private(reviewed.sme, "進行役が目を通して")
        draft = driver.heard_in_private(reviewed.facilitator, "承認してほしい質問")
        assert "echo: 承認してほしい" not in driver.everything(reviewed.sme, reviewed.room)
        driver.press(reviewed.facilitator, draft, "承認")
        driver.heard_in_private(reviewed.sme, "echo: 承認してほしい質問")
        driver.settle()
        assert _count(driver.in_private(reviewed.sme), "echo: 承認してほしい質問") == 1

    @needs(ROOMS, BUTTONS)
    def test_a_second_click_on_a_decided_draft_says_who_decided(self, driver: Driver, reviewed: Firm) -> None:
        driver.say(reviewed.room, reviewed.startup, "二度押される質問", calling=True)
        draft = driver.heard_in_private(reviewed.facilitator, "二度押される質問")
        driver.press(reviewed.facilitator, draft, "承認")
        driver.heard_in_room(reviewed.room, "echo: 二度押される質問")
        driver.press_stale(reviewed.facilitator, draft, "承認")
        driver.heard_in_private(reviewed.facilitator, f"{reviewed.facilitator.name}さんがもう決めています")
        driver.settle()
        assert _count(driver.in_room(reviewed.room), "echo: 二度押される質問") == 1

    @needs(ROOMS)
    def test_under_takeover_nakodo_is_silent_and_back_after_it(self, driver: Driver, led: Firm) -> None:
        driver.command(led.room, led.facilitator, "takeover")
        driver.settle()
        driver.say(led.room, led.sme, "この質問には人が答えます", calling=True)
        driver.whisper(led.startup, "個別の質問にも人が答えます")
        driver.settle()
        assert "人が答えます" not in driver.everything(led.room, led.startup, led.sme)
        driver.command(led.room, led.facilitator, "handback")
        driver.say(led.room, led.sme, "また聞きます", calling=True)
        driver.heard_in_room(led.room, "echo: また聞きます")
        assert "echo: この質問" not in driver.everything(led.room)

    @needs(ROOMS)
    def test_takeover_silences_what_is_still_being_thought(self, driver: Driver, led: Firm, _open_gate: None) -> None:
        before = len(driver.in_room(led.room))
        driver.say(led.room, led.sme, "ゆっくり考えて", calling=True)
        driver.house.wait_for_thought()
        driver.command(led.room, led.facilitator, "takeover")
        driver.house.open_gate()
        driver.heard_in_room(led.room, "お任せして", after=before)
        driver.settle()
        assert "echo: ゆっくり考えて" not in driver.everything(led.room)

    @needs(ROOMS, FAILURES)
    def test_takeover_silences_what_was_thought_and_waits_to_be_sent(self, driver: Driver, led: Firm) -> None:
        before, tries = len(driver.in_room(led.room)), len(driver.tries())
        driver.flood(2)
        driver.say(led.room, led.sme, "もう考えた答え", calling=True)
        until(lambda: len(driver.tries()) > tries, "nothing is sent")
        driver.command(led.room, led.facilitator, "takeover")
        driver.heard_in_room(led.room, "お任せして", after=before)
        driver.settle()
        assert "echo: もう考えた答え" not in driver.everything(led.room)

    # What is taken back

    @needs(EDITS)
    def test_an_edit_takes_the_old_words_out_of_the_store(self, driver: Driver) -> None:
        who = driver.person("久保")
        sent = driver.whisper(who, "復唱しないで。歩留まりは七割二分です")
        driver.heard_in_private(who, light.QUIET_ANSWER)
        driver.settle()
        assert driver.house.holding("七割二分")
        driver.edit(sent, "復唱しないで。歩留まりは言えません")
        driver.settle()
        until(lambda: not driver.house.holding("七割二分"), f"still in {driver.house.holding('七割二分')}")
        assert driver.house.holding("歩留まりは言えません")

    @needs(DELETIONS, ROOMS)
    def test_a_deletion_takes_the_words_out_of_the_store(self, driver: Driver, firm: Firm) -> None:
        sent = driver.say(firm.room, firm.sme, "治具の秘密は左ねじです")
        driver.settle()
        assert driver.house.holding("左ねじ")
        driver.delete(sent)
        driver.settle()
        until(lambda: not driver.house.holding("左ねじ"), f"still in {driver.house.holding('左ねじ')}")

    # Files

    @needs(FILES)
    def test_a_file_is_taken_in_with_its_words(self, driver: Driver) -> None:
        who = driver.person("図師")
        driver.attach(None, who, "寸法.txt", "穴は直径八ミリです".encode(), "これを見てください")
        driver.heard_in_private(who, "「寸法.txt」を受け取り、読みました")
        assert "穴は直径八ミリ" in driver.heard_in_private(who, "これを見てください").text

    @needs(FILES)
    @pytest.mark.parametrize(
        ("name", "data", "size", "why"),
        [
            ("設計.dwg", b"AC1032", None, "読めない種類のファイルです"),
            ("写真集.pdf", b"%PDF", 11 * 1024 * 1024, "大きすぎて読めません"),
            ("空.txt", b"  \n", None, "文字を読み取れませんでした"),
        ],
    )
    def test_a_file_is_refused_with_the_reason(
        self, driver: Driver, name: str, data: bytes, size: int | None, why: str
    ) -> None:
        who = driver.person("図師")
        driver.attach(None, who, name, data, "見てください", size=size)
        assert name in driver.heard_in_private(who, why).text

    # Who may what

    @needs(RATES)
    def test_who_asks_too_fast_is_told_once(self, driver: Driver) -> None:
        who = driver.person("早川")
        for number in range(15):
            driver.command(None, who, f"help {number}")
        driver.settle()
        assert _count(driver.in_private(who), "立て込んでいます") == 1
        assert _count(driver.in_private(who), "/record") == 12

    @needs(ROOMS)
    def test_the_record_is_shown_to_its_people_and_refused_to_strangers(self, driver: Driver, firm: Firm) -> None:
        driver.command(firm.room, firm.sme, "theme 羽根車の摩耗を音で知る")
        stranger = driver.person("通行人")
        driver.enter(firm.room, stranger)
        driver.command(None, firm.startup, "record")
        driver.heard_in_private(firm.startup, "羽根車の摩耗")
        before = len(driver.in_room(firm.room))
        driver.command(firm.room, stranger, "record")
        driver.command(None, stranger, "record")
        driver.heard_in_room(firm.room, "この部屋の方だけ")
        driver.settle()
        assert "羽根車" not in driver.everything(stranger)
        assert all("羽根車" not in line.text for line in driver.in_room(firm.room)[before:])

    @needs(ROOMS)
    def test_a_partnership_is_set_up_and_joined_by_code(self, driver: Driver, firm: Firm) -> None:
        for who, side in ((firm.sme, "sme"), (firm.startup, "startup"), (firm.facilitator, "facilitator")):
            driver.whisper(who, "私の立場は")
            driver.heard_in_private(who, f"side={side} nda=none")

    @needs(ROOMS)
    def test_a_code_that_was_never_issued_lets_nobody_in(self, driver: Driver) -> None:
        who = driver.person("誰か")
        driver.join(who, "ABCD-2345")
        driver.heard_in_private(who, "このコードは使えませんでした")
        driver.whisper(who, "私の立場は")
        driver.heard_in_private(who, "side=None")

    # Lines that fail

    @needs(FAILURES)
    def test_where_the_platform_asks_to_wait_it_is_obeyed(self, driver: Driver) -> None:
        who = driver.person("待井")
        driver.flood()
        before = len(driver.tries())
        driver.whisper(who, "待ってでも聞きたい")
        driver.heard_in_private(who, "待ってでも聞きたい")
        first, second = driver.tries()[before : before + 2]
        assert second - first >= 0.95
        driver.settle()
        assert _count(driver.in_private(who), "待ってでも聞きたい") == 1

    @needs(FAILURES)
    def test_an_answer_whose_receipt_got_lost_is_not_doubled_unmarked(self, driver: Driver) -> None:
        who = driver.person("喪田")
        driver.lose_answer()
        driver.whisper(who, "受け取りが消える質問")
        driver.heard_in_private(who, "受け取りが消える質問")
        driver.settle()
        lines = [line for line in driver.in_private(who) if "受け取りが消える質問" in line.text]
        repeated = [line for line in lines[1:] if "念のため" in line.text]
        assert len(lines) == (1 if "tells" in driver.can else 2)
        assert lines[1:] == repeated

    # Logs

    @needs(LOGS)
    def test_the_logs_hold_neither_words_nor_secrets(self, driver: Driver, firm: Firm) -> None:
        driver.refuse_markup()
        driver.whisper(firm.sme, "復唱しない極秘の合言葉はサクラ七号")
        driver.say(firm.room, firm.startup, "部屋の合言葉はモミジ八号", calling=True)
        driver.heard_in_room(firm.room, "モミジ八号")
        driver.settle()
        printed = driver.house.printed()
        assert '"event": "received"' in printed
        for secret in ("サクラ七号", "モミジ八号", "\\u30b5\\u30af", *self.secrets(driver)):
            assert secret not in printed
        assert "Traceback" not in printed

    def secrets(self, driver: Driver) -> tuple[str, ...]:
        """What must never be printed: tokens and the like."""
        raise NotImplementedError


def _count(lines: list[Line], words: str) -> int:
    return sum(words in line.text for line in lines)
