"""The index on disk: articles, passages and vectors in ``askseoul.sqlite``, the truth, and Chroma, built from it.

An article is written in one transaction, so no reader ever meets half of one. Every write counts the manifest's
generation up and notes the article it touched, and the Chroma collection carries the generation that it has seen: what
it lacks is known, read from the truth meanwhile, and made up for at the end of a run.

Chroma is imported at the first search for a vector; everything else here needs SQLite alone.
"""

from __future__ import annotations

import difflib
import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from askseoul.domain import Article, Passage, PassageKey
from askseoul.errors import ArticleUnknown, IndexUnwritable
from askseoul.index import tables, vectors
from askseoul.index.nearest import VectorIndex
from askseoul.index.sqlite import DATABASE, PATIENCE, WriterLock, named_errors, open_index, transaction
from askseoul.index.tables import ArticleSummary, Manifest
from askseoul.index.vectors import Vectors
from askseoul.ingest.passages import embedded_text
from askseoul.models.encoder import Encoder, FloatMatrix, FloatVector

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

    from askseoul.index.chroma import Chroma


logger = logging.getLogger(__name__)

_REPAIRED_BY_READERS = 10_000  # passages, some 10 s of work; without Chroma reading such an index takes 0.03 s longer


class Loaded(NamedTuple):
    """A passage as it is read for a question."""

    article: Article
    passage: Passage
    tokens: bytes | None
    """Its token vectors, as ``compression`` has them; None where they were not kept."""


class Store:
    """An open index. Safe from several threads; several processes may read it while one writes."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        """``connection`` is what ``open_index`` gives for this folder."""
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()
        self._neighbours = VectorIndex(folder)
        self._writers = WriterLock(folder)
        self._has_tried_to_repair = False

    @classmethod
    def open(
        cls, folder: Path, *, encoder: Encoder | None = None, passage_tokens: int = 150, create: bool = False
    ) -> Store:
        """Open the index in ``folder``, to be searched with the vectors of ``encoder``.

        Without ``encoder`` it is opened whatever its vectors are, to read articles. With ``create``, which needs an
        ``encoder``, it is made where there is none.

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
        """Let go of the files."""
        with self._lock:
            self._neighbours.close()
            self._connection.close()

    # Writing: IndexUnwritable leaves the index as it was

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one that writes; every write is inside of this, on its own or with others.

        Where another writes, wait a minute for its end. Raises IndexBusy, IndexUnwritable.
        """
        with self._writers.held():
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make several writes visible at once, or none of them. Raises IndexBusy, IndexUnwritable."""
        with self._write():
            yield

    def keep(self, made: Iterable[Vectors]) -> None:
        """Keep what the encoder made of texts, for the articles that will be added. Raises IndexUnwritable."""
        with self._write() as connection:
            vectors.insert(connection, made)

    def add(self, article: Article, passages: Sequence[Passage], files: Mapping[str, str | None]) -> None:
        """Hold ``article`` in place of what was held under its id. The vectors of its passages are kept already.

        ``files`` are its places, in order, with the sha256 of each file where that is known. Raises IndexUnwritable.
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
        """Forget an article. Raises ArticleUnknown, IndexUnwritable."""
        with self._write() as connection:
            tables.delete_article(connection, self._require(article_id))

    def set_places(self, article_id: str, files: Mapping[str, str | None]) -> None:
        """Note in which files an article's text is found now, in order, with the sha256 of each where it is known.

        Raises ArticleUnknown, IndexUnwritable.
        """
        with self._write() as connection:
            self._require(article_id)
            tables.set_places(connection, article_id, files)

    def delete_unused_vectors(self) -> None:
        """Forget what the encoder made of texts that no article holds any longer. Raises IndexUnwritable."""
        with self._write() as connection:
            vectors.delete_unused(connection)

    # Reading

    @property
    def manifest(self) -> Manifest:
        """What the index is made of, as of now."""
        with self._transaction() as connection:
            return tables.manifest(connection)

    def articles(self) -> list[ArticleSummary]:
        """Give all articles, by id, without their texts."""
        with self._transaction() as connection:
            return tables.summaries(connection)

    def article(self, article_id: str) -> Article:
        """Give one article. Raises ArticleUnknown, which names ids that are nearly this one."""
        with self._transaction():
            return self._require(article_id)

    def dates(self) -> dict[str, str]:
        """Give when the articles were published that have a date, by id."""
        with self._transaction() as connection:
            return tables.dates(connection)

    def count_undated(self) -> int:
        """Count the articles without a date."""
        with self._transaction() as connection:
            return tables.count_undated(connection)

    def passages(self, article_id: str) -> list[Passage]:
        """Give an article's passages in order. Raises ArticleUnknown."""
        with self._transaction() as connection:
            return [record.passage for record in tables.records(connection, self._require(article_id))]

    def places(self) -> dict[str, dict[str, str | None]]:
        """Give the places of every article, in order, with the sha256 of the file there where it is known."""
        with self._transaction() as connection:
            return tables.places(connection)

    def are_kept(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether what the encoder made of it is kept whole."""
        with self._transaction() as connection:
            return [vectors.are_kept(connection, vectors.digest_of(text)) for text in texts]

    def texts_without_tokens(self) -> list[str]:
        """Give what the encoder read of the passages whose token vectors are not kept."""
        with self._transaction() as connection:
            keys = vectors.without_tokens(connection)
        return [embedded_text(found.article, found.passage) for found in self.load(keys).values()]

    @contextmanager
    def snapshot(self, *, needs_chroma: bool = True) -> Iterator[None]:
        """Let everything that is read inside be of one moment, whatever another process writes meanwhile.

        Before, Chroma is repaired where that takes seconds: inside nothing can be written. What does not need it, as
        finding the ``nearest`` within some articles, does not load it either.
        """
        if needs_chroma:
            self._repair()
        with self._transaction():
            yield

    def load(self, keys: Sequence[PassageKey]) -> dict[PassageKey, Loaded]:
        """Give these passages with their articles, in the order of ``keys``.

        Those that another process has removed since they were found are left out.
        """
        loaded = {}
        with self._transaction() as connection:
            articles = {article_id: tables.article(connection, article_id) for article_id in {key[0] for key in keys}}
            for key in keys:
                article = articles[key.article_id]
                if article is not None and (found := tables.passage(connection, article, key)):
                    loaded[key] = Loaded(article, *found)
        return loaded

    def vectors(self, keys: Sequence[PassageKey]) -> FloatMatrix:
        """Give the vectors of these passages, shape (keys, dimension). Raises ArticleUnknown if one is not held."""
        with self._transaction() as connection:
            matrix = np.empty((len(keys), tables.manifest(connection).dimension), dtype=np.float32)
            for row, key in enumerate(keys):
                vector = vectors.of_passage(connection, key)
                if vector is None:
                    raise ArticleUnknown(f"{self._name} no longer holds {key}. Search again.")
                matrix[row] = vector
        return matrix

    def lexical(
        self, counts: Mapping[str, int], count: int, within: frozenset[str] | None = None
    ) -> list[tuple[PassageKey, float]]:
        """Give the passages that hold any of these terms, in text or title, with their BM25 scores, highest first.

        ``counts`` are the terms with their ``frequencies``. A term may be any text: one of several words is looked for
        as a phrase, one without a letter or a digit finds nothing. BM25 is FTS5's own (k1 = 1.2, b = 0.75,
        https://sqlite.org/fts5.html), negated so that more is better. With ``within`` they are passages of these
        articles.
        """
        with self._transaction() as connection:
            return tables.bm25_search(connection, counts, count, within)

    def frequencies(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """Give in how many passages, text or title, each of ``terms`` stands, and how many passages there are."""
        with self._transaction() as connection:
            counts = {term: tables.document_frequency(connection, term) for term in terms}
            return counts, tables.manifest(connection).passages

    def nearest(
        self, vector: FloatVector, count: int, within: frozenset[str] | None = None
    ) -> list[tuple[PassageKey, float]]:
        """Give the passages nearest to ``vector``, shape (dimension,), with their cosines in [-1, 1], highest first.

        With ``within`` they are passages of these articles.
        """
        with self._transaction() as connection:
            if within is None:
                return self._neighbours.nearest(connection, vector, count)
            return self._neighbours.nearest_within(connection, vector, count, within)

    # Chroma

    def is_current(self) -> bool:
        """Tell, without loading Chroma, whether it holds what is held here."""
        with self._transaction() as connection:
            return self._neighbours.are_current(connection)

    def synchronise(self) -> None:
        """Bring Chroma up to what is held here, as after an index run. Raises IndexUnwritable, IndexBusy."""
        if not self.is_current():
            self._bring_up(PATIENCE)

    def collection(self) -> Collection:
        """Give Chroma's own collection, up to date, for those who speak to Chroma. Raises IndexUnwritable."""
        self.synchronise()
        opened = self._current()
        if opened is None:
            self._bring_up(PATIENCE, anew=True)
            opened = self._current()
        if opened is None:
            raise IndexUnwritable(f"Chroma can't open its collection in {self.folder}. Try again, or index again.")
        return opened.collection

    def _current(self) -> Chroma | None:
        with self._transaction() as connection:
            return self._neighbours.current(connection)

    def _bring_up(self, patience: float, *, anew: bool = False) -> None:
        with self._writers.held(patience), self._lock:
            with self._transaction() as connection:
                token = self._neighbours.bring_up(connection, anew=anew)
            with self._write() as connection:
                tables.set_collection(connection, version("chromadb"), token)

    def _repair(self) -> None:
        """Build Chroma again where it is damaged, once, if that is a matter of seconds and no one writes."""
        with self._transaction() as connection:
            is_small = tables.manifest(connection).passages <= _REPAIRED_BY_READERS
            if self._has_tried_to_repair or not is_small or not self._neighbours.is_damaged(connection):
                return
        self._has_tried_to_repair = True
        try:
            self._bring_up(patience=0, anew=True)
        except IndexUnwritable as error:
            logger.warning("Chroma is not built again, and every passage is compared: %s", error)

    # SQLite

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writers.held(), self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str = "BEGIN") -> Iterator[sqlite3.Connection]:
        """Hold one state of the index."""
        with self._lock, named_errors(self.folder / DATABASE), transaction(self._connection, begin):
            yield self._connection

    @property
    def _name(self) -> str:
        """What messages call it that users of the web page see too: they need not know where it lies."""
        return f"The index “{self.folder.resolve().name}”"

    def _require(self, article_id: str) -> Article:
        with self._transaction() as connection:
            article = tables.article(connection, article_id)
            if article is None:
                near = difflib.get_close_matches(article_id, [known.id for known in tables.summaries(connection)])
                raise ArticleUnknown(
                    f"{self._name} holds no article {article_id!r}. "
                    + (f"Did you mean {' or '.join(near)}?" if near else "`askseoul articles` lists what it holds.")
                )
            return article
