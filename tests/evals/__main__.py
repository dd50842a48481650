"""Score what can be scored, on cases that chose nothing: `make eval`.

`NAKODO_AMI=ami-ja-dev.json make eval` also plays real meeting talk (AMI in Japanese) and counts interruptions.
With NAKODO_MODEL, that language model's answers are scored beside the playbook's.
"""

import os
import sys
from pathlib import Path

from adapters.wiring import Nakodo
from bot.settings import load_settings
from tests.evals import calls, meeting, model, questions, reading, talks


def main() -> None:
    """Print all tables; the misses with --misses, one part with its name."""
    ami = os.environ.pop("NAKODO_AMI", None)
    nakodo = Nakodo(load_settings())
    every = {"questions", "reading", "model", "talks", "calls", "meeting"}
    parts = every & set(sys.argv) or every
    misses = "--misses" in sys.argv
    if "questions" in parts:
        questions.report(nakodo.playbook, misses=misses)
    if "reading" in parts:
        reading.report(nakodo.search, misses=misses)
    if "model" in parts and nakodo.model is not None:
        model.report(nakodo.coach, nakodo.playbook, nakodo.model.name)
    if "talks" in parts:
        talks.report(nakodo.ear, misses=misses)
    if "calls" in parts:
        calls.report(nakodo.ear, misses=misses)
    if "meeting" in parts and ami:
        meeting.report(Path(ami), nakodo.house, misses=misses)


if __name__ == "__main__":
    main()
