"""Arrays in a file, read whole or not at all."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import WeightsError


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read a file of named arrays, or raise a WeightsError that says what to do."""
    try:
        with path.open("rb") as file, np.load(file) as data:
            return {name: data[name] for name in data.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise WeightsError(f"unreadable ({type(error).__name__})", where=str(path)) from None


def write_arrays(path: Path, arrays: dict[str, npt.NDArray[Any]], *, compressed: bool = False) -> None:
    """Write named arrays at once: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")  # two builders do not share one
    try:
        with draft.open("wb") as file:
            (np.savez_compressed if compressed else np.savez)(file, allow_pickle=False, **arrays)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # On a full disk half of it would stay.
