"""Measurements of retrieval, verification, disagreement and answerability."""
