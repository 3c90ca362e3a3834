"""Converters: files of formats other than plain text to text, and a check that a file has the format of its name.

The file's suffix names the format, and its first bytes have to confirm it: a ".html" file that is a picture, or an
".epub" file that is another kind of archive, is refused with the format it seems to have, and is never parsed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from askseoul.errors import ArticleError, ArticleTooLarge
from askseoul.ingest.converters.base import ConvertedFile, unreadable
from askseoul.ingest.converters.docx import convert_docx
from askseoul.ingest.converters.epub import convert_epub
from askseoul.ingest.converters.html import convert_html
from askseoul.ingest.converters.mail import convert_mail
from askseoul.ingest.converters.pdf import convert_pdf
from askseoul.ingest.converters.pptx import convert_pptx
from askseoul.ingest.converters.spreadsheet import convert_delimited, convert_workbook

_PDF_SIGNATURE_BYTES: Final = 1024
"""A PDF's signature may follow this many other bytes, as PDF readers allow."""
_HEAD_BYTES: Final = 4096
_TAG = re.compile(rb"<[!/?]?[A-Za-z]")
_MAIL_START = re.compile(rb"(?:From [^\n]*\n)?[A-Za-z][A-Za-z0-9-]*:")
_MAIL_HEADER = re.compile(
    rb"^(?:from|to|subject|date|received|return-path|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)
_REASON_CHARACTERS: Final = 120
_PANIC: Final = "PanicException"
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
_ZIP_FORMATS: Final = (  # members' names are not compressed
    (b"word/document", "a Word document"),
    (b"META-INF/container.xml", "an EPUB"),
    (b"xl/workbook.xml", "an Excel workbook"),
    (b"ppt/presentation.xml", "a PowerPoint presentation"),
    (b"content.xml", "an OpenDocument file"),
)


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    convert: Callable[[Path, bytes], ConvertedFile]
    looks: tuple[str, ...] = ()
    """What a file of this format may look like besides: text has no mark of its own."""


_HTML = _Format("a web page", convert_html)
_TEXT_TABLE = _Format("a table in plain text", convert_delimited, ("plain text", "a web page"))
_FORMATS: Final = {
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".pdf": _Format("a PDF", convert_pdf),
    ".docx": _Format("a Word document", convert_docx),
    ".xlsx": _Format("an Excel workbook", convert_workbook),
    ".pptx": _Format("a PowerPoint presentation", convert_pptx),
    ".epub": _Format("an EPUB", convert_epub),
    ".csv": _TEXT_TABLE,
    ".tsv": _TEXT_TABLE,
    ".eml": _Format("a mail message", convert_mail),
}
SUFFIXES: Final = tuple(_FORMATS)
"""The suffixes of files that need a converter."""
SAVED_AS: Final = {
    **dict.fromkeys((".doc", ".docm", ".dot", ".dotx", ".odt", ".ott", ".pages", ".rtf", ".wpd", ".wps"), ".docx"),
    **dict.fromkeys((".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".numbers"), ".xlsx"),
    **dict.fromkeys((".ppt", ".pptm", ".pps", ".ppsx", ".odp", ".key"), ".pptx"),
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".fb2"), ".epub"),
    **dict.fromkeys((".msg", ".mbox"), ".eml"),
    **dict.fromkeys((".djvu", ".ps", ".xps"), ".pdf"),
    **dict.fromkeys((".mht", ".mhtml"), ".html"),
}
"""Formats that are not read, by suffix, and those in which the programs that read them can save the same."""


def convert(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of a file with one of the SUFFIXES. Only the name of ``path`` is used.

    Raises ArticleEmpty, ArticleTooLarge or ArticleUnreadable, whose messages name the remedy.
    """
    expected = _FORMATS[path.suffix.lower()]
    found = _detect_format(content, expected.name)
    if found not in (expected.name, *expected.looks):
        raise _mislabelled(path, expected.name, found)
    try:
        return expected.convert(path, content)
    except ArticleError:
        raise
    except MemoryError as error:
        raise ArticleTooLarge(f"{path} takes more memory to read than there is: split it, or {_AS_TEXT}") from error
    # Parsers raise all kinds of exceptions on damaged files, and one file must not stop the others. A panic of a parser
    # in Rust is not even an Exception.
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_REASON_CHARACTERS].rstrip(": ")
        raise unreadable(
            path, f"{expected.name} that may be damaged; {reason}", f"save it again, or {_AS_TEXT}"
        ) from error


def _detect_format(content: bytes, expected: str) -> str:
    """Return the name of the format that a file's content indicates, the expected one if it can be that."""
    head = content[:_HEAD_BYTES]
    is_mail = _MAIL_START.match(head.removeprefix(codecs.BOM_UTF8)) and _MAIL_HEADER.search(head)
    if is_mail and expected == "a mail message":
        return expected
    if b"%PDF-" in head[:_PDF_SIGNATURE_BYTES] and not _TAG.match(head.lstrip()):
        return "a PDF"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        # A document may hold one of another kind.
        formats = [format_ for member, format_ in _ZIP_FORMATS if member in content]
        return expected if expected in formats else next(iter(formats), "an archive")
    for signature, format_ in _SIGNATURES:
        if head.startswith(signature):
            return format_
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in content and not is_utf16:
        return "binary data"
    return "a web page" if _TAG.search(content.replace(b"\0", b"") if is_utf16 else content) else "plain text"


def _mislabelled(path: Path, expected: str, found: str) -> ArticleError:
    suffixes = {format_.name: suffix for suffix, format_ in reversed(_FORMATS.items())} | {"plain text": ".txt"}
    remedy = f"rename it to {suffixes[found]}" if found in suffixes else "convert it, or leave it out"
    return unreadable(path, f"named as {expected}, it looks like {found}", remedy)
