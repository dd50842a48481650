"""Second opinions, drafts and suggestions through a real client of a scripted server, which may do what it likes."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from adapters.services.chat_model import ChatModel
from bot.coach.cite import Guard
from bot.judge import Judge
from bot.model import Message, MessageId, Person, Room, RoomId
from bot.partnership import NdaRecord, Partnership
from bot.pen import Pen
from bot.scene import Scene
from bot.scribe import Scribe
from bot.turn import House, Outcome, turn
from knowledge.ear import Hearing, Sound, Words
from tests.fakes import EchoCoach, no_sources
from tests.servers.model import ScriptedModel
from tests.servers.model_says import Asked

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Asking = Callable[..., ChatModel]

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
FREE = "佐藤さん、試作は無償でお願いできますか"
TALK = (
    (SATO, "樹脂の継ぎ目から水が漏れて困っています。一日に3個は不良になります。"),
    (LEE, "こちらのカメラで、漏れる前の継ぎ目の色の違いを見分けられるかもしれません。"),
    (SATO, "色の違いは、ベテランの山本なら目で見て分かります。"),
    (LEE, "まず継ぎ目の写真を20枚ほど撮らせてください。"),
)
ANSWERS = (
    "反りの少ない材料を探しています",
    "グリーンシート",
    "アルミナ",
    "厚さ0.3ミリ、百枚",
    "とばす",
    "焼成",
    "とばす",
    "とばす",
)
BAD = ("429", "500", "hangs-up", "hangs-up-middle", "garbage", "html", "error-in-stream")


class FixedEar:
    """Hears unpaid work in what is for nothing, in two minds about it."""

    def hear(self, words: Words) -> Hearing:
        unsure = {"unpaid_work": Sound(0.62, words.text)} if "無償" in words.text else {}
        return Hearing(unsure, {}, {})


class Place:
    """A room of three whose judge and scribe ask a model."""

    def __init__(self, model: ChatModel | None) -> None:
        self.scene = Scene(
            room=Room(id=RoomId("r"), people=(SATO, LEE, TANAKA), names={"sme": "栃ノ木精密", "startup": "ルミナ"}),
            record=Partnership(stage="meeting", nda=NdaRecord(state="signed")),
        )
        ear = FixedEar()
        pen = Pen(model, Guard(), ear, tenant="north") if model is not None else None
        judge, scribe = (Judge(pen), Scribe(pen)) if pen is not None else (None, None)
        self.house = House(EchoCoach(), ear, no_sources, judge=judge, scribe=scribe)
        self.at = NOON

    def says(self, who: Person, text: str, *, private: bool = False) -> Outcome:
        self.at += timedelta(minutes=1)
        message = Message(
            id=MessageId(f"m{self.at:%d%H%M}"), sender=Person(name=who.name), at=self.at, text=text, private=private
        )
        outcome = turn(message, self.scene, self.house)
        self.scene = outcome.scene
        return outcome

    def minutes(self) -> Outcome:
        for who, text in TALK:
            self.says(who, text)
        return self.says(TANAKA, "/minutes")

    def sharpened(self) -> Outcome:
        self.says(SATO, "/coach 頼みごとを尖らせる", private=True)
        return [self.says(SATO, answer, private=True) for answer in ANSWERS][-1]


def writes(server: ScriptedModel, form: Mapping[str, object] | Callable[[Asked], Mapping[str, object]]) -> None:
    """Have the server write one form, whatever is asked."""
    server.writers["own"] = lambda asked: json.dumps(form(asked) if callable(form) else form, ensure_ascii=False)
    server.behave = "own"


def asked_for(asked: Asked) -> str:
    """Return which of the three forms is asked for."""
    return next(name for name in ("stands", "sentences", "suggestions") if name in json.dumps(asked.schema))


def story(asked: Asked) -> Mapping[str, object]:
    """Tell each saying in its own words, names and figures left behind their placeholders."""
    told = {number: text.split(": ", 1)[1].rstrip("。") for number, text in asked.passages.items()}
    return {"sentences": [{"text": f"{text}。", "sayings": [number]} for number, text in told.items()]}


def test_an_opinion_comes_through(server: ScriptedModel, asking: Asking) -> None:
    writes(server, {"reason": "試作を無償でお願いしておられます。", "stands": True})
    outcome = Place(asking()).says(LEE, FREE)
    assert [(one.signal, one.reason) for one in outcome.findings] == [
        ("unpaid_work", "試作を無償でお願いしておられます。")
    ]
    (trace,) = outcome.traces
    assert (trace.use, trace.end, trace.model) == ("judge", "used", "openai:scripted")
    assert trace.tokens_in > 0
    writes(server, {"reason": "無償でよいかを尋ねているだけです。", "stands": False})
    assert Place(asking()).says(LEE, FREE).findings == ()


@pytest.mark.parametrize(
    "reason", ["✅ 試作を無償でお願いしておられます。[1]", "**試作を無償で\u200bお願いしておられます。**\0"]
)
def test_a_reason_is_shown_without_what_it_is_dressed_in(server: ScriptedModel, asking: Asking, reason: str) -> None:
    writes(server, {"reason": reason, "stands": True})
    outcome = Place(asking()).says(LEE, FREE)
    assert [one.reason for one in outcome.findings] == ["試作を無償でお願いしておられます。"]


def test_a_reason_without_an_end_is_not_read(server: ScriptedModel, asking: Asking) -> None:
    model = asking()
    for reason in ("a" * 50_000, "1" * 50_000, "百" * 60):
        writes(server, {"reason": reason, "stands": True})
        began = time.monotonic()
        outcome = Place(model).says(LEE, FREE)
        assert time.monotonic() - began < 3.0
        assert [one.reason for one in outcome.findings] == [""]


@pytest.mark.parametrize("answers", ["2, 5", ["[2]", "5"]])
def test_suggestions_that_name_their_answers_otherwise_come_through(
    server: ScriptedModel, asking: Asking, answers: object
) -> None:
    idea = {"text": "グリーンシートを焼成している会社を探しています。", "answers": answers}
    writes(server, {"suggestions": [idea]})
    Place(asking()).sharpened()
    assert len(server.asked) == 1


def test_minutes_come_through_with_names_and_figures_put_back(server: ScriptedModel, asking: Asking) -> None:
    writes(server, story)
    outcome = Place(asking()).minutes()
    assert "- 佐藤さん: 色の違いは、ベテランの山本なら目で見て分かります。" in outcome.replies[0].text
    assert "一日に3個は不良になります。" in outcome.replies[0].text
    assert [one.end for one in outcome.traces] == ["used"]


def test_suggestions_come_through(server: ScriptedModel, asking: Asking) -> None:
    writes(
        server,
        {"suggestions": [{"text": "グリーンシートを焼成している会社を探しています。", "answers": [2, 5]}]},
    )
    outcome = Place(asking()).sharpened()
    assert "- グリーンシートを焼成している会社を探しています。" in outcome.replies[0].text
    assert [one.end for one in outcome.traces] == ["used"]


def test_no_name_no_figure_and_no_word_of_the_other_side_is_in_what_leaves(
    server: ScriptedModel, asking: Asking
) -> None:
    place = Place(asking())
    place.says(SATO, "資金繰りは来月が山です")
    place.says(LEE, FREE)
    (judged,) = server.asked
    for hidden in ("資金繰り", "佐藤", "Lee", "栃ノ木", "ルミナ"):
        assert hidden not in judged.raw
    server.forget()
    place.minutes()
    (minuted,) = server.asked
    for hidden in ("佐藤", "山本", "Lee", "田中", "20枚", "3個"):
        assert hidden not in minuted.raw
    assert asked_for(minuted) == "sentences"


@pytest.mark.parametrize("bad", BAD)
def test_whatever_the_server_does_nothing_is_lost(server: ScriptedModel, asking: Asking, bad: str) -> None:
    server.behave = bad
    for does in (lambda place: place.says(LEE, FREE), Place.minutes, Place.sharpened):
        plain = does(Place(None))
        began = time.monotonic()
        outcome = does(Place(asking(seconds=1.0)))
        assert time.monotonic() - began < 3.0
        assert outcome.replies == plain.replies
        assert outcome.findings == plain.findings
        (trace,) = outcome.traces
        assert trace.end in ("slow", "down", "refused", "malformed", "resting")


def test_a_stalling_server_costs_the_time_limit_and_no_more(server: ScriptedModel, asking: Asking) -> None:
    server.behave = "stalls"
    began = time.monotonic()
    outcome = Place(asking(seconds=0.8)).says(LEE, FREE)
    assert time.monotonic() - began < 1.8
    assert [one.end for one in outcome.traces] == ["slow"]
    assert len(outcome.findings) == 1


INVENTED = (
    *("invents-figure!", "invents-name!", "invents-source!", "invents-quote!", "invents-date!", "rude!", "leaks!"),
    *("mangles!", "plain-form!", "wrong-language", "unnumbered", "prose", "other-form", "empty", "huge"),
)


@pytest.mark.parametrize("bad", INVENTED)
def test_nothing_invented_reaches_a_paper_a_page_or_a_note(server: ScriptedModel, asking: Asking, bad: str) -> None:
    server.behave = bad
    assert Place(asking()).minutes().replies == Place(None).minutes().replies
    assert Place(asking()).sharpened().replies == Place(None).sharpened().replies
    assert {one.reason for one in Place(asking()).says(LEE, FREE).findings} <= {""}
