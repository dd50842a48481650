"""Hides what must not travel: secrets and ways to reach a person before a log line or a note sees them (`masked`);
before a language model also names, addresses and figures (`Veil`), which come back in its answer."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from knowledge.names import Reading, fold, is_country, numeral, read
from knowledge.tokens import dictionary_speech, pieces
from knowledge.vocabulary import POLITE, vocabulary

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


Kind = Literal["person", "firm", "place", "thing", "figure", "secret"]
_SIGNS: dict[Kind, str] = {"person": "人", "firm": "社", "place": "所", "thing": "名", "figure": "数", "secret": "鍵"}
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
    rf"[‹›]|{_OPEN}\s*{_SIGN}\s*[:_-]?\s*[A-Za-z]{{2,12}}\s*{_CLOSE}"
    rf"|[人社所名数鍵][ :_-]?[{_LETTERS}]{{5,9}}(?![A-Za-z])|(?<![A-Za-z])[{_LETTERS}]{{6,9}}(?![A-Za-z])"
)
"""What is left of a placeholder that went wrong."""


class Veil:
    """What hides names, addresses, figures and secrets of one room, and knows what it has hidden.

    A placeholder is `‹人KQXTBDF›`: its kind, and letters that a keyed hash makes of the name. The same name has the
    same letters whenever the key is the same; of the forms of one name (栃ノ木精密, 栃ノ木) the first five are the
    same. Who knows the key can try names out, so it must hold a secret of the house beside the room.
    """

    def __init__(self, key: str, known: Sequence[str]) -> None:
        self._key = hashlib.sha256(key.encode()).digest()
        self._known = _Known(known)
        self._shown: dict[str, str] = {}  # letters: what they stand for
        self._letters: dict[tuple[str, str], str] = {}
        self._kinds: dict[str, Kind] = {}
        for name in known:
            self._lettered(name, self._known.whole(name))

    def hide(self, text: str) -> str:
        """Return the text with a placeholder for whatever may tell who or what it is about."""
        reading = read(text)
        parts, at = [], 0
        for find in _separate(self._finds(reading)):
            start, end = reading.folded.original(find.start, find.end)
            parts += [text[at:start], self._placeholder(text[start:end], find)]
            at = end
        hidden = "".join([*parts, text[at:]])
        if self.reveal(hidden) == text:
            return hidden
        # What stands beside a placeholder makes another one of it: then nothing of the text is shown.
        return self._placeholder(text, Find(0, len(text), "secret", text))

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

    def _finds(self, reading: Reading) -> list["Find"]:
        return [
            *_literal(reading),
            *_secrets(reading.folded.text),
            *self._known.finds(reading),
            *_named(reading),
            *_figures(reading),
        ]

    def _marks(self, text: str) -> Iterator[tuple[int, int, str]]:
        folded = fold(text)
        for mark in _MARK.finditer(folded.text):
            yield (*folded.original(*mark.span()), re.sub(r"[\s_-]", "", mark["framed"] or mark["bare"]).upper())

    def _placeholder(self, original: str, find: "Find") -> str:
        kind = self._kinds.setdefault(find.meant, find.kind)
        return f"‹{_SIGNS[kind]}{self._lettered(original, find.meant)}›"

    def _lettered(self, original: str, meant: str) -> str:
        """Return the letters of what was written, and remember them."""
        if (original, meant) not in self._letters:
            for again in range(1 << 16):  # a second name on the same letters gets others
                letters = self._hashed(f"{meant}\0{again}", _STEM) + self._hashed(
                    f"{meant}\0{original}\0{again}", _TAIL
                )
                if self._shown.setdefault(letters, original) == original:
                    break
            self._letters[original, meant] = letters
        return self._letters[original, meant]

    def _hashed(self, text: str, length: int) -> str:
        number = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key).digest()[:8])
        return "".join(_LETTERS[number // len(_LETTERS) ** i % len(_LETTERS)] for i in range(length))


class Find(NamedTuple):
    """Something to hide, in folded places. `meant` is the same for all forms of one name."""

    start: int
    end: int
    kind: Kind
    meant: str


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


def _literal(reading: Reading) -> Iterator[Find]:
    """Yield what looks like a placeholder and was typed by somebody: it comes back as typed, as nobody's name."""
    for pattern in (_MARK, _BROKEN):
        for found in pattern.finditer(reading.folded.text):
            yield Find(*found.span(), "thing", found[0])


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
                stands = not form.careful or _capital(text, found)
            else:
                inside = len(form.text) < 3 and not edges >= {found.start(), found.end()}
                stands = not inside and not (form.careful and not _CUE.match(text, found.end()))
            if stands:
                yield Find(found.start(), found.end(), form.kind, form.meant)


def _capital(text: str, found: re.Match[str]) -> bool:
    """Whether a word that is also a name is written as one: Mark says, but not: scratch mark, Will you."""
    begins = not found.start() or bool(re.search(r"[.!?\n] *$", text[max(0, found.start() - 4) : found.start()]))
    return found[0][0].isupper() and not (begins and _PRONOUN.match(text, found.end()))


def _bounded(form: str) -> str:
    inner = r"[\s・-]*".join(re.escape(part) for part in re.split(r"[\s・-]+", form) if part)
    if _LATIN.match(form):
        return rf"(?<![A-Za-z0-9À-ɏ]){inner}(?![A-Za-zÀ-ɏ])"
    if re.fullmatch(r"[ァ-ヶー・]+", form):  # ルミナ is not in アルミナ
        return rf"(?<![ァ-ヶー]){inner}(?![ァ-ヶー])"
    return inner


def _forms(name: str, meant: str) -> Iterator[Form]:
    """Yield a name and its shorter forms: 栃ノ木 of 栃ノ木精密, Ray and Oduya of Ray Oduya."""
    if len(_meant(name)) < (2 if name.isascii() else 1):
        return
    yield Form(name, meant, _kind(name), careful=_is_word(name))
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
        r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        r"(?<![\w@.])@(?!nakodo\b)[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b",
        r"\+?\(?\d(?:[ ()-]{0,2}\d){8,}",
        r"\b(?=[a-z0-9_.-]*[a-z])[a-z0-9_-]{2,}(?:\.[a-z0-9_-]{2,})+\b(?:/[!-~]*)?",
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
_SPELLED = re.compile(
    rf"\b(?:(?:one|an?)[ -](?={_GREAT})|(?={_SMALL}))(?:(?:{_SMALL}|{_GREAT}|one|and(?= (?:{_SMALL}|one)))[ -]?)+\b",
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
        elif piece.speech[0] == "名詞" and numeral(piece.surface):  # 三日, 十人
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


_AFTER_NOTHING = ("つ", "から", "に", "の", "と", "、", "")


def _idle(number: str, after: str) -> bool:
    """Whether a numeral counts nothing: 一つ, 一番, 一から, 何."""
    return not re.search(r"[\d〇一二三四五六七八九十百千万億兆]", number) or (
        number == "一" and (after in _AFTER_NOTHING or bool(dictionary_speech(number + after)))
    )
