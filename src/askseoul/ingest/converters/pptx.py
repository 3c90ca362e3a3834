"""Converts presentations: a heading for each slide, its text in reading order, tables, charts and speaker notes.

Speaker notes follow their slide as "Notes to slide 3: …". Hidden slides and comments are left out and counted. Footers,
dates and numbers, which every slide repeats, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from askseoul.ingest.converters.base import BoundedZip, ConvertedFile
from askseoul.ingest.converters.grids import Emphasised, cell_text, grid_text
from askseoul.ingest.converters.office import (
    chart_text,
    counted,
    drawn_paragraphs,
    drawn_text,
    picture_text,
    properties,
    uncompressed,
)
from askseoul.ingest.converters.trees import local_name, parse_xml
from askseoul.ingest.converters.word_styles import INDENT, as_item, whole

if TYPE_CHECKING:
    from lxml.etree import _Element
    from pptx.slide import Slide


_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_REPEATED: Final = frozenset({"dt", "ftr", "hdr", "sldNum"})
"""Placeholders that show the same on all slides."""
_TITLES: Final = frozenset({"title", "ctrTitle"})
_LISTED: Final = frozenset({"body", "obj", ""})
"""Placeholders whose paragraphs are items of a list unless they say otherwise."""
_MOST_COLUMNS: Final = 1000
_LEVELS: Final = 9
"""Of nested lists."""
_BANDS: Final = 20
"""Parts of a slide's height: shapes whose tops are in the same part are read from left to right."""


def convert_pptx(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of a .pptx file.

    Raises ArticleTooLarge, ArticleUnreadable, and the exceptions of python-pptx and lxml.
    """
    from pptx import Presentation

    archive = BoundedZip(path, content)
    presentation = Presentation(uncompressed(archive))
    band = max((presentation.slide_height or 0) // _BANDS, 1)
    blocks: list[str] = []
    hidden = comments = 0
    for number, slide in enumerate(presentation.slides, 1):
        comments += _comments(slide)
        if slide.element.get("show", "1") in ("0", "false"):
            hidden += 1
        else:
            blocks += _Slide(path, slide, number, band).blocks()
    notes = [counted(hidden, "hidden slide", "hidden slides")] if hidden else []
    notes += [counted(comments, "comment", "comments")] if comments else []
    return ConvertedFile("\n\n".join(blocks), notes=tuple(notes), **properties(archive))


def _comments(slide: Slide) -> int:
    parts = [
        relation.target_part.blob
        for relation in slide.part.rels.values()
        if not relation.is_external and relation.reltype.endswith("/comments")
    ]
    return sum(local_name(element) == "cm" for blob in parts for element in parse_xml(blob).iter())


class _Slide:
    """Reads one slide."""

    def __init__(self, path: Path, slide: Slide, number: int, band: int) -> None:
        self._path = path
        self._slide = slide
        self._number = number
        self._band = band

    def blocks(self) -> Iterator[str]:
        """Yield the heading, the text of the shapes and the notes; nothing for an empty slide."""
        title = self._title()
        texts = list(self._shapes(list(self._slide.shapes)))
        notes = self._notes()
        if title or texts or notes:
            mark = "# " if self._number == 1 else "## "
            yield mark + (title or f"Slide {self._number}")
        yield from texts
        if notes:
            yield f"Notes to slide {self._number}: {notes}"

    def _title(self) -> str | None:
        titles = (shape.element for shape in self._slide.shapes if _placeholder(shape.element) in _TITLES)
        return next(filter(None, map(drawn_text, titles)), None)

    def _notes(self) -> str | None:
        if not self._slide.has_notes_slide:
            return None
        frame = self._slide.notes_slide.notes_text_frame
        return None if frame is None else drawn_text(frame._txBody)

    def _shapes(self, shapes: Sequence[Any]) -> Iterator[str]:
        """Yield the texts of shapes in reading order; groups are read as one shape."""
        for shape in sorted(shapes, key=self._place):
            kind = _placeholder(shape.element)
            if kind in _TITLES or kind in _REPEATED or _is_hidden(shape.element):
                continue
            if local_name(shape.element) == "grpsp":
                yield from self._shapes(list(shape.shapes))
            elif getattr(shape, "has_table", False):
                yield from self._table(shape.table)
            elif getattr(shape, "has_chart", False):
                yield from filter(None, [chart_text(self._path, shape.chart.part._element)])
            elif shape.has_text_frame:
                yield from _paragraphs(shape.text_frame._txBody, is_list=kind in _LISTED)
            else:
                yield from self._diagram(shape.element)
            if alternative := picture_text(_alternative(shape.element)):
                yield alternative

    def _place(self, shape: Any) -> tuple[int, int]:  # noqa: ANN401
        return ((shape.top or 0) // self._band, shape.left or 0)

    def _table(self, table: Any) -> Iterator[str]:  # noqa: ANN401
        grid: list[list[str]] = []
        for row in table._tbl.tr_lst:
            texts: list[str] = []
            for cell in row.tc_lst[:_MOST_COLUMNS]:
                if cell.hMerge and texts:
                    texts.append(texts[-1])
                elif cell.vMerge and grid and len(texts) < len(grid[-1]):
                    texts.append(grid[-1][len(texts)])
                else:
                    texts.append(cell_text(drawn_paragraphs(cell)))
            grid.append(texts)
        if table.first_row and grid:
            grid[0] = list(map(Emphasised, grid[0]))
        has_spans = any(cell.hMerge for row in table._tbl.tr_lst for cell in row.tc_lst[:_MOST_COLUMNS])
        if text := grid_text(self._path, grid, has_spans=has_spans):
            yield text

    def _diagram(self, element: _Element) -> Iterator[str]:
        for reference in element.iter("{*}relIds"):
            ids = (written for name, written in reference.attrib.items() if name.endswith("}dm"))
            relation = self._slide.part.rels.get(next(ids, ""))
            if relation is not None and not relation.is_external:
                yield "\n".join(f"- {text}" for text in drawn_paragraphs(parse_xml(relation.target_part.blob)))


def _placeholder(element: _Element) -> str | None:
    """Return a placeholder's kind, empty for the most general one, or None for a shape that is none."""
    found = element.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return None if found is None else found.get("type", "")


def _properties(element: _Element) -> _Element | None:
    return next((inner for part in element[:1] for inner in part if local_name(inner) == "cnvpr"), None)


def _is_hidden(element: _Element) -> bool:
    found = _properties(element)
    return found is not None and found.get("hidden", "0") in ("1", "true")


def _alternative(element: _Element) -> str | None:
    found = _properties(element)
    return None if found is None else found.get("descr")


def _paragraphs(body: _Element, *, is_list: bool) -> Iterator[str]:
    """Yield the paragraphs of a shape, items of a list together."""
    paragraphs = [paragraph for paragraph in body if local_name(paragraph) == "p"]
    filled = [(paragraph, text) for paragraph in paragraphs if (text := drawn_text(paragraph))]
    styles = [paragraph.find(f"{_A}pPr") for paragraph, _ in filled]
    levels = [0 if style is None else whole(style.get("lvl"), 0, _LEVELS - 1) for style in styles]
    outermost = min(levels, default=0)
    items: list[str] = []
    numbers = [0] * _LEVELS
    for (_, text), style, level in zip(filled, styles, levels, strict=True):
        marks = set() if style is None else {local_name(mark) for mark in style}
        indent = INDENT * (level - outermost)
        numbers[level + 1 :] = [0] * (_LEVELS - level - 1)
        if "buautonum" in marks:
            numbers[level] += 1
            items.append(indent + as_item(f"{numbers[level]}.", text))
        elif "buchar" in marks or "bublip" in marks or (is_list and len(filled) > 1 and "bunone" not in marks):
            items.append(indent + as_item("", text))
        else:
            if items:
                yield "\n".join(items)
            items, numbers = [], [0] * _LEVELS
            yield text
    if items:
        yield "\n".join(items)
