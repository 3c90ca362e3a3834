"""Text as all later stages read it: in a canonical form, split into sentences, and parsed into words.

``canonical_text`` makes the text of an article, which every offset refers to. ``split_sentences`` splits by rules for
English news and analysis; where a full stop may belong to an abbreviation it does not split, because a quote that is
too long does less harm than one that lacks its end. ``parse`` normalizes a text and splits it into words, so that two
texts can be compared whatever their case, quotation marks, dashes, possessives and inflection. The rules leave text in
other languages as it is.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from askseoul.domain import Span
from askseoul.nlp import lexicon

_Arguments = ParamSpec("_Arguments")
_Value = TypeVar("_Value")

# Canonical text
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt), which has the zero-width and bidi-control
# characters, variation selectors and tags, with the controls (Cc) and the interlinear annotation marks added.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_OTHER_LINE_ENDS: Final = "\r\x0b\x0c\x85\u2028\u2029"
_RUN: Final = 100
_MARK_RUN = re.compile(rf"[^\w\s!-~]{{{_RUN},}}")
"""A run that may hold so many combining marks that ``unicodedata.normalize`` takes very long to sort them."""
_MAY_BE_MARK = re.compile(r"[^\w\s!-~]")
_TERMINAL_CONTROLS = re.compile(  # controls other than tab and line feed, bidi controls, lone surrogates
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

# Sentences
_UNSPACED = "。！？｡؟۔।॥።។။"
"""Sentence terminators that no space has to follow."""
_FOOTNOTE = r"\[(?:\^?\d{1,3}|[ivxlc]{1,6}|[a-z*]|\^\w{1,20})\]"
_ENDING = re.compile(rf"(?P<mark>[.!?…{_UNSPACED}]+)(?P<tail>(?:[\"'”’»›)\]}}*_」』）】〉》⁰¹²³⁴-⁹]|[ ]?{_FOOTNOTE})*)")
_OPENING = re.compile(r"[\s\"'“‘«‹(\[{*_—–\-¿¡「『（【〈《]*")
_TOKEN = re.compile(r"[^\W\d_][\w'’\-]*")
_ACRONYM = re.compile(r"[A-Za-z]|(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")
LABELLED = re.compile(r"[*_]{0,3}[^\W\d_][^\n:.!?]{0,40}:[*_]{0,3}[ \t]+\S")
"""The beginning of a note such as "Director: Salome Brandt"; two of them in a row are not one wrapped sentence."""
_LETTER_MARK = r"(?:\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|[a-z]\))"
_OF_DATE = re.compile(
    rf"\s+(?:(?:{lexicon.pattern('time', 'ordinal_months')})\b"
    rf"|(?:{lexicon.pattern('time', 'months')}|[a-zß-ž][^\W\d_]*)\s+\d{{4}}\b)"
)
"""What stands behind the day of a date like "3. Mai", "12. August 2024" or "12. marts 2024"; not "1. Budget 2024"."""
ITEM_MARK = re.compile(rf"[ \t]*(?:[-*+•‣◦]|\d{{1,3}}[.)](?!{_OF_DATE.pattern})|{_LETTER_MARK})[ \t]+")
"""What stands before an item of a list, in Markdown or in a contract ("(a) ")."""
_LIST_ITEM = re.compile(rf"{ITEM_MARK.pattern}|>[ \t]+")
_LETTERED = re.compile(_LETTER_MARK + r"[ \t]")
_PAUSED = re.compile(r"(?:[.!?;:,…]|\b(?:and|or))$")
"""The end of a line below which "(a) " begins an item; below another it goes on with the sentence."""
_MARK = re.compile(r"[-*+•‣◦][ \t]+|\|[ \t]+(?!.*\|[ \t]*$)", re.MULTILINE)
"""What stands before an item of a list or a row of a table; a row between bars is whole with its bars."""
_NOTE = re.compile(rf"{_FOOTNOTE}:?[ \t]")
_WHOLE_LINE = re.compile(r"#{1,6}[ \t]|\||```|~~~|(?:[-*_=][ \t]*){3,}$", re.MULTILINE)
_DAY_DIGITS = 2
_LEADER_DOTS = 5
"""As many full stops lead from the name of a thing to its price or page."""
_ABBREVIATION_CHARACTERS = 24
_NOTE_CHARACTERS = 300
"""A footnote up to this length is a bibliographic entry. Its full stops end no sentence, so it is not split."""
_WRAP_COLUMNS = range(40, 121)
"""Lengths of lines that were wrapped by hand or by an editor; a longer line is a whole paragraph."""
_NEVER_LAST = lexicon.words("abbreviations", "never_last")
"""Abbreviations that precede what they belong to ("Mr."), so they never end a sentence."""
_BEFORE_NUMBERS = lexicon.words("abbreviations", "before_numbers").union(
    map(str.lower, lexicon.sequence("time", "month_abbreviations"))
)
"""Abbreviations that do not end a sentence when a number follows."""
_SOMETIMES_LAST = lexicon.words("abbreviations", "sometimes_last")
"""Abbreviations that, like initials and "U.S.", end a sentence only when one of _STARTERS follows."""
_STARTERS = lexicon.words("abbreviations", "starters")
"""Words that begin a sentence far more often than they follow a name or a title."""

# Words
FUNCTION_WORDS = lexicon.words("words", "function")
"""Words without content of their own; a capital does not make one of them a name."""
REPORTING_WORDS = lexicon.words("words", "reporting")
"""Words that introduce a speaker or a source; a sentence may have or lack them without changing what is said."""
LIGHT_WORDS = lexicon.words("words", "light")
"""Light verbs and shell nouns, which mean little by themselves: a sentence may have one that its source lacks."""
IRREGULAR_STEMS = {form: base for base, forms in lexicon.table("words", "stems").items() for form in forms.split()}
"""Irregular inflected forms with the base that ``stem`` uses for them."""
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’ʼ‚`", "'")
    | dict.fromkeys("“”„«»‹›「」『』", '"')
    | dict.fromkeys("‐‑‒–−", "-")
    | dict.fromkeys("—―", ";")
)
_MIXED_FRACTION = re.compile("(?<=[0-9])(?=[¼½¾⅐-⅞])")
"""Where a space is needed, because NFKC would make “11⁄2” of “1½”."""
_THOUSANDS_SPACE = re.compile("(?<=[0-9])[\u00a0\u2007\u2009\u202f](?=[0-9]{3}(?![0-9]))")
"""A space that joins the groups of one number; NFKC would make it one that parts two numbers."""
_DOTTED = re.compile(r"\b[A-Z](?:\.[A-Z])+\b\.?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…。！？]|\n\s*\n")
_CLAUSE_END = re.compile(r"[,;:()\[\]]|\s-\s")
_CLAUSE_WORDS = lexicon.words("words", "clause_openers")
_SUFFIXES = lexicon.sequence("words", "suffixes")
_SHORTEST_ROOT = 3
_LONGEST_STEM = 6


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank, without leading and trailing white space; ``start`` and ``end`` are offsets."""

    number: int
    start: int
    end: int
    indented: bool


class Word(NamedTuple):
    """One word of a text; ``start`` and ``end`` are offsets into the normalized text."""

    text: str
    stem: str
    start: int
    end: int
    sentence: int
    """Number of the sentence, from 0."""
    clause: int
    """Number of the clause within the text, from 0."""
    opening: bool
    """Whether it opens a sentence or a quotation, so that its capital does not mark a name."""

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def content(self) -> bool:
        """Whether it is a content word: neither a function word nor a reporting word."""
        lower = self.text.lower()
        return (lower not in FUNCTION_WORDS and lower not in REPORTING_WORDS) or self.text == "US"


class ParsedText:
    """A text, normalized and split into words. Get one from ``parse``.

    Functions decorated with ``annotation`` store their results in it, so that each analyses a text only once. The
    design follows spaCy's ``Doc``, which the components of a pipeline enrich.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.normalized = normalize(text)
        """The text that the offsets of words and annotations refer to."""
        self.words = _tokenize(self.normalized)
        self._annotations: dict[Hashable, Any] = {}

    @cached_property
    def content_stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(word.stem for word in self.words if word.content)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset(word.stem for word in self.words)


def canonical_text(raw: str) -> tuple[str, int]:
    """Return ``raw`` in NFC with ``\\n`` line ends, and the number of invisible characters that were removed.

    Removed are zero-width characters, bidi controls, tags, variation selectors, soft hyphens and control characters
    other than tab, because a model must not read what a reader can't see. Joiners inside emoji and in Persian or Indic
    words are removed as well.
    """
    if any(end in raw for end in _OTHER_LINE_ENDS):  # far faster than to look for a pattern
        raw = _LINE_ENDS.sub("\n", raw)
    visible, stripped = _INVISIBLE.subn("", raw)
    if _MAY_BE_MARK.search(visible[_RUN - 1 :: _RUN]):  # a run covers one of these places
        visible = _MARK_RUN.sub(_sort_marks, visible)
    return unicodedata.normalize("NFC", visible), stripped


def _sort_marks(run: re.Match[str]) -> str:
    """Put the combining marks of a run in canonical order, as NFC does.

    Python sorts them by insertion, which takes hours for a text that consists of marks only.
    """
    ordered: list[str] = []
    marks: list[str] = []
    for part in itertools.chain.from_iterable(unicodedata.normalize("NFD", character) for character in run[0]):
        if unicodedata.combining(part):
            marks.append(part)
        else:
            ordered += sorted(marks, key=unicodedata.combining)
            ordered.append(part)
            marks.clear()
    return "".join(ordered + sorted(marks, key=unicodedata.combining))


def nfc(name: str) -> str:
    """Return the name of a file or an article in NFC, the form that ids use, with U+FFFD for lone surrogates."""
    return unicodedata.normalize("NFC", replace_surrogates(name))


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate by U+FFFD; neither an encoder nor SQLite accepts them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def visible(text: str) -> str:
    """Replace each character that could control a terminal by its escape sequence, such as ``\\x1b``."""
    return _TERMINAL_CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def split_sentences(text: str) -> list[Span]:
    """Split ``text`` into sentences and return them in order, as character offsets.

    Each character that is not white space lies in exactly one sentence, except for the mark before an item of a list
    (``- ``) and before a row of a table (``| ``), and no sentence begins or ends with white space. A heading, a table
    row, a short footnote and a line without a full stop are one sentence each; in hard-wrapped text, a sentence
    continues on the next line. Time is linear in the length: under 0.1 s for 1 MB
    without full stops, 1 to 5 s for 1 MB of full stops only.
    """
    return [sentence for first, last in _blocks(text) for sentence in _sentences_in(text, first, last)]


def _blocks(text: str) -> Iterator[tuple[_Line, _Line]]:
    """Yield the first and the last line of each block: consecutive lines over which a sentence may continue."""
    lines = _lines(text)
    full = _full_lines(text, lines)
    # A headline over a subhead looks like two wrapped lines.
    wrapped = any(
        is_full and _shows_wrapping(text, line, following)
        for is_full, line, following in zip(full, lines, lines[1:], strict=False)
    )
    first = None
    for index, line in enumerate(lines):
        first = first or line
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or not _continues(text, first, line, following, wrapped and full[index]):
            yield first, line
            first = None


def _shows_wrapping(text: str, line: _Line, following: _Line) -> bool:
    """Whether a full line can't end a paragraph: the next starts in lower case or in a script without case, or, where
    a sentence is unfinished, with a figure or a quotation mark."""
    start = text[following.start]
    if start.isupper() or _LIST_ITEM.match(text, following.start):
        return False
    return start.isalpha() or text[line.end - 1] not in ".!?;:"


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
    """Whether each line is full: the first word of the next line would not have fitted on it."""
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
        is_inside = _LETTERED.match(text, following.start) and not _PAUSED.search(text, line.start, line.end)
        return is_wrapped and bool(is_inside)
    if LABELLED.match(text, line.start) and LABELLED.match(text, following.start):
        return False
    return is_wrapped or (following.indented and _LIST_ITEM.match(text, first.start) is not None)


def _is_whole(text: str, line: _Line) -> bool:
    if _WHOLE_LINE.match(text, line.start):
        return True
    return line.end - line.start <= _NOTE_CHARACTERS and _NOTE.match(text, line.start) is not None


def _sentences_in(text: str, first: _Line, last: _Line) -> Iterator[Span]:
    start, end = first.start, last.end
    mark = _MARK.match(text, start, end)
    if mark is not None and mark.end() < end:
        start = mark.end()
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
    """Whether ``ending``, inside the block that reaches to ``end``, ends the sentence that begins at ``start``."""
    mark, tail = ending["mark"], ending["tail"]
    if not text[ending.end()].isspace() and mark[-1] not in _UNSPACED:
        return False
    following = _OPENING.match(text, ending.end(), end)
    position = following.end() if following else ending.end()
    if position == end or text[position] in ",;:.!?…)]}":
        return False
    if mark.count(".") >= _LEADER_DOTS or text.endswith(". ", start, ending.start()):
        return False
    word_match = _TOKEN.match(text, position, end)
    word = word_match[0] if word_match else ""
    if word.islower():
        return False
    if mark != "." or tail.strip(")]}*_"):
        return True
    stop = ending.start()
    _, _, written = text[max(start, stop - _ABBREVIATION_CHARACTERS) : stop].replace("\n", " ").rpartition(" ")
    is_enumerator = len(written) == stop - start and (written.isdigit() or len(written) == 1)
    is_day = len(written) <= _DAY_DIGITS and written.isdigit() and _OF_DATE.match(text, ending.end(), end)
    return not (is_enumerator or is_day) and _full_stop_ends(written, word, text[position].isdigit())


def _full_stop_ends(written: str, word: str, is_number_next: bool) -> bool:
    """Whether the full stop after ``written`` ends a sentence; ``word``, or a number, follows it."""
    token = re.split(r"[-–—/(\[“‘\"']", written)[-1]
    lowered = token.lower()
    if lowered in _NEVER_LAST:
        return False
    if lowered in _BEFORE_NUMBERS:
        return not is_number_next
    if lowered in _SOMETIMES_LAST or _ACRONYM.fullmatch(token):
        return word in _STARTERS
    return True


@lru_cache(maxsize=4096)
def parse(text: str) -> ParsedText:
    """Parse a text. The last 4,096 records are cached: a question meets the same evidence again and again."""
    return ParsedText(text)


def annotation(
    function: Callable[Concatenate[ParsedText, _Arguments], _Value],
) -> Callable[Concatenate[ParsedText, _Arguments], _Value]:
    """Decorate a function of a parsed text so that its result, for the same arguments, is stored in the record."""

    @wraps(function)
    def annotated(parsed: ParsedText, /, *arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Value:
        key = (function, arguments, *options.items())
        known: dict[Hashable, _Value] = parsed._annotations
        if key not in known:
            known[key] = function(parsed, *arguments, **options)
        return known[key]

    return annotated


def normalize(text: str) -> str:
    """Return the text in NFKC with ASCII quotation marks, dashes and digits, and with initials undotted ("US")."""
    plain = unicodedata.normalize("NFKC", _THOUSANDS_SPACE.sub("'", _MIXED_FRACTION.sub(" ", text)))
    plain = plain.translate(_TYPOGRAPHY)
    if not plain.isascii():  # digits of other scripts
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), plain)


def _tokenize(normalized: str) -> tuple[Word, ...]:
    """Split a normalized text into words, in order and without a possessive ``'s``."""
    found: list[Word] = []
    sentence = clause = previous = 0
    for match in _WORD.finditer(normalized):
        gap = normalized[previous : match.start()]
        opening = not found or gap.endswith(('"', "'"))
        if found and _SENTENCE_END.search(gap):
            sentence, clause, opening = sentence + 1, clause + 1, True
        elif found and (_CLAUSE_END.search(gap) or match.group().lower() in _CLAUSE_WORDS):
            clause += 1
            opening = opening or ":" in gap
        text = match.group().removesuffix("'s")
        found.append(Word(text, stem(text), match.start(), match.start() + len(text), sentence, clause, opening))
        previous = match.end()
    return tuple(found)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return the stem that a word shares with its inflections and near derivations: at most six letters.

    Truncation after the suffixes are removed groups ``normalize`` with ``normalization`` and ``economy`` with
    ``economic``.
    """
    root = word.lower().split("'")[0]
    root = IRREGULAR_STEMS.get(root, root)
    if root.endswith("ies") and len(root) > _SHORTEST_ROOT + 1:
        root = root[:-3] + "y"
    elif not root.endswith(("ss", "us", "is")):
        for suffix in _SUFFIXES:
            if root.endswith(suffix) and len(root) - len(suffix) >= _SHORTEST_ROOT:
                root = root[: -len(suffix)]
                break
    if len(root) > _SHORTEST_ROOT:
        if root[-1] == root[-2] and root[-1] not in "sl":
            root = root[:-1]
        root = root.removesuffix("e")
    return (root[:-1] + "i" if root.endswith("y") and len(root) > _SHORTEST_ROOT else root)[:_LONGEST_STEM]
