"""Which words of a text are names: of people, firms, places, and of things that are somebody's own.

Japanese names (`japanese.py`) are known by Sudachi's parts of speech, by no dictionary knowing them, and by what
stands beside them (さん, 株式会社); names in Latin letters (`latin.py`) by capitals and by English not knowing them.
There is no list of names. What is ordinary tells the `vocabulary`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from knowledge.japanese import could_be_name, japanese_names
from knowledge.latin import Kind, Span, latin_names
from knowledge.tokens import Piece, dictionary_speech, pieces
from knowledge.vocabulary import LATIN
from knowledge.widths import Folded, fold


class Name(NamedTuple):
    """A name where it stands in a text; a thing is a product, or a name of which no more is known."""

    start: int
    end: int
    text: str
    kind: Kind


class Reading(NamedTuple):
    """A text's morphemes and names, all in folded places."""

    folded: Folded
    pieces: tuple[Piece, ...]
    names: tuple[Span, ...]


def names(text: str) -> tuple[Name, ...]:
    """Return the names in a text, in their order; none overlaps another. Countries are places."""
    reading = read(text)
    found = []
    for span in reading.names:
        start, end = reading.folded.original(span.start, span.end)
        found.append(Name(start, end, text[start:end], span.kind))
    return tuple(found)


def is_country(name: str) -> bool:
    """Whether a name is a country's, which identifies nobody."""
    return any(speech[3] == "国" for speech in dictionary_speech(name))


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Return the text's reading. The last are kept: several look at one text, and the lines of cards come again."""
    folded = fold(text)
    found = tuple(pieces(folded.text)) if _JAPANESE.search(folded.text) else ()
    branded = (Span(brand.start(1), brand.end(1), "thing") for brand in _BRANDED.finditer(folded.text))
    foreign = (Span(*word.span(), "thing") for word in _FOREIGN.finditer(folded.text))
    spans = [*latin_names(folded.text), *japanese_names(found), *branded, *foreign]
    sounds = [(_READING.match(folded.text, span.end), span.kind) for span in spans]
    spans += [Span(sound.start(1), sound.end(1), kind) for sound, kind in sounds if sound]
    spans += _beside(found, spans)
    return Reading(folded, found, tuple(_merged(_echoed(folded.text, found, spans))))


_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")
# Words in letters that neither language has: 김민수, Иван.
_FOREIGN = re.compile(r"[\u0400-\u052f\u0590-\u06ff\u0900-\u0eff\u1100-\u11ff\uac00-\ud7af]+")
_LINKS = ("、", ",", "と", "・", "/")
# How a name is read, behind it: 蓼沼(たでぬま).
_READING = re.compile(r" ?\(([ぁ-んァ-ヶー・ ]+)\)")
# 「…」 behind these is what somebody calls his own.
_BRANDED = re.compile(
    r"(?:製品|商品|サービス|ブランド|アプリ|ソフト|システム|装置|ロボット|機種|商標|コードネーム|屋号|社(?=名)|品(?=名))名?[はの]?"
    r"[「『]([^「」『』]{1,20})[」』]"
)


def _beside(found: tuple[Piece, ...], spans: list[Span]) -> list[Span]:
    """Return what stands in one row with a name, and may be one: 遠山、西園寺."""
    begin, end = {span.start: span.kind for span in spans}, {span.end: span.kind for span in spans}
    if not begin:
        return []
    rows: list[Span] = []
    places = range(1, len(found) - 1)
    for step, order in ((1, places), (-1, reversed(places))):
        for i in order:
            one = found[i + step]
            kind = end.get(found[i - 1].end) if step == 1 else begin.get(found[i + 1].start)
            if kind and found[i].surface in _LINKS and one.start not in begin and could_be_name(found, i + step):
                begin[one.start] = end[one.end] = kind
                rows.append(Span(one.start, one.end, kind))
    return rows


def _echoed(text: str, found: tuple[Piece, ...], spans: list[Span]) -> list[Span]:
    """Return where names stand again, once it is known that they are: 朧 after 朧さん, Chase after Chase said."""
    kinds = {text[span.start : span.end]: span.kind for span in spans}
    echoes = [Span(piece.start, piece.end, kinds[piece.surface]) for piece in found if piece.surface in kinds]
    first = {name.split()[0]: kind for name, kind in kinds.items() if name[0].isascii() and name[0].isupper()}
    for token in LATIN.finditer(text) if first else ():
        if token[0] in first and len(token[0]) > 1:
            echoes.append(Span(token.start(), token.end(), first[token[0]]))
    return [*spans, *echoes]


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Yield spans in order, those that overlap or touch as one; the longest says what it is."""
    group: list[Span] = []
    for span in sorted(spans):
        if group and span.start >= max(one.end for one in group):
            yield _one(group)
            group = []
        group.append(span)
    if group:
        yield _one(group)


def _one(group: list[Span]) -> Span:
    longest = max(group, key=lambda span: span.end - span.start)
    return Span(group[0].start, max(span.end for span in group), longest.kind)
