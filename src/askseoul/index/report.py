"""What a run of indexing did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

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
