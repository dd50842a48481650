"""How many tokens a tenant may still spend today."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.errors import ModelError


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


def today_in_japan() -> date:
    """Return the day as the programmes count it."""
    return datetime.now(ZoneInfo("Asia/Tokyo")).date()


class Purse:
    """What each tenant may spend in a day; `limit` 0 is without limit."""

    def __init__(self, meter: Meter, limit: int, today: Callable[[], date]) -> None:
        self._meter, self._limit, self._today = meter, limit, today
        self._held: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def left(self, tenant: str) -> int | None:
        """Return what a tenant has left today; None is without limit."""
        return max(0, self._limit - self._meter.spent(tenant, self._today())) if self._limit else None

    @contextmanager
    def holding(self, tenant: str, tokens: int) -> Iterator[None]:
        """Keep tokens back for a call, so that many at once do not spend the same ones.

        Raises:
            ModelError: the tenant has not so many left.
        """
        with self._lock:
            others = self._held[tenant]
            self._held[tenant] += tokens
        try:
            # Whoever ends in between has paid before letting go, so what they held counts twice rather than never.
            left = self.left(tenant)
            if left is not None and left - others < tokens:
                raise ModelError("budget", "the tokens of the day are spent")
            yield
        finally:
            with self._lock:
                self._held[tenant] -= tokens

    def pay(self, tenant: str, tokens: int) -> None:
        """Count what a call has cost."""
        if tokens:
            self._meter.spend(tenant, self._today(), tokens)


def estimated(text: str) -> int:
    """Return about how many tokens a text is, where nobody counted: one a Japanese character, one a short word."""
    plain = len(text.encode("ascii", "ignore"))
    return len(text) - plain + (plain + 3) // 4
