"""The clauses of a sentence, each with its text and its words."""

import re
from bisect import bisect
from collections.abc import Iterator
from itertools import pairwise

from knowledge.card import Locale
from knowledge.grammar import Word
from knowledge.line import Line

_AND_IT = re.compile(
    r"(?:\b(?:and|or)|(?<!long )(?<!soon )(?<!far )(?<!same )\bas)\s+"
    r"(?:i|it|they|we|you|he|she|that|this|there|these|those|nobody|everybody)\b"
)
_SUPPOSES: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"^(?:社長|代表|先生|皆さん|皆さま)(?:さん|様)?、?$|(?:たら|なら|[えけげせてねべめれ]ば|[てで]も|(?:とき|時|場合)(?:ほど)?|[るいた]と)[はにも]?[、。]?\s*$"
    ),
    "en": re.compile(
        r"^\W*(?:in (?:your|this|that|such a) (?:case|situation)|"
        r"if|unless|until|when|whenever|whether|where|wherever)\b"
    ),
}


def supposes(clause: str, locale: Locale) -> bool:
    """Whether a clause only says to whom, or under which condition, the rest is said."""
    return _SUPPOSES[locale].search(clause) is not None


def clauses(line: Line) -> Iterator[tuple[str, list[Word]]]:
    """Yield the clauses of a line that have words: their text and their words."""
    breaks = [match.start() for match in _AND_IT.finditer(line.text)] if line.locale == "en" else []
    found: dict[tuple[int, int], list[Word]] = {}
    for word in line.words:
        found.setdefault((word.clause, bisect(breaks, word.at)), []).append(word)
    parts = list(found.values())
    starts = [0, *(_begins(line, last[-1], first[0]) for last, first in pairwise(parts)), len(line.text)]
    for words, (start, end) in zip(parts, pairwise(starts), strict=True):
        yield line.text[start:end], words


def _begins(line: Line, last: Word, first: Word) -> int:
    """Return where a clause begins: in Japanese behind a mark, in English behind the last word before it."""
    if line.locale == "ja":
        return max(line.text.rfind(mark, last.at, first.at) for mark in "、。,(（") + 1 or first.at
    return last.at + len(last.plain)
