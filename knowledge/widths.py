"""Folds the widths of characters, and knows where each came from."""

import re
import unicodedata
from typing import NamedTuple


class Folded(NamedTuple):
    """A text with its widths folded: １０ is 10, ｱ is ア. None is a text that was so already."""

    text: str
    places: tuple[list[int], list[int]] | None
    """Where each character begins and ends in the text as it was written."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the folded text stands in the text as it was written."""
        return (self.places[0][start], self.places[1][end - 1]) if self.places else (start, end)


# What folding may change: a character with the marks that belong to it (ｶﾞ becomes one ガ), and whatever is not plain.
_FOLDS = re.compile(
    r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]+|[^\x00-\x7fぁ-んァ-ヶー一-鿿、。「」・²³㎡㎥]", re.DOTALL
)


def fold(text: str) -> Folded:
    """Return the text with its widths folded. m² and ㎡ stay as they are."""
    if unicodedata.is_normalized("NFKC", text):
        return Folded(text, None)
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for cluster in _FOLDS.finditer(text):
        start, end = cluster.span()
        plain = unicodedata.normalize("NFKC", cluster[0])
        folded += (text[at:start], plain)
        starts += (*range(at, start), *[start] * len(plain))
        ends += (*range(at + 1, start + 1), *[end] * len(plain))
        at = end
    folded.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Folded("".join(folded), (starts, ends))
