"""Pipe tables in Markdown and plain text: rows become statements, and nothing else changes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from askseoul.ingest.converters.tables import ROW_MARK
from askseoul.ingest.markdown import tables_to_statements

MAXIMUM = 5_000_000
TURNOUT = "| District | 2021 | 2025 |\n|---|--:|:-:|\n| Norvik | 58.7 % | 71.2 % |\n| 강릉 | 61 % | |"
STATEMENTS = "| District: Norvik; 2021: 58.7 %; 2025: 71.2 %.\n| District: 강릉; 2021: 61 %."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TURNOUT, STATEMENTS, id="a-table-is-all"),
        pytest.param(f"Turnout:\n\n{TURNOUT}\n\nIt rose.", f"Turnout:\n\n{STATEMENTS}\n\nIt rose.", id="between-texts"),
        pytest.param(f"{TURNOUT}\n# Next", f"{STATEMENTS}\n# Next", id="a-heading-ends-it"),
        pytest.param(f"{TURNOUT}\n- an item", f"{STATEMENTS}\n- an item", id="a-list-ends-it"),
        pytest.param("City | Trams\n--- | ---\nOslo | 6", "| City: Oslo; Trams: 6.", id="without-outer-bars"),
        pytest.param("|a|\n|-|\n|Tea.|", "| a: Tea.", id="one-column"),
        pytest.param("|a|b|\n|-|-|\n|2|2|", "| a: 2; b: 2.", id="cells-alike"),
        pytest.param("| a | b | c |\n|---|---|---|", "| a; b; c.", id="headers-only"),
        pytest.param("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| 4 |", "| a: 1; b: 2.\n| a: 4.", id="ragged-rows"),
        pytest.param("| a | b |\n|---|---|\n| x \\| y | `p \\| q` |", "| a: x | y; b: `p | q`.", id="escaped-bars"),
        pytest.param("   |a|b|\n   |-|-|\n   |1|2|", "| a: 1; b: 2.", id="three-spaces"),
        pytest.param("Trams | 6\n\nBuses | 9", None, id="no-line-of-hyphens"),
        pytest.param("| a | b |\n|---|\n| 1 | 2 |", None, id="another-number-of-cells"),
        pytest.param(f"```\n{TURNOUT}\n```", None, id="fenced-code"),
        pytest.param(f"~~~ text\n{TURNOUT}\n```\n{TURNOUT}\n~~~", None, id="another-fence-within"),
        pytest.param(f"````\n```\n{TURNOUT}\n````", None, id="a-shorter-fence-within"),
        pytest.param(f"```\n{TURNOUT}", None, id="code-that-is-not-closed"),
        pytest.param("    | a | b |\n    |---|---|\n    | 1 | 2 |", None, id="indented-code"),
        pytest.param("Type `a | b` or `|---|`.\nThen go on.", None, id="inline-code"),
        pytest.param("Title\n---\nText | more", None, id="a-heading-above-hyphens"),
        pytest.param("> | a |\n> |---|\n> | 1 |", None, id="in-a-quotation"),
        pytest.param("", None, id="empty"),
        pytest.param("|---|---|", None, id="hyphens-alone"),
    ],
)
def test_tables(text: str, expected: str | None) -> None:
    assert tables_to_statements(text, MAXIMUM) == (text if expected is None else expected)


TABLE_LINES = ["| a | b |", "a | b", "|---|---|", "-|-", ":-:|:-:", "| 1 |", "|-|"]
LINES = [*TABLE_LINES, "", "Text.", "# Head", "```", "~~~", "````", "    | a | b |", "`a | b`", "가 | 나"]
NESTED = ["- item", "> quoted", "1. first", "<div>", "\t| a |"]


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_tables_are_those_of_a_markdown_parser(text: str) -> None:
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    spans = [token.map for token in tokens if token.type == "table_open" and token.map]
    within = {number for start, end in spans for number in range(start, end)}
    outside = [line for number, line in enumerate(lines) if number not in within]
    rest = [
        line for line in tables_to_statements(text, MAXIMUM).split("\n") if line in lines and not _is_statement(line)
    ]
    assert [line for line in outside if not _is_statement(line)] == rest


def _is_statement(line: str) -> bool:
    return line.startswith(ROW_MARK) and line.endswith(".")


@given(st.lists(st.sampled_from([*LINES, *NESTED]) | st.text(max_size=12), max_size=12).map("\n".join))
def test_no_other_text_changes(text: str) -> None:
    lines = text.split("\n")
    kept = iter(tables_to_statements(text, MAXIMUM).split("\n"))
    assert all(
        line in lines or line.startswith(ROW_MARK) or not line
        for line in tables_to_statements(text, MAXIMUM).split("\n")
    )
    without_bars = [line for line in lines if "|" not in line and line.strip()]
    if not any("-|" in line or "|-" in line or ":|" in line or "|:" in line for line in lines):
        assert all(line in kept for line in without_bars)
        assert tables_to_statements(text, MAXIMUM) == text


@pytest.mark.parametrize(
    "piece", ["|-\n", "a|b\n-|-\n", " | | | \n", "```\n", "|a", "|-", "- ", "~~~\n|a|\n|-|\n", "\\|"]
)
def test_hostile_text_takes_no_longer_than_any(piece: str) -> None:
    started = time.perf_counter()
    tables_to_statements(f"|a|\n|-|\n{piece * (1_000_000 // len(piece))}", MAXIMUM)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(("maximum", "is_kept"), [(len(TURNOUT), True), (10 * len(TURNOUT), False)])
def test_a_text_does_not_grow_beyond_its_maximum(maximum: int, is_kept: bool) -> None:
    assert (tables_to_statements(TURNOUT, maximum) == TURNOUT) == is_kept


def test_long_headers_are_not_repeated_without_end() -> None:
    text = f"|{'a' * 1_000_000}|b|\n|-|-|\n" + "|1|2|\n" * 100_000
    assert tables_to_statements(text, MAXIMUM) == text
