"""Find the place of a quote in an article.

Quoting from memory or by program changes quotation marks, dashes, spaces, capitals and the encoding of letters. Both
texts are compared without these differences, and the result is always the article's own text. A quote that was altered
in more than its typography is found where most of it stands.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from askseoul.domain import Article, Quote, Span

MIN_SIMILARITY = 85.0
"""Minimum similarity, in [0, 100], of an altered quote and its place (``rapidfuzz.fuzz.partial_ratio_alignment``)."""
MIN_SIMILAR_CHARACTERS = 24
"""Minimum length of a quote that is searched by similarity: a shorter one would be similar to many places."""
MAX_GAP_CHARACTERS = 240
"""Maximum number of characters that an ellipsis in a quote may stand for."""

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’ʼ‚`´′", "'") | dict.fromkeys("“”„«»‹›「」『』″", '"') | dict.fromkeys("‐‑‒–—―−﹣－", "-")
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*")
_GROUPED = re.compile(r"\d[.,]\d")
_EDGES = " \t\n\"'.,;:!?-"


class PlainText(NamedTuple):
    """A text without typographic differences; character ``n`` comes from ``[starts[n], ends[n])`` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=256)
def plain_text(text: str) -> PlainText:
    """Return the text in NFKC and case-folded, with single spaces and ASCII quotation marks and dashes.

    A letter is normalized together with the combining marks that follow it, because they may compose to one character.
    """
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _graphemes(text):
        grapheme = text[start:end]
        plain = " " if grapheme.isspace() else unicodedata.normalize("NFKC", grapheme).translate(_TYPOGRAPHY).casefold()
        for character in plain:
            if character.isspace() and characters and characters[-1] == " ":
                ends[-1] = end
                continue
            characters.append(" " if character.isspace() else character)
            starts.append(start)
            ends.append(end)
    return PlainText("".join(characters), tuple(starts), tuple(ends))


def _graphemes(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of each character with the combining marks that follow it."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not unicodedata.combining(text[end]):
            yield start, end
            start = end


def find_quote(wanted: str, article: Article, within: Span | None = None) -> Quote | None:
    """Find the passage of the article that the text ``wanted`` quotes; None if there is none.

    Tried in turn: the same text but for typography; the parts around each ellipsis, in order; for a long text the most
    similar place, if its similarity is at least MIN_SIMILARITY. ``within`` restricts the search to a span.
    """
    searched = within or Span(0, len(article.text))
    held = plain_text(article.text[searched.start : searched.end])
    needle = plain_text(unicodedata.normalize("NFC", wanted)).text.strip(_EDGES)
    parts = [part.strip(_EDGES) for part in _ELLIPSIS.split(needle)]
    found = _exactly(needle, held) or _parts(parts, held) or _similar(max(parts, key=len), held)
    if found is None:
        return None
    start, end = held.starts[found.start] + searched.start, held.ends[found.end - 1] + searched.start
    return Quote(article, start, end)


def _exactly(needle: str, held: PlainText, begin: int = 0) -> Span | None:
    """Find the first occurrence of whole words; each letter of a script without spaces counts as a word."""
    while needle and (start := held.text.find(needle, begin)) >= 0:
        end = start + len(needle)
        if not (_splits_word(held.text, start) or _splits_word(held.text, end)):
            return Span(start, end)
        begin = start + 1
    return None


def _splits_word(text: str, offset: int) -> bool:
    """Whether a cut at this offset would split a word or a number, such as 28,500."""
    if not 0 < offset < len(text):
        return False
    around = text[max(offset - 2, 0) : offset + 2]
    return (_in_word(text[offset - 1]) and _in_word(text[offset])) or _GROUPED.search(around) is not None


def _in_word(character: str) -> bool:
    return character.isdecimal() or (character.isalpha() and unicodedata.category(character) != "Lo")


def _parts(parts: list[str], held: PlainText) -> Span | None:
    """Find the parts of a quote with ellipses in order, with no gap longer than MAX_GAP_CHARACTERS."""
    if len(parts) == 1:
        return None
    found: list[Span] = []
    for part in filter(None, parts):
        span = _exactly(part, held, found[-1].end if found else 0)
        if span is None:
            return None
        found.append(span)
    if not found or any(second.start - first.end > MAX_GAP_CHARACTERS for first, second in itertools.pairwise(found)):
        return None
    return Span(found[0].start, found[-1].end)


def _similar(needle: str, held: PlainText) -> Span | None:
    """Find the place most similar to a long text, widened to whole words."""
    if not MIN_SIMILAR_CHARACTERS <= len(needle) <= len(held.text):
        return None
    best = fuzz.partial_ratio_alignment(needle, held.text, score_cutoff=MIN_SIMILARITY)
    if best is None:
        return None
    start, end = best.dest_start, best.dest_end
    while _splits_word(held.text, start):
        start -= 1
    while _splits_word(held.text, end):
        end += 1
    start += len(held.text[start:end]) - len(held.text[start:end].lstrip())
    end -= len(held.text[start:end]) - len(held.text[start:end].rstrip())
    return Span(start, end)
