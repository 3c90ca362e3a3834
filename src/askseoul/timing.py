"""Whether two quotes speak of different times: each figure is true of its own year."""

from __future__ import annotations

import re

from askseoul.domain import Quote
from askseoul.quantities import figures_of
from askseoul.relative_dates import relative_dates
from askseoul.words import fold

_QUARTER = re.compile(r"\b(first|second|third|fourth|last)[\s-]+quarter\b|\bQ([1-4])\b", re.IGNORECASE)
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_THAT_TIME = re.compile(
    r"\b(?:that|the\s+same)\s+(?:year|summer|winter|spring|autumn|month|quarter|season)\b", re.IGNORECASE
)
_SPAN = re.compile(
    r"\b(?:from|between)\s+[A-Z]\w+\s+(?:to|and|until)\s+[A-Z]|\b[A-Z]\w+\s+(?:to|through|until)\s+[A-Z]|"
    r"\bBetween\s+[A-Z]\w+\s+and\s+[A-Z]"
)
_BOUNDED = re.compile(r"\b(?:until|till|by|since|from|before|after|least)\s+$", re.IGNORECASE)
"""What stands before a time that something lasts to or begins at, and is not of."""
_AROUND = 240
"""Characters before a quote in which the year stands that it calls "that year"."""


def times_apart(own: Quote, other: Quote) -> bool:
    """Whether both quotes name times, and none that both could mean."""
    mine, theirs = _periods(own), _periods(other)
    if any(period[0] for period in mine) and any(period[0] for period in theirs):
        mine, theirs = ([period for period in each if period[0]] for each in (mine, theirs))
    return bool(mine and theirs) and not any(_meet(a, b) for a in mine for b in theirs)


_Period = tuple[int | None, int | None, int | None]
"""Year, first month and last month; None where the text leaves it open."""


def _periods(quote: Quote) -> list[_Period]:
    text = quote.text
    if _THAT_TIME.search(text):
        before = quote.article.text[max(0, quote.start - _AROUND) : quote.start]
        text = f"{before} {text}"
    found = _named(text)
    for each in relative_dates(quote.text, quote.article.published):
        is_long = each.means is not None and len(each.means.split("/")[0]) <= len("2024-01")
        if each.means and is_long and not each.vague and not each.text.endswith(("ago", "earlier")):
            found.append((int(each.means[:4]), None, None))
    return found or _named(quote.article.title)


def _named(text: str) -> list[_Period]:
    """The times that a text names; a month without a year is of the year that stands beside it."""
    folded = fold(text)
    dates = [
        date
        for date in figures_of(folded).dates
        if (date.year or date.month) and not _BOUNDED.search(folded[: date.start])
    ]
    years = [date.year for date in dates if date.year]
    year = years[0] if len(set(years)) == 1 else None
    quarter = _QUARTER.search(folded)
    if quarter:
        number = _QUARTERS[quarter[1].lower()] if quarter[1] else int(quarter[2])
        return [(year, 3 * number - 2, 3 * number)]
    months = [date.month for date in dates if date.month]
    if len(months) == 2 and _SPAN.search(folded):
        return [(year, months[0], months[1])]
    if len(set(months)) > 1:  # days on which things happen, not the time that a figure is of
        return [(each, None, None) for each in years]
    return [(date.year or year, date.month, date.month) for date in dates]


def _meet(own: _Period, other: _Period) -> bool:
    if own[0] and other[0] and own[0] != other[0]:
        return False
    if own[1] and other[1] and own[2] and other[2]:
        return own[1] <= other[2] and other[1] <= own[2]
    return True
