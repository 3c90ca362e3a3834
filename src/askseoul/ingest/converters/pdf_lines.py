"""What is known of the lines of a PDF page.

Places are in points, ``x`` to the right and ``y`` downwards, on the page turned so that most of its text is upright.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

HYPHEN: Final = "\ufffe"
"""What stands for a hyphen at a line end that joins two lines, as PDFium writes it."""
RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@dataclass(slots=True)
class Table:
    """The cells of a table, those that are merged repeated, and how many of its rows are headers, if that is known."""

    rows: list[list[str]]
    headers: int | None


@dataclass(slots=True)
class Line:
    """A line, or a part of one between wide gaps."""

    text: str
    left: float
    right: float
    y: float
    """Of the baseline."""
    size: float
    """Of its type."""
    is_bold: bool = False
    is_continued: bool = False
    """Whether a space stood at its end, so that its last word is whole."""
    table: Table | None = None
    """The table for which it stands."""
    boxed: Sequence[Line] = ()
    """The lines of the box for which it stands."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line that is drawn: at ``at`` across, from ``begin`` to ``end`` along."""

    at: float
    begin: float
    end: float


@dataclass(slots=True)
class Page:
    """The lines of a page in PDFium's order, and how to turn other places on it."""

    lines: list[Line] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    """The texts of lines that run in another direction than most."""
    quadrant: int = 0
    comments: int = 0
    level: list[Rule] = field(default_factory=list)
    upright: list[Rule] = field(default_factory=list)
    cut_lines: int = 0
    """How many lines were cut at gaps."""


def upright(quadrant: int, x: float, y: float) -> tuple[float, float]:
    """Turn a place of the page's own coordinates such that text of this quadrant is upright, ``y`` downwards."""
    if quadrant % 2:
        return (y, x) if quadrant == 1 else (-y, -x)
    return (-x, y) if quadrant else (x, -y)
