"""A talk in the terminal."""

from adapters.channels.terminal import converse
from tests.fakes import EchoCoach, house


def talked(*lines: str) -> list[str]:
    written: list[str] = []
    converse(iter(lines), written.append, house())
    return [line.strip() for line in written]


def test_lines_are_answered_until_somebody_leaves() -> None:
    assert talked("NDAって何", "", "  ", "/quit", "never read") == ["echo: NDAって何"]


def test_commands_work_and_change_what_the_coach_knows() -> None:
    written: list[str] = []
    coach = EchoCoach()
    converse(iter(["/side startup", "/language en", "質問"]), written.append, house(coach=coach))
    _, locale, situation, _ = coach.asked[0]
    assert (locale, situation.side) == ("en", "startup")


def test_the_end_of_input_is_the_end() -> None:
    assert talked() == []
