"""Evaluation: gold questions and public data sets are answered, scored and held against a baseline.

In come questions with their expected facts and evidence; out come scores with intervals, a report and regressions.
It may import ``pipeline`` and every room below it, and is imported by ``cli`` and ``web`` alone.
"""
