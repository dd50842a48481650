"""Hides what must not travel: secrets and ways to reach a person before a log line or a note sees them (`masked`);
before a language model also names, addresses and figures (`Veil`), which come back in its answer."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from knowledge.widths import fold

if TYPE_CHECKING:
    from bot.telltale import Kind

_MASKS = (
    ("‹鍵›", re.compile(r"\b(?:sk|pk|xox[abprs]|ghp|AKIA)[-_A-Za-z0-9]{12,}\b")),
    ("‹鍵›", re.compile(r"(?i)(?<=password[:= ])\s*\S+|(?<=パスワードは)\s*\S+|(?<=pass[:=])\s*\S+")),
    # Looked for once in a run of letters: a long one without an @ would be read again from each of them.
    ("‹メール›", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")),
    ("‹番号›", re.compile(r"(?<!\d)(?:\d{4}[- ]){3}\d{4}(?!\d)")),
    ("‹電話›", re.compile(r"(?<![\d-])(?:\+\d{1,3}[- ]?)?0?\d{1,4}-\d{2,4}-\d{3,4}(?![\d-])")),
)


def masked(text: str) -> str:
    """Return a text with keys, passwords, mail addresses, card and telephone numbers masked."""
    for mask, pattern in _MASKS:
        text = pattern.sub(mask, text)
    return text


_SIGNS: "dict[Kind, str]" = {
    "person": "人",
    "firm": "社",
    "place": "所",
    "thing": "名",
    "figure": "数",
    "secret": "鍵",
}
# Consonants only, so that no placeholder is a word, and no figure for a guard to stumble over.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_STEM, _TAIL = 5, 2
_OPEN, _CLOSE = r"[‹<〈《«「『\[({【〔⟨≪“\"'`]", r"[›>〉》»」』\])}】〕⟩≫”\"'`]"
_SIGN = r"(?:[人社所名数鍵]|person|people|firm|company|place|name|thing|figure|number|secret|key)"
_LETTER = f"[{_LETTERS}{_LETTERS.lower()}]"
_MARK = re.compile(
    rf"‹*{_OPEN}\s*(?:{_SIGN}\s*[:_-]?\s*)?"
    rf"(?P<framed>{_LETTER}(?:[ \t_-]?{_LETTER}){{{_STEM + _TAIL - 1}}})\s*{_CLOSE}›*"
    rf"|(?<![A-Za-z0-9])(?:{_SIGN}[ :_-]?)?(?P<bare>{_LETTER}{{{_STEM + _TAIL}}})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""A placeholder, however a model writes it: <人 bcdfghj>, [person: BCDFGHJ], BCDFGHJ."""
_BROKEN = re.compile(
    rf"[‹›]|{_OPEN}\s*{_SIGN}\s*[:_-]?\s*{_LETTER}{{2,9}}\s*{_CLOSE}"
    rf"|[人社所名数鍵][ :_-]?[{_LETTERS}]{{5,9}}(?![A-Za-z])|(?<![A-Za-z])[{_LETTERS}]{{6,9}}(?![A-Za-z])"
)
"""What is left of a placeholder that went wrong."""
_TYPED = re.compile(f"{_MARK.pattern}|(?-i:{_BROKEN.pattern})", re.IGNORECASE)
"""What somebody typed in these shapes is hidden too: it comes back as typed, and as nobody's name."""


class Veil:
    """What hides names, addresses, figures and secrets of one room, and knows what it has hidden.

    A placeholder is `‹人KQXTBDF›`: its kind, and letters that a keyed hash makes of the name. The same name has the
    same letters whenever the key is the same; of the forms of one name (栃ノ木精密, 栃ノ木) the first five are the
    same. Who knows the key can try names out, so it must hold a secret of the house beside the room.
    """

    def __init__(self, key: str, known: Sequence[str]) -> None:
        self._key = hashlib.sha256(key.encode()).digest()
        from bot.telltale import Telltales  # heavy, and nobody needs it without a language model

        self._telltales = Telltales(known)
        self._shown: dict[str, str] = {}  # letters: what they stand for
        self._letters: dict[tuple[str, str], str] = {}
        self._kinds: dict[str, Kind] = {}
        for name in known:
            self._lettered(name, self._telltales.meant(name))

    def hide(self, text: str) -> str:
        """Return the text with a placeholder for whatever may tell who or what it is about."""
        parts, at = [], 0
        for start, end, find in self._telltales.finds(text, _TYPED):
            parts += [text[at:start], self._placeholder(text[start:end], find.kind, find.meant)]
            at = end
        hidden = "".join([*parts, text[at:]])
        if self.reveal(hidden) == text:
            return hidden
        # What stands beside a placeholder makes another one of it: then nothing of the text is shown.
        return self._placeholder(text, "secret", text)

    def reveal(self, text: str) -> str:
        """Return the text with what was hidden in place of its placeholders, in whatever shape they came back."""
        parts, at = [], 0
        for start, end, letters in self._marks(text):
            if letters in self._shown:
                parts += [text[at:start], self._shown[letters]]
                at = end
        return "".join([*parts, text[at:]])

    def leaks(self, text: str) -> bool:
        """Whether a placeholder that was never given out, or a broken one, is left in the text."""
        rest, at = [], 0
        for start, end, letters in self._marks(text):
            if letters not in self._shown:
                return True
            rest.append(text[at:start])
            at = end
        return bool(_BROKEN.search("□".join([*rest, text[at:]])))

    def _marks(self, text: str) -> Iterator[tuple[int, int, str]]:
        folded = fold(text)
        for mark in _MARK.finditer(folded.text):
            yield (*folded.original(*mark.span()), re.sub(r"[\s_-]", "", mark["framed"] or mark["bare"]).upper())

    def _placeholder(self, original: str, kind: "Kind", meant: str) -> str:
        return f"‹{_SIGNS[self._kinds.setdefault(meant, kind)]}{self._lettered(original, meant)}›"

    def _lettered(self, original: str, meant: str) -> str:
        """Return the letters of what was written, and remember them."""
        if (original, meant) not in self._letters:
            for again in range(1 << 16):  # a second name on the same letters gets others
                stem = self._hashed(f"{meant}\0{again}", _STEM)
                letters = stem + self._hashed(f"{meant}\0{original}\0{again}", _TAIL)
                if self._shown.setdefault(letters, original) == original:
                    break
            self._letters[original, meant] = letters
        return self._letters[original, meant]

    def _hashed(self, text: str, length: int) -> str:
        number = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key).digest()[:8])
        return "".join(_LETTERS[number // len(_LETTERS) ** i % len(_LETTERS)] for i in range(length))
