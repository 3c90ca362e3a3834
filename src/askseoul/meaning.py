"""How close a claim is to its quotes in meaning, word by word, with each word read in its context.

The encoder gives every token a vector that depends on what stands around it. A word of a claim has a counterpart in the
quotes when one of their tokens points nearly the same way: "worldwide" has one in "global", and "withdrawn" has none in
"stationed". This is the greedy matching of BERTScore (Zhang et al., 2020) read as recall, on content words alone.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from askseoul.encoders import Encoder, Encoding, FloatMatrix, FloatVector
from askseoul.words import words_of

LIKENESS = (-4.16, 12.72, -4.22)
"""Intercept and weights of the log odds that two answers are the same: of the cosine of what each says beyond the
question, and of how close their words come in the mean."""
REMEMBERED = 256
"""Texts whose vectors are kept: an answer's evidence is compared with every sentence that may rest on it."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """How near the quotes come to one content word of a claim."""

    word: str
    stem: str
    cosine: float
    """Best cosine with a token of the quotes, in [-1, 1]."""


class Meaning:
    """Compares texts through an encoder, which is loaded when texts are first compared. Safe to use from several
    threads."""

    def __init__(self, load: Callable[[], Encoder]) -> None:
        self._load = load
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
        self._read: OrderedDict[str, Encoding] = OrderedDict()

    def counterparts(self, claim: str, quotes: Sequence[str]) -> list[Counterpart]:
        """The content words of a folded claim in order, each with how near its folded quotes come to it.

        A word that the encoder does not read, since the claim is too long, is left out."""
        read = self._encodings([claim, *quotes])
        tokens = np.concatenate([read[quote].tokens for quote in quotes])
        found = []
        for word in words_of(claim):
            own = _tokens_of(read[claim], word.start, word.end)
            if word.content and len(own):
                vector = own.mean(axis=0)
                # Not `@`: for matrices this small the threads of BLAS wait for each other.
                cosines = np.einsum("d,td->t", vector / np.linalg.norm(vector), tokens)
                found.append(Counterpart(word.text, word.stem, float(cosines.max(initial=-1.0))))
        return found

    def likeness(self, question: str, one: str, other: str) -> float:
        """Log odds that two answers to a question are the same, in other words or not: above 0 they are.

        Compared is what each says beyond the question itself, the cosine of both vectors without their part along the
        question's; long answers that only have words in common are held against it. A logistic regression on 1,574
        pairs of answers that people compared (NAnCo, Laban et al., 2022) has balanced accuracy 0.90, a cosine of the
        answers alone 0.88, both by cross-validation; ``evals/disagreement.py nanco`` measures it."""
        read = self._encodings([question, one, other])
        asked = read[question].vector
        beyond = [_without(read[text].vector, asked) for text in (one, other)]
        in_common = np.mean([each.cosine for each in self.counterparts(one, [other])] or [0.0])
        in_common += np.mean([each.cosine for each in self.counterparts(other, [one])] or [0.0])
        intercept, of_cosine, of_words = LIKENESS
        return float(intercept + of_cosine * (beyond[0] @ beyond[1]) + of_words * in_common / 2)

    def _encodings(self, texts: Sequence[str]) -> dict[str, Encoding]:
        with self._lock:
            known = {text: self._read[text] for text in texts if text in self._read}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            with self._lock:
                self._encoder = self._encoder or self._load()
            known |= dict(zip(fresh, self._encoder.encode_document(fresh), strict=True))
        with self._lock:
            for text in texts:
                self._read[text] = known[text]
                self._read.move_to_end(text)
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return known


def _without(vector: FloatVector, direction: FloatVector) -> FloatVector:
    """A unit vector without its part along another, of length 1 again."""
    rest = vector - (vector @ direction) * direction
    return np.asarray(rest / max(float(np.linalg.norm(rest)), 1e-6), dtype=np.float32)


def _tokens_of(encoding: Encoding, start: int, end: int) -> FloatMatrix:
    """The vectors of the tokens that stand within these characters of the text."""
    inside = (encoding.offsets[:, 0] >= start) & (encoding.offsets[:, 1] <= end)
    return encoding.tokens[inside]
