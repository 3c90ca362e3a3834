"""Converts web pages: the article's text, without menus and footers, and the metadata that the page states.

The EPUB converter uses the same parsers and ``text_of``, which turns a tree of elements into text: blank lines separate
paragraphs, headings begin with ``#``, list items with ``-``, and a table row is a line of cells between bars. No
function recurses, so trees may be nested as deep as the parser allows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from html.entities import html5
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters.base import ConvertedFile, one_line, parse_date, subscript, superscript, unreadable
from askseoul.ingest.encodings import decode_text

if TYPE_CHECKING:
    from lxml.etree import _Element


_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LINE_BREAKS: Final = frozenset({"br", "lb"})
_ROWS: Final = frozenset({"row", "tr"})
_CELLS: Final = frozenset({"cell", "td", "th"})
_ITEMS: Final = frozenset({"item", "li"})
_BLOCKS: Final = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure
    footer form header hr html list main nav ol p pre quote section summary table tbody tfoot thead ul
    """.split()
)
_INVISIBLE: Final = frozenset(
    "audio canvas head iframe math noscript object rp rt script style svg template textarea video".split()
)
"""Elements whose text is not part of the page's text."""
_BOILERPLATE: Final = _INVISIBLE | {"aside", "button", "footer", "form", "nav", "select"}
"""Elements around an article that are not part of it."""

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAK: Final = "\v"  # can't occur in XML or HTML
_BREAKS = re.compile(r" ?\v[ \v]*")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos", "AMP", "LT", "GT", "QUOT"})
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARATION_BYTES: Final = 2048
_DECLARED_ENCODING = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)")
_DECLARED_LANGUAGE = re.compile(rb"<html[^>]*?\slang\s*=\s*[\"']?([A-Za-z-]+)", re.IGNORECASE)
_OFFLINE: Final[Mapping[str, bool]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_OFFLINE_HTML: Final[Mapping[str, bool]] = {"no_network": True, "remove_comments": True, "remove_pis": True}

_TITLES: Final = ("og:title", "citation_title", "dc.title", "twitter:title")
_SITES: Final = ("og:site_name", "citation_journal_title", "dc.publisher", "article:publisher")
_AUTHORS: Final = ("author", "article:author", "citation_author", "dc.creator", "parsely-author")
_DATES: Final = (
    *("article:published_time", "og:article:published_time", "datepublished", "citation_publication_date"),
    *("citation_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date"),
    *("pubdate", "publishdate", "publish-date", "publish_date", "parsely-pub-date", "sailthru.date"),
)


def convert_html(path: Path, content: bytes) -> ConvertedFile:
    """Return the article on a web page.

    Raises ArticleEmpty, ArticleUnreadable, and the exceptions of lxml and trafilatura.
    """
    try:
        text, note = decode(content)
    except ValueError as error:
        raise unreadable(path, str(error), "convert it to UTF-8") from error
    root = parse_html(text)
    metas = _metas(root)
    json_ld = list(_linked_data(root))
    url = _canonical_url(root, metas)
    source = _first(metas, _SITES) or _publisher(json_ld) or _first(metas, _AUTHORS)
    return ConvertedFile(
        text=_article_text(path, visible_tree(root)),
        title=_first(metas, _TITLES) or _heading(root) or _text(root.find(".//title")),
        source=source or (url and urlsplit(url).hostname),
        published=_published(root, metas, json_ld),
        url=url,
        language=root.get("lang") or root.get("xml:lang") or metas.get("content-language"),
        notes=(note,) if note else (),
    )


def _article_text(path: Path, root: _Element) -> str:
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    found = bare_extraction(root, include_comments=False)
    body = found.body if isinstance(found, Document) else None
    if body is not None and len(body) > 1:
        for heading in body.iter("head"):
            level = heading.get("rend") or ""
            heading.tag = level if level in {"h1", "h3", "h4", "h5", "h6"} else "h2"
        return text_of(body)
    # From a page of a few lines, trafilatura extracts a single block without paragraphs, or nothing.
    page = root.find(".//body")
    text = text_of(root if page is None else page, _BOILERPLATE)
    if not text:
        raise ArticleEmpty(f"{path} holds no text: fill it, save the page once it has loaded, or leave it out")
    return text


# Parsing


def parse_xml(content: bytes) -> _Element:
    """Parse an XML document without expanding entities or fetching anything. Raises lxml's XMLSyntaxError."""
    from lxml import etree

    return etree.fromstring(content, etree.XMLParser(**_OFFLINE))


def parse_xhtml(text: str) -> _Element:
    """Parse an XHTML document, as HTML if it is not well formed. Raises lxml's ParserError."""
    from lxml import etree

    # XML predefines five entities; the names of the others are in a DTD, and no DTD is read.
    expanded = _ENTITY.sub(_character, _XML_DECLARATION.sub("", text))
    try:
        return parse_xml(expanded.encode("utf-8", "replace"))
    except etree.XMLSyntaxError:
        return parse_html(text)


def parse_html(text: str) -> _Element:
    """Parse an HTML document, repaired as browsers do. Raises lxml's ParserError if nothing is left of it."""
    from lxml import html

    return html.document_fromstring(
        text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8", collect_ids=False, **_OFFLINE_HTML)
    )


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _XML_ENTITIES else html5.get(f"{name};", match[0])


def decode(content: bytes) -> tuple[str, str | None]:
    """Return the text of HTML or XML, and a note of what was guessed about its encoding. Raises ValueError."""
    head = content[:_DECLARATION_BYTES]
    encoding, language = _DECLARED_ENCODING.search(head), _DECLARED_LANGUAGE.search(head)
    return decode_text(content, encoding and encoding[1].decode(), language and language[1].decode())


# Trees to text


def local_name(element: _Element) -> str:
    """Return an element's name in lower case without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def visible_tree(root: _Element) -> _Element:
    """Remove hidden text and turn ``sup`` and ``sub`` into Unicode characters, in place; return the tree."""
    for element in list(root.iter()):
        name = local_name(element)
        is_hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        if is_hidden and name not in ("html", "body"):  # some pages are hidden until their scripts have run
            _set_text(element, "")
        elif name in ("sup", "sub"):
            _set_text(element, (superscript if name == "sup" else subscript)("".join(element.itertext())))
    return root


def _set_text(element: _Element, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def text_of(root: _Element, skipped: Collection[str] = _INVISIBLE) -> str:
    """Return the text of an element and its descendants, without elements with the ``skipped`` names."""
    builder = _TextBuilder()
    for kind, name, text in _events(root, skipped):
        if kind == "text":
            builder.write(text)
        elif name in _LINE_BREAKS:
            builder.write(_BREAK if kind == "open" else "")
        elif kind == "open":
            builder.open(name)
        else:
            builder.close(name)
    return builder.finish()


def _events(root: _Element, skipped: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield a tree's events in document order: ("open" or "close", name, "") and ("text", "", text)."""
    stack = [(root, _layout_name(root), iter(root))]
    yield "open", stack[0][1], ""
    yield "text", "", root.text or ""
    while stack:
        element, name, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "close", name, ""
            if stack:
                yield "text", "", element.tail or ""
        elif not local_name(child) or local_name(child) in skipped:
            yield "text", "", child.tail or ""
        else:
            stack.append((child, _layout_name(child), iter(child)))
            yield "open", stack[-1][1], ""
            yield "text", "", child.text or ""


def _layout_name(element: _Element) -> str:
    """Return the element's name, or ``div`` for a table row that lays out a page."""
    name = local_name(element)
    if name in _ROWS:
        cells = sum(local_name(child) in _CELLS for child in element)
        blocks = sum(local_name(inner) in _BLOCKS for inner in element.iterdescendants())
        return name if blocks <= cells else "div"
    return name


class _TextBuilder:
    """Builds text from events, with a new line for each block element."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._inline: list[str] = []
        self._cells: list[str] = []
        self._open_rows = 0
        self._mark = ""
        self._last_kind = ""

    def write(self, text: str) -> None:
        self._inline.append(text)

    def open(self, name: str) -> None:
        if self._open_rows:
            self._inline.append(" " if name in _BLOCKS | _ITEMS | _CELLS | _ROWS or name in _HEADINGS else "")
            self._open_rows += name in _ROWS
        elif name in _ROWS:
            self._end_line("")
            self._open_rows = 1
        elif name in _HEADINGS or name in _ITEMS:
            self._end_line("")
            self._mark = "#" * _HEADINGS[name] + " " if name in _HEADINGS else "- "
        elif name in _BLOCKS or name in _CELLS:
            # A paragraph inside an item or a heading gets its mark.
            self._end_line("", keep_mark=True)

    def close(self, name: str) -> None:
        if self._open_rows:
            self._open_rows -= name in _ROWS
            if name in _CELLS and self._open_rows == 1:
                self._cells.append(self._take_inline())
            elif not self._open_rows:
                self._end_row()
        elif name in _BLOCKS or name in _HEADINGS or name in _ITEMS or name in _CELLS:
            self._end_line("item" if name in _ITEMS else "")

    def finish(self) -> str:
        self._end_line("")
        return "".join(self._written)

    def _take_inline(self) -> str:
        text = _SPACE.sub(" ", "".join(self._inline))
        self._inline.clear()
        return _BREAKS.sub(lambda match: "\n\n" if match[0].count(_BREAK) > 1 else "\n", text).strip()

    def _end_line(self, kind: str, *, keep_mark: bool = False) -> None:
        text = self._take_inline()
        if text:
            kind = "item" if self._mark == "- " else kind
            if self._mark.startswith("#"):
                text = " ".join(text.split())
            self._write_line(self._mark + text, kind)
        if text or not keep_mark:
            self._mark = ""

    def _end_row(self) -> None:
        self._cells.append(self._take_inline())  # text of the row outside its cells, usually none
        if not self._cells[-1]:
            self._cells.pop()
        if any(self._cells):
            self._write_line("| " + " | ".join(" ".join(cell.split()) for cell in self._cells) + " |", "row")
        self._cells.clear()

    def _write_line(self, line: str, kind: str) -> None:
        if self._written:
            self._written.append("\n" if kind and kind == self._last_kind else "\n\n")
        self._written.append(line)
        self._last_kind = kind


# Metadata


def _metas(root: _Element) -> dict[str, str]:
    """Return the values of the page's ``meta`` elements by lower-case name; the first of each name counts."""
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        value = one_line(meta.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (meta.get(attribute) or "").lower()
            if name and value:
                metas.setdefault(name, value)
    return metas


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    # Some pages give a profile's URL instead of a name.
    return next((metas[name] for name in names if name in metas and not metas[name].startswith("http")), None)


def _text(element: _Element | None) -> str | None:
    return None if element is None else one_line("".join(element.itertext()))


def _heading(root: _Element) -> str | None:
    headings = root.findall(".//h1")
    return _text(headings[0]) if len(headings) == 1 else None


def _canonical_url(root: _Element, metas: Mapping[str, str]) -> str | None:
    canonical = [link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for url in (*canonical, metas.get("og:url")):
        if url and url.lower().startswith(("http://", "https://")):
            return str(url)
    return None


def _published(root: _Element, metas: Mapping[str, str], json_ld: list[dict[str, Any]]) -> str | None:
    """Return the date that the page marks as its publication date; other dates, such as an event's, do not count."""
    written = [metas[name] for name in _DATES if name in metas]
    written += [node["datePublished"] for node in json_ld if isinstance(node.get("datePublished"), str)]
    for element in root.iter("time", "span", "abbr"):
        is_marked = (element.get("itemprop") or "").lower() == "datepublished" or element.get("pubdate") is not None
        if is_marked:
            written.append(element.get("datetime") or element.get("content") or "")
    return next(filter(None, map(parse_date, written)), None)


def _linked_data(root: _Element) -> Iterator[dict[str, Any]]:
    """Yield the objects of the page's JSON-LD, and each node of its graphs."""
    for script in root.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            parsed = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue  # invalid JSON is common
        for node in parsed if isinstance(parsed, list) else [parsed]:
            if isinstance(node, dict):
                yield node
                graph = node.get("@graph")
                yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()


def _publisher(json_ld: list[dict[str, Any]]) -> str | None:
    for node in json_ld:
        publisher = node.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else None
        if isinstance(name, str) and name.strip():
            return one_line(name)
    return None
