"""Score the guard on labelled sentences: `python -m tests.evals.support`, with --misses for what went wrong.

A row is `{id, lang, cards, question, sentence, supported, why}`. `support-tuning.jsonl` and `support-own.jsonl`
(mostly statements turned round) chose the mix and the thresholds; `support-aside.jsonl` was written by another hand
and chose nothing. Each sentence names the lines of its cards; related cards lie beside them, as in an answer.
"""

import json
import sys
import time
from collections import Counter
from typing import Any, NamedTuple

from bot.coach.cite import Guard
from bot.coach.passages import passages_of
from bot.model import Verdict
from knowledge.card import Side
from knowledge.library import Library, load_library
from tests.evals.questions import CASES

CARDS = 3
"""Cards of one answer."""
SIDES: tuple[Side | None, ...] = (None, "sme", "startup", "facilitator")
"""Who asks is not told: a sentence that would go out to anybody counts as delivered."""
FILES = ("support-tuning", "support-own", "support-aside")


class Weighed(NamedTuple):
    """A labelled sentence and what the guard made of it."""

    row: dict[str, Any]
    verdict: Verdict
    ms: float


def weigh(rows: list[dict[str, Any]], library: Library, guard: Guard) -> list[Weighed]:
    """Put each sentence before the guard as it would come in an answer."""
    found = []
    for row in rows:
        own = [library[card] for card in row["cards"]]
        beside = [library[card] for card in own[0].front.related if card not in row["cards"]]
        for side in SIDES:
            passages = passages_of([*own, *beside][:CARDS], row["lang"], side)
            cited = [one.number for one in passages if one.card in row["cards"]]
            guard.weigh("", cited, passages, said=row["question"], locale=row["lang"])  # Lays the passages out.
            start = time.perf_counter()
            verdict = guard.weigh(row["sentence"], cited, passages, said=row["question"], locale=row["lang"])
            ms = (time.perf_counter() - start) * 1000
            if verdict.kept:
                break
        found.append(Weighed(row, verdict, ms))
    return found


def report(*, misses: bool = False, files: tuple[str, ...] = FILES) -> None:
    """Print the tables, and what went wrong if that is wanted."""
    library, guard = load_library(), Guard()
    for name in files:
        path = CASES / f"{name}.jsonl"
        if not path.exists():
            continue
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        weighed = weigh(rows, library, guard)
        print(f"\n{name}: {len(rows)} sentences")
        table(weighed)
        if misses:
            for one in weighed:
                if one.verdict.kept is not one.row["supported"]:
                    wanted = one.row["why"] or "supported"
                    print(f"  {one.row['id']} {wanted} > {one.verdict.why or 'kept'}: {one.row['sentence']}")


def table(weighed: list[Weighed]) -> None:
    """Print, by language and kind, how many are delivered."""
    for lang in ("ja", "en"):
        mine = [one for one in weighed if one.row["lang"] == lang]
        total, kept = (
            Counter(one.row["why"] for one in mine),
            Counter(one.row["why"] for one in mine if one.verdict.kept),
        )
        bad = sum(total.values()) - total[""]
        print(
            f"{lang}: supported {kept['']}/{total['']} kept ({kept[''] / max(1, total['']):.0%}), "
            f"unsupported {sum(kept.values()) - kept['']}/{bad} delivered"
        )
        for why in sorted(set(total) - {""}):
            print(f"    {why:10}{kept[why]:>4} of {total[why]:>3} delivered")
        dropped = Counter(one.verdict.why for one in mine if one.row["supported"] and not one.verdict.kept)
        print(f"    supported ones were dropped for {dict(dropped.most_common())}")
    ms = sorted(one.ms for one in weighed)
    print(f"p50, p95 of a sentence (ms): {ms[len(ms) // 2]:.1f}, {ms[int(len(ms) * 0.95)]:.1f}")


if __name__ == "__main__":
    wanted = tuple(name for name in FILES if any(name.endswith(word) for word in sys.argv[1:])) or FILES
    report(misses="--misses" in sys.argv, files=wanted)
