"""The index: articles, passages, vectors and the lexical index in SQLite, with a Chroma collection built from them.

In come articles and their vectors; out come nearest passages, BM25 ranks and stored articles.
It may import ``ingest``, ``nlp``, ``models`` and what they may; it knows nothing of ``verification``.
"""
