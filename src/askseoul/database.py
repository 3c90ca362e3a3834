"""The SQLite file that is the truth of an index: opening it, and what is wrong where it can't be used."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askseoul.errors import IndexBusy, IndexForeign, IndexUnwritable

_PATIENCE = 60.0  # seconds to wait for another process to finish writing


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or an empty one. Transactions are the caller's, and so is keeping threads apart."""
    # In a folder that can't be written, SQLite reads a WAL database only on the word that no one else writes it either.
    query = "" if os.access(path.parent, os.W_OK) else "?immutable=1"
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
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the finer distinctions of the higher bits
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"{path} is being written by another process. Try again when it is done.") from error
        if kind in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_PERM,
        ):
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


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Read one of SQLite's numbers about the file; ``schema_version`` is 0 while it has no tables."""
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
