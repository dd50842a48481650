"""How Telegram says no, and how it counts."""

import math
from typing import Any, NoReturn

Json = dict[str, Any]


class RefusalError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def body(self) -> Json:
        """Return what goes over the wire."""
        shape: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return shape | ({"parameters": self.parameters} if self.parameters else {})


def bad(words: str) -> NoReturn:
    """Refuse with 400; Telegram writes the first letter small unless the words are a constant."""
    shouted = len(words) > 1 and (words[1] == "_" or words[1].isupper())
    raise RefusalError(400, f"Bad Request: {words if shouted else words[:1].lower() + words[1:]}")


def too_many(seconds: float) -> RefusalError:
    """Return the 429 that asks to wait."""
    wait = max(1, math.ceil(seconds))
    return RefusalError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


def units(text: str) -> int:
    """Count as Telegram counts: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def listed(words: str) -> list[str]:
    """Return words as a list."""
    return words.split()
