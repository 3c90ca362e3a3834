"""Files of other kinds than plain text into their text: which kinds there are, and whether a file is what it is named.

A file's name says what it is, and its first bytes have to bear that out: a page that is a picture, or a book that is
another kind of archive, is refused by what it looks like and never tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleError, ArticleTooLarge
from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, unreadable
from askseoul.ingest.converters.docx import read_document
from askseoul.ingest.converters.epub import read_book
from askseoul.ingest.converters.html import read_webpage
from askseoul.ingest.converters.pdf import read_pdf

_PDF_MARK_BYTES: Final = 1024
"""A PDF's mark may stand behind so many other bytes, as programs that read PDF have it."""
_HEAD: Final = 4096
_TAG = re.compile(rb"<[!/?]?[A-Za-z]")
_REASON_CHARACTERS: Final = 120
_AS_TEXT: Final = "save its text as .txt"

_SIGNATURES: Final = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture, sound or film"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"\xd0\xcf\x11\xe0", "a document of an old version of Office, or one with a password"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x1f\x8b", "a packed file"),
    (b"7z\xbc\xaf", "a packed file"),
    (b"Rar!", "a packed file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
# Names of members stand in a ZIP as they are.
_ARCHIVES: Final = (
    (b"word/document", "a Word document"),
    (b"META-INF/container.xml", "an EPUB"),
    (b"xl/workbook.xml", "an Excel workbook"),
    (b"ppt/presentation.xml", "a PowerPoint presentation"),
    (b"content.xml", "an OpenDocument file"),
)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    read: Callable[[Path, bytes], ConvertedFile]


def _read_docx(path: Path, content: bytes) -> ConvertedFile:
    return read_document(BoundedZip(path, content))


def _read_epub(path: Path, content: bytes) -> ConvertedFile:
    return read_book(path, BoundedZip(path, content))


_WEB_PAGE, _PDF, _DOCX, _EPUB = (
    _Kind("a web page", read_webpage),
    _Kind("a PDF", read_pdf),
    _Kind("a Word document", _read_docx),
    _Kind("an EPUB", _read_epub),
)
_KINDS: Final = {
    ".html": _WEB_PAGE,
    ".htm": _WEB_PAGE,
    ".xhtml": _WEB_PAGE,
    ".pdf": _PDF,
    ".docx": _DOCX,
    ".epub": _EPUB,
}
SUFFIXES: Final = tuple(_KINDS)
"""The kinds of file that need more than decoding."""


def extract(path: Path, content: bytes) -> ConvertedFile:
    """The text of a file of one of the SUFFIXES, and what it states about itself; of ``path`` only the name is used.

    Raises ArticleEmpty, ArticleTooLarge or ArticleUnreadable, each of which says what to do.
    """
    kind = _KINDS[path.suffix.lower()]
    looks = _looks_like(content)
    if looks != kind.name:
        raise _mislabelled(path, kind.name, looks)
    try:
        return kind.read(path, content)
    except ArticleError:
        raise
    except MemoryError as error:
        raise ArticleTooLarge(f"{path} takes more memory to read than there is: split it, or {_AS_TEXT}") from error
    # Parsers of other people's files raise whatever they please, and one file must not stop the others.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_REASON_CHARACTERS].rstrip(": ")
        raise unreadable(path, f"{kind.name} that may be damaged; {reason}", f"save it again, or {_AS_TEXT}") from error


def _looks_like(content: bytes) -> str:
    """What the beginning of a file looks like."""
    head = content[:_HEAD]
    if b"%PDF-" in head[:_PDF_MARK_BYTES] and not _TAG.match(head.lstrip()):
        return "a PDF"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((looks for name, looks in _ARCHIVES if name in content), "an archive")
    for signature, looks in _SIGNATURES:
        if head.startswith(signature):
            return looks
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in content and not is_utf16:
        return "binary data"
    return "a web page" if _TAG.search(content.replace(b"\0", b"") if is_utf16 else content) else "plain text"


def _mislabelled(path: Path, expected: str, looks: str) -> ArticleError:
    suffixes = {kind.name: suffix for suffix, kind in reversed(_KINDS.items())} | {"plain text": ".txt"}
    remedy = f"rename it to {suffixes[looks]}" if looks in suffixes else "convert it, or leave it out"
    return unreadable(path, f"named as {expected}, it looks like {looks}", remedy)
