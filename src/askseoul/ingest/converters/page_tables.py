"""Tables of web pages and books to statements: which ones hold data, and what stands in each of their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.tables import table_text
from askseoul.ingest.converters.trees import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element


_CELLS: Final = frozenset({"td", "th"})
_PARTS: Final = frozenset({"thead", "tbody", "tfoot"})
_INVISIBLE: Final = frozenset({"script", "style", "template", "noscript", "rt", "rp", "object", "option", "textarea"})
_SEPARATE: Final = frozenset({"br", "p", "div", "li", "dd", "dt", "tr"})
"""Elements of a cell that stand on lines of their own."""
_LAYOUT: Final = frozenset({"h1", "h2", "form", "nav", "main", "article", "section", "header", "footer"})
"""What a cell of a table that lays out a page may hold, and one of a table of data does not."""
_BOLD: Final = frozenset({"b", "strong"})
_SPAN_DIGITS: Final = 3
_SEPARATOR: Final = "\v"  # can't occur in XML or HTML
_MAXIMUM_PLACES: Final = 200_000
"""Places of cells up to which spanned cells are repeated."""
_CELL_CHARACTERS: Final = 600
"""A cell with paragraphs longer than this is part of a layout."""
_BLOCKS_OF_CELL: Final = 3
_PAIR: Final = 2
_ENDED = re.compile(r"[.,;:!?…。，；：！？(\[–—/-]$")


def is_data_table(table: _Element) -> bool:
    """Whether a table has rows of data, and does not lay out a page."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    if next(table.iterdescendants("{*}table"), None) is not None:
        return False
    rows = list(_rows(table))
    if max((sum(1 for _ in _cells(row)) for row in rows), default=0) <= 1:
        return False
    if next(table.iter("{*}caption", "{*}thead", "{*}th"), None) is not None:
        return True
    for row in rows:
        for cell in _cells(row):
            names = [local_name(inner) for inner in cell.iterdescendants()]
            paragraphs = names.count("p") + names.count("div")
            is_long = paragraphs > 1 and (paragraphs > _BLOCKS_OF_CELL or _length(cell) > _CELL_CHARACTERS)
            if is_long or not _LAYOUT.isdisjoint(names):
                return False
    return True


def table_parts(table: _Element) -> tuple[str, str]:
    """Return a table's title, empty if it has none, and the statements of its rows, one a line.

    Spanned cells are repeated in each of their places. A first row of one cell is a title.
    """
    titles = [_cell_text(child) for child in table if local_name(child) == "caption"]
    rows = list(_rows(table))
    shown = [(row, texts) for row, texts in zip(rows, _grid(rows), strict=True) if any(texts)]
    while len(shown) > 1 and sum(1 for _ in _cells(shown[0][0])) == 1:
        titles.append(shown.pop(0)[1][0])
    return "\n\n".join(filter(None, titles)), table_text([texts for _, texts in shown], _headers(shown))


def _rows(table: _Element) -> Iterator[_Element]:
    """Yield the rows in the order in which they are shown: those of the head first, those of the foot last."""
    for part in ("thead", "tbody", "tfoot"):
        for child in table:
            name = local_name(child)
            if name == part:
                yield from (row for row in child if local_name(row) == "tr")
            elif name == "tr" and part == "tbody":
                yield child


def _cells(row: _Element) -> Iterator[_Element]:
    return (cell for cell in row if local_name(cell) in _CELLS)


def _grid(rows: Sequence[_Element]) -> list[list[str]]:
    grid: list[list[str]] = []
    spanning: dict[int, tuple[int, str]] = {}
    """By column: in how many more rows a cell from above stands, and its text."""
    places = 0
    for row in rows:
        texts: list[str] = []
        opened: dict[int, tuple[int, str]] = {}
        for cell in [*_cells(row), None]:
            while len(texts) in spanning:
                left, text = spanning.pop(len(texts))
                if left > 1:
                    opened[len(texts)] = left - 1, text
                texts.append(text)
            if cell is None:
                break
            text = _cell_text(cell)
            for _ in range(_span(cell, "colspan") if places < _MAXIMUM_PLACES else 1):
                if (down := _span(cell, "rowspan")) > 1:
                    opened[len(texts)] = down - 1, text
                texts.append(text)
        places += len(texts)
        spanning = spanning | opened if places < _MAXIMUM_PLACES else {}
        grid.append(texts)
    return grid


def _span(cell: _Element, name: str) -> int:
    written = (cell.get(name) or "").strip()[:_SPAN_DIGITS]
    return max(int(written), 1) if written.isascii() and written.isdigit() else 1


def _headers(shown: Sequence[tuple[_Element, list[str]]]) -> int | None:
    """Return the number of rows that hold names of columns, or None if the page does not tell."""
    rows = [row for row, _ in shown]
    in_head = sum(1 for row in rows if local_name(row.getparent()) == "thead")
    if in_head:
        return in_head
    leading = next((number for number, row in enumerate(rows) if not all(map(_is_name, _cells(row)))), 0)
    names_rows = any(local_name(cell) == "th" for row in rows for cell in _cells(row))
    is_pairs = all(len(texts) <= _PAIR for _, texts in shown)
    return leading or (0 if names_rows and is_pairs else None)


def _is_name(cell: _Element) -> bool:
    if local_name(cell) == "th" or not _cell_text(cell):
        return True
    only = cell[0] if len(cell) == 1 and not (cell.text or "").strip() else None
    return only is not None and local_name(only) in _BOLD and not (only.tail or "").strip()


def _cell_text(cell: _Element) -> str:
    """Return a cell's text in one line, with commas between what stands on lines of its own."""
    written: list[str] = [cell.text or ""]
    hidden: _Element | None = None
    for event, element in _walk(cell):
        name = local_name(element)
        if hidden is not None:
            if event == "end" and element is hidden:
                hidden = None
                written.append(element.tail or "")
            continue
        if event == "start" and (not name or name in _INVISIBLE):
            hidden = element
        elif event == "start":
            written.append(_SEPARATOR if name in _SEPARATE else "")
            written.append(element.text or "")
        else:
            written.append(_SEPARATOR if name in _SEPARATE else "")
            written.append(element.tail or "")
    parts = (" ".join(part.split()) for part in "".join(written).split(_SEPARATOR))
    joined = ""
    for part in filter(None, parts):
        joined += ("" if not joined else " " if _ENDED.search(joined) else ", ") + part
    return joined


def _walk(cell: _Element) -> Iterator[tuple[str, _Element]]:
    from lxml import etree

    events = etree.iterwalk(cell, events=("start", "end"))
    return ((event, element) for event, element in events if element is not cell)


def _length(cell: _Element) -> int:
    return sum(map(len, cell.itertext()))
