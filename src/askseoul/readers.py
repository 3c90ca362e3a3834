"""Files into articles, one after another, with the sha256 of what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from askseoul.articles import read_article
from askseoul.domain import Article
from askseoul.errors import ArticleError


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what became of it."""

    path: Path
    sha256: str | None
    """Of its bytes; None where they could not be read."""
    outcome: Article | ArticleError


def read_files(paths: Iterable[Path]) -> Iterator[ReadFile]:
    """Read each of these files, in order."""
    for path in paths:
        try:
            article = read_article(path)
            yield ReadFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), article)
        except ArticleError as error:
            yield ReadFile(path, None, error)
