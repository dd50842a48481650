"""Masks what must not travel: secrets and ways to reach a person. Before a model, a log line or a note sees it."""

import re

_MASKS = (
    ("‹鍵›", re.compile(r"\b(?:sk|pk|xox[abprs]|ghp|AKIA)[-_A-Za-z0-9]{12,}\b")),
    ("‹鍵›", re.compile(r"(?i)(?<=password[:= ])\s*\S+|(?<=パスワードは)\s*\S+|(?<=pass[:=])\s*\S+")),
    ("‹メール›", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("‹番号›", re.compile(r"(?<!\d)(?:\d{4}[- ]){3}\d{4}(?!\d)")),
    ("‹電話›", re.compile(r"(?<![\d-])(?:\+\d{1,3}[- ]?)?0?\d{1,4}-\d{2,4}-\d{3,4}(?![\d-])")),
)


def masked(text: str) -> str:
    """Return a text with keys, passwords, mail addresses, card and telephone numbers masked."""
    for mask, pattern in _MASKS:
        text = pattern.sub(mask, text)
    return text
