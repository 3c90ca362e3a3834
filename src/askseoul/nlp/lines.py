"""What a sentence stands on: running text, a heading, an item of a list, a row of a table, or a line of notes.

Only running text is read alone. An item, a row or a note has no subject of its own; what it speaks of stands in its
lead, the heading or sentence that introduces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from askseoul.domain import Span
from askseoul.nlp.text import ITEM_MARK, LABELLED, split_sentences

LineKind = Literal["prose", "heading", "item", "row", "note"]

NEIGHBOURHOOD: Final = 600
"""Characters on each side of a sentence in which its neighbours are looked for."""
_LEAD_DISTANCE: Final = 4_000
"""Characters before a sentence in which its lead and its heading are looked for: a table of 60 rows."""
_CODE_DISTANCE: Final = 20_000
"""Characters before a line in which the fences of code are counted."""
_LONGEST_HEADING: Final = 100
_APART: Final = 2
"""Line feeds between lines with a blank one between them."""
_TERMINATED = re.compile(r"[.!?…。！？؟۔।][\"'”’»)\]*_\s]*(?:\[\w{1,6}\]|[⁰¹²³⁴-⁹]{1,3})?$")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_NUMBER_MARK = re.compile(r"[ \t]*(\d{1,3})[.)][ \t]")
_ANNOUNCES = re.compile(r"(?:\S+\s+){4,}\S*[:：][*_]*$")
"""A sentence that introduces what stands below it; a heading with a colon has fewer words."""
_ROW_MARK = re.compile(r"[ \t]*\|")
_ROW_LABEL = re.compile(r"[ \t]*(?:\|[ \t]*)?(?:[^:;|]+:[ \t]+(?=[^;]*;))?([^;:|]+)[;:]")
_COLUMNED = re.compile(r"\S(?:[ ]?\.{4}|[ ]{3}|\t)[. \t]*\S")
"""Dots or space between the columns of a line, such as a thing and its price."""
_LABELLED_FIGURE = re.compile(r"[^:.!?]{1,40}:[*_]{0,3}[ \t].*\d")


def kind_of(text: str, sentence: Span) -> LineKind:
    """Return what a sentence of a text stands on.

    A heading is marked as in Markdown, or it is a short line without an end mark that has text below it. Such a line
    between others of its kind, at the end of the text, or with a label and a figure ("Budget: 6.2 million") is a note.
    """
    if text.startswith("#", sentence.start) and not _is_code(text, sentence.start):
        return "heading"
    line = _line_at(text, sentence.start)
    if _ROW_MARK.match(text, line.start, line.end):
        return "row"
    own = text[sentence.start : sentence.end]
    is_whole = own == text[line.start : line.end].strip() and len(own) <= _LONGEST_HEADING
    is_short = is_whole and not _TERMINATED.search(own) and not _ANNOUNCES.search(own)
    if ITEM_MARK.match(text, line.start, line.end):
        return "heading" if is_short and _heads_section(text, line) else "item"
    if not is_short:
        return "prose"
    return "heading" if _may_head(own) and _heads(text, line) else "note"


def _is_code(text: str, offset: int) -> bool:
    """Whether an offset lies between fences of code, as far as these are looked for."""
    return len(_FENCE.findall(text, max(offset - _CODE_DISTANCE, 0), offset)) % 2 == 1


def _may_head(own: str) -> bool:
    """Whether a short line can be a heading by its first letter and its end."""
    first = next(filter(str.isalnum, own), "")
    return bool(first) and not first.islower() and own[-1] not in ",;"


def _heads_section(text: str, line: Span) -> bool:
    """Whether a line such as "2. Payment" is the heading of a section: it stands apart, and no numbered item is next to
    it."""
    mark = ITEM_MARK.match(text, line.start, line.end)
    if mark is None or not _NUMBER_MARK.match(text, line.start, line.end) or not _may_head(text[mark.end() : line.end]):
        return False
    above, below = next(_lines_above(text, line, 0), None), _next_line(text, line)
    if below is None or not _opens_block(text, line) or text.count("\n", line.end, below.start) < _APART:
        return False
    return not any(_NUMBER_MARK.match(text, each.start, each.end) for each in (above, below) if each)


def is_question_line(text: str, sentence: Span) -> bool:
    """Whether a sentence is a question on a line of its own, as above each answer of a list of questions."""
    line = _line_at(text, sentence.start)
    own = text[sentence.start : sentence.end]
    return own.endswith(("?", "？")) and own == text[line.start : line.end].strip()


def opens_lines(text: str, heading: Span) -> bool:
    """Whether a heading is an unmarked line with another right below it: it may be the first line of an address."""
    if text.startswith("#", heading.start):
        return False
    line = _line_at(text, heading.start)
    return bool(text[line.end : _line_at(text, min(line.end + 1, len(text))).end].strip())


def _heads(text: str, line: Span) -> bool:
    """Whether a short line without an end mark is the heading of what stands below it."""
    below = _next_line(text, line)
    if below is None or not _opens_block(text, line):
        return False
    if _LABELLED_FIGURE.match(text, line.start, line.end) or _COLUMNED.search(text, line.start, line.end):
        return False
    if LABELLED.match(text, line.start, line.end) is None:
        return True
    # "Ukraine: the long war" heads a text; "Director: Salome Brandt" is followed by more of its kind.
    is_apart = text.count("\n", line.end, below.start) >= _APART
    is_text = _TERMINATED.search(text, below.start, below.end) or below.end - below.start > _LONGEST_HEADING
    return is_apart and bool(is_text)


def _opens_block(text: str, line: Span) -> bool:
    """Whether no line stands right above."""
    if line.start == 0:
        return True
    above = _line_at(text, line.start - 1)
    return not text[above.start : above.end].strip()


def lead_of(text: str, sentence: Span) -> Span | None:
    """Return what introduces an item, a row or a note: the last sentence or heading above its list, table or lines.

    None for other sentences, and where nothing stands above.
    """
    kind = kind_of(text, sentence)
    if kind in ("prose", "heading"):
        return None
    own = _line_at(text, sentence.start)
    indent, has_deeper = _indent(text, own), False
    number, first = _number(text, own) if kind == "item" else 0, None
    for line in _lines_above(text, own, max(sentence.start - _LEAD_DISTANCE, 0)):
        *_, last = _sentences(text, line)
        if kind == "item" and _indent(text, line) > indent:
            has_deeper = True  # of an earlier item
            continue
        if number > 1 and _number(text, line) == number - 1:
            number, first = number - 1, None  # an earlier item, though its paragraphs make it look like a heading
            continue
        announces = kind != "row" and text[last.end - 1] in ":：" and not has_deeper
        if kind_of(text, last) != kind or announces or (kind == "item" and _indent(text, line) < indent):
            if number <= 1 or (text.startswith("#", last.start) and not _is_code(text, last.start)):
                return first or last
            first = first or last  # perhaps a paragraph of an earlier item
    return first


def heading_above(text: str, sentence: Span) -> Span | None:
    """Return the nearest heading above a sentence, as far as it is looked for; None if there is none."""
    start = max(sentence.start - _LEAD_DISTANCE, 0)
    for line in _lines_above(text, _line_at(text, sentence.start), start):
        first = next(_sentences(text, line), line)
        if kind_of(text, first) == "heading":
            return first
    return None


def items_below(text: str, sentence: Span) -> list[Span]:
    """Return the items of the list that a heading, a sentence or an item introduces; empty if it introduces none.

    Those of nested lists are among them; the list that an item introduces ends with its indentation.
    """
    items: list[Span] = []
    line = _line_at(text, sentence.start)
    if text[sentence.end : line.end].strip():
        return items
    is_item = ITEM_MARK.match(text, line.start, line.end) is not None
    least = _indent(text, line) if is_item else 0
    while (below := _next_line(text, line)) is not None and ITEM_MARK.match(text, below.start, below.end):
        first = next(_sentences(text, below))
        if is_item and not items and _indent(text, below) > least:
            least += 1
        if _indent(text, below) < least or kind_of(text, first) == "heading":
            break
        items.append(first)
        line = below
    return items


def rows_beside(text: str, row: Span) -> list[Span]:
    """Return the other rows of the table that a row belongs to, as far as _LEAD_DISTANCE on each side."""
    own = _line_at(text, row.start)
    above = [own]
    for line in _lines_above(text, own, max(row.start - _LEAD_DISTANCE, 0)):
        if not _ROW_MARK.match(text, line.start, line.end) or line.end + 1 != above[-1].start:
            break
        above.append(line)
    below = [own]
    while below[-1].end < min(len(text), row.end + _LEAD_DISTANCE):
        line = _line_at(text, below[-1].end + 1)
        if not _ROW_MARK.match(text, line.start, line.end):
            break
        below.append(line)
    return [*above[:0:-1], *below[1:]]


def label_of(text: str, row: Span) -> str:
    """Return what names a row: its first cell, without the header. It is empty if the row has a single cell."""
    match = _ROW_LABEL.match(text[row.start : row.end])
    return match[1] if match else ""


def sentence_before(text: str, start: int) -> str:
    """Return the sentence of a text that ends before an offset, or an empty string; a heading is no sentence."""
    first = max(start - NEIGHBOURHOOD, 0)
    spans = [Span(first + span.start, first + span.end) for span in split_sentences(text[first:start])]
    return next((text[span.start : span.end] for span in reversed(spans) if kind_of(text, span) != "heading"), "")


def sentence_after(text: str, end: int) -> str:
    """Return the sentence of a text that begins behind an offset, or an empty string, as before a heading."""
    following = split_sentences(text[end : end + NEIGHBOURHOOD])
    if not following or kind_of(text, found := Span(end + following[0].start, end + following[0].end)) == "heading":
        return ""
    return text[found.start : found.end]


def _line_at(text: str, offset: int) -> Span:
    end = text.find("\n", offset)
    return Span(text.rfind("\n", 0, offset) + 1, len(text) if end < 0 else end)


def _number(text: str, line: Span) -> int:
    """Return the number before an item, 0 if there is none."""
    mark = _NUMBER_MARK.match(text, line.start, line.end)
    return int(mark[1]) if mark else 0


def _indent(text: str, line: Span) -> int:
    return line.end - line.start - len(text[line.start : line.end].expandtabs(4).lstrip())


def _next_line(text: str, line: Span) -> Span | None:
    """Return the next line that is not blank."""
    start = line.end
    while start < len(text):
        found = _line_at(text, start + 1)
        if text[found.start : found.end].strip():
            return found
        start = found.end
    return None


def _lines_above(text: str, line: Span, first: int) -> Iterator[Span]:
    """Yield the lines above that are not blank, the nearest first, as far as the offset ``first``."""
    end = line.start - 1
    while end >= first:
        found = _line_at(text, end)
        if found.end > found.start and text[found.start : found.end].strip():
            yield found
        end = found.start - 1


def _sentences(text: str, line: Span) -> Iterator[Span]:
    for span in split_sentences(text[line.start : line.end]):
        yield Span(line.start + span.start, line.start + span.end)
