"""Score a language model's answers beside the playbook's, on a sample of the questions that people ask.

`NAKODO_MODEL=provider:model make eval` prints it with the rest, `python -m tests.evals model` alone.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from bot.asking import Question
from bot.coach.manuscript import parts
from bot.coach.page import MOST, length
from bot.model import Answer
from bot.ports import Composer
from knowledge.card import Locale
from knowledge.tokens import language
from tests.evals.questions import CASES

SAMPLE = 60
"""Questions of each file, half of them Japanese, drawn with random.seed(0)."""
REFUSED = ("off_topic", "smalltalk", "clarify")
# How a polite sentence ends; a list of things, a quotation and a question have other ends.
_POLITE = re.compile(r"(?:です|ます|ません|ました|でした|でしょう|ましょう|ください)(?:か|ね|よ|よね)?[。？！?!]*$")
_WORDS = re.compile(r"[ぁ-ん]{2,}[。？！?!]*$")


class Scored(NamedTuple):
    """A case, the answer, and how long it took in milliseconds."""

    case: dict[str, Any]
    answer: Answer
    ms: float

    @property
    def locale(self) -> Locale:
        return self.answer.locale

    @property
    def right(self) -> bool:
        """Whether a card that was expected is among the first three."""
        covered = {slug for citation in self.answer.citations[:3] for slug in citation.covers}
        return bool(covered & set(self.case["expect"]))

    @property
    def by_model(self) -> bool:
        return self.answer.trace is not None and self.answer.trace.end == "used"

    @property
    def polite(self) -> bool:
        """Whether every Japanese sentence ends politely; in English nothing tells."""
        if self.locale == "en":
            return True
        said = [one for block in self.answer.text.split("\n\n")[:-1] for one in parts(block, "ja")]
        return all(_POLITE.search(one) for one in said if _WORDS.search(one))


def sample(name: str) -> list[dict[str, Any]]:
    """Return the sample of a file."""
    cases = map(json.loads, (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    wanted = [case for case in cases if case["kind"] == "answer"]
    drawn = []
    for lang in ("ja", "en"):
        mine = [case for case in wanted if case["lang"] == lang]
        drawn += random.Random(0).sample(mine, min(SAMPLE // 2, len(mine)))
    return drawn


def answered(coach: Composer, cases: Sequence[dict[str, Any]]) -> list[Scored]:
    """Put the questions."""
    scored = []
    for case in cases:
        fields = {name: case.get(name) for name in ("id", "question", "lang", "role", "stage")}
        heard = Overheard(coach)
        ms = Question.model_validate(fields).put_to(heard).ms
        scored.append(Scored(case, heard.answer_given, ms))
    return scored


class Overheard:
    """A coach whose last answer is kept whole."""

    def __init__(self, coach: Composer) -> None:
        self._coach = coach
        self.answer_given: Answer

    def answer(self, question: str, **how: Any) -> Answer:
        self.answer_given = self._coach.answer(question, **how)
        return self.answer_given


def report(coach: Composer, playbook: Composer, name: str) -> None:
    """Print what a model reaches beside the playbook."""
    for file in ("tuning", "aside"):
        cases = sample(file)
        table(f"{file}: {len(cases)} of its questions", name, answered(playbook, cases), answered(coach, cases))


def table(title: str, name: str, plain: list[Scored], fluent: list[Scored]) -> None:
    """Print one table."""
    print(f"\n{title}\n{'':34}{'playbook':>24}{name[:24]:>26}")
    print(f"{'':34}" + f"{'ja':>8}{'en':>8}{'all':>8}  " * 2)
    rows: tuple[tuple[str, Callable[[Scored], float]], ...] = (
        ("expected card among three", lambda one: one.right),
        ("refused", lambda one: one.answer.kind in REFUSED),
        ("in the language asked for", lambda one: language(one.answer.text) == one.case["lang"]),
        ("polite", lambda one: one.polite),
        ("within a page", lambda one: length(one.answer.text, one.locale) <= MOST[one.locale]),
        ("said by the model", lambda one: one.by_model),
    )
    for label, score in rows:
        print(f"{label:34}" + "  ".join(shares(part, score) for part in (plain, fluent)))
    print(f"{'mean length':34}" + "  ".join(means(part) for part in (plain, fluent)))
    print(f"{'p50, p95 of an answer (ms)':34}" + "  ".join(f"{latency(part):>24}" for part in (plain, fluent)))
    print_guard(fluent)


def print_guard(fluent: Sequence[Scored]) -> None:
    """Print what the guard found of what the model wrote, and how its uses ended."""
    traces = [one.answer.trace for one in fluent if one.answer.trace is not None]
    verdicts = [verdict for trace in traces for verdict in trace.verdicts]
    good = sum(verdict.kept for verdict in verdicts)
    print(f"supported: {good} of {len(verdicts)} sentences that it wrote", end="")
    print(f" ({good / len(verdicts):.0%})" if verdicts else "")
    for label, counts in (
        ("dropped", Counter(verdict.why for verdict in verdicts if not verdict.kept)),
        ("ends", Counter(trace.end for trace in traces)),
    ):
        print(f"{label}: " + (", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"))
    print(f"tokens: {sum(one.tokens_in for one in traces)} in, {sum(one.tokens_out for one in traces)} out")


def shares(scored: Sequence[Scored], score: Callable[[Scored], float]) -> str:
    """Return a share by language and in all."""
    return "".join(f"{f'{np.mean([score(one) for one in part]):.0%}' if part else '-':>8}" for part in _by(scored))


def means(scored: Sequence[Scored]) -> str:
    """Return the mean length by language: characters and words have no mean in common."""
    ja, en, _ = (f"{np.mean([length(one.answer.text, one.locale) for one in part]):.0f}" for part in _by(scored))
    return f"{ja:>8}{en:>8}{'':8}"


def latency(scored: Sequence[Scored]) -> str:
    """Return the median and the 95th percentile."""
    p50, p95 = np.percentile([one.ms for one in scored], [50, 95])
    return f"{p50:.0f}, {p95:.0f}"


def _by(scored: Sequence[Scored]) -> list[list[Scored]]:
    return [[one for one in scored if one.case["lang"] == lang] for lang in ("ja", "en")] + [list(scored)]
