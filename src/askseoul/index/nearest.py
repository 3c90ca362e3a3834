"""Nearest passages by cosine: from the Chroma collection, and by exact search over what was written since it was built.

A reader never waits until Chroma is brought up to date and never writes. It finds every article as soon as it is
stored, even if Chroma is behind, damaged or missing. An exact search over 100,000 passages takes some tenths of a
second.

A search within some of the articles is always exact. Chroma would have to return more and more passages until enough of
them belong to these articles, and might still miss some. Reading 10,000 vectors takes 0.1 s.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np

from askseoul.domain import PassageKey
from askseoul.errors import IndexUnwritable
from askseoul.index import chroma, tables, vectors
from askseoul.index.chroma import ChromaCollection, CollectionVersion, Record
from askseoul.index.tables import Manifest
from askseoul.models.encoder import FloatVector
from askseoul.models.graph import FloatMatrix

FOLDER: Final = "chroma"
"""Name of Chroma's folder in the index folder."""

_MAXIMUM_REPLACED: Final = 500
"""A collection with more replaced records than this, and than a fifth of all, is built from scratch."""

logger = logging.getLogger(__name__)


class VectorIndex:
    """Searches the vectors of an index. Not safe from several threads: ``Store`` holds its lock around every call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._collection: ChromaCollection | None = None
        self._tried_token: str | None = None
        self._is_damaged = False
        self._outdated: frozenset[str] = frozenset()
        self._recent = _ExactSearch([], np.empty((0, 0), dtype=np.float32))
        self._recent_generations: tuple[int, int] | None = None
        self._filtered = _ExactSearch([], np.empty((0, 0), dtype=np.float32))
        self._filtered_by: tuple[int, frozenset[str]] | None = None

    def close(self) -> None:
        """Close Chroma's files."""
        if self._collection is not None:
            self._collection.close()
            self._collection = None
        self._tried_token = None

    def nearest(
        self, connection: sqlite3.Connection, vector: FloatVector, count: int
    ) -> list[tuple[PassageKey, float]]:
        """Return the passages nearest to ``vector``, (dimension,), with their cosines in [-1, 1], highest first."""
        manifest = tables.manifest(connection)
        self._open_current(manifest)
        for _ in range(2):
            try:
                return self._nearest(connection, manifest, vector, count)
            except Exception as error:  # from Chroma, because a writer has replaced the files since they were opened
                if self._collection is None:
                    raise
                logger.info("%s is opened again: %s", self._folder, error)
            self.close()
            self._open_current(manifest)
        self._ignore_collection(manifest)
        return self._nearest(connection, manifest, vector, count)

    def nearest_within(
        self, connection: sqlite3.Connection, vector: FloatVector, count: int, article_ids: frozenset[str]
    ) -> list[tuple[PassageKey, float]]:
        """Return the nearest passages of these articles, as ``nearest`` does for all articles.

        Their vectors stay in memory until other articles are searched: the parts of a question search the same ones.
        """
        manifest = tables.manifest(connection)
        if self._filtered_by != (manifest.generation, article_ids):
            self._filtered = _ExactSearch(*vectors.of_articles(connection, article_ids, manifest.dimension))
            self._filtered_by = (manifest.generation, article_ids)
        return self._filtered.nearest(vector, count)

    def _nearest(
        self, connection: sqlite3.Connection, manifest: Manifest, vector: FloatVector, count: int
    ) -> list[tuple[PassageKey, float]]:
        recent = self._written_since(connection, manifest)
        found = recent.nearest(vector, count)
        if self._collection is not None:
            unchanged = manifest.passages - len(recent)
            found += _nearest_unchanged(self._collection, vector, min(count, unchanged), self._outdated)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]

    def is_damaged(self, connection: sqlite3.Connection) -> bool:
        """Return whether the collection that the manifest names is missing or unusable."""
        self._open_current(tables.manifest(connection))
        return self._is_damaged

    def current_collection(self, connection: sqlite3.Connection) -> ChromaCollection | None:
        """Return the open collection, or None unless it contains every article as it is now."""
        manifest = tables.manifest(connection)
        self._open_current(manifest)
        is_current = self._collection is not None and self._collection.version.generation == manifest.generation
        return self._collection if is_current else None

    def is_current(self, connection: sqlite3.Connection) -> bool:
        """Return, without loading Chroma, whether the collection is whole and contains every article as it is now."""
        manifest = tables.manifest(connection)
        if manifest.chromadb != metadata.version("chromadb"):
            return False
        try:
            version = chroma.read_version(self._folder)
        except Exception:  # ``update_collection`` reports what is wrong and builds another
            return False
        return (version.token, version.generation) == (manifest.collection, manifest.generation)

    def update_collection(self, connection: sqlite3.Connection, *, rebuild: bool) -> str:
        """Bring the collection up to date and return its token. The caller holds the writer lock.

        ``rebuild`` builds it from scratch. Raises IndexUnwritable.
        """
        manifest = tables.manifest(connection)
        self.close()
        version = None if rebuild else self._updatable_version(manifest)
        if version is not None:
            count = tables.count_passages(connection, version.generation)
            if version.replaced + count <= max(_MAXIMUM_REPLACED, manifest.passages // 5):
                changed = tables.changed_ids(connection, version.generation)
                records = _records(connection, changed)
                try:
                    return chroma.update_collection(
                        self._folder, version, changed, records, count, manifest.generation
                    ).token
                except IndexUnwritable as error:
                    logger.warning("%s can't be changed and is built again: %s", self._folder, error)
        records = _records(connection, tables.changed_ids(connection, since=0))
        return chroma.build_collection(self._folder, records, manifest.passages, manifest.generation).token

    def _updatable_version(self, manifest: Manifest) -> CollectionVersion | None:
        """Return the collection's version, or None if it has to be built from scratch."""
        if manifest.collection is None:
            return None
        installed = metadata.version("chromadb")
        try:
            version = chroma.read_version(self._folder)
            if (version.token, installed) == (manifest.collection, manifest.chromadb):
                return version
            error: Exception = LookupError(f"it is another collection, or not of chromadb {installed}")
        except Exception as found:  # whatever is wrong with it, it can be built again
            error = found
        logger.warning("%s can't be used and is built again: %s", self._folder, error)
        return None

    def _ignore_collection(self, manifest: Manifest) -> None:
        """Use exact search until a writer builds another collection."""
        self.close()
        self._is_damaged = False
        self._tried_token = manifest.collection

    def _open_current(self, manifest: Manifest) -> None:
        """Open the collection that the manifest names, unless that was tried before."""
        if self._tried_token == manifest.collection:
            return
        self._ignore_collection(manifest)
        if self._folder.exists() and not os.access(self._folder, os.W_OK):
            return  # Chroma can't open a read-only folder; exact search is faster than copying it
        try:
            if manifest.chromadb != metadata.version("chromadb"):
                raise LookupError(f"it was built by chromadb {manifest.chromadb}")
            collection = ChromaCollection(self._folder)
            if collection.version.token != manifest.collection:  # its writer has yet to commit, or was interrupted
                collection.close()
                return
            if collection.version.generation == manifest.generation and collection.count != manifest.passages:
                collection.close()
                raise LookupError(f"it holds {collection.count} passages of {manifest.passages}")
        except Exception as error:  # whatever is wrong with it, exact search works without it
            self._is_damaged = True
            logger.warning("%s can't be used and is built again: %s", self._folder, error)
        else:
            self._collection = collection

    def _written_since(self, connection: sqlite3.Connection, manifest: Manifest) -> _ExactSearch:
        """Return the passages written since the collection was built; all passages if there is no collection."""
        generations = (self._collection.version.generation if self._collection else 0, manifest.generation)
        if generations != self._recent_generations:
            changed = tables.changed_ids(connection, generations[0]) if self._collection else ()
            self._outdated = frozenset(changed)
            self._recent = _ExactSearch(*vectors.since(connection, generations[0], manifest.dimension))
            self._recent_generations = generations
        return self._recent


class _ExactSearch:
    """Compares a vector with all of these passages. ``keys`` are sorted and name the rows of ``matrix``."""

    def __init__(self, keys: list[PassageKey], matrix: FloatMatrix) -> None:
        self._keys = keys
        self._matrix = matrix

    def __len__(self) -> int:
        return len(self._keys)

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        if not self._keys or count < 1:
            return []
        cosines = np.clip(self._matrix @ vector, -1.0, 1.0)
        best = np.argsort(-cosines, kind="stable")[:count]  # equal cosines stay in the keys' order
        return [(self._keys[row], float(cosines[row])) for row in best]


def _nearest_unchanged(
    collection: ChromaCollection, vector: FloatVector, count: int, outdated: frozenset[str]
) -> list[tuple[PassageKey, float]]:
    """Return the nearest passages of articles that are not ``outdated``. Raises LookupError if the graph has fewer."""
    wanted = count
    while True:
        found = collection.nearest(vector, wanted)
        unchanged = [(key, cosine) for key, cosine in found if key.article_id not in outdated]
        if len(unchanged) >= count:
            return unchanged
        if wanted >= collection.count:
            raise LookupError(f"its graph reaches {len(unchanged)} of {count} passages")
        wanted *= 4


def _records(connection: sqlite3.Connection, article_ids: Sequence[str]) -> Iterator[Record]:
    """Yield the passages of those of the articles that are stored, with one article in memory at a time."""
    for article_id in article_ids:
        article = tables.article(connection, article_id)
        if article is not None:
            yield from tables.records(connection, article)
