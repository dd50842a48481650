"""Score the guard on labelled sentences: `python -m tests.evals.support`, with --misses for what went wrong.

A row is `{id, lang, cards, question, sentence, supported, why}`. The files are by several hands (`support-own.jsonl`
is mostly statements turned round). They taught the guard what counts how much, so what it scores on them flatters it;
`support-aside.jsonl` taught it nothing.
`--train` learns again and prints, for several thresholds, what is kept and delivered of cards that were held out.
Each sentence names the lines of its cards; related cards lie beside them, as in an answer.
"""

import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bot.coach.cite import CARRIES, Guard, Weighing, repeats
from bot.coach.passages import Passage, passages_of
from bot.coach.proof import laid_out
from bot.model import Verdict
from knowledge.card import Side
from knowledge.library import Library, load_library
from knowledge.measure import Measure, score
from tests.evals.questions import CASES

CARDS = 3
"""Cards of one answer."""
SIDES: tuple[Side | None, ...] = (None, "sme", "startup", "facilitator")
"""Who asks is not told: a sentence that would go out to anybody counts as delivered."""
TAUGHT = ("support-tuning", "support-own", "support-other", "support-more")
FILES = (*TAUGHT, "support-aside")


class Weighed(NamedTuple):
    """A labelled sentence and what the guard made of it."""

    row: dict[str, Any]
    verdict: Verdict
    ms: float


def laid(row: dict[str, Any], library: Library, side: Side | None) -> tuple[tuple[Passage, ...], list[int]]:
    """Return the passages before which a sentence comes, and the numbers that it names."""
    own = [library[card] for card in row["cards"]]
    beside = [library[card] for card in own[0].front.related if card not in row["cards"]]
    passages = passages_of([*own, *beside][:CARDS], row["lang"], side)
    return passages, [one.number for one in passages if one.card in row["cards"]]


def read(name: str) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    lines = (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def weigh(rows: list[dict[str, Any]], library: Library, guard: Guard) -> list[Weighed]:
    """Put each sentence before the guard as it would come in an answer."""
    found = []
    for row in rows:
        for side in SIDES:
            passages, cited = laid(row, library, side)
            guard.weigh("", cited, passages, said=row["question"], locale=row["lang"])  # Lays the passages out.
            start = time.perf_counter()
            verdict = guard.weigh(row["sentence"], cited, passages, said=row["question"], locale=row["lang"])
            ms = (time.perf_counter() - start) * 1000
            if verdict.kept:
                break
        found.append(Weighed(row, verdict, ms))
    return found


def report_spliced(library: Library, guard: Guard) -> None:
    """Print what becomes of sentences that are joined of two lines."""
    rows = spliced(library)
    print(f"\njoined of lines of one card (supported) or of two: {len(rows)} sentences")
    table(weigh(rows, library, guard))


def report(*, misses: bool = False, files: tuple[str, ...] = FILES) -> None:
    """Print the tables, and what went wrong if that is wanted."""
    library, guard = load_library(), Guard()
    for name in files:
        if not (CASES / f"{name}.jsonl").exists():
            continue
        rows = read(name)
        weighed = weigh(rows, library, guard)
        print(f"\n{name}: {len(rows)} sentences")
        table(weighed)
        if misses:
            for one in weighed:
                if one.verdict.kept is not one.row["supported"]:
                    wanted = one.row["why"] or "supported"
                    print(f"  {one.row['id']} {wanted} > {one.verdict.why or 'kept'}: {one.row['sentence']}")
    if files == FILES:
        report_spliced(library, guard)


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


# Learning what counts


_SENTENCE = {"ja": re.compile(r"[^。]{12,60}(?=。)"), "en": re.compile(r"[A-Z][^.]{30,140}(?=\.)")}
_JOINED: dict[str, tuple[str, ...]] = {
    "ja": ("{a}。{b}。", "{a}、また、{b}。", "{a}ので、{b}。", "{a}が、{b}。", "{a}し、{b}。"),
    "en": ("{a}. {b}.", "{a}, and {b}.", "{a}, so {b}.", "Since {a}, {b}.", "{a}, while {b}."),
}
SPLICED = 150
"""Sentences of each language and kind that are joined of two lines."""


def spliced(library: Library) -> list[dict[str, Any]]:
    """Join lines of one card, which it carries, and lines of two, of which the first carries but one."""
    chance, found = random.Random(0), list[dict[str, Any]]()
    cards = list(library.cards.values())
    for lang in ("ja", "en"):
        for number in range(SPLICED * 2):
            true = number % 2 == 0
            one, other = chance.sample(cards, 2)
            if other.front.id in one.front.related:
                continue
            mine, theirs = (
                [
                    text
                    for passage in passages_of([card], lang, None)
                    for text in _SENTENCE[lang].findall(passage.text)
                ]
                for card in (one, one if true else other)
            )
            if len(mine) < 2 or not theirs:
                continue
            first = chance.choice(mine)
            second = chance.choice([text for text in theirs if text != first] or theirs)
            a, b = (first, second) if number % 4 < 2 else (second, first)
            found.append({
                "id": f"{lang}{number}", "lang": lang, "cards": [one.front.id], "question": "", "supported": true,
                "why": "" if true else "foreign", "sentence": chance.choice(_JOINED[lang]).format(a=a, b=b),
            })  # fmt: skip
    return found


FOLDS, ROUNDS, SOFTNESS = 8, 4, 0.3


class Example(NamedTuple):
    """A labelled sentence, and what was measured of it for each side; `settled` where words alone decide."""

    row: dict[str, Any]
    measures: tuple[Measure, ...]
    settled: float | None

    @property
    def group(self) -> str:
        """What is held out together."""
        return str(self.row["cards"][0])


def examples(rows: list[dict[str, Any]], library: Library) -> list[Example]:
    """Measure the sentences, each as it would come in an answer."""
    found = []
    for row in rows:
        measures: list[Measure] = []
        kept = False
        for side in SIDES:
            passages, cited = laid(row, library, side)
            weighing = Weighing(row["sentence"], laid_out(passages, row["question"], row["lang"]), row["lang"])
            why, _ = weighing.judged(cited, asked=False)
            sure = [one for one in weighing.measures if repeats(one) and not one.contrary and not one.turned]
            kept = kept or bool(sure) or (not why and not weighing.measures)
            measures += weighing.measures
        found.append(Example(row, tuple(measures), 99.0 if kept else None if measures else -99.0))
    return found


def learned(some: Sequence[Example]) -> tuple[Measure, float]:
    """Return what each thing seen counts, and the bias."""
    from sklearn.linear_model import LogisticRegression

    pairs = [(one, measure) for one in some if one.settled is None for measure in one.measures]
    seen = np.array([measure._replace(weakest=0.0, run=0.0) for _, measure in pairs])
    middle, spread = seen.mean(0), seen.std(0) + 1e-6
    model = LogisticRegression(C=SOFTNESS, max_iter=1000)
    labels = [one.row["supported"] for one, _ in pairs]
    model.fit((seen - middle) / spread, labels, sample_weight=[1 / len(one.measures) for one, _ in pairs])
    weights = model.coef_[0] / spread
    return Measure(*map(float, weights)), float(model.intercept_[0] - weights @ middle)


def scored(one: Example, weights: Measure, bias: float) -> float:
    """Return the best score of a sentence."""
    if one.settled is not None:
        return one.settled
    return max(score(measure, weights, bias) for measure in one.measures)


def train() -> None:
    """Print what is learned, and how it does on cards that were held out."""
    library = load_library()
    sets = {name: examples(read(name), library) for name in TAUGHT}
    everything = [one for some in sets.values() for one in some]
    groups = sorted({one.group for one in everything})
    sums = {id(one): 0.0 for one in everything}
    for number in range(ROUNDS):
        np.random.default_rng(number).shuffle(groups)
        fold = {group: place % FOLDS for place, group in enumerate(groups)}
        for held in range(FOLDS):
            weights, bias = learned([one for one in everything if fold[one.group] != held])
            for one in everything:
                if fold[one.group] == held:
                    sums[id(one)] += scored(one, weights, bias) / ROUNDS
    chosen = (CARRIES, *np.arange(1.0, 3.3, 0.2))
    for name, some in {
        **sets,
        "all but support-own": [o for n, s in sets.items() if n != "support-own" for o in s],
    }.items():
        print(f"\n{name}, held out")
        for least in chosen:
            line = f"  {least:4.1f}"
            for lang in ("ja", "en"):
                mine = [one for one in some if one.row["lang"] == lang]
                true = [one for one in mine if one.row["supported"]]
                kept, bad = (
                    sum(sums[id(one)] >= least for one in mine if one.row["supported"] is wanted)
                    for wanted in (True, False)
                )
                line += f"   {lang}: kept {kept / len(true):.0%}, delivered {bad} of {len(mine) - len(true)}"
            print(line)
    weights, bias = learned(everything)
    print("\nWEIGHTS = Measure(")
    for name, weight in weights._asdict().items():
        print(f"    {name}={weight:.2f},")
    print(f")\nBIAS = {bias:.2f}")


if __name__ == "__main__":
    if "--train" in sys.argv:
        train()
        sys.exit()
    wanted = tuple(name for name in FILES if any(name.endswith(word) for word in sys.argv[1:])) or FILES
    report(misses="--misses" in sys.argv, files=wanted)
