"""Question and evidence into drafted sides that differ: where the articles give different answers.

Two articles are compared in what each gives for the asked thing. Another number, date or name makes them differ, a yes
and a no, or that one denies what the other gives as the reason. What is not about the same (another company, another
year), what says the same in other words, and what only adds to it makes no disagreement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from askseoul.answering import quote_draft, shortened
from askseoul.asked_values import Values, compare, values_of
from askseoul.domain import Article, DraftDisagreement, Evidence, Quote
from askseoul.meaning import Meaning
from askseoul.names import names_of
from askseoul.opposites import axes_of
from askseoul.polarity import is_polar
from askseoul.positions import AROUND, Position, around, is_named, positions_of
from askseoul.precedence import kind_of, tells_of_change
from askseoul.quantities import figures_of
from askseoul.questions import Question
from askseoul.timing import times_apart
from askseoul.words import Word, fold, words_of

ARTICLES: Final = 10
"""Articles that are compared with each other."""
BOTH_ANSWER: Final = (-9.0, 10.2, 2.2, -3.1, -4.6)
"""Intercept and weights of the log odds that two articles both answer a question: of the lower and the higher score of
their passages, and of the matches of their sentences. Of 132 pairs that disagree 83 % are above 0, and 7 % of 125 pairs
in which one answers something else, found for 250 questions over 2,000 paragraphs of Wikipedia."""
DENIED: Final = 0.55
"""Least cosine at which what one text turns down is what the other gives."""
_SET_VALUED = re.compile(
    r"\b(?:which|what)\s+(?:\w+\s+)?\w+(?<!s)s\b(?!')|\bwho\s+(?:all|are|were|else|testified|attended|took\s+part|"
    r"joined|belongs?|signed)\b|"
    r"\b(?:have|has)\s+\w+\s+(?:been\s+)?(?:seen|sighted|found|reported|spotted)\b|\bwhere\s+(?:are|were|have)\b|"
    r"\bname\s+(?:some|the)\b|\blist\b",
    re.IGNORECASE,
)
"""Questions of which several answers can be true together."""
_ONE_OF_MANY = re.compile(r"\bthe\s+(?!articles?\b|texts?\b)\w+", re.IGNORECASE)
"""What a question that names nobody may ask of several: "the steelmaker"."""
_TURNED_DOWN = re.compile(
    r"(?<![\w'])(?:(?<=,\s)not(?!\s+(?:only|just|merely|least|even))|^not|not\s+(?:because|due\s+to|the\s+work|"
    r"the\s+fault)|"
    r"rather\s+than|instead\s+of|nothing\s+to\s+do\s+with|unlike|contrary\s+to|wrong\s+to|myth\s+that|neither|nor|"
    r"denied|"
    r"denies|dismiss(?:es|ed)|reject(?:s|ed)|rul(?:es|ed)\s+out|disput(?:es|ed)|cleared)(?![\w'])",
    re.IGNORECASE,
)
_HAD_NO_PART = re.compile(
    r"\b(?:had|has|have|has\s+had)\s+nothing\s+to\s+do\b|\b(?:played|plays|had)\s+no\s+(?:part|role)\b|"
    r"\b(?:was|were|is|are)\s+(?:not\s+to\s+blame|trivial|irrelevant|innocent|not\s+the\s+(?:cause|reason|culprit))\b|"
    r"\bdid\s+nothing\s+wrong\b|\bcame\s+only\s+(?:\w+\s+)?later\b|\bdid\s+not\s+cause\b",
    re.IGNORECASE,
)
_REACH = 4
"""Words behind such a word that it turns down."""


def find_disagreements(question: Question, evidence: Sequence[Evidence], meaning: Meaning) -> list[DraftDisagreement]:
    """Where the articles of this evidence answer the question differently: one disagreement, of two sides, or none."""
    positions = positions_of(question, evidence, meaning)[:ARTICLES]
    for one, other in combinations(positions, 2):
        if (
            (is_polar(question) or _both_answer(one, other))
            and _on_one_subject(question, one, other)
            and _differ(question, one, other, meaning)
        ):
            earlier, later = _by_date(one, other)
            kind = kind_of(question, earlier.item.quote, later.item.quote, earlier.values, later.values)
            sides = tuple(quote_draft(shortened(each.item.quote, question)) for each in (earlier, later))
            return [DraftDisagreement(question.text.rstrip("?!. "), kind, sides)]
    return []


def _both_answer(one: Position, other: Position) -> bool:
    """Whether the passages of both were found for the question itself, and not one for want of a better."""
    worse, better = sorted((one.item, other.item), key=lambda item: item.hit.score)
    signs = (1.0, worse.hit.score, better.hit.score, worse.match, better.match)
    return sum(weight * sign for weight, sign in zip(BOTH_ANSWER, signs, strict=True)) > 0


def _by_date(one: Position, other: Position) -> tuple[Position, Position]:
    """Both, the one of the earlier article first where that is known."""
    first, second = sorted((one, other), key=lambda each: each.item.quote.article.published or "")
    return first, second


def _on_one_subject(question: Question, one: Position, other: Position) -> bool:
    """Whether two answers are about whom or what the question names. One that does not name it is, if it tells the same
    story, with another name in common, or speaks of nobody else."""
    if _names_in_small_letters(question, one, other):
        return False
    asked = {word for name in names_of(fold(question.text)) for word in name.words}
    theirs, ours = (
        {word for name in names_of(around(each.item)) for word in name.telling} - asked for each in (one, other)
    )
    are_named = one.is_named and other.is_named
    if theirs & ours and not _lacks_full_name(question, one, other):
        return True
    if are_named and (asked or not (theirs and ours and _ONE_OF_MANY.search(question.text))):
        return True
    if not (one.is_named or other.is_named):
        return False
    silent = other if one.is_named else one
    beside = fold(f"{silent.item.quote.article.title}. {silent.item.surroundings}")
    return not any(name.telling - asked for name in names_of(beside))


def _names_in_small_letters(question: Question, one: Position, other: Position) -> bool:
    """Whether a question without capitals has a name, as the one article writes it, that the other does not hold."""
    asked = fold(question.text)
    if not asked[1:].islower():
        return False
    words = {word.lower for word in words_of(asked) if word.content}
    texts = [around(each.item) for each in (one, other)]
    held = [{word.stem for word in words_of(text)} for text in texts]
    for text, others in zip(texts, reversed(held), strict=True):
        written = {word.lower: word.stem for word in words_of(text) if word.text[:1].isupper() and not word.opening}
        small = {word.lower for word in words_of(text) if word.text.islower()}
        if any(word in written and word not in small and written[word] not in others for word in words):
            return True
    return False


def _lacks_full_name(question: Question, one: Position, other: Position) -> bool:
    """Whether one of two answers does not name somebody or something that the question gives the full name of."""
    asked = fold(question.text)
    names = [name for name in names_of(asked) if len(name.telling) > 1]
    return any(not is_named(name, around(each.item)) for name in names for each in (one, other))


def _differ(question: Question, one: Position, other: Position, meaning: Meaning) -> bool:
    """Whether two articles that speak of the same answer differently."""
    own, others = one.item.quote, other.item.quote
    if _stands_in(own, others.article) or _stands_in(others, own.article) or _of_two_times(question, own, others):
        return False
    if is_polar(question):
        return one.side * other.side < 0
    if one.values and other.values:
        return _values_differ(question, one, other)
    if question.kind == "reason":
        if meaning.likeness(fold(question.text), fold(own.text), fold(others.text)) > 0:
            return False
        return _denies(question, one.item, other.item, meaning) or _denies(question, other.item, one.item, meaning)
    return False


def _of_two_times(question: Question, own: Quote, other: Quote) -> bool:
    """Whether each quote tells how it was at a time of its own; what lasts or is done once has no such times."""
    is_timed = "direction" in axes_of(question.text) if is_polar(question) else question.kind != "date"
    return is_timed and not figures_of(fold(question.text)).dates and times_apart(own, other)


def _values_differ(question: Question, one: Position, other: Position) -> bool:
    if one.values.names and _SET_VALUED.search(question.text):
        return False
    if one.values.names and _replaces(one, other):
        return True
    if compare(one.values, other.values) != "different":
        return False
    known = _gives_too(question, other.values, one.item) or _gives_too(question, one.values, other.item)
    return _is_update(one, other) or not known


def _replaces(one: Position, other: Position) -> bool:
    """Whether the later of two dated answers has another name in the place of the earlier one's."""
    earlier, later = _by_date(one, other)
    known = {word for name in earlier.values.names for word in name.words}
    return _is_update(one, other) and any(known.isdisjoint(name.words) for name in later.values.names)


def _is_update(one: Position, other: Position) -> bool:
    """Whether the later of two dated answers tells of a change."""
    earlier, later = _by_date(one, other)
    dates = [each.item.quote.article.published for each in (earlier, later)]
    return all(dates) and dates[0] != dates[1] and tells_of_change(later.item.quote)


def _gives_too(question: Question, values: Values, item: Evidence) -> bool:
    """Whether an article gives a number or date of another somewhere around its own answer."""
    if values.names:
        return False
    around = item.quote.article.text[max(0, item.quote.start - AROUND) : item.quote.end + AROUND]
    given = values_of(question, around, item.quote.article.published, loose=True)
    return compare(values, given) == "same"


def _denies(question: Question, one: Evidence, other: Evidence, meaning: Meaning) -> bool:
    """Whether a text turns down, in so many words, what another gives as the answer."""
    theirs = fold(f"{other.quote.article.title}. {other.quote.text}")
    folded = fold(one.surroundings)
    words = words_of(folded)
    known = {word for name in names_of(folded) for word in name.words}
    turned: list[Word] = []
    for match in _TURNED_DOWN.finditer(folded):
        turned += [word for word in words if word.start >= match.end()][:_REACH]
    for match in _HAD_NO_PART.finditer(folded):
        turned += [word for word in words if word.start < match.start()][-_REACH:]
    candidates = {
        word.text: word.stem
        for word in turned
        if word.content and word.stem not in question.stems and word.lower not in known
    }
    if not candidates:
        return False
    near = meaning.counterparts(folded, [theirs])
    return any(each.word in candidates and each.cosine >= DENIED for each in near)


def _stands_in(quote: Quote, article: Article) -> bool:
    """Whether another article says the same in the same words, as where both print what an agency sent."""
    return _plain(quote.text) in _plain(article.text)


def _plain(text: str) -> str:
    return " ".join(word.lower for word in words_of(fold(text)))
