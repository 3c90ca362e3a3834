"""Changes into the index, in pools: one is encoded while the one before it is written and the one after it is read.

What was written stays written whenever a run ends: each pool is one transaction, and the vectors of an article that is
longer than a pool are kept before the article is. A text whose vectors are kept is not encoded again.

Files into the index: what is new, changed, renamed or gone is brought up to date, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias

from askseoul.domain import Article, Failure, IndexReport, Passage
from askseoul.errors import ArticleError, ArticleUnknown, NothingIndexed
from askseoul.index.changes import Addition, Change, IndexState, Outcome, Relocation, Removal
from askseoul.index.store import Store
from askseoul.index.vectors import Vectors, digest_of, quantize
from askseoul.ingest.articles import MAXIMUM_BYTES, SUFFIXES, absolute, find_files
from askseoul.ingest.passages import embedded_text, split_passages
from askseoul.ingest.reader import read_files
from askseoul.ingest.sandbox import ReadFile
from askseoul.models.encoder import Encoder
from askseoul.models.weights import sha256_of_file

POOL: Final = 512
"""Passages that are encoded and written together: many of one length share an inference, and a run that is cut short
loses the work of seconds."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """Changes that are written together, and what the encoder is making for them."""

    changes: list[tuple[Change, Sequence[Passage]]]
    texts: Collection[str]
    made: list[Future[list[Vectors]]]


class BatchWriter:
    """Collects changes and writes them in order, for who alone may write; use it as a context manager."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._has_written = False
        self._store = store
        self._encoder = encoder
        self._maximum_tokens = store.manifest.passage_tokens
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="askseoul-encoder")
        self._changes: list[tuple[Change, Sequence[Passage]]] = []
        self._texts: dict[str, None] = {}
        self._running: _Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._encoding.shutdown(cancel_futures=True)

    def put(self, changes: Sequence[Change]) -> None:
        """Have these changes written, sooner or later. Raises IndexUnwritable."""
        for change in changes:
            passages: Sequence[Passage] = ()
            if isinstance(change, Addition):
                passages = split_passages(change.article, self._encoder.token_offsets, self._maximum_tokens)
                self._texts |= dict.fromkeys(embedded_text(change.article, passage) for passage in passages)
            self._changes.append((change, passages))
        if len(self._texts) >= POOL:
            self._next_pool()

    def flush(self) -> None:
        """Write all that was put. Raises IndexUnwritable."""
        self._next_pool()
        self._next_pool()

    def finish(self) -> None:
        """Write all that was put, and leave the index without anything that it lacks or that is of no use.

        Raises IndexUnwritable.
        """
        self.flush()
        texts = self._store.texts_without_tokens()
        for start in range(0, len(texts), POOL):
            self._store.keep(self._encode(texts[start : start + POOL]))
        if self._has_written:
            self._store.delete_unused_vectors()
        self._store.synchronise()

    def _next_pool(self) -> None:
        """Have the changes that were put encoded, and write those before them meanwhile."""
        texts, before = list(self._texts), self._running
        kept = self._store.are_kept(texts)
        missing = [text for text, is_kept in zip(texts, kept, strict=True) if not is_kept]
        if before is not None:
            missing = [text for text in missing if text not in before.texts]
        slices = [missing[start : start + POOL] for start in range(0, len(missing), POOL)]
        made = [self._encoding.submit(self._encode, part) for part in slices]
        self._running = _Pool(self._changes, self._texts, made) if self._changes else None
        self._changes, self._texts = [], {}
        if before is not None:
            self._write(before)
        if len(slices) > 1 and self._running is not None:  # an article longer than a pool: its vectors are kept at once
            running, self._running = self._running, None
            self._write(running)

    def _write(self, pool: _Pool) -> None:
        for made in pool.made:
            self._store.keep(made.result())
        with self._store.together():
            for change, passages in pool.changes:
                self._apply(change, passages)
        self._has_written = True

    def _apply(self, change: Change, passages: Sequence[Passage]) -> None:
        match change:
            case Addition(article, files):
                self._store.add(article, passages, files)
            case Relocation(article_id, files):
                self._store.set_places(article_id, files)
            case Removal(article_id):
                self._store.remove(article_id)

    def _encode(self, texts: Sequence[str]) -> list[Vectors]:
        encodings = self._encoder.encode_document(texts)
        return [
            Vectors(digest_of(text), encoding.vector, quantize(encoding.tokens))
            for text, encoding in zip(texts, encodings, strict=True)
        ]


UNASKED: Final = 0.1
"""Share of the articles of an index that ``prune`` removes without asking."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many files of how many are done."""
Confirm: TypeAlias = Callable[[int, int], bool]
"""Asked whether to remove so many articles of so many."""


def sync(
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
    with store.writing(), BatchWriter(store, encoder) as writer:
        holdings = IndexState(store.articles(), store.places(), store.article)
        report = _survey(list(paths), holdings, writer, prune, progress)
        writer.finish()
    return report


def dry_run(
    paths: Iterable[Path],
    *,
    store: Store | None,
    prune: bool = False,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """What ``bring_up_to_date`` would do, with ``prune`` all that it might; ``store`` is None where there is none yet.

    Writes nothing. Raises NothingIndexed."""
    holdings = IndexState(store.articles(), store.places(), store.article) if store else IndexState((), {}, _none_held)
    return _survey(list(paths), holdings, None, (lambda missing, of: True) if prune else None, progress)


def add_articles(articles: Iterable[Article], *, store: Store, encoder: Encoder) -> None:
    """Hold these articles, each in place of what is held under its id. Raises IndexUnwritable, IndexBusy."""
    with store.writing(), BatchWriter(store, encoder) as writer:
        for article in articles:
            writer.put([Addition(article, dict.fromkeys(article.places))])
        writer.finish()


def _survey(
    paths: Sequence[Path],
    holdings: IndexState,
    writer: BatchWriter | None,
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

    def __init__(self, holdings: IndexState, writer: BatchWriter | None) -> None:
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


def _is_there(holdings: IndexState, root: Path) -> bool:
    """Whether it can be told of a given path what is gone from it: a disk that is not mounted has lost nothing."""
    return root.exists() or (holdings.id_at(str(root)) is not None and root.parent.is_dir())


def _none_held(article_id: str) -> Article:
    raise ArticleUnknown(f"There is no index yet, and so no article {article_id!r}.")


def _is_known(holdings: IndexState, place: str, path: Path) -> bool:
    """Whether the file is byte for byte what was read at its place before."""
    try:
        if holdings.id_at(place) is None or not path.is_file() or path.stat().st_size > MAXIMUM_BYTES:
            return False
        return holdings.has_read(place, sha256_of_file(path))
    except (OSError, ValueError):
        return False  # reading it as an article says what is wrong
