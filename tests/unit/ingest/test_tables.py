"""Tables to statements: which row is the header, and what each statement says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.ingest.converters.tables import table_text


@pytest.mark.parametrize(
    ("rows", "headers", "text"),
    [
        pytest.param(
            [["District", "Turnout", "Seats"], ["Norvik", "58.7", "11"], ["애스터 🙂", "", "9"]],
            None,
            "| District: Norvik; Turnout: 58.7; Seats: 11.\n| District: 애스터 🙂; Seats: 9.",
            id="a header, and an empty cell",
        ),
        pytest.param([["", "2023"], ["Roads", "18"]], None, "| Roads; 2023: 18.", id="years above an empty corner"),
        pytest.param(
            [["", "Turnout", "Turnout"], ["District", "2021", "2025"], ["Aster", "1", "2"]],
            2,
            "| District: Aster; Turnout 2021: 1; Turnout 2025: 2.",
            id="a merged header above another",
        ),
        pytest.param(
            [["Saturday", "11:00 to 16:00"], ["Tuesday:", "closed"]],
            None,
            "| Saturday: 11:00 to 16:00.\n| Tuesday: closed.",
            id="labels without a header",
        ),
        pytest.param(
            [["Monday", "closed"], ["Friday", "12:00 to 21:00"], ["Sunday", "10:00 to 17:00"]],
            None,
            "| Monday: closed.\n| Friday: 12:00 to 21:00.\n| Sunday: 10:00 to 17:00.",
            id="labels without a header, the first without a figure",
        ),
        pytest.param(
            [["Press", "Cider in litres"], ["Old press", "14 200"], ["New press", "₩38,750"]],
            None,
            "| Press: Old press; Cider in litres: 14 200.\n| Press: New press; Cider in litres: ₩38,750.",
            id="two columns with a header",
        ),
        pytest.param([["Share", "It grew.¹"]], 0, "| Share: It grew.¹", id="a sentence with a note in a cell"),
        pytest.param(
            [["Item", "Price"], ["Drinks", "Drinks"], ["Tea", "3"]],
            None,
            "| Drinks.\n| Item: Tea; Price: 3.",
            id="a line over all columns",
        ),
        pytest.param([["Who", "When"]], 1, "| Who: When.", id="headers only"),
        pytest.param([["One cell.\r\n"]], None, "| One cell.", id="a single cell with CRLF"),
        pytest.param([["שלום", "3"]], 0, "| שלום: 3.", id="right to left"),
        pytest.param([["", ""], []], None, "", id="nothing"),
    ],
)
def test_each_row_is_a_statement_with_its_headers(rows, headers, text):
    assert table_text(rows, headers) == text


@given(st.lists(st.lists(st.text(), max_size=4), max_size=4), st.none() | st.integers(0, 4))
def test_every_table_has_a_line_a_row(rows, headers):
    lines = table_text(rows, headers).splitlines() if any("".join(row).strip() for row in rows) else []
    assert len(lines) <= len(rows)
    assert all(line.startswith("| ") for line in lines if "\x1c" not in line)
