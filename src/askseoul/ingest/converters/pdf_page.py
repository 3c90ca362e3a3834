"""The lines of a PDF page with their places, as PDFium gives them.

Places are in points, ``x`` to the right and ``y`` downwards, on the page turned so that most of its text is upright.
What PDFium takes for one line may hold parts of several columns: such lines are cut at their wide gaps.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import hypot
from typing import Any, Final, TypeAlias, cast

from askseoul.ingest.converters.base import subscript, superscript
from askseoul.ingest.converters.pdf_lines import HYPHEN, RIGHT_TO_LEFT, Line, Page, upright

_LINE: Final = re.compile(r"[^\s\ufffe\x02](?:[^\r\n\ufffe\x02]*[^\s\ufffe\x02])?[\ufffe\x02]?")
_WORD: Final = re.compile(r"\S+")
_SPACE: Final = re.compile(r"\s+")
_FIGURES: Final = re.compile("[0-9]+")
"""Figures whose last ones may be raised or lowered."""
_YEARS: Final = ("16", "17", "18", "19", "20")
_YEAR_LENGTH: Final = 4
_MOST_RAISED: Final = 2
"""A number of more figures is not raised as a whole."""
_CODELESS: Final = re.compile("[\x10-\x16\x1b-\x1f\x88]")
_TEX: Final = str.maketrans("\x10\x11\x12\x13\x14\x15\x16\x1b\x1c\x1d\x1e\x1f\x88", "“”„«»–—ﬀﬁﬂﬃﬄ•")
"""TeX's fonts that are bitmaps have these at codes of control characters, without telling."""
_LIGATURES: Final = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_ODD: Final = re.compile("[\x02\ufb00-\ufb06\ud800-\udfff]")
"""Halves of characters, ligatures and the other sign for a hyphen."""
_WIDE: Final = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uff00-\uff60]")
_SPECIAL: Final = re.compile("[\x02\x10-\x16\x1b-\x1f\x88\u0590-\u11ff\u2e80-\ufffd]")
_MARKER: Final = re.compile(r"[^\w\s]|\(?\w{1,3}[.)]|\d{1,2}")
_GAP, _WIDE_GAP = 0.6, 1.0
"""A gap of more than these multiples of the type size may separate columns; with the second, others are looked for."""
_USUAL_SPACES, _USUAL_SPACES_WIDE = 1.4, 1.7
"""The same as multiples of a narrow space between words, for type whose letters are all as wide as a space."""
_STANDS_OUT: Final = 1.5
"""A gap of more than this multiple of the usual gap of its line is no space."""
_NO_SPACE: Final = 2.2
"""Wider gaps are no spaces, in type sizes."""
_WIDEST_USUAL: Final = 0.75
"""The usual space between words of type of one width, in type sizes; wider ones are those of a table."""
_FEW_SAMPLES: Final = 3
_CROSSING: Final = 8
_SAME_BEGIN: Final = 2.0
_SAME_GUTTER: Final = 9.0
"""Points between the middles of gaps of one gutter; that of ragged lines is wider, and stands out."""
_SHORT: Final = 0.5
_SAMPLED: Final = 6
"""Lines of a page in which wide gaps are looked for first."""
_LOOSE: Final = 1.25
"""A line with this multiple of the usual width of a character may hold wide gaps."""
_BOLD: Final = 550
"""The least weight of bold type, of 900."""
_LONGEST_BOLD: Final = 90
"""Longer lines are no headings, and whether they are bold does not matter."""
_RAISED: Final = 0.15
"""How far the lower edge of a raised figure is above the baseline, in type sizes."""
_LOWERED: Final = 0.08
_SMALLER: Final = 0.86


_Place: TypeAlias = tuple[Line, int, int]
"""A line, and the indices at which it begins and ends in PDFium's text."""
_Gap: TypeAlias = tuple[float, float]
"""Its width in type sizes, and the place of its middle."""


def read_page(page: object) -> Page:
    """Return the lines of a page, which is PDFium's handle. Raises DamagedPage."""
    from pypdfium2 import raw

    textpage = raw.FPDFText_LoadPage(page)
    if not textpage:
        raise DamagedPage
    try:
        text = _text(textpage)
        return _Reader(textpage, text).page() if text and not text.isspace() else Page()
    finally:
        raw.FPDFText_ClosePage(textpage)


def _text(textpage: object) -> str:
    """Return the text such that each character has the index that PDFium gives it.

    PDFium counts characters above U+FFFF twice, and leaves out those without a code.
    """
    from pypdfium2 import raw

    count = max(raw.FPDFText_CountChars(textpage), 0)
    units = bytearray(2 * count + 2)  # an array of ctypes would be a new class for each length
    written = raw.FPDFText_GetText(textpage, 0, count, ctypes.c_ushort.from_buffer(units)) - 1
    if written < count:
        return "".join(chr(raw.FPDFText_GetUnicode(textpage, index)) for index in range(count))
    text = units[:-2].decode("utf-16-le", "surrogatepass")
    return text if len(text) == count else "".join(map(chr, memoryview(units).cast("H")[:count]))


@cache
def _unchecked(name: str, result: type = ctypes.c_int) -> Callable[..., Any]:
    """Return one of PDFium's functions without ctypes' check of its arguments, which takes most of a call's time."""
    from pypdfium2 import raw

    return ctypes.CFUNCTYPE(result)(ctypes.cast(getattr(raw, name), ctypes.c_void_p).value or 0)


class DamagedPage(Exception):
    """A page that PDFium can't read."""


class _Reader:
    """Reads places of characters through variables that are made once, since there are many."""

    def __init__(self, textpage: object, text: str) -> None:
        from pypdfium2 import raw

        is_special = _SPECIAL.search(text) is not None  # one search, since most pages are not
        if is_special and _CODELESS.search(text) is not None:
            text = text.translate(_TEX)
        self._text = text
        self._has_wide = is_special and _WIDE.search(text) is not None
        self._has_right_to_left = is_special and RIGHT_TO_LEFT.search(text) is not None
        self._is_plain = not is_special or _ODD.search(text) is None
        self._handle = ctypes.cast(cast(Any, textpage), ctypes.c_void_p)
        self._get_box = _unchecked("FPDFText_GetCharBox")
        self._get_weight = _unchecked("FPDFText_GetFontWeight")
        self._get_matrix = _unchecked("FPDFText_GetMatrix")
        self._get_size = _unchecked("FPDFText_GetFontSize", ctypes.c_double)
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self._references = [ctypes.byref(number) for number in self._numbers]
        self._matrix = raw.FS_MATRIX()
        self._matrix_reference = ctypes.byref(self._matrix)
        self._quadrant = 0
        self._box = self._edges_getter()
        self._narrow, self._wide = _GAP, _WIDE_GAP

    def page(self) -> Page:
        text = self._text
        read = []
        quadrants: Counter[int] = Counter()
        for match in _LINE.finditer(text):
            start, end = match.span()
            middle = self._middle(start, end)
            size, quadrant, y = self._scale(middle)
            quadrants[quadrant] += end - start
            read.append((start, end, middle, size, quadrant, y))
        self._quadrant = quadrants.most_common(1)[0][0]
        self._box = self._edges_getter()
        page = Page(quadrant=self._quadrant)
        places: list[_Place] = []
        for start, end, middle, size, quadrant, y in read:
            if quadrant == self._quadrant:
                places.append((self._line(start, end, middle, size, y), start, end))
            else:
                page.turned.append(self._restored(text[start:end]))
        suspected = self._suspected(places)
        for (line, start, end), is_suspected in zip(places, suspected, strict=True):
            parts = self._cut(line, start, end) if is_suspected else []
            if len(parts) > 1:
                page.cut_lines += 1
                page.lines += parts
            else:
                line.text = self._marked(line, start, end)
                page.lines.append(line)
        return page

    def _middle(self, start: int, end: int) -> int:
        """Return the index of a character in the middle of a text that begins with one."""
        middle = (start + end) // 2
        while self._text[middle].isspace():
            middle -= 1
        return middle

    def _line(self, start: int, end: int, middle: int, size: float, y: float) -> Line:
        """Return a line without its text."""
        if self._has_right_to_left:
            words = self._word_boxes(start, end)
            left, right = words[0][0], max(right for _, right in words)
        else:
            left, right = self._box(start)
            last = end - 1 if self._text[end - 1] != HYPHEN or end - 1 == start else end - 2
            last_left, last_right = self._box(last)
            left, right = (left, last_right) if left <= last_left else (last_left, right)
        is_bold = end - start <= _LONGEST_BOLD and self._get_weight(self._handle, middle) > _BOLD
        is_continued = self._text[end : end + 1] == " "
        return Line("", left, right, y, size, is_bold, is_continued)

    def _scale(self, index: int) -> tuple[float, int, float]:
        """Return the type size of a character, the direction of its text in quarter turns, and its baseline."""
        matrix = self._matrix
        self._get_matrix(self._handle, index, self._matrix_reference)
        a, b = matrix.a, matrix.b
        size = abs(self._get_size(self._handle, index)) * hypot(a, b) or 1.0
        if abs(a) >= abs(b):
            return (size, 0, -matrix.f) if a >= 0 else (size, 2, matrix.f)
        return (size, 1, matrix.e) if b > 0 else (size, 3, -matrix.e)

    def _edges_getter(self) -> Callable[[int], tuple[float, float]]:
        """Return what gives the left and right edge of a character's ink, as a function that looks up nothing."""
        get_box, handle, (x1, x2, y1, y2) = self._get_box, self._handle, self._references
        left, right, bottom, top = self._numbers
        one, other = (left, right) if self._quadrant % 2 == 0 else (bottom, top)
        if self._quadrant in (0, 1):

            def edges(index: int) -> tuple[float, float]:
                get_box(handle, index, x1, x2, y1, y2)
                return one.value, other.value
        else:

            def edges(index: int) -> tuple[float, float]:
                get_box(handle, index, x1, x2, y1, y2)
                return -other.value, -one.value

        return edges

    def _lower_edge(self, index: int) -> float:
        """Return the lower edge of a character's ink."""
        self._get_box(self._handle, index, *self._references)
        left, right, bottom, top = (number.value for number in self._numbers)
        return max(upright(self._quadrant, left, bottom)[1], upright(self._quadrant, right, top)[1])

    def _suspected(self, places: Sequence[_Place]) -> list[bool]:
        """Whether each line may hold gaps too wide for spaces.

        They are looked for where a line has few characters for its width, and in a sample of the lines, half of it at
        first; if a line of the sample has one, all lines are suspected.
        """
        if not places:
            return []
        lengths = [line.right - line.left for line, _, _ in places]
        wide = [len(_WIDE.findall(self._text, *span)) if self._has_wide else 0 for _, *span in places]
        widths = [
            length / line.size / (end - start + more)
            for length, more, (line, start, end) in zip(lengths, wide, places, strict=True)
        ]
        loose = sorted(widths)[len(widths) // 2] * _LOOSE
        shortest = _SHORT * max(lengths)
        long = [number for number, length in enumerate(lengths) if length >= shortest]
        step = -(-len(long) // _SAMPLED)
        sample = long[::step]
        gaps = {number: self._gaps(*places[number]) for number in sample[::2]}
        if any(width > _GAP for of_line in gaps.values() for width, _ in of_line):
            gaps |= {number: self._gaps(*places[number]) for number in sample[1::2]}
        spaces = sorted(width for of_line in gaps.values() for width, _ in of_line)
        usual = min(spaces[len(spaces) // 10], _WIDEST_USUAL) if spaces else 0.0
        self._narrow, self._wide = max(_GAP, _USUAL_SPACES * usual), max(_WIDE_GAP, _USUAL_SPACES_WIDE * usual)
        if (
            self._have_gutter(list(gaps.values()))
            or any(widths[number] <= loose and self._stands_out(of_line) for number, of_line in gaps.items())
            or self._cross_column(places)
        ):
            return [True] * len(places)
        suspected = [width > loose and self._is_wide(place) for width, place in zip(widths, places, strict=True)]
        if any(suspected):
            for number in (*range(1, len(places)), *range(len(places) - 2, -1, -1)):  # rows next to a row of a table
                if not suspected[number] and any(suspected[max(number - 1, 0) : number + 2]):
                    suspected[number] = self._is_wide(places[number])
        return suspected

    def _stands_out(self, gaps: list[_Gap]) -> bool:
        """Whether one of a line's gaps is wide, and wider than those of justified text are."""
        widths = sorted(width for width, _ in gaps)
        usual = widths[len(widths) // 2] if widths else 0
        return bool(widths) and widths[-1] > max(self._wide, min(_STANDS_OUT * usual, _NO_SPACE))

    def _have_gutter(self, samples: Sequence[list[_Gap]]) -> bool:
        """Whether most lines of a sample have a gap at the same place."""
        wide = [[at for width, at in sample if width > self._narrow] for sample in samples]
        most = max(_FEW_SAMPLES, len(wide) * 3 // 4)
        return any(
            sum(any(abs(at - other) < _SAME_GUTTER for other in sample) for sample in wide) >= most
            for at in {round(at) for sample in wide for at in sample}
        )

    def _cross_column(self, places: Sequence[_Place]) -> bool:
        """Whether a line has a gap that ends where several other lines begin, far from where most do."""
        first, last = min(line.left for line, _, _ in places), max(line.right for line, _, _ in places)
        begins = Counter(round(line.left) for line, _, _ in places if line.left > first + (last - first) / 5)
        for begin, count in begins.most_common(_FEW_SAMPLES):
            if count < _FEW_SAMPLES:
                return False
            crossing = [
                place for place in places if place[0].left < begin - _SAME_GUTTER < place[0].right - 2 * _SAME_GUTTER
            ]
            for place in crossing[:_CROSSING]:
                size = place[0].size
                for width, at in self._gaps(*place):
                    if width > self._narrow and abs(at + width * size / 2 - begin) <= _SAME_BEGIN:
                        return True
        return False

    def _is_wide(self, place: _Place) -> bool:
        return max((width for width, _ in self._gaps(*place)), default=0) > self._wide

    def _gaps(self, line: Line, start: int, end: int) -> list[_Gap]:
        """Return the gaps between words, not counting that after a mark of a list, in type sizes."""
        if self._has_right_to_left:
            return self._gaps_across(line, start, end)
        gaps: list[_Gap] = []
        box, size = self._box, line.size
        for match in _SPACE.finditer(self._text, start, end):
            before, after = match.span()
            if not gaps and _MARKER.fullmatch(self._text, start, before):
                continue
            left, right = box(before - 1)
            next_left, next_right = box(after)
            gap = next_left - right
            gaps.append(((gap if gap >= 0 else max(gap, left - next_right)) / size, (right + next_left) / 2))
        return gaps

    def _gaps_across(self, line: Line, start: int, end: int) -> list[_Gap]:
        """Return the gaps of a line whose words and figures run in two directions."""
        boxes = self._word_boxes(start, end)
        return [((left - right) / line.size, (left + right) / 2) for (_, right), (left, _) in pairwise(boxes)]

    def _word_boxes(self, start: int, end: int) -> list[tuple[float, float]]:
        """Return the left and right edges of words, from left to right."""
        words = [match.span() for match in _WORD.finditer(self._text, start, end)]
        ends = [(self._box(first), self._box(last - 1)) for first, last in words]
        return sorted((min(one[0], other[0]), max(one[1], other[1])) for one, other in ends)

    def _cut(self, line: Line, start: int, end: int) -> list[Line]:
        """Return the parts of a line between gaps that may separate columns, none for one without."""
        limit = self._narrow * line.size
        gaps = None
        if self._has_right_to_left:
            gaps = [at for width, at in self._gaps_across(line, start, end) if width > self._narrow]
        begins, ends = [start], []
        for match in _SPACE.finditer(self._text, start, end):
            before, after = match.span()
            (left, right), (next_left, next_right) = self._box(before - 1), self._box(after)
            is_across = gaps is None or any(min(right, next_right) <= at <= max(left, next_left) for at in gaps)
            if is_across and max(next_left - right, left - next_right) >= limit:
                ends.append(before)
                begins.append(after)
        ends.append(end)
        if len(begins) == 1:
            return []
        parts = []
        for first, last in zip(begins, ends, strict=True):
            middle = self._middle(first, last)
            size, _, y = self._scale(middle)
            part = self._line(first, last, middle, size, y)
            part.text = self._marked(part, first, last)
            parts.append(part)
        return parts

    def _marked(self, line: Line, start: int, end: int) -> str:
        """Return the text of a part of a line, with raised and lowered figures as such."""
        text = self._text
        parts = []
        done = start
        for match in _FIGURES.finditer(text, start, end):
            first, last = match.span()
            length = last - first
            if text[last : last + 1] == "%" or (length == _YEAR_LENGTH and text[first : first + 2] in _YEARS):
                continue
            if length > 1 and self._is_smaller(last - 1, first):
                begin = first + 1
                while not self._is_smaller(begin, first):
                    begin += 1
            elif length > _MOST_RAISED or (
                text[first - 1 : first] in ".,"
                and text[first - 2 : first - 1].isdigit()
                and not self._is_smaller(first, first - 2)
            ):
                continue
            else:
                begin = first
            to = self._level(begin, line)
            if to is None:
                continue
            parts += [text[done:begin].rstrip(" "), to(text[begin:last])]
            if begin == start and text[last : last + 1].isalpha():
                parts.append(" ")
            done = last
        return self._restored("".join(parts) + text[done:end])

    def _is_smaller(self, index: int, other: int) -> bool:
        size, of_other = self._get_size(self._handle, index), self._get_size(self._handle, other)
        return bool(size < _SMALLER * of_other)

    def _level(self, index: int, line: Line) -> Callable[[str], str] | None:
        """Return how to write a figure that is raised or lowered, None for one on the line."""
        if line.y - self._lower_edge(index) >= _RAISED * line.size:
            return superscript
        size, _, y = self._scale(index)
        return subscript if y - line.y >= _LOWERED * line.size and size <= _SMALLER * line.size else None

    def _restored(self, text: str) -> str:
        """Return a part of PDFium's text as text: its halves of characters joined, and ligatures as letters."""
        if self._is_plain or _ODD.search(text) is None:
            return text
        text = text.replace("\x02", HYPHEN).translate(_LIGATURES)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
