"""Stand-ins for the encoder, the reader and the language model that can be checked by eye."""

from __future__ import annotations

import re

import numpy as np

from askseoul.models.encoder import Encoding
from askseoul.verification.guards import content_share


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


def supported(probability):
    """The reading of a claim that its evidence supports with this probability, and else says nothing of."""
    return (probability, 1 - probability, 0.0)


def contradicted(probability):
    """The reading of a claim that its evidence contradicts with this probability, and else says nothing of."""
    return (0.0, 1 - probability, probability)


def conflicting(probability):
    """The reading of two sentences that conflict with this probability, and else say different things."""
    return (0.0, 1 - probability, probability)


class FakeReader:
    """Reads what it is told to, and records in ``asked`` what it was given to read.

    ``answers`` has the probability of a sentence, ``supports`` the reading of a claim and ``relations`` that of two
    sentences, in either order. What is not in them answers nothing, is not supported, and conflicts with nothing. Each
    may also be a function of the Candidate, EvidencedClaim or AnswerPair.
    """

    identity = "fake"

    def __init__(self, answers=None, supports=None, relations=None):
        self.asked = []
        self._answers, self._supports, self._relations = answers or {}, supports or {}, relations or {}

    def answers(self, candidates):
        return self._read(candidates, self._answers, lambda one: [one.sentence], 0.0)

    def supports(self, claims):
        return self._read(claims, self._supports, lambda one: [one.claim], supported(0.0)).reshape(-1, 3)

    def relations(self, pairs):
        orders = self._read(
            pairs, self._relations, lambda one: [(one.left, one.right), (one.right, one.left)], conflicting(0.0)
        )
        return orders.reshape(-1, 3)

    def _read(self, given, told, keys_of, otherwise):
        self.asked += given
        if callable(told):
            return np.array([told(one) for one in given], np.float32)
        found = [[told[key] for key in keys_of(one) if key in told] for one in given]
        return np.array([readings[0] if readings else otherwise for readings in found], np.float32)


def word_reader():
    """A reader to which a claim is as likely supported as its content stands in the evidence, in whatever order."""
    return FakeReader(supports=lambda claim: supported(content_share(claim.claim, claim.sentences)))


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
