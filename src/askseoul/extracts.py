"""What the readers of the several kinds of files give: a file's text, and what the file states about itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleUnreadable

_DATE = re.compile(
    r"D:(?P<y1>\d{4})(?P<m1>\d\d)?(?P<d1>\d\d)?"
    r"|(?P<y2>\d{4})(?P<m2>\d\d)(?P<d2>\d\d)(?!\d)"
    r"|(?P<y3>\d{4})(?:[-/.](?P<m3>\d\d?)(?:[-/.](?P<d3>\d\d?))?)?(?!\d)"
)
_EARLIEST_YEAR: Final = 1400
_PLACEHOLDERS: Final = frozenset({"1970-01-01"})
"""Days that programs write where they know none."""
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The raw text of a file, its paragraphs apart by blank lines and its headings after ``#``, and what it states."""

    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None


def unreadable(path: Path, reason: str, remedy: str) -> ArticleUnreadable:
    """The error of a file that can't be read, worded alike for all kinds."""
    return ArticleUnreadable(f"{path} can't be read ({reason}): {remedy}")


def stated_date(written: str | None) -> str | None:
    """The ISO date at the beginning of a date as web pages, PDF and XML write it; None where no day can be meant.

    A day after tomorrow can't be meant either: nothing is published before it is written.
    """
    match = _DATE.match((written or "").strip())
    if match is None:
        return None
    year, month, day = (next((match[f"{part}{way}"] for way in "123" if match[f"{part}{way}"]), None) for part in "ymd")
    try:
        first = datetime(int(year or 0), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        return None
    stated = "-".join(part.zfill(2) for part in (year, month, day) if part)
    is_past = first <= datetime.now(UTC) + timedelta(days=1)
    return stated if first.year >= _EARLIEST_YEAR and is_past and stated not in _PLACEHOLDERS else None


def one_line(written: str | None) -> str | None:
    """What was written, in one line; None where that is nothing."""
    return " ".join((written or "").split()) or None


def raised(text: str) -> str:
    """Superscript text in superscript characters, where there are such: glued to a number it would read as part of
    it."""
    return text.translate(_RAISED) if set(map(ord, text)) <= _RAISED.keys() else text


def lowered(text: str) -> str:
    """Subscript text in subscript characters, where there are such."""
    return text.translate(_LOWERED) if set(map(ord, text)) <= _LOWERED.keys() else text
