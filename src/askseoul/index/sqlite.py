"""``askseoul.sqlite``, the source of truth of an index: opening and checking it, transactions, errors and upgrades.

One process writes at a time. It holds a lock on a file in the index folder, which is released when the process ends.

``open_index`` checks that the file is an index of this program, of this format and of this encoder. An index of format
1 is upgraded when it is opened, without loss and without encoding anything again. Format 1 held each passage's vector
with the passage and no token vectors; those are encoded at every use until ``askseoul index`` stores them.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.domain import Article, Passage, Span
from askseoul.errors import IndexBusy, IndexForeign, IndexMismatch, IndexMissing, IndexUnwritable
from askseoul.index import tables, vectors
from askseoul.index.vectors import Vectors
from askseoul.ingest.passages import embedded_text
from askseoul.models.encoder import Encoder

if TYPE_CHECKING:
    from filelock import BaseFileLock


DATABASE: Final = "askseoul.sqlite"
"""Name of the database in the index folder."""
LOCK_FILE: Final = "askseoul.lock"
"""Name of the file that a writer locks; an unlocked one means nothing."""
LOCK_TIMEOUT: Final = 60.0
"""Seconds to wait for another writer to finish."""

_BUSY_TIMEOUT = 60.0  # seconds to wait for another process to finish a transaction
_IMMUTABLE = "?immutable=1"
_UNWRITABLE_CODES = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
)
_UPGRADED_TABLES = ("manifest", "articles", "passages")

logger = logging.getLogger(__name__)


class WriterLock:
    """A lock between processes and threads. The thread that holds it may acquire it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
        """Hold the lock; wait up to ``timeout`` seconds for another writer. Raises IndexBusy, IndexUnwritable."""
        from filelock import Timeout

        try:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                if timeout:
                    logger.warning("Another process is writing the index in %s; waiting for it.", self._folder)
                self._lock.acquire(timeout=timeout)
        except Timeout as error:
            raise IndexBusy(
                f"Another process is still writing the index in {self._folder}. Try again when it has finished; "
                "the index can be read meanwhile."
            ) from error
        except OSError as error:
            raise IndexUnwritable(
                f"{self._folder} can't be written: {error}. Free some space or make the folder writable, then try "
                "again; nothing that was indexed before is lost."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    @cached_property
    def _lock(self) -> BaseFileLock:
        from filelock import FileLock  # takes 70 ms, which readers can do without

        return FileLock(self._folder / LOCK_FILE)


def open_index(folder: Path, encoder: Encoder | None, passage_tokens: int, *, create: bool) -> sqlite3.Connection:
    """Open the database of the index in ``folder``; ``Store.open`` describes the parameters.

    Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable.
    """
    path = folder / DATABASE
    _check_paths(folder, path, create=create)
    with translated_errors(path):
        connection = _connect(path)
        try:
            if create and encoder is not None:
                _create(connection, encoder, passage_tokens)
            _check_format(connection, folder, path)
            if encoder is not None:
                _check_encoder(connection, folder, encoder, passage_tokens)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN") -> Iterator[None]:
    """Run the block in a transaction: the one in progress, if there is one, else a new one."""
    if connection.in_transaction:
        yield
        return
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about the file as IndexBusy, IndexUnwritable or IndexForeign, and any others unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        code = _primary_code(error)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"Another process is writing {path}. Try again when it has finished.") from error
        if code in _UNWRITABLE_CODES:
            raise IndexUnwritable(
                f"{path} can't be written: {error}. Free some space or make its folder writable, then try again; "
                "nothing that was indexed before is lost."
            ) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise IndexForeign(
                f"{path} is not an index of AskSeoul, or is damaged: {error}. Name another folder with --index, "
                "or remove the file and index your articles again."
            ) from error
        raise


def _primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code: the low byte of the extended one, or 0 if there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, or create an empty one. The caller manages transactions and threads."""
    # In a read-only folder, SQLite can read a WAL database only as immutable: without the log, assuming no writer.
    log = path.with_name(f"{path.name}-wal")
    if not os.access(path.parent, os.W_OK):
        if log.exists() and log.stat().st_size:
            logger.warning("The last writes in %s can't be read: open the index once where it can be written.", log)
        return _connect_with(path, _IMMUTABLE)
    connection = _connect_with(path)
    try:
        _pragma(connection, "schema_version")
    except sqlite3.OperationalError as error:
        connection.close()
        if _primary_code(error) not in _UNWRITABLE_CODES or not path.is_file():
            raise
        # The disk has no room for the 32 KB of shared memory of a WAL database, which reading can do without.
        if not log.exists() or log.stat().st_size == 0:
            return _connect_with(path, _IMMUTABLE)
        connection = _connect_with(path)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection


def _connect_with(path: Path, query: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(
        path.absolute().as_uri() + query, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return an integer pragma. ``schema_version`` is 0 while the file has no tables."""
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _check_paths(folder: Path, path: Path, *, create: bool) -> None:
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


def _create(connection: sqlite3.Connection, encoder: Encoder, passage_tokens: int) -> None:
    if _pragma(connection, "schema_version") > 0:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection, "BEGIN IMMEDIATE"):
        if _pragma(connection, "schema_version") == 0:  # no other process has created them meanwhile
            tables.create(connection, encoder, passage_tokens)


def _check_format(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with transaction(connection):
        if _pragma(connection, "schema_version") == 0:
            raise _missing(folder)
        if _pragma(connection, "application_id") != tables.APPLICATION_ID:
            raise IndexForeign(f"{path} was not made by AskSeoul. Name another folder with --index.")
        found = _pragma(connection, "user_version")
    if found == 1:
        _upgrade(connection, folder, path)
    elif found != tables.FORMAT:
        raise IndexMismatch(
            f"{path} has format {found}, and this AskSeoul reads format {tables.FORMAT}. "
            f"Index your articles again into a new folder, or remove {path} first."
        )


def _check_encoder(connection: sqlite3.Connection, folder: Path, encoder: Encoder, passage_tokens: int) -> None:
    with transaction(connection):
        manifest = tables.manifest(connection)
    if (manifest.fingerprint, manifest.passage_tokens) != (encoder.fingerprint, passage_tokens):
        raise IndexMismatch(
            f"The index in {folder} was made with {manifest.encoder} (fingerprint {manifest.fingerprint[:12]}, "
            f"passages of {manifest.passage_tokens} tokens), and the settings ask for {encoder.name} (fingerprint "
            f"{encoder.fingerprint[:12]}, passages of {passage_tokens} tokens). Index your articles again into a "
            f"new folder, or remove {folder / DATABASE} first."
        )


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"There is no index in {folder}. Make one with `askseoul index PATH --index {folder}`.")


def _upgrade(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with WriterLock(folder).held(), transaction(connection, "BEGIN IMMEDIATE"):
        if _pragma(connection, "user_version") != tables.FORMAT:  # no other process has upgraded it meanwhile
            logger.warning("Upgrading %s from format 1 to format %d.", path, tables.FORMAT)
            _upgrade_tables(connection)


def _upgrade_tables(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE changes")
    connection.execute("DROP TABLE lexical")
    for table in _UPGRADED_TABLES:
        connection.execute(f"ALTER TABLE {table} RENAME TO former_{table}")
    tables.create_tables(connection)
    connection.execute(
        "INSERT INTO manifest (encoder, fingerprint, dimension, passage_tokens, generation) "
        "SELECT encoder, fingerprint, dimension, passage_tokens, generation FROM former_manifest"
    )
    alike = connection.execute("SELECT min(id), json_group_array(id) FROM former_articles GROUP BY sha256 ORDER BY 1")
    for article_id, ids in alike.fetchall():
        _upgrade_article(connection, article_id, json.loads(ids))
    for table in reversed(_UPGRADED_TABLES):
        connection.execute(f"DROP TABLE former_{table}")


def _upgrade_article(connection: sqlite3.Connection, article_id: str, ids: Sequence[str]) -> None:
    """Convert an article and its passages; ``ids`` are all articles with its text, which become one article."""
    row = "SELECT id, text, sha256, title, source, published, url, language, stripped FROM former_articles WHERE id = ?"
    *fields, stripped = connection.execute(row, (article_id,)).fetchone()
    query = "SELECT value FROM former_articles, json_each(places) WHERE former_articles.id = ?"
    places = [path for one in sorted(ids) for (path,) in connection.execute(query, (one,))]
    article = Article(*(*fields, tuple(dict.fromkeys(places)), stripped))
    passages, digests = [], []
    for start, end, sentences, vector in connection.execute(
        "SELECT start, stop, sentences, vector FROM former_passages WHERE article_id = ? ORDER BY start, stop",
        (article_id,),
    ).fetchall():
        spans = tuple(Span(*pair) for pair in json.loads(sentences))
        passages.append(Passage(article_id, start, end, article.text[start:end], spans))
        digests.append(vectors.digest_of(embedded_text(article, passages[-1])))
        vectors.insert(connection, [Vectors(digests[-1], vectors.decode(vector), None)])
    tables.insert_article(connection, article, passages, digests, dict.fromkeys(article.places))
