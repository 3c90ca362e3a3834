"""Rows of a table as cells, for the article beside the answer.

In an article a row is one statement with its headers: ``| District: Norvik; Seats: 11.``. Here its cells stand below
each other. The headers stay in the text, so that offsets hold, and are seen in the first row alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from markupsafe import Markup

from askseoul.domain import Span
from askseoul.web.markup import join, unseen

_ROW: Final = re.compile(r"[ \t]*\|[ \t]+(?!.*\|[ \t]*$)")
_SEPARATOR: Final = re.compile(r"; ")
_NAMED: Final = re.compile(r"([^:;]+): (?=\S)")


def rows_of(text: str, paragraph: Span) -> list[Span]:
    """The lines of a paragraph if they are all rows of a table, else nothing."""
    rows: list[Span] = []
    start = paragraph.start
    for line in text[paragraph.start : paragraph.end].split("\n"):
        if _ROW.match(line) is None:
            return []
        rows.append(Span(start, start + len(line)))
        start += len(line) + 1
    return rows


def table_html(text: str, rows: Sequence[Span], piece: Callable[[Span], Markup]) -> Markup:
    """These rows of a text as a table. ``piece`` gives the HTML of a span, with what is marked in it.

    Its text content is that of the rows and of the line breaks between them, character by character.
    """
    statements = [_statement(text, row) for row in rows]
    columns = _columns(text, statements)
    lines = []
    for number, (row, statement) in enumerate(zip(rows, statements, strict=True)):
        cells = _cells(text, statement, columns) if columns else _labelled(text, statement)
        shown = join(_cell_html(cell, piece, is_first=number == 0) for cell in cells)
        mark = unseen(piece(Span(row.start, statement.start)))
        line_break = unseen(piece(Span(row.end, row.end + 1))) if number + 1 < len(rows) else ""
        lines.append(Markup('<div class="row" role="row">{}{}{}</div>').format(mark, shown, line_break))
    return Markup('<div class="table" role="table" dir="auto">{}</div>').format(join(lines))


class _Cell(NamedTuple):
    """The name of a cell with its colon, its value, and the separator behind it; each may be empty."""

    name: Span
    value: Span
    separator: Span


def _statement(text: str, row: Span) -> Span:
    mark = _ROW.match(text, row.start, row.end)
    return Span(mark.end() if mark else row.start, row.end)


def _columns(text: str, statements: Sequence[Span]) -> list[str]:
    """The headers that two rows share, in their order, or those of a single row; an empty one first where a row begins
    without."""
    rows = [
        [named[1] for part in _SEPARATOR.split(text[each.start : each.end]) if (named := _NAMED.match(part))]
        for each in statements
    ]
    counts = Counter(name for row in rows for name in dict.fromkeys(row))
    names: list[str] = []
    for row in rows:
        shared = [name for name in row if counts[name] > 1 or len(rows) == 1]
        for before, name in pairwise(["", *shared]):
            if name not in names:
                names.insert(names.index(before) + 1 if before in names else 0, name)
    begins = [_NAMED.match(text, each.start, each.end) for each in statements]
    has_corner = any(
        (begin is None or begin[1] not in names) and not set(row).isdisjoint(names)
        for begin, row in zip(begins, rows, strict=True)
    )
    return [*([""] if has_corner else []), *names] if names else []


def _cells(text: str, statement: Span, columns: Sequence[str]) -> list[_Cell]:
    """The cells of a row by column, an empty one where it has none; a single one if its headers are in other order."""
    found: list[tuple[str, _Cell]] = []
    start = statement.start
    ends = [match.span() for match in _SEPARATOR.finditer(text, statement.start, statement.end)]
    last = statement.end - text.endswith(".", statement.start, statement.end)
    for end, following in [*ends, (last, statement.end)]:
        named = _NAMED.match(text, start, end)
        if named and named[1] in columns:
            cell = _Cell(Span(start, named.end()), Span(named.end(), end), Span(end, following))
            found.append((named[1], cell))
        elif found:  # a separator inside a cell
            name, before = found.pop()
            found.append((name, _Cell(before.name, Span(before.value.start, end), Span(end, following))))
        else:
            found.append(("", _Cell(Span(start, start), Span(start, end), Span(end, following))))
        start = following
    by_name = dict(found)
    names = [name for name, _ in found]
    if names == [""] or names != [name for name in columns if name in by_name]:
        end = statement.end
        return [_Cell(Span(statement.start, statement.start), statement, Span(end, end))]
    at_end = Span(statement.end, statement.end)
    return [by_name.get(name, _Cell(at_end, at_end, at_end)) for name in columns]


def _labelled(text: str, statement: Span) -> list[_Cell]:
    """The label and the value of a row without headers; a single cell without a label."""
    label = _NAMED.match(text, statement.start, statement.end)
    middle = label.end() if label else statement.start
    cells = [Span(statement.start, middle), Span(middle, statement.end)] if label else [statement]
    return [_Cell(Span(cell.start, cell.start), cell, Span(cell.end, cell.end)) for cell in cells]


def _cell_html(cell: _Cell, piece: Callable[[Span], Markup], *, is_first: bool) -> Markup:
    name = unseen(piece(cell.name)) if cell.name.start < cell.name.end else Markup("")
    if name and is_first:
        colon = Span(cell.name.end - len(": "), cell.name.end)
        header = piece(Span(cell.name.start, colon.start))
        name = Markup('<span class="name">{}{}</span>').format(header, unseen(piece(colon)))
    return Markup('<div class="cell" role="cell">{}{}{}</div>').format(
        name, piece(cell.value) if cell.value.start < cell.value.end else "", unseen(piece(cell.separator))
    )
