"""Running headers, footers and page numbers of a PDF: what stands at the same place near the edge of several pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from askseoul.ingest.converters.pdf_layout import Row, as_rows
from askseoul.ingest.converters.pdf_lines import Line

_EDGE_ROWS, _EDGE_LINES = 3, 6
"""Rows in which running lines are looked for, and the lines that these can have."""
_SAME_PLACE: Final = 4.0
"""Points by which a running line may move from page to page."""
_APART: Final = 1.8
"""What stands in a row with a running line is of it if other rows are farther than this multiple of the type size."""
_LEAST_ROOM: Final = 1.4
"""The same between running lines and the text."""
_LARGE: Final = 1.1
_MANY_PAGES: Final = 4
_MOST_NUMBERS: Final = 5
_DIGITS: Final = re.compile(r"\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_LEAST_LETTERS: Final = 3
_PAGE_NUMBER: Final = re.compile(
    r"\W*(?:(?:page|p\.|seite|página|pagina|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de|di)\s*\d{1,4})?\W*"
    r"|\W*\d{1,4}\s*쪽\W*",
    re.IGNORECASE,
)
_PAGE_PART: Final = re.compile(
    r"\W*\b(?:page|seite|página|pagina)\s*\d{1,4}(?:\s*(?:/|of|von|de|di)\s*\d{1,4})?\W*$|\s+\d{1,4}\s*$", re.IGNORECASE
)

_height = attrgetter("y")


@dataclass(slots=True)
class Running:
    """What was taken off the pages: texts that are not page numbers, each once."""

    headers: list[str] = field(default_factory=list)
    footers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Places:
    """Where lines near an edge stand that are alike but for their figures."""

    heights: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How many of a key stand at each height, in steps of _SAME_PLACE."""
    counted: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """How many have each difference between one of their numbers, the first to the last, and that of their page."""
    texts: Counter[str] = field(default_factory=Counter)


def take_running(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], Running]:
    """Return the lines of each page without those that run through the pages, and the texts of these.

    Of a single page nothing is taken.
    """
    running = Running()
    if len(pages) < 2:
        return list(pages), running
    sizes = sorted(line.size for lines in pages for line in lines)
    large = _LARGE * sizes[len(sizes) // 2] if sizes else 0.0
    ordered = [sorted(lines, key=_height) for lines in pages]
    taken: set[int] = set()
    for is_below, texts in ((False, running.headers), (True, running.footers)):
        edges = [
            as_rows(lines[-_EDGE_LINES:])[: -_EDGE_ROWS - 1 : -1]
            if is_below
            else as_rows(lines[:_EDGE_LINES])[:_EDGE_ROWS]
            for lines in ordered
        ]
        keys = {id(line): _key(line.text) for edge in edges for row in edge for line in row.lines}
        counts = Counter(keys.values())
        places = _Places()
        for page, edge in enumerate(edges):
            for line in (line for row in edge for line in row.lines):
                key = keys[id(line)]
                if counts[key] > 1:
                    places.heights[key, round(line.y / _SAME_PLACE)] += 1
                    places.texts[line.text] += 1
                    places.counted.update((key, *difference) for difference in _differences(line, page))
        for page, edge in enumerate(edges):
            for row in edge[: _running_rows(edge, page, len(pages), large, keys, places)]:
                taken.update(map(id, row.lines))
                _keep(row, texts, places)
    return [[line for line in lines if id(line) not in taken] for lines in pages], running


def _key(text: str) -> str:
    return " ".join(_DIGITS.sub("#", text).split()).casefold()


def _running_rows(
    edge: Sequence[Row], page: int, pages: int, large: float, keys: dict[int, str], places: _Places
) -> int:
    """Return how many rows at the edge of a page are running: the last of them stands apart from the text."""
    rows = 0
    for number, row in enumerate(edge):
        are_running = [_is_running(line, keys[id(line)], page, places, pages, large) for line in row.lines]
        room = abs(edge[number + 1].y - row.y) / row.size if number + 1 < len(edge) else _APART
        if not any(are_running) or not (all(are_running) or room >= _APART):
            break
        if room >= _LEAST_ROOM or all(_PAGE_NUMBER.fullmatch(line.text) for line in row.lines):
            rows = number + 1
    return rows


def _differences(line: Line, page: int) -> list[tuple[int, int]]:
    """Return the place and the difference from the page's number of each number in a line."""
    return [(place, int(digits[:9]) - page) for place, digits in enumerate(_DIGITS.findall(line.text)[:_MOST_NUMBERS])]


def _is_running(line: Line, key: str, page: int, places: _Places, pages: int, large: float) -> bool:
    """Whether the same text stands at the same place of another page, of most pages if it is larger than the text.

    Figures in it are the same too, or count the pages.
    """
    height = round(line.y / _SAME_PLACE)
    others = places.heights[key, height - 1] + places.heights[key, height] + places.heights[key, height + 1] - 1
    if others < 0:
        return False
    counts_pages = any(places.counted[key, *difference] > 1 for difference in _differences(line, page))
    if _PAGE_NUMBER.fullmatch(line.text):
        return counts_pages or (others > 0 and _DIGITS.search(line.text) is None)
    if len(_LETTERS.findall(line.text)) < _LEAST_LETTERS:
        return False
    is_same = counts_pages or places.texts[line.text] > 1
    return others > 0 and is_same and (line.size < large or 2 * others >= max(pages, _MANY_PAGES))


def _keep(row: Row, texts: list[str], places: _Places) -> None:
    """Keep the text of a running row, without its page number, if it is not among the texts.

    A number that is the same on several pages, as in "Outlook 2025", is none of a page.
    """
    lines = [line.text for line in row.lines if not _PAGE_NUMBER.fullmatch(line.text)]
    kept = [text if places.texts[text] > 1 else _PAGE_PART.sub("", text) for text in lines]
    text = " ".join(" ".join(kept).split())
    if text and len(_LETTERS.findall(text)) >= _LEAST_LETTERS and text not in texts:
        texts.append(text)
