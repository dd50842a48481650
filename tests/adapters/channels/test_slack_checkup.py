"""What keeps Slack from answering the doctor is told as what it is."""

from collections.abc import Iterator

import pytest

from adapters.channels.slack import SlackChannel
from tests.adapters.channels.slack_house import House, settings
from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        yield local


async def wrong(slack: LocalSlack, **given: str) -> dict[str, str]:
    found = await SlackChannel(settings(slack, app_token=slack.app_token, **given), House().receive).examine()
    return {what: remedy for well, what, remedy in found if not well}


async def test_slack_that_wants_to_be_left_alone_is_not_unreached(slack: LocalSlack) -> None:
    slack.fail("auth.test", status=429, retry_after=17)
    assert await wrong(slack) == {"Slack was asked too often": "Run this again in 17 seconds"}


@pytest.mark.parametrize("status", [500, 503])
async def test_slack_that_is_out_of_order_is_told_with_its_status(slack: LocalSlack, status: int) -> None:
    slack.fail("apps.connections.open", status=status)
    ((what, remedy),) = (await wrong(slack)).items()
    assert what.startswith("Slack: Socket Mode is out of order")
    assert str(status) in what
    assert "network" not in remedy


async def test_slack_that_nobody_reaches_is_looked_for_in_the_network(slack: LocalSlack) -> None:
    told = await wrong(slack, api_url="http://127.0.0.1:1/api/")
    assert all("not reached" in what and "SLACK_API_URL" in remedy for what, remedy in told.items())
    assert len(told) == 2
