"""Count the calls for a human that are heard where nobody calls: in the questions that people ask the coach."""

from collections import Counter

from bot.ports import Listener
from knowledge.ear import Words
from knowledge.train import read_rows
from tests.evals.questions import CASES

HEARD = 0.5


def report(ear: Listener, *, misses: bool = False) -> None:
    """Print how many of the questions would call a human away from other work."""
    texts = [row["question"] for name in ("tuning", "aside") for row in read_rows(CASES / f"{name}.jsonl")]
    heard = {
        text: [name for name, sound in ear.hear(Words(text)).calls.items() if sound.score >= HEARD] for text in texts
    }
    false = {text: names for text, names in heard.items() if names}
    by_name = dict(Counter(name for names in false.values() for name in names))
    print(f"\ncalls for a human heard in {len(texts)} questions: {len(false)} {by_name}")
    for text, names in false.items() if misses else ():
        print(f"  {names} {text}")
