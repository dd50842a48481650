"""BM25 finds what shares words, and nothing where nothing is shared."""

from pathlib import Path

from knowledge.lexical import Lexical
from knowledge.tokens import words

TEXTS = ["図面を見せる前に契約を結ぶ", "費用は誰が払うのか", "社長が早く決める"]


def test_the_text_with_the_asked_words_comes_first() -> None:
    scores = Lexical.build(TEXTS, words).scores("契約と図面")
    assert scores.argmax() == 0


def test_words_in_no_text_score_nothing() -> None:
    assert Lexical.build(TEXTS, words).scores("量子コンピューター").sum() == 0
    assert Lexical.build(TEXTS, words).scores("").sum() == 0


def test_no_texts_at_all_is_no_error() -> None:
    assert Lexical.build([], words).scores("契約").shape == (0,)


def test_an_empty_text_is_no_error() -> None:
    assert Lexical.build(["", "契約"], words).scores("契約").argmax() == 1


def test_what_was_saved_scores_the_same(tmp_path: Path) -> None:
    built = Lexical.build(TEXTS, words)
    built.save(tmp_path / "index")
    loaded = Lexical.load(tmp_path / "index", words)
    assert list(loaded.scores("費用を払う")) == list(built.scores("費用を払う"))
