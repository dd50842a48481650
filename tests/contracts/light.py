"""`nakodo serve` with nobody clever in it: the real road, store and channels, and a coach that says what tests know.

    python -m tests.contracts.light

It comes up in a second or two, for it loads no weights and no index.
"""

import re
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from adapters import logs, reception
from adapters.opening import open_house
from adapters.serve import build_app, run
from adapters.wiring import Nakodo
from bot.model import Answer, Said, Situation
from bot.settings import load_settings
from bot.turn import House
from knowledge.card import Citation, Locale
from tests.fakes import ScriptedEar, no_sources

CARD = "nda-first"
CHOICES = ("もう少し詳しく教えて", "出典を見せて")
DISTRESS = "もう夜も眠れず、何もかも投げ出したいです"
BOLD = "**「秘密」**は、先に**相手**へ言わないでください。**図面**も同じです。"
BOLD_WORDS = ("秘密", "相手", "図面")
QUIET_ANSWER = "承りました。"
GATE, THINKING = "gate", "thinking"
"""Files in the home: while the first is there, a question with ゆっくり is thought about; the second says that it is."""


def _long() -> str:
    sentences = "".join(f"第{number:04d}文では図面の寸法👩‍🔧をおたがいに確かめました🇯🇵。" for number in range(260))
    rows = "\n".join(f"- **項目{number:02d}**の費用は折半です" for number in range(40))
    breathless = "".join(f"続{number:04d}番" for number in range(560))
    return f"{sentences}\n\n## 費用の分け方\n{rows}\n> 引用の一行です\n\n{breathless}"


LONG = _long()


class KnownCoach:
    """Answers by what a question contains; all else comes back as an echo."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def answer(self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = ()) -> Answer:
        if "壊れる" in question:
            raise ZeroDivisionError(question)
        if "ゆっくり" in question:
            self._think()
        cited = (Citation(card=CARD, covers=("NDA-1",), basis="report", refs=("§5(3)",)),)
        text = self._text(question, situation, history)
        return Answer(kind="answer", locale=locale, text=text, citations=cited, next=CHOICES)

    def _text(self, question: str, situation: Situation, history: Sequence[Said]) -> str:
        told = {
            "長文": LONG,
            "太字": BOLD,
            "立場": f"side={situation.side} nda={situation.nda} theme={situation.theme} before={len(history)}",
            "復唱しない": QUIET_ANSWER,
        }
        return next((text for word, text in told.items() if word in question), f"echo: {question}")

    def _think(self) -> None:
        (self._home / THINKING).touch()
        for _ in range(1_500):
            if not (self._home / GATE).exists():
                return
            threading.Event().wait(0.02)


class _Shelf:
    def find(self, _question: str) -> tuple[Any, ...]:
        return ()


class LightNakodo(Nakodo):
    """The parts of Nakodo, the heavy ones left out."""

    @cached_property
    def search(self) -> Any:
        return _Shelf()

    @cached_property
    def house(self) -> House:
        ear = ScriptedEar(calls={DISTRESS: ("distress",)})
        return House(KnownCoach(self.settings.home), ear, no_sources)


def canonical(text: str) -> str:
    """What must arrive of a text, however it is set: no blanks, no signs of Markdown, no bullets."""
    return re.sub(r"[\s#*>・•\-]", "", text)


def main() -> None:
    # People in tests write one message and wait.
    reception.SETTLED = timedelta(seconds=0.05)
    nakodo = LightNakodo(load_settings())
    logs.set_up()
    run(build_app(lambda: open_house(nakodo)), nakodo.settings.host, nakodo.settings.port)


if __name__ == "__main__":
    main()
