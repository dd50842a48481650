"""The contract on Telegram, by webhook."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.channel import ChannelContract
from tests.contracts.driving import Driver
from tests.contracts.running import Running, free_port
from tests.contracts.telegram_driver import SECRET, TelegramDriver, settings_of
from tests.servers.telegram import LocalTelegram

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class TestTelegramWebhook(ChannelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def driver(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelegramDriver]:
        home: Path = tmp_path_factory.mktemp("telegram")
        with LocalTelegram() as telegram:
            port = free_port()
            settings = settings_of(telegram, port, webhook=True) | {"NAKODO_RATE_STRANGER": "12"}
            with Running(home, settings, port) as house:
                yield TelegramDriver(telegram, house)

    def secrets(self, driver: Driver) -> tuple[str, ...]:
        assert isinstance(driver, TelegramDriver)
        return driver.telegram.token, driver.telegram.token.partition(":")[2], SECRET
