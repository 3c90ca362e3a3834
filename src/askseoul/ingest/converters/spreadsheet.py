"""Converts tables in files of their own: CSV and TSV, and the sheets of Excel workbooks.

What stands between empty rows, or between empty columns, is a table by itself. Numbers and percentages are written as
the workbook shows them, dates as ISO has them. Hidden sheets, rows and columns are left out and told.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.errors import ArticleTooLarge
from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, unreadable
from askseoul.ingest.converters.grids import MAXIMUM_CELLS, Emphasised, grid_text
from askseoul.ingest.converters.number_formats import BUILT_IN, date_text, number_shown
from askseoul.ingest.converters.office import (
    counted,
    drawn_paragraphs,
    is_default_sheet,
    member_content,
    member_xml,
    properties,
    relations,
    uncompressed,
)
from askseoul.ingest.encodings import decode_text

if TYPE_CHECKING:
    from lxml.etree import _Element
    from python_calamine import CalamineSheet


_DELIMITERS: Final = (";", "\t", "|", ",")
_SEPARATOR_LINE: Final = "sep="
"""What Excel reads as the delimiter, in a first line of its own."""
_SAMPLE_CHARACTERS: Final = 100_000
_SAMPLE_ROWS: Final = 200
_WORKBOOK: Final = "xl/workbook.xml"
_STYLES: Final = "xl/styles.xml"
_MAXIMUM_PLACES: Final = 3_000_000
"""Places between the first and the last filled cell of a sheet, most of which may be empty."""
_HIDDEN_ROWS: Final = ("hidden row", "hidden rows")
_HIDDEN_COLUMNS: Final = ("hidden column", "hidden columns")
_LAST_COLUMN: Final = 16_383
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIR: Final = 2
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFF: Final = ("0", "false", None)

Value = int | float | str | bool | time | date | datetime | timedelta


# CSV and TSV


def convert_delimited(path: Path, content: bytes) -> ConvertedFile:
    """Return the rows of a .csv or .tsv file as text.

    Raises ArticleTooLarge, and ArticleUnreadable if it is no text or its quotation marks are not closed.
    """
    try:
        text, guess = decode_text(content)
    except ValueError as error:
        raise unreadable(path, "it is no text in a known encoding", "convert it to UTF-8") from error
    text = text.removeprefix("\ufeff")
    notes = [guess] if guess else []
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_SEPARATOR_LINE) and len(first.strip()) == len(_SEPARATOR_LINE) + 1:
        delimiter: str | None = first[len(_SEPARATOR_LINE)]
        text = rest
    else:
        delimiter = _delimiter(text, "\t" if path.suffix.lower() == ".tsv" else "")
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter or "\0", skipinitialspace=delimiter != "\t")
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise unreadable(
            path, f"line {reader.line_num}: {error}", "close the quotation marks, or save its text as .txt"
        ) from error
    texts = _tables(path, _with_preamble_apart(rows, delimiter or ""), has_spans=False)
    return ConvertedFile("\n\n".join(texts), notes=tuple(notes))


def _with_preamble_apart(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Return the rows with the first ones that are shorter than most others as lines of their own."""
    widths = Counter(len(row) for row in rows[:_SAMPLE_ROWS] if len(row) >= _PAIR)
    usual = widths.most_common(1)[0][0] if widths else 0
    first = next((number for number, row in enumerate(rows) if len(row) >= usual), 0)
    lines = [[f"{delimiter} ".join(filter(None, row))] for row in rows[:first]]
    return [*(row for line in lines for row in (line, [])), *rows[first:]]


def _delimiter(text: str, preferred: str) -> str | None:
    """Return the delimiter that divides most rows into the same number of cells, or None if none divides them."""
    sample = text[:_SAMPLE_CHARACTERS]
    best, best_score = None, (0.0, False, 0)
    for delimiter in _DELIMITERS:
        if delimiter not in sample:
            continue
        try:
            widths = _widths(sample, delimiter)
        except csv.Error:
            continue
        divided = Counter(width for width in widths if width >= _PAIR)
        if divided:
            width, rows = divided.most_common(1)[0]
            score = (rows / len(widths) + (delimiter == preferred), widths[0] == width, width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str) -> list[int]:
    """Return the numbers of cells of the first rows; the last row of a sample may be cut, and does not count."""
    widths = []
    for row in csv.reader(StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t"):
        if row:
            widths.append(len(row))
        if len(widths) > _SAMPLE_ROWS:
            break
    return widths[:-1] if len(widths) > _PAIR and len(sample) == _SAMPLE_CHARACTERS else widths


# Excel


@dataclass(slots=True)
class _Layout:
    """What a sheet's XML says besides the values: where they stand, what is hidden, how numbers are shown."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    """Number formats by row and column, both counted from 0."""
    emphasised: set[tuple[int, int]] = field(default_factory=set)
    """The rows and columns of cells in bold, and of the headers of what Excel calls a table."""
    first: tuple[int, int] = (1 << 30, 1 << 30)
    last: tuple[int, int] = (-1, -1)
    filled: int = 0
    """Number of cells with a value."""

    @property
    def places(self) -> int:
        """Number of places from the first to the last filled row and column."""
        rows, columns = (last - first + 1 for first, last in zip(self.first, self.last, strict=True))
        return max(rows, 0) * max(columns, 0)


def convert_workbook(path: Path, content: bytes) -> ConvertedFile:
    """Return the visible sheets of an .xlsx file as text, with the values that its formulas had when it was saved.

    Raises ArticleTooLarge, ArticleUnreadable, and the exceptions of calamine and lxml.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    archive = BoundedZip(path, content)
    members = _sheet_members(archive)
    styles = _cell_styles(archive)
    layouts: dict[str, _Layout] = {}
    for name, member in members.items():
        layouts[name] = layout = _layout(archive, member, styles)
        if layout.filled > MAXIMUM_CELLS or layout.places > _MAXIMUM_PLACES:
            number = max(layout.filled, layout.places)
            raise ArticleTooLarge(f"{path} has a sheet of {number:,} cells or more ({name!a}): split it")
    workbook = CalamineWorkbook.from_filelike(uncompressed(archive))
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    hidden = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]
    blocks: list[str] = []
    notes = [f"the hidden sheet “{name}” was left out" for name in hidden]
    for name in visible:
        layout = layouts.get(name, _Layout())
        sheet = workbook.get_sheet_by_name(name)
        tables = _tables(path, _rows(sheet, layout, notes), has_spans=bool(sheet.merged_cell_ranges))
        texts = [*tables, *_drawn(archive, members.get(name, ""))]
        if texts and not (len(visible) == 1 and is_default_sheet(name)):
            blocks.append("# " + " ".join(name.split()))
        blocks += texts
    if comments := _comments(archive):
        notes.append(counted(comments, "comment", "comments"))
    return ConvertedFile("\n\n".join(blocks), notes=tuple(notes), **properties(archive))


def _sheet_members(archive: BoundedZip) -> dict[str, str]:
    """Return the names of the members that hold the sheets, by the sheets' names."""
    workbook = member_xml(archive, _WORKBOOK)
    places = relations(archive, _WORKBOOK)
    found = {}
    for sheet in () if workbook is None else workbook.iter("{*}sheet"):
        ids = (written for name, written in sheet.attrib.items() if name.endswith("}id"))
        kind, place = places.get(next(ids, ""), ("", ""))
        if kind == "worksheet" and place in archive:
            found[sheet.get("name") or ""] = place
    return found


@dataclass(frozen=True, slots=True)
class _CellStyle:
    code: str
    """The number format."""
    is_bold: bool


def _cell_styles(archive: BoundedZip) -> list[_CellStyle]:
    """Return the styles of cells, in the order in which cells refer to them."""
    root = member_xml(archive, _STYLES)
    if root is None:
        return []
    codes: dict[str, str] = dict(BUILT_IN)
    for element in root.iter(f"{_MAIN}numFmt"):
        codes[element.get("numFmtId") or ""] = element.get("formatCode") or ""
    fonts = next(root.iter(f"{_MAIN}fonts"), ())
    bold = {str(n) for n, font in enumerate(fonts) if (b := font.find(f"{_MAIN}b")) is not None and b.get("val") != "0"}
    styles = next(root.iter(f"{_MAIN}cellXfs"), ())
    return [_CellStyle(codes.get(style.get("numFmtId") or "", ""), style.get("fontId") in bold) for style in styles]


def _layout(archive: BoundedZip, member: str, styles: Sequence[_CellStyle]) -> _Layout:
    from lxml import etree

    layout = _Layout()
    content = member_content(archive, member)
    row = -1
    for _, element in etree.iterparse(
        BytesIO(content), tag=(f"{_MAIN}row", f"{_MAIN}col"), resolve_entities=False, no_network=True
    ):
        is_hidden = element.get("hidden") not in _OFF
        if element.tag == f"{_MAIN}row":
            row = _index(element.get("r"), row + 1)
            if is_hidden:
                layout.hidden_rows.add(row)
            _enter_cells(layout, row, element, styles)
            if layout.filled > MAXIMUM_CELLS:
                return layout  # which is refused
        elif is_hidden:
            first = _index(element.get("min"), 0)
            layout.hidden_columns.update(range(first, min(_index(element.get("max"), first), _LAST_COLUMN) + 1))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    for kind, place in relations(archive, member).values():
        if kind == "table" and (table := member_xml(archive, place)) is not None:
            _enter_headers(layout, table)
    return layout


def _enter_headers(layout: _Layout, table: _Element) -> None:
    first, _, last = (table.get("ref") or "").partition(":")
    row = _index(first.lstrip(_LETTERS), 0)
    if table.get("headerRowCount") not in _OFF[:1]:
        columns = range(_column(first, 0), min(_column(last, 0), _LAST_COLUMN) + 1)
        layout.emphasised.update((row, column) for column in columns)


def _enter_cells(layout: _Layout, row: int, cells: _Element, styles: Sequence[_CellStyle]) -> None:
    column = -1
    filled = []
    for cell in cells:
        column = _column(cell.get("r"), column + 1)
        if len(cell):
            filled.append(column)
            number = cell.get("s")
            if number and number.isdecimal() and int(number) < len(styles):
                style = styles[int(number)]
                if style.code:
                    layout.formats[row, column] = style.code
                if style.is_bold:
                    layout.emphasised.add((row, column))
    if filled:
        layout.filled += len(filled)
        layout.first = (min(layout.first[0], row), min(layout.first[1], *filled))
        layout.last = (max(layout.last[0], row), max(layout.last[1], *filled))


def _index(written: str | None, default: int) -> int:
    """Return the index from 0 of a row or column that a file counts from 1."""
    return min(int(written), 1 << 20) - 1 if written and written.isascii() and written.isdecimal() else default


def _column(reference: str | None, default: int) -> int:
    """Return the index from 0 of a reference's column, such as 27 for "AB12"."""
    return default if reference is None else _column_of(reference.rstrip("0123456789").upper(), default)


@cache
def _column_of(letters: str, default: int) -> int:
    if not letters or not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return default
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _rows(sheet: CalamineSheet, layout: _Layout, notes: list[str]) -> list[list[str]]:
    """Return the texts of a sheet's visible cells, those of merged cells in each place; add to ``notes``."""
    if sheet.start is None:
        return []
    top, left = sheet.start
    rows = [
        [_text(value, layout.formats.get((row, column), "")) for column, value in enumerate(values, left)]
        for row, values in enumerate(sheet.to_python(), top)
    ]
    for row, column in layout.emphasised:
        if row - top in range(len(rows)) and column - left in range(len(rows[row - top])):
            rows[row - top][column - left] = Emphasised(rows[row - top][column - left])
    _repeat_merged(rows, sheet.merged_cell_ranges or [], top, left)
    columns = range(left, left + max(map(len, rows), default=0))
    gone_rows = {row for row in layout.hidden_rows if row - top in range(len(rows)) and any(rows[row - top])}
    gone = {column for column in layout.hidden_columns if column in columns and any(r[column - left] for r in rows)}
    for number, (one, many) in ((len(gone_rows), _HIDDEN_ROWS), (len(gone), _HIDDEN_COLUMNS)):
        if number:
            notes.append(counted(number, f"{one} of sheet “{sheet.name}”", f"{many} of sheet “{sheet.name}”"))
    return [
        [cell for column, cell in enumerate(cells, left) if column not in gone]
        for row, cells in enumerate(rows, top)
        if row not in gone_rows
    ]


def _repeat_merged(
    rows: list[list[str]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], top: int, left: int
) -> None:
    left_over = _MAXIMUM_PLACES
    for (first_row, first_column), (last_row, last_column) in ranges:
        if not (0 <= first_row - top < len(rows) and 0 <= first_column - left < len(rows[first_row - top])):
            continue
        text = rows[first_row - top][first_column - left]
        for row in rows[first_row - top : last_row - top + 1]:
            places = range(first_column - left, min(last_column - left + 1, len(row)))
            left_over -= len(places)
            if left_over < 0:
                return
            for place in places:
                row[place] = text


def _text(value: Value, code: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_shown(value, code)
    return date_text(value, code)


def _drawn(archive: BoundedZip, member: str) -> Iterator[str]:
    """Yield the texts of the text boxes on a sheet."""
    for kind, place in relations(archive, member).values() if member in archive else ():
        if kind == "drawing" and (root := member_xml(archive, place)) is not None:
            yield from drawn_paragraphs(root)


def _comments(archive: BoundedZip) -> int:
    parts = (name for name in archive if name.startswith("xl/comments") and name.endswith(".xml"))
    roots = (member_xml(archive, name) for name in parts)
    return sum(sum(1 for _ in root.iter("{*}comment")) for root in roots if root is not None)


# Tables on a sheet


def _tables(path: Path, rows: Sequence[Sequence[str]], *, has_spans: bool) -> Iterator[str]:
    """Yield the texts of the tables, titles and remarks on a sheet, in order."""
    for block in _joined_headers(list(_between_empty_rows(rows))):
        for part in _between_empty_columns(block):
            if text := grid_text(path, part, has_spans=has_spans):
                yield text


def _between_empty_rows(rows: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    block: list[Sequence[str]] = []
    for row in rows:
        if any(row):
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _joined_headers(blocks: Sequence[list[Sequence[str]]]) -> Iterator[list[Sequence[str]]]:
    """Yield the blocks, one of names alone together with the next, which has figures below them."""
    names: list[Sequence[str]] = []
    for block in blocks:
        filled = _filled(block[0])
        is_below = bool(names) and _filled(names[0]) >= filled and any(map(_has_digit, block[0]))
        if names and not is_below:
            yield names
            names = []
        if len(block) == 1 and len(filled) >= _PAIR and not any(map(_has_digit, block[0])):
            names = list(block)
        else:
            yield names + block
            names = []
    if names:
        yield names


def _filled(row: Sequence[str]) -> set[int]:
    return {column for column, cell in enumerate(row) if cell}


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _between_empty_columns(block: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the tables that stand side by side: each has a column of names of its own, and one more."""
    filled = sorted(set().union(*map(_filled, block)))
    starts = [column for before, column in pairwise(filled) if column > before + 1]
    parts: list[tuple[int, int]] = []
    first = filled[0]
    for start in [*starts, filled[-1] + 1]:
        parts.append((first, start))
        first = start
    grids = [[row[first:end] for row in block] for first, end in parts]
    if len(grids) > 1 and all(map(_is_table, grids)):
        yield from grids
    else:
        yield block


def _is_table(grid: Sequence[Sequence[str]]) -> bool:
    """Whether a grid has at least two columns, the first of which names its rows."""
    if len(set().union(*map(_filled, grid))) < _PAIR:
        return False
    first = [row[0] for row in grid if row and row[0]]
    return sum(map(_has_digit, first)) <= len(first) / 2
