"""What is nobody's name: it ships, and it is what the cards and training texts say."""

import gzip

from knowledge.tokens import dictionary_speech
from knowledge.vocabulary import ENGLISH, SHELF, shelf, vocabulary


def test_the_shipped_words_are_those_of_the_cards_and_training_texts() -> None:
    shipped = gzip.decompress(SHELF.read_bytes()).decode()
    assert shipped == shelf(), "Run python -m knowledge.vocabulary"


def test_the_english_words_carry_their_notice() -> None:
    with gzip.open(ENGLISH, "rt", encoding="utf-8") as file:
        assert "Permission to use, copy, modify, distribute and sell these word" in file.read()


def test_terms_of_the_field_are_words_and_names_on_the_cards_are_none() -> None:
    words = vocabulary()
    assert {"NDA", "PoC", "MVP", "IoT", "SMEs", "SaaS", "Friday", "English"} <= words.terms
    assert {"startup", "sme", "roadmap", "contract"} <= words.plain
    assert {"図面", "試作", "打ち合わせ"} <= words.nouns
    assert not {"creww", "yuai", "akane", "hamana"} & words.plain
    assert not {"リバネス", "ユーアイ", "アカネ"} & words.ordinary


def test_the_dictionary_says_what_a_word_alone_may_be() -> None:
    assert {speech[3] for speech in dictionary_speech("森")} >= {"姓", "*"}
    assert dictionary_speech("ネムノテック") == ()
