"""Trees of elements, of XHTML or of what a web page was boiled down to, into text.

Paragraphs stand apart by blank lines, headings begin with ``#`` and list items with ``-``, and a row of a table is a
line of cells between bars. Trees may be nested as deep as the parser lets them: nothing here calls itself.

A web page's bytes into the text of its article, without menus and footers, and what the page states about itself.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Mapping
from html.entities import html5
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters.base import ConvertedFile, lowered, one_line, raised, stated_date, unreadable

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
SILENT: Final = frozenset(
    "audio canvas head iframe math noscript object rp rt script style svg template textarea video".split()
)
"""Elements whose text is no reader's."""

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAK: Final = "\v"  # can't stand in XML or HTML
_BREAKS = re.compile(r" ?\v[ \v]*")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_OF_XML: Final = frozenset({"amp", "lt", "gt", "quot", "apos", "AMP", "LT", "GT", "QUOT"})
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARATION_BYTES: Final = 2048
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)")
_ENCODINGS: Final = {
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"iso-8859-{part}": f"iso8859_{part}" for part in (*range(2, 9), 10, 11, 13, 14, 15, 16)},
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "windows-949", "cp949", "uhc"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    **{"iso-8859-9": "cp1254", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "iso-2022-kr": "iso2022_kr"},
    **{"koi8-r": "koi8_r", "koi8-u": "koi8_u", "windows-874": "cp874", "tis-620": "cp874"},
}
"""What pages name, and what browsers take it for; no other of Python's codecs, some of which are not for text."""
_OFFLINE: Final[Mapping[str, bool]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_OFFLINE_HTML: Final[Mapping[str, bool]] = {"no_network": True, "remove_comments": True, "remove_pis": True}


def parse_xml(content: bytes) -> _Element:
    """The root of an XML document: no entity is expanded, nothing is fetched. Raises lxml's XMLSyntaxError."""
    from lxml import etree

    return etree.fromstring(content, etree.XMLParser(**_OFFLINE))


def parse_xhtml(text: str) -> _Element:
    """The root of an XHTML document, read as HTML where it is not well formed. Raises lxml's XMLSyntaxError."""
    from lxml import etree

    # XML itself knows the names of five characters; the other names stand in a DTD, and no DTD is read.
    named = _ENTITY.sub(_character, _DECLARATION.sub("", text))
    try:
        return parse_xml(named.encode("utf-8", "replace"))
    except etree.XMLSyntaxError:
        return parse_html(text)


def parse_html(text: str) -> _Element:
    """The root of an HTML document, mended as browsers do. Raises lxml's ParserError where nothing is left of it."""
    from lxml import html

    return html.document_fromstring(
        text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8", collect_ids=False, **_OFFLINE_HTML)
    )


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _OF_XML else html5.get(f"{name};", match[0])


def decode(content: bytes) -> str | None:
    """HTML or XML as text: by its byte order mark, as UTF-8, or else by the encoding it names; None where none fits.

    UTF-8 goes before what the page names because text in another encoding is hardly ever UTF-8 by chance, and pages are
    often converted without their declaration.
    """
    declared = _DECLARED.search(content[:_DECLARATION_BYTES])
    encodings = ["utf-8-sig", _ENCODINGS.get(declared[1].decode("ascii").lower(), "utf-8-sig") if declared else ""]
    if encodings[1].startswith("iso2022"):
        encodings.reverse()  # pure ASCII to the eye, and so UTF-8 as well
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in filter(None, encodings):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def local_name(element: _Element) -> str:
    """An element's name without its namespace, in lower case; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def as_seen(root: _Element) -> _Element:
    """The same tree, without the text that is hidden, and with small raised or lowered figures as such characters."""
    for element in list(root.iter()):
        name = local_name(element)
        is_hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        if is_hidden and name not in ("html", "body"):  # whole pages are hidden until their scripts have run
            _put(element, "")
        elif name in ("sup", "sub"):
            _put(element, (raised if name == "sup" else lowered)("".join(element.itertext())))
    return root


def _put(element: _Element, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def text_of(root: _Element, silent: Collection[str] = SILENT) -> str:
    """The text of an element and all in it; ``silent`` names the elements that are left out."""
    lines = _Lines()
    for kind, name, written in _events(root, silent):
        if kind == "text":
            lines.write(written)
        elif name in _LINE_BREAKS:
            lines.write(_BREAK if kind == "open" else "")
        elif kind == "open":
            lines.open(name)
        else:
            lines.close(name)
    return lines.finish()


def _events(root: _Element, silent: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """What a reader comes across in a tree, in order: ("open" or "close", name, "") and ("text", "", text)."""
    stack = [(root, _role(root), iter(root))]
    yield "open", stack[0][1], ""
    yield "text", "", root.text or ""
    while stack:
        element, role, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "close", role, ""
            if stack:
                yield "text", "", element.tail or ""
        elif not local_name(child) or local_name(child) in silent:
            yield "text", "", child.tail or ""
        else:
            stack.append((child, _role(child), iter(child)))
            yield "open", stack[-1][1], ""
            yield "text", "", child.text or ""


def _role(element: _Element) -> str:
    """The element's name; a table's row that lays out a page, rather than a table's contents, counts as ``div``."""
    name = local_name(element)
    if name in _ROWS:
        cells = sum(local_name(child) in _CELLS for child in element)
        blocks = sum(local_name(inner) in _BLOCKS for inner in element.iterdescendants())
        return name if blocks <= cells else "div"
    return name


class _Lines:
    """Collects text, and starts a line where an element does."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._inline: list[str] = []
        self._cells: list[str] = []
        self._rows = 0
        self._mark = ""
        self._last_kind = ""

    def write(self, text: str) -> None:
        self._inline.append(text)

    def open(self, name: str) -> None:
        if self._rows:
            self._inline.append(" " if name in _BLOCKS | _ITEMS | _CELLS | _ROWS or name in _HEADINGS else "")
            self._rows += name in _ROWS
        elif name in _ROWS:
            self._end_line("")
            self._rows = 1
        elif name in _HEADINGS or name in _ITEMS:
            self._end_line("")
            self._mark = "#" * _HEADINGS[name] + " " if name in _HEADINGS else "- "
        elif name in _BLOCKS or name in _CELLS:
            # A paragraph inside an item or a heading is what its mark belongs to.
            self._end_line("", keep_mark=True)

    def close(self, name: str) -> None:
        if self._rows:
            self._rows -= name in _ROWS
            if name in _CELLS and self._rows == 1:
                self._cells.append(self._take())
            elif not self._rows:
                self._end_row()
        elif name in _BLOCKS or name in _HEADINGS or name in _ITEMS or name in _CELLS:
            self._end_line("item" if name in _ITEMS else "")

    def finish(self) -> str:
        self._end_line("")
        return "".join(self._written)

    def _take(self) -> str:
        text = _SPACE.sub(" ", "".join(self._inline))
        self._inline.clear()
        return _BREAKS.sub(lambda match: "\n\n" if match[0].count(_BREAK) > 1 else "\n", text).strip()

    def _end_line(self, kind: str, *, keep_mark: bool = False) -> None:
        text = self._take()
        if text:
            kind = "item" if self._mark == "- " else kind
            if self._mark.startswith("#"):
                text = " ".join(text.split())
            self._put(self._mark + text, kind)
        if text or not keep_mark:
            self._mark = ""

    def _end_row(self) -> None:
        self._cells.append(self._take())  # what stands in the row and in none of its cells, as a rule nothing
        if not self._cells[-1]:
            self._cells.pop()
        if any(self._cells):
            self._put("| " + " | ".join(" ".join(cell.split()) for cell in self._cells) + " |", "row")
        self._cells.clear()

    def _put(self, line: str, kind: str) -> None:
        if self._written:
            self._written.append("\n" if kind and kind == self._last_kind else "\n\n")
        self._written.append(line)
        self._last_kind = kind


_TITLES: Final = ("og:title", "citation_title", "dc.title", "twitter:title")
_SITES: Final = ("og:site_name", "citation_journal_title", "dc.publisher", "article:publisher")
_AUTHORS: Final = ("author", "article:author", "citation_author", "dc.creator", "parsely-author")
_DATES: Final = (
    *("article:published_time", "og:article:published_time", "datepublished", "citation_publication_date"),
    *("citation_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date"),
    *("pubdate", "publishdate", "publish-date", "publish_date", "parsely-pub-date", "sailthru.date"),
)
_AROUND: Final = SILENT | {"aside", "button", "footer", "form", "nav", "select"}
"""What stands around an article and is none of it."""


def read_webpage(path: Path, content: bytes) -> ConvertedFile:
    """The article on a web page. Raises ArticleEmpty, ArticleUnreadable, and what lxml and trafilatura may raise."""
    text = decode(content)
    if text is None:
        raise unreadable(path, "neither UTF-8 nor in the encoding it names", "convert it to UTF-8")
    root = parse_html(text)
    metas = _metas(root)
    ld = list(_linked_data(root))
    url = _address(root, metas)
    return ConvertedFile(
        text=_article_text(path, as_seen(root)),
        title=_first(metas, _TITLES) or _heading(root) or _text(root.find(".//title")),
        source=_first(metas, _SITES) or _publisher(ld) or _first(metas, _AUTHORS) or (url and urlsplit(url).hostname),
        published=_published(root, metas, ld),
        url=url,
        language=root.get("lang") or root.get("xml:lang") or metas.get("content-language"),
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
    # A page of a few lines: what trafilatura finds on it, if anything, is one lump without paragraphs.
    page = root.find(".//body")
    text = text_of(root if page is None else page, _AROUND)
    if not text:
        raise ArticleEmpty(f"{path} holds no text: fill it, save the page once it has loaded, or leave it out")
    return text


def _metas(root: _Element) -> dict[str, str]:
    """What the page's ``meta`` elements state, by name in lower case; the first of a name counts."""
    stated: dict[str, str] = {}
    for meta in root.iter("meta"):
        value = one_line(meta.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (meta.get(attribute) or "").lower()
            if name and value:
                stated.setdefault(name, value)
    return stated


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    # Some pages give a profile's address where a name belongs.
    return next((metas[name] for name in names if name in metas and not metas[name].startswith("http")), None)


def _text(element: _Element | None) -> str | None:
    return None if element is None else one_line("".join(element.itertext()))


def _heading(root: _Element) -> str | None:
    headings = root.findall(".//h1")
    return _text(headings[0]) if len(headings) == 1 else None


def _address(root: _Element, metas: Mapping[str, str]) -> str | None:
    canonical = [link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for address in (*canonical, metas.get("og:url")):
        if address and address.lower().startswith(("http://", "https://")):
            return str(address)
    return None


def _published(root: _Element, metas: Mapping[str, str], ld: list[dict[str, Any]]) -> str | None:
    """The day of publication that the page states as such; no other date on the page, such as an event's, counts."""
    written = [metas[name] for name in _DATES if name in metas]
    written += [node["datePublished"] for node in ld if isinstance(node.get("datePublished"), str)]
    for element in root.iter("time", "span", "abbr"):
        is_marked = (element.get("itemprop") or "").lower() == "datepublished" or element.get("pubdate") is not None
        if is_marked:
            written.append(element.get("datetime") or element.get("content") or "")
    return next(filter(None, map(stated_date, written)), None)


def _linked_data(root: _Element) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD; of a graph, each of its nodes."""
    for script in root.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            parsed = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue  # many pages' are broken, and then they state nothing
        for node in parsed if isinstance(parsed, list) else [parsed]:
            if isinstance(node, dict):
                yield node
                graph = node.get("@graph")
                yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()


def _publisher(ld: list[dict[str, Any]]) -> str | None:
    for node in ld:
        publisher = node.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else None
        if isinstance(name, str) and name.strip():
            return one_line(name)
    return None
