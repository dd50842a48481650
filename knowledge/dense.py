"""Vectors of texts: kept in Chroma, compared exactly. The only door to Chroma.

Chroma is the keeper: on disk or on a server, it holds every vector under a key of its text and model, so a build
that was cut off goes on where it stopped, and only what changed is embedded again. Comparison is one product with
the matrix of all vectors: a ranking needs the score of every card, not of the nearest few, and importing Chroma
takes as long (0.8 to 2.4 s on two cores) as all the rest of a cold answer. So a reader takes the snapshot that the
last build left, and only a builder opens Chroma.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.arrays import read_arrays, write_arrays
from knowledge.embedder import Embedder, Role, Vectors, embed
from knowledge.errors import SearchIndexError, WeightsError

Progress = Callable[[int, int], None]
"""Called with (done, total)."""
Lookup = Callable[[str], Vectors | None]
"""From a key to its vector, where it is known."""

_BATCH = 64
_ROOM = 64 * 1024**2
"""Bytes without which a disk counts as full: an index takes about as many, and Chroma does not say what it lacked."""


@dataclass(frozen=True)
class Entry:
    """A text to be found. A way of asking is embedded like a question (`query`), a statement as a `passage`."""

    text: str
    role: Role = "passage"

    def key(self, model: str) -> str:
        """A name for this text under this model: 32 hexadecimal digits."""
        return hashlib.sha256(f"{model}\0{self.role}\0{self.text}".encode()).hexdigest()[:32]


class Shipped:
    """Vectors that came with the project, by key. One byte a number: they differ from the real ones by less than
    another processor's rounding does."""

    def __init__(self, keys: Sequence[str], vectors: npt.NDArray[np.int8]) -> None:
        self._row = {key: row for row, key in enumerate(keys)}
        self.packed = vectors

    def get(self, key: str) -> Vectors | None:
        """Return the vector of a key, of length 1."""
        row = self._row.get(key)
        if row is None:
            return None
        vector: Vectors = self.packed[row].astype(np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def row(self, key: str) -> int | None:
        """Return in which row a key's vector stands."""
        return self._row.get(key)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._row)

    @classmethod
    def load(cls, path: Path) -> "Shipped":
        """Read what `ship` wrote; nothing shipped is an empty shelf."""
        if not path.exists():
            return cls([], np.zeros((0, 0), dtype=np.int8))
        data = read_arrays(path)
        digits = data["keys"].tobytes().hex()
        return cls([digits[start : start + 32] for start in range(0, len(digits), 32)], data["vectors"])


def ship(path: Path, entries: Sequence[Entry], embedder: Embedder, progress: Progress = lambda *_: None) -> None:
    """Write the vectors of entries for shipping; those already there are not embedded again."""
    have = Shipped.load(path)
    unique = list({entry.key(embedder.name): entry for entry in entries}.items())
    keys, entries = [key for key, _ in unique], [entry for _, entry in unique]
    rows = np.zeros((len(entries), embedder.dimension), dtype=np.int8)
    missing = []
    for row, key in enumerate(keys):
        known = have.get(key)
        if known is None:
            missing.append(row)
        else:
            rows[row] = _as_bytes(known)
    done = 0
    for role, batch in _batches(entries, missing):
        rows[batch] = _as_bytes(embed(embedder, [entries[row].text for row in batch], role))
        done += len(batch)
        progress(done, len(missing))
    raw = np.frombuffer(bytes.fromhex("".join(keys)), dtype=np.uint8).reshape(-1, 16)
    write_arrays(path, {"keys": raw, "vectors": rows}, compressed=True)


def _as_bytes(vectors: Vectors) -> npt.NDArray[np.int8]:
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(np.rint(vectors / largest * 127), dtype=np.int8)


def _batches(entries: Sequence[Entry], rows: Sequence[int]) -> Iterator[tuple[Role, list[int]]]:
    roles: tuple[Role, ...] = ("query", "passage")
    for role in roles:
        mine = [row for row in rows if entries[row].role == role]
        for start in range(0, len(mine), _BATCH):
            yield role, mine[start : start + _BATCH]


class Keeper:
    """A Chroma collection of vectors under their keys, on disk (`folder`) or on a server (`url`)."""

    def __init__(self, folder: Path, url: str | None, collection: str) -> None:
        import chromadb  # slow: only a builder pays
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        self._folder, self._url = folder, url
        with self._told():
            client: Any
            if url:
                host, port, ssl = _address(url)
                client = chromadb.HttpClient(host=host, port=port, ssl=ssl, settings=settings)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                client = chromadb.PersistentClient(path=str(folder), settings=settings)
            self._collection = client.get_or_create_collection(
                collection, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )

    def keys(self) -> set[str]:
        """Return the keys of all vectors kept."""
        with self._told():
            return set(self._collection.get(include=[])["ids"])

    def keep(self, keys: Sequence[str], entries: Sequence[Entry], vectors: Vectors) -> None:
        """Keep vectors, at once durable."""
        with self._told():
            self._collection.upsert(
                ids=list(keys),
                embeddings=vectors.astype(np.float32),
                documents=[entry.text for entry in entries],
                metadatas=[{"role": entry.role} for entry in entries],
            )

    def forget(self, keys: Sequence[str]) -> None:
        """Drop vectors."""
        with self._told():
            for start in range(0, len(keys), 500):
                self._collection.delete(ids=list(keys[start : start + 500]))

    def vectors(self, keys: Sequence[str], dimension: int) -> Vectors:
        """Return the vectors of these keys, in this order."""
        rows: dict[str, npt.ArrayLike] = {}
        unique = list(dict.fromkeys(keys))
        with self._told():
            for start in range(0, len(unique), 500):
                got = self._collection.get(ids=unique[start : start + 500], include=["embeddings"])
                rows.update(zip(got["ids"], got["embeddings"], strict=True))
        if not keys:
            return np.zeros((0, dimension), dtype=np.float32)
        return np.asarray([rows[key] for key in keys], dtype=np.float32)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what keeps Chroma from its work, and what to do about it."""
        try:
            yield
        except SearchIndexError:
            raise
        except Exception as error:  # Chroma raises bare ones.
            kind = type(error).__name__
            if self._url:
                remedy = "Start the Chroma server or correct NAKODO_CHROMA_URL"
                raise SearchIndexError(f"Chroma does not answer ({kind})", where=self._url, remedy=remedy) from error
            hindered = error if isinstance(error, OSError) else _hindered(self._folder, str(error))
            if hindered:
                raise unwritable(self._folder, hindered) from error
            remedy = "Stop every Nakodo and remove the folder; it is built again"
            raise SearchIndexError(
                f"Chroma cannot read it ({kind})", where=str(self._folder), remedy=remedy
            ) from error


def unwritable(place: Path, error: OSError) -> SearchIndexError:
    """Say that a part of the index cannot be written, and whether it is for want of room or of rights."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "Make room on the disk" if full else "Correct its rights, or set NAKODO_HOME to a folder you may write"
    return SearchIndexError(f"cannot be written ({error.strerror})", where=str(place), remedy=remedy)


def _hindered(folder: Path, said: str) -> OSError | None:
    """Return what keeps everybody from writing into a folder, be it said by SQLite or found by trying."""
    probe = folder / f".probe{os.getpid()}"
    try:
        probe.touch()
        if "readonly" in said:
            return OSError(errno.EACCES, os.strerror(errno.EACCES))
        full = shutil.disk_usage(folder).free < _ROOM
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) if full else None
    except OSError as error:
        return error
    finally:
        with suppress(OSError):
            probe.unlink()


def _address(url: str) -> tuple[str, int, bool]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SearchIndexError("is no address", where="NAKODO_CHROMA_URL", remedy="Write http://host:8000")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 8000), parts.scheme == "https"


class Dense:
    """Entries and their vectors, ready to compare."""

    def __init__(self, vectors: npt.NDArray[np.float16] | Vectors, embedder: Embedder) -> None:
        self.vectors: Vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.embedder = embedder
        # A talk comes back to what was said before: the topic, the history.
        self._remembered = lru_cache(maxsize=512)(self._embed)

    def embed(self, question: str) -> Vectors:
        """Embed a question: one vector."""
        vector: Vectors = self._remembered(question)
        return vector

    def _embed(self, question: str) -> Vectors:
        vector: Vectors = embed(self.embedder, [question], "query")[0]
        return vector

    def scores(self, vector: Vectors) -> Vectors:
        """Return the cosine of a question's vector with each entry."""
        return np.asarray(self.vectors @ vector, dtype=np.float32)


def open_dense(
    entries: Sequence[Entry],
    embedder: Embedder,
    home: Path,
    *,
    chroma_url: str | None = None,
    collection: str = "cards",
    shipped: Lookup = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Dense:
    """Open the index of these entries, building what is missing.

    A build that is cut off leaves what it did in Chroma; the next one does the rest. The snapshot is written
    last and at once, so a reader sees either none or a whole one.
    """
    keys = [entry.key(embedder.name) for entry in entries]
    stamp = hashlib.sha256("".join(keys).encode()).hexdigest()
    snapshot = home / f"{collection}.npz"
    if (kept := _read_snapshot(snapshot, stamp)) is not None:
        return Dense(kept, embedder)
    keeper = Keeper(home / "chroma", chroma_url, f"{collection}-{embedder.name}".replace(":", "-").replace("/", "-"))
    _build(keeper, dict(zip(keys, entries, strict=True)), embedder, shipped, progress)
    vectors = keeper.vectors(keys, embedder.dimension)
    _write_snapshot(snapshot, stamp, vectors)
    return Dense(vectors, embedder)


def _build(keeper: Keeper, wanted: dict[str, Entry], embedder: Embedder, shipped: Lookup, progress: Progress) -> None:
    kept = keeper.keys()
    missing = [key for key in wanted if key not in kept]
    known = {key: vector for key in missing if (vector := shipped(key)) is not None}
    done = 0
    for start in range(0, len(known), 1000):
        batch = list(known)[start : start + 1000]
        keeper.keep(batch, [wanted[key] for key in batch], np.stack([known[key] for key in batch]))
        done += len(batch)
        progress(done, len(missing))
    strange = [key for key in missing if key not in known]
    entries = [wanted[key] for key in strange]
    for role, rows in _batches(entries, range(len(entries))):
        batch_entries = [entries[row] for row in rows]
        vectors = embed(embedder, [entry.text for entry in batch_entries], role)
        keeper.keep([strange[row] for row in rows], batch_entries, vectors)
        done += len(rows)
        progress(done, len(missing))
    keeper.forget(sorted(kept - set(wanted)))


def _read_snapshot(path: Path, stamp: str) -> npt.NDArray[np.float16] | None:
    try:
        data = read_arrays(path)
    except WeightsError:
        return None  # None yet, or a broken one: build it from Chroma.
    return data["vectors"] if data["stamp"].tobytes().decode() == stamp else None


def _write_snapshot(path: Path, stamp: str, vectors: Vectors) -> None:
    mark = np.frombuffer(stamp.encode(), dtype=np.uint8)
    try:
        write_arrays(path, {"stamp": mark, "vectors": vectors.astype(np.float16)})
    except OSError as error:
        raise unwritable(path.parent, error) from None
