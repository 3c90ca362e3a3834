"""Find the articles that answer a question differently, and draft both sides.

The position of each article is the value that it gives or the side that it takes, and in which sentence. Two articles
differ in a number, a date or a name, in yes and no, or if one denies what the other gives as the reason. Positions on
different subjects (another company, another year), paraphrases and additions are no disagreement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from askseoul.answering.attribution import attribute
from askseoul.answering.disagreement.chronology import classify, tells_of_change, times_apart
from askseoul.answering.disagreement.polarity import axes_of, is_polar, side_taken
from askseoul.answering.disagreement.values import NOTHING, Values, compare, values_of
from askseoul.answering.drafting import quote_draft, shortened
from askseoul.domain import Article, DraftDisagreement, Evidence, Quote
from askseoul.nlp.entities import Name, find_names, name_forms
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, Word, parse
from askseoul.retrieval.question import Question
from askseoul.verification.alignment import TokenSimilarity

SENTENCES: Final = 4
"""Of each article, the sentences that may be its answer."""
ABOUT: Final = 0.33
"""Least match of the best of an article's sentences, and of that which takes a side."""
ANSWERING: Final = 0.8
"""Least sum of a sentence's match and of what it matches by itself. Of the answers of 124 pairs of articles that
disagree 5 are below it, and of 11 sentences that answer another question than one of the gold set, all."""
_SHARED: Final = 0.6
"""Share of the letters, from the first, that a name and what is formed from it have in common."""
_PAIR: Final = 2
_ROOT: Final = 4
"""Letters that a name and what is formed from it have in common at least."""
AROUND: Final = 600
"""Characters on each side of a sentence in which it is told whom or what it speaks of."""


@dataclass(frozen=True, slots=True)
class Position:
    """What one article answers."""

    item: Evidence
    values: Values
    side: int
    """1 for yes, or for the first of two things asked between; -1 for the other; 0 where it takes no side."""
    is_named: bool
    """Whether what stands around it has the question's names."""


def positions_of(question: Question, evidence: Sequence[Evidence], similarity: TokenSimilarity) -> list[Position]:
    """What the articles of this evidence answer, those that do, the article of the best evidence first.

    What stands in a scenario answers nothing: the article only imagines it."""
    found: dict[str, list[Evidence]] = {}
    for item in evidence:
        if attribute(item.quote).scenario is None:
            found.setdefault(item.quote.article.id, []).append(item)
    ranked = [sorted(items, key=lambda item: -(item.match + item.alone)) for items in found.values()]
    return [position for items in ranked if (position := _position(question, items, similarity)) is not None]


def _position(question: Question, items: Sequence[Evidence], similarity: TokenSimilarity) -> Position | None:
    """What an article answers in the best of its sentences that says something to the question."""
    if max(item.match for item in items) < ABOUT:
        return None
    if is_polar(question):
        naming = [item for item in items if item.match >= ABOUT and _names_it(question, item)]
        taken = side_taken(question, naming[:SENTENCES], similarity) or side_taken(
            question, items[:SENTENCES], similarity
        )
        if taken is None or taken[1].match < ABOUT:
            return None
        return Position(taken[1], NOTHING, taken[0], has_names(question, taken[1]))
    speaking = [item for item in items[:SENTENCES] if item.match + item.alone >= ANSWERING]
    if not speaking:
        return None
    for loose in (False, True):
        found = [(item, _values(question, item, loose=loose)) for item in speaking]
        valued = [(item, values) for item, values in found if values]
        if valued:
            item, values = max(valued, key=lambda pair: pair[0].alone)
            return Position(item, values, 0, has_names(question, item))
    return Position(speaking[0], NOTHING, 0, has_names(question, speaking[0]))


def _names_it(question: Question, item: Evidence) -> bool:
    """Whether a sentence itself has one of the question's names, where it has any."""
    sentence = parse(item.quote.text)
    names = [name for name in find_names(question.parsed, (sentence,)) if name.distinctive]
    return not names or any(is_named(name, sentence) for name in names)


def _values(question: Question, item: Evidence, *, loose: bool) -> Values:
    return values_of(question, item.quote.text, item.quote.article.published, loose=loose)


def around(item: Evidence) -> ParsedText:
    """The parsed text around a sentence, with its article's title."""
    quote = item.quote
    return parse(f"{quote.article.title}\n{quote.article.text[max(0, quote.start - AROUND) : quote.end + AROUND]}")


def has_names(question: Question, item: Evidence) -> bool:
    """Whether what stands around a sentence has the question's names."""
    text = around(item)
    names = [name for name in find_names(question.parsed, (text,)) if name.distinctive]
    return all(is_named(name, text) for name in names)


def is_named(name: Name, text: ParsedText) -> bool:
    """Whether a text names this: half of the name's telling words, or words that are formed from them ("Tavrian"), and
    not only somebody with whom it shares one ("Vantor Logistics" for "Vantor Foods")."""
    forms = name_forms(text)
    everything = forms | {word.lower for word in text.words}
    found = [any(_is_formed(form, word) for form in everything) for word in name.distinctive]
    is_written = any(_is_formed(form, word) for form in forms for word in name.distinctive)
    if (2 * sum(found) < len(found) or not is_written) and name.identity.isdisjoint(forms):
        return False
    others = [other.distinctive for other in find_names(text) if other.distinctive & name.distinctive]
    shares = max((len(other & name.distinctive) for other in others), default=0)
    foreign = [
        {word for word in other if not any(_is_formed(word, own) for own in name.distinctive)} for other in others
    ]
    return len(name.distinctive) < _PAIR or shares >= _PAIR or sum(found) >= _PAIR or not any(foreign)


def _is_formed(form: str, word: str) -> bool:
    """Whether a form is this word or made of it: "Tavrian" of "Tavria"."""
    shared = next(
        (n for n, (one, other) in enumerate(zip(form, word, strict=False)) if one != other), min(len(form), len(word))
    )
    return form == word or shared >= max(_ROOT, _SHARED * max(len(word), len(form)))


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


def find_disagreements(
    question: Question, evidence: Sequence[Evidence], similarity: TokenSimilarity
) -> list[DraftDisagreement]:
    """Where the articles of this evidence answer the question differently: one disagreement, of two sides, or none."""
    positions = positions_of(question, evidence, similarity)[:ARTICLES]
    for one, other in combinations(positions, 2):
        if (
            (is_polar(question) or _both_answer(one, other))
            and _on_one_subject(question, one, other)
            and _differ(question, one, other, similarity)
        ):
            earlier, later = _by_date(one, other)
            kind = classify(question, earlier.item.quote, later.item.quote, earlier.values, later.values)
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
    asked = {word for name in find_names(question.parsed) for word in name.words}
    theirs, ours = (
        {word for name in find_names(around(each.item)) for word in name.distinctive} - asked for each in (one, other)
    )
    are_named = one.is_named and other.is_named
    if theirs & ours and not _lacks_full_name(question, one, other):
        return True
    if are_named and (asked or not (theirs and ours and _ONE_OF_MANY.search(question.text))):
        return True
    if not (one.is_named or other.is_named):
        return False
    silent = other if one.is_named else one
    beside = parse(f"{silent.item.quote.article.title}. {silent.item.surroundings}")
    return not any(name.distinctive - asked for name in find_names(beside))


def _names_in_small_letters(question: Question, one: Position, other: Position) -> bool:
    """Whether a question without capitals has a name, as the one article writes it, that the other does not hold."""
    asked = question.parsed
    if not asked.normalized[1:].islower():
        return False
    words = {word.lower for word in asked.words if word.content}
    texts = [around(each.item) for each in (one, other)]
    held = [text.stems for text in texts]
    for text, others in zip(texts, reversed(held), strict=True):
        written = {word.lower: word.stem for word in text.words if word.text[:1].isupper() and not word.opening}
        small = {word.lower for word in text.words if word.text.islower()}
        if any(word in written and word not in small and written[word] not in others for word in words):
            return True
    return False


def _lacks_full_name(question: Question, one: Position, other: Position) -> bool:
    """Whether one of two answers does not name somebody or something that the question gives the full name of."""
    asked = question.parsed
    names = [name for name in find_names(asked) if len(name.distinctive) > 1]
    return any(not is_named(name, around(each.item)) for name in names for each in (one, other))


def _differ(question: Question, one: Position, other: Position, similarity: TokenSimilarity) -> bool:
    """Whether two articles that speak of the same answer differently."""
    own, others = one.item.quote, other.item.quote
    if _stands_in(own, others.article) or _stands_in(others, own.article) or _of_two_times(question, own, others):
        return False
    if is_polar(question):
        return one.side * other.side < 0
    if one.values and other.values:
        return _values_differ(question, one, other)
    if question.answer_type == "reason":
        if similarity.paraphrase_score(question.parsed, parse(own.text), parse(others.text)) > 0:
            return False
        return _denies(question, one.item, other.item, similarity) or _denies(
            question, other.item, one.item, similarity
        )
    return False


def _of_two_times(question: Question, own: Quote, other: Quote) -> bool:
    """Whether each quote tells how it was at a time of its own; what lasts or is done once has no such times."""
    is_timed = "direction" in axes_of(question.text) if is_polar(question) else question.answer_type != "date"
    return is_timed and not find_figures(question.parsed).dates and times_apart(own, other)


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


def _denies(question: Question, one: Evidence, other: Evidence, similarity: TokenSimilarity) -> bool:
    """Whether a text turns down, in so many words, what another gives as the answer."""
    theirs = parse(f"{other.quote.article.title}. {other.quote.text}")
    parsed = parse(one.surroundings)
    words = parsed.words
    known = {word for name in find_names(parsed) for word in name.words}
    turned: list[Word] = []
    for match in _TURNED_DOWN.finditer(parsed.normalized):
        turned += [word for word in words if word.start >= match.end()][:_REACH]
    for match in _HAD_NO_PART.finditer(parsed.normalized):
        turned += [word for word in words if word.start < match.start()][-_REACH:]
    candidates = {
        word.text: word.stem
        for word in turned
        if word.content and word.stem not in question.stems and word.lower not in known
    }
    if not candidates:
        return False
    near = similarity.counterparts(parsed, [theirs])
    return any(each.word in candidates and each.cosine >= DENIED for each in near)


def _stands_in(quote: Quote, article: Article) -> bool:
    """Whether another article says the same in the same words, as where both print what an agency sent."""
    return _plain(quote.text) in _plain(article.text)


def _plain(text: str) -> str:
    return " ".join(word.lower for word in parse(text).words)
