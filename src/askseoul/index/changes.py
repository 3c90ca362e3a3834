"""Decides what a file changes in the index: an article is added, updated or renamed, or gets another place.

An article is identified by the sha256 of its text. It is stored once, with all the places at which files have this
text, and its id is the name of the first of them. Nothing here reads or writes the index.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

from askseoul.domain import Article
from askseoul.index.report import Duplicate, Renamed
from askseoul.index.tables import ArticleSummary
from askseoul.ingest.metadata import OPTION, Options

Files: TypeAlias = dict[str, str | None]
"""An article's places, in order, with the sha256 of the file there and of what is stated beside it, if known."""
OPTIONS: Final = ("published", "source")
"""The fields that an option can state. They stay as stated until another option is given."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Add an article, or replace the one of its id."""

    article: Article
    files: Files


@dataclass(frozen=True, slots=True)
class Relocation:
    """Set an article's places."""

    article_id: str
    files: Files


@dataclass(frozen=True, slots=True)
class Removal:
    """Remove an article."""

    article_id: str


Change: TypeAlias = Addition | Relocation | Removal


@dataclass(frozen=True, slots=True)
class ArticleState:
    """The fields of an article whose change makes it an updated article."""

    sha256: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    language: str
    stripped: int
    published_from: str | None
    source_from: str | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, article: Article | ArticleSummary) -> Self:
        """Return the state of this article."""
        return cls(*(getattr(article, field.name) for field in fields(cls)))

    def has_options(self, options: Options) -> bool:
        """Return whether what these options state is stated by an option already, and not if they take it back."""
        stated = _options_of(self)
        return all(stated.get(name) == (getattr(options, name) or None) for name in options.given)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one file changes, and what is reported of it besides added, updated and removed articles."""

    changes: tuple[Change, ...] = ()
    renamed: Renamed | None = None
    duplicate: Duplicate | None = None


class IndexState:
    """The articles and places of an index after the changes so far."""

    def __init__(
        self,
        summaries: Iterable[ArticleSummary],
        places: Mapping[str, Files],
        load: Callable[[str], Article],
    ) -> None:
        """``load`` returns a stored article by its id."""
        self._articles = {summary.id: ArticleState.of(summary) for summary in summaries}
        self._files = {article_id: dict(places.get(article_id, {})) for article_id in self._articles}
        self._ids_by_text = {state.sha256: article_id for article_id, state in self._articles.items()}
        self._ids_by_place = {place: article_id for article_id, files in self._files.items() for place in files}
        self._load = load
        self._moved: dict[str, Article] = {}
        """Articles that were given a new id without their file being read."""

    def articles(self) -> dict[str, ArticleState]:
        """Return the state of every article, by id."""
        return dict(self._articles)

    def id_at(self, place: str) -> str | None:
        """Return the id of the article at this place, if any."""
        return self._ids_by_place.get(place)

    def is_first(self, place: str) -> bool:
        """Return whether an article is named after the file at this place."""
        article_id = self._ids_by_place.get(place)
        return article_id is not None and place == next(iter(self._files[article_id]))

    def has_only_places(self, article_id: str, places: Collection[str]) -> bool:
        """Return whether an article has no other places than these."""
        return self._files[article_id].keys() <= set(places)

    def at(self, place: str) -> ArticleState | None:
        """Return the state of the article at this place, if any."""
        article_id = self._ids_by_place.get(place)
        return None if article_id is None else self._articles[article_id]

    def has_read(self, place: str, file_sha256: str) -> bool:
        """Return whether the file read last at this place had this sha256."""
        article_id = self._ids_by_place.get(place)
        return article_id is not None and self._files[article_id][place] == file_sha256

    def missing_places(self, roots: Collection[Path], found: Collection[str]) -> dict[str, list[str]]:
        """Return the places under these files and folders where there is no file any longer, by article id.

        Places in ``found`` are known to exist and are not looked up.
        """
        missing: dict[str, list[str]] = {}
        for place, article_id in self._ids_by_place.items():
            if place not in found and any(map(Path(place).is_relative_to, roots)) and is_gone(place):
                missing.setdefault(article_id, []).append(place)
        return missing

    def places_to_read(self) -> list[str]:
        """Return the first places of articles that got a new id, whose files may state another title or date."""
        return [next(iter(self._files[article_id])) for article_id in self._moved]

    def add_file(self, article: Article, file_sha256: str, kept: Collection[str] = OPTIONS) -> Outcome:
        """Add the article of one file: its only place is the file's path, its id the file's name.

        Of the fields ``kept``, what an option stated in an earlier run, for this place or this text, still holds.
        """
        (place,) = article.places
        files: Files = {place: file_sha256}
        current_id = self._ids_by_place.get(place)
        twin_id = self._ids_by_text.get(article.sha256)
        former_id = twin_id or current_id
        if former_id is not None:
            article = _with_options(article, self._articles[former_id], kept)
        if current_id is not None and self._articles[current_id].sha256 == article.sha256:
            return self._add_same_text(current_id, article, file_sha256)
        if current_id is not None and twin_id is None and place == next(iter(self._files[current_id])):
            return self._add_new_text(current_id, article, files)
        changes = self._remove_place(current_id, place) if current_id is not None else ()
        if twin_id is None:
            return Outcome((*changes, self._add(replace(article, id=self._free_id(place)), files)))
        if not all(map(is_gone, self._files[twin_id])):
            change = self._add_place(twin_id, article, self._files[twin_id] | files)
            return Outcome((*changes, change), duplicate=Duplicate(place, twin_id))
        former_place = next(iter(self._files[twin_id]))
        removal = self._remove(twin_id)
        addition = self._add(replace(article, id=self._free_id(place)), files)
        renamed = Renamed(addition.article.id, twin_id, former_place, place)
        return Outcome((*changes, removal, addition), renamed=renamed)

    def remove_places(self, places: Iterable[str]) -> tuple[Change, ...]:
        """Remove these places from their articles, and return the changes."""
        return tuple(change for place in places for change in self._remove_place(self._ids_by_place[place], place))

    def _add_same_text(self, article_id: str, article: Article, file_sha256: str) -> Outcome:
        (place,) = article.places
        files = self._files[article_id] | {place: file_sha256}
        is_first = place == next(iter(files))
        if is_first:
            self._moved.pop(article_id, None)
        if is_first and self._articles[article_id] != ArticleState.of(article):
            return Outcome((self._add(replace(article, id=article_id), files),))
        has_no_effect = files == self._files[article_id] and self._has_options(article_id, article)
        return Outcome(() if has_no_effect else (self._add_place(article_id, article, files),))

    def _has_options(self, article_id: str, article: Article) -> bool:
        return _options_of(article).items() <= _options_of(self._articles[article_id]).items()

    def _add_place(self, article_id: str, article: Article, files: Files) -> Change:
        """Give the article these places. Its first file states its title and so on; options hold for any."""
        if self._has_options(article_id, article):
            return self._relocate(article_id, files)
        former = self._moved.get(article_id) or self._load(article_id)
        return self._add(_with_options(former, article, OPTIONS), files)

    def _add_new_text(self, article_id: str, article: Article, files: Files) -> Outcome:
        """Give the id to the new text of its file. The former text moves to its other places, if it has any."""
        former = self._moved.get(article_id) or self._load(article_id)
        others = {place: sha256 for place, sha256 in self._files[article_id].items() if place not in files}
        addition = self._add(replace(article, id=article_id), files)
        if not others:
            return Outcome((addition,))
        moved = self._move(former, others)
        renamed = Renamed(moved.article.id, article_id, next(iter(files)), next(iter(others)))
        return Outcome((addition, moved), renamed=renamed)

    def _remove_place(self, article_id: str, place: str) -> tuple[Change, ...]:
        """Remove a place from an article, and the article with its last place. Its id follows its first place."""
        files = {other: sha256 for other, sha256 in self._files[article_id].items() if other != place}
        if not files:
            return (self._remove(article_id),)
        if place != next(iter(self._files[article_id])):
            return (self._relocate(article_id, files),)
        article = self._moved.get(article_id) or self._load(article_id)
        return (self._remove(article_id), self._move(article, files))

    def _move(self, article: Article, files: Files) -> Addition:
        addition = self._add(replace(article, id=self._free_id(next(iter(files)))), files)
        self._moved[addition.article.id] = addition.article
        return addition

    def _add(self, article: Article, files: Files) -> Addition:
        article = replace(article, places=tuple(files))
        if article.id in self._articles:
            self._remove(article.id)
        self._articles[article.id] = ArticleState.of(article)
        self._ids_by_text[article.sha256] = article.id
        self._relocate(article.id, files)
        return Addition(article, files)

    def _relocate(self, article_id: str, files: Files) -> Relocation:
        for place in self._files.get(article_id, {}):
            self._ids_by_place.pop(place, None)
        self._files[article_id] = files
        self._ids_by_place |= dict.fromkeys(files, article_id)
        return Relocation(article_id, files)

    def _remove(self, article_id: str) -> Removal:
        sha256 = self._articles.pop(article_id).sha256
        if self._ids_by_text.get(sha256) == article_id:
            del self._ids_by_text[sha256]
        self._moved.pop(article_id, None)
        for place in self._files.pop(article_id):
            self._ids_by_place.pop(place, None)
        return Removal(article_id)

    def _free_id(self, place: str) -> str:
        """Return the file's name, with ``~`` and 8 or more hex digits of its path's sha256 if the name is taken."""
        name = unicodedata.normalize("NFC", Path(place).name)
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()
        candidates = [name, *(f"{name}~{digest[:digits]}" for digits in range(8, len(digest) + 1))]
        return next(candidate for candidate in candidates if candidate not in self._articles)


def _options_of(article: Article | ArticleState) -> dict[str, Any]:
    """Return the fields that an option states."""
    return {name: getattr(article, name) for name in OPTIONS if getattr(article, f"{name}_from") == OPTION}


def _with_options(article: Article, other: Article | ArticleState, names: Collection[str]) -> Article:
    """Return the article with those of these fields that an option states for the other one."""
    stated: dict[str, Any] = {name: value for name, value in _options_of(other).items() if name in names}
    return replace(article, **stated | {f"{name}_from": OPTION for name in stated})


def is_gone(place: str) -> bool:
    """Return whether there is certainly no file at this path; False if it can't be told, as below a dangling link."""
    path = Path(place)
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return not any(parent.is_symlink() and not parent.exists() for parent in path.parents)
    except (OSError, ValueError):
        return False
