"""An index of an older format into one of now: nothing that was indexed is lost, nothing is encoded again.

Format 1 held each passage's vector with the passage, and no token vectors: those are encoded whenever a passage is read
again, until ``askseoul index`` keeps them.
"""

from __future__ import annotations

import json
import sqlite3

from askseoul import tables, vectors
from askseoul.domain import Article, Passage, Span
from askseoul.passages import embedded_text
from askseoul.vectors import Vectors

_KEPT = ("manifest", "articles", "passages")


def upgrade(connection: sqlite3.Connection) -> None:
    """Convert an index of format 1, inside the caller's transaction."""
    connection.execute("DROP TABLE changes")
    connection.execute("DROP TABLE lexical")
    for table in _KEPT:
        connection.execute(f"ALTER TABLE {table} RENAME TO former_{table}")
    tables.create_tables(connection)
    connection.execute(
        "INSERT INTO manifest (index_id, encoder, fingerprint, dimension, passage_tokens, generation) "
        "SELECT index_id, encoder, fingerprint, dimension, passage_tokens, generation FROM former_manifest"
    )
    for (article_id,) in connection.execute("SELECT id FROM former_articles ORDER BY id").fetchall():
        _convert(connection, article_id)
    for table in reversed(_KEPT):
        connection.execute(f"DROP TABLE former_{table}")


def _convert(connection: sqlite3.Connection, article_id: str) -> None:
    *fields, places, stripped = connection.execute(
        "SELECT id, text, sha256, title, source, published, url, language, places, stripped "
        "FROM former_articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    article = Article(*(*fields, tuple(json.loads(places)), stripped))
    passages, digests = [], []
    for start, end, sentences, vector in connection.execute(
        "SELECT start, stop, sentences, vector FROM former_passages WHERE article_id = ? ORDER BY start, stop",
        (article_id,),
    ).fetchall():
        spans = tuple(Span(*pair) for pair in json.loads(sentences))
        passages.append(Passage(article_id, start, end, article.text[start:end], spans))
        digests.append(vectors.digest_of(embedded_text(article, passages[-1])))
        vectors.insert(connection, [Vectors(digests[-1], vectors.read(vector), None)])
    tables.insert_article(connection, article, passages, digests, {})
