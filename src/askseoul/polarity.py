"""Which side of a yes-or-no question a sentence takes, or which of the two things that it asks between.

Where the question names an end of an axis ("legal", "rising", "good or bad", "in office"), the sentence's words for
either end decide; else what it says or denies of the question's own words, which are found by meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from askseoul.domain import Evidence
from askseoul.meaning import Meaning
from askseoul.names import is_person, names_of
from askseoul.opposites import affirms, axes_of, holds_office, pull
from askseoul.questions import Question
from askseoul.words import fold, words_of

SAME: Final = 0.5
"""Least cosine at which a word of a sentence says what a word of the question does."""
_RANKED: Final = (1.0, 0.5, 0.3, 0.2)
"""What the first, second and further sentences of an article count when it is told which side it takes."""
_STEEPLY: Final = (1.0, 0.4, 0.2, 0.1)
"""The same where it is told by what is said and denied, which a sentence on something else does too."""
_OPINION_AXES: Final = ("approval", "value")
_RULE_AXES: Final = ("permission",)
_SHOULD = re.compile(r"\b(?:should|ought|worth|wise|right\s+to|good\s+idea)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"\bwhether\b|\bwhich\s+(?:way|direction)\b|\b(?:for\s+or\s+against|in\s+favou?r\s+of|support\s+or\s+oppose)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s+or\s+", re.IGNORECASE)
_IN_OFFICE = re.compile(
    r"\b(?:in|out\s+of|left)\s+(?:office|power)\b|left\s+the\s+presidency|"
    r"\b(?:sitting|incumbent|former|still)\s+(?:the\s+)?(?:president|prime\s+minister|leader|chancellor)",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"^(?:can|may)\b|\b(?:legal|illegal|allowed|permitted|banned|forbidden|prohibited|lawful)\b", re.IGNORECASE
)


def is_polar(question: Question) -> bool:
    """Whether it is answered by yes or no, or by one of two sides."""
    return question.kind == "choice" or _WHETHER.search(question.text) is not None


def side_taken(question: Question, items: Sequence[Evidence], meaning: Meaning) -> tuple[int, Evidence] | None:
    """1 for yes, or for the first of two things asked between, -1 for the other, and the sentence that says so most."""
    if not items:
        return None
    asked = fold(question.text)
    ways = [(_pulled, _RANKED)]
    if not (_BETWEEN.search(asked) or _IN_OFFICE.search(asked)):  # there, what is affirmed may be anything
        ways.append((_affirmed, _STEEPLY))
    for judged, ranked in ways:
        found = [(judged(asked, item, meaning), item) for item in items]
        total = sum(value * weight for (value, _), weight in zip(found, ranked, strict=False))
        best, item = max(
            ((value * total * weight, item) for (value, item), weight in zip(found, ranked, strict=False)),
            key=lambda pair: pair[0],
        )
        if best > 0:
            return (1 if total > 0 else -1), item
    return None


def _pulled(asked: str, item: Evidence, meaning: Meaning) -> int:
    """Which way a sentence points on the axes that the question names, the question's own end being above 0."""
    if _IN_OFFICE.search(asked):
        return holds_office(item.quote.text, [name for name in names_of(asked) if is_person(name)])
    if _SHOULD.search(asked):
        return sum(pull(item.quote.text, axis) for axis in _OPINION_AXES)
    axes = dict.fromkeys([*axes_of(asked), *(_RULE_AXES if _MAY.search(asked) else ())])
    is_between = _BETWEEN.search(asked) is not None
    return sum(pull(item.quote.text, axis) * (-1 if not is_between and pull(asked, axis) < 0 else 1) for axis in axes)


def _affirmed(asked: str, item: Evidence, meaning: Meaning) -> int:
    """Whether a sentence says or denies what the question asks."""
    text = fold(item.quote.text)
    named = {word for name in names_of(asked, (text,)) for word in name.text.split()}
    places = []
    words = iter(words_of(text))
    for each in meaning.counterparts(text, [asked]):
        word = next((word for word in words if word.text == each.word), None)
        if word is not None and each.word not in named and each.cosine >= SAME:
            places.append(word.start)
    return affirms(text, places, frozenset(word.stem for word in words_of(asked)))
