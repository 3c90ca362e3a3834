"""What the encoder made of the passages, as it stands in ``askseoul.sqlite``: kept by the sha256 of what it read.

So a text that comes again, in a renamed file, in a changed article or after a run that was cut short, is not encoded
again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from askseoul.domain import PassageKey
from askseoul.encoders import FloatMatrix, FloatVector

AT_KEY: Final = "WHERE (article_id, start, stop) = (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Vectors:
    """What the encoder made of a text."""

    digest: bytes
    """``digest_of`` the text that was read, which is ``passages.embedded_text``."""
    vector: FloatVector
    """(dimension,)"""
    tokens: bytes | None
    """Its token vectors, as ``compression`` has them; None where they were not kept."""


def digest_of(text: str) -> bytes:
    """What names a text that the encoder reads."""
    return hashlib.sha256(text.encode()).digest()


def insert(connection: sqlite3.Connection, made: Iterable[Vectors]) -> None:
    """Keep what the encoder made of texts, in place of what was kept of the same texts."""
    for one in made:
        (number,) = connection.execute(
            "INSERT INTO vectors (digest, vector) VALUES (?, ?) "
            "ON CONFLICT (digest) DO UPDATE SET vector = excluded.vector RETURNING number",
            (one.digest, one.vector.astype("<f4").tobytes()),
        ).fetchone()
        if one.tokens is not None:
            connection.execute("REPLACE INTO tokens VALUES (?, ?)", (number, one.tokens))


def are_kept(connection: sqlite3.Connection, digest: bytes) -> bool:
    """Tell whether all that the encoder made of this text is kept."""
    query = "SELECT 1 FROM vectors JOIN tokens USING (number) WHERE digest = ?"
    return connection.execute(query, (digest,)).fetchone() is not None


def without_tokens(connection: sqlite3.Connection) -> list[PassageKey]:
    """Give the passages whose token vectors are not kept."""
    rows = connection.execute(
        "SELECT article_id, start, stop FROM passages WHERE vector NOT IN (SELECT number FROM tokens)"
    )
    return [PassageKey(*row) for row in rows]


def delete_unused(connection: sqlite3.Connection) -> None:
    """Forget the vectors of texts that are no passage's."""
    connection.execute("DELETE FROM vectors WHERE number NOT IN (SELECT vector FROM passages)")


def of_passage(connection: sqlite3.Connection, key: PassageKey) -> FloatVector | None:
    """Give a passage's vector, shape (dimension,), or None."""
    row = connection.execute(
        "SELECT vectors.vector FROM passages JOIN vectors ON vectors.number = passages.vector " + AT_KEY, key
    ).fetchone()
    return None if row is None else read(row[0])


def since(connection: sqlite3.Connection, generation: int, dimension: int) -> tuple[list[PassageKey], FloatMatrix]:
    """Give the passages of articles written after this generation, and their vectors, (passages, dimension)."""
    rows = connection.execute(
        "SELECT article_id, start, stop, vectors.vector FROM changes JOIN passages USING (article_id) "
        "JOIN vectors ON vectors.number = passages.vector WHERE generation > ? ORDER BY article_id, start, stop",
        (generation,),
    ).fetchall()
    return _matrix(rows, dimension)


def of_articles(
    connection: sqlite3.Connection, article_ids: Iterable[str], dimension: int
) -> tuple[list[PassageKey], FloatMatrix]:
    """Give the passages of these articles, and their vectors, (passages, dimension)."""
    rows = connection.execute(
        "SELECT article_id, start, stop, vectors.vector FROM json_each(?) AS wanted CROSS JOIN passages "
        "ON article_id = wanted.value JOIN vectors ON vectors.number = passages.vector "
        "ORDER BY article_id, start, stop",
        (json.dumps(sorted(article_ids)),),
    ).fetchall()
    return _matrix(rows, dimension)


def _matrix(rows: Sequence[tuple[str, int, int, bytes]], dimension: int) -> tuple[list[PassageKey], FloatMatrix]:
    matrix = np.frombuffer(b"".join(row[3] for row in rows), dtype="<f4")
    return [PassageKey(*row[:3]) for row in rows], matrix.reshape(len(rows), dimension)


def read(stored: bytes) -> FloatVector:
    """Give a vector as it was stored."""
    return np.frombuffer(stored, dtype="<f4")
