"""A card: one piece of what Nakodo knows, in Japanese and English, with its source.

`parse_card` reads `cards/<id>.md`: YAML front matter, then `## ja` and `## en`. Each language has a bold
title and bullets under fixed headings. A bullet may begin with a side in brackets: it is said to that side only.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from knowledge.errors import CardError
from knowledge.marks import line_of

Locale = Literal["ja", "en"]
LOCALES: tuple[Locale, ...] = ("ja", "en")

Side = Literal["sme", "startup", "facilitator", "organizer"]
Stage = Literal["preparing", "meeting", "agreeing", "experimenting", "deciding", "building", "allied", "stopped"]
Kind = Literal["guidance", "case", "programme", "statistic", "term", "role", "trap"]
Basis = Literal["report", "model-contract", "guideline", "practice"]

MAX_COVERS = 5
MAX_CHARACTERS = 1200
"""Japanese characters of a card's text, white space not counted."""


class Part(StrEnum):
    """The shelves of a card's text, in the order in which they stand."""

    ANSWER = "answer"
    STEPS = "steps"
    CASE = "case"
    WORDS = "words"
    MISTAKES = "mistakes"
    QUESTION = "question"


HEADINGS: dict[Locale, dict[str, Part]] = {
    "ja": dict(zip(["答え", "手順", "事例", "言い方", "つまずき", "問い"], Part, strict=True)),
    "en": dict(zip(["Answer", "Steps", "Case", "Words", "Mistakes", "Question"], Part, strict=True)),
}
REQUIRED = (Part.ANSWER, Part.STEPS, Part.QUESTION)
_TAG = re.compile(r"^\((sme|startup|facilitator|organizer)\)\s*")


class Frozen(BaseModel):
    """Data is frozen and refuses strangers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(Frozen):
    """One bullet of a card. `side` is whom it is said to; None means everybody."""

    text: str = Field(min_length=1)
    side: Side | None = None


class Body(Frozen):
    """A card's text in one language."""

    title: str
    parts: dict[Part, tuple[Line, ...]]

    def lines(self, part: Part, side: Side | None = None) -> tuple[Line, ...]:
        """Return the part's bullets that may be said to `side`; None is somebody whose side is unknown."""
        return tuple(line for line in self.parts.get(part, ()) if line.side in (None, side))

    @property
    def text(self) -> str:
        """All of it as running text, for search."""
        return "\n".join([self.title, *(line.text for lines in self.parts.values() for line in lines)])


Ask = Annotated[str, Field(min_length=2, max_length=300)]


class Asks(Frozen):
    """How people really ask for this card."""

    ja: tuple[Ask, ...] = Field(min_length=16)
    en: tuple[Ask, ...] = Field(min_length=8)

    @field_validator("ja", "en")
    @classmethod
    def _no_ask_twice(cls, asks: tuple[str, ...]) -> tuple[str, ...]:
        twice = {ask for ask in asks if asks.count(ask) > 1}
        if twice:
            raise ValueError(f"stands twice: {sorted(twice)[0]}")
        return asks


class Front(Frozen):
    """A card's front matter: a stable format, other programs read it."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: Kind
    covers: tuple[str, ...] = Field(max_length=MAX_COVERS)
    basis: Basis
    refs: tuple[str, ...]
    stages: tuple[Stage, ...]
    for_: tuple[Side, ...] = Field(alias="for", min_length=1)
    related: tuple[str, ...]
    asks: Asks


class Citation(Frozen):
    """Where a claim can be looked up."""

    card: str
    covers: tuple[str, ...]
    basis: Basis
    refs: tuple[str, ...]


class Card(Frozen):
    """One piece of knowledge."""

    front: Front
    ja: Body
    en: Body

    @property
    def id(self) -> str:
        """The card's id, which is its file's name."""
        return self.front.id

    def body(self, locale: Locale) -> Body:
        """Return the text in one language."""
        return self.ja if locale == "ja" else self.en

    def asks(self, locale: Locale) -> tuple[str, ...]:
        """Return the ways people ask for it in one language."""
        return self.front.asks.ja if locale == "ja" else self.front.asks.en

    @property
    def citation(self) -> Citation:
        """Where this card's claims can be looked up."""
        front = self.front
        return Citation(card=front.id, covers=front.covers, basis=front.basis, refs=front.refs)


def parse_card(path: Path) -> Card:
    """Read one card, or raise a CardError that names file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CardError(
            f"not UTF-8 at byte {error.start}", where=str(path), remedy="Save the file as UTF-8"
        ) from None
    if not text.startswith("---\n") or (end := text.find("\n---\n", 4)) < 0:
        raise CardError("no front matter", where=f"{path}:1", remedy="Begin with --- and end it with ---")
    front = _front(text[4 : end + 1], path)
    if front.id != path.stem:
        raise CardError(f"id is {front.id!r}", where=f"{path}:2", remedy=f"Name it {path.stem!r} like the file")
    bodies = _bodies(text[end + 5 :], text[: end + 5].count("\n"), path)
    return Card(front=front, ja=bodies["ja"], en=bodies["en"])


def _front(source: str, path: Path) -> Front:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(source, loader)  # noqa: S506 (both are safe loaders)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise CardError(f"broken YAML ({error.problem})", where=f"{path}:{line}") from None
    try:
        return Front.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "front matter"
        raise CardError(f"{name}: {first['msg']}", where=f"{path}:{line_of(source, first['loc']) + 1}") from None


def _bodies(source: str, offset: int, path: Path) -> dict[Locale, Body]:
    bodies: dict[Locale, Body] = {}
    locale: Locale | None = None
    block: list[tuple[int, str]] = []
    for number, line in [*enumerate(source.split("\n"), offset + 1), (0, "## ")]:
        if not line.startswith("## "):
            block.append((number, line))
            continue
        if locale is not None:
            bodies[locale] = _body(block, locale, path)
        block, name = [], line[3:].strip()
        locale = "ja" if name == "ja" else "en" if name == "en" else None
        if number and locale is None:
            raise CardError(f"unknown language {name!r}", where=f"{path}:{number}", remedy="Use ja and en")
    for wanted in LOCALES:
        if wanted not in bodies:
            raise CardError(f"no text in {wanted}", where=str(path), remedy=f"Add a part '## {wanted}'")
    return bodies


def _body(block: list[tuple[int, str]], locale: Locale, path: Path) -> Body:
    title = ""
    parts: dict[Part, list[Line]] = {}
    part: Part | None = None
    for number, raw in block:
        line, where = raw.strip(), f"{path}:{number}"
        if not line:
            continue
        if line.startswith("### "):
            part = HEADINGS[locale].get(line[4:].strip())
            if part is None or part in parts:
                raise CardError(
                    f"heading {line[4:]!r}",
                    where=where,
                    remedy=f"Use once each: {', '.join(HEADINGS[locale])}",
                )
            parts[part] = []
        elif part is None and (match := re.fullmatch(r"\*\*(.+)\*\*", line)):
            title = match[1]
        elif part is not None and line.startswith("- "):
            tag = _TAG.match(line[2:])
            parts[part].append(Line(text=_TAG.sub("", line[2:]).strip(), side=tag[1] if tag else None))
        else:
            raise CardError(f"neither bullet nor heading: {line[:30]!r}", where=where)
    _complete(title, parts, f"{path} ({locale})")
    return Body(title=title, parts={name: tuple(lines) for name, lines in parts.items()})


def _complete(title: str, parts: dict[Part, list[Line]], where: str) -> None:
    if not title:
        raise CardError("no title", where=where, remedy="Begin with a bold line")
    for part in REQUIRED:
        if not parts.get(part):
            raise CardError(f"nothing under {part.value!r}", where=where)
    if parts[Part.ANSWER][0].side is not None:
        raise CardError("the first answer is for one side only", where=where, remedy="Begin with one for everybody")
