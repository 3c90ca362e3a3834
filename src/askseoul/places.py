"""A place in an article, as it is written: ``START:END``, into a span of its text."""

from __future__ import annotations

import re
from typing import Final

from askseoul.domain import Article, Span
from askseoul.errors import UsageError

_WRITTEN: Final = re.compile(r"([0-9]{1,15}):([0-9]{1,15})")
_LONGEST: Final = 40
"""Characters of what is no place that are said again."""


def read_place(written: str, article: Article) -> Span:
    """The span of the article's text. Raises UsageError where this is none."""
    match = _WRITTEN.fullmatch(written)
    length = len(article.text)
    if match is None or not int(match[1]) < int(match[2]) <= length:
        shown = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}…"
        raise UsageError(
            f"{shown!r} is no place in {article.id}, which has {length:,} characters: "
            f"give START:END with 0 <= START < END <= {length}."
        )
    return Span(int(match[1]), int(match[2]))
