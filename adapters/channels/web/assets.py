"""Style, script and picture of the pages. An address names the content, so a browser keeps it and asks no more."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
"""A year, which is as long as anybody keeps anything."""
ASK = "no-cache"
"""What does not name its content may be kept, but is asked for each time whether it is still so."""


def address(name: str, folder: Path = STATIC) -> str:
    """Return where a file is, by its content: `/static/nakodo.css?v=5f0c…`."""
    return f"/static/{name}?v={_version(folder / name)}"


def _version(file: Path) -> str:
    stat = file.stat()
    return _digest(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=32)
def _digest(file: Path, _changed: int, _size: int) -> str:
    """Return what names a file's content. It is read once, and again when it was changed under a running house."""
    return hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()


class Assets(StaticFiles):
    """Serves the files of a folder. Only under an address that names what they hold are they kept for good."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, and how long it may be kept."""
        response = await super().get_response(path, scope)
        named = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        response.headers["Cache-Control"] = FOREVER if named == [_version(self._folder / path)] else ASK
        return response
