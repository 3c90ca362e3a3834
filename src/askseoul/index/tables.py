"""The lexical index: BM25 by FTS5 in ``askseoul.sqlite``, over passages and their articles' titles.

It holds no texts, so it has to be told what it forgets.

What stands in ``askseoul.sqlite``, the truth of an index: its tables, and records into rows and back.

Each function takes a connection, in whatever transaction the store holds. A passage's text is not stored again, but cut
from its article's. The lexical index holds no texts either, so it is told what to forget.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from askseoul.domain import Article, Passage, PassageKey, Span
from askseoul.index import vectors
from askseoul.index.chroma import Record
from askseoul.models.encoder import Encoder

SCHEMA: Final = (
    "CREATE VIRTUAL TABLE lexical USING fts5(text, title, content='', tokenize='porter unicode61 remove_diacritics 2')"
)

_PROPOSING: Final = 300
"""Passages that the rarest terms have to stand in, taken together, before the others propose none. With this share of
100,000 passages on 12,575 (36) the shipped order keeps its nDCG@10, 0.863 beside 0.862, in a third of the time."""
_BEST: Final = (
    "SELECT article_id, start, stop, -bm25(lexical) AS score FROM lexical "
    "JOIN passages ON passages.number = lexical.rowid WHERE lexical MATCH ? "
    "ORDER BY score DESC, article_id, start, stop LIMIT ?"
)
_FOUND_WITHIN: Final = (  # asked of what matches: to hand SQLite the ids takes longer than all the rest
    "FROM lexical JOIN passages ON passages.number = lexical.rowid WHERE lexical MATCH ? AND is_within(article_id) "
)
_BEST_WITHIN: Final = (
    f"SELECT article_id, start, stop, -bm25(lexical) AS score {_FOUND_WITHIN}"
    "ORDER BY score DESC, article_id, start, stop LIMIT ?"
)


def add_to_lexical_index(connection: sqlite3.Connection, number: int, text: str, title: str) -> None:
    """Make the passage of this number findable."""
    connection.execute("INSERT INTO lexical (rowid, text, title) VALUES (?, ?, ?)", (number, text, title))


def remove_from_lexical_index(connection: sqlite3.Connection, number: int, text: str, title: str) -> None:
    """Undo ``add_to_lexical_index`` of exactly this."""
    connection.execute(
        "INSERT INTO lexical (lexical, rowid, text, title) VALUES ('delete', ?, ?, ?)", (number, text, title)
    )


def bm25_search(
    connection: sqlite3.Connection, counts: Mapping[str, int], count: int, within: Collection[str] | None = None
) -> list[tuple[PassageKey, float]]:
    """Give the best passages by BM25 with any of these terms in text or title, and their scores, highest first.

    ``counts`` has in how many passages each term stands. Where many passages hold one or other of them, only those with
    one of the rarest are looked at, and scored by all terms: what holds nothing but the common ones is hardly ever
    among the best (Turtle and Flood, 1995).

    Only passages of the articles ``within`` are looked at, where those are given. How rare a term is and what it weighs
    is as in the whole collection.
    """
    if within is not None:
        connection.create_function("is_within", 1, within.__contains__)
    best_of = _BEST if within is None else _BEST_WITHIN
    terms = sorted((term for term in counts if counts[term]), key=lambda term: (counts[term], term))
    standing = (counts[term] if within is None else _count_within(connection, term) for term in terms)
    reached = itertools.accumulate(standing)
    needed = 1 + sum(1 for _ in itertools.takewhile(lambda sofar: sofar < _PROPOSING, reached))
    rare, common = _any_of(terms[:needed]), _any_of(terms[needed:])
    found: dict[PassageKey, float] = {}
    # The second query scores by all terms what the first scored by the rare ones alone.
    for query in filter(None, (rare, common and f"({rare}) AND ({common})")):
        found |= {PassageKey(*key): score for *key, score in connection.execute(best_of, (query, count))}
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:count]


def document_frequency(connection: sqlite3.Connection, term: str) -> int:
    """Count the passages with this term in text or title."""
    query = "SELECT count(*) FROM lexical WHERE lexical MATCH ?"
    return int(connection.execute(query, (_any_of([term]),)).fetchone()[0])


def _count_within(connection: sqlite3.Connection, term: str) -> int:
    return int(connection.execute(f"SELECT count(*) {_FOUND_WITHIN}", (_any_of([term]),)).fetchone()[0])


def _any_of(terms: Iterable[str]) -> str:
    return " OR ".join(f'"{_plain(term)}"' for term in terms)


def _plain(term: str) -> str:
    """Give a term as it may stand between FTS5's quotes. Lone surrogates can't be sent to SQLite at all."""
    return term.encode("utf-8", "ignore").decode().replace("\0", " ").replace('"', '""')


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
    connection.execute(SCHEMA)
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
        add_to_lexical_index(connection, number, passage.text, article.title)
    _count(connection, article.id, 1)
    _count_up(connection, article.id)


def delete_article(connection: sqlite3.Connection, article: Article) -> None:
    """Delete an article that is there, with its passages. Their vectors stay until ``delete_unused_vectors``."""
    _count(connection, article.id, -1)
    for number, start, end in connection.execute(
        "SELECT number, start, stop FROM passages WHERE article_id = ?", (article.id,)
    ).fetchall():
        remove_from_lexical_index(connection, number, article.text[start:end], article.title)
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
