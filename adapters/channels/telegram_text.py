"""What Nakodo says, as Telegram shows it: text with marks on it, cut into pages, and buttons.

Lengths are UTF-16 units, as Telegram counts. Of Markdown only what the prompts write is read (headings, bullets,
**bold**, > quotations); whatever else looks like Markdown is somebody's words, and stays as it was written.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import NamedTuple

from telegramify_markdown import RenderConfig, convert

from adapters.post import Parcel
from bot.commands import label
from bot.model import Text
from knowledge.card import Locale

PAGE = 4_096
AGAIN = Text(ja="（念のため、もう一度お送りします）\n", en="(Sending this again, to be safe.)\n")
_ROOM = PAGE - 64
"""A page leaves room for the line that says that it may be a repeat."""
MOST_CHOICES = 90
"""Telegram shows a hundred buttons."""
LABEL, ROW, IN_A_ROW = 60, 24, 4
"""Cells of a label and of a row, and labels in a row; a Japanese character fills two cells."""
BULLETS: dict[Locale, str] = {"ja": "・", "en": "• "}
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_QUOTED = re.compile(r">[ \t]?(.*)")
_BULLET = re.compile(r"([ \t]*)[-*+][ \t]+(.*)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_FENCE = "\ue000"
"""Stands inside bold while it is read: beside Japanese brackets Markdown would not see it end."""
_ENDS, _CLOSES, _PAUSES = "。！？!?…", "」』）)”’\"'】》〉", "、，,；; 　"


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    for level in range(1, 7):
        setattr(config.markdown_symbol, f"heading_level_{level}", "")
    return config


_CONFIG = _config()


class Mark(NamedTuple):
    """Something about a stretch of text."""

    kind: str
    offset: int
    length: int
    user: int = 0
    """Who is mentioned, where that is what it is about."""


class Page(NamedTuple):
    """One message's text with its marks."""

    text: str
    marks: tuple[Mark, ...] = ()

    def after(self, words: str) -> "Page":
        """Return the page with words put before it."""
        shift = units(words)
        return Page(words + self.text, tuple(mark._replace(offset=mark.offset + shift) for mark in self.marks))


class Button(NamedTuple):
    """A button: what stands on it, and what it sends or opens."""

    text: str
    data: str = ""
    url: str = ""


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def _offsets(text: str) -> list[int]:
    """Return where each character begins, and where the text ends."""
    return list(accumulate((units(char) for char in text), initial=0))


# Rendering


def render(text: str, locale: Locale = "ja") -> Page:
    """Return a text without its Markdown, and marks instead."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if _FENCE in text:
        return Page(text)
    out: list[str] = []
    marks: list[Mark] = []
    at = 0
    for block in _blocks(text.split("\n"), locale):
        if out:
            out.append("\n")
            at += 1
        out.append(block.text)
        marks += [mark._replace(offset=mark.offset + at) for mark in block.marks]
        at += units(block.text)
    return Page("".join(out), tuple(marks))


def _blocks(lines: list[str], locale: Locale) -> Iterator[Page]:
    before = ""
    for quoted, group in groupby(lines, key=lambda line: line.startswith(">")):
        if quoted:
            words = [_QUOTED.sub(r"\1", line).strip() for line in group]
            yield _read("\n".join(f"> {_inline(line)}" for line in words))
            before = ">"
            continue
        for line in group:
            heading = _HEADING.fullmatch(line)
            if heading:
                if before.strip() and not _HEADING.fullmatch(before):
                    yield Page("")  # A heading stands off from what was before it.
                yield _read(f"{heading[1]} {_escaped(_bare(heading[2]))}")
            else:
                yield _line(line, locale)
            before = line


def _line(line: str, locale: Locale) -> Page:
    bullet = _BULLET.fullmatch(line)
    indent, words = (bullet[1] + BULLETS[locale], bullet[2]) if bullet else ("", line)
    bare = words.lstrip(" \t")
    before, bare = indent + words[: len(words) - len(bare)], bare.rstrip()
    if "**" not in bare:  # Nothing to read in it, as in most lines; reading takes a quarter of a millisecond.
        return Page(before + bare)
    return _read(_inline(bare)).after(before)


def _read(markdown: str) -> Page:
    """Return a piece of Markdown as Telegram shows it."""
    if not markdown.strip():
        return Page("")
    text, entities = convert(markdown, latex_escape=False, config=_CONFIG)
    offsets = _offsets(text)
    fences = [offsets[place] for place, char in enumerate(text) if char == _FENCE]

    def placed(offset: int) -> int:
        return offset - sum(at < offset for at in fences)

    spans = [(one.type, placed(one.offset), placed(one.offset + one.length)) for one in entities]
    shown = text.replace(_FENCE, "").rstrip("\n")
    end = units(shown)
    return Page(shown, tuple(Mark(kind, a, min(b, end) - a) for kind, a, b in spans if min(b, end) > a))


def _bare(words: str) -> str:
    return _BOLD.sub(r"\1", words).strip()


def _inline(words: str) -> str:
    pieces = _BOLD.split(words)
    return "".join(
        f"**{_FENCE}{_escaped(piece)}{_FENCE}**" if number % 2 else _escaped(piece)
        for number, piece in enumerate(pieces)
    )


def _escaped(words: str) -> str:
    return _PUNCTUATION.sub(r"\\\g<0>", words)


# Cutting


def pages(text: str, locale: Locale = "ja", most: int = _ROOM) -> tuple[Page, ...]:
    """Return a text as messages that are short enough; only blanks get lost between them."""
    whole = render(text, locale)
    offsets = _offsets(whole.text)
    inside = _insides(whole, offsets)
    found, at = [], 0
    while at < len(whole.text):
        end = at
        while end < len(whole.text) and offsets[end + 1] - offsets[at] <= most:
            end += 1
        cut = end if end == len(whole.text) else _cut(whole.text, at, end, inside)
        found.append(_page(whole, offsets, at, cut))
        at = cut
    return tuple(page for page in found if page.text)


def _insides(page: Page, offsets: list[int]) -> list[bool]:
    """Return for each place between two characters whether a mark spans it."""
    changes = [0] * (offsets[-1] + 2)
    for mark in page.marks:
        changes[mark.offset + 1] += 1
        changes[mark.offset + mark.length] -= 1
    depth, deep = 0, []
    for change in changes:
        depth += change
        deep.append(depth > 0)
    return [deep[offset] for offset in offsets]


def _cut(text: str, at: int, end: int, inside: list[bool]) -> int:
    """Return where to cut: at a line's end, a sentence's, a pause or a character; outside of marks if possible."""
    middle = at + (end - at) // 2
    for marked in (False, True):
        for good, least in ((_ends_line, middle), (_ends_sentence, middle), (_pauses, middle), (_whole, at + 1)):
            for place in range(end, least - 1, -1):
                if (marked or not inside[place]) and good(text, place):
                    return place
    return max(end, at + 1)


def _ends_line(text: str, place: int) -> bool:
    return text[place - 1] == "\n"


def _ends_sentence(text: str, place: int) -> bool:
    if text[place] in _ENDS + _CLOSES or not _whole(text, place):
        return False
    last, before = text[place - 1], text[place - 2 : place - 1]
    if last == " ":
        return before in (".", "!", "?")
    return last in _ENDS or (last in _CLOSES and before in tuple(_ENDS))


def _pauses(text: str, place: int) -> bool:
    return text[place - 1] in _PAUSES and _whole(text, place)


def _whole(text: str, place: int) -> bool:
    """Whether no character is torn: a letter from its accents, an emoji from what belongs to it."""
    following = text[place]
    joined = "\u200d" in (text[place - 1], following) or "\U0001f3fb" <= following <= "\U0001f3ff"
    flags = "\U0001f1e6" <= following <= "\U0001f1ff" and "\U0001f1e6" <= text[place - 1] <= "\U0001f1ff"
    return not (joined or flags or unicodedata.category(following) in ("Mn", "Me", "Mc", "Cf"))


def _page(whole: Page, offsets: list[int], begin: int, end: int) -> Page:
    piece = whole.text[begin:end]
    begin += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if begin >= end:
        return Page("")
    first, last = offsets[begin], offsets[end]
    clipped = []
    for mark in whole.marks:
        a, b = max(mark.offset, first), min(mark.offset + mark.length, last)
        if b > a:
            clipped.append(mark._replace(offset=a - first, length=b - a))
    return Page(whole.text[begin:end], tuple(clipped))


# Buttons


def keyboard(parcel: Parcel) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons under a parcel, row by row."""
    reply = parcel.reply
    choices = [
        Button(short(label(choice, parcel.locale)) or "…", parcel.button(number))
        for number, choice in enumerate(reply.choices[:MOST_CHOICES])
    ]
    rows = list(_rows(choices))
    if reply.kind == "answer":
        rows.append((Button("👍", f"{parcel.id}:up"), Button("👎", f"{parcel.id}:down")))
    return tuple(rows)


def short(words: str, most: int = LABEL) -> str:
    """Return words that fit on a button, cut at a character."""
    words = " ".join(words.split())
    if _cells(words) <= most:
        return words
    end = len(words) - 1
    while end > 0 and (_cells(words[:end]) >= most or not _whole(words, end)):
        end -= 1
    return words[:end].rstrip() + "…"


def _rows(buttons: Iterable[Button]) -> Iterator[tuple[Button, ...]]:
    row: list[Button] = []
    for button in buttons:
        if row and (len(row) == IN_A_ROW or sum(_cells(one.text) for one in (*row, button)) > ROW):
            yield tuple(row)
            row = []
        row.append(button)
    if row:
        yield tuple(row)


def _cells(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in words)
