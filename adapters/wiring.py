"""The only place where objects are built."""

import sys
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.coach.playbook import Playbook
from bot.ports import Composer
from bot.settings import Settings
from bot.turn import House
from knowledge.card import Citation
from knowledge.dense import Progress as Report
from knowledge.ear import Ear
from knowledge.embedder import E5, Embedder
from knowledge.errors import SearchIndexError, WeakerWarning, WeightsError
from knowledge.library import Library, load_library
from knowledge.search import CardSearch, open_card_search

if TYPE_CHECKING:
    from adapters.beside import Beside
    from adapters.services.chat_model import ChatModel
    from adapters.services.store import SqlStore
    from bot.coach.fluent import Fluent
    from bot.redact import Veil

TENANT = "default"
"""The programme of who talks with Nakodo outside of every programme."""


class Nakodo:
    """The parts of a running Nakodo, built when first wanted. `many` is for one that many talk with at once."""

    def __init__(self, settings: Settings, *, many: bool = False) -> None:
        self.settings = settings
        self._many = many

    @cached_property
    def library(self) -> Library:
        """All cards."""
        return load_library()

    @cached_property
    def embedder(self) -> Embedder | None:
        """What makes vectors; None searches by words alone."""
        embedder = build_embedder(self.settings, threads=1 if self._many else None)
        if self._many and isinstance(embedder, E5):
            quickened(embedder, prepared(self.settings.home) / "index")
        return embedder

    @cached_property
    def search(self) -> CardSearch:
        """From a question to cards; builds the index where it is missing."""
        home = prepared(self.settings.home)
        _lock_bars_here()
        with Bar("Building the search index") as bar:
            return open_card_search(
                self.library, self.embedder, home / "index", chroma_url=self.settings.chroma_url, progress=bar
            )

    @cached_property
    def playbook(self) -> Playbook:
        """The composer that needs no language model."""
        return Playbook(self.library, self.search)

    @cached_property
    def model(self) -> "ChatModel | None":
        """The language model, where one is set up."""
        if self.settings.model is None:
            return None
        from adapters.services.chat_model import open_chat_model
        from adapters.services.store.traces import TokenMeter

        model = open_chat_model(self.settings, TokenMeter(self.store.engine))
        if model is not None:
            model.warm()
        return model

    @cached_property
    def fluent(self) -> "Fluent | None":
        """The composer with the language model, where one is set up."""
        if self.model is None:
            return None
        from bot.coach.cite import Guard
        from bot.coach.fluent import Fluent

        guard = Guard()
        if self._many:  # Beside the work: whoever asks meanwhile waits some milliseconds longer.
            Thread(target=guard.prepare, args=(self.library,), name="guard", daemon=True).start()
        return Fluent(self.playbook, self.library, self.model, guard, self.ear, veil=self._veil)

    def _veil(self, room: str, names: Sequence[str]) -> "Veil":
        """Return what hides a room's names from a language model; without this house's secret nobody guesses them."""
        from adapters.channels.web.security import secret_of
        from bot.redact import Veil

        secret = secret_of(self.settings.secret, prepared(self.settings.home))
        return Veil(f"{secret}/{room}", names)

    @cached_property
    def coach(self) -> Composer:
        """What answers."""
        return self.coach_of(TENANT)

    def coach_of(self, tenant: str) -> Composer:
        """Return what answers in a programme: what its language model costs is counted apart."""
        return self.playbook if self.fluent is None else self.fluent.of(tenant)

    @cached_property
    def ear(self) -> Ear:
        """What hears signals in the talk."""
        return Ear.load(self.embedder)

    @cached_property
    def store(self) -> "SqlStore":
        """Where rooms are kept."""
        from adapters.services.store import open_store

        url = self.settings.database_url
        return open_store(url.get_secret_value() if url else None, prepared(self.settings.home))

    @cached_property
    def beside(self) -> "Beside | None":
        """What hears and answers for many, where there is a core for it and no language model to wait for."""
        from adapters.beside import Beside, worthwhile

        wanted = self._many and self.settings.model is None and self.settings.second_process
        if not wanted or not worthwhile():
            return None
        warnings.simplefilter("ignore", WeakerWarning)  # It says the same, and once is enough.
        return Beside(self.settings)

    @cached_property
    def house(self) -> House:
        """What a turn draws on."""
        return self.house_of(TENANT)

    def house_of(self, tenant: str) -> House:
        """Return what a turn of a programme draws on."""
        if self.beside is not None:
            return House(self.beside, self.beside, self.cite)
        house = House(self.coach_of(tenant), self.ear, self.cite)
        if self.model is None:
            return house
        from bot.coach.cite import Guard
        from bot.judge import Judge
        from bot.pen import Pen
        from bot.scribe import Scribe

        pen = Pen(self.model, Guard(), self.ear, tenant=tenant, veil=self._veil)
        return house._replace(model=self.model, judge=Judge(pen), scribe=Scribe(pen))

    def cite(self, cards: Sequence[str]) -> tuple[Citation, ...]:
        """Return the citations of cards."""
        return tuple(self.library[card].citation for card in cards)


def build_embedder(settings: Settings, threads: int | None = None) -> Embedder | None:
    """Return the embedding model that the settings ask for."""
    if settings.embeddings == "none":
        return None
    if settings.embeddings:
        from adapters.services.embeddings import LangChainEmbedder

        return LangChainEmbedder(settings.embeddings, settings.embeddings_key)
    try:
        return E5(threads)
    except (ImportError, OSError, RuntimeError) as error:
        warnings.warn(
            f"The built-in embedding model does not run here ({error}). Search goes by words alone: "
            "good for plain terms, weaker for described situations. NAKODO_EMBEDDINGS can name another model.",
            WeakerWarning,
            stacklevel=2,
        )
        return None


def quickened(embedder: E5, folder: Path) -> None:
    """Make the built-in embedding model fit for many, as far as this machine can."""
    try:
        embedder.quicken(folder)
    except WeightsError as error:
        warnings.warn(f"{error}. Answers are the same; many at once come later.", WeakerWarning, stacklevel=2)


def _lock_bars_here() -> None:
    """Let the progress bars of libraries lock within this process: a lock between processes would outlive it."""
    from tqdm import tqdm

    tqdm.set_lock(RLock())


def prepared(home: Path) -> Path:
    """Return the data folder, made if it is missing."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SearchIndexError(
            f"cannot be made ({error.strerror})",
            where=str(home),
            remedy="Set NAKODO_HOME to a folder you may write",
        ) from None
    return home


class Bar:
    """A progress bar on standard error that shows itself only when there is something to do."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Progress | None = None
        self._last = 0

    def __enter__(self) -> Report:
        """Return what reports progress."""
        return self._report

    def __exit__(self, *_: object) -> None:
        """Take the bar down."""
        if self._progress is not None:
            self._progress.stop()

    def _report(self, done: int, total: int) -> None:
        if self._progress is None:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=Console(file=sys.stderr))
            self._progress.start()
            self._progress.add_task(self._title, total=total)
        self._progress.update(self._progress.task_ids[0], completed=done, total=total)
