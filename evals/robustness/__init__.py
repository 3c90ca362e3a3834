"""Measurements under crashes, concurrent use, hostile files and a language model that lies."""
