"""Grids of cells to text: the title above a table and the remarks below it are lines of their own, the rest is a table.

Which rows are headers is decided here where the file does not say it: names over names ("Turnout" over "2021" and
"2025"), years over figures. What is left undecided, ``table_text`` guesses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleTooLarge
from askseoul.ingest.converters.tables import table_text

MAXIMUM_CELLS: Final = 500_000
"""Number of cells that the tables of one file may have, merged cells counted in each of their places."""
MAXIMUM_CHARACTERS: Final = 20_000_000
"""Estimated length of a table's text, which repeats the headers in each row. An article has 5 million."""

_ENDED = re.compile(r"[.!?…:;,。！？][\"'”’»)]*$")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"[^\w\s]?\s?\d[\d.,'’\s]*\s?(?:%|[^\W\d]{1,4}\.?|[€$£¥₩])?\)?")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}(?:\1\d{1,4})?(?:[T ]\d\d?:\d\d(?::\d\d)?)?")
_MISSING = re.compile(r"[-–—.…?*]*|n\.?/?a\.?|none|null", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_PERIOD = re.compile(
    r"(?:(?:FY|Q[1-4]|H[12])[ /-]?)?(?:1[5-9]|20)\d\d(?:[-/–](?:\d\d){1,2})?(?:[ -]?[QH][1-4])?|(?:FY|Q|H)[ -]?\d{1,4}",
    re.IGNORECASE,
)
_REMARK = re.compile(r"[*†‡¹²³\[(]|[^\W\d_][^:]{1,30}: |(?:\S+\s+){5}")
_DEEPEST_HEADER: Final = 3
_PAIR: Final = 2
_SAMPLE: Final = 200
"""Rows that are looked at in order to tell a header from them."""


class Emphasised(str):
    """The text of a cell that stands out, in bold or by its background; a first row of such cells has the headers."""

    __slots__ = ()


def grid_text(path: Path, rows: Sequence[Sequence[str]], headers: int | None = None, *, has_spans: bool = True) -> str:
    """Return a grid as text: lines above the table, a statement for each row, lines below; empty for an empty grid.

    ``rows`` hold the text of every cell, that of a merged cell in each of its places. The first ``headers`` rows are
    headers; if that is None, they are guessed. Without ``has_spans``, no cell is merged with those beside it, and a row
    of equal texts is one like the others. ``path`` is used in the error only. Raises ArticleTooLarge.
    """
    cells = _compact(path, rows)
    if not cells:
        return ""
    if len(cells[0]) == 1:
        return "\n\n".join(row[0] for row in cells)
    first = 0
    while first < len(cells) - 1 and _is_lone(cells[first], has_spans):
        first += 1
    last = len(cells)
    while last > first + _PAIR and _is_remark(cells[last - 1], has_spans):
        last -= 1
    table = cells[first:last]
    if headers is not None:
        headers = max(headers - first, _stacked(table) if has_spans else 0)
    elif _is_form(table):
        table = [row[column : column + _PAIR] for row in table for column in range(0, len(row), _PAIR)]
        headers = 0
    elif _is_ragged(table):
        table = [_filled(table[0]), *table[1:]]
        headers = _PAIR
    else:
        headers = _guessed_headers(table, has_spans)
    above = [_lone(row) for row in cells[:first]]
    below = [_lone(row) for row in cells[last:]]
    return "\n\n".join([*above, table_text(table, headers, has_spans=has_spans), *below])


def cell_text(paragraphs: Sequence[str]) -> str:
    """Return the paragraphs of a cell as one text, with commas between those that do not end otherwise."""
    filled = [paragraph for paragraph in paragraphs if paragraph]
    ended = [text if _ENDED.search(text) else f"{text}," for text in filled[:-1]]
    return " ".join([*ended, *filled[-1:]])


def _compact(path: Path, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells with white space in order and without empty rows and columns, all rows of one length."""
    width = max(map(len, rows), default=0)
    lengths = [sum(map(len, row)) + _PAIR * width for row in rows]
    length = sum(lengths) + len(rows) * max(lengths[: 2 * _DEEPEST_HEADER], default=0)
    if len(rows) * width > MAXIMUM_CELLS or length > MAXIMUM_CHARACTERS:
        raise ArticleTooLarge(f"{path} has a table of {len(rows):,} rows and {width:,} columns: split it")
    cells = [[type(cell)(" ".join(cell.split())) for cell in row] for row in rows]
    kept = sorted({column for row in cells for column, cell in enumerate(row) if cell})
    return [[row[column] if column < len(row) else "" for column in kept] for row in cells if any(row)]


def _lone(row: Sequence[str]) -> str:
    return next(filter(None, row))


def _is_lone(row: Sequence[str], has_spans: bool) -> bool:
    """Whether a row has one text: in all its places, as if merged, or in the first only."""
    return (has_spans and len(set(row)) == 1) or not any(row[1:])


def _is_remark(row: Sequence[str], has_spans: bool) -> bool:
    return _is_lone(row, has_spans) and _REMARK.match(_lone(row)) is not None


def _is_form(table: Sequence[Sequence[str]]) -> bool:
    """Whether each row has labels that end with a colon, each followed by what is filled in."""
    labels = [cell for row in table for cell in row[::_PAIR] if cell]
    others = [cell for row in table for cell in row[1::_PAIR]]
    return len(table[0]) % _PAIR == 0 and _all_labels(labels) and not any(cell.endswith(":") for cell in others)


def _all_labels(cells: Sequence[str]) -> bool:
    return bool(cells) and all(cell.endswith((":", "：")) for cell in cells)


def _guessed_headers(table: Sequence[Sequence[str]], has_spans: bool) -> int | None:
    """Return the number of header rows, or None where neither the cells' looks nor their contents tell it."""
    if has_spans and (stacked := _stacked(table)):
        return stacked
    looks = [[isinstance(cell, Emphasised) for cell in row if cell] for row in table]
    emphasised = next((number for number, row in enumerate(looks) if not all(row)), 0)
    if 0 < emphasised <= _DEEPEST_HEADER:
        return emphasised
    if len(table[0]) == _PAIR and all(row[0] and not any(row[1:]) for row in looks):
        return 0  # the names stand in the first column
    return 1 if _names_columns(table) else None


def _is_ragged(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has names over several columns that are not merged: "", "Turnout", "", "Seats", ""."""
    if len(table) <= _PAIR or not any(table[0][1:]) or all(table[0][1:]) or not all(table[1][1:]):
        return False
    above = filter(None, table[0][1:])
    columns = list(zip(_filled(table[0]), table[1], strict=True))
    return all(map(_LETTER.search, above)) and len(set(columns)) == len(columns) and _has_names(table[1], table[2:])


def _filled(row: Sequence[str]) -> list[str]:
    """Return a row whose empty cells have the text of the one before, beginning after the first column."""
    filled = [row[0]]
    for cell in row[1:]:
        filled.append(cell or (filled[-1] if len(filled) > 1 else ""))
    return filled


def _stacked(table: Sequence[Sequence[str]]) -> int:
    """Return the number of header rows where the first has names merged over several columns, otherwise 0."""
    count = 0
    while count < min(_DEEPEST_HEADER, len(table) - _PAIR) and _has_merged_name(table[count]):
        count += 1
    columns = list(zip(*table[: count + 1], strict=True))
    return count + 1 if count and len(set(columns)) == len(columns) else 0


def _has_merged_name(row: Sequence[str]) -> bool:
    return any(one == next_ and (_LETTER.search(one) or _PERIOD.fullmatch(one)) for one, next_ in pairwise(row))


def _names_columns(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has the names of the columns, each another."""
    names = table[0]
    return all(names[1:]) and len(set(names)) == len(names) and _has_names(names, table[1:])


def _has_names(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row has names or periods, and some column has mostly numbers, dates or periods below its name.

    Of two columns, one has to have nothing else: they may be names and values of all kinds, without headers.
    """
    if not all(map(_is_name, filter(None, names))):
        return False
    share = 0.5 if len(names) > _PAIR else 0.99
    columns = ((name, [row[column] for row in below[:_SAMPLE]]) for column, name in enumerate(names) if name)
    return any(_share_of_numbers(name, cells) > share for name, cells in columns)


def _is_name(cell: str) -> bool:
    begins_with_number = cell[0].isdigit() and _PERIOD.match(cell) is None
    return _PERIOD.fullmatch(cell) is not None or (_LETTER.search(cell) is not None and not begins_with_number)


def _share_of_numbers(name: str, cells: Sequence[str]) -> float:
    """Return the share of numbers among filled cells; years and other periods count unless the name is one of them."""
    filled = [cell for cell in cells if _MISSING.fullmatch(cell) is None]
    period_counts = _PERIOD.fullmatch(name) is None
    numbers = sum(
        period_counts if _PERIOD.fullmatch(cell) else bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
        for cell in filled
    )
    return numbers / max(len(filled), 1)
