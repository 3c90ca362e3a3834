"""How much an answer rests on: how many articles and different texts, how fresh they are, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from askseoul.domain import Citation, Coverage
from askseoul.publication import Scope


def cover(citations: Sequence[Citation], scope: Scope, retrieved: int) -> Coverage:
    """What these citations rest on, of the articles of the ``scope`` and of ``retrieved`` that were read."""
    cited = {citation.article_id: citation.published for citation in citations}
    dates = sorted(published for published in cited.values() if published)
    figures = Coverage(
        articles=scope.articles,
        retrieved=retrieved,
        cited=len(cited),
        oldest=dates[0] if dates else None,
        newest=dates[-1] if dates else None,
        undated=scope.undated,
        later=scope.later,
        earlier=scope.earlier,
        sources=count_sources(citations),
        message="",
    )
    return replace(figures, message=coverage_message(figures, len(cited) - len(dates), scope))


def count_sources(citations: Sequence[Citation]) -> int:
    """How many different texts are cited: articles that are quoted with the same words, whatever their case and white
    space, count once. A report that many papers print is one report."""
    quotes: dict[str, set[str]] = {}
    for citation in citations:
        quotes.setdefault(citation.article_id, set()).add(" ".join(citation.quote.casefold().split()))
    return len(set(map(frozenset, quotes.values())))


def coverage_message(coverage: Coverage, without_date: int, scope: Scope) -> str:
    """What a reader is told of it, in plain sentences. ``without_date`` is how many of the cited articles have none."""
    said = [_rests_on(coverage.articles, coverage.cited, coverage.sources)]
    if coverage.cited:
        said.append(_how_fresh(coverage.cited, coverage.oldest, coverage.newest, without_date))
    if scope.within:
        said.append(f"Asked of {counted(len(scope.within), 'chosen article')} only.")
    if scope.as_of is not None or scope.since is not None:
        said.append(f"{_when(scope)}: {_left_out(scope)}.")
    return " ".join(said)


def counted(number: int, noun: str) -> str:
    """So many of them: ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _rests_on(articles: int, cited: int, sources: int) -> str:
    if cited == 0:
        return "Rests on no article." if articles <= 1 else f"Rests on none of {articles:,} articles."
    if cited == 1:
        return "Rests on a single article."
    differing = "which do not differ" if sources == 1 else f"of which {sources:,} differ"
    alike = f", {differing} in what is quoted" if sources < cited else ""
    return f"Rests on {cited:,} of {articles:,} articles{alike}."


def _how_fresh(cited: int, oldest: str | None, newest: str | None, without_date: int) -> str:
    they_are = "It is" if cited == 1 else "They are"
    if oldest is None:
        return f"{they_are} undated."
    dates = oldest if oldest == newest else f"{oldest} to {newest}"
    others = f", but {without_date:,} {'is' if without_date == 1 else 'are'} undated" if without_date else ""
    return f"{they_are} dated {dates}{others}."


def _when(scope: Scope) -> str:
    if scope.since is None:
        return f"As of {scope.as_of}"
    return f"Since {scope.since}" + (f" and by {scope.as_of}" if scope.as_of is not None else "")


def _left_out(scope: Scope) -> str:
    counts = {"earlier": scope.earlier, "later": scope.later, "undated": scope.undated}
    kinds = [f"{number:,} {kind}" for kind, number in counts.items() if number]
    if not kinds:
        return "no article was left out"
    were = "article was" if sum(counts.values()) == 1 else "articles were"
    return f"{' and '.join(filter(None, [', '.join(kinds[:-1]), kinds[-1]]))} {were} left out"
