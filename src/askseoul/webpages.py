"""A web page's bytes into the text of its article, without menus and footers, and what the page states about itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from askseoul.errors import ArticleEmpty
from askseoul.extracts import Extracted, one_line, stated_date, unreadable
from askseoul.markup import SILENT, as_seen, decode, parse_html, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

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


def read_webpage(path: Path, content: bytes) -> Extracted:
    """The article on a web page. Raises ArticleEmpty, ArticleUnreadable, and what lxml and trafilatura may raise."""
    text = decode(content)
    if text is None:
        raise unreadable(path, "neither UTF-8 nor in the encoding it names", "convert it to UTF-8")
    root = parse_html(text)
    metas = _metas(root)
    ld = list(_linked_data(root))
    url = _address(root, metas)
    return Extracted(
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
