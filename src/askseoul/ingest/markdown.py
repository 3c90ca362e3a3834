"""Pipe tables of Markdown, as GitHub reads them, to statements that can be read and quoted alone.

A table is a line of headers, a line such as ``|---|:-:|`` with as many cells, and rows up to a blank line or another
block. All other text stays as it is, and so does what looks like a table within fenced or indented code. In plain text
such tables are read too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from askseoul.ingest.converters.tables import table_text

_DELIMITERS = re.compile(r" {0,3}(?=[^\n]*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_MAY_HAVE_TABLE = re.compile(r"^ {0,3}[|:-][ \t|:-]*$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
_OTHER_BLOCK = re.compile(r" {4}|\t| {0,3}(?:>|#{1,6}(?:[ \t]|$)|[-+*][ \t]|\d{1,9}[.)][ \t]|`{3}|~{3}|<[A-Za-z/!?])")
"""The beginning of a line that ends a table, and can't be the headers of one."""
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_UNESCAPED_BAR = re.compile(r"(?<!\\)\|")


def tables_to_statements(text: str, maximum: int) -> str:
    """Return the text, whose line ends are ``\\n``, with each row of its tables as a statement with its headers.

    A table whose statements would make the text longer than ``maximum`` characters stays as it is: headers are
    repeated in each row.
    """
    if "|" not in text or _MAY_HAVE_TABLE.search(text) is None:
        return text
    lines = text.split("\n")
    result: list[str] = []
    room = maximum - len(text)
    fence = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = _next_fence(fence, line)
        end = number if fence else _table_end(lines, number)
        if end > number:
            table = lines[number:end]
            rows = [_cells(line) for line in (table[0], *table[2:])]
            room -= _growth(rows)
            result += table if room < 0 else [_statements(rows)]
            number = end
        else:
            result.append(line)
            number += 1
    return "\n".join(result)


def _next_fence(fence: str, line: str) -> str:
    """Return the fence of the code that goes on after this line, empty outside code; ``fence`` is the one before it."""
    match = _FENCE.fullmatch(line)
    if match is None:
        return fence
    if not fence:
        return match["fence"]
    closes = match["fence"].startswith(fence) and not match["info"].strip()
    return "" if closes else fence


def _table_end(lines: Sequence[str], start: int) -> int:
    """Return the number of the line after the table whose headers are in line ``start``; ``start`` if there is none."""
    if start + 1 >= len(lines) or "-" not in lines[start + 1] or _DELIMITERS.fullmatch(lines[start + 1]) is None:
        return start
    if _UNESCAPED_BAR.search(lines[start]) is None or _is_other_block(lines[start]):
        return start
    if len(_cells(lines[start])) != len(_cells(lines[start + 1])):
        return start
    end = start + 2
    while end < len(lines) and lines[end].strip() and not _is_other_block(lines[end]):
        end += 1
    return end


def _is_other_block(line: str) -> bool:
    return _OTHER_BLOCK.match(line) is not None or _RULE.fullmatch(line) is not None


def _cells(line: str) -> list[str]:
    cells = _UNESCAPED_BAR.split(line.strip())
    if not cells[0].strip():
        del cells[0]
    if cells and not cells[-1].strip():
        del cells[-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _growth(rows: Sequence[Sequence[str]]) -> int:
    """Return how many characters the statements of these rows, headers first, have at most that the rows have not."""
    headers = sum(map(len, rows[0])) + 2 * len(rows[0]) + 3
    return headers * (len(rows) - 1)


def _statements(rows: Sequence[list[str]]) -> str:
    headers = rows[0]
    body = (row[: len(headers)] for row in rows[1:])
    return table_text([headers, *(row + [""] * (len(headers) - len(row)) for row in body)], 1, has_spans=False)
