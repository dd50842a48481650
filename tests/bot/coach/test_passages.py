"""Passages: numbered lines of cards, for one asker."""

from bot.coach.passages import AVOID, MOST, passages_of
from knowledge.card import Part
from knowledge.library import load_library

LIBRARY = load_library()
CARDS = [LIBRARY["nda-timing"], LIBRARY["cost-timing"], LIBRARY["case-okamoto"]]


def test_they_are_numbered_from_one_and_not_too_many() -> None:
    passages = passages_of(CARDS, "ja", "sme")
    assert [one.number for one in passages] == list(range(1, len(passages) + 1))
    assert len(passages) <= MOST
    assert {one.card for one in passages} == {card.id for card in CARDS}


def test_the_first_says_the_title_and_the_thing_itself() -> None:
    first = passages_of(CARDS, "ja", None)[0]
    body = CARDS[0].ja
    assert body.title in first.text
    assert body.parts[Part.ANSWER][0].text in first.text


def test_what_is_said_to_one_side_is_for_nobody_else() -> None:
    own = {line.text for line in CARDS[0].ja.parts[Part.STEPS] if line.side == "startup"}
    assert own
    assert own <= {one.text for one in passages_of(CARDS, "ja", "startup")}
    for side in (None, "sme", "facilitator"):
        assert not own & {one.text for one in passages_of(CARDS, "ja", side)}


def test_a_mistake_is_marked_as_one() -> None:
    passages = passages_of(CARDS[:1], "en", None)
    mistakes = {AVOID["en"] + line.text for line in CARDS[0].en.lines(Part.MISTAKES)}
    assert mistakes == {one.text for one in passages if one.avoided}


def test_each_card_has_room_though_the_first_is_long() -> None:
    passages = passages_of([*CARDS, *CARDS, *CARDS], "ja", "sme")
    assert len(passages) <= MOST
    assert passages[-1].card == CARDS[-1].id
