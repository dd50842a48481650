"""Vectors are embedded once, kept, and rebuilt only where something changed."""

import errno
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.dense import Dense, Entry, Shipped, _write_snapshot, open_dense, ship, unwritable
from knowledge.errors import SearchIndexError, WeightsError
from tests.fakes import CountingEmbedder

ENTRIES = [Entry(f"text {n}") for n in range(300)]


def opened(home: Path, entries: list[Entry], embedder: CountingEmbedder) -> Dense:
    return open_dense(entries, embedder, home)


def test_a_question_is_closest_to_its_own_text(tmp_path: Path) -> None:
    dense = opened(tmp_path, ENTRIES, CountingEmbedder())
    assert dense.scores(dense.embed("text 7")).argmax() == 7


def test_a_second_opening_embeds_nothing(tmp_path: Path) -> None:
    opened(tmp_path, ENTRIES, CountingEmbedder())
    again = CountingEmbedder()
    opened(tmp_path, ENTRIES, again)
    assert again.embedded == []


def test_only_what_changed_is_embedded_again(tmp_path: Path) -> None:
    opened(tmp_path, ENTRIES, CountingEmbedder())
    again = CountingEmbedder()
    changed = [*ENTRIES[:250], Entry("a new text")]
    dense = opened(tmp_path, changed, again)
    assert again.embedded == ["a new text"]
    assert dense.vectors.shape == (251, 8)
    assert dense.scores(dense.embed("a new text")).argmax() == 250


def test_the_same_text_twice_is_embedded_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    dense = opened(tmp_path, [Entry("twin"), Entry("other"), Entry("twin")], embedder)
    assert sorted(embedder.embedded) == ["other", "twin"]
    assert np.allclose(dense.vectors[0], dense.vectors[2])


def test_a_build_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        opened(tmp_path, ENTRIES, CountingEmbedder(dies_after=150))
    assert not (tmp_path / "cards.npz").exists()
    again = CountingEmbedder()
    opened(tmp_path, ENTRIES, again)
    assert 0 < len(again.embedded) < len(ENTRIES)
    assert len(again.embedded) >= len(ENTRIES) - 150


def test_a_broken_snapshot_is_built_again(tmp_path: Path) -> None:
    opened(tmp_path, ENTRIES, CountingEmbedder())
    (tmp_path / "cards.npz").write_bytes(b"PK\x03\x04 half a file")
    again = CountingEmbedder()
    assert opened(tmp_path, ENTRIES, again).vectors.shape == (300, 8)
    assert again.embedded == []  # Chroma has them.


def test_shipped_vectors_are_taken_instead_of_embedding(tmp_path: Path) -> None:
    ship(tmp_path / "shipped.npz", ENTRIES, CountingEmbedder())
    shipped = Shipped.load(tmp_path / "shipped.npz")
    embedder = CountingEmbedder()
    dense = open_dense(ENTRIES, embedder, tmp_path, shipped=shipped.get)
    assert embedder.embedded == []
    direct = np.array(embedder.embed_query("text 7"))
    assert float(dense.vectors[7] @ direct) > 0.999


def test_shipping_again_embeds_only_what_is_new(tmp_path: Path) -> None:
    ship(tmp_path / "shipped.npz", ENTRIES, CountingEmbedder())
    again = CountingEmbedder()
    ship(tmp_path / "shipped.npz", [*ENTRIES[5:], Entry("new")], again)
    assert again.embedded == ["new"]
    assert len(Shipped.load(tmp_path / "shipped.npz")) == 296


def test_broken_shipped_vectors_are_named(tmp_path: Path) -> None:
    (tmp_path / "shipped.npz").write_bytes(b"not vectors")
    with pytest.raises(WeightsError, match="make vectors"):
        Shipped.load(tmp_path / "shipped.npz")


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError, match="NAKODO_CHROMA_URL"):
        open_dense(ENTRIES, CountingEmbedder(), tmp_path, chroma_url="localhost")


def test_an_address_that_is_refused_is_not_printed_for_it_may_hold_a_password(tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError) as caught:
        open_dense(ENTRIES, CountingEmbedder(), tmp_path, chroma_url="me:geheim@chroma")
    assert "geheim" not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, not even of root")
def test_a_folder_that_takes_nothing_is_told_and_not_to_be_removed(tmp_path: Path) -> None:
    (tmp_path / "chroma").symlink_to("/proc")
    with pytest.raises(SearchIndexError, match=r"chroma: cannot be written .*NAKODO_HOME") as caught:
        opened(tmp_path, ENTRIES, CountingEmbedder())
    assert "emove" not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, not even of root")
def test_a_snapshot_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    opened(tmp_path, ENTRIES, CountingEmbedder())
    (tmp_path / "cards.npz").unlink()
    other = tmp_path / "other"
    other.symlink_to("/proc")
    with pytest.raises(SearchIndexError, match="other: cannot be written"):
        _write_snapshot(other / "cards.npz", "stamp", np.zeros((1, 8), dtype=np.float32))


def test_a_full_disk_is_told_as_what_it_is() -> None:
    full = unwritable(Path("index"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert str(full) == f"index: cannot be written ({os.strerror(errno.ENOSPC)}). Make room on the disk"


def test_a_damaged_chroma_may_be_removed(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_text("junk" * 100, encoding="ascii")
    with pytest.raises(SearchIndexError, match="remove the folder; it is built again"):
        opened(tmp_path, ENTRIES, CountingEmbedder())
