"""Canonical text: what all offsets refer to, and what a reader can see of what a file holds.

Text into sentences, by exact offsets.

Rules, no model. They aim at news and analysis in English and are careful elsewhere: where a full stop may be an
abbreviation's the text stays together, as a quote had better be too long than lack its end.

Text read as words: folded, lightly stemmed, each with the sentence and the clause in which it stands.

What the checks compare is never the characters of a text but these words, so that case, curly quotation marks, dashes,
possessives and the endings of words make no difference. Rules are English; other languages pass through unharmed.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from askseoul.domain import Span
from askseoul.nlp import lexicon

_Arguments = ParamSpec("_Arguments")
_Read = TypeVar("_Read")

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt), which has the zero-width and bidi-control
# characters, variation selectors and tags, with the controls (Cc) and the interlinear annotation marks added.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_MARK_RUN = re.compile(r"[^\w\s!-~]{100,}")
"""Where more combining marks may stand on one letter than are put in order in no time."""


def canonical_text(raw: str) -> tuple[str, int]:
    """``raw`` in NFC with ``\\n`` line ends, and how many invisible characters were left out of it.

    Left out are zero-width characters, bidi controls, tags, variation selectors, soft hyphens and control characters
    other than tab: what a reader can't see must not be there for a model to read. Joiners inside emoji and in Persian
    or Indic words go with them.
    """
    visible, stripped = _INVISIBLE.subn("", _LINE_ENDS.sub("\n", raw))
    return unicodedata.normalize("NFC", _MARK_RUN.sub(_ordered, visible)), stripped


def _ordered(run: re.Match[str]) -> str:
    """The run with its combining marks in canonical order, as NFC needs them.

    Python puts them in order by insertion: a text of nothing but marks would take it hours.
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
    """A name as it was typed, in the form in which ids have it."""
    return unicodedata.normalize("NFC", replace_surrogates(name))


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, which neither an encoder nor SQLite reads."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_UNSPACED = "。！？｡؟۔।॥።។။"
"""Terminators that need no space behind them."""
_FOOTNOTE = r"\[(?:\^?\d{1,3}|[ivxlc]{1,6}|[a-z*]|\^\w{1,20})\]"
_ENDING = re.compile(rf"(?P<mark>[.!?…{_UNSPACED}]+)(?P<tail>(?:[\"'”’»›)\]}}*_」』）】〉》⁰¹²³⁴-⁹]|[ ]?{_FOOTNOTE})*)")
_OPENING = re.compile(r"[\s\"'“‘«‹(\[{*_—–\-¿¡「『（【〈《]*")
_TOKEN = re.compile(r"[^\W\d_][\w'’\-]*")
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
_NEVER_LAST = lexicon.words("abbreviations", "never_last")
# Abbreviations that do not end a sentence when a number follows.
_BEFORE_NUMBERS = lexicon.words("abbreviations", "before_numbers").union(
    map(str.lower, lexicon.sequence("time", "month_abbreviations"))
)
# Abbreviations that, like initials and U.S., end a sentence only when a word of _STARTERS follows.
_SOMETIMES_LAST = lexicon.words("abbreviations", "sometimes_last")
# Words that begin a sentence far more often than they follow a name or a title.
_STARTERS = lexicon.words("abbreviations", "starters")
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
    word_match = _TOKEN.match(text, position, end)
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


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for lists that read better as prose."""
    return frozenset(words.split())


FUNCTION_WORDS = lexicon.words("words", "function")
"""Words that carry no content of their own; a capital on one of them does not make it a name."""

REPORTING_WORDS = lexicon.words("words", "reporting")
"""Words that say who says a thing: neither their presence nor their absence changes what is said."""

LIGHT_WORDS = lexicon.words("words", "light")
"""Light verbs and shell nouns, which mean little without those beside them: a sentence may have one of them more than
its source."""

IRREGULAR = {form: base for base, forms in lexicon.table("words", "stems").items() for form in forms.split()}

_FOLD = str.maketrans(
    dict.fromkeys("‘’ʼ‚`", "'")
    | dict.fromkeys("“”„«»‹›「」『』", '"')
    | dict.fromkeys("‐‑‒–−", "-")
    | dict.fromkeys("—―", ";")
)
_DOTTED = re.compile(r"\b[A-Z](?:\.[A-Z])+\b\.?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…。！？]|\n\s*\n")
_CLAUSE_END = re.compile(r"[,;:()\[\]]|\s-\s")
_CLAUSE_WORDS = lexicon.words("words", "clause_openers")
_SUFFIXES = lexicon.sequence("words", "suffixes")
_SHORTEST_ROOT = 3
_LONGEST_STEM = 6


class Word(NamedTuple):
    """One word of a folded text; ``start`` and ``end`` are offsets into the folded text."""

    text: str
    stem: str
    start: int
    end: int
    sentence: int
    clause: int
    opening: bool
    """Whether it opens a sentence or a quotation, where a capital says nothing."""

    @property
    def lower(self) -> str:
        """The word in small letters."""
        return self.text.lower()

    @property
    def content(self) -> bool:
        """Whether the word has a meaning of its own to compare."""
        lower = self.text.lower()
        return (lower not in FUNCTION_WORDS and lower not in REPORTING_WORDS) or self.text == "US"


def normalize(text: str) -> str:
    """The text with compatibility forms, quotation marks, dashes and dotted initials (U.S.) made plain."""
    plain = unicodedata.normalize("NFKC", text).translate(_FOLD)
    if not plain.isascii():  # the digits of other scripts are digits
        plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), plain)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """What a word shares with its inflections and near derivations: endings removed, at most six letters.

    Cutting words to a fixed length groups ``normalize`` with ``normalization`` and ``economy`` with ``economic``, which
    removing endings alone does not.
    """
    root = word.lower().split("'")[0]
    root = IRREGULAR.get(root, root)
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


class ParsedText:
    """A text as all of ``nlp`` and ``verification`` read it: normalized, split into words, enriched by annotations.

    ``parse`` makes it. Functions marked with ``annotation`` keep in it what they read out of it, so that each reads a
    text once, as the components of a spaCy pipeline enrich one ``Doc``.
    """

    __slots__ = ("_annotations", "normalized", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.normalized = normalize(text)
        """What offsets of its words and of its annotations refer to."""
        self.words = _tokenize(self.normalized)
        self._annotations: dict[Hashable, Any] = {}

    @property
    def content_stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return _content_stems(self)

    @property
    def stems(self) -> frozenset[str]:
        """The stems of all its words."""
        return _stems(self)


_remembered = lru_cache(maxsize=4096)(ParsedText)


def parse(text: str) -> ParsedText:
    """The record of this text. The last 4,096 texts keep theirs, as a question is held against its evidence often."""
    return _remembered(text)


def annotation(
    read: Callable[Concatenate[ParsedText, _Arguments], _Read],
) -> Callable[Concatenate[ParsedText, _Arguments], _Read]:
    """Keep in a parsed text what this function reads out of it with the same further arguments."""

    @wraps(read)
    def annotated(parsed: ParsedText, /, *arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Read:
        key = (read, arguments, *options.items())
        known: dict[Hashable, _Read] = parsed._annotations
        if key not in known:
            known[key] = read(parsed, *arguments, **options)
        return known[key]

    return annotated


@annotation
def _stems(parsed: ParsedText) -> frozenset[str]:
    return frozenset(word.stem for word in parsed.words)


@annotation
def _content_stems(parsed: ParsedText) -> frozenset[str]:
    return frozenset(word.stem for word in parsed.words if word.content)


def _tokenize(normalized: str) -> tuple[Word, ...]:
    """The words of a normalized text in order, a possessive ``'s`` left off."""
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


_STEERING: Final = re.compile(  # controls other than tab and line feed, bidi controls, halves of surrogate pairs
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with each character that would steer the terminal replaced by its escape."""
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
