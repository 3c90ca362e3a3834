"""Converts EPUB books: the text of their chapters in reading order.

A chapter that is missing or damaged is left out and named; the others are read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from askseoul.errors import ArticleUnreadable
from askseoul.ingest.converters.base import (
    BoundedZip,
    ConvertedFile,
    named_author,
    one_line,
    parse_date,
    superscript,
    unreadable,
)
from askseoul.ingest.converters.html import decode
from askseoul.ingest.converters.markup import text_of
from askseoul.ingest.converters.trees import local_name, parse_xhtml, parse_xml
from askseoul.ingest.converters.visible import visible_tree

if TYPE_CHECKING:
    from lxml.etree import _Element


_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_CHAPTER_TYPES: Final = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/xml"})
_FONT_OBFUSCATION: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Encryption of fonts alone, in books whose text is not encrypted."""
_REMEDY: Final = "get it again, or convert it"
_REASON_CHARACTERS: Final = 200
_MEANING: Final = frozenset({"type", "role"})
_NOTES: Final = frozenset({"footnote", "endnote", "rearnote", "note", "doc-footnote", "doc-endnote"})
_REFERENCES: Final = frozenset({"noteref", "doc-noteref"})


def convert_epub(path: Path, content: bytes) -> ConvertedFile:
    """Return the text and metadata of an EPUB. Raises ArticleTooLarge, ArticleUnreadable and lxml's exceptions."""
    archive = BoundedZip(path, content)
    if _ENCRYPTION in archive and _has_drm(parse_xml(archive.read(_ENCRYPTION))):
        raise unreadable(path, "it is locked by digital rights management (DRM)", "get a copy without DRM")
    package_name = _package_name(path, archive)
    package = parse_xml(_member(path, archive, package_name))
    metadata = _find(package, "metadata")
    names = list(_chapter_names(path, package, posixpath.dirname(package_name)))
    chapters, notes = _chapters(path, archive, names)
    if names and not chapters:
        raise unreadable(path, f"a damaged EPUB: {notes[0]}", _REMEDY)
    published = _published(metadata)
    return ConvertedFile(
        text="\n\n".join(filter(None, chapters)),
        title=_first(metadata, "title"),
        source=named_author(_first(metadata, "creator")),
        published=published,
        published_from="EPUB metadata" if published else None,
        language=_first(metadata, "language"),
        notes=tuple(dict.fromkeys(notes)),
    )


def _chapters(path: Path, archive: BoundedZip, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the texts of the chapters, and what was guessed in them or left out. Raises ArticleTooLarge."""
    from lxml.etree import LxmlError

    chapters, notes = [], []
    for number, name in enumerate(names, 1):
        try:
            text, guess = decode(_member(path, archive, name))
            chapters.append(_chapter(text))
            notes += [guess] if guess else []
        except (ArticleUnreadable, ValueError, LxmlError) as error:
            reason = " ".join(str(error).removeprefix(f"{path} can't be read ").removesuffix(f": {_REMEDY}").split())[
                :_REASON_CHARACTERS
            ]
            notes.append(f"chapter {number} ({name!a}) was left out: {reason.strip('()')}")
    return chapters, notes


def _has_drm(encryption: _Element) -> bool:
    methods = [
        element.get("Algorithm") or "" for element in encryption.iter() if local_name(element).endswith("method")
    ]
    return not all(method in _FONT_OBFUSCATION for method in methods)


def _package_name(path: Path, archive: BoundedZip) -> str:
    for element in parse_xml(_member(path, archive, _CONTAINER)).iter():
        if local_name(element) == "rootfile" and element.get("full-path"):
            return _normalize(element.get("full-path"))
    raise unreadable(path, "a damaged EPUB: it names no package document", _REMEDY)


def _member(path: Path, archive: BoundedZip, name: str) -> bytes:
    if name not in archive:
        raise unreadable(path, f"a damaged EPUB: {name!a} is missing", _REMEDY)
    return archive.read(name)


def _normalize(name: str) -> str:
    return posixpath.normpath(name).lstrip("/")


def _chapter_names(path: Path, package: _Element, folder: str) -> Iterator[str]:
    """Yield the names of the chapters in reading order, without the table of contents."""
    items = {}
    manifest = _find(package, "manifest")
    for item in () if manifest is None else manifest:
        if local_name(item) == "item":
            items[item.get("id")] = item
    spine = _find(package, "spine")
    references = [] if spine is None else [child for child in spine if local_name(child) == "itemref"]
    if not references:
        raise unreadable(path, "a damaged EPUB: it lists no chapters", _REMEDY)
    for reference in references:
        item = items.get(reference.get("idref"))
        if item is None:
            yield reference.get("idref") or ""  # which is missing as well
            continue
        is_contents = "nav" in (item.get("properties") or "").split()
        if item.get("media-type", "").lower() in _CHAPTER_TYPES and not is_contents:
            yield _normalize(posixpath.join(folder, unquote((item.get("href") or "").partition("#")[0])))


def _chapter(text: str) -> str:
    if not text.strip():
        return ""
    root = parse_xhtml(text)
    for element in root.iter():
        kinds = _kinds(element)
        if not kinds.isdisjoint(_NOTES):  # reading programs show it when its mark is touched
            element.attrib.pop("hidden", None)
            element.attrib.pop("style", None)
        elif not kinds.isdisjoint(_REFERENCES) and len(element) == 0:
            element.text = superscript((element.text or "").strip())
    root = visible_tree(root)
    body = _find(root, "body")
    return text_of(root if body is None else body)


def _kinds(element: _Element) -> set[str]:
    """Return what an element says of its meaning."""
    written = (
        value for name, value in element.attrib.items() if name.rpartition(":")[2].rpartition("}")[2] in _MEANING
    )
    return set(" ".join(written).split())


def _find(root: _Element, name: str) -> _Element | None:
    return next((element for element in root.iter() if local_name(element) == name), None)


def _first(metadata: _Element | None, name: str) -> str | None:
    elements = () if metadata is None else metadata
    return next((one_line(element.text) for element in elements if local_name(element) == name and element.text), None)


def _published(metadata: _Element | None) -> str | None:
    """Return the date of publication, else a date without a stated event, but never that of a modification."""
    dates: dict[str, str | None] = {}
    for element in () if metadata is None else metadata:
        if local_name(element) == "date":
            events = [value for name, value in element.attrib.items() if name.rpartition("}")[2] == "event"]
            dates.setdefault(events[0] if events else "", parse_date(element.text))
    return dates.get("publication") or dates.get("")
