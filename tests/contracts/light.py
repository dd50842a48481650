"""`nakodo serve` with nobody clever in it: the real road, store and channels, and a coach that says what tests know.

    python -m tests.contracts.light

It is built like `adapters.opening`, without the pages, and comes up in a second or two: it loads no weights and no
index.
"""

import re
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model import Answer, Said, Situation
from bot.ports import Aloud
from bot.settings import Settings, load_settings
from bot.turn import House
from knowledge.card import Citation, Locale
from tests.fakes import ScriptedEar, no_sources

if TYPE_CHECKING:
    from adapters.serve import House as Served

CARD = "nda-first"
CHOICES = ("もう少し詳しく教えて", "出典を見せて")
DISTRESS = "もう夜も眠れず、何もかも投げ出したいです"
BOLD = "**「秘密」**は、先に**相手**へ言わないでください。**図面**も同じです。"
BOLD_WORDS = ("秘密", "相手", "図面")
QUIET_ANSWER = "承りました。"
GATE, THINKING = "gate", "thinking"
"""Files in the home: while the first is there, a question with ゆっくり is thought about; the second tells of it.

With 書きながら an answer begins to be shown before that, where a language model is set up; with 言い直す another one.
"""


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

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (),
        aloud: Aloud | None = None, **_how: object,
    ) -> Answer:  # fmt: skip
        if "壊れる" in question:
            raise ZeroDivisionError(question)
        if aloud is not None and "書きながら" in question:
            aloud("別の書き出し。" if "言い直す" in question else f"echo: {question}"[:-1])
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


def canonical(text: str) -> str:
    """What must arrive of a text, however it is set: no blanks, no signs of Markdown, no bullets."""
    return re.sub(r"[\s#*>・•\-]", "", text)


@asynccontextmanager
async def open_light(settings: Settings) -> "AsyncIterator[Served]":
    """Build the house, with the chats whose settings are present."""
    from adapters.channels import slack_settings, telegram_settings
    from adapters.channels.slack import SlackChannel
    from adapters.channels.telegram import TelegramChannel
    from adapters.home import home_of
    from adapters.post import ChannelName, Home
    from adapters.reception import Reception
    from adapters.sending import Sender
    from adapters.serve import House as Served
    from adapters.serve import Running
    from adapters.services.jobs import Jobs
    from adapters.services.store import Directory, Mail, open_store
    from adapters.services.store.lock import alone

    store = open_store(None, settings.home)
    directory, mail = Directory(store.engine), Mail(store.engine)
    channels: dict[ChannelName, Running] = {}
    house = House(KnownCoach(settings.home), ScriptedEar(calls={DISTRESS: ("distress",)}), no_sources)
    reception = Reception(store, directory, mail, lambda _: house, settings)
    sender = Sender(store, directory, mail, channels)
    jobs = Jobs(reception, sender, channels, url=None, home=settings.home)

    async def home(team: str, account: str) -> Home:
        tenant = directory.tenant_of("", account, team)
        return home_of(store, directory, tenant, account, jobs.clock())

    async with AsyncExitStack() as stack:
        stack.enter_context(alone(store.engine, settings.home))
        slack, telegram = slack_settings.from_environment(), telegram_settings.from_environment()
        if slack is not None:
            channels["slack"] = SlackChannel(slack, jobs.receive, home=home, follows=mail.spoke_in)
        if telegram is not None:
            channels["telegram"] = TelegramChannel(telegram, jobs.receive)
        stack.callback(store.close)
        yield Served(jobs, channels)


def main() -> None:
    from adapters import logs, reception
    from adapters.serve import build_app, run

    reception.SETTLED = timedelta(seconds=0.05)  # People in tests write one message and wait.
    settings = load_settings()
    logs.set_up()
    run(build_app(lambda: open_light(settings)), settings.host, settings.port)


if __name__ == "__main__":
    main()
