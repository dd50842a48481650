"""Score what can be scored, on cases that chose nothing: `make eval`.

`NAKODO_AMI=ami-ja-dev.json make eval` also plays real meeting talk (AMI in Japanese) and counts interruptions.
"""

import os
import sys
from pathlib import Path

from adapters.wiring import Nakodo
from bot.settings import load_settings
from tests.evals import calls, meeting, questions, talks


def main() -> None:
    """Print all tables; the misses with --misses, one part with its name."""
    ami = os.environ.pop("NAKODO_AMI", None)
    nakodo = Nakodo(load_settings())
    every = {"questions", "talks", "calls", "meeting"}
    parts = every & set(sys.argv) or every
    misses = "--misses" in sys.argv
    if "questions" in parts:
        questions.report(nakodo.coach, misses=misses)
    if "talks" in parts:
        talks.report(nakodo.ear, misses=misses)
    if "calls" in parts:
        calls.report(nakodo.ear, misses=misses)
    if "meeting" in parts and ami:
        meeting.report(Path(ami), nakodo.house, misses=misses)


if __name__ == "__main__":
    main()
