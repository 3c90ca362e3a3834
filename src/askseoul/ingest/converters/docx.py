"""Converts Word documents: paragraphs, headings, lists, tables and text boxes in document order.

Insertions under revision are kept, deletions are not. Footnotes, comments, headers and footers are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, one_line, parse_date, subscript, superscript

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element


_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT_BOX = (f"{_W}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent"))
_TEXTS: Final = frozenset({f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_CHARACTERS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED: Final = frozenset(
    {
        *(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr", "tblPr", "trPr", "tcPr")),
        # A second copy of the element before it, for programs that do not support that.
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
_NUMBERED: Final = f"{_W}pPr/{_W}numPr"
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_DEEPEST: Final = 6
_TEMPLATE_AUTHOR: Final = "python-docx"
_TEMPLATE_CREATED: Final = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)
"""The properties of python-docx's template, which every document made from it has by default."""


def convert_docx(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of a .docx file.

    Raises ArticleTooLarge, ArticleUnreadable, and the exceptions of python-docx and lxml.
    """
    import docx

    document = docx.Document(_without_media(BoundedZip(path, content)))
    styles = _Styles(document)
    blocks: list[str] = []
    was_item = False
    for text, is_item in _blocks(document.element.body, styles):
        if blocks:
            blocks.append("\n" if is_item and was_item else "\n\n")
        blocks.append(text)
        was_item = is_item
    return _with_properties(document, "".join(blocks))


def _without_media(archive: BoundedZip) -> io.BytesIO:
    """Return an uncompressed copy of the archive with empty members in place of pictures, fonts and programs.

    python-docx unpacks all members without limits; in the copy there is nothing to unpack.
    """
    copied = io.BytesIO()
    with zipfile.ZipFile(copied, "w", zipfile.ZIP_STORED) as copy:
        for name in archive:
            copy.writestr(name, archive.read(name) if name.lower().endswith((".xml", ".rels")) else b"")
    copied.seek(0)
    return copied


class _Styles:
    """The styles of headings, with their levels, and of list items, by style id."""

    def __init__(self, document: Document) -> None:
        self.levels: dict[str, int] = {}
        self.items: set[str] = set()
        for style in document.styles:
            name = style.name or ""
            if match := _HEADING.fullmatch(name):
                self.levels[style.style_id] = min(int(match[1]), _DEEPEST)
            elif name.lower() == "title":
                self.levels[style.style_id] = 1
            elif style.element.find(_NUMBERED) is not None:
                self.items.add(style.style_id)


def _blocks(body: _Element, styles: _Styles) -> Iterator[tuple[str, bool]]:
    """Yield the text of each paragraph, heading and table, and whether it is a list item."""
    for element in _walk(body, closed={_PARAGRAPH, _TABLE}):
        if element.tag == _TABLE:
            rows = [_cells(row) for row in element.iter(_ROW)]
            if any(len(cells) > 1 for cells in rows):
                yield "\n".join("| " + " | ".join(cells) + " |" for cells in rows if any(cells)), False
            else:  # a frame around text
                yield from ((text, False) for text in map(_text, element.iter(_PARAGRAPH)) if text)
        elif element.tag == _PARAGRAPH:
            if text := _text(element):
                yield _block(element, text, styles)
            for box in _walk(element, closed={_TEXT_BOX}):
                if box.tag == _TEXT_BOX:
                    yield from ((text, False) for text in map(_text, box.iter(_PARAGRAPH)) if text)


def _walk(root: _Element, closed: Collection[str]) -> Iterator[_Element]:
    """Yield the elements below ``root`` in order, without _SKIPPED ones and without the contents of ``closed`` ones."""
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag not in _SKIPPED:
            yield element
            if element.tag not in closed:
                stack.append(iter(element))


def _block(paragraph: _Element, text: str, styles: _Styles) -> tuple[str, bool]:
    """Return a paragraph's text with the mark of a heading or list item, and whether it is a list item."""
    style_element = paragraph.find(f"{_W}pPr/{_W}pStyle")
    style = "" if style_element is None else style_element.get(f"{_W}val", "")
    if style in styles.levels:
        return "#" * styles.levels[style] + " " + " ".join(text.split()), False
    is_item = style in styles.items or paragraph.find(_NUMBERED) is not None
    return ("- " + text if is_item else text), is_item


def _cells(row: _Element) -> list[str]:
    """Return the text of each cell of a row, without that of nested tables."""
    cells = []
    for cell in _walk(row, closed={_CELL}):
        if cell.tag == _CELL:
            inner = _walk(cell, closed={_PARAGRAPH, _TABLE})
            texts = [_text(element) for element in inner if element.tag == _PARAGRAPH]
            cells.append(" ".join(" ".join(texts).split()))
    return cells


def _text(paragraph: _Element) -> str:
    pieces = []
    for element in _walk(paragraph, closed={_TEXT_BOX}):
        if element.tag in _TEXTS:
            pieces.append(_visible_text(element))
        else:
            pieces.append(_CHARACTERS.get(element.tag, ""))
    return "".join(pieces).strip()


def _visible_text(element: _Element) -> str:
    """Return a text element's text: empty if hidden, in superscript or subscript characters if so formatted."""
    run = element.getparent()
    text: str = element.text or ""
    if run.find(f"{_W}rPr/{_W}vanish") is not None:
        return ""
    alignment = run.find(f"{_W}rPr/{_W}vertAlign")
    kind = None if alignment is None else alignment.get(f"{_W}val")
    return superscript(text) if kind == "superscript" else subscript(text) if kind == "subscript" else text


def _with_properties(document: Document, text: str) -> ConvertedFile:
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        document.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
    except KeyError:  # without properties; python-docx would invent some, including a title
        return ConvertedFile(text)
    properties = document.core_properties
    created = properties.created
    is_of_template = created is not None and created.replace(tzinfo=UTC) == _TEMPLATE_CREATED
    author = one_line(properties.author)
    return ConvertedFile(
        text=text,
        title=one_line(properties.title),
        source=None if author == _TEMPLATE_AUTHOR else author,
        published=None if created is None or is_of_template else parse_date(created.date().isoformat()),
        language=one_line(properties.language),
    )
