"""A PDF's bytes into the text of its pages.

Lines end where the page's lines end, since what looks like a wrapped paragraph may be a table, and a blank line stands
where there is more room between two lines than usual. Words that were divided at the end of a line are whole.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters.base import ConvertedFile, one_line, stated_date, unreadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage


_DIVISION = re.compile(r"[\ufffe\x02]")
"""What PDFium writes for a hyphen at the end of a line; it joins the lines."""
_FIRST_PART, _SECOND_PART = re.compile(r"\w*\Z"), re.compile(r"\w*")
_PART_CHARACTERS: Final = 60
_WORD = re.compile(r"[\w-]+")
_LINE_END = re.compile(r"\r?\n")
_ROOMY: Final = 1.3
"""A gap so many times the usual one sets a paragraph apart."""
_WITHIN_PARAGRAPHS: Final = 4
"""The gap that a quarter of the gaps fall short of is one inside paragraphs, even where most have two lines."""
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "”", '"', ":", ";")
_NO_TITLE = re.compile(r"untitled|Microsoft Word - .*|.*\.(?:docx?|indd|qxd|tex|dvi|pdf|rtf|odt|pptx?)", re.IGNORECASE)
"""Titles that a program made up: they name a file."""
_NESTED: Final = 3


def read_pdf(path: Path, content: bytes) -> ConvertedFile:
    """The text of a PDF. Raises ArticleEmpty, ArticleUnreadable."""
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
        stated = document.get_metadata_dict()
    finally:
        document.close()
    title = one_line(stated.get("Title"))
    return ConvertedFile(
        text=_whole_words(text),
        title=None if title is None or _NO_TITLE.fullmatch(title) else title,
        source=one_line(stated.get("Author")),
        published=stated_date(stated.get("CreationDate")),
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
    """The page's lines, with a blank one where there is more room than usual, or where the next stands further up."""
    textpage = page.get_textpage()
    text = textpage.get_text_range()
    lines = list(_lines(text))
    if len(text) != textpage.count_chars():  # characters beyond the first 65,536 count twice there, and places differ
        return "\n".join(line for _, line in lines)
    falls = [
        _height(textpage.raw, start + len(line) - 1) - _height(textpage.raw, following)
        for (start, line), (following, _) in itertools.pairwise(lines)
    ]
    downward = sorted(fall for fall in falls if fall > 0)
    usual = downward[len(downward) // _WITHIN_PARAGRAPHS] if downward else 0.0
    written = [lines[0][1]] if lines else []
    for fall, (_, line) in zip(falls, lines[1:], strict=True):
        written.append("\n" + line if fall < 0 or fall > _ROOMY * usual else line)
    return "\n".join(written)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, after the place of its first character."""
    start = 0
    for line in _LINE_END.split(text):
        end = start + len(line)
        if line.strip():
            yield start + len(line) - len(line.lstrip()), line.strip()
        start = end + (2 if text.startswith("\r\n", end) else 1)


def _height(textpage: object, place: int) -> float:
    """How high above the page's lower edge the line of this character runs."""
    from pypdfium2 import raw

    across, up = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(textpage, place, across, up)
    return up.value


def _join_pages(pages: list[str]) -> str:
    """A sentence that goes on in small letters goes on across the page; otherwise a page begins a paragraph."""
    text: list[str] = []
    for page in filter(str.strip, pages):
        if text:
            goes_on = page[0].islower() and not text[-1].endswith(_SENTENCE_ENDS)
            text.append("\n" if goes_on else "\n\n")
        text.append(page)
    return "".join(text)


def _whole_words(text: str) -> str:
    """The text with its divided words whole: with the hyphen where the text has the word with it elsewhere, and where
    a capital or a figure follows it."""
    known = frozenset(map(str.lower, _WORD.findall(text)))

    def mark(match: re.Match[str]) -> str:
        start, end = match.span()
        first = _FIRST_PART.search(text[max(start - _PART_CHARACTERS, 0) : start])
        second = _SECOND_PART.match(text[end : end + _PART_CHARACTERS])
        before, after = first[0] if first else "", second[0] if second else ""
        is_compound = f"{before}-{after}".lower() in known and f"{before}{after}".lower() not in known
        return "" if before[-1:].isalpha() and after[:1].islower() and not is_compound else "-"

    return _DIVISION.sub(mark, text)


def _has_pictures(document: PdfDocument) -> bool:
    from pypdfium2 import raw

    return any(
        next(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_NESTED), None) is not None
        for page in document
    )
