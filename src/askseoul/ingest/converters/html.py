"""Converts web pages: the article's text, without menus and footers, and the metadata that the page states."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from askseoul.errors import ArticleEmpty
from askseoul.ingest.converters.base import ConvertedFile, named_author, one_line, parse_date, unreadable
from askseoul.ingest.converters.main_text import MainText
from askseoul.ingest.converters.markup import text_of
from askseoul.ingest.converters.trees import parse_html
from askseoul.ingest.converters.visible import visible_tree
from askseoul.ingest.encodings import decode_text

if TYPE_CHECKING:
    from lxml.etree import _Element


_DECLARATION_BYTES: Final = 2048
_DECLARED_ENCODING = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)")
_DECLARED_LANGUAGE = re.compile(rb"<html[^>]*?\slang\s*=\s*[\"']?([A-Za-z-]+)", re.IGNORECASE)
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
    source = _first(metas, _SITES) or _publisher(json_ld) or named_author(_first(metas, _AUTHORS))
    published, published_from = _published(root, metas, json_ld)
    title = _first(metas, _TITLES) or _heading(root) or _text(root.find(".//title"))
    article, notes = _article_text(path, text, root)
    return ConvertedFile(
        text=article,
        title=title,
        source=source or (url and urlsplit(url).hostname),
        published=published,
        published_from=published_from,
        url=url,
        language=root.get("lang") or root.get("xml:lang") or metas.get("content-language"),
        notes=(*filter(None, (note,)), *notes),
    )


def _article_text(path: Path, page: str, root: _Element) -> tuple[str, tuple[str, ...]]:
    found, notes = MainText(visible_tree(root)).find()
    text = "\n\n".join(filter(None, map(text_of, found)))
    if text:
        return text, notes
    # Nothing but menus and the like: they are what the page is for.
    text = text_of(visible_tree(parse_html(page)))
    if not text:
        raise ArticleEmpty(f"{path} holds no text: fill it, save the page once it has loaded, or leave it out")
    return text, ()


def decode(content: bytes) -> tuple[str, str | None]:
    """Return the text of HTML or XML, and a note of what was guessed about its encoding. Raises ValueError."""
    head = content[:_DECLARATION_BYTES]
    encoding, language = _DECLARED_ENCODING.search(head), _DECLARED_LANGUAGE.search(head)
    return decode_text(content, encoding and encoding[1].decode(), language and language[1].decode())


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


def _published(
    root: _Element, metas: Mapping[str, str], json_ld: list[dict[str, Any]]
) -> tuple[str | None, str | None]:
    """Return the date that the page marks as its publication date, and where; an event's date does not count."""
    stated = [(node["datePublished"], "JSON-LD") for node in json_ld if isinstance(node.get("datePublished"), str)]
    stated += [(metas[name], "meta tag") for name in _DATES if name in metas]
    for element in root.iter("time", "span", "abbr"):
        is_marked = (element.get("itemprop") or "").lower() == "datepublished" or element.get("pubdate") is not None
        if is_marked:
            stated.append((element.get("datetime") or element.get("content") or "", "time element"))
    dated = ((parse_date(written), place) for written, place in stated)
    return next((found for found in dated if found[0]), (None, None))


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
