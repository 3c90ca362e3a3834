"""What a run of indexing did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_COUNT = re.compile(r"([0-9][0-9,]*) ")
_PLURAL = re.compile(r"s\b")
_KINDS_SHOWN: Final = 10

NO_ENDING: Final = "no ending"
"""Stands for the ending of names that have none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """An article whose file moved: the same text at a new path, and no file at the former one."""

    article_id: str
    former_id: str
    former_place: str
    place: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file with the same text as an article already indexed; that article remembers both paths."""

    place: str
    article_id: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a run of indexing did, by article id."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[Failure, ...]
    stripped: Mapping[str, int] = field(default_factory=dict)
    """How many invisible characters were removed, by article id."""
    renamed: tuple[Renamed, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    """Files found to be duplicates in this run."""
    missing: tuple[str, ...] = ()
    """Indexed articles whose files are gone from the given folders."""
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What was left out of an article's file or guessed about it, by article id."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """How many files in the given folders are of kinds that are not read, by the ending of their names, such as
    ".doc"; the most frequent first."""
    warnings: tuple[str, ...] = ()
    """What is wrong in a ``metadata.csv``, each with its file and line."""


def kinds_of_notes(notes: Iterable[tuple[str, ...]]) -> list[tuple[str, int]]:
    """Return what kinds of notes articles have and how many articles have each, the most frequent first.

    Notes that differ only in how many are of one kind, shown by one of them with the sum: "112 comments were left out".
    """
    articles: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for of_article in notes:
        kinds = set()
        for note in of_article:
            kind = _PLURAL.sub("", _COUNT.sub("", note).replace(" were ", " was "))
            count = _COUNT.match(note)
            number = int(count[1].replace(",", "")) if count else 0
            totals[kind] += number
            if kind not in shown or number > 1:
                shown[kind] = note
            kinds.add(kind)
        articles.update(kinds)
    found = ((_COUNT.sub(f"{totals[kind]:,} ", shown[kind], count=1), count) for kind, count in articles.items())
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def unread_kinds(unread: Mapping[str, int]) -> str:
    """Return how many files of which kinds are not read, in words: "3 files of kinds that are not read: .doc (3)"."""
    total = sum(unread.values())
    listed = [f"{kind} ({count:,})" for kind, count in unread.items()]
    if len(listed) > _KINDS_SHOWN:
        listed[_KINDS_SHOWN:] = [f"and {len(listed) - _KINDS_SHOWN:,} other kinds"]
    noun = "1 file of a kind that is" if total == 1 else f"{total:,} files of kinds that are"
    return f"{noun} not read: {', '.join(listed)}"
