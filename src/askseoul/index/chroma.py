"""A passage as it stands in Chroma: what LlamaIndex's ``ChromaVectorStore`` (0.6.0) writes for a node of its own.

What a Chroma collection says of itself, and whether its files are still those that it says it of.

This is looked at without Chroma: a vector file cut short would crash it, and us with it.

The Chroma collection: nearest passages by cosine. Built from ``askseoul.sqlite``, it is never the truth itself.

Chroma rewrites its vector files in place every ``sync_threshold`` records, and a process killed meanwhile leaves them
unreadable (4 of 16 trials) or, cut short, crashes whoever opens them. So a folder of ours never changes: a collection
is built beside it, or changed in a copy, has its vectors written out by a threshold at its last record, and is renamed
into place. Its stamp has the sha256 of the vector files, which are looked at before Chroma is.

Records are LlamaIndex's (``nodes``), so it opens the collection as its own.
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


@dataclass(frozen=True, slots=True)
class Record:
    """A passage as it goes into the collection; ``vector`` has shape (dimension,)."""

    article: Article
    passage: Passage
    vector: FloatVector


def identifier(passage: Passage) -> str:
    """What names the passage in the collection."""
    return f"{passage.article_id}:{passage.start}-{passage.end}"


def key_of(identifier: str) -> PassageKey:
    """The passage that is named so."""
    article_id, _, span = identifier.rpartition(":")
    start, _, end = span.partition("-")
    return PassageKey(article_id, int(start), int(end))


def metadata(article: Article, passage: Passage) -> dict[str, str | int]:
    """Give what LlamaIndex's ``node_to_metadata_dict`` gives for a ``TextNode`` of this passage, without defaults."""
    own: dict[str, str | int] = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source or "",
        "published": article.published or "",
        "start": passage.start,
        "end": passage.end,
    }
    pointers = ["article_id", "start", "end"]  # of no use to an embedding or to an LLM
    node = {
        "id_": identifier(passage),
        "metadata": own,
        "excluded_embed_metadata_keys": pointers,
        "excluded_llm_metadata_keys": pointers,
        "relationships": {"1": {"node_id": article.id, "class_name": "RelatedNodeInfo"}},  # "1" is its source
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


COLLECTION: Final = "askseoul"
"""The collection's name."""
DATABASE: Final = "chroma.sqlite3"
"""Name of Chroma's own SQLite file in its folder."""
PATIENCE: Final = 5.0
"""Seconds to wait for another program that writes into the collection; Chroma itself waits a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class CollectionVersion:
    """What a collection says of itself."""

    token: str
    """Random, given to each collection: the index knows the one that was built of it last."""
    generation: int
    """The index's generation that it has seen."""
    replaced: int
    """Records that were replaced or removed since it was built whole; their vectors still stand in its graph."""
    writes: int
    """How many there have been; a larger number is another program's doing."""
    vector_bytes: int
    vector_sha256: str
    """Of its vector files together."""


def checked_stamp(folder: Path) -> CollectionVersion:
    """Read the stamp, and prove by it that the vector files are whole and that no other program has written.

    Whatever it raises, the remedy is to build the collection again.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise FileNotFoundError(f"there is no {database}")
    query = "" if os.access(folder, os.W_OK) else "?immutable=1"
    with closing(sqlite3.connect(database.absolute().as_uri() + query, uri=True, timeout=PATIENCE)) as connection:
        if not query:
            connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute(
            "SELECT key, coalesce(int_value, str_value) FROM collection_metadata "
            "JOIN collections ON collections.id = collection_id WHERE name = ?",
            (COLLECTION,),
        ).fetchall()
        writes = _count_writes(connection)
    stamp = CollectionVersion(**dict(rows))
    if writes != stamp.writes:
        raise ValueError("another program has written into it")
    found = sum(path.stat().st_size for path in _vector_files(folder))
    if found != stamp.vector_bytes:
        raise ValueError(f"its vector files have {found} bytes of {stamp.vector_bytes}")
    if _sha256(folder) != stamp.vector_sha256:
        raise ValueError("its vector files are not as they were written")
    return stamp


def _count_writes(connection: sqlite3.Connection) -> int:
    """How many records have been written into Chroma's queue, which numbers them."""
    (count,) = connection.execute("SELECT coalesce(max(seq_id), 0) FROM embeddings_queue").fetchone()
    return int(count)


def _vector_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*"))


def _sha256(folder: Path) -> str:
    return hashlib.sha256("".join(map(sha256_of_file, _vector_files(folder))).encode()).hexdigest()


def new_stamp(folder: Path, generation: int, replaced: int) -> CollectionVersion:
    """The stamp of the collection in this folder as it is now."""
    found = sum(path.stat().st_size for path in _vector_files(folder))
    with closing(sqlite3.connect(folder / DATABASE, timeout=PATIENCE)) as connection:
        writes = _count_writes(connection)
    return CollectionVersion(uuid.uuid4().hex, generation, replaced, writes, found, _sha256(folder))


_BATCH = 1_000  # Chroma refuses more than 5,461 records at once
_SYNCED = 5_000  # as the threshold while it is built: with one write at its end 100,000 records take 10 minutes
_NEVER = 1_000_000_000  # a sync_threshold that is not reached
_ATTEMPTS, _PAUSE = 3, 0.1
"""Times and seconds between: a program that still has the former folder open can take away the journal of who opens
this one, as SQLite names it by its path."""
_MARGIN = 20  # passages of equal text tie; fetching some more than asked for keeps the cut among them stable

_Thing = TypeVar("_Thing")

_settings_lock = threading.Lock()
_open_paths: set[str] = set()


class Chroma:
    """An open collection. Not safe from several threads: ``Store`` holds its lock around every call."""

    def __init__(self, folder: Path) -> None:
        """Open the collection in ``folder``. Whatever it raises, the remedy is to build it again."""
        self.stamp = checked_stamp(folder)
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
            if self.count:  # reads the vector files, which the next writer removes
                self.collection.query(query_embeddings=self.collection.peek(1)["embeddings"], n_results=1, include=[])
        except BaseException:
            _disconnect(self._client, self._path)
            raise

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        """Give the passages nearest to ``vector``, shape (dimension,), with their cosines in [-1, 1], highest first."""
        wanted = min(count + _MARGIN, self.count)
        if count < 1 or wanted < 1:
            return []
        found = self.collection.query(query_embeddings=vector, n_results=wanted, include=["distances"])
        distances = found["distances"]
        assert distances is not None
        pairs = zip(found["ids"][0], distances[0], strict=True)
        scored = [(key_of(named), max(-1.0, min(1.0, 1.0 - distance))) for named, distance in pairs]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:count]

    def close(self) -> None:
        """Let go of the folder."""
        _disconnect(self._client, self._path)


def build(folder: Path, records: Iterable[Record], count: int, generation: int) -> CollectionVersion:
    """Put a collection of all ``count`` records in the place of whatever ``folder`` is. Raises IndexUnwritable."""
    with _unwritable(folder), _staging(folder) as staging:
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
                        "sync_threshold": _SYNCED,
                    }
                },
            )
            rest = iter(records)
            _add(collection, itertools.islice(rest, count - count % _SYNCED))
            if count % _SYNCED:
                _reconfigure(collection, sync_threshold=count % _SYNCED)
                _add(collection, rest)
            return _seal(collection, staging, generation, 0)
        finally:
            _disconnect(client, path)


def change(
    folder: Path,
    stamp: CollectionVersion,
    article_ids: Sequence[str],
    records: Iterable[Record],
    count: int,
    generation: int,
) -> CollectionVersion:
    """Put a collection in the place of the one with this stamp that holds these ``count`` records of these articles.

    Raises IndexUnwritable.
    """
    with _unwritable(folder), _staging(folder) as staging:
        with _alone(folder):
            shutil.copytree(folder, staging)
        client, path = _connect(staging)
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            outdated = [
                named
                for batch in _batches(article_ids)
                for named in collection.get(where=cast("Any", {"article_id": {"$in": batch}}), include=[])["ids"]
            ]
            if outdated or count:
                _reconfigure(collection, sync_threshold=len(outdated) + count)
            for batch in _batches(outdated):
                collection.delete(batch)
            _add(collection, records)
            return _seal(collection, staging, generation, stamp.replaced + len(outdated))
        finally:
            _disconnect(client, path)


def _seal(collection: Collection, folder: Path, generation: int, replaced: int) -> CollectionVersion:
    """Write and give the stamp, and a threshold that no program reaches that adds to the collection."""
    _reconfigure(collection, sync_threshold=_NEVER)
    stamp = new_stamp(folder, generation, replaced)
    collection.modify(metadata=asdict(stamp))
    return stamp


def _reconfigure(collection: Collection, *, sync_threshold: int) -> None:
    with warnings.catch_warnings():  # to have no embedding function is "legacy"
        warnings.simplefilter("ignore", DeprecationWarning)
        collection.modify(configuration={"hnsw": {"sync_threshold": sync_threshold}})


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes the place of ``folder`` when the block ends well."""
    staging, old = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    _remove(staging)
    _remove(old)
    try:
        yield staging
        with _alone(folder):
            while staging.exists():
                if folder.exists():
                    folder.rename(old)
                # A program that opens the folder at this moment makes an empty one.
                with suppress(FileExistsError):
                    staging.rename(folder)
                _remove(old)
    finally:
        _remove(staging)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other programs from writing into the collection, as Chroma does whenever it opens one.

    A folder that is copied meanwhile would be torn; one that is put aside would have its journal mistaken for that of
    the folder in its place. Where it can't be locked, it is not one that anybody has open.
    """
    with ExitStack() as stack:
        if (folder / DATABASE).is_file():
            with suppress(sqlite3.Error):
                connection = sqlite3.connect(folder / DATABASE, timeout=PATIENCE, isolation_level=None)
                stack.enter_context(closing(connection))
                connection.execute("BEGIN EXCLUSIVE")
        yield


def _add(collection: Collection, records: Iterable[Record]) -> None:
    for batch in _batches(records):
        collection.add(
            ids=[identifier(record.passage) for record in batch],
            embeddings=np.stack([record.vector for record in batch]),
            documents=[record.passage.text for record in batch],
            metadatas=[metadata(record.article, record.passage) for record in batch],
        )


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
        # folder since replaced, and refuses one with other settings. Another spelling is another client; the plain one
        # is left to whoever else in this process speaks to Chroma.
        path = next(path for n in itertools.count(1) if (path := f"{folder}{'/.' * n}") not in _open_paths)
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        _open_paths.add(path)  # before: where it fails, what Chroma has cached of it is of no use
        client = cast("Client", chromadb.PersistentClient(path, settings))
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
