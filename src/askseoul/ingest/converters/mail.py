"""Converts mail messages: the subject as heading, the lines of sender, receivers and date, then the text.

The plain version of a text is taken where there is one. Quoted lines stay, in paragraphs of their own that begin with
">". Attachments are named, and not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import ConvertedFile, named_author, one_line, parse_date, unreadable
from askseoul.ingest.converters.markup import text_of
from askseoul.ingest.converters.trees import local_name, parse_html
from askseoul.ingest.converters.visible import visible_tree
from askseoul.ingest.encodings import decode_text

if TYPE_CHECKING:
    from lxml.etree import _Element


_SHOWN: Final = ("From", "To", "Cc", "Date")
_LONGEST_HEADER: Final = 2000
_MOST_NAMES: Final = 10
_ENCRYPTED: Final = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED: Final = "signed-data"
_QUOTED = re.compile(r"(?:> ?)+")
_SIGNATURE: Final = "--"
_SHORTEST_WRAPPED: Final = 50
"""A line with fewer characters than this ends where its writer ended it."""
_QUOTE_BEGINS, _QUOTE_ENDS = "\ue000", "\ue001"
_QUOTE_CLASSES: Final = frozenset({"gmail_quote", "yahoo_quoted", "moz-cite-prefix"})


def convert_mail(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of an .eml file. Raises ArticleUnreadable, and lxml's exceptions."""
    message = message_from_bytes(content)
    if message.get_content_type() in _ENCRYPTED and message.get_param("smime-type") != _SIGNED:
        raise unreadable(path, "it is encrypted", "open it in a mail program, and save its text as .txt")
    reader = _Reader()
    texts = list(filter(None, reader.texts(message)))
    headers = [f"{name}: {value}" for name in _SHOWN if (value := _header(message, name))]
    subject = _header(message, "Subject")
    blocks = [*([f"# {subject}"] if subject else []), *(["\n".join(headers)] if headers else []), *texts]
    published = _published(_header(message, "Date"))
    return ConvertedFile(
        text="\n\n".join(blocks),
        title=subject,
        source=_sender(_header(message, "From")),
        published=published,
        published_from="mail header" if published else None,
        notes=tuple(reader.remarks()),
    )


def _header(message: Message, name: str) -> str | None:
    """Return a header as people read it, in one line."""
    raw = str(message.get(name, ""))[:_LONGEST_HEADER]
    try:
        decoded = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        decoded = raw
    return one_line(decoded)


def _sender(written: str | None) -> str | None:
    """Return the name of the first sender, or the address of one without a name."""
    name, address = next(iter(getaddresses([written or ""])), ("", ""))
    return named_author(name) or named_author(address)


def _published(written: str | None) -> str | None:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parse_date(parsedate_to_datetime(written or "").date().isoformat())
    return None


class _Reader:
    """Collects the texts of a message, and what is left out."""

    def __init__(self) -> None:
        self._attached: list[str] = []
        self._guesses: dict[str, None] = {}

    def remarks(self) -> Iterator[str]:
        """Yield what was guessed and left out, once all texts are read."""
        yield from self._guesses
        if number := len(self._attached):
            names = ", ".join(self._attached[:_MOST_NAMES]) + (", …" if number > _MOST_NAMES else "")
            yield f"{number:,} attachment{' was' if number == 1 else 's were'} left out: {names}"

    def texts(self, part: Message) -> Iterator[str]:
        """Yield the texts of a part of the message and of the parts in it."""
        kind = part.get_content_type()
        children = part.get_payload() if part.is_multipart() and kind != "message/rfc822" else []
        name = _file_name(part)
        if isinstance(children, list) and children:
            inner = [child for child in children if isinstance(child, Message)]
            yield from self._best(inner) if kind == "multipart/alternative" else self._all(inner)
        elif part.get_content_disposition() == "attachment" or name or not kind.startswith("text/"):
            # Pictures without a name are those that an HTML text shows.
            if name or not kind.startswith(("image/", "multipart/")):
                self._attached.append(name or kind)
        elif kind == "text/html":
            yield _text_of_html(self._decoded(part))
        elif kind == "text/plain":
            text = self._decoded(part)
            is_flowed = str(part.get_param("format", "")).lower() == "flowed"
            yield _paragraphs(_unflowed(text, str(part.get_param("delsp", "")).lower() == "yes") if is_flowed else text)
        else:
            self._attached.append(kind)

    def _all(self, parts: list[Message]) -> Iterator[str]:
        for part in parts:
            yield from self.texts(part)

    def _best(self, versions: list[Message]) -> Iterator[str]:
        """Yield the texts of the plain version of the same content, or of the best other one."""
        plain = [version for version in versions if version.get_content_type() == "text/plain"]
        for version in (*plain, *(other for other in reversed(versions) if other not in plain)):
            if version.get_content_type().startswith(("text/plain", "text/html", "multipart/")) and (
                texts := list(filter(None, self.texts(version)))
            ):
                yield from texts
                return

    def _decoded(self, part: Message) -> str:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        try:
            text, guess = decode_text(content, part.get_content_charset())
        except ValueError:
            text, guess = content.decode("utf-8", "replace"), "some characters could not be read"
        if guess:
            self._guesses[guess] = None
        return text


def _file_name(part: Message) -> str | None:
    try:
        name = part.get_filename()
        return one_line(str(make_header(decode_header(name)))) if name else None
    except (HeaderParseError, LookupError, UnicodeError, ValueError, TypeError):
        return "a file with a damaged name"


def _unflowed(text: str, is_space_deleted: bool) -> str:
    """Return a text of the kind "format=flowed" with each paragraph in one line."""
    lines: list[list[str]] = []
    last_depth = 0
    goes_on = False
    for line in text.splitlines():
        mark = _QUOTED.match(line)
        depth = mark[0].count(">") if mark else 0
        own = line[mark.end() :] if mark else line.removeprefix(" ")
        if not (goes_on and depth == last_depth):
            lines.append([">" * depth + " "] if depth else [])
        goes_on = own.endswith(" ") and own.rstrip() != _SIGNATURE
        lines[-1].append(own[:-1] if goes_on and is_space_deleted else own)
        last_depth = depth
    return "\n".join(map("".join, lines))


def _depth(line: str) -> int:
    mark = _QUOTED.match(line)
    return mark[0].count(">") if mark else 0


def _paragraphs(text: str) -> str:
    """Return the text with a blank line wherever quoted text begins or ends, its lines joined to paragraphs."""
    blocks: list[str] = []
    for depth, lines in groupby(text.replace("\r\n", "\n").split("\n"), key=_depth):
        own = [line[mark.end() :] if (mark := _QUOTED.match(line)) else line for line in lines]
        for is_text, paragraph in groupby(own, key=lambda line: line.strip() not in ("", _SIGNATURE)):
            if is_text:
                written = list(paragraph)
                blocks.append("\n".join(_unwrapped(written, depth) if depth else written))
    return "\n\n".join(blocks)


def _unwrapped(lines: list[str], depth: int) -> Iterator[str]:
    """Yield the lines of a quoted paragraph, each with one mark; lines that were wrapped are joined."""
    mark = ">" * depth + " "
    pieces: list[str] = []
    for index, written in enumerate(lines):
        pieces.append(written.strip())
        if len(written) < _SHORTEST_WRAPPED or index == len(lines) - 1:
            yield mark + " ".join(pieces)
            pieces.clear()


def _text_of_html(written: str) -> str:
    """Return the text of an HTML version, with marks before quoted paragraphs."""
    if not written.strip():
        return ""
    root = visible_tree(parse_html(written.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")))
    for element in list(root.iter()):
        if local_name(element) == "blockquote" or not _QUOTE_CLASSES.isdisjoint((element.get("class") or "").split()):
            element.insert(0, _marker(element, _QUOTE_BEGINS))
            element.append(_marker(element, _QUOTE_ENDS))
            element.text, element[0].tail = None, element.text
    depth = 0
    blocks = []
    for block in text_of(root).split("\n\n"):
        if block == _QUOTE_BEGINS:
            depth += 1
        elif block == _QUOTE_ENDS:
            depth = max(depth - 1, 0)
        else:
            blocks.append("\n".join(f"{'>' * depth} {line}" for line in block.split("\n")) if depth else block)
    return "\n\n".join(blocks)


def _marker(element: _Element, text: str) -> _Element:
    marker = element.makeelement("p", {})
    marker.text = text
    return marker
