"""Settings that every part shares, read once at the start from the environment and `.env`.

A name that begins with NAKODO_ and is not known is an error: a typo must not silently mean the default.
"""

import difflib
import ipaddress
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

_PREFIX = "NAKODO_"
DOTENV = ".env"
PROVIDERS = ("openai", "anthropic", "google", "ollama")
_WRONG = {
    "bool": "must be yes or no",
    "int": "must be a whole number, in the figures 0 to 9 alone",
    "float": "must be a number, in the figures 0 to 9 and a point",
    "finite_number": "must be a number, in the figures 0 to 9 and a point",
    "greater_than_equal": "must be greater than or equal to {ge:g}",
    "greater_than": "must be greater than {gt:g}",
    "less_than_equal": "must be less than or equal to {le:g}",
    "too_short": "must have at least {min_length} characters",
}
"""What pydantic finds wrong, by the (beginning of the) name it has for that, in words for whoever wrote it."""
logging.getLogger("dotenv").addHandler(logging.NullHandler())  # Of lines that it cannot read we speak ourselves.
_REMEDIES = {"secret": "Make one with: openssl rand -hex 32", "home": "Write the whole path, such as /srv/nakodo"}


class Settings(BaseSettings):
    """Where data lives and which parts are used."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=DOTENV,
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    home: Path = Field(default=Path("~/.nakodo"), validate_default=True)
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
    """Messages a minute of a whole programme up to which strangers are answered; its own people always are."""
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

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        bare = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in bare.items() if value != ""}

    @field_validator("home", "report")
    @classmethod
    def _expanded(cls, value: Path | None) -> Path | None:
        try:
            return value and Path(os.path.expandvars(value)).expanduser()
        except RuntimeError:
            raise ValueError("~ is nobody's home folder on this machine") from None

    @field_validator("organizers", "readers", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        return frozenset(one.strip().lower() for one in parts if one.strip()) if isinstance(parts, list) else parts

    @field_validator("host")
    @classmethod
    def _bare_host(cls, value: str) -> str:
        host = value.removeprefix("[").removesuffix("]")
        if any(sign in host for sign in "/@ ") or (":" in host and not _is_address(host)):
            raise ValueError("must be an address or a name alone, such as 127.0.0.1")
        return host

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _split(value)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if not parts.hostname or (parts.scheme != "https" and not local):
            raise ValueError("must begin with https://")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _whole_host(cls, value: str | None) -> str | None:
        parts = _split(value or "")
        if parts.path or parts.query or parts.username:
            raise ValueError("must be a host and nothing behind it, https://desk.example.jp")
        return value

    @field_validator("chroma_url")
    @classmethod
    def _of_a_server(cls, value: str | None) -> str | None:
        parts = _split(value or "http://host")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("must be the address of a server, http://host:8000")
        return value

    @field_validator("embeddings")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        if value is None or value.lower() == "none":
            return value and "none"
        provider, _, name = (part.strip() for part in value.partition(":"))
        if not provider or not name:
            raise ValueError("names no provider: write provider:model, openai:text-embedding-3-small for example")
        return f"{provider.lower()}:{name}"

    @field_validator("model")
    @classmethod
    def _provided(cls, value: str | None) -> str | None:
        if value is None:
            return None
        provider, colon, name = (part.strip() for part in value.partition(":"))
        if not colon or not name:
            raise PydanticCustomError(
                "no_provider",
                "{given} names no provider: write provider:model, openai:gpt-5 for example",
                {"given": repr(value)},
            )
        if provider not in PROVIDERS:
            near = difflib.get_close_matches(provider, PROVIDERS, n=1, cutoff=0.75)
            meant = (
                f"did you mean {near[0]}?" if near else "an OpenAI-compatible server is openai with NAKODO_MODEL_URL"
            )
            raise ValueError(f"no such provider; known are {', '.join(PROVIDERS)}; {meant}")
        return f"{provider}:{name}"

    @field_validator("model_url")
    @classmethod
    def _addressed(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _split(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https://")
        if parts.username or parts.password:
            raise ValueError("must hold no key or password: NAKODO_MODEL_KEY is for that")
        if parts.query or parts.fragment:
            raise ValueError("must be a host and a path, http://127.0.0.1:8000/v1")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _addressed_for_somebody(self) -> Self:
        if self.model is None and (self.model_url or self.model_key):
            given = "model_url" if self.model_url else "model_key"
            raise PydanticCustomError("no_model", "NAKODO_MODEL is not set, so nobody would use it", {"field": given})
        return self


class Dotenv(NamedTuple):
    """What `.env` holds: the names in it, and the numbers of the lines that nobody understands."""

    names: frozenset[str]
    broken: tuple[int, ...]


def read_dotenv() -> Dotenv | None:
    """Look through `.env` in this folder; None where there is none. What its settings are is not looked at.

    Raises:
        SettingsError: it is no text, or may not be read.
    """
    file = Path(DOTENV)
    if not file.is_file():
        return None
    try:
        with file.open(encoding="utf-8-sig") as lines:
            found = list(parse_stream(lines))
    except UnicodeDecodeError:
        raise SettingsError("is not UTF-8", where=DOTENV, remedy="Save it as UTF-8") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(f"cannot be read ({why})", where=DOTENV, remedy="Correct its rights") from None
    broken = []
    for one in found:
        if one.error or (one.key is not None and one.value is None):
            raw = one.original.string
            broken.append(one.original.line + raw[: len(raw) - len(raw.lstrip())].count("\n"))
    return Dotenv(frozenset(one.key for one in found if one.key), tuple(broken))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and nobody else can reach it there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or say which are wrong: all of them at once, and of no value what it is.

    Raises:
        SettingsError: a name or a value is wrong, or a line of `.env` is not understood.
    """
    wrong = list(_misnamed(os.environ if environ is None else environ))
    settings = None
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += [_in_words(one) for one in error.errors(include_url=False, include_input=False)]
    if settings is not None and not wrong:
        return settings
    if len(wrong) == 1:
        raise wrong[0]
    raise SettingsError("\n  ".join(["several settings are wrong", *map(str, wrong)]))


def _misnamed(environ: Mapping[str, str]) -> Iterator[SettingsError]:
    """Find the lines of `.env` that nobody understands, and names that are nobody's."""
    dotenv = read_dotenv() or Dotenv(frozenset(), ())
    for line in dotenv.broken:
        remedy = "Write NAME=value, and close what is quoted"
        yield SettingsError("is not understood", where=f"{DOTENV}, line {line}", remedy=remedy)
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted({*environ, *dotenv.names}):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            yield SettingsError("no such setting", where=name, remedy=f"Did you mean {near[0]}?")


def _in_words(wrong: Any) -> SettingsError:
    """Say what is wrong with a value, and not what it is: it may be a key in the wrong place."""
    kind, context = str(wrong["type"]), wrong.get("ctx", {})
    field = str(wrong["loc"][0] if wrong["loc"] else context["field"])
    if "error" in context:
        words = str(context["error"])
    elif kind.startswith("no_"):
        words = str(wrong["msg"]).removeprefix(f"{context.get('given', '')} ")
    else:
        words = next((words for begin, words in _WRONG.items() if kind.startswith(begin)), "cannot be used")
        words = words.format(**context)
    remedy = _REMEDIES.get(field, "Correct or unset it")
    return SettingsError(words, where=_PREFIX + field.upper(), remedy=remedy)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address") from None
    return parts


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False
