"""Disagreement: where articles answer the same question differently.

In comes the evidence of several articles; out come drafted disagreements, each with its sides and its kind.
It may import the rooms that ``answering`` may, and ``answering.attribution``.
"""
