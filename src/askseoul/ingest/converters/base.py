"""What all converters share: their result, helpers for dates and text, and ZIP files with bounds.

A ZIP file may be hostile. Its headers are checked before anything is unpacked, and the unpacked bytes are counted,
because headers may lie. Nothing is written to disk. A ZIP inside a ZIP is not opened.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleTooLarge, ArticleUnreadable

MAXIMUM_MEMBERS: Final = 10_000
MAXIMUM_UNPACKED: Final = 200_000_000
"""Maximum number of bytes that all members read from one file may unpack to."""
MAXIMUM_RATIO: Final = 100
"""Maximum compression ratio. Text has 5 to 10, a table of one repeated row about 50, a ZIP bomb 1,000."""

_UNCHECKED_BYTES: Final = 10_000_000
"""A member of this size does no harm, whatever its compression ratio."""
_CHUNK: Final = 1 << 16
_CENTRAL_RECORD: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 1
_UNPACKABLE: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Python unpacks other methods in whole blocks of any size; DOCX and EPUB do not use them."""

_DATE = re.compile(
    r"D:(?P<y1>\d{4})(?P<m1>\d\d)?(?P<d1>\d\d)?"
    r"|(?P<y2>\d{4})(?P<m2>\d\d)(?P<d2>\d\d)(?!\d)"
    r"|(?P<y3>\d{4})(?:[-/.](?P<m3>\d\d?)(?:[-/.](?P<d3>\d\d?))?)?(?!\d)"
)
_EARLIEST_YEAR: Final = 1400
_PLACEHOLDERS: Final = frozenset({"1970-01-01"})
"""Dates that programs write when they know none."""
_NO_AUTHORS: Final = frozenset(
    """
    admin,administrator,anonym,anonyme,anonymous,anónimo,apache poi,author,default user,guest,home,
    libreoffice,microsoft,microsoft account,microsoft office user,ms office user,n/a,no author,none,null,
    office user,openpyxl,owner,pc,pptxgenjs,python-docx,python-pptx,root,steve canny,test,un-named,unknown,
    unknown author,unknown creator,untitled,user,user name,username,windows user,xlsxwriter,사용자,작성자
    """.replace("\n    ", "")
    .strip()
    .split(",")
)
"""What programs write where they know no author; the maker of python-pptx is the author of its template."""
_PROGRAM = re.compile(
    r"(?:adobe )?(?:acrobat(?: distiller| pdfmaker)?|indesign|illustrator|photoshop|pdf library)|apple pages|calibre|"
    r"chrom(?:e|ium)|ghostscript|google docs(?: renderer)?|headlesschrome|ilovepdf|joomla!?|"
    r"(?:pdf|xe|lua)?(?:la)?tex|"
    r"libreoffice(?: writer| calc| impress)?|microsoft ?®? (?:word|office|excel|powerpoint|print to pdf)|"
    r"(?:apache )?openoffice(?:\.org)?(?: writer)?|pandoc|pdfcreator|(?:mac os x )?quartz(?: pdfcontext)?|"
    r"quarkxpress|reportlab|skia/pdf|typst|weasyprint|wkhtmltopdf|wordpress(?:\.com|\.org)?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\s*[®™]?(?:\s+(?:for|with)\s.*|[\s/(-]+(?:v(?:ersion )?|m)?\d.*)?", re.IGNORECASE)
_SUPERSCRIPT = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """A file's raw text, with blank lines between paragraphs and ``#`` before headings, and its metadata."""

    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None
    published_from: str | None = None
    """How ``published`` is known, as in "JSON-LD" or "dateline"."""
    url: str | None = None
    language: str | None = None
    notes: tuple[str, ...] = ()
    """What was left out or guessed, each a phrase such as "3 comments were left out"."""


class BoundedZip:
    """The members of a ZIP file, by name."""

    def __init__(self, path: Path, content: bytes) -> None:
        """``path`` is used in errors only. Raises ArticleTooLarge, ArticleUnreadable."""
        self._path = path
        self._left = MAXIMUM_UNPACKED
        # Each member has a record that starts with this signature, so the count is never too low, whatever headers say.
        members = content.count(_CENTRAL_RECORD)
        if members > MAXIMUM_MEMBERS:
            raise ArticleTooLarge(
                f"{path} holds {members:,} members, and no more than {MAXIMUM_MEMBERS:,} are read: split it"
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
            raise unreadable(path, f"a damaged archive: {error}", "fetch or save it again") from error
        for member in self._zip.infolist():
            if member.file_size > max(_UNCHECKED_BYTES, MAXIMUM_RATIO * member.compress_size):
                raise ArticleTooLarge(
                    f"{path} packs {member.file_size:,} bytes into {member.compress_size:,} ({member.filename!a}), "
                    "like a ZIP bomb: save its text as .txt"
                )

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def __iter__(self) -> Iterator[str]:
        return iter(self._zip.NameToInfo)

    def read(self, name: str) -> bytes:
        """Return the content of an existing member. Raises ArticleTooLarge, ArticleUnreadable."""
        member = self._zip.NameToInfo[name]
        if member.flag_bits & _ENCRYPTED:
            raise unreadable(self._path, "it is encrypted", "save it without a password")
        if member.compress_type not in _UNPACKABLE:
            raise unreadable(self._path, f"its member {name!a} has an unsupported compression", "save it again")
        chunks = []
        try:
            with self._zip.open(member) as unpacked:
                while chunk := unpacked.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise ArticleTooLarge(
                            f"{self._path} unpacks to more than {MAXIMUM_UNPACKED:,} bytes: save its text as .txt"
                        )
                    chunks.append(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as error:
            raise unreadable(self._path, f"a damaged archive: {error}", "fetch or save it again") from error
        return b"".join(chunks)


def unreadable(path: Path, reason: str, remedy: str) -> ArticleUnreadable:
    """Return the error for a file that can't be read, with the same wording for all formats."""
    return ArticleUnreadable(f"{path} can't be read ({reason}): {remedy}")


def parse_date(written: str | None) -> str | None:
    """Return the ISO date at the start of a date as web pages, PDF and XML write it, or None if it is not plausible.

    A date before 1400, after tomorrow or used as a placeholder is not plausible.
    """
    match = _DATE.match((written or "").strip())
    if match is None:
        return None
    year, month, day = (next((match[f"{part}{way}"] for way in "123" if match[f"{part}{way}"]), None) for part in "ymd")
    try:
        first = datetime(int(year or 0), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        return None
    iso = "-".join(part.zfill(2) for part in (year, month, day) if part)
    is_past = first <= datetime.now(UTC) + timedelta(days=1)
    return iso if first.year >= _EARLIEST_YEAR and is_past and iso not in _PLACEHOLDERS else None


def one_line(text: str | None) -> str | None:
    """Return the text with single spaces in place of white space, or None if there is nothing else."""
    return " ".join((text or "").split()) or None


def named_author(written: str | None) -> str | None:
    """Return the author that a file names, in one line, or None where a program filled the field for want of a name."""
    author = one_line(written)
    if author is None or author.strip("()[]<>.?- ").lower() in _NO_AUTHORS | {""}:
        return None
    program = _PROGRAM.match(author)
    return None if program and _VERSION.fullmatch(author, program.end()) else author


def superscript(text: str) -> str:
    """Return the text in superscript characters, if all of it has them.

    As plain digits, it would read as part of a number before it.
    """
    return text.translate(_SUPERSCRIPT) if set(map(ord, text)) <= _SUPERSCRIPT.keys() else text


def subscript(text: str) -> str:
    """Return the text in subscript characters, if all of it has them."""
    return text.translate(_SUBSCRIPT) if set(map(ord, text)) <= _SUBSCRIPT.keys() else text
