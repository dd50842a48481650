"""Reads a form out of what a language model wrote, wherever it put it."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from bot.ports import Form

MOST = 64_000
"""Characters of an answer. An honest one has a few thousand; what has more is not waited for."""
_MOST_TOKENS = 10_000_000
_TRIED = 12
_THINKING = re.compile(r"<(think|thinking|reasoning|analysis)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r".*</(?:think|thinking|reasoning|analysis)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
# Strings in either quotation marks, and comments: what stands between them is JSON's own.
_TOKEN = re.compile(
    r"""(?P<quote>["'])(?P<said>(?:(?!(?P=quote))[^\\]|\\.)*)(?P<end>(?P=quote)?)|//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[\da-fA-F]{4}|.)|\"""", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_PYTHON = {"None": "null", "True": "true", "False": "false"}
_PYTHONIC = re.compile(r"\b(?:None|True|False)\b")
_INSIDE = 3
"""How deep in wrappings a form is looked for."""


class UnreadableError(Exception):
    """Nothing fits the form; its text says why, without the words that were written."""

    def __init__(self, why: str, *, empty: bool) -> None:
        self.empty = empty
        """Whether there was no JSON object at all."""
        super().__init__(why)


class Heard:
    """What came back so far: gathered on one thread, read on another."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._thoughts: list[str] = []
        self.length = 0
        self.tokens_in = self.tokens_out = 0
        self.counted = False

    def add(self, piece: Any) -> None:
        """Take a message or a piece of one, as LangChain gives it."""
        self._write(self._text, str(piece.text))
        self._thoughts.extend(_thoughts(piece))
        for index, words in _calls(piece):
            place = len(self._calls) if index is None else index
            self._write(self._calls.setdefault(place, []), words)
        if usage := getattr(piece, "usage_metadata", None):
            self._count(usage.get("input_tokens"), usage.get("output_tokens"))

    def _count(self, sent: object, wrote: object) -> None:
        """Count what a piece says that it took. Who tells the tokens of the request again tells all of it again."""
        self.counted = True
        sent, wrote = _plausible(sent), _plausible(wrote)
        again = sent > 0 and self.tokens_in > 0
        self.tokens_in = max(self.tokens_in, sent) if again else self.tokens_in + sent
        self.tokens_out = max(self.tokens_out, wrote) if again else self.tokens_out + wrote

    def _write(self, where: list[str], words: str) -> None:
        if words:
            where.append(words)
            self.length += len(words)

    @property
    def text(self) -> str:
        """All that was written, the form first."""
        return "\n".join(self.parts)

    @property
    def parts(self) -> list[str]:
        """What was handed in, each as it was, then what was said."""
        calls = ("".join(one) for one in list(self._calls.values()))
        return [_healed(part) for part in (*calls, "".join(self._text)) if part.strip()]

    @property
    def thoughts(self) -> str:
        """What it thought, where the server keeps that apart."""
        return _healed("".join(self._thoughts))


def _healed(text: str) -> str:
    """Return a text in which halves of a character (servers cut emoji in two) are whole again, or marked as lost."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _plausible(tokens: object) -> int:
    """Return a count of tokens, or 0 if nobody can have spent so many."""
    return tokens if isinstance(tokens, int) and 0 < tokens <= _MOST_TOKENS else 0


def _thoughts(piece: Any) -> Iterator[str]:
    kept = getattr(piece, "additional_kwargs", {}).get("reasoning_content")
    if isinstance(kept, str):
        yield kept
    for block in piece.content if isinstance(piece.content, list) else ():
        if isinstance(block, dict) and block.get("type") in ("thinking", "reasoning"):
            words = block.get("thinking") or block.get("reasoning") or ""
            yield words if isinstance(words, str) else ""


def _calls(piece: Any) -> Iterator[tuple[int | None, str]]:
    pieces = getattr(piece, "tool_call_chunks", None)
    if pieces is not None:
        for one in pieces:
            index = one.get("index")
            yield index if isinstance(index, int) else None, one.get("args") or ""
        return
    for one in (*getattr(piece, "tool_calls", ()), *getattr(piece, "invalid_tool_calls", ())):
        args = one.get("args") or ""
        yield None, args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)


def filled(form: type[Form], heard: Heard) -> Form:
    """Return the form, filled in.

    Raises:
        UnreadableError: nothing that was written fits it.
    """
    if heard.length > MOST:
        raise UnreadableError("it is too long", empty=False)
    why: ValidationError | None = None
    for text in (*heard.parts, heard.thoughts[-MOST:]):
        for value in objects(text):
            for inner in _unwrapped(value):
                try:
                    return form.model_validate(inner)
                except ValidationError as error:
                    why = why or error
    if why is None:
        raise UnreadableError("there is no complete JSON object in it", empty=True)
    told = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}"
        for one in why.errors(include_url=False, include_input=False)[:5]
    )
    raise UnreadableError(told[:600], empty=False)


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Return the JSON objects of a text: the whole of it, behind thoughts, in fences, between words.

    Of several the last one comes first: what stands before is a draft, or an example that was repeated.
    """
    tried = 0
    for part in _parts(text):
        closed = [piece for piece, closed in _braced(part) if closed]
        for piece in (part, *reversed(closed)):
            tried += 1
            value = _loaded(piece)
            if isinstance(value, dict):
                yield value
            if tried >= _TRIED:
                return


def _unwrapped(value: object, deep: int = 0) -> Iterator[dict[str, Any]]:
    """Return an object, and those within it: some models put the form into another, or into a string."""
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = _loaded(value)
    if isinstance(value, dict) and deep < _INSIDE:
        yield value
        for inner in islice(value.values(), _TRIED):
            yield from _unwrapped(inner, deep + 1)


def _parts(text: str) -> Iterator[str]:
    said = _spoken(text)
    yield from reversed([one.group(1) for one in _FENCE.finditer(said)])
    yield said
    if said != text:
        yield text


def _spoken(text: str) -> str:
    """Return a text without thoughts, even if they began before what we see."""
    said = _THINKING.sub("", text)
    behind = _THOUGHT.match(said)
    return said[behind.end() :] if behind else said


def _braced(text: str) -> Iterator[tuple[str, bool]]:
    """Return the outermost {…} of a text, and whether it is closed; braces within strings do not count."""
    depth, began, at = 0, 0, text.find("{")
    while 0 <= at < len(text):
        character = text[at]
        if character == '"' and depth:
            string = _STRING.match(text, at)
            at = string.end() if string else at + 1
            continue
        if character == "{":
            began = at if depth == 0 else began
            depth += 1
        elif character == "}" and depth:
            depth -= 1
            if depth == 0:
                yield text[began : at + 1], True
        at += 1
    if depth:
        yield text[began:], False


def _loaded(text: str, *, partly: bool = False) -> object:
    for mend in (_as_it_is, _mended):
        try:
            return from_json(mend(text), allow_partial="trailing-strings" if partly else False)
        except ValueError:
            continue
    return None


def _as_it_is(text: str) -> str:
    return text.strip()


def _mended(text: str) -> str:
    """Return what is nearly JSON as JSON.

    No comments, double quotation marks, JSON's words for Python's, only escapes that there are, line breaks in
    strings written out, no comma before a closing bracket.
    """
    parts, between, at = [], "", 0
    for token in _TOKEN.finditer(text):
        between += text[at : token.start()]
        if token["quote"]:
            said = _CONTROL.sub(_written_out, _ESCAPE.sub(_escaped, token["said"]))
            parts += [_between(between), f'"{said}', token["end"] and '"']
            between = ""
        at = token.end()
    return "".join([*parts, _between(between + text[at:])])


def _between(text: str) -> str:
    return _PYTHONIC.sub(lambda found: _PYTHON[found.group()], _TRAILING_COMMA.sub("", text))


def _written_out(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _escaped(found: re.Match[str]) -> str:
    """Return an escape as JSON knows it; half a character is lost."""
    said = found.group()
    if len(said) == len(r"\ud800") and said[2:4].lower() in ("d8", "d9", "da", "db", "dc", "dd", "de", "df"):
        return "\ufffd"
    known = len(said) > 2 or said[-1] in '\\/bfnrt"'
    if known:
        return f"\\{said[-1]}" if len(said) < 3 else said
    return said[-1] if said[-1] == "'" else f"\\{said}"


def unfinished(text: str, form: type[BaseModel]) -> dict[str, Any] | None:
    """Return the form that a text begins to write, as far as it is written; None if it has not begun.

    This is LangChain's `parse_partial_json` in one pass of compiled code: it is called at every piece.
    """
    found: dict[str, Any] | None = None
    for piece, closed in islice(_braced(_spoken(text)), _TRIED):
        value = _loaded(piece, partly=not closed)
        if isinstance(value, dict) and not form.model_fields.keys().isdisjoint(value):
            found = value
    return found
