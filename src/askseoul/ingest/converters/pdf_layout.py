"""The reading order of a page: its lines in rows, cut into columns along white gutters, again and again.

This is a recursive cut along white space: a gutter is a place that several rows in succession leave white while text
stands on both of its sides. Where rows cross it, it ends; what stands above, left, right and below is cut in the same
way. Columns of figures or of a few words are no columns of text: they are left in one piece, for a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import Final

from askseoul.ingest.converters.pdf_lines import Line

_SAME_ROW: Final = 0.4
"""Baselines that differ by less than this multiple of the type size are of one row."""
_NARROWEST: Final = 0.55
"""Width of the narrowest gutter between columns, as a multiple of the type size."""
_TITLE: Final = 1.2
"""Lines of more than this multiple of the usual type size that stand above a column alone are not of it."""
_HIGH: Final = 8
"""Rows through which the gaps of justified text do not meet by chance."""
_FULL_STOPS: Final = (".", "!", "?", "…", "”", '"', ":", "。", ")")
_WHITE: Final = 1.1
"""The same for the room above and below a heading that stands above both columns."""
_LEAST_ROWS: Final = 3
_DEPTH: Final = 8
_CANDIDATES: Final = 6
_WORDS: Final = re.compile(r"[^\W\d_]+")
_PROSE_WORDS, _PROSE_LETTERS = 2, 9
_PROSE_SHARE: Final = 0.55
_MANY_WORDS: Final = 4
"""Words in half of the lines of running text, unless they fill their column."""
_FILLED: Final = 0.55
"""The share of the widest line that half of the lines of running text fill."""
_WIDEST_SPACE: Final = 1.2


@dataclass(slots=True)
class Row:
    """The lines on one baseline, from left to right."""

    lines: list[Line]
    y: float = field(init=False)
    left: float = field(init=False)
    right: float = field(init=False)
    size: float = field(init=False)

    def __post_init__(self) -> None:
        first = self.lines[0]
        self.y, self.left, self.right, self.size = first.y, first.left, first.right, first.size
        for line in self.lines[1:]:
            self.left, self.right = min(self.left, line.left), max(self.right, line.right)
            self.size = max(self.size, line.size)


@dataclass(slots=True)
class Block:
    """A part of a page that is read from top to bottom."""

    rows: list[Row]
    left: float = field(init=False)
    right: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = min(row.left for row in self.rows)
        self.right = max(row.right for row in self.rows)


def as_rows(lines: Sequence[Line]) -> list[Row]:
    """Return the rows of lines, from top to bottom."""
    groups: list[list[Line]] = []
    for line in sorted(lines, key=attrgetter("y")):
        if groups and line.y - groups[-1][0].y < _SAME_ROW * min(line.size, groups[-1][0].size):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [Row(sorted(group, key=lambda line: line.left) if len(group) > 1 else group) for group in groups]


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Return the blocks of a page in reading order."""
    rows = as_rows(lines)
    if all(len(row.lines) == 1 for row in rows) and not _stand_beside(rows):
        return [Block(rows)] if rows else []
    return list(_cut(rows, _DEPTH))


def _stand_beside(rows: Sequence[Row]) -> bool:
    """Whether some rows lie beside others without sharing a baseline: columns of which no two lines are level."""
    left_most = min((row.right for row in rows), default=0)
    right_most = max((row.left for row in rows), default=0)
    return right_most >= left_most and sum(row.left >= left_most for row in rows) >= _LEAST_ROWS


def _cut(rows: list[Row], depth: int) -> Iterator[Block]:
    if not rows:
        return
    gutter = _gutter(rows) if depth and len(rows) >= _LEAST_ROWS else None
    if gutter is None:
        yield Block(rows)
        return
    begin, end, x = gutter
    yield from _cut(rows[:begin], depth - 1)
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row in rows[begin:end]:
        for side, is_right in zip(sides, (False, True), strict=True):
            part = [line for line in row.lines if (line.left >= x) == is_right]
            if part:
                side.append(Row(part))
    for side in sides:
        yield from _cut(side, depth - 1)
    yield from _cut(rows[end:], depth - 1)


def _gutter(rows: list[Row]) -> tuple[int, int, float] | None:
    """Return the rows from and to which the tallest gutter reaches, and its place; None if there is none."""
    best: tuple[int, tuple[int, int, float]] | None = None
    usual = sorted(row.size for row in rows)[len(rows) // 2]
    narrowest = _NARROWEST * usual
    for x in _candidates(rows):
        for begin, end, left, right in _runs(rows, x, narrowest):
            place = (left + right) / 2
            while begin < end and rows[begin].size > _TITLE * usual and rows[begin].right <= place:
                begin += 1  # noqa: PLW2901
            if best is not None and end - begin <= best[0]:
                continue
            height = _height(rows[begin:end], place)
            if height and (best is None or height > best[0]) and _is_widest(rows[begin:end], place):
                best = height, (begin, end, place)
    if best is None:
        return None
    begin, end, place = best[1]
    return begin, _break(rows, begin, end, place, usual), place


def _break(rows: Sequence[Row], begin: int, end: int, x: float, usual: float) -> int:
    """Return the row at which columns end early: a heading over the left one beside which the right one is white.

    The rows right above and below it are of both columns, and the text above it goes on in the right column, or may.
    """
    lefts = [number for number in range(begin, end) if rows[number].left < x]
    rights = [number for number in range(begin, end) if rows[number].right > x]
    starts_anew = not next(line for line in rows[rights[0]].lines if line.left >= x).text[:1].islower()
    starts_anew &= _is_ended(rows[lefts[-1]], x)
    for number in range(begin + _LEAST_ROWS, end - 1):
        row, above, below = rows[number], rows[number - 1], rows[number + 1]
        if (
            row.size > _TITLE * usual
            and row.right <= x
            and all(other.left < x < other.right for other in (above, below))
            and min(row.y - above.y, below.y - row.y) > _WHITE * usual
            and (starts_anew or not _is_ended(above, x))
        ):
            return number
    return end


def _is_ended(row: Row, x: float) -> bool:
    """Whether the text left of a place ends with a full stop or the like."""
    return [line for line in row.lines if line.left < x][-1].text.rstrip().endswith(_FULL_STOPS)


def _candidates(rows: list[Row]) -> list[float]:
    """Return the places that most rows leave white with text on both sides, in the row or in other rows."""
    outer_left, outer_right = min(row.left for row in rows), max(row.right for row in rows)
    gaps: list[tuple[float, float, int, int]] = []  # from, to, whether text stands left and right of it
    for row in rows:
        edge, has_left = outer_left - 1, 0
        for line in row.lines:
            if line.left - edge > 0:
                gaps.append((edge, line.left, has_left, 1))
            edge, has_left = max(edge, line.right), 1
        gaps.append((edge, outer_right + 1, 1, 0))
    events = sorted(
        [(begin, left, right) for begin, _, left, right in gaps]
        + [(end, -left, -right) for _, end, left, right in gaps],
        key=lambda event: (event[0], -event[1] - event[2]),
    )
    found: list[tuple[int, float, float]] = []
    lefts = rights = 0
    for number, (place, left, right) in enumerate(events[:-1]):
        lefts, rights = lefts + left, rights + right
        width = events[number + 1][0] - place
        if width > 0 and min(lefts, rights) >= _LEAST_ROWS:
            found.append((min(lefts, rights), width, place + width / 2))
    found.sort(reverse=True)
    chosen: list[float] = []
    for _, _, place in found:
        if all(abs(place - other) > 12 for other in chosen):
            chosen.append(place)
            if len(chosen) == _CANDIDATES:
                break
    return chosen


def _runs(rows: list[Row], x: float, narrowest: float) -> Iterator[tuple[int, int, float, float]]:
    """Yield the runs of rows that leave the place white: their begin and end, and how far the white reaches."""
    begin, white_left, white_right = 0, float("-inf"), float("inf")
    for number, row in enumerate(rows):
        left, right = _white(row, x)
        narrower_left, narrower_right = max(left, white_left), min(right, white_right)
        if narrower_right - narrower_left >= narrowest:
            white_left, white_right = narrower_left, narrower_right
            continue
        if number > begin:
            yield begin, number, white_left, white_right
        if left < x < right:
            begin, white_left, white_right = number, left, right
        else:
            begin, white_left, white_right = number + 1, float("-inf"), float("inf")
    if begin < len(rows):
        yield begin, len(rows), white_left, white_right


def _white(row: Row, x: float) -> tuple[float, float]:
    """Return the white around a place in a row; an empty range if a line crosses it."""
    left, right = float("-inf"), float("inf")
    for line in row.lines:
        if line.right <= x:
            left = max(left, line.right)
        elif line.left >= x:
            right = min(right, line.left)
        else:
            return x, x
    return left, right


def _height(rows: Sequence[Row], x: float) -> int:
    """Return how many lines stand on the side that has fewer, 0 if a side is not prose."""
    sides: list[list[list[Line]]] = [[], []]
    for row in rows:
        for side, is_right in zip(sides, (False, True), strict=True):
            part = [line for line in row.lines if (line.left >= x) == is_right]
            if part:
                side.append(part)
    fewest = min(map(len, sides))
    return fewest if fewest >= _LEAST_ROWS and all(map(_is_prose, sides)) else 0


def _is_widest(rows: Sequence[Row], x: float) -> bool:
    """Whether the gap at a place is mostly the widest of its row, as those of justified text are not, or very high."""
    widest = count = 0
    for row in rows:
        at = other = 0.0
        for line, following in pairwise(row.lines):
            if line.right <= x <= following.left:
                at = following.left - line.right
            else:
                other = max(other, following.left - line.right)
        if at:
            count += 1
            widest += at >= other
    return 2 * widest >= count or count >= _HIGH


def _is_prose(rows: Sequence[Sequence[Line]]) -> bool:
    """Whether most rows are lines of running text."""
    prose = 0
    counts = []
    for row in rows:
        words = _WORDS.findall(" ".join(line.text for line in row))
        counts.append(len(words))
        prose += len(words) >= _PROSE_WORDS and sum(map(len, words)) >= _PROSE_LETTERS
    if prose < _PROSE_SHARE * len(rows):
        return False
    if sorted(counts)[len(counts) // 2] >= _MANY_WORDS:
        return True
    widths = sorted(width for row in rows for width in _widths(row))
    return widths[len(widths) // 2] >= _FILLED * widths[len(widths) * 4 // 5]


def _widths(row: Sequence[Line]) -> Iterator[float]:
    """Yield the widths of the parts of a row between gaps that are too wide for justified text."""
    left, right = row[0].left, row[0].right
    for line in row[1:]:
        if line.left - right > _WIDEST_SPACE * line.size:
            yield right - left
            left = line.left
        right = line.right
    yield right - left
