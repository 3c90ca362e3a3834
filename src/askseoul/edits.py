"""What was changed in a sentence that keeps the words of its quote in their order.

A lie that is told of a source is most often its own sentence with a word changed. Free wording changes whole phrases;
where the words on both sides of a change were kept, the change is all the more telling.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from askseoul.words import Word, words_of


class Edit(NamedTuple):
    """Words of a sentence in the place of words of its quote; either may be none."""

    put: tuple[Word, ...]
    taken: tuple[Word, ...]
    flanked: bool
    """Whether the quote's words, or its end, stand on both sides, LEAST_KEPT words together."""


class Edits(NamedTuple):
    """How a sentence comes from the quote that it is most like."""

    edits: tuple[Edit, ...]
    kept: float
    """Share of the sentence's words that stand in the quote in this order."""


_BESIDE = frozenset({"but", "recently", "be", "have", "to"})
"""Words that may stand beside one that is looked for, as in "anything but" and "until recently"."""
LEAST_KEPT = 3
"""Words around a change that were kept."""


@lru_cache(maxsize=4096)
def edits_of(sentence: str, quotes: tuple[str, ...]) -> Edits:
    """The changes between the folded sentence and that one of the folded quotes of which it keeps most words."""
    return max((_edits(sentence, quote) for quote in quotes), key=lambda found: found.kept, default=Edits((), 0.0))


def put_or_taken(sentence: str, quotes: tuple[str, ...], words: Set[str]) -> str | None:
    """One of these words that was put between words of a quote that were kept, or taken out there, and nothing else."""
    for edit in edits_of(sentence, quotes).edits:
        changed = {word.lower for word in (*edit.put, *edit.taken)}
        if edit.flanked and not (edit.put and edit.taken) and changed & words and changed <= words | _BESIDE:
            where = "not in the quote" if edit.put else "in the quote"
            return f"“{' '.join(word.text for word in edit.put or edit.taken)}” is {where}"
    return None


def _edits(sentence: str, quote: str) -> Edits:
    own, held = words_of(sentence), words_of(quote)
    matcher = difflib.SequenceMatcher(None, _lowered(own), _lowered(held), autojunk=False)
    codes = [("equal", 0, 0, 0, 0), *matcher.get_opcodes(), ("equal", 0, 0, 0, 0)]
    found = []
    for left, (what, start, end, held_start, held_end), right in zip(codes, codes[1:], codes[2:], strict=False):
        if what != "equal":
            before, after = left[2] - left[1], right[2] - right[1]
            closed = before > 0 and (after > 0 or (end == len(own) and held_end == len(held)))
            flanked = closed and before + after >= LEAST_KEPT
            found.append(Edit(own[start:end], held[held_start:held_end], flanked))
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return Edits(tuple(found), kept / len(own) if own else 0.0)


def _lowered(words: Sequence[Word]) -> list[str]:
    return [word.lower for word in words]
