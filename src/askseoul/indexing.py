"""Files into the index: what is new, changed, renamed or gone is brought up to date, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from askseoul.articles import MAXIMUM_BYTES, SUFFIXES, absolute, find_files
from askseoul.changes import Addition, Change, Holdings, Outcome
from askseoul.domain import Article
from askseoul.encoders import Encoder
from askseoul.errors import ArticleError, ArticleUnknown, NothingIndexed
from askseoul.index_report import Failure, IndexReport
from askseoul.models import sha256_of_file
from askseoul.readers import ReadFile, read_files
from askseoul.store import Store
from askseoul.writing import Writer

UNASKED: Final = 0.1
"""Share of the articles of an index that ``prune`` removes without asking."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many files of how many are done."""
Confirm: TypeAlias = Callable[[int, int], bool]
"""Asked whether to remove so many articles of so many."""


def bring_up_to_date(
    paths: Iterable[Path],
    *,
    store: Store,
    encoder: Encoder,
    prune: Confirm | None = None,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """Bring the index up to date with these files and folders; what it holds of other places stays.

    With ``prune``, articles whose files are gone from these folders are removed; it is asked first where they are more
    than UNASKED of them. A file that can't be indexed is named in the report and the others go on.

    Raises NothingIndexed when no file could be, IndexUnwritable, IndexBusy."""
    with store.writing(), Writer(store, encoder) as writer:
        holdings = Holdings(store.articles(), store.places(), store.article)
        report = _survey(list(paths), holdings, writer, prune, progress)
        writer.finish()
    return report


def foresee(
    paths: Iterable[Path],
    *,
    store: Store | None,
    prune: bool = False,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """What ``bring_up_to_date`` would do, with ``prune`` all that it might; ``store`` is None where there is none yet.

    Writes nothing. Raises NothingIndexed."""
    holdings = Holdings(store.articles(), store.places(), store.article) if store else Holdings((), {}, _none_held)
    return _survey(list(paths), holdings, None, (lambda missing, of: True) if prune else None, progress)


def add_articles(articles: Iterable[Article], *, store: Store, encoder: Encoder) -> None:
    """Hold these articles, each in place of what is held under its id. Raises IndexUnwritable, IndexBusy."""
    with store.writing(), Writer(store, encoder) as writer:
        for article in articles:
            writer.put([Addition(article, dict.fromkeys(article.places))])
        writer.finish()


def _survey(
    paths: Sequence[Path],
    holdings: Holdings,
    writer: Writer | None,
    prune: Confirm | None,
    progress: Progress,
) -> IndexReport:
    """Read what has to be read, have the ``writer`` write what has to change, if there is one, and report it."""
    files = dict(sorted((str(absolute(path)), path) for path in find_files(paths)))
    changed: list[Path] = []
    for number, (place, path) in enumerate(files.items(), start=1):
        if _is_known(holdings, place, path):
            progress(number - len(changed), len(files))
        else:
            changed.append(path)
    reading = _Reading(holdings, writer)
    for number, read in enumerate(read_files(changed)):
        progress(len(files) - len(changed) + number, len(files))
        reading.take(read)
    progress(len(files), len(files))
    gone = holdings.gone([root for root in map(absolute, paths) if _is_there(holdings, root)], files.keys())
    missing = [article_id for article_id, places in gone.items() if holdings.is_only_at(article_id, places)]
    if prune is not None:
        held = len(holdings.known())
        if writer is not None:
            writer.flush()  # what was read is written, whatever becomes of the question
        if len(missing) <= UNASKED * held or prune(len(missing), held):
            reading.carry_out(holdings.leave(place for places in gone.values() for place in places))
            missing = []
    for read in read_files(map(Path, holdings.unread())):
        reading.take(read)
    report = reading.report(list(files), missing)
    is_something_done = report.added or report.updated or report.unchanged or report.renamed or report.removed
    is_kept_back = prune is not None and report.missing and not report.failed
    if not is_something_done and not is_kept_back:
        listed = "\n".join(f"  {failure.reason}" for failure in report.failed)
        none = f"  There was no file to read; {', '.join(SUFFIXES)} are."
        raise NothingIndexed(f"No article could be indexed.\n{listed or none}")
    return report


class _Reading:
    """Takes files into the holdings one by one, and tells at last what that came to."""

    def __init__(self, holdings: Holdings, writer: Writer | None) -> None:
        self._before = holdings.known()
        self._holdings = holdings
        self._writer = writer
        self._outcomes: list[Outcome] = []
        self._failed: list[Failure] = []

    def take(self, read: ReadFile) -> None:
        if read.sha256 is None or isinstance(read.outcome, ArticleError):
            self._failed.append(Failure(str(read.path), str(read.outcome)))
            return
        outcome = self._holdings.take(read.outcome, read.sha256)
        self._outcomes.append(outcome)
        self.carry_out(outcome.changes)

    def carry_out(self, changes: Sequence[Change]) -> None:
        if self._writer is not None:
            self._writer.put(changes)

    def report(self, places: Sequence[str], missing: Sequence[str]) -> IndexReport:
        """Compare what is held with what was held at first; ``places`` are those of the given files."""
        holdings, before, after = self._holdings, self._before, self._holdings.known()
        renamed = {
            one.article_id: one
            for one in (outcome.renamed for outcome in self._outcomes)
            if one
            and holdings.id_at(one.place) == one.article_id
            and before.keys().isdisjoint({one.article_id} - {one.former_id})
        }
        failed = {str(absolute(Path(failure.path))) for failure in self._failed}
        held = dict.fromkeys(filter(None, (holdings.id_at(place) for place in places if place not in failed)))
        kinds: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        for article_id in held.keys() - renamed.keys():
            is_same = before.get(article_id) == after[article_id]
            kinds["added" if article_id not in before else "unchanged" if is_same else "updated"].append(article_id)
        left = {one.former_id for one in renamed.values()}
        duplicates = [one for one in (outcome.duplicate for outcome in self._outcomes) if one]
        return IndexReport(
            added=tuple(sorted(kinds["added"])),
            updated=tuple(sorted(kinds["updated"])),
            removed=tuple(sorted(before.keys() - after.keys() - left)),
            unchanged=tuple(sorted(kinds["unchanged"])),
            failed=tuple(self._failed),
            stripped={article_id: count for article_id in held if (count := after[article_id].stripped)},
            renamed=tuple(renamed.values()),
            duplicates=tuple(
                one
                for one in duplicates
                if holdings.id_at(one.place) == one.article_id and not holdings.is_first(one.place)
            ),
            missing=tuple(missing),
        )


def _is_there(holdings: Holdings, root: Path) -> bool:
    """Whether it can be told of a given path what is gone from it: a disk that is not mounted has lost nothing."""
    return root.exists() or (holdings.id_at(str(root)) is not None and root.parent.is_dir())


def _none_held(article_id: str) -> Article:
    raise ArticleUnknown(f"There is no index yet, and so no article {article_id!r}.")


def _is_known(holdings: Holdings, place: str, path: Path) -> bool:
    """Whether the file is byte for byte what was read at its place before."""
    try:
        if holdings.id_at(place) is None or not path.is_file() or path.stat().st_size > MAXIMUM_BYTES:
            return False
        return holdings.has_read(place, sha256_of_file(path))
    except (OSError, ValueError):
        return False  # reading it as an article says what is wrong
