"""Score the coach on questions as people ask them.

`tuning.jsonl` chose the weights; `aside.jsonl` was written from the inventory alone, by a hand that had read neither
cards nor asks, and chooses nothing. The second table is the one to believe.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bot.asking import AskReply, Question
from bot.ports import Composer

CASES = Path(__file__).parent / "cases"


class Judged(NamedTuple):
    """A case and its reply."""

    case: dict[str, Any]
    reply: AskReply

    @property
    def rank(self) -> int | None:
        """The place of the first citation that covers an expected row; the first is 1."""
        wanted = set(self.case["expect"])
        places = (i for i, citation in enumerate(self.reply.citations, 1) if wanted & set(citation.covers))
        return next(places, None)


def report(coach: Composer, *, misses: bool = False) -> None:
    """Print the tables, and what went wrong if that is wanted."""
    for path in (CASES / "tuning.jsonl", CASES / "aside.jsonl"):
        judged = []
        for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            fields = {name: case.get(name) for name in ("id", "question", "lang", "role", "stage")}
            judged.append(Judged(case, Question.model_validate(fields).put_to(coach)))
        print(f"\n{path.stem}: {len(judged)} questions")
        table(judged)
        if misses:
            print_misses(judged)


def table(judged: list[Judged]) -> None:
    """Print one table."""
    print(f"{'':34}{'ja':>8}{'en':>8}{'all':>8}{'wanted':>10}")
    answerable = [j for j in judged if j.case["kind"] == "answer"]
    scored = [j for j in judged if j.case["expect"]]
    row("expected card first", answerable, lambda j: j.rank == 1, ">= 60 %")
    row("expected card among three", answerable, lambda j: j.rank is not None, ">= 80 %")
    row("MRR of three, all with a card", scored, lambda j: 1 / j.rank if j.rank else 0, "")
    row(
        "wrongly refused",
        answerable,
        lambda j: j.reply.kind in ("off_topic", "clarify", "smalltalk"),
        "<= 4 %",
    )
    row("answered as not in the report", answerable, lambda j: j.reply.kind == "not_in_report", "")
    kinds = {
        "not_in_report": ("not in report, recognised", ("not_in_report",), ">= 70 %"),
        "off_topic": ("off topic, answered all the same", ("answer", "not_in_report"), "<= 8 %"),
        "smalltalk": ("small talk, recognised", ("smalltalk",), ""),
        "clarify": ("too thin, asked back", ("clarify",), ""),
        "injection": ("instructions, answered or declined", ("answer", "off_topic", "not_in_report"), ""),
    }
    for kind, (title, good, wanted) in kinds.items():
        mine = [j for j in judged if j.case["kind"] == kind]
        row(title, mine, lambda j, good=good: j.reply.kind in good, wanted)
    ms = sorted(j.reply.ms for j in judged)
    print(f"{'p50, p95 of an answer (ms)':34}{ms[len(ms) // 2]:>16.0f}{ms[int(len(ms) * 0.95)]:>8.0f}{'<= 80':>10}")


def row(title: str, judged: list[Judged], score: Callable[[Judged], float], wanted: str) -> None:
    """Print one row, by language and in all."""
    if not judged:
        return
    by = [[j for j in judged if j.case["lang"] == lang] for lang in ("ja", "en")] + [judged]
    shares = "".join(f"{100 * mean(score(j) for j in part):>7.1f}%" if part else f"{'-':>8}" for part in by)
    print(f"{title:34}{shares}{wanted:>10}")


def mean(values: Iterable[float]) -> float:
    """Return the mean."""
    listed = list(values)
    return sum(listed) / len(listed)


def print_misses(judged: list[Judged]) -> None:
    """Print what went wrong."""
    for j in judged:
        wrong = j.rank != 1 if j.case["kind"] == "answer" else j.reply.kind != j.case["kind"]
        if wrong:
            cited = ", ".join(citation.card for citation in j.reply.citations)
            print(
                f"  {j.case['id']} {j.case['kind']}>{j.reply.kind} [{cited}] {j.case['expect']} {j.case['question']}"
            )
