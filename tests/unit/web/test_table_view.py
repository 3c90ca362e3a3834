"""Rows of a table as cells: which cell stands below which, and no character of the text lost."""

from __future__ import annotations

import pytest
from lxml import html
from markupsafe import Markup

from askseoul.domain import Span
from askseoul.web.table_view import rows_of, table_html


def table_of(text):
    shown = table_html(text, rows_of(text, Span(0, len(text))), lambda span: Markup.escape(text[span.start : span.end]))
    return html.fromstring(str(shown))


def cells_of(table):
    """The cells by row, as they are seen."""
    for unseen in table.xpath(".//span[@class='unseen']"):
        unseen.drop_tree()
    return [[cell.text_content() for cell in row.xpath("./div")] for row in table.xpath("./div")]


TABLES = [
    pytest.param(
        "| District: Norvik; Seats: 11.\n| District: 애스터 🙂; Seats: 9.",
        [["DistrictNorvik", "Seats11"], ["애스터 🙂", "9"]],
        id="headers are seen in the first row",
    ),
    pytest.param(
        "| Roads; 2023: 18; 2024: 20.\n| Parks; 2024: 2.\n| Pools; 2023: 1.",
        [["Roads", "202318", "202420"], ["Parks", "", "2"], ["Pools", "1", ""]],
        id="an empty corner and empty cells",
    ),
    pytest.param(
        "| A: 1; C: 3.\n| A: 1; B: 2; C: 3.\n| B: 2; C: 3.",
        [["A1", "", "C3"], ["1", "2", "3"], ["", "2", "3"]],
        id="a header that the first row lacks",
    ),
    pytest.param("| A: x; y; B: 2.\n| A: z; B: 3.", [["Ax; y", "B2"], ["z", "3"]], id="a separator inside a cell"),
    pytest.param(
        "| Saturday: 11:00 to 16:00.\n| Tuesday: closed.",
        [["Saturday: ", "11:00 to 16:00."], ["Tuesday: ", "closed."]],
        id="labels without headers",
    ),
    pytest.param("| A: 1; B: 2.\n| Total.\n| A: 3; B: 4.", [["A1", "B2"], ["Total."], ["3", "4"]], id="a line"),
    pytest.param("| A: 1; A: 2.\n| A: 3; A: 4.", [["A: 1; A: 2."], ["A: 3; A: 4."]], id="the same header twice"),
]


@pytest.mark.parametrize(("text", "cells"), TABLES)
def test_cells_stand_below_their_header(text, cells):
    assert cells_of(table_of(text)) == cells


@pytest.mark.parametrize(("text", "cells"), TABLES)
def test_no_character_of_the_text_is_lost(text, cells):
    assert table_of(text).text_content() == text


@pytest.mark.parametrize(
    "text", ["", "Prose.", "| A: 1.\nProse.", "| a | b |\n| c | d |"], ids=["empty", "prose", "mixed", "between bars"]
)
def test_other_paragraphs_are_no_tables(text):
    assert rows_of(text, Span(0, len(text))) == []
