"""Text into sentences, by exact offsets.

Rules, no model. They aim at news and analysis in English and are careful elsewhere: where a full stop may be an
abbreviation's the text stays together, as a quote had better be too long than lack its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from askseoul.domain import Span

_UNSPACED = "。！？｡؟۔।॥።។။"
"""Terminators that need no space behind them."""
_FOOTNOTE = r"\[(?:\^?\d{1,3}|[ivxlc]{1,6}|[a-z*]|\^\w{1,20})\]"
_ENDING = re.compile(rf"(?P<mark>[.!?…{_UNSPACED}]+)(?P<tail>(?:[\"'”’»›)\]}}*_」』）】〉》⁰¹²³⁴-⁹]|[ ]?{_FOOTNOTE})*)")
_OPENING = re.compile(r"[\s\"'“‘«‹(\[{*_—–\-¿¡「『（【〈《]*")
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")
_ACRONYM = re.compile(r"[A-Za-z]|(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")

_LIST_ITEM = re.compile(r"(?:[-*+•‣◦]|\d{1,3}[.)]|>)[ \t]+")
_NOTE = re.compile(rf"{_FOOTNOTE}:?[ \t]")
_WHOLE_LINE = re.compile(r"#{1,6}[ \t]|\||```|~~~|(?:[-*_=][ \t]*){3,}$", re.MULTILINE)
_ABBREVIATION_CHARACTERS = 24
_NOTE_CHARACTERS = 300
"""A note up to this length is a bibliographic entry, full of stops that end nothing, and stays whole."""
_WRAP_COLUMNS = range(40, 121)
"""Lengths at which lines of text are wrapped by hand or by an editor; a longer line is a whole paragraph."""

# Abbreviations that stand before what they belong to, and so never end a sentence.
_NEVER_LAST = frozenset(
    """
    mr mrs ms mx messrs dr prof gen sen sens rep reps gov lt col maj capt cpl sgt pvt adm cmdr brig rev hon pres supt
    insp st ste mt ft mme mlle vs v e.g i.e cf viz approx ca esp incl
    """.split()
)
# Abbreviations that do not end a sentence when a number follows.
_BEFORE_NUMBERS = frozenset(
    """
    no nos nr p pp vol vols art arts fig figs sec ch para paras eq jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()
)
# Abbreviations that, like initials and U.S., end a sentence only when a word of _STARTERS follows.
_SOMETIMES_LAST = frozenset("inc ltd co corp bros jr sr al dept univ govt".split())
# Words that begin a sentence far more often than they follow a name or a title.
_STARTERS = frozenset(
    """
    The This That These Those A An It He She They We I You His Her Their Its Our My In On At But And Or So Yet As If
    When While After Before Since Although Though However Moreover Meanwhile Nevertheless Nonetheless Furthermore
    Therefore Thus Instead Still Then There Here For From With Without By To Both Such Some Many Most Several All Each
    No Not What Who Why How Where Which Now Today Once Because During Despite According Also Even Only Last Until
    Perhaps Unlike Given
    """.split()
)
_LONGEST_HEADING = 100
_LISTED = re.compile(r"[-*+•|]|\d+[.)]\s")
_TERMINATED = re.compile(r"[.!?…。！？؟۔।][\"'”’»)\]*_\s]*(?:\[\w{1,6}\])?$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank, without the white space around it."""

    number: int
    start: int
    end: int
    indented: bool


def is_heading(text: str) -> bool:
    """Whether a sentence is a heading: marked as one in Markdown, or short and without an end mark, and not listed."""
    if _LISTED.match(text):
        return False
    return text.startswith("#") or (len(text) <= _LONGEST_HEADING and not _TERMINATED.search(text))


def split_sentences(text: str) -> list[Span]:
    """The sentences of ``text`` in order, as character offsets.

    No two overlap, none begins or ends with white space, and every other character lies in exactly one. A heading, a
    table row and a short footnote are a sentence each, and so is a line without a full stop, unless the text is
    hard-wrapped. Time is linear in the length: under 0.1 s for 1 MB without a full stop, 1 to 5 s for 1 MB of nothing
    but full stops.
    """
    return [sentence for first, last in _blocks(text) for sentence in _sentences_in(text, first, last)]


def _blocks(text: str) -> Iterator[tuple[_Line, _Line]]:
    """The first and the last line of each run of lines across which a sentence may go on."""
    lines = _lines(text)
    full = _full_lines(text, lines)
    # Headline over subhead looks like two wrapped lines; one line that goes on in lower case, or in a script without
    # case, tells a wrapped text.
    wrapped = any(is_full and not text[line.start].isupper() for is_full, line in zip(full, lines[1:], strict=False))
    first = None
    for index, line in enumerate(lines):
        first = first or line
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or not _continues(text, first, line, following, wrapped and full[index]):
            yield first, line
            first = None


def _lines(text: str) -> list[_Line]:
    lines = []
    offset = 0
    for number, raw in enumerate(text.split("\n")):
        if stripped := raw.strip():
            indent = len(raw) - len(raw.lstrip())
            lines.append(_Line(number, offset + indent, offset + indent + len(stripped), indent > 0))
        offset += len(raw) + 1
    return lines


def _full_lines(text: str, lines: list[_Line]) -> list[bool]:
    """Whether each line is so long that the next line's first word had no room left on it."""
    full = []
    run_start = 0
    for index, line in enumerate(lines):
        if index + 1 < len(lines) and lines[index + 1].number == line.number + 1:
            continue
        run = lines[run_start : index + 1]
        lengths = [one.end - one.start for one in run]
        width = max((length for length in lengths if length in _WRAP_COLUMNS), default=0)
        for length, next_length, following in zip(lengths, lengths[1:], run[1:], strict=False):
            first_word = text[following.start : following.start + width].partition(" ")[0]
            has_room = length + len(" ") + len(first_word) <= width
            full.append(length in _WRAP_COLUMNS and max(length, next_length) <= width and not has_room)
        full.append(False)
        run_start = index + 1
    return full


def _continues(text: str, first: _Line, line: _Line, following: _Line, is_wrapped: bool) -> bool:
    if following.number != line.number + 1 or _is_whole(text, line):
        return False
    if any(pattern.match(text, following.start) for pattern in (_LIST_ITEM, _NOTE, _WHOLE_LINE)):
        return False
    return is_wrapped or (following.indented and _LIST_ITEM.match(text, first.start) is not None)


def _is_whole(text: str, line: _Line) -> bool:
    if _WHOLE_LINE.match(text, line.start):
        return True
    return line.end - line.start <= _NOTE_CHARACTERS and _NOTE.match(text, line.start) is not None


def _sentences_in(text: str, first: _Line, last: _Line) -> Iterator[Span]:
    start, end = first.start, last.end
    if not _is_whole(text, first):
        item = _LIST_ITEM.match(text, start, end)
        for ending in _ENDING.finditer(text, item.end() if item else start, end):
            if ending.end() < end and _ends_sentence(text, start, ending, end):
                yield Span(start, ending.end())
                start = ending.end()
                while text[start].isspace():
                    start += 1
    yield Span(start, end)


def _ends_sentence(text: str, start: int, ending: re.Match[str], end: int) -> bool:
    """Whether the sentence from ``start`` ends here, in a text that goes on after ``ending`` until ``end``."""
    mark, tail = ending["mark"], ending["tail"]
    if not text[ending.end()].isspace() and mark[-1] not in _UNSPACED:
        return False
    following = _OPENING.match(text, ending.end(), end)
    position = following.end() if following else ending.end()
    if position == end or text[position] in ",;:.!?…)]}":
        return False
    word_match = _WORD.match(text, position, end)
    word = word_match[0] if word_match else ""
    if word.islower():
        return False
    if mark != "." or tail.strip(")]}*_"):
        return True
    stop = ending.start()
    _, _, written = text[max(start, stop - _ABBREVIATION_CHARACTERS) : stop].replace("\n", " ").rpartition(" ")
    is_enumerator = len(written) == stop - start and (written.isdigit() or len(written) == 1)
    return not is_enumerator and _full_stop_ends(written, word, text[position].isdigit())


def _full_stop_ends(written: str, word: str, is_number_next: bool) -> bool:
    """Whether the full stop after ``written`` is not an abbreviation's; ``word`` follows it, or a number does."""
    token = re.split(r"[-–—/(\[“‘\"']", written)[-1]
    lowered = token.lower()
    if lowered in _NEVER_LAST:
        return False
    if lowered in _BEFORE_NUMBERS:
        return not is_number_next
    if lowered in _SOMETIMES_LAST or _ACRONYM.fullmatch(token):
        return word in _STARTERS
    return True
