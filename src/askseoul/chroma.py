"""The Chroma collection: nearest passages by cosine. Built from ``askseoul.sqlite``, it is never the truth itself.

Chroma rewrites its vector files in place every ``sync_threshold`` records, and a process killed meanwhile leaves them
unreadable (4 of 16 trials; none with a threshold that is never reached). But records that were never written out are
replayed by each fresh process: 8 s for 8,000 passages, and 0.04 s when they are. So a collection is built whole in a
folder beside it with the threshold at its last record, renamed into place, and given a threshold that later changes
never reach; those wait in Chroma's own SQLite queue, which is durable.

Records follow the schema of LlamaIndex's ``ChromaVectorStore`` (0.6.0), so LlamaIndex opens the collection as its own.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from askseoul.domain import Article, Passage, PassageKey
from askseoul.encoders import FloatVector
from askseoul.errors import IndexUnwritable

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

COLLECTION = "askseoul"
"""The collection's name."""

_BATCH = 1_000  # Chroma refuses more than 5,461 records at once
_NEVER = 1_000_000_000  # a sync_threshold that is not reached
_MARGIN = 20  # passages of equal text tie; fetching some more than asked for keeps the cut among them stable

_Thing = TypeVar("_Thing")

_settings_lock = threading.Lock()
_open_paths: set[str] = set()


@dataclass(frozen=True, slots=True)
class Record:
    """A passage as it goes into the collection; ``vector`` has shape (dimension,)."""

    article: Article
    passage: Passage
    vector: FloatVector


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a collection says of itself; it is written last, so a collection that was cut short says less."""

    index: str
    """Id of the index that it was built from."""
    built: int
    """The index's generation when it was built."""
    generation: int
    """The index's generation that it has seen."""
    vector_bytes: int
    """Size of its vector files, which never change. Chroma itself can crash, and take us along, on a file cut short."""


class Chroma:
    """An open collection. Not safe from several threads: ``Store`` holds its lock around every call."""

    def __init__(self, folder: Path) -> None:
        """Open the collection in ``folder``. Whatever it raises, the remedy is to build it again."""
        if not (folder / "chroma.sqlite3").is_file():  # Chroma would make an empty one
            raise FileNotFoundError(f"there is no {folder / 'chroma.sqlite3'}")
        self.folder = folder
        self._copy = None if os.access(folder, os.W_OK) else _writable_copy(folder)
        self._client, self._path = _connect(Path(self._copy.name) if self._copy else folder)
        try:
            self.collection = self._client.get_collection(COLLECTION, embedding_function=None)
            metadata: Any = self.collection.metadata
            self.stamp = Stamp(**metadata)
            if self.stamp.vector_bytes != _vector_bytes(folder):
                raise ValueError(f"its vector files have {_vector_bytes(folder)} bytes of {self.stamp.vector_bytes}")
            self.count = self.collection.count()
        except BaseException:
            self.close()
            raise

    @classmethod
    def build(cls, folder: Path, records: Iterable[Record], count: int, index: str, generation: int) -> Chroma:
        """Put a collection of all ``count`` records in the place of whatever ``folder`` is, and open it.

        Raises IndexUnwritable.
        """
        staging, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
        with _unwritable(folder):
            _remove(staging)
            _remove(old)
            client, path = _connect(staging)
            try:
                collection = client.create_collection(
                    COLLECTION,
                    embedding_function=None,
                    configuration={
                        "hnsw": {
                            "space": "cosine",
                            "ef_search": 400,  # of the true nearest 50 among 8,000 it finds 99 %, in 3 to 5 ms
                            "batch_size": 2,  # may not be above the threshold
                            "sync_threshold": max(count, 2),
                        }
                    },
                )
                _upsert(collection, records)
                stamp = Stamp(index, generation, generation, _vector_bytes(staging))
                with warnings.catch_warnings():  # to have no embedding function is "legacy"
                    warnings.simplefilter("ignore", DeprecationWarning)
                    collection.modify(configuration={"hnsw": {"sync_threshold": _NEVER}}, metadata=asdict(stamp))
            finally:
                _disconnect(client, path)
            if folder.exists():
                folder.rename(old)
            staging.rename(folder)
            _remove(old)
        return cls(folder)

    def replace(self, article_ids: Sequence[str], records: Iterable[Record], generation: int) -> None:
        """Make ``records`` all that is held of these articles. Raises IndexUnwritable."""
        stamp = replace(self.stamp, generation=generation)
        with _unwritable(self.folder):
            for batch in _batches(article_ids):
                where: Any = {"article_id": {"$in": batch}}
                self.collection.delete(where=where)
            _upsert(self.collection, records)
            self.collection.modify(metadata=asdict(stamp))
            self.count = self.collection.count()
        self.stamp = stamp

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        """Give the passages nearest to ``vector``, shape (dimension,), with their cosines in [-1, 1], highest first."""
        wanted = min(count + _MARGIN, self.count)
        if count < 1 or wanted < 1:
            return []
        found = self.collection.query(query_embeddings=vector, n_results=wanted, include=["distances"])
        distances = found["distances"]
        assert distances is not None
        pairs = zip(found["ids"][0], distances[0], strict=True)
        scored = [(_key(identifier), max(-1.0, min(1.0, 1.0 - distance))) for identifier, distance in pairs]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:count]

    def close(self) -> None:
        """Let go of the folder."""
        _disconnect(self._client, self._path)
        if self._copy:
            self._copy.cleanup()


def _writable_copy(folder: Path) -> TemporaryDirectory[str]:
    """Copy Chroma's SQLite file, which it can only open to write; its vector files it can read where they are."""
    copy = TemporaryDirectory(prefix="askseoul-")
    for path in folder.absolute().iterdir():
        if path.is_dir():
            Path(copy.name, path.name).symlink_to(path)
        else:
            shutil.copyfile(path, Path(copy.name, path.name))
    return copy


def _vector_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*/*"))


def _key(identifier: str) -> PassageKey:
    article_id, _, span = identifier.rpartition(":")
    start, _, end = span.partition("-")
    return PassageKey(article_id, int(start), int(end))


def _upsert(collection: Collection, records: Iterable[Record]) -> None:
    for batch in _batches(records):
        collection.upsert(
            ids=[_identifier(record.passage) for record in batch],
            embeddings=np.stack([record.vector for record in batch]),
            documents=[record.passage.text for record in batch],
            metadatas=[_node_metadata(record.article, record.passage) for record in batch],
        )


def _identifier(passage: Passage) -> str:
    return f"{passage.article_id}:{passage.start}-{passage.end}"


def _node_metadata(article: Article, passage: Passage) -> dict[str, str | int]:
    """Give what LlamaIndex's ``node_to_metadata_dict`` gives for a ``TextNode`` of this passage, without defaults."""
    metadata: dict[str, str | int] = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source or "",
        "published": article.published or "",
        "start": passage.start,
        "end": passage.end,
    }
    pointers = ["article_id", "start", "end"]  # of no use to an embedding or to an LLM
    node = {
        "id_": _identifier(passage),
        "metadata": metadata,
        "excluded_embed_metadata_keys": pointers,
        "excluded_llm_metadata_keys": pointers,
        "relationships": {"1": {"node_id": article.id, "class_name": "RelatedNodeInfo"}},  # "1" is its source
        "text": "",
        "start_char_idx": passage.start,
        "end_char_idx": passage.end,
        "class_name": "TextNode",
    }
    return {
        **metadata,
        "_node_content": json.dumps(node, ensure_ascii=False),
        "_node_type": "TextNode",
        "document_id": article.id,
        "doc_id": article.id,
        "ref_doc_id": article.id,
    }


def _batches(things: Iterable[_Thing]) -> Iterator[list[_Thing]]:
    rest = iter(things)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch


def _connect(folder: Path) -> tuple[Client, str]:
    """Give a client of its own on ``folder``, and the spelling of the path under which Chroma knows it."""
    with _settings_lock, _settings_from_arguments_alone():
        import chromadb
        from chromadb.config import Settings

        # Chroma shares one client among all in this process that spell a path alike, with what it has cached of a
        # folder since replaced, and refuses one with other settings. Another spelling is another client.
        path = next(path for n in itertools.count() if (path := f"{folder}{'/.' * n}") not in _open_paths)
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        client = cast("Client", chromadb.PersistentClient(path, settings))
        _open_paths.add(path)
    return client, path


def _disconnect(client: Client, path: str) -> None:
    client.close()
    _open_paths.discard(path)


@contextmanager
def _settings_from_arguments_alone() -> Iterator[None]:
    """Keep the environment from Chroma's settings, which have no prefix and read the working directory's ``.env``.

    They are read when it is imported too, where a value that was never meant for Chroma ends the import.
    """
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    reads_environment = BaseSettings.__init__
    BaseSettings.__init__ = BaseModel.__init__  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        BaseSettings.__init__ = reads_environment  # type: ignore[method-assign]


@contextmanager
def _unwritable(folder: Path) -> Iterator[None]:
    """Give Chroma's own failures to write a name; fed by us alone, it has no other reason to fail than the disk."""
    with _settings_lock, _settings_from_arguments_alone():
        from chromadb.errors import ChromaError
    try:
        yield
    except (OSError, ChromaError) as error:
        raise IndexUnwritable(
            f"The vector index {folder} can't be written: {error}. "
            "Free some space or make the folder writable, then run `askseoul index` again; no article is lost."
        ) from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
