"""Brings an index up to date with files and folders: adds, updates, renames and removes articles.

Files are not read again unless they have changed, or what is stated beside them has. Changes are written in batches:
while one batch is encoded, the one before it is written and the next one is read. Each batch is one transaction, so an
interrupted run keeps what it has written. An article longer than a batch has its vectors stored before it is added.
Stored vectors are never encoded again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self, TypeAlias

from askseoul.domain import Article, Passage
from askseoul.errors import ArticleError, ArticleUnknown, NothingIndexed
from askseoul.index import nearest
from askseoul.index.changes import OPTIONS, Addition, Change, IndexState, Outcome, Relocation, Removal
from askseoul.index.report import NO_ENDING, Failure, IndexReport, unread_kinds
from askseoul.index.sqlite import DATABASE
from askseoul.index.store import Store
from askseoul.index.vectors import Vectors, digest_of, quantize
from askseoul.ingest.articles import MAXIMUM_BYTES, SUFFIXES, absolute, find_files
from askseoul.ingest.metadata import NO_OPTIONS, TABLE, Metadata, Options, Tables, is_there
from askseoul.ingest.passages import embedded_text, split_passages
from askseoul.ingest.reader import read_files
from askseoul.ingest.sandbox import ReadFile
from askseoul.models.encoder import Encoder
from askseoul.models.weights import sha256_of_file

BATCH_PASSAGES: Final = 512
"""Passages that are encoded and written together. Many of them have the same length and share an inference, and an
interrupted run loses the work of seconds."""
UNCONFIRMED_SHARE: Final = 0.1
"""Share of an index's articles up to which ``prune`` removes articles without confirmation."""

READING: Final = 2
"""Raised when files come to be read in another way; then each is read once more by the next run."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of files done and the number of all files."""
Confirm: TypeAlias = Callable[[int, int], bool]
"""Asks whether to remove articles; called with the number to remove and the number of all articles."""


def sync(
    paths: Iterable[Path],
    *,
    store: Store,
    encoder: Encoder,
    options: Options = NO_OPTIONS,
    ocr: bool = False,
    prune: Confirm | None = None,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """Bring the index up to date with these files and folders. Articles from elsewhere stay as they are.

    ``options`` hold for all these files. With ``ocr``, pages that are pictures are read, see ``ingest.ocr``. ``prune``
    removes articles whose files are gone from these folders; it is called first if they are more than
    UNCONFIRMED_SHARE of all articles. A file that can't be indexed is reported and does not stop the others.

    Raises NothingIndexed if no file could be indexed, IndexUnwritable, IndexBusy.
    """
    with store.writer_lock(), BatchWriter(store, encoder) as writer:
        state = IndexState(store.articles(), store.places(), store.article)
        report = _sync(list(paths), state, writer, options, prune, progress, ocr=ocr)
        writer.finish()
    return report


def dry_run(
    paths: Iterable[Path],
    *,
    store: Store | None,
    options: Options = NO_OPTIONS,
    prune: bool = False,
    progress: Progress = lambda done, of: None,
) -> IndexReport:
    """Report what ``sync`` would do, and with ``prune`` every removal that it might do, without writing anything.

    ``store`` is None if there is no index yet. Raises NothingIndexed.
    """
    state = IndexState(store.articles(), store.places(), store.article) if store else IndexState((), {}, _no_article)
    return _sync(list(paths), state, None, options, (lambda missing, of: True) if prune else None, progress)


def add_articles(articles: Iterable[Article], *, store: Store, encoder: Encoder) -> None:
    """Add these articles, replacing those of the same ids. Raises IndexUnwritable, IndexBusy."""
    with store.writer_lock(), BatchWriter(store, encoder) as writer:
        for article in articles:
            writer.add([Addition(article, dict.fromkeys(article.places))])
        writer.finish()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes that are written together, the texts of their passages, and the vectors that are being encoded."""

    changes: list[tuple[Change, Sequence[Passage]]]
    texts: Collection[str]
    vectors: list[Future[list[Vectors]]]


class BatchWriter:
    """A context manager that writes changes in order. Its user holds the writer lock."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._has_written = False
        self._store = store
        self._encoder = encoder
        self._maximum_tokens = store.manifest.passage_tokens
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="askseoul-encoder")
        self._changes: list[tuple[Change, Sequence[Passage]]] = []
        self._texts: dict[str, None] = {}
        self._encoding: _Batch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def add(self, changes: Sequence[Change]) -> None:
        """Add changes to the next batch, which is started when it is full. Raises IndexUnwritable."""
        for change in changes:
            passages: Sequence[Passage] = ()
            if isinstance(change, Addition):
                passages = split_passages(change.article, self._encoder.token_offsets, self._maximum_tokens)
                self._texts |= dict.fromkeys(embedded_text(change.article, passage) for passage in passages)
            self._changes.append((change, passages))
        if len(self._texts) >= BATCH_PASSAGES:
            self._start_batch()

    def flush(self) -> None:
        """Write all changes. Raises IndexUnwritable."""
        self._start_batch()
        self._start_batch()

    def finish(self) -> None:
        """Write all changes, add missing token vectors, delete unused vectors and synchronise the Chroma collection.

        Raises IndexUnwritable.
        """
        self.flush()
        texts = self._store.texts_without_tokens()
        for start in range(0, len(texts), BATCH_PASSAGES):
            self._store.add_vectors(self._encode(texts[start : start + BATCH_PASSAGES]))
        if self._has_written:
            self._store.delete_unused_vectors()
        self._store.synchronise()

    def _start_batch(self) -> None:
        """Start to encode the collected changes, and meanwhile write the batch before them."""
        texts, previous = list(self._texts), self._encoding
        stored = self._store.has_vectors(texts)
        missing = [text for text, is_stored in zip(texts, stored, strict=True) if not is_stored]
        if previous is not None:
            missing = [text for text in missing if text not in previous.texts]
        slices = [missing[start : start + BATCH_PASSAGES] for start in range(0, len(missing), BATCH_PASSAGES)]
        vectors = [self._executor.submit(self._encode, part) for part in slices]
        self._encoding = _Batch(self._changes, self._texts, vectors) if self._changes else None
        self._changes, self._texts = [], {}
        if previous is not None:
            self._write(previous)
        if len(slices) > 1 and self._encoding is not None:  # an article longer than a batch: store its vectors at once
            batch, self._encoding = self._encoding, None
            self._write(batch)

    def _write(self, batch: _Batch) -> None:
        for vectors in batch.vectors:
            self._store.add_vectors(vectors.result())
        with self._store.atomic():
            for change, passages in batch.changes:
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


def _sync(
    paths: Sequence[Path],
    state: IndexState,
    writer: BatchWriter | None,
    options: Options,
    prune: Confirm | None,
    progress: Progress,
    *,
    ocr: bool = False,
) -> IndexReport:
    """Read the files that changed, pass the changes to the ``writer``, if there is one, and report them."""
    found = find_files(paths)
    files = dict(sorted((str(absolute(path)), path) for path in found.files))
    run = _Run(state, writer, Tables(found.tables), options)
    changed: list[Path] = []
    for number, (place, path) in enumerate(files.items(), start=1):
        if run.is_unchanged(place, path):
            progress(number - len(changed), len(files))
        else:
            changed.append(path)
    for number, read in enumerate(read_files(changed, ocr=ocr)):
        progress(len(files) - len(changed) + number, len(files))
        run.add(read)
    progress(len(files), len(files))
    roots = [root for root in map(absolute, paths) if _can_be_pruned(state, root)]
    gone = state.missing_places(roots, files.keys())
    missing = [article_id for article_id, places in gone.items() if state.has_only_places(article_id, places)]
    if prune is not None:
        total = len(state.articles())
        if writer is not None:
            writer.flush()  # keeps what was read, even if the run is interrupted while ``prune`` asks
        if len(missing) <= UNCONFIRMED_SHARE * total or prune(len(missing), total):
            run.apply(state.remove_places(place for places in gone.values() for place in places))
            missing = []
    for read in read_files(map(Path, state.places_to_read()), ocr=ocr):
        run.add(read)
    report = run.report(list(files), missing, _count_kinds(found.unread))
    has_effect = report.added or report.updated or report.unchanged or report.renamed or report.removed
    is_declined = prune is not None and report.missing and not report.failed
    if not has_effect and not is_declined:
        listed = "\n".join(f"  {failure.reason}" for failure in report.failed)
        none = f"  There was no file of these kinds: {', '.join(SUFFIXES)}."
        if found.tables:
            none += f" A {TABLE} only states what the files beside it are."
        others = [unread_kinds(report.unread) + "."] if report.unread else []
        told = "".join(f"\n  {line}" for line in (*others, *report.warnings))
        raise NothingIndexed(f"No article could be indexed.\n{listed or none}{told}")
    return report


class _Run:
    """Adds files to the state of an index one by one, and reports all changes at the end."""

    def __init__(self, state: IndexState, writer: BatchWriter | None, tables: Tables, options: Options) -> None:
        self._before = state.articles()
        self._state = state
        self._writer = writer
        self._tables = tables
        self._options = options
        self._outcomes: list[Outcome] = []
        self._failed: list[Failure] = []

    def is_unchanged(self, place: str, path: Path) -> bool:
        """Return whether the file, and what is stated about it, are as when it was read last."""
        former = self._state.at(place)
        try:
            if former is None or not path.is_file() or path.stat().st_size > MAXIMUM_BYTES:
                return False
            version = self._version(path, sha256_of_file(path))
        except (OSError, ValueError):
            return False  # reading it as an article reports what is wrong
        return self._state.has_read(place, version) and former.has_options(self._options)

    def add(self, read: ReadFile) -> None:
        if read.sha256 is None or isinstance(read.outcome, ArticleError):
            self._failed.append(Failure(str(read.path), str(read.outcome)))
            return
        row = self._tables.row(read.path) or Metadata()
        article = self._options.metadata.applied_to(row.applied_to(read.outcome))
        kept = [name for name in OPTIONS if name not in self._options.given]
        outcome = self._state.add_file(article, self._version(read.path, read.sha256), kept)
        self._outcomes.append(outcome)
        self.apply(outcome.changes)

    def _version(self, path: Path, sha256: str) -> str:
        """Return a sha256 that changes with the file, with what is stated beside it, and with the way of reading."""
        row = self._tables.row(path)
        stated = (READING, sha256, row and dataclasses.astuple(row))
        return hashlib.sha256(json.dumps(stated).encode()).hexdigest()

    def apply(self, changes: Sequence[Change]) -> None:
        if self._writer is not None:
            self._writer.add(changes)

    def report(self, places: Sequence[str], missing: Sequence[str], unread: Mapping[str, int]) -> IndexReport:
        """Compare the state with the one at the start; ``places`` are those of the given files."""
        state, before, after = self._state, self._before, self._state.articles()
        renamed = {
            one.article_id: one
            for one in (outcome.renamed for outcome in self._outcomes)
            if one
            and state.id_at(one.place) == one.article_id
            and before.keys().isdisjoint({one.article_id} - {one.former_id})
        }
        failed = {str(absolute(Path(failure.path))) for failure in self._failed}
        present = dict.fromkeys(filter(None, (state.id_at(place) for place in places if place not in failed)))
        kinds: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        for article_id in present.keys() - renamed.keys():
            is_same = before.get(article_id) == after[article_id]
            kinds["added" if article_id not in before else "unchanged" if is_same else "updated"].append(article_id)
        former_ids = {one.former_id for one in renamed.values()}
        duplicates = [one for one in (outcome.duplicate for outcome in self._outcomes) if one]
        return IndexReport(
            added=tuple(sorted(kinds["added"])),
            updated=tuple(sorted(kinds["updated"])),
            removed=tuple(sorted(before.keys() - after.keys() - former_ids)),
            unchanged=tuple(sorted(kinds["unchanged"])),
            failed=tuple(self._failed),
            stripped={article_id: count for article_id in present if (count := after[article_id].stripped)},
            renamed=tuple(renamed.values()),
            duplicates=tuple(
                one for one in duplicates if state.id_at(one.place) == one.article_id and not state.is_first(one.place)
            ),
            missing=tuple(missing),
            notes={article_id: notes for article_id in present if (notes := after[article_id].notes)},
            unread=unread,
            warnings=self._tables.faults,
        )


def _count_kinds(paths: Iterable[Path]) -> dict[str, int]:
    """Return how many files have each ending, the most frequent first. The files of an index do not count."""

    @cache
    def is_index(folder: Path) -> bool:
        is_chroma = nearest.FOLDER in (folder.name, folder.parent.name)
        return is_there(folder / DATABASE) or (is_chroma and is_index(folder.parent))

    kinds = Counter(path.suffix.lower() or NO_ENDING for path in paths if not is_index(path.parent))
    return dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))


def _can_be_pruned(state: IndexState, root: Path) -> bool:
    """Return whether a missing file under ``root`` is really gone, and not on a disk that is not mounted."""
    return root.exists() or (state.id_at(str(root)) is not None and root.parent.is_dir())


def _no_article(article_id: str) -> Article:
    raise ArticleUnknown(f"There is no index yet, and so no article {article_id!r}.")
