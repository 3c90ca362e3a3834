"""Tables without rules: rows whose parts stand one below the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Final

from askseoul.ingest.converters.pdf_layout import Row
from askseoul.ingest.converters.pdf_lines import Line, Table

_CELL_GAP: Final = 0.95
"""Parts of a row with a gap of more than this multiple of the type size are cells."""
_LONGEST_CELL: Final = 60
_MEAN_CELL: Final = 30
_BESIDE: Final = 2
"""Rows with cells that make a table; without figures, one more."""
_MOST_ROWS: Final = 400
_TRIES: Final = 10
"""At most so many beginnings of a table are tried in rows that may be of one."""
_SAME_CELL: Final = 1.6
"""A row without a first cell that is nearer than this multiple of the type size goes on in the cells above."""
_NEXT_LINE, _NOT_FIRST = 1.35, 3
"""Type sizes to the next line of a cell, and from the left edge of a table to a cell that is not the first."""
_MORE_ROOM: Final = 1.15
_HALF_LINE, _MOST_LEVELLED = 0.8, 6
"""Rows nearer than this multiple of the type size are of cells beside each other; so many at most are one."""
_LOWER_CASE: Final = 0.4
_MARKER: Final = re.compile(r"[•▪◦‣●○■·*–—-]|\(?(?:\d{1,2}|[a-z])[.)]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[*†‡§]")
_FIGURE: Final = re.compile(r"\d")
_YEAR: Final = re.compile(r"\D*(?:1[5-9]|20)\d\d\D*")

Cell = tuple[float, float, str]
"""Left edge, right edge, text."""


def cells_of(row: Row) -> list[Cell]:
    """Return the cells of a row; a mark of a list or a note belongs to what follows it."""
    cells: list[Cell] = []
    for line in row.lines:
        if cells and (line.left - cells[-1][1] < _CELL_GAP * line.size or _MARKER.fullmatch(cells[-1][2])):
            cells[-1] = cells[-1][0], max(line.right, cells[-1][1]), f"{cells[-1][2]} {line.text}"
        else:
            cells.append((line.left, line.right, line.text.strip()))
    return cells


def with_tables(rows: list[Row]) -> list[Row]:
    """Return the rows with those of each table replaced by one row that holds the table's text."""
    cells = [cells_of(row) if len(row.lines) > 1 else [] for row in rows]
    if sum(len(row) > 1 for row in cells) < _BESIDE:
        return rows
    groups = _levelled(rows, cells)
    rows = [_as_one(group) for group in groups]
    cells = [cells_of(row) if len(row.lines) > 1 else [] for row in rows]
    found: list[Row] = []
    number = 0
    while number < len(rows):
        end = _end(rows, cells, number) if len(cells[number]) > 1 else number
        table = (
            _table([cells_of(row) for row in rows[number:end]], rows[number:end]) if end - number >= _BESIDE else None
        )
        if table is None:
            step = max(1, (end - number) // _TRIES)
            found += chain.from_iterable(groups[number : number + step])
            number += step
        else:
            first = rows[number].lines[0]
            line = Line("", first.left, max(row.right for row in rows[number:end]), first.y, first.size)
            line.table = table
            found.append(Row([line]))
            number = end
    return found


def _levelled(rows: Sequence[Row], cells: Sequence[Sequence[Cell]]) -> list[list[Row]]:
    """Return the rows, those together between whose cells a cell of two lines stands, half a line above and below."""
    groups: list[list[int]] = []
    for number, row in enumerate(rows):
        if groups and row.y - rows[groups[-1][-1]].y < _HALF_LINE * row.size and len(groups[-1]) < _MOST_LEVELLED:
            groups[-1].append(number)
        else:
            groups.append([number])
    levelled: list[list[Row]] = []
    for group in groups:
        together = [rows[number] for number in group]
        levelled += [together] if any(len(cells[number]) > 1 for number in group) else [[row] for row in together]
    return levelled


def _as_one(rows: Sequence[Row]) -> Row:
    """Return rows as one, the lines of each cell from top to bottom."""
    if len(rows) == 1:
        return rows[0]
    columns: list[list[Line]] = []
    for line in sorted((line for row in rows for line in row.lines), key=lambda line: line.left):
        if columns and line.left < max(other.right for other in columns[-1]):
            columns[-1].append(line)
        else:
            columns.append([line])
    return Row([line for column in columns for line in sorted(column, key=lambda line: line.y)])


def _end(rows: Sequence[Row], cells: Sequence[Sequence[Cell]], begin: int) -> int:
    """Return the end of the rows from ``begin`` that may be of one table: the last that has cells."""
    end = begin + 1
    for number in range(begin + 1, min(begin + _MOST_ROWS, len(rows))):
        room = rows[number].y - rows[number - 1].y
        if room > 3.5 * rows[number].size or any(line.table or line.boxed for line in rows[number].lines):
            break
        if len(cells[number]) > 1:
            end = number + 1
        elif number - end >= 1 or rows[number].right - rows[number].left > 25 * rows[number].size:
            break
    left = min(row.left for row in rows[begin:end])
    while (
        end < len(rows) and len(cells[end]) < _BESIDE and not rows[end].lines[0].table and not rows[end].lines[0].boxed
    ):
        row = rows[end]  # the rest of a cell of the last row
        if row.y - rows[end - 1].y > _NEXT_LINE * row.size or row.left < left + _NOT_FIRST * row.size:
            break
        end += 1
    return end


def _table(cells: list[list[Cell]], rows: Sequence[Row]) -> Table | None:
    """Return the table, or None if the cells do not stand one below the other."""
    counts = Counter(len(row) for row in cells if len(row) > 1)
    if counts.total() < _BESIDE:
        return None
    count = counts.most_common(1)[0][0]
    whole = [row for row in cells if len(row) == count]
    edges = [
        (max(row[column][1] for row in whole), min(row[column + 1][0] for row in whole)) for column in range(count - 1)
    ]
    if not _are_cells(whole) or any(right >= left for right, left in edges):
        return None
    joined = _by_room(cells, rows, edges)
    if joined is not None:
        return Table(joined, header_rows(joined))
    lefts = [min(row[column][0] for row in whole) for column in range(count)]
    rights = [max(row[column][1] for row in whole) for column in range(count)]
    first_whole = next(number for number, row in enumerate(cells) if len(row) == count)
    filled = [_spanning(row, lefts, rights) for row in cells[:first_whole]]
    for number, row in enumerate(cells[first_whole:], first_whole):
        line = [""] * count
        for left, right, text in row:
            column = sum(left + right > sum(edge) for edge in edges)
            line[column] = f"{line[column]} {text}".strip()
        room = rows[number].y - rows[number - 1].y if number > first_whole else 0
        if len(row) < count and not line[0] and 0 < room < _SAME_CELL * rows[number].size:
            filled[-1] = [f"{above} {rest}".strip() for above, rest in zip(filled[-1], line, strict=True)]
        else:
            filled.append([row[0][2]] * count if len(row) == 1 and line[0] else line)
    if not first_whole:
        return Table(filled, header_rows(filled))
    has_corner = any(row[0] for row in filled[:first_whole])
    return Table(filled, first_whole + (not has_corner))


def _by_room(
    cells: Sequence[Sequence[Cell]], rows: Sequence[Row], edges: Sequence[tuple[float, float]]
) -> list[list[str]] | None:
    """Return the cells of rows of several lines, if there is more room between rows than between lines; else None.

    Each row has to have a line that fills all of its cells.
    """
    gaps = [following.y - row.y for row, following in pairwise(rows)]
    limit = (min(gaps) + max(gaps)) / 2
    count = len(edges) + 1
    if max(gaps) < _MORE_ROOM * min(gaps) or all(len(row) == count for row in cells):
        return None
    groups: list[list[Sequence[Cell]]] = [[cells[0]]]
    for gap, row in zip(gaps, cells[1:], strict=True):
        if gap > limit:
            groups.append([])
        groups[-1].append(row)
    if not all(any(len(row) == count for row in group) for group in groups):
        return None
    filled = []
    for group in groups:
        line: list[list[str]] = [[] for _ in range(count)]
        for left, right, text in chain.from_iterable(group):
            line[sum(left + right > sum(edge) for edge in edges)].append(text)
        filled.append([" ".join(texts) for texts in line])
    return filled


def _are_cells(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the parts of rows are cells and not words of justified text: short, and figures or no lower case."""
    texts = [text for row in rows for _, _, text in row]
    others = [text for row in rows for _, _, text in row[1:]]
    has_figures = 2 * sum(_FIGURE.search(text) is not None for text in others) >= len(others)
    if len(rows) < (_BESIDE if has_figures else _BESIDE + 1):
        return False
    if sum(map(len, texts)) > _MEAN_CELL * len(texts) or max(map(len, texts)) > 2 * _LONGEST_CELL:
        return False
    return has_figures or sum(text[:1].islower() for text in texts) <= _LOWER_CASE * len(texts)


def _spanning(row: Sequence[Cell], lefts: Sequence[float], rights: Sequence[float]) -> list[str]:
    """Return the text of the header's cell that is nearest to each column; none over a first column without one."""
    line = []
    for column, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        nearest = min(row, key=lambda cell: abs(cell[0] + cell[1] - left - right))
        line.append(nearest[2] if column or row[0][0] < right else "")
    return line


def header_rows(rows: Sequence[Sequence[str]]) -> int | None:
    """Return 1 if the first row has years over other figures or is followed by none of its kind, None if unknown."""
    if len(rows) < _BESIDE or len(rows[0]) < _BESIDE:
        return None
    first = [cell for cell in rows[0][1:] if cell]
    is_years = bool(first) and all(_YEAR.fullmatch(cell) for cell in first)
    others = [cell for row in rows[1:] for cell in row[1:] if cell]
    return 1 if is_years and not all(_YEAR.fullmatch(cell) for cell in others) else None
