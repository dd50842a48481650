"""What the doctor looks at around Nakodo: where its settings come from, its data folder, its port."""

import difflib
import errno
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.errors import NakodoError, StoreError
from bot.settings import DOTENV, Settings, read_dotenv

_ROOM = 200 * 1024**2
"""Bytes below which a disk is said to be nearly full; the index alone takes a quarter of it."""

_ELSEWHERE = ("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "OLLAMA_", "OTEL_", "HTTP_PROXY", "HTTPS_PROXY")
"""Names that libraries look for in the environment, and nowhere else."""


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


def dotenv() -> Iterator[Finding]:
    """Say which `.env` is read, and which names in it nobody reads. What is broken is told with the settings."""
    file = Path(DOTENV)
    if not file.is_file():
        yield Finding("ok", f"no .env in {Path.cwd()}: settings come from the environment alone")
        return
    yield Finding("ok", f"settings of {file.resolve()} and of the environment")
    try:
        read = read_dotenv()
    except NakodoError:
        return
    names = read.names if read else frozenset()
    for name in sorted(names - {*os.environ}):
        if name.upper().startswith(_ELSEWHERE):
            remedy = "export it before you start Nakodo (for a key, NAKODO_MODEL_KEY stands in .env instead)"
            yield Finding("weaker", f".env: {name} is not read from there", remedy)
    yield from _misspelt({*os.environ, *names})


def _misspelt(names: set[str]) -> Iterator[Finding]:
    """Ask about names that are nearly one of a chat's settings; other programs have names of their own."""
    from adapters.channels.slack_settings import SlackSettings
    from adapters.channels.telegram_settings import TelegramSettings

    given = {name.upper() for name in names}
    for prefix, fields in (("SLACK_", SlackSettings.model_fields), ("TELEGRAM_", TelegramSettings.model_fields)):
        known = {prefix + field.upper() for field in fields}
        for name in sorted(given - known):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8) if name.startswith(prefix) else []
            if near and near[0] not in given:
                yield Finding("weaker", f"{name} is no setting of Nakodo", f"did you mean {near[0]}?")


def data_folder(settings: Settings) -> Finding:
    """See that all of the data folder can be written, and that there is room."""
    from adapters.wiring import prepared

    home = prepared(settings.home).resolve()
    for folder in (home, home / "index", home / "index" / "chroma"):
        if folder.is_dir() and (trouble := _unwritable(folder)):
            full = trouble.errno in (errno.ENOSPC, errno.EDQUOT)
            remedy = (
                "make room on the disk" if full else "correct its rights, or set NAKODO_HOME to one you may write"
            )
            return Finding("missing", f"data folder {folder} ({trouble.strerror})", remedy)
    free = shutil.disk_usage(home).free
    if free < _ROOM:
        return Finding(
            "weaker", f"data folder {home}, {free // 1024**2} MB left on its disk", "make room on the disk"
        )
    return Finding("ok", f"data folder {home}")


def _unwritable(folder: Path) -> OSError | None:
    probe = folder / f".probe{os.getpid()}"
    try:
        probe.write_text("x", encoding="ascii")
    except OSError as error:
        return error
    finally:
        with suppress(OSError):
            probe.unlink()
    return None


def workflows(settings: Settings) -> Finding:
    """Look at the file of the durable work; in PostgreSQL it stands beside the rooms."""
    file = settings.home / "jobs.db"
    if settings.database_url or not file.exists():
        return Finding("ok", "durable work: begins with `nakodo serve`")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as raw:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        what = f"durable work: {file} cannot be read ({error})"
        remedy = "stop `nakodo serve` and move jobs.db away: it is made anew, and no message is lost"
        return Finding("missing", what, remedy)
    return Finding("ok", "durable work kept in jobs.db")


def pages(settings: Settings) -> Finding:
    """Look at who could open the pages, and whether `nakodo serve` could listen."""
    from adapters.channels import slack_settings, telegram_settings
    from adapters.channels.web.security import secret_of
    from adapters.channels.web.sign_in import check
    from adapters.services.store import open_store
    from adapters.services.store.lock import alone

    check(settings, chats=_wanted(slack_settings.from_environment) or _wanted(telegram_settings.from_environment))
    secret_of(settings.secret, settings.home)
    url = settings.database_url
    store = open_store(url.get_secret_value() if url else None, settings.home)
    try:
        with alone(store.engine, settings.home):
            return _port(settings.host, settings.port)
    except StoreError as error:
        if "is served" not in str(error):
            raise
        return Finding("ok", "`nakodo serve` is running")
    finally:
        store.close()


def _wanted(read: Callable[[], object]) -> bool:
    """Whether a chat is set up, be it wrongly: that is said where the chat is looked at."""
    try:
        return read() is not None
    except NakodoError:
        return True


def _port(host: str, port: int) -> Finding:
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            remedy = "set NAKODO_PORT to another, or stop what uses it"
            return Finding("missing", f"port {port} on {host} is used by another program", remedy)
        return Finding("missing", f"port {port} on {host} ({error.strerror})", "correct NAKODO_HOST and NAKODO_PORT")
    return Finding("ok", f"port {port} on {host} is free for `nakodo serve`")
