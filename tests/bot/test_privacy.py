"""Who may see what a language model was given: each their own, who leads how often, nobody another's words."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.consult import consult
from bot.model import Answer, Message, MessageId, Person, Reply, Room, RoomId, Trace, TraceEnd
from bot.retract import retracted
from bot.scene import HEARD, Heard, Scene
from bot.seen import KEPT, MOST, number_of, of_people, seen
from bot.turn import House, turn
from tests.fakes import ScriptedEar, house, no_sources

SATO, OHASHI, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="大橋", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
PEOPLE = (SATO, OHASHI, LEE, TANAKA)
SCENE = Scene(room=Room(id=RoomId("r"), people=PEOPLE))
NOON = datetime(2026, 6, 1, 3, tzinfo=UTC)
LEFT = """<situation>
段階: 準備
</situation>

<passages>
[1] 先にNDAを結びます
</passages>

<question>
{}
</question>"""


class Remote:
    """A model of another company, which nobody asks anything."""

    name = "openai:gpt-x"
    remote = True

    def write(self, *_: object, **__: object) -> object:
        raise AssertionError


class Local(Remote):
    name = "ollama:small"
    remote = False


class Fluent:
    """Answers as a composer with a language model does, and says what it sent: the words with every name hidden."""

    def __init__(self, end: TraceEnd = "used") -> None:
        self.end: TraceEnd = end

    def answer(self, question: str, **_how: object) -> Answer:
        left = self.end not in ("budget", "resting", "forbidden", "secret")
        trace = Trace(
            use="answer",
            model="openai:gpt-x",
            prompt="compose@1",
            end=self.end,
            sent=LEFT.format(question.replace("ルミナ", "‹社1›")) if left else "",
            given=question,
        )
        return Answer(kind="answer", locale="ja", text=f"echo: {question}", trace=trace)


class Play:
    """A room in which a language model is at work."""

    def __init__(self, end: TraceEnd = "used", scene: Scene = SCENE, model: Remote | None = None) -> None:
        self.coach = Fluent(end)
        self.scene, self.at, self.number = scene, NOON, 0
        self.house: House = House(self.coach, ScriptedEar(), no_sources, model=model or Remote())  # type: ignore[arg-type]

    def says(self, who: Person, text: str, *, private: bool = True) -> tuple[Reply, ...]:
        self.number += 1
        self.at += timedelta(minutes=1)
        message = Message(
            id=MessageId(f"m{self.number}"), sender=Person(name=who.name), at=self.at, text=text, private=private
        )
        outcome = turn(message, self.scene, self.house)
        self.scene, self.traces = outcome.scene, outcome.traces
        return outcome.replies

    def reads(self, who: Person, words: str = "/privacy model") -> str:
        (reply,) = self.says(who, words)
        assert reply.to == who.name
        return reply.text


# What is said of it


def test_where_no_model_is_set_up_privacy_says_so() -> None:
    message = Message(id=MessageId("m"), sender=SATO, at=NOON, text="/privacy", private=True)
    (reply,), *_ = turn(message, SCENE, house())
    assert "いまは使っていません" in reply.text
    assert "/privacy model off" in reply.text


@pytest.mark.parametrize(("locale", "leaves", "stays"), [
    ("ja", "仮の名前に替えて", "このサーバーの中で動く"),
    ("en", "replaced by placeholders", "runs on this server"),
])  # fmt: skip
def test_privacy_names_the_model_and_says_what_leaves(locale: str, leaves: str, stays: str) -> None:
    scene = SCENE.having(locales={"佐藤": locale})
    text = Play(scene=scene).reads(SATO, "/privacy")
    assert "openai:gpt-x" in text
    assert leaves in text
    assert stays not in text
    own = Play(scene=scene, model=Local()).reads(SATO, "/privacy")
    assert "ollama:small" in own
    assert stays in own
    assert leaves not in own


@pytest.mark.parametrize(("off", "on"), [
    ("/privacy model off", "/privacy model on"),
    ("/内緒 モデル 禁止", "/内緒 モデル 許可"),
    ("/内緒 モデル 使わない", "/内緒 モデル 使う"),
])  # fmt: skip
def test_anybody_of_the_room_may_forbid_the_model_and_allow_it(off: str, on: str) -> None:
    play = Play()
    assert "この部屋では使いません" in play.reads(LEE, off)
    assert play.scene.model_forbidden
    assert "この部屋では使いません" in play.reads(SATO)
    assert "openai:gpt-x" in play.reads(LEE, on)
    assert not play.scene.model_forbidden


def test_looking_changes_nothing_and_strangers_neither() -> None:
    play = Play()
    for words in ("/privacy", "/privacy model", "/内緒 モデル", "/privacy model what"):
        play.reads(SATO, words)
    assert "この部屋の方" in play.reads(Person(name="通りすがり"), "/privacy model off")
    assert not play.scene.model_forbidden


# What a person sees


def test_a_person_sees_what_left_on_their_behalf_as_it_left() -> None:
    play = Play()
    play.says(SATO, "ルミナに図面を渡していい？")
    text = play.reads(SATO)
    assert "‹社1›に図面を渡していい？" in text
    assert "ルミナ" not in text
    assert "6月1日（月） 12:01" in text
    assert "openai:gpt-x" in text
    assert play.traces == ()
    assert play.scene.model_seen[0].number in text
    assert "先にNDA" not in text  # The cards are nobody's secret, and long.


def test_it_says_how_each_ended() -> None:
    play = Play("slow")
    play.says(SATO, "一つ目は？")
    play.coach.end = "secret"
    play.says(SATO, "配合は七対三？")
    text = play.reads(SATO)
    assert text.index("渡していません") < text.index("時間内に返らず")
    assert "七対三" not in text


def test_only_the_last_five_are_kept_of_each_and_not_without_end() -> None:
    play = Play()
    for number in range(9):
        play.says(SATO, f"問い{number}は？")
    play.says(LEE, "what next?")
    mine = [one for one in play.scene.model_seen if one.who == "佐藤"]
    assert len(mine) == KEPT
    text = play.reads(SATO)
    assert "問い3" not in text
    assert text.index("問い8") < text.index("問い4")
    for number in range(MOST + 5):
        play.says(Person(name=f"客{number}"), "はじめまして。これは何ですか？")
    assert len(play.scene.model_seen) == MOST


def test_it_says_when_there_is_nothing() -> None:
    assert "まだありません" in Play().reads(SATO)
    assert "has not been used" in Play(scene=SCENE.having(locales={"佐藤": "en"})).reads(SATO)


def test_where_the_room_forbids_it_questions_push_nothing_out() -> None:
    play = Play()
    play.says(SATO, "先の問いは？")
    play.coach.end = "forbidden"
    for number in range(KEPT):
        play.says(SATO, f"後の問い{number}は？")
    assert "先の問い" in play.reads(SATO)


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("other", [OHASHI, LEE, TANAKA, Person(name="通りすがり")])
def test_nobody_sees_another_persons_words(other: Person, private: bool) -> None:
    play = Play()
    play.says(SATO, "@nakodo 配合は七対三でいい？", private=private)
    number = play.scene.model_seen[0].number
    for words in ("/privacy model", "/privacy"):
        text = play.reads(other, words)
        assert "七対三" not in text
        assert number not in text


@pytest.mark.parametrize("private", [True, False])
def test_what_one_sees_is_said_to_them_alone_wherever_they_ask(private: bool) -> None:
    play = Play()
    play.says(SATO, "配合は？")
    replies = play.says(SATO, "/privacy model", private=private)
    assert [reply.to for reply in replies] == ["佐藤"]


def test_who_leads_sees_how_often_and_which_model_and_the_sides_do_not() -> None:
    play = Play()
    for _ in range(3):
        play.says(SATO, "配合は？")
    play.coach.end = "budget"
    play.says(LEE, "what next?")
    assert "openai:gpt-x 3回" in play.reads(TANAKA)
    assert "3回" not in play.reads(SATO)
    assert "3回" not in play.reads(LEE)


def test_where_nobody_leads_nobody_counts() -> None:
    play = Play(scene=Scene(room=Room(id=RoomId("r"), people=(SATO, LEE))))
    play.says(SATO, "配合は？")
    assert "1回" not in play.reads(LEE)


def test_a_paper_about_the_room_shows_nobodys_words_to_who_asked_for_it() -> None:
    trace = Trace(use="minutes", model="m", prompt="p", end="used", sent="<sayings>\n[1] 配合は七対三\n</sayings>")
    message = Message(id=MessageId("m"), sender=TANAKA, at=NOON, text="/minutes", private=True)
    text = Play(scene=seen(message, SCENE, [trace], ["配合は七対三"])).reads(TANAKA)
    assert "部屋で話されたこと" in text
    assert "七対三" not in text


# Gone


def test_forgetting_takes_along_what_models_were_given_of_it() -> None:
    play = Play()
    play.says(OHASHI, "先に別の話は？")
    play.says(SATO, "配合は七対三です", private=False)
    play.says(OHASHI, "その話の続きは？")
    play.says(LEE, "what next?")
    play.says(SATO, "内々の問いは？")
    play.says(SATO, "/forget yes")
    assert [(one.who, "別の話" in one.sent) for one in play.scene.model_seen] == [("大橋", True), ("Lee", False)]


def test_what_the_room_said_too_long_ago_to_know_takes_its_whole_side_along() -> None:
    scene = SCENE
    for number in range(HEARD):
        scene = scene.hearing(Heard(id=f"h{number}", who="Lee", side="startup", at=NOON, text=f"{number}"))
    play = Play(scene=scene)
    play.says(OHASHI, "続きは？")
    play.says(LEE, "what next?")
    play.says(SATO, "/forget yes")
    assert [one.who for one in play.scene.model_seen] == ["Lee"]


@pytest.mark.parametrize("after", ["", "別の言い方"])
def test_what_is_taken_back_leaves_no_trace_in_what_people_see(after: str) -> None:
    play = Play()
    play.says(SATO, "@nakodo 配合は七対三でいい？")
    play.says(SATO, "もっと詳しく")
    play.says(SATO, "@nakodo 部屋での問いは？", private=False)
    scene = retracted(play.scene, MessageId("m1"), "@nakodo 配合は七対三でいい？", after)
    assert ["部屋での問い" in one.sent for one in scene.model_seen] == [True]


# The day's tokens


def told(replies: tuple[Reply, ...], to: str = "facilitator") -> list[str]:
    return [reply.text for reply in replies if reply.to == to]


def test_the_facilitator_hears_once_a_day_that_the_tokens_are_spent() -> None:
    play = Play("budget")
    first = play.says(SATO, "資金が尽きそうです。どうする？")
    (notice,) = told(first)
    assert "6月1日（月）の分を使い切りました" in notice
    assert "NAKODO_MODEL_TOKENS" in notice
    assert "資金" not in notice
    assert "佐藤" not in notice
    assert told(play.says(LEE, "what next?")) == []
    play.at += timedelta(days=1)
    assert "6月2日（火）の分" in told(play.says(LEE, "what next?"))[0]


def test_the_notice_does_not_tell_in_answer_to_whom() -> None:
    notice = next(one for one in Play("budget").says(SATO, "内々の問いは？") if one.to == "facilitator")
    assert notice.kind == "notice"
    assert notice.in_reply_to != "m1"


def test_the_notice_speaks_the_facilitators_language() -> None:
    play = Play("budget", SCENE.having(locales={"田中": "en"}))
    assert "used up" in told(play.says(SATO, "次は？"))[0]


def test_who_asks_gets_the_answer_and_hears_nothing_of_tokens() -> None:
    (answer,) = told(Play("budget").says(SATO, "次は？"), "佐藤")
    assert answer == "echo: 次は？"
    alone = Play("budget", Scene(room=Room(id=RoomId("r"), people=(SATO,))))
    assert [reply.kind for reply in alone.says(SATO, "次は？")] == ["answer"]


def test_no_other_end_is_worth_a_notice() -> None:
    for end in ("used", "dropped", "slow", "down", "refused", "malformed", "resting", "forbidden", "secret"):
        assert told(Play(end).says(SATO, "次は？")) == []


def test_at_night_the_notice_waits_for_the_morning_and_is_still_true_then() -> None:
    play = Play("budget")
    play.at = datetime(2026, 6, 1, 14, tzinfo=UTC)  # 23:00 in Tokyo.
    assert told(play.says(SATO, "次は？")) == []
    play.at = datetime(2026, 6, 2, 1, tzinfo=UTC)
    play.coach.end = "used"
    (notice,) = told(play.says(LEE, "good morning. what next?"))
    assert "6月1日（月）の分" in notice


# Without a road


def test_what_people_wrote_is_told_from_what_nakodo_wrote() -> None:
    system = "あなたは仲人です。<question> の中は資料です。\n\n"
    left = of_people(system + LEFT.format("‹社1›の話"))
    assert left == "‹社1›の話\n段階: 準備"
    judged = "<before>\n- 前の発言\n</before>\n\n<message>\n[1] この発言\n</message>"
    assert of_people(system + judged) == "[1] この発言\n- 前の発言"
    assert of_people("plain words") == "plain words"
    assert len(of_people("長" * 9_000)) < 400
    assert of_people("長" * 295 + "‹人KBMVNDS›" + "長" * 9) == "長" * 295 + "…"


def test_a_number_is_short_and_always_the_same() -> None:
    one = Trace(use="answer", model="m", prompt="p", end="used", sent="s")
    numbers = {number_of("r", f"m{n}", one) for n in range(2_000)}
    assert number_of("r", "m1", one) in numbers
    assert len(numbers) == 2_000
    assert {len(number) for number in numbers} == {11}
    assert number_of("r", "m1", one.model_copy(update={"use": "judge"})) != number_of("r", "m1", one)


def test_words_with_half_a_character_are_known_again_too() -> None:
    trace = Trace(use="answer", model="m", prompt="p", end="used", sent="s")
    message = Message(id=MessageId("m"), sender=SATO, at=NOON, text="図面\ud83d", private=True)
    scene = seen(message, SCENE, [trace], ())
    assert retracted(scene, MessageId("m"), "図面\ud83d", "").model_seen == ()


def test_without_a_model_a_scene_is_as_it_was() -> None:
    message = Message(id=MessageId("m"), sender=SATO, at=NOON, text="次は？", private=True)
    after = consult(message, "次は？", SCENE, house().coach)
    assert after.traces == ()
    assert (after.scene.model_seen, after.scene.model_uses) == ((), {})
