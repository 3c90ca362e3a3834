"""Check sentences of somebody's own against the articles: what supports each, and what says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from askseoul.answering.assembly import cite
from askseoul.domain import CheckedClaim, Evidence, Quote, Support
from askseoul.index.store import Store
from askseoul.models.encoder import Encoder
from askseoul.models.graph import FloatMatrix
from askseoul.models.reader import CONTRADICTED, SUPPORTED, EvidencedClaim, Reader
from askseoul.nlp.lines import kind_of
from askseoul.nlp.text import split_sentences
from askseoul.retrieval.evidence import select_evidence
from askseoul.retrieval.question import Question
from askseoul.retrieval.search import search
from askseoul.verification.claim import verify_claim

HITS: Final = 12
"""Passages retrieved for a claim."""
TOGETHER: Final = 3
"""Sentences that may support a claim together."""
SAYS_OTHERWISE: Final = 0.6
"""Least probability that a sentence contradicts a claim, to be shown against it."""
MOST_COUNTER: Final = 2
"""Sentences that are shown against a claim."""
NEAREST: Final = 8
"""Sentences, best first, that may say otherwise: one that is further off speaks of something else."""
_RANK: Final = {"supported": 3, "contradicted": 2, "partly": 1, "unsupported": 0}


def claims_of(text: str) -> list[str]:
    """Return the sentences of a draft, without its headings and lines that hold no letter."""
    spans = [span for span in split_sentences(text) if kind_of(text, span) != "heading"]
    return [each for span in spans if any(map(str.isalpha, each := text[span.start : span.end]))]


def check_against(text: str, quotes: Sequence[Quote], reader: Reader) -> CheckedClaim:
    """Check a claim against these quotes: all must be said by them together."""
    support = _support(text, quotes, reader)
    cited = tuple(cite(quote, number) for number, quote in enumerate(quotes, 1))
    against = cited if support.verdict == "contradicted" else ()
    return CheckedClaim(text, support.verdict, support.support, support.checks, () if against else cited, against)


def check_claim(claim: Question, *, store: Store, encoder: Encoder, reader: Reader) -> CheckedClaim:
    """Check a claim against the sentences of the index that come nearest, up to TOGETHER of them together."""
    hits = search(claim.text, encoder=encoder, store=store, count=HITS)
    evidence = select_evidence(claim, hits, encoder=encoder)
    if not evidence:
        return CheckedClaim(claim.text, "unsupported", 0.0, (), (), ())
    read = reader.supports([EvidencedClaim(claim.text, [item.quote.text], item.before) for item in evidence])
    tried = [(quotes, _support(claim.text, quotes, reader)) for quotes in _ways(evidence, read)]
    quotes, support = max(tried, key=lambda pair: _decided(pair[1]))
    against = quotes if support.verdict == "contradicted" else []
    if not against and support.verdict != "supported":
        against = _counter(evidence, read)
    cited = tuple(cite(quote, number) for number, quote in enumerate(against or quotes, 1))
    if against:
        return CheckedClaim(claim.text, "contradicted", support.support, support.checks, (), cited)
    return CheckedClaim(claim.text, support.verdict, support.support, support.checks, cited, ())


def _support(text: str, quotes: Sequence[Quote], reader: Reader) -> Support:
    """The support of the whole claim; of the worst of its sentences if one of them is not supported."""
    supports = [support for _, support in verify_claim(text, quotes, reader, exact=False)]
    return min(supports, key=lambda support: (support.verdict == "supported", support.support))


def _decided(support: Support) -> tuple[int, float]:
    """What orders supports: a contradiction is the surer, the less it looks supported."""
    contradicts = support.verdict == "contradicted"
    return _RANK[support.verdict], -support.support if contradicts else support.support


def _ways(evidence: Sequence[Evidence], read: FloatMatrix) -> Iterator[list[Quote]]:
    """Yield the likeliest single sentences, and the likeliest ones together, in the order of their articles."""
    order = [int(place) for place in np.argsort(-read[:, SUPPORTED], kind="stable")[:TOGETHER]]
    quotes = [evidence[place].quote for place in order]
    for quote in quotes:
        yield [quote]
    for count in range(2, len(quotes) + 1):
        yield sorted(quotes[:count], key=lambda quote: (quote.article.id, quote.start))


def _counter(evidence: Sequence[Evidence], read: FloatMatrix) -> list[Quote]:
    """The sentences that say otherwise, the likeliest first."""
    contradicted = read[:NEAREST, CONTRADICTED]
    order = [int(place) for place in np.argsort(-contradicted, kind="stable")[:MOST_COUNTER]]
    return [evidence[place].quote for place in order if contradicted[place] >= SAYS_OTHERWISE]
