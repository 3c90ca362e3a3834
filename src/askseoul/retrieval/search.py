"""When articles were published, as far as they say so, and which of them were out by a date.

A date may be a year, a month or a day, and then it allows several days. What is dated ``2024`` is certainly out when
2024 is over and not before, so it is the last day that counts, on both sides.

A question into ranked passages: by meaning, by words, and by the best match of each of the question's tokens.

Two rankings propose candidates, the cosine of whole texts and BM25; their scores are put on one scale and added, and
the first of them are read again by late interaction (Khattab and Zaharia, 2020, "ColBERT") with the same encoder's
token vectors. Scores are fused, not ranks: with rank fusion (Cormack et al., 2009) a weak leg drags a strong one down,
0.815 against 0.844 nDCG@10 on 8,096 paragraphs, where this sum gives 0.851. ``evals.quality.retrieval`` measures this.
"""

from __future__ import annotations

import calendar
import math
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypedDict

import numpy as np

from askseoul.domain import Hit, PassageKey
from askseoul.errors import UsageError
from askseoul.index.store import Store, StoredPassage
from askseoul.index.vectors import dequantize
from askseoul.ingest.passages import embedded_text
from askseoul.models.encoder import Encoder, Encoding, FloatMatrix
from askseoul.nlp import lexicon
from askseoul.nlp.text import parse

_FORM = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")


class FilterOptions(TypedDict, total=False):
    """Which articles a question is put to, as a caller says it; ``AskSeoul.ask`` tells what the dates mean."""

    as_of: str | date | None
    since: str | date | None
    within: Iterable[str]


@dataclass(frozen=True, slots=True)
class DateBound:
    """A date that bounds what a question is put to."""

    written: str
    """As it was given: YYYY, YYYY-MM or YYYY-MM-DD."""
    first: date
    last: date
    """The first and the last day that it allows."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles of a collection a question is put to, and why the others are left out."""

    articles: int
    """How many it is put to."""
    undated: int
    """How many of the whole collection have no date."""
    later: int = 0
    """How many are left out because they were published later, or can't be said to have been out by then."""
    earlier: int = 0
    """How many are left out because they were published earlier, or may have been."""
    as_of: str | None = None
    since: str | None = None
    within: tuple[str, ...] = ()
    """The dates and the articles that it was asked for; no articles are all."""
    ids: frozenset[str] | None = None
    """Those that it is put to; None is all."""
    dates: tuple[str, str] | None = None
    """The first and the last of the dates of those it could have been put to, where it is asked by dates."""


def latest_day(published: str) -> date:
    """The last day that a date YYYY, YYYY-MM or YYYY-MM-DD allows. Raises ValueError where there is no such day."""
    year, *rest = map(int, published.split("-"))
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) > 1 else calendar.monthrange(year, month)[1])


def earliest_day(published: str) -> date:
    """The first day that a date YYYY, YYYY-MM or YYYY-MM-DD allows. Raises ValueError where there is no such day."""
    year, month, day, *_ = *map(int, published.split("-")), 1, 1
    return date(year, month, day)


def parse_date_bound(given: str | date) -> DateBound:
    """The date by which, or since which, to look. Raises UsageError where it has another form or is none."""
    try:
        if isinstance(given, date):
            day = date(given.year, given.month, given.day)
            return DateBound(f"{given.year:04}-{given.month:02}-{given.day:02}", day, day)
        if isinstance(given, str) and _FORM.fullmatch(given):
            return DateBound(given, earliest_day(given), latest_day(given))
    except ValueError:
        pass  # as 2023-02-29 is of the form and no day
    raise UsageError(
        f"{reprlib.repr(given)} is no date as of which to answer: give a day, a month or a year, such as 2024-05-01, "
        "2024-05 or 2024."
    )


def parse_article_ids(given: object) -> list[str]:
    """The ids of the articles to look at; none are all. Raises UsageError for what is no list of them: from a file or
    over the network anything may come."""
    if given is None:
        return []
    named = list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else None
    if named is None or not all(isinstance(each, str) for each in named):
        raise UsageError(f"within is {reprlib.repr(given)}: give a list of articles' ids.")
    return named


def select_articles(
    dated: Mapping[str, str],
    undated: int,
    *,
    as_of: DateBound | None,
    since: DateBound | None,
    within: frozenset[str] | None,
) -> Filter:
    """The articles that a question is put to, of those ``within`` or of all.

    ``dated`` are the articles with a date, ``undated`` how many have none. By ``as_of`` they were certainly out, and
    before ``since`` certainly not; what has no date is left out then, since nothing tells when it was written. Raises
    UsageError where no day lies between the two.
    """
    if as_of is not None and since is not None and as_of.last < since.first:
        raise UsageError(f"Nothing is published since {since.written} and by {as_of.written}: exchange the two dates.")
    if within is not None:
        dated = {article_id: dated[article_id] for article_id in within if article_id in dated}
        undated = len(within) - len(dated)
    scope = Filter(len(dated) + undated, undated, within=tuple(sorted(within or ())), ids=within)
    if as_of is None and since is None:
        return scope
    in_order = sorted(set(dated.values()), key=lambda published: (latest_day(published), published))
    too_late = {each for each in in_order if as_of is not None and latest_day(each) > as_of.last}
    too_early = {each for each in in_order if since is not None and earliest_day(each) < since.first} - too_late
    ids = frozenset(each for each, published in dated.items() if published not in too_late | too_early)
    return replace(
        scope,
        articles=len(ids),
        later=sum(published in too_late for published in dated.values()),
        earlier=sum(published in too_early for published in dated.values()),
        as_of=None if as_of is None else as_of.written,
        since=None if since is None else since.written,
        ids=ids,
        dates=(in_order[0], in_order[-1]) if in_order else None,
    )


def explain_empty_filter(scope: Filter) -> str:
    """Why no article is left to ask."""
    if scope.dates is None and not scope.undated:
        return ""
    first, last = scope.dates or (None, None)
    if scope.since is None:
        when, nearest = f"by {scope.as_of}", f"; the earliest is dated {first}"
    elif scope.as_of is None:
        when, nearest = f"since {scope.since}", f"; the latest is dated {last}"
    else:
        when, nearest = f"from {scope.since} to {scope.as_of}", f"; they are dated {first} to {last}"
    were = "article was" if scope.undated == 1 else "articles were"
    undated = f", and {scope.undated:,} undated {were} left out" if scope.undated else ""
    return f"None is certain to have been published {when}{nearest if scope.dates else ''}{undated}."


CANDIDATES = 60
"""Passages that each leg proposes."""
RERANKED = 25
"""Passages that late interaction reads again: 20 to 60 score within 0.002 of each other."""
FUSION_LEXICAL_WEIGHT = 0.4
RERANK_LEXICAL_WEIGHT = 0.25
RERANK_DENSE_WEIGHT = 0.75
"""Weights beside 1 for the cosine in the fusion, and for late interaction at last. With 0.3 to
1.5 and 0 to 0.3 at last, nDCG@10 moves by 0.01 on 250 questions over 8,096 paragraphs, by 0.04 on 33 over three
articles."""
_UNTELLING = lexicon.words("words", "search_stop_words")
"""Words that BM25 does without. Not all function words: "last" and "most" tell questions apart, 0.721 against 0.710."""
_SATURATION = 2.2
"""k1 + 1: what BM25 tends to, times the weight of a term, for a short passage full of that term."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that either leg proposed for a question, each with both legs' scores."""

    question: Encoding
    dense: dict[PassageKey, float]
    """Cosines in [-1, 1]."""
    lexical: dict[PassageKey, float]
    """Shares in [0, 1] of the highest BM25 that the question's terms could reach; 0 for what that leg did not
    propose."""


def search(
    question: str, *, encoder: Encoder, store: Store, count: int, within: frozenset[str] | None = None
) -> list[Hit]:
    """The ``count`` best passages for a question, best first, of at most twice CANDIDATES; ties in the texts' order.

    With ``within`` they are found among the passages of these articles, as if the index held no others; only how much
    a word tells is what it tells in the whole collection.
    """
    with store.snapshot(needs_chroma=within is None):
        candidates = propose_candidates(question, encoder=encoder, store=store, within=within)
        return rerank(candidates, max(count, RERANKED), encoder=encoder, store=store)[:count]


def propose_candidates(
    question: str, *, encoder: Encoder, store: Store, within: frozenset[str] | None = None
) -> Candidates:
    """The best CANDIDATES passages of each leg, all of them of the articles ``within`` where those are given."""
    encoded = encoder.encode_query([question])[0]
    dense = dict(store.nearest(encoded.vector, CANDIDATES, within))
    counts, passages = store.document_frequencies(content_terms(question))
    ceiling = _SATURATION * sum(_weight(count, passages) for count in counts.values() if count)
    found = dict(store.bm25_search(counts, CANDIDATES, within)) if ceiling else {}
    missed = [key for key in found if key not in dense]
    dense |= dict(zip(missed, (store.vectors(missed) @ encoded.vector).tolist(), strict=True))
    return Candidates(encoded, dense, {key: found.get(key, 0.0) / ceiling if ceiling else 0.0 for key in dense})


def fuse(candidates: Candidates) -> dict[PassageKey, float]:
    """The candidates with the weighted sum of both legs' scores, best first."""
    fused = {key: cosine + FUSION_LEXICAL_WEIGHT * candidates.lexical[key] for key, cosine in candidates.dense.items()}
    return {key: fused[key] for key in sorted(fused, key=lambda key: (-fused[key], key))}


def rerank(candidates: Candidates, count: int = RERANKED, *, encoder: Encoder, store: Store) -> list[Hit]:
    """The first ``count`` of the fused candidates, ordered by late interaction and both legs' scores, best first."""
    loaded = store.load(list(fuse(candidates))[:count])
    hits = []
    for (key, found), tokens in zip(loaded.items(), _token_vectors(candidates, loaded, encoder), strict=True):
        scores = {
            "dense": candidates.dense[key],
            "lexical": candidates.lexical[key],
            "late": late_interaction(candidates.question.tokens, tokens),
        }
        score = scores["late"] + RERANK_DENSE_WEIGHT * scores["dense"] + RERANK_LEXICAL_WEIGHT * scores["lexical"]
        hits.append(Hit(found.article, found.passage, score, scores))
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.article_id, hit.passage.start))


def _token_vectors(
    candidates: Candidates, loaded: Mapping[PassageKey, StoredPassage], encoder: Encoder
) -> Iterator[FloatMatrix]:
    """Each passage's token vectors, as the index keeps them; those that it does not keep are encoded."""
    kept = [found.tokens for found in loaded.values() if found.tokens is not None]
    missing = [embedded_text(found.article, found.passage) for found in loaded.values() if found.tokens is None]
    expanded = iter(dequantize(kept, candidates.question.tokens.shape[1]))
    encoded = iter(encoder.encode_document(missing) if missing else ())
    for found in loaded.values():
        yield next(encoded).tokens if found.tokens is None else next(expanded)


def late_interaction(question: FloatMatrix, text: FloatMatrix) -> float:
    """Mean over the question's tokens of the best cosine among the text's tokens, in [-1, 1]; 0 where one has none.

    ``question`` and ``text`` are (tokens, dimension), rows of length 1.
    """
    if not len(question) or not len(text):
        return 0.0
    # Not `@`: for matrices this small the threads of BLAS wait for each other, 26 ms a passage on two busy cores.
    return float(np.mean(np.max(np.einsum("qd,td->qt", question, text), axis=1)))


def content_terms(question: str) -> list[str]:
    """The question's words that carry content, in order, each once; all its words where none does."""
    words = list(dict.fromkeys(word.lower for word in parse(question).words))
    return [word for word in words if word not in _UNTELLING] or words


def _weight(count: int, passages: int) -> float:
    """How much a term tells that stands in so many of the passages, as BM25 has it: log odds that one lacks it."""
    return max(math.log((passages - count + 0.5) / (count + 0.5)), 1e-6)


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """A passage that was found as it is exported."""
    passage = hit.passage
    return {
        "article_id": hit.article.id,
        "title": hit.article.title,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": hit.score,
        "scores": dict(hit.scores),
    }
