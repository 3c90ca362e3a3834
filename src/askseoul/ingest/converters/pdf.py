"""Converts PDF files: the text of their pages, line by line.

Lines are kept as on the page, since what looks like a wrapped paragraph may be a table. A gap between lines that is
larger than usual becomes a blank line. Words hyphenated at a line end are joined.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters.base import ConvertedFile, one_line, parse_date, unreadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage


_LINE_END_HYPHEN = re.compile(r"[\ufffe\x02]")
"""What PDFium writes for a hyphen at a line end; it joins the two lines."""
_FIRST_PART, _SECOND_PART = re.compile(r"\w*\Z"), re.compile(r"\w*")
_PART_CHARACTERS: Final = 60
_WORD = re.compile(r"[\w-]+")
_LINE_END = re.compile(r"\r?\n")
_PARAGRAPH_GAP: Final = 1.3
"""A gap of more than this multiple of the usual gap separates paragraphs."""
_USUAL_QUANTILE: Final = 4
"""The usual gap is the lower quartile: even if most paragraphs have two lines, it lies inside paragraphs."""
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "”", '"', ":", ";")
_NO_TITLE = re.compile(r"untitled|Microsoft Word - .*|.*\.(?:docx?|indd|qxd|tex|dvi|pdf|rtf|odt|pptx?)", re.IGNORECASE)
"""Titles that programs make from a file's name."""
_PICTURE_DEPTH: Final = 3


def convert_pdf(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of a PDF. Raises ArticleEmpty, ArticleUnreadable."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise unreadable(path, "it is encrypted", "save it without a password") from error
        raise unreadable(path, "a damaged PDF", "fetch it again, or print it to a new PDF") from error
    try:
        pages = [_page_text(path, document, number) for number in range(len(document))]
        text = _join_pages(pages)
        if not text.strip():
            if _has_pictures(document):
                raise unreadable(path, "its pages are pictures", "run text recognition (OCR) first")
            raise ArticleEmpty(f"{path} holds no text on any page: fill it, or leave it out")
        metadata = document.get_metadata_dict()
    finally:
        document.close()
    title = one_line(metadata.get("Title"))
    return ConvertedFile(
        text=_join_hyphenated(text),
        title=None if title is None or _NO_TITLE.fullmatch(title) else title,
        source=one_line(metadata.get("Author")),
        published=parse_date(metadata.get("CreationDate")),
    )


def _page_text(path: Path, document: PdfDocument, number: int) -> str:
    import pypdfium2

    try:
        page = document[number]
        try:
            return _text_with_gaps(page)
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise unreadable(path, f"page {number + 1} is damaged", "fetch it again, or print it to a new PDF") from error


def _text_with_gaps(page: PdfPage) -> str:
    """Return the page's lines, with a blank line at each large gap and before a line that stands higher."""
    textpage = page.get_textpage()
    text = textpage.get_text_range()
    lines = list(_lines(text))
    if len(text) != textpage.count_chars():  # PDFium counts characters above U+FFFF twice, so offsets do not match
        return "\n".join(line for _, line in lines)
    gaps = [
        _baseline(textpage.raw, start + len(line) - 1) - _baseline(textpage.raw, following)
        for (start, line), (following, _) in itertools.pairwise(lines)
    ]
    downward = sorted(gap for gap in gaps if gap > 0)
    usual = downward[len(downward) // _USUAL_QUANTILE] if downward else 0.0
    written = [lines[0][1]] if lines else []
    for gap, (_, line) in zip(gaps, lines[1:], strict=True):
        written.append("\n" + line if gap < 0 or gap > _PARAGRAPH_GAP * usual else line)
    return "\n".join(written)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank, stripped, with the offset of its first character."""
    start = 0
    for line in _LINE_END.split(text):
        end = start + len(line)
        if line.strip():
            yield start + len(line) - len(line.lstrip()), line.strip()
        start = end + (2 if text.startswith("\r\n", end) else 1)


def _baseline(textpage: object, offset: int) -> float:
    """Return the height of a character's baseline above the page's lower edge, in points."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, offset, x, y)
    return y.value


def _join_pages(pages: list[str]) -> str:
    """Join pages with a paragraph break, or with a line break where a sentence continues in lower case."""
    text: list[str] = []
    for page in filter(str.strip, pages):
        if text:
            is_continued = page[0].islower() and not text[-1].endswith(_SENTENCE_ENDS)
            text.append("\n" if is_continued else "\n\n")
        text.append(page)
    return "".join(text)


def _join_hyphenated(text: str) -> str:
    """Join words hyphenated at line ends.

    The hyphen is kept if only the hyphenated word occurs elsewhere in the text, or if no lower-case letter follows.
    """
    known = frozenset(map(str.lower, _WORD.findall(text)))

    def hyphen(match: re.Match[str]) -> str:
        start, end = match.span()
        first = _FIRST_PART.search(text[max(start - _PART_CHARACTERS, 0) : start])
        second = _SECOND_PART.match(text[end : end + _PART_CHARACTERS])
        before, after = first[0] if first else "", second[0] if second else ""
        is_compound = f"{before}-{after}".lower() in known and f"{before}{after}".lower() not in known
        return "" if before[-1:].isalpha() and after[:1].islower() and not is_compound else "-"

    return _LINE_END_HYPHEN.sub(hyphen, text)


def _has_pictures(document: PdfDocument) -> bool:
    from pypdfium2 import raw

    return any(
        next(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_PICTURE_DEPTH), None) is not None
        for page in document
    )
