"""When articles were published, as far as they say so, and which of them were out by a date.

A date may be a year, a month or a day, and then it allows several days. What is dated ``2024`` is certainly out when
2024 is over and not before, so it is the last day that counts, on both sides.
"""

from __future__ import annotations

import calendar
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from askseoul.errors import UsageError

_FORM = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class AsOf:
    """A date as of which a question is answered."""

    written: str
    """As it was given: YYYY, YYYY-MM or YYYY-MM-DD."""
    last: date
    """The last day that it allows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles of a collection a question is put to, and why the others are left out."""

    articles: int
    """How many it is put to."""
    undated: int
    """How many of the whole collection have no date."""
    later: int = 0
    """How many are left out because they were published later, or can't be said to have been out by then."""
    as_of: str | None = None
    ids: frozenset[str] | None = None
    """Those that it is put to; None is all."""
    earliest: str | None = None
    """The first of the dates of the whole collection, where it is asked as of a date."""


def latest_day(published: str) -> date:
    """The last day that a date YYYY, YYYY-MM or YYYY-MM-DD allows. Raises ValueError where there is no such day."""
    year, *rest = map(int, published.split("-"))
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) > 1 else calendar.monthrange(year, month)[1])


def read_as_of(given: str | date) -> AsOf:
    """The date as of which to answer. Raises UsageError where it has another form, or there is no such date."""
    try:
        if isinstance(given, date):
            return AsOf(f"{given.year:04}-{given.month:02}-{given.day:02}", date(given.year, given.month, given.day))
        if isinstance(given, str) and _FORM.fullmatch(given):
            return AsOf(given, latest_day(given))
    except ValueError:
        pass  # as 2023-02-29 is of the form and no day
    raise UsageError(
        f"{reprlib.repr(given)} is no date as of which to answer: give a day, a month or a year, such as 2024-05-01, "
        "2024-05 or 2024."
    )


def scope_as_of(as_of: AsOf, dated: Mapping[str, str], undated: int) -> Scope:
    """The articles that were certainly out by a date. ``dated`` are the articles with a date, ``undated`` how many have
    none; those are left out, since nothing tells when they were written."""
    last_days = {published: latest_day(published) for published in set(dated.values())}
    ids = frozenset(article_id for article_id, published in dated.items() if last_days[published] <= as_of.last)
    earliest = min(last_days, key=lambda published: (last_days[published], published), default=None)
    return Scope(len(ids), undated, len(dated) - len(ids), as_of.written, ids, earliest)


def why_none(scope: Scope) -> str:
    """Why no article is left to ask as of a date."""
    if scope.earliest is None and not scope.undated:
        return ""
    earliest = f"; the earliest is dated {scope.earliest}" if scope.earliest else ""
    were = "article was" if scope.undated == 1 else "articles were"
    undated = f", and {scope.undated:,} undated {were} left out" if scope.undated else ""
    return f"None is certain to have been published by {scope.as_of}{earliest}{undated}."
