"""Score how messages are understood: who asks and whether an NDA is signed, and what goes on from an answer."""

from collections import Counter

from bot.coach.reading import Reader
from bot.model import Said, Situation
from knowledge.search import CardSearch
from knowledge.train import read_rows
from tests.evals.questions import CASES


def report(search: CardSearch, *, misses: bool = False) -> None:
    """Print what is read of single questions, and of second ones."""
    reader = Reader(search)
    for name in ("situations-aside", "ndas-aside"):
        _situations(name, reader, misses=misses)
    for name in ("followups-tuning", "followups-aside"):
        _followups(name, reader, misses=misses)


def _situations(name: str, reader: Reader, *, misses: bool) -> None:
    rows = read_rows(CASES / f"{name}.jsonl")
    print(f"\n{name}: read of {len(rows)} questions, as it is > as it is taken")
    for about in (one for one in ("nda", "side") if one in rows[0]):
        read = [(row[about], reader.read(row["text"], Situation(), ()).situation.model_dump()[about]) for row in rows]
        print(
            f"{about:5}"
            + ", ".join(f"{is_} > {taken}: {n}" for (is_, taken), n in sorted(Counter(read).items(), key=str))
        )
        for row, (is_, taken) in zip(rows, read, strict=True):
            if misses and taken not in (is_, None):
                print(f"  {is_} > {taken}  {row['text']}")


def _followups(name: str, reader: Reader, *, misses: bool) -> None:
    print(f"\n{name}: said after an answer")
    found: dict[str, list[bool]] = {}
    for row in read_rows(CASES / f"{name}.jsonl"):
        history = (Said(role="person", text=row["question"]), Said(role="bot", text="…"))
        answered = reader.read(row["then"], Situation(), history, among=True).kind == "on_topic"
        found.setdefault(row["kind"], []).append(answered)
        if misses and answered != (row["kind"] == "goes_on"):
            print(f"  {row['kind']}  {row['then']}")
    for kind, answers in found.items():
        print(f"{kind:10} answered {sum(answers)} of {len(answers)}")
