"""Converts Word documents: paragraphs, headings, lists, tables, text boxes, notes and charts in document order.

A footnote or endnote leaves its number in the text, raised, and follows the paragraph, list or table that refers to it
as "Note 1: …". Footnotes have the numbers that Word shows, and endnotes the next ones. Revisions are read as accepted.
Comments, headers, footers and hidden text are left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, subscript, superscript
from askseoul.ingest.converters.grids import Emphasised, cell_text, grid_text
from askseoul.ingest.converters.office import (
    chart_text,
    counted,
    drawn_paragraphs,
    picture_text,
    properties,
    uncompressed,
)
from askseoul.ingest.converters.trees import local_name, parse_xml
from askseoul.ingest.converters.word_styles import INDENT, Numbering, Styles, W, as_item, is_on, value, whole

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element


_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT_BOX, _CONTROL = (
    f"{W}{name}" for name in ("p", "tbl", "tr", "tc", "txbxContent", "sdt")
)
_PARAGRAPH_PROPERTIES, _RUN_PROPERTIES, _CELL_PROPERTIES = (f"{W}{name}" for name in ("pPr", "rPr", "tcPr"))
_PARAGRAPH_MARK: Final = f"{W}pPr/{W}rPr"
_SPANS: Final = (f"{W}gridSpan", f"{W}hMerge")
_EMBEDDED_TEXT: Final = f"{W}altChunk"
_TEXTS: Final = frozenset({f"{W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_CHARACTERS: Final = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_SYMBOLS: Final = {
    "F0FE": "☒",
    "F0FD": "☒",
    "F052": "☑",
    "F0A8": "☐",
    "F06F": "☐",
    "F0FC": "✓",
    "F0FB": "✗",
    "F0E0": "→",
}
"""Characters of the Wingdings fonts that are used in forms and lists."""
_NOTES: Final = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_DELETED: Final = frozenset({f"{W}del", f"{W}moveFrom"})
_REVISED: Final = _DELETED | {f"{W}ins", f"{W}moveTo"}
_SKIPPED: Final = frozenset(
    {
        *_DELETED,
        *(f"{W}{name}" for name in ("pPr", "rPr", "rt", "sdtPr", "tblPr", "trPr", "tcPr")),
        # A second copy of the element before it, for programs that do not support that.
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LEFT_OUT: Final = {
    "comments": ("comment", "comments"),
    "footers": ("header or footer", "headers and footers"),
    "hidden": ("piece of hidden text", "pieces of hidden text"),
    "contents": ("table of contents", "lines of a table of contents"),
    "objects": ("embedded file", "embedded files"),
}
_FIRST_ROW = re.compile(r"[0-9A-Fa-f]{2}[2367ABEFabef][0-9A-Fa-f]")
"""The value of w:tblLook in older documents, whose bit 0x20 says the same as w:firstRow."""
_LETTER = re.compile(r"[^\W\d_]{3}")
_PAGE_WORDS = re.compile(r"\b(?:page|seite|página|pagina|pág|strona|side|sida)\b", re.IGNORECASE)
_MOST_COLUMNS: Final = 1000
_WORDS_OF_PROSE: Final = 25
"""In a frame, a cell has more words than this on average."""


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    is_item: bool = False
    level: int = 0
    """Of an item, in nested lists."""
    notes: Sequence[str] = ()
    """The notes that the block refers to."""


def convert_docx(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of a .docx file.

    Raises ArticleTooLarge, ArticleUnreadable, and the exceptions of python-docx and lxml.
    """
    import docx

    archive = BoundedZip(path, content)
    reader = _Reader(path, docx.Document(uncompressed(archive)))
    text = _joined(reader.blocks())
    return ConvertedFile(text, notes=tuple(reader.remarks()), **properties(archive))


def _joined(blocks: Iterator[_Block]) -> str:
    """Return the text of the blocks, with the notes behind the block or the list that refers to them."""
    written: list[str] = []
    notes: list[str] = []
    was_item = False
    outermost = 0
    for block in blocks:
        if not block.is_item:
            written += [piece for note in notes for piece in ("\n\n", note)]
            notes.clear()
        is_next_item = block.is_item and was_item
        outermost = min(outermost, block.level) if is_next_item else block.level
        indent = INDENT * (block.level - outermost)
        written += [("\n" if is_next_item else "\n\n") if written else "", indent + block.text]
        notes += block.notes
        was_item = block.is_item
    return "".join(written + [piece for note in notes for piece in ("\n\n", note)])


class _Reader:
    """Reads the paragraphs of a document, and counts what it leaves out."""

    def __init__(self, path: Path, document: Document) -> None:
        self._path = path
        self._body = document.element.body
        self._part = document.part
        self._styles = Styles(self._related("styles"))
        self._numbering = Numbering(self._related("numbering"))
        self._note_texts = {
            kind: {} if (root := self._related(f"{kind}s")) is None else self._texts_of_notes(root, kind)
            for kind in _NOTES.values()
        }
        self._note_numbers: Counter[str] = Counter()
        self._footnotes = sum(1 for _ in self._body.iter(f"{W}footnoteReference"))
        self._cited: list[str] = []
        self._left_out: Counter[str] = Counter()

    def _related(self, kind: str) -> _Element | None:
        """Return the root of the part that the document has of a kind, such as "styles", or None."""
        return next(self._all_related(kind), None)

    def _all_related(self, kind: str) -> Iterator[_Element]:
        for relation in self._part.rels.values():
            if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
                part = relation.target_part
                yield part.element if hasattr(part, "element") else parse_xml(part.blob)

    def blocks(self) -> Iterator[_Block]:
        """Yield the blocks of the document."""
        return self._story(self._body)

    def remarks(self) -> Iterator[str]:
        """Yield what was left out, once all blocks are read."""
        comments = self._related("comments")
        self._left_out["comments"] = 0 if comments is None else sum(1 for _ in comments.iter(f"{W}comment"))
        stories = {_plain_text(root) for kind in ("header", "footer") for root in self._all_related(kind)}
        self._left_out["footers"] = sum(_LETTER.search(_PAGE_WORDS.sub("", text)) is not None for text in stories)
        for kind, (one, many) in _LEFT_OUT.items():
            if number := self._left_out[kind]:
                yield counted(number, one, many)
        if revised := sum(1 for _ in self._body.iter(*_REVISED)):
            yield f"{revised:,} tracked change{' was' if revised == 1 else 's were'} read as accepted"

    # Paragraphs

    def _story(self, root: _Element) -> Iterator[_Block]:
        """Yield the blocks of the body, a text box or a cell."""
        begun = ""  # by paragraphs whose ends are deleted under revision
        for element in _walk(root, closed={_PARAGRAPH, _TABLE}):
            if element.tag == _TABLE:
                yield from self._table(element)
            elif element.tag == _PARAGRAPH:
                text, others = self._read(element)
                mark = element.find(_PARAGRAPH_MARK)
                if mark is not None and any(child.tag in _DELETED for child in mark):
                    begun += text
                else:
                    yield from self._paragraph(element, (begun + text).strip())
                    begun = ""
                yield from self._others(others)
            elif element.tag == _EMBEDDED_TEXT:
                self._left_out["objects"] += 1
        if begun.strip():
            yield _Block(begun.strip(), notes=self._take_notes())

    def _paragraph(self, paragraph: _Element, text: str) -> Iterator[_Block]:
        """Yield a paragraph with the mark of a heading or list item, unless it is empty."""
        if not text:
            return
        own = paragraph.find(_PARAGRAPH_PROPERTIES)
        style = self._styles[value(own, "pStyle")]
        if style.is_contents:
            self._left_out["contents"] += 1
            return
        number = value(own, "numPr/numId") or style.number or "0"
        own_level = value(own, "numPr/ilvl")
        level = style.list_level if own_level is None else whole(own_level, 0, 8)
        mark = None if number == "0" else self._numbering.mark(number, level)
        outline = whole(value(own, "outlineLvl"), 9, 9)
        heading = style.level or (min(outline + 1, 6) if outline < 9 else 0)
        if heading:
            text = "#" * heading + " " + " ".join(filter(None, [mark, *text.split()]))
            yield _Block(text, notes=self._take_notes())
        elif mark is not None:
            yield _Block(as_item(mark, text), is_item=True, level=level, notes=self._take_notes())
        else:
            yield _Block(text, notes=self._take_notes())

    def _read(self, paragraph: _Element) -> tuple[str, list[_Element]]:
        """Return a paragraph's text, and the elements in it that have a text of their own."""
        pieces: list[str] = []
        others: list[_Element] = []
        for element in _walk(paragraph, closed={_TEXT_BOX}):
            if element.tag in _TEXTS:
                pieces.append(self._visible_text(element))
            elif element.tag in _CHARACTERS:
                pieces.append(_CHARACTERS[element.tag])
            elif element.tag in _NOTES:
                pieces.append(self._note_mark(element))
            elif (local := local_name(element)) in _OTHERS or element.tag == _TEXT_BOX:
                others.append(element)
            elif local == "sym":
                pieces.append(_SYMBOLS.get(element.get(f"{W}char", "").upper(), ""))
            elif local == "ffdata":
                pieces.append(_form_field(element))
        return "".join(pieces), others

    def _visible_text(self, element: _Element) -> str:
        """Return a text element's text: empty if hidden, in superscript or subscript characters if so formatted."""
        text: str = element.text or ""
        own = element.getparent().find(_RUN_PROPERTIES)
        if own is None:
            return text
        if is_on(own, "vanish") or (value(own, "vanish") is None and self._styles[value(own, "rStyle")].is_hidden):
            self._left_out["hidden"] += bool(text.strip())
            return ""
        kind = value(own, "vertAlign")
        return superscript(text) if kind == "superscript" else subscript(text) if kind == "subscript" else text

    def _others(self, elements: Sequence[_Element]) -> Iterator[_Block]:
        """Yield the blocks of text boxes, pictures, charts and diagrams."""
        for element in elements:
            if element.tag == _TEXT_BOX:
                yield from self._story(element)
                continue
            for text in _OTHERS[local_name(element)](self, element):
                yield _Block(text, is_item=text.startswith("- "))

    def _picture(self, element: _Element) -> Iterator[str]:
        if text := picture_text(element.get("descr") or element.get("alt")):
            yield text

    def _chart(self, element: _Element) -> Iterator[str]:
        if (root := self._part_of(element.get(f"{_RELATION}id"))) is not None and (
            text := chart_text(self._path, root)
        ):
            yield text

    def _diagram(self, element: _Element) -> Iterator[str]:
        if (root := self._part_of(element.get(f"{_RELATION}dm"))) is not None:
            yield from (f"- {text}" for text in drawn_paragraphs(root))

    def _embedded(self, _: _Element) -> Iterator[str]:
        self._left_out["objects"] += 1
        return iter(())

    def _part_of(self, relation_id: str | None) -> _Element | None:
        relation = self._part.rels.get(relation_id or "")
        return None if relation is None or relation.is_external else parse_xml(relation.target_part.blob)

    # Notes

    def _texts_of_notes(self, root: _Element, kind: str) -> dict[str, str]:
        """Return the texts of the notes in a part, by id, without the lines that separate them from the text."""
        texts = {}
        for note in root.iter(f"{W}{kind}"):
            if note.get(f"{W}type", "normal") == "normal":
                paragraphs = (self._read(paragraph)[0] for paragraph in note.iter(_PARAGRAPH))
                texts[note.get(f"{W}id", "")] = " ".join(" ".join(paragraphs).split())
        return texts

    def _note_mark(self, reference: _Element) -> str:
        """Return the mark of a note in the text, and remember the note for the end of the block."""
        kind = _NOTES[reference.tag]
        text = self._note_texts[kind].get(reference.get(f"{W}id", ""), "")
        if reference.get(f"{W}customMarkFollows", "0") in ("1", "true", "on"):
            following = (element.text or "" for element in reference.itersiblings() if element.tag in _TEXTS)
            own = "".join(following).strip()
            self._cited.append(f"Note {own}: {text.removeprefix(own).strip()}")
            return ""
        self._note_numbers[kind] += 1
        number = self._note_numbers[kind] + (self._footnotes if kind == "endnote" else 0)
        if text:
            self._cited.append(f"Note {number}: {text}")
        return superscript(str(number))

    def _take_notes(self) -> Sequence[str]:
        taken, self._cited = self._cited, []
        return taken

    # Tables

    def _table(self, table: _Element) -> Iterator[_Block]:
        rows = [row for row in _walk(table, closed={_ROW}) if row.tag == _ROW and self._is_shown(row)]
        cells = [[cell for cell in _walk(row, closed={_CELL}) if cell.tag == _CELL] for row in rows]
        if _is_frame(rows, cells):
            for cell in (cell for row in cells for cell in row):
                yield from self._story(cell)
            return
        grid: list[list[str]] = []
        others: list[_Element] = []
        for row, own in zip(rows, cells, strict=True):
            texts = [""] * whole(value(row, "trPr/gridBefore"), 0, _MOST_COLUMNS)
            above = grid[-1] if grid else []
            for cell in own:
                text = self._cell_text(cell, others)
                placed = cell.find(_CELL_PROPERTIES)
                if (value(placed, "vMerge") or "restart") != "restart" and len(texts) < len(above):
                    text = above[len(texts)]
                elif value(placed, "hMerge") == "continue" and texts:
                    text = texts[-1]
                if self._is_bold(cell):
                    text = Emphasised(text)
                texts += [text] * max(whole(value(placed, "gridSpan"), 1, _MOST_COLUMNS), 1)
            grid.append(texts)
        headers = next((n for n, row in enumerate(rows) if not is_on(row, "trPr/tblHeader")), 0)
        if self._is_headed(table):
            grid[0] = list(map(Emphasised, grid[0]))
        has_spans = next(table.iter(*_SPANS), None) is not None
        if text := grid_text(self._path, grid, headers or None, has_spans=has_spans):
            yield _Block(text, notes=self._take_notes())
        for element in others:
            yield from self._table(element) if element.tag == _TABLE else self._others([element])

    def _is_shown(self, row: _Element) -> bool:
        is_hidden = is_on(row, "trPr/hidden")
        self._left_out["hidden"] += is_hidden
        return not is_hidden and value(row, "trPr/del") is None

    def _is_headed(self, table: _Element) -> bool:
        """Whether the style of a table makes its first row look different, and the table has it so."""
        look = table.find(f"{W}tblPr/{W}tblLook")
        is_first_row = look is not None and (
            look.get(f"{W}firstRow") == "1" or _FIRST_ROW.fullmatch(look.get(f"{W}val", "")) is not None
        )
        return is_first_row and self._styles[value(table, "tblPr/tblStyle")].heads_tables

    def _is_bold(self, cell: _Element) -> bool:
        """Whether all text of a cell is bold."""
        texts = [element for element in cell.iter(f"{W}t") if (element.text or "").strip()]
        return bool(texts) and all(map(self._is_bold_text, texts))

    def _is_bold_text(self, element: _Element) -> bool:
        run = element.getparent()
        own = run.find(_RUN_PROPERTIES)
        if value(own, "b") is not None:
            return is_on(own, "b")
        paragraph = next(run.iterancestors(_PARAGRAPH), None)
        styles = (value(own, "rStyle"), value(paragraph, "pPr/pStyle"))
        return any(self._styles[style].is_bold for style in styles)

    def _cell_text(self, cell: _Element, others: list[_Element]) -> str:
        """Return the text of a cell's own paragraphs in one line, and add what else is in it to ``others``."""
        texts: list[str] = []
        for element in _walk(cell, closed={_PARAGRAPH, _TABLE}):
            if element.tag == _TABLE:
                others.append(element)
            elif element.tag == _PARAGRAPH:
                text, inner = self._read(element)
                others += inner
                texts.append(" ".join(text.split()))
        return cell_text(texts)


_OTHERS: Final[dict[str, Callable[[_Reader, _Element], Iterator[str]]]] = {
    "docpr": _Reader._picture,
    "shape": _Reader._picture,
    "chart": _Reader._chart,
    "relids": _Reader._diagram,
    "oleobject": _Reader._embedded,
}
"""How the elements that have a text of their own are read, by their local names."""


def _walk(root: _Element, closed: Collection[str]) -> Iterator[_Element]:
    """Yield the elements below ``root`` in order, without the contents of ``closed`` ones.

    _SKIPPED elements are left out, and content controls that show what is to be filled in.
    """
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag not in _SKIPPED and not (element.tag == _CONTROL and is_on(element, "sdtPr/showingPlcHdr")):
            yield element
            if element.tag not in closed:
                stack.append(iter(element))


def _is_frame(rows: Sequence[_Element], cells: Sequence[Sequence[_Element]]) -> bool:
    """Whether a table only lays out what is in its cells."""
    if all(len(row) <= 1 for row in cells):
        return True
    if any(is_on(row, "trPr/tblHeader") for row in rows):
        return False
    filled = paragraphs = nested = words = 0
    for cell in (cell for row in cells for cell in row):
        texts = [text for text in map(_plain_text, cell.iter(_PARAGRAPH)) if text]
        filled += bool(texts)
        paragraphs += len(texts)
        words += sum(len(text.split()) for text in texts)
        nested += cell.find(f".//{_TABLE}") is not None
    return nested >= max(filled, 1) / 2 or (paragraphs > filled and words > _WORDS_OF_PROSE * filled)


def _plain_text(root: _Element) -> str:
    return "".join(element.text or "" for element in root.iter(f"{W}t")).strip()


def _form_field(field: _Element) -> str:
    """Return the state of a check box or a list of choices of a form; the text of other fields is in the paragraph."""
    if (box := field.find(f"{W}checkBox")) is not None:
        return "☒" if is_on(box, "checked") or (value(box, "checked") is None and is_on(box, "default")) else "☐"
    if (choices := field.find(f"{W}ddList")) is not None:
        entries = [entry.get(f"{W}val", "") for entry in choices.iter(f"{W}listEntry")]
        chosen = whole(value(choices, "result") or value(choices, "default"), 0, len(entries))
        return entries[chosen] if chosen < len(entries) else ""
    return ""
