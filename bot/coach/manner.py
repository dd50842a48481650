"""How a sentence is said: in which language, how politely, and whether it is a sentence to this person at all.

What speaks to machines (links, code, markup, encoded text, talk of instructions) has no place in an answer.
"""

import re
from functools import lru_cache

from knowledge.card import Locale
from knowledge.claims import claims
from knowledge.classes import pattern, stems
from knowledge.days import folded
from knowledge.grammar import morphemes, polite, words_in
from knowledge.tokens import normalise

CHATTER: dict[Locale, int] = {"ja": 45, "en": 110}
"""Characters of a word that only takes up what was said."""
FOREIGN = 0.34
"""The share of letters of another script that a sentence may have, where the cards do not have them."""

_KANA = re.compile(r"[\u3040-\u30ff]")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々ー]+")
_LATIN = re.compile(r"[a-z][a-z'’&-]*")
_HANDLES = re.compile(r"[#@]\s*[^\W\d]\w*")
_OTHER = re.compile(r"[\u0370-\u1fff\uac00-\ud7af\u1100-\u11ff]")


def unmannered(sentence: str, known: str, locale: Locale) -> str:
    """Return what is wrong with how a sentence is said, or nothing. `known` is what the asker and the cards say."""
    plain = folded(sentence)
    checks = (
        ("unsourced", not plain.strip()),
        ("placeholder", bool(pattern("placeholder").search(sentence))),
        ("instruction", bool(pattern("machine").search(plain) or pattern("meta", locale).search(plain))),
        ("instruction", _shouts(sentence) or any(mark not in known for mark in _HANDLES.findall(plain))),
        ("language", _strange(plain, known, locale)),
        ("rude", _rude(plain, known, locale)),
    )
    return next((why for why, wrong in checks if wrong), "")


def _rude(plain: str, known: str, locale: Locale) -> bool:
    """Whether it is rude, or in Japanese not polite."""
    word = pattern("rude", locale).search(plain)
    return bool(word and word[0] not in known) or (locale == "ja" and not polite(_without_quotes(plain)))


def _shouts(sentence: str) -> bool:
    """Whether it is a call in capitals, as machines are called."""
    loud = [word for word in re.findall(r"[A-Za-z]{4,}", sentence) if word.isupper()]
    return len(loud) > 1 and 2 * sum(map(len, loud)) > sum(char.isalpha() for char in sentence)


def _without_quotes(sentence: str) -> str:
    return re.sub(r"「[^「」]*」|『[^『』]*』|（[^（）]*）|\([^()]*\)", "", sentence)


def _strange(plain: str, known: str, locale: Locale) -> bool:
    """Whether a sentence is in another language; names and terms that the cards or the asker use are in none."""
    if any(char not in known for char in _OTHER.findall(plain)):
        return True
    if locale == "ja":
        foreign = sum(len(word) for word in _LATIN.findall(plain) if word not in known)
        own = sum(len(run) for run in _JAPANESE.findall(plain))
        return not _KANA.search(plain) or foreign > FOREIGN * (foreign + own)
    return any(run not in known for run in _JAPANESE.findall(plain)) or not _LATIN.search(plain)


# What needs no passage


def talks_back(sentence: str, locale: Locale, *, asked: bool) -> bool:
    """Whether a sentence asks the person something."""
    return asked or pattern("asks", locale).search(folded(sentence).strip()) is not None


def proposal(sentence: str, locale: Locale) -> bool:
    """Whether what looks like a question is advice, or a statement that wants a nod."""
    return pattern("proposes", locale).search(folded(sentence).strip()) is not None


_MARKED = re.compile(r"[:：=＝#\"「」『』“”_/\\\d<>|*~^\[\]@&]")
"""What a kind word has no need of."""


@lru_cache(maxsize=256)
def chatter(sentence: str, said: str, locale: Locale) -> bool:
    """Whether a sentence only takes up what the person said or feels, and so claims nothing."""
    plain = folded(sentence).strip()
    if len(plain) > CHATTER[locale] or not pattern("soft", locale).search(plain) or _MARKED.search(plain):
        return False
    heard = {word.stem for word in words_in(said, locale)} | {word.key for word in words_in(said, locale) if word.key}
    feeling = stems("feeling", locale)
    own = [word for word in words_in(sentence, locale) if word.stem not in feeling and word.plain not in feeling]
    strange = [
        word for word in own if word.stem not in heard and word.key not in heard and not _colour(word.plain, sentence)
    ]
    felt = len(own) < len(words_in(sentence, locale))
    return felt and not strange and len(own) <= 2 and not claims(sentence, locale).certain


def _colour(word: str, sentence: str) -> bool:
    """Whether a Japanese word is an adjective or an adverb."""
    return any(
        one.stem == word and one.speech[0] in ("形容詞", "副詞", "感動詞") for one in morphemes(normalise(sentence))
    )
