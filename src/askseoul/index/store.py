"""The index on disk: articles, passages and vectors in ``askseoul.sqlite``, and a Chroma collection derived from it.

An article is written in one transaction, so readers never see a part of one. Every write increments the manifest's
generation and records the article that changed. The Chroma collection records the generation that it contains, so it is
known what it lacks: searches read that from SQLite, until the collection is brought up to date at the end of a run.

Chroma is imported at the first vector search; everything else needs SQLite alone.
"""

from __future__ import annotations

import difflib
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from askseoul.domain import Article, Passage, PassageKey
from askseoul.errors import ArticleUnknown, IndexUnwritable
from askseoul.index import tables, vectors
from askseoul.index.nearest import VectorIndex
from askseoul.index.sqlite import DATABASE, LOCK_TIMEOUT, WriterLock, open_index, transaction, translated_errors
from askseoul.index.tables import ArticleSummary, Manifest
from askseoul.index.vectors import Vectors
from askseoul.ingest.passages import embedded_text
from askseoul.models.encoder import Encoder, FloatVector
from askseoul.models.graph import FloatMatrix

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

    from askseoul.index.chroma import ChromaCollection


_REPAIRED_BY_READERS = 10_000
"""Up to this many passages, a reader rebuilds a damaged collection, in about 10 s. Without Chroma, each search of such
an index takes 0.03 s longer."""

logger = logging.getLogger(__name__)


class StoredPassage(NamedTuple):
    """A passage with its article and its token vectors."""

    article: Article
    passage: Passage
    tokens: bytes | None
    """The token vectors, as ``vectors.quantize`` gives them; None if they are not stored."""


class Store:
    """An open index. Safe from several threads; several processes may read it while one writes."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        """``connection`` is the result of ``open_index`` for this folder."""
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()
        self._vector_index = VectorIndex(folder)
        self._writer_lock = WriterLock(folder)
        self._has_tried_to_repair = False

    @classmethod
    def open(
        cls, folder: Path, *, encoder: Encoder | None = None, passage_tokens: int = 150, create: bool = False
    ) -> Store:
        """Open the index in ``folder`` for searches with the vectors of ``encoder``.

        Without ``encoder``, an index of any encoder is opened, to read its articles. ``create``, which needs an
        ``encoder``, creates the index if there is none.

        Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable.
        """
        return cls(folder, open_index(folder, encoder, passage_tokens, create=create))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._vector_index.close()
            self._connection.close()

    # Writing. After IndexUnwritable, the index is as it was before.

    @contextmanager
    def writer_lock(self) -> Iterator[None]:
        """Keep other processes from writing during several writes. Each write also locks by itself.

        Waits up to a minute for another writer. Raises IndexBusy, IndexUnwritable.
        """
        with self._writer_lock.held():
            yield

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Make the writes of the block visible all at once, or none of them. Raises IndexBusy, IndexUnwritable."""
        with self._write():
            yield

    def add_vectors(self, new: Iterable[Vectors]) -> None:
        """Store the vectors of texts, before the articles that use them are added. Raises IndexUnwritable."""
        with self._write() as connection:
            vectors.insert(connection, new)

    def add(self, article: Article, passages: Sequence[Passage], files: Mapping[str, str | None]) -> None:
        """Add an article, or replace the one of its id. The vectors of its passages must be stored already.

        ``files`` maps its places, in order, to the sha256 of the file there, if known. Raises IndexUnwritable.
        """
        for passage in passages:
            if passage.article_id != article.id or passage.text != article.text[passage.start : passage.end]:
                raise ValueError(f"this is not a passage of {article.id}: {passage}")
        digests = [vectors.digest_of(embedded_text(article, passage)) for passage in passages]
        with self._write() as connection:
            former = tables.article(connection, article.id)
            if former is not None:
                tables.delete_article(connection, former)
            tables.insert_article(connection, article, passages, digests, files)

    def remove(self, article_id: str) -> None:
        """Remove an article. Raises ArticleUnknown, IndexUnwritable."""
        with self._write() as connection:
            tables.delete_article(connection, self._require(article_id))

    def set_places(self, article_id: str, files: Mapping[str, str | None]) -> None:
        """Replace an article's places; ``files`` maps them, in order, to the sha256 of the file there, if known.

        Raises ArticleUnknown, IndexUnwritable.
        """
        with self._write() as connection:
            self._require(article_id)
            tables.set_places(connection, article_id, files)

    def delete_unused_vectors(self) -> None:
        """Delete the vectors of texts that no article contains any longer. Raises IndexUnwritable."""
        with self._write() as connection:
            vectors.delete_unused(connection)

    # Reading

    @property
    def manifest(self) -> Manifest:
        """The settings and totals of the index as it is now."""
        with self._transaction() as connection:
            return tables.manifest(connection)

    def articles(self) -> list[ArticleSummary]:
        """Return all articles without their texts, sorted by id."""
        with self._transaction() as connection:
            return tables.summaries(connection)

    def article(self, article_id: str) -> Article:
        """Return one article. Raises ArticleUnknown, which names similar ids."""
        with self._transaction():
            return self._require(article_id)

    def dates(self) -> dict[str, str]:
        """Return the publication dates of the articles that have one, by id."""
        with self._transaction() as connection:
            return tables.dates(connection)

    def sources(self) -> dict[str, list[str]]:
        """Return the ids of the articles of each source that is known."""
        with self._transaction() as connection:
            return tables.sources(connection)

    def count_undated(self) -> int:
        """Return the number of articles without a date."""
        with self._transaction() as connection:
            return tables.count_undated(connection)

    def passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order. Raises ArticleUnknown."""
        with self._transaction() as connection:
            return [record.passage for record in tables.records(connection, self._require(article_id))]

    def places(self) -> dict[str, dict[str, str | None]]:
        """Return each article's places, in order, with the sha256 of the file there, if known."""
        with self._transaction() as connection:
            return tables.places(connection)

    def has_vectors(self, texts: Sequence[str]) -> list[bool]:
        """Return for each text whether its vector and its token vectors are stored."""
        with self._transaction() as connection:
            return [vectors.exist(connection, vectors.digest_of(text)) for text in texts]

    def texts_without_tokens(self) -> list[str]:
        """Return the texts, as the encoder reads them, of the passages whose token vectors are not stored."""
        with self._transaction() as connection:
            keys = vectors.passages_without_tokens(connection)
        return [embedded_text(stored.article, stored.passage) for stored in self.load(keys).values()]

    @contextmanager
    def snapshot(self, *, needs_chroma: bool = True) -> Iterator[None]:
        """Read one state of the index throughout the block, whatever other processes write meanwhile.

        A damaged Chroma collection is repaired first, if that takes seconds, because nothing can be written inside.
        With ``needs_chroma=False``, as for ``nearest`` with ``within``, Chroma is not loaded.
        """
        if needs_chroma:
            self._repair()
        with self._transaction():
            yield

    def load(self, keys: Sequence[PassageKey]) -> dict[PassageKey, StoredPassage]:
        """Return these passages, in the order of ``keys``, without those that have been removed meanwhile."""
        loaded = {}
        with self._transaction() as connection:
            articles = {article_id: tables.article(connection, article_id) for article_id in {key[0] for key in keys}}
            for key in keys:
                article = articles[key.article_id]
                if article is not None and (found := tables.passage(connection, article, key)):
                    loaded[key] = StoredPassage(article, *found)
        return loaded

    def vectors(self, keys: Sequence[PassageKey]) -> FloatMatrix:
        """Return the vectors of these passages, (keys, dimension). Raises ArticleUnknown if one is missing."""
        with self._transaction() as connection:
            matrix = np.empty((len(keys), tables.manifest(connection).dimension), dtype=np.float32)
            for row, key in enumerate(keys):
                vector = vectors.of_passage(connection, key)
                if vector is None:
                    raise ArticleUnknown(f"{self._name} no longer holds {key}. Search again.")
                matrix[row] = vector
        return matrix

    def bm25_search(
        self, frequencies: Mapping[str, int], count: int, within: frozenset[str] | None = None
    ) -> list[tuple[PassageKey, float]]:
        """Return the passages with any of these terms in text or title, with their BM25 scores, highest first.

        ``frequencies`` maps the terms to their ``document_frequencies``. A term of several words is searched as a
        phrase; one without a letter or digit matches nothing. BM25 is FTS5's (k1 = 1.2, b = 0.75,
        https://sqlite.org/fts5.html), negated so that higher is better. ``within`` restricts the search to these
        articles.
        """
        with self._transaction() as connection:
            return tables.bm25_search(connection, frequencies, count, within)

    def document_frequencies(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """Return in how many passages, text or title, each term occurs, and the number of all passages."""
        with self._transaction() as connection:
            frequencies = {term: tables.document_frequency(connection, term) for term in terms}
            return frequencies, tables.manifest(connection).passages

    def nearest(
        self, vector: FloatVector, count: int, within: frozenset[str] | None = None
    ) -> list[tuple[PassageKey, float]]:
        """Return the passages nearest to ``vector``, (dimension,), with their cosines in [-1, 1], highest first.

        ``within`` restricts the search to these articles.
        """
        with self._transaction() as connection:
            if within is None:
                return self._vector_index.nearest(connection, vector, count)
            return self._vector_index.nearest_within(connection, vector, count, within)

    # Chroma

    def is_current(self) -> bool:
        """Return, without loading Chroma, whether its collection is up to date."""
        with self._transaction() as connection:
            return self._vector_index.is_current(connection)

    def synchronise(self) -> None:
        """Bring the Chroma collection up to date, as after an index run. Raises IndexUnwritable, IndexBusy."""
        if not self.is_current():
            self._update_collection(LOCK_TIMEOUT)

    def collection(self) -> Collection:
        """Return Chroma's own collection object, up to date, for users of Chroma. Raises IndexUnwritable."""
        self.synchronise()
        collection = self._current_collection()
        if collection is None:
            self._update_collection(LOCK_TIMEOUT, rebuild=True)
            collection = self._current_collection()
        if collection is None:
            raise IndexUnwritable(f"Chroma can't open its collection in {self.folder}. Try again, or index again.")
        return collection.collection

    def _current_collection(self) -> ChromaCollection | None:
        with self._transaction() as connection:
            return self._vector_index.current_collection(connection)

    def _update_collection(self, timeout: float, *, rebuild: bool = False) -> None:
        with self._writer_lock.held(timeout), self._lock:
            with self._transaction() as connection:
                token = self._vector_index.update_collection(connection, rebuild=rebuild)
            with self._write() as connection:
                tables.set_collection(connection, metadata.version("chromadb"), token)

    def _repair(self) -> None:
        """Rebuild a damaged collection, once, if that is a matter of seconds and no other process writes."""
        with self._transaction() as connection:
            is_small = tables.manifest(connection).passages <= _REPAIRED_BY_READERS
            if self._has_tried_to_repair or not is_small or not self._vector_index.is_damaged(connection):
                return
        self._has_tried_to_repair = True
        try:
            self._update_collection(timeout=0, rebuild=True)
        except IndexUnwritable as error:
            logger.warning("The Chroma collection can't be rebuilt, so every passage is compared: %s", error)

    # SQLite

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writer_lock.held(), self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str = "BEGIN") -> Iterator[sqlite3.Connection]:
        """Yield the connection, which reads one state of the index throughout the block."""
        with self._lock, translated_errors(self.folder / DATABASE), transaction(self._connection, begin):
            yield self._connection

    @property
    def _name(self) -> str:
        """The index in messages, without its path: users of the web page see them too."""
        return f"The index “{self.folder.resolve().name}”"

    def _require(self, article_id: str) -> Article:
        with self._transaction() as connection:
            article = tables.article(connection, article_id)
            if article is None:
                similar = difflib.get_close_matches(article_id, [known.id for known in tables.summaries(connection)])
                raise ArticleUnknown(
                    f"{self._name} holds no article {article_id!r}. "
                    + (f"Did you mean {' or '.join(similar)}?" if similar else "`askseoul articles` lists them.")
                )
            return article
