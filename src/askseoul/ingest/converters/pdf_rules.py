"""Ruled tables and boxes of a PDF page: what the lines that are drawn on it enclose."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from askseoul.ingest.converters.pdf_layout import as_rows
from askseoul.ingest.converters.pdf_lines import Line, Rule, Table, upright
from askseoul.ingest.converters.pdf_tables import header_rows

_THIN: Final = 2.5
"""Points; what is thinner is a line."""
_TOUCH: Final = 2.0
"""Points by which lines may miss each other."""
_MOST_OBJECTS: Final = 20_000
_MOST_RULES: Final = 400
_MOST_SEGMENTS: Final = 200
_SHORTEST: Final = 5.0
_LARGEST_BOX: Final = 0.8
"""A box with more than this share of a page's lines is its frame."""
_CORNERS: Final = 4


Rules: TypeAlias = tuple[list[Rule], list[Rule]]
"""Level and upright ones."""


def read_rules(page: object, quadrant: int) -> Rules:
    """Return the level and upright lines of a page, edges of rectangles included."""
    from pypdfium2 import raw

    found: Rules = ([], [])
    edges = [ctypes.c_float() for _ in range(4)]
    references = [ctypes.byref(edge) for edge in edges]
    for number in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        drawn = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetType(drawn) != raw.FPDF_PAGEOBJ_PATH:
            continue
        if not raw.FPDFPageObj_GetBounds(drawn, *references):
            continue
        left, bottom, right, top = (edge.value for edge in edges)
        segments = raw.FPDFPath_CountSegments(drawn)
        if segments > _CORNERS + 2 and segments <= _MOST_SEGMENTS:
            _add_segments(found, drawn, segments, quadrant)
        else:
            (x1, y1), (x2, y2) = upright(quadrant, left, bottom), upright(quadrant, right, top)
            _add_rectangle(found, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        if len(found[0]) + len(found[1]) > _MOST_RULES:
            break
    return found


def _add_rectangle(found: Rules, left: float, top: float, right: float, bottom: float) -> None:
    if bottom - top <= _THIN and right - left >= _SHORTEST:
        found[0].append(Rule((top + bottom) / 2, left, right))
    elif right - left <= _THIN and bottom - top >= _SHORTEST:
        found[1].append(Rule((left + right) / 2, top, bottom))
    elif right - left >= _SHORTEST and bottom - top >= _SHORTEST:
        level, standing = found
        level += [Rule(top, left, right), Rule(bottom, left, right)]
        standing += [Rule(left, top, bottom), Rule(right, top, bottom)]


def _add_segments(found: Rules, drawn: object, segments: int, quadrant: int) -> None:
    """Add the lines of a path of many segments."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    for number in range(segments):
        segment = raw.FPDFPath_GetPathSegment(drawn, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        place = upright(
            quadrant,
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if before is not None and raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_LINETO:
            (x1, x2), (y1, y2) = sorted((before[0], place[0])), sorted((before[1], place[1]))
            if min(x2 - x1, y2 - y1) <= _THIN:
                _add_rectangle(found, x1, y1, x2, y2)
        before = place


def enclose(lines: list[Line], levels: list[Rule], uprights: list[Rule]) -> list[Line]:
    """Return the lines with those in a ruled table or a box replaced by one line for the table or the box."""
    for level, standing in _groups(levels, uprights):
        columns, heights = _merged(rule.at for rule in standing), _merged(rule.at for rule in level)
        if len(columns) < 2 or len(heights) < 2:
            continue
        inside = [
            line
            for line in lines
            if columns[0] - _TOUCH < (line.left + line.right) / 2 < columns[-1] + _TOUCH
            and heights[0] < line.y - line.size / 4 < heights[-1]
        ]
        if not inside:
            continue
        if len(columns) > 2 and len(heights) > 2:
            whole = _standing_for(inside)
            whole.table = _grid(inside, level, standing, columns, heights)
        elif len(inside) < _LARGEST_BOX * len(lines):
            whole = _standing_for(inside)
            whole.boxed = inside
        else:
            continue
        taken = set(map(id, inside))
        lines = [line for line in lines if id(line) not in taken] + [whole]
    return lines


def _standing_for(lines: Sequence[Line]) -> Line:
    first = min(lines, key=lambda line: line.y)
    return Line("", min(line.left for line in lines), max(line.right for line in lines), first.y, first.size)


def _groups(levels: list[Rule], uprights: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Return the level and upright rules of each figure of lines that touch."""
    count = len(levels)
    parents = list(range(count + len(uprights)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for first, level in enumerate(levels):
        for second, standing in enumerate(uprights, count):
            if (
                level.begin - _TOUCH <= standing.at <= level.end + _TOUCH
                and standing.begin - _TOUCH <= level.at <= standing.end + _TOUCH
            ):
                parents[root(second)] = root(first)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate(levels + uprights):
        groups.setdefault(root(number), ([], []))[number >= count].append(rule)
    return list(groups.values())


def _merged(places: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > _THIN:
            merged.append(place)
    return merged


def _grid(
    lines: Sequence[Line], level: Sequence[Rule], standing: Sequence[Rule], columns: list[float], heights: list[float]
) -> Table:
    """Return a ruled table. Cells between which no line is drawn are one."""
    across, down = len(columns) - 1, len(heights) - 1
    owner = [[(row, column) for column in range(across)] for row in range(down)]
    for row in range(down):
        for column in range(across):
            if column and not _drawn(standing, columns[column], heights[row], heights[row + 1]):
                owner[row][column] = owner[row][column - 1]
            elif row and not _drawn(level, heights[row], columns[column], columns[column + 1]):
                owner[row][column] = owner[row - 1][column]
    texts: dict[tuple[int, int], list[Line]] = {}
    for line in chain.from_iterable(_divided(whole, standing, columns[1:-1]) for whole in lines):
        row = max((number for number in range(down) if heights[number] < line.y - line.size / 4), default=0)
        middle = (line.left + line.right) / 2
        column = max((number for number in range(across) if columns[number] < middle), default=0)
        texts.setdefault(owner[row][column], []).append(line)
    joined = {
        place: " ".join(line.text for row in as_rows(part) for line in row.lines) for place, part in texts.items()
    }
    cells = [[joined.get(owner[row][column], "") for column in range(across)] for row in range(down)]
    top = max(sum(owner[row][0] == owner[0][0] for row in range(down)), 1)
    if top == 1 and len({owner[0][column] for column in range(across)}) in range(2, across):
        top = 2
    return Table(cells, top if 1 < top < down else header_rows(cells))


def _divided(line: Line, standing: Sequence[Rule], columns: Sequence[float]) -> Iterator[Line]:
    """Yield the parts of a line on each side of the rules through it. Its letters are taken to be equally wide."""
    for at in columns:
        crosses = line.left + _TOUCH < at < line.right - _TOUCH
        if not crosses or not _drawn(standing, at, line.y - line.size, line.y):
            continue
        wanted = (at - line.left) / (line.right - line.left) * len(line.text)
        spaces = [number for number, character in enumerate(line.text) if character == " "]
        if not spaces:
            continue
        space = min(spaces, key=lambda number: abs(number - wanted))
        yield Line(line.text[:space], line.left, at - _TOUCH, line.y, line.size)
        line = Line(line.text[space + 1 :], at + _TOUCH, max(line.right, at + 2 * _TOUCH), line.y, line.size)
    yield line


def _drawn(rules: Sequence[Rule], at: float, begin: float, end: float) -> bool:
    """Whether a rule is drawn at a place through the middle of a range."""
    middle = (begin + end) / 2
    return any(abs(rule.at - at) <= _THIN and rule.begin - _TOUCH <= middle <= rule.end + _TOUCH for rule in rules)
