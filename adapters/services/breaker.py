"""A circuit breaker: whoever failed often in a row is left alone for a while, then tried once.

pybreaker is the usual choice, but it holds its lock while the call runs, so all turns would wait for each other.
"""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Counts failures in a row, from many threads. Who was admitted says afterwards how it went."""

    def __init__(self, *, failures: int = 5, rest: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rest, self._clock = failures, rest, clock
        self._row = 0
        self._until: float | None = None
        self._prober: int | None = None
        """The thread of the call that is tried after a rest."""
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether a call may go out now. After a rest one may, and the others wait for how it went."""
        with self._lock:
            if self._until is None:
                return True
            if self._prober is not None or self._clock() < self._until:
                return False
            self._prober = threading.get_ident()
            return True

    def over(self, good: bool | None) -> None:
        """Hear, on its own thread, how an admitted call went; None if it says nothing about the other end.

        A call that was out before the rest may come back while another is tried: it says nothing of that one.
        """
        with self._lock:
            probed = self._prober == threading.get_ident()
            if probed:
                self._prober = None
            if good:
                self._row, self._until = 0, None
            elif good is not None:
                self._row += 1
                if probed or self._row >= self._most:
                    self._until = self._clock() + self._rest
