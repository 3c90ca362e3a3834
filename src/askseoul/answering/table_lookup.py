"""What a table proves: whether a row is of what a question names, and whether the question looks up one of its cells.

A small model of prose reads "District: Norvik; 2021: 58.7; 2025: 71.2." poorly. Who names a row and a column of a
table asks for that cell, and who asks for the highest of a column asks for one row; code can prove both. Over 200
questions on 40 documents (evals/quality/lines.py) 15 of those that a row answers are looked up so, no wrong row, and 1
question that nothing answers.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from askseoul.domain import Evidence, Span
from askseoul.nlp import lexicon
from askseoul.nlp.lines import kind_of, label_of, rows_beside
from askseoul.nlp.quantities import Quantity, find_figures
from askseoul.nlp.text import parse
from askseoul.retrieval.question import Question

HELD: Final = 0.65
"""Least share of the question's content stems in the row and what introduces it."""
_SCALES: Final = (1, 1_000, 1_000_000, 1_000_000_000)
"""A table may give its figures "in millions"."""


_HIGHEST: Final = re.compile(rf"\b(?:{lexicon.pattern('questions', 'highest')})\b", re.IGNORECASE)
_LOWEST: Final = re.compile(rf"\b(?:{lexicon.pattern('questions', 'lowest')})\b", re.IGNORECASE)
_TOTAL: Final = re.compile(rf"\W*(?:{lexicon.pattern('questions', 'totals')})\b", re.IGNORECASE)
"""The label of a row that sums up the others."""
_UNIT: Final = re.compile(r"\s*\((?![^()]*\d{4})[^()]*\)\s*$")
"""A unit at the end of a header, such as "Rain (mm)", which a question need not name; a year is none."""
_ROW_MARK: Final = re.compile(r"^[ \t]*\|[ \t]*")


class _Cell(NamedTuple):
    """A cell's header, which may be empty, and its text."""

    header: str
    text: str


def is_row(item: Evidence) -> bool:
    """Whether the evidence is a row of a table."""
    return kind_of(item.quote.article.text, _span(item)) == "row"


def is_of_another_row(question: Question, item: Evidence) -> bool:
    """Whether a question names another row of the table than this one, and not this one."""
    text, own = item.quote.article.text, _span(item)
    return not _is_named(question, label_of(text, own)) and any(
        _is_named(question, label_of(text, row)) for row in rows_beside(text, own)
    )


def is_looked_up(question: Question, item: Evidence) -> bool:
    """Whether a question looks up a cell of this row: it names a column, and the row or what stands in the cell, and
    most of its other words stand in the row or in what introduces it."""
    held = parse(f"{item.lead}\n{item.quote.text}").stems
    if len(question.stems & held) < HELD * len(question.stems):
        return False
    label, *others = _cells(item.quote.text)
    named = [cell for cell in others if _is_named(question, cell.header)]
    if others and not named:
        return any(_holds_figure(question, cell) for cell in others) and _is_named(question, label.header)
    return _is_named(question, label_of(item.quote.article.text, _span(item))) or any(
        _holds_figure(question, cell) for cell in named
    )


def is_extreme(question: Question, item: Evidence) -> bool | None:
    """Whether a row has the highest or lowest figure of the column that a question names, if it asks for that; None if
    it asks for no such thing, or if the column does not hold a figure in every row."""
    asks = [side for side, pattern in ((max, _HIGHEST), (min, _LOWEST)) if pattern.search(question.parsed.normalized)]
    if len(asks) != 1:
        return None
    text = item.quote.article.text
    own = _cells(item.quote.text)
    columns = [cell.header for cell in own[1:] if _is_named(question, cell.header)]
    if len(columns) != 1:
        return None
    rows = [own, *(_cells(_ROW_MARK.sub("", text[row.start : row.end])) for row in rows_beside(text, _span(item)))]
    cells = [[cell.text for cell in row if cell.header == columns[0]] for row in rows if not _TOTAL.match(row[0].text)]
    figures = [[each.value for each in find_figures(parse(held[0])).quantities] for held in cells if held]
    if len(figures) < len(cells) or not all(figures):
        return None
    return figures[0][0] == asks[0](figure[0] for figure in figures) and not _TOTAL.match(own[0].text)


def holds_scaled(quantity: Quantity, text: str) -> bool:
    """Whether a text holds a quantity, perhaps in thousands or millions: ``31`` holds "31 million"."""
    return any(
        quantity.matches(other) or (not other.unit and any(other.value * scale == quantity.value for scale in _SCALES))
        for other in find_figures(parse(text)).quantities
    )


def _cells(row: str) -> list[_Cell]:
    parts = [part.partition(": ") for part in row.rstrip(".").split("; ")]
    return [_Cell(header, text) if text else _Cell("", header) for header, _, text in parts]


def _is_named(question: Question, name: str) -> bool:
    stems = parse(_UNIT.sub("", name)).content_stems
    return bool(stems) and stems <= question.stems


def _holds_figure(question: Question, cell: _Cell) -> bool:
    """Whether a cell holds a quantity of the question that its header does not."""
    asked = find_figures(question.parsed).quantities
    return any(holds_scaled(each, cell.text) and not holds_scaled(each, cell.header) for each in asked)


def _span(item: Evidence) -> Span:
    return Span(item.quote.start, item.quote.end)
