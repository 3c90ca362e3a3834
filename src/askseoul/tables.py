"""What stands in ``askseoul.sqlite``, the truth of an index: its tables, and records into rows and back.

Each function takes a connection, in whatever transaction the store holds. A passage's text is not stored again, but cut
from its article's. The lexical index holds no texts either, so it is told what to forget.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askseoul import lexical, vectors
from askseoul.domain import Article, Passage, PassageKey, Span
from askseoul.encoders import Encoder
from askseoul.nodes import Record

FORMAT: Final = 2
"""Version of the tables. An index of an older version is converted when it is opened, see ``migrations``."""

APPLICATION: Final = 0x61736B73
"""SQLite's application id, "asks": the file is ours."""

_SCHEMA = """
CREATE TABLE manifest (
    encoder TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL,
    passage_tokens INTEGER NOT NULL, generation INTEGER NOT NULL DEFAULT 0, articles INTEGER NOT NULL DEFAULT 0,
    passages INTEGER NOT NULL DEFAULT 0, contents TEXT NOT NULL DEFAULT '0', chromadb TEXT, collection TEXT
);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, title TEXT NOT NULL, source TEXT, published TEXT, url TEXT,
    language TEXT NOT NULL, stripped INTEGER NOT NULL, characters INTEGER NOT NULL, passages INTEGER NOT NULL,
    text TEXT NOT NULL -- last: SQLite reads through a long value to reach what stands after it
);
-- where it lacks, as in what was made before there was this index, the articles are read to count the undated
CREATE INDEX articles_by_date ON articles (published, id);
CREATE TABLE places (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles ON DELETE CASCADE, file_sha256 TEXT
);
CREATE INDEX places_by_article ON places (article_id);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);
CREATE TABLE tokens (number INTEGER PRIMARY KEY REFERENCES vectors ON DELETE CASCADE, compressed BLOB NOT NULL);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, sentences TEXT NOT NULL, vector INTEGER NOT NULL,
    UNIQUE (article_id, start, stop)
);
CREATE TABLE changes (article_id TEXT PRIMARY KEY, generation INTEGER NOT NULL);
CREATE INDEX changes_by_generation ON changes (generation);
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index is made of."""

    encoder: str
    """Name of the encoder."""
    fingerprint: str
    """The encoder's; vectors of another fingerprint can't be compared with these."""
    dimension: int
    passage_tokens: int
    """Passages have at most so many of the encoder's tokens."""
    generation: int
    """How many writes there have been."""
    articles: int
    passages: int
    """How many are held."""
    contents: str
    """The same for the same articles, whatever has been held meanwhile."""
    chromadb: str | None
    """Version of chromadb that built the collection; None before the first."""
    collection: str | None
    """The token of the collection that was built last."""


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
    stripped: int
    places: tuple[str, ...]


def summary_as_json(summary: ArticleSummary) -> dict[str, Any]:
    """What is known about an article as it is exported."""
    names = ("title", "source", "published", "language", "characters", "passages", "sha256", "places")
    return {"article_id": summary.id} | {name: getattr(summary, name) for name in names}


def create(connection: sqlite3.Connection, encoder: Encoder, passage_tokens: int) -> None:
    """Make the tables of an index of vectors by ``encoder``."""
    create_tables(connection)
    connection.execute(
        "INSERT INTO manifest (encoder, fingerprint, dimension, passage_tokens) VALUES (?, ?, ?, ?)",
        (encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens),
    )


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, and mark the file as an index of this format."""
    for statement in _SCHEMA.split(";\n"):
        connection.execute(statement)
    connection.execute(lexical.SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def manifest(connection: sqlite3.Connection) -> Manifest:
    """Give the manifest as of now."""
    return Manifest(*connection.execute("SELECT * FROM manifest").fetchone())


def set_collection(connection: sqlite3.Connection, chromadb: str, token: str) -> None:
    """Note which collection was built last, and by which chromadb."""
    connection.execute("UPDATE manifest SET chromadb = ?, collection = ?", (chromadb, token))


def _count_up(connection: sqlite3.Connection, changed_id: str) -> None:
    """Begin the next generation, in which the passages of this article changed."""
    connection.execute("UPDATE manifest SET generation = generation + 1")
    connection.execute("REPLACE INTO changes SELECT ?, generation FROM manifest", (changed_id,))


def _count(connection: sqlite3.Connection, article_id: str, sign: int) -> None:
    """Count an article in, or out. The sum of hashes does not depend on the order of what was done (Bellare and
    Micciancio, 1997)."""
    *described, passages = connection.execute(
        "SELECT id, sha256, title, source, published, url, passages FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    digest = hashlib.sha256(json.dumps(described).encode()).digest()
    (contents,) = connection.execute("SELECT contents FROM manifest").fetchone()
    total = (int(contents, 16) + sign * int.from_bytes(digest)) % (1 << 256)
    connection.execute(
        "UPDATE manifest SET contents = ?, articles = articles + ?, passages = passages + ?",
        (f"{total:x}", sign, sign * passages),
    )


def insert_article(
    connection: sqlite3.Connection,
    article: Article,
    passages: Sequence[Passage],
    digests: Sequence[bytes],
    files: Mapping[str, str | None],
) -> None:
    """Write an article that is not there. The vectors of its passages, named by ``digests``, are there already.

    ``files`` are its places, in order, with the sha256 of each file where that is known.
    """
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
            article.stripped,
            len(article.text),
            len(passages),
            article.text,
        ),
    )
    set_places(connection, article.id, files)
    for passage, digest in zip(passages, digests, strict=True):
        spans = json.dumps([(span.start, span.end) for span in passage.sentences], separators=(",", ":"))
        number: Any = connection.execute(
            "INSERT INTO passages (article_id, start, stop, sentences, vector) "
            "VALUES (?, ?, ?, ?, (SELECT number FROM vectors WHERE digest = ?))",
            (article.id, passage.start, passage.end, spans, digest),
        ).lastrowid
        lexical.add(connection, number, passage.text, article.title)
    _count(connection, article.id, 1)
    _count_up(connection, article.id)


def delete_article(connection: sqlite3.Connection, article: Article) -> None:
    """Delete an article that is there, with its passages. Their vectors stay until ``delete_unused_vectors``."""
    _count(connection, article.id, -1)
    for number, start, end in connection.execute(
        "SELECT number, start, stop FROM passages WHERE article_id = ?", (article.id,)
    ).fetchall():
        lexical.forget(connection, number, article.text[start:end], article.title)
    connection.execute("DELETE FROM articles WHERE id = ?", (article.id,))
    _count_up(connection, article.id)


def set_places(connection: sqlite3.Connection, article_id: str, files: Mapping[str, str | None]) -> None:
    """Write in which files an article's text is found, in order, with the sha256 of each file where it is known."""
    connection.execute("DELETE FROM places WHERE article_id = ?", (article_id,))
    for path, sha256 in files.items():
        connection.execute(
            "REPLACE INTO places (path, article_id, file_sha256) VALUES (?, ?, ?)", (path, article_id, sha256)
        )


def places(connection: sqlite3.Connection) -> dict[str, dict[str, str | None]]:
    """Give the places of every article, with the sha256 of the file there."""
    found: dict[str, dict[str, str | None]] = {}
    for article_id, path, sha256 in connection.execute(
        "SELECT article_id, path, file_sha256 FROM places ORDER BY number"
    ):
        found.setdefault(article_id, {})[path] = sha256
    return found


def summaries(connection: sqlite3.Connection) -> list[ArticleSummary]:
    """Give all articles, by id, without their texts."""
    rows = connection.execute(
        "SELECT id, title, source, published, url, language, sha256, characters, passages, stripped "
        "FROM articles ORDER BY id"
    )
    found = places(connection)
    return [ArticleSummary(*(*row, tuple(found.get(row[0], ())))) for row in rows]


def dates(connection: sqlite3.Connection) -> dict[str, str]:
    """Give when the articles were published that have a date."""
    return dict(connection.execute("SELECT id, published FROM articles WHERE published IS NOT NULL"))


def count_undated(connection: sqlite3.Connection) -> int:
    """Count the articles without a date."""
    (count,) = connection.execute("SELECT count(*) FROM articles WHERE published IS NULL").fetchone()
    return int(count)


def article(connection: sqlite3.Connection, article_id: str) -> Article | None:
    """Give an article, or None."""
    row = connection.execute(
        "SELECT id, text, sha256, title, source, published, url, language, stripped FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    found = connection.execute("SELECT path FROM places WHERE article_id = ? ORDER BY number", (article_id,))
    return Article(*(*row[:8], tuple(path for (path,) in found), row[8]))


def records(connection: sqlite3.Connection, article: Article) -> list[Record]:
    """Give an article's passages and their vectors, in order."""
    return [
        Record(article, _passage(article, start, end, sentences), vectors.read(vector))
        for start, end, sentences, vector in connection.execute(
            "SELECT start, stop, sentences, vectors.vector FROM passages JOIN vectors ON vectors.number = "
            "passages.vector WHERE article_id = ? ORDER BY start, stop",
            (article.id,),
        )
    ]


def passage(connection: sqlite3.Connection, article: Article, key: PassageKey) -> tuple[Passage, bytes | None] | None:
    """Give one of an article's passages and its compressed token vectors, or None."""
    row = connection.execute(
        "SELECT sentences, compressed FROM passages LEFT JOIN tokens ON tokens.number = vector " + vectors.AT_KEY, key
    ).fetchone()
    return None if row is None else (_passage(article, key.start, key.end, row[0]), row[1])


def _passage(article: Article, start: int, end: int, sentences: str) -> Passage:
    spans = tuple(Span(*pair) for pair in json.loads(sentences))
    return Passage(article.id, start, end, article.text[start:end], spans)


def changed_ids(connection: sqlite3.Connection, since: int) -> list[str]:
    """Give the articles written or removed after generation ``since``."""
    rows = connection.execute("SELECT article_id FROM changes WHERE generation > ? ORDER BY article_id", (since,))
    return [article_id for (article_id,) in rows]


def count_passages(connection: sqlite3.Connection, since: int) -> int:
    """Count the passages of articles written after generation ``since``."""
    (count,) = connection.execute(
        "SELECT coalesce(sum(passages), 0) FROM articles JOIN changes ON article_id = id WHERE generation > ?", (since,)
    ).fetchone()
    return int(count)
