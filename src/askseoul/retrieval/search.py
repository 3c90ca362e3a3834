"""Search: the passages that match a question best, and the filter that selects the articles to search.

Passages are ranked by meaning (cosine of the vectors of whole texts) and by words (BM25). Both scores are put on one
scale and added, and the best candidates are reranked by late interaction (Khattab and Zaharia, 2020, "ColBERT") with
the token vectors of the same encoder. Scores are fused rather than ranks, because with reciprocal rank fusion (Cormack
et al., 2009) the weaker ranking pulls the stronger one down: nDCG@10 on 8,096 paragraphs is 0.815 with ranks, 0.851
with scores, and 0.844 with the better ranking alone. ``evals.quality.retrieval`` measures this.

A filter selects articles by id and by date of publication. A date may be a year, a month or a day. An article dated
``2024`` is certain to be published only when 2024 is over, so the last day that its date allows is compared with
``as_of``, and the first day with ``since``.
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
from askseoul.models.encoder import Encoder, Encoding
from askseoul.models.graph import FloatMatrix
from askseoul.nlp import lexicon
from askseoul.nlp.text import parse

CANDIDATES = 60
"""Number of passages that each of the two rankings proposes."""
RERANKED = 25
"""Number of candidates that are reranked. From 20 to 60, nDCG@10 differs by at most 0.002."""
FUSION_LEXICAL_WEIGHT = 0.4
RERANK_LEXICAL_WEIGHT = 0.25
RERANK_DENSE_WEIGHT = 0.75
"""Weights of the scores. In the fusion, the cosine has the weight 1; in reranking, late interaction has it. With
reranking weights from 0.3 to 1.5 (dense) and from 0 to 0.3 (lexical), nDCG@10 changes by 0.01 on 250 questions over
8,096 paragraphs, and by 0.04 on 33 questions over three articles."""
_STOP_WORDS = lexicon.words("words", "search_stop_words")
"""Words that BM25 ignores. Fewer than the function words, because "last" and "most" distinguish questions (0.721
against 0.710 nDCG@10)."""
_SATURATION = 2.2
"""k1 + 1 of BM25: the limit of a term's score, as a multiple of its weight, when the term fills a short passage."""
_FORM = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")


class FilterOptions(TypedDict, total=False):
    """Which articles to search, as callers give it; ``AskSeoul.ask`` documents the options."""

    as_of: str | date | None
    since: str | date | None
    within: Iterable[str]


@dataclass(frozen=True, slots=True)
class DateBound:
    """A date that bounds the search: a year, a month or a day."""

    written: str
    """As it was given: YYYY, YYYY-MM or YYYY-MM-DD."""
    first: date
    last: date
    """The first and the last day of that year, month or day."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles of a collection are searched, and why the others are excluded."""

    articles: int
    """Number of articles that are searched."""
    undated: int
    """Number of articles without a date, of ``within`` or of the collection. A filter by date excludes them."""
    later: int = 0
    """Number of articles that are excluded because they were, or may have been, published after ``as_of``."""
    earlier: int = 0
    """Number of articles that are excluded because they were, or may have been, published before ``since``."""
    as_of: str | None = None
    since: str | None = None
    within: tuple[str, ...] = ()
    """The dates and article ids that were given; without ids, the filter selects from all articles."""
    ids: frozenset[str] | None = None
    """Ids of the articles that are searched; None means all."""
    dates: tuple[str, str] | None = None
    """The earliest and the latest date of the articles before the filter by date; None without such a filter."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that either ranking proposed for a question, each with the scores of both rankings."""

    question: Encoding
    dense: dict[PassageKey, float]
    """Cosines in [-1, 1]."""
    lexical: dict[PassageKey, float]
    """BM25 scores as shares, in [0, 1], of the highest score that the question's terms allow; 0 for passages that BM25
    did not propose."""


def search(
    question: str, *, encoder: Encoder, store: Store, count: int, within: frozenset[str] | None = None
) -> list[Hit]:
    """Return the ``count`` best passages for a question, best first, and ties in the order of the texts.

    There are at most twice CANDIDATES. With ``within``, only passages of these articles are searched; the weights of
    words are still those of the whole collection.
    """
    with store.snapshot(needs_chroma=within is None):
        candidates = propose_candidates(question, encoder=encoder, store=store, within=within)
        return rerank(candidates, max(count, RERANKED), encoder=encoder, store=store)[:count]


def propose_candidates(
    question: str, *, encoder: Encoder, store: Store, within: frozenset[str] | None = None
) -> Candidates:
    """Return the best CANDIDATES passages of each ranking, only of the articles in ``within`` if that is given."""
    encoded = encoder.encode_query([question])[0]
    dense = dict(store.nearest(encoded.vector, CANDIDATES, within))
    counts, passages = store.document_frequencies(content_terms(question))
    ceiling = _SATURATION * sum(_inverse_document_frequency(count, passages) for count in counts.values() if count)
    found = dict(store.bm25_search(counts, CANDIDATES, within)) if ceiling else {}
    missed = [key for key in found if key not in dense]
    dense |= dict(zip(missed, (store.vectors(missed) @ encoded.vector).tolist(), strict=True))
    return Candidates(encoded, dense, {key: found.get(key, 0.0) / ceiling if ceiling else 0.0 for key in dense})


def fuse(candidates: Candidates) -> dict[PassageKey, float]:
    """Return the candidates with the weighted sums of their scores, best first."""
    fused = {key: cosine + FUSION_LEXICAL_WEIGHT * candidates.lexical[key] for key, cosine in candidates.dense.items()}
    return {key: fused[key] for key in sorted(fused, key=lambda key: (-fused[key], key))}


def rerank(candidates: Candidates, count: int = RERANKED, *, encoder: Encoder, store: Store) -> list[Hit]:
    """Rerank the first ``count`` fused candidates by late interaction and both scores, best first."""
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
    """Yield each passage's token vectors: from the index if it has them, otherwise encoded now."""
    kept = [found.tokens for found in loaded.values() if found.tokens is not None]
    missing = [embedded_text(found.article, found.passage) for found in loaded.values() if found.tokens is None]
    expanded = iter(dequantize(kept, candidates.question.tokens.shape[1]))
    encoded = iter(encoder.encode_document(missing) if missing else ())
    for found in loaded.values():
        yield next(encoded).tokens if found.tokens is None else next(expanded)


def late_interaction(question: FloatMatrix, text: FloatMatrix) -> float:
    """Return the mean, over the question's tokens, of the best cosine with a token of the text, in [-1, 1].

    ``question`` and ``text`` are (tokens, dimension) with rows of length 1. The result is 0 if one has no tokens.
    """
    if not len(question) or not len(text):
        return 0.0
    # Not `@`: for matrices this small the threads of BLAS wait for each other, 26 ms a passage on two busy cores.
    return float(np.mean(np.max(np.einsum("qd,td->qt", question, text), axis=1)))


def content_terms(question: str) -> list[str]:
    """Return the words of a question that BM25 searches for, in order, without duplicates: all but the stop words, or
    all words if all are stop words."""
    words = list(dict.fromkeys(word.lower for word in parse(question).words))
    return [word for word in words if word not in _STOP_WORDS] or words


def _inverse_document_frequency(count: int, passages: int) -> float:
    """Return the BM25 weight of a term that ``count`` of the passages contain: the log odds that a passage lacks it."""
    return max(math.log((passages - count + 0.5) / (count + 0.5)), 1e-6)


def select_articles(
    dated: Mapping[str, str],
    undated: int,
    *,
    as_of: DateBound | None,
    since: DateBound | None,
    within: frozenset[str] | None,
) -> Filter:
    """Select the articles to search, from those in ``within`` or from all.

    ``dated`` maps ids to dates, and ``undated`` is the number of articles without a date. An article is selected if it
    was certainly published by the end of ``as_of`` and not before ``since``; one without a date is not certain. Raises
    UsageError if ``since`` is after ``as_of``.
    """
    if as_of is not None and since is not None and as_of.last < since.first:
        raise UsageError(
            f"No article is published since {since.written} and by {as_of.written}: exchange the two dates."
        )
    if within is not None:
        dated = {article_id: dated[article_id] for article_id in within if article_id in dated}
        undated = len(within) - len(dated)
    unbounded = Filter(len(dated) + undated, undated, within=tuple(sorted(within or ())), ids=within)
    if as_of is None and since is None:
        return unbounded
    in_order = sorted(set(dated.values()), key=lambda published: (latest_day(published), published))
    too_late = {each for each in in_order if as_of is not None and latest_day(each) > as_of.last}
    too_early = {each for each in in_order if since is not None and earliest_day(each) < since.first} - too_late
    ids = frozenset(each for each, published in dated.items() if published not in too_late | too_early)
    return replace(
        unbounded,
        articles=len(ids),
        later=sum(published in too_late for published in dated.values()),
        earlier=sum(published in too_early for published in dated.values()),
        as_of=None if as_of is None else as_of.written,
        since=None if since is None else since.written,
        ids=ids,
        dates=(in_order[0], in_order[-1]) if in_order else None,
    )


def explain_empty_filter(article_filter: Filter) -> str:
    """Return a sentence that says why a filter by date selects no article; empty if there is none to select from."""
    if article_filter.dates is None and not article_filter.undated:
        return ""
    if article_filter.as_of is None and article_filter.since is None:
        return ""
    first, last = article_filter.dates or (None, None)
    if article_filter.since is None:
        when, nearest = f"by {article_filter.as_of}", f"; the earliest is dated {first}"
    elif article_filter.as_of is None:
        when, nearest = f"since {article_filter.since}", f"; the latest is dated {last}"
    else:
        when, nearest = f"from {article_filter.since} to {article_filter.as_of}", f"; they are dated {first} to {last}"
    were = "article was" if article_filter.undated == 1 else "articles were"
    undated = f", and {article_filter.undated:,} undated {were} left out" if article_filter.undated else ""
    return f"None is certain to have been published {when}{nearest if article_filter.dates else ''}{undated}."


def parse_date_bound(given: str | date) -> DateBound:
    """Parse the date of ``as_of`` or ``since``. Raises UsageError if it has another form or does not exist."""
    try:
        if isinstance(given, date):
            day = date(given.year, given.month, given.day)
            return DateBound(f"{given.year:04}-{given.month:02}-{given.day:02}", day, day)
        if isinstance(given, str) and _FORM.fullmatch(given):
            return DateBound(given, earliest_day(given), latest_day(given))
    except ValueError:
        pass  # such as 2023-02-29, which has the form of a date
    raise UsageError(
        f"{reprlib.repr(given)} is not a date: give a day, a month or a year, such as 2024-05-01, 2024-05 or 2024."
    )


def parse_article_ids(given: object) -> list[str]:
    """Return the ids of ``within``; an empty list selects all articles.

    Files and requests may contain any value; raises UsageError if it is not a list of strings.
    """
    if given is None:
        return []
    named = list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else None
    if named is None or not all(isinstance(each, str) for each in named):
        raise UsageError(f"within is {reprlib.repr(given)}: give a list of article ids.")
    return named


def earliest_day(published: str) -> date:
    """Return the first day of a date YYYY, YYYY-MM or YYYY-MM-DD. Raises ValueError if it does not exist."""
    year, month, day, *_ = *map(int, published.split("-")), 1, 1
    return date(year, month, day)


def latest_day(published: str) -> date:
    """Return the last day of a date YYYY, YYYY-MM or YYYY-MM-DD. Raises ValueError if it does not exist."""
    year, *rest = map(int, published.split("-"))
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) > 1 else calendar.monthrange(year, month)[1])


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """Return a hit as the JSON object that the command line and the page export."""
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
