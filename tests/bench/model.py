"""Measure what an answer with a language model costs beside the bare LangChain call: `python -m tests.bench model`.

Both ask the same scripted server, with the same prompt and the same structured output, streamed, in turn, in one
process. The server answers at once, so what is left is ours. Redaction, guard and bookkeeping are what the answer
would not need without a model; finding what to say (retrieval) it needs anyway.
"""

import json
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from langchain.chat_models import init_chat_model
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import SecretStr

from adapters.services.chat_model import ChatModel
from adapters.wiring import Nakodo
from bot.asking import Question
from bot.coach.cite import Guard
from bot.coach.fluent import Fluent
from bot.coach.manuscript import Composed
from bot.model import Answer, Asker, Said, Situation, Verdict
from bot.ports import Composer, Form, Prompt, Written
from bot.redact import Veil
from tests.evals.questions import CASES
from tests.servers.model import ScriptedModel
from tests.servers.model_says import Asked, Line, form, lines

ASKED = 200
"""Questions that are put, after as many to warm up as there are in a tenth of them."""
SENTENCES = 8
WANTED = 60.0
"""Milliseconds: p95 of redaction, guard and bookkeeping."""
NAMES = ("栃ノ木精密", "ルミナ", "佐藤", "Lee", "田中")
PARTS = ("retrieval", "redaction", "guard", "bookkeeping")


class Watch:
    """Adds up where the time goes. What runs inside another part is not that part's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inside: list[float] = []

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        self._inside.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            within = self._inside.pop()
            self.spent[part] = self.spent.get(part, 0.0) + (took - within) * 1000
            if self._inside:
                self._inside[-1] += took


class TimedPlaybook:
    """Finds what is to be said."""

    def __init__(self, base: Composer, watch: Watch) -> None:
        self._base, self._watch = base, watch

    def answer(self, question: str, **how: Any) -> Answer:
        with self._watch.on("retrieval"):
            return self._base.answer(question, **how)


class TimedGuard(Guard):
    """Weighs."""

    watch: Watch

    def weigh(self, *given: Any, **how: Any) -> Verdict:
        with self.watch.on("guard"):
            return super().weigh(*given, **how)


class TimedVeil(Veil):
    """Hides and reveals."""

    watch: Watch

    def hide(self, text: str) -> str:
        with self.watch.on("redaction"):
            return super().hide(text)

    def reveal(self, text: str) -> str:
        with self.watch.on("redaction"):
            return super().reveal(text)

    def leaks(self, text: str) -> bool:
        with self.watch.on("redaction"):
            return super().leaks(text)


class TimedModel:
    """Asks, and remembers the prompt."""

    def __init__(self, model: ChatModel, watch: Watch) -> None:
        self.name, self.remote, self._model, self._watch = model.name, model.remote, model, watch
        self.prompt = Prompt("", "", "")

    def write(self, prompt: Prompt, form: type[Form], **how: Any) -> Written[Form]:
        self.prompt = prompt
        with self._watch.on("model"):
            return self._model.write(prompt, form, **how)


class Round(NamedTuple):
    """One question: the whole answer, the bare call, and the parts, in milliseconds."""

    whole: float
    bare: float
    parts: dict[str, float]

    @property
    def ours(self) -> float:
        """What is ours of it: redaction, guard, bookkeeping."""
        return sum(self.parts[part] for part in PARTS[1:])


def loosely(asked: Asked) -> str:
    """Write a true answer of eight sentences, every second one in somewhat other words."""
    told = lines(asked, SENTENCES)
    other = [
        Line(_other(line.text, asked.japanese), line.passages) if place % 2 else line
        for place, line in enumerate(told)
    ]
    return form(asked, other)


def _other(text: str, japanese: bool) -> str:
    if japanese:
        return "社長のところなら、" + text.replace("ます。", "ていただくのがよいです。", 1)
    return f"In your case, {text[:1].lower()}{text[1:]}"


def main(nakodo: Nakodo) -> None:
    """Print the table."""
    warnings.filterwarnings("ignore", "Pydantic serializer")  # LangChain's own, of what it streams.
    watch = Watch()
    TimedGuard.watch = TimedVeil.watch = watch
    with ScriptedModel() as server:
        server.writers["loosely"] = loosely
        server.behave = "loosely"
        model = TimedModel(ChatModel("openai:scripted", url=server.url, key=SecretStr("none"), tokens=0), watch)
        playbook = TimedPlaybook(nakodo.playbook, watch)
        guard = TimedGuard()
        guard.prepare(nakodo.library)  # As `nakodo serve` does when it starts.
        coach = Fluent(playbook, nakodo.library, model, guard, nakodo.ear, veil=TimedVeil)
        ask = bare_call(server.url)
        puts = questions(nakodo)
        for one in puts[: len(puts) // 10]:
            measured(one, coach, model, ask, watch)
        rounds = [measured(one, coach, model, ask, watch) for one in puts]
    table([one for one in rounds if one is not None])


def questions(nakodo: Nakodo) -> list[dict[str, Any]]:
    """Return questions as they come in a room, each with a talk and a record around it."""
    cases = [json.loads(line) for line in (CASES / "aside.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = [case for case in cases if case["kind"] == "answer"]
    earlier = [Question(id="", question=case["question"]).put_to(nakodo.playbook).answer for case in wanted[:1]]
    asker = Asker(room="bench", names=NAMES, recent=tuple(case["question"] for case in wanted[1:4]))
    history = (
        Said(role="person", text=wanted[0]["question"], side="sme"),
        Said(role="bot", text=earlier[0], side="sme"),
    )
    situation = Situation(side="sme", stage="agreeing", nda="signed", theme="塗装前の傷を画像で見つけられるか")
    return [
        {
            "question": f"ルミナのLeeさんとの件です。{case['question']}"
            if case["lang"] == "ja"
            else f"About Lee of ルミナ: {case['question']}",
            "locale": case["lang"],
            "situation": situation,
            "history": history,
            "asker": asker,
        }
        for case in wanted[:ASKED]
    ]


def bare_call(url: str) -> Callable[[Prompt], object]:
    """Return what a LangChain user would write."""
    chat = init_chat_model("openai:scripted", base_url=url, api_key="none", max_retries=0)
    structured = chat.with_structured_output(Composed, method="json_schema")
    return lambda prompt: list(structured.stream([SystemMessage(prompt.system), HumanMessage(prompt.user)]))[-1]


def measured(
    put: dict[str, Any], coach: Fluent, model: TimedModel, ask: Callable[[Prompt], object], watch: Watch
) -> Round | None:
    """Measure one question, or return None where no model is asked."""
    watch.spent.clear()
    start = time.perf_counter()
    answer = coach.answer(**put)
    whole = (time.perf_counter() - start) * 1000
    if answer.trace is None or not answer.trace.verdicts:
        return None
    start = time.perf_counter()
    ask(model.prompt)
    bare = (time.perf_counter() - start) * 1000
    spent = dict(watch.spent)
    spent["bookkeeping"] = whole - sum(spent.values()) + max(0.0, spent.pop("model") - bare)
    return Round(whole, bare, {part: spent.get(part, 0.0) for part in PARTS})


def table(rounds: Sequence[Round]) -> None:
    """Print it."""
    print(f"\n{len(rounds)} answers of {SENTENCES} sentences with a language model that answers at once, in ms")
    print(f"{'':44}{'p50':>8}{'p95':>8}{'wanted':>10}")
    columns: list[tuple[str, list[float], str]] = [
        ("bare LangChain call", [one.bare for one in rounds], ""),
        ("our answer", [one.whole for one in rounds], ""),
        ("our answer minus the bare call", [one.whole - one.bare for one in rounds], ""),
        *((f"  {part}", [one.parts[part] for one in rounds], "") for part in PARTS),
        ("redaction, guard and bookkeeping together", [one.ours for one in rounds], f"<= {WANTED:.0f}"),
    ]
    for title, values, wanted in columns:
        p50, p95 = np.percentile(values, [50, 95])
        print(f"{title:44}{p50:>8.1f}{p95:>8.1f}{wanted:>10}")
