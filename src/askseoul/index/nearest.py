"""The passages nearest to a vector: Chroma's for what it has seen, compared one by one for what was written since.

So a reader never waits for Chroma to be brought up to the truth, never writes, and finds every article the moment it is
there, with Chroma behind, damaged or gone. Comparing all of 100,000 passages takes some tenths of a second.

The nearest within some of the articles are always compared one by one. Chroma would have to be asked for ever more
until enough of them are among the nearest of all, and might miss some. To read 10,000 vectors takes 0.1 s.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from askseoul.domain import PassageKey
from askseoul.errors import IndexUnwritable
from askseoul.index import chroma, tables, vectors
from askseoul.index.chroma import Chroma, CollectionVersion, Record, checked_stamp
from askseoul.index.tables import Manifest
from askseoul.models.encoder import FloatMatrix, FloatVector

FOLDER: Final = "chroma"
"""Name of Chroma's folder in that of the index."""

_REPLACED: Final = 500  # so many outdated records, or a fifth of all, may stand in a collection before it is built anew

logger = logging.getLogger(__name__)


class VectorIndex:
    """Not safe from several threads: ``Store`` holds its lock around every call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._chroma: Chroma | None = None
        self._tried: str | None = None
        self._is_damaged = False
        self._outdated: frozenset[str] = frozenset()
        self._since = _Compared([], np.empty((0, 0), dtype=np.float32))
        self._since_span: tuple[int, int] | None = None
        self._part = _Compared([], np.empty((0, 0), dtype=np.float32))
        self._part_of: tuple[int, frozenset[str]] | None = None

    def close(self) -> None:
        """Let go of Chroma's files."""
        if self._chroma is not None:
            self._chroma.close()
            self._chroma = None
        self._tried = None

    def nearest(
        self, connection: sqlite3.Connection, vector: FloatVector, count: int
    ) -> list[tuple[PassageKey, float]]:
        """Give the passages nearest to ``vector``, shape (dimension,), with their cosines in [-1, 1], highest first."""
        manifest = tables.manifest(connection)
        self._follow(manifest)
        for _ in range(2):
            try:
                return self._nearest(connection, manifest, vector, count)
            except Exception as error:  # Chroma's, whose files a writer has replaced since they were opened
                if self._chroma is None:
                    raise
                logger.info("%s has to be opened again: %s", self._folder, error)
            self.close()
            self._follow(manifest)
        self._leave_out(manifest)
        return self._nearest(connection, manifest, vector, count)

    def nearest_within(
        self, connection: sqlite3.Connection, vector: FloatVector, count: int, article_ids: frozenset[str]
    ) -> list[tuple[PassageKey, float]]:
        """Give the nearest of the passages of these articles, as ``nearest`` does of all.

        Their vectors are kept until others are asked for: the parts of a question come one after the other.
        """
        manifest = tables.manifest(connection)
        if self._part_of != (manifest.generation, article_ids):
            self._part = _Compared(*vectors.of_articles(connection, article_ids, manifest.dimension))
            self._part_of = (manifest.generation, article_ids)
        return self._part.nearest(vector, count)

    def _nearest(
        self, connection: sqlite3.Connection, manifest: Manifest, vector: FloatVector, count: int
    ) -> list[tuple[PassageKey, float]]:
        since = self._written_since(connection, manifest)
        found = since.nearest(vector, count)
        if self._chroma is not None:
            unchanged = manifest.passages - len(since)
            found += _from_chroma(self._chroma, vector, min(count, unchanged), self._outdated)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]

    def is_damaged(self, connection: sqlite3.Connection) -> bool:
        """Tell whether there should be a collection and there is none that can be used."""
        manifest = tables.manifest(connection)
        self._follow(manifest)
        return self._is_damaged

    def current(self, connection: sqlite3.Connection) -> Chroma | None:
        """Give the collection if it has seen all."""
        manifest = tables.manifest(connection)
        self._follow(manifest)
        is_current = self._chroma is not None and self._chroma.stamp.generation == manifest.generation
        return self._chroma if is_current else None

    def are_current(self, connection: sqlite3.Connection) -> bool:
        """Tell, without loading Chroma, whether its folder is whole and has seen all."""
        manifest = tables.manifest(connection)
        if manifest.chromadb != version("chromadb"):
            return False
        try:
            stamp = checked_stamp(self._folder)
        except Exception:  # whatever is wrong with it, ``bring_up`` says so and makes another
            return False
        return (stamp.token, stamp.generation) == (manifest.collection, manifest.generation)

    def bring_up(self, connection: sqlite3.Connection, *, anew: bool) -> str:
        """Bring Chroma's folder up to the truth, and give the collection's token; only for who alone may write.

        ``anew`` uses nothing of what is there. Raises IndexUnwritable.
        """
        manifest = tables.manifest(connection)
        self.close()
        stamp = None if anew else self._stamp(manifest)
        if stamp is not None:
            count = tables.count_passages(connection, stamp.generation)
            if stamp.replaced + count <= max(_REPLACED, manifest.passages // 5):
                changed = tables.changed_ids(connection, stamp.generation)
                records = _records(connection, changed)
                try:
                    return chroma.change(self._folder, stamp, changed, records, count, manifest.generation).token
                except IndexUnwritable as error:
                    logger.warning("%s can't be changed and is built again: %s", self._folder, error)
        records = _records(connection, tables.changed_ids(connection, since=0))
        return chroma.build(self._folder, records, manifest.passages, manifest.generation).token

    def _stamp(self, manifest: Manifest) -> CollectionVersion | None:
        """The stamp of a collection that can be changed into what it should be."""
        if manifest.collection is None:
            return None
        try:
            stamp = checked_stamp(self._folder)
            if (stamp.token, version("chromadb")) == (manifest.collection, manifest.chromadb):
                return stamp
            error: Exception = LookupError(f"it is another one, or of another chromadb than {version('chromadb')}")
        except Exception as found:  # whatever is wrong with a copy of the truth, another is made
            error = found
        logger.warning("%s can't be used and is built again: %s", self._folder, error)
        return None

    def _leave_out(self, manifest: Manifest) -> None:
        """Do without Chroma until a writer leaves another collection."""
        self.close()
        self._is_damaged = False
        self._tried = manifest.collection

    def _follow(self, manifest: Manifest) -> None:
        """Open Chroma where a writer has left another collection than the one that is open."""
        if self._tried == manifest.collection:
            return
        self._leave_out(manifest)
        if self._folder.exists() and not os.access(self._folder, os.W_OK):
            return  # Chroma can only open what it can write; comparing all is faster than to copy it
        try:
            if manifest.chromadb != version("chromadb"):
                raise LookupError(f"it is of chromadb {manifest.chromadb}")
            opened = Chroma(self._folder)
            if opened.stamp.token != manifest.collection:  # a writer is just about to say so, or one was cut short
                opened.close()
                return
            if opened.stamp.generation == manifest.generation and opened.count != manifest.passages:
                opened.close()
                raise LookupError(f"it holds {opened.count} passages of {manifest.passages}")
        except Exception as error:  # whatever is wrong with a copy of the truth, the truth answers
            self._is_damaged = True
            logger.warning("%s can't be used and is built again: %s", self._folder, error)
        else:
            self._chroma = opened

    def _written_since(self, connection: sqlite3.Connection, manifest: Manifest) -> _Compared:
        span = (self._chroma.stamp.generation if self._chroma else 0, manifest.generation)
        if span != self._since_span:
            self._outdated = frozenset(tables.changed_ids(connection, span[0])) if self._chroma else frozenset()
            self._since = _Compared(*vectors.since(connection, span[0], manifest.dimension))
            self._since_span = span
        return self._since


def _from_chroma(
    collection: Chroma, vector: FloatVector, count: int, outdated: frozenset[str]
) -> list[tuple[PassageKey, float]]:
    """Give the nearest of the passages that did not change. Raises LookupError where its graph doesn't reach them."""
    wanted = count
    while True:
        found = collection.nearest(vector, wanted)
        kept = [(key, cosine) for key, cosine in found if key.article_id not in outdated]
        if len(kept) >= count:
            return kept
        if wanted >= collection.count:
            raise LookupError(f"of {count} passages its graph reaches {len(kept)}")
        wanted *= 4


class _Compared:
    """Passages that are compared with a vector one by one; ``keys`` are in order, and name the rows of ``matrix``."""

    def __init__(self, keys: list[PassageKey], matrix: FloatMatrix) -> None:
        self._keys = keys
        self._matrix = matrix

    def __len__(self) -> int:
        return len(self._keys)

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        if not self._keys or count < 1:
            return []
        cosines = np.clip(self._matrix @ vector, -1.0, 1.0)
        # A tie at the cut is decided by the keys' order, which is that of the rows.
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self._keys[row], float(cosines[row])) for row in best]


def _records(connection: sqlite3.Connection, article_ids: Sequence[str]) -> Iterator[Record]:
    """Give the passages of those of the articles that are held, one article in memory at a time."""
    for article_id in article_ids:
        article = tables.article(connection, article_id)
        if article is not None:
            yield from tables.records(connection, article)
