"""One house on Slack and Telegram at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.contracts import slack_driver, telegram_driver
from tests.contracts.running import Running, free_port
from tests.contracts.slack_driver import SlackDriver, local_slack
from tests.contracts.telegram_driver import TelegramDriver
from tests.servers.telegram import LocalTelegram


class Both(NamedTuple):
    """A house, and people at both platforms."""

    house: Running
    slack: SlackDriver
    telegram: TelegramDriver


@contextmanager
def on_both(home: Path, *, webhook: bool) -> Iterator[Both]:
    """Run a house: Slack by HTTP, Telegram by webhook or polling."""
    with local_slack() as slack, LocalTelegram() as telegram:
        port = free_port()
        settings = slack_driver.settings_of(slack, socket=False)
        settings |= telegram_driver.settings_of(telegram, port, webhook=webhook)
        with Running(home, settings, port) as house:
            yield Both(house, SlackDriver(slack, house, socket=False), TelegramDriver(telegram, house))
