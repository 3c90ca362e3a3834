"""Retrieval: a question, understood in its conversation, becomes ranked passages and evidence sentences.

In come a question and its history; out come ``Hit`` and ``Evidence`` records, best first.
It may import ``index``, ``verification`` and every room below them.
"""
