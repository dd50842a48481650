"""How models dress what they write: numbers and marks in sentences, forms in other shapes, pages without an end."""

import re
from collections.abc import Callable

import pytest

from adapters.wiring import Nakodo
from bot.coach.cite import Guard
from bot.coach.fluent import Fluent
from bot.coach.manuscript import PARTS, Composed
from bot.model import Answer, Asker, Situation
from bot.ports import Prompt
from tests.fakes import DictatedModel, ScriptedEar

WAITING = "ルミナへの返事を待たせるとどうなりますか。社内の決裁に時間がかかります"
Dress = Callable[[str, int], str]


def passages(prompt: Prompt) -> dict[int, str]:
    return {int(number): text for number, text in re.findall(r"^\[(\d+)\] (.+)$", prompt.user, re.MULTILINE)}


def dressed(dress: Dress, *, named: bool = True) -> Callable[[Prompt], dict[str, object]]:
    """Write the first passages word for word, in some dress."""

    def write(prompt: Prompt) -> dict[str, object]:
        lines = list(passages(prompt).items())[:3]
        told = [{"text": dress(text.rstrip("。"), number), "passages": [number] * named} for number, text in lines]
        return {"kind": "answer", "sentences": told, "next_step": None}

    return write


@pytest.fixture(scope="module")
def ask(nakodo: Nakodo) -> Callable[..., Answer]:
    """Return what asks the composer with a model that writes as dictated; whoever reads along sees what stays."""
    guard = Guard()

    def put(write: Callable[[Prompt], object], *, aloud: bool = True) -> Answer:
        coach = Fluent(nakodo.playbook, nakodo.library, DictatedModel(write), guard, ScriptedEar())  # type: ignore[arg-type]
        shown: list[str] = []
        answer = coach.answer(
            WAITING,
            locale="ja",
            situation=Situation(side="sme"),
            asker=Asker(room="r1", names=("栃ノ木精密", "ルミナ")),
            aloud=shown.append if aloud else None,
        )
        assert answer.trace is not None
        assert answer.trace.end == "dropped" or all(answer.text.startswith(one) for one in shown)
        return answer

    return put


@pytest.fixture(scope="module")
def undressed(ask: Callable[..., Answer]) -> Answer:
    return ask(dressed(lambda text, _: f"{text}。"))


@pytest.mark.parametrize(
    "dress",
    [
        lambda text, number: f"{text}。[{number}]",
        lambda text, number: f"{text}[{number}][1]。",
        lambda text, number: f"{text}［{number}、1］。",
        lambda text, number: f"{text}。【{number}†source】",
        lambda text, number: f"{text}（番号{number}）。",
        lambda text, number: f"{text} (passages: [{number}])。",
        lambda text, number: f"[{number}] {text}。",
    ],
)
def test_numbers_of_passages_in_a_sentence_are_read_and_not_shown(
    ask: Callable[..., Answer], undressed: Answer, dress: Dress
) -> None:
    answer = ask(dressed(dress, named=False))
    assert answer.text == undressed.text
    assert answer.citations == undressed.citations


@pytest.mark.parametrize(
    "dress",
    [
        lambda text, _: f"__{text}__。",
        lambda text, _: f"*{text}*。",
        lambda text, _: f"*{text[:4]}*{text[4:]}。",
        lambda text, _: f"~~{text}~~。",
        lambda text, _: f"> {text}。",
        lambda text, _: f"| {text}。 |",
        lambda text, _: f"✅ {text}。",
        lambda text, _: f"{text}😊。",
        lambda text, _: f"{text[:3]}\u200b{text[3:]}。",
        lambda text, _: f"\u202e{text}\0。",
        lambda text, _: f"\ufeff{text}。",
    ],
)
def test_marks_of_layout_signs_and_what_nobody_sees_are_left_out_and_cost_nothing(
    ask: Callable[..., Answer], undressed: Answer, dress: Dress
) -> None:
    assert ask(dressed(dress)).text == undressed.text


@pytest.mark.parametrize("stand_in", ["[会社Ａ]", "［会社名］", "【担当者】", "{name}", "早\ufffdい"])
def test_a_stand_in_for_a_name_and_a_lost_letter_are_not_shown(ask: Callable[..., Answer], stand_in: str) -> None:
    def write(prompt: Prompt) -> dict[str, object]:
        form = dressed(lambda text, _: f"{text}。")(prompt)
        first = {"text": f"{stand_in}への返事は早いほどよく、待たせるなら日にちを約束しましょう。", "passages": [1]}
        return form | {"sentences": [first, *form["sentences"]]}  # type: ignore[misc]

    answer = ask(write)
    assert answer.trace is not None
    assert answer.trace.end == "used"
    assert not set(stand_in) & set("[]［］【】{}\ufffd") & set(answer.text)


@pytest.mark.parametrize(
    "text",
    [
        "先方に電話をして、返事の日にちを約束しましょう。" * 1_500,
        "（。" * 30_000,
        "百十千" * 30,
        "一二三四五六七八九十" * 5 + "円です。",
        "です" * 200,
    ],
)
def test_a_model_that_cannot_stop_is_not_read_to_the_end(ask: Callable[..., Answer], text: str) -> None:
    answer = ask(lambda _: {"kind": "answer", "sentences": [{"text": text, "passages": [1]}] * 16}, aloud=False)
    assert answer.trace is not None
    assert answer.trace.end == "dropped"
    assert len(answer.trace.verdicts) <= PARTS


def test_many_sentences_in_one_are_weighed_up_to_a_number(ask: Callable[..., Answer]) -> None:
    many = "".join(f"先方に{number}回目の電話をしましょう。" for number in range(150))
    answer = ask(lambda _: {"kind": "answer", "sentences": [{"text": many, "passages": [1]}] * 3}, aloud=False)
    assert answer.trace is not None
    assert len(answer.trace.verdicts) == PARTS


SAID = {"text": "返事は早いほどよいです。", "passages": [1, 2]}


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "answer", "sentences": [SAID | {"passages": ["[1]", "2"]}]},
        {"kind": "answer", "sentences": [SAID | {"passages": "1, 2"}]},
        {"kind": "answer", "sentences": [SAID | {"passages": ["［１］", "passage 2"]}]},
        {"kind": "answer", "sentences": [SAID | {"passages": [{"number": 1}, 2.0]}]},
        {"kind": " Answer", "sentences": SAID},
        {"kind": "ANSWER", "sentences": [None, SAID, {"passages": [3]}, {"text": None}, ""]},
        {"kind": "answer", "sentences": [SAID], "next_step": ""},
        {"kind": "answer", "sentences": [SAID], "next_step": {}},
        {"kind": "answer", "sentences": [SAID], "next_step": []},
    ],
)
def test_a_form_in_another_shape_says_the_same(form: dict[str, object]) -> None:
    assert Composed.model_validate(form) == Composed.model_validate({"kind": "answer", "sentences": [SAID]})


def test_words_alone_are_sentences_that_name_nothing() -> None:
    form = Composed.model_validate({"kind": "answer", "sentences": ["はい。"], "next_step": ["いつにしますか。"]})
    assert [(one.text, one.passages) for one in form.sentences] == [("はい。", [])]
    assert form.next_step is not None
    assert form.next_step.text == "いつにしますか。"


@pytest.mark.parametrize("passages", [[True], [float("nan")], [float("inf")], [10**30], None, "the first", [[], {}]])
def test_what_is_no_number_names_no_passage(passages: object) -> None:
    form = Composed.model_validate({"kind": "answer", "sentences": [SAID | {"passages": passages}]})
    assert form.sentences[0].passages == []


def test_a_model_is_shown_the_same_schema_however_it_may_answer() -> None:
    schema = Composed.model_json_schema()
    assert schema["properties"]["kind"]["enum"] == ["answer", "not_enough"]
    assert schema["properties"]["sentences"]["items"] == {"$ref": "#/$defs/Sentence"}
    assert schema["$defs"]["Sentence"]["properties"]["passages"]["items"] == {"type": "integer"}
