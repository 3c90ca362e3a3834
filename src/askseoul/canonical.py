"""Canonical text: what all offsets refer to, and what a reader can see of what a file holds."""

from __future__ import annotations

import itertools
import re
import unicodedata

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


def composed(name: str) -> str:
    """A name as it was typed, in the form in which ids have it."""
    return unicodedata.normalize("NFC", readable(name))


def readable(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, which neither an encoder nor SQLite reads."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
