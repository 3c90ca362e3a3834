"""The index: articles, passages, vectors and the lexical index in SQLite, with a Chroma collection built from them.

It takes articles and their vectors, and returns nearest passages, BM25 scores and stored articles.
It may import ``ingest``, ``nlp``, ``models`` and what they may import, but not ``verification``.
"""
