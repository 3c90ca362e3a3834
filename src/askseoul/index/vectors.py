"""Token vectors in two bits a number: small enough to be kept for late interaction, good enough for its order.

Each number of a row of length 1 is scaled to variance 1 and becomes the nearest of four levels, those that lose least
of a normal distribution (Max, 1960, "Quantizing for minimum distortion", table I). Nothing has to be learned from the
collection. ``evals/token_vectors.py`` compares this with 32, 8, 4 and 1 bits, product quantisation and encoding the
passages again: nDCG@10 0.860 on 8,096 paragraphs, as with 32 bits, in 96 bytes a token in place of 1,536.

What the encoder made of the passages, as it stands in ``askseoul.sqlite``: kept by the sha256 of what it read.

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
from askseoul.models.encoder import FloatMatrix, FloatVector

_EDGE: Final = 0.9816
_LEVELS: Final = (-1.5104, -0.4528, 0.4528, 1.5104)
_KEPT: Final = 0.9394
"""Cosine of a row and what is made of it: the square root of 1 less the 0.1175 of the variance that is lost."""
_A_BYTE: Final = 4
"""Numbers in a byte."""
_SHIFTS: Final = np.array([0, 2, 4, 6], dtype=np.uint8)
_EXPANDED: Final = np.array(_LEVELS, dtype=np.float32)[(np.arange(256)[:, None] >> _SHIFTS) & 3]
"""(256, 4): the numbers that each byte stands for."""


def quantize(rows: FloatMatrix) -> bytes:
    """The rows, shape (tokens, width) and each of length 1, as bytes: a quarter of the width each."""
    count, width = rows.shape
    padded = -(-width // _A_BYTE) * _A_BYTE
    levels = np.zeros((count, padded), dtype=np.uint8)
    edge = _EDGE / np.sqrt(max(width, 1))
    levels[:, :width] = (rows > -edge).view(np.uint8) + (rows > 0).view(np.uint8) + (rows > edge).view(np.uint8)
    fours = levels.reshape(count, padded // _A_BYTE, _A_BYTE)
    packed: np.ndarray = fours[..., 0] | fours[..., 1] << 2 | fours[..., 2] << 4 | fours[..., 3] << 6
    return packed.tobytes()


def dequantize(compressed: Sequence[bytes], width: int) -> list[FloatMatrix]:
    """The rows that each of these stands for, (tokens, width), every row of length 1 / 0.9394.

    So its product with another row is on average what that of the compressed row was (as Gao and Long, 2024, "RaBitQ",
    do), and a passage whose vectors are kept has no lower score than one that is encoded."""
    row_bytes = -(-width // _A_BYTE)
    packed = np.frombuffer(b"".join(compressed), dtype=np.uint8).reshape(-1, row_bytes)
    rows = _EXPANDED[packed].reshape(len(packed), row_bytes * _A_BYTE)[:, :width]
    rows /= _KEPT * np.sqrt(np.einsum("td,td->t", rows, rows))[:, None]
    ends = np.cumsum([len(codes) // row_bytes for codes in compressed])
    return np.split(rows, ends[:-1]) if compressed else []


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
