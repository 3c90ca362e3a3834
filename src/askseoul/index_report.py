"""What one run of indexing did: the records of which ``askseoul index`` tells.

All are frozen, as those of ``domain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """An article whose file was moved: the same text at another place, and nothing at the former."""

    article_id: str
    former_id: str
    former_place: str
    place: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that says what another article says; that article remembers both places."""

    place: str
    article_id: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run of indexing did, by article id."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[Failure, ...]
    stripped: Mapping[str, int] = field(default_factory=dict)
    """How many invisible characters were left out, by article id."""
    renamed: tuple[Renamed, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    """Files that were found to be duplicates in this run."""
    missing: tuple[str, ...] = ()
    """Articles that are held and whose files are gone from the given folders."""
