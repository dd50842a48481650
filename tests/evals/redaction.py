"""Score the veil: how much of what must not leave is hidden, and how much of the rest stays readable."""

import json
import sys
from pathlib import Path

from bot.redact import Veil

CASES = Path(__file__).parent / "cases"


def score(path: Path, *, misses: bool = False) -> tuple[int, int, int, int]:
    """Return (hidden, to hide, readable, to keep); the misses are printed if asked for."""
    hidden = to_hide = readable = to_keep = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        veil = Veil("room", case["known"])
        text = veil.hide(case["text"])
        left = [word for word in case["hide"] if _shows(word, text, case)]
        lost = [word for word in case["keep"] if word not in text]
        hidden += len(case["hide"]) - len(left)
        to_hide += len(case["hide"])
        readable += len(case["keep"]) - len(lost)
        to_keep += len(case["keep"])
        if misses and (left or lost):
            print(case["id"], "shown:", left, "lost:", lost, "|", text.replace("\n", " / "))
        assert veil.reveal(text) == case["text"], case["id"]
        assert not veil.leaks(text), case["id"]
    return hidden, to_hide, readable, to_keep


def _shows(word: str, text: str, case: dict[str, object]) -> bool:
    """Whether a word is still there, more often than the words to keep hold it."""
    keep = case["keep"]
    assert isinstance(keep, list)
    return text.count(word) > sum(kept.count(word) for kept in keep if kept in text)


def main() -> None:
    """Print a line for each file of cases; what was missed, of the tuning cases only, with --misses."""
    for name in ("redact-tuning", "redact-aside"):
        path = CASES / f"{name}.jsonl"
        if path.exists() and ("tuning" in name or "--tuning" not in sys.argv):
            hidden, to_hide, readable, to_keep = score(path, misses="--misses" in sys.argv and "tuning" in name)
            print(
                f"{name:14} hidden {hidden}/{to_hide} = {hidden / max(to_hide, 1):.3f}   "
                f"readable {readable}/{to_keep} = {readable / max(to_keep, 1):.3f}"
            )


if __name__ == "__main__":
    main()
