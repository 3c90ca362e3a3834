"""Dates read out of English text, as far as it gives them, so that they can be compared.

``4 June`` and ``June 4th`` are one day; ``June`` is any of its days.

Days, weeks, months and years counted from a day, and written as ISO dates.

A *form* writes what an expression means for one day. The date of an article may be a month or a year; then a form says
something only where it says the same for every day of it. Weeks run from Monday to Sunday.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from askseoul.nlp import lexicon

UNITS = lexicon.sequence("time", "units")
WEEKDAYS = lexicon.sequence("time", "weekdays")
MONTHS = tuple(month[:3] for month in lexicon.sequence("time", "months"))
"""The first three letters of each month, which tell it from the others."""
_MONTH = rf"(?P<month>{lexicon.pattern('time', 'months', 'month_abbreviations')})\b\.?"
_AMBIGUOUS_MONTHS = lexicon.sequence("time", "ambiguous_months")
_PLAIN_MONTHS = [month for month in lexicon.sequence("time", "months") if month not in _AMBIGUOUS_MONTHS]
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?![\w.,]*[0-9])"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2}|2100)(?![0-9])"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\w){_YEAR}-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?!\w)",
        rf"(?<!\w)(?P<day>[0-3]?[0-9])\.(?P<month>[01]?[0-9])\.{_YEAR}",
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


class Date(NamedTuple):
    """A date as far as the text gives it."""

    year: int | None
    month: int | None
    day: int | None
    weekday: int | None
    decade: int | None
    text: str
    start: int
    end: int

    def matches(self, other: Date) -> bool:
        """Whether the other gives every part that this one gives, with the same value."""
        return all(own is None or own == given for own, given in zip(self[:5], other[:5], strict=True))


def dates_of(text: str, unit: re.Pattern[str]) -> list[Date]:
    """The dates of a folded text, the fullest forms first; a bare number before a ``unit`` is no year."""
    found: list[Date] = []
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            parts = match.groupdict()
            month = parts.get("month")
            number = None
            if month:
                number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
            year, day, weekday, decade = (parts.get(name) for name in ("year", "day", "weekday", "decade"))
            if pattern is _DATES[-1] and unit.match(text, match.end()):
                continue
            taken.append(match.span())
            found.append(
                Date(int(year) if year else None, number, int(day) if day else None,
                     WEEKDAYS.index(weekday) if weekday else None, int(decade) if decade else None, match.group(),
                     *match.span())
            )  # fmt: skip
    return found


Form = Callable[[date], str]
Direction = Literal["past", "last", "this", "future", "coming", "next"]
"""``past`` and ``future`` may be the day itself, ``last``, ``coming`` and ``next`` may not."""

LARGEST_COUNT = 999
"""The most days, weeks, months, quarters or years that are counted from a day; a tenth of it for decades."""

_PUBLISHED = re.compile(r"([12][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_TO_DAY, _TO_MONTH, _TO_YEAR = 10, 7, 4
"""Characters of an ISO date that is cut to this precision."""
_WHOLE = {
    **dict.fromkeys(("day", "week", "weekend"), _TO_DAY),
    **dict.fromkeys(("month", "quarter"), _TO_MONTH),
    **dict.fromkeys(("year", "decade"), _TO_YEAR),
}
"""How precisely the ends of a whole unit are written."""
_STRETCH = {
    "day": (_TO_DAY,),
    "week": (_TO_DAY,),
    "month": (_TO_DAY, _TO_MONTH),
    "quarter": (_TO_MONTH,),
    "year": (_TO_MONTH, _TO_YEAR),
    "decade": (_TO_YEAR,),
}
"""How precisely the ends of a stretch that is counted in this unit are written, the most precise first."""
_NEAR = {"year": (_TO_YEAR,), "decade": (_TO_YEAR,), "month": (_TO_MONTH, _TO_YEAR)}
"""How precisely the time about a day is written by those who speak of this unit."""


def days_of(published: str | None) -> tuple[date, date] | None:
    """The first and the last day of YYYY, YYYY-MM or YYYY-MM-DD from 1000 to 2999; None where it is none of them."""
    match = _PUBLISHED.fullmatch(published or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 1, month or 1, day or 1)
    except ValueError:
        return None
    return first, first if day else bounds(first, "month" if month else "year")[1]


def meaning(forms: Sequence[Form], days: tuple[date, date] | None) -> str | None:
    """What the most precise form says that says the same from the first to the last of the days.

    Comparing the two ends is enough, since no form goes back in time when its day goes forward.
    """
    if days is None:
        return None
    return next((form(days[0]) for form in forms if form(days[0]) == form(days[1])), None)


def shifted(day: date, unit: str, count: int) -> date:
    """The day so many units away; in a month that has no such day it is the last one."""
    if unit in ("day", "week", "weekend"):
        return day + timedelta(days=count if unit == "day" else 7 * count)
    year, month = divmod(day.year * 12 + day.month - 1 + count * _MONTHS_IN[unit], 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def bounds(day: date, unit: str) -> tuple[date, date]:
    """The first and the last day of the week, weekend, month and so on in which the day lies."""
    if unit == "day":
        return day, day
    if unit in ("week", "weekend"):
        monday = day - timedelta(days=day.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    months = _MONTHS_IN[unit]
    place = day.year * 12 + day.month - 1
    first = date((place - place % months) // 12, (place - place % months) % 12 + 1, 1)
    return first, shifted(first, unit, 1) - timedelta(days=1)


def interval(first: date, last: date, precision: int) -> str:
    """Two ISO dates cut to so many characters, or one where they are the same."""
    start, end = first.isoformat()[:precision], last.isoformat()[:precision]
    return start if start == end else f"{start}/{end}"


def whole(unit: str, away: int, counted_in: str | None = None) -> tuple[Form, ...]:
    """The whole unit so many units away: ``last month``, ``two weeks ago``, ``a decade ago`` as a year."""

    def form(day: date) -> str:
        return interval(*bounds(shifted(day, counted_in or unit, away), unit), _WHOLE[unit])

    return (form,)


def stretch(unit: str, count: int) -> tuple[Form, ...]:
    """From the day so many units ahead, or back where ``count`` is negative: ``over the past two years``."""

    def form(precision: int) -> Form:
        def written(day: date) -> str:
            other = shifted(day, unit, count)
            return interval(min(day, other), max(day, other), precision)

        return written

    return tuple(form(precision) for precision in _STRETCH[unit])


def part(unit: str, *, later: bool) -> tuple[Form, ...]:
    """The unit in which the day lies, up to the day or from it on: ``earlier this year``."""

    def form(precision: int) -> Form:
        def written(day: date) -> str:
            first, last = bounds(day, unit)
            return interval(day, last, precision) if later else interval(first, day, precision)

        return written

    return tuple(form(precision) for precision in _STRETCH[unit])


def near(unit: str = "day") -> tuple[Form, ...]:
    """The day itself, no more precisely than in the unit: ``recently``, ``in recent years``."""

    def form(precision: int) -> Form:
        return lambda day: day.isoformat()[:precision]

    return tuple(form(precision) for precision in _NEAR.get(unit, (_TO_DAY, _TO_MONTH, _TO_YEAR)))


def named(name: str, direction: Direction) -> tuple[Form, ...]:
    """The nearest day or month of this English name in the direction; ``this`` is the one of the same week or year.

    ``next Friday`` on a Tuesday is that week's to some and the following week's to others; both are given then, and so
    for months.
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
    """The month of this English name in the year so many years away: ``in March last year``."""
    return (lambda day: f"{day.year + away:04}-{MONTHS.index(name[:3]) + 1:02}",)
