"""An index of an older format into one of now: nothing that was indexed is lost, nothing is encoded again.

Format 1 held each passage's vector with the passage, and no token vectors: those are encoded whenever a passage is read
again, until ``askseoul index`` keeps them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

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
