"""XML and HTML to trees of elements, without fetching or expanding anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import html5
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.etree import _Element


_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos", "AMP", "LT", "GT", "QUOT"})
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
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


def local_name(element: _Element) -> str:
    """Return an element's name in lower case without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def set_text(element: _Element, text: str) -> None:
    """Replace all that is in an element by this text."""
    for child in list(element):
        element.remove(child)
    element.text = text
