"""Death, and the parts of a turn that can die: as little as a second process needs, so that it is soon there."""

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from adapters.beside import Tasks
from adapters.files import Read
from adapters.reception import NO_FILES, Reception
from adapters.services.store import Directory, Mail, SqlStore, Taken, open_store
from bot.model import Answer, Said, Situation
from bot.ports import Aloud
from bot.settings import Settings
from knowledge.card import Locale
from tests.fakes import EchoCoach, house

STEPS = (
    "mid_receive",
    "after_receive",
    "after_ack",
    "mid_think",
    "after_think",
    "mid_send",
    "mid_send_reached",
    "after_send",
)

ALOUD = ("stream_noted", "stream_begun", "stream_named", "mid_stream")
POISON, STAY = "poison", "stay"


class Death:
    """Comes once at each of its steps; at `poison` always, at `stay` never."""

    def __init__(self, steps: Sequence[str], home: Path) -> None:
        if strange := set(steps) - {*STEPS, *ALOUD, POISON, STAY}:
            raise SystemExit(f"no such step: {sorted(strange)}")
        self._steps, self._home = steps, home

    def awaits(self, step: str, words: str) -> bool:
        """Whether a step that is named in these words is still to be died at."""
        return step in self._steps and f"{step}." in words and not self._mark(step).exists()

    def at(self, step: str, words: str) -> None:
        """Die here, if it is time."""
        if self.awaits(step, words):
            if step != POISON:
                self._mark(step).touch()
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # No thread gets any further.

    def stays_away(self, words: str) -> None:
        """Wait here for ever, if these words name it."""
        if self.awaits(STAY, words):
            self._mark(STAY).touch()
            threading.Event().wait()

    def _mark(self, step: str) -> Path:
        return self._home / f"died-{step}"


class MortalReception(Reception):
    """Dies when it has handled an event."""

    death: Death

    def handle(self, taken: Taken, now: datetime, read: Mapping[str, Read] = NO_FILES) -> None:
        super().handle(taken, now, read)
        self.death.at("after_think", taken.event.text)


class MortalCoach(EchoCoach):
    """Dies over an answer."""

    def __init__(self, death: Death) -> None:
        super().__init__()
        self._death = death

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (),
        aloud: Aloud | None = None, **_how: object,
    ) -> Answer:  # fmt: skip
        if aloud is not None:
            aloud(f"echo: {question}"[:-1])
            threading.Event().wait(0.4)  # A model goes on writing for a while.
        self._death.at("mid_think", question)
        self._death.at(POISON, question)
        self._death.stays_away(question)
        return super().answer(question, locale=locale, situation=situation, history=history)


def death_of(settings: Settings) -> Death:
    """Return the death that the environment names."""
    return Death(os.environ.get("DIE_AT", "").split(), settings.home)


def mortal_reception(store: SqlStore, mail: Mail, settings: Settings, death: Death) -> MortalReception:
    """Build what takes turns in a light house."""
    light = house(coach=MortalCoach(death))
    reception = MortalReception(store, Directory(store.engine), mail, lambda _: light, settings)
    reception.death = death
    return reception


def mortal_tasks(settings: Settings) -> Tasks:
    """Build what takes turns in the process beside."""
    store = open_store(url_of(settings), settings.home)
    reception = mortal_reception(store, Mail(store.engine), settings, death_of(settings))
    return {"handle": reception.handle, "pass_time": reception.pass_time}


def url_of(settings: Settings) -> str | None:
    """Return the address of the database; None is the file in its home."""
    return settings.database_url.get_secret_value() if settings.database_url else None
