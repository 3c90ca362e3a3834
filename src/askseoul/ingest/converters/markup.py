"""Trees of elements to text, as readers see a page: what is hidden is left out, what is chosen or filled in is written.

Blank lines separate paragraphs, headings begin with ``#``, items of lists with ``-`` or their number, and the rows of
tables are statements. No function recurses, so trees may be nested as deep as the parser allows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.page_tables import is_data_table, table_parts
from askseoul.ingest.converters.trees import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element


HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
BLOCKS: Final = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer
    form header hgroup hr html label legend li list main menu nav ol optgroup p pre search section summary table tbody
    td tfoot th thead tr ul
    """.split()
)
INVISIBLE: Final = frozenset(
    """
    audio canvas datalist embed head iframe math noscript object option rp rt script style svg template textarea title
    video
    """.split()
)
"""Elements whose text is not part of the page's text."""

_LISTS: Final = frozenset({"ul", "ol", "menu"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAK: Final = "\v"  # can't occur in XML or HTML
_BREAKS = re.compile(r" ?\v[ \v]*")
_LINE_END = re.compile(r"\r\n?|\n")
_COMPLETE = re.compile(r"[.!?…。！？][\"'”’»)]*$")
_NUMBER = re.compile(r"-?\d{1,6}")
_DEEPEST: Final = 4
"""Levels of nested lists that are told apart by their indentation."""


def text_of(root: _Element, skipped: Collection[str] = INVISIBLE) -> str:
    """Return the text of an element and its descendants, without elements with the ``skipped`` names."""
    builder = _TextBuilder()
    open_elements: list[tuple[_Element, str, Iterator[_Element]]] = []

    def enter(element: _Element) -> None:
        name = local_name(element)
        is_whole = name == "table" and is_data_table(element)
        if is_whole:
            builder.write_table(*table_parts(element))
        else:
            builder.open(name, element)
        open_elements.append((element, name, iter(()) if is_whole else iter(element)))

    enter(root)
    while open_elements:
        element, name, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            builder.close(name)
            builder.write(element.tail if open_elements else None)
        elif not local_name(child) or local_name(child) in skipped:
            builder.write(child.tail)
        else:
            enter(child)
    return builder.finish()


class _TextBuilder:
    """Builds text from the elements that are opened and closed, with a new line for each block."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._inline: list[str] = []
        self._mark = ""
        self._kind = ""
        """Of the line that is being built: lines of some kinds follow each other without a blank one."""
        self._last_kind = ""
        self._lists: list[int | None] = []
        """The next number of each open list; None where items have none."""
        self._term = ""
        """Of a list of definitions: what the next definition defines."""
        self._is_defined = False
        self._in_term = False
        self._preformatted = 0

    def write(self, text: str | None) -> None:
        if text:
            self._inline.append(_LINE_END.sub(_BREAK, text) if self._preformatted else text)

    def open(self, name: str, element: _Element) -> None:
        if name == "br":
            self._inline.append(_BREAK)
        elif name in HEADINGS:
            self._end_line()
            self._mark, self._kind = "#" * HEADINGS[name] + " ", ""
        elif name == "li":
            self._end_line()
            self._mark, self._kind = self._item_mark(element), "item"
        elif name == "dd":
            self._end_line()
            self._open_definition()
        elif name in BLOCKS and self._in_term:
            self._inline.append(" ")
        elif name in BLOCKS:
            # A paragraph inside an item or a heading gets its mark.
            self._end_line(keep_mark=bool(self._mark))
            if name == "dt":
                self._in_term = True
                if self._is_defined:
                    self._end_term()
            elif name in _LISTS:
                self._lists.append(_first_number(element) if name == "ol" else None)
        if name == "pre":
            self._preformatted += 1
        self.write(element.text)

    def close(self, name: str) -> None:
        self._preformatted -= name == "pre"
        if name == "dt":
            self._in_term = False
            self._term = ", ".join(filter(None, (self._term, " ".join(self._take_inline().split()))))
        elif name in BLOCKS and self._in_term:
            self._inline.append(" ")
        elif name in BLOCKS or name in HEADINGS:
            self._end_line()
            if name in _LISTS and self._lists:
                self._lists.pop()
            elif name == "dl":
                self._end_term()

    def write_table(self, caption: str, rows: str) -> None:
        self._end_line()
        for text in filter(None, (caption, rows)):
            self._write_line(text, "")

    def finish(self) -> str:
        self._end_line()
        self._end_term()
        return "".join(self._written)

    def _item_mark(self, item: _Element) -> str:
        indent = "  " * min(len(self._lists) - 1, _DEEPEST)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return indent + "- "
        value = item.get("value") or ""
        number = int(value) if _NUMBER.fullmatch(value) else number
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _open_definition(self) -> None:
        if _COMPLETE.search(self._term):  # a question and its answer
            self._end_term()
        elif self._term:
            self._mark, self._kind = self._term.rstrip(": ") + ": ", "definition"

    def _end_term(self) -> None:
        if self._term and not self._is_defined:
            self._write_line(self._term, "definition")
        self._term, self._is_defined = "", False

    def _take_inline(self) -> str:
        text = _SPACE.sub(" ", "".join(self._inline))
        self._inline.clear()
        return _BREAKS.sub(lambda match: "\n\n" if match[0].count(_BREAK) > 1 else "\n", text).strip()

    def _end_line(self, *, keep_mark: bool = False) -> None:
        text = self._take_inline()
        if text:
            self._is_defined |= self._kind == "definition"
            self._write_line(self._mark + (" ".join(text.split()) if self._mark.startswith("#") else text), self._kind)
        if text or not keep_mark:
            self._mark = self._kind = ""

    def _write_line(self, line: str, kind: str) -> None:
        if self._written:
            self._written.append("\n" if kind and kind == self._last_kind else "\n\n")
        self._written.append(line)
        self._last_kind = kind


def _first_number(ordered_list: _Element) -> int:
    written = ordered_list.get("start") or ""
    return int(written) if _NUMBER.fullmatch(written) else 1
