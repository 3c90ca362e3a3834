"""The part of a web page that is its article, found by what a page says of its parts and by trafilatura.

First goes what names itself: cookie texts, menus, teasers, comments. Then the part that holds all of the article is
looked for, so that its lists and tables, its first and its last lines stay whole. What went out of that part is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.markup import BLOCKS, HEADINGS, INVISIBLE
from askseoul.ingest.converters.trees import local_name, set_text
from askseoul.nlp import lexicon

if TYPE_CHECKING:
    from lxml.etree import _Element


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_NAMES: Final = ("id", "data-component", "data-testid", "data-module")
_STATE = re.compile(r"(?:has|with|without|no|is|js|wp-singular)[-_]")
"""How names begin that tell of a state of the page."""
_ALWAYS: Final = lexicon.words("pages", "always_other")
_WITH_LINKS: Final = lexicon.words("pages", "other_with_links")
_FEET: Final = lexicon.words("pages", "feet")
_COMMENTS: Final = lexicon.words("pages", "comments")
_COMMENT: Final = lexicon.words("pages", "comment")
_OTHER_NAMES = re.compile(lexicon.pattern("pages", "other_names"), re.IGNORECASE)
_ROLES: Final = frozenset({"alertdialog", "banner", "contentinfo", "dialog", "menu", "menubar", "navigation", "search"})
_END: Final = r"\s*[:：…»>]*"
_ABOVE_LINKS = re.compile(f"(?:{lexicon.pattern('pages', 'above_links')}){_END}", re.IGNORECASE)
_ABOVE_INVITATIONS = re.compile(f"(?:{lexicon.pattern('pages', 'above_invitations')}){_END}", re.IGNORECASE)
_LINES = re.compile(lexicon.pattern("pages", "other_lines"), re.IGNORECASE)
_CELLS: Final = frozenset({"td", "th", "dt", "dd"})
_GROUPS: Final = frozenset({"div", "dl", "menu", "ol", "p", "section", "table", "td", "tr", "ul"})
_CARDS: Final = 3
_CARD_LINK_SHARE: Final = 0.3
_CARD_SHARE: Final = 1.0
"""How much text cards may have, compared with the prose of the page."""
_MOST_SIBLINGS: Final = 50
_MOST_TITLES: Final = 5
_MOST_ELEMENTS: Final = 20_000
"""Elements of the largest page that trafilatura is asked about; its time grows faster than their number."""
_LONGEST_LABEL: Final = 60
_LONGEST_LINE: Final = 120
_LINK_SHARE: Final = 0.7
_TEASER_LINK_SHARE: Final = 0.4
_SMALL: Final = 0.35
"""Share of the page's text that a box beside the article may have."""
_LEAST: Final = 0.3
"""Share of the remaining text that the part named as the main one must have."""
_LEAST_OF_ONE: Final = 0.1
"""The same share for the only article of a page."""
_LEAST_EXTRACTED: Final = 0.6
"""The same share for the part that trafilatura finds."""
_FORUM = re.compile(r"discussionforumposting|qapage|viewtopic|showthread|\bforum|\btopic\b", re.IGNORECASE)
_REQUESTS: Final = frozenset({"email", "password", "search", "textarea"})
"""Fields of forms that ask something of the reader."""
_MOST: Final = 0.5
"""Share of the page's text from which on an element is a frame around the article."""
_COMMENT_BOX = re.compile(r"comment[-_ ]?(?:area|form|list|section)", re.IGNORECASE)
_TALK = re.compile(r"(\d+) ?(?:comment|thought|repl|kommentar|개)|댓글 ?(\d+)", re.IGNORECASE)
_PANEL = re.compile(r"accordion|collaps|faq|toggle|expand|disclosure", re.IGNORECASE)
_FILM = re.compile(r"video|youtu|vimeo|player|embed|film", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Size:
    characters: int
    in_links: int
    links: int

    @property
    def is_links(self) -> bool:
        return self.links > 0 and self.in_links >= _LINK_SHARE * self.characters


_NOTHING: Final = _Size(0, 0, 0)


class MainText:
    """Finds the article of a page. What does not belong to it is removed from the tree."""

    def __init__(self, root: _Element) -> None:
        self._root = root
        self._body: _Element = next((element for element in root.iter("body")), root)
        self._title = _plain(root.find(".//title"))
        self._sizes: dict[_Element, _Size] = {}
        for element in reversed(list(self._body.iter())):
            self._sizes[element] = self._measured(element)
        self._total = self._sizes[self._body].characters
        self._is_forum = _FORUM.search(self._body.get("class") or "") is not None or any(
            _FORUM.search(element.get("itemtype") or "") for element in self._body.iter()
        )
        self._inside: set[_Element] = set()
        for element in self._body.iter():
            outer = element.getparent()
            if outer is not None and (outer in self._inside or _is_main(outer) or local_name(outer) == "article"):
                self._inside.add(element)
        self._comments: int | None = None

    def _drop_cards(self, main: _Element) -> None:
        """Drop groups of three or more teasers, each a linked heading or picture, from beside an article in prose."""
        prose = sum(
            size.characters
            for element in main.iter("p")
            if (size := self._sizes.get(element, _NOTHING)).in_links < _TEASER_LINK_SHARE * size.characters
        )
        for element in list(main.iter(*_GROUPS)):
            size = self._sizes.get(element, _NOTHING)
            is_linked = size.links >= _CARDS and size.in_links >= _CARD_LINK_SHARE * size.characters
            if is_linked and size.characters < _CARD_SHARE * prose and _has_cards(element):
                self._drop(element)

    def find(self) -> tuple[list[_Element], tuple[str, ...]]:
        """Return the elements that hold the article, in their order, and notes of what was left out of it."""
        for element in list(self._body.iter()):
            if element in self._sizes and element is not self._body:
                if self._is_other(element):
                    self._drop(element)
                else:
                    self._drop_labelled(element)
        main = self._main()
        self._drop_cards(main)
        titles = [heading for heading in self._body.iter("h1") if self._sizes[heading].characters]
        is_outside = len(titles) == 1 and titles[0] is not main and main not in titles[0].iterancestors()
        if is_outside:
            common = _common_ancestor(titles[0], main)
            found = [titles[0], main] if common is self._body else [common]
        else:
            found = [main]
        return found, tuple(self._notes(main))

    def _measured(self, element: _Element) -> _Size:
        characters = len((element.text or "").strip())
        in_links = links = 0
        for child in element:
            size = self._sizes[child]
            characters += size.characters + len((child.tail or "").strip())
            in_links += size.in_links
            links += size.links
        name = local_name(element)
        if not name or name in INVISIBLE:
            return _NOTHING
        if name == "a" and characters:
            return _Size(characters, characters, 1)
        return _Size(characters, in_links, links)

    def _drop(self, element: _Element) -> None:
        size = self._sizes[element]
        for outer in element.iterancestors():
            if outer in self._sizes:
                old = self._sizes[outer]
                self._sizes[outer] = _Size(
                    old.characters - size.characters, old.in_links - size.in_links, old.links - size.links
                )
        for inner in element.iter():
            self._sizes.pop(inner, None)
        set_text(element, "")
        self._sizes[element] = _NOTHING

    # What is not part of the article

    def _is_other(self, element: _Element) -> bool:
        name, size = local_name(element), self._sizes[element]
        if name in ("main", "article") or not size.characters:
            return False
        role = (element.get("role") or "").lower()
        if name == "aside" and element not in self._inside and next(element.iter("h1", "main"), None) is None:
            return True
        if role == "main" or size.characters > _MOST * self._total:
            return False
        if name == "button":
            return not _opens_a_panel(element)
        is_line = size.characters <= _LONGEST_LINE and name not in _CELLS and name not in HEADINGS
        return self._is_named(element, name, role, size) or (is_line and _LINES.fullmatch(_plain(element)) is not None)

    def _is_named(self, element: _Element, name: str, role: str, size: _Size) -> bool:
        """Whether an element's tag, role, class or id, or the share of its links, tells that it is another part."""
        is_inside = element in self._inside
        if name == "nav" or (role in _ROLES and not (role == "banner" and self._holds_title(element))):
            return True
        if name in ("header", "footer", "aside"):
            is_plain = name == "header" and (not size.links or self._holds_title(element))
            return size.is_links if is_inside else not is_plain
        if name == "form" and size.characters <= _SMALL * self._total and _asks(element):
            return True
        if name not in HEADINGS and self._has_other_name(element, size, is_inside=is_inside):
            return True
        is_menu = not is_inside and name in _GROUPS and size.links > 1 and size.is_links
        return is_menu and not self._holds_title(element)

    def _has_other_name(self, element: _Element, size: _Size, *, is_inside: bool) -> bool:
        names = [*(element.get("class") or "").split(), *(element.get(attribute) or "" for attribute in _NAMES)]
        names = [name for name in names if name and not _STATE.match(name)]
        words = {word.lower() for name in names for word in _WORD.findall(name)}
        if not words:
            return False
        is_small = size.characters <= _SMALL * self._total
        if not self._is_forum and (words & _COMMENTS or any(map(_COMMENT_BOX.search, names))):
            self._comments = max(self._comments or 0, _count_comments(element))
            return True
        if is_small and (words & _ALWAYS or any(map(_OTHER_NAMES.search, names))):
            return True
        if self._is_forum and "signature" in words:
            return True
        if words & _FEET and not is_inside and is_small:
            return not self._holds_title(element)
        return bool(words & _WITH_LINKS) and size.is_links and not self._holds_title(element)

    def _holds_title(self, element: _Element) -> bool:
        headings = islice(element.iter("h1"), _MOST_TITLES)
        return any(
            (text := _plain(heading)) and self._title.startswith(text) and not _leads_home(heading)
            for heading in headings
        )

    def _drop_labelled(self, element: _Element) -> None:
        """Drop what stands below a label such as "Related articles", with the label."""
        if not 0 < self._sizes[element].characters <= _LONGEST_LABEL or element is self._body:
            return
        name = local_name(element)
        if name in _CELLS or name == "a":
            return
        text = _plain(element)
        is_invitation = _ABOVE_INVITATIONS.fullmatch(text) is not None
        if not is_invitation and not _ABOVE_LINKS.fullmatch(text):
            return
        while (parent := element.getparent()) is not None and parent in self._sizes and parent is not self._body:
            if self._sizes[parent].characters > self._sizes[element].characters:
                break
            element = parent
        group = self._labelled(element, is_talk=_TALK.search(text) is not None)
        characters, in_links = (
            sum(getattr(self._sizes.get(each, _NOTHING), part) for each in group[1:])
            for part in ("characters", "in_links")
        )
        if characters > _SMALL * self._total or (not is_invitation and in_links < _TEASER_LINK_SHARE * characters):
            return
        if (counted := _TALK.match(text)) and not self._is_forum:
            self._comments = max(self._comments or 0, int(counted[1] or counted[2]))
        for each in group:
            if each in self._sizes:
                self._drop(each)

    def _labelled(self, label: _Element, *, is_talk: bool) -> list[_Element]:
        """Return a label and what it stands above: up to the next heading, or to prose that goes on around a box."""
        before = label.getprevious()
        is_first = before is None or not any(
            self._sizes.get(each, _NOTHING).characters
            for each in islice(label.itersiblings(preceding=True), _MOST_SIBLINGS)
        )
        group = [label]
        for sibling in islice(_following(label), _MOST_SIBLINGS):
            size = self._sizes.get(sibling, _NOTHING)
            is_prose = size.characters > _LONGEST_LINE and size.in_links < _TEASER_LINK_SHARE * size.characters
            if is_prose and not is_first and not is_talk:
                break
            group.append(sibling)
        return group

    # The part that holds the article

    def _main(self) -> _Element:
        left = self._sizes[self._body].characters
        named = [element for element in self._body.iter() if _is_main(element)]
        named = [element for element in named if self._sizes[element].characters >= _LEAST * left]
        if named:
            return named[0]
        articles = [element for element in self._body.iter("article") if self._sizes[element].characters]
        articles = [
            element
            for element in articles
            if not any(local_name(outer) == "article" for outer in element.iterancestors())
        ]
        least = _LEAST_OF_ONE if len(articles) == 1 else _LEAST
        if sum(self._sizes[element].characters for element in articles) >= least * left > 0:
            return _common_ancestor(articles[0], articles[-1])
        extracted = self._extracted()
        return self._body if extracted is None else extracted

    def _extracted(self) -> _Element | None:
        """Return the smallest element that holds all that trafilatura extracts from the page."""
        from trafilatura import bare_extraction
        from trafilatura.settings import Document

        if len(self._sizes) > _MOST_ELEMENTS:
            return None
        copy = deepcopy(self._root)
        for cell in copy.iter("td", "th"):  # trafilatura repeats a spanned cell as often as a page tells it to
            cell.attrib.pop("rowspan", None)
            cell.attrib.pop("colspan", None)
        found = bare_extraction(copy, include_comments=False, favor_recall=True, fast=True)
        body = found.body if isinstance(found, Document) else None
        if body is None:
            return None
        texts = {text for element in body.iter() if (text := _plain(element))}
        holders = [
            element
            for element in self._body.iter()
            if element is not self._body
            and local_name(element) in BLOCKS | HEADINGS.keys()
            and self._sizes[element].characters
            and _plain(element) in texts
        ]
        if not holders:
            return None
        common = _common_ancestor(holders[0], holders[-1])
        while self._sizes[common].characters < _LEAST_EXTRACTED * self._sizes[self._body].characters:
            common = common.getparent()
        return common

    def _notes(self, main: _Element) -> Iterator[str]:
        if self._comments is not None:
            yield _counted(self._comments, "comment") if self._comments else "comments were left out"
        names = [local_name(element) for element in main.iter()]
        films = names.count("video") + sum(
            _FILM.search(f"{frame.get('src')} {frame.get('title')} {frame.get('type')}") is not None
            for frame in main.iter("iframe", "embed", "object")
        )
        if films:
            yield _counted(films, "embedded video")
        for name, thing in (("audio", "sound recording"), ("math", "formula")):
            if name in names:
                yield _counted(names.count(name), thing)


def _asks(form: _Element) -> bool:
    return any((field.get("type") or "").lower() in _REQUESTS for field in form.iter())


def _is_main(element: _Element) -> bool:
    return local_name(element) == "main" or (element.get("role") or "").lower() == "main"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s were' if count > 1 else ' was'} left out"


def _count_comments(element: _Element) -> int:
    found = sum(
        1
        for inner in element.iterdescendants()
        if not _COMMENT.isdisjoint((inner.get("class") or "").lower().split())
        and local_name(inner) in ("li", "div", "article", "section")
    )
    lists = list(element.iter("ol", "ul"))
    return found or (sum(1 for child in lists[0] if local_name(child) == "li") if lists else 0)


def _has_cards(element: _Element) -> bool:
    headings = (heading for heading in element.iter(*HEADINGS) if next(heading.iter("a"), None) is not None)
    linked = (link for link in element.iter("a") if next(link.iter(*HEADINGS, "img", "picture"), None) is not None)
    return any(sum(1 for _ in islice(cards, _CARDS)) == _CARDS for cards in (headings, linked))


def _opens_a_panel(button: _Element) -> bool:
    parent = button.getparent()
    if parent is not None and local_name(parent) in HEADINGS.keys() | {"summary", "dt"}:
        return True
    return (
        button.get("aria-controls") is not None
        and button.get("aria-expanded") is not None
        and bool(_PANEL.search(f"{button.get('class')} {'' if parent is None else parent.get('class')}"))
    )


def _leads_home(heading: _Element) -> bool:
    links = [link.get("href") or "" for link in heading.iter("a")]
    return any(link in ("/", "./", "index.html") for link in links)


def _following(element: _Element) -> Iterator[_Element]:
    """Yield the siblings behind an element up to the next heading of its rank or, if it is none, up to any heading."""
    rank = HEADINGS.get(local_name(element), max(HEADINGS.values()) + 1)
    for sibling in element.itersiblings():
        if HEADINGS.get(local_name(sibling), rank + 1) <= rank:
            return
        yield sibling


def _common_ancestor(first: _Element, last: _Element) -> _Element:
    """Return the smallest element that holds both."""
    outer = {first, *first.iterancestors()}
    element = last
    while element not in outer:
        element = element.getparent()
    return element


def _plain(element: _Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
