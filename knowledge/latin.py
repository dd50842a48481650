"""Which words in Latin letters are names, by their capitals and by English not knowing them."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from knowledge.tokens import dictionary_speech
from knowledge.vocabulary import LATIN, vocabulary

Kind = Literal["person", "firm", "place", "thing"]


class Span(NamedTuple):
    """A name in a text."""

    start: int
    end: int
    kind: Kind


_POLITE = re.compile(r"(.+?)-(?:san|sama|kun|chan|sensei|senpai|shi|[a-z]*ch[oō])", re.IGNORECASE)
_ADDRESSED = re.compile("さん|さま|様|氏|くん|君|側|(?:って|という)(?:会社|人)|社(?!内|外|長|員|会|名)")
_MISTER = re.compile(r"\b(?:Mr|Ms|Mrs|Dr|Prof|Mx)\.? $")
_STYLES = frozenset({"Mr", "Ms", "Mrs", "Dr", "Prof", "Mx"})
_MEASURED = re.compile(r"\d[ ~]?$")
# What a person does after a word with a capital at the beginning of a sentence: "Rose saw", "Chase and Dean".
_ACTS = re.compile(
    r"(?:'s)? (?:and [A-Z]|\(|(?:says?|said|thinks?|thought|wants?|wanted|asks?|asked|tells?|told|knows?|knew"
    r"|saw|kept|agreed|offered|called|wrote|replied|came|joins?|joined|believes|explained|mentioned|suggested|promised|refused)\b)"
)
_LEGAL = re.compile(r"(?:,? (?:Inc|Ltd|LLC|Corp|Co|GmbH|KK|K\.K|PLC|S\.A|Pte|AG|BV)\b\.?)+")
# What follows a verb or a question, not a name: "Will you", "Mark the date".
_AFTER_VERB = re.compile(
    r" (?:i|you|we|they|he|she|it|us|them|me|the|an?|this|that|these|those|there|our|your|my|their|his|her|be|not)\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:^|[.!?:;\n\r|#•*>\"“”'‘(\[{/—–-]|[^\x00-\x7fÀ-ɏ’]) *$")
_IS = re.compile(
    r"(?:'s| (?:is|was|has|had|will|can|could|would|should|did|does|just|also|never|already"
    r"|won't|can't|isn't|doesn't))\b"
)
_AMONG_JAPANESE = re.compile(r"[ぁ-んァ-ヶー一-鿿、。「]")
_INITIALS = re.compile(r"\b(?:[A-Z]\. ?)+$")
_DERIVED = re.compile(r"(?:ing|ed|ize|ise|tion|ly|ness|able|ic|ity|ment|ous|al)s?$")
_PREFIX = re.compile(r"(?:un|re|pre|non|co|sub|over|under|multi|micro|mini|semi|anti|inter|out|mis|de|dis|self)")


def latin_names(text: str) -> list[Span]:
    """Return the names in Latin letters, in their order; what belongs together is one: Ngozi Abara."""
    found: list[Span] = []
    before: re.Match[str] | None = None
    for token in LATIN.finditer(text):
        if text[max(0, token.start() - 1) : token.start()].isdigit():
            continue  # a unit: 10kHz
        last = (
            found[-1] if found and before and found[-1].end == before.end() and _near(text, before, token) else None
        )
        kind, end = _judged(text, token)
        if last and not kind and token[0].istitle() and token[0] not in _STYLES:
            kind, end = last.kind, token.end()  # Dorvane Polymers
        before = token
        if not kind:
            continue
        legal = _LEGAL.match(text, end)
        if legal:
            kind, end = "firm", legal.end()
        if last:
            found[-1] = Span(last.start, end, "firm" if kind == "firm" else last.kind)
        else:
            initials = _INITIALS.search(text, max(0, token.start() - 9), token.start())
            found.append(Span(initials.start() if initials else token.start(), end, kind))
    return found


def _near(text: str, before: re.Match[str], token: re.Match[str]) -> bool:
    return text[before.end() : token.start()] in (" ", " & ") and token[0][0].isupper()


def _judged(text: str, token: re.Match[str]) -> tuple[Kind | None, int]:
    """Return what a word is a name of, if it is one, and where the name in it ends."""
    word = re.sub(r"['’]s$", "", token[0])
    end = token.start() + len(word)
    polite = _POLITE.fullmatch(word)
    if polite and not _ordinary(polite[1].lower()):
        return "person", token.start() + len(polite[1])
    if _MISTER.search(text, max(0, token.start() - 6), token.start()) and word[0].isupper():
        return "person", end
    if word in vocabulary().terms:
        return None, end
    if len(word) > 1 and word[0].isupper() and _ADDRESSED.match(text, end):
        return "firm" if text[end] == "社" else "person", end
    handle = word.islower() and re.search(r"[a-z]{3,}-[a-z]$", word)  # taro-k
    known = all(_known(text, token.start(), end, part) for part in re.split(r"[-&]", word) if part)
    return (_kind(word) if handle or not known else None), end


def _kind(word: str) -> Kind:
    speech = dictionary_speech(word)
    if any(part[2] == "地名" for part in speech):
        return "place"
    person = word.lower() in vocabulary().both or any(part[2] == "人名" for part in speech)
    return "person" if person else "thing"


def _known(text: str, start: int, end: int, word: str) -> bool:
    """Whether a word in its place is nobody's name."""
    words = vocabulary()
    if word in words.terms or word in _STYLES or len(word) == 1 or (word[-1] == "s" and word[:-1] in words.terms):
        return True
    if any(letter.isdigit() for letter in word):
        return not word[:2].isalpha()  # M6 is the number of something, SUS316 has a name in it
    if len(word) < 5 and not re.search("[aeiou]", word.lower()) and not word.isupper():
        return True  # Qty, pls
    if word.islower():
        return len(word) < 3 or _known_small(word) or _abbreviates(text, end, word)
    return _known_capital(text, start, end, word) if word.istitle() else _known_mixed(text, start, word)


@lru_cache(maxsize=8192)
def _known_small(word: str) -> bool:
    plain = vocabulary().plain
    made = any(word[:i] in plain and word[i:] in plain for i in range(4, len(word) - 3))  # shopfloor
    return made or _ordinary(word) or word in vocabulary().rare or re.split("['’]", word)[0] in plain  # o'clock


def _known_mixed(text: str, start: int, word: str) -> bool:
    if len(word) < 4 and _MEASURED.search(text, max(0, start - 2), start):
        return True  # 500 JPY, 62 HRC
    return _ordinary(word.lower()) or any(speech[1] == "普通名詞" for speech in dictionary_speech(word))


def _known_capital(text: str, start: int, end: int, word: str) -> bool:
    words, small = vocabulary(), word.lower()
    if len(word) < 3 and re.match(r" ?\d", text[end : end + 2]):
        return True  # Ra 0.8
    begins = bool(_BEGINS.search(text, max(0, start - 8), start)) if start else True
    if not _ordinary(small):
        return begins and small in words.rare and bool(_DERIVED.search(small))
    if small in words.both:
        return begins and bool(_AFTER_VERB.match(text, end))
    return not _behaves(text, start, end, small) and (begins or _headline(text, start))


def _behaves(text: str, start: int, end: int, small: str) -> bool:
    """Whether a word that begins a sentence is somebody there: Rose saw, Harborから."""
    words = vocabulary()
    strange = small not in words.seen
    return bool(
        ((strange or small in words.also) and _ACTS.match(text, end))
        or (small in words.seldom and _IS.match(text, end))
        or (strange and _AMONG_JAPANESE.search(text[max(0, start - 1) : start] + text[end : end + 1]))
    )


def _abbreviates(text: str, end: int, word: str) -> bool:
    """Whether a word is cut short with a full stop: incl., approx."""
    return len(word) < 7 and text[end : end + 2] in (". ", ".") and _begins_a_word(word)


@lru_cache(maxsize=1024)
def _begins_a_word(word: str) -> bool:
    return any(other.startswith(word) for other in vocabulary().plain)


def _headline(text: str, start: int) -> bool:
    """Whether the line is written with capitals throughout, as titles are."""
    line = text[text.rfind("\n", 0, start) + 1 :].split("\n", 1)[0]
    long: list[str] = re.findall(r"[A-Za-z]{4,}", line)
    return sum(word[0].isupper() for word in long) * 2 > len(long)


@lru_cache(maxsize=8192)
def _ordinary(word: str) -> bool:
    """Whether a word in small letters is English."""
    plain = vocabulary().plain
    prefix = _PREFIX.match(word)
    stem = word[prefix.end() :] if prefix else ""
    return (
        word in plain or re.sub(r"['’](?:s|t|d|m|re|ve|ll)$", "", word) in plain or (len(stem) > 3 and stem in plain)
    )
