"""Answering: evidence becomes a verified answer or a refusal.

In come a question and its evidence; out comes an ``Answer`` whose every sentence was checked against its quotes.
It may import ``retrieval`` and every room below it.
"""
