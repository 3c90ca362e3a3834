"""The Chroma collection: nearest passages by cosine. It is derived from ``askseoul.sqlite`` and never the only copy.

Chroma rewrites its vector files in place every ``sync_threshold`` records. A process killed meanwhile leaves them
unreadable (4 of 16 trials), or truncated, which crashes the process that opens them. So a collection's folder never
changes: a collection is built in a new folder, or changed in a copy, then renamed into place. Its sync threshold makes
Chroma write the vector files at the last record. The collection's metadata holds a CollectionVersion with the sha256 of
the vector files, which is checked before Chroma opens them.

Records have the form that LlamaIndex's ``ChromaVectorStore`` (0.6.0) writes, so LlamaIndex can open the collection.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import threading
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np

from askseoul.domain import Article, Passage, PassageKey
from askseoul.errors import IndexUnwritable
from askseoul.models.encoder import FloatVector
from askseoul.models.weights import sha256_of_file

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection


COLLECTION: Final = "askseoul"
"""The collection's name."""
DATABASE: Final = "chroma.sqlite3"
"""Name of Chroma's own SQLite file in its folder."""
BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait while another program writes to the collection; Chroma itself waits for a quarter of an hour."""

_BATCH = 1_000  # Chroma refuses more than 5,461 records at once
_SYNC_THRESHOLD = 5_000  # while building: if written only once, at the end, 100,000 records take 10 minutes
_NEVER_SYNC = 1_000_000_000  # a threshold that is never reached
_ATTEMPTS, _PAUSE = 3, 0.1
"""Attempts to open a collection, and seconds between them. SQLite names a journal by its database's path, so a program
that still has the former folder open can delete the journal of the new one."""
_MARGIN = 20  # passages of equal text have equal scores; fetching more than needed keeps the cut among them stable

_Item = TypeVar("_Item")

_settings_lock = threading.Lock()
_open_paths: set[str] = set()


@dataclass(frozen=True, slots=True)
class Record:
    """A passage as it is stored in the collection; ``vector`` has shape (dimension,)."""

    article: Article
    passage: Passage
    vector: FloatVector


@dataclass(frozen=True, slots=True)
class CollectionVersion:
    """What a collection's metadata says about its state."""

    token: str
    """A random name; the index knows the one of the collection that was built last."""
    generation: int
    """The generation of the index that the collection contains."""
    replaced: int
    """Records replaced or removed since the collection was built from scratch; their vectors remain in its graph."""
    writes: int
    """The number of writes so far; if Chroma counts more, another program has written to the collection."""
    vector_bytes: int
    """The size of all vector files."""
    vector_sha256: str
    """sha256 over all vector files."""


class ChromaCollection:
    """An open collection. Not safe from several threads: ``Store`` holds its lock around every call."""

    def __init__(self, folder: Path) -> None:
        """Open the collection in ``folder``. Raises any exception if it is missing or damaged; then build it again."""
        self.version = read_version(folder)
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                self._open(folder)
                return
            except Exception:
                if not attempts_left:
                    raise
                time.sleep(_PAUSE)

    def _open(self, folder: Path) -> None:
        self._client, self._path = _connect(folder)
        try:
            self.collection = self._client.get_collection(COLLECTION, embedding_function=None)
            self.count = self.collection.count()
            if self.count:  # loads the vector files now, because the next writer removes them
                self.collection.query(query_embeddings=self.collection.peek(1)["embeddings"], n_results=1, include=[])
        except BaseException:
            _disconnect(self._client, self._path)
            raise

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        """Return the passages nearest to ``vector``, (dimension,), with their cosines in [-1, 1], highest first."""
        wanted = min(count + _MARGIN, self.count)
        if count < 1 or wanted < 1:
            return []
        found = self.collection.query(query_embeddings=vector, n_results=wanted, include=["distances"])
        distances = found["distances"]
        assert distances is not None
        pairs = zip(found["ids"][0], distances[0], strict=True)
        scored = [(_parse_record_id(record_id), max(-1.0, min(1.0, 1.0 - distance))) for record_id, distance in pairs]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:count]

    def close(self) -> None:
        """Close Chroma's files."""
        _disconnect(self._client, self._path)


def read_version(folder: Path) -> CollectionVersion:
    """Return the collection's version, once its vector files are proved whole and unchanged by other programs.

    This is done without Chroma, which a truncated vector file would crash together with this process. Raises any
    exception if the collection can't be used; the remedy is to build it again.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise FileNotFoundError(f"there is no {database}")
    query = "" if os.access(folder, os.W_OK) else "?immutable=1"
    with closing(sqlite3.connect(database.absolute().as_uri() + query, uri=True, timeout=BUSY_TIMEOUT)) as connection:
        if not query:
            connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute(
            "SELECT key, coalesce(int_value, str_value) FROM collection_metadata "
            "JOIN collections ON collections.id = collection_id WHERE name = ?",
            (COLLECTION,),
        ).fetchall()
        writes = _count_writes(connection)
    version = CollectionVersion(**dict(rows))
    if writes != version.writes:
        raise ValueError("another program has written to it")
    size = sum(path.stat().st_size for path in _vector_files(folder))
    if size != version.vector_bytes:
        raise ValueError(f"its vector files have {size} bytes instead of {version.vector_bytes}")
    if _vector_sha256(folder) != version.vector_sha256:
        raise ValueError("its vector files have changed since they were written")
    return version


def build_collection(folder: Path, records: Iterable[Record], count: int, generation: int) -> CollectionVersion:
    """Replace ``folder`` with a new collection of these ``count`` records. Raises IndexUnwritable."""
    with _translated_errors(folder), _staging(folder) as staging:
        client, path = _connect(staging)
        try:
            collection = client.create_collection(
                COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {
                        "space": "cosine",
                        "ef_search": 400,  # of the true nearest 50 among 8,000 it finds 99 %, in 3 to 5 ms
                        "batch_size": 1,  # may not be above the threshold
                        "sync_threshold": _SYNC_THRESHOLD,
                    }
                },
            )
            rest = iter(records)
            _add(collection, itertools.islice(rest, count - count % _SYNC_THRESHOLD))
            if count % _SYNC_THRESHOLD:
                _set_sync_threshold(collection, count % _SYNC_THRESHOLD)
                _add(collection, rest)
            return _seal(collection, staging, generation, 0)
        finally:
            _disconnect(client, path)


def update_collection(
    folder: Path,
    version: CollectionVersion,
    article_ids: Sequence[str],
    records: Iterable[Record],
    count: int,
    generation: int,
) -> CollectionVersion:
    """Replace the collection of this version by one whose records of these articles are these ``count`` records.

    Raises IndexUnwritable.
    """
    with _translated_errors(folder), _staging(folder) as staging:
        with _locked(folder):
            shutil.copytree(folder, staging)
        client, path = _connect(staging)
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            outdated = [
                record_id
                for batch in _batches(article_ids)
                for record_id in collection.get(where=cast("Any", {"article_id": {"$in": batch}}), include=[])["ids"]
            ]
            if outdated or count:
                _set_sync_threshold(collection, len(outdated) + count)
            for batch in _batches(outdated):
                collection.delete(batch)
            _add(collection, records)
            return _seal(collection, staging, generation, version.replaced + len(outdated))
        finally:
            _disconnect(client, path)


def _seal(collection: Collection, folder: Path, generation: int, replaced: int) -> CollectionVersion:
    """Store and return the version, with a threshold that no program that adds records will reach."""
    _set_sync_threshold(collection, _NEVER_SYNC)
    size = sum(path.stat().st_size for path in _vector_files(folder))
    with closing(sqlite3.connect(folder / DATABASE, timeout=BUSY_TIMEOUT)) as connection:
        writes = _count_writes(connection)
    version = CollectionVersion(uuid.uuid4().hex, generation, replaced, writes, size, _vector_sha256(folder))
    collection.modify(metadata=asdict(version))
    return version


def _count_writes(connection: sqlite3.Connection) -> int:
    """Return how many records have been written to Chroma's queue, which numbers them."""
    (count,) = connection.execute("SELECT coalesce(max(seq_id), 0) FROM embeddings_queue").fetchone()
    return int(count)


def _vector_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*"))


def _vector_sha256(folder: Path) -> str:
    return hashlib.sha256("".join(map(sha256_of_file, _vector_files(folder))).encode()).hexdigest()


def _set_sync_threshold(collection: Collection, sync_threshold: int) -> None:
    with warnings.catch_warnings():  # having no embedding function is deprecated as "legacy"
        warnings.simplefilter("ignore", DeprecationWarning)
        collection.modify(configuration={"hnsw": {"sync_threshold": sync_threshold}})


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield the path of a new folder, which replaces ``folder`` if the block succeeds."""
    staging, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    _remove(staging)
    _remove(old)
    try:
        yield staging
        with _locked(folder):
            while staging.exists():
                if folder.exists():
                    folder.rename(old)
                # A program that opens the folder at this moment creates an empty one.
                with suppress(FileExistsError):
                    staging.rename(folder)
                _remove(old)
    finally:
        _remove(staging)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other programs from writing to the collection, as Chroma does whenever it opens one.

    A copy made during a write would be torn, and the journal of a replaced folder would be taken for that of the folder
    in its place. If the database can't be locked, no program has it open.
    """
    with ExitStack() as stack:
        if (folder / DATABASE).is_file():
            with suppress(sqlite3.Error):
                connection = sqlite3.connect(folder / DATABASE, timeout=BUSY_TIMEOUT, isolation_level=None)
                stack.enter_context(closing(connection))
                connection.execute("BEGIN EXCLUSIVE")
        yield


def _add(collection: Collection, records: Iterable[Record]) -> None:
    for batch in _batches(records):
        collection.add(
            ids=[_record_id(record.passage) for record in batch],
            embeddings=np.stack([record.vector for record in batch]),
            documents=[record.passage.text for record in batch],
            metadatas=[_metadata(record.article, record.passage) for record in batch],
        )


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch


def _record_id(passage: Passage) -> str:
    return f"{passage.article_id}:{passage.start}-{passage.end}"


def _parse_record_id(record_id: str) -> PassageKey:
    article_id, _, span = record_id.rpartition(":")
    start, _, end = span.partition("-")
    return PassageKey(article_id, int(start), int(end))


def _metadata(article: Article, passage: Passage) -> dict[str, str | int]:
    """Return what LlamaIndex's ``node_to_metadata_dict`` makes of a ``TextNode`` of this passage, without defaults."""
    own: dict[str, str | int] = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source or "",
        "published": article.published or "",
        "start": passage.start,
        "end": passage.end,
    }
    excluded = ["article_id", "start", "end"]  # of no use to an embedding or to an LLM
    node = {
        "id_": _record_id(passage),
        "metadata": own,
        "excluded_embed_metadata_keys": excluded,
        "excluded_llm_metadata_keys": excluded,
        "relationships": {"1": {"node_id": article.id, "class_name": "RelatedNodeInfo"}},  # "1" means its source
        "text": "",
        "start_char_idx": passage.start,
        "end_char_idx": passage.end,
        "class_name": "TextNode",
    }
    return {
        **own,
        "_node_content": json.dumps(node, ensure_ascii=False),
        "_node_type": "TextNode",
        "document_id": article.id,
        "doc_id": article.id,
        "ref_doc_id": article.id,
    }


def _connect(folder: Path) -> tuple[Client, str]:
    """Return a new client for ``folder``, and the spelling of the path under which Chroma knows it."""
    with _settings_lock, _settings_without_environment():
        import chromadb
        from chromadb.config import Settings

        # Chroma shares one client, with its cache of a folder that may have been replaced, among all callers in this
        # process that spell a path alike, and refuses different settings. Another spelling gives another client; the
        # plain spelling is left to other users of Chroma in this process.
        path = next(path for n in itertools.count(1) if (path := f"{folder}{'/.' * n}") not in _open_paths)
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        _open_paths.add(path)  # before connecting: after a failure, Chroma's cache for this spelling is useless
        client = cast("Client", chromadb.PersistentClient(path, settings))
    return client, path


def _disconnect(client: Client, path: str) -> None:
    client.close()
    _open_paths.discard(path)


@contextmanager
def _settings_without_environment() -> Iterator[None]:
    """Keep Chroma from reading its settings from environment variables and the working directory's ``.env`` file.

    Their names have no prefix. They are also read on import, which a value meant for another program can make fail.
    """
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    original_init = BaseSettings.__init__
    BaseSettings.__init__ = BaseModel.__init__  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        BaseSettings.__init__ = original_init  # type: ignore[method-assign]


@contextmanager
def _translated_errors(folder: Path) -> Iterator[None]:
    """Raise Chroma's errors as IndexUnwritable: with our records, only the disk can make it fail."""
    with _settings_lock, _settings_without_environment():
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
