"""Lists: the items of one that an article has, or all people, sums, dates or figures that the articles name, with one
sentence for each that is new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

from askseoul.answering.summary import about
from askseoul.domain import Quote, Span
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.reader import Reader
from askseoul.nlp import lexicon
from askseoul.nlp.entities import find_names, is_person
from askseoul.nlp.lines import heading_above, items_below, kind_of, lead_of, sentence_before
from askseoul.nlp.numerals import CODE
from askseoul.nlp.quantities import find_figures
from askseoul.nlp.text import ParsedText, parse
from askseoul.nlp.units import MONEY
from askseoul.retrieval.evidence import PASSAGES
from askseoul.retrieval.requests import Request
from askseoul.retrieval.search import search

MOST: Final = 24
"""Sentences of a list."""
OF_SUBJECT: Final = 0.6
"""Least share of a subject's words in what stands above a list of it."""
_OF_LISTS = lexicon.words("requests", "of_lists")


def list_all(
    request: Request, *, store: Store, encoder: Encoder, reader: Reader, within: frozenset[str] | None
) -> list[Quote]:
    """Return the sentences that name what a request wants all of, in the order of the articles' dates, each naming one
    that those before do not; none if it asks for things of no kind that can be told by their form."""
    if written := _written_list(request.subject, store, encoder, within):
        return written
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


def _written_list(subject: str, store: Store, encoder: Encoder, within: frozenset[str] | None) -> list[Quote]:
    """The items of the list that what stands above it says to be of a subject; none without such a list."""
    wanted = frozenset(word.stem for word in parse(subject).words if word.content and word.lower not in _OF_LISTS)
    lists: dict[Quote, list[Span]] = {}
    for hit in search(subject, encoder=encoder, store=store, count=PASSAGES, within=within) if wanted else ():
        text = hit.article.text
        for span in hit.passage.sentences:
            lead = lead_of(text, span) if kind_of(text, span) == "item" else None
            if lead is not None:
                lists[Quote(hit.article, lead.start, lead.end)] = items_below(text, lead)
    held = {lead: len(wanted & _stems_above(lead)) / len(wanted) for lead, items in lists.items() if len(items) > 1}
    best = max(held, key=lambda lead: held[lead], default=None)
    if best is None or held[best] < OF_SUBJECT:
        return []
    return [Quote(best.article, item.start, item.end) for item in lists[best]][:MOST]


def _stems_above(lead: Quote) -> frozenset[str]:
    """The stems of what introduces a list, of the sentence before that, the heading above, and the title."""
    text = lead.article.text
    heading = heading_above(text, Span(lead.start, lead.end))
    above = text[heading.start : heading.end] if heading else ""
    return parse("\n".join((lead.text, sentence_before(text, lead.start), above, lead.article.title))).stems


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
