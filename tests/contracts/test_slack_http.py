"""The contract on Slack, by HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.channel import ChannelContract
from tests.contracts.driving import Driver
from tests.contracts.running import Running
from tests.contracts.slack_driver import SlackDriver, local_slack, settings_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class SlackContract(ChannelContract):
    """The contract, in which commands are shown as Slack lets people type them: behind /nakodo."""

    def test_an_unknown_command_is_answered_with_the_nearest(self, driver: Driver) -> None:
        who = driver.person("西")
        driver.command(None, who, "recrod")
        assert "/nakodo record" in driver.heard_in_private(who, "/recrod").text

    def test_who_asks_too_fast_is_told_once(self, driver: Driver) -> None:
        who = driver.person("早川")
        for number in range(15):
            driver.command(None, who, f"help {number}")
        driver.settle()
        lines = [line.text for line in driver.in_private(who)]
        assert sum("立て込んでいます" in line for line in lines) == 1
        assert sum("/nakodo record" in line for line in lines) == 12


class TestSlackHttp(SlackContract):
    @pytest.fixture(scope="class")
    @classmethod
    def driver(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackDriver]:
        home: Path = tmp_path_factory.mktemp("slack")
        with local_slack() as slack:
            settings = settings_of(slack, socket=False) | {"NAKODO_RATE_STRANGER": "12"}
            with Running(home, settings) as house:
                yield SlackDriver(slack, house, socket=False)

    def secrets(self, driver: Driver) -> tuple[str, ...]:
        assert isinstance(driver, SlackDriver)
        return driver.slack.token, driver.slack.app_token, driver.slack.signing_secret
