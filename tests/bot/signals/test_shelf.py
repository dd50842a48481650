"""Every signal is on the shelf, in both languages, and speaks briefly and kindly."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest

from bot import signals as shelf
from bot.model import ComputedSignal, Nda, Person, Signal, SpokenSignal, Text
from bot.partnership import By, Cost, Experiment, Partnership
from bot.signals import Context, SignalKind, never, signals
from knowledge.card import Locale, Stage
from knowledge.library import load_library

ROOT = Path(__file__).parents[3]
NAMES = sorted(signals())
SPOKEN = sorted(get_args(SpokenSignal))
COMPUTED = sorted(get_args(ComputedSignal))
JAPANESE = re.compile("[ぁ-んァ-ン一-龥]")
BY = By.of(Person(name="tanaka", side="sme"), datetime(2026, 5, 1, tzinfo=UTC))

ACCUSING: dict[Locale, str] = {
    "ja": "違反 いけません べきです だめです 間違 失礼 非常識 あなた おかしい のせい やめてください",
    "en": "wrong fault violat rude unfair inappropriate blame you+must+not you+should you+have+to don't+you",
}
FOG = "シナジー コミット アジェンダ フェーズ スコープ マイルストーン ステークホルダー ピボット MVP PoC KPI"


def private_words(kind: SignalKind) -> Iterator[Text]:
    yield kind.ask
    yield from kind.ask_by_side.values()


def all_words(kind: SignalKind) -> Iterator[Text]:
    yield from (kind.name, kind.why, kind.note, *private_words(kind), *kind.options)
    if kind.word:
        yield kind.word


def heard(stage: Stage = "meeting", nda: Nda = "none", record: Partnership | None = None) -> Context:
    return Context(side="sme", stage=stage, nda=nda, record=record or Partnership())


def test_every_signal_that_may_be_heard_or_computed_is_on_the_shelf() -> None:
    assert sorted([*SPOKEN, *COMPUTED]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_signal_is_called_like_its_file_and_imports_no_other(name: Signal) -> None:
    path = Path(shelf.__path__[0]) / f"{name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {
        module
        for module in imported
        if module and module.split(".")[0] in ("bot", "knowledge", "adapters", "prompts")
    }
    assert signals()[name].id == name
    assert ours <= {"bot.signals", "bot.model", "bot.partnership", "knowledge.card"}


@pytest.mark.parametrize("name", SPOKEN)
def test_what_is_spoken_is_not_computed(name: Signal) -> None:
    assert signals()[name].due is never


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_knows_when_it_is_due(name: Signal) -> None:
    assert signals()[name].due is not never


@pytest.mark.parametrize("name", NAMES)
def test_all_words_stand_in_both_languages(name: Signal) -> None:
    for text in all_words(signals()[name]):
        assert JAPANESE.search(text.ja), text.ja
        assert text.en.strip() and not JAPANESE.search(text.en), text.en


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_a_person_or_the_room_is_short(name: Signal) -> None:
    kind = signals()[name]
    for text in [*private_words(kind), *([kind.word] if kind.word else [])]:
        assert len(text.ja) <= 160, text.ja
        assert len(text.en.split()) <= 60, text.en


@pytest.mark.parametrize("name", SPOKEN)
def test_who_spoke_and_what_they_said_stand_in_the_note_alone(name: Signal) -> None:
    kind = signals()[name]
    for locale in get_args(Locale):
        assert "{who}" in kind.note(locale) and "{evidence}" in kind.note(locale)
        others = [text(locale) for text in all_words(kind) if text != kind.note]
        assert not any("{" in text for text in others)


@pytest.mark.parametrize("name", COMPUTED)
def test_a_computed_signal_tells_its_hearer_what_it_goes_by(name: Signal) -> None:
    kind = signals()[name]
    told = [kind.note] if kind.to == "facilitator" else [kind.note, *private_words(kind)]
    for text in told:
        assert "{evidence}" in text.ja and "{evidence}" in text.en
        assert "{who}" not in text.ja + text.en


@pytest.mark.parametrize("name", SPOKEN)
def test_each_side_hears_it_in_its_own_terms_or_both_in_the_same(name: Signal) -> None:
    kind = signals()[name]
    assert set(kind.ask_by_side) in (set(), {"sme", "startup"})
    assert kind.asked_of("sme") != kind.asked_of("startup")


@pytest.mark.parametrize("name", SPOKEN)
def test_the_private_word_gives_something_to_say(name: Signal) -> None:
    for text in signals()[name].ask_by_side.values():
        assert re.search("「.+」", text.ja) and re.search("“.+”", text.en)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_said_accuses(name: Signal) -> None:
    kind = signals()[name]
    for text in [*private_words(kind), *([kind.word] if kind.word else []), *kind.options]:
        assert not [word for word in ACCUSING["ja"].split() if word in text.ja], text.ja
        assert not [word for word in ACCUSING["en"].split() if word.replace("+", " ") in text.en.lower()], text.en


@pytest.mark.parametrize("name", SPOKEN)
def test_a_maker_is_spoken_to_without_consultants_words(name: Signal) -> None:
    assert not [word for word in FOG.split() if word in signals()[name].asked_of("sme").ja]


@pytest.mark.parametrize("name", NAMES)
def test_the_words_rest_on_cards_that_exist(name: Signal) -> None:
    cards = signals()[name].cards
    assert 1 <= len(cards) <= 2
    assert set(cards) <= set(load_library().cards)


def test_options_come_in_twos_and_threes() -> None:
    assert {len(kind.options) for kind in signals().values()} <= {0, 2, 3}


def test_only_secrets_and_heat_cannot_wait() -> None:
    urgent = {kind.id for kind in signals().values() if kind.urgency == "now"}
    assert urgent == {"pre_nda_disclosure", "conflict"}


def test_the_room_never_hears_of_secrets_heat_or_scorn() -> None:
    worded = {kind.id for kind in signals().values() if kind.word}
    assert worded == {"unpaid_work", "no_go_stop", "slow_decision", "jargon", "vague_ask"}


@pytest.mark.parametrize(("nda", "counts"), [("none", True), ("drafting", True), ("signed", False)])
def test_a_secret_is_too_early_only_while_the_nda_is_unsigned(nda: Nda, counts: bool) -> None:
    assert signals()["pre_nda_disclosure"].counts(heard(nda=nda)) is counts


def test_before_the_signature_one_hears_what_may_be_told_instead() -> None:
    kind = signals()["pre_nda_disclosure"]
    for text in private_words(kind):
        assert all(word in text.ja for word in ("数字", "幅", "写真", "見本", "見学"))
        assert all(word in text.en.lower() for word in ("ranges", "photographs", "anonymised sample", "set path"))


@pytest.mark.parametrize("stage", get_args(Stage))
def test_money_is_too_early_only_in_the_first_talks(stage: Stage) -> None:
    assert signals()["cost_too_early"].counts(heard(stage)) is (stage in ("preparing", "meeting"))


def test_work_is_unpaid_until_a_cost_is_agreed_by_both() -> None:
    cost = Cost(what="材料", payer="A社", amount="5万円")
    proposed = Partnership(costs=(cost,))
    agreed = Partnership(costs=(cost.model_copy(update={"agreed": date(2026, 5, 1)}),))
    counts = signals()["unpaid_work"].counts
    assert counts(heard()) and counts(heard(record=proposed))
    assert not counts(heard(record=agreed))


def test_an_experiment_lacks_its_end_until_the_latest_one_ahead_is_settled() -> None:
    settled = Experiment(
        number=1, question="q", cap="5万円", ends=date(2026, 6, 1), success="s", stop="t", decider="tanaka"
    )
    over = settled.model_copy(update={"state": "done"})
    open_one = Experiment(number=2, question="q")
    counts = signals()["no_go_stop"].counts
    assert not counts(heard(record=Partnership(experiments=(settled,))))
    assert counts(heard())
    assert counts(heard(record=Partnership(experiments=(over,))))
    assert counts(heard(record=Partnership(experiments=(settled, open_one))))


def test_other_spoken_signals_count_wherever_they_are_heard() -> None:
    record = Partnership().sign_nda(BY, date(2026, 5, 1))
    bound = {"pre_nda_disclosure", "cost_too_early", "unpaid_work", "no_go_stop"}
    for name in set(SPOKEN) - bound:
        assert all(signals()[name].counts(heard(stage, "signed", record)) for stage in get_args(Stage)), name
