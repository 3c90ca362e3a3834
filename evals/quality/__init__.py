"""Measurements of single steps: encoding, retrieval, verification, disagreement, attribution and answerability."""
