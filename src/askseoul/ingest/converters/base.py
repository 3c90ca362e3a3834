"""What the readers of the several kinds of files give: a file's text, and what the file states about itself.

Reading ZIP files that may be hostile: nothing is written to disk, and nothing unpacks beyond a bound.

What a ZIP says about itself is checked before anything is unpacked, and what comes out is counted while it is, because
the headers of a ZIP may lie. A ZIP inside a ZIP is a member like any other and is not opened.
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

_DATE = re.compile(
    r"D:(?P<y1>\d{4})(?P<m1>\d\d)?(?P<d1>\d\d)?"
    r"|(?P<y2>\d{4})(?P<m2>\d\d)(?P<d2>\d\d)(?!\d)"
    r"|(?P<y3>\d{4})(?:[-/.](?P<m3>\d\d?)(?:[-/.](?P<d3>\d\d?))?)?(?!\d)"
)
_EARLIEST_YEAR: Final = 1400
_PLACEHOLDERS: Final = frozenset({"1970-01-01"})
"""Days that programs write where they know none."""
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """The raw text of a file, its paragraphs apart by blank lines and its headings after ``#``, and what it states."""

    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None


def unreadable(path: Path, reason: str, remedy: str) -> ArticleUnreadable:
    """The error of a file that can't be read, worded alike for all kinds."""
    return ArticleUnreadable(f"{path} can't be read ({reason}): {remedy}")


def stated_date(written: str | None) -> str | None:
    """The ISO date at the beginning of a date as web pages, PDF and XML write it; None where no day can be meant.

    A day after tomorrow can't be meant either: nothing is published before it is written.
    """
    match = _DATE.match((written or "").strip())
    if match is None:
        return None
    year, month, day = (next((match[f"{part}{way}"] for way in "123" if match[f"{part}{way}"]), None) for part in "ymd")
    try:
        first = datetime(int(year or 0), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        return None
    stated = "-".join(part.zfill(2) for part in (year, month, day) if part)
    is_past = first <= datetime.now(UTC) + timedelta(days=1)
    return stated if first.year >= _EARLIEST_YEAR and is_past and stated not in _PLACEHOLDERS else None


def one_line(written: str | None) -> str | None:
    """What was written, in one line; None where that is nothing."""
    return " ".join((written or "").split()) or None


def raised(text: str) -> str:
    """Superscript text in superscript characters, where there are such: glued to a number it would read as part of
    it."""
    return text.translate(_RAISED) if set(map(ord, text)) <= _RAISED.keys() else text


def lowered(text: str) -> str:
    """Subscript text in subscript characters, where there are such."""
    return text.translate(_LOWERED) if set(map(ord, text)) <= _LOWERED.keys() else text


MAXIMUM_MEMBERS: Final = 10_000
MAXIMUM_UNPACKED: Final = 200_000_000
"""Bytes that one file may unpack to, all members that are read together."""
MAXIMUM_RATIO: Final = 100
"""Text shrinks to a fifth or a tenth, tables of one repeated row to a fiftieth; a bomb to a thousandth."""
_SMALL: Final = 10_000_000
"""Bytes of a member that do no harm, however much they shrank."""
_PIECE: Final = 1 << 16

_CENTRAL_RECORD: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 1
_UNPACKABLE: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Python unpacks the others a whole block at a time, however much that comes to; DOCX and EPUB use none of them."""


class BoundedZip:
    """The members of a ZIP file, by name."""

    def __init__(self, path: Path, content: bytes) -> None:
        """``path`` is what errors name. Raises ArticleTooLarge, ArticleUnreadable."""
        self._path = path
        self._left = MAXIMUM_UNPACKED
        # Each member needs a record of its own behind this mark, so the count is never too low, whatever headers say.
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
            if member.file_size > max(_SMALL, MAXIMUM_RATIO * member.compress_size):
                raise ArticleTooLarge(
                    f"{path} packs {member.file_size:,} bytes into {member.compress_size:,} ({member.filename!a}), as "
                    "archives do that are made to do harm: save its text as .txt"
                )

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def __iter__(self) -> Iterator[str]:
        return iter(self._zip.NameToInfo)

    def read(self, name: str) -> bytes:
        """The content of a member that is there. Raises ArticleTooLarge, ArticleUnreadable."""
        member = self._zip.NameToInfo[name]
        if member.flag_bits & _ENCRYPTED:
            raise unreadable(self._path, "it is encrypted", "save it without a password")
        if member.compress_type not in _UNPACKABLE:
            raise unreadable(self._path, f"its member {name!a} is packed in an unusual way", "save it again")
        pieces = []
        try:
            with self._zip.open(member) as unpacked:
                while piece := unpacked.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise ArticleTooLarge(
                            f"{self._path} unpacks to more than {MAXIMUM_UNPACKED:,} bytes: save its text as .txt"
                        )
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as error:
            raise unreadable(self._path, f"a damaged archive: {error}", "fetch or save it again") from error
        return b"".join(pieces)
