"""From text to words, for Japanese and English alike. The only door to Sudachi.

A blank-separated tokenizer makes one token of a whole Japanese sentence, and then nothing is ever found. Sudachi's
short units in normalised form make 打合せ, 打ち合わせ and うちあわせ one word.
"""

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sudachipy import Dictionary, SplitMode

from knowledge.card import Locale

# Particles and auxiliaries carry grammar, not topic.
_GRAMMAR = {"助詞", "助動詞", "補助記号", "空白", "記号"}
AT_ONCE = 12_000
"""Characters that Sudachi reads at once: it refuses more than 49,149 bytes."""
_lock = threading.Lock()


@cache
def _dictionary() -> Any:
    return Dictionary(dict="core")


_local = threading.local()


def tokenizer() -> Any:
    """Return this thread's tokenizer."""
    # A tokenizer is not to be shared between threads; the dictionary is.
    if not hasattr(_local, "tokenizer"):
        with _lock:
            _local.tokenizer = _dictionary().tokenizer()
    return _local.tokenizer


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_HALF = re.compile(r"[\ud800-\udfff]")
"""Half a character, of which Sudachi will not read."""


def normalise(text: str) -> str:
    """Fold widths and case, and drop control characters and halves of one; the meaning stays."""
    folded = unicodedata.normalize("NFKC", text)
    return _CONTROL.sub("", folded).lower()


def words(text: str) -> list[str]:
    """Return the content words of a text in normalised form."""
    return list(_words(text))


@lru_cache(maxsize=128)
def _words(text: str) -> tuple[str, ...]:
    """Cut a text once: the heads, BM25 and the coach want the words of the same message one after the other."""
    found: list[str] = []
    text = normalise(text)
    for start in range(0, len(text), AT_ONCE):
        for morpheme in tokenizer().tokenize(text[start : start + AT_ONCE], SplitMode.A):
            if _speech(morpheme.part_of_speech_id(), morpheme)[0] not in _GRAMMAR:
                found.append(morpheme.normalized_form().lower())
    return tuple(found)


def bigrams(text: str) -> list[str]:
    """Return overlapping pairs of characters: robust to compounds that Sudachi cuts elsewhere than the asker."""
    squeezed = re.sub(r"\s", "", normalise(text))
    return [squeezed[i : i + 2] for i in range(len(squeezed) - 1)]


_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f々ー]+")
_ENGLISH = re.compile(r"[a-z']+", re.IGNORECASE)
_RUN = re.compile(r"[!-~]+")
_ADDRESS = re.compile(r"://|@\w|\w\.[a-z]{2}|^<[#!]|:\w+:", re.IGNORECASE | re.ASCII)
"""What tells an address, a mention, the name of a file or of a picture: written alike in all languages."""


def language(text: str, default: Locale = "ja") -> Locale:
    """Return which of the two languages a text is written in; `default` where its letters do not tell.

    Compared are unbroken runs: あいちマッチング is one name in an English sentence, IoT one word in a Japanese one.
    """
    text = _RUN.sub(lambda run: " " if _ADDRESS.search(run[0]) else run[0], text)
    japanese = len(_JAPANESE.findall(text))
    english = len([word for word in _ENGLISH.findall(text) if not word.isupper()])  # NDA is in both
    if not japanese and not english:
        return default
    return "ja" if japanese >= english else "en"


class Piece(NamedTuple):
    """A morpheme where it stands in a text; `unknown` is one that no dictionary has."""

    start: int
    end: int
    surface: str
    speech: tuple[str, ...]
    """Parts of speech, four deep: 名詞, 固有名詞, 人名, 姓."""
    unknown: bool


def pieces(text: str) -> list[Piece]:
    """Return the morphemes of a text as it stands, in Sudachi's long units: 信用金庫 is one."""
    found: list[Piece] = []
    text = _HALF.sub("\ufffd", text)
    for start in range(0, len(text), AT_ONCE):
        for morpheme in tokenizer().tokenize(text[start : start + AT_ONCE], SplitMode.C):
            begin, end = start + morpheme.begin(), start + morpheme.end()
            speech = _speech(morpheme.part_of_speech_id(), morpheme)
            found.append(Piece(begin, end, text[begin:end], speech, morpheme.is_oov()))
    return found


_speeches: dict[int, tuple[str, ...]] = {}


def _speech(number: int, morpheme: Any) -> tuple[str, ...]:
    if number not in _speeches:
        _speeches[number] = tuple(morpheme.part_of_speech()[:4])
    return _speeches[number]


@lru_cache(maxsize=4096)
def dictionary_speech(word: str) -> tuple[tuple[str, ...], ...]:
    """Return the parts of speech that the dictionary gives a word alone: several for 森, none for a stranger."""
    with _lock:
        return tuple(tuple(morpheme.part_of_speech()[:4]) for morpheme in _dictionary().lookup(word))
