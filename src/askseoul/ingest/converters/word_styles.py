"""What the styles and the lists of a Word document say of its paragraphs: headings, hidden text, numbers of items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.etree import _Element


W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE: Final = f"{W}val"
_OFF: Final = frozenset({"0", "false", "off", "none"})
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc [1-9]|table of figures", re.IGNORECASE)
_DEEPEST: Final = 6
INDENT: Final = "  "
"""What stands before an item of a nested list, for each level."""
_ITEM_NUMBER = re.compile(r"\d{1,3}[.)]")
_PLACE = re.compile(r"%([1-9])")
_LEVELS: Final = 9
_LONGEST_CHAIN: Final = 20
"""Styles that are based on one another; more are a circle."""
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LONGEST_ROMAN: Final = 4000
_LETTERS: Final = 26


def value(element: _Element | None, path: str) -> str | None:
    """Return the ``w:val`` of what stands at a path of names without prefixes, or None if nothing does.

    An element without the attribute has the value "on".
    """
    found = None if element is None else element.find(_qualified(path))
    return None if found is None else found.get(_VALUE, "on")


@cache
def _qualified(path: str) -> str:
    return "/".join(W + name for name in path.split("/"))


def is_on(element: _Element | None, path: str) -> bool:
    """Whether a property at a path is set, and not to "off"."""
    written = value(element, path)
    return written is not None and written not in _OFF


def whole(written: str | None, default: int, most: int) -> int:
    """Return a number that a file states, between 0 and ``most``, or ``default`` if it is none."""
    return min(int(written), most) if written and written.isascii() and written.isdecimal() else default


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or character style says, what it inherits included."""

    level: int = 0
    """Of a heading, 1 to 6, or 0."""
    is_contents: bool = False
    """Whether its paragraphs are entries of a table of contents."""
    is_hidden: bool = False
    is_bold: bool = False
    heads_tables: bool = False
    """Whether the first row of its tables looks different from the others."""
    number: str | None = None
    """The id of the list that its paragraphs are items of."""
    list_level: int = 0


class Styles:
    """The styles of a document, by id."""

    def __init__(self, root: _Element | None) -> None:
        """``root`` is that of the styles part; None for a document without one."""
        elements = () if root is None else root.iter(f"{W}style")
        self._elements: dict[str, _Element] = {style.get(f"{W}styleId", ""): style for style in elements}
        self._known: dict[str, Style] = {}

    def __getitem__(self, style_id: str | None) -> Style:
        """Return a style; one that says nothing for an id that is not known."""
        key = style_id or ""
        if key not in self._known:
            self._known[key] = self._resolve(key)
        return self._known[key]

    def _chain(self, style_id: str) -> Iterator[_Element]:
        for _ in range(_LONGEST_CHAIN):
            element = self._elements.get(style_id)
            if element is None:
                return
            yield element
            style_id = value(element, "basedOn") or ""

    def _resolve(self, style_id: str) -> Style:
        level = list_level = 0
        number: str | None = None
        is_contents = False
        hidden: str | None = None
        bold: str | None = None
        heads_tables = False
        for element in self._chain(style_id):
            name = value(element, "name") or ""
            is_contents = is_contents or _CONTENTS.fullmatch(name) is not None
            level = level or _heading_level(name, value(element, "pPr/outlineLvl"))
            hidden = hidden or value(element, "rPr/vanish")
            bold = bold or value(element, "rPr/b")
            parts = element.iterfind(f"{W}tblStylePr")
            heads_tables = heads_tables or any(part.get(f"{W}type") == "firstRow" for part in parts)
            if number is None and (number := value(element, "pPr/numPr/numId")) is not None:
                list_level = whole(value(element, "pPr/numPr/ilvl"), 0, _LEVELS - 1)
        return Style(
            level, is_contents, (hidden or "0") not in _OFF, (bold or "0") not in _OFF, heads_tables, number, list_level
        )


def _heading_level(name: str, outline: str | None) -> int:
    if match := _HEADING.fullmatch(name):
        return min(int(match[1]), _DEEPEST)
    if name.lower() == "title":
        return 1
    level = whole(outline, _LEVELS, _LEVELS)
    return min(level + 1, _DEEPEST) if level < _LEVELS else 0


@dataclass(slots=True)
class _Level:
    kind: str = "bullet"
    start: int = 1
    text: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    """The number of the last item of each level; levels below a later item of a higher one are left out."""


class Numbering:
    """The lists of a document, which count their items in the order in which they are asked for their marks."""

    def __init__(self, root: _Element | None) -> None:
        """``root`` is that of the numbering part; None for a document without one."""
        abstract: dict[str, _List] = {}
        linked: dict[str, _List] = {}
        links: dict[str, str] = {}
        for element in () if root is None else root.iter(f"{W}abstractNum"):
            list_id = element.get(f"{W}abstractNumId", "")
            abstract[list_id] = _List(dict(map(_level, element.iter(f"{W}lvl"))))
            if style := value(element, "styleLink"):
                linked[style] = abstract[list_id]
            if style := value(element, "numStyleLink"):
                links[list_id] = style
        self._lists: dict[str, _List] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        for element in () if root is None else root.iter(f"{W}num"):
            number = element.get(f"{W}numId", "")
            list_id = value(element, "abstractNumId") or ""
            self._lists[number] = linked.get(links.get(list_id, ""), abstract.get(list_id, _List()))
            self._restarts[number] = {
                whole(override.get(f"{W}ilvl"), 0, _LEVELS - 1): whole(value(override, "startOverride"), 1, 10_000)
                for override in element.iter(f"{W}lvlOverride")
                if value(override, "startOverride") is not None
            }

    def mark(self, number: str, level: int) -> str:
        """Return the mark of the next item of a list: "1." and the like, or an empty string for a bullet."""
        found = self._lists.setdefault(number, _List())
        own = found.levels.get(level, _Level())
        restart = self._restarts.get(number, {}).pop(level, None)
        count = restart if restart is not None else found.counts.get(level, own.start - 1) + 1
        found.counts = {one: last for one, last in found.counts.items() if one < level} | {level: count}
        if own.kind in ("bullet", "none"):
            return ""
        return _PLACE.sub(lambda place: self._number(found, int(place[1]) - 1), own.text).strip()

    @staticmethod
    def _number(found: _List, level: int) -> str:
        own = found.levels.get(level, _Level())
        return _written(found.counts.get(level, own.start), own.kind)


def _level(element: _Element) -> tuple[int, _Level]:
    return whole(element.get(f"{W}ilvl"), 0, _LEVELS - 1), _Level(
        value(element, "numFmt") or "decimal",
        whole(value(element, "start"), 1, 10_000),
        (value(element, "lvlText") or "")[:60],
    )


def _written(count: int, kind: str) -> str:
    if kind.endswith("Letter") and count > 0:
        written = chr(ord("a") + (count - 1) % _LETTERS) * min((count - 1) // _LETTERS + 1, 5)
    elif kind.endswith("Roman") and 0 < count < _LONGEST_ROMAN:
        written = ""
        for amount, letters in _ROMAN:
            written += letters * (count // amount)
            count %= amount
    else:
        return str(count)
    return written.upper() if kind.startswith("upper") else written


def as_item(mark: str, text: str) -> str:
    """Return an item of a list: numbers are kept, all other marks stand behind a dash."""
    if _ITEM_NUMBER.fullmatch(mark):
        return f"{mark} {text}"
    return " ".join(filter(None, ("-", mark, text)))
