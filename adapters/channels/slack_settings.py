"""How Slack is reached: read once from the environment and `.env`. What the app must be allowed is named here too."""

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

API_URL = "https://slack.com/api/"
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "users:read",
)
"""What the bot asks for, as in docs/slack-manifest.yaml."""
MANIFEST = "docs/slack-manifest.yaml"


class SlackSettings(BaseSettings):
    """Tokens and secrets of one Slack app."""

    model_config = SettingsConfigDict(
        env_prefix="SLACK_",
        env_file=".env",
        env_file_encoding="utf-8-sig",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    bot_token: SecretStr | None = None
    """`xoxb-…`: the bot of one workspace."""
    app_token: SecretStr | None = None
    """`xapp-…`: events come through Socket Mode."""
    signing_secret: SecretStr | None = None
    """Events come by HTTP to `/slack/events`."""
    client_id: str | None = None
    """With `client_secret`: many workspaces install the bot at `/slack/install`."""
    client_secret: SecretStr | None = None
    api_url: str = API_URL
    """What stands for `https://slack.com/api/`."""

    @field_validator("api_url")
    @classmethod
    def _ends_with_a_slash(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value.rstrip("/") + "/"

    @property
    def oauth(self) -> bool:
        """Whether workspaces install the bot themselves."""
        return self.client_id is not None


def from_environment() -> SlackSettings | None:
    """Read the settings; None where Slack is not set up.

    Raises:
        SettingsError: they do not belong together, or one is in another's place.
    """
    try:
        settings = SlackSettings()
    except ValidationError as error:
        name = "SLACK_" + str(error.errors()[0]["loc"][0]).upper()
        raise SettingsError("not usable", where=name, remedy="Give an https:// address, or unset it") from None
    given = (
        settings.bot_token,
        settings.app_token,
        settings.signing_secret,
        settings.client_id,
        settings.client_secret,
    )
    if not any(given):
        return None
    _refuse_half_settings(settings)
    _refuse_swapped_tokens(settings)
    return settings


def _refuse_half_settings(settings: SlackSettings) -> None:
    if (settings.client_id is None) != (settings.client_secret is None):
        missing = "SLACK_CLIENT_SECRET" if settings.client_id else "SLACK_CLIENT_ID"
        raise SettingsError(
            "missing", where=missing, remedy="Copy it from Basic Information > App Credentials, or unset its partner"
        )
    if settings.oauth and settings.bot_token:
        raise SettingsError(
            "is set beside SLACK_CLIENT_ID",
            where="SLACK_BOT_TOKEN",
            remedy="Unset it to let workspaces install the bot, or unset SLACK_CLIENT_ID and SLACK_CLIENT_SECRET",
        )
    if not settings.oauth and settings.bot_token is None:
        raise SettingsError(
            "missing", where="SLACK_BOT_TOKEN", remedy="Copy it from OAuth & Permissions > Bot User OAuth Token"
        )
    if settings.app_token is None and settings.signing_secret is None:
        raise SettingsError(
            "missing, and SLACK_SIGNING_SECRET as well",
            where="SLACK_APP_TOKEN",
            remedy="Give one: the app token for Socket Mode (Basic Information > App-Level Tokens), "
            "or the signing secret for HTTP (Basic Information > App Credentials)",
        )


def _refuse_swapped_tokens(settings: SlackSettings) -> None:
    for name, token, begins in (
        ("SLACK_BOT_TOKEN", settings.bot_token, "xoxb-"),
        ("SLACK_APP_TOKEN", settings.app_token, "xapp-"),
    ):
        if token is not None and not token.get_secret_value().strip().startswith(begins):
            raise SettingsError(
                f"does not begin with {begins}", where=name, remedy="Look whether another token is in its place"
            )
