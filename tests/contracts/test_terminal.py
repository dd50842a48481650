"""The contract in the terminal: one person, their keyboard, and a house in the same process."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.channels.terminal import converse
from adapters.services.store import SqlStore, open_store
from bot.turn import House
from tests.contracts.channel import ChannelContract
from tests.contracts.driving import (
    BUTTONS,
    DELETIONS,
    EDITS,
    EVERYTHING,
    FAILURES,
    FILES,
    LOGS,
    RATES,
    REPEATS,
    ROOMS,
    TELLS,
    Driver,
    Line,
    Sent,
    Who,
)
from tests.contracts.light import KnownCoach
from tests.fakes import ScriptedEar, no_sources


class TerminalDriver(Driver):
    """Everybody has a terminal and a home of their own."""

    absent: ClassVar[dict[str, str]] = {
        ROOMS: "a terminal is a talk with one person",
        BUTTONS: "a terminal has no buttons",
        EDITS: "what was typed stays typed",
        DELETIONS: "what was typed stays typed",
        FILES: "a terminal takes lines only",
        REPEATS: "a line is read once",
        FAILURES: "what is printed is printed",
        TELLS: "what is printed is printed",
        LOGS: "it prints to its reader alone",
        RATES: "it is its owner's machine",
    }

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stores: dict[str, SqlStore] = {}
        self._screens: dict[str, list[str]] = {}

    def close(self) -> None:
        for store in self._stores.values():
            store.close()

    def person(self, name: str, *, opened: bool = True) -> Who:
        who = Who(f"{name}{len(self._stores)}", name)
        home = self._home / str(len(self._stores))
        home.mkdir()
        self._stores[who.id] = open_store(None, home)
        self._screens[who.id] = []
        return who

    def whisper(self, who: Who, text: str) -> Sent:
        house = House(KnownCoach(self._home), ScriptedEar(), no_sources)
        converse(iter([text]), self._screens[who.id].append, self._stores[who.id], lambda: house)
        return Sent(None, who, None, lambda: None)

    def command(self, where: object, who: Who, words: str) -> Sent:
        return self.whisper(who, f"/{words}")

    def in_private(self, who: Who) -> list[Line]:
        return [Line(None, number, text, (), (), None) for number, text in enumerate(self._screens[who.id])]

    def settle(self) -> None:
        """A line is handled when it has been printed."""


class TestTerminal(ChannelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def driver(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TerminalDriver]:
        driver = TerminalDriver(tmp_path_factory.mktemp("terminal"))
        yield driver
        driver.close()

    def test_a_terminal_has_nothing_that_others_need_a_platform_for(self, driver: Driver) -> None:
        assert driver.can == frozenset()
        assert driver.absent.keys() == EVERYTHING
        assert all(driver.absent.values())

    def test_the_record_is_shown_without_signs_of_markdown(self, driver: Driver) -> None:
        who = driver.person("小野")
        driver.command(None, who, "record")
        assert "**" not in driver.heard_in_private(who, "二人の記録").text
