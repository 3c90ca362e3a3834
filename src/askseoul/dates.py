"""Dates read out of English text, as far as it gives them, so that they can be compared.

``4 June`` and ``June 4th`` are one day; ``June`` is any of its days.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
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
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b",
        r"(?<=\b(?:in|by|of|to) )(?P<month>March|May)\b",
        r"(?<=\b(?:since|until|after|early) )(?P<month>March|May)\b",
        rf"\b(?P<weekday>{'|'.join(_WEEKDAYS)})s?\b",
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
                number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
            year, day, weekday, decade = (parts.get(name) for name in ("year", "day", "weekday", "decade"))
            if pattern is _DATES[-1] and unit.match(text, match.end()):
                continue
            taken.append(match.span())
            found.append(
                Date(int(year) if year else None, number, int(day) if day else None,
                     _WEEKDAYS.index(weekday) if weekday else None, int(decade) if decade else None, match.group(),
                     *match.span())
            )  # fmt: skip
    return found
