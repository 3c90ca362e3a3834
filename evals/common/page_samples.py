"""Saved web pages of many kinds, with what of their text is the article's and what stands around it.

In the files of ``pages``, ``{+ … +}`` encloses text that a reader of the article needs, and ``{- … -}`` what is none of
it. Text that is neither, such as a date or the name of an author, does not count. Nothing was tuned on the files named
``held-…``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGES: Final = Path(__file__).parent / "pages"

_MARKED = re.compile(r"\{([+-])(.*?)[+-]\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[\s\xa0]+")


@dataclass(frozen=True)
class SavedPage:
    """A page, and the texts of which it consists."""

    name: str
    content: bytes
    kept: tuple[str, ...]
    """Sentences, cells, items and captions of the article."""
    dropped: tuple[str, ...]
    """Menus, cookie texts, teasers, comments and the like."""

    @property
    def is_held_out(self) -> bool:
        """Whether nothing was tuned on this page."""
        return self.name.startswith("held-")


def saved_pages() -> Iterator[SavedPage]:
    """Yield the pages by name."""
    for path in sorted(PAGES.glob("*.html")):
        source = path.read_text(encoding="utf-8")
        marked = [(sign, plain(_TAG.sub("", html.unescape(text)))) for sign, text in _MARKED.findall(source)]
        yield SavedPage(
            path.stem,
            _MARKED.sub(r"\2", source).encode(),
            tuple(text for sign, text in marked if sign == "+"),
            tuple(text for sign, text in marked if sign == "-"),
        )


def plain(text: str) -> str:
    """Return the text with single spaces, in which the texts of a page are looked up."""
    return _SPACE.sub(" ", text).strip()


def count_found(parts: tuple[str, ...], text: str) -> int:
    """Return how many of a page's texts are in the text that was extracted from it."""
    found = plain(text)
    return sum(part in found for part in parts)
