"""How the Slack app is set up: settings, the manifest, many workspaces by OAuth, and what the doctor says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import yaml
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore

from adapters.channels.slack import SlackChannel
from adapters.channels.slack_settings import MANIFEST, SCOPES, from_environment
from adapters.post import RefusedError
from bot.errors import SettingsError
from tests.adapters.channels.slack_house import House, over_http, over_socket, parcel, settings
from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ROOT = Path(__file__).parents[3]
NAMES = ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET", "API_URL")


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        yield local


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(f"SLACK_{name}", raising=False)
    return monkeypatch


def test_without_settings_there_is_no_slack(environ: pytest.MonkeyPatch) -> None:
    assert from_environment() is None
    environ.setenv("SLACK_API_URL", "http://127.0.0.1:1/api")
    environ.setenv("SLACK_BOT_TOKEN", "")
    assert from_environment() is None


def test_settings_are_read_and_keep_their_secrets(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    environ.setenv("SLACK_APP_TOKEN", "xapp-1")
    environ.setenv("SLACK_API_URL", "http://127.0.0.1:1/api")
    found = from_environment()
    assert found is not None
    assert found.api_url == "http://127.0.0.1:1/api/"
    assert found.bot_token is not None
    assert found.bot_token.get_secret_value() == "xoxb-1"
    assert "xoxb" not in repr(found)
    assert not found.oauth


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
        ({"BOT_TOKEN": "xapp-1", "APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"BOT_TOKEN": "xoxb-1", "APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"CLIENT_ID": "1.2", "SIGNING_SECRET": "s"}, "SLACK_CLIENT_SECRET"),
        ({"CLIENT_SECRET": "x", "SIGNING_SECRET": "s"}, "SLACK_CLIENT_ID"),
        ({"CLIENT_ID": "1.2", "CLIENT_SECRET": "x", "SIGNING_SECRET": "s", "BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN"),
        ({"BOT_TOKEN": "xoxb-1", "APP_TOKEN": "xapp-1", "API_URL": "slack.com"}, "SLACK_API_URL"),
    ],
)
def test_settings_that_do_not_belong_together_are_refused_with_what_to_do(
    environ: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        environ.setenv(f"SLACK_{name}", value)
    with pytest.raises(SettingsError) as refused:
        from_environment()
    assert refused.value.where == named
    assert refused.value.remedy
    assert "xoxb-1" not in str(refused.value)


def test_the_manifest_asks_for_what_the_channel_needs() -> None:
    manifest = yaml.safe_load((ROOT / MANIFEST).read_text(encoding="utf-8"))
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(SCOPES)
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    needed = "app_home_opened app_mention channel_left group_left member_joined_channel member_left_channel"
    needed += " channel_id_changed app_uninstalled tokens_revoked"
    assert events == {*needed.split(), *(f"message.{one}" for one in ("channels", "groups", "im", "mpim"))}
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["features"]["agent_view"]["agent_description"]
    assert len(manifest["features"]["agent_view"]["suggested_prompts"]) <= 4
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert [one["command"] for one in manifest["features"]["slash_commands"]] == ["/nakodo"]
    assert len(manifest["display_information"]["description"]) <= 140
    assert 175 <= len(manifest["display_information"]["long_description"]) <= 4000


def stores(folder: Path) -> dict[str, Any]:
    """What comes with the SDK."""
    states = FileOAuthStateStore(expiration_seconds=600, base_dir=str(folder / "states"))
    return {"installations": FileInstallationStore(base_dir=str(folder / "bots")), "states": states}


OAUTH = {"bot_token": None, "client_id": "1.2", "client_secret": "local-client-secret"}


@pytest.mark.filterwarnings("ignore:.*BasicAuth.*:DeprecationWarning")  # Slack's SDK uses it.
async def test_many_workspaces_install_the_bot_and_each_is_answered_by_its_own(
    slack: LocalSlack, house: House, tmp_path: Path
) -> None:
    other = slack.add_team("Other", installed=False)
    mori = slack.add_user("森", team=other)
    async with over_http(slack, house, **OAUTH, **stores(tmp_path)) as channel:
        base = (slack.request_url or "").removesuffix("/events")
        async with aiohttp.ClientSession() as client:
            for team in (slack.team, other):
                async with client.get(f"{base}/install") as page:
                    html, cookie = await page.text(), page.headers["Set-Cookie"].split(";")[0]
                link = html.split('href="https://slack.com/oauth/')[1].split('"')[0].replace("&amp;", "&")
                asked = parse_qs(urlsplit(link).query)
                assert set(asked["scope"][0].split(",")) == set(SCOPES)
                query = {"code": slack.grant_code(team), "state": asked["state"][0]}
                async with client.get(f"{base}/oauth_redirect", params=query) as forged:
                    assert forged.status == 400, "another browser"
                headers = {"Cookie": cookie}
                async with client.get(f"{base}/oauth_redirect", params=query, headers=headers) as done:
                    assert done.status == 200, await done.text()
                async with client.get(f"{base}/oauth_redirect", params=query, headers=headers) as twice:
                    assert twice.status == 401
        room = slack.add_channel("theirs", [mori], team=other)
        asked_ts = slack.message(mori, "こんにちは", channel=room)
        assert (await slack.deliver(asked_ts).done()).acked
        (event,) = house.events
        assert (event.team, event.place.key) == (other.id, f"slack:{other.id}:{room}")
        await channel.send(parcel(place=event.place.key, answers=event.message))
        await channel.send(parcel(account=event.account.key, name="p2"))
        assert {one.team for one in slack.calls_of("chat.postMessage")} == {other.id}
        for gone in slack.uninstalled(other):
            assert (await slack.deliver(gone).done()).acked
        with pytest.raises(RefusedError) as refused:
            await channel.send(parcel(place=event.place.key, name="p3"))
        assert refused.value.reason == "not_installed"
        late = slack.message(mori, "まだいますか", channel=room)
        late.payload["authorizations"][0]["team_id"] = other.id
        assert (await slack.deliver(late).done()).acked
        assert channel.refused["not_installed"] == 1
    assert len(house.events) == 1


def test_many_workspaces_need_stores(slack: LocalSlack, house: House) -> None:
    with pytest.raises(SettingsError):
        SlackChannel(settings(slack, **OAUTH), house.receive)


async def test_a_refused_token_is_said_at_the_start(slack: LocalSlack, house: House) -> None:
    channel = SlackChannel(settings(slack, bot_token="xoxb-wrong"), house.receive)
    with pytest.raises(SettingsError) as refused:
        await channel.start()
    assert refused.value.where == "SLACK_BOT_TOKEN"
    assert "wrong" not in str(refused.value)


async def test_slack_may_be_unreachable_at_the_start(slack: LocalSlack, house: House) -> None:
    slack.fail("auth.test", refused=True)
    sato = slack.add_user("佐藤")
    async with over_socket(slack, house):
        assert (await slack.deliver(slack.message(sato, "おはよう")).done()).acked
    assert len(house.events) == 1


async def test_the_doctor_finds_everything_in_order(slack: LocalSlack, house: House) -> None:
    channel = SlackChannel(settings(slack, app_token=slack.app_token), house.receive)
    found = await channel.examine()
    assert all(ok for ok, _, _ in found), found
    assert len(found) == 3


async def test_the_doctor_names_what_is_missing_and_where_to_click(slack: LocalSlack, house: House) -> None:
    slack.take_scope("im:write", "files:read")
    wrong = SlackChannel(settings(slack, app_token="xapp-wrong"), house.receive)
    bad = [(what, remedy) for ok, what, remedy in await wrong.examine() if not ok]
    assert [what for what, _ in bad[:2]] == [
        "Slack: the scope files:read is missing",
        "Slack: the scope im:write is missing",
    ]
    assert "SLACK_APP_TOKEN is refused" in bad[2][0]
    assert all(remedy for _, remedy in bad)
    assert "xapp-wrong" not in str(bad)
    refused = SlackChannel(settings(slack, bot_token="xoxb-no"), house.receive)
    assert "SLACK_BOT_TOKEN is refused (invalid_auth)" in (await refused.examine())[0][1]
