"""The SQLite file that is the truth of an index: opening it, and what is wrong where it can't be used."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from askseoul.errors import IndexBusy, IndexForeign, IndexUnwritable

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
