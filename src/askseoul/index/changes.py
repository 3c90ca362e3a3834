"""A file that was read, and what an index holds, into what has to change: new, updated, renamed, the same text twice.

An article is what a text says, wherever it stands: it is known again by the sha256 of its text, is held once for all
its places and named after the first of them. Nothing here touches the index.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Self, TypeAlias

from askseoul.domain import Article, Duplicate, Renamed
from askseoul.index.tables import ArticleSummary

Files: TypeAlias = dict[str, str | None]
"""The places of an article, in order, with the sha256 of each file where it is known."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Hold an article, in place of what is held under its id."""

    article: Article
    files: Files


@dataclass(frozen=True, slots=True)
class Relocation:
    """Note where an article stands now."""

    article_id: str
    files: Files


@dataclass(frozen=True, slots=True)
class Removal:
    """Forget an article."""

    article_id: str


Change: TypeAlias = Addition | Relocation | Removal


@dataclass(frozen=True, slots=True)
class Known:
    """What tells two states of an article apart."""

    sha256: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    language: str
    stripped: int

    @classmethod
    def of(cls, article: Article | ArticleSummary) -> Self:
        """What is known of this article."""
        return cls(*(getattr(article, field.name) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file means: what has to be written, and what is reported beside what was added, updated and removed."""

    changes: tuple[Change, ...] = ()
    renamed: Renamed | None = None
    duplicate: Duplicate | None = None


class IndexState:
    """What an index holds once the changes so far are made."""

    def __init__(
        self,
        summaries: Iterable[ArticleSummary],
        places: Mapping[str, Files],
        load: Callable[[str], Article],
    ) -> None:
        """``load`` gives an article by its id."""
        self._known = {summary.id: Known.of(summary) for summary in summaries}
        self._files = {article_id: dict(places.get(article_id, {})) for article_id in self._known}
        self._ids_by_text = {known.sha256: article_id for article_id, known in self._known.items()}
        self._ids_by_place = {place: article_id for article_id, files in self._files.items() for place in files}
        self._load = load
        self._moved: dict[str, Article] = {}

    def id_at(self, place: str) -> str | None:
        """The id of the article that was read at this place, if any."""
        return self._ids_by_place.get(place)

    def known(self) -> dict[str, Known]:
        """What is known of every article as of now, by id."""
        return dict(self._known)

    def is_first(self, place: str) -> bool:
        """Whether an article is named after the file at this place."""
        article_id = self._ids_by_place.get(place)
        return article_id is not None and place == next(iter(self._files[article_id]))

    def has_read(self, place: str, file_sha256: str) -> bool:
        """Whether exactly this file was read at this place before."""
        article_id = self._ids_by_place.get(place)
        return article_id is not None and self._files[article_id][place] == file_sha256

    def take(self, article: Article, file_sha256: str) -> Outcome:
        """Decide what a file's article means: its id is the file's name, its only place the file's."""
        (place,) = article.places
        files: Files = {place: file_sha256}
        held = self._ids_by_place.get(place)
        if held is not None and self._known[held].sha256 == article.sha256:
            return self._same_text(held, article, file_sha256)
        twin = self._ids_by_text.get(article.sha256)
        if held is not None and twin is None and place == next(iter(self._files[held])):
            return self._new_text(held, article, files)
        changes = self._leave(held, place) if held is not None else ()
        if twin is None:
            return Outcome((*changes, self._add(replace(article, id=self._free_id(place)), files)))
        if not all(map(is_gone, self._files[twin])):
            placing = self._place(twin, self._files[twin] | files)
            return Outcome((*changes, placing), duplicate=Duplicate(place, twin))
        former = next(iter(self._files[twin]))
        removal = self._remove(twin)
        added = self._add(replace(article, id=self._free_id(place)), files)
        renamed = Renamed(added.article.id, twin, former, place)
        return Outcome((*changes, removal, added), renamed=renamed)

    def gone(self, roots: Collection[Path], found: Collection[str]) -> dict[str, list[str]]:
        """The places under these files and folders at which there is nothing any longer, by article id.

        What was ``found`` there need not be looked for again.
        """
        gone: dict[str, list[str]] = {}
        for place, article_id in self._ids_by_place.items():
            if place not in found and any(map(Path(place).is_relative_to, roots)) and is_gone(place):
                gone.setdefault(article_id, []).append(place)
        return gone

    def is_only_at(self, article_id: str, places: Collection[str]) -> bool:
        """Whether an article stands at no other place than these."""
        return self._files[article_id].keys() <= set(places)

    def leave(self, places: Iterable[str]) -> tuple[Change, ...]:
        """Take these places from their articles: what has to change for it."""
        return tuple(change for place in places for change in self._leave(self._ids_by_place[place], place))

    def unread(self) -> list[str]:
        """The first places of articles that went on under another name: what their files state has to be read."""
        return [next(iter(self._files[article_id])) for article_id in self._moved]

    def _same_text(self, article_id: str, article: Article, file_sha256: str) -> Outcome:
        (place,) = article.places
        files = self._files[article_id] | {place: file_sha256}
        is_first = place == next(iter(files))
        if is_first:
            self._moved.pop(article_id, None)
        if is_first and self._known[article_id] != Known.of(article):
            return Outcome((self._add(replace(article, id=article_id), files),))
        return Outcome(() if files == self._files[article_id] else (self._place(article_id, files),))

    def _new_text(self, article_id: str, article: Article, files: Files) -> Outcome:
        """The article's first file says something else: it keeps the id, and its former text goes on where else it
        stands."""
        former = self._moved.get(article_id) or self._load(article_id)
        others = {place: sha256 for place, sha256 in self._files[article_id].items() if place not in files}
        added = self._add(replace(article, id=article_id), files)
        if not others:
            return Outcome((added,))
        moved = self._move(former, others)
        renamed = Renamed(moved.article.id, article_id, next(iter(files)), next(iter(others)))
        return Outcome((added, moved), renamed=renamed)

    def _leave(self, article_id: str, place: str) -> tuple[Change, ...]:
        """Take a place from an article, which goes on under the name of the next, if it has one."""
        files = {other: sha256 for other, sha256 in self._files[article_id].items() if other != place}
        if not files:
            return (self._remove(article_id),)
        if place != next(iter(self._files[article_id])):
            return (self._place(article_id, files),)
        article = self._moved.get(article_id) or self._load(article_id)
        return (self._remove(article_id), self._move(article, files))

    def _move(self, article: Article, files: Files) -> Addition:
        moved = self._add(replace(article, id=self._free_id(next(iter(files)))), files)
        self._moved[moved.article.id] = moved.article
        return moved

    def _add(self, article: Article, files: Files) -> Addition:
        article = replace(article, places=tuple(files))
        if article.id in self._known:
            self._remove(article.id)
        self._known[article.id] = Known.of(article)
        self._ids_by_text[article.sha256] = article.id
        self._place(article.id, files)
        return Addition(article, files)

    def _place(self, article_id: str, files: Files) -> Relocation:
        for place in self._files.get(article_id, {}):
            self._ids_by_place.pop(place, None)
        self._files[article_id] = files
        self._ids_by_place |= dict.fromkeys(files, article_id)
        return Relocation(article_id, files)

    def _remove(self, article_id: str) -> Removal:
        text = self._known.pop(article_id).sha256
        if self._ids_by_text.get(text) == article_id:
            del self._ids_by_text[text]
        self._moved.pop(article_id, None)
        for place in self._files.pop(article_id):
            self._ids_by_place.pop(place, None)
        return Removal(article_id)

    def _free_id(self, place: str) -> str:
        """The file's name; of a second file of that name, with ``~`` and 8 or more hex digits of its path."""
        name = unicodedata.normalize("NFC", Path(place).name)
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()
        candidates = [name, *(f"{name}~{digest[:digits]}" for digits in range(8, len(digest) + 1))]
        return next(candidate for candidate in candidates if candidate not in self._known)


def is_gone(place: str) -> bool:
    """Whether there is no file at this path any longer; not so where that can't be told, as below a dangling link."""
    path = Path(place)
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return not any(parent.is_symlink() and not parent.exists() for parent in path.parents)
    except (OSError, ValueError):
        return False
