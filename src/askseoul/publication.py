"""When articles were published, as far as they say so, and which of them were out by a date.

A date may be a year, a month or a day, and then it allows several days. What is dated ``2024`` is certainly out when
2024 is over and not before, so it is the last day that counts, on both sides.
"""

from __future__ import annotations

import calendar
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

from askseoul.errors import UsageError

_FORM = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")


class Where(TypedDict, total=False):
    """Which articles a question is put to, as a caller says it; ``AskSeoul.ask`` tells what the dates mean."""

    as_of: str | date | None
    since: str | date | None
    within: Iterable[str]


@dataclass(frozen=True, slots=True)
class Day:
    """A date that bounds what a question is put to."""

    written: str
    """As it was given: YYYY, YYYY-MM or YYYY-MM-DD."""
    first: date
    last: date
    """The first and the last day that it allows."""


@dataclass(frozen=True, slots=True)
class Scope:
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


def read_day(given: str | date) -> Day:
    """The date by which, or since which, to look. Raises UsageError where it has another form or is none."""
    try:
        if isinstance(given, date):
            day = date(given.year, given.month, given.day)
            return Day(f"{given.year:04}-{given.month:02}-{given.day:02}", day, day)
        if isinstance(given, str) and _FORM.fullmatch(given):
            return Day(given, earliest_day(given), latest_day(given))
    except ValueError:
        pass  # as 2023-02-29 is of the form and no day
    raise UsageError(
        f"{reprlib.repr(given)} is no date as of which to answer: give a day, a month or a year, such as 2024-05-01, "
        "2024-05 or 2024."
    )


def read_ids(given: object) -> list[str]:
    """The ids of the articles to look at; none are all. Raises UsageError for what is no list of them: from a file or
    over the network anything may come."""
    if given is None:
        return []
    named = list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else None
    if named is None or not all(isinstance(each, str) for each in named):
        raise UsageError(f"within is {reprlib.repr(given)}: give a list of articles' ids.")
    return named


def scope_within(
    dated: Mapping[str, str], undated: int, *, as_of: Day | None, since: Day | None, within: frozenset[str] | None
) -> Scope:
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
    scope = Scope(len(dated) + undated, undated, within=tuple(sorted(within or ())), ids=within)
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


def why_none(scope: Scope) -> str:
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
