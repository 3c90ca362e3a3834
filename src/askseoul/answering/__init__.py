"""Answering: evidence becomes a verified answer or a refusal.

It takes a question and its evidence, and returns an ``Answer`` whose sentences were all checked against their quotes.
It may import ``retrieval`` and every sub-package below it.
"""
