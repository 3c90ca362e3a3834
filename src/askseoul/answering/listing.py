"""Lists of all people, sums, dates or figures that the articles name: one sentence for each that is new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

from askseoul.answering.summary import about
from askseoul.domain import Quote
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.reader import Reader
from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names, is_person
from askseoul.nlp.numerals import CODE
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, parse
from askseoul.nlp.units import MONEY
from askseoul.retrieval.requests import Request

MOST: Final = 24
"""Sentences of a list."""
_OF_LISTS = lexicon.words("requests", "of_lists")


def list_all(
    request: Request, *, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[Quote]:
    """Return the sentences that name what a request wants all of, in the order of the articles' dates, each naming one
    that those before do not; none if it asks for things of no kind that can be told by their form."""
    words = [word for word in parse(request.subject).words if word.lower not in _OF_LISTS]
    kinds = [(kind, find) for kind, find in _KINDS.items() if any(word.lower in kind for word in words)]
    if not kinds:
        return []
    kind, find = kinds[0]
    topic = " ".join(word.text for word in words if word.lower not in kind and word.content)
    seen: set[Hashable] = set()
    quotes = []
    for quote in about(topic, store=store, encoder=encoder, reader=reader, within=within):
        new = set(find(parse(quote.text))) - seen
        if new:
            seen |= new
            quotes.append(quote)
    return quotes[:MOST]


def _people(parsed: ParsedText) -> Iterable[Hashable]:
    return (name.words[-1] for name in find_names(parsed) if is_person(name) and len(name.words) > 1)


def _sums(parsed: ParsedText) -> Iterable[Hashable]:
    return ((each.value, each.unit) for each in find_figures(parsed).quantities if each.unit in MONEY)


def _dates(parsed: ParsedText) -> Iterable[Hashable]:
    return (each[:3] for each in find_figures(parsed).dates if each.year or each.month)


def _numbers(parsed: ParsedText) -> Iterable[Hashable]:
    figures = find_figures(parsed).quantities
    return ((each.value, each.unit) for each in figures if not each.referring and each.unit not in ("ordinal", CODE))


_KINDS: dict[frozenset[str], Callable[[ParsedText], Iterable[Hashable]]] = {
    lexicon.words("requests", "people"): _people,
    lexicon.words("requests", "money"): _sums,
    lexicon.words("requests", "dates"): _dates,
    lexicon.words("requests", "numbers"): _numbers,
}
"""By the words that name a kind, what finds the things of that kind in a text."""
