"""A Word document's bytes into its text: paragraphs, headings, lists, tables and text boxes, as the document stands.

What was inserted under revision is there and what was deleted is not. Footnotes, comments, headers and footers are left
out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, lowered, one_line, raised, stated_date

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element


_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT_BOX = (f"{_W}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent"))
_TEXTS: Final = frozenset({f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_CHARACTERS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_REMOVED: Final = frozenset(
    {
        *(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr", "tblPr", "trPr", "tcPr")),
        # The same once more, for programs that don't know the form before it.
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
_NUMBERED: Final = f"{_W}pPr/{_W}numPr"
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_DEEPEST: Final = 6
_TEMPLATE_AUTHOR: Final = "python-docx"
_TEMPLATE_CREATED: Final = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)
"""What the template that python-docx comes with says of every document made from it."""


def read_document(archive: BoundedZip) -> ConvertedFile:
    """The text of a .docx. Raises ArticleTooLarge, ArticleUnreadable, and what python-docx and lxml may raise."""
    import docx

    document = docx.Document(_parts(archive))
    styles = _Styles(document)
    blocks: list[str] = []
    was_item = False
    for text, is_item in _blocks(document.element.body, styles):
        if blocks:
            blocks.append("\n" if is_item and was_item else "\n\n")
        blocks.append(text)
        was_item = is_item
    return _described(document, "".join(blocks))


def _parts(archive: BoundedZip) -> io.BytesIO:
    """The archive with its XML and, in place of pictures, fonts and programs, nothing.

    python-docx unpacks all that it is given by itself, without bounds; here it has nothing to unpack.
    """
    copied = io.BytesIO()
    with zipfile.ZipFile(copied, "w", zipfile.ZIP_STORED) as copy:
        for name in archive:
            copy.writestr(name, archive.read(name) if name.lower().endswith((".xml", ".rels")) else b"")
    copied.seek(0)
    return copied


class _Styles:
    """Which styles make a heading or an item of a list of a paragraph, by the style's id."""

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
    """Each paragraph, heading and table, and whether it is an item of a list."""
    for element in _within(body, _REMOVED, whole={_PARAGRAPH, _TABLE}):
        if element.tag == _TABLE:
            rows = [_cells(row) for row in element.iter(_ROW)]
            if any(len(cells) > 1 for cells in rows):
                yield "\n".join("| " + " | ".join(cells) + " |" for cells in rows if any(cells)), False
            else:  # a frame around text
                yield from ((text, False) for text in map(_text, element.iter(_PARAGRAPH)) if text)
        elif element.tag == _PARAGRAPH:
            if text := _text(element):
                yield _marked(element, text, styles)
            for box in _within(element, _REMOVED, whole={_TEXT_BOX}):
                if box.tag == _TEXT_BOX:
                    yield from ((text, False) for text in map(_text, box.iter(_PARAGRAPH)) if text)


def _within(root: _Element, left_out: Collection[str], whole: Collection[str]) -> Iterator[_Element]:
    """The elements below ``root`` in order, without those that are left out and without what is in the ``whole``."""
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag not in left_out:
            yield element
            if element.tag not in whole:
                stack.append(iter(element))


def _text(paragraph: _Element) -> str:
    pieces = []
    for element in _within(paragraph, _REMOVED, whole={_TEXT_BOX}):
        if element.tag in _TEXTS:
            pieces.append(_as_seen(element))
        else:
            pieces.append(_CHARACTERS.get(element.tag, ""))
    return "".join(pieces).strip()


def _as_seen(text: _Element) -> str:
    """What a run's text is to the eye: nothing where it is hidden, small figures where it is raised or lowered."""
    run = text.getparent()
    written: str = text.text or ""
    if run.find(f"{_W}rPr/{_W}vanish") is not None:
        return ""
    placed = run.find(f"{_W}rPr/{_W}vertAlign")
    kind = None if placed is None else placed.get(f"{_W}val")
    return raised(written) if kind == "superscript" else lowered(written) if kind == "subscript" else written


def _marked(paragraph: _Element, text: str, styles: _Styles) -> tuple[str, bool]:
    named = paragraph.find(f"{_W}pPr/{_W}pStyle")
    style = "" if named is None else named.get(f"{_W}val", "")
    if style in styles.levels:
        return "#" * styles.levels[style] + " " + " ".join(text.split()), False
    is_item = style in styles.items or paragraph.find(_NUMBERED) is not None
    return ("- " + text if is_item else text), is_item


def _cells(row: _Element) -> list[str]:
    """The text of each of a row's cells, without that of tables inside."""
    cells = []
    for cell in _within(row, _REMOVED, whole={_CELL}):
        if cell.tag == _CELL:
            inner = _within(cell, _REMOVED, whole={_PARAGRAPH, _TABLE})
            texts = [_text(element) for element in inner if element.tag == _PARAGRAPH]
            cells.append(" ".join(" ".join(texts).split()))
    return cells


def _described(document: Document, text: str) -> ConvertedFile:
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        document.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
    except KeyError:  # python-docx would make properties up, a title among them
        return ConvertedFile(text)
    properties = document.core_properties
    created = properties.created
    is_of_template = created is not None and created.replace(tzinfo=UTC) == _TEMPLATE_CREATED
    author = one_line(properties.author)
    return ConvertedFile(
        text=text,
        title=one_line(properties.title),
        source=None if author == _TEMPLATE_AUTHOR else author,
        published=None if created is None or is_of_template else stated_date(created.date().isoformat()),
        language=one_line(properties.language),
    )
