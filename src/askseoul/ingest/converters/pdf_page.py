"""The lines of a PDF page with their places, as PDFium gives them.

Places are in points, ``x`` to the right and ``y`` downwards, on the page turned so that most of its text is upright.
What PDFium takes for one line may hold parts of several columns: such lines are cut at their wide gaps.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from askseoul.ingest.converters.base import subscript, superscript

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

HYPHEN: Final = "\ufffe"
"""What stands for a hyphen at a line end that joins two lines, as PDFium writes it."""

_LINE: Final = re.compile(r"[^\r\n\ufffe\x02]*[^\s\ufffe\x02][^\r\n\ufffe\x02]*[\ufffe\x02]?")
_WORD: Final = re.compile(r"\S+")
_FIGURES: Final = re.compile(r"\d+(?![\d%]|[.,]\d)")
"""Figures whose last ones may be raised or lowered."""
_DECIMAL: Final = re.compile(r"\d[.,]")
_RAISED_FIGURES: Final = 2
"""A number of more figures is not raised as a whole."""
_CODELESS: Final = re.compile("[\x10-\x16\x1b-\x1f\x88]")
_TEX: Final = dict(zip(b"\x10\x11\x12\x13\x14\x15\x16\x1b\x1c\x1d\x1e\x1f\x88", "“”„«»–—ﬀﬁﬂﬃﬄ•", strict=True))
"""TeX's fonts that are bitmaps have these at codes of control characters, without telling."""
_LIGATURES: Final = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LIGATURE: Final = re.compile("[\ufb00-\ufb06]")
_WIDE: Final = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uff00-\uff60]")
_MARKER: Final = re.compile(r"[^\w\s]|\(?\w{1,3}[.)]|\d{1,2}")
_GAP, _WIDE_GAP = 0.6, 1.0
"""A gap of more than these multiples of the type size may separate columns; with the second, others are looked for."""
_USUAL_SPACES, _USUAL_SPACES_WIDE = 1.4, 1.7
"""The same as multiples of a narrow space between words, for type whose letters are all as wide as a space."""
_WIDEST_USUAL: Final = 0.75
"""The usual space between words of type of one width, in type sizes; wider ones are those of a table."""
_SAMPLED: Final = 6
"""Lines of a page in which wide gaps are looked for first."""
_LOOSE: Final = 1.25
"""A line with this multiple of the usual width of a character may hold wide gaps."""
_BOLD: Final = 550
_RAISED: Final = 0.15
"""How far the lower edge of a raised figure is above the baseline, in type sizes."""
_LOWERED: Final = 0.08
_SMALLER: Final = 0.86


@dataclass(slots=True)
class Table:
    """The cells of a table, those that are merged repeated, and how many of its rows are headers, if that is known."""

    rows: list[list[str]]
    headers: int | None


@dataclass(slots=True)
class Line:
    """A line, or a part of one between wide gaps."""

    text: str
    left: float
    right: float
    y: float
    """Of the baseline."""
    size: float
    """Of its type."""
    is_bold: bool = False
    source: int = 0
    """The number of PDFium's line from which it comes."""
    is_continued: bool = False
    """Whether a space stood at its end, so that its last word is whole."""
    table: Table | None = None
    """The table for which it stands."""
    boxed: list[Line] = field(default_factory=list)
    """The lines of the box for which it stands."""
    bottom: float = 0.0
    """The lowest baseline of what it stands for."""


@dataclass(slots=True)
class Page:
    """The lines of a page in PDFium's order, and how to turn other places on it."""

    lines: list[Line] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    """The texts of lines that run in another direction than most."""
    quadrant: int = 0
    cut_lines: int = 0
    """How many lines were cut at gaps."""


def upright(quadrant: int, x: float, y: float) -> tuple[float, float]:
    """Turn a place of the page's own coordinates such that text of this quadrant is upright, ``y`` downwards."""
    return ((x, -y), (y, x), (-x, y), (-y, -x))[quadrant]


def read_page(page: PdfPage) -> Page:
    """Return the lines of a page. Raises pypdfium2.PdfiumError."""
    textpage = page.get_textpage()
    try:
        text = _text(textpage)
        return _Reader(textpage, text).page() if text and not text.isspace() else Page()
    finally:
        textpage.close()


def _text(textpage: PdfTextPage) -> str:
    """Return the text such that each character has the index that PDFium gives it."""
    from pypdfium2 import raw

    text: str = textpage.get_text_range()
    if _CODELESS.search(text):
        text = text.translate(_TEX)
    count = textpage.count_chars()
    if len(text) == count:
        return text
    # PDFium counts characters above U+FFFF twice, and leaves out those without a code.
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) == 2 * count:
        return "".join(map(chr, memoryview(units).cast("H")))
    return "".join(chr(raw.FPDFText_GetUnicode(textpage.raw, index)) for index in range(count))


def _unchecked(function: Any, result: type = ctypes.c_int) -> Callable[..., Any]:  # noqa: ANN401
    """Return one of PDFium's functions whose arguments ctypes does not check, which takes most of the time of a call."""
    return ctypes.CFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value or 0)


class _Reader:
    """Reads places of characters through variables that are made once, since there are many."""

    def __init__(self, textpage: PdfTextPage, text: str) -> None:
        from pypdfium2 import raw

        self._text = text
        self._handle = ctypes.cast(textpage.raw, ctypes.c_void_p)
        self._get_box = _unchecked(raw.FPDFText_GetCharBox)
        self._get_origin = _unchecked(raw.FPDFText_GetCharOrigin)
        self._get_weight = _unchecked(raw.FPDFText_GetFontWeight)
        self._get_matrix = _unchecked(raw.FPDFText_GetMatrix)
        self._get_size = _unchecked(raw.FPDFText_GetFontSize, ctypes.c_double)
        numbers = [ctypes.c_double() for _ in range(4)]
        self._left, self._right, self._bottom, self._top = numbers
        self._references = [ctypes.byref(number) for number in numbers]
        self._x, self._y = self._references[:2]
        self._matrix = raw.FS_MATRIX()
        self._matrix_reference = ctypes.byref(self._matrix)
        self._quadrant = 0
        self._narrow, self._wide = _GAP, _WIDE_GAP

    def page(self) -> Page:
        lines: list[tuple[Line, int, int, int, int]] = []
        quadrants: Counter[int] = Counter()
        for number, match in enumerate(_LINE.finditer(self._text)):
            written = match[0]
            start = match.start() + len(written) - len(written.lstrip())
            end = match.start() + len(written.rstrip())
            middle = (start + end) // 2
            while self._text[middle].isspace():
                middle -= 1
            size, quadrant = self._scale(middle)
            quadrants[quadrant] += end - start
            line = Line("", 0, 0, 0, size, source=number, is_continued=written[-1] == " ")
            lines.append((line, start, end, middle, quadrant))
        self._quadrant = quadrants.most_common(1)[0][0]
        page = Page(quadrant=self._quadrant)
        places: list[tuple[Line, int, int]] = []
        for line, start, end, middle, quadrant in lines:
            if quadrant != self._quadrant:
                page.turned.append(_restored(self._text[start:end]))
                continue
            last = end - 1 if self._text[end - 1] != HYPHEN or end - 1 == start else end - 2
            first_left, first_right = self._box(start)
            last_left, last_right = self._box(last)
            line.left, line.right = (first_left, last_right) if first_left <= last_left else (last_left, first_right)
            line.y = self._origin(middle)[1]
            line.is_bold = self._get_weight(self._handle, middle) > _BOLD
            places.append((line, start, end))
        suspected = self._suspected(places)
        for (line, start, end), is_suspected in zip(places, suspected, strict=True):
            if is_suspected:
                parts = list(self._cut(line, start, end))
                page.cut_lines += len(parts) > 1
                page.lines += parts
            else:
                line.text = self._marked(line, start, end)
                page.lines.append(line)
        return page

    def _scale(self, index: int) -> tuple[float, int]:
        """Return the type size of a character, and the direction of its text in quarter turns."""
        matrix = self._matrix
        self._get_matrix(self._handle, index, self._matrix_reference)
        a, b = matrix.a, matrix.b
        size: float = self._get_size(self._handle, index)
        if abs(a) >= abs(b):
            return abs(size * (a if abs(b) < abs(a) / 8 else (a * a + b * b) ** 0.5)) or 1.0, 0 if a >= 0 else 2
        return abs(size * b) or 1.0, 1 if b > 0 else 3

    def _box(self, index: int) -> tuple[float, float]:
        """Return the left and right edge of a character's ink."""
        self._get_box(self._handle, index, *self._references)
        if self._quadrant == 0:
            return self._left.value, self._right.value
        (x1, _), (x2, _) = (
            upright(self._quadrant, self._left.value, self._bottom.value),
            upright(self._quadrant, self._right.value, self._top.value),
        )
        return min(x1, x2), max(x1, x2)

    def _lower_edge(self) -> float:
        """Return the lower edge of the ink of the character whose box was read last."""
        return (
            -self._bottom.value
            if self._quadrant == 0
            else max(
                upright(self._quadrant, x.value, y.value)[1]
                for x, y in ((self._left, self._bottom), (self._right, self._top))
            )
        )

    def _origin(self, index: int) -> tuple[float, float]:
        self._get_origin(self._handle, index, self._x, self._y)
        if self._quadrant == 0:
            return self._left.value, -self._right.value
        return upright(self._quadrant, self._left.value, self._right.value)

    def _suspected(self, places: Sequence[tuple[Line, int, int]]) -> list[bool]:
        """Whether each line may hold gaps too wide for spaces.

        They are looked for where a line has few characters for its width, and in a sample of the lines; if a line of the
        sample has one, all lines are suspected.
        """
        if not places:
            return []
        widths = [(line.right - line.left) / line.size / self._expected(start, end) for line, start, end in places]
        loose = sorted(widths)[len(widths) // 2] * _LOOSE
        step = max(1, len(places) // _SAMPLED)
        gaps = {number: self._gaps(*places[number]) for number in range(0, len(places), step)}
        spaces = sorted(space for sample in gaps.values() for space in sample)
        usual = min(spaces[len(spaces) // 10], _WIDEST_USUAL) if spaces else 0.0
        self._narrow, self._wide = max(_GAP, _USUAL_SPACES * usual), max(_WIDE_GAP, _USUAL_SPACES_WIDE * usual)
        if any(max(sample, default=0) > self._wide and widths[number] <= loose for number, sample in gaps.items()):
            return [True] * len(places)
        suspected = [width > loose and self._is_wide(place) for width, place in zip(widths, places, strict=True)]
        for number in (*range(1, len(places)), *range(len(places) - 2, -1, -1)):  # rows next to a row of a table
            if not suspected[number] and any(suspected[max(number - 1, 0) : number + 2]):
                suspected[number] = self._is_wide(places[number])
        return suspected

    def _is_wide(self, place: tuple[Line, int, int]) -> bool:
        return max(self._gaps(*place), default=0) > self._wide

    def _expected(self, start: int, end: int) -> float:
        """Return the width that a text may have, as a multiple of the type size."""
        text = self._text[start:end]
        return (end - start + (0 if text.isascii() else len(_WIDE.findall(text)))) / 2

    def _gaps(self, line: Line, start: int, end: int) -> list[float]:
        """Return the gaps between words, not counting that after a mark of a list, in type sizes."""
        words = [match.span() for match in _WORD.finditer(self._text, start, end)]
        if len(words) > 1 and _MARKER.fullmatch(self._text, *words[0]):
            del words[0]
        gaps = []
        for (_, first_end), (second_start, _) in pairwise(words):
            one, other = self._box(first_end - 1), self._box(second_start)
            gaps.append(max(other[0] - one[1], one[0] - other[1]) / line.size)
        return gaps

    def _cut(self, line: Line, start: int, end: int) -> Iterator[Line]:
        """Yield the parts of a line between gaps that may separate columns."""
        words = [match.span() for match in _WORD.finditer(self._text, start, end)]
        limit = self._narrow * line.size
        begin = 0
        for number in range(1, len(words) + 1):
            if number < len(words):
                (left, right), (next_left, next_right) = (
                    self._box(words[number - 1][1] - 1),
                    self._box(words[number][0]),
                )
                if next_left - right < limit and left - next_right < limit:
                    continue
            if begin == 0 and number == len(words):
                line.text = self._marked(line, start, end)
                yield line
                return
            first, last = words[begin][0], words[number - 1][1]
            (left, right), (last_left, last_right) = self._box(first), self._box(last - 1)
            middle = (first + last) // 2
            while self._text[middle].isspace():
                middle -= 1
            part = Line(
                "", min(left, last_left), max(right, last_right), self._origin(middle)[1], self._scale(middle)[0]
            )
            part.source = line.source
            part.is_bold = self._get_weight(self._handle, middle) > _BOLD
            part.is_continued = number < len(words) or line.is_continued
            part.text = self._marked(part, first, last)
            yield part
            begin = number

    def _marked(self, line: Line, start: int, end: int) -> str:
        """Return the text of a part of a line, with raised and lowered figures as such."""
        text = self._text[start:end]
        parts = []
        done = 0
        for match in _FIGURES.finditer(text):
            first, last = match.start(), match.end()
            if last - first > 1 and self._is_smaller(start + last - 1, start + first):
                first += 1
                while not self._is_smaller(start + first, start + match.start()):
                    first += 1
            elif last - first > _RAISED_FIGURES or _DECIMAL.match(text, max(first - 2, 0)):
                continue
            to = self._level(start + first, line)
            if to is None:
                continue
            parts += [text[done:first].rstrip(" ") if first > done else "", to(text[first:last])]
            if first == 0 and text[last : last + 1].isalpha():
                parts.append(" ")
            done = last
        return _restored("".join(parts) + text[done:])

    def _is_smaller(self, index: int, other: int) -> bool:
        size, of_other = self._get_size(self._handle, index), self._get_size(self._handle, other)
        return bool(size < _SMALLER * of_other)

    def _level(self, index: int, line: Line) -> Callable[[str], str] | None:
        """Return how to write a figure that is raised or lowered, None for one on the line."""
        self._box(index)
        if line.y - self._lower_edge() >= _RAISED * line.size:
            return superscript
        is_lowered = self._origin(index)[1] - line.y >= _LOWERED * line.size
        return subscript if is_lowered and self._scale(index)[0] <= _SMALLER * line.size else None


def _restored(text: str) -> str:
    """Return a part of PDFium's text as text: its halves of characters joined, and TeX's ligatures without codes."""
    text = text.replace("\x02", HYPHEN)
    if text.isascii():
        return text
    if _LIGATURE.search(text):
        text = text.translate(_LIGATURES)
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
