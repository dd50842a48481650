"""Which words of a text are names: of people, firms, places, and of things that only somebody's own."""

from typing import Literal, NamedTuple

from knowledge.tokens import pieces

Kind = Literal["person", "firm", "place", "thing"]


class Name(NamedTuple):
    """A name where it stands in a text."""

    start: int
    end: int
    text: str
    kind: Kind


def names(text: str) -> tuple[Name, ...]:
    """Return the names in a text, in their order; none overlaps another."""
    found = []
    for piece in pieces(text):
        kind: Kind
        if piece.speech[1] == "固有名詞":
            kind = "person" if piece.speech[2] == "人名" else "place" if piece.speech[2] == "地名" else "thing"
        elif piece.unknown and piece.speech[0] == "名詞" and piece.speech[1] != "数詞":
            kind = "thing"
        else:
            continue
        found.append(Name(piece.start, piece.end, piece.surface, kind))
    return tuple(found)
