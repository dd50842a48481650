"""The contract on Slack, by socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.driving import Driver
from tests.contracts.running import Running
from tests.contracts.slack_driver import SlackDriver, local_slack, settings_of
from tests.contracts.test_slack_http import SlackContract

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class TestSlackSocket(SlackContract):
    @pytest.fixture(scope="class")
    @classmethod
    def driver(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackDriver]:
        home: Path = tmp_path_factory.mktemp("slack")
        with local_slack() as slack:
            settings = settings_of(slack, socket=True) | {"NAKODO_RATE_STRANGER": "12"}
            with Running(home, settings) as house:
                yield SlackDriver(slack, house, socket=True)

    def secrets(self, driver: Driver) -> tuple[str, ...]:
        assert isinstance(driver, SlackDriver)
        return driver.slack.token, driver.slack.app_token, driver.slack.signing_secret
