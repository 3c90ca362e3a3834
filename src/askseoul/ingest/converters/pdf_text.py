"""The text of a PDF: its paragraphs joined across columns and pages, with headings, what stands between them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from askseoul.ingest.converters.pdf_lines import Line
from askseoul.ingest.converters.pdf_paragraphs import Kind, Paragraph
from askseoul.ingest.converters.pdf_words import Words
from askseoul.ingest.converters.tables import table_text

_OTHER_SIZE: Final = 0.06
_SMALL: Final = 0.93
_LARGE: Final = 1.12
_LONGEST_HEADING: Final = 200
_LONGEST_BOLD_HEADING: Final = 90
_MOST_LEVELS: Final = 4
_LIKE_WIDTH: Final = 0.85
"""Columns are alike whose widths do not differ by more than this factor."""
_LONG: Final = 80
"""Characters of several lines that are no label, so that a full stop is missing at their end."""
_AHEAD: Final = 12
"""Paragraphs among which the rest of an unfinished sentence is looked for."""
_TAIL: Final = 12
"""Last characters of a line among which a full stop is looked for."""
_TERMINATED: Final = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡]*$")
_OPENING: Final = re.compile(r"[\"'“‘«(\[¿¡]*")
_BULLET: Final = re.compile(r"(?:[•▪◦‣●○■□▶➢➤✓·\uf0b7\uf0a7\uf0d8\uf0fc]|[*–-](?=\s))\s*(?=\S)")
_NUMBERED: Final = re.compile(r"\(?(?:\d{1,2}|[a-z])[.)]\s+\S")
_NOTE: Final = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[*†‡§]+\s*\S|\d{1,3}[.)]?\s+\S")
_CAPTION: Final = re.compile(
    r"(?:Figure|Fig\.|Table|Chart|Map|Photo|Abbildung|Abb\.|Tabelle|Tableau|그림|표|사진)\s*\d*\s*[:.–—]", re.IGNORECASE
)


def body_size(pages: Iterable[Iterable[Line]]) -> float:
    """Return the type size of most of the text."""
    sizes: dict[int, int] = {}
    for lines in pages:
        for whole in lines:
            for line in (whole, *whole.boxed):
                size = round(line.size * 2)
                sizes[size] = sizes.get(size, 0) + len(line.text)
    return max(sizes, key=sizes.__getitem__) / 2 if sizes else 0.0


def classify(found: list[Paragraph], body: float) -> None:
    """Tell the notes and captions among a page's paragraphs, by their size and their beginning."""
    is_at_end = True
    for number in range(len(found) - 1, -1, -1):
        paragraph = found[number]
        is_last_of_block = number + 1 == len(found) or found[number + 1].starts_block
        is_at_end = is_at_end or is_last_of_block
        if paragraph.kind is not Kind.BODY and not (paragraph.kind is Kind.ITEM and paragraph.size <= _SMALL * body):
            is_at_end = False
        elif paragraph.size <= _SMALL * body:
            paragraph.kind = Kind.NOTE if is_at_end and _NOTE.match(paragraph.lines[0].text) else Kind.ASIDE
        else:
            is_at_end = False
            if _CAPTION.match(paragraph.lines[0].text) and paragraph.size <= 1.02 * body:
                paragraph.kind = Kind.ASIDE


def set_levels(found: Sequence[Paragraph], body: float) -> None:
    """Tell the headings: larger than the text, the largest first, or bold and short."""
    headings = [paragraph for paragraph in found if paragraph.size >= _LARGE * body and _is_heading(paragraph)]
    large = sorted({round(paragraph.size) for paragraph in headings}, reverse=True)
    levels = {size: min(number, _MOST_LEVELS) for number, size in enumerate(large, 1)}
    for paragraph in headings:
        paragraph.level = levels[round(paragraph.size)]
    least = min(len(large) + 1, _MOST_LEVELS + 1)
    for paragraph, following in pairwise(found):
        if (
            paragraph.lines[0].is_bold
            and not paragraph.level
            and paragraph.kind in (Kind.BODY, Kind.ASIDE)
            and not following.lines[0].is_bold
            and all(line.is_bold for line in paragraph.lines)
            and sum(len(line.text) for line in paragraph.lines) <= _LONGEST_BOLD_HEADING
            and not _TERMINATED.search(paragraph.lines[-1].text[-_TAIL:])
        ):
            paragraph.level = least


def _is_heading(paragraph: Paragraph) -> bool:
    return (
        paragraph.kind in (Kind.BODY, Kind.ASIDE)
        and sum(len(line.text) for line in paragraph.lines) <= _LONGEST_HEADING
        and any(character.isalpha() for line in paragraph.lines for character in line.text)
    )


def join(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs with the rest of each that goes on after a column, a page or something apart."""
    left = list(found)
    joined: list[Paragraph] = []
    number = 0
    while number < len(left):
        paragraph = left[number]
        joined.append(paragraph)
        number += 1
        while number < len(left) and _continue_table(paragraph, left[number]):
            number += 1
        while (rest := _rest(paragraph, left, number)) is not None:
            following = left.pop(rest)
            paragraph.lines = paragraph.lines + following.lines
            paragraph.is_full = following.is_full
    return joined


def _continue_table(paragraph: Paragraph, following: Paragraph) -> bool:
    """Add the rows of a table to one that ends with a column or a page before it; return whether they are of one."""
    table, rest = paragraph.lines[0].table, following.lines[0].table
    if table is None or rest is None or not following.starts_block or len(table.rows[0]) != len(rest.rows[0]):
        return False
    headers = table.rows[: 1 if table.headers is None else table.headers]
    if headers and rest.rows[: len(headers)] == headers:
        table.rows += rest.rows[len(headers) :]
    elif rest.headers is None:
        table.rows += rest.rows
    else:
        return False
    return True


def _rest(paragraph: Paragraph, left: Sequence[Paragraph], begin: int) -> int | None:
    """Return where an unfinished paragraph goes on: in lower case, or else right at the beginning of a block."""
    last = paragraph.lines[-1].text.rstrip()
    if paragraph.kind not in (Kind.BODY, Kind.ITEM) or paragraph.level or _TERMINATED.search(last[-_TAIL:]):
        return None
    second: int | None = None
    has_block = has_heading = is_interrupted = False
    for number in range(begin, min(begin + _AHEAD, len(left))):
        candidate = left[number]
        has_block = has_block or candidate.starts_block
        if candidate.kind is not Kind.BODY or candidate.level:
            if candidate.level and not has_block:
                return second
            is_interrupted = True
            has_heading = has_heading or candidate.level > 0
            continue
        if abs(candidate.size - paragraph.lines[-1].size) > _OTHER_SIZE * paragraph.size:
            is_interrupted = True
            continue
        start = _OPENING.sub("", candidate.lines[0].text, count=1)[:1]
        if start.islower():
            return number
        is_open = (candidate.starts_block or is_interrupted) and not has_heading
        is_plain = is_open and not candidate.is_indented and (paragraph.is_full or _is_long(paragraph))
        if second is None and is_plain and (start.isalnum() or not start.isascii()):
            second = number
            if _LIKE_WIDTH < candidate.width / max(paragraph.width, 1) < 1 / _LIKE_WIDTH:
                return number
        is_interrupted = False
    return second


def _is_long(paragraph: Paragraph) -> bool:
    if paragraph.lines[-1].text.rstrip().endswith(","):
        return True
    return len(paragraph.lines) > 1 and sum(len(line.text) for line in paragraph.lines) >= _LONG


def written(found: Sequence[Paragraph], words: Words) -> str:
    """Return the text of the paragraphs, in the form that all converters give."""
    parts: list[str] = []
    is_item_before = False
    for paragraph in found:
        is_item = paragraph.kind is Kind.ITEM
        table = paragraph.lines[0].table
        if table is not None:
            text = table_text(table.rows, table.headers)
        else:
            text = " ".join(words.joined(paragraph.lines).split())
            if is_item and not _NUMBERED.match(text):
                text = "- " + _BULLET.sub("", text, count=1)
            elif paragraph.level:
                text = "#" * paragraph.level + " " + text
        if text:
            parts.append(("\n" if is_item and is_item_before else "\n\n") + text)
            is_item_before = is_item
    return "".join(parts).strip()
