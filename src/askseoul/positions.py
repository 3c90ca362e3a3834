"""What each article answers to a question: the value that it gives or the side that it takes, and in which sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from askseoul.asked_values import NOTHING, Values, values_of
from askseoul.attribution import attribute
from askseoul.domain import Evidence
from askseoul.meaning import Meaning
from askseoul.names import Name, named_forms, names_of
from askseoul.polarity import is_polar, side_taken
from askseoul.questions import Question
from askseoul.words import fold, words_of

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


def positions_of(question: Question, evidence: Sequence[Evidence], meaning: Meaning) -> list[Position]:
    """What the articles of this evidence answer, those that do, the article of the best evidence first.

    What stands in a scenario answers nothing: the article only imagines it."""
    found: dict[str, list[Evidence]] = {}
    for item in evidence:
        if attribute(item.quote).scenario is None:
            found.setdefault(item.quote.article.id, []).append(item)
    ranked = [sorted(items, key=lambda item: -(item.match + item.alone)) for items in found.values()]
    return [position for items in ranked if (position := _position(question, items, meaning)) is not None]


def _position(question: Question, items: Sequence[Evidence], meaning: Meaning) -> Position | None:
    """What an article answers in the best of its sentences that says something to the question."""
    if max(item.match for item in items) < ABOUT:
        return None
    if is_polar(question):
        naming = [item for item in items if item.match >= ABOUT and _names_it(question, item)]
        taken = side_taken(question, naming[:SENTENCES], meaning) or side_taken(question, items[:SENTENCES], meaning)
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
    sentence = fold(item.quote.text)
    names = [name for name in names_of(fold(question.text), (sentence,)) if name.telling]
    return not names or any(is_named(name, sentence) for name in names)


def _values(question: Question, item: Evidence, *, loose: bool) -> Values:
    return values_of(question, item.quote.text, item.quote.article.published, loose=loose)


def around(item: Evidence) -> str:
    """What stands around a sentence, folded, with its article's title."""
    quote = item.quote
    return fold(f"{quote.article.title}\n{quote.article.text[max(0, quote.start - AROUND) : quote.end + AROUND]}")


def has_names(question: Question, item: Evidence) -> bool:
    """Whether what stands around a sentence has the question's names."""
    text = around(item)
    names = [name for name in names_of(fold(question.text), (text,)) if name.telling]
    return all(is_named(name, text) for name in names)


def is_named(name: Name, text: str) -> bool:
    """Whether a text names this: half of the name's telling words, or words that are formed from them ("Tavrian"), and
    not only somebody with whom it shares one ("Vantor Logistics" for "Vantor Foods")."""
    forms = named_forms(text)
    everything = forms | {word.lower for word in words_of(text)}
    found = [any(_is_formed(form, word) for form in everything) for word in name.telling]
    is_written = any(_is_formed(form, word) for form in forms for word in name.telling)
    if (2 * sum(found) < len(found) or not is_written) and name.identity.isdisjoint(forms):
        return False
    others = [other.telling for other in names_of(text) if other.telling & name.telling]
    shares = max((len(other & name.telling) for other in others), default=0)
    foreign = [{word for word in other if not any(_is_formed(word, own) for own in name.telling)} for other in others]
    return len(name.telling) < _PAIR or shares >= _PAIR or sum(found) >= _PAIR or not any(foreign)


def _is_formed(form: str, word: str) -> bool:
    """Whether a form is this word or made of it: "Tavrian" of "Tavria"."""
    shared = next(
        (n for n, (one, other) in enumerate(zip(form, word, strict=False)) if one != other), min(len(form), len(word))
    )
    return form == word or shared >= max(_ROOT, _SHARED * max(len(word), len(form)))
