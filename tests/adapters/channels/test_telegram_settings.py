"""The settings: absent, right, or wrong with a word on what to do."""

from pathlib import Path

import pytest

from adapters.channels.telegram_settings import TelegramSettings, from_environment
from bot.errors import SettingsError

TOKEN = "123456789:AAexample-of-a-token-for-tests-0000"
URL = "https://bot.example.com"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("BOT_TOKEN", "WEBHOOK_URL", "WEBHOOK_SECRET", "API_URL"):
        monkeypatch.delenv(f"TELEGRAM_{name}", raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> TelegramSettings | None:
    for name, value in values.items():
        monkeypatch.setenv(f"TELEGRAM_{name.upper()}", value)
    return from_environment()


def test_without_a_token_there_is_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment() is None
    assert given(monkeypatch, bot_token="  ") is None


def test_a_token_is_enough_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch, bot_token=f" {TOKEN}\n")
    assert found is not None
    assert (found.base_url, found.public_url) == ("https://api.telegram.org", "")
    assert found.bot_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        (URL, f"{URL}/telegram/webhook"),
        (f"{URL}/", f"{URL}/telegram/webhook"),
        (f"{URL}:8443/a/b", f"{URL}:8443/a/b"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787/telegram/webhook"),
    ],
)
def test_a_webhook_has_an_address_and_a_secret(monkeypatch: pytest.MonkeyPatch, url: str, public: str) -> None:
    found = given(monkeypatch, bot_token=TOKEN, webhook_url=url, webhook_secret="s3cret")
    assert found is not None
    assert found.public_url == public


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"webhook_url": URL}, "TELEGRAM_BOT_TOKEN"),
        ({"bot_token": "hello"}, "BotFather"),
        ({"bot_token": TOKEN, "webhook_url": URL}, "openssl rand -hex 32"),
        ({"bot_token": TOKEN, "webhook_url": URL, "webhook_secret": "あ"}, "openssl rand -hex 32"),
        ({"bot_token": TOKEN, "webhook_url": "http://bot.example.com", "webhook_secret": "s"}, "https"),
        ({"bot_token": TOKEN, "webhook_url": f"{URL}:99", "webhook_secret": "s"}, "443"),
        ({"bot_token": TOKEN, "webhook_url": f"{URL}:x", "webhook_secret": "s"}, "TELEGRAM_WEBHOOK_URL"),
        ({"bot_token": TOKEN, "webhook_url": "bot", "webhook_secret": "s"}, "TELEGRAM_WEBHOOK_URL"),
        ({"bot_token": TOKEN, "api_url": "telegram"}, "TELEGRAM_API_URL"),
    ],
)
def test_what_does_not_fit_is_an_error_that_helps(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        given(monkeypatch, **values)
    assert words in str(caught.value)
    assert TOKEN not in str(caught.value)
