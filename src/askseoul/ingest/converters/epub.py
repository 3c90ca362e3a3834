"""An EPUB's bytes into the text of its chapters, in the order in which a reader turns them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from askseoul.ingest.converters.base import BoundedZip, ConvertedFile, one_line, stated_date, unreadable
from askseoul.ingest.converters.html import as_seen, decode, local_name, parse_xhtml, parse_xml, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element


_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_CHAPTERS: Final = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/xml"})
_OF_FONTS: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""How fonts are obscured in books that anyone may read."""
_REMEDY: Final = "get it again, or convert it"


def read_book(path: Path, archive: BoundedZip) -> ConvertedFile:
    """The text of an EPUB. Raises ArticleTooLarge, ArticleUnreadable, and what lxml may raise."""
    if _ENCRYPTION in archive and _is_locked(parse_xml(archive.read(_ENCRYPTION))):
        raise unreadable(path, "it is locked by digital rights management (DRM)", "get it without")
    package_name = _package_name(path, archive)
    package = parse_xml(_member(path, archive, package_name))
    metadata = _named(package, "metadata")
    chapters = []
    for name in _spine(path, package, posixpath.dirname(package_name)):
        text = decode(_member(path, archive, name))
        if text is None:
            raise unreadable(path, f"its chapter {name!a} is neither UTF-8 nor in the encoding it names", _REMEDY)
        chapters.append(_chapter(text))
    return ConvertedFile(
        text="\n\n".join(filter(None, chapters)),
        title=_first(metadata, "title"),
        source=_first(metadata, "creator"),
        published=_published(metadata),
        language=_first(metadata, "language"),
    )


def _is_locked(encryption: _Element) -> bool:
    methods = [
        element.get("Algorithm") or "" for element in encryption.iter() if local_name(element).endswith("method")
    ]
    return not all(method in _OF_FONTS for method in methods)


def _package_name(path: Path, archive: BoundedZip) -> str:
    for element in parse_xml(_member(path, archive, _CONTAINER)).iter():
        if local_name(element) == "rootfile" and element.get("full-path"):
            return _normal(element.get("full-path"))
    raise unreadable(path, "a damaged EPUB: it does not say what it holds", _REMEDY)


def _member(path: Path, archive: BoundedZip, name: str) -> bytes:
    if name not in archive:
        raise unreadable(path, f"a damaged EPUB: {name!a} is missing", _REMEDY)
    return archive.read(name)


def _normal(name: str) -> str:
    return posixpath.normpath(name).lstrip("/")


def _spine(path: Path, package: _Element, folder: str) -> Iterator[str]:
    """The names of the chapters in order, without the table of contents."""
    items = {}
    manifest = _named(package, "manifest")
    for item in () if manifest is None else manifest:
        if local_name(item) == "item":
            items[item.get("id")] = item
    spine = _named(package, "spine")
    listed = [] if spine is None else [one for one in spine if local_name(one) == "itemref"]
    if not listed:
        raise unreadable(path, "a damaged EPUB: it lists no chapters", _REMEDY)
    for reference in listed:
        item = items.get(reference.get("idref"))
        if item is None:
            raise unreadable(path, f"a damaged EPUB: chapter {reference.get('idref')!a} is not in it", _REMEDY)
        is_contents = "nav" in (item.get("properties") or "").split()
        if item.get("media-type", "").lower() in _CHAPTERS and not is_contents:
            yield _normal(posixpath.join(folder, unquote((item.get("href") or "").partition("#")[0])))


def _chapter(text: str) -> str:
    if not text.strip():
        return ""
    root = as_seen(parse_xhtml(text))
    body = _named(root, "body")
    return text_of(root if body is None else body)


def _named(root: _Element, name: str) -> _Element | None:
    return next((element for element in root.iter() if local_name(element) == name), None)


def _first(metadata: _Element | None, name: str) -> str | None:
    elements = () if metadata is None else metadata
    return next((one_line(element.text) for element in elements if local_name(element) == name and element.text), None)


def _published(metadata: _Element | None) -> str | None:
    """The date of publication, else one of which the book does not say what it is of; not that of a change."""
    dates: dict[str, str | None] = {}
    for element in () if metadata is None else metadata:
        if local_name(element) == "date":
            events = [value for name, value in element.attrib.items() if name.rpartition("}")[2] == "event"]
            dates.setdefault(events[0] if events else "", stated_date(element.text))
    return dates.get("publication") or dates.get("")
