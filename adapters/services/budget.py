"""How many tokens a tenant may still spend today. Counted by day, in the zone where the programmes are."""

import threading
from collections import defaultdict
from datetime import date
from typing import Protocol


class Meter(Protocol):
    """Counts tokens by tenant and day, safely from many threads."""

    def spent(self, tenant: str, day: date) -> int:
        """Return the tokens that a tenant has spent on a day."""
        ...

    def spend(self, tenant: str, day: date, tokens: int) -> None:
        """Add tokens to what a tenant has spent on a day."""
        ...


class MemoryMeter:
    """Counts in memory, until the process ends."""

    def __init__(self) -> None:
        self._spent: defaultdict[tuple[str, date], int] = defaultdict(int)
        self._lock = threading.Lock()

    def spent(self, tenant: str, day: date) -> int:
        """Return the tokens that a tenant has spent on a day."""
        with self._lock:
            return self._spent.get((tenant, day), 0)

    def spend(self, tenant: str, day: date, tokens: int) -> None:
        """Add tokens to what a tenant has spent on a day."""
        with self._lock:
            self._spent[tenant, day] += tokens
