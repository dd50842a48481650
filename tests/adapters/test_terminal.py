"""A talk in the terminal."""

from adapters.channels.terminal import converse
from tests.fakes import EchoCoach, MemoryStore, house


def talked(*lines: str) -> list[str]:
    written: list[str] = []
    converse(iter(lines), written.append, MemoryStore(), house)
    return [line.strip() for line in written]


def test_lines_are_answered_until_somebody_leaves() -> None:
    assert talked("NDAって何", "", "  ", "/quit", "never read") == ["echo: NDAって何"]


def test_commands_work_and_change_what_the_coach_knows() -> None:
    written: list[str] = []
    coach = EchoCoach()
    converse(
        iter(["/side startup", "/language en", "質問"]), written.append, MemoryStore(), lambda: house(coach=coach)
    )
    _, locale, situation, _ = coach.asked[0]
    assert (locale, situation.side) == ("en", "startup")


def test_the_end_of_input_is_the_end() -> None:
    assert talked() == []


def test_the_next_talk_goes_on_where_the_last_one_ended() -> None:
    store, coach = MemoryStore(), EchoCoach()
    written: list[str] = []
    converse(iter(["費用はいつ話す？"]), written.append, store, lambda: house(coach=coach))
    converse(iter(["例は？"]), written.append, store, lambda: house(coach=coach))
    assert [said.text for said in coach.asked[1][3]] == ["費用はいつ話す？", "echo: 費用はいつ話す？"]


def test_what_was_said_is_kept_before_it_is_answered() -> None:
    store = MemoryStore()
    seen: list[int] = []
    converse(iter(["NDAって何"]), lambda _: seen.append(len(store.kept)), store, house)
    assert seen == [1]
