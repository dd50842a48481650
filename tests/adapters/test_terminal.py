"""A talk in the terminal."""

from collections.abc import Sequence

from adapters.channels.terminal import converse
from bot.model import Answer, Said, Situation
from bot.ports import Aloud
from knowledge.card import Locale
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


class Writer(EchoCoach):
    """Writes bit by bit, and at the end perhaps something else."""

    def __init__(self, parts: Sequence[str], final: str) -> None:
        super().__init__()
        self._parts, self._final = parts, final
        self.aloud: Aloud | None = None

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (),
        aloud: Aloud | None = None, **_how: object,
    ) -> Answer:  # fmt: skip
        self.aloud = aloud
        for part in self._parts if aloud is not None else ():
            aloud(part)
        return Answer(kind="answer", locale=locale, text=self._final, next=("もっと",))


def screen(parts: Sequence[str], final: str, *, live: bool = True) -> tuple[str, Writer]:
    """Return what stands on the screen at the end."""
    written: list[str] = []
    writer = Writer(parts, final)
    begin = written.append if live else None
    converse(
        iter(["質問"]),
        lambda text: written.append(f"{text}\n"),
        MemoryStore(),
        lambda: house(coach=writer),
        begin=begin,
    )
    return "".join(written), writer


def test_sentences_are_printed_as_they_come_and_the_rest_behind_them() -> None:
    parts, final = ("**一つ目。**", "**一つ目。**二つ目。"), "**一つ目。**二つ目。\n\n出典: §5(3)"
    live, _ = screen(parts, final)
    assert live == screen(parts, final, live=False)[0] == "\n一つ目。二つ目。\n\n出典: §5(3)\n\n[ もっと ]\n\n"


def test_an_answer_that_says_something_else_is_printed_whole() -> None:
    live, _ = screen(("モデルの言葉。",), "カードの言葉。")
    assert live == "\nモデルの言葉。\n\nカードの言葉。\n\n[ もっと ]\n\n"


def test_where_lines_only_are_written_nobody_hears_an_answer_being_made() -> None:
    _, writer = screen((), "答え。", live=False)
    assert writer.aloud is None


def test_who_speaks_after_the_answer_is_not_printed() -> None:
    written: list[str] = []
    writer = Writer(("一つ目。",), "一つ目。二つ目。")
    converse(iter(["質問"]), written.append, MemoryStore(), lambda: house(coach=writer), begin=written.append)
    assert writer.aloud is not None
    before = list(written)
    writer.aloud("一つ目。二つ目。三つ目。")
    assert written == before
