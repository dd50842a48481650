"""From a question in somebody's own words to the card that answers it."""

import numpy as np
import pytest

from adapters.wiring import Nakodo
from bot.coach.playbook import Playbook
from bot.model import Situation
from knowledge.dense import Dense
from knowledge.head import Head
from knowledge.lexical import Lexical
from knowledge.search import WEIGHTS, CardSearch, Found, Shelf, _mean_of_nearest, _padded, document
from knowledge.tokens import words
from tests.fakes import CountingEmbedder


def first(found: Found, nakodo: Nakodo) -> set[str]:
    return set(nakodo.library[found.cards[0]].front.covers)


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("むこうの技術者が配合を教えろと言う。約束の紙はまだ一枚もない", "GDE-20-nda-first"),
        ("返事を一か月待たせている。怒っているだろうか", "GDE-30-decide-fast"),
        ("They want a finished product, we only have a rough one to test with", "GDE-23-mvp"),
        ("We treat them like one of our subcontractors and the ideas dried up", "GDE-38-equal"),
    ],
)
def test_a_situation_finds_its_card(nakodo: Nakodo, question: str, slug: str) -> None:
    assert slug in first(nakodo.search.find(question), nakodo)


def test_without_vectors_plain_terms_are_still_found(wordy: Nakodo) -> None:
    assert wordy.search.dense is None
    assert "GDE-23-mvp" in first(wordy.search.find("MVPとは何ですか"), wordy)
    assert "STAT-19" in first(wordy.search.find("あいちマッチングは何件の商談で何件の協業になった？"), wordy)


def test_english_finds_a_card_by_its_japanese_texts(nakodo: Nakodo) -> None:
    """With only the Japanese asks and sentences to compare with, the English question still finds the card."""
    search = nakodo.search
    assert search.dense is not None
    vector = search.embed("Before a non-disclosure agreement is signed, do not tell confidential details")
    assert vector is not None
    japanese = {
        card.id: max(float(search.dense.embed(ask) @ vector) for ask in card.asks("ja")[:6])
        for card in (nakodo.library[name] for name in ("nda-first", "stat-succession", "decarb-lens", "term-tacit"))
    }
    assert max(japanese, key=lambda name: japanese[name]) == "nda-first"


def test_the_askers_side_decides_between_two_that_fit(nakodo: Nakodo) -> None:
    question = "初めて会うとき、どう話せばいい？"
    asked_by = {
        side: nakodo.search.find(question, side=side).cards.index("talk-to-sme") for side in ("sme", "startup")
    }
    assert asked_by["startup"] <= asked_by["sme"]


def test_a_question_seen_before_is_ranked_anew_for_who_asks_now(nakodo: Nakodo) -> None:
    search, question = nakodo.search, "見積もりは、いつ出してもらえばいいですか"
    before = search.find(question, side="sme", stage="meeting")
    search.find(question, side="startup", stage="building")
    again = search.find(question, side="sme", stage="meeting")
    assert again.hits == before.hits
    assert search.rank(question, search.embed(question), side="sme", stage="meeting").hits == before.hits
    assert search.find(question, side="startup", stage="building").hits != before.hits


def test_the_nearest_ask_is_the_ask_itself(nakodo: Nakodo) -> None:
    card = nakodo.library["nda-first"]
    assert nakodo.search.find(card.asks("ja")[0]).nearest > 0.95


def test_the_mean_of_the_nearest_is_of_all_where_there_are_few() -> None:
    scores = np.arange(10, dtype=np.float32)
    places = _padded(np.array([0, 2]), len(scores))
    assert list(_mean_of_nearest(scores, places)) == [0.5, 6.5]


def test_nonsense_is_near_to_nothing_people_ask(nakodo: Nakodo) -> None:
    sense = nakodo.search.find("相手が図面を見たいと言うが、まだ何も結んでいない").nearest
    nonsense = nakodo.search.find("ぷよぷよの連鎖を組むコツ").nearest
    assert nonsense < 0.5 < sense


def test_another_embedding_model_takes_the_place_of_the_built_in_one(nakodo: Nakodo) -> None:
    """The heads were trained on e5's vectors: with other ones they go by words, and nothing breaks."""
    library, shelf, embedder = nakodo.library, Shelf.of(nakodo.library), CountingEmbedder()
    dense = Dense(np.array(embedder.embed_documents([entry.text for entry in shelf.entries])), embedder)
    lexical = Lexical.build([document(card) for card in library.cards.values()], words)
    search = CardSearch(library, shelf, Head.load(WEIGHTS / "cards.npz"), lexical, dense)
    found = search.find("MVPとは何ですか")
    assert (found.vector is None, found.trained is None) == (False, True)
    assert Playbook(library, search).answer("MVPとは何ですか", locale="ja", situation=Situation()).text
