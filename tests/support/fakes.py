"""Stand-ins for the encoder and the language model that a reader can check by eye."""

from __future__ import annotations

import re

import numpy as np

from askseoul.models.encoder import Encoding


class WordEncoder:
    """Each known word is a direction of its own, every other word the last one; a text is the mean of its words."""

    name = "words"
    fingerprint = "f" * 64
    maximum_tokens = 256

    def __init__(self, known):
        self.known = known.split()
        self.dimension = len(self.known) + 1

    def encode_query(self, texts):
        return [self._encode(text) for text in texts]

    encode_document = encode_query

    def token_offsets(self, text):
        return np.array([match.span() for match in re.finditer(r"\w+", text)], np.int64).reshape(-1, 2)

    def _encode(self, text):
        offsets = self.token_offsets(text)
        words = [text[start:end].lower() for start, end in offsets]
        directions = [self.known.index(word) if word in self.known else len(self.known) for word in words]
        tokens = np.eye(self.dimension, dtype=np.float32)[directions]
        vector = tokens.sum(axis=0) if len(tokens) else np.ones(self.dimension, np.float32)
        return Encoding(vector / np.linalg.norm(vector), tokens, offsets)


class ScriptedGenerator:
    """Gives its replies in order, whatever it is asked, and records what it was asked.

    A reply is a text, or a list of pieces; an exception among the pieces is raised.
    """

    name = "scripted"

    def __init__(self, *replies, capable=False):
        self.replies = list(replies)
        self.capable = capable
        self.asked = []

    def reply(self, system, user, *, maximum_tokens, schema=None):
        self.asked.append((system, user, maximum_tokens))
        self.schema = schema
        reply = self.replies.pop(0)
        for piece in [reply] if isinstance(reply, str) else reply:
            if isinstance(piece, Exception):
                raise piece
            yield piece
