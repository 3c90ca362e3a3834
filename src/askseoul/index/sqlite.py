"""The SQLite file that is the truth of an index: opening it, and what is wrong where it can't be used.

One writer at a time: a lock on a file in the index's folder, which ends with the process that holds it.

An index of an older format into one of now: nothing that was indexed is lost, nothing is encoded again.

Format 1 held each passage's vector with the passage, and no token vectors: those are encoded whenever a passage is read
again, until ``askseoul index`` keeps them.

A folder into an open index: whether there is one, whether it is ours, of this format and of this encoder.
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
"""Name of the file in the index folder."""

logger = logging.getLogger(__name__)

_PATIENCE = 60.0  # seconds to wait for another process to finish writing
_UNCHANGING = "?immutable=1"
_UNWRITABLE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or an empty one. Transactions are the caller's, and so is keeping threads apart."""
    # In a folder that can't be written, SQLite reads a WAL database only on the word that no one else writes it either.
    log = path.with_name(f"{path.name}-wal")
    if not os.access(path.parent, os.W_OK):
        if log.exists() and log.stat().st_size:
            logger.warning("The last writes in %s are not seen: open the index once where it can be written.", log)
        return _open(path, _UNCHANGING)
    connection = _open(path)
    try:
        pragma(connection, "schema_version")
    except sqlite3.OperationalError as error:
        connection.close()
        if _kind(error) not in _UNWRITABLE or not path.is_file():
            raise
        # No room for the 32 KB by which connections see each other's writes; what is there can be read without.
        if not log.exists() or log.stat().st_size == 0:
            return _open(path, _UNCHANGING)
        connection = _open(path)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection


def _open(path: Path, query: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(
        path.absolute().as_uri() + query, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the file into IndexUnwritable or IndexForeign; what it says about our SQL stays."""
    try:
        yield
    except sqlite3.Error as error:
        kind = _kind(error)
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"{path} is being written by another process. Try again when it is done.") from error
        if kind in _UNWRITABLE:
            raise IndexUnwritable(
                f"{path} can't be written: {error}. Free some space or make its folder writable, then try again; "
                "nothing that was indexed before is lost."
            ) from error
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise IndexForeign(
                f"{path} is not an index of AskSeoul, or is damaged: {error}. Name another folder with --index, "
                "or remove the file and index your articles again."
            ) from error
        raise


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN") -> Iterator[None]:
    """Hold one state of the file; inside another transaction, take part in that one."""
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


def _kind(error: sqlite3.Error) -> int:
    """The kind of an error without its finer distinctions, which stand in the higher bits."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Read one of SQLite's numbers about the file; ``schema_version`` is 0 while it has no tables."""
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


FILE: Final = "askseoul.lock"
"""Name of the file that is locked; that it is there means nothing."""

PATIENCE: Final = 60.0
"""Seconds to wait for another writer to come to its end."""


class WriterLock:
    """Held by one thread of one process; that thread may take it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the lock; where another does, wait so many seconds for it. Raises IndexBusy, IndexUnwritable."""
        from filelock import Timeout

        try:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                if patience:
                    logger.warning("Another process is writing the index in %s; waiting for its end.", self._folder)
                self._lock.acquire(timeout=patience)
        except Timeout as error:
            raise IndexBusy(
                f"Another process is still writing the index in {self._folder}. Try again when it is done; "
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
        from filelock import FileLock  # 70 ms that readers need not spend

        return FileLock(self._folder / FILE)


_KEPT = ("manifest", "articles", "passages")


def upgrade(connection: sqlite3.Connection) -> None:
    """Convert an index of format 1, inside the caller's transaction."""
    connection.execute("DROP TABLE changes")
    connection.execute("DROP TABLE lexical")
    for table in _KEPT:
        connection.execute(f"ALTER TABLE {table} RENAME TO former_{table}")
    tables.create_tables(connection)
    connection.execute(
        "INSERT INTO manifest (encoder, fingerprint, dimension, passage_tokens, generation) "
        "SELECT encoder, fingerprint, dimension, passage_tokens, generation FROM former_manifest"
    )
    alike = connection.execute("SELECT min(id), json_group_array(id) FROM former_articles GROUP BY sha256 ORDER BY 1")
    for article_id, ids in alike.fetchall():
        _convert(connection, article_id, json.loads(ids))
    for table in reversed(_KEPT):
        connection.execute(f"DROP TABLE former_{table}")


def _convert(connection: sqlite3.Connection, article_id: str, ids: Sequence[str]) -> None:
    """Convert an article; ``ids`` are those of all that say the same, which are one from now on."""
    row = "SELECT id, text, sha256, title, source, published, url, language, stripped FROM former_articles WHERE id = ?"
    *fields, stripped = connection.execute(row, (article_id,)).fetchone()
    places = "SELECT value FROM former_articles, json_each(places) WHERE former_articles.id = ?"
    found = [path for one in sorted(ids) for (path,) in connection.execute(places, (one,))]
    article = Article(*(*fields, tuple(dict.fromkeys(found)), stripped))
    passages, digests = [], []
    for start, end, sentences, vector in connection.execute(
        "SELECT start, stop, sentences, vector FROM former_passages WHERE article_id = ? ORDER BY start, stop",
        (article_id,),
    ).fetchall():
        spans = tuple(Span(*pair) for pair in json.loads(sentences))
        passages.append(Passage(article_id, start, end, article.text[start:end], spans))
        digests.append(vectors.digest_of(embedded_text(article, passages[-1])))
        vectors.insert(connection, [Vectors(digests[-1], vectors.read(vector), None)])
    tables.insert_article(connection, article, passages, digests, dict.fromkeys(article.places))


def open_index(folder: Path, encoder: Encoder | None, passage_tokens: int, *, create: bool) -> sqlite3.Connection:
    """Open the truth of the index in ``folder``; see ``Store.open``, which adds what reads and writes it.

    Raises IndexMissing, IndexForeign, IndexMismatch, IndexUnwritable.
    """
    path = folder / DATABASE
    _look_at(folder, path, create=create)
    with named_errors(path):
        connection = connect(path)
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


def _look_at(folder: Path, path: Path, *, create: bool) -> None:
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
    if pragma(connection, "schema_version") > 0:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection, "BEGIN IMMEDIATE"):
        if pragma(connection, "schema_version") == 0:  # no other process has made them meanwhile
            tables.create(connection, encoder, passage_tokens)


def _check_format(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with transaction(connection):
        if pragma(connection, "schema_version") == 0:
            raise _missing(folder)
        if pragma(connection, "application_id") != tables.APPLICATION:
            raise IndexForeign(f"{path} was not made by AskSeoul. Name another folder with --index.")
        found = pragma(connection, "user_version")
    if found == 1:
        _upgrade(connection, folder, path)
    elif found != tables.FORMAT:
        raise IndexMismatch(
            f"{path} has format {found}, and this AskSeoul reads format {tables.FORMAT}. "
            f"Index your articles again into a new folder, or remove {path} first."
        )


def _upgrade(connection: sqlite3.Connection, folder: Path, path: Path) -> None:
    with WriterLock(folder).held(), transaction(connection, "BEGIN IMMEDIATE"):
        if pragma(connection, "user_version") != tables.FORMAT:  # no other process has done it meanwhile
            logger.warning("%s is of an earlier version and is brought up to this one", path)
            upgrade(connection)


def _check_encoder(connection: sqlite3.Connection, folder: Path, encoder: Encoder, passage_tokens: int) -> None:
    with transaction(connection):
        made = tables.manifest(connection)
    if (made.fingerprint, made.passage_tokens) != (encoder.fingerprint, passage_tokens):
        raise IndexMismatch(
            f"The index in {folder} was made with {made.encoder} (fingerprint {made.fingerprint[:12]}, "
            f"passages of {made.passage_tokens} tokens), and the settings ask for {encoder.name} (fingerprint "
            f"{encoder.fingerprint[:12]}, passages of {passage_tokens} tokens). Index your articles again into a "
            f"new folder, or remove {folder / DATABASE} first."
        )


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"There is no index in {folder}. Make one with `askseoul index PATH --index {folder}`.")
