"""Dates in English text, and ISO dates that are computed from a reference day.

``find_dates`` reads dates as far as the text gives them, so that they can be compared: ``4 June`` and ``June 4th`` are
the same day, and ``June`` matches each of its days.

The other functions compute what an expression relative to a reference day means ("last month"). They return *forms*,
functions from the reference day to an ISO date or interval. Where an article gives only the month or the year of its
publication, a form applies only if it yields the same result for each day of it. Weeks run from Monday to Sunday.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from askseoul.nlp import lexicon

Form = Callable[[date], str]
"""From the reference day to an ISO date, YYYY, YYYY-MM or YYYY-MM-DD, or to an interval, two of them with a ``/``."""
Direction = Literal["past", "last", "this", "future", "coming", "next"]
"""``past`` and ``future`` include the reference day itself; ``last``, ``coming`` and ``next`` exclude it."""

UNITS = lexicon.sequence("time", "units")
WEEKDAYS = lexicon.sequence("time", "weekdays")
MONTHS = tuple(month[:3] for month in lexicon.sequence("time", "months"))
"""The first three letters of each month, which are unique."""
_MONTH = rf"(?P<month>{lexicon.pattern('time', 'months', 'month_abbreviations')})\b\.?"
_AMBIGUOUS_MONTHS = lexicon.sequence("time", "ambiguous_months")
_PLAIN_MONTHS = [month for month in lexicon.sequence("time", "months") if month not in _AMBIGUOUS_MONTHS]
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?![\w.,]{0,12}[0-9])"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2}|2100)(?![0-9])"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\w){_YEAR}-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?!\w)",
        rf"(?<!\w){_YEAR}(?P<mark>[/.])[ ]?(?P<month>[01]?[0-9])(?P=mark)[ ]?(?P<day>[0-3]?[0-9])(?![\w/])",
        rf"(?<!\w)(?P<day>[0-3]?[0-9])\.[ ]?(?P<month>[01]?[0-9])\.[ ]?{_YEAR}",
        rf"(?<![\w/-])(?P<day>[0-3]?[0-9])(?P<either>[/-])(?P<month>[0-3]?[0-9])(?P=either){_YEAR}(?![\w/-])",
        rf"(?<!\w){_YEAR}년(?:\s?(?P<month>[01]?[0-9])월(?:\s?(?P<day>[0-3]?[0-9])일)?)?",
        r"(?<!\w)(?P<month>1[0-2]|0?[1-9])월(?:\s?(?P<day>[0-3]?[0-9])일)?",
        rf"(?<!\w){_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+(?:the\s+)?(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?!\w|[.,][0-9])(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        rf"\b(?P<month>{'|'.join(_PLAIN_MONTHS)})\b",
        rf"(?<=\b(?:in|by|of|to) )(?P<month>{'|'.join(_AMBIGUOUS_MONTHS)})\b",
        rf"(?<=\b(?:since|until|after|early) )(?P<month>{'|'.join(_AMBIGUOUS_MONTHS)})\b",
        rf"\b(?P<weekday>{'|'.join(WEEKDAYS)})s?\b",
        r"(?<![\w.,])(?P<decade>(?:1[0-9]|20)[0-9]0)'?s\b",
        rf"(?<![0-9.,$€£¥₩]){_YEAR}(?![0-9%]|[.,][0-9]|\w)",
    )
)

LARGEST_COUNT = 999
"""Maximum count of days, weeks, months, quarters or years in an expression; for decades, a tenth of it."""
_PUBLISHED = re.compile(r"([12][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_LONGEST_MONTH = 31
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_TO_DAY, _TO_MONTH, _TO_YEAR = 10, 7, 4
"""Length of an ISO date that is truncated to the day, the month or the year."""
_UNIT_PRECISION = {
    **dict.fromkeys(("day", "week", "weekend"), _TO_DAY),
    **dict.fromkeys(("month", "quarter"), _TO_MONTH),
    **dict.fromkeys(("year", "decade"), _TO_YEAR),
}
"""Precision of the first and the last day of a whole unit."""
_PERIOD_PRECISIONS = {
    "day": (_TO_DAY,),
    "week": (_TO_DAY,),
    "month": (_TO_DAY, _TO_MONTH),
    "quarter": (_TO_MONTH,),
    "year": (_TO_MONTH, _TO_YEAR),
    "decade": (_TO_YEAR,),
}
"""Precisions of the ends of a period that is counted in this unit, the most precise first."""
_APPROXIMATE_PRECISIONS = {"year": (_TO_YEAR,), "decade": (_TO_YEAR,), "month": (_TO_MONTH, _TO_YEAR)}
"""Precisions of an approximate time that is expressed in this unit; other units have all three."""


class Date(NamedTuple):
    """A date as far as the text gives it; ``start`` and ``end`` are offsets into the normalized text."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None
    decade: int | None
    text: str
    start: int
    end: int
    either: bool = False
    """Whether month and day may be each other, as in 12/06/2025; ``day`` is what comes first then."""

    def matches(self, other: Date) -> bool:
        """Whether the other date gives each part that this one gives, with the same value, in one of their readings."""
        return any(
            all(mine is None or mine == given for mine, given in zip(own, others, strict=True))
            for own in self._readings()
            for others in other._readings()
        )

    def _readings(self) -> list[tuple[int | None, ...]]:
        swapped = (self.year, self.day, self.month, self.weekday, self.decade)
        return [self[:5], swapped] if self.either else [self[:5]]


def find_dates(normalized: str, is_counting: Callable[[int, int], bool]) -> list[Date]:
    """Return the dates of a normalized text, the most complete forms first.

    ``is_counting`` says of the start and the end of four figures whether they count a unit and so are no year.
    """
    found: list[Date] = []
    taken = bytearray(len(normalized))
    for pattern in _DATES:
        for match in pattern.finditer(normalized):
            if taken.find(1, *match.span()) >= 0:
                continue
            parts = match.groupdict()
            name = parts.get("month")
            month = (int(name) if name.isdigit() else MONTHS.index(name[:3]) + 1) if name else None
            year, day, decade = (int(parts[part]) if parts.get(part) else None for part in ("year", "day", "decade"))
            if pattern is _DATES[-1] and is_counting(*match.span()):
                continue
            either = (
                "either" in parts and month is not None and day is not None and max(month, day) <= _MONTHS_IN["year"]
            )
            if "either" in parts and not either:  # the month is what can be one
                month, day = sorted((month or 0, day or 0))
                if month > _MONTHS_IN["year"] or day > _LONGEST_MONTH:
                    continue
            taken[match.start() : match.end()] = b"\1" * len(match.group())
            weekday = WEEKDAYS.index(parts["weekday"]) if parts.get("weekday") else None
            found.append(Date(year, month, day, weekday, decade, match.group(), *match.span(), either))
    return found


def date_range(published: str | None) -> tuple[date, date] | None:
    """Return the first and the last day of YYYY, YYYY-MM or YYYY-MM-DD from 1000 to 2999; None for any other text."""
    match = _PUBLISHED.fullmatch(published or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 1, month or 1, day or 1)
    except ValueError:
        return None
    return first, first if day else unit_bounds(first, "month" if month else "year")[1]


def resolve(forms: Sequence[Form], days: tuple[date, date] | None) -> str | None:
    """Return the result of the most precise form that is the same for all ``days`` (first, last), or None.

    Comparing the first and the last day suffices, because all forms are monotonic in the reference day.
    """
    if days is None:
        return None
    return next((form(days[0]) for form in forms if form(days[0]) == form(days[1])), None)


def whole_unit(unit: str, away: int, counted_in: str | None = None) -> tuple[Form, ...]:
    """Forms for the whole unit ``away`` units later: ``last month``, ``two weeks ago``.

    ``counted_in`` is the unit of ``away`` where it is another one: ``a decade ago`` is one year.
    """

    def form(day: date) -> str:
        return _interval(*unit_bounds(shift(day, counted_in or unit, away), unit), _UNIT_PRECISION[unit])

    return (form,)


def period(unit: str, count: int) -> tuple[Form, ...]:
    """Forms for the period from the day to ``count`` units later, or earlier: ``over the past two years``."""

    def form(precision: int) -> Form:
        def written(day: date) -> str:
            other = shift(day, unit, count)
            return _interval(min(day, other), max(day, other), precision)

        return written

    return tuple(form(precision) for precision in _PERIOD_PRECISIONS[unit])


def part_of_unit(unit: str, *, later: bool) -> tuple[Form, ...]:
    """Forms for the part of a unit before the day, or after it if ``later``: ``earlier this year``."""

    def form(precision: int) -> Form:
        def written(day: date) -> str:
            first, last = unit_bounds(day, unit)
            return _interval(day, last, precision) if later else _interval(first, day, precision)

        return written

    return tuple(form(precision) for precision in _PERIOD_PRECISIONS[unit])


def around_day(unit: str = "day") -> tuple[Form, ...]:
    """Forms for an approximate time around the day: ``recently``, ``in recent years``."""

    def form(precision: int) -> Form:
        return lambda day: day.isoformat()[:precision]

    return tuple(form(precision) for precision in _APPROXIMATE_PRECISIONS.get(unit, (_TO_DAY, _TO_MONTH, _TO_YEAR)))


def nearest_named(name: str, direction: Direction) -> tuple[Form, ...]:
    """Forms for the nearest weekday or month of an English name; ``this`` is the one of the same week or year.

    ``next Friday``, said on a Tuesday, is the Friday of that week to some and of the following week to others, so the
    form returns both dates. Months are handled the same way.
    """
    is_weekday = name in WEEKDAYS
    cycle, index = (7, WEEKDAYS.index(name)) if is_weekday else (12, MONTHS.index(name[:3]))

    def written(place: int) -> str:
        return date.fromordinal(place + 1).isoformat() if is_weekday else f"{place // 12}-{place % 12 + 1:02}"

    def form(day: date) -> str:
        here = day.toordinal() - 1 if is_weekday else day.year * 12 + day.month - 1
        back, ahead = (here - index) % cycle, (index - here) % cycle
        if direction in ("past", "last"):
            return written(here - (back if direction == "past" else back or cycle))
        if direction == "this":
            return written(here - here % cycle + index)
        place = here + (ahead if direction == "future" else ahead or cycle)
        if direction == "next" and place // cycle == here // cycle:
            return f"{written(place)}/{written(place + cycle)}"
        return written(place)

    return (form,)


def month_of_year(name: str, away: int) -> tuple[Form, ...]:
    """Forms for the month of an English name in the year ``away`` years later: ``in March last year``."""
    return (lambda day: f"{day.year + away:04}-{MONTHS.index(name[:3]) + 1:02}",)


def shift(day: date, unit: str, count: int) -> date:
    """Return the day ``count`` units later, or the last day of the target month if that month is too short."""
    if unit in ("day", "week", "weekend"):
        return day + timedelta(days=count if unit == "day" else 7 * count)
    year, month = divmod(day.year * 12 + day.month - 1 + count * _MONTHS_IN[unit], 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def unit_bounds(day: date, unit: str) -> tuple[date, date]:
    """Return the first and the last day of the ``unit`` ("week", "quarter", ...) that contains the day."""
    if unit == "day":
        return day, day
    if unit in ("week", "weekend"):
        monday = day - timedelta(days=day.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    months = _MONTHS_IN[unit]
    place = day.year * 12 + day.month - 1
    first = date((place - place % months) // 12, (place - place % months) % 12 + 1, 1)
    return first, shift(first, unit, 1) - timedelta(days=1)


def _interval(first: date, last: date, precision: int) -> str:
    """Write two days as an ISO interval truncated to ``precision`` characters, or as one date if they are equal."""
    start, end = first.isoformat()[:precision], last.isoformat()[:precision]
    return start if start == end else f"{start}/{end}"
