"""Tables to text: each row becomes one statement that holds its headers, so that it can be read and quoted alone.

    | District: Norvik; Turnout 2021: 58.7; Turnout 2025: 71.2.

The bar at the start marks the line as a row of a table; it is not part of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

ROW_MARK: Final = "| "
"""What stands before the statement of a row."""
_TERMINATED = re.compile(r"[.!?…。！？][\"'”’»)]*[⁰¹²³⁴-⁹]{0,3}$")
_FIGURE = re.compile(r"\d")
_NUMBER = re.compile(r"[^\w\s]{0,3}\s?\d[\d.,'\s]*(?:[^\W\d]{1,3}|%)?")
_PAIR: Final = 2


def table_text(rows: Sequence[Sequence[str]], headers: int | None = None, *, has_spans: bool = True) -> str:
    """Return the statements of a table's rows, one a line, without empty rows and cells; empty if nothing is left.

    ``rows`` hold the text of every cell, that of a merged or spanned cell repeated in each of its places. The first
    ``headers`` rows are headers: of several, each column has the different texts joined. If that is None, the first
    row is taken as the header where it looks like one. A row that repeats one text in all its places is a line of its
    own without headers, unless the format has no spanned cells (``has_spans``).
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if headers is None:
        headers = int(_has_header(cells))
    columns = max(map(len, cells), default=0)
    names = [_joined([row[column] for row in cells[:headers] if column < len(row)]) for column in range(columns)]
    body = cells[headers:] or cells
    if not cells[headers:]:  # a table of headers only
        names = [""] * columns
    return "\n".join(ROW_MARK + _statement(row, names, has_spans=has_spans) for row in body)


def _has_header(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it has no figure where rows below have some, or fills its corner not.

    Of two columns, the second must have numbers alone below: names with values of other kinds, such as days with
    hours, are often without headers.
    """
    if len(cells) < _PAIR or len(cells[0]) < _PAIR or not all(cells[0][1:]):
        return False
    first, others = cells[0], cells[1:]
    if not first[0] or len(set(first)) < len(first):
        return not first[0]
    values = [row[1] for row in others if len(row) > 1 and row[1] not in ("", row[0])]
    if len(first) == _PAIR and len(values) > 1 and not all(map(_NUMBER.fullmatch, values)):
        return False
    figures = [column for column in range(1, len(first)) if any(_is_figure(row, column) for row in others)]
    return (len(first) > _PAIR and not figures) or any(not _is_figure(first, column) for column in figures)


def _is_figure(row: Sequence[str], column: int) -> bool:
    return column < len(row) and _FIGURE.search(row[column]) is not None


def _joined(texts: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(filter(None, texts)))


def _statement(row: Sequence[str], names: Sequence[str], *, has_spans: bool) -> str:
    if has_spans and len(set(row)) == 1:
        return _ended(row[0])
    if not any(names) and len(row) == _PAIR and all(row):
        return _ended(f"{row[0].rstrip(':')}: {row[1]}")
    named = [f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell]
    return _ended("; ".join(named))


def _ended(text: str) -> str:
    return text if _TERMINATED.search(text) else text + "."
