"""What in a text tells who, where and how much: secrets, names, figures. `redact.py` hides it.

Imported when a language model is: the patterns and the dictionary behind them take their time.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from knowledge.japanese import numeral
from knowledge.names import Reading, is_country, read
from knowledge.tokens import dictionary_speech, pieces, words
from knowledge.vocabulary import POLITE, vocabulary
from knowledge.widths import fold

Kind = Literal["person", "firm", "place", "thing", "figure", "secret"]


class Find(NamedTuple):
    """Something to hide, in folded places. `meant` is the same for all forms of one name."""

    start: int
    end: int
    kind: Kind
    meant: str


class Telltales:
    """Finds what tells, in any text of a room whose people and firms are known."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = _Known(known)

    def meant(self, name: str) -> str:
        """Return what all forms of a known name have in common."""
        return self._known.whole(name)

    def finds(self, text: str, literal: re.Pattern[str]) -> Iterator[tuple[int, int, Find]]:
        """Yield what is found, in its order and apart, and where it stands; `literal` is found in any case."""
        reading = read(text)
        folded = reading.folded.text
        found = [
            *(Find(*one.span(), "thing", one[0]) for one in literal.finditer(folded)),
            *_secrets(folded),
            *self._known.finds(reading),
            *_named(reading),
            *_figures(reading),
        ]
        for find in _separate(found):
            yield (*reading.folded.original(find.start, find.end), find)


def _separate(finds: list[Find]) -> list[Find]:
    """Return the finds in order, those that overlap as one; the one given first says what it is."""
    apart: list[Find] = []
    order = {find: i for i, find in reversed(list(enumerate(finds)))}
    for find in sorted(order):
        last = apart[-1] if apart else None
        touch = last is not None and find.start == last.end and (find.kind, last.kind) == ("figure", "figure")
        if last is None or (find.start >= last.end and not touch):
            apart.append(find)
            order.setdefault(find, len(order))
            continue
        first = min(last, find, key=lambda one: order[one])
        whole = first._replace(start=last.start, end=max(last.end, find.end))
        order[whole] = order[first]
        apart[-1] = whole
    return apart


def _meant(text: str) -> str:
    return re.sub(r"[\s・-]", "", text).casefold()


def _named(reading: Reading) -> Iterator[Find]:
    for name in reading.names:
        text = reading.folded.text[name.start : name.end]
        if not is_country(text):
            yield Find(name.start, name.end, name.kind, _meant(text))


# Known names


_LEGAL = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|\(有\)|,? ?\b(?:Inc|Ltd|LLC|Corp|Co|GmbH|KK)\b\.?", re.IGNORECASE
)
_CUE = re.compile(rf"(?:{POLITE.pattern.rstrip('$')}|社|側|宛|代表|社長|会長|専務|部長|課長|工場長|先生|です|と申)")
_PRONOUN = re.compile(r" (?:i|you|we|they|he|she|it|us|them|me|be|not)\b", re.IGNORECASE)
_FOLKS = re.compile(r" (?:folks|guys|people|team|says?|said|wants?|asked|told)\b")
_FROM = re.compile(r"\b(?:from|ask|told|tell) $")
_KANA = re.compile(r"[ァ-ヶー・]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


class Form(NamedTuple):
    """A way to write a known name. `careful` is one that is also a word."""

    text: str
    meant: str
    kind: Kind
    careful: bool


class _Known:
    """The names that the room is known to have, in all their forms."""

    def __init__(self, known: Sequence[str]) -> None:
        bare = {name: POLITE.sub("", _LEGAL.sub("", fold(name).text).strip().lstrip("@")) for name in known}
        self._meanings = {name: _meant(bare[name]) for name in known}
        self._forms: dict[str, Form] = {}
        for name in known:
            for form in _forms(bare[name], self._meanings[name]):
                self._forms.setdefault(_meant(form.text), form)
        longest = sorted(self._forms.values(), key=lambda form: (-len(form.text), form.text))
        self._pattern = re.compile("|".join(_bounded(form.text) for form in longest) or r"(?!)", re.IGNORECASE)

    def whole(self, name: str) -> str:
        """Return what all forms of a name have in common."""
        return self._meanings[name]

    def finds(self, reading: Reading) -> Iterator[Find]:
        """Yield where a known name stands."""
        edges = {piece.start for piece in reading.pieces} | {piece.end for piece in reading.pieces}
        text = reading.folded.text
        for found in self._pattern.finditer(text):
            form = self._forms[_meant(found[0])]
            if _LATIN.match(form.text):
                stands = not form.careful or _capital(text, found) or bool(_CUE.match(text, found.end()))
            else:
                inside = not edges >= {found.start(), found.end()} and _inside(form.text, text, found)
                stands = not inside and not (form.careful and not _CUE.match(text, found.end()))
            if stands:
                yield Find(found.start(), found.end(), form.kind, form.meant)


def _inside(form: str, text: str, found: re.Match[str]) -> bool:
    """Whether a name is only a part of a word: ルミナ of アルミナ."""
    beside = f"{text[max(0, found.start() - 1) : found.start()]}{text[found.end() : found.end() + 1]}"
    return len(form) < 3 or bool(_KANA.fullmatch(form) and re.search("[ァ-ヶー]", beside))


def _capital(text: str, found: re.Match[str]) -> bool:
    """Whether a word that is also a name is written as one: Mark says, but not: scratch mark, Will you."""
    begins = not found.start() or bool(re.search(r"[.!?\n] *$", text[max(0, found.start() - 4) : found.start()]))
    if found[0].islower():
        return bool(_FOLKS.match(text, found.end()) or _FROM.search(text, max(0, found.start() - 6), found.start()))
    return found[0][0].isupper() and not (begins and _PRONOUN.match(text, found.end()))


def _bounded(form: str) -> str:
    inner = r"[\s・-]*".join(re.escape(part) for part in re.split(r"[\s・-]+", form) if part)
    if _LATIN.match(form):
        return rf"(?<![A-Za-z0-9À-ɏ]){inner}(?![A-Za-zÀ-ɏ])"
    return inner


def _forms(name: str, meant: str) -> Iterator[Form]:
    """Yield a name and its shorter forms: 栃ノ木 of 栃ノ木精密, Ray and Oduya of Ray Oduya."""
    if len(_meant(name)) < (2 if name.isascii() else 1):
        return
    yield Form(name, meant, _kind(name), careful=_is_word(name))
    if _LATIN.match(name):  # オービット of Orbit
        first = words(re.split(r"\s", name, maxsplit=1)[0])
        if len(first) == 1 and _KANA.fullmatch(first[0]):
            yield Form(first[0], meant, _kind(name), careful=first[0] in vocabulary().nouns)
    for part in _parts(name):
        if len(_meant(part)) > 1 or _is_surname(part):
            careful = _is_word(part) or part in vocabulary().nouns or is_country(part) or len(part) == 1
            yield Form(part, meant, _kind(name), careful=careful)


def _is_word(form: str) -> bool:
    return bool(_LATIN.match(form)) and all(word.lower() in vocabulary().plain for word in form.split())


def _is_surname(part: str) -> bool:
    return any(speech[3] == "姓" for speech in dictionary_speech(part))


def _kind(name: str) -> Kind:
    found = read(name)
    if " " in name.strip() and not _LATIN.match(name):
        return "person"
    if len(found.names) == 1 and found.names[0].end - found.names[0].start == len(found.folded.text):
        return found.names[0].kind if found.names[0].kind in ("person", "firm") else "firm"
    return "firm"


_SCRIPTS = re.compile(r"[ァ-ヶー]+|[ぁ-ん]+|[\u3400-\u9fff々]+|[^ァ-ヶーぁ-ん\u3400-\u9fff々]+")


def _parts(name: str) -> Iterator[str]:
    first, *others = re.split(r"[\s・]+", name)
    if others:
        yield first
        yield from (part for part in others if not _is_word(part) and part not in vocabulary().terms)
        return
    found = pieces(name)
    ends = {piece.end for piece in found} | {run.end() for run in _SCRIPTS.finditer(name)}
    yield from (name[:end] for end in sorted(ends - {len(name)}))
    if len(found) > 1 and found[-1].speech[3] == "名":
        yield found[-1].surface
    if len(found) == 1 and re.fullmatch(r"[ァ-ヶー]{4,}", name):  # デコボコ of デコボコラボ
        yield from (name[:i] for i in range(2, len(name) - 1) if dictionary_speech(name[i:]))


# Secrets and figures

_SECRETS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"-----BEGIN [^-]+-----(?s:.)*?-----END [^-]+-----",
        r"[A-Za-z][A-Za-z0-9+.-]{1,12}://[!-~]*[A-Za-z0-9/=_~&#%-]|www\.[!-~]*[A-Za-z0-9/=_~&#%-]",
        r"(?<![\w.+-])[\w.+-]++@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++",
        r"(?<![\w@.])@(?!nakodo\b)[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b",
        r"(?<![\w.+-])[\w.+-]++ ?[(\[]at[)\]] ?[\w.-]+",
        r"\+?\(?\d(?:[ ()-]{0,2}\d){8,}",
        r"\b(?=[0-9_.-]{0,63}[a-z])[a-z0-9_-]{2,63}+(?:\.[a-z0-9_-]{2,63})+\b(?:/[!-~]*)?",
        r"\b(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}\b",
        r"\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b",
    )
)
_TOLD = re.compile(
    r"(?i:\b(?:pass(?:word|phrase|code)?|pwd|pw|pin|secret|token|login|user(?:name)?|api[ _-]?key)\b"
    r"|パスワード|パスフレーズ|暗証番号|合言葉|トークン|ユーザー名|秘密鍵|APIキー)"
    r"(?P<link> *(?:[:=]|→|->|は|「|『|\"| is:?) *[「『\"'`]?)(?P<value>[!-~]{3,}|(?<=[「『])[^「」『』]{2,20})"
)
"""A secret by the word before it."""
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9#$%&*+./=^~_-]*[A-Za-z0-9]")
_FORMAL = re.compile(
    r"(?=[一二三四五六七八九十百千万億参]*[壱弐貳拾佰仟萬])[一二三四五六七八九十百千万億参壱弐貳拾佰仟萬]+"
)
_MEASURE = re.compile(r"\d[\d.,:]*(?:[ckm]?m[23]|[A-Za-zμ°%]{0,5}|x\d.*)(?:/[A-Za-z]+)?")
_FIGURE = re.compile(r"\d+(?:[.,:/'’⁄-]\d+)*")
_SMALL = r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|\
(?:twen|thir|for|fif|six|seven|eigh|nine)ty|dozen)".replace("\\\n", "")
_GREAT = r"(?:hundred|thousand|million|billion|trillion)"
_UNIT = (
    "day|week|month|year|hour|minute|percent|unit|piece|yen|dollar|euro|kilo|gram|ton|meter|metre|millimet(?:er|re)"
)
_SPELLED = re.compile(
    rf"\bone(?=[ -](?:{_UNIT})s?\b)|\b(?:(?:one|an?)[ -](?={_GREAT})|(?={_SMALL}))"
    rf"(?:(?:{_SMALL}|{_GREAT}|one|and(?= (?:{_SMALL}|one)))[ -]?)+\b",
    re.IGNORECASE,
)


def _secrets(text: str) -> Iterator[Find]:
    for pattern in _SECRETS:
        for found in pattern.finditer(text):
            yield Find(*found.span(), "secret", found[0])
    for found in _TOLD.finditer(text):
        value = found["value"].rstrip(".,;)]}>\"'`")
        if "is" not in found["link"] or value.lower() not in vocabulary().plain:
            yield Find(found.start("value"), found.start("value") + len(value), "secret", value)
    for found in _CODE.finditer(text):
        if _is_code(found[0]):
            yield Find(*found.span(), "secret" if len(found[0]) > 11 else "thing", _meant(found[0]))


def _is_code(word: str) -> bool:
    """Whether letters and digits together are a number of something: XR-200, SUS316, but not 10kHz, 3D or CO2."""
    if not (re.search(r"\d", word) and re.search(r"[A-Za-z]", word)) or _MEASURE.fullmatch(word):
        return False
    return not _is_term(word)


def _figures(reading: Reading) -> Iterator[Find]:
    text = reading.folded.text
    for pattern in (_FIGURE, _SPELLED, _FORMAL):
        for found in pattern.finditer(text):
            end = found.start() + len(found[0].rstrip(" -"))
            if pattern is not _FIGURE or not _in_a_word(text, found.start(), end):
                yield Find(found.start(), end, "figure", text[found.start() : end].lower())
    for piece, after in pairwise([*reading.pieces, None]):
        if piece is None or piece.surface.isascii():
            continue
        if piece.speech[1] == "数詞" and not _idle(piece.surface, after.surface if after else ""):
            yield Find(piece.start, piece.end, "figure", piece.surface)
        elif piece.surface[0] in _NUMERALS and piece.speech[0] == "名詞" and numeral(piece.surface):  # 三日, 十人
            end = piece.start + numeral(piece.surface)
            yield Find(piece.start, end, "figure", text[piece.start : end])


def _in_a_word(text: str, start: int, end: int) -> bool:
    """Whether a figure only spells a word: CO2, 3D, m2."""
    if re.search(r"\d ?[ckm]?m$", text[max(0, start - 5) : start]) and end - start == 1:
        return True
    before = re.search(r"[A-Za-z0-9]*$", text[max(0, start - 12) : start])
    after = re.match(r"[A-Za-z0-9]*", text[end : end + 12])
    word = f"{before[0] if before else ''}{text[start:end]}{after[0] if after else ''}"
    return not word.isdigit() and _is_term(word)


def _is_term(word: str) -> bool:
    if word in vocabulary().terms or re.fullmatch(r"[A-Z](?:2[A-Z])+", word):
        return True
    return bool(re.fullmatch(r"[A-Za-z].*|\d[A-Z]", word) and dictionary_speech(word))


_NUMERALS = "〇一二三四五六七八九十百千万億兆"
_AFTER_NOTHING = ("つ", "から", "に", "の", "と", "、", "")


def _idle(number: str, after: str) -> bool:
    """Whether a numeral counts nothing: 一つ, 一番, 一から, 何."""
    return not re.search(r"[\d〇一二三四五六七八九十百千万億兆]", number) or (
        number == "一" and (after in _AFTER_NOTHING or bool(dictionary_speech(number + after)))
    )
