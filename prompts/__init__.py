"""How Nakodo speaks: templates by language, and one function to fill them.

A name that a template wants and nobody gave is an error, never an empty place in a sentence.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
_folders = [HERE]


@cache
def _environment() -> Environment:
    # Plain text and Markdown for chats, no HTML: escaping belongs to the channel that makes HTML of it.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(_folders),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(name: str, locale: str, **values: object) -> str:
    """Fill the template `<locale>/<name>.md.j2`."""
    return _environment().get_template(f"{locale}/{name}.md.j2").render(values).strip()


@cache
def version(locale: str, name: str, *others: str) -> str:
    """Return a template's name and a hash of its words, and of those it goes with: `compose@1a2b3c4d`."""
    words = b"\0".join(_source(f"{locale}/{one}.md.j2") for one in (name, *others))
    return f"{name}@{hashlib.sha256(words).hexdigest()[:8]}"


@contextmanager
def borrowed(folder: Path) -> Iterator[None]:
    """Let templates of another folder, laid out like this one, go before ours. For one who tries templates out."""
    _folders.insert(0, folder)
    _anew()
    try:
        yield
    finally:
        _folders.remove(folder)
        _anew()


def check(name: str) -> None:
    """Read a template, `ja/compose.md.j2`.

    Raises:
        TemplateError: it is not well formed.
    """
    _environment().get_template(name)


def _source(name: str) -> bytes:
    return next(path for folder in _folders if (path := folder / name).is_file()).read_bytes()


def _anew() -> None:
    _environment.cache_clear()
    version.cache_clear()
