"""Lines of a PDF joined to running text: words divided at line ends, and scripts without spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

from askseoul.ingest.converters.pdf_lines import HYPHEN, Line

_WORD: Final = re.compile(r"[\w-]+")
_FIRST_PART, _SECOND_PART = re.compile(r"\w*\Z"), re.compile(r"\w*")
_DASHES: Final = ("-", "\u2010", HYPHEN)
_SUSPENDED: Final = frozenset({"and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e"})
"""What follows a hyphen that stands for a part of a word: "pre- and post-war"."""
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff、。，「」『』（）！？]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_PARTICLES: Final = frozenset(
    "을 를 은 는 이 가 의 에 로 으로 와 과 도 고 며 다".split()
    + "했다 한다 됐다 된다 었다 았다 에서 까지 부터 보다 들은 들이".split()
)


class Words:
    """Joins lines to text, with what the whole document tells about its words."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = list(lines)

    @cached_property
    def _known(self) -> Counter[str]:
        """How often each word stands in the document, in lower case; not the first part of a divided one."""
        known: Counter[str] = Counter()
        for line in self._lines:
            words = _WORD.findall(line.text.lower())
            known.update(words if not line.text.endswith(_DASHES) else words[:-1])
        return known

    @cached_property
    def _has_spaces(self) -> bool:
        """Whether spaces at line ends tell which Korean words are whole."""
        return any(line.is_continued and _HANGUL.match(line.text[-1:]) for line in self._lines)

    def joined(self, lines: Sequence[Line]) -> str:
        """Return the text of the lines of a paragraph."""
        parts = [lines[0].text.strip()]
        for before, line in pairwise(lines):
            following = line.text.strip()
            last, first = parts[-1][-1:], following[:1]
            if last in _DASHES and parts[-1][-2:-1].isalnum():
                parts[-1], following = self._divided(parts[-1], following)
            elif first.isascii() or not self._are_one(parts[-1], following, before):
                following = " " + following
            parts.append(following)
        return "".join(parts).replace(HYPHEN, "-")

    def _are_one(self, last: str, following: str, before: Line) -> bool:
        """Whether no space stands between two lines: scripts without spaces, and Korean words divided at a line end."""
        if _UNSPACED.match(following):
            return _UNSPACED.match(last[-1:]) is not None
        is_korean = _HANGUL.match(following) and (_HANGUL.match(last[-1:]) or last[-1:].isdigit())
        return bool(is_korean) and not before.is_continued and self._is_divided(last, following)

    def _divided(self, text: str, following: str) -> tuple[str, str]:
        """Return two lines such that the word divided between them is one when they are joined.

        The hyphen is kept if only the hyphenated word occurs elsewhere, or if no lower-case letter follows.
        """
        first = _FIRST_PART.search(text[-60:-1])
        second = _SECOND_PART.match(following)
        before, after = first[0] if first else "", second[0] if second else ""
        compound, whole = f"{before}-{after}".lower(), f"{before}{after}".lower()
        if after.lower() in _SUSPENDED and whole not in self._known:
            return f"{text[:-1]}-", f" {following}"
        is_compound = compound in self._known and whole not in self._known
        is_divided = before[-1:].isalpha() and after[:1].islower() and not is_compound
        return text[:-1] + ("" if is_divided else "-"), following

    def _is_divided(self, text: str, following: str) -> bool:
        """Whether a line end divides a Korean word, where no space tells."""
        if self._has_spaces or text[-1].isdigit():
            return True
        last = text.rpartition(" ")[2]
        first = following.partition(" ")[0].rstrip(".,;:!?”\"')")
        if self._known[last + first]:
            return True
        return first in _PARTICLES and not self._known[last] > 1
