"""Verification: does a quote support a sentence?

In come a sentence and the quotes that it rests on; out come named checks, a verdict and a support score.
It may import ``ingest``, ``nlp``, ``models`` and what they may; it knows nothing of ``index``.
"""
