"""A linear model that reads what a message asks for, and which of its words say of what.

It weighs three kinds of features: runs of one to four words, in which a word that is not among the usual words of
requests is a blank (so that "a timeline of the tram" and "a timeline of the strike" are one), runs of three to five
letters, which typing errors leave whole, and the vector of the message. A second set of weights tags each word as
outside, the subject, or what the subject is compared with. ``training/train_requests.py`` fits both to the messages in
``training/requests``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from askseoul.domain import Span
from askseoul.errors import ModelError
from askseoul.models.encoder import FloatVector
from askseoul.models.graph import FloatMatrix

Intent: TypeAlias = Literal[
    "question", "greeting", "overview", "inventory", "mentions", "summary", "timeline", "comparison", "list"
]
Tag: TypeAlias = Literal["outside", "subject", "other"]
INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)
TAGS: Final[tuple[Tag, ...]] = get_args(Tag)

SHIPPED: Final = Path(__file__).with_name("request_weights.npz")
LONGEST: Final = 80
"""Words of a message that are read."""
LETTERS_COUNT, VECTOR_COUNTS = 0.3, 3.0
"""Values of a run of letters and of the vector's length, where a run of words is 1."""
_SUBJECTS: Final[frozenset[Intent]] = frozenset({"mentions", "summary", "timeline", "comparison", "list"})
"""Intents that usually name a subject."""
_BENEFIT: Final = 4.0
"""What is added to the log probability of the subject where an intent that needs one has none otherwise."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,]*|[?!,:;.()\"“”-]")
_LETTERS = re.compile(r"\w+")
_HANGUL = re.compile("[가-힣]")
_JOINING: Final = frozenset("and or vs versus v than with against to from 와 과".split())


@dataclass(frozen=True, slots=True)
class RequestReading:
    """What a message asks for: the probability of each intent, and where the message says of what."""

    probabilities: Mapping[Intent, float]
    subject: Span | None
    other: Span | None

    @property
    def intent(self) -> Intent:
        """The likeliest intent."""
        return max(INTENTS, key=lambda intent: self.probabilities[intent])


class RequestModel:
    """The weights of all features, by name; an unknown feature weighs nothing."""

    def __init__(
        self,
        usual: Sequence[str],
        features: Sequence[str],
        weights: FloatMatrix,
        marks: Sequence[str],
        mark_weights: FloatMatrix,
    ) -> None:
        """``weights`` are (features + dimension of the vector + 1, intents), ``mark_weights`` (marks + 1, tags); the
        last row of each is the bias."""
        self._usual = frozenset(usual)
        self._features = {name: place for place, name in enumerate(features)}
        self._weights = weights
        self._marks = {name: place for place, name in enumerate(marks)}
        self._mark_weights = mark_weights

    def read(self, message: str, vector: FloatVector) -> RequestReading:
        """Return what a message asks for; ``vector`` is its vector of length 1."""
        words = words_of(message)
        blanked = [blank(word, self._usual) for _, word in words]
        logits = self._weights[-1] + VECTOR_COUNTS * (vector.astype(np.float64) @ self._weights[-1 - len(vector) : -1])
        for value, names in ((1.0, runs_of_words(blanked)), (LETTERS_COUNT, runs_of_letters(message))):
            known = [self._features[name] for name in sorted(names) if name in self._features]
            logits += value * self._weights[known].sum(axis=0)
        probabilities = dict(zip(INTENTS, _softmax(logits).tolist(), strict=True))
        subject, other = self.parts(message, max(INTENTS, key=lambda each: probabilities[each]))
        return RequestReading(probabilities, subject, other)

    def parts(self, message: str, intent: Intent) -> tuple[Span | None, Span | None]:
        """Return where a message of this intent says of what, and with what that is compared."""
        words = words_of(message)
        blanked = [blank(word, self._usual) for _, word in words]
        tagged = [self._tags(names) for names in marks_of(blanked, [word for _, word in words], intent)]
        scores = np.log(np.array(tagged) + 1e-9) if tagged else np.zeros((0, len(TAGS)))
        spans = [span for span, _ in words]
        found = [_best_run(scores, tag, spans) for tag in (1, 2)]
        if found[0] is None and intent in _SUBJECTS:
            found[0] = _best_run(scores + _BENEFIT * np.eye(len(TAGS))[1], 1, spans)
        return found[0], found[1]

    def knows(self, message: str) -> bool:
        """Whether a message has a word that requests usually have, or a Korean one."""
        words = [word for _, word in words_of(message) if word[0].isalnum()]
        return any(word.lower() in self._usual or _HANGUL.search(word) for word in words)

    def unusual(self, message: str) -> list[str]:
        """Return the words of a message, in small letters, that are not among the usual words of requests."""
        return [word.lower() for _, word in words_of(message) if word.lower() not in self._usual and word[0].isalnum()]

    def _tags(self, names: Sequence[str]) -> NDArray[np.float64]:
        known = [self._marks[name] for name in names if name in self._marks]
        return _softmax(self._mark_weights[-1] + self._mark_weights[known].sum(axis=0))


def words_of(message: str) -> list[tuple[Span, str]]:
    """Return the first LONGEST words, numbers and marks of a message with their places."""
    return [(Span(*match.span()), match[0]) for match in _WORD.finditer(message)][:LONGEST]


def blank(word: str, usual: frozenset[str]) -> str:
    """Return a usual word in small letters, and of any other only whether it is a number, Korean, or a name by its
    capital."""
    if word.lower() in usual:
        return word.lower()
    if word[0].isdigit():
        return "0"
    if _HANGUL.search(word):
        return "가"
    return "Xx" if word[0].isupper() and not word.isupper() else "xx"


def runs_of_words(blanked: Sequence[str]) -> set[str]:
    """Return the runs of one to four words, with the message's ends, and with neighbouring blanks as one."""
    joined = ["^"]
    joined += [
        word
        for before, word in zip(["^", *blanked], blanked, strict=False)
        if not (_is_blank(before) and _is_blank(word))
    ]
    joined.append("$")
    return {" ".join(joined[i : i + n]) for n in (1, 2, 3, 4) for i in range(len(joined) - n + 1)}


def runs_of_letters(message: str) -> set[str]:
    """Return the runs of three to five letters of the words of a message, each word with a space at its ends."""
    return {
        f"#{padded[i : i + n]}"
        for padded in (f" {word} " for word in _LETTERS.findall(message.lower())[:LONGEST])
        for n in (3, 4, 5)
        for i in range(len(padded) - n + 1)
    }


def marks_of(blanked: Sequence[str], words: Sequence[str], intent: Intent) -> Iterator[list[str]]:
    """Yield the features by which each word is tagged: it, its neighbours, its place, and what is asked for."""

    def at(place: int) -> str:
        return blanked[place] if 0 <= place < len(blanked) else "^" if place < 0 else "$"

    joining = [place for place, word in enumerate(blanked) if word in _JOINING]
    for i, word in enumerate(words):
        near = {f"{k:+}": at(i + k) for k in (-2, -1, 0, 1, 2)}
        form = blank(word, frozenset())
        first, last = min(i, 4), min(len(words) - 1 - i, 4)
        behind, ahead = any(place < i for place in joining), any(place > i for place in joining)
        yield [
            *(f"{k}={one}" for k, one in near.items()),
            f"-1+0={near['-1']}|{near['+0']}", f"+0+1={near['+0']}|{near['+1']}",
            f"-1+0+1={near['-1']}|{near['+0']}|{near['+1']}",
            f"-2-1={near['-2']}|{near['-1']}", f"+1+2={near['+1']}|{near['+2']}",
            *(f"{intent}{k}={near[k]}" for k in ("-1", "+0", "+1")),
            f"{intent}", f"first={first}", f"last={last}", f"{intent} first={first}", f"{intent} last={last}",
            f"form={form}", f"{intent} form={form}", f"joined={behind}", f"{intent} joined={behind}|{ahead}",
        ]  # fmt: skip


def _is_blank(word: str) -> bool:
    return word in ("xx", "Xx")


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(logits - logits.max())
    shares: NDArray[np.float64] = raised / raised.sum()
    return shares


def _best_run(scores: NDArray[np.float64], tag: int, spans: Sequence[Span]) -> Span | None:
    """Return the run of words with the highest sum of how much likelier this tag is than the others (Kadane's
    algorithm); None if no word is."""
    gains = scores[:, tag] - np.delete(scores, tag, axis=1).max(axis=1) if len(scores) else []
    best, begin, end, total, start = 0.0, 0, 0, 0.0, 0
    for place, gain in enumerate(gains):
        if total <= 0:
            total, start = 0.0, place
        total += gain
        if total > best:
            best, begin, end = total, start, place + 1
    return Span(spans[begin].start, spans[end - 1].end) if end else None


@cache
def load_request_model(path: Path = SHIPPED) -> RequestModel:
    """Load the shipped weights. Raises ModelError if they are missing or damaged."""
    try:
        with np.load(path) as held:
            usual, features, marks = (str(held[name]).split("\n") for name in ("usual", "features", "marks"))
            return RequestModel(
                usual, features, held["weights"].astype(np.float64), marks, held["mark_weights"].astype(np.float64)
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} can't be read ({error}): reinstall askseoul.") from error
