"""A text that is meant to be a quote into the place of an article where it stands.

Whoever quotes from memory or through a program changes quotation marks, dashes, spaces, capitals and the way in which a
letter is encoded. Both texts are compared with all of that made plain, and every character of the plain text knows
which characters of the article it came from, so what is found is again the article's own text. A quote that was altered
in more than its typography is found where most of it stands; what is then cited is what the article says there, never
what the quote claimed.
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

NEARLY = 85.0
"""Least similarity in [0, 100] of an altered quote and its place (``rapidfuzz.fuzz.partial_ratio_alignment``)."""
SHORTEST_NEARLY = 24
"""Characters. A shorter quote that does not stand as it is could stand nearly anywhere."""
LONGEST_GAP = 240
"""Characters that a quote may leave out at an ellipsis."""

_PLAIN = str.maketrans(
    dict.fromkeys("‘’ʼ‚`´′", "'") | dict.fromkeys("“”„«»‹›「」『』″", '"') | dict.fromkeys("‐‑‒–—―−﹣－", "-")
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*")
_GROUPED = re.compile(r"\d[.,]\d")
_EDGES = " \t\n\"'.,;:!?-"


class PlainText(NamedTuple):
    """A text made plain; the character at ``n`` stands for ``[starts[n], ends[n])`` of the text it was made of."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=256)
def plain_text(text: str) -> PlainText:
    """The text in compatibility forms and small letters, each run of white space one space, marks and dashes simple.

    A letter and the combining marks behind it are made plain together, since apart they compose to something else.
    """
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _units(text):
        unit = text[start:end]
        plain = " " if unit.isspace() else unicodedata.normalize("NFKC", unit).translate(_PLAIN).casefold()
        for character in plain:
            if character.isspace() and characters and characters[-1] == " ":
                ends[-1] = end
                continue
            characters.append(" " if character.isspace() else character)
            starts.append(start)
            ends.append(end)
    return PlainText("".join(characters), tuple(starts), tuple(ends))


def _units(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not unicodedata.combining(text[place]):
            yield start, place
            start = place


def locate(wanted: str, article: Article, within: Span | None = None) -> Quote | None:
    """The piece of the article that this text quotes, or None where it quotes none.

    Tried in turn: the text as it is but for typography; its parts where it has an ellipsis, from the first to the last;
    the place that it is most like, if it is long and the likeness at least NEARLY. ``within`` narrows the search.
    """
    scope = within or Span(0, len(article.text))
    held = plain_text(article.text[scope.start : scope.end])
    needle = plain_text(unicodedata.normalize("NFC", wanted)).text.strip(_EDGES)
    parts = [part.strip(_EDGES) for part in _ELLIPSIS.split(needle)]
    found = _exactly(needle, held) or _parts(parts, held) or _nearly(max(parts, key=len), held)
    if found is None:
        return None
    start, end = held.starts[found.start] + scope.start, held.ends[found.end - 1] + scope.start
    return Quote(article, start, end)


def _exactly(needle: str, held: PlainText, begin: int = 0) -> Span | None:
    """The first place where the needle stands as whole words; letters of scripts without spaces are words of their
    own."""
    while needle and (place := held.text.find(needle, begin)) >= 0:
        end = place + len(needle)
        if not (_joined(held.text, place) or _joined(held.text, end)):
            return Span(place, end)
        begin = place + 1
    return None


def _joined(text: str, place: int) -> bool:
    """Whether a cut at this place would go through a word of letters or a number, as between the digits of 28,500."""
    if not 0 < place < len(text):
        return False
    around = text[max(place - 2, 0) : place + 2]
    return (_in_word(text[place - 1]) and _in_word(text[place])) or _GROUPED.search(around) is not None


def _in_word(character: str) -> bool:
    return character.isdecimal() or (character.isalpha() and unicodedata.category(character) != "Lo")


def _parts(parts: list[str], held: PlainText) -> Span | None:
    if len(parts) == 1:
        return None
    found: list[Span] = []
    for part in filter(None, parts):
        place = _exactly(part, held, found[-1].end if found else 0)
        if place is None:
            return None
        found.append(place)
    if not found or any(second.start - first.end > LONGEST_GAP for first, second in itertools.pairwise(found)):
        return None
    return Span(found[0].start, found[-1].end)


def _nearly(needle: str, held: PlainText) -> Span | None:
    if not SHORTEST_NEARLY <= len(needle) <= len(held.text):
        return None
    likeness = fuzz.partial_ratio_alignment(needle, held.text, score_cutoff=NEARLY)
    if likeness is None:
        return None
    start, end = likeness.dest_start, likeness.dest_end
    while _joined(held.text, start):
        start -= 1
    while _joined(held.text, end):
        end += 1
    start += len(held.text[start:end]) - len(held.text[start:end].lstrip())
    end -= len(held.text[start:end]) - len(held.text[start:end].rstrip())
    return Span(start, end)
