"""Disagreement: where articles answer the same question differently.

It takes the evidence of several articles, and returns drafted disagreements, each with its sides and its kind.
It may import what ``answering`` may import, ``answering.attribution`` and ``answering.drafting``.
"""
