"""Evaluation: answers to gold questions and public datasets are scored and compared with a baseline.

It takes questions with their expected facts and evidence, and returns scores with intervals, a report and regressions.
It may import ``pipeline`` and every sub-package below it; only ``cli`` and ``web`` import it.
"""
