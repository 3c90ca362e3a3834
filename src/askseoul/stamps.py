"""What a Chroma collection says of itself, and whether its files are still those that it says it of.

This is looked at without Chroma: a vector file cut short would crash it, and us with it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from askseoul.models import sha256_of_file

COLLECTION: Final = "askseoul"
"""The collection's name."""
DATABASE: Final = "chroma.sqlite3"
"""Name of Chroma's own SQLite file in its folder."""
PATIENCE: Final = 5.0
"""Seconds to wait for another program that writes into the collection; Chroma itself waits a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Stamp:
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


def checked_stamp(folder: Path) -> Stamp:
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
    stamp = Stamp(**dict(rows))
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


def new_stamp(folder: Path, generation: int, replaced: int) -> Stamp:
    """The stamp of the collection in this folder as it is now."""
    found = sum(path.stat().st_size for path in _vector_files(folder))
    with closing(sqlite3.connect(folder / DATABASE, timeout=PATIENCE)) as connection:
        writes = _count_writes(connection)
    return Stamp(uuid.uuid4().hex, generation, replaced, writes, found, _sha256(folder))
