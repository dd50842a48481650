"""Settings that every part shares, read once at the start from the environment and `.env`.

A name that begins with NAKODO_ and is not known is an error: a typo must not silently mean the default.
"""

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

_PREFIX = "NAKODO_"
PROVIDERS = ("openai", "anthropic", "google", "ollama")
_UNSET_IF_EMPTY = (
    *("public_url", "oidc_issuer", "oidc_client_id", "oidc_client_secret", "secret"),
    *("model", "model_url", "model_key"),
)


class Settings(BaseSettings):
    """Where data lives and which parts are used."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_file=".env", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".nakodo")
    """The data folder."""
    database_url: SecretStr | None = None
    """Where rooms are kept, `postgresql+psycopg://…`; without it a SQLite file in the data folder."""
    chroma_url: str | None = None
    """A Chroma server, `http://host:8000`; without it Chroma lives in the data folder."""
    embeddings: str | None = None
    """A LangChain embedding model, `provider:model`; `none` searches by words alone; unset is the built-in e5."""
    report: Path | None = None
    """The report's text, if at hand: `nakodo cards --check` and the tests look for sentences copied from it."""
    host: str = "127.0.0.1"
    """Where `nakodo serve` listens."""
    port: int = Field(default=8787, ge=0, le=65535)
    public_url: str | None = None
    """Where people reach the pages from elsewhere, `https://desk.example.jp`; unset: on this machine only."""
    secret: SecretStr | None = Field(default=None, min_length=32)
    """Signs cookies; without it one is made and kept in the data folder."""
    oidc_issuer: str | None = None
    """Who signs people in by OpenID Connect, `https://login.example.jp`."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    organizers: Annotated[frozenset[str], NoDecode] = frozenset()
    """Who sees all partnerships: verified email addresses or chat accounts (`slack:T1:U1`), with commas between."""
    readers: Annotated[frozenset[str], NoDecode] = frozenset()
    """Who looks at all of them and changes nothing; the same."""
    strangers: bool = True
    """Whether people who belong to no partnership are coached as well, from general guidance."""
    rate_person: int = Field(default=60, ge=1)
    """Messages a minute of one member that are answered."""
    rate_stranger: int = Field(default=30, ge=1)
    """The same for people who belong to no partnership."""
    rate_tenant: int = Field(default=3_000, ge=1)
    """Messages a minute of a whole programme that are answered."""
    second_process: bool = True
    """Whether `nakodo serve` takes turns in a second process, given two cores and no language model."""
    embeddings_key: SecretStr | None = None
    """The key for that provider, where it takes one."""
    model: str | None = None
    """A language model, `provider:model`, of openai, anthropic, google or ollama; without it the playbook answers."""
    model_url: str | None = None
    """Where that model is served, `http://127.0.0.1:8000`; with `openai:…` any OpenAI-compatible server."""
    model_key: SecretStr | None = None
    """The key for that provider, where it takes one; without it what the provider's own variable says."""
    model_seconds: float = Field(default=20.0, gt=0, le=600)
    """How long an answer may take; after that the playbook answers."""
    model_tokens: int = Field(default=500_000, ge=0)
    """Tokens a day and programme; 0 is without limit."""
    trace_days: int = Field(default=90, ge=0)
    """For how many days what a language model was given and wrote is kept; 0 is for good."""

    @property
    def local(self) -> bool:
        """Whether the pages are for this machine alone."""
        return self.public_url is None and is_loopback(self.host)

    @field_validator("organizers", "readers", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        return frozenset(one.strip().lower() for one in parts if one.strip()) if isinstance(parts, list) else parts

    @field_validator(*_UNSET_IF_EMPTY, mode="before")
    @classmethod
    def _unset_if_empty(cls, value: object) -> object:
        return value or None

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("must begin with https://")
        return value.rstrip("/")

    @field_validator("model")
    @classmethod
    def _provided(cls, value: str | None) -> str | None:
        if value is None:
            return None
        provider, colon, name = (part.strip() for part in value.partition(":"))
        if not colon or not name:
            raise ValueError(f"{value!r} names no provider: write provider:model, openai:gpt-5 for example")
        if provider not in PROVIDERS:
            near = difflib.get_close_matches(provider, PROVIDERS, n=1, cutoff=0.75)
            meant = (
                f"did you mean {near[0]}?" if near else "an OpenAI-compatible server is openai with NAKODO_MODEL_URL"
            )
            raise ValueError(f"no such provider, {provider!r}; known are {', '.join(PROVIDERS)}; {meant}")
        return f"{provider}:{name}"

    @field_validator("model_url")
    @classmethod
    def _addressed(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https://")
        if parts.username or parts.password:
            raise ValueError("must hold no key or password: NAKODO_MODEL_KEY is for that")
        if parts.query or parts.fragment:
            raise ValueError("must be a host and a path, http://127.0.0.1:8000/v1")
        return value.strip().rstrip("/")

    @model_validator(mode="after")
    def _addressed_for_somebody(self) -> Self:
        if self.model is None and (self.model_url or self.model_key):
            given = "model_url" if self.model_url else "model_key"
            raise PydanticCustomError("no_model", "NAKODO_MODEL is not set, so nobody would use it", {"field": given})
        return self

    @field_validator("public_url")
    @classmethod
    def _whole_host(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if parts.path or parts.query or parts.username:
            raise ValueError("must be a host and nothing behind it, https://desk.example.jp")
        return value


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and nobody else can reach it there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or say which name or value is wrong."""
    environ = os.environ if environ is None else environ
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted({*environ, *_dotenv_names()}):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            raise SettingsError("no such setting", where=name, remedy=f"Did you mean {near[0]}?")
    try:
        return Settings()
    except ValidationError as error:
        first: Any = error.errors()[0]
        field = first["loc"][0] if first["loc"] else first["ctx"]["field"]
        name = _PREFIX + str(field).upper()
        said = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(said, where=name, remedy="Correct or unset it") from None


def _dotenv_names() -> set[str]:
    path = Path(".env")
    if not path.is_file():
        return set()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"unreadable ({error})", where=".env", remedy="Save it as UTF-8") from None
    return {line.split("=", 1)[0].removeprefix("export ").strip() for line in lines if "=" in line}
