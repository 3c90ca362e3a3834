"""What stands in ``askseoul.sqlite``, the truth of an index: its tables, and records into rows and back.

Each function takes a connection, in whatever transaction the store holds. A passage's text is not stored again, but cut
from its article's. The lexical index holds no texts either, so it is told what to forget.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from askseoul.chroma import Record
from askseoul.domain import Article, Passage, PassageKey, Span
from askseoul.encoders import Encoder, FloatMatrix, FloatVector
from askseoul.errors import IndexForeign, IndexUnwritable

FORMAT: Final = 1
"""Version of the tables. An index of another version is made again, never converted."""

APPLICATION: Final = 0x61736B73
"""SQLite's application id, "asks": the file is ours."""

_PATIENCE = 60.0  # seconds to wait for another process to finish writing

_SCHEMA = """
CREATE TABLE manifest (
    index_id TEXT NOT NULL, encoder TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL,
    passage_tokens INTEGER NOT NULL, generation INTEGER NOT NULL, chromadb TEXT
);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, title TEXT NOT NULL, source TEXT, published TEXT, url TEXT,
    language TEXT NOT NULL, places TEXT NOT NULL, stripped INTEGER NOT NULL, characters INTEGER NOT NULL,
    text TEXT NOT NULL -- last: SQLite reads through a long value to reach what stands after it
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, sentences TEXT NOT NULL, vector BLOB NOT NULL,
    UNIQUE (article_id, start, stop)
);
CREATE TABLE changes (article_id TEXT PRIMARY KEY, generation INTEGER NOT NULL);
CREATE INDEX changes_by_generation ON changes (generation);
CREATE VIRTUAL TABLE lexical USING fts5(text, title, content='', tokenize='porter unicode61 remove_diacritics 2');
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index is made of."""

    index_id: str
    """Random, given once: tells whose Chroma's folder is."""
    encoder: str
    """Name of the encoder."""
    fingerprint: str
    """The encoder's; vectors of another fingerprint can't be compared with these."""
    dimension: int
    passage_tokens: int
    """Passages have at most so many of the encoder's tokens."""
    generation: int
    """How many writes there have been."""
    chromadb: str | None
    """Version of chromadb that built the collection; None before the first."""


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """What is known about an article, without its text."""

    id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    language: str
    sha256: str
    characters: int
    passages: int
    places: tuple[str, ...]


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
            raise IndexUnwritable(f"{path} is being written by another process. Try again when it is done.") from error
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


def create(connection: sqlite3.Connection, encoder: Encoder, passage_tokens: int) -> None:
    """Make the tables of an index of vectors by ``encoder``."""
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO manifest VALUES (?, ?, ?, ?, ?, 0, NULL)",
        (uuid.uuid4().hex, encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens),
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def manifest(connection: sqlite3.Connection) -> Manifest:
    """Give the manifest as of now."""
    return Manifest(*connection.execute("SELECT * FROM manifest").fetchone())


def count_up(connection: sqlite3.Connection, changed_id: str | None = None) -> None:
    """Begin the next generation, in which this article's passages changed."""
    connection.execute("UPDATE manifest SET generation = generation + 1")
    if changed_id is not None:
        connection.execute("REPLACE INTO changes SELECT ?, generation FROM manifest", (changed_id,))


def insert_article(
    connection: sqlite3.Connection, article: Article, passages: Sequence[Passage], vectors: FloatMatrix
) -> None:
    """Write an article that is not there."""
    connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.id,
            article.sha256,
            article.title,
            article.source,
            article.published,
            article.url,
            article.language,
            json.dumps(article.places),
            article.stripped,
            len(article.text),
            article.text,
        ),
    )
    for passage, vector in zip(passages, vectors, strict=True):
        spans = json.dumps([(span.start, span.end) for span in passage.sentences])
        number = connection.execute(
            "INSERT INTO passages (article_id, start, stop, sentences, vector) VALUES (?, ?, ?, ?, ?)",
            (article.id, passage.start, passage.end, spans, vector.astype("<f4").tobytes()),
        ).lastrowid
        connection.execute(
            "INSERT INTO lexical (rowid, text, title) VALUES (?, ?, ?)", (number, passage.text, article.title)
        )


def delete_article(connection: sqlite3.Connection, article: Article) -> None:
    """Delete an article that is there, with its passages."""
    for number, start, end in connection.execute(
        "SELECT number, start, stop FROM passages WHERE article_id = ?", (article.id,)
    ).fetchall():
        connection.execute(
            "INSERT INTO lexical (lexical, rowid, text, title) VALUES ('delete', ?, ?, ?)",
            (number, article.text[start:end], article.title),
        )
    connection.execute("DELETE FROM articles WHERE id = ?", (article.id,))


def set_places(connection: sqlite3.Connection, article_id: str, places: Sequence[str]) -> None:
    """Write in which files an article's text is found."""
    connection.execute("UPDATE articles SET places = ? WHERE id = ?", (json.dumps(places), article_id))


def summaries(connection: sqlite3.Connection) -> list[ArticleSummary]:
    """Give all articles, by id, without their texts."""
    rows = connection.execute(
        "SELECT id, title, source, published, url, language, sha256, characters, "
        "(SELECT count(*) FROM passages WHERE article_id = articles.id), places FROM articles ORDER BY id"
    )
    return [ArticleSummary(*(*row[:9], tuple(json.loads(row[9])))) for row in rows]


def article(connection: sqlite3.Connection, article_id: str) -> Article | None:
    """Give an article, or None."""
    row = connection.execute(
        "SELECT id, text, sha256, title, source, published, url, language, places, stripped FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    return None if row is None else Article(*(*row[:8], tuple(json.loads(row[8])), row[9]))


def records(connection: sqlite3.Connection, article: Article) -> list[Record]:
    """Give an article's passages and their vectors, in order."""
    return [
        Record(article, _passage(article, start, end, sentences), _vector(vector))
        for start, end, sentences, vector in connection.execute(
            "SELECT start, stop, sentences, vector FROM passages WHERE article_id = ? ORDER BY start, stop",
            (article.id,),
        )
    ]


def passage(connection: sqlite3.Connection, article: Article, key: PassageKey) -> Passage | None:
    """Give one of an article's passages, or None."""
    row = connection.execute(f"SELECT sentences FROM passages {_AT_KEY}", key).fetchone()
    return None if row is None else _passage(article, key.start, key.end, row[0])


def vector(connection: sqlite3.Connection, key: PassageKey) -> FloatVector | None:
    """Give a passage's vector, shape (dimension,), or None."""
    row = connection.execute(f"SELECT vector FROM passages {_AT_KEY}", key).fetchone()
    return None if row is None else _vector(row[0])


_AT_KEY = "WHERE (article_id, start, stop) = (?, ?, ?)"


def _passage(article: Article, start: int, end: int, sentences: str) -> Passage:
    spans = tuple(Span(*pair) for pair in json.loads(sentences))
    return Passage(article.id, start, end, article.text[start:end], spans)


def _vector(stored: bytes) -> FloatVector:
    return np.frombuffer(stored, dtype="<f4")


def matches(connection: sqlite3.Connection, terms: Sequence[str], count: int) -> list[tuple[PassageKey, float]]:
    """Give the passages with any of ``terms`` in text or title and their BM25 scores, highest first, then by key."""
    query = " OR ".join(f'"{term}"' for term in sorted({_plain(term) for term in terms}))
    rows: list[tuple[Any, ...]] = []
    if query:
        rows = connection.execute(
            "SELECT article_id, start, stop, -bm25(lexical) AS score FROM lexical "
            "JOIN passages ON passages.number = lexical.rowid WHERE lexical MATCH ? "
            "ORDER BY score DESC, article_id, start, stop LIMIT ?",
            (query, count),
        ).fetchall()
    return [(PassageKey(*key), score) for *key, score in rows]


def count_matches(connection: sqlite3.Connection, term: str) -> int:
    """Count the passages with this term in text or title."""
    query = "SELECT count(*) FROM lexical WHERE lexical MATCH ?"
    return int(connection.execute(query, (f'"{_plain(term)}"',)).fetchone()[0])


def _plain(term: str) -> str:
    """Give a term as it may stand between FTS5's quotes. Lone surrogates can't be sent to SQLite at all."""
    return term.encode("utf-8", "ignore").decode().replace("\0", " ").replace('"', '""')


def changed_ids(connection: sqlite3.Connection, since: int) -> list[str]:
    """Give the articles written or removed after generation ``since``."""
    rows = connection.execute("SELECT article_id FROM changes WHERE generation > ? ORDER BY article_id", (since,))
    return [article_id for (article_id,) in rows]


def count_passages(connection: sqlite3.Connection, since: int = 0) -> int:
    """Count the passages of articles written after generation ``since``."""
    (count,) = connection.execute(
        "SELECT count(*) FROM passages JOIN changes USING (article_id) WHERE generation > ?", (since,)
    ).fetchone()
    return int(count)
