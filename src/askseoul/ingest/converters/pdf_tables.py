"""Tables without rules: rows whose parts stand one below the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from askseoul.ingest.converters.pdf_layout import Row
from askseoul.ingest.converters.pdf_page import Line, Table

_CELL_GAP: Final = 0.95
"""Parts of a row with a gap of more than this multiple of the type size are cells."""
_LONGEST_CELL: Final = 60
_MEAN_CELL: Final = 30
_BESIDE: Final = 2
"""Rows with cells that make a table; without figures, one more."""
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
    found: list[Row] = []
    number = 0
    while number < len(rows):
        end = _end(rows, cells, number) if len(cells[number]) > 1 else number
        table = (
            _table([cells_of(row) for row in rows[number:end]], rows[number:end]) if end - number >= _BESIDE else None
        )
        if table is None:
            found.append(rows[number])
            number += 1
        else:
            first = rows[number].lines[0]
            line = Line("", first.left, max(row.right for row in rows[number:end]), first.y, first.size)
            line.table = table
            line.bottom = rows[end - 1].y
            found.append(Row([line]))
            number = end
    return found


def _end(rows: Sequence[Row], cells: Sequence[Sequence[Cell]], begin: int) -> int:
    """Return the end of the rows from ``begin`` that may be of one table: the last that has cells."""
    end = begin + 1
    for number in range(begin + 1, len(rows)):
        room = rows[number].y - rows[number - 1].y
        if room > 3.5 * rows[number].size or any(line.table or line.boxed for line in rows[number].lines):
            break
        if len(cells[number]) > 1:
            end = number + 1
        elif number - end >= 1 or rows[number].right - rows[number].left > 25 * rows[number].size:
            break
    return end


def _table(cells: list[list[Cell]], rows: Sequence[Row]) -> Table | None:
    """Return the table, or None if the cells do not stand one below the other."""
    count, full = Counter(len(row) for row in cells if len(row) > 1).most_common(1)[0]
    if len([row for row in cells if len(row) > 1]) < _BESIDE:
        return None
    whole = [row for row in cells if len(row) == count]
    texts = [text for row in whole for _, _, text in row]
    others = [text for row in whole for _, _, text in row[1:]]
    has_figures = 2 * sum(_FIGURE.search(text) is not None for text in others) >= len(others)
    if full < (_BESIDE if has_figures else _BESIDE + 1):
        return None
    if sum(map(len, texts)) > _MEAN_CELL * len(texts) or max(map(len, texts)) > 2 * _LONGEST_CELL:
        return None
    if not has_figures and sum(text[:1].islower() for text in texts) > _LOWER_CASE * len(texts):
        return None  # words of justified text
    edges = []
    for column in range(count - 1):
        right, left = max(row[column][1] for row in whole), min(row[column + 1][0] for row in whole)
        if right >= left:
            return None
        edges.append((right + left) / 2)
    lefts = [min(row[column][0] for row in whole) for column in range(count)]
    rights = [max(row[column][1] for row in whole) for column in range(count)]
    first_whole = next(number for number, row in enumerate(cells) if len(row) == count)
    filled: list[list[str]] = []
    for number, row in enumerate(cells):
        if number < first_whole:
            filled.append(_spanning(row, lefts, rights))
            continue
        line = [""] * count
        for left, right, text in row:
            column = sum((left + right) / 2 > edge for edge in edges)
            line[column] = f"{line[column]} {text}".strip()
        is_rest = len(row) < count and not line[0] and number > first_whole
        if is_rest and rows[number].y - rows[number - 1].y < 1.6 * rows[number].size:
            filled[-1] = [f"{above} {rest}".strip() for above, rest in zip(filled[-1], line, strict=True)]
        elif len(row) == 1 and number > first_whole and not any(line[1:]):
            filled.append([row[0][2]] * count)
        else:
            filled.append(line)
    if not first_whole:
        return Table(filled, header_rows(filled))
    has_corner = any(row[0] for row in filled[:first_whole])
    return Table(filled, first_whole + (not has_corner))


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
