"""An index whose encoder counts letters, for this process and for others that run code on it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import numpy as np

from askseoul.domain import Article, Passage, Span
from askseoul.index.vectors import Vectors, digest_of
from askseoul.ingest.passages import embedded_text
from tests.support.processes import ROOT

ENCODER = SimpleNamespace(name="letters", fingerprint="f" * 64, dimension=26, maximum_tokens=256)


def vector(text):
    """How often each letter stands in the text, to length 1; an "a" keeps it from being zero."""
    counts = np.array([text.lower().count(chr(97 + i)) for i in range(26)], dtype=np.float32)
    counts[0] += 1
    return counts / np.linalg.norm(counts)


def article(identifier, *texts, **fields):
    """An article of these texts, one space apart."""
    text = " ".join(texts)
    known = {"title": "A title", "source": "The Times", "published": "2024-05", "url": None, "language": "en"}
    return Article(
        identifier, text, hashlib.sha256(text.encode()).hexdigest(), places=(f"/{identifier}",), **{**known, **fields}
    )


def add(store, identifier, *texts, **fields):
    """Add an article of which each text is a passage of one sentence."""
    whole, passages, start = article(identifier, *texts, **fields), [], 0
    for text in texts:
        end = start + len(text)
        passages.append(Passage(identifier, start, end, text, (Span(start, end),)))
        start = end + 1
    keep(store, whole, passages)
    store.add(whole, passages, dict.fromkeys(whole.places))
    return whole, passages


def keep(store, whole, passages):
    """Add the vectors of these passages."""
    texts = [embedded_text(whole, passage) for passage in passages]
    store.add_vectors(
        Vectors(digest_of(text), vector(passage.text), None) for text, passage in zip(texts, passages, strict=True)
    )


def nearest_texts(store, text, count=3):
    """The passages nearest to a text, best first."""
    found = store.nearest(vector(text), count)
    return [loaded.passage.text for loaded in store.load([key for key, _ in found]).values()]


def lexical_keys(store, terms, count=10):
    """The keys and scores that BM25 finds for these terms, best first."""
    return store.bm25_search(store.document_frequencies(terms)[0], count)


def lexical_texts(store, *terms):
    """The passages that BM25 finds for these terms, best first."""
    loaded = store.load([key for key, _ in lexical_keys(store, terms)])
    return [found.passage.text for found in loaded.values()]


def letters_program(code, *arguments):
    """The arguments of Python that run code with these helpers; ``sys.argv[2]`` is the first of ``arguments``."""
    start = """
        import sys
        sys.path.insert(0, sys.argv[1])
        from pathlib import Path
        from askseoul.errors import IndexUnwritable
        from askseoul.index.store import Store
        from tests.support.letters import *
    """
    return ["-c", textwrap.dedent(start) + textwrap.dedent(code), str(ROOT), *map(str, arguments)]


def run(code, *arguments, prefix=(), **options):
    """Run code with these helpers in a process of its own."""
    command = [*prefix, sys.executable, *letters_program(code, *arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
