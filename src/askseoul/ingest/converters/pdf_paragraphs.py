"""Paragraphs of a PDF page: where they begin, told by the places of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from askseoul.ingest.converters.pdf_layout import Block, Row, blocks
from askseoul.ingest.converters.pdf_lines import HYPHEN, RIGHT_TO_LEFT, Line
from askseoul.ingest.converters.pdf_tables import with_tables

_PARAGRAPH_GAP: Final = 1.25
"""A gap between baselines of more than this multiple of the usual gap separates paragraphs."""
_LINE_GAP: Final = 1.5
"""The same where a sentence goes on in lower case."""
_HEADING_GAP: Final = 1.6
"""The same between lines of a heading, as a multiple of the type size."""
_USUAL_GAP: Final = 1.25
"""The usual gap of a block with few lines, as a multiple of the type size."""
_LARGEST_USUAL: Final = 2.0
_FEW_LINES: Final = 4
_QUANTILE: Final = 4
"""The usual gap is the lower quartile: even if most paragraphs have two lines, it lies inside paragraphs."""
_OTHER_SIZE: Final = 0.06
_LARGE: Final = 1.12
_INDENT: Final = 0.7
_SAME_LEFT: Final = 0.1
_ALIGNED: Final = 2.5
"""The lines of a heading may hang behind its number by as many type sizes."""
_ROOM: Final = 0.25
"""A line that leaves this share of its column free ends something, whatever its last character."""
_FULL: Final = 0.15
_TAIL: Final = 12
"""Last characters of a line among which a full stop is looked for."""
_TERMINATED: Final = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡]*$")
_ENDED: Final = re.compile(r"[.!?…。！？][\"'”’»)\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡]*$")
_LETTER: Final = re.compile(r"\w")
_LEADER: Final = re.compile(r"(?:\s?\.){4}\s*[\divxlc]+$")
"""Dots up to the number of a page: a line of a table of contents."""
_OPENING: Final = re.compile(r"[\"'“‘«(\[¿¡]*")
_BULLET: Final = re.compile(r"(?:[•▪◦‣●○■□▶➢➤✓·\uf0b7\uf0a7\uf0d8\uf0fc]|[*–-](?=\s))\s*(?=\S)")
_NUMBERED: Final = re.compile(r"\(?(?:\d{1,2}|[a-z])[.)]\s+\S")
_SECTION: Final = re.compile(r"\d{1,2}\.(?:\d{1,2}\.?)*\s+[^\W\d_]")
_DASHES: Final = ("-", "\u2010", HYPHEN)
_LEADING_MARK: Final = re.compile(r"^([.,:;!?]+)(\d[\d.,:/]*)$")
"""PDFium puts a mark after figures before them where text runs from right to left."""


class Kind(Enum):
    """What a paragraph is."""

    BODY = auto()
    ITEM = auto()
    TABLE = auto()
    NOTE = auto()
    ASIDE = auto()


@dataclass(slots=True)
class Paragraph:
    """The lines of a paragraph."""

    lines: list[Line]
    kind: Kind = Kind.BODY
    is_full: bool = False
    """Whether its last line leaves no room for another word."""
    is_indented: bool = False
    starts_block: bool = False
    width: float = 0.0
    """Of its column."""
    level: int = 0
    """Of a heading."""

    @property
    def size(self) -> float:
        """Of the type of its first line."""
        return self.lines[0].size


def paragraphs_of(lines: Sequence[Line], body: float) -> list[Paragraph]:
    """Return the paragraphs of a page in reading order.

    ``body`` is the type size of most of the document. A page that is mostly in a script from right to left is read as
    its mirror image.
    """
    text = "".join(line.text for line in lines)
    if not text.isascii() and 2 * len(RIGHT_TO_LEFT.findall(text)) > len(text):
        lines = _mirrored(lines)
    found: list[Paragraph] = []
    for block in blocks(lines):
        first = len(found)
        found += _paragraphs(block, body)
        if first < len(found):
            found[first].starts_block = True
    return found


def _mirrored(lines: Sequence[Line]) -> list[Line]:
    mirrored = []
    for line in lines:
        text = " ".join(_LEADING_MARK.sub(r"\2\1", word) for word in line.text.split(" "))
        mirrored.append(replace(line, text=text, left=-line.right, right=-line.left, boxed=_mirrored(line.boxed)))
    return mirrored


def _paragraphs(block: Block, body: float) -> Iterator[Paragraph]:
    rows = with_tables(block.rows)
    column = _Column(block.left, block.right, _usual_gap(rows), body)
    current: list[Line] = []
    kind = Kind.BODY
    is_indented = False
    before: Line | None = None
    for number, row in enumerate(rows):
        line = _whole(row)
        if line.table or line.boxed:
            if current:
                yield _made(current, kind, block, is_indented)
            current, before = [], None
            if line.table:
                yield Paragraph([line], Kind.TABLE)
            else:
                for inner in paragraphs_of(line.boxed, body):
                    inner.kind = Kind.ASIDE if inner.kind is Kind.BODY else inner.kind
                    inner.starts_block = False
                    yield inner
            continue
        following = rows[number + 1] if number + 1 < len(rows) else None
        is_item = _BULLET.match(line.text) is not None
        if before is None or is_item or _begins(before, line, following, current, kind, column):
            if current:
                yield _made(current, kind, block, is_indented)
            numbered = _NUMBERED.match(line.text) is not None and following is not None
            kind = (
                Kind.ITEM
                if is_item or (numbered and following is not None and following.left > line.left + _INDENT * line.size)
                else Kind.BODY
            )
            is_indented = line.left > block.left + _INDENT * line.size
            current = []
        current.append(line)
        before = line
    if current:
        yield _made(current, kind, block, is_indented)


def _made(lines: list[Line], kind: Kind, block: Block, is_indented: bool) -> Paragraph:
    last = lines[-1]
    room = block.right - last.right
    width = block.right - block.left
    return Paragraph(lines, kind, room < _FULL * width, is_indented, width=width)


def _whole(row: Row) -> Line:
    """Return the row as one line."""
    if len(row.lines) == 1:
        return row.lines[0]
    lines = row.lines
    longest = max(lines, key=lambda line: len(line.text))
    text = " ".join(line.text.strip() for line in lines)
    whole = Line(text, row.left, row.right, longest.y, longest.size, lines[0].is_bold, lines[-1].is_continued)
    special = next((line for line in lines if line.table or line.boxed), None)
    if special is not None:
        whole.table, whole.boxed = special.table, special.boxed
    return whole


def _usual_gap(rows: Sequence[Row]) -> float:
    """Return the usual gap between baselines in a block, as a multiple of the type size."""
    gaps = sorted(
        (second.y - first.y) / second.size
        for first, second in pairwise(rows)
        if abs(first.size - second.size) < _OTHER_SIZE * second.size
    )
    gaps = [gap for gap in gaps if gap < _LARGEST_USUAL]
    return gaps[len(gaps) // _QUANTILE] if len(gaps) >= _FEW_LINES else min(gaps, default=_USUAL_GAP)


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a block's lines begin and end, its usual gap, and the type size of most of the document."""

    left: float
    right: float
    usual: float
    body: float


def _begins(  # noqa: PLR0911
    before: Line, line: Line, following: Row | None, current: Sequence[Line], kind: Kind, column: _Column
) -> bool:
    """Whether a line begins a paragraph."""
    size = line.size
    text = line.text
    if (
        abs(size - before.size) > _OTHER_SIZE * size
        or not (text[:1].isalnum() or _LETTER.search(text))
        or not (before.text[:1].isalnum() or _LETTER.search(before.text))
    ):
        return True
    start = text[:1] if text[:1].isalnum() else _OPENING.sub("", text, count=1)[:1]
    goes_on = start.islower() and not _TERMINATED.search(before.text[-_TAIL:])
    is_large = size >= _LARGE * column.body
    gap = _HEADING_GAP if is_large else (_LINE_GAP if goes_on else _PARAGRAPH_GAP) * column.usual
    if line.y - before.y > gap * size:
        return True
    if is_large:
        return _SECTION.match(text) is not None or not _is_aligned(before, line)
    if (". ." in before.text or "..." in before.text) and _LEADER.search(before.text):
        return True
    if kind is Kind.ITEM:
        if _NUMBERED.match(line.text) and abs(line.left - current[0].left) < _INDENT * size:
            return True
        return line.left < current[0].left + _INDENT * size / 2 and _hangs(current)
    if start.islower():
        return False
    width = column.right - column.left
    indent = line.left - before.left
    is_first_indented = (
        following is None
        or following.left < line.left - _INDENT / 2 * size
        or following.y - line.y > _PARAGRAPH_GAP * column.usual * size
    )
    if _INDENT * size < indent < width / 4 and is_first_indented and before.left < column.left + _INDENT * size:
        return True
    # Beside a picture or a box, lines are shorter than the block.
    room = (max(one.right for one in current) if len(current) > 1 else column.right) - before.right
    if before.text.endswith(_DASHES):
        return False
    is_flush = before.left < column.left + _INDENT * size or abs(indent) < _SAME_LEFT * size
    if room > _ROOM * width and not _TERMINATED.search(before.text[-_TAIL:]) and is_flush:
        return True
    first_word = text.partition(" ")[0]
    needed = (len(first_word) + 1) * (line.right - line.left) / max(len(text), 1)
    return room > needed * 1.1 and _ENDED.search(before.text[-_TAIL:]) is not None


def _is_aligned(before: Line, line: Line) -> bool:
    """Whether two lines begin, end or have their middle at about the same place, as those of one heading."""
    left, right = line.left - before.left, line.right - before.right
    return min(abs(left), abs(right), abs(left + right) / 2) < _ALIGNED * line.size


def _hangs(lines: Sequence[Line]) -> bool:
    return len(lines) == 1 or lines[1].left > lines[0].left + _INDENT / 2 * lines[0].size
