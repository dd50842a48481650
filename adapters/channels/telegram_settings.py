"""The settings of the Telegram channel, from the environment and `.env`. Without a token there is no channel."""

import re
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

TELEGRAM = "https://api.telegram.org"
WEBHOOK_PATH = "/telegram/webhook"
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = (443, 80, 88, 8443)
_NEAR = ("127.0.0.1", "::1", "localhost")


class TelegramSettings(BaseSettings):
    """How to reach Telegram, and how Telegram reaches us."""

    model_config = SettingsConfigDict(
        env_prefix="TELEGRAM_",
        env_file=".env",
        env_file_encoding="utf-8-sig",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    bot_token: SecretStr = SecretStr("")
    """What @BotFather gave."""
    webhook_url: str = ""
    """The public address to which Telegram posts; without it we ask Telegram ourselves."""
    webhook_secret: SecretStr = SecretStr("")
    """What Telegram says with every post, so that nobody else can post."""
    api_url: str = TELEGRAM
    """What stands before `/bot<token>`."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_blanks(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @property
    def public_url(self) -> str:
        """The webhook's whole address; empty where there is none."""
        bare = bool(self.webhook_url) and urlsplit(self.webhook_url).path in ("", "/")
        return self.webhook_url.rstrip("/") + WEBHOOK_PATH if bare else self.webhook_url

    @property
    def base_url(self) -> str:
        """The API's address without a slash at its end."""
        return (self.api_url or TELEGRAM).rstrip("/")


def unknown_token() -> SettingsError:
    """Return that Telegram knows no such bot."""
    remedy = "Copy it again from @BotFather: /mybots, the bot, API Token"
    return SettingsError("Telegram does not know this token", where="TELEGRAM_BOT_TOKEN", remedy=remedy)


def from_environment() -> TelegramSettings | None:
    """Read the settings; None where Telegram is not set up.

    Raises:
        SettingsError: they do not fit together; it says what to do and repeats no secret.
    """
    try:
        found = TelegramSettings()
    except ValidationError as error:
        name = f"TELEGRAM_{str(error.errors()[0]['loc'][0]).upper()}"
        raise SettingsError("cannot be read", where=name, remedy="Correct or unset it") from None
    token = found.bot_token.get_secret_value()
    if not token and (found.webhook_url or found.webhook_secret.get_secret_value()):
        raise SettingsError(
            "a webhook without a bot", where="TELEGRAM_BOT_TOKEN", remedy="Set it to the token from @BotFather"
        )
    if not token:
        return None
    if found.base_url == TELEGRAM and not _TOKEN.fullmatch(token):
        raise SettingsError(
            "this is no bot token",
            where="TELEGRAM_BOT_TOKEN",
            remedy="Copy it whole from @BotFather: /mybots, the bot, API Token. It is digits, a colon, letters",
        )
    api = urlsplit(found.base_url)
    if api.scheme not in ("http", "https") or not api.netloc:
        raise SettingsError("no web address", where="TELEGRAM_API_URL", remedy=f"Unset it, or write {TELEGRAM}")
    _check_webhook(found)
    return found


def _check_webhook(found: TelegramSettings) -> None:
    secret = found.webhook_secret.get_secret_value()
    if secret and not _SECRET.fullmatch(secret):
        raise SettingsError(
            "Telegram takes letters, digits, - and _ only, 256 at most",
            where="TELEGRAM_WEBHOOK_SECRET",
            remedy="Make a new one: openssl rand -hex 32",
        )
    if not found.webhook_url:
        return
    if not secret:
        raise SettingsError(
            "a webhook needs a secret that all processes share, or anybody could post to it",
            where="TELEGRAM_WEBHOOK_SECRET",
            remedy="Set it to the output of: openssl rand -hex 32",
        )
    try:
        address = urlsplit(found.webhook_url)
        port = address.port or 443
    except ValueError:
        address, port = urlsplit(""), 0
    near = address.hostname in _NEAR or found.base_url != TELEGRAM
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SettingsError(
            "no web address", where="TELEGRAM_WEBHOOK_URL", remedy=f"Write it like https://example.com{WEBHOOK_PATH}"
        )
    if not near and (address.scheme != "https" or port not in _PORTS):
        raise SettingsError(
            "Telegram posts to https only, on port 443, 80, 88 or 8443",
            where="TELEGRAM_WEBHOOK_URL",
            remedy="Put a web server with a certificate before Nakodo, or unset it: polling needs no address",
        )
