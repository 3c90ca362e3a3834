"""The index on disk: articles, passages and vectors in ``askseoul.sqlite``, the truth, and Chroma, built from it.

An article is one transaction, so no reader ever meets half of one. Every write counts the manifest's generation up and
notes the article it touched, and the Chroma collection carries the generation that it has seen: after an index run, a
crash between the two or the loss of Chroma's folder it is clear which articles it lacks.

Chroma is imported at the first search for a vector; everything else here needs SQLite alone.
"""

from __future__ import annotations

import difflib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from askseoul import tables
from askseoul.chroma import Chroma, Record
from askseoul.domain import Article, Passage, PassageKey
from askseoul.encoders import Encoder, FloatMatrix, FloatVector
from askseoul.errors import ArticleUnknown, IndexForeign, IndexMismatch, IndexMissing, IndexUnwritable
from askseoul.tables import ArticleSummary, Manifest

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

logger = logging.getLogger(__name__)

DATABASE: Final = "askseoul.sqlite"
"""Name of the file in the index folder that holds the truth."""

_REPLAYED = 500  # so many changed passages may wait to be read again into Chroma by each fresh process, at 1 ms each


class Store:
    """An open index. Safe from several threads; several processes may read it while one writes."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        """``Store.open`` gives one that has been looked at."""
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()
        self._chroma: Chroma | None = None

    @classmethod
    def open(
        cls, folder: Path, *, encoder: Encoder | None = None, passage_tokens: int = 150, create: bool = False
    ) -> Store:
        """Open the index in ``folder``, to be searched with the vectors of ``encoder``.

        Without ``encoder`` it is opened whatever its vectors are, to read articles. With ``create``, which needs an
        ``encoder``, it is made where there is none.

        Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable.
        """
        path = folder / DATABASE
        try:
            if folder.exists() and not folder.is_dir():
                raise IndexForeign(f"{folder} is a file, not the folder of an index. Name another folder with --index.")
            if path.exists() and not path.is_file():
                raise IndexForeign(f"{path} is not a file. Name another folder with --index, or move it away.")
            if not path.exists() and not create:
                raise _missing(folder)
            if create:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnwritable(f"{folder} can't be used: {error}. Name another folder with --index.") from error
        with tables.named_errors(path):
            store = cls(folder, tables.connect(path))
        try:
            if create and encoder is not None:
                store._create(encoder, passage_tokens)
            store._check_file()
            if encoder is not None:
                store._check_encoder(encoder, passage_tokens)
        except BaseException:
            store.close()
            raise
        return store

    def _create(self, encoder: Encoder, passage_tokens: int) -> None:
        with tables.named_errors(self.folder / DATABASE):
            if tables.pragma(self._connection, "schema_version") > 0:
                return
            self._connection.execute("PRAGMA journal_mode = WAL")
        with self._transaction("BEGIN IMMEDIATE") as connection:
            if tables.pragma(connection, "schema_version") == 0:  # no other process has made them meanwhile
                tables.create(connection, encoder, passage_tokens)

    def _check_file(self) -> None:
        path = self.folder / DATABASE
        with self._transaction() as connection:
            if tables.pragma(connection, "schema_version") == 0:
                raise _missing(self.folder)
            if tables.pragma(connection, "application_id") != tables.APPLICATION:
                raise IndexForeign(f"{path} was not made by AskSeoul. Name another folder with --index.")
            found = tables.pragma(connection, "user_version")
        if found != tables.FORMAT:
            raise IndexMismatch(
                f"{path} has format {found}, and this AskSeoul reads format {tables.FORMAT}. "
                f"Index your articles again into a new folder, or remove {path} first."
            )

    def _check_encoder(self, encoder: Encoder, passage_tokens: int) -> None:
        made = self.manifest
        if (made.fingerprint, made.passage_tokens) != (encoder.fingerprint, passage_tokens):
            raise IndexMismatch(
                f"The index in {self.folder} was made with {made.encoder} (fingerprint {made.fingerprint[:12]}, "
                f"passages of {made.passage_tokens} tokens), and the settings ask for {encoder.name} (fingerprint "
                f"{encoder.fingerprint[:12]}, passages of {passage_tokens} tokens). Index your articles again into a "
                f"new folder, or remove {self.folder / DATABASE} first."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._close_chroma()
            self._connection.close()

    # Writing: IndexUnwritable leaves the index as it was

    def add(self, article: Article, passages: Sequence[Passage], vectors: FloatMatrix) -> None:
        """Hold ``article`` in place of what was held under its id; ``vectors`` has shape (passages, dimension).

        Raises IndexUnwritable.
        """
        dimension = self.manifest.dimension
        if vectors.shape != (len(passages), dimension):
            raise ValueError(f"vectors have shape {vectors.shape}, not {(len(passages), dimension)}")
        for passage in passages:
            if passage.article_id != article.id or passage.text != article.text[passage.start : passage.end]:
                raise ValueError(f"this is not a passage of {article.id}: {passage}")
        with self._transaction("BEGIN IMMEDIATE") as connection:
            former = tables.article(connection, article.id)
            if former is not None:
                tables.delete_article(connection, former)
            tables.insert_article(connection, article, passages, vectors)
            tables.count_up(connection, article.id)

    def remove(self, article_id: str) -> None:
        """Forget an article. Raises ArticleUnknown, IndexUnwritable."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            tables.delete_article(connection, self._require(article_id))
            tables.count_up(connection, article_id)

    def set_places(self, article_id: str, places: Sequence[str]) -> None:
        """Note in which files an article's text is found now. Raises ArticleUnknown, IndexUnwritable."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            self._require(article_id)
            tables.set_places(connection, article_id, places)
            tables.count_up(connection)

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

    def passages(self, article_id: str) -> list[Passage]:
        """Give an article's passages in order. Raises ArticleUnknown."""
        with self._transaction() as connection:
            return [record.passage for record in tables.records(connection, self._require(article_id))]

    def load(self, keys: Sequence[PassageKey]) -> dict[PassageKey, tuple[Article, Passage]]:
        """Give these passages with their articles, in the order of ``keys``.

        Those that another process has removed since they were found are left out.
        """
        loaded = {}
        with self._transaction() as connection:
            articles = {article_id: tables.article(connection, article_id) for article_id in {key[0] for key in keys}}
            for key in keys:
                article = articles[key.article_id]
                if article is not None and (passage := tables.passage(connection, article, key)):
                    loaded[key] = (article, passage)
        return loaded

    def vectors(self, keys: Sequence[PassageKey]) -> FloatMatrix:
        """Give the vectors of these passages, shape (keys, dimension). Raises ArticleUnknown if one is not held."""
        with self._transaction() as connection:
            matrix = np.empty((len(keys), tables.manifest(connection).dimension), dtype=np.float32)
            for row, key in enumerate(keys):
                vector = tables.vector(connection, key)
                if vector is None:
                    raise ArticleUnknown(f"The index in {self.folder} no longer holds {key}. Search again.")
                matrix[row] = vector
        return matrix

    def lexical(self, terms: Sequence[str], count: int) -> list[tuple[PassageKey, float]]:
        """Give the passages that hold any of ``terms``, in text or title, with their BM25 scores, highest first.

        A term may be any text: one of several words is looked for as a phrase, one without a letter or a digit finds
        nothing. BM25 is FTS5's own (k1 = 1.2, b = 0.75, https://sqlite.org/fts5.html), negated so that more is better.
        """
        with self._transaction() as connection:
            return tables.matches(connection, terms, count)

    def frequencies(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """Give in how many passages, text or title, each of ``terms`` stands, and how many passages there are."""
        with self._transaction() as connection:
            counts = {term: tables.count_matches(connection, term) for term in terms}
            return counts, tables.count_passages(connection)

    def nearest(self, vector: FloatVector, count: int) -> list[tuple[PassageKey, float]]:
        """Give the passages nearest to ``vector``, shape (dimension,), with their cosines in [-1, 1], highest first.

        Chroma answers, and is brought up to the truth before when it is not. Raises IndexUnwritable if it can't be.
        """
        with self._lock:
            return self._current().nearest(vector, count)

    # Chroma

    def synchronise(self) -> None:
        """Bring Chroma up to what is held here, as after an index run. Raises IndexUnwritable."""
        self._current()

    def collection(self) -> Collection:
        """Give Chroma's own collection, up to date, for those who speak to Chroma. Raises IndexUnwritable."""
        return self._current().collection

    def _current(self) -> Chroma:
        with self._lock:
            chroma = self._chroma or self._open_chroma()
            if chroma is None or not _has_seen_all(chroma, self.manifest):
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    chroma = self._open_chroma()  # again: another process may have brought it up meanwhile
                    if chroma is None or not _has_seen_all(chroma, self.manifest):
                        chroma = self._bring_up(connection, chroma)
            self._chroma = chroma
            return chroma

    def _open_chroma(self) -> Chroma | None:
        """Open Chroma's folder as it is; None, and a warning, where it can't be used."""
        self._close_chroma()
        folder = self.folder / "chroma"
        with self._transaction() as connection:
            manifest, passages = tables.manifest(connection), tables.count_passages(connection)
        if manifest.chromadb is None:
            return None
        if manifest.chromadb != version("chromadb"):
            logger.warning("%s is of chromadb %s and is built again", folder, manifest.chromadb)
            return None
        try:
            self._chroma = Chroma(folder)
        except Exception as error:  # whatever is wrong with a copy, the remedy is to make another
            logger.warning("%s can't be opened and is built again: %s", folder, error)
            return None
        if _has_seen_all(self._chroma, manifest) and self._chroma.count != passages:
            logger.warning("%s holds %d passages of %d and is built again", folder, self._chroma.count, passages)
            self._close_chroma()
        return self._chroma

    def _bring_up(self, connection: sqlite3.Connection, chroma: Chroma | None) -> Chroma:
        manifest, passages = tables.manifest(connection), tables.count_passages(connection)
        if (
            chroma is not None
            and chroma.stamp.index == manifest.index_id
            and chroma.stamp.generation <= manifest.generation
            and tables.count_passages(connection, since=chroma.stamp.built) <= max(_REPLAYED, passages // 10)
        ):
            changed = tables.changed_ids(connection, since=chroma.stamp.generation)
            chroma.replace(changed, _records(connection, changed), manifest.generation)
            return chroma
        self._close_chroma()
        records = _records(connection, tables.changed_ids(connection, since=0))
        chroma = Chroma.build(self.folder / "chroma", records, passages, manifest.index_id, manifest.generation)
        connection.execute("UPDATE manifest SET chromadb = ?", (version("chromadb"),))
        return chroma

    def _close_chroma(self) -> None:
        if self._chroma is not None:
            self._chroma.close()
            self._chroma = None

    # SQLite

    @contextmanager
    def _transaction(self, begin: str = "BEGIN") -> Iterator[sqlite3.Connection]:
        """Hold one state of the index; inside another transaction, take part in that one."""
        with self._lock, tables.named_errors(self.folder / DATABASE):
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def _require(self, article_id: str) -> Article:
        with self._transaction() as connection:
            article = tables.article(connection, article_id)
            if article is None:
                near = difflib.get_close_matches(article_id, [known.id for known in tables.summaries(connection)])
                raise ArticleUnknown(
                    f"The index in {self.folder} holds no article {article_id!r}. "
                    + (f"Did you mean {' or '.join(near)}?" if near else "`askseoul articles` lists what it holds.")
                )
            return article


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"There is no index in {folder}. Make one with `askseoul index PATH --index {folder}`.")


def _has_seen_all(chroma: Chroma, manifest: Manifest) -> bool:
    return (chroma.stamp.index, chroma.stamp.generation) == (manifest.index_id, manifest.generation)


def _records(connection: sqlite3.Connection, article_ids: Sequence[str]) -> Iterator[Record]:
    """Give the passages of those of the articles that are held, one article in memory at a time."""
    for article_id in article_ids:
        article = tables.article(connection, article_id)
        if article is not None:
            yield from tables.records(connection, article)
