"""MarkdownV2 and Telegram's HTML, read as TDLib reads them, refused in its words."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import NoReturn

from tests.servers.telegram_refusals import Json, RefusalError, units


def broken(words: str) -> NoReturn:
    """Refuse markup."""
    raise RefusalError(400, f"Bad Request: can't parse entities: {words}")


@dataclass
class _Open:
    kind: str
    name: str
    start: int  # UTF-16, in the result
    byte: int  # where the markup stood
    extra: Json = field(default_factory=dict)


# Longest first: `__` is an underline before it is two italics.
MARKS = {
    "```": ("pre", "Pre"),
    "__": ("underline", "Underline"),
    "||": ("spoiler", "Spoiler"),
    "_": ("italic", "Italic"),
    "*": ("bold", "Bold"),
    "~": ("strikethrough", "Strikethrough"),
    "`": ("code", "Code"),
    "![": ("custom_emoji", "CustomEmoji"),
    "[": ("text_link", "TextUrl"),
}
ENDS = {kind: mark for mark, (kind, _) in MARKS.items()} | {"text_link": "]", "custom_emoji": "]"}


class MarkdownV2:
    """Reads MarkdownV2 as TDLib does: `MarkdownV2(text).read()` gives the plain text and its entities."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.out = text, 0, ""
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        """Return the plain text and the entities."""
        while self.at < len(self.text):
            self.step()
        self.end_of_quote()
        if self.open:
            self.unended()
        return self.out, self.entities

    def byte(self, at: int | None = None) -> int:
        return len(self.text[: self.at if at is None else at].encode())

    def unended(self) -> NoReturn:
        broken(f"Can't find end of {self.open[-1].name} entity at byte offset {self.open[-1].byte}")

    def keep(self, piece: str, width: int | None = None) -> None:
        self.out += piece
        self.at += len(piece) if width is None else width

    def step(self) -> None:
        char, following = self.text[self.at], self.text[self.at + 1 : self.at + 2]
        top = self.open[-1].kind if self.open else ""
        if char == "\\" and following and 0 < ord(following) < 127:
            return self.keep(following, 2)
        if top in {"code", "pre"} and char != "`":
            return self.keep(char)
        if self.closes(top):
            return self.close()
        return self.begin(char)

    def begin(self, char: str) -> None:
        line_start = not self.at or self.text[self.at - 1] == "\n"
        if char == "\n":
            if self.text[self.at + 1 : self.at + 2] != ">":
                self.end_of_quote()
            return self.keep(char)
        if line_start and self.text.startswith("**>", self.at):
            return self.start("expandable_blockquote", "ExpandableBlockQuote", 3)
        if line_start and char == ">":
            if any("blockquote" in one.kind for one in self.open):
                return self.keep("", 1)
            return self.start("blockquote", "BlockQuote", 1)
        for mark, (kind, name) in MARKS.items():
            if self.text.startswith(mark, self.at):
                return self.start(kind, name, len(mark))
        if char in "]()>#+-=|{}.!":
            broken(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        return self.keep(char)

    def start(self, kind: str, name: str, width: int) -> None:
        self.open.append(_Open(kind, name, units(self.out), self.byte()))
        self.at += width
        if kind != "pre":
            return
        language = re.compile(r"[^\s`]+(?=\s)").match(self.text, self.at)
        if language:
            self.open[-1].name, self.open[-1].extra = "PreCode", {"language": language[0]}
            self.at = language.end()
        newline = re.compile(r"\r?\n").match(self.text, self.at)
        self.at = newline.end() if newline else self.at

    def closes(self, top: str) -> bool:
        end = ENDS.get(top, "")
        italic_is_underline = top == "italic" and self.text.startswith("__", self.at)
        return bool(end) and self.text.startswith(end, self.at) and not italic_is_underline

    def close(self) -> None:
        one = self.open.pop()
        self.at += len(ENDS[one.kind])
        if one.kind in {"text_link", "custom_emoji"}:
            one.extra = self.address(one)
        self.add(one)

    def address(self, one: _Open) -> Json:
        url, begin = "", self.at + 1
        if self.text[self.at : begin] == "(":
            found = re.compile(r"((?:\\.|[^\\)])*)\)", re.DOTALL).match(self.text, begin)
            if not found:
                words = "a custom emoji URL" if one.kind == "custom_emoji" else "a URL"
                broken(f"Can't find end of {words} at byte offset {self.byte(begin)}")
            url, self.at = re.sub(r"\\(.)", r"\1", found[1]), found.end()
        if one.kind == "text_link":
            return {"url": url}
        emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
        if not emoji:
            broken("Custom emoji entity must contain a tg://emoji URL")
        return {"custom_emoji_id": emoji[1]}

    def end_of_quote(self) -> None:
        if not any("blockquote" in one.kind for one in self.open):
            return
        # `||` at the end of a quotation folds it.
        if self.open[-1].kind == "spoiler" and self.open[-1].start == units(self.out):
            self.open.pop()
            self.open[-1].kind = "expandable_blockquote"
        if "blockquote" not in self.open[-1].kind:
            self.unended()
        self.add(self.open.pop())

    def add(self, one: _Open) -> None:
        length = units(self.out) - one.start
        if length and not (one.kind == "text_link" and not one.extra["url"]):
            self.entities.append({"type": one.kind, "offset": one.start, "length": length} | one.extra)


TAGS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline"}
TAGS |= {"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler"}
TAGS |= {"span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote"}
TAGS |= {"tg-emoji": "custom_emoji"}
PIECE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});?|<|[^<&]+|&")
TAG = re.compile(r"""<([^\s>/]*)((?:\s+[^\s=>]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[\w.-]+))?)*)\s*>""")
ATTRIBUTE = re.compile(r"""([^\s=>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?""")


def read_html(text: str) -> tuple[str, list[Json]]:
    """Return the plain text and the entities of Telegram's HTML."""
    out, at = "", 0
    opened: list[_Open] = []
    entities: list[Json] = []
    while at < len(text):
        piece = PIECE.match(text, at)
        assert piece
        if piece[0] != "<":
            out, at = out + (unescape(piece[0]) if piece[0][0] == "&" else piece[0]), piece.end()
            continue
        byte = len(text[:at].encode())
        if text.startswith("</", at):
            at = _end_tag(text, at, byte, opened)
            one = opened.pop()
            length = units(out) - one.start
            if length and not (one.kind == "text_link" and not one.extra.get("url")):
                entities.append({"type": one.kind, "offset": one.start, "length": length} | one.extra)
            continue
        tag = TAG.match(text, at)
        name = (tag[1] if tag else re.split(r"[\s>]", text[at + 1 :])[0]).lower()
        if name not in TAGS:
            broken(f'Unsupported start tag "{name}" at byte offset {byte}')
        if not tag:
            broken(f'Unclosed start tag "{name}" at byte offset {byte}')
        opened.append(_start_tag(name, tag[2], units(out), byte))
        at = tag.end()
    if opened:
        broken(f'Can\'t find end tag corresponding to start tag "{opened[-1].name}"')
    return out, entities


def _end_tag(text: str, at: int, byte: int, opened: list[_Open]) -> int:
    if not opened:
        broken(f"Unexpected end tag at byte offset {byte}")
    tag = re.compile(r"</([^\s>]*)\s*>").match(text, at)
    if not tag:
        broken(f"Unclosed end tag at byte offset {byte}")
    if tag[1] and tag[1].lower() != opened[-1].name:
        expected = f'expected "</{opened[-1].name}>", found "</{tag[1].lower()}>"'
        broken(f"Unmatched end tag at byte offset {byte}, {expected}")
    return tag.end()


def _start_tag(name: str, written: str, start: int, byte: int) -> _Open:
    has = {one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in ATTRIBUTE.finditer(written)}
    one = _Open(TAGS[name], name, start, byte)
    if name == "span" and has.get("class") != "tg-spoiler":
        broken(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    if name == "a":
        one.extra = {"url": has.get("href", "")}
    elif name == "tg-emoji":
        one.extra = {"custom_emoji_id": has.get("emoji-id", "")}
    elif name == "blockquote" and "expandable" in has:
        one.kind = "expandable_blockquote"
    return one
